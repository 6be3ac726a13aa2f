"""Request bodies that are read while they are sent: framed rightly, and repeated only from their start."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.errors import RequestInvalid, TransportError
from dynaclient.transport.request_body import back_at_start, length, outgoing
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, closed_port, reply
from tests.small import one, said

Make = Callable[..., Transport]

DATA = bytes(range(256)) * 1000


class OneWay(io.RawIOBase):
    """A file without a way back, as a pipe is."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._inner.readinto(buffer)


BODIES: dict[str, Callable[[Path], Any]] = {
    "bytes": lambda path: DATA,
    "bytearray": lambda path: bytearray(DATA),
    "memoryview": lambda path: memoryview(DATA),
    "path": lambda path: path,
    "file in memory": lambda path: io.BytesIO(DATA),
    "one way": lambda path: OneWay(DATA),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").write_bytes(DATA)
    return tmp_path / "data"


def put(transport: Transport, url: str, body: Any, method: str = "PUT") -> int:
    request = transport.prepare(method, url, [], body, credential_chosen=True)
    return transport.send(request).status


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("given", [False, True])
def test_what_arrives_and_how_it_is_framed(
    kind: str, given: bool, path: Path, serve: Serve, make: Make
) -> None:
    server = serve()
    with requests.Session() as session:
        assert put(make(session=session if given else None), server.url, BODIES[kind](path)) == 200
    (request,) = server.requests
    assert request.body == DATA
    framing = (request.all("Content-Length"), request.all("Transfer-Encoding"))
    assert framing == (([], ["chunked"]) if kind == "one way" else ([str(len(DATA))], []))


def test_an_open_file_goes_from_where_it_stands_and_stays_open(path: Path, serve: Serve, make: Make) -> None:
    server = serve()
    with path.open("rb") as file:
        file.seek(1000)
        assert put(make(), server.url, file) == 200
        assert not file.closed
    assert server.requests[0].body == DATA[1000:]


@pytest.mark.parametrize("kind", BODIES)
def test_again_where_it_can_be_read_again(kind: str, path: Path, serve: Serve, make: Make) -> None:
    server = serve(reply(503), HANG_UP, reply(200))
    status = put(make(retries=2), server.url, BODIES[kind](path))
    bodies = [request.body for request in server.requests]
    assert (status, bodies) == ((503, [DATA]) if kind == "one way" else (200, [DATA] * 3))


def test_a_redirected_body_is_whole_again(path: Path, serve: Serve, make: Make) -> None:
    server = serve(reply(307, b"", [("Location", "/y")]), reply(200))
    assert put(make(), server.url, path, "GET") == 200
    assert [request.body for request in server.requests] == [DATA, DATA]


@pytest.mark.parametrize("kind", BODIES)
def test_a_request_sent_twice(kind: str, path: Path, serve: Serve, make: Make) -> None:
    server, transport = serve(), make()
    request = transport.prepare("PUT", server.url, [], BODIES[kind](path), credential_chosen=True)
    assert transport.send(request).status == 200
    if kind == "one way":
        with pytest.raises(TransportError, match="again"):
            transport.send(request)
    else:
        assert transport.send(request).status == 200
        assert [each.body for each in server.requests] == [DATA, DATA]


def test_nothing_was_sent_so_nothing_was_read(path: Path, make: Make) -> None:
    body = OneWay(DATA)
    with pytest.raises(TransportError, match="refused"):
        put(make(retries=1), f"http://127.0.0.1:{closed_port()}", body)
    assert body.read() == DATA


def test_a_file_that_became_shorter_is_no_body(path: Path, serve: Serve, make: Make) -> None:
    transport = make(retries=0)
    request = transport.prepare("PUT", serve().url, [], path, credential_chosen=True)
    path.write_bytes(DATA[:-1])
    with pytest.raises(TransportError, match="too early"):
        transport.send(request)


def test_a_file_that_became_longer_is_sent_as_long_as_it_was(path: Path, serve: Serve, make: Make) -> None:
    server, transport = serve(), make()
    request = transport.prepare("PUT", server.url, [], path, credential_chosen=True)
    path.write_bytes(DATA + b"GET /smuggled HTTP/1.1\r\n\r\n")
    assert transport.send(request).status == 200
    assert [each.body for each in server.requests] == [DATA]


NO_BODIES: dict[str, Callable[[Path], Any]] = {
    "no such path": lambda path: path / "nowhere",
    "a folder": lambda path: path.parent,
    "a closed file": lambda path: closed(path),
    "text": lambda path: "text",
    "a mapping": lambda path: {"a": 1},
    "a number": lambda path: 7,
    "a generator": lambda path: (each for each in [DATA]),
}


def closed(path: Path) -> Any:
    with path.open("rb") as file:
        return file


@pytest.mark.parametrize("kind", NO_BODIES)
def test_what_is_no_body_is_refused(kind: str, path: Path, make: Make) -> None:
    with pytest.raises(RequestInvalid) as caught:
        make().prepare("PUT", "http://127.0.0.1:9", [], NO_BODIES[kind](path), credential_chosen=True)
    assert [violation.where for violation in caught.value.violations] == ["body"]


class Failing(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise OSError(5, "Input/output error")


def test_a_file_that_fails_is_named_and_not_the_network(serve: Serve, make: Make) -> None:
    with pytest.raises(TransportError, match="Input/output error"):
        put(make(), serve().url, Failing())


def test_lengths() -> None:
    assert [length(outgoing(body)) for body in (None, b"abc", io.BytesIO(b"abcd"), OneWay(DATA))] == [
        0,
        3,
        4,
        None,
    ]


def test_what_is_read_once_can_be_sent_until_it_was_read() -> None:
    body = outgoing(OneWay(DATA))
    assert back_at_start(body)
    assert body.read() == DATA  # type: ignore[union-attr]
    assert not back_at_start(body)
    assert pickle.loads(pickle.dumps(body)) is not None


def test_a_challenge_is_answered_with_the_whole_body_again(path: Path, serve: Serve) -> None:
    challenge = reply(401, b"", [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    server = serve(lambda request: reply(200) if request.header("Authorization") else challenge)
    content = {"application/octet-stream": {}}
    document = one("post", content=content, answers={"200": said(), "4XX": said({})})
    document["components"] = {"securitySchemes": {"d": {"type": "http", "scheme": "digest"}}}
    document["security"] = [{"d": []}]
    for body, bodies in ((path, [DATA, DATA]), (OneWay(DATA), [DATA])):
        client = Client(document, server=server.url, credentials={"d": ("user", "secret")})
        assert client.send("op", body=body).status == (200 if len(bodies) == 2 else 401)
        assert [request.body for request in server.requests] == bodies
        server.requests.clear()


def test_a_signature_may_read_the_body(path: Path, serve: Serve) -> None:
    def sign(request: Any) -> str:
        return str(len(request.body.read()))

    server = serve()
    document = one("post", content={"application/octet-stream": {}})
    document["components"] = {"securitySchemes": {"s": {"type": "apiKey", "in": "header", "name": "X-Sign"}}}
    document["security"] = [{"s": []}]
    Client(document, server=server.url, credentials={"s": sign}).call("op", body=path)
    assert server.requests[0].header("X-Sign") == str(len(DATA))
    assert server.requests[0].body == DATA


def test_the_request_of_an_answer_shows_what_was_sent(path: Path, serve: Serve) -> None:
    def recorded(request: Recorded) -> bytes:
        return reply(200)

    document = one("post", content={"application/octet-stream": {}})
    response = Client(document, server=serve(recorded).url).send("op", body=path)
    assert repr(response.request.body) == f"<Upload of {len(DATA)} bytes>"


@pytest.mark.parametrize("given", [False, True])
def test_what_a_file_raises_of_its_own_is_the_cause(given: bool, serve: Serve, make: Make) -> None:
    class Mine(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            raise KeyError("mine")

    with requests.Session() as session, pytest.raises(TransportError, match="by what you gave") as caught:
        put(make(session=session if given else None), serve().url, Mine())
    assert isinstance(caught.value.__cause__, KeyError)
