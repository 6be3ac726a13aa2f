"""Which requests are repeated, how often, and when (RFC 9110, sections 9.2.2 and 10.2.3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests

from dynaclient.errors import ConnectError
from dynaclient.transport import policy as retry
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import HANG_UP, closed_port, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]

REAL_BACKOFF = retry.backoff  # the fixtures put a short one in its place
NOW = [("Retry-After", "0")]
REPEATED = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]
ONCE = ["POST", "PATCH"]


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_passing_troubles_are_asked_again(status: int, serve: Serve, transport: Transport) -> None:
    server = serve(reply(status, b"", NOW), reply(status), reply(200, b"at last"))
    assert ask(transport, server.url).content == b"at last"
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500, 501, 505])
def test_other_statuses_are_answers(status: int, serve: Serve, transport: Transport) -> None:
    server = serve(reply(status, b"", NOW))
    assert ask(transport, server.url).status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", REPEATED + ONCE)
def test_which_methods(method: str, serve: Serve, transport: Transport) -> None:
    server = serve(reply(503, b"", NOW), reply(200))
    status = ask(transport, server.url, method, body=None if method == "TRACE" else b"{}").status
    assert (status, len(server.requests)) == ((200, 2) if method in REPEATED else (503, 1))


@pytest.mark.parametrize("given", [False, True])
def test_once_is_once_and_over_the_same_connections(given: bool, serve: Serve, make: Make) -> None:
    later, busy = reply(429, b"", NOW), reply(503, b"", NOW)
    server = serve(busy, later, reply(200), later, reply(429), HANG_UP, busy, reply(200))
    with requests.Session() as session:
        transport = make(session=session if given else None)
        once = transport.once()
        found = [ask(once, server.url, method).status for method in ("GET", "POST", "GET")]
        assert found == [503, 200, 429]
        with pytest.raises(ConnectError):
            ask(once, server.url)
        assert ask(transport, server.url).status == 200
    assert len(server.requests) == 8
    assert server.connections == 3  # one anew behind the 503, and one when the server had hung up


@pytest.mark.parametrize("method", REPEATED + ONCE)
def test_which_methods_after_a_lost_connection(method: str, serve: Serve, transport: Transport) -> None:
    server = serve(HANG_UP, reply(200))
    if method in REPEATED:
        assert ask(transport, server.url, method).status == 200
    else:
        with pytest.raises(ConnectError, match="closed the connection"):
            ask(transport, server.url, method, body=b"{}")
    assert len(server.requests) == (2 if method in REPEATED else 1)


@pytest.mark.parametrize("retries", [0, 1, 2, 5])
def test_how_often(retries: int, serve: Serve, make: Make) -> None:
    server = serve(reply(503, b"busy", NOW))
    assert ask(make(retries=retries), server.url).content == b"busy"
    assert len(server.requests) == retries + 1


def test_every_attempt_sends_the_same(serve: Serve, transport: Transport) -> None:
    server = serve(HANG_UP, reply(503, b"", NOW), reply(200))
    ask(transport, server.url + "/a%2fb?c=1", "PUT", [("X", "1")], b"body")
    assert len({request.raw for request in server.requests}) == 1
    assert server.requests[2].body == b"body"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_anything_is_repeated_while_nothing_was_sent(
    method: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[int] = []
    monkeypatch.setattr(retry, "backoff", lambda attempt, *_: pauses.append(attempt) or 0.0)
    with pytest.raises(ConnectError, match="refused; nothing was sent"):
        ask(make(), f"http://127.0.0.1:{closed_port()}", method, body=b"{}")
    assert pauses == [0, 1]


def test_a_pooled_connection_that_the_server_has_closed(serve: Serve, make: Make) -> None:
    server = serve(reply(200, b"1"), reply(200, b"2"), [HANG_UP], reply(200, b"3"))
    transport = make(retries=1)
    contents = [ask(transport, server.url).content for _ in range(3)]
    assert contents == [b"1", b"2", b"3"]
    assert [request.connection for request in server.requests] == [0, 0, 0, 1]


class TestRetryAfter:
    def test_beyond_the_deadline_gives_the_answer(self, serve: Serve, transport: Transport) -> None:
        server = serve(reply(429, b"slow down", [("Retry-After", "3600")]))
        assert ask(transport, server.url, timeout=Timeout(total=5)).content == b"slow down"
        assert len(server.requests) == 1

    def test_a_date_that_has_passed_is_now(self, serve: Serve, transport: Transport) -> None:
        server = serve(reply(503, b"", [("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")]), reply(200))
        assert ask(transport, server.url).status == 200

    def test_is_waited_for(self, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr("dynaclient.transport.sender.sleep", slept.append)
        server = serve(reply(503, b"", [("Retry-After", "3")]), reply(200))
        assert ask(make(), server.url).status == 200
        assert slept == [3.0]

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("0", 0),
            ("120", 120),
            (" 5 ", 5),
            ("9" * 400, 1e9),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 1e9),
        ],
    )
    def test_seconds_and_dates(self, value: str, seconds: float) -> None:
        assert retry.wished({"Retry-After": value}) == seconds

    def test_a_date_to_come(self) -> None:
        when = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
        assert 3000 < (retry.wished({"Retry-After": when}) or 0) <= 3600

    @pytest.mark.parametrize(
        "value",
        [
            *("", "soon", "-1", "1.5", "٣", "1e3", "Wed, 99 Oct 2015 07:28:00 GMT"),
            "Fri, 31 Dec 99999999999 23:59:59 GMT",
            "Fri, 31 Dec 2015 23:59:59 +99999999999999",
        ],
    )
    def test_the_unreadable_says_nothing(self, value: str) -> None:
        assert retry.wished({"Retry-After": value}) is None
        assert retry.wished({}) is None


def test_backoff_grows_to_a_limit_and_is_spread() -> None:
    backoff = REAL_BACKOFF
    random.seed(1)
    for attempt, most in enumerate([0.5, 1, 2, 4, 8, 8, 8]):
        waits = {backoff(attempt) for _ in range(50)}
        assert len(waits) > 1
        assert most / 2 <= min(waits) <= max(waits) <= most
    assert backoff(10_000) <= 8


def test_an_adapter_of_the_users_that_retries_by_itself_sends_the_whole_target(
    serve: Serve, make: Make
) -> None:
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    server = serve(reply(503), reply(503), reply(200))
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503])))
        assert ask(make(session=session, retries=0), server.url + "/a%2fb?c=%2f").status == 200
    assert [request.target for request in server.requests] == ["/a%2fb?c=%2f"] * 3
