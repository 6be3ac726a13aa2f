"""Bodies that are a sequence of items, split while they come. No I/O.

OpenAPI 3.2, "Sequential Media Types": NDJSON under its names, and JSON text sequences (RFC 7464). What goes
in is bytes, cut anywhere; what comes out does not depend on the cuts, and an item is given as soon as it is
whole. `limit` is how many bytes one item may have: no more is ever held. All raise BodyTooLarge beyond it.

None among the pieces says that no more is there for now; it is passed on, so that who awaits pieces can wait
for the next one outside of here: see `driven`.
"""

from __future__ import annotations

import codecs
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any, TypeVar

from dynaclient.errors import BodyTooLarge
from dynaclient.wire.json_values import Undecodable, decode_json

T = TypeVar("T")


async def driven(
    stage: Callable[[Pieces], Iterator[T | None]], pieces: AsyncGenerator[bytes, None]
) -> AsyncGenerator[T, None]:
    """What `stage` makes of pieces that are awaited. They are closed at the end, whatever ends it."""
    feed = _Feed()
    async with aclosing(pieces):
        for item in stage(feed):
            if item is not None:
                yield item
            else:
                feed.put(await anext(pieces, None))


class _Feed:
    """The pieces for a stage, put in one by one: None where there is none for now. None put in ends them."""

    def __init__(self) -> None:
        self._pieces: list[bytes | None] = []

    def put(self, piece: bytes | None) -> None:
        self._pieces.append(piece)

    def __iter__(self) -> Iterator[bytes | None]:
        while True:
            if not self._pieces:
                yield None
            elif (piece := self._pieces.pop()) is None:
                return
            else:
                yield piece


def present(items: Iterable[T | None]) -> Iterator[T]:
    """What a stage makes of pieces that are there as soon as they are asked for."""
    return (item for item in items if item is not None)


def text_lines(pieces: Pieces, charset: str, limit: int) -> Iterator[str | None]:
    """The lines, without what ends them: LF, CR or CRLF. What is no text in `charset` becomes U+FFFD.

    Raises BodyTooLarge for a line of more than `limit` bytes.
    """
    for line in iter_lines(_ascii_compatible(pieces, charset), limit):
        yield None if line is None else _decoded(line, charset)


def _ascii_compatible(pieces: Pieces, charset: str) -> Iterator[bytes | None]:
    """Text in which CR and LF are the bytes that they are in ASCII: UTF-8 in place of UTF-16 and UTF-32."""
    if not _is_wide(charset):
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(charset)("replace")
    for piece in pieces:
        if piece is None:
            yield None
            continue
        try:
            text = decoder.decode(piece)
        except UnicodeError:  # no byte order mark: in the order in which whole bodies are read then
            held, _ = decoder.getstate()
            decoder = codecs.getincrementaldecoder(f"{codecs.lookup(charset).name}-le")("replace")
            text = decoder.decode(held + piece)
        yield text.encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _is_wide(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name.startswith(("utf-16", "utf-32"))
    except LookupError:
        return False


def _decoded(line: bytes, charset: str) -> str:
    try:
        return line.decode("utf-8" if _is_wide(charset) else charset, "replace")
    except (LookupError, ValueError):  # a charset that nobody knows, or that is none of text
        return line.decode("utf-8", "replace")


Pieces = Iterable[bytes | None]

RECORD = b"\x1e"
"""The record separator, with which each item of a JSON text sequence begins."""

_BLANK = b" \t\r\n"


def split_at(pieces: Pieces, end: bytes, limit: int) -> Iterator[bytes | None]:
    """What stands before each `end`, one byte, and what stands behind the last if that is anything."""
    held = Held(limit)
    for piece in pieces:
        if piece is None:
            yield None
            continue
        for index, part in enumerate(piece.split(end)):
            if index:
                yield held.take()
            held.add(part)
    if rest := held.take():
        yield rest


def iter_lines(pieces: Pieces, limit: int) -> Iterator[bytes | None]:
    """Lines that end with LF, CR or CRLF, without these."""
    return split_at(_with_lf(pieces), b"\n", limit)


def _with_lf(pieces: Pieces) -> Iterator[bytes | None]:
    """LF for every CR and CRLF. A CR at the end of a piece counts at once: its LF is left out if it comes."""
    after_cr = False
    for piece in pieces:
        if not piece:
            yield piece
            continue
        rest = piece[1:] if after_cr and piece.startswith(b"\n") else piece
        after_cr = piece.endswith(b"\r")
        yield rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def json_lines(pieces: Pieces, limit: int) -> Iterator[bytes | None]:
    """The JSON texts of NDJSON, one a line; lines without any are passed over."""
    return (line for line in split_at(pieces, b"\n", limit) if line is None or line.strip(_BLANK))


def json_seq(pieces: Pieces, limit: int) -> Iterator[bytes | None]:
    """The records of a JSON text sequence, each with the line feed that says that it is whole.

    A record of one line is given when its line ends, any other when the next record begins.
    """
    return (record for record in _records(pieces, limit) if record is None or record.strip(_BLANK))


def _records(pieces: Pieces, limit: int) -> Iterator[bytes | None]:
    held, first_line = Held(limit), True
    for piece in pieces:
        if piece is None:
            yield None
            continue
        for index, part in enumerate(piece.split(RECORD)):
            if index:
                yield held.take()
                first_line = True
            line, line_feed, rest = part.partition(b"\n")
            held.add(line + line_feed)
            if first_line and line_feed:
                first_line = False
                record = held.take()
                if _is_json(record):
                    yield record
                else:
                    held.add(record)
            held.add(rest)
    yield held.take()


def decode_record(record: bytes) -> Any:
    """The value of a record. Raises Undecodable, also for one that may have been cut (RFC 7464, 2.4)."""
    text = record.strip(_BLANK)
    if text[:1] not in (b"{", b"[", b'"') and record[-1:] not in (b" ", b"\t", b"\r", b"\n"):
        raise Undecodable("not followed by white space, so it may be truncated")
    return decode_json(text)


def _is_json(text: bytes) -> bool:
    try:
        decode_json(text)
    except Undecodable:
        return False
    return True


Splitter = Callable[[Pieces, int], Iterator[bytes | None]]
Decode = Callable[[bytes], Any]

_JSON_LINES: tuple[Splitter, Decode] = (json_lines, decode_json)
_JSON_SEQ: tuple[Splitter, Decode] = (json_seq, decode_record)

SEQUENCES: dict[str, tuple[Splitter, Decode]] = {
    "application/x-ndjson": _JSON_LINES,
    "application/ndjson": _JSON_LINES,
    "application/jsonl": _JSON_LINES,
    "application/x-jsonl": _JSON_LINES,
    "application/jsonlines": _JSON_LINES,
    "application/x-jsonlines": _JSON_LINES,
    "application/json-lines": _JSON_LINES,
    "application/json-seq": _JSON_SEQ,
}
"""Media types that are sequences of JSON texts: how they are split, and how each is read."""


def sequence(kind: str) -> tuple[Splitter, Decode] | None:
    """The row of SEQUENCES for a media type without parameters; `+json-seq` counts as well (RFC 8091)."""
    return _JSON_SEQ if kind.endswith("+json-seq") else SEQUENCES.get(kind)


class Held:
    """The parts of an item that is not whole yet, up to `limit` bytes."""

    __slots__ = ("_limit", "_parts", "_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """Raises BodyTooLarge."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._limit:
            raise BodyTooLarge(
                f"one item of the stream is larger than {self._limit} bytes, the most that this client "
                "holds; use iter_bytes(), or save() to a file"
            )

    def take(self) -> bytes:
        """The item so far; nothing is held after it."""
        item = b"".join(self._parts)
        self._parts, self._size = [], 0
        return item
