"""Responses whose body is awaited when it is asked for: piece by piece, item by item, or into a file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from os import PathLike
from typing import TYPE_CHECKING, Any

from dynaclient.calls.streaming import BaseStreamedResponse, StreamedBody, cut, replacing
from dynaclient.errors import SettingsError
from dynaclient.wire.events import Event
from dynaclient.wire.sequences import driven

if TYPE_CHECKING:
    from dynaclient.transport.async_body import AsyncBodyStream

__all__ = ["AsyncStreamedResponse"]


class AsyncStreamedResponse(BaseStreamedResponse):
    """As a StreamedResponse, of an AsyncClient: what reads the body is awaited.

        async with await api.follow.send(options={"stream": True}) as response:
            async for item in response.iter_items():
                print(item)

    `content` and `data` need no `await`, and are there after `await response.read()`; before that they raise
    SettingsError. A task that is cancelled while it waits for more lets go of the connection, and so does
    `asyncio.timeout`.
    """

    if TYPE_CHECKING:
        _body: _AsyncBody

    def _body_of(self, source: AsyncBodyStream | None, content: bytes | None) -> StreamedBody:
        return _AsyncBody(source, content)

    @property
    def content(self) -> bytes:
        """The body that was read. Raises SettingsError before."""
        if self._body.content is None:
            raise SettingsError("the body was not read yet: `await response.read()` before")
        return self._body.content

    @property
    def data(self) -> Any:
        """The decoded body that was read. Raises SettingsError before, and ResponseInvalid."""
        return self._decoded(self.content)

    async def read(self) -> bytes:
        """As StreamedResponse.read."""
        return await self._body.whole()

    def iter_bytes(self, chunk: int = 65536) -> AsyncIterator[bytes]:
        """As StreamedResponse.iter_bytes."""
        return driven(cut(chunk), self._body.pieces())

    def iter_lines(self) -> AsyncIterator[str]:
        """As StreamedResponse.iter_lines."""
        return driven(self._lines_of, self._body.pieces())

    def iter_events(self) -> AsyncIterator[Event]:
        """As StreamedResponse.iter_events."""
        return driven(self._events_of, self._body.pieces())

    async def iter_items(self) -> AsyncIterator[Any]:
        """As StreamedResponse.iter_items."""
        async with aclosing(driven(self._items_of, self._body.pieces())) as items:
            async for item in items:
                yield item.value

    async def save(self, path: str | PathLike[str]) -> int:
        """As StreamedResponse.save."""
        size = 0
        with replacing(path) as file:
            async with aclosing(self._body.pieces()) as pieces:
                async for piece in pieces:
                    size += file.write(piece)
        return size

    async def aclose(self) -> None:
        """Let go of the connection. What was not read is lost."""
        await self._body.aclose()

    def close(self) -> None:
        """Not without `await`: raises SettingsError."""
        raise SettingsError("the connection of this response is closed by `await response.aclose()`")

    async def __aenter__(self) -> AsyncStreamedResponse:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()


class _AsyncBody(StreamedBody):
    """One that is awaited from an AsyncBodyStream."""

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body from its start. Raises SettingsError where some of it was taken already."""
        if self.content is not None:
            yield self.content
            return
        async with aclosing(self.taken().pieces()) as pieces:
            async for piece in pieces:
                self.was_anything = True
                yield piece

    async def whole(self) -> bytes:
        """The body, which is kept. Raises BodyTooLarge."""
        if self.content is None:
            self.content = await self.taken().read()
        return self.content

    def let_go(self) -> None:
        """Nothing: who awaits the pieces closes them."""

    async def aclose(self) -> None:
        """Let go of the connection."""
        self._free = False
        if self._source is not None:
            await self._source.aclose()
