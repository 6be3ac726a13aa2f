"""`Retries`: what it means, and what cannot be meant. What follows from it is in `policy_cases`."""

from __future__ import annotations

import contextlib
import pickle
import random
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Client, ConnectError, Retries, SettingsError
from dynaclient.transport.policy import backoff
from tests.conftest import Serve
from tests.servers import HANG_UP, reply
from tests.small import one

REAL_BACKOFF = backoff  # the fixtures put a short one in its place


@pytest.mark.parametrize(("number", "attempts"), [(0, 1), (2, 3), (7, 8)])
def test_a_number_counts_repeats(number: int, attempts: int) -> None:
    assert Retries.of(number) == Retries(attempts=attempts)


def test_three_attempts_are_the_default() -> None:
    methods = ["get", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]
    assert Retries.of(2) == Retries() == Retries(3, [504, 503, 502, 429, 408], methods=methods)


def test_it_stays_what_it_is_and_is_pickled() -> None:
    made = Retries(attempts=5, statuses={503})
    with pytest.raises(FrozenInstanceError):
        made.attempts = 1  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(made) == hash(Retries(attempts=5, statuses=[503]))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"attempts": 0}, "attempts: expected a whole number from 1"),
    ({"attempts": True}, "attempts: expected a whole number from 1"),
    ({"attempts": 2.0}, "attempts: expected a whole number from 1"),
    ({"statuses": 503}, "statuses: expected statuses from 400 to 599"),
    ({"statuses": {200}}, "statuses: expected statuses from 400 to 599"),
    ({"statuses": ["503"]}, "statuses: expected statuses from 400 to 599"),
    ({"backoff": -1}, "backoff: expected a number of seconds from 0"),
    ({"backoff": float("nan")}, "backoff: expected a number of seconds from 0"),
    ({"cap": "8"}, "cap: expected a number of seconds from 0"),
    ({"cap": float("inf")}, "cap: expected a number of seconds from 0"),
    ({"jitter": 1.5}, "jitter: expected a share from 0 to 1"),
    ({"respect_retry_after": 1}, "respect_retry_after: expected True or False"),
    ({"methods": "POST"}, "methods: expected a list of methods"),
    ({"methods": [5]}, "methods: expected a list of methods"),
]


@pytest.mark.parametrize(("given", "reason"), WRONG)
def test_what_cannot_be_meant(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=f"^retries: {reason}"):
        Retries(**given)


@pytest.mark.parametrize("given", [-1, True, 1.5, "2", None])
def test_what_is_neither_a_number_nor_retries(given: Any) -> None:
    with pytest.raises(SettingsError, match=r"retries: expected a whole number from 0, or Retries\(\.\.\.\)"):
        Client(one(), retries=given)


@given(
    attempt=st.integers(0, 2000),
    first=st.floats(0, 1e6),
    cap=st.floats(0, 1e6),
    jitter=st.floats(0, 1),
    seed=st.integers(),
)
def test_backoff(attempt: int, first: float, cap: float, jitter: float, seed: int) -> None:
    random.seed(seed)
    seconds = REAL_BACKOFF(attempt, Retries(backoff=first, cap=cap, jitter=jitter))
    most = min(cap, first * 2.0 ** min(attempt, 60))
    assert most * (1 - jitter) * (1 - 1e-9) <= seconds <= most


@pytest.mark.parametrize("retry", ["safe", "always", "off", None])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_a_call_says_of_it(method: str, retry: Any, serve: Serve) -> None:
    server = serve(HANG_UP, reply(503), reply(200))
    expected = 3 if retry == "always" or (method == "get" and retry != "off") else 1
    lost = pytest.raises(ConnectError) if expected == 1 else contextlib.nullcontext()
    with Client(one(method), server=server.url, validate="off") as api, lost:
        assert api.send("op", options={"retry": retry}).status == 200
    assert len(server.requests) == expected


def test_a_call_says_one_of_three() -> None:
    with pytest.raises(SettingsError, match=r"options\['retry'\]: expected one of safe, always, off"):
        Client(one(), server="http://x.test").call("op", options={"retry": "never"})


def test_a_client_with_retries_is_pickled(serve: Serve) -> None:
    server = serve(reply(500), reply(200))
    api = pickle.loads(pickle.dumps(Client(one(), server=server.url, retries=Retries(statuses=[500]))))
    with api:
        assert api.send("op").status == 200
