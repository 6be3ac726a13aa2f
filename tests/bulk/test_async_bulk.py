"""Many rows over tasks of an event loop: the same states, journal, rate and order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

from dynaclient import AsyncBulk, AsyncClient, BulkError, BulkRow, Client, SettingsError
from tests.bulk.counting import DOCUMENT, Counting, bodies, members, rows, server_of
from tests.bulk.rates import check_the_rate, put_off_once
from tests.bulk.test_bulk import CLOSE, FAULTS
from tests.servers import RawServer, reply


def api_at(url: str) -> AsyncClient:
    return AsyncClient(DOCUMENT, server=url)


async def all_of(api: AsyncClient, *given: Any, **settings: Any) -> tuple[list[BulkRow], AsyncBulk]:
    async with api, api.bulk(*given, **settings) as run:
        return [row async for row in run], run


def run(made: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(made)


def states(found: list[BulkRow]) -> dict[str, str]:
    return {row.key: row.state for row in found}


def test_each_row_is_sent_once_by_many_tasks_and_no_thread() -> None:
    threads = set()

    def plan(key: str, arrival: int) -> str:
        threads.update(each.name for each in threading.enumerate() if "dynaclient" in each.name)
        return "ok"

    counting = Counting(plan, delay=0.01)
    with server_of(counting) as server:
        found, bulk = run(all_of(api_at(server.url), "putItem", rows(40), key="id"))
        assert len({each.connection for each in server.requests}) > 5  # at the same time
    assert sorted((row.index, row.key, row.state, row.status) for row in found) == [
        (index, f"k{index}", "ok", 200) for index in range(40)
    ]
    assert set(counting.done.values()) == {1}
    assert (bulk.summary.ok, bulk.summary.requests) == (40, 40)
    assert threads == set()


def test_requests_that_differ_in_a_parameter_have_two_idempotency_keys() -> None:
    with RawServer(reply(200)) as server:
        for name in ("a", "b", "a"):
            api = AsyncClient(CLOSE, server=server.url, idempotency_key_header="Key")
            found, _ = run(all_of(api, "closeOrder", [{"orderId": name}]))
            assert states(found) == {"0": "ok"}
    first, second, third = (each.header("Key") for each in server.requests)
    assert first == third != second
    with pytest.raises(SettingsError, match="an idempotency key, need values that last"):
        run(all_of(api, "closeOrder", [], parameters={"why": object()}, idempotency_key="Key"))


def test_it_goes_by_both_names() -> None:
    async def both(url: str) -> list[str]:
        async with api_at(url) as api:
            return [row.state async for row in api.abulk("addItem", bodies(3))]

    with server_of(Counting()) as server:
        assert run(both(server.url)) == ["ok"] * 3


@pytest.mark.parametrize(("operation", "fault", "state", "error", "arrivals"), FAULTS)
def test_what_is_repeated_and_what_never(
    operation: str, fault: str, state: str, error: str, arrivals: int
) -> None:
    counting = Counting(lambda key, arrival: fault if arrival == 1 else "ok")
    given = rows(1) if operation == "putItem" else bodies(1)
    with server_of(counting) as server:
        ((found,), _) = run(all_of(api_at(server.url), operation, given))
    assert (found.state, counting.arrived["k0"]) == (state, arrivals)
    assert error in found.error


def test_poison_rows_come_back_alone_and_in_order() -> None:
    given = members(400)
    for index in range(0, 400, 200):
        given[index]["n"] = -1
    poison = {"k100", "k300"}
    counting = Counting(lambda key, arrival: "422" if key in poison else "ok")
    with server_of(counting) as server:
        settings: dict[str, Any] = {"key": "id", "pack": "items", "ordered": True, "window": 4}
        found, _ = run(all_of(api_at(server.url), "putItems", given, **settings))
    assert [row.index for row in found] == list(range(400))
    assert {row.key for row in found if row.state == "refused"} == {"k0", "k200"}
    assert {row.key for row in found if row.state == "failed"} == poison
    assert set(counting.done.values()) == {1}


@pytest.mark.exhaustive
def test_the_rate_at_a_server_and_after_a_429() -> None:
    counting = Counting(put_off_once, retry_after="1")
    with server_of(counting) as server:
        found, _ = run(all_of(api_at(server.url), "putItem", rows(120), rate="100/s"))
    assert {row.state for row in found} == {"ok"}
    check_the_rate(counting, pause=0.9)


def test_a_run_goes_on_where_it_ended_also_in_the_other_client(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    counting = Counting(lambda key, arrival: "drop" if key == "k3" else "ok")

    async def some(url: str) -> int:
        async with (
            api_at(url) as api,
            api.bulk("addItem", bodies(30), key="body.id", journal=journal) as bulk,
        ):
            for _ in range(5):
                await anext(bulk)
            with pytest.raises(SettingsError, match="in use by another run"):
                api.bulk("addItem", [], journal=journal)
        return bulk.summary.ok

    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        first = run(some(server.url))
        second, bulk = run(all_of(api_at(server.url), "addItem", bodies(30), key="body.id", journal=journal))
        assert bulk.summary.skipped == first
        assert {row.key: row.state for row in second if row.state != "ok"} == {"k3": "unknown"}
        third = list(api.bulk("addItem", bodies(30), key="body.id", journal=journal))
    assert states(third) == {"k3": "unknown"}
    assert set(counting.arrived.values()) == {1}
    assert len(counting.arrived) == 30


def test_a_task_that_is_cancelled_gives_up_what_is_on_its_way(tmp_path: Path) -> None:
    """What was not answered is in the journal, and a POST of it is not sent again."""
    journal = tmp_path / "import.db"
    counting = Counting(delay=0.2)

    async def cancelled(url: str) -> None:
        async with api_at(url) as api:
            task = asyncio.create_task(all_of(api, "addItem", bodies(4), key="body.id", journal=journal))
            while len(counting.arrived) < 4:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with server_of(counting) as server:
        run(cancelled(server.url))
        found, _ = run(all_of(api_at(server.url), "addItem", bodies(4), key="body.id", journal=journal))
    assert {row.state for row in found} == {"unknown"}
    assert set(counting.arrived.values()) == {1}


def test_other_tasks_go_on_while_rows_are_passed_over(tmp_path: Path) -> None:
    journal = tmp_path / "import.db"
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def beside(url: str) -> AsyncBulk:
        other = asyncio.create_task(turning())
        _, bulk = await all_of(api_at(url), "putItem", rows(50), key="id", journal=journal)
        other.cancel()
        return bulk

    with server_of(Counting()) as server:
        run(all_of(api_at(server.url), "putItem", rows(50), key="id", journal=journal))
        assert run(beside(server.url)).summary.skipped == 50
    assert turns >= 50


def test_an_input_that_fails_ends_the_run_behind_what_was_sent() -> None:
    def broken() -> Any:
        yield from rows(5)
        raise OSError("the file is gone")

    async def some(url: str) -> list[BulkRow]:
        async with api_at(url) as api:
            bulk = api.bulk("putItem", broken())
            found = [await anext(bulk) for _ in range(5)]
            with pytest.raises(OSError, match="the file is gone"):
                await anext(bulk)
        assert "5 ok" in repr(bulk)
        return found

    with server_of(Counting()) as server:
        assert [row.state for row in run(some(server.url))] == ["ok"] * 5


@pytest.mark.parametrize("settings", [{"window": 0}, {"rate": "fast"}, {"pack": "x"}, {"key": 1}])
def test_settings_that_cannot_work(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        api_at("http://h").bulk("putItem", [], **settings)


def test_a_full_disk_stops_the_run(tmp_path: Path) -> None:
    async def some(url: str) -> None:
        async with api_at(url) as api:
            bulk = api.bulk("addItem", bodies(150), key="body.id", journal=tmp_path / "import.db", window=4)
            assert bulk._bulk.journal is not None
            bulk._bulk.journal._db.execute("PRAGMA max_page_count = 5")
            with pytest.raises(BulkError, match="database or disk is full"):
                async for _ in bulk:
                    pass

    counting = Counting()
    with server_of(counting) as server:
        run(some(server.url))
    assert 0 < sum(counting.arrived.values()) < 150
