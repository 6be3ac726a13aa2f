"""Opened files on disk, so that the next process need not open them again.

One file of the cache is one file that was opened: a line with the format, two lengths and the CRC-32 of the
rest; the index, as JSON; the pieces of the tree, as JSON too (see `segments`). It is named after the content
that was opened, what it was opened as, and the code that did it, so it is never out of date. A second, small
file for each path tells which content was there when the file had this size, inode and times: while it has
them, the document itself is not read.

Whatever is odd in the cache is as if it were not there, and the document is opened: a missing or read-only
folder, a torn or foreign file, another version's. The checksum is for accidents. Against people there is the
folder: it must belong to the user, and nobody else may write to it.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any
from zlib import crc32

from dynaclient.document import collector
from dynaclient.document.index import Entry
from dynaclient.document.segments import is_bounded, joined, split
from dynaclient.errors import Finding
from dynaclient.records import dataclass, field, replace

VARIABLE = "DYNACLIENT_CACHE"
OFF = ("off", "no", "false", "0")
FORMAT = 1
MAX_BYTES = 256 * 1024 * 1024
"""Of one file of the cache: the text of the largest document, each character as an escape."""
MAX_NODES = 5_000_000
KEPT_FILES, KEPT_BYTES = 128, 512 * 1024 * 1024
JSON_FROM = 64 * 1024
"""Smaller files of JSON are read as quickly as the cache."""
SETTLED = 2.0
"""Seconds after which a change of a file surely shows in its times."""
_TREE, _SEEN, _NOTES, _UNFINISHED = ".tree", ".seen", ".notes", ".part"

Setting = bool | str | os.PathLike[str]


@dataclass
class Opened:
    """One file, opened: all that follows from its content alone.

    `version` is that of the Document, (0, 0) for a part file; `entries` are None where other files have a
    say in them; `shares` tells that parts of the tree may be shared.
    """

    tree: Any
    version: tuple[int, int] = (0, 0)
    upgraded: bool = False
    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] | None = None
    shares: bool = True
    notes: Notes | None = None


@dataclass(frozen=True)
class Notes:
    """Findings that were made about an opened file, kept beside it."""

    cache: Cache
    name: str

    def read(self, of: str) -> list[Finding] | None:
        """What `write` kept; None where there is nothing, or nothing sound."""
        data = self.cache.read(self._file(of))
        with suppress(ValueError, TypeError, LookupError, RecursionError):
            return [Finding(*row) for row in _texts(json.loads(data or b""), 4)]
        return None

    def write(self, of: str, findings: Iterable[Finding]) -> None:
        """Keep findings. `of` tells what else than the file they follow from."""
        self.cache.write(self._file(of), [json.dumps(_rows(findings)).encode()])

    def _file(self, of: str) -> str:
        return blake2b(f"{self.name}\n{of}".encode(), digest_size=20).hexdigest() + _NOTES


def opened(
    setting: Setting,
    kind: str,
    path: str | None,
    fetch: Callable[[], bytes],
    open_bytes: Callable[[bytes], Opened],
) -> Opened:
    """What `open_bytes` makes of the bytes that `fetch` gives, from the cache where it is there.

    `setting`: whether to use the cache, or its folder. `kind` tells what else than the bytes the result
    depends on. `path`: the file that `fetch` reads, if it is one.
    """
    base = folder(setting)
    with collector.paused():
        return open_bytes(fetch()) if base is None else _through(Cache(base), kind, path, fetch, open_bytes)


def _through(
    cache: Cache,
    kind: str,
    path: str | None,
    fetch: Callable[[], bytes],
    open_bytes: Callable[[bytes], Opened],
) -> Opened:
    content = cache.content_of(path) if path else None
    found = cache.load(kind, content) if content else None
    if found is not None:
        return found
    seen = _seen(path) if path else None
    data = fetch()
    content = blake2b(data, digest_size=32).hexdigest()
    found = cache.load(kind, content)
    if found is None:
        found = open_bytes(data)
        is_json = data[:100].lstrip()[:1] in (b"{", b"[")
        if (is_json and len(data) < JSON_FROM and not found.upgraded) or not cache.save(kind, content, found):
            return found
    if path and seen:
        cache.note(path, seen, content)
    return found


def folder(setting: Setting) -> str | None:
    """The folder of the cache; None where it is off, by `setting` or by the environment."""
    stated = os.environ.get(VARIABLE, "").strip()
    if setting is False or stated.lower() in OFF:
        return None
    named = stated if setting is True else os.fspath(setting)
    return os.path.expanduser(named or _users_folder())


def _users_folder() -> str:
    """The folder for caches of this kind of system."""
    system: str = sys.platform
    if system == "linux":  # as platformdirs has it there, which takes as long as the cache itself
        return os.path.join(os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache", "dynaclient")
    from platformdirs import user_cache_dir

    return user_cache_dir("dynaclient", appauthor=False)


class Cache:
    """The files of one folder. Nothing here raises for what it finds there, or cannot do."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.folder = os.path.join(base, "documents")

    def load(self, kind: str, content: str) -> Opened | None:
        """What `save` kept; None where there is nothing, or nothing sound."""
        name = _name(kind, content)
        data = self.read(name)
        if data is None:
            return None
        try:
            return replace(_loaded(data, name), notes=Notes(self, name))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return None

    def save(self, kind: str, content: str, found: Opened) -> bool:
        """Keep `found`; whether it is kept now."""
        try:
            return self._save(kind, content, found)
        except RecursionError:  # who calls is deep down already
            return False

    def _save(self, kind: str, content: str, found: Opened) -> bool:
        if found.shares and not is_bounded(found.tree, MAX_NODES, MAX_BYTES // 2):
            return False
        name = _name(kind, content)
        index, text = split(found.tree)
        index["name"], index["version"], index["upgraded"] = name, found.version, found.upgraded
        index["findings"] = _rows(found.findings)
        index["entries"] = None if found.entries is None else _columns(found.entries)
        head = json.dumps(index, separators=(",", ":")).encode()
        size = len(head) + len(text)
        line = _LINE % (FORMAT, len(head), len(text), crc32(text, crc32(head)))
        kept = size < MAX_BYTES and self.write(name, (line, head, text))
        found.notes = Notes(self, name) if kept else None
        return kept

    def content_of(self, path: str) -> str | None:
        """The content of the file at `path`, as long as the file looks as it did when that was noted."""
        data = self.read(_name_of_path(path))
        if data is None:
            return None
        with suppress(ValueError, TypeError, LookupError, RecursionError):
            noted = json.loads(data)
            if noted["path"] == path and noted["seen"] == _seen(path):
                return str(noted["content"])
        return None

    def note(self, path: str, seen: list[int], content: str) -> None:
        """Note which content the file at `path` had while it looked like `seen`."""
        if max(seen[-2:]) < (time.time() - SETTLED) * 1e9:
            noted = {"path": path, "seen": seen, "content": content}
            self.write(_name_of_path(path), [json.dumps(noted).encode()])

    def read(self, name: str) -> bytes | None:
        """A file of the folder; None where there is none, or none of ours."""
        if not self._is_ours():
            return None
        try:
            file = os.open(os.path.join(self.folder, name), _READ)
        except OSError:
            return None
        try:
            found = os.fstat(file)
            if stat.S_ISREG(found.st_mode) and found.st_size <= MAX_BYTES + 1000:
                return os.read(file, found.st_size)
        except OSError:
            pass
        finally:
            os.close(file)
        return None

    def _is_ours(self) -> bool:
        """Whether the folder is one, no link to one, the user's own, and closed to others."""
        try:
            found = os.lstat(self.folder)
        except (OSError, ValueError):  # the latter where a path holds a NUL
            return False
        if not stat.S_ISDIR(found.st_mode):
            return False
        return os.name == "nt" or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)

    def write(self, name: str, parts: Iterable[bytes]) -> bool:
        """Put a whole file in place, or none."""
        path = os.path.join(self.folder, name)
        unfinished = f"{path}.{os.getpid()}.{os.urandom(4).hex()}{_UNFINISHED}"
        try:
            os.makedirs(self.base, exist_ok=True)
            if not self._is_ours():
                os.mkdir(self.folder, 0o700)
            with os.fdopen(os.open(unfinished, _CREATE, 0o600), "wb") as file:
                file.writelines(parts)
            os.replace(unfinished, path)
        except (OSError, ValueError):
            _remove(unfinished)
            return False
        with suppress(OSError):  # others may be at it too
            self._prune()
        return True

    def _prune(self) -> None:
        """Keep the newest files, as many and as large as allowed."""
        found = [(entry.stat(follow_symlinks=False), entry) for entry in os.scandir(self.folder)]
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        count, size = 0, 0
        for known, entry in found:
            if entry.name.endswith((_TREE, _SEEN, _NOTES)):
                count, size = count + 1, size + known.st_size
                if count > KEPT_FILES or size > KEPT_BYTES:
                    _remove(entry.path)
            elif entry.name.endswith(_UNFINISHED) and known.st_mtime < time.time() - 3600:
                _remove(entry.path)


_LINE = b"dynaclient %d %d %d %08x\n"
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe in place of a file would make us wait
    | getattr(os, "O_BINARY", 0)
)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _loaded(data: bytes, name: str) -> Opened:
    """What a file of the cache holds. ValueError, TypeError, LookupError, AttributeError where it is odd."""
    end = data.index(b"\n", 0, 100) + 1
    word, form, head, text, checksum = data[:end].split()
    start = end + int(head)
    rest = memoryview(data)[end:]
    if (word, int(form)) != (b"dynaclient", FORMAT) or start + int(text) != len(data):
        raise ValueError("not a file of the cache, or not a whole one")
    if int(checksum, 16) != crc32(rest):
        raise ValueError("not as it was written")
    index = json.loads(data[end:start])
    major, minor = index["version"]
    if index["name"] != name or type(major) is not int or type(minor) is not int:
        raise ValueError("not the file that it is called")
    tree = joined(index, data, start)
    findings = [Finding(*row) for row in _texts(index["findings"], 4)]
    known = index["entries"]
    entries = None if known is None else [*map(Entry, _texts(known, 5))]
    if entries and not {entry.name for entry in entries} <= tree["paths"].keys():
        raise ValueError("an operation without a path")
    return Opened(tree, (major, minor), index["upgraded"] is True, findings, entries)


def _rows(findings: Iterable[Finding]) -> list[tuple[str, ...]]:
    return _columns((each.pointer, each.severity, each.message, each.meaning) for each in findings)


def _columns(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [*zip(*rows, strict=True)]


def _texts(columns: Any, count: int) -> Any:
    """The rows of texts that `_columns` gave the columns of, `count` of them where there are any."""
    if len(columns) not in (0, count) or not {*map(type, columns)} <= {list}:
        raise ValueError("not columns")
    if not {*map(type, chain.from_iterable(columns))} <= {str}:
        raise ValueError("not texts")
    return zip(*columns, strict=True)


def _name(kind: str, content: str) -> str:
    told = "\n".join((str(FORMAT), _release(), kind, content))
    return blake2b(told.encode(), digest_size=20).hexdigest() + _TREE


def _name_of_path(path: str) -> str:
    return blake2b(os.fsencode(path), digest_size=20).hexdigest() + _SEEN


@lru_cache(maxsize=1)
def _release() -> str:
    """The code that opens documents: its version, and how its files look, which may change in between."""
    from dynaclient import __version__

    try:
        files = [(entry.name, entry.stat()) for entry in os.scandir(os.path.dirname(__file__))]
    except OSError:  # not in a folder: in a zip file
        return __version__
    looks = sorted((name, each.st_size, each.st_mtime_ns) for name, each in files if name.endswith(".py"))
    return f"{__version__} {looks}"


def _seen(path: str) -> list[int] | None:
    """What a file looks like from outside; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _remove(path: str) -> None:
    with suppress(OSError, ValueError):
        os.unlink(path)
