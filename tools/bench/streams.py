"""How much memory a large upload and a large download take.

    python tools/bench/streams.py

A client in a process of its own sends a file object of 300 MB (`--size`, in MB) as a body and as a part of a
multipart body, and saves an answer of as much to a file; the server stands in this process. Printed is by how
many MB the most that the client ever held resident (RSS) lies above what it held after one small call of each
kind, and beside it the same of an answer that is held whole. Ends with 1 where one of the first three grew by
60 MB (`--most`) or more.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

MB = 1_000_000
_PIECE = bytes(MB)
_HELD = 90
"""MB of the answer that is held whole: a client takes no more than 100."""
_FILE = {"type": "string", "format": "binary"}
_BINARY = {"application/octet-stream": {"schema": _FILE}}
_FORM = {"multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILE}}}}
_HEADS = 1000
"""Bytes that the heads of the parts of a multipart body may add."""

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Files", "version": "1"},
    "paths": {
        "/files/{size}": {
            "parameters": [{"name": "size", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "download",
                "responses": {"200": {"description": "", "content": _BINARY}},
            },
            "put": {
                "operationId": "upload",
                "requestBody": {"required": True, "content": _BINARY},
                "responses": {"204": {"description": ""}},
            },
            "post": {
                "operationId": "multipart",
                "requestBody": {"required": True, "content": _FORM},
                "responses": {"204": {"description": ""}},
            },
        }
    },
}


class Handler(BaseHTTPRequestHandler):
    """Sends as many MB as the path says, or takes as many; a length that is not right is a 400."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A download."""
        size = self._size()
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(size * MB))
        self.end_headers()
        for _ in range(size):
            self.wfile.write(_PIECE)

    def do_PUT(self) -> None:
        """An upload."""
        self._take(0)

    def do_POST(self) -> None:
        """An upload as a part of a form."""
        self._take(_HEADS)

    def _take(self, more: int) -> None:
        """A body as large as the path says, or by up to `more` bytes larger."""
        length = int(self.headers.get("Content-Length", 0))
        left = length
        while left and (piece := self.rfile.read(min(left, MB))):
            left -= len(piece)
        self.send_response(204 if 0 <= length - self._size() * MB <= more and not left else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _size(self) -> int:
        return int(self.path.rpartition("/")[2])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that runs while the block does."""
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=serving.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}"
    finally:
        serving.shutdown()
        serving.server_close()
        thread.join()


def resident(line: str) -> float:
    """MB that this process holds now (`line` "VmRSS"), or the most that it ever held ("VmHWM")."""
    try:  # of this program alone: the other number may begin with that of the process that started it
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(re.findall(rf"{line}:\s*(\d+) kB", status)[0]) * 1024 / MB
    except (OSError, IndexError):
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return used * (1 if sys.platform == "darwin" else 1024) / MB


def measured(url: str, size: int) -> dict[str, float]:
    """By how many MB each of two uploads, a download and an answer held whole made this process grow."""
    from dynaclient import Client
    from dynaclient.calls.streaming import StreamedResponse

    client = Client(DOCUMENT, server=url, timeout=600)

    def upload(size: int) -> None:
        with tempfile.TemporaryFile() as file:
            file.truncate(size * MB)
            client.call("upload", size=size, body=file)

    def multipart(size: int) -> None:
        with tempfile.TemporaryFile() as file:
            file.truncate(size * MB)
            client.call("multipart", size=size, body={"file": file, "note": "text"})

    def download(size: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            response = client.call("download", size=size, options={"stream": True})
            assert isinstance(response, StreamedResponse)
            saved = response.save(Path(folder) / "file")
            assert saved == size * MB == (Path(folder) / "file").stat().st_size

    def held(size: int) -> None:
        assert len(client.call("download", size=size)) == size * MB

    works = (upload, multipart, download, held)
    for work in works:
        work(1)
    grown = {}
    for work in works:
        before = resident("VmRSS")
        work(min(size, _HELD) if work is held else size)
        grown[work.__name__] = round(resident("VmHWM") - before, 1)
    return grown


def in_a_process_of_its_own(size: int) -> dict[str, float]:
    """As `measured`, in a new process."""
    with server() as url:
        command = [sys.executable, __file__, "--size", str(size), "--url", url]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    grown: dict[str, float] = json.loads(done.stdout)
    return grown


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=300, help="MB to send and to fetch")
    parser.add_argument("--most", type=float, default=60, help="MB that the memory may grow")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        print(json.dumps(measured(given.url, given.size)))
        return 0
    grown = in_a_process_of_its_own(given.size)
    passed_on = ("upload", "multipart", "download")
    for name in passed_on:
        print(f"{name} of {given.size} MB: resident memory grew by {grown[name]} MB (at most {given.most:g})")
    print(f"for comparison, an answer of {min(given.size, _HELD)} MB held whole: {grown['held']} MB")
    return int(max(grown[name] for name in passed_on) >= given.most)


if __name__ == "__main__":
    sys.exit(main())
