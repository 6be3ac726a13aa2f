"""What was sent once and what came back, and a file of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.shaped import Misshapen
from dynaclient.wire.request import Request

__all__ = ["MAX_ARCHIVE", "Archive", "RecordedExchange", "RecordedResponse", "bounded"]

MAX_ARCHIVE = 200 * 1024 * 1024
"""Bytes of a file of exchanges, and of their bodies together, 200 MiB."""


@dataclass(frozen=True)
class RecordedResponse:
    """A response: `content` is its body, decoded from its Content-Encoding.

    `missing`: why the body is not there, or not all of it; empty where it is whole.
    """

    status: int
    reason: str
    headers: Headers
    content: bytes = field(default=b"", repr=False)
    missing: str = ""


@dataclass(frozen=True)
class RecordedExchange:
    """One request, and its response; None where none came, and `error` says why.

    `missing`: why the body of the request is not there. `began` in seconds since 1970; `said`: what HAR has
    no member for, `_dynaclient` of its entry; `pointer`: where it stands in its file.
    """

    request: Request
    response: RecordedResponse | None
    began: float = 0.0
    seconds: float = 0.0
    error: str = ""
    missing: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    pointer: str = ""

    @property
    def operation(self) -> str:
        """The operation that it was a call of, as it was called then; empty where nobody wrote it down."""
        found = self.said.get("operation")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True)
class Archive:
    """A file of exchanges, in the order in which they began. `said`: `_dynaclient` of the file."""

    exchanges: tuple[RecordedExchange, ...]
    said: Mapping[str, Any] = field(default_factory=dict)
    name: str = "the recording"

    @property
    def server(self) -> str:
        """The server that it was recorded from; empty where nobody wrote it down."""
        found = self.said.get("server")
        return found if isinstance(found, str) else ""


def bounded(exchanges: Iterable[RecordedExchange]) -> Iterator[RecordedExchange]:
    """`exchanges` as they are read. Raises Misshapen where their bodies become too large: a few lines of YAML
    stand for many of them, and a few bytes for a large one.
    """
    size = 0
    for each in exchanges:
        body = each.request.body
        size += len(body) if isinstance(body, bytes) else 0
        size += len(each.response.content) if each.response is not None else 0
        if size > MAX_ARCHIVE:
            raise Misshapen(
                each.pointer,
                f"the bodies up to here are larger than {MAX_ARCHIVE} bytes, the most that is read",
            )
        yield each
