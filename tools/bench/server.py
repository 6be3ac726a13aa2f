"""A server in a process of its own that answers from memory, so that what is measured is the client.

    python -m bench.server      prints its port, and serves until its standard input closes

The path says what is answered: `/v2/customer_sessions/{id}` as Talon.One does, `/nodes{i}` a tree of
nodes, and what was sent to any other path comes back.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable
from functools import cache

from bench import documents, payloads

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=_accept, args=[listener], daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


def _accept(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_serve, args=[connection], daemon=True).start()


def _serve(connection: socket.socket) -> None:
    with connection:
        kept = b""
        while request := _request(connection, kept):
            head, body, kept = request
            method, target, _ = head.split(b" ", 2)
            connection.sendall(_answer(method, target) or _reply(body))


def _request(connection: socket.socket, kept: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Head, body and what came after them; None where the client hung up."""
    while b"\r\n\r\n" not in kept:
        more = connection.recv(1 << 16)
        if not more:
            return None
        kept += more
    head, _, rest = kept.partition(b"\r\n\r\n")
    found = LENGTH.search(head)
    length = int(found[1]) if found else 0
    parts = [rest]
    missing = length - len(rest)
    while missing > 0:
        more = connection.recv(min(missing, 1 << 20))
        if not more:
            return None
        parts.append(more)
        missing -= len(more)
    whole = b"".join(parts)
    return head, whole[:length], whole[length:]


@cache
def _answer(method: bytes, target: bytes) -> bytes | None:
    """The answer that is always the same for this target; None: what was sent comes back."""
    path = target.decode().partition("?")[0]
    for pattern, make in ANSWERS:
        if found := re.fullmatch(pattern, f"{method.decode()} {path}"):
            return _reply(payloads.encoded(make(*found.groups())))
    return None


ANSWERS: list[tuple[str, Callable[..., object]]] = [
    (r"GET /v2/customer_sessions/[^/]+", payloads.small_answer),
    (r"PUT /v2/customer_sessions/[^/]+", payloads.answer),
    (r"GET /nodes(\d+)", lambda i: documents.node(int(i), 5)),
]


def _reply(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


if __name__ == "__main__":
    main()
