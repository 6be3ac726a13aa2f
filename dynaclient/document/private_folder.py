"""A folder of files that the user alone may write to. Nothing here raises for what it finds, or cannot do."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from dynaclient._support.interrupts import let_through

KEPT_FILES, KEPT_BYTES = 128, 512 * 1024 * 1024
"""How many files are kept, and how many bytes in all of them."""
_UNFINISHED = ".part"

VARIABLE = "DYNACLIENT_CACHE"
OFF = ("off", "no", "false", "0")
Setting = bool | str | os.PathLike[str]


LARGE = 256 * 1024
"""Bytes. To read so many takes longer than to read the parts that a call needs one by one."""


class OpenFile:
    """A file that stays open while it is in use: to delete or replace it meanwhile changes nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.known = os.fstat(descriptor)

    def __len__(self) -> int:
        return self.known.st_size

    def __getitem__(self, part: slice) -> bytes:
        """The bytes of a part; fewer where somebody cut the file off."""
        start, stop, _ = part.indices(len(self))
        with suppress(OSError):
            return os.pread(self._descriptor, max(0, stop - start), start)
        return b""

    def whole(self) -> bytes:
        """All of it, for once."""
        return os.read(self._descriptor, len(self))

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self._descriptor)


class Folder:
    """The files of the folder `path` whose names have one of `endings`, of `largest` bytes at most.

    The folder must belong to the user, and nobody else may write to it: else it is as if it were empty.
    """

    def __init__(self, path: str, endings: tuple[str, ...], largest: int) -> None:
        self.path = path
        self._endings = endings
        self._largest = largest

    def read(self, name: str) -> bytes | None:
        """A file of the folder; None where there is none, or another's."""
        opened = self.open(name)
        return opened[:] if isinstance(opened, OpenFile) else opened

    def open(self, name: str) -> bytes | OpenFile | None:
        """The same, of which only those parts are read that are asked for where it is large."""
        if not self._is_ours():
            return None
        try:
            file = OpenFile(os.open(os.path.join(self.path, name), _READ))
            if stat.S_ISREG(file.known.st_mode) and len(file) <= self._largest:
                return file if len(file) > LARGE and hasattr(os, "pread") else file.whole()
        except OSError as error:
            let_through(error)
        return None

    def _is_ours(self) -> bool:
        """Whether the folder is one, no link to one, the user's own, and closed to others."""
        try:
            found = os.lstat(self.path)
        except (OSError, ValueError):  # the latter where a path holds a NUL
            return False
        if not stat.S_ISDIR(found.st_mode):
            return False
        return os.name == "nt" or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)

    def write(self, name: str, parts: Iterable[bytes]) -> bool:
        """Put a whole file in place, or none."""
        path = os.path.join(self.path, name)
        unfinished = f"{path}.{os.getpid()}.{os.urandom(4).hex()}{_UNFINISHED}"
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            if not self._is_ours():
                os.mkdir(self.path, 0o700)
            with os.fdopen(os.open(unfinished, _CREATE, 0o600), "wb") as file:
                file.writelines(parts)
            os.replace(unfinished, path)
        except (OSError, ValueError) as error:
            _remove(unfinished)
            let_through(error)
            return False
        with suppress(OSError):  # others may be at it too
            self._prune()
        return True

    def _prune(self) -> None:
        """Keep the newest files, as many and as large as allowed."""
        with os.scandir(self.path) as entries:  # closed, though a file may be gone before it is looked at
            found = [(entry.stat(follow_symlinks=False), entry) for entry in entries]
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        count, size = 0, 0
        for known, entry in found:
            if entry.name.endswith(self._endings):
                count, size = count + 1, size + known.st_size
                if count > KEPT_FILES or size > KEPT_BYTES:
                    _remove(entry.path)
            elif entry.name.endswith(_UNFINISHED) and known.st_mtime < time.time() - 3600:
                _remove(entry.path)


def cache_folder(setting: Setting) -> str | None:
    """The folder of the cache; None where it is off, by `setting` or by the environment."""
    stated = os.environ.get(VARIABLE, "").strip()
    if setting is False or stated.lower() in OFF:
        return None
    named = stated if setting is True else os.fspath(setting)
    found = os.path.expanduser(named or _users_folder())
    return None if found.startswith("~") else found  # without a home it is a folder of wherever we are


def _users_folder() -> str:
    """The folder for caches of this kind of system."""
    system: str = sys.platform
    if system == "linux":  # as platformdirs has it there, which takes as long as the cache itself
        return os.path.join(os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache", "dynaclient")
    from platformdirs import user_cache_dir  # late: 13 ms

    return user_cache_dir("dynaclient", appauthor=False)


_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe in place of a file would make us wait
    | getattr(os, "O_BINARY", 0)
)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _remove(path: str) -> None:
    with suppress(OSError, ValueError):
        os.unlink(path)
