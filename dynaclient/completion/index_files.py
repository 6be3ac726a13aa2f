"""Indexes on disk, beside the cache of documents: what shells complete from, without opening a document.

Each file is JSON: what was found, and how the files looked that it follows from. While these look the same
it holds; whatever is odd is as if it were not there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from dynaclient._version import __version__
from dynaclient.document.private_folder import Folder, cache_folder

FORMAT = 1
_ENDING = ".index"
_LARGEST = 64 * 1024 * 1024
_DECIDING = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""What else decides which document a name means."""


def load_index(*of: str) -> Any:
    """What `keep_index` kept; None where there is nothing that still holds."""
    files = _files()
    data = files.read(_file_name(of)) if files else None
    try:
        found = json.loads(data or b"")
        if all(file_state(path) == as_it_was for path, as_it_was in found["files"].items()):
            return found["value"]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    return None


def keep_index(value: Any, follows_from: Iterable[str], *of: str) -> None:
    """Keep what was found `of` a document, as long as the files that it follows from look as they do now."""
    files = _files()
    if files:
        found = {"files": {path: file_state(path) for path in follows_from}, "value": value}
        files.write(_file_name(of), [json.dumps(found, separators=(",", ":")).encode()])


def file_state(path: str) -> list[int] | None:
    """What a file looks like from outside; None where there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _files() -> Folder | None:
    base = cache_folder(True)
    return Folder(os.path.join(base, "indexes"), (_ENDING,), _LARGEST) if base else None


def _file_name(of: Iterable[str]) -> str:
    """The name is all that is left of what was asked for, which may hold a secret: a URL, say."""
    deciding = [os.environ.get(each, "") for each in _DECIDING]
    told = json.dumps([FORMAT, __version__, os.getcwd(), *deciding, *of])
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest() + _ENDING
