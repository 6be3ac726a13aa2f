"""Files by names that come from documents and from users: read whole, within a bound, not waited for."""

from __future__ import annotations

import os
import stat
from typing import Any

from dynaclient._support.interrupts import let_through
from dynaclient.document.limits import DEFAULT
from dynaclient.errors import DocumentError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # what became a pipe since it was looked at would make us wait
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def kind(path: Any) -> str:
    """What stands at `path`: `a folder`, `a pipe`, `a socket`, `a device`; empty for a file.

    Raises OSError where nothing can be found there, ValueError for a name that no file can have.
    """
    mode = os.stat(path).st_mode
    return next((name for is_one, name in _KINDS if is_one(mode)), "")


def why(error: Exception) -> str:
    """The reason of an OSError or ValueError about a file, without its name."""
    if isinstance(error, UnicodeError):
        return "no file can have this name"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def content(path: Any, most: int = DEFAULT.bytes) -> bytes:
    """The bytes of the file at `path`, not more than one beyond `most`. Raises DocumentError."""
    try:
        found = kind(path)
        if not found:
            with open(os.open(path, _READ), "rb") as file:
                size = os.fstat(file.fileno()).st_size or most  # files of the kernel have none
                return file.read(min(size, most) + 1)
    except (OSError, ValueError) as error:
        let_through(error)
        raise DocumentError(f"{_shown(path)} cannot be read: {why(error)}") from None
    raise DocumentError(f"{_shown(path)} cannot be read: it is {found}, not a file")


def _shown(path: Any) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()
