"""What came back: status, headers without regard to case, and the body decoded from its Content-Encoding.

Of its head (RFC 9112, sections 2 to 6) libraries are lenient, each in its own way: a CR within a field begins
another field, a line without a colon ends the head, a length that is no number is none, of two the first
holds, a transfer coding that is not known is part of the body. Then the next request on the connection could
get what was never a response to it. So a library is given what `checked_head` returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import BadStatusLine, HTTPException, UnknownTransferEncoding
from typing import TYPE_CHECKING

from dynaclient.wire.headers import Headers

if TYPE_CHECKING:
    import requests

    from dynaclient.errors import Attempt
    from dynaclient.transport.async_body import AsyncBodyStream
    from dynaclient.transport.body import BodyStream
    from dynaclient.transport.policy import ResponseHead
    from dynaclient.wire.request import Request


@dataclass(frozen=True)
class Reply:
    """One whole answer. `elapsed` is the seconds the call took, retries and redirects included.

    `url` is the one that answered, after redirects. It may hold a key in its query, as the headers and
    the body may, so none of them is part of the repr.
    """

    status: int
    reason: str
    headers: Headers = field(repr=False)
    content: bytes = field(repr=False)
    url: str = field(repr=False)
    elapsed: float
    attempts: tuple[Attempt, ...] = field(default=(), repr=False, compare=False)
    """Each time that something was sent; empty where that was once."""


@dataclass(frozen=True)
class StreamingReply:
    """As a Reply, but the body is still on its way: `source` gives it, or is awaited
    for it. `elapsed`: until the head had come."""

    status: int
    reason: str
    headers: Headers = field(repr=False)
    source: BodyStream | AsyncBodyStream = field(repr=False)
    url: str = field(repr=False)
    elapsed: float
    attempts: tuple[Attempt, ...] = field(default=(), repr=False, compare=False)


ChallengeHandler = Callable[["ResponseHead"], "Request | None"]
"""What to send once more after a 401: the request with an answer to its challenge, if there is one."""


def head(response: requests.Response) -> tuple[int, str, Headers]:
    """Status, reason and header fields of a response as requests has it."""
    return response.status_code, _text(response.reason), _headers(response)


def _headers(response: requests.Response) -> Headers:
    """The fields as hooks left them, with the repeats that requests joins into one."""
    from urllib3.response import HTTPResponse  # late: 77 ms

    raw = response.raw
    if type(raw) is not HTTPResponse or response.headers is raw.headers:
        return Headers(response.headers.items())
    several: Callable[[str], list[str]] = raw.headers.getlist
    joined = raw.headers.get
    return Headers(
        (name, value)
        for name, whole in response.headers.items()
        for value in (several(name) if joined(name) == whole else [whole])
    )


def _text(reason: str | bytes | None) -> str:
    return str(reason or b"", "latin-1") if isinstance(reason, bytes) else reason or ""


MOST_LINES = 102
"""Of a head: a status line, 100 fields as http.client takes them, and the empty line."""
LONGEST_LINE = 65_536
"""Bytes of a line, as http.client takes it."""
MOST_INTERIM = 100
"""Interim responses before the one that counts (RFC 9110 section 15.2)."""

_STATUS = re.compile(rb"HTTP/[\d.]+[ \t]+([1-9]\d\d)[ \t\r\n]")
_HEAD = re.compile(rb"[^\r\n\0]*\r?\n(?:[!-9;-~]+:[^\r\n\0]*\r?\n)*\r?\n")
"""A status line, and fields that have a name, with nothing in them that could end them elsewhere."""
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FRAMING = re.compile(rb"\n(?:(content-length)|transfer-encoding):[ \t]*([^\r\n]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"(\d{1,18})[ \t]*(?:,[ \t]*\1[ \t]*)*")


def checked_head(head: bytes) -> tuple[bytes, bool, int | None]:
    """A whole head, its folded lines made one; whether another one follows; and the bytes of the body: None
    where chunks or the end of the connection say it. That HEAD has no body is the caller's to know.

    Raises HTTPException for what is no head of a response, or says several things of its body.
    """
    if _FOLD.search(head):
        head = _FOLD.sub(b" ", head)
    if (found := _STATUS.match(head)) is None:
        raise BadStatusLine(head[:100].decode("latin-1"))
    if head.count(b"\n") > MOST_LINES:
        raise HTTPException(f"got more than {MOST_LINES - 2} headers")
    if not _HEAD.fullmatch(head):
        raise HTTPException("a line of the head is no field")
    status = found[1]
    if status == b"101":
        raise HTTPException("another protocol, which was not asked for")
    length = 0 if status in (b"204", b"304") else None
    if framing := _FRAMING.findall(head):
        said = _body_length(framing)
        length = said if length is None else length
    return head, status.startswith(b"1"), length


def _body_length(framing: list[tuple[bytes, bytes]]) -> int | None:
    """RFC 9112 section 6.3, of fields: whether it is a length, and the value."""
    lengths: list[bytes] = []
    codings: list[bytes] = []
    for is_length, value in framing:
        (lengths if is_length else codings).append(value)
    coding = b", ".join(codings).lower()
    if coding not in (b"", b"chunked", b"identity"):
        raise UnknownTransferEncoding(coding.decode("latin-1"))
    if not lengths:
        return None
    found = _LENGTH.fullmatch(b",".join(lengths))
    if found is None or coding == b"chunked":
        raise HTTPException("the length of the body is no number, or said several times")
    return int(found[1])


def may_begin(data: bytes) -> bool:
    """Whether this may be the start of a head, or all of it."""
    whole = b"\n" in data or len(data) > LONGEST_LINE
    return _STATUS.match(data) is not None or not whole
