"""What came back: status, headers without regard to case, and the body decoded from its Content-Encoding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
    """One whole response. `elapsed` is the seconds the call took, retries and redirects included.

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
