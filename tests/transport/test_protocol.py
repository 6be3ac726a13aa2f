"""A transport of the user's: it does one exchange, and all that lies around that holds for it."""

from __future__ import annotations

import gzip
import http.client
import io
import pickle
import signal
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from dynaclient import (
    BodyTooLarge,
    Client,
    ConnectError,
    DeadlineExceeded,
    DecodeError,
    RawResponse,
    Request,
    SettingsError,
    Timeout,
    TransportError,
)
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, document, json_reply, one, param, said

OBJECT = {"type": "object"}
API = document(
    {
        "/x": {
            "get": {"operationId": "get", "responses": {"200": said(OBJECT), "503": said(OBJECT)}},
            "post": {
                "operationId": "post",
                "requestBody": {"content": {"application/json": {"schema": OBJECT}}},
                "responses": {"200": said(OBJECT), "503": said(OBJECT)},
            },
        }
    },
    servers=[{"url": "http://shop.invalid"}],
)


class OverHttpClient:
    """A transport of a few lines, over the standard library."""

    def __init__(self) -> None:
        self.closed = 0

    def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        parts = urlsplit(request.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=timeout.total)
        connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        for name, value in request.fields:
            connection.putheader(name, value)
        connection.endheaders(request.body)
        response = connection.getresponse()
        pieces = iter(lambda: response.read(1000), b"")
        return RawResponse(response.status, response.getheaders(), pieces, connection.close, response.reason)

    def close(self) -> None:
        self.closed += 1


class Told:
    """Does what it is told, one after the other, the last for all that follow."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes = outcomes
        self.asked: list[tuple[Request, Timeout]] = []
        self.let_go = 0

    def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        self.asked.append((request, timeout))
        outcome = self.outcomes[min(len(self.asked), len(self.outcomes)) - 1]
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, int):
            return RawResponse(outcome, JSON, b"{}", self._let_go)
        return outcome() if callable(outcome) else outcome

    def _let_go(self) -> None:
        self.let_go += 1

    def close(self) -> None:
        pass


def client(transport: Any, **settings: Any) -> Client:
    return Client(API, transport=transport, timeout=Timeout(20, 3, 4), **settings)


def test_an_exchange(serve: Serve) -> None:
    server = serve(reply(200, b'{"a": 1}', [*JSON, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]))
    own = OverHttpClient()
    tree = one("put", "/a%2Fb/{n}", param("n", "path"), param("q"), body=OBJECT, answer=OBJECT)
    with Client(tree, server=server.url, transport=own) as api:
        response = api.send("op", n="é/", q="1 2", body={"b": 2})
    assert (response.status, response.data) == (200, {"a": 1})
    assert response.headers.all("set-cookie") == ["a=1", "b=2"]
    sent = server.requests[0]
    assert (sent.method, sent.target, sent.body) == ("PUT", "/a%2Fb/%C3%A9%2F?q=1%202", b'{"b":2}')
    assert sent.header("Content-Length") == "7"
    assert sent.header("Accept-Encoding") == "gzip, deflate"
    assert own.closed == 1


def test_a_file_is_read_while_it_is_sent(serve: Serve) -> None:
    server = serve(json_reply({}))
    octets = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    api = Client(one("post", content=octets, answer=OBJECT), server=server.url, transport=OverHttpClient())
    api.call("op", body=io.BytesIO(b"x" * 100_000))
    assert server.requests[0].body == b"x" * 100_000


def test_what_lies_around_it_holds(serve: Serve) -> None:
    moved = reply(302, b"", [("Location", "/elsewhere")])
    server = serve(reply(503, b"{}", [*JSON, ("Retry-After", "0")]), moved, json_reply({"a": 1}))
    api = client(OverHttpClient(), server=server.url)
    assert api.call("get") == {"a": 1}
    assert [each.target for each in server.requests] == ["/x", "/x", "/elsewhere"]


def test_it_knows_the_limits() -> None:
    told = Told(200)
    client(told).call("get")
    limits = told.asked[0][1]
    assert limits.total is not None
    assert 10 < limits.total <= 20
    assert (limits.connect, limits.read) == (3, 4)
    client(told).call("get", options={"timeout": None})
    assert told.asked[1][1].total is None


REFUSED = ConnectionRefusedError(111, "Connection refused")


def not_sent() -> ConnectError:
    error = ConnectError("no way there")
    error.sent = False
    return error


@pytest.mark.parametrize(
    ("raised", "kind", "gets", "posts"),
    [
        (RuntimeError("of mine"), TransportError, 1, 1),
        (KeyError("of mine"), TransportError, 1, 1),
        (REFUSED, ConnectError, 2, 2),
        (ConnectionResetError(104, "reset"), ConnectError, 2, 1),
        (OSError(5, "I/O"), ConnectError, 2, 1),
        (ConnectError("lost on the way"), ConnectError, 2, 1),
        (not_sent(), ConnectError, 2, 2),
        (TransportError("of mine"), TransportError, 1, 1),
        (ValueError("of mine"), TransportError, 1, 1),
    ],
    ids=repr,
)
def test_what_it_raises_is_wrapped(
    raised: Exception, kind: type[TransportError], gets: int, posts: int
) -> None:
    for name, count in (("get", gets), ("post", posts)):
        told = Told(raised)
        with pytest.raises(TransportError) as caught:
            client(told, retries=1).call(name, {}, **({"body": {}} if name == "post" else {}))
        assert type(caught.value) is kind
        assert raised in (caught.value, caught.value.__cause__)
        assert len(told.asked) == count


def test_what_it_raises_is_repeated_as_any_other() -> None:
    told = Told(REFUSED, 503, 200)
    assert client(told).call("get") == {}
    assert len(told.asked) == 3
    assert told.let_go == 2


def test_a_timeout_after_the_deadline() -> None:
    told = Told(lambda: RawResponse(200, JSON, _slow()))
    with pytest.raises(DeadlineExceeded):
        client(told).call("get", options={"timeout": 0.05})


def _slow() -> Iterator[bytes]:
    while True:
        yield b""


class FromOutside(Exception):
    pass


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_an_interrupt_passes(raised: BaseException) -> None:
    told = Told(raised)
    with pytest.raises(type(raised)) as caught:
        client(told).call("get")
    assert caught.value is raised


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has none")
def test_what_a_signal_handler_raises_passes() -> None:
    def handler(*_: Any) -> None:
        raise FromOutside

    def wait() -> RawResponse:
        signal.raise_signal(signal.SIGALRM)
        return RawResponse(200)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with pytest.raises(FromOutside):
            client(Told(wait)).call("get")
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: None, "a RawResponse, and returned None"),
        (lambda: {"status": 200}, "a RawResponse, and returned an object"),
        (lambda: RawResponse("200"), "the status '200'"),  # type: ignore[arg-type]
        (lambda: RawResponse(20), "the status 20"),
        (lambda: RawResponse(200, [("A", b"b")]), "texts as headers, and returned bytes"),  # type: ignore[list-item]
        (lambda: RawResponse(200, JSON, "{}"), "an iterable of them, as the body, and returned a string"),  # type: ignore[arg-type]
        (lambda: RawResponse(200, JSON, None), "an iterable of them, as the body, and returned null"),  # type: ignore[arg-type]
        (lambda: RawResponse(200, JSON, ["{}"]), "bytes as the body, and returned a string"),  # type: ignore[list-item]
    ],
)
def test_what_is_no_response(make: Callable[[], Any], said: str) -> None:
    told = Told(make)
    with pytest.raises(TransportError, match="the transport") as caught:
        client(told).call("get")
    assert said.partition(", and")[0] in str(caught.value)
    assert len(told.asked) == 1


def coded(coding: str, content: bytes) -> Callable[[], RawResponse]:
    return lambda: RawResponse(200, [*JSON, ("Content-Encoding", coding)], [content[:5], content[5:]])


def test_its_body_is_decoded_and_bounded() -> None:
    packed = gzip.compress(b'{"a": 1}')
    assert client(Told(coded("gzip", packed))).call("get") == {"a": 1}
    with pytest.raises(DecodeError):
        client(Told(coded("gzip", packed[:-4]))).call("get")
    with pytest.raises(DecodeError):
        client(Told(coded("zstd", packed))).call("get")
    bomb = gzip.compress(b" " * 1_000_000)
    for content in (bomb, b"{" * 2000):
        with pytest.raises(BodyTooLarge):
            client(Told(coded("gzip" if content is bomb else "", content)), max_body=1500).call("get")


@pytest.mark.parametrize("more", [b"", b"\0\0"])
def test_a_body_that_goes_on_behind_its_end_is_let_go(more: bytes) -> None:
    let_go: list[int] = []

    def response() -> RawResponse:
        fields = [*JSON, ("Content-Encoding", "gzip")]
        return RawResponse(200, fields, [gzip.compress(b"{}") + more], lambda: let_go.append(1))

    assert client(Told(response)).call("get") == {}
    assert let_go == [1]


def test_a_stream_lets_go_once() -> None:
    events = {"text/event-stream": {"schema": {"type": "string"}}}
    tree = one(answers={"200": {"description": "", "content": events}}, servers=[{"url": "http://h"}])
    let_go: list[int] = []

    def response() -> RawResponse:
        body = iter([b"data: 1\n\n", b"data: 2\n\n"])
        return RawResponse(200, [("Content-Type", "text/event-stream")], body, lambda: let_go.append(1))

    api = Client(tree, transport=Told(response))
    with api.send("op", options={"stream": True}) as streamed:
        assert [each.data for each in streamed.iter_events()] == ["1", "2"]
    assert let_go == [1]
    with api.send("op", options={"stream": True}) as streamed:
        next(iter(streamed.iter_events()))
    assert let_go == [1, 1]


def test_the_body_may_break_on_the_way() -> None:
    def broken() -> Iterator[bytes]:
        yield b"{"
        raise RuntimeError("of mine")

    told = Told(lambda: RawResponse(200, JSON, broken()))
    with pytest.raises(TransportError) as caught:
        client(told).call("get")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_client_is_pickled_with_it() -> None:
    again = pickle.loads(pickle.dumps(client(OverHttpClient())))
    with pytest.raises(ConnectError):
        again.call("get")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"transport": "urllib2"}, "transport: expected"),
        ({"transport": OverHttpClient}, "got the class OverHttpClient"),
        ({"transport": requests.Session()}, "transport: expected"),
        ({"transport": OverHttpClient(), "session": requests.Session()}, "session"),
        ({"transport": OverHttpClient(), "verify": False}, "verify="),
        ({"transport": OverHttpClient(), "verify": ssl.create_default_context()}, "verify="),
        ({"transport": OverHttpClient(), "cert": "a.pem"}, "cert="),
        ({"transport": OverHttpClient(), "proxies": {}}, "proxies="),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Client(API, **settings)
