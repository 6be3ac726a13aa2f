"""The body of a request on its way out: how long it is, and whether it can go out once more."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Any

from dynaclient.errors import RequestInvalid, Violation
from dynaclient.wire.percent import StyleError
from dynaclient.wire.upload import Piece, Upload

Body = bytes | Upload | Iterable[bytes] | None
"""What can be sent. An iterable is asked piece by piece, and travels chunked (RFC 9112, section 7.1)."""


def outgoing(body: Any) -> Any:
    """`body` as it can be sent: a file or a path as an Upload. Raises RequestInvalid where it is no body."""
    if body is None or isinstance(body, (bytes, Upload)):
        return body
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    if isinstance(body, PathLike) or hasattr(body, "read"):
        try:
            return Upload([Piece(body)])
        except StyleError as error:
            raise _refused(str(error)) from None
    if isinstance(body, (str, dict)) or not hasattr(body, "__iter__"):
        raise _refused(
            f"a {type(body).__name__} is no body; give bytes, a path, a file or an iterable of bytes"
        )
    return body


def length(body: Any) -> int | None:
    """Bytes of an outgoing body; None where only sending it will tell."""
    if isinstance(body, (bytes, str)):
        return len(body)
    return body.size if isinstance(body, Upload) else 0 if body is None else None


def back_at_start(body: Any) -> bool:
    """Whether a body that may have been sent in part can be sent from its start; it is taken there."""
    if isinstance(body, Upload):
        if not body.rewindable and body.tell():
            return False
        body.rewind()
        return True
    return body is None or isinstance(body, (bytes, str, list, tuple))


def _refused(message: str) -> RequestInvalid:
    return RequestInvalid("the request cannot be sent", [Violation("body", "body", "", message)])
