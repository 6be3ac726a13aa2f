"""`add`, `list`, `remove`, `update`, `trust`: names of APIs, and what each command does with one."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DocumentError, SettingsError
from dynaclient.cli import apis
from dynaclient.profiles import references
from dynaclient.profiles.folders import config_file, documents_folder
from dynaclient.profiles.names import profile_names
from tests.cli.conftest import Run, Save
from tests.conftest import Serve
from tests.servers import reply
from tests.small import document, json_reply, one, param

SECRET = "s3cr3t-of-the-shop"
KEY = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}


def shop(*servers: str, **rest: Any) -> dict[str, Any]:
    return one(
        answer={"type": "object"},
        security=[{"key": []}],
        components={"securitySchemes": KEY},
        servers=[{"url": each} for each in servers],
        **rest,
    )


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("SHOP_KEY", SECRET)


# -- add ------------------------------------------------------------------------------------------------


def test_a_name_stands_for_document_server_and_credential(run: Run, save: Save, serve: Serve) -> None:
    server = serve(json_reply({}))
    added = run("add", "shop", save(shop()), "--server", server.url, "--credential", "key=env:SHOP_KEY")
    assert (added.code, added.err) == (0, "")
    assert added.out == f"added shop: 1 operation at {server.url}\n  key  env:SHOP_KEY\n"
    result = run("call", "shop", "op")
    assert (result.code, result.err) == (0, "")
    with Client("shop") as client:
        assert client.op() == {}
    assert [each.all("X-Key") for each in server.requests] == [[SECRET]] * 2
    for command in (("ops", "shop"), ("show", "shop", "op"), ("lint", "shop")):
        assert run(*command).code == 0
    assert "dynaclient call shop op" in run("show", "shop", "op").out
    assert run("test", "shop", "--cases", "1", "--check", "body_documented").code == 0
    assert all(each.all("X-Key") == [SECRET] for each in server.requests)
    failing = run("test", "shop", "--cases", "1", "--check", "authentication_enforced").out
    assert f"dynaclient call shop op --server {server.url}" in failing
    assert SECRET not in failing


def test_as_python_a_name_needs_nothing_else(run: Run, save: Save) -> None:
    """What is printed runs: the name stands for the server, and for where the credential is."""
    run("add", "shop", save(shop()), "--server", "http://127.0.0.1:1", "--credential", "key=env:SHOP_KEY")
    assert "client = Client('shop')\n" in run("call", "shop", "op", "--python").out
    elsewhere = run("call", "shop", "op", "--python", "--server", "http://127.0.0.1:2").out
    assert "client = Client('shop', server='http://127.0.0.1:2')\n" in elsewhere
    other = run("call", "shop", "op", "--python", "--credential", f"key={SECRET}").out
    assert """Client('shop', credentials={'key': os.environ["DYNACLIENT_CREDENTIAL_KEY"]})""" in other
    assert SECRET not in other


def test_as_python_an_api_of_a_project_is_no_more_trusted_than_here(run: Run) -> None:
    Path("ours.json").write_text(json.dumps(shop()))
    project('[api.ours]\ndocument = "ours.json"\nserver = "http://127.0.0.1:1"\n')
    printed = run("call", "ours", "op", "--python").out
    assert f"client = Client('ours', project={os.getcwd()!r})\n" in printed


def test_the_file_is_the_users_alone_and_holds_no_secret(run: Run, save: Save) -> None:
    run("add", "shop", save(shop()), "--credential", "key=env:SHOP_KEY", "-H", "X-Team: a")
    path = config_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_text() == (
        f'[api.shop]\ndocument = "{save(shop())}"\n\n[api.shop.headers]\nX-Team = "a"\n\n'
        '[api.shop.credentials]\nkey = "env:SHOP_KEY"\n'
    )


def test_what_the_user_wrote_stays(run: Run, save: Save) -> None:
    config_file().parent.mkdir(parents=True, mode=0o700)
    written = (
        '# mine\n\n[api.old]   # of 2019\ndocument = "old.yaml"  # beside this\n\n[api.old.test]\ncases = 3\n'
    )
    config_file().write_text(written)
    config_file().chmod(0o600)
    assert run("add", "shop", save(shop())).code == 0
    assert config_file().read_text().startswith(written)
    assert run("remove", "shop").out == "removed shop\n"
    assert config_file().read_text().strip() == written.strip()


TAKEN: list[tuple[tuple[str, ...], str]] = [
    (("talon-one-integration",), "is the name of a vendored document"),
    (("talon-one-integration@1999",), "is the name of a vendored document"),
    (("here",), "there is a file 'here' here"),
    (("folder",), "there is a file 'folder' here"),
    (("old",), "there is an API 'old' already; `dynaclient remove old` forgets it"),
    (("shop.yaml",), "is no name for an API"),
    (("a/b",), "is no name for an API"),
    (("",), "is no name for an API"),
    (("https://x",), "is no name for an API"),
    (("new", "--credential", "key"), "expected --credential SCHEME=REFERENCE"),
    (("new", "--credential", f"key={SECRET}"), "expected env:VARIABLE, keyring:SERVICE/USERNAME or command:"),
    (("new", "--credential", f"key=plain:{SECRET}"), "--plain-text writes the secret itself"),
    (
        ("new", "--credential", "nokey=env:SHOP_KEY"),
        "--credential: the document has no security scheme 'nokey'",
    ),
    (("new", "--credential", f"key=command:'{SECRET}"), "--credential key=...: expected command:PROGRAM"),
    (
        ("new", "--credential", f"key=keyring:{SECRET}"),
        "--credential key=...: expected keyring:SERVICE/USERNAME",
    ),
    (("new", "-H", f"Authorization: {SECRET}"), "-H Authorization: expected env:VARIABLE"),
    (("new", "-H", f"X-Api-Key: {SECRET}"), "-H X-Api-Key: expected env:VARIABLE"),
    (("new", "--server", f"https://me:{SECRET}@x.example"), "--server https://x.example comes with a secret"),
    (("new", "--server", f"https://x.example?api_key={SECRET}"), "comes with a secret"),
    (("new", "--server", "x.example"), "--server: expected an http(s) URL, got 'x.example'"),
    (("new", "--server", ""), "--server: expected an http(s) URL, got ''"),
    (("new", "--server", f"ftp://me:{SECRET}@x.example"), "--server: expected an http(s) URL"),
    (("new", "--server", "http://[::1"), "--server: expected an http(s) URL"),
    (("new", "-H", f"Bearer {SECRET}: x"), "-H: expected 'NAME: VALUE', where NAME is that of a header"),
    (("new", "-H", ": x"), "-H: expected 'NAME: VALUE', where NAME is that of a header"),
    (("new", "-H", f"X-Team: {SECRET}\u2603"), "-H X-Team: expected a value of Latin-1 characters"),
    (("new", "-H", "X-Team: env:"), "-H X-Team: Env: expected the name of an environment variable"),
    (
        ("new", "--credential", "key=env:"),
        "--credential key=...: Env: expected the name of an environment variable",
    ),
    (("new", "--validate", "loose"), "strict, warn or off"),
]


def test_a_document_whose_url_is_none_is_told_as_that(run: Run) -> None:
    result = run("add", "new", "http://[::1")
    assert result.code == 2
    assert "'http://[::1' is not a usable URL" in result.err
    assert not config_file().exists()


@pytest.mark.parametrize(("arguments", "message"), TAKEN)
def test_what_is_not_added(arguments: tuple[str, ...], message: str, run: Run, save: Save) -> None:
    Path("here").write_text("")
    Path("folder").mkdir()
    run("add", "old", save(shop()))
    before = config_file().read_bytes()
    result = run("add", arguments[0], save(shop()), *arguments[1:])
    assert result.code == 2
    assert message in result.err
    assert SECRET not in result.err
    assert "api.new" not in result.err, "what was typed is an option, and stands in no file"
    assert config_file().read_bytes() == before


@pytest.mark.parametrize(
    "source", ["nowhere.yaml", "talon-one-integration@1999", "http://127.0.0.1:1/x", "{}", ""]
)
def test_a_document_that_does_not_open_is_not_added(source: str, run: Run) -> None:
    assert run("add", "shop", source).code == 2
    assert not config_file().exists()


def test_a_secret_is_written_down_where_the_user_insists(run: Run, save: Save, serve: Serve) -> None:
    server = serve(json_reply({}))
    given = ("--server", server.url, "--credential", f"key={SECRET}", "-H", "Authorization: Bearer tok-9")
    added = run("add", "shop", save(shop()), *given, "--plain-text")
    assert added.code == 0
    assert SECRET not in added.out + run("list").out
    assert f'key = "plain:{SECRET}"' in config_file().read_text()
    assert run("call", "shop", "op").code == 0
    assert server.requests[0].all("X-Key") == [SECRET]
    assert server.requests[0].all("Authorization") == ["Bearer tok-9"]


def test_a_vendored_document_under_a_name(run: Run, serve: Serve) -> None:
    server = serve(json_reply({}))
    assert run("add", "talon", "talon-one-integration@2020-04", "--server", server.url).code == 0
    assert len(Client("talon").operations) == 11


def test_modes_and_headers_hold_where_the_call_says_nothing_else(run: Run, save: Save, serve: Serve) -> None:
    server = serve(json_reply([]))
    added = run(
        "add", "shop", save(shop()), "--server", server.url, "--validate", "warn",
        "-H", "X-Team: a", "-H", "X-Trace: env:SHOP_KEY",
    )  # fmt: skip
    assert added.code == 0
    assert 'validate = "warn"' in config_file().read_text()
    assert run("call", "shop", "op").code == 1  # a body that is not as documented, shown all the same
    assert Client("shop").op() == []
    assert (
        run("call", "shop", "op", "--validate", "strict", "-H", "x-team: b").err.count("expected an object")
        == 1
    )
    sent = [(each.all("X-Team"), each.all("X-Trace")) for each in server.requests]
    assert sent == [(["a"], [SECRET])] * 2 + [(["b"], [SECRET])]
    shown = run("call", "shop", "op", "-v")
    assert SECRET not in shown.out + shown.err


def test_overlays_of_a_profile_and_of_a_project(run: Run, save: Save) -> None:
    action = {"target": "$.paths['/x'].get", "update": {"operationId": "renamed"}}
    overlay = {"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": [action]}
    Path("fix.json").write_text(json.dumps(overlay))
    assert run("add", "shop", save(shop()), "--overlay", "fix.json").code == 0
    assert list(Client("shop").operations) == ["renamed"]
    project('[api.ours]\ndocument = "ours.json"\noverlays = ["fix.json"]\n')
    Path("ours.json").write_text(json.dumps(shop()))
    assert "renamed" in run("ops", "ours").out
    assert "  overlay fix.json\n" in run("trust", "--yes").out


def test_what_is_given_for_one_call_wins(run: Run, save: Save, serve: Serve) -> None:
    usual, other = serve(json_reply({})), serve(json_reply({}))
    run("add", "shop", save(shop()), "--server", usual.url, "--credential", "key=env:SHOP_KEY")
    run("call", "shop", "op", "--server", other.url, "--credential", "key=mine")
    with Client("shop", server=other.url, credentials={"key": "mine"}, validate="off") as client:
        client.op()
    assert usual.connections == 0
    assert [each.all("X-Key") for each in other.requests] == [["mine"]] * 2


def test_a_token_that_ended_is_asked_for_again(
    run: Run, save: Save, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `command:gcloud auth print-access-token` gives one for an hour."""
    server = serve(json_reply({}), reply(401), json_reply({}), reply(401))
    counter = tmp_path / "times"
    code = f'p = "{counter}"; open(p, "a").write("x"); print("token-" + str(len(open(p).read())))'
    given = ("--server", server.url, "--credential", f"key=command:{sys.executable} -c '{code}'")
    assert run("add", "shop", save(shop()), *given).code == 0
    with Client("shop") as client:
        client.op()
        monkeypatch.setattr(references, "LASTING", 0.0)
        client.op()
        monkeypatch.setattr(references, "LASTING", 30.0)
        assert client.send("op").status == 401  # it was asked for just now: not again
    assert [each.header("X-Key") for each in server.requests] == ["token-1", "token-1", "token-2", "token-2"]


def test_no_file_that_is_written_holds_it(run: Run, save: Save, serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: json_reply({"you sent": dict(request.fields)}))
    given = ("--server", server.url, "--credential", "key=env:SHOP_KEY", "-H", "X-Trace: env:SHOP_KEY")
    run("add", "shop", save(shop()), *given)
    formats = [f"{each}={tmp_path / each}" for each in ("har", "json", "html", "junit")]
    result = run("test", "shop", "--cases", "1", *(word for each in formats for word in ("--report", each)))
    assert server.requests[0].all("X-Trace") == [SECRET]
    written = "".join((tmp_path / each.partition("=")[0]).read_text() for each in formats)
    assert SECRET not in written + result.out + result.err


def test_a_scheme_that_the_document_has_no_more_is_said_with_its_place(run: Run, save: Save) -> None:
    run("add", "shop", save(shop()), "--credential", "key=env:SHOP_KEY")
    save(one())
    with pytest.raises(
        SettingsError, match=r"config\.toml: api\.shop\.credentials: the document has no security"
    ):
        Client("shop")


# -- a document that is fetched -------------------------------------------------------------------------


def test_a_document_that_was_fetched_opens_without_a_network(run: Run, serve: Serve) -> None:
    server = serve(json_reply(shop("/v1")))
    url = f"{server.url}/docs/openapi.json"
    added = run("add", "shop", url, "--credential", "key=env:SHOP_KEY")
    assert added.out.startswith(f"added shop: 1 operation at {server.url}/v1")
    assert [each.target for each in server.requests] == ["/docs/openapi.json"]
    server.close()
    client = Client("shop")
    assert client.server == f"{server.url}/v1"  # relative to where the document came from
    assert client.prepare("op").headers["X-Key"] == SECRET  # the origin that the user typed
    assert run("ops", "shop").code == 0


def test_so_does_one_in_several_files(run: Run, serve: Serve) -> None:
    """All of them are of one time, whichever is looked at later."""
    split = shop("/v1")
    split["paths"]["/x"]["get"]["responses"]["200"] = {"$ref": "parts/answer.json"}
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "integer"}}}}
    server = serve(lambda request: json_reply(answer if "parts" in request.target else split))
    run("add", "shop", f"{server.url}/openapi.json")
    assert [each.target for each in server.requests] == ["/openapi.json", "/parts/answer.json"]
    answer["content"] = {"application/json": {"schema": {"type": "string"}}}
    assert run("show", "shop", "op", "200").out.count("integer") == 1
    assert len(server.requests) == 2
    updated = run("update", "shop", "--yes")
    assert updated.code == 0
    assert "breaking for readers (1)" in updated.out
    assert len(list(documents_folder().iterdir())) == 2
    server.close()
    assert run("show", "shop", "op", "200").out.count("string") == 1


def test_a_copy_that_is_gone_or_changed_is_said(run: Run, serve: Serve) -> None:
    server = serve(json_reply(shop("/v1")))
    run("add", "shop", f"{server.url}/openapi.json")
    (copy,) = documents_folder().iterdir()
    copy.write_bytes(json.dumps(shop("https://evil.example")).encode())
    with pytest.raises(
        DocumentError, match="is not what was kept; `dynaclient update shop` fetches it again"
    ):
        Client("shop")
    copy.unlink()
    with pytest.raises(DocumentError, match="is not there; `dynaclient update shop`"):
        Client("shop")
    assert run("update", "shop").code == 0
    assert Client("shop").server == f"{server.url}/v1"


def two(**more: Any) -> dict[str, Any]:
    made = shop("/v1")
    made["paths"] |= one("get", "/y", param("q"))["paths"]
    made["paths"]["/y"]["get"]["operationId"] = "added"
    return made


def test_an_update_is_shown_and_asked_for(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(json_reply(shop("/v1")), json_reply(shop("/v1")), json_reply(two()))
    run("add", "shop", f"{server.url}/openapi.json", "--credential", "key=env:SHOP_KEY")
    assert run("update", "shop").out == "shop is up to date\n"
    unasked = run("update", "shop")
    assert unasked.code == 1
    assert "added" in unasked.out
    assert "--yes" in unasked.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for said, code in (("n", 1), ("", 1), ("y", 0)):
        monkeypatch.setattr("builtins.input", lambda prompt, said=said: said)
        assert run("update", "shop").code == code
        assert ("added" in Client("shop").operations) == (code == 0)
        assert len(list(documents_folder().iterdir())) == 1
    assert all(not each.all("X-Key") for each in server.requests)


def test_an_update_that_does_not_open_changes_nothing(run: Run, serve: Serve) -> None:
    server = serve(json_reply(shop("/v1")), reply(200, b"<html>"), reply(500), json_reply({"openapi": "9"}))
    run("add", "shop", f"{server.url}/openapi.json")
    for _ in range(3):
        assert run("update", "shop", "--yes").code == 2
    assert len(Client("shop").operations) == 1
    assert len(list(documents_folder().iterdir())) == 1


def test_a_file_needs_no_update(run: Run, save: Save) -> None:
    run("add", "shop", save(shop()))
    assert "is read from" in run("update", "shop").out
    assert run("update", "nothing").err.startswith("dynaclient: ")
    assert run("remove", "nothing").code == 2


def test_removing_one_of_two_that_share_a_copy(run: Run, serve: Serve) -> None:
    server = serve(json_reply(shop("/v1")))
    run("add", "one", f"{server.url}/openapi.json")
    run("add", "two", f"{server.url}/openapi.json")
    run("remove", "one")
    assert len(Client("two").operations) == 1
    run("remove", "two")
    assert list(documents_folder().iterdir()) == []


# -- which name means what ------------------------------------------------------------------------------


def project(said: str) -> None:
    Path("dynaclient.toml").write_text(said)


def written(name: str, paths: dict[str, Any]) -> None:
    Path(name).write_text(json.dumps(document(paths)))


def test_the_users_goes_before_the_projects_and_both_before_a_path(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine.json", "ours.json", "shop"):
        written(name, {f"/{name}": {"get": {"responses": {}}}})
    assert run("ops", "shop").out.count("/shop") > 0
    project('[api.shop]\ndocument = "ours.json"\n')
    assert run("ops", "shop").out.count("/ours.json") > 0
    assert list(Client("shop").operations) == ["GET /shop"]  # no project was named
    assert list(Client("shop", project=".").operations) == ["GET /ours.json"]
    assert list(Client("./shop", project=".").operations) == ["GET /shop"]
    Path("shop").unlink()
    run("add", "shop", "mine.json")
    assert list(Client("shop", project=".").operations) == ["GET /mine.json"]
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert run("ops", "shop").out.count("/mine.json") > 0


def test_a_name_that_is_nearly_one(run: Run, save: Save) -> None:
    run("add", "shop", save(shop()))
    assert "there is no API, file or vendored document 'shpo'; did you mean shop?" in run("ops", "shpo").err
    with pytest.raises(DocumentError, match="did you mean shop"):
        Client("shpo")


def test_tests_of_a_profile_and_of_the_project(run: Run, save: Save, serve: Serve) -> None:
    server = serve(json_reply({}))
    run("add", "shop", save(shop()), "--server", server.url)
    with config_file().open("a") as file:
        file.write("\n[api.shop.test]\nskip = ['op']\n")
    project("[api.shop.test]\nskip = ['other']\ncases = 1\n")
    assert run("test", "shop").code == 2  # nothing is left
    with config_file().open("a") as file:
        file.write("wrong = 3\n")
    assert "api.shop.test has no setting 'wrong'" in run("test", "shop").err


def test_names_for_completion(run: Run, save: Save) -> None:
    assert profile_names(".") == []
    run("add", "shop", save(shop()))
    project('[api.ours]\ndocument = "x"\n[api.shop]\ndocument = "x"\n[api."x.yaml".test]\ncases = 1\n')
    assert profile_names() == ["shop"]
    assert profile_names(".") == ["shop", "ours"]
    project("[api")
    assert profile_names(".") == ["shop"]
    config_file().chmod(0o666)
    assert profile_names(".") == []


def test_a_configuration_that_others_may_write_to_is_not_read(run: Run, save: Save) -> None:
    run("add", "shop", save(shop()))
    config_file().chmod(0o620)
    with pytest.raises(SettingsError, match="others may write to it"):
        Client("shop")


def test_the_list(run: Run, save: Save) -> None:
    run(
        "add",
        "shop",
        save(shop()),
        "--server",
        "https://a.example/?x=1",
        "--credential",
        "key=command:pass show x",
    )
    Path("ours.json").write_text(json.dumps(shop()))
    project('[api.ours]\ndocument = "ours.json"\nserver = "https://b.example"\n')
    rows = [line.split("  ") for line in run("list").out.splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells == [
        ["name", "document", "server", "credentials", "from"],
        ["shop", save(shop()), "https://a.example/", "key=command:pass ...", str(config_file())],
        ["ours", "ours.json", "https://b.example", "-", "dynaclient.toml, not trusted"],
        ["talon-one-integration", "talon-one-integration@2026-05", "-", "-", "vendored"],
    ]


def test_one_that_cannot_be_used_hides_no_other(run: Run, save: Save) -> None:
    run("add", "shop", save(shop()))
    project('[api.ours]\ndocument = "ours.json"\n[api.bad]\ndocument = "/etc/passwd"\n')
    shown = run("list")
    assert (shown.code, "shop" in shown.out, "ours" in shown.out) == (2, True, True)
    assert "api.bad.document: /etc/passwd is outside the folder of the project" in shown.err
    project("[api")
    assert (run("list").code, "shop" in run("list").out) == (2, True)
    assert run("ops", "shop").code == 0  # a file of others keeps nobody from their own
    config_file().write_text("[api")
    assert run("ops", "shop").code == 2
    assert run("ops", "talon-one-integration").code == 0


def test_a_name_that_never_means_it_is_no_row(run: Run) -> None:
    project('[api.talon-one-integration]\ndocument = "ours.json"\n[api."a b"]\ndocument = "ours.json"\n')
    shown = run("list")
    assert shown.code == 2
    assert "ours.json" not in shown.out
    assert "api.talon-one-integration is never used: the name means a vendored document" in shown.err
    assert "api.a b is never used: that is no name for an API" in shown.err


# -- trust ----------------------------------------------------------------------------------------------

OURS = '[api.ours]\ndocument = "ours.json"\nserver = "{}"\n[api.ours.headers]\nX-Team = "a"\n'


def test_trust_shows_what_it_trusts_and_ends_with_a_change(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, other = serve(json_reply({})), serve(json_reply({}))
    Path("ours.json").write_text(json.dumps(shop()))
    project(OURS.format(server.url))
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", SECRET)
    untrusted = run("call", "ours", "op")
    assert untrusted.code == 0
    assert "DYNACLIENT_CREDENTIAL_KEY is not sent" in untrusted.err
    assert "`dynaclient trust`" in untrusted.err
    shown = run("trust", "--yes")
    assert shown.out.splitlines() == [
        str(Path("dynaclient.toml").resolve()),
        f"  ours: server {server.url}",
        "    document ours.json",
        "    header X-Team: a",
        "trusted, until one of these lines changes",
    ]
    assert run("call", "ours", "op").err == ""
    project(OURS.format(server.url) + "\n[api.ours.test]\ncases = 3\n")  # gives nothing away
    assert run("call", "ours", "op").err == ""
    project(OURS.format(other.url))
    assert "is not sent" in run("call", "ours", "op").err
    assert [each.all("X-Key") for each in server.requests] == [[], [SECRET], [SECRET]]
    assert [each.all("X-Team") for each in server.requests] == [[], ["a"], ["a"]]
    assert [each.all("X-Key") for each in other.requests] == [[]]


def test_trust_shows_all_that_its_digest_is_made_of(run: Run) -> None:
    """What a change of would end the trust is among what was looked at."""
    said = 'document = "x.json"\nvalidate = { response = "off" }\n[api.ours.pages.list]\npage = "p"\n'
    project(f"[api.ours]\n{said}")
    lines = [each.strip() for each in run("trust").out.splitlines()]
    assert 'validate {"response": "off"}' in lines
    assert 'pages of list: {"page": "p"}' in lines


def test_trust_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ours.json").write_text(json.dumps(shop()))
    project(OURS.format("https://a.example"))
    assert run("trust").code == 1
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    assert run("trust").code == 1
    assert not config_file().exists()
    monkeypatch.setattr("builtins.input", lambda prompt: "Y")
    assert run("trust", ".").code == 0
    assert Client("ours", project=".", credentials={}).server == "https://a.example"


def test_trust_of_nothing(run: Run) -> None:
    assert "there is no dynaclient.toml" in run("trust").err
    project("[api.x.test]\ncases = 1\n")
    assert "nothing to trust" in run("trust", "--yes").out
    project('[api.x]\ndocument = "../x"\n')
    assert run("trust", "--yes").code == 2


def test_what_is_shown_does_not_obey(run: Run) -> None:
    """A terminal is told nothing by a file: its escapes are shown."""
    Path("ours.json").write_text(json.dumps(shop()))
    project('[api."\\u001b[2Jx"]\ndocument = "ours.json"\nserver = "https://a.example/\\u009b2J"\n')
    for result in (run("trust", "--yes"), run("list")):
        assert "\x1b" not in result.out + result.err
        assert "\x9b" not in result.out + result.err


def test_questions_end_with_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", ended)
    assert not apis.confirmed("?", False)
