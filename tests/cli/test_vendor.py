"""`vendor`: a document in the project, version by version; a new endpoint needs nothing but a document."""

from __future__ import annotations

import gzip
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

import dynaclient
from dynaclient import Client
from dynaclient.document.opening import find, vendored_names
from dynaclient.sandbox import Sandbox
from tests.cli.conftest import Run
from tests.conftest import Serve
from tests.servers import reply
from tests.small import document, json_reply, one

GREET = """
  /v1/greetings/{name}:
    get:
      operationId: greet
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: A greeting
          content:
            application/json:
              schema: {type: object, required: [text], properties: {text: {type: string, enum: [hello]}}}
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def test_a_new_endpoint_needs_a_document_and_no_other_change(run: Run) -> None:
    """The sandbox's own document with one path more: vendored, it is called at the prompt and in Python."""
    text = find("talon-one-integration").read_text()
    own = Path("own.yaml")
    own.write_text(text)
    assert run("vendor", "own.yaml", "--name", "talon@2026-05", "--register").code == 0
    assert run("call", "talon", "greet", "-p", "name=Ada").code == 2  # it has no such operation yet
    own.write_text(re.sub(r"(?m)^paths:\n", f"paths:{GREET}", text, count=1))
    made = run("vendor", "own.yaml", "--name", "talon@2026-06", "--register")
    assert made.code == 0, made.err
    assert "greet: operation added (GET /v1/greetings/{name})" in made.out
    with Sandbox(own) as sandbox:
        given = ("--server", sandbox.url, "--credential", "api_key_v1=any")
        called = run("call", "talon", "greet", "-p", "name=Ada", *given)
        assert (called.code, json.loads(called.out)) == (0, {"text": "hello"})
        with Client("talon", project=".", server=sandbox.url, credentials={"api_key_v1": "any"}) as talon:
            assert talon.greet("Ada") == {"text": "hello"}
            assert len(talon.operations) == 37
    assert run("ops", "talon", "greet").out.count("/v1/greetings/{name}") == 1


def test_bytes_stay_as_they_came_beside_where_they_come_from(run: Run, serve: Serve) -> None:
    data = b'\xef\xbb\xbf {"openapi": "3.1.0",\r\n "info": {"title": "x", "version": "1"}, "paths": {} }\r\n'
    server = serve(reply(200, data, [("Content-Type", "text/plain")]))
    assert run("vendor", f"{server.url}/openapi?key=s3cr3t", "--name", "shop@1.9").code == 0
    written = Path("spec/shop/1.9.json")
    assert written.read_bytes() == data
    known = yaml.safe_load(Path("spec/shop/provenance.yaml").read_bytes())
    assert known.keys() == {"1.9"}
    assert known["1.9"]["source"] == f"{server.url}/openapi"
    assert known["1.9"]["sha256"] == sha256(data).hexdigest()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known["1.9"]["date"])
    assert sorted(each.name for each in Path("spec/shop").iterdir()) == ["1.9.json", "provenance.yaml"]


def test_packed_bytes_stay_packed(run: Run) -> None:
    Path("x.json.gz").write_bytes(gzip.compress(json.dumps(one()).encode()))
    assert run("vendor", "x.json.gz", "--name", "shop@1", "--register").code == 0
    assert Path("spec/shop/1.yaml.gz").read_bytes() == Path("x.json.gz").read_bytes()
    assert run("ops", "shop").code == 0


def test_a_document_in_several_files_is_kept_as_one(run: Run) -> None:
    """What is kept opens by itself: the files beside it are not there."""
    answer = {
        "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "parts.json#/S"}}}}
    }
    Path("x.json").write_text(json.dumps(one(answers=answer)))
    Path("parts.json").write_text(json.dumps({"S": {"type": "object", "required": ["a"]}}))
    made = run("vendor", "x.json", "--name", "shop@1", "--register")
    assert (made.code, made.err, "error" in made.out) == (0, "", False)
    assert run("lint", "shop").out == "nothing was found wrong\n"
    known = yaml.safe_load(Path("spec/shop/provenance.yaml").read_bytes())
    assert known["1"]["bundled"] is True
    assert known["1"]["sha256"] == sha256(Path("spec/shop/1.json").read_bytes()).hexdigest()
    again = run("vendor", "x.json", "--name", "shop@2")
    assert "nothing changed" in again.out


@pytest.mark.parametrize("content", [b"", b"{", b"hello: world", b"\xff\xfe\x00"])
def test_what_is_no_document_is_called_by_its_name(content: bytes, run: Run) -> None:
    Path("bad.yaml").write_bytes(content)
    result = run("vendor", "bad.yaml", "--name", "shop@1")
    assert (result.code, "bad.yaml" in result.err, "bytes>" in result.err) == (2, True, False)
    assert not Path("spec").exists()


def saved(*paths: str) -> str:
    tree = document({each: {"get": {"operationId": each[1:], "responses": {}}} for each in paths})
    Path("x.json").write_text(json.dumps(tree))
    return "x.json"


def test_versions_are_compared_with_the_one_before(run: Run) -> None:
    assert "changes" not in run("vendor", saved("/a"), "--name", "shop@1.9").out
    second = run("vendor", saved("/a", "/b"), "--name", "shop@1.10").out
    assert "changes since 1.9:\n" in second
    assert "b: operation added" in second
    third = run("vendor", saved("/a"), "--name", "shop@2").out
    assert "changes since 1.10:\n" in third
    assert "breaking for callers (1)\n  b: " in third
    assert "changes since 1.9:\n" in run("vendor", saved("/a", "/d"), "--name", "shop@1.9.1").out
    assert "changes since 2:\n" in run("vendor", saved("/a"), "--name", "shop@3").out


def test_a_version_stays_what_it_is(run: Run) -> None:
    run("vendor", saved("/a"), "--name", "shop@1")
    before = {each: each.read_bytes() for each in Path("spec/shop").iterdir()}
    assert run("vendor", saved("/a"), "--name", "shop@1").code == 0
    assert run("vendor", saved("/b"), "--name", "shop@1").code == 2
    Path("x.yaml").write_text(yaml.safe_dump(one()))
    assert "a version stays what it is" in run("vendor", "x.yaml", "--name", "shop@1").err
    assert {each: each.read_bytes() for each in Path("spec/shop").iterdir()} == before


def test_how_to_call_it_is_said_or_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run("vendor", saved("/a"), "--name", "shop@1").out
    assert '[api.shop]\n  document = "spec/shop/1.json"\n' in told
    assert not Path("dynaclient.toml").exists()
    written = "# ours\n[api.shop]  # the shop\nserver = 'https://a.example'\ndocument = 'old.json'\n"
    Path("dynaclient.toml").write_text(written)
    run("vendor", saved("/a"), "--name", "shop@1", "--register")
    assert Path("dynaclient.toml").read_text() == written.replace("'old.json'", '"spec/shop/1.json"')
    Path("dynaclient.toml").unlink()
    Path("pyproject.toml").write_text(
        "[project]\nname = 'x'\n\n[tool.dynaclient.api.other]\ndocument = 'x.json'\n"
    )
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert run("vendor", f"../{saved_in('..')}", "--name", "shop@1", "--register").code == 0
    assert (
        Path("../pyproject.toml")
        .read_text()
        .endswith('[tool.dynaclient.api.shop]\ndocument = "below/spec/shop/1.json"\n')
    )
    assert run("ops", "shop").code == 0


def saved_in(folder: str) -> str:
    Path(folder, "x.json").write_text(json.dumps(one()))
    return "x.json"


WRONG: list[tuple[tuple[str, ...], str]] = [
    (("--name", "shop"), "expected NAME@VERSION"),
    (("--name", "@1"), "expected NAME@VERSION"),
    (("--name", "../shop@1"), "expected NAME@VERSION"),
    (("--name", "shop@../1"), "expected NAME@VERSION"),
    (("--name", "shop@.."), "expected NAME@VERSION"),
    (("--name", "shop@provenance"), "expected NAME@VERSION"),
    (("--name", "shop@1.json"), "expected NAME@VERSION"),
    (("--name", "talon-one-integration@2099-01"), "is the name of a document that comes with dynaclient"),
    ((), "--name"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_names_that_are_none(options: tuple[str, ...], message: str, run: Run) -> None:
    result = run("vendor", saved("/a"), *options)
    assert result.code == 2
    assert message in result.err
    assert not Path("spec").exists()


@pytest.mark.parametrize("source", ["nowhere.yaml", "https://127.0.0.1:1/x", "dynaclient.toml"])
def test_what_is_no_document_is_not_kept(source: str, run: Run) -> None:
    Path("dynaclient.toml").write_text("a = 1\n")
    assert run("vendor", source, "--name", "shop@1").code == 2
    assert not Path("spec").exists()


def test_never_into_an_installed_package(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = str(Path(saved("/a")).resolve())
    installed = tmp_path / "lib" / "site-packages" / "shop"
    installed.mkdir(parents=True)
    for folder in (installed, Path(dynaclient.__file__).parent):
        monkeypatch.chdir(folder)
        result = run("vendor", source, "--name", "shop@1")
        assert "is part of an installed package" in result.err
        assert not (folder / "spec" / "shop").exists()


def test_links_do_not_lead_out_of_the_project(run: Run, tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "precious").write_text("a: 1\n")
    Path("spec").mkdir()
    Path("spec/shop").symlink_to(tmp_path / "away")
    assert "out of this folder" in run("vendor", saved("/a"), "--name", "shop@1").err
    assert list((tmp_path / "away").iterdir()) == []
    Path("spec/cafe").mkdir()
    Path("spec/cafe/provenance.yaml").symlink_to(tmp_path / "precious")
    run("vendor", saved("/a"), "--name", "cafe@1")
    assert (tmp_path / "precious").read_text() == "a: 1\n"


@pytest.mark.parametrize("text", ["[", "- a", "&a [*a]", "!!python/object:os.system {}"])
def test_a_provenance_that_is_none_is_said(text: str, run: Run) -> None:
    Path("spec/shop").mkdir(parents=True)
    Path("spec/shop/provenance.yaml").write_text(text)
    result = run("vendor", saved("/a"), "--name", "shop@1")
    assert result.code == 2
    assert "provenance.yaml" in result.err
    assert not Path("spec/shop/1.json").exists()


def test_findings_are_counted(run: Run) -> None:
    tree: dict[str, Any] = one(answer={"$ref": "#/components/schemas/None"})
    Path("x.json").write_text(json.dumps(tree))
    assert "1 error" in run("vendor", "x.json", "--name", "shop@1").out


def test_where_documents_come_from_is_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spec" / "shop").mkdir(parents=True)
    for name in ("1.yaml", "provenance.yaml"):
        (tmp_path / "spec" / "shop" / name).write_text(yaml.safe_dump(one()))
    monkeypatch.setattr("dynaclient.document.opening.vendored_folder", lambda: tmp_path / "spec")
    assert vendored_names() == ["shop@1"]
    assert find("shop") == tmp_path / "spec" / "shop" / "1.yaml"


def test_an_error_of_the_server_is_not_kept(run: Run, serve: Serve) -> None:
    server = serve(reply(500), json_reply(one()))
    assert run("vendor", server.url, "--name", "shop@1").code == 2
    assert run("vendor", server.url, "--name", "shop@1").code == 0
