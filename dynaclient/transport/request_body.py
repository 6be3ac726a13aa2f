"""The body of a request: what can be sent, how long it is, and whether it can be sent again."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

from dynaclient._support.messages import kind_of
from dynaclient.errors import RequestInvalid, TransportError, Violation
from dynaclient.wire.files import Piece, Upload
from dynaclient.wire.percent import StyleError


def outgoing(body: Any) -> bytes | Upload | None:
    """`body` as it can be sent: bytes, a file or a path. A file that cannot say its size travels chunked.

    Raises RequestInvalid for anything else, and for a file that cannot be read.
    """
    if body is None or isinstance(body, (bytes, Upload)):
        return body
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    if isinstance(body, PathLike) or hasattr(body, "read"):
        try:
            return Upload([Piece(body)])
        except StyleError as error:
            raise _refused(str(error)) from None
    raise _refused(f"{kind_of(body)} is not a body; give bytes, a path or a file")


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


def begin(body: Any, left: Callable[[], float]) -> None:
    """Take a body to its start: who signs a request may have read it. Raises TransportError where not.

    `left` gives the seconds that sending it may take from now on.
    """
    if isinstance(body, Upload):
        body.left = left
    if not back_at_start(body):
        raise TransportError(
            "the body was read before and cannot be read again; create it again, or give bytes, a path or a "
            "file that can go back"
        )


def _refused(message: str) -> RequestInvalid:
    return RequestInvalid("the request cannot be sent", [Violation("body", "body", "", message)])
