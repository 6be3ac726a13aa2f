"""A sandbox that answers an AsyncClient in process."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from typing import Any

import pytest

from dynaclient import ApiError, AsyncClient
from dynaclient.sandbox import Sandbox
from tests.sandbox.test_in_process import TREE


def test_neither_a_socket_nor_a_thread_nor_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    before, person = threading.active_count(), {"id": "7", "name": "Ada"}
    sandbox = Sandbox(TREE)
    settings: dict[str, Any] = {"server": "https://shop.test/base", "transport": sandbox.async_transport()}

    async def ask() -> None:
        async with AsyncClient(TREE, credentials={"key": "any"}, **settings) as api:
            assert await api.put_person("7", person) == person
            assert await asyncio.gather(*(api.get_person("7") for _ in range(8))) == [person] * 8
            with pytest.raises(ApiError, match="409"):
                await api.get_person("7", options={"headers": {"Prefer": "code=409"}})
            assert isinstance(await api.upload(io.BytesIO(b"x" * 100_000)), int)
            async with await api.stream.send(options={"stream": True}) as response:
                assert all(item["id"] for item in [item async for item in response.iter_items()])
            assert threading.active_count() == before
        async with AsyncClient(TREE, **settings) as nobody:
            assert (await nobody.get_person.send("7")).status == 401

    asyncio.run(ask())
    assert [each.status for each in sandbox.received] == [200] * 9 + [409, 200, 200, 401]
