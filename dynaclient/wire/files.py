"""A body that is read while it is sent: bytes, files and paths, one behind the other."""

from __future__ import annotations

import errno
import io
import math
import os
import select
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, BinaryIO

from dynaclient._support.interrupts import let_through
from dynaclient.errors import DeadlineExceeded, DynaclientError, TransportError
from dynaclient.wire.percent import StyleError


class Piece:
    """Bytes, a file or a path: where it begins, and how long it is, in bytes; -1 where that is not known.

    Raises StyleError for what cannot be read.
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self.start = 0
        self.rewindable = True
        self._opened: BinaryIO | _Pipe | None = None
        try:
            self.size = self._measured()
        except (OSError, ValueError) as error:
            let_through(error)
            raise StyleError(f"it cannot be read: {_why(error)}") from None

    def _measured(self) -> int:
        if isinstance(self.source, (bytes, bytearray, memoryview)):
            return memoryview(self.source).nbytes
        if isinstance(self.source, os.PathLike):
            return self._of_path(self.source)
        seekable = getattr(self.source, "seekable", lambda: hasattr(self.source, "seek"))
        self.rewindable = seekable() and hasattr(self.source, "tell")
        if not self.rewindable:
            return -1
        self.start = self.source.tell()
        self.source.seek(0, io.SEEK_END)
        end: int = self.source.tell()
        self.source.seek(self.start)
        return max(end - self.start, 0)

    def _of_path(self, path: os.PathLike[Any]) -> int:
        """Says now what would else be said while sending; a pipe is not opened, it would wait."""
        found = os.stat(path)
        if stat.S_ISSOCK(found.st_mode):
            raise ValueError("it is a socket, not a file")
        if stat.S_ISDIR(found.st_mode) or not os.access(path, os.R_OK):
            reason = errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.EACCES
            raise OSError(reason, os.strerror(reason))
        self.rewindable = stat.S_ISREG(found.st_mode)
        return found.st_size if self.rewindable else -1

    def open(self, left: Callable[[], float]) -> Any:
        """The piece as a file, at its beginning if it can be taken there."""
        if isinstance(self.source, (bytes, bytearray, memoryview)):
            return io.BytesIO(self.source)
        if isinstance(self.source, os.PathLike):
            regular = self.rewindable
            self._opened = open(self.source, "rb") if regular else _Pipe(self.source, left)  # noqa: SIM115
            return self._opened
        if self.rewindable:
            self.source.seek(self.start)
        elif _can_wait_for(self.source):
            self._opened = _GivenPipe(self.source, left)
            return self._opened
        file: BinaryIO = self.source
        return file

    def close(self) -> None:
        """Close what was opened here; a file of the user's stays open."""
        if self._opened is not None:
            self._opened.close()


class _Pipe:
    """A pipe or a device: who writes to it is waited for, but not longer than there is time `left`."""

    is_ready = False
    """Whether there is something to read, for which nobody has to wait."""

    def __init__(self, path: Any, left: Callable[[], float]) -> None:
        self._left = left
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        self._descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))

    def read(self, amount: int) -> bytes:
        """Some bytes, `amount` at most; empty at the end. Raises DeadlineExceeded."""
        amount = min(amount, _MOST) if amount >= 0 else _MOST
        while True:
            self._wait()
            try:
                return os.read(self._descriptor, amount)
            except BlockingIOError:
                continue

    def _wait(self) -> None:
        if not _CAN_WAIT:
            return
        ready = select.poll()
        ready.register(self._descriptor, select.POLLIN)
        left = self._left()
        if not ready.poll(None if left == math.inf else max(0.0, left * 1000)):
            raise silent_pipe()

    def fileno(self) -> int:
        """What tells when there is more."""
        return self._descriptor

    def close(self) -> None:
        """Close it, once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


class _GivenPipe(_Pipe):
    """A pipe that the user has opened, and may have read of: what its file has read ahead comes first."""

    def __init__(self, file: Any, left: Callable[[], float]) -> None:
        self._left = left
        self._file = file
        self._ahead = _read_ahead(file)
        self._descriptor = os.dup(file.fileno())  # the user may wait for the other, in the same loop

    @property
    def is_ready(self) -> bool:  # type: ignore[override]
        """As of a _Pipe."""
        return self._ahead > 0

    def read(self, amount: int) -> bytes:
        """As of a _Pipe."""
        if not self._ahead:
            return super().read(amount)
        data: bytes = self._file.read1(_least(amount, self._ahead))
        self._ahead -= len(data)
        return data


def _can_wait_for(file: Any) -> bool:
    """Whether a file is a pipe or a device of the system, and nothing of its own lies above that: what
    unpacks or decrypts has more, or less, to read than the descriptor says."""
    raw = file.raw if type(file) is io.BufferedReader else file
    return _CAN_WAIT and type(raw) is io.FileIO and not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)


def _read_ahead(file: Any) -> int:
    """How many bytes a file holds already that nobody has taken yet; nothing is waited for."""
    if type(file) is not io.BufferedReader:
        return 0
    descriptor = file.fileno()
    is_blocking = os.get_blocking(descriptor)
    os.set_blocking(descriptor, False)
    try:
        return len(file.peek(1))
    finally:
        os.set_blocking(descriptor, is_blocking)


_MOST = 64 * 1024
_CAN_WAIT = hasattr(select, "poll")


def silent_pipe() -> DeadlineExceeded:
    """The error where a pipe gives nothing for too long."""
    return DeadlineExceeded("nothing more came from a pipe of the body within the time of the call")


class Upload:
    """Pieces as one file: `read`, `seek` and `tell` as a file has them, `size` in bytes.

    `size` is None where a piece cannot say its own, `rewindable` is false where one can be read only once.
    `read` raises TransportError where a file fails, or has fewer bytes than it had. `left` gives the seconds
    that a pipe may keep it waiting. Who awaits its bytes takes `read1` instead, once the `pipe` is ready.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self.size = None if any(piece.size < 0 for piece in pieces) else sum(each.size for each in pieces)
        self.rewindable = all(piece.rewindable for piece in pieces)
        self.left: Callable[[], float] = _endless
        self._begin()

    @property
    def path(self) -> str:
        """The path of the file that is all of it; empty where there is none."""
        sources = [each.source for each in self._pieces]
        alone = len(sources) == 1 and isinstance(sources[0], os.PathLike)
        return os.fsdecode(sources[0]) if alone else ""

    def _begin(self) -> None:
        self._position = self._index = 0
        self._file: Any = None
        self._left = 0
        self.waiting = False
        """Whether somebody awaits more of a pipe."""

    def read(self, amount: int | None = -1) -> bytes:
        """At most `amount` bytes; all that is left for a negative one. Empty at the end."""
        parts: list[bytes] = []
        wanted = -1 if amount is None or amount < 0 else amount
        while wanted and (part := self._next(wanted)):
            parts.append(part)
            wanted = wanted - len(part) if wanted > 0 else wanted
        data = b"".join(parts)
        self._position += len(data)
        return data

    def read1(self, amount: int) -> bytes:
        """As `read`, but of a pipe what there is, and nothing that comes behind another."""
        parts: list[bytes] = []
        wanted, waits = amount, False
        while wanted and not waits and not self.ended:
            waits = self.pipe is not None
            if waits and parts:
                break
            parts.append(self._some(wanted))
            wanted -= len(parts[-1])
        data = b"".join(parts)
        self._position += len(data)
        return data

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._index == len(self._pieces)

    @property
    def pipe(self) -> int | None:
        """The descriptor of the pipe or device that the next bytes are waited for from; else None."""
        if self.ended:
            return None
        file = self._at()
        return file.fileno() if isinstance(file, _Pipe) and _CAN_WAIT and not file.is_ready else None

    def _next(self, wanted: int) -> bytes:
        """Some bytes of the piece that it is at, or of one behind it; empty at the end of all."""
        while not self.ended:
            if part := self._some(wanted):
                return part
        return b""

    def _some(self, wanted: int) -> bytes:
        """Some bytes of the piece that it is at; empty where that ends."""
        piece, file = self._pieces[self._index], self._at()
        with _failures_told():
            part: bytes = file.read(_least(wanted, self._left))
        if part:
            self._left -= len(part) if piece.size >= 0 else 0
            return part
        if self._left > 0:
            raise TransportError(f"a file of the body ended {self._left} bytes too early")
        piece.close()
        self._index, self._file = self._index + 1, None
        return b""

    def _at(self) -> Any:
        """The piece that it is at, as a file."""
        if self._file is None:
            piece = self._pieces[self._index]
            with _failures_told():
                self._file, self._left = piece.open(self.left), piece.size
        return self._file

    def tell(self) -> int:
        """How many bytes were read."""
        return self._position

    def seekable(self) -> bool:
        """Whether it can be read once more."""
        return self.rewindable

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; from the end only where the size is known."""
        if whence == io.SEEK_END and self.size is None:
            raise io.UnsupportedOperation("the size is not known")
        offset += {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence, self.size or 0)
        if offset < self._position:
            self.rewind()
        if offset == self.size:
            self.close()
            self._position, self._index = offset, len(self._pieces)
        while self._position < offset and self.read(min(offset - self._position, 65536)):
            pass
        return self._position

    def rewind(self) -> None:
        """Go back to the beginning. Raises TransportError where a piece can be read only once."""
        if not self.rewindable and self._position:
            raise TransportError("the body cannot be sent again: it comes from a file that has no way back")
        self.close()
        self._begin()

    def close(self) -> None:
        """Close the paths that were opened; files of the user's stay open."""
        for piece in self._pieces:
            piece.close()

    def __del__(self) -> None:
        self.close()

    def __reduce__(self) -> Any:
        return Upload, ((),)  # files do not travel: what is left of them is that there was a body

    def __repr__(self) -> str:
        return f"<Upload of {'unknown size' if self.size is None else f'{self.size} bytes'}>"


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except DynaclientError:
        raise
    except (OSError, ValueError) as error:
        let_through(error)
        raise TransportError(f"the body cannot be read: {_why(error)}") from None
    except Exception as error:
        let_through(error)
        why = f"{type(error).__name__} was raised by what you gave for it"
        raise TransportError(f"the body cannot be read: {why}") from error


def read_path(path: Any, seconds: float, most: int) -> bytes:
    """All that a file holds; of a pipe or device what comes within `seconds`, `most` bytes.

    Raises StyleError, TransportError.
    """
    upload = Upload([Piece(path)])
    end = monotonic() + seconds
    upload.left = lambda: end - monotonic()
    try:
        data = upload.read(-1 if upload.rewindable else most + 1)
    finally:
        upload.close()
    if not upload.rewindable and len(data) > most:
        raise StyleError(f"it does not end after {most:,} bytes")
    return data


def _endless() -> float:
    return math.inf


def _least(wanted: int, left: int) -> int:
    return wanted if left < 0 else left if wanted < 0 else min(wanted, left)


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "no file can have this name"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
