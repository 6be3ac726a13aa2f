"""Where the user's configuration and the kept copies of documents are, and how files are put there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dynaclient.document.private_folder import Folder
from dynaclient.errors import SettingsError

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes of a file that is kept."""


def config_file() -> Path:
    """The user's own settings."""
    return Path(_users_folder("XDG_CONFIG_HOME", "~/.config", "user_config_dir")) / "config.toml"


def documents_folder() -> Path:
    """The folder of the documents that were fetched."""
    return Path(_users_folder("XDG_DATA_HOME", "~/.local/share", "user_data_dir")) / "documents"


def _users_folder(variable: str, usual: str, function: str) -> str:
    """The folder for files of one kind, as platformdirs has it; on Linux without its import."""
    system: str = sys.platform
    if system == "linux":
        named = os.environ.get(variable, "").strip()
        base = named if os.path.isabs(named) else os.path.expanduser(usual)  # a relative one is to be ignored
        found = os.path.join(base, "dynaclient")
    else:
        import platformdirs  # late: 13 ms

        found = getattr(platformdirs, function)("dynaclient", appauthor=False)
    # without a home, `~` would be a folder of wherever we are, which may come from anybody
    return found if os.path.isabs(found) else os.path.join(os.devnull, "dynaclient")


def write_private(path: Path, parts: Iterable[bytes]) -> None:
    """Put a whole file in place, or none, which the user alone may read and write.

    A link is followed, so that what it leads to is written. Raises SettingsError.
    """
    real = os.path.realpath(path)
    folder = os.path.dirname(real)
    if not Folder(folder, (), LARGEST_FILE).write(os.path.basename(real), parts):
        raise SettingsError(
            f"{path} cannot be written: there must be room, and the folder {folder} must be yours alone to "
            f"write to (chmod go-w)"
        )


def write_whole(path: Path, data: bytes) -> None:
    """Put a whole file of a project in place, or none; where a link is, it goes. Raises OSError."""
    unfinished = f"{path}.{os.getpid()}.part"
    try:
        with open(unfinished, "xb") as file:
            file.write(data)
        os.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise
