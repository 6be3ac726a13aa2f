"""How connections are kept between calls: `pool_size` and `keep_alive`."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dynaclient import Client, SettingsError
from tests.clients import CLIENTS
from tests.conftest import Serve
from tests.servers import Recorded
from tests.small import json_reply, one

TREE = one(answer={"type": "object"})
WAYS = ["sync", "async", "lean"]


def together(count: int) -> Callable[[Recorded], bytes]:
    """Responds when so many requests are there: each has a connection of its own then."""
    barrier = threading.Barrier(count)

    def respond(request: Recorded) -> bytes:
        barrier.wait(20)
        return json_reply({})

    return respond


@pytest.mark.parametrize("way", ["sync", "lean"])
def test_as_many_connections_are_kept_as_were_asked_for(way: str, serve: Serve) -> None:
    server = serve(together(6))
    api = CLIENTS[way](TREE, server=server.url, pool_size=2)
    with ThreadPoolExecutor(6) as threads:
        for _ in range(2):
            list(threads.map(lambda _: api.call("op"), range(6)))
    assert server.connections == 6 + 4


def test_as_many_connections_of_tasks_are_kept(serve: Serve) -> None:
    server = serve(together(6))

    async def six_at_once() -> None:
        await asyncio.gather(*(api.client.call("op") for _ in range(6)))

    with CLIENTS["async"](TREE, server=server.url, pool_size=2) as api:
        for _ in range(2):
            api.wait(six_at_once())
    assert server.connections == 6 + 4


def test_a_hundred_tasks_at_once_open_no_connection_twice(serve: Serve) -> None:
    server = serve(together(100))

    async def at_once() -> None:
        await asyncio.gather(*(api.client.call("op") for _ in range(100)))

    with CLIENTS["async"](TREE, server=server.url) as api:
        for _ in range(2):
            api.wait(at_once())
    assert server.connections == 100


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("keep_alive", "connections"), [(None, 1), (1000, 1), (0, 3), (0.01, 3)])
def test_for_how_long(way: str, keep_alive: float | None, connections: int, serve: Serve) -> None:
    server = serve(json_reply({}))
    api = Client(TREE, server=server.url, keep_alive=keep_alive)
    for each in (api, api, pickle.loads(pickle.dumps(api)) if connections == 3 else api):
        each.call("op")
        time.sleep(0.02)
    assert server.connections == connections


@pytest.mark.parametrize(
    "settings",
    [{"pool_size": each} for each in (0, -1, True, 1.5, None, "2")]
    + [{"keep_alive": each} for each in (-1, True, "2", float("nan"), float("inf"))],
    ids=str,
)
def test_what_cannot_be_meant(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(settings))):
        Client(TREE, **settings)
