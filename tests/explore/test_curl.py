"""`client.curl`: the line sends what the call sends, whatever is in it, and shows no secret."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dynaclient import Client, RequestInvalid, SettingsError
from dynaclient.explore.shell import writing_command
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import document, one, param

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

HOSTILE = [
    "$(touch pwned)",
    "`id`",
    "a'b\"c",
    "!history $HOME ${IFS} \\n \\",
    "; rm -rf ~ #",
    "dynavariable4142x",
    "line\nbreak",
    "tab\there",
    "%41 %% &?=/#",
    "é ☃ \U0001f600",
    "-d @/etc/passwd",
    "@/etc/passwd",
    "*[a-z]{1,2}",
    "",
]
"""Values that a shell, or curl, would make something of."""
SENT = ("method", "target", "body")
OWN = {"user-agent", "accept-encoding", "connection", "host", "content-length", "accept"}


PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
"""With the programs that were installed beside Python."""


def pasted(line: str, server: RawServer, shell: str = "bash", **variables: str) -> Recorded:
    """What arrives where the line is pasted into a shell."""
    before = len(server.requests)
    clean = {name: text for name, text in os.environ.items() if not name.startswith("DYNACLIENT_")}
    environment = {**clean, "PATH": PATH, **variables}
    done = subprocess.run([shell], input=line.encode(), env=environment, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == before + 1
    return server.requests[-1]


def same(one_: Recorded, other: Recorded) -> None:
    assert [getattr(one_, name) for name in SENT] == [getattr(other, name) for name in SENT]
    fields = [
        {(name.lower(), value) for name, value in each.fields if name.lower() not in OWN}
        for each in (one_, other)
    ]
    assert fields[0] == fields[1]


ODD = document(
    {
        "/x/{id}": {
            "post": {
                "operationId": "op",
                "parameters": [
                    param("id", "path"),
                    param("q"),
                    param("X-Text", "header"),
                    param("c", "cookie"),
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {}},
                        "text/plain": {"schema": {"type": "string"}},
                        "application/octet-stream": {},
                    }
                },
            }
        }
    }
)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_hostile_values_arrive_as_they_are(value: str, shell: str, serve: Serve) -> None:
    server = serve(reply())
    api = Client(ODD, server=server.url)
    given: dict[str, Any] = {"id": value if value.isprintable() and value else "0", "q": value}
    if value.isascii() and value.isprintable():
        given |= {"X-Text": value.strip() or "0", "c": quote(value)}
    body = {"a": value, value: [value]}
    api.send("op", given, body=body)
    same(pasted(api.curl("op", given, body=body), server, shell), server.requests[0])


def test_what_looks_like_a_mark_of_ours_is_text(serve: Serve) -> None:
    """A mark becomes `"$NAME"`: a name that a value could choose would run."""
    evil = f"dynavariable{b'(touch pwned)'.hex()}x"
    assert evil in Client(ODD, server="http://h").curl("op", id=evil, body=evil)


BODIES: dict[str, tuple[Any, str]] = {
    "text": ("a 'quoted' text", "text/plain"),
    "carriage returns": ("a\r\nb", "text/plain"),
    "bytes": (b"\x00\xff\r\n'$(id)", "application/octet-stream"),
    "null": (None, "application/json"),
    "long": ("x" * 200_000, "text/plain"),
    "a number": (1.5, "application/json"),
}


@pytest.mark.parametrize("case", BODIES)
def test_bodies_of_every_kind(case: str, serve: Serve) -> None:
    server = serve(reply())
    api = Client(ODD, server=server.url)
    body, kind = BODIES[case]
    options = {"content_type": kind}
    api.send("op", id="1", body=body, options=options)
    same(pasted(api.curl("op", id="1", body=body, options=options), server), server.requests[0])


READABLE = [
    b"a\r\nb\\r\\c\\0\\",
    "-n 'é' %s\t\n\r\n".encode() * 2,
    b"a long line, then \0\xff\r" + b"1" * 60,
    b"\n\r\n",
]
"""What comes through a pipe, and can be read."""


@pytest.mark.parametrize("shell", [*filter(shutil.which, ("sh", "bash", "zsh"))])
def test_what_can_be_read_is_not_encoded(shell: str) -> None:
    commands = [writing_command(each) for each in READABLE]
    assert not [each for each in commands if "base64" in each]
    assert "base64" in writing_command(bytes(range(256)))
    done = subprocess.run([shell], input="\n".join(commands).encode(), capture_output=True, timeout=30)
    assert (done.stdout, done.stderr) == (b"".join(READABLE), b"")


def test_a_file_is_named(serve: Serve, tmp_path: Path) -> None:
    server = serve(reply())
    api = Client(ODD, server=server.url)
    path = tmp_path / "it's $(id).bin"
    path.write_bytes(b"\x00\r\n" * 100_000)
    options = {"content_type": "application/octet-stream"}
    api.send("op", id="1", body=path, options=options)
    line = api.curl("op", id="1", body=path, options=options)
    assert len(line) < 400
    same(pasted(line, server), server.requests[0])


def test_a_form_with_files(serve: Serve) -> None:
    schema = {
        "type": "object",
        "properties": {"f": {"type": "string", "format": "binary"}, "t": {"type": "string"}},
    }
    doc = one("post", content={"multipart/form-data": {"schema": schema}})
    server = serve(reply())
    line = Client(doc, server=server.url).curl("op", body={"f": ("a'b.bin", b"\0\r\n'"), "t": "$HOME"})
    received = pasted(line, server)
    assert b"\0\r\n'" in received.body
    assert b"$HOME" in received.body
    assert "printf %b " in line
    assert r"""name="t"\r\n\r\n$HOME\r\n--""" in line
    boundary = str(received.header("Content-Type")).partition("boundary=")[2]
    assert received.body.endswith(f"--{boundary}--\r\n".encode())


class Stream(io.BytesIO):
    """What can be read once."""

    def seekable(self) -> bool:
        return False


def test_what_is_read_while_it_is_sent_has_no_line() -> None:
    stream = Stream(b"abc")
    with pytest.raises(SettingsError, match="read while it is sent"):
        Client(ODD, server="http://h").curl(
            "op", id="1", body=stream, options={"content_type": "application/octet-stream"}
        )
    assert stream.read() == b"abc"


def test_an_invalid_call_has_none() -> None:
    with pytest.raises(RequestInvalid):
        Client(ODD, server="http://h").curl("op")


def secured(kind: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    schemes = {"securitySchemes": {"key": kind}}
    return one("get", "/x", *parameters, operation={"security": [{"key": []}]}, components=schemes)


SECRET = "s3cr3t-value"
SCHEMES: dict[str, tuple[dict[str, Any], Any, str]] = {
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, SECRET, SECRET),
    "query": ({"type": "apiKey", "in": "query", "name": "key"}, SECRET, SECRET),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, SECRET, SECRET),
    "bearer": ({"type": "http", "scheme": "bearer"}, SECRET, SECRET),
    "basic": ({"type": "http", "scheme": "basic"}, ("me", SECRET), f"me:{SECRET}"),
    "callable": ({"type": "apiKey", "in": "header", "name": "X-Key"}, lambda request: SECRET, SECRET),
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_credentials_are_variables(scheme: str, serve: Serve) -> None:
    server = serve(reply())
    kind, given, held = SCHEMES[scheme]
    api = Client(secured(kind), server=server.url, credentials={"key": given})
    api.send("op")
    line = api.curl("op")
    assert SECRET not in line
    assert "$DYNACLIENT_CREDENTIAL_KEY" in line
    same(pasted(line, server, DYNACLIENT_CREDENTIAL_KEY=held), server.requests[0])


def test_what_else_may_be_a_secret_is_a_variable_too(serve: Serve) -> None:
    """Headers and queries of options, the query of the server's URL, parameters that are called secrets."""
    server = serve(reply())
    doc = one(
        "get",
        "/x",
        param("apiToken"),
        param("password", "header"),
        param("session_token", "cookie"),
        param("q"),
    )
    api = Client(doc, server=f"{server.url}?code={SECRET}")
    given: dict[str, Any] = {"apiToken": SECRET, "password": SECRET, "session_token": SECRET, "q": "seen"}
    options = {"headers": {"X-Own": SECRET, "Authorization": SECRET}, "query": {"sig": SECRET}}
    api.send("op", given, options=options)
    line = api.curl("op", given, options=options)
    assert SECRET not in line
    assert "q=seen" in line
    names = ("APITOKEN", "PASSWORD", "SESSION_TOKEN", "X_OWN", "AUTHORIZATION", "SIG", "CODE")
    same(pasted(line, server, **dict.fromkeys(names, SECRET)), server.requests[0])


def test_a_scheme_without_a_credential_sends_none(serve: Serve) -> None:
    server = serve(reply())
    api = Client(secured(SCHEMES["header"][0]), server=server.url)
    assert api.curl("op") == f"curl {server.url}/x"
