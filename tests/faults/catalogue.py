"""Faults of servers by name: what goes over the wire, and what a client is to make of it.

What is wanted is written from RFC 9110 (HTTP), 9112 (HTTP/1.1) and 8259 (JSON), not from what a client does.
Where they leave a choice both ways are there: "right|ConnectError".
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from typing import Any

from tests.servers import HANG_UP, RESET, SILENCE, reply
from tests.small import JSON

SHORT = 0.4
"""Seconds that a client waits for what never comes."""
MOST = 1_000_000
"""Bytes of a body that a client takes."""
REPEATED = frozenset({"503", "429", "ConnectError"})
"""What a client tries once more, where repeating is safe."""


@dataclass(frozen=True)
class Asked:
    """A request as a fault sees it: `n` is the number that its response is to hold."""

    method: str
    n: int
    here: str
    other: str
    """The URLs of this server, and of one on another port."""


@dataclass(frozen=True)
class Fault:
    """`answer`: what is sent. `want`: what comes of it, all ways that are right, by method where they differ:
    `right` (200 with the number asked for), `empty` (200 without a body), a status, the class of an error.

    `hops`: how often the request of a method arrives for each attempt. `once`: it is not repeated, though
    what comes of it would be elsewhere. `shows`: headers that a right response has, or has not (None).
    """

    name: str
    answer: Callable[[Asked], Any]
    want: str | Mapping[str, str] = "right"
    patience: float = 10.0
    hops: Mapping[str, int] = field(default_factory=dict)
    once: bool = False
    shows: Mapping[str, str | None] = field(default_factory=dict)
    early: bool = False
    """Before a request was read: a connection counts as one, or there is none."""

    def wanted(self, method: str) -> frozenset[str]:
        """What may come of it."""
        return frozenset((self.want if isinstance(self.want, str) else self.want[method]).split("|"))

    @property
    def lies(self) -> bool:
        """Whether a connection that another call could take may end at any time."""
        return self.name.startswith(
            ("keeps and", "answers twice, later", "408 while", "reset after the body")
        )

    @property
    def is_put_off(self) -> bool:
        """Whether it is said when the request may come again: it was not carried out."""
        return self.name.endswith((", now", ", a past date"))

    def arrives(self, method: str, came: str, setting: str = "default") -> tuple[int, int]:
        """How often a request arrives, at least and at most, where `came` of it.

        Time may run out, and a connection end, before all of a request was read. A connection that ends while
        it is made has taken nothing: then any request is repeated. Where what is repeated may come of it too,
        time may run out in any attempt.
        """
        before = self.wanted(method) if came == "DeadlineExceeded" else {came}
        kind = "unsent" if self.early else "lost" if "ConnectError" in before else "busy"
        if self.is_put_off:
            kind = "put off"
        repeated = before & REPEATED and not self.once and kind in AGAIN[setting][method]
        most = (SENDS if repeated else 1) * self.hops.get(method, 1)
        return (0 if self.early or came == "DeadlineExceeded" else most), most


_LIES = ("keeps and", "answers twice, later", "408 while", "reset after the body")
SENDS = 3
_ALL = frozenset({"unsent", "lost", "busy", "put off"})
_UNSENT, _NONE = frozenset({"unsent"}), frozenset[str]()
_USUAL = {"GET": _ALL, "PUT": _ALL, "POST": _UNSENT}
AGAIN: dict[str, dict[str, frozenset[str]]] = {
    # setting: method: after what a request may be sent again (RFC 9110, section 9.2.2): there was no
    # connection, the connection was lost, the server was busy, it was and said when to come again
    "default": _USUAL,
    "safe": _USUAL,
    "always": dict.fromkeys(_USUAL, _ALL),
    "key": dict.fromkeys(_USUAL, _ALL),
    "POST too": {**_USUAL, "POST": frozenset({"unsent", "put off"})},
    "off": dict.fromkeys(_USUAL, _NONE),
    "0": dict.fromkeys(_USUAL, _NONE),
}


def body_of(n: int) -> bytes:
    """The right body."""
    return json.dumps({"n": n}).encode()


def right(n: int, *headers: tuple[str, str]) -> bytes:
    """The right response."""
    return reply(200, body_of(n), [*JSON, *headers])


def _head(*lines: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, "Content-Type: application/json", *lines, "", ""]).encode("latin-1")


CHUNKED = _head("Transfer-Encoding: chunked")


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def _plain(a: Asked, *lines: str, length: str | None = None) -> bytes:
    """The right body, with these lines in the head and that Content-Length."""
    body = body_of(a.n)
    return _head(*lines, f"Content-Length: {len(body) if length is None else length}") + body


def _said(*pieces: Any) -> Callable[[Asked], Any]:
    return lambda a: pieces


def _bytes(body: bytes, *headers: tuple[str, str]) -> Callable[[Asked], Any]:
    return lambda a: reply(200, body, [*(headers or JSON)])


def _text(text: str) -> Callable[[Asked], Any]:
    """A body of JSON; `N` stands for the number."""
    return lambda a: reply(200, text.replace("N", str(a.n)).encode(), JSON)


def _coded(coding: str, pack: Callable[[bytes], bytes]) -> Callable[[Asked], Any]:
    return lambda a: reply(200, pack(body_of(a.n)), [*JSON, ("Content-Encoding", coding)])


def _typed(content_type: str, encoding: str = "utf-8") -> Callable[[Asked], Any]:
    return lambda a: reply(200, json.dumps({"n": a.n}).encode(encoding), [("Content-Type", content_type)])


def _endless(start: bytes, piece: bytes, pause: float = 0.0) -> Callable[[Asked], Any]:
    """Until the other side goes."""

    def go_on(a: Asked) -> Iterator[bytes]:
        yield start
        while True:
            if pause:
                time.sleep(pause)
            yield piece

    return go_on


def _later(*pieces: Any, pause: float = 0.03) -> Callable[[Asked], Any]:
    """The right response, and what comes while nothing is asked."""

    def go_on(a: Asked) -> Iterator[Any]:
        yield right(a.n)
        time.sleep(pause)
        yield from pieces

    return go_on


def _busy(status: int, *after: str) -> Callable[[Asked], Any]:
    return lambda a: reply(status, b"{}", [*JSON, *(("Retry-After", each) for each in after)])


def _to(location: str, status: int = 302) -> Callable[[Asked], Any]:
    """A redirect; HERE, OTHER and N are filled in."""

    def lead(a: Asked) -> bytes:
        port = a.here.rpartition(":")[2]
        names = {"HERE": a.here, "OTHER": a.other, "PORT": port, "N": str(a.n)}
        where = location
        for name, value in names.items():
            where = where.replace(name, value)
        return reply(status, b"", [("Location", where)])

    return lead


def _date(**ago: float) -> str:
    return format_datetime(datetime.now(timezone.utc) - timedelta(**ago), usegmt=True)


def _packed(wbits: int, pieces: Iterable[bytes]) -> bytes:
    engine = zlib.compressobj(wbits=wbits)
    return b"".join([*map(engine.compress, pieces), engine.flush()])


@cache
def _bomb(coding: str) -> bytes:
    if coding == "gzip, gzip":
        return gzip.compress(_bomb("gzip"))
    return _packed({"gzip": 31, "deflate": 15}[coding], [bytes(MOST)] * 64)


def _exploding(coding: str) -> Callable[[Asked], Any]:
    return lambda a: reply(200, _bomb(coding), [*JSON, ("Content-Encoding", coding)])


def _raw_deflate(body: bytes) -> bytes:
    return _packed(-15, [body])


_MOVED = {"GET": "right", "PUT": "{}", "POST": "{}"}


def _followed(status: int) -> dict[str, str]:
    """Of GET alone a redirect is followed; who made something is shown where it is."""
    return {method: each.format(status) for method, each in _MOVED.items()}


_GET_TWICE = {"GET": 2}
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
STOLEN = reply(200, b'{"n": -1}', JSON)
"""A response that nobody asked for."""

_ROWS = [
    # -- connections that end (RFC 9112, sections 8 and 9)
    Fault("refused", lambda a: None, "ConnectError", early=True),
    Fault("reset on accept", lambda a: RESET, "ConnectError", early=True),
    Fault("closed on accept", lambda a: HANG_UP, "ConnectError", early=True),
    Fault("reset after the request", _said(RESET), "ConnectError"),
    Fault("closed after the request", _said(HANG_UP), "ConnectError"),
    Fault("closed within the status line", _said(b"HTTP/1.1 20", HANG_UP), "ConnectError"),
    Fault("closed behind the status line", _said(b"HTTP/1.1 200 OK\r\n", HANG_UP), "ConnectError"),
    Fault("closed within the head", _said(b"HTTP/1.1 200 OK\r\nContent-Le", HANG_UP), "ConnectError"),
    Fault("reset within the head", _said(b"HTTP/1.1 200 OK\r\nContent-Le", RESET), "ConnectError"),
    Fault("closed behind the head", _said(_head("Content-Length: 9"), HANG_UP), "ConnectError"),
    Fault(
        "closed within the body", _said(_head("Content-Length: 99") + b'{"n": 1}', HANG_UP), "ConnectError"
    ),
    Fault("reset within the body", _said(_head("Content-Length: 99") + b'{"n": 1}', RESET), "ConnectError"),
    Fault("reset after the body", lambda a: [right(a.n), RESET]),
    Fault("body until the end", lambda a: [_head() + body_of(a.n), HANG_UP]),
    Fault("body until a reset", lambda a: [_head() + body_of(a.n), RESET], "ConnectError|right"),
    Fault("100 and closed", _said(b"HTTP/1.1 100 Continue\r\n\r\n", HANG_UP), "ConnectError"),
    # -- Content-Length (RFC 9112, section 6.3; RFC 9110, section 8.6)
    Fault("length below 0", lambda a: _plain(a, length="-1"), "ConnectError"),
    Fault("length no number", lambda a: _plain(a, length="many"), "ConnectError"),
    Fault("length with a sign", lambda a: _plain(a, length=f"+{len(body_of(a.n))}"), "ConnectError"),
    Fault("length in hex", lambda a: _plain(a, length=f"{len(body_of(a.n)):#x}"), "ConnectError"),
    Fault("length with an underscore", lambda a: _plain(a, length=f"0_{len(body_of(a.n))}"), "ConnectError"),
    Fault(
        "length of 30 digits", lambda a: [_plain(a, length="9" * 30), HANG_UP], "ConnectError|BodyTooLarge"
    ),
    Fault("two lengths", lambda a: _plain(a, "Content-Length: 1"), "ConnectError"),
    Fault("two lengths in one", lambda a: _plain(a, length=f"{len(body_of(a.n))}, 2"), "ConnectError"),
    Fault(
        "one length twice",
        lambda a: _plain(a, f"Content-Length: {len(body_of(a.n))}"),
        "right|ConnectError",
    ),
    Fault("length too large by far", _said(_head(f"Content-Length: {10**12}") + b"{"), "BodyTooLarge"),
    # -- Transfer-Encoding (RFC 9112, sections 6.1, 6.3 and 7.1)
    Fault("chunks", lambda a: CHUNKED + _chunk(body_of(a.n)) + b"0\r\n\r\n"),
    Fault("chunks with extensions", lambda a: CHUNKED + _chunked_with(a, b';a=b;c="d"') + b"0;e\r\n\r\n"),
    Fault("chunks with trailers", lambda a: CHUNKED + _chunk(body_of(a.n)) + b"0\r\nX-Sum: 1\r\n\r\n"),
    Fault("closed within a chunk", _said(CHUNKED + b'63\r\n{"n": 1}', HANG_UP), "ConnectError"),
    Fault("reset within a chunk", _said(CHUNKED + b'63\r\n{"n": 1}', RESET), "ConnectError"),
    Fault(
        "closed within a chunk size",
        lambda a: [CHUNKED + _chunk(body_of(a.n)) + b"0", HANG_UP],
        "ConnectError",
    ),
    Fault("no last chunk", lambda a: [CHUNKED + _chunk(body_of(a.n)), HANG_UP], "ConnectError"),
    Fault(
        "last chunk without its end",
        lambda a: [CHUNKED + _chunk(body_of(a.n)) + b"0\r\n", HANG_UP],
        "ConnectError",
    ),
    Fault(
        "closed within the trailers",
        lambda a: [CHUNKED + _chunk(body_of(a.n)) + b"0\r\nX-Sum: 1\r\n", HANG_UP],
        "ConnectError",
    ),
    Fault("chunk longer than it says", lambda a: [CHUNKED + _chunked_as(a, b"2"), HANG_UP], "ConnectError"),
    Fault(
        "chunk shorter than it says",
        lambda a: [CHUNKED + _chunked_as(a, b"%x" % (len(body_of(a.n)) + 2)), HANG_UP],
        "ConnectError",
    ),
    Fault(
        "chunk ends with LF",
        lambda a: CHUNKED + _chunk(body_of(a.n)).replace(b"\r", b"") + b"0\n\n",
        "right|ConnectError",
    ),
    Fault(
        "chunk size below 0", lambda a: CHUNKED + _chunked_as(a, b"-%x" % len(body_of(a.n))), "ConnectError"
    ),
    Fault("chunk size no number", lambda a: CHUNKED + _chunked_as(a, b"zz"), "ConnectError"),
    Fault(
        "chunk size with 0x", lambda a: CHUNKED + _chunked_as(a, b"0x%x" % len(body_of(a.n))), "ConnectError"
    ),
    Fault(
        "chunk size with a sign",
        lambda a: CHUNKED + _chunked_as(a, b"+%x" % len(body_of(a.n))),
        "ConnectError",
    ),
    Fault(
        "chunk size with an underscore",
        lambda a: CHUNKED + _chunked_as(a, b"0_%x" % len(body_of(a.n))),
        "ConnectError",
    ),
    Fault(
        "chunk size of 30 digits",
        lambda a: [CHUNKED + _chunked_as(a, b"f" * 30), HANG_UP],
        "ConnectError|BodyTooLarge",
    ),
    Fault(
        "endless chunk extension",
        _endless(CHUNKED + b"5;", b"x" * 60_000),
        "ConnectError|BodyTooLarge|DeadlineExceeded",
        1.0,
    ),
    Fault("endless trailers", _endless(CHUNKED + b"0\r\n", b"X: 1\r\n" * 2000), "ConnectError|BodyTooLarge"),
    Fault(
        "length and chunks",
        lambda a: (
            _head(f"Content-Length: {len(body_of(a.n))}", "Transfer-Encoding: chunked")
            + _chunk(body_of(a.n))
            + b"0\r\n\r\n"
        ),
        "ConnectError",
    ),
    Fault(
        "gzip and chunked",
        lambda a: _head("Transfer-Encoding: gzip, chunked") + _chunk(body_of(a.n)) + b"0\r\n\r\n",
        "ConnectError",
    ),
    Fault(
        "chunked twice",
        lambda a: _head("Transfer-Encoding: chunked, chunked") + _chunk(body_of(a.n)) + b"0\r\n\r\n",
        "ConnectError",
    ),
    Fault(
        "another transfer coding",
        lambda a: [_head("Transfer-Encoding: xchunked") + body_of(a.n), HANG_UP],
        "ConnectError",
    ),
    Fault(
        "chunks of HTTP 1.0",
        lambda a: [
            _head("Transfer-Encoding: chunked", status="HTTP/1.0 200 OK")
            + _chunk(body_of(a.n))
            + b"0\r\n\r\n",
            HANG_UP,
        ],
        "right|ConnectError",
    ),
    # -- heads (RFC 9112, sections 2 to 5; RFC 9110, section 5)
    Fault("no HTTP", _said(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", HANG_UP), "ConnectError"),
    Fault("HTTP 0.9", lambda a: [body_of(a.n), HANG_UP], "ConnectError"),
    Fault("status of two digits", lambda a: right(a.n).replace(b" 200 ", b" 20 ", 1), "ConnectError"),
    Fault("status of four digits", lambda a: right(a.n).replace(b" 200 ", b" 2000 ", 1), "ConnectError"),
    Fault("status no number", lambda a: right(a.n).replace(b" 200 ", b" OK ", 1), "ConnectError"),
    Fault("no reason", lambda a: right(a.n).replace(b" 200 Reason", b" 200 ", 1)),
    Fault("lines end with LF", lambda a: right(a.n).replace(b"\r\n", b"\n"), "right|ConnectError"),
    Fault("empty line before the head", lambda a: b"\r\n" + right(a.n), "right|ConnectError"),
    Fault(
        "CR in a field",
        lambda a: _plain(a, "X-A: 1\rX-Smuggled: 2"),
        "right|ConnectError",
        shows={"X-Smuggled": None},
    ),
    Fault("NUL in a field", lambda a: _plain(a, "X-A: 1\0002"), "right|ConnectError", shows={"X-A": "1 2"}),
    Fault("folded field", lambda a: _plain(a, "X-A: 1\r\n 2"), "right", shows={"X-A": "1 2"}),
    Fault(
        "folded first line",
        lambda a: _plain(a).replace(b"Content-Type", b" X-A: 1\r\nContent-Type", 1),
        "right|ConnectError",
        shows={"X-A": None},
    ),
    Fault("folded length", lambda a: _plain(a, length=f"\r\n {len(body_of(a.n))}"), "right|ConnectError"),
    Fault(
        "space before a colon",
        lambda a: _plain(a).replace(b"Content-Length:", b"Content-Length :"),
        "right|ConnectError",
    ),
    Fault("line without a colon", lambda a: _plain(a, "nonsense"), "ConnectError"),
    Fault("field without a name", lambda a: _plain(a, ": 1"), "ConnectError"),
    Fault("field of bytes beyond ASCII", lambda a: _plain(a, "X-A: \xe9"), shows={"X-A": "\xe9"}),
    Fault("field twice", lambda a: _plain(a, "X-A: 1", "X-A: 2"), shows={"X-A": "1, 2"}),
    Fault("two types", lambda a: _plain(a, "Content-Type: text/html"), "right|ResponseInvalid|ConnectError"),
    Fault("1,000 fields", lambda a: _plain(a, *["X-A: 1"] * 1000), "right|ConnectError", once=True),
    Fault(
        "endless fields", _endless(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 2000), "ConnectError", once=True
    ),
    Fault("endless field", _endless(b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 60_000), "ConnectError", once=True),
    Fault("endless status line", _endless(b"HTTP/1.1 200 ", b"x" * 60_000), "ConnectError", once=True),
    Fault("endless nonsense", _endless(b"", b"x" * 60_000), "ConnectError"),
    # -- 1xx and statuses without a body (RFC 9110, sections 15.2 and 6.4.1)
    Fault("early hints", lambda a: HINTS + right(a.n)),
    Fault("early hints, alone at first", lambda a: [HINTS, b"HTTP/1.1 102 Processing\r\n\r\n", right(a.n)]),
    Fault("100 unasked", lambda a: b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + right(a.n)),
    Fault("endless hints", _endless(b"", HINTS * 100), "ConnectError"),
    Fault(
        "another protocol",
        _said(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\0\1"),
        "ConnectError",
    ),
    Fault("204 with a body", lambda a: reply(204)[:-2] + b'Content-Length: 9\r\n\r\n{"n": -1}', "204"),
    Fault(
        "204 with chunks",
        _said(_head("Transfer-Encoding: chunked", status="HTTP/1.1 204 None") + b"0\r\n\r\n"),
        "204",
    ),
    Fault("304 with a length", _said(b"HTTP/1.1 304 None\r\nContent-Length: 9\r\n\r\n"), "304"),
    Fault("no body", lambda a: reply(200, b"", JSON), "empty|ResponseInvalid"),
    # -- connections that are kept (RFC 9112, sections 6.3 and 9.3)
    Fault("keeps and closes", lambda a: [right(a.n, ("Connection", "keep-alive")), HANG_UP]),
    Fault("keeps and closes later", _later(HANG_UP)),
    Fault("keeps and resets later", _later(RESET)),
    Fault("closes and does not", lambda a: right(a.n, ("Connection", "close"))),
    Fault("HTTP 1.0 stays open", lambda a: right(a.n).replace(b"HTTP/1.1", b"HTTP/1.0", 1)),
    Fault("answers twice", lambda a: right(a.n) + STOLEN),
    Fault("answers twice, later", _later(STOLEN)),
    Fault("answers twice, much", lambda a: right(a.n) + reply(200, b" " * 40_000, JSON) + STOLEN),
    Fault("408 while nothing is asked", _later(reply(408, b"{}", JSON), HANG_UP)),
    Fault("more than its length", lambda a: right(a.n) + b"\r\nmore"),
    Fault("more than its chunks", lambda a: CHUNKED + _chunk(body_of(a.n)) + b"0\r\n\r\n" + STOLEN),
    # -- time and size
    Fault("silence", _said(SILENCE), "DeadlineExceeded", SHORT),
    Fault("silence within the head", _said(b"HTTP/1.1 200 OK\r\nX", SILENCE), "DeadlineExceeded", SHORT),
    Fault("silence behind the head", _said(_head("Content-Length: 9"), SILENCE), "DeadlineExceeded", SHORT),
    Fault(
        "silence within the body",
        _said(_head("Content-Length: 9") + b"{", SILENCE),
        "DeadlineExceeded",
        SHORT,
    ),
    Fault("silence within a chunk", _said(CHUNKED + b"9\r\n{", SILENCE), "DeadlineExceeded", SHORT),
    Fault(
        "silence within the trailers",
        lambda a: [CHUNKED + _chunk(body_of(a.n)) + b"0\r\n", SILENCE],
        "DeadlineExceeded",
        SHORT,
    ),
    Fault("silence, no length", lambda a: [_head() + body_of(a.n), SILENCE], "DeadlineExceeded", SHORT),
    Fault("dripping head", _endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.05), "DeadlineExceeded", SHORT),
    Fault("dripping body", _endless(_head("Content-Length: 999999"), b" ", 0.05), "DeadlineExceeded", SHORT),
    Fault("dripping chunks", _endless(CHUNKED, b"1\r\n \r\n", 0.05), "DeadlineExceeded", SHORT),
    Fault("dripping trailers", _endless(CHUNKED + b"0\r\n", b"X: 1\r\n", 0.05), "DeadlineExceeded", SHORT),
    Fault("dripping hints", _endless(b"", HINTS, 0.05), "DeadlineExceeded", SHORT),
    Fault(
        "dripping gzip",
        _endless(_head("Content-Encoding: gzip") + b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"\0\0\0\xff\xff", 0.05),
        "DeadlineExceeded",
        SHORT,
    ),
    Fault("endless body", _endless(_head(), b" " * 60_000), "BodyTooLarge"),
    Fault("endless chunks", _endless(CHUNKED, _chunk(b" " * 60_000)), "BodyTooLarge"),
    Fault("body larger than the client takes", _bytes(b'"%b"' % (b"x" * MOST)), "BodyTooLarge"),
    # -- codings (RFC 9110, section 8.4)
    Fault("gzip", _coded("gzip", gzip.compress)),
    Fault(
        "gzip of two members", _coded("gzip", lambda body: gzip.compress(body[:3]) + gzip.compress(body[3:]))
    ),
    Fault(
        "gzip and padding", _coded("gzip", lambda body: gzip.compress(body) + bytes(9)), "right|DecodeError"
    ),
    Fault("gzip that is cut", _coded("gzip", lambda body: gzip.compress(body)[:-9]), "DecodeError"),
    Fault(
        "gzip with a wrong sum",
        _coded("gzip", lambda body: gzip.compress(body)[:-8] + bytes(8)),
        "DecodeError",
    ),
    Fault("no gzip", _coded("gzip", bytes), "DecodeError"),
    Fault("deflate", _coded("deflate", zlib.compress)),
    Fault("deflate without its head", _coded("deflate", _raw_deflate), "right|DecodeError"),
    Fault("deflate that is cut", _coded("deflate", lambda body: zlib.compress(body)[:-5]), "DecodeError"),
    Fault("gzip in gzip", _coded("gzip, gzip", lambda body: gzip.compress(gzip.compress(body)))),
    Fault("gzip in 20", _coded(", ".join(["gzip"] * 20), lambda body: _nested(body, 20)), "DecodeError"),
    Fault("gzip bomb", _exploding("gzip"), "BodyTooLarge"),
    Fault("deflate bomb", _exploding("deflate"), "BodyTooLarge"),
    Fault("gzip bomb in gzip", _exploding("gzip, gzip"), "BodyTooLarge"),
    Fault("br unasked", _coded("br", lambda body: b"\x0b\x03\x80" + body + b"\x03"), "right|DecodeError"),
    Fault("another coding", _coded("rot13", bytes), "right|DecodeError"),
    # -- types and charsets (RFC 9110, section 8.3; RFC 8259, section 8.1)
    Fault("no type", lambda a: reply(200, body_of(a.n)), "right|ResponseInvalid"),
    Fault("type of HTML", _bytes(b"<h1>It works!</h1>", ("Content-Type", "text/html")), "ResponseInvalid"),
    Fault("type of text", _typed("text/plain"), "ResponseInvalid"),
    Fault("type of nothing", _typed(";;=,"), "right|ResponseInvalid"),
    Fault("charset nobody knows", _typed("application/json; charset=klingon"), "right|ResponseInvalid"),
    Fault("charset of UTF-16", _typed("application/json; charset=utf-16", "utf-16"), "right|ResponseInvalid"),
    Fault("charset that is not so", _typed("application/json; charset=utf-16"), "right|ResponseInvalid"),
    Fault("invalid UTF-8", _bytes(b'{"n": 1, "s": "\xff\xfe"}'), "ResponseInvalid"),
    Fault(
        "byte order mark", lambda a: reply(200, b"\xef\xbb\xbf" + body_of(a.n), JSON), "right|ResponseInvalid"
    ),
    # -- JSON (RFC 8259)
    Fault("JSON that is cut", _text('{"n": N'), "ResponseInvalid"),
    Fault("JSON and more", _text('{"n": N}}'), "ResponseInvalid"),
    Fault("JSON twice", _text('{"n": N}{"n": N}'), "ResponseInvalid"),
    Fault("JSON of another form", _text('{"m": N}'), "ResponseInvalid"),
    Fault("JSON with a comment", _text('{"n": N} // so it is'), "ResponseInvalid"),
    Fault("deep JSON", _bytes(b"[" * 200_000), "ResponseInvalid"),
    Fault("deep JSON, closed", _bytes(b'{"n":' * 90_000 + b"1" + b"}" * 90_000), "ResponseInvalid"),
    Fault("not a number", _bytes(b'{"n": NaN}'), "ResponseInvalid"),
    Fault("infinity", _bytes(b'{"n": -Infinity}'), "ResponseInvalid"),
    Fault("a number beyond floats", _bytes(b'{"n": 1e999999999}'), "ResponseInvalid"),
    Fault("an integer of 5,000 digits", _bytes(b'{"n": %b}' % (b"9" * 5000)), "ResponseInvalid|another"),
    Fault("a name twice", _text('{"n": -1, "n": N}'), "right|ResponseInvalid"),
    Fault("half a surrogate", _text(r'{"n": N, "s": "\ud800"}'), "right|ResponseInvalid"),
    Fault("NUL in JSON", _text('{"n": N, "s": "\0"}'), "ResponseInvalid"),
    # -- redirects (RFC 9110, section 15.4): of GET, and to the same origin
    *(
        Fault(f"redirect {status}", _to("/right/N", status), _followed(status), hops=_GET_TWICE)
        for status in (301, 302, 303, 307, 308)
    ),
    Fault("redirect 300", _to("/right/N", 300), "300"),
    Fault("redirect chain", lambda a: _to("/redirect%20302/N")(a), _followed(302), hops={"GET": 3}),
    Fault("redirect loop", _to("/redirect%20loop/N"), "302", hops={"GET": 11}),
    Fault("redirect to another port", _to("OTHER/right/N"), "302"),
    Fault("redirect to another host", _to("http://localhost:PORT/right/N"), "302"),
    Fault("redirect to another scheme", _to("https://127.0.0.1:PORT/right/N"), "302"),
    Fault("redirect to another host, no scheme", _to("//localhost:PORT/right/N"), "302"),
    Fault("redirect here and away", _to("/redirect%20to%20another%20port/N"), "302", hops=_GET_TWICE),
    Fault("redirect to a user here", _to("http://me:secret@127.0.0.1:PORT/right/N"), "302"),
    Fault("redirect to a file", _to("file:///etc/hosts"), "302"),
    Fault("redirect to a script", _to("javascript:alert(1)"), "302"),
    Fault("redirect to no URL", _to("http://[::1:PORT/"), "302"),
    Fault("redirect to a port beyond", _to("http://127.0.0.1:99999999/"), "302"),
    Fault("redirect to nowhere", lambda a: reply(302), "302"),
    Fault(
        "redirect with an endless body",
        _endless(_head("Location: /right/1", status="HTTP/1.1 302 X"), b" " * 60_000),
        "BodyTooLarge",
    ),
    # -- Retry-After (RFC 9110, section 10.2.3)
    *(
        fault
        for status in (429, 503)
        for fault in (
            Fault(f"{status}", _busy(status), f"{status}"),
            Fault(f"{status}, now", _busy(status, "0"), f"{status}"),
            Fault(f"{status}, a past date", lambda a, s=status: _busy(s, _date(hours=1))(a), f"{status}"),
            Fault(
                f"{status}, a date in an hour",
                lambda a, s=status: _busy(s, _date(hours=-1))(a),
                f"{status}",
                once=True,
            ),
            Fault(f"{status}, in a day", _busy(status, "86400"), f"{status}", once=True),
            Fault(f"{status}, never", _busy(status, "9" * 400), f"{status}", once=True),
            Fault(f"{status}, below 0", _busy(status, "-5"), f"{status}"),
            Fault(f"{status}, a part of a second", _busy(status, "0.01"), f"{status}"),
            Fault(f"{status}, nonsense", _busy(status, "soon"), f"{status}"),
            Fault(
                f"{status}, a date of nowhere", _busy(status, "Mon, 99 Foo 99999 99:99:99 GMT"), f"{status}"
            ),
            Fault(f"{status}, twice", _busy(status, "0", "0"), f"{status}"),
        )
    ),
    Fault("503 and closed", lambda a: [reply(503, b"{}", [*JSON, ("Connection", "close")]), HANG_UP], "503"),
    Fault("413 and closed", lambda a: [reply(413, b"{}", [*JSON, ("Connection", "close")]), HANG_UP], "413"),
]


def _chunked_with(a: Asked, extension: bytes) -> bytes:
    body = body_of(a.n)
    return b"%x%b\r\n%b\r\n" % (len(body), extension, body)


def _chunked_as(a: Asked, size: bytes) -> bytes:
    """The right body in a chunk that says that it is so long."""
    return size + b"\r\n" + body_of(a.n) + b"\r\n0\r\n\r\n"


def _nested(body: bytes, times: int) -> bytes:
    for _ in range(times):
        body = gzip.compress(body)
    return body


FAULTS = {fault.name: fault for fault in _ROWS}
