"""`rate` and `max_concurrency`: whose turn it is, by a clock of the test, and at a server by both drivers."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import multiprocessing
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dynaclient import Client, DeadlineExceeded, SettingsError
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.turns import Turns
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import one
from tests.transport.test_rate import Clock, most_in

THREADS = 16


def ignored() -> None:
    pass


# -- the bookkeeping -----------------------------------------------------------------------------------------


class World:
    """Callers that come, wait, are woken, go and are back, on a clock that runs as they need it."""

    def __init__(self, turns: Turns, clock: Clock) -> None:
        self.turns, self.clock = turns, clock
        self.gone: list[tuple[float, int]] = []
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()

    def at(self, when: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (when, next(self._number), do))

    def caller(self, name: int, stays: float = 0.0) -> None:
        def ask() -> None:
            if turn in asking:
                wait = self.turns.wait(turn)
                if wait == 0:
                    asking.clear()
                    self.gone.append((self.clock.now, name))
                    self.at(self.clock.now + stays, lambda: self.turns.over(None))
                elif wait < math.inf:
                    self.at(self.clock.now + wait, ask)

        turn = self.turns.join(lambda: self.at(self.clock.now, ask))
        asking = [turn]
        ask()

    def run(self, until: float = math.inf) -> None:
        while self._due and self._due[0][0] <= until:
            when, _, do = heapq.heappop(self._due)
            self.clock.now = max(self.clock.now, when)
            do()


@pytest.mark.parametrize("rate", [0.5, 3, 100, 1000])
@pytest.mark.parametrize("most", [None, 1, 7])
def test_no_second_has_more_than_its_share_and_order_holds(rate: float, most: int | None) -> None:
    clock = Clock()
    world = World(Turns(rate, most, clock), clock)
    count = min(3000, int(rate * 25))
    for number in range(count):
        world.caller(number, stays=0.5 / rate)
    world.run()
    times = [when for when, _ in world.gone]
    assert [name for _, name in world.gone] == list(range(count))
    assert most_in(times, 1.0) <= max(1, math.floor(1.1 * rate))
    assert most_in(times, 10.0) <= 10 * rate
    assert times[-1] - times[0] <= count / rate / 0.95


@pytest.mark.parametrize("most", [1, 2, 5])
def test_no_more_are_on_their_way(most: int) -> None:
    clock = Clock()
    world = World(Turns(None, most, clock), clock)
    for number in range(20):
        world.caller(number, stays=1.0)
    world.run()
    assert [name for _, name in world.gone] == list(range(20))
    assert [round(when - world.gone[0][0]) for when, _ in world.gone] == [at // most for at in range(20)]


def test_a_pause_holds_for_all() -> None:
    clock = Clock()
    turns = Turns(None, None, clock)
    first = turns.join(ignored)
    assert turns.wait(first) == 0
    turns.over(3.0)
    others = [turns.join(ignored), turns.join(ignored)]
    assert [turns.wait(each) for each in others] == [3.0, math.inf]
    clock.now += 3.0
    assert [turns.wait(each) for each in others] == [0, 0]


def test_a_pause_has_an_end() -> None:
    turns = Turns(None, None, Clock())
    assert turns.wait(turns.join(ignored)) == 0
    turns.over(1e9)
    assert turns.wait(turns.join(ignored)) == 600


def test_who_leaves_gives_the_turn_to_the_next() -> None:
    clock, woken = Clock(), []
    turns = Turns(1, None, clock)
    assert turns.wait(turns.join(ignored)) == 0
    places = [turns.join(lambda name=name: woken.append(name)) for name in "abc"]
    turns.leave(places[1])
    turns.leave(places[1])
    assert woken == []
    turns.leave(places[0])
    assert woken == ["c"]
    assert 0 < turns.wait(places[2]) < 1.1


def test_a_turn_whose_loop_is_closed_is_passed_over() -> None:
    turns, woken = Turns(None, 1), []
    assert turns.wait(turns.join(ignored)) == 0
    loop = asyncio.new_event_loop()
    turns.join(lambda: loop.call_soon_threadsafe(ignored))
    turns.join(lambda: woken.append(1))
    loop.close()
    turns.over(None)
    assert woken == [1]


@pytest.mark.parametrize(
    ("turns", "pause", "why"),
    [
        (Turns(0.01), None, r"its turn did not come within 5 s: it waited for the rate of the client, 0.01"),
        (Turns(None, 1), None, "1 other requests are on their way, as many as max_concurrency allows"),
        (Turns(100), 60.0, r"the server asked all callers to wait \(Retry-After\)"),
    ],
)
def test_no_time_left_is_said_with_the_reason(turns: Turns, pause: float | None, why: str) -> None:
    clock = Deadline(Timeout(total=5))
    first = turns.join(ignored)
    assert turns.seconds(first, clock, "GET http://a.test/x", sent=False) == 0
    if pause is not None:
        turns.over(pause)
    clock = Deadline(Timeout(total=5)) if turns.rate else Deadline(Timeout(total=1e-9))
    turn = turns.join(ignored)
    with pytest.raises(DeadlineExceeded, match=f"^GET http://a.test/x: .*{why}") as caught:
        turns.seconds(turn, clock, "GET http://a.test/x", sent=False)
    assert caught.value.sent is False


def test_a_pickled_one_begins_anew() -> None:
    turns = Turns(0.01, 1)
    assert turns.wait(turns.join(ignored)) == 0
    again = pickle.loads(pickle.dumps(turns))
    assert again.rate == 0.01
    assert again.wait(again.join(ignored)) == 0


def _asked(turns: Turns, answers: Any) -> None:
    answers.put(turns.wait(turns.join(ignored)))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_fork_begins_anew() -> None:
    turns = Turns(0.01, 1)
    assert turns.wait(turns.join(ignored)) == 0
    turns.join(ignored)
    context: Any = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_asked, args=(turns, answers))
    child.start()
    child.join(20)
    assert answers.get() == 0


# -- at a server ---------------------------------------------------------------------------------------------


class Times:
    """When requests came, and how many were there at once."""

    def __init__(self, *, late: float = 0.0, answers: dict[int, Any] | None = None) -> None:
        self.times: list[float] = []
        self.most = 0
        self._late, self._answers = late, answers or {}
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, request: Recorded) -> bytes:
        with self._lock:
            number = len(self.times)
            self.times.append(time.monotonic())
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self._late)
        with self._lock:
            self._now -= 1
        return self._answers.get(number, reply())  # type: ignore[no-any-return]


def by_threads(url: str, count: int, **settings: Any) -> list[Any]:
    with Client(one(), server=url, **settings) as api, ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda _: told(api.send), range(count)))


def by_lean_threads(url: str, count: int, **settings: Any) -> list[Any]:
    return by_threads(url, count, transport="urllib3", **settings)


def told(send: Callable[[str], Any]) -> Any:
    try:
        return send("op").status
    except DeadlineExceeded as error:
        return error


def by_tasks(url: str, count: int, **settings: Any) -> list[Any]:
    from dynaclient import AsyncClient

    async def asked(api: Any) -> Any:
        try:
            return (await api.send("op")).status
        except DeadlineExceeded as error:
            return error

    async def all_of_them() -> list[Any]:
        async with AsyncClient(one(), server=url, **settings) as api:
            return await asyncio.gather(*(asked(api) for _ in range(count)))

    return asyncio.run(all_of_them())


@pytest.fixture(params=[by_threads, by_lean_threads, by_tasks])
def ask(request: pytest.FixtureRequest) -> Callable[..., list[Any]]:
    if request.param is by_tasks:
        pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    return request.param  # type: ignore[no-any-return]


@pytest.mark.sampled(3)
def test_the_rate_at_a_server_and_after_a_429(ask: Callable[..., list[Any]], serve: Serve) -> None:
    seen = Times(answers={40: reply(429, b"", [("Retry-After", "1")])})
    assert ask(serve(seen).url, 150, rate="100/s") == [200] * 150
    assert len(seen.times) == 151
    assert most_in(seen.times, 1.0) <= 110
    gaps = [after - before for before, after in itertools.pairwise(seen.times)]
    assert max(gaps) >= 0.9  # one 429 holds up all


def test_no_more_at_a_server(ask: Callable[..., list[Any]], serve: Serve) -> None:
    seen = Times(late=0.005)
    assert ask(serve(seen).url, 64, max_concurrency=3) == [200] * 64
    assert seen.most == 3


def test_repeats_wait_for_their_turn(ask: Callable[..., list[Any]], serve: Serve) -> None:
    seen = Times(answers={number: reply(503) for number in range(10)})
    assert ask(serve(seen).url, 10, rate=100, retries=20) == [200] * 10
    assert len(seen.times) == 20
    assert seen.times[-1] - seen.times[0] >= 0.15


def test_who_has_no_time_to_wait_is_told_so_and_nothing_is_sent(
    ask: Callable[..., list[Any]], serve: Serve
) -> None:
    seen = Times()
    found = ask(serve(seen).url, 5, rate="1/m", timeout=20)
    assert found.count(200) == len(seen.times) == 1
    errors = [each for each in found if each != 200]
    assert {each.sent for each in errors} == {False}
    assert all("waited for the rate" in str(each) and each.attempts == () for each in errors)


def test_a_cancelled_task_gives_its_turn_back(serve: Serve) -> None:
    pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    from dynaclient import AsyncClient

    async def some_are_cancelled(url: str) -> int:
        async with AsyncClient(one(), server=url, max_concurrency=1, rate=20) as api:
            tasks = [asyncio.ensure_future(api.send("op")) for _ in range(30)]
            await tasks[0]
            for task in tasks[1:28]:
                task.cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            return [type(each) for each in found].count(asyncio.CancelledError)

    seen = Times()
    assert asyncio.run(some_are_cancelled(serve(seen).url)) == 27
    assert len(seen.times) == 3


def test_a_client_that_is_pickled_keeps_them(serve: Serve) -> None:
    seen = Times()
    with pickle.loads(pickle.dumps(Client(one(), server=serve(seen).url, rate="1/h", timeout=5))) as api:
        assert [told(api.send) == 200 for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"rate": "fast"}, "rate: expected requests a second, such as 100/s or 600/m"),
        ({"rate": 0}, "rate: expected requests a second"),
        ({"max_concurrency": 0}, "max_concurrency: expected a whole number from 1, got 0"),
        ({"max_concurrency": "5"}, "max_concurrency: expected a whole number from 1"),
    ],
)
def test_what_cannot_be_meant(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Client(one(), **given)
