"""Streams are printed while they come; progress of what lasts; bytes never go to a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient.cli.main import main
from tests.cli.conftest import Run, Save
from tests.servers import RawServer, chunked, reply
from tests.small import one, said

EVENTS = b'event: tick\nid: 7\ndata: {"n": 1}\n\ndata: two\ndata: lines\n\n'


def answering(kind: str, schema: Any = None) -> dict[str, Any]:
    return one("get", answers={"200": said({} if schema is None else schema, kind)})


def test_an_event_is_printed_when_it_comes(save: Save, tmp_path: Path) -> None:
    """The server sends the second one only after the first was read from the pipe."""
    seen = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b'data: {"n": 1}\n\n'
        assert seen.wait(30)
        yield b'data: {"n": 2}\n\n'

    with RawServer(chunked(pieces(), [("Content-Type", "text/event-stream")])) as server:
        command = [sys.executable, "-m", "dynaclient", "call", save(answering("text/event-stream")), "op"]
        with subprocess.Popen(
            [*command, "--server", server.url], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == 'data: {"n": 1}\n'
            seen.set()
            assert process.stdout.read() == '\ndata: {"n": 2}\n\n'
    assert process.returncode == 0


STREAMS: dict[str, tuple[str, bytes, tuple[str, ...], str]] = {
    "events": (
        "text/event-stream",
        EVENTS,
        (),
        'event: tick\nid: 7\ndata: {"n": 1}\n\ndata: two\ndata: lines\n\n',
    ),
    "their data": ("text/event-stream", EVENTS, ("--output", "json"), '{"n": 1}\n"two\\nlines"\n'),
    "as they came": ("text/event-stream", EVENTS, ("--output", "raw"), EVENTS.decode()),
    "lines of JSON": ("application/x-ndjson", b'{"a":1}\n\n[2]\n', (), '{"a": 1}\n[2]\n'),
    "chosen of all": (
        "application/x-ndjson",
        b'{"a":1}\n{"a":2}\n',
        ("--filter", "[].a"),
        "[\n  1,\n  2\n]\n",
    ),
    "another type than documented": ("text/event-stream", b"plain", (), "plain"),
}


@pytest.mark.parametrize("case", STREAMS)
def test_forms_of_a_stream(case: str, save: Save, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    kind, body, options, expected = STREAMS[case]
    sent = "text/plain" if case.startswith("another") else kind
    with RawServer(reply(200, body, [("Content-Type", sent)])) as server:
        code = main(["call", save(answering(kind)), "op", "--server", server.url, *options])
    assert capfdbinary.readouterr().out.decode() == expected
    assert code == (1 if case.startswith("another") else 0)


def test_an_item_that_breaks_the_document_ends_it(run: Run, save: Save) -> None:
    schema = {"type": "array", "items": {"type": "object", "required": ["a"]}}
    answer = reply(200, b'{"a": 1}\n{"b": 2}\n{"a": 3}\n', [("Content-Type", "application/x-ndjson")])
    with RawServer(answer) as server:
        result = run("call", save(answering("application/x-ndjson", schema)), "op", "--server", server.url)
    assert (result.code, result.out) == (1, '{"a": 1}\n')
    assert "body at /1: 'a' is missing" in result.err


def test_an_error_in_place_of_a_stream_is_printed_as_one(run: Run, save: Save) -> None:
    answer = reply(500, b'{"error": "x"}', [("Content-Type", "application/json")])
    with RawServer(answer) as server:
        result = run("call", save(answering("text/event-stream")), "op", "--server", server.url)
    assert json.loads(result.out) == {"error": "x"}
    assert result.code == 1


def test_what_is_lost_on_its_way_is_said(run: Run, save: Save) -> None:
    answer = reply(200, b"\0" * 10, [("Content-Type", "application/octet-stream")], length=1_000)
    with RawServer([answer, b""]) as server:
        result = run(
            "call",
            save(answering("application/octet-stream")),
            "op",
            "--server",
            server.url,
            "--timeout",
            "1",
        )
    assert result.code == 1
    assert result.err


SCRIPT = """
import sys, threading, time
from tests.servers import RawServer, reply
from dynaclient.cli.main import main
import dynaclient.cli.passing_on as passing_on
passing_on.PATIENCE = 0.05
def pieces():
    yield reply(200, headers=[("Content-Type", "application/octet-stream")], length=300_000)
    for _ in range(6):
        yield b"\\0" * 50_000
        time.sleep(0.05)
with RawServer(lambda request: pieces()) as server:
    sys.exit(main(["call", sys.argv[1], "op", "--server", server.url, *sys.argv[2:]]))
"""
ROOT = Path(__file__).parents[2]


def on_a_terminal(line: str) -> str:
    """What a terminal shows of a line of a shell."""
    pexpect = pytest.importorskip("pexpect", reason="a terminal is played with pexpect, which is for POSIX")
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    shown: bytes = pexpect.run(
        f"bash -c {json.dumps(line)}", env=environment, timeout=60, cwd=ROOT, dimensions=(24, 80)
    )
    return shown.decode("utf-8", "replace")


def test_a_download_into_a_file_that_lasts_has_a_bar(save: Save, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    out = tmp_path / "out.bin"
    path = save(answering("application/octet-stream"))
    shown = on_a_terminal(f"{sys.executable} {tmp_path}/script.py {path} > {out}")
    assert out.stat().st_size == 300_000
    assert "received" in shown
    assert "kB" in shown


def test_bytes_never_go_to_a_terminal(save: Save, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    path = save(answering("application/octet-stream"))
    shown = on_a_terminal(f"{sys.executable} {tmp_path}/script.py {path} --output raw")
    assert "\0" not in shown
    said = "(300,000 bytes of application/octet-stream; write them to a file with `> FILE`)"
    assert said in shown.replace("\r\n", "")
