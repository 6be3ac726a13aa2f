"""Opened files on disk, so that the next process need not open them again.

One file of the cache is one file that was opened: a line with the format, two lengths and the CRC-32 of the
rest; the index, as JSON; the pieces of the tree, as JSON too (see `segments`). It is named after the content
that was opened, what it was opened as, and the code that did it, so it is never out of date. A second, small
file for each path tells which content was there when the file had this size, inode and times: while it has
them, the document itself is not read.

Whatever is odd in the cache is as if it were not there, and the document is opened: a missing or read-only
folder, a torn or foreign file, another version's. The checksum is for accidents; against people there is the
folder (see `cache_folder`).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any
from zlib import crc32

from dynaclient._version import __version__
from dynaclient.document.lazy_tree import is_bounded, joined, split_tree
from dynaclient.document.node import OperationEntry
from dynaclient.document.private_folder import Folder, OpenFile, Setting, cache_folder
from dynaclient.errors import Finding

FORMAT = 1
_MAX_BYTES = 256 * 1024 * 1024
"""Of one file of the cache: the text of the largest document, each character as an escape."""
MAX_NODES = 5_000_000
JSON_FROM = 64 * 1024
"""Smaller files of JSON are read as quickly as the cache."""
SETTLED = 2.0
"""Seconds after which a change of a file surely shows in its times."""
_TREE, _SEEN, _NOTES = ".tree", ".seen", ".notes"

IsCurrent = Callable[[dict[str, str]], bool]
"""Whether what a cached file was made with beside its own bytes, its `needs`, is still so."""


class Opened:
    """One file, opened: all that follows from its content alone.

    `version` is that of the Document, (0, 0) for a part file; `entries` are None where other files have a
    say in them; `shares` tells that parts of the tree may be shared. `needs`: what else it follows from, the
    files that a Swagger 2.0 document is in; who opens knows whether they are as they were. `origins`: the
    overlay that a part came from, by its pointer.
    """

    def __init__(
        self,
        tree: Any,
        version: tuple[int, int] = (0, 0),
        upgraded: bool = False,
        findings: Iterable[Finding] = (),
        entries: list[OperationEntry] | None = None,
        shares: bool = True,
        needs: dict[str, str] | None = None,
        origins: dict[str, str] | None = None,
    ) -> None:
        self.tree = tree
        self.version = version
        self.upgraded = upgraded
        self.findings = [*findings]
        self.entries = entries
        self.shares = shares
        self.needs = needs or {}
        self.notes: KeptFindings | None = None
        self.origins = origins or {}


class KeptFindings:
    """Findings that were made about an opened file, kept beside it."""

    def __init__(self, files: Folder, name: str) -> None:
        self._files = files
        self._name = name

    def read(self, of: str) -> list[Finding] | None:
        """What `write` kept; None where there is nothing, or nothing sound."""
        data = self._files.read(self._file(of))
        with suppress(ValueError, TypeError, LookupError, RecursionError):
            return [Finding(*row) for row in _texts(json.loads(data or b""), 4)]
        return None

    def write(self, of: str, findings: Iterable[Finding]) -> None:
        """Keep findings. `of` tells what else than the file they follow from."""
        self._files.write(self._file(of), [json.dumps(_rows(findings)).encode()])

    def _file(self, of: str) -> str:
        return blake2b(f"{self._name}\n{of}".encode(), digest_size=20).hexdigest() + _NOTES


def opened(
    setting: Setting,
    kind: str,
    path: str | None,
    fetch: Callable[[], bytes],
    open_bytes: Callable[[bytes], Opened],
    is_current: IsCurrent | None = None,
) -> Opened:
    """What `open_bytes` makes of the bytes that `fetch` gives, from the cache where it is there.

    `setting`: whether to use the cache, or its folder. `kind` tells what else than the bytes the result
    depends on. `path`: the file that `fetch` reads, if it is one.
    """
    base = cache_folder(setting)
    if base is None:
        return open_bytes(fetch())
    return _through(_Cache(base, is_current), kind, path, fetch, open_bytes)


def _through(
    cache: _Cache,
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
    content = content_name(data)
    found = cache.load(kind, content)
    if found is None:
        found = open_bytes(data)
        is_json = data[:100].lstrip()[:1] in (b"{", b"[")
        if (is_json and len(data) < JSON_FROM and not found.upgraded) or not cache.save(kind, content, found):
            return found
    if path and seen:
        cache.note(path, seen, content)
    return found


def content_of(setting: Setting, path: str) -> str | None:
    """The content of the file at `path`, if it is known without reading that."""
    base = cache_folder(setting)
    return _Cache(base).content_of(path) if base else None


def content_name(data: bytes) -> str:
    """What a file of the cache is named after."""
    return blake2b(data, digest_size=32).hexdigest()


class _Cache:
    """Opened files, in the folder `documents` of `base`. Nothing here raises for what it finds there."""

    def __init__(self, base: str, is_current: IsCurrent | None = None) -> None:
        self._is_current = is_current
        self._files = Folder(os.path.join(base, "documents"), (_TREE, _SEEN, _NOTES), _MAX_BYTES + 1000)

    def load(self, kind: str, content: str) -> Opened | None:
        """What `save` kept; None where there is nothing, or nothing sound."""
        name = _name(kind, content)
        data = self._files.open(name)
        if data is None:
            return None
        try:
            found = _loaded(data, name)
            if found.needs and not (self._is_current and self._is_current(found.needs)):
                return None
            found.notes = KeptFindings(self._files, name)
            return found
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return None

    def save(self, kind: str, content: str, found: Opened) -> bool:
        """Keep `found`; whether it is kept now."""
        try:
            return self._save(kind, content, found)
        except RecursionError:  # who calls is deep down already
            return False

    def _save(self, kind: str, content: str, found: Opened) -> bool:
        if found.shares and not is_bounded(found.tree, MAX_NODES, _MAX_BYTES // 2):
            return False
        name = _name(kind, content)
        index, text = split_tree(found.tree)
        index["name"], index["version"], index["upgraded"] = name, found.version, found.upgraded
        index["findings"] = _rows(found.findings)
        if found.needs:
            index["needs"] = found.needs
        if found.origins:
            index["origins"] = found.origins
        index["entries"] = None if found.entries is None else _columns(found.entries)
        head = json.dumps(index, separators=(",", ":")).encode()
        size = len(head) + len(text)
        line = _LINE % (FORMAT, len(head), len(text), crc32(text, crc32(head)))
        kept = size < _MAX_BYTES and self._files.write(name, (line, head, text))
        found.notes = KeptFindings(self._files, name) if kept else None
        return kept

    def content_of(self, path: str) -> str | None:
        """The content of the file at `path`, as long as the file looks as it did when that was noted."""
        data = self._files.read(_name_of_path(path))
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
            self._files.write(_name_of_path(path), [json.dumps(noted).encode()])


_STEP = 64 * 1024
_LINE = b"dynaclient %d %d %d %08x\n"


def _loaded(data: bytes | OpenFile, name: str) -> Opened:
    """What a file of the cache holds. ValueError, TypeError, LookupError, AttributeError where it is odd."""
    end = data[:100].index(b"\n") + 1
    word, form, head, text, checksum = data[:end].split()
    start = end + int(head)
    if (word, int(form)) != (b"dynaclient", FORMAT) or start + int(text) != len(data):
        raise ValueError("not a file of the cache, or not a whole one")
    if int(checksum, 16) != _checksum(data, end):
        raise ValueError("not as it was written")
    index = json.loads(data[end:start])
    major, minor = index["version"]
    if index["name"] != name or type(major) is not int or type(minor) is not int:
        raise ValueError("not the file that it is called")
    tree = joined(index, data, start)
    findings = [Finding(*row) for row in _texts(index["findings"], 4)]
    known = index["entries"]
    entries = None if known is None else [*map(OperationEntry, _texts(known, 5))]
    if (
        entries
        and "$ref" not in tree["paths"]
        and not {each.name for each in entries} <= tree["paths"].keys()
    ):
        raise ValueError("an operation without a path")
    needs = dict(_texts(_columns(index.get("needs", {}).items()), 2))
    origins = dict(_texts(_columns(index.get("origins", {}).items()), 2))
    upgraded = index["upgraded"] is True
    return Opened(tree, (major, minor), upgraded, findings, entries, needs=needs, origins=origins)


def _checksum(data: bytes | OpenFile, start: int) -> int:
    """The CRC-32 of all from `start` on, of which little is in memory at once."""
    found = 0
    for at in range(start, len(data), _STEP):
        found = crc32(data[at : at + _STEP], found)
    return found


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
