"""What a call decides, by tables and without a socket: what came, and what is to be done then.

The tables are in `policy_cases`; `test_policy_drivers` runs them at a server.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dynaclient import Retries
from dynaclient.errors import DeadlineExceeded, TransportError
from dynaclient.transport import policy
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.policy import Fetch, Outage, Policy, Send, Wait
from dynaclient.transport.reply import Reply
from dynaclient.transport.request_body import outgoing
from dynaclient.wire.headers import Headers
from tests.transport.policy_cases import LOST, SETTINGS, STEPS, UNSENT, cases, outcome
from tests.transport.test_streamed_requests import OneWay

URL = "http://a.example/x"
BACKOFF = 0.25


@dataclass(frozen=True)
class Request:
    method: str = "GET"
    url: str = URL
    body: Any = None
    answers: int = 0
    headers: Any = ()
    hidden: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


class Clock(Deadline):
    """A deadline on which time goes by only where a step says so."""

    def __init__(self, total: float = 60.0) -> None:
        super().__init__(Timeout())
        self.seconds = total

    def left(self) -> float:
        return self.seconds

    def now(self) -> float:
        return -self.seconds


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("the policy opens no socket")

    monkeypatch.setattr(policy, "backoff", lambda attempt, *_: BACKOFF * (attempt + 1))
    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr("time.sleep", no_socket)


def moved(request: Request, url: str) -> Request:
    return replace(request, url=url)


def told(
    outcomes: Iterable[Reply | Outage],
    request: Request | None = None,
    *,
    settings: Policy | None = None,
    retry: Any = None,
    clock: Clock | None = None,
    answer: Callable[[Request], Request | None] | None = None,
    slow: float = 0.0,
) -> tuple[list[str], Reply | Outage]:
    """The steps of a call as text, and what it comes to; each exchange takes `slow` seconds."""
    request, clock = request or Request(), clock or Clock()
    steps: Any = (settings or Policy()).steps(
        request, clock, moved=moved, answers=answer is not None, retry=retry
    )
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


OK, BUSY, LATER, MOVED, BACK, CHALLENGE = map(outcome, ("200", "503", "429+3", "302/y", "302/x", "401"))


@pytest.mark.parametrize(("method", "tokens", "steps"), STEPS)
def test_what_is_done(method: str, tokens: str, steps: str) -> None:
    outcomes = [*map(outcome, tokens.split())]
    log, found = told(outcomes, Request(method), answer=lambda sent: Request(method, answers=1))
    assert ", ".join(log) == steps
    assert found == outcomes[-1]


def test_how_often_a_request_is_sent() -> None:
    for case in cases():
        setting, came = SETTINGS[case.setting], outcome(case.fault)
        request = Request(case.method, headers=Headers(setting.headers))
        log, found = told([came] * 9, request, settings=setting.policy, retry=setting.retry)
        assert (log.count("send"), found) == (case.sent, came), case


def attempts(found: Any) -> list[tuple[float, float, str, int | str, str | None, float]]:
    listed = getattr(found, "error", found).attempts
    return [(each.at, each.seconds, each.url, each.outcome, each.then, each.wait) for each in listed]


def test_what_a_redirect_says_again_is_not_listed() -> None:
    request = Request(
        fields=(("X-Own", "s3cr3t"), ("Authorization", "Basic bWU6cGFzc3dvcmQ=")), private=("X-Own",)
    )
    came = [*map(outcome, ("302/s3cr3t/password/y", "200"))]
    _, found = told(came, request)
    assert [each.url for each in found.attempts] == ["http://a.example/x", "http://a.example/***/***/y"]


def test_what_came_of_each_attempt_is_listed() -> None:
    request = Request(url="http://a.example/x/s3cr3t?key=s3cr3t", hidden=("s3cr3t",))
    came = [*map(outcome, ("lost", "302/y", "401", "503+3", "200"))]
    _, found = told(came, request, answer=lambda sent: sent, slow=2.0)
    assert attempts(found) == [
        (0, 2, "http://a.example/x/***", "ConnectError", "retry", 0.25),
        (2.25, 2, "http://a.example/x/***", 302, "redirect", 0),
        (4.25, 2, "http://a.example/y", 401, "challenge", 0),
        (6.25, 2, "http://a.example/y", 503, "retry", 3),
        (11.25, 2, "http://a.example/y", 200, None, 0),
    ]


def test_an_error_has_the_attempts_before_it() -> None:
    _, found = told(map(outcome, ("503+0", "lost", "fatal")))
    assert [(each[3], each[4]) for each in attempts(found)] == [
        (503, "retry"),
        ("ConnectError", "retry"),
        ("ConnectError", None),
    ]
    with pytest.raises(DeadlineExceeded) as caught:
        told([MOVED], clock=Clock(1.0), slow=1.0)
    assert [each[3:5] for each in attempts(caught.value)] == [(302, "redirect")]


def test_one_attempt_is_not_listed() -> None:
    assert attempts(told([OK])[1]) == attempts(told([outcome("404")])[1]) == []


def test_only_when_asked_repeats_a_429_with_its_time_and_nothing_else() -> None:
    for case in cases():
        setting, came = SETTINGS[case.setting], outcome(case.fault)
        policy = replace(setting.policy, only_when_asked=True)
        log, found = told([came] * 9, Request(case.method), settings=policy)
        asked = case.fault == "429+0"
        expected = setting.policy.retries.attempts if asked else 1
        assert (log.count("send"), found) == (expected, came), case


@pytest.mark.parametrize(
    ("retries", "token", "steps"),
    [
        (Retries(respect_retry_after=False), "429+3", "send, wait 0.25, send, wait 0.5, send"),
        (Retries(respect_retry_after=False, methods=["POST"]), "429", "send"),
        (Retries(cap=1.0), "429+3", "send, wait 3, send, wait 3, send"),  # it bounds the backoff
    ],
)
def test_what_is_waited(retries: Retries, token: str, steps: str) -> None:
    method = "POST" if "POST" in retries.methods and len(retries.methods) == 1 else "GET"
    log, _ = told([outcome(token)] * 3, Request(method), settings=Policy(retries))
    assert ", ".join(log) == steps


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


@pytest.mark.parametrize("came", [BUSY, LOST, UNSENT])
def test_a_body_that_cannot_be_sent_again_is_not(came: Reply | Outage) -> None:
    body = outgoing(OneWay(b"abc"))
    assert body is not None
    request = Request("PUT", body=body)
    steps: Any = Policy().steps(request, Clock(), moved=moved)
    assert isinstance(steps.send(None), Send)
    body.read()  # what sends it reads it
    with pytest.raises(StopIteration) as end:
        steps.send(came)
    assert end.value.value is came


def test_a_file_is_taken_to_its_start_before_each_attempt() -> None:
    body = outgoing(io.BytesIO(b"abc"))
    assert body is not None
    read: list[bytes] = []
    steps: Any = Policy().steps(Request("PUT", body=body), Clock(), moved=moved)
    step = steps.send(None)
    for came in (BUSY, LOST):
        assert isinstance(step, Send)
        read.append(body.read())
        assert isinstance(steps.send(came), Wait)
        step = steps.send(None)
    assert read == [b"abc"] * 2


def test_a_body_that_was_read_before_is_refused_before_anything_is_sent() -> None:
    body = outgoing(OneWay(b"abc"))
    assert body is not None
    body.read()
    with pytest.raises(TransportError, match="was read before and cannot be read again"):
        told([], Request("PUT", body=body))
