"""A transport of the user's that is awaited: all that is said of one for a Client, and what awaiting adds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from dynaclient import AsyncClient, DeadlineExceeded, RawResponse, Request, SettingsError, Timeout
from tests.awaited import in_place_of_clients
from tests.small import JSON, one
from tests.transport import test_protocol
from tests.transport.test_protocol import *  # noqa: F403


@pytest.fixture(autouse=True)
def awaited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_place_of_clients(monkeypatch, test_protocol)


class Waiting:
    """Gives a head and pieces, then waits for longer than anyone does; notes what was let go."""

    def __init__(self, *pieces: bytes, head: bool = True) -> None:
        self.pieces, self.head = pieces, head
        self.let_go = 0
        self.ended = 0
        self.waits = True

    async def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        if self.waits and not self.head:
            await self._wait()
        return RawResponse(200, JSON, self._body(), self._close)

    async def _wait(self) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            self.ended += 1

    async def _body(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.waits:
            await self._wait()

    async def _close(self) -> None:
        await asyncio.sleep(0)
        self.let_go += 1

    async def aclose(self) -> None:
        self.closed = True


TREE = one(answer={"type": "object"}, servers=[{"url": "http://shop.invalid"}])
STREAM: Any = {"stream": True}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("end", ["cancel", "timeout", "deadline"])
@pytest.mark.parametrize("head", [False, True])
def test_what_is_ended_is_let_go(head: bool, end: str, stream: bool) -> None:
    own = Waiting(b"{", head=head)

    async def use(api: AsyncClient) -> Any:
        options: dict[str, Any] = {"timeout": 0.1 if end == "deadline" else 20}
        if not stream:
            return await api.op(options=options)
        response = await api.op.send(options={**options, "stream": True})  # type: ignore[arg-type]
        return [piece async for piece in response.iter_bytes()]

    async def ask() -> None:
        async with AsyncClient(TREE, transport=own, retries=0) as api:
            if end == "deadline":
                with pytest.raises(DeadlineExceeded):
                    await use(api)
            elif end == "timeout":
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(use(api), 0.1)
            else:
                task = asyncio.ensure_future(use(api))
                await asyncio.sleep(0.05)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert (own.ended, own.let_go) == (1, int(head))
            own.waits, own.pieces = False, (b"{}",)
            assert await api.op() == {}

    asyncio.run(ask())
    assert own.closed


def test_a_stream_that_is_left_is_let_go() -> None:
    own = Waiting(b"a\n", b"", b"b\n")

    async def ask() -> list[str]:
        async with AsyncClient(TREE, transport=own) as api:
            async with await api.op.send(options={"stream": True}) as response:
                lines = [line async for line in _first(response.iter_lines(), 2)]
            assert own.let_go == 1
            return lines

    assert asyncio.run(ask()) == ["a", "b"]


def test_a_stream_that_another_task_ends_is_let_go() -> None:
    own = Waiting(b"a\n")

    async def ask() -> None:
        async with AsyncClient(TREE, transport=own) as api:
            response = await api.op.send(options={"stream": True})
            reader = asyncio.ensure_future(_all(response))
            await asyncio.sleep(0.05)
            await response.aclose()
            assert own.let_go == 1
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    asyncio.run(ask())


async def _all(response: Any) -> list[bytes]:
    return [piece async for piece in response.iter_bytes()]


async def _first(items: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    async for item in items:
        yield item
        count -= 1
        if not count:
            return


def test_a_transport_that_is_not_awaited_is_none() -> None:
    with pytest.raises(SettingsError, match=r"expected an object with exchange\(\) and aclose\(\)"):
        AsyncClient(TREE, transport=test_protocol.OverHttpClient())
