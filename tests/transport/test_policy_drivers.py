"""All drivers do what the policy says: the tables of `policy_cases`, and a server that counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dynaclient.errors import ConnectError
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import closed_port
from tests.transport.policy_cases import SETTINGS, STEPS, Case, Setting, answer, cases, outcome

THREADS, TASKS = 16, 64


class Threads:
    """Calls over transports, by threads that share them."""

    over: Any = None

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def transport(self, setting: Setting) -> Any:
        return self._made.setdefault(id(setting), self._make(setting))

    def _make(self, setting: Setting) -> Any:
        return Transport(
            retries=setting.policy.retries,
            key_header=setting.key_header,
            timeout=Timeout(total=20),
            over=self.over,
        )

    def request(self, setting: Setting, method: str, url: str) -> Any:
        transport = self.transport(setting)
        return transport.prepare(method, url, list(setting.headers), None, credential_chosen=True)

    def ask(self, setting: Setting, method: str, url: str) -> Any:
        request = self.request(setting, method, url)
        try:
            return self.transport(setting).send(request, retry=setting.retry, again=lambda reply: request)
        except ConnectError as error:
            return error

    def all(self, calls: Iterable[tuple[Setting, str, str]]) -> list[Any]:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda given: self.ask(*given), calls))

    def close(self) -> None:
        for transport in self._made.values():
            transport.close()


class LeanThreads(Threads):
    """The same without requests."""

    over = "urllib3"


class Tasks(Threads):
    """The same by tasks of one event loop."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()

    def _make(self, setting: Setting) -> Any:
        from dynaclient.transport.async_transport import AsyncTransport

        return AsyncTransport.of(super()._make(setting))

    async def _asked(self, setting: Setting, method: str, url: str) -> Any:
        request = self.request(setting, method, url)

        async def again(reply: Any) -> Any:
            return request

        try:
            return await self.transport(setting).send(request, retry=setting.retry, again=again)
        except ConnectError as error:
            return error

    def all(self, calls: Iterable[tuple[Setting, str, str]]) -> list[Any]:
        waiting = list(enumerate(calls))
        found: list[Any] = [None] * len(waiting)

        async def work() -> None:
            while waiting:
                place, given = waiting.pop()
                found[place] = await self._asked(*given)

        async def several() -> None:
            await asyncio.gather(*(work() for _ in range(TASKS)))

        self._loop.run_until_complete(several())
        return found

    def close(self) -> None:
        for transport in self._made.values():
            self._loop.run_until_complete(transport.aclose())
        self._loop.close()


@pytest.fixture(params=[Threads, LeanThreads, Tasks])
def calls(request: pytest.FixtureRequest) -> Iterator[Threads]:
    if request.param is Tasks:
        pytest.importorskip("aiohttp", reason="the extra `async` is not installed")
    made: Threads = request.param()
    yield made
    made.close()


def told(found: Any) -> int | str:
    return type(found).__name__ if isinstance(found, Exception) else found.status


def test_a_request_arrives_as_often_as_the_table_says(calls: Threads, serve: Serve) -> None:
    """All of the table at once, each case at a path of its own."""
    table = [case for case in cases() if case.fault != "fatal"]
    server = serve(lambda request: answer(request.target.split("/")[2]))
    nowhere = f"http://127.0.0.1:{closed_port()}"

    def url(number: int, case: Case) -> str:
        return f"{nowhere if case.fault == 'unsent' else server.url}/{number}/{case.fault}"

    found = calls.all(
        (SETTINGS[case.setting], case.method, url(number, case)) for number, case in enumerate(table)
    )
    arrived = Counter(request.target for request in server.requests)
    for number, (case, came) in enumerate(zip(table, found, strict=True)):
        expected = 0 if case.fault == "unsent" else case.sent
        assert arrived[f"/{number}/{case.fault}"] == expected, case
        assert told(came) == told(getattr(outcome(case.fault), "error", outcome(case.fault))), case
        assert (len(came.attempts) or 1) == case.sent, case


REAL = [row for row in STEPS if not {"unsent", "fatal", "429+3", "429+3600"} & {*row[1].split()}]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("method", "tokens", "steps"), REAL)
def test_what_is_done(method: str, tokens: str, steps: str, calls: Threads, serve: Serve) -> None:
    answers = tokens.split()
    server = serve(*map(answer, answers))
    [found] = calls.all([(SETTINGS["default"], method, server.url + "/x")])
    expected = [step.partition(" ")[2] or "/x" for step in steps.split(", ") if step.startswith("send")]
    assert [request.target for request in server.requests] == expected
    assert told(found) == told(getattr(outcome(answers[-1]), "error", outcome(answers[-1])))
