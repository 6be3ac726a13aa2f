"""What a profile or the environment holds reaches the server of its own API, no other; and what runs when."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client, DynaclientError, NotFound, SettingsError
from dynaclient.cli.main import main
from dynaclient.document.private_folder import cache_folder
from dynaclient.profiles.folders import config_file
from dynaclient.profiles.names import profile_names
from dynaclient.profiles.resolution import find_profile
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import json_reply, one

SECRET = "s3cr3t-of-the-shop"
ENCODED = base64.b64encode(f"me:{SECRET}".encode()).decode()
SCHEMES: dict[str, Any] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
}
CREDENTIALS = {
    "key": "env:SHOP",
    "query": "env:SHOP",
    "cookie": "env:SHOP",
    "basic": ["plain:me", "env:SHOP"],
}


def tree(*servers: Any, **rest: Any) -> dict[str, Any]:
    return one(
        answer={},
        security=[{name: [] for name in SCHEMES}],
        components={"securitySchemes": SCHEMES},
        servers=[{"url": each} if isinstance(each, str) else each for each in servers],
        **rest,
    )


class Shop:
    """A profile called `shop`, with credentials for all schemes and a header that is secret."""

    def __init__(self, good: RawServer, evil: RawServer) -> None:
        self.good, self.evil = good, evil

    def add(self, document: Any, server: str | None = None, **more: Any) -> None:
        """Write it: `document` is a URL, or a tree that becomes a file."""
        if not isinstance(document, str):
            Path("shop.json").write_text(json.dumps(document))
            document = str(Path("shop.json").resolve())
        said = {"document": document, **({"server": server} if server else {}), **more}
        lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
        headers = ["[api.shop.headers]", 'X-Session-Token = "env:SHOP"']
        credentials = [f"{name} = {json.dumps(value)}" for name, value in CREDENTIALS.items()]
        text = "\n".join(["[api.shop]", *lines, *headers, "[api.shop.credentials]", *credentials, ""])
        config_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        config_file().write_text(text)
        config_file().chmod(0o600)

    def call(self, *options: str) -> int:
        """By the command line, and in Python where nothing but the name is said."""
        if not options:
            for make in (Client, lambda name: Client(name, project=".")):
                with suppress(DynaclientError), make("shop") as client:
                    client.send("op")
        return main(["call", "shop", "op", *options])


@pytest.fixture
def shop(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("SHOP", SECRET)
    return Shop(serve(json_reply({})), serve(json_reply({})))


def leaked(server: RawServer) -> bool:
    """Whether a server saw the secret, in any form."""
    return any(
        each in request.raw for request in server.requests for each in (SECRET.encode(), ENCODED.encode())
    )


def elsewhere(server: RawServer) -> str:
    """The same server under another name, which is another origin."""
    return server.url.replace("127.0.0.1", "localhost")


def test_its_own_server_gets_all(shop: Shop) -> None:
    shop.add(tree(shop.evil.url), shop.good.url)
    assert shop.call() == 0
    for request in shop.good.requests:
        assert request.target == f"/x?key={SECRET}"
        assert request.all("X-Key") == request.all("X-Session-Token") == [SECRET]
        assert request.all("Authorization") == [f"Basic {ENCODED}"]
        assert request.all("Cookie") == [f"sid={SECRET}"]
    assert shop.evil.connections == 0


# -- attacks of a document ------------------------------------------------------------------------------

Attack = Callable[[Shop], None]


def no_server(shop: Shop) -> None:
    shop.add(tree(shop.evil.url))


def a_server_of_the_operation(shop: Shop) -> None:
    shop.add(tree(shop.good.url, operation={"servers": [{"url": shop.evil.url}]}))


def a_server_called_like_the_good_one(shop: Shop) -> None:
    shop.add(tree({"url": shop.evil.url, "description": shop.good.url, "name": shop.good.url}))


def a_server_with_the_good_one_as_user(shop: Shop) -> None:
    shop.add(tree(shop.evil.url.replace("//", f"//{shop.good.url[7:]}@")))


def a_document_that_was_fetched_names_another(shop: Shop) -> None:
    where = shop.good
    where._answers = [json_reply(tree(shop.evil.url))]
    shop.add(f"{where.url}/openapi.json")


def a_redirect(shop: Shop) -> None:
    shop.good._answers = [reply(302, b"", [("Location", elsewhere(shop.evil) + "/x")])]
    shop.add(tree(), shop.good.url)


def a_reference(shop: Shop) -> None:
    spec = tree(shop.evil.url)
    spec["paths"]["/x"]["get"]["responses"]["200"] = {"$ref": f"{shop.evil.url}/part.json"}
    shop.add(spec, shop.good.url)


def an_overlay(shop: Shop) -> None:
    laid(shop, {"target": "$", "update": {"servers": [{"url": shop.evil.url}]}})
    shop.add(tree(shop.good.url), overlays=["fix.json"])


def an_overlay_of_the_operation(shop: Shop) -> None:
    laid(shop, {"target": "$.paths['/x'].get", "update": {"servers": [{"url": shop.evil.url}]}})
    shop.add(tree(), shop.good.url, overlays=["fix.json"])


def laid(shop: Shop, action: dict[str, Any]) -> None:
    overlay = {"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": [action]}
    config_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    (config_file().parent / "fix.json").write_text(json.dumps(overlay))


DOCUMENTS: list[Attack] = [
    an_overlay, an_overlay_of_the_operation,
    no_server, a_server_of_the_operation, a_server_called_like_the_good_one,
    a_server_with_the_good_one_as_user, a_document_that_was_fetched_names_another, a_redirect, a_reference,
]  # fmt: skip


@pytest.mark.parametrize("attack", DOCUMENTS)
def test_no_document_sends_it_elsewhere(
    attack: Attack, shop: Shop, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    attack(shop)
    shop.call()
    main(["call", "shop", "op", "-v", "--ref-host", "127.0.0.1"])
    assert not leaked(shop.evil)
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err + caplog.text
    if not shop.good.requests:
        assert "the credential of shop is not sent: only the document names this server" in shown.err


def test_a_redirect_of_the_document_is_not_followed_elsewhere(shop: Shop) -> None:
    there = elsewhere(shop.evil)
    shop.good._answers = [reply(302, b"", [("Location", f"{there}/openapi.json")])]
    shop.evil._answers = [json_reply(tree(shop.evil.url))]
    shop.add(f"{shop.good.url}/openapi.json", shop.good.url)
    assert main(["update", "shop", "--yes"]) == 2
    assert shop.evil.connections == 0


def test_what_publishes_the_document_gets_nothing(shop: Shop) -> None:
    shop.evil._answers = [json_reply(tree(shop.evil.url))]
    shop.add(f"{shop.evil.url}/openapi.json", shop.good.url)
    assert shop.call() == 0
    assert main(["update", "shop", "--yes"]) == 0
    assert shop.call() == 0
    assert shop.evil.requests
    assert not leaked(shop.evil)
    assert leaked(shop.good)


def test_adding_a_document_that_is_fetched_sends_nothing(shop: Shop) -> None:
    shop.evil._answers = [json_reply(tree("/"))]
    added = ["add", "new", f"{shop.evil.url}/openapi.json", "--credential", "key=env:SHOP"]
    assert main([*added, "--server", shop.good.url, "-H", "X-Session-Token: env:SHOP"]) == 0
    assert len(shop.evil.requests) == 1
    assert not leaked(shop.evil)


# -- the environment ------------------------------------------------------------------------------------


def test_the_server_of_the_environment_belongs_to_no_api(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DYNACLIENT_SERVER", shop.evil.url)
    shop.add(tree(), shop.good.url)
    assert shop.call() == 0
    assert shop.evil.connections == 0
    shop.add(tree())
    main(["call", "shop", "op"])
    assert len(shop.evil.requests) == 1
    assert shop.evil.requests[0].target == "/x"
    assert (
        "the credential of shop is not sent: DYNACLIENT_SERVER belongs to no API" in capsys.readouterr().err
    )
    assert not leaked(shop.evil)


def test_a_credential_of_the_environment_goes_where_the_profile_says(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And gives way to that of the profile, which is bound to the API."""
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", "of-the-environment")
    shop.add(tree(shop.evil.url) | {"security": [{"key": []}]}, shop.good.url)
    main(["call", "shop", "op"])
    assert shop.good.requests[0].all("X-Key") == [SECRET]
    config_file().write_text(config_file().read_text().replace('key = "env:SHOP"\n', ""))
    main(["call", "shop", "op"])
    assert shop.good.requests[1].all("X-Key") == ["of-the-environment"]
    config_file().write_text(config_file().read_text().replace("server =", "validate = 'warn' #"))
    main(["call", "shop", "op"])
    assert [each.all("X-Key") for each in shop.evil.requests] == [[]]


@pytest.mark.parametrize("choice", [0, "production"])
def test_what_the_document_calls_its_server_names_none(choice: Any, shop: Shop) -> None:
    shop.add(tree({"url": shop.evil.url, "description": "production"}), shop.good.url)
    with Client("shop", server=choice) as client:
        client.op()
    assert shop.evil.requests[0].target == "/x"
    assert shop.evil.requests[0].all("X-Key") == shop.evil.requests[0].all("Authorization") == []


# -- the file of a project ------------------------------------------------------------------------------


def project(shop: Shop, name: str = "ours", **more: Any) -> None:
    Path("ours.json").write_text(json.dumps(tree(shop.evil.url) | {"security": [{"key": []}]}))
    said = {"document": "ours.json", "server": shop.evil.url, **more}
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items() if value is not None]
    Path("dynaclient.toml").write_text("\n".join([f"[api.{name}]", *lines, ""]))


def test_a_project_does_not_take_the_name_of_an_api(shop: Shop) -> None:
    shop.add(tree(), shop.good.url)
    project(shop, "shop")
    assert shop.call() == 0
    assert shop.evil.connections == 0
    project(shop, "talon-one-integration")
    assert len(Client("talon-one-integration", project=".").operations) == 36


@pytest.mark.parametrize("server", [True, False])
def test_an_untrusted_server_gets_nothing_that_may_be_a_secret(
    server: bool,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project(shop, **({} if server else {"server": None}))
    for scheme in SCHEMES:
        monkeypatch.setenv(f"DYNACLIENT_CREDENTIAL_{scheme.upper()}", f"me:{SECRET}")
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert main(["call", "ours", "op"]) == 0
    assert " not sent: " in capsys.readouterr().err
    with Client("ours", project=".") as client:
        client.op()
    assert len(shop.evil.requests) == 2
    assert not leaked(shop.evil)
    with pytest.raises(SettingsError, match="you do not trust that file as it is now"):
        Client("ours", project=".", credentials={"key": SECRET})
    for given in (f"--credential=key={SECRET}", f"-HAuthorization: {SECRET}", f"-HX-Api-Key: {SECRET}"):
        assert main(["call", "ours", "op", given]) == 2
    assert main(["test", "ours", "-H", f"Authorization: {SECRET}"]) == 2
    for choice in (0, shop.evil.url[7:], "production") if server else ():  # what the document calls its own
        with suppress(SettingsError), Client("ours", project=".", server=choice, credentials={"key": SECRET}):
            pytest.fail("a credential for a server that only the document names")
    with Client("ours", project=".") as client:
        for options in ({"headers": {"Authorization": SECRET}}, {"query": {"api_key": SECRET}}):
            with pytest.raises(SettingsError, match="is not sent: "):
                client.call("op", options=options)
    assert SECRET not in capsys.readouterr().err
    assert len(shop.evil.requests) == 2


def test_nor_does_it_get_what_a_session_holds(shop: Shop) -> None:
    project(shop)
    session = requests.Session()
    session.auth, session.headers["X-Key"] = ("me", SECRET), SECRET
    session.cookies.set("sid", SECRET, domain="127.0.0.1")
    session.params = {"key": SECRET}
    with Client("ours", project=".", session=session) as client:
        client.op()
    assert len(shop.evil.requests) == 1
    assert not leaked(shop.evil)


def test_a_server_that_the_user_names_gets_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of the project's file."""
    project(shop)
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", SECRET)
    assert main(["call", "ours", "op", "--server", shop.good.url]) == 0
    monkeypatch.setenv("DYNACLIENT_SERVER", shop.good.url)
    assert main(["call", "ours", "op"]) == 0
    with Client("ours", project=".", server=shop.good.url, credentials={"key": SECRET}) as client:
        client.op()
    assert [each.all("X-Key") for each in shop.good.requests] == [[SECRET]] * 3
    assert shop.evil.connections == 0


def test_trust_is_for_what_was_looked_at(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", SECRET)
    project(shop, server=shop.good.url)
    assert main(["trust", "--yes"]) == 0
    assert main(["call", "ours", "op"]) == 0
    assert leaked(shop.good)
    project(shop)  # the same file names another server
    main(["call", "ours", "op"])
    project(shop, server=None)  # or leaves it to the document
    main(["call", "ours", "op"])
    other = tmp_path / "other"
    other.mkdir()
    Path("dynaclient.toml").rename(other / "dynaclient.toml")  # another folder
    Path("ours.json").rename(other / "ours.json")
    monkeypatch.chdir(other)
    main(["call", "ours", "op"])
    assert len(shop.evil.requests) == 3
    assert not leaked(shop.evil)


def test_trust_in_a_file_without_a_server_is_none_in_the_servers_of_documents(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNACLIENT_CREDENTIAL_KEY", SECRET)
    project(shop, server=None)
    assert main(["trust", "--yes"]) == 0
    main(["call", "ours", "op"])
    assert not leaked(shop.evil)


def test_without_a_home_no_folder_of_a_project_is_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`~` stays what it is where nobody knows the user, as in containers: it is no folder of a repository."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "DYNACLIENT_CACHE"):
        monkeypatch.delenv(name)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    planted = Path("~/.config/dynaclient")
    planted.mkdir(parents=True, mode=0o700)
    (planted / "config.toml").write_text(f'[api.shop]\ndocument = "/{planted}/x.json"\n')
    assert profile_names() == []
    assert find_profile("shop") is None
    assert cache_folder(True) is None
    assert main(["add", "shop", "talon-one-integration"]) == 2
    assert main(["list"]) == 0


# -- what runs, and when --------------------------------------------------------------------------------


def marking(path: Path) -> str:
    """A reference to a command that leaves a mark when it runs, and has the secret in no word of it."""
    return f'command:{sys.executable} -c \'open("{path}", "w").close(); print("s3cr3t" + "-of-the-shop")\''


def test_a_command_runs_when_a_call_needs_it_and_not_before(shop: Shop, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    shop.add(tree(), shop.good.url)
    text = config_file().read_text().replace('"env:SHOP"', json.dumps(marking(mark)))
    config_file().write_text(text)
    assert profile_names(".") == ["shop"]
    assert find_profile("shop") is not None
    for command in (["list"], ["ops", "shop"], ["show", "shop", "op"], ["lint", "shop"], ["call", "--help"]):
        main(command)
    client = Client("shop")
    data = pickle.dumps(client)
    assert not mark.exists()
    client.op()
    assert mark.exists()
    assert leaked(shop.good)
    assert SECRET.encode() not in data + pickle.dumps(client)
    assert SECRET not in repr(client) + repr(vars(client))
    mark.unlink()
    pickle.loads(data).op()
    assert mark.exists()


def test_what_is_pickled_of_a_call_holds_no_plain_text(shop: Shop) -> None:
    shop.good._answers = [json_reply({}), reply(404)]
    shop.add(tree(), shop.good.url)
    config_file().write_text(config_file().read_text().replace("env:SHOP", f"plain:{SECRET}"))
    client = Client("shop")
    response = client.send("op")
    with pytest.raises(NotFound) as caught:
        client.call("op")
    assert leaked(shop.good)
    for each in (response, caught.value, client.operations["op"]):
        assert SECRET.encode() not in pickle.dumps(each)
    client.document.load.access.fetch.args[0].headers = {}  # those are in the pickle of a client, as ever
    assert SECRET.encode() not in pickle.dumps(client.document)


def test_a_project_runs_nothing(shop: Shop, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for more in (
        {"credentials": {"key": marking(mark)}},
        {"headers": {"X-Team": marking(mark)}},
        {"document": marking(mark)},
        {"server": marking(mark)},
        {"overlays": [marking(mark)]},
    ):
        Path("ours.json").write_text(json.dumps(tree(shop.evil.url)))
        said: dict[str, Any] = {"document": "ours.json", "server": shop.evil.url, **more}
        lines = [f"{key} = {toml(value)}" for key, value in said.items()]
        Path("dynaclient.toml").write_text("\n".join(["[api.ours]", *lines, ""]))
        assert main(["trust", "--yes"]) in (0, 2)
        for command in (["list"], ["call", "ours", "op"], ["test", "ours", "--cases", "1"], ["ops", "ours"]):
            main(command)
        assert profile_names(".") == ["ours"]
    assert not mark.exists()


def toml(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)
