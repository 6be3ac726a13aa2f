"""What references may be read from: the document's folder or origin, and what the user named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client, DocumentError, RequestInvalid
from dynaclient.cli.arguments import build_parser
from dynaclient.cli.main import main
from tests.conftest import Serve
from tests.servers import Recorded, closed_port, reply
from tests.small import json_reply, one

INTEGER = {"type": "integer"}


def _documents(ref: str) -> Any:
    """A server with a document at /docs/openapi.json, whose body `ref` describes; a part anywhere else."""

    def answer(request: Recorded) -> bytes:
        tree = one("post", "/x", body={"$ref": ref.format(port=request.header("Host").rpartition(":")[2])})
        return json_reply(tree if request.target.startswith("/docs/openapi.json") else INTEGER)

    return answer


def _reads(client: Client) -> bool:
    """Whether the part was read: it takes 1 and not "a"."""
    try:
        client.prepare("op", body=1)
    except DocumentError:
        return False
    with pytest.raises(RequestInvalid, match="integer"):
        client.prepare("op", body="a")
    return True


OWN = {
    "parts/p.json": "/docs/parts/p.json",
    "p.json#": "/docs/p.json",
    "../up.json": "/up.json",
    "../../../up.json": "/up.json",
    "/elsewhere/p.json": "/elsewhere/p.json",
    "//127.0.0.1:{port}/p.json": "/p.json",
    "http://127.0.0.1:{port}/p.json": "/p.json",
    "HTTP://127.0.0.1:{port}/p.json?v=2": "/p.json?v=2",
    "http://u:s3cr3t@127.0.0.1:{port}/p.json": "/p.json",
}


@pytest.mark.parametrize("ref", OWN)
def test_the_origin_of_the_document_is_open(ref: str, serve: Serve) -> None:
    """RFC 6454: scheme, host and port. Nothing that may be a secret goes along, whoever gave it."""
    server = serve(_documents(ref))
    with requests.Session() as session:
        session.headers["X-Key"] = "s3cr3t"
        session.auth = ("user", "s3cr3t")
        session.cookies.set("sid", "s3cr3t")
        with Client(
            f"{server.url}/docs/openapi.json?key=s3cr3t", session=session, server=server.url
        ) as client:
            assert _reads(client)
            assert client.findings == ()
    root, part = server.requests
    assert part.target == OWN[ref]
    assert root.header("X-Key") == "s3cr3t"
    assert b"s3cr3t" not in part.raw
    assert part.header("Authorization") is None


def test_what_stands_in_the_url_of_the_document_does_not_go_to_its_parts(serve: Serve) -> None:
    server = serve(_documents("p.json"))
    with Client(server.url.replace("://", "://user:s3cr3t@") + "/docs/openapi.json") as client:
        assert _reads(client)
    assert [each.header("Authorization") is None for each in server.requests] == [False, True]


SHUT = [
    "http://127.0.0.1:{other}/p.json",
    "http://localhost:{port}/p.json",
    "http://127.0.0.2:{port}/p.json",
    "http://127.1:{port}/p.json",
    "https://127.0.0.1:{port}/p.json",
    "//localhost:{port}/p.json",
    "http://127.0.0.1:{port}@localhost:{other}/p.json",
    "http://127.0.0.1:x/p.json",
    "http://[::1]:{port}/p.json",
    "ftp://127.0.0.1:{port}/p.json",
    "data:application/json,{{}}",
    "{file}",
]


@pytest.mark.parametrize("ref", SHUT)
def test_all_else_stays_shut(ref: str, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(INTEGER))
    other = serve(json_reply(INTEGER))
    ref = ref.replace("{other}", other.url.rpartition(":")[2])
    server = serve(_documents(ref.replace("{file}", (tmp_path / "p.json").as_uri())))
    with Client(f"{server.url}/docs/openapi.json") as client:
        assert not _reads(client)
    assert (len(server.requests), len(other.requests)) == (1, 0)


def test_a_redirect_off_the_origin_is_not_followed(serve: Serve) -> None:
    other = serve(json_reply(INTEGER))

    def answer(request: Recorded) -> bytes:
        if request.target == "/docs/p.json":
            return reply(302, b"", [("Location", f"{other.url}/p.json")])
        if request.target == "/docs/q.json":
            return reply(302, b"", [("Location", "/q.json")])
        return _documents("q.json" if "q" in request.target else "p.json")(request)  # type: ignore[no-any-return]

    server = serve(answer)
    with Client(f"{server.url}/docs/openapi.json") as client:
        assert not _reads(client)
    with Client(f"{server.url}/docs/openapi.json?q") as client:
        assert _reads(client)
    assert other.requests == []


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1"]])
def test_a_file_never_reads_over_http_unless_the_host_is_named(
    hosts: list[str], serve: Serve, tmp_path: Path
) -> None:
    server = serve(json_reply(INTEGER))
    (tmp_path / "root.json").write_text(json.dumps(one("post", "/x", body={"$ref": f"{server.url}/p.json"})))
    for document in (tmp_path / "root.json", (tmp_path / "root.json").as_uri()):
        with Client(document, ref_hosts=hosts, server="http://127.0.0.1:1") as client:
            assert _reads(client) is bool(hosts)
    assert bool(server.requests) is bool(hosts)


def test_where_a_document_says_that_it_is_opens_nothing(serve: Serve, tmp_path: Path) -> None:
    """`$self` (3.2) is the document's word: what it was fetched from is what the user named."""
    other = serve(json_reply(INTEGER))
    tree = one("post", "/x", body={"$ref": "p.json"}, version="3.2.0", **{"$self": f"{other.url}/a.json"})
    server = serve(json_reply(tree))
    (tmp_path / "root.json").write_text(json.dumps(tree))
    for document in (f"{server.url}/a.json", tmp_path / "root.json", tree):
        with Client(document, server="http://127.0.0.1:1") as client:
            assert not _reads(client)
    assert other.requests == []


def test_parts_of_swagger_2_0_are_read_from_its_origin(serve: Serve) -> None:
    body = {"name": "b", "in": "body", "schema": {"$ref": "schema.json"}}
    files = {
        "/docs/openapi.json": {
            "swagger": "2.0",
            "info": {"title": "", "version": ""},
            "consumes": ["text/json"],
            "paths": {"/x": {"$ref": "item.json"}},
        },
        "/docs/item.json": {"post": {"operationId": "op", "parameters": [body], "responses": {}}},
        "/docs/schema.json": {"type": "integer", "x-nullable": True},
    }
    server = serve(lambda request: json_reply(files[request.target]))
    for _ in ("cold", "warm"):
        with Client(f"{server.url}/docs/openapi.json") as client:
            assert _reads(client)
            assert client.prepare("op", body=1).headers["Content-Type"] == "text/json"
            client.prepare("op", body=None)


# -- at the command line

COMMANDS = [
    ["ops"],
    ["show", "op"],
    ["call", "op", "--body", "1", "--dry-run", "--server", "http://127.0.0.1:1"],
    ["lint"],
    ["test", "--server", f"http://127.0.0.1:{closed_port()}", "--timeout", "1"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_takes_what_references_may_be_read_from(
    command: list[str], serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(json_reply(INTEGER))
    (tmp_path / "docs").mkdir()
    (tmp_path / "wide.json").write_text(json.dumps({"type": "string"}))
    parts = {"properties": {"a": {"$ref": f"{server.url}/p.json"}, "b": {"$ref": "../wide.json"}}}
    root = tmp_path / "docs" / "root.json"
    root.write_text(json.dumps(one("post", "/x", body={"type": ["x"][:0] or "integer", **parts})))
    words = [command[0], str(root), *command[1:]]
    main(words)
    assert server.requests == []
    main([*words, "--ref-host", "other.test", "--ref-host", "127.0.0.1", "--ref-folder", str(tmp_path)])
    if command[0] in ("lint", "call", "show"):
        assert len(server.requests) == 1
    if command[0] == "lint":
        said = capsys.readouterr().out
        assert said.count("cannot be resolved") == 2
        assert "--ref-host" in said
        assert "--ref-folder" in said


@pytest.mark.parametrize("command", ["serve", "repl"])
def test_serve_and_repl_take_them_too(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([command, "--help"])
    said = capsys.readouterr().out
    assert "--ref-host HOST" in said
    assert "--ref-folder FOLDER" in said


def test_a_backslash_leads_nowhere_else(serve: Serve) -> None:
    """`http://a\\@b` is host b to some readers, a to others: it is read as a path of a, as browsers do."""
    other = serve(json_reply(INTEGER))
    port = other.url.rpartition(":")[2]
    server = serve(_documents("http://127.0.0.1:{port}\\@localhost:" + port + "/p.json"))
    with Client(f"{server.url}/docs/openapi.json") as client:
        _reads(client)
    assert other.requests == []
