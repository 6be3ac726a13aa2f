"""Streamed responses of an AsyncClient: all that is said of those of a Client, and what awaiting adds."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

from dynaclient import AsyncClient, SettingsError, Timeout, TransportError
from tests.awaited import in_place_of_clients
from tests.calls import test_streaming, test_streaming_media_types
from tests.calls.test_streaming import *  # noqa: F403
from tests.calls.test_streaming import NDJSON, STREAM, doc, typed, whole
from tests.calls.test_streaming_media_types import *  # noqa: F403
from tests.conftest import Serve
from tests.servers import Recorded, chunked, reply


@pytest.fixture(autouse=True)
def awaited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_place_of_clients(monkeypatch, test_streaming, test_streaming_media_types)


# -- in place of what is said of threads there -----------------------------------------------------


def test_another_thread_may_stop_who_waits_for_more(serve: Serve) -> None:
    """Another task."""
    server = serve(reply(200, b"1\n", typed(NDJSON), length=9))

    async def ask() -> None:
        async with AsyncClient(doc(NDJSON), server=server.url) as api:
            response = await api.send("op", options={"stream": True})
            items = response.iter_items()
            assert await anext(items) == 1
            waiting = asyncio.ensure_future(anext(items))  # type: ignore[arg-type]
            await asyncio.sleep(0.05)
            await response.aclose()
            with pytest.raises(TransportError, match="closed before all of it was read"):
                await waiting

    asyncio.run(ask())


def held_open(*first: bytes) -> tuple[threading.Event, Callable[[Recorded], Iterator[bytes]]]:
    """A body whose rest comes when the event is set."""
    more = threading.Event()

    def pieces(request: Recorded) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        yield from (b"%x\r\n%s\r\n" % (len(piece), piece) for piece in first)
        more.wait(20)
        yield b"2\r\n9\n\r\n0\r\n\r\n"

    return more, pieces


LEFT: dict[str, Callable[[Any], Any]] = {
    "closed": lambda response: response.aclose(),
    "left": lambda response: response.__aexit__(None, None, None),
}


@pytest.mark.parametrize("way", LEFT)
def test_the_connection_is_kept_when_all_was_read_and_cut_when_not(way: str, serve: Serve) -> None:
    more, pieces = held_open(b"1\n2\n")
    server = serve(whole(b"1\n", NDJSON), whole(b"1\n", NDJSON), pieces, whole(b"1\n", NDJSON))

    async def ask() -> None:
        async with AsyncClient(doc(NDJSON), server=server.url) as api:
            for _ in range(2):
                response = await api.op.send(options={"stream": True})
                assert [item async for item in response.iter_items()] == [1]
            assert server.connections == 1
            response = await api.op.send(options={"stream": True})
            async for item in response.iter_items():
                assert item == 1
                break
            await LEFT[way](response)
            assert [item async for item in (await api.op(options=STREAM)).iter_items()] == [1]

    try:
        asyncio.run(ask())
    finally:
        more.set()
    assert server.connections == 2


# -- of awaiting alone -----------------------------------------------------------------------------


def test_an_item_is_given_when_it_has_come_and_other_tasks_go_on(serve: Serve) -> None:
    more, pieces = held_open(b"1\n")
    server = serve(pieces)
    seen: list[Any] = []

    async def follow(api: AsyncClient) -> None:
        async with await api.op.send(options={"stream": True}) as response:
            async for item in response.iter_items():
                seen.append(item)

    async def ask() -> None:
        async with AsyncClient(doc(NDJSON), server=server.url) as api:
            following = asyncio.ensure_future(follow(api))
            while not seen:
                await asyncio.sleep(0.01)
            assert seen == [1]
            more.set()
            await following

    asyncio.run(ask())
    assert seen == [1, 9]


def test_a_silence_counts_while_it_is_waited_for(serve: Serve) -> None:
    more, pieces = held_open(b"1\n")
    server = serve(pieces)

    async def ask() -> list[Any]:
        async with AsyncClient(doc(NDJSON), server=server.url, timeout=Timeout(total=20, read=0.3)) as api:
            items = (await api.op(options=STREAM)).iter_items()
            first = await anext(items)
            await asyncio.sleep(0.5)
            more.set()
            return [first, *[item async for item in items]]

    assert asyncio.run(ask()) == [1, 9]


def test_what_is_packed_well_keeps_no_other_task_waiting(serve: Serve) -> None:
    packed = gzip.compress(bytes(300_000_000), 1)
    server = serve(reply(200, packed, [*typed("text/plain"), ("Content-Encoding", "gzip")]))

    async def ask() -> int:
        async with AsyncClient(doc("text/plain"), server=server.url) as api:
            response = await api.send("op", options={"stream": True})
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(taken(response.iter_bytes()), 0.02)
            with pytest.raises(SettingsError, match="consumed already, or the response closed"):
                await response.read()
            return len(packed)

    async def taken(pieces: AsyncIterator[bytes]) -> None:
        async for _ in pieces:
            pass

    assert asyncio.run(ask()) < 3_000_000


def test_content_and_data_are_there_once_it_was_read(serve: Serve) -> None:
    server = serve(lambda _: chunked([b"1\n", b"2\n"], typed(NDJSON)))

    async def ask() -> Any:
        async with AsyncClient(doc(NDJSON), server=server.url) as api:
            response = await api.send("op", options={"stream": True})
            for name in ("content", "data"):
                with pytest.raises(SettingsError, match=r"await response\.read\(\)"):
                    getattr(response, name)
            read = await response.read()
            return read, response.content, response.data, [line async for line in response.iter_lines()]

    assert asyncio.run(ask()) == (b"1\n2\n", b"1\n2\n", [1, 2], ["1", "2"])
