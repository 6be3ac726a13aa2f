"""A body on its way to who awaits it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Protocol

from dynaclient.errors import TransportError
from dynaclient.transport.body import BodyCopy, What, too_large, undone
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.wire.sequences import driven

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

time_limit = timeout
"""`async with time_limit(seconds)`, None for no limit: what is in it raises TimeoutError after them."""


class AsyncSource(Protocol):
    """What a library gives of a body."""

    async def piece(self) -> bytes:
        """The next piece as it came; empty at the end."""

    def left(self) -> bytes:
        """What had come before a failure, and was not given yet."""

    def understood(self, error: Exception, clock: Deadline, what: str) -> BaseException:
        """What is raised in the place of a failure."""

    async def aclose(self) -> None:
        """Let go of the connection."""


class AsyncBodyStream:
    """As a BodyStream, but awaited. It is read once, by one task at a time.

    A task that is cancelled while it waits for more closes it, and the connection with it.
    """

    def __init__(self, source: AsyncSource, codings: str, timeout: Timeout, what: What, limit: int) -> None:
        self.limit = limit
        self.copy: BodyCopy | None = None
        """What gets each piece too."""
        self._source = source
        self._codings = codings
        self._what = what
        self._closed = False
        self._error: Exception | None = None
        self._silence = timeout.total if timeout.read is None else timeout.read
        self._clock = Deadline(Timeout(total=None, connect=timeout.connect, read=self._silence))

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """As BodyStream.pieces, and raises the same."""
        decoded = partial(undone, codings=self._codings, what=self._what)
        try:
            async with aclosing(driven(decoded, self._raw())) as found:
                async for piece in found:
                    if piece:
                        if self.copy is not None:
                            self.copy.add(piece)
                        yield piece
                    await asyncio.sleep(0)  # what is packed well keeps no other task waiting
            if self.copy is not None:
                self.copy.end()
        finally:
            await self.aclose()

    async def read(self) -> bytes:
        """As BodyStream.read, and raises the same."""
        parts, size = [], 0
        async with aclosing(self.pieces()) as found:
            async for piece in found:
                parts.append(piece)
                size += len(piece)
                if size > self.limit:
                    raise too_large(self.limit, self._what)
        return b"".join(parts)

    async def _raw(self) -> AsyncGenerator[bytes, None]:
        while piece := await self._next():
            yield piece

    async def _next(self) -> bytes:
        """The next piece as it came; empty at the end."""
        piece = b""
        if self._error is None and not self._closed:
            try:
                async with time_limit(self._silence):
                    piece = await self._source.piece()
            except Exception as error:
                self._error, piece = error, self._source.left()
        if self._closed:  # maybe while it was waited for
            raise TransportError(f"{self._what()}: the response was closed before all of it was read")
        if self._error is not None and not piece:
            raise self._source.understood(self._error, self._clock, self._what())
        return piece

    async def aclose(self) -> None:
        """Give the connection back if all was read; cut it if not."""
        self._closed = True
        await self._source.aclose()

    def __repr__(self) -> str:
        return f"<Source of {self._what()}>"
