"""Many of the same GET at once in one process.

Each function makes ready, and gives a run and how many calls it stands for. A run is all of them, on
connections that are kept; loops and threads last from one run to the next.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from bench.calling import KEY, Run, Target, dynaclient

Runs = tuple[Run, int]


def aiohttp(target: Target, count: int) -> Runs:
    """A kept session without a bound on connections, `json.loads`: what the others are measured by."""
    library: Any = import_module("aiohttp")
    loop = asyncio.new_event_loop()

    async def session() -> Any:
        connector = library.TCPConnector(limit=0)
        return library.ClientSession(connector=connector, headers={"Authorization": KEY})

    client = loop.run_until_complete(session())

    async def call() -> Any:
        async with client.get(target["url"]) as response:
            return json.loads(await response.read())

    return _at_once(loop, call, count)


def httpx(target: Target, count: int, library: str = "httpx") -> Runs:
    """A kept `AsyncClient` without a bound on connections."""
    made: Any = import_module(library)
    limits = made.Limits(max_connections=None, max_keepalive_connections=None)
    client = made.AsyncClient(headers={"Authorization": KEY}, limits=limits)

    async def call() -> Any:
        return (await client.get(target["url"])).json()

    return _at_once(asyncio.new_event_loop(), call, count)


def awaited(target: Target, count: int) -> Runs:
    """An AsyncClient, checked in both directions."""
    parts = urlsplit(target["url"])
    client = import_module("dynaclient").AsyncClient(
        target["document"],
        server=f"{parts.scheme}://{parts.netloc}",
        credentials={target["scheme"]: KEY},
    )

    def call() -> Awaitable[Any]:
        called: Awaitable[Any] = client.call(target["operation"], target["parameters"])
        return called

    return _at_once(asyncio.new_event_loop(), call, count)


def threads(target: Target, count: int) -> Runs:
    """A Client, with a thread for each call."""
    call, pool = dynaclient(target), ThreadPoolExecutor(count)

    def run() -> None:
        for each in [pool.submit(call) for _ in range(count)]:
            each.result()

    return run, count


def _at_once(loop: asyncio.AbstractEventLoop, call: Callable[[], Awaitable[Any]], count: int) -> Runs:
    async def all_of_them() -> None:
        await asyncio.gather(*(call() for _ in range(count)))

    return lambda: loop.run_until_complete(all_of_them()), count
