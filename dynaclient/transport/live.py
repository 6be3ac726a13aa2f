"""The body of an answer whose head has come, read as it comes."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from dynaclient.errors import DynaclientError, TransportError
from dynaclient.transport.body import What, pieces, whole
from dynaclient.transport.clock import Clock, current
from dynaclient.transport.failure import understand
from dynaclient.transport.timeout import Timeout

if TYPE_CHECKING:
    import requests


class Source:
    """A body on its way. It is read once, by one thread at a time, which need not be the one that asked.

    `limit`: how many bytes of it those who hold anything may hold. It keeps a connection until it was read
    to its end, or is closed.
    """

    def __init__(self, response: requests.Response, timeout: Timeout, what: What, limit: int) -> None:
        self.limit = limit
        self._response = response
        self._what = what
        self._closed = False
        silence = timeout.total if timeout.read is None else timeout.read
        self._clock = Clock(Timeout(total=None, connect=timeout.connect, read=silence))

    def pieces(self) -> Generator[bytes, None, None]:
        """The body, decoded from its Content-Encoding, in pieces of which none is large or empty.

        Raises ConnectError where the connection is lost before the end, DeadlineExceeded for a silence that
        is too long, DecodeError.
        """
        source = pieces(self._response, math.inf, self._what, as_they_come=True)
        try:
            while (piece := self._next(source)) is not None:
                if piece:
                    yield piece
        finally:
            self.close()

    def read(self) -> bytes:
        """The whole body, of at most `limit` bytes. Raises as `pieces`, and BodyTooLarge."""
        return whole(self.pieces(), self.limit, self._what)

    def _next(self, source: Iterator[bytes]) -> bytes | None:
        """The next piece, under the clock of this answer; None at the end."""
        error: BaseException | None = None
        before, current.clock = current.clock, self._clock
        try:
            piece = None if self._closed else next(source, None)
        except DynaclientError as found:
            error = found.with_traceback(None)
        except Exception as found:
            foreign = type(self._response.raw).__module__.partition(".")[0] != "urllib3"
            error = understand(found, self._clock, self._what(), by_the_user=foreign).error
        finally:
            current.clock = before
        if error is not None and not isinstance(error, DynaclientError):
            raise error
        if self._closed:  # maybe while it was waited for: what came then need not be of this answer
            raise TransportError(f"{self._what()}: the answer was closed before all of it was read")
        if error is not None:
            raise error
        return piece

    def close(self) -> None:
        """Give the connection back if all was read; cut it if not, also under a thread that reads from it."""
        self._closed = True
        with suppress(ValueError, RuntimeError, OSError, AttributeError):  # it was read, or is no urllib3's
            self._response.raw.shutdown()
        if self._response.raw is not None:  # a stand-in's may have none
            self._response.close()

    def __repr__(self) -> str:
        return f"<Source of {self._what()}>"
