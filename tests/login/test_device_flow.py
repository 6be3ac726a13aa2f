"""The device grant (RFC 8628) as a table: what a server says, and what is asked and waited for after that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaclient import TransportError
from dynaclient.login.device_flow import LEAST, LONGEST, USUAL, DeviceCode, device_steps
from dynaclient.login.login_client import LoginClient
from dynaclient.transport.discovery import ServerMetadata
from dynaclient.transport.reply import Reply
from dynaclient.wire.headers import Headers
from dynaclient.wire.request import Request

SERVER = ServerMetadata("", "https://id.example/token", device="https://id.example/device")
CODE = {"device_code": "d3vice", "user_code": "AB-CD", "verification_uri": "https://id.example/"}
PENDING, SLOWER, GIVEN = {"error": "authorization_pending"}, {"error": "slow_down"}, {"access_token": "t"}
LOST = None


def ask(method: str, url: str, headers: Any, body: bytes | None) -> Request:
    return Request(method, url, tuple(headers), body)


def came(said: Any, status: int = 200) -> Reply:
    return Reply(status, "", Headers(()), json.dumps(said).encode(), "https://id.example/", 0.0)


def waits(code: dict[str, Any], *answers: Any) -> tuple[list[float], Any]:
    """How long is waited before each question, and what the end is: a token, or an error."""
    told: list[DeviceCode] = []
    steps, waited, left = device_steps(ask, SERVER, LoginClient("me"), told.append), [], [*answers]
    step: Any = next(steps)
    try:
        step = steps.send(came({**CODE, **code}))
        while True:
            assert isinstance(step, float)
            waited.append(step)
            step = next(steps)
            assert isinstance(step, Request)
            assert step.url == SERVER.token
            said = left.pop(0) if len(left) > 1 else left[0]
            step = steps.throw(TransportError("lost")) if said is LOST else steps.send(came(said))
    except StopIteration as end:
        return waited, end.value.token
    except TransportError as error:
        return waited, str(error)


CASES: list[tuple[dict[str, Any], list[Any], list[float]]] = [
    ({}, [GIVEN], [USUAL]),
    ({"interval": 2}, [PENDING, PENDING, GIVEN], [2.0, 2.0, 2.0]),
    ({"interval": 2}, [SLOWER, PENDING, SLOWER, GIVEN], [2.0, 7.0, 7.0, 12.0]),
    ({"interval": 2}, [LOST, LOST, PENDING, GIVEN], [2.0, 4.0, 8.0, 8.0]),
    ({"interval": 0}, [GIVEN], [LEAST]),
    ({"interval": -5}, [GIVEN], [LEAST]),
    ({"interval": "soon"}, [GIVEN], [USUAL]),
    ({"interval": None}, [GIVEN], [USUAL]),
    ({"interval": "nan"}, [GIVEN], [USUAL]),
]


@pytest.mark.parametrize(("code", "answers", "expected"), CASES)
def test_what_is_waited_for(code: dict[str, Any], answers: list[Any], expected: list[float]) -> None:
    assert waits(code, *answers) == (expected, "t")


@pytest.mark.parametrize(
    ("code", "least", "most"),
    [
        ({"expires_in": 20, "interval": 5}, 20, 20),
        ({"expires_in": 0}, 0, 0),
        ({"expires_in": -1}, 0, 0),
        ({"expires_in": 1e12, "interval": 60}, LONGEST, LONGEST),
        ({"interval": 1e12}, 0, 0),
        ({"expires_in": 600, "interval": 601}, 0, 0),
    ],
)
def test_it_ends_with_its_code(code: dict[str, Any], least: float, most: float) -> None:
    waited, end = waits(code, PENDING)
    assert least <= sum(waited) <= most
    assert end == "nobody is logged in: the code ended before it was confirmed"


@pytest.mark.parametrize("said", ["access_denied", "expired_token", "invalid_grant", "unauthorized_client"])
def test_a_refusal_is_the_end(said: str) -> None:
    waited, end = waits({}, PENDING, {"error": said, "error_description": "s3cr3t"})
    assert len(waited) == 2
    assert f"({said}); nobody is logged in" in end
    assert "s3cr3t" not in end


def test_the_first_request_says_who_asks_and_for_what() -> None:
    steps = device_steps(ask, SERVER, LoginClient("me", scopes=["a", "b"]), lambda code: None)
    first = next(steps)
    assert isinstance(first, Request)
    assert (first.method, first.url) == ("POST", SERVER.device)
    assert first.body == b"scope=a+b&client_id=me"
