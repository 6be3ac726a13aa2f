"""Pages of an AsyncClient: all that is said of those of a Client, and what awaiting adds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

from dynaclient import AsyncClient
from tests.awaited import in_place_of_clients
from tests.calls import test_pages
from tests.calls.test_pages import *  # noqa: F403
from tests.calls.test_pages import ITEMS, SIZE, answering
from tests.conftest import Serve
from tests.small import one, param


@pytest.fixture(autouse=True)
def awaited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_place_of_clients(monkeypatch, test_pages)


OFFSETS = one("get", "/x", param("skip", schema={"type": "integer"}), answer={"type": "array"})


def by_offset(request: Any, query: dict[str, str]) -> Any:
    at = int(query.get("skip", 0))
    return ITEMS[at : at + SIZE], {}


def test_items_and_pages_are_awaited(serve: Serve) -> None:
    server = serve(answering(by_offset))

    async def ask() -> Any:
        async with AsyncClient(OFFSETS, server=server.url) as api:
            items = api.pages("op", offset="skip")
            first = [await anext(items) for _ in range(4)]
            rest = [item async for item in api.pages("op", offset="skip", start=items.token)]
            sizes = [len(page) async for page in api.pages("op", offset="skip").by_page()]
            return first + rest, sizes

    assert asyncio.run(ask()) == (ITEMS, [3, 3, 1, 0])


def test_after_one_that_was_cancelled_the_token_goes_on(serve: Serve) -> None:
    server = serve(answering(by_offset))

    async def ask() -> Any:
        async with AsyncClient(OFFSETS, server=server.url) as api:
            items = api.pages("op", offset="skip")
            found = [await anext(items) for _ in range(3)]
            task = asyncio.ensure_future(anext(items))  # type: ignore[arg-type]
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return found + [item async for item in api.pages("op", offset="skip", start=items.token)]

    assert asyncio.run(ask()) == ITEMS
