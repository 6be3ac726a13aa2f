"""What documents and servers write reaches a terminal as text, never as commands to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from dynaclient._support import terminal
from dynaclient.cli.main import main
from dynaclient.errors import DocumentError, DynaclientError, UnknownOperation
from tests.cli.conftest import Run, Save
from tests.servers import RawServer, reply
from tests.small import document

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
TITLE = "\x1b]0;renamed\x1b\\"
CLEAR = "\x1b[2J\x1b[H"
C1 = "\x9b31m"
ATTACK = f"{CLIPBOARD}{TITLE}{CLEAR}{C1}\x08\x7f\rEND"
OBEYED = ("\x1b", "\x07", "\x08", "\x7f", "\x9b", "\r")


def hostile() -> dict[str, Any]:
    """A document that attacks in every text that people read."""
    pet = {
        "type": "object",
        "description": ATTACK,
        "properties": {
            f"name{ATTACK}": {"type": "string", "description": ATTACK, "default": ATTACK},
            "kind": {"type": "string", "enum": [ATTACK, f"other{C1}"], "title": ATTACK},
            "code": {"type": "string", "pattern": f"a{C1}?", "example": f"a{C1}"},
        },
    }
    tree = document(
        {
            "/pets": {
                "get": {
                    "operationId": "listPets",
                    "summary": ATTACK,
                    "description": ATTACK,
                    "tags": [ATTACK],
                    "parameters": [
                        {
                            "name": f"q{ATTACK}",
                            "in": "query",
                            "description": ATTACK,
                            "schema": {"type": "string"},
                        },
                        {"name": "broken", "in": ATTACK, "schema": {"type": ATTACK}},
                    ],
                    "responses": {
                        "200": {
                            "description": ATTACK,
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                            "links": {f"next{ATTACK}": {"operationId": "listPets", "description": ATTACK}},
                        }
                    },
                },
                "post": {
                    "operationId": f"create{ATTACK}",
                    "requestBody": {
                        "description": ATTACK,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    },
                    "responses": {"201": {"description": ATTACK}},
                },
            }
        }
    )
    tree["info"]["title"] = ATTACK
    tree["components"] = {"schemas": {"Pet": pet}}
    return tree


def assert_text(shown: str) -> None:
    assert not [each for each in OBEYED if each in shown], ascii(shown)


@pytest.fixture(params=[True, False], ids=["terminal", "pipe"])
def _screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda: request.param)
    monkeypatch.setenv("NO_COLOR", "1")


COMMANDS = [
    ("ops",),
    ("ops", "nothing fits"),
    ("ops", "--json"),
    ("find", "pets"),
    ("find", "nothing", "fits"),
    ("show",),
    ("example", "POST /pets"),
    ("example", "POST /pets", "--full", "--body"),
    ("call", "POST /pets", "kind=x", "--server", "http://127.0.0.1:9"),
    ("lint",),
    ("show", "listPets"),
    ("show", "listPets", "description"),
    ("show", "listPets", "200"),
    ("show", "POST /pets"),
    ("show", "POST /pets", "body"),
    ("show", "listPest"),
    ("call", "POST /pets", "--body", '{"kind": 5}', "--server", "http://127.0.0.1:9"),
    ("call", "listPets", "-p", "unknown=1", "--server", "http://127.0.0.1:9"),
]


@pytest.mark.usefixtures("_screen")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_of_a_document(run: Run, save: Save, arguments: tuple[str, ...]) -> None:
    result = run(arguments[0], save(hostile()), *arguments[1:])
    assert_text(result.out)
    assert_text(result.err)
    assert result.out or result.err


def looks() -> Iterator[str]:
    """What the prompt of Python prints of the same document."""
    client = Client(hostile(), server="http://127.0.0.1:9")
    for key in client.operations:
        bound = getattr(client, client.operations[key].attribute)
        yield from (repr(bound), str(bound.__doc__), str(bound.__signature__), repr(bound.operation))
    yield repr(client)
    yield from map(str, client.findings)
    yield from map(repr, client.findings)
    for call in (lambda: client.call("POST /pets", body={"kind": 5}), lambda: client.call(f"no{ATTACK}")):
        with pytest.raises(DynaclientError) as caught:
            call()
        yield str(caught.value)
        yield repr(caught.value)


def test_of_what_the_prompt_prints() -> None:
    shown = list(looks())
    assert len(shown) > 12
    for each in shown:
        assert_text(each)


ERRORS = [UnknownOperation(ATTACK, [ATTACK]), DocumentError(ATTACK)]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_of_an_error(error: DynaclientError) -> None:
    assert_text(str(error))


BODIES = {
    "text": ("text/plain", f"hi{ATTACK}".encode()),
    "html": ("text/html; charset=utf-8", f"<p>{ATTACK}</p>".encode()),
    "json": ("application/json", b'"x\\u001b[2J\xc2\x9b31m\x7f"'),
    "bytes": ("application/octet-stream", b"\x00\x1b[2J\xff"),
}


@pytest.mark.usefixtures("_screen")
@pytest.mark.parametrize("kind", BODIES)
def test_of_a_response(save: Save, kind: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A person sees escapes, a pipe gets what came."""
    media_type, body = BODIES[kind]
    tree = document(
        {
            "/x": {
                "get": {
                    "operationId": "x",
                    "responses": {"200": {"description": "", "content": {media_type: {}}}},
                }
            }
        }
    )
    with RawServer(reply(200, body, [("Content-Type", media_type)])) as server:
        assert main(["call", save(tree), "x", "--server", server.url]) == 0
    sys.stdout.flush()
    shown = capfdbinary.readouterr()
    if terminal.is_terminal():
        assert_text((shown.out + shown.err).decode("latin-1" if kind == "bytes" else "utf-8"))
    elif kind != "json":
        assert shown.out.rstrip(b"\n") == body


def test_of_an_error_response(run: Run, save: Save) -> None:
    answer = reply(418, ATTACK.encode(), [("Content-Type", "text/plain"), ("X-Odd", "a\x1b[2Jb")])
    with RawServer(answer) as server:
        path = save(document({"/x": {"get": {"operationId": "x"}}}))
        result = run("call", path, "x", "-v", "--server", server.url)
    assert_text(result.err)
    assert result.code == 1


@pytest.mark.parametrize("colour", ["NO_COLOR", "FORCE_COLOR"])
def test_on_a_real_terminal(save: Save, tmp_path: Path, colour: str) -> None:
    pexpect = pytest.importorskip("pexpect", reason="a terminal is played with pexpect, which is for POSIX")
    environment = {**os.environ, "TERM": "xterm-256color", "HOME": str(tmp_path), colour: "1"}
    path = save(hostile())
    for arguments in ("ops", "show"):
        command = (
            f"{sys.executable} -m dynaclient {arguments} {path} {'listPets' if arguments == 'show' else ''}"
        )
        shown = pexpect.run(command, env=environment, timeout=30, dimensions=(40, 80))
        assert b"\\x1b]52" in shown
        for attack in (CLIPBOARD, TITLE, CLEAR, C1, "\x08", "\x7f"):
            assert attack.encode() not in shown
