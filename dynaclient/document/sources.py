"""Documents that are given as they are: text, bytes, open files, resources of a package; and file URLs."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from dynaclient._support.messages import kind_of
from dynaclient.document.limits import DEFAULT
from dynaclient.errors import DocumentError

if TYPE_CHECKING:
    from typing import Protocol

    class Resource(Protocol):
        """A Traversable of importlib.resources, as far as it is needed."""

        def is_dir(self) -> bool: ...

        def read_bytes(self) -> bytes: ...


TAKEN = (
    "expected a document: a vendored name, a path, a URL (http, https or file), its text or bytes, "
    "an open file, a resource of importlib.resources, or a dict"
)
_DRIVE = re.compile(r"/?[A-Za-z](:|\||%7[Cc])")


def read_source(source: Any) -> tuple[bytes, str, str | None]:
    """The bytes of what was given, how messages call it, and its path where it is an open file on disk.

    At most one byte, or character, beyond the largest document is read. Raises DocumentError.
    """
    if isinstance(source, str):
        return _encoded(source), "<text>", None
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "<bytes>", None
    if not isinstance(source, type) and callable(getattr(source, "read", None)):
        name = getattr(source, "name", None)
        shown = _printable(name) if isinstance(name, str) else "<file>"
        return _whole(source, shown, DEFAULT.bytes), shown, _path_of(source, name)
    if not isinstance(source, type) and callable(getattr(source, "read_bytes", None)):
        return _of_resource(source, DEFAULT.bytes)
    raise DocumentError(f"{TAKEN}; not {type(source).__name__}")


def _of_resource(source: Any, most: int) -> tuple[bytes, str, None]:
    """A Traversable, such as a file in a zipped package."""
    name = _printable(str(source))
    try:
        if source.is_dir():
            raise DocumentError(f"{name!r} is a folder; name the document in it")
        with source.open("rb") as file:
            return _whole(file, name, most), name, None
    except (OSError, ValueError, KeyError) as error:  # KeyError: a zip file has no such name
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"{name} cannot be read: {reason}") from None


def _whole(file: Any, name: str, most: int) -> bytes:
    pieces = list(_pieces(file, name, most))
    if all(isinstance(each, str) for each in pieces):
        return _encoded("".join(pieces))
    if all(isinstance(each, (bytes, bytearray)) for each in pieces):
        return b"".join(pieces)
    raise DocumentError(f"{name} cannot be read: read() gave {kind_of(pieces[0])}, expected text or bytes")


def _pieces(file: Any, name: str, most: int) -> Iterator[Any]:
    """What `file.read` gives, until it gives nothing; a pipe or connection gives less than is asked for."""
    left = most + 1
    while left > 0:
        try:
            piece = file.read(left)
        except TimeoutError:  # the user's own, or that of a connection
            raise
        except (OSError, ValueError, EOFError, zlib.error) as error:
            raise DocumentError(f"{name} cannot be read: {error}") from error
        if not isinstance(piece, (str, bytes, bytearray)):
            yield piece
            return
        if not piece:
            return
        left -= len(piece)
        yield piece


def _path_of(file: Any, name: Any) -> str | None:
    """The path of an open file, as long as that file is there."""
    try:
        if isinstance(name, (str, os.PathLike)) and os.path.samestat(os.fstat(file.fileno()), os.stat(name)):
            return os.path.realpath(os.fsdecode(name))
    except (OSError, ValueError, AttributeError, TypeError):
        pass
    return None


def _encoded(text: str) -> bytes:
    """Text as it could be in a file: half of a surrogate pair is read as U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()


def path_of_url(url: str) -> str:
    """The path that a file URL of a user's means (RFC 8089). Raises DocumentError for one that means none."""
    shown = _printable(url if len(url) <= 100 else f"{url[:100]}...")
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower()
    except ValueError:
        raise DocumentError(f"{shown!r} is not a URL") from None
    if os.name != "nt" and (_DRIVE.match(parts.path) or _DRIVE.match(host)):
        raise DocumentError(f"{shown!r} names a drive of Windows, which this system does not have")
    if host not in ("", "localhost"):
        meant = "; a file of this one is file:///..., with three slashes"
        raise DocumentError(f"{shown!r} names a file of another host, {parts.netloc!r}{meant}")
    if not parts.path.startswith("/"):
        raise DocumentError(f"{shown!r} has no absolute path; write file:///... or the path alone")
    if parts.query or "?" in url.partition("#")[0]:
        raise DocumentError(f"{shown!r} has a query; a ? in the name of a file is written %3F")
    return path_of_uri(url)


def path_of_uri(uri: str) -> str:
    """The path that a file URI names."""
    path = urlsplit(uri).path
    if os.name != "nt":
        return os.fsdecode(unquote_to_bytes(path))
    from urllib.request import url2pathname  # late: 20 ms

    return url2pathname(path)


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
