"""Every name that reaches the file system: it may be no file, or no possible name.

POSIX: opening a pipe waits for its other end, a device may have no end, a socket cannot be opened, and a
name holds no NUL.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DeadlineExceeded, DocumentError, DynaclientError
from dynaclient.cli.main import main
from tests.conftest import Serve
from tests.servers import closed_port
from tests.small import document, json_reply, one

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")

ODD = {
    "NUL": "a\0b.json",
    "pipe": "pipe.json",
    "socket": "socket.json",
    "folder": "folder.json",
    "loop of links": "loop.json",
    "loop above": "loop.json/x.json",
    "device without end": "zero.json",
    "terminal": "/dev/tty",
    "long name": "x" * 300 + ".json",
    "long path": "x/" * 3000 + "a.json",
    "half a character": "\ud800.json",
    "not there": "nothing.json",
    "below a file": "file.json/x.json",
    "below a pipe": "pipe.json/x.json",
}


@pytest.fixture(autouse=True)
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one of each; what waits for ever fails."""

    def fail(*_: object) -> None:
        raise AssertionError("it waits for ever")

    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.json")
    os.mkdir("folder.json")
    os.symlink("loop.json", "loop.json")
    os.symlink("/dev/zero", "zero.json")
    Path("file.json").write_text(json.dumps(one(answer={"type": "object"})))
    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.json")
        yield tmp_path
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _refused(ask: Callable[[], Any]) -> str:
    with pytest.raises(DynaclientError) as caught:
        ask()
    said = str(caught.value)
    said.encode()  # it can be printed
    assert "AssertionError" not in said  # of what waits for ever
    return said


def _with_reference(name: str) -> str:
    Path("root.json").write_text(json.dumps(one(answer={"$ref": name})))
    with Client("root.json", cache=False) as client:
        (finding, *_) = (each for each in client.findings if each.severity == "error")
    raise DocumentError(finding.message[-200:])


def _file_uri(name: str) -> str:
    return f"file://{os.getcwd()}/{name}"


def _secure(**settings: Any) -> Any:
    return Client(one(), server=f"https://127.0.0.1:{closed_port()}", timeout=5, **settings).call("op")


DOCUMENTS: dict[str, Callable[[str], Any]] = {
    "a document": lambda name: Client(name),
    "a path": lambda name: Client(Path(name), cache=False),
    "a reference": _with_reference,
    "a URI as a reference": lambda name: _with_reference(_file_uri(name)),
    "verify": lambda name: _secure(verify=name),
    "cert": lambda name: _secure(cert=name),
    "a key": lambda name: _secure(cert=("file.json", name)),
}


@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("where", DOCUMENTS)
def test_what_is_no_file_is_refused(where: str, what: str) -> None:
    if where == "verify" and what == "folder":  # OpenSSL takes a folder of certificates
        return
    if where == "a reference" and what == "half a character":  # it is read as U+FFFD; there is no such file
        assert "No such file" in _refused(lambda: _with_reference(ODD[what]))
        return
    said = _refused(lambda: DOCUMENTS[where](ODD[what]))
    if what in ("pipe", "socket"):
        assert f"is a {what}, not a file" in said


@pytest.mark.parametrize("what", ODD)
def test_a_folder_for_references_may_be_anything(what: str) -> None:
    Path("root.json").write_text(json.dumps(one(answer={"$ref": "file.json"})))
    client = Client("root.json", ref_folder=ODD[what], cache=False)
    assert any("ref_folder" in each.message for each in client.findings)
    assert Client("root.json", ref_folder=os.getcwd(), cache=False).findings == ()


@pytest.mark.parametrize("what", ODD)
def test_the_cache_is_done_without_where_it_cannot_be(what: str) -> None:
    for name in (ODD[what], Path(ODD[what])):
        assert list(Client("file.json", cache=name).operations) == ["op"]


UPLOADS = document(
    {
        "/x": {
            "post": {
                "operationId": "raw",
                "requestBody": {"content": {"application/octet-stream": {}}},
                "responses": {"200": {"description": ""}},
            },
            "put": {
                "operationId": "form",
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {"properties": {"f": {"type": "string", "format": "binary"}}}
                        }
                    }
                },
                "responses": {"200": {"description": ""}},
            },
            "patch": {
                "operationId": "json",
                "requestBody": {"content": {"application/json": {}}},
                "responses": {"200": {"description": ""}},
            },
        }
    }
)


PACKED: dict[str, Any] = {"plain": {}, "packed": {"headers": {"Content-Encoding": "gzip"}}}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("what", [each for each in ODD if each != "terminal"])
@pytest.mark.parametrize("operation", ["raw", "form"])
@pytest.mark.parametrize("packed", PACKED)
def test_a_body_from_a_name_ends_in_time(packed: str, operation: str, what: str, serve: Serve) -> None:
    """A pipe that nobody writes to, and a device without end, last as long as the call may."""
    server = serve(json_reply(None))
    path = Path(ODD[what])
    body = path if operation == "raw" else {"f": path}
    with Client(UPLOADS, server=server.url, timeout=0.5) as client:
        said = _refused(lambda: client.call(operation, body=body, options=PACKED[packed]))
    if what == "socket":
        assert "it is a socket, not a file" in said


@pytest.mark.parametrize("packed", PACKED)
def test_a_pipe_that_nobody_writes_to_is_told_as_that(packed: str) -> None:
    port = closed_port()
    server = f"http://127.0.0.1:{port}"
    with (
        socket.create_server(("127.0.0.1", port)),
        Client(UPLOADS, server=server, timeout=0.5) as client,
        pytest.raises(DeadlineExceeded, match="nothing more came from a pipe"),
    ):
        client.call("raw", body=Path("pipe.json"), options=PACKED[packed])


@pytest.mark.parametrize("packed", PACKED)
def test_a_pipe_with_a_writer_is_sent(packed: str, serve: Serve) -> None:
    server = serve(json_reply(None))
    writer = threading.Thread(target=lambda: Path("pipe.json").write_bytes(b"abc" * 50_000))
    writer.start()
    with Client(UPLOADS, server=server.url) as client:
        assert client.call("raw", body=Path("pipe.json"), options=PACKED[packed]) is None
    writer.join()
    body = server.requests[0].body
    assert (body if packed == "plain" else gzip.decompress(body)) == b"abc" * 50_000


def test_a_file_that_is_one_passes_everywhere(serve: Serve) -> None:
    server = serve(json_reply(None))
    os.symlink("file.json", "link.json")
    odd = Path(os.fsdecode(b"caf\xe9%41.json"))
    odd.write_bytes(Path("file.json").read_bytes())
    for name in ("file.json", "link.json", odd):
        assert list(Client(name).operations) == ["op"]
        with Client(UPLOADS, server=server.url) as client:
            client.call("raw", body=Path(name))
    assert {request.body for request in server.requests} == {Path("file.json").read_bytes()}
    for ref in ("link.json", "caf%E9%2541.json"):
        Path("root.json").write_text(json.dumps(one(answer={"$ref": f"{ref}#/info"})))
        assert Client("root.json", cache=False).findings == ()


@pytest.mark.parametrize("what", [*ODD, "null"])
def test_save_replaces_files_alone(what: str, serve: Serve) -> None:
    """What `os.replace` puts a file in the place of is gone: /dev/null too, where root saves to it."""
    name = ODD.get(what, "null.json")
    if what == "null":
        os.symlink("/dev/null", name)
    server = serve(json_reply({"a": 1}))
    with Client(one(), server=server.url) as client, client.send("op", options={"stream": True}) as stream:
        if what in ("not there", "loop of links"):
            stream.save(name)
            assert json.loads(Path(name).read_text()) == {"a": 1}
        else:
            _refused(lambda: stream.save(name))


COMMANDS = [
    ["ops", "{}"],
    ["lint", "{}"],
    ["show", "{}", "op"],
    ["call", "{}", "op"],
    ["serve", "{}"],
    ["test", "{}"],
    ["repl", "{}"],
    ["call", "uploads.json", "raw", "--body", "@{}"],
    ["call", "uploads.json", "json", "--body", "@{}"],
    ["call", "uploads.json", "form", "-F", "f=@{}"],
    ["test", "uploads.json", "--junit", "{}"],
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("what", [each for each in ODD if each not in ("terminal", "device without end")])
def test_at_the_command_line_too(
    command: list[str], what: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dynaclient.cli.call.SECONDS", 0.2)
    Path("uploads.json").write_text(json.dumps(UPLOADS))
    words = [word.format(ODD[what]) for word in command]
    server = f"http://127.0.0.1:{closed_port()}"
    if command[0] in ("call", "test"):
        words += ["--server", server, "--timeout", "0.5"]
    assert main(words) in (1, 2)
    assert "mistake in dynaclient" not in capsys.readouterr().err


def test_a_netrc_that_is_a_pipe_is_not_waited_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(json_reply({}))
    for name in ("pipe.json", "zero.json", "folder.json", "loop.json", "nothing.json"):
        monkeypatch.setenv("NETRC", os.path.abspath(name))
        with Client(one(), server=server.url) as client:
            client.call("op")
    assert [request.header("Authorization") for request in server.requests] == [None] * 5
