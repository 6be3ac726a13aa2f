"""The command that shows a case again: a shell reads it as the case, and no secret stands in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.cli.main import main
from dynaclient.contract import Case, Fault, RawBody
from dynaclient.contract.curl import curl_commands
from dynaclient.contract.flow import Step
from dynaclient.contract.reproduce import command
from dynaclient.explore.shell import variable
from tests.contract.pasting import paste
from tests.servers import reply
from tests.small import one, param

SECRET = "s3cr3t"
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
DOCUMENT = one(
    "post",
    "/x/{id}",
    param("id", "path"),
    param("id", "query", {"type": "array", "items": {"type": "string"}}),
    param("n", "query", {"type": "integer"}),
    param("o", "query", {"type": "object"}, style="deepObject"),
    param("H", "header"),
    content={"application/json": {}, "application/octet-stream": {}},
    required=False,
    operation={"security": [{"my key": []}]},
    components={"securitySchemes": {"my key": KEY, "other": KEY}},
)
FAULT = Fault("query", "n", "", "type", "")


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "it's a document.json"
    file.write_text(json.dumps(DOCUMENT))
    return str(file)


def through_a_shell(text: str) -> list[str]:
    """The words that a shell makes of the command, with variables as the environment has them."""
    script = text.replace("dynaclient call", "printf '%s\\0' call", 1)
    environment = {**os.environ, variable("my key"): SECRET}
    made = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, check=True)
    return made.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize(
    "case",
    [
        Case("op", {"path.id": "a"}),
        Case("op", {"path.id": "a b'\"$HOME`x`\\", "header.H": "!#;&|", "query.n": -3}),
        Case("op", {"path.id": "a", "query.id": ["x=y", "", "é😀"], "query.o": {"a": "b c"}}),
        Case("op", {"path.id": "a"}, body={"deep": [{"it's": "$x"}, None, True, 1.5]}),
        Case("op", {"path.id": "a"}, body="text"),
        Case("op", {"path.id": "a", "query.n": "text"}, fault=FAULT),
    ],
)
def test_a_shell_reads_it_as_the_case(path: str, serve: Any, case: Case) -> None:
    server = serve(reply(200))
    client = Client(path, server=server.url, credentials={"my key": SECRET})
    text = command(client, case)
    assert SECRET not in text
    case.send(client)
    assert main(through_a_shell(text)) == 0
    (sent, again) = server.requests
    assert (again.method, again.target, again.body) == (sent.method, sent.target, sent.body)
    assert again.fields == sent.fields
    assert again.header("X-Key") == SECRET


def test_names_that_look_like_options_are_none(tmp_path: Path, serve: Any) -> None:
    path, server = tmp_path / "odd.json", serve(reply(200))
    operation = {"operationId": "--server=http://127.0.0.1:9"}
    path.write_text(json.dumps(one("get", "/x", param("--insecure"), operation=operation)))
    client = Client(path, server=server.url)
    case = Case("--server=http://127.0.0.1:9", {"query.--insecure": "1"})
    case.send(client)
    assert main(through_a_shell(command(client, case))) == 0
    (sent, again) = server.requests
    assert again.target == sent.target


def test_bytes_are_piped_in(path: str) -> None:
    text = command(Client(path, server="http://h"), Case("op", {"path.id": "a"}, body=b"\x00'\xff"))
    before, _, after = text.partition(" | dynaclient call ")
    assert subprocess.run(["/bin/sh", "-c", before], capture_output=True, check=True).stdout == b"\x00'\xff"
    assert "--body -" in after


def test_what_it_names(path: str) -> None:
    plain = command(Client(path, server="http://u:p@h/base"), Case("op", {"path.id": "a", "query.n": 1}))
    assert shlex.split(plain)[:6] == ["dynaclient", "call", path, "op", "--server", "http://h/base"]
    assert "-p path.id=a -p n=1" in plain
    assert "--validate" not in plain
    assert "--credential" not in plain
    broken = command(Client(path, server="http://h"), Case("op", {"path.id": "a"}, fault=FAULT))
    assert broken.endswith("--validate request=off")
    assert "dynaclient call DOCUMENT op" in command(
        Client(DOCUMENT, server="http://h"), Case("op", {"path.id": "a"})
    )


def test_only_the_credentials_that_are_sent() -> None:
    credentials = {"my key": SECRET, "other": lambda request: SECRET}
    text = command(Client(DOCUMENT, server="http://h", credentials=credentials), Case("op", {"path.id": "a"}))
    assert text.endswith("--credential 'my key'=\"$DYNACLIENT_CREDENTIAL_MY_KEY\"")


ALTERED = (
    ("", SECRET, []),
    ("none", None, ["DYNACLIENT_CREDENTIAL_MY_KEY= dynaclient call"]),
    ("invalid", "invalid-credential", ["--credential 'my key'=invalid-credential"]),
    ("my key", SECRET, []),
)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("which", "value", "words"), ALTERED)
def test_other_credentials_and_another_method(
    path: str, serve: Any, which: str, value: str | None, words: list[str]
) -> None:
    server = serve(reply(200))
    client = Client(path, server=server.url, credentials={"my key": SECRET}, timeout=7)
    case = Case("op", {"path.id": "a", "query.n": 1}, credentials=which, method="BREW")
    text, curl = command(client, case), curl_commands(client, (Step(case),))
    assert SECRET not in text + curl
    assert all(each in text for each in words)
    assert "--timeout 7" in text
    assert "--max-time 7" in curl
    case.send(client)
    for lines in (text, curl):
        done = paste(lines, DYNACLIENT_CREDENTIAL_MY_KEY=SECRET)
        assert done.returncode == 0, done.stderr
    assert {each.header("X-Key") for each in server.requests} == {value}
    assert {(each.method, each.target) for each in server.requests} == {("BREW", "/x/a?n=1")}
    assert len(server.requests) == 3


FORM = {"multipart/form-data": {"schema": {"properties": {"n": {"type": "integer"}, "photo": {}}}}}
BODIES = (
    ({"application/json": {}, "text/plain": {"schema": {"type": "string"}}}, "text/plain", "it's\n$x"),
    ({"text/plain": {}}, "", "@text"),
    ({"application/json": {}, "text/plain": {}}, "application/json", "text"),
    ({"application/x-www-form-urlencoded": {}}, "", {"a": "b c", "n": 3}),
    (FORM, "", {"n": 5, "photo": b"\x00\r\n\xff"}),
    (FORM, "", {"n": 5, "photo": ("a b.png", b"\x00", "image/png")}),
)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("content", "stated", "body"), BODIES)
def test_bodies_of_other_types(
    tmp_path: Path, serve: Any, content: dict[str, Any], stated: str, body: Any
) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(one("post", "/x", content=content)))
    server = serve(reply(200))
    client = Client(str(path), server=server.url)
    case = Case("op", body=body, content_type=stated)
    case.send(client)
    done = paste(f"{command(client, case)}\n{curl_commands(client, (Step(case),))}")
    assert (done.returncode, done.stderr) == (0, "")
    sent = [(each.header("Content-Type") or "", each.body) for each in server.requests]
    assert [_plain(*each) for each in sent] == [_plain(*sent[0])] * 3


RAW_BODIES = (
    RawBody("application/json", b'{"x": "\xff"}'),
    RawBody("text/plain", b'{"it": "\'s"}'),
    RawBody("application/json", b""),
    RawBody("", b"{}"),
)


@pytest.mark.parametrize("raw", RAW_BODIES)
def test_what_arguments_cannot_say_is_curl(tmp_path: Path, serve: Any, raw: RawBody) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(one("post", "/x", param("q"), body={})))
    server = serve(reply(200))
    client = Client(str(path), server=server.url)
    case = Case("op", {"query.q": "a"}, raw=raw, query_extra=(("q", "b &c"),))
    case.send(client)
    done = paste(command(client, case))
    assert (done.returncode, done.stderr) == (0, "")
    first, second = server.requests
    assert (first.target, first.body) == (second.target, second.body) == ("/x?q=a&q=b%20%26c", raw.content)
    assert (first.header("Content-Type") or "") == (second.header("Content-Type") or "") == raw.content_type


def _plain(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Without the boundary, which no two bodies share, and names of temporary files."""
    kind, _, boundary = content_type.partition("; boundary=")
    body = body.replace(boundary.encode(), b"") if boundary else body
    return kind, re.sub(rb'; filename="?tmp\.[^"\r]*"?', b"", body)


def test_headers_of_a_session_are_named_without_their_values() -> None:
    session = requests.Session()
    session.headers["X Y"] = SECRET
    text = command(Client(DOCUMENT, server="http://h", session=session), Case("op", {"path.id": "a"}))
    assert text.endswith(" -p path.id=a -H 'X Y: ...'")
    session.headers = None  # type: ignore[assignment]
    text = command(Client(DOCUMENT, server="http://h", session=session), Case("op", {"path.id": "a"}))
    assert text.endswith(" -p path.id=a")


def test_a_variable_is_what_a_shell_takes_for_one() -> None:
    schemes = {"api_key_v1": "API_KEY_V1", "my key": "MY_KEY", "Ünder.Score-9": "_NDER_SCORE_9"}
    for scheme, name in schemes.items():
        assert variable(scheme) == f"DYNACLIENT_CREDENTIAL_{name}"
