"""Writing a body to a file, all of it or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import Any

from dynaclient.document.files import kind, why
from dynaclient.errors import SettingsError
from dynaclient.interrupts import let_through

_NAME = 100
"""Of the file's name, so much stands in that of the one beside it: names have an end at 255 bytes."""


def save(path: str | os.PathLike[str], pieces: Callable[[], Generator[bytes, None, None]]) -> int:
    """Write the pieces to a new file beside `path`, which then takes its place; the number of bytes.

    Nothing is read before there is a file to write to. Raises SettingsError, and what the pieces raise; then
    no file is left, and what stood at `path` is as it was.
    """
    try:
        target = os.path.abspath(os.fsdecode(path))
        if found := kind(target) if os.path.exists(target) else "":
            hint = (
                "; name a file in it" if found == "a folder" else ", which a file would replace; name a file"
            )
            raise SettingsError(f"{target} is {found}{hint}")
        folder, name = os.path.split(target)
        half = os.path.join(folder, f".{name[:_NAME]}.{os.urandom(8).hex()}.part")
        file = open(half, "xb")  # noqa: SIM115
    except (OSError, ValueError, TypeError) as error:
        let_through(error)
        raise _unwritable(path, error) from None
    try:
        with file, closing(pieces()) as source:
            size = sum(file.write(piece) for piece in source)
        os.replace(half, target)
    except BaseException as error:
        with suppress(OSError):
            os.remove(half)
        let_through(error)
        if isinstance(error, OSError) and error.errno is not None:  # without one it is not of a file
            raise _unwritable(path, error) from None
        raise
    return size


def _unwritable(path: Any, error: Exception) -> SettingsError:
    return SettingsError(f"{path!r} cannot be written: {why(error)}; name a file that can")
