"""The head of a response (RFC 9112, sections 2 to 6), before a library reads it.

Libraries are lenient, each in its own way: a CR within a field begins another field, a line without a colon
ends the head, a length that is no number is none, of two the first holds, a transfer coding that is not known
is part of the body. Then the next request on the connection could get what was never a response to it. So a
library is given what `checked_head` returns.
"""

from __future__ import annotations

import re
from http.client import BadStatusLine, HTTPException, UnknownTransferEncoding

from dynaclient.transport.reply import LONGEST_LINE, MOST_LINES

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
