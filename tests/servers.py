"""A server on a real socket that records the bytes it gets and sends the bytes it is told to.

    with RawServer(reply(200, b"{}")) as server:
        ...ask server.url...
        assert server.requests[0].target == "/x"

`answers` are used one per request, the last one for all that follow. An answer is bytes, an iterable of
bytes (sent piece by piece, so a generator may sleep between them), a function from the recorded request
to either, or `HANG_UP`. The connection is kept open between requests unless an answer holds `HANG_UP`;
`RESET` ends it with an RST, and `SILENCE` waits until the other side has gone.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

HANG_UP, RESET, SILENCE = object(), object(), object()
_ENDS = (HANG_UP, RESET, SILENCE)

Answer = Any  # bytes | Iterable[bytes | HANG_UP] | HANG_UP | Callable[[Recorded], Answer]


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived. `raw` is every byte of it; `connection` counts connections from 0."""

    raw: bytes
    body: bytes
    connection: int

    @property
    def head(self) -> list[str]:
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")

    @property
    def method(self) -> str:
        return self.head[0].split(" ")[0]

    @property
    def target(self) -> str:
        return self.head[0].split(" ")[1]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields in order, names as they were written."""
        return [(name, value) for name, _, value in (line.partition(": ") for line in self.head[1:])]

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


def reply(
    status: int = 200,
    body: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
    *,
    length: int | None = None,
) -> bytes:
    """The bytes of an answer; `length` is for a Content-Length that lies."""
    lines = [f"HTTP/1.1 {status} Reason", *(f"{name}: {value}" for name, value in headers)]
    if status not in (204, 304):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(
    pieces: Iterable[bytes], headers: Iterable[tuple[str, str]] = (), *, end: bool = True
) -> Iterator[bytes]:
    """An answer with `Transfer-Encoding: chunked`, a chunk per piece."""
    lines = ["HTTP/1.1 200 Reason", *(f"{name}: {value}" for name, value in headers)]
    yield "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode("latin-1")
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n" if end else HANG_UP  # type: ignore[misc]


def dripping(start: bytes, drop: bytes, seconds: float = 0.05) -> Callable[[Recorded], Iterator[bytes]]:
    """`start` at once, then `drop` again and again until the other side goes."""

    def drip(request: Recorded) -> Iterator[bytes]:
        yield start
        while True:
            time.sleep(seconds)
            yield drop

    return drip


class RawServer:
    """A server on 127.0.0.1 with a thread per connection; `context` makes it speak TLS."""

    def __init__(self, *answers: Answer, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Recorded] = []
        self.connections = 0
        self._answers = list(answers) or [reply()]
        self._context = context
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = False
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> RawServer:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, cut every connection, wait for the threads."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)

    def cut(self) -> None:
        """Cut the connections that are open now."""
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                number, self.connections = self.connections, self.connections + 1
                self._open.add(sock)
            self._start(self._serve, sock, number)

    def _serve(self, plain: socket.socket, number: int) -> None:
        sock = plain
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                sock = self._context.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._open.discard(plain)
                    self._open.add(sock)
            with sock.makefile("rb") as reader:
                while (request := _record(reader, number)) is not None:
                    if not self._answer(sock, request):
                        break
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open -= {sock, plain}
            sock.close()
            plain.close()

    def _answer(self, sock: socket.socket, request: Recorded) -> bool:
        with self._lock:
            answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
            self.requests.append(request)
        while callable(answer):
            answer = answer(request)
        return self._put(sock, [answer] if isinstance(answer, bytes) or answer in _ENDS else answer)

    def _put(self, sock: socket.socket, pieces: Iterable[Any]) -> bool:
        """Send the pieces; whether the connection goes on."""
        for piece in pieces:
            if piece in _ENDS:
                end(sock, piece)
                return False
            sock.sendall(piece)
            if self._closing:
                return False
        return True


def end(sock: socket.socket, how: object) -> None:
    """What comes before a connection is closed: a FIN, an RST in its place, or that the other side goes."""
    if how is HANG_UP:
        sock.shutdown(socket.SHUT_WR)
    elif how is RESET:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif how is SILENCE:
        while sock.recv(65536):
            pass


def _record(reader: Any, connection: int) -> Recorded | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        if not line:
            return None
        head += line
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        raw = body = b""
        while size := int(line := reader.readline(), 16):
            chunk = reader.read(size + 2)
            raw, body = raw + line + chunk, body + chunk[:-2]
        return Recorded(head + raw + line + reader.readline(), body, connection)
    body = reader.read(int(fields.get(b"content-length", b"0")))
    return Recorded(head + body, body, connection)


def closed_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
