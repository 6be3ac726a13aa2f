"""A body that is written, or the file that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynaclient._support.interrupts import let_through
from dynaclient.wire.percent import StyleError

if TYPE_CHECKING:
    from dynaclient.wire.files import Upload


class Encoded:
    """A body ready to be sent: `content`, or `upload` where it is read while it is sent."""

    def __init__(self, content: bytes, content_type: str, upload: Upload | None = None) -> None:
        self.content = content
        self.content_type = content_type
        self.upload = upload


def text_of(file: Any) -> str | None:
    """All of a file that was opened for text; None for any other. Raises StyleError.

    The file is taken back to where it was, if it can: it is read again where another type is tried.
    """
    if not hasattr(file, "read"):
        return None
    try:
        at = file.tell() if getattr(file, "seekable", bool)() else None
        text = file.read() if isinstance(file.read(0), str) else None
        if text and at is not None:
            file.seek(at)
    except Exception as error:
        let_through(error)
        raise StyleError(f"the file cannot be read: {str(error) or type(error).__name__}") from None
    return text if isinstance(text, str) else None
