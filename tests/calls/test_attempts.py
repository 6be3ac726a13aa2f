"""`response.attempts`, and those of errors: each time that something was sent, without a secret."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from dynaclient import ApiError, Attempt, Client, ConnectError, Response
from tests.conftest import Serve
from tests.servers import HANG_UP, closed_port, reply
from tests.small import json_reply, one

KEY = {"k": {"type": "apiKey", "in": "query", "name": "key"}}
TREE = one("get", "/x", answer={}, security=[{"k": []}], components={"securitySchemes": KEY})
SECRET = "s3cr3t"
NOW = [("Retry-After", "0")]


def client(url: str, **settings: Any) -> Client:
    return Client(TREE, server=url, credentials={"k": SECRET}, **settings)


def outcomes(found: Any) -> list[tuple[int | str, str | None]]:
    return [(each.outcome, each.then) for each in found.attempts]


def test_one_attempt(serve: Serve) -> None:
    server = serve(json_reply({}))
    with client(server.url) as api:
        response = api.send("op")
    assert response.attempts == (Attempt(0.0, response.elapsed, f"{server.url}/x", 200),)


@pytest.mark.parametrize("stream", [False, True])
def test_several(stream: bool, serve: Serve) -> None:
    server = serve(HANG_UP, reply(503, b"", NOW), reply(302, b"", [("Location", "/y?z")]), json_reply({}))
    with client(server.url) as api:
        response = api.send("op", options={"stream": stream})
        response.content  # noqa: B018  (lets go of the connection)
    expected = [("ConnectError", "retry"), (503, "retry"), (302, "redirect"), (200, None)]
    assert outcomes(response) == expected
    assert [each.url for each in response.attempts] == [f"{server.url}/x"] * 3 + [f"{server.url}/y"]
    ends = [each.at + each.seconds + each.wait for each in response.attempts]
    assert all(end <= after.at for end, after in zip(ends, response.attempts[1:], strict=False))
    again = pickle.loads(pickle.dumps(response))
    assert isinstance(again, Response)
    assert again.attempts == response.attempts
    for shown in (repr(response.attempts), *map(str, response.attempts)):
        assert SECRET not in shown


def test_of_errors(serve: Serve) -> None:
    with (
        client(serve(reply(503, b"", NOW), json_reply({}, status=404)).url) as api,
        pytest.raises(ApiError) as refused,
    ):
        api.call("op")
    assert outcomes(refused.value.response) == [(503, "retry"), (404, None)]
    with client(f"http://127.0.0.1:{closed_port()}") as api, pytest.raises(ConnectError) as unsent:
        api.call("op")
    assert outcomes(unsent.value) == [("ConnectError", "retry")] * 2 + [("ConnectError", None)]
    assert outcomes(pickle.loads(pickle.dumps(unsent.value))) == outcomes(unsent.value)


def test_as_text() -> None:
    shown = Attempt(1.5, 0.25, "http://a.test/x", 503, "retry", 0.5)
    assert str(shown) == "1.500 s: http://a.test/x: 503 in 0.250 s, then retry after 0.5 s"
    assert str(Attempt(0.0, 0.25, "http://a.test/x", "ConnectError")).endswith(": ConnectError in 0.250 s")
