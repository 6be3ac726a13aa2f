"""How often a request arrives, by method, setting and fault: what the server counts is what the table says.

16 threads share a client, and 64 tasks another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from dynaclient import AsyncClient, Client, DynaclientError
from tests.faults.catalogue import AGAIN, FAULTS, MOST, Fault
from tests.faults.server import FaultServer
from tests.faults.trials import DOCUMENT, METHODS, NUMBERS, QUICK, arguments, read

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

THREADS, TASKS = 16, 64
CLIENT: dict[str, dict[str, Any]] = {
    # what a client is set up with; the other settings are those of a call
    "key": {"retries": QUICK, "idempotency_key_header": "Idempotency-Key"},
    "POST too": {"retries": replace(QUICK, methods=METHODS)},
    "0": {"retries": 0},
}
CALL = {setting: {"retry": setting} for setting in ("safe", "always", "off")}
Given = tuple[str, Fault, str, int]
"""A setting, a fault, a method and a number."""

COUNTED = [fault for fault in FAULTS.values() if not (fault.early or fault.lies or fault.patience < 10)]
SAMPLE = {"closed after the request", "429, now", "503", "503, in a day", "redirect 302", "no gzip"}


def calls(faults: list[Fault]) -> Iterator[Given]:
    for setting in AGAIN:
        for fault in faults:
            for method in METHODS:
                yield setting, fault, method, next(NUMBERS)


def made(kind: Any, url: str) -> dict[str, Any]:
    """A client for each setting."""
    usual = {"server": url, "timeout": 20, "max_body": MOST, "retries": QUICK}
    return {setting: kind(DOCUMENT, **{**usual, **CLIENT.get(setting, {})}) for setting in AGAIN}


def by_threads(url: str, given: list[Given]) -> list[str]:
    clients = made(Client, url)

    def ask(each: Given) -> str:
        setting, fault, method, n = each
        options = CALL.get(setting, {})
        try:
            return read(
                clients[setting].send(
                    method, {"fault": fault.name, "n": n}, options=options, **arguments(method, n)
                ),
                n,
            )
        except DynaclientError as error:
            return type(error).__name__

    with ThreadPoolExecutor(THREADS) as pool:
        came = list(pool.map(ask, given))
    for client in clients.values():
        client.close()
    return came


def by_tasks(url: str, given: list[Given]) -> list[str]:
    clients = made(AsyncClient, url)
    free = asyncio.Semaphore(TASKS)

    async def ask(setting: str, fault: Fault, method: str, n: int) -> str:
        options = CALL.get(setting, {})
        async with free:
            try:
                response = await clients[setting].send(
                    method, {"fault": fault.name, "n": n}, options=options, **arguments(method, n)
                )
            except DynaclientError as error:
                return type(error).__name__
            return read(response, n)

    async def all_of_them() -> list[str]:
        try:
            return await asyncio.gather(*(ask(*each) for each in given))
        finally:
            for client in clients.values():
                await client.aclose()

    return asyncio.run(all_of_them())


WAYS = {"threads": by_threads, "tasks": by_tasks}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([FAULTS[name] for name in sorted(SAMPLE)], id="some"),
        pytest.param(COUNTED, id="all", marks=pytest.mark.exhaustive),
    ],
)
def test_the_server_counts_what_the_table_says(way: str, faults: list[Fault]) -> None:
    given = list(calls(faults))
    with FaultServer() as server:
        came = WAYS[way](server.url, given)
    wrong = []
    for (setting, fault, method, n), what in zip(given, came, strict=True):
        least, most = fault.arrives(method, what, setting)
        if what not in fault.wanted(method) or not least <= server.arrived[method, n] <= most:
            wrong.append(f"{fault.name}, {setting}, {method}: {what}, {server.arrived[method, n]} not {most}")
    assert wrong == []


def test_few_faults_are_left_out() -> None:
    assert len(COUNTED) > 0.75 * len(FAULTS)


@pytest.mark.parametrize(
    ("name", "method", "came", "due"),
    [
        ("endless chunk extension", "GET", "DeadlineExceeded", (0, 3)),
        ("endless chunk extension", "POST", "DeadlineExceeded", (0, 1)),
        ("silence behind the head", "GET", "DeadlineExceeded", (0, 1)),
        ("503", "GET", "DeadlineExceeded", (0, 3)),
        ("503", "GET", "503", (3, 3)),
        ("503", "POST", "503", (1, 1)),
    ],
)
def test_time_may_run_out_in_each_attempt(name: str, method: str, came: str, due: tuple[int, int]) -> None:
    assert FAULTS[name].arrives(method, came) == due
