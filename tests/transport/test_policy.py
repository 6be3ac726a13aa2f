"""What a call decides, by tables and without a socket: what came, and what is to be done then.

Rows are read against RFC 9110: section 9.2.2 (which methods may be repeated), 10.2.3 (Retry-After), 15.4
(redirects), 11.3 (challenges), and against what the README promises of `retries` and `timeout`.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from dynaclient.errors import ConnectError, DeadlineExceeded, TransportError
from dynaclient.transport import policy
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.policy import LIMIT, Fetch, Outage, Policy, Retryable, Send, Wait
from dynaclient.transport.reply import Reply
from dynaclient.transport.request_body import outgoing
from dynaclient.wire.headers import Headers
from tests.transport.test_streamed_requests import OneWay

SAFE_TO_REPEAT = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY")
ONCE = ("POST", "PATCH", "LOCK")
PASSING = (408, 429, 502, 503, 504)
URL = "http://a.example/x"
BACKOFF = 0.25

LOST = Outage(ConnectError("lost"), Retryable.IDEMPOTENT)
UNSENT = Outage(ConnectError("refused"), Retryable.ALWAYS)
FATAL = Outage(ConnectError("the certificate is not trusted"), Retryable.NEVER)


@dataclass(frozen=True)
class Request:
    method: str = "GET"
    url: str = URL
    body: Any = None
    answers: int = 0


class Clock(Deadline):
    """A deadline on which time goes by only where a step says so."""

    def __init__(self, total: float = 60.0) -> None:
        super().__init__(Timeout())
        self.seconds = total

    def left(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("the policy opens no socket")

    monkeypatch.setattr(policy, "backoff", lambda attempt: BACKOFF * (attempt + 1))
    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr("time.sleep", no_socket)


def came(status: int, **headers: str) -> Reply:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Reply(status, "", Headers(pairs), b"", URL, 0.0)


def moved(request: Request, url: str) -> Request:
    return replace(request, url=url)


def told(
    outcomes: Iterable[Reply | Outage],
    request: Request | None = None,
    *,
    settings: Policy | None = None,
    clock: Clock | None = None,
    answer: Callable[[Request], Request | None] | None = None,
    slow: float = 0.0,
) -> tuple[list[str], Reply | Outage]:
    """The steps of a call as text, and what it comes to; each exchange takes `slow` seconds."""
    request, clock = request or Request(), clock or Clock()
    steps: Any = (settings or Policy()).steps(request, clock, moved=moved, answers=answer is not None)
    left, log, sent, given = iter(outcomes), [], request, None
    while True:
        try:
            step = steps.send(given)
        except StopIteration as end:
            return log, end.value
        if isinstance(step, Send):
            sent = step.request
            where = sent.url.partition("a.example")[2]
            log.append(f"send {where}" if where != "/x" else "send")
            clock.seconds -= slow
            given = next(left)
        elif isinstance(step, Wait):
            log.append(f"wait {step.seconds:g}")
            clock.seconds -= step.seconds
            given = None
        else:
            assert isinstance(step, Fetch)
            log.append("fetch")
            given = answer(sent) if answer else None


MOVED = came(302, Location="/y")
BACK = came(302, Location="/x")
CHALLENGE = came(401, WWW_Authenticate="Digest")
OK, BUSY, NOW, LATER = came(200), came(503), came(503, Retry_After="0"), came(429, Retry_After="3")

TABLE: list[tuple[str, list[Reply | Outage], str]] = [
    # method, what came, what is done
    ("GET", [OK], "send"),
    ("POST", [OK], "send"),
    ("GET", [BUSY, OK], "send, wait 0.25, send"),
    ("GET", [BUSY, BUSY, OK], "send, wait 0.25, send, wait 0.5, send"),
    ("GET", [BUSY, BUSY, BUSY], "send, wait 0.25, send, wait 0.5, send"),
    ("PUT", [NOW, OK], "send, wait 0, send"),
    ("DELETE", [LATER, OK], "send, wait 3, send"),
    ("POST", [BUSY], "send"),
    ("POST", [LATER], "send"),
    ("PATCH", [LOST], "send"),
    ("POST", [UNSENT, OK], "send, wait 0.25, send"),
    ("POST", [UNSENT, LOST], "send, wait 0.25, send"),
    ("GET", [LOST, LATER, OK], "send, wait 0.25, send, wait 3, send"),
    ("GET", [FATAL], "send"),
    ("GET", [LOST, FATAL], "send, wait 0.25, send"),
    ("GET", [came(500)], "send"),
    ("GET", [came(404)], "send"),
    ("GET", [came(429, Retry_After="3600")], "send"),
    ("GET", [came(429, Retry_After="soon"), OK], "send, wait 0.25, send"),
    ("GET", [MOVED, OK], "send, send /y"),
    ("HEAD", [MOVED, OK], "send, send /y"),
    ("POST", [MOVED], "send"),
    ("PUT", [MOVED], "send"),
    ("GET", [came(302)], "send"),
    ("GET", [came(302, Location="https://a.example/y")], "send"),
    ("GET", [came(302, Location="http://b.example/y")], "send"),
    ("GET", [came(304, Location="/y")], "send"),
    ("GET", [MOVED, BUSY, OK], "send, send /y, wait 0.25, send /y"),
    ("GET", [BUSY, MOVED, BUSY, OK], "send, wait 0.25, send, send /y, wait 0.5, send /y"),
    ("GET", [MOVED, BACK, OK], "send, send /y, send"),
    ("GET", [*[BACK] * LIMIT, MOVED], ", ".join(["send"] * (LIMIT + 1))),
    ("GET", [CHALLENGE, OK], "send, fetch, send"),
    ("POST", [CHALLENGE, OK], "send, fetch, send"),
    ("GET", [CHALLENGE, CHALLENGE], "send, fetch, send"),
    ("GET", [CHALLENGE, BUSY, OK], "send, fetch, send, wait 0.25, send"),
    ("GET", [BUSY, CHALLENGE, BUSY, OK], "send, wait 0.25, send, fetch, send, wait 0.5, send"),
    ("GET", [MOVED, CHALLENGE, OK], "send, send /y, fetch, send /y"),
    ("GET", [CHALLENGE, MOVED, OK], "send, fetch, send, send /y"),
]


@pytest.mark.parametrize(("method", "outcomes", "steps"), TABLE)
def test_what_is_done(method: str, outcomes: list[Reply | Outage], steps: str) -> None:
    log, found = told(outcomes, Request(method), answer=lambda sent: replace(sent, answers=1))
    assert ", ".join(log) == steps
    assert found is outcomes[-1]


# How often a request may arrive at most, where the same comes each time: status or fault x method x setting.

FAULTS: dict[str, tuple[Reply | Outage, Callable[[str], bool]]] = {
    "lost": (LOST, SAFE_TO_REPEAT.__contains__),
    "unsent": (UNSENT, lambda method: True),
    "fatal": (FATAL, lambda method: False),
    **{str(status): (came(status), SAFE_TO_REPEAT.__contains__) for status in PASSING},
    **{f"{status} later": (came(status, Retry_After="1"), SAFE_TO_REPEAT.__contains__) for status in PASSING},
    **{str(status): (came(status), lambda method: False) for status in (200, 204, 400, 404, 409, 500, 501)},
}


def cases() -> Iterator[tuple[str, str, int]]:
    yield from product(FAULTS, (*SAFE_TO_REPEAT, *ONCE), (0, 1, 2, 5))


def test_how_often_a_request_arrives() -> None:
    for fault, method, retries in cases():
        outcome, may_repeat = FAULTS[fault]
        log, found = told([outcome] * 9, Request(method), settings=Policy(retries))
        expected = 1 + (retries if may_repeat(method) else 0)
        assert (log.count("send"), found) == (expected, outcome), (fault, method, retries)


def test_only_when_asked_repeats_a_429_with_its_time_and_nothing_else() -> None:
    for fault, method, retries in cases():
        outcome, _ = FAULTS[fault]
        log, found = told([outcome] * 9, Request(method), settings=Policy(retries, only_when_asked=True))
        expected = 1 + (retries if fault == "429 later" else 0)
        assert (log.count("send"), found) == (expected, outcome), (fault, method, retries)


@pytest.mark.parametrize(
    ("total", "slow", "outcomes", "steps"),
    [
        (3.1, 0.0, [LATER, OK], "send, wait 3, send"),
        (3.0, 0.0, [LATER], "send"),  # it would end with the call
        (2.0, 0.0, [LATER], "send"),
        (3.9, 1.0, [LATER], "send"),
        (0.3, 0.1, [LOST], "send"),
        (0.9, 0.1, [LOST, LOST], "send, wait 0.25, send"),
    ],
)
def test_waits_end_within_the_deadline(
    total: float, slow: float, outcomes: list[Reply | Outage], steps: str
) -> None:
    log, found = told(outcomes, clock=Clock(total), slow=slow)
    assert (", ".join(log), found) == (steps, outcomes[-1])


@pytest.mark.parametrize(
    ("total", "outcomes", "sent"),
    [(0.0, [], 0), (1.0, [MOVED], 1), (2.0, [MOVED, BACK], 2), (1.0, [CHALLENGE], 1)],
)
def test_nothing_is_sent_after_the_deadline(total: float, outcomes: list[Reply], sent: int) -> None:
    clock, rest = Clock(total), iter(outcomes)
    with pytest.raises(DeadlineExceeded, match=r"^GET http://a\.example/[xy]: no complete response within"):
        told(rest, clock=clock, slow=1.0, answer=lambda request: request)
    assert clock.seconds == total - sent
    assert list(rest) == []


def test_without_an_answer_a_challenge_stands() -> None:
    log, found = told([CHALLENGE], answer=lambda sent: None)
    assert (log, found) == (["send", "fetch"], CHALLENGE)
    assert told([CHALLENGE]) == (["send"], CHALLENGE)


def test_the_answer_is_what_is_sent_from_then_on() -> None:
    steps: Any = Policy().steps(Request(), Clock(), moved=moved, answers=True)
    came_of: list[Any] = [None, CHALLENGE, Request(answers=1), BUSY, None, MOVED]
    done = [steps.send(each) for each in came_of]
    sent = [(step.request.answers, step.attempt) for step in done if isinstance(step, Send)]
    assert [type(step) for step in done] == [Send, Fetch, Send, Wait, Send, Send]
    assert sent == [(0, 0), (1, 0), (1, 1), (1, 1)]


@pytest.mark.parametrize("outcome", [BUSY, LOST, UNSENT])
def test_a_body_that_cannot_be_sent_again_is_not(outcome: Reply | Outage) -> None:
    body = outgoing(OneWay(b"abc"))
    assert body is not None
    request = Request("PUT", body=body)
    steps: Any = Policy().steps(request, Clock(), moved=moved)
    assert isinstance(steps.send(None), Send)
    body.read()  # what sends it reads it
    with pytest.raises(StopIteration) as end:
        steps.send(outcome)
    assert end.value.value is outcome


def test_a_file_is_taken_to_its_start_before_each_attempt() -> None:
    body = outgoing(io.BytesIO(b"abc"))
    assert body is not None
    read: list[bytes] = []
    steps: Any = Policy().steps(Request("PUT", body=body), Clock(), moved=moved)
    step = steps.send(None)
    for outcome in (BUSY, LOST):
        assert isinstance(step, Send)
        read.append(body.read())
        assert isinstance(steps.send(outcome), Wait)
        step = steps.send(None)
    assert read == [b"abc"] * 2


def test_a_body_that_was_read_before_is_refused_before_anything_is_sent() -> None:
    body = outgoing(OneWay(b"abc"))
    assert body is not None
    body.read()
    with pytest.raises(TransportError, match="was read before and cannot be read again"):
        told([], Request("PUT", body=body))
