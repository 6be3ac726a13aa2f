"""Server-sent events: bytes -> events (WHATWG HTML, section 9.2, "Server-sent events"). No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynaclient.errors import ResponseInvalid, Violation
from dynaclient.wire.json_values import Undecodable, decimals, decode_json
from dynaclient.wire.sequences import Held, Pieces, iter_lines

__all__ = ["Event"]

_BOM = b"\xef\xbb\xbf"
_MAX_DIGITS = 15
"""Of `retry`: more milliseconds than these can say nobody waits, and Python reads no endless numbers."""


@dataclass(frozen=True)
class Event:
    """One server-sent event, as a browser would dispatch it.

    `event` is its type, `data` its text, lines joined by LF. `id` is the last event id of the stream so far,
    which this event need not have brought itself. `retry` is the reconnection time in milliseconds that the
    stream asked for since the event before; None where it did not.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None

    def json(self) -> Any:
        """The data as JSON. Raises ResponseInvalid where it is none."""
        try:
            with decimals(self.__dict__.get("_decimals", False)):
                return decode_json(self.data.encode())
        except Undecodable as error:
            violation = Violation("body", "body", "/data", str(error))
            message = f"the data of an event of type {self.event!r} is not JSON"
            raise ResponseInvalid(message, [violation], self.__dict__.get("_response"), self) from None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_response"}


Fields = dict[str, Any]
"""The fields that stood in an event: text, and `retry` as a number. Of one that stood twice, the last."""


def parse_events(pieces: Pieces, limit: int) -> Iterator[tuple[Event, Fields] | None]:
    """The events of a stream as they become whole, each with its fields. What no empty line ends is dropped.

    `limit`: bytes that a line, and the data of an event, may have. Raises BodyTooLarge.
    """
    stream = _Stream(limit)
    for line in iter_lines(_without_bom(pieces), limit):
        if line is None:
            yield None
        elif line:
            # A comment is a field without a name. One space behind the colon is not part of the value.
            name, _, value = line.partition(b":")
            if handle := _FIELDS.get(name):
                handle(stream, value.removeprefix(b" "))
        elif found := stream.dispatch():
            yield found


class _Stream:
    """What a stream has said so far: of itself, and of the event that is not whole yet."""

    def __init__(self, limit: int) -> None:
        self.last_id = ""
        self.retry: int | None = None
        self.fields: Fields = {}
        self.data = Held(limit)

    def dispatch(self) -> tuple[Event, Fields] | None:
        """The event that an empty line ends; one without data is none."""
        data, fields, self.fields = self.data.take(), self.fields, {}
        if not data:
            return None
        fields["data"] = _text(data[:-1])
        event = Event(fields.get("event") or "message", fields["data"], self.last_id, self.retry)
        self.retry = None
        return event, fields


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _data(stream: _Stream, value: bytes) -> None:
    stream.data.add(value + b"\n")


def _event(stream: _Stream, value: bytes) -> None:
    stream.fields["event"] = _text(value)


def _id(stream: _Stream, value: bytes) -> None:
    if b"\0" not in value:
        stream.fields["id"] = stream.last_id = _text(value)


def _retry(stream: _Stream, value: bytes) -> None:
    if value.isdigit() and len(value) <= _MAX_DIGITS:
        stream.fields["retry"] = stream.retry = int(value)


_FIELDS = {b"data": _data, b"event": _event, b"id": _id, b"retry": _retry}
"""What each field does; any other is passed over."""


def event_bytes(fields: Mapping[str, Any]) -> bytes:
    """An event with these fields, as it travels; each line of a text is a field of its own."""
    rows = [f"{name}: {line}" for name, value in fields.items() for line in str(value).split("\n")]
    return "".join(f"{row}\n" for row in [*rows, ""]).encode()


def _without_bom(pieces: Pieces) -> Iterator[bytes | None]:
    """The pieces less a byte-order mark at the start of the first, which may be cut itself."""
    start: bytes | None = b""
    for piece in pieces:
        if start is None or piece is None:
            yield piece
            continue
        start += piece
        if len(start) >= len(_BOM) or not _BOM.startswith(start):
            yield start.removeprefix(_BOM)
            start = None
    if start:
        yield start
