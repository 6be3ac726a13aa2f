"""Lines of text in any charset, from pieces of bytes."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from dynaclient.wire.sequences import Pieces, lines


def text_lines(pieces: Pieces, charset: str, limit: int) -> Iterator[str]:
    """The lines, without what ends them: LF, CR or CRLF. What is no text in `charset` becomes U+FFFD.

    Raises BodyTooLarge for a line of more than `limit` bytes.
    """
    for line in lines(_ascii_compatible(pieces, charset), limit):
        yield _decoded(line, charset)


def _ascii_compatible(pieces: Pieces, charset: str) -> Iterator[bytes]:
    """Text in which CR and LF are the bytes that they are in ASCII: UTF-8 in place of UTF-16 and UTF-32."""
    if not _is_wide(charset):
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(charset)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
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
