"""One source of behaviour, two clients: an AsyncClient sends the bytes of a Client, and raises its errors."""

from __future__ import annotations

import asyncio
import base64
import gzip
import inspect
import io
import logging
import os
import pickle
import select
import socket
import ssl
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("aiohttp", reason="the extra `async` is not installed")

from aiohttp.connector import Connection

from dynaclient import (
    ApiError,
    AsyncClient,
    BodyTooLarge,
    Client,
    ClientCredentials,
    ConnectError,
    DeadlineExceeded,
    DecodeError,
    DynaclientError,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
    Timeout,
    UnknownOperation,
)
from dynaclient.contract import Case
from dynaclient.profiles.references import CommandOutput
from tests.awaited import Awaited
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, chunked, closed_port, dripping, reply
from tests.small import JSON, document, json_reply, one, param, said
from tests.transport.conftest import certificate, tls

__all__ = ["certificate", "tls"]  # fixtures

NOW = [("Retry-After", "0")]
OBJECT = said({"type": "object", "properties": {"n": {"type": "integer"}}})
KEY = {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}
TREE = one(
    "get",
    "/x/{id}",
    param("id", "path"),
    param("q"),
    param("X-Trace", "header"),
    param("c", "cookie"),
    answers={"200": OBJECT, "404": OBJECT},
    operation={"security": [{"k": []}]},
    components={"securitySchemes": KEY},
)


Make = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Any] = []

    def build(source: Any, **settings: Any) -> Any:
        kind = Client if request.param == "sync" else Awaited
        made.append(kind(source, **{"timeout": 20, "cache": False, **settings}))
        return made[-1]

    yield build
    for client in made:
        client.close()


# -- the same bytes ------------------------------------------------------------------------------------------

ANY = {"type": "object"}
FILE = document({
    "/f": {"put": {"operationId": "op", "responses": {"200": {"description": ""}}, "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}},
})  # fmt: skip

SENT: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (one("get", "/x"), (), {}),
    (TREE, ({"id": "a/b %", "q": "ü&?", "X-Trace": "t", "c": "v"},), {}),
    (TREE, ({"id": "a"},), {"options": {"headers": {"X-Own": "1"}, "query": {"own": "a b"}}}),
    (one("post", body={}), (), {"body": {"a": [1, "ü"]}}),
    (one("put", body={}), (), {"body": {"a": "x" * 200_000}}),
    (one("post"), (), {}),
    (one("delete"), (), {}),
    (one("head"), (), {}),
    (one("patch", body={}), (), {"body": {}}),
    (FILE, (), {"body": b"\0\xff"}),
    (FILE, (), {"body": io.BytesIO(bytes(100_000))}),
]


@pytest.mark.parametrize(("source", "given", "names"), SENT, ids=range(len(SENT)))
def test_the_same_goes_over_the_wire(
    source: Any, given: tuple[Any, ...], names: dict[str, Any], serve: Serve
) -> None:
    raw: list[bytes] = []
    for kind in (Client, Awaited):
        server = serve(reply(204))
        client: Any = kind(source, server=server.url, validate={"response": "off"})
        if isinstance(file := names.get("body"), io.BytesIO):
            file.seek(0)
        client.send("op", *given, **names)
        client.close()
        told = server.requests[0].raw.replace(server.url[7:].encode(), b"HOST")
        raw.append(told.replace(b"python-requests", b"aiohttp").replace(agent("requests"), agent("aiohttp")))
    assert raw[0] == raw[1]


def agent(library: str) -> bytes:
    return f"aiohttp/{sys.modules[library].__version__}".encode()


def test_targets_go_out_as_they_are(make: Make, serve: Serve) -> None:
    server = serve(json_reply({}))
    client = make(one("get", "/%7e/{id};x", param("id", "path")), server=f"{server.url}//v1/?key=%2f+")
    client.send("op", {"id": "..a"})
    assert server.requests[0].target == "//v1/%7e/..a;x?key=%2f+"


# -- what a call decides -------------------------------------------------------------------------------------

BUSY, LATER, GOOD = reply(503), reply(429, b"", NOW), json_reply({"n": 1})
HALF_A_HEAD = [b"HTTP/1.1 200 OK\r\nContent-Le", HANG_UP]

ARRIVES: list[tuple[str, int, list[Any], int, int | type[Exception]]] = [
    # method, retries, what the server does, how often the request arrives, the status or the error
    ("get", 2, [GOOD], 1, 200),
    ("get", 2, [BUSY, GOOD], 2, 200),
    ("get", 2, [LATER, HANG_UP, GOOD], 3, 200),
    ("put", 1, [BUSY, BUSY, GOOD], 2, 503),
    ("get", 0, [BUSY, GOOD], 1, 503),
    ("post", 2, [BUSY, GOOD], 1, 503),
    ("post", 2, [HANG_UP, GOOD], 1, ConnectError),
    ("get", 2, [HANG_UP], 3, ConnectError),
    ("get", 2, [reply(302, b"", [("Location", "/y")]), GOOD], 2, 200),
    ("post", 2, [reply(302, b"", [("Location", "/y")]), GOOD], 1, 302),
    ("get", 2, [reply(302, b"", [("Location", "//evil.example/")]), GOOD], 1, 302),
    ("get", 2, [reply(302, b"", [("Location", "/again")])], 11, 302),
    ("get", 2, [reply(404, b"{}", JSON)], 1, 404),
    ("get", 2, [HALF_A_HEAD, GOOD], 2, 200),
    ("put", 1, [HALF_A_HEAD], 2, ConnectError),
    ("post", 2, [HALF_A_HEAD, GOOD], 1, ConnectError),
    ("post", 2, [[b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\n", HANG_UP], GOOD], 1, ConnectError),
]


@pytest.mark.parametrize(("method", "retries", "answers", "times", "expected"), ARRIVES)
def test_how_often_a_request_arrives(
    method: str, retries: int, answers: list[Any], times: int, expected: Any, make: Make, serve: Serve
) -> None:
    server = serve(*answers)
    client = make(one(method), server=server.url, retries=retries, validate="off")
    if isinstance(expected, int):
        assert client.send("op").status == expected
    else:
        with pytest.raises(expected):
            client.send("op")
    assert len(server.requests) == times


@pytest.mark.parametrize("method", ["get", "post"])
def test_on_a_kept_connection_nothing_is_repeated_behind_its_back(
    method: str, make: Make, serve: Serve
) -> None:
    server = serve(GOOD, HANG_UP, GOOD)
    client = make(one(method), server=server.url, retries=0, validate="off")
    assert client.send("op").status == 200
    with pytest.raises(ConnectError):
        client.send("op")
    assert len(server.requests) == 2


def test_a_redirect_leads_where_it_says(make: Make, serve: Serve) -> None:
    server = serve(reply(302, b"", [("Location", "/y?")]), reply(302, b"", [("Location", "z;?a=%2f?")]), GOOD)
    assert make(one(), server=server.url).send("op").url == f"{server.url}/z;?a=%2f?"
    assert [request.target for request in server.requests] == ["/x", "/y?", "/z;?a=%2f?"]


# -- faults --------------------------------------------------------------------------------------------------

WHOLE = b"HTTP/1.1 200 OK\r\nX-One: 1\r\n\r\n"
CUTS = [WHOLE[:n] for n in (0, 6, 12, 14, 17, 20, 24, -4, -3, -2, -1)]


@pytest.mark.parametrize(
    "before", [b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"], ids=["", "103"]
)
def test_a_head_that_is_cut_is_no_response(before: bytes, make: Make, serve: Serve) -> None:
    for cut in CUTS:
        server = serve(GOOD, [before + cut, HANG_UP])
        client = make(one("post"), server=server.url)
        assert client.send("op").status == 200
        with pytest.raises(ConnectError, match="before its response was complete"):
            client.send("op")
        assert [request.connection for request in server.requests] == [0, 0], cut


BOMB = gzip.compress(bytes(3_000_000))
GZIP = [("Content-Encoding", "gzip")]

FAULTS: dict[str, tuple[Any, type[Exception], str]] = {
    "hangs up": (HANG_UP, ConnectError, "the server closed the connection before its response was complete"),
    "half a body": ([reply(200, b"{", length=9), HANG_UP], ConnectError, "before the body was complete"),
    "half a chunk": (lambda _: chunked([b"{"], end=False), ConnectError, "before the body was complete"),
    "no HTTP": ([b"SSH-2.0-OpenSSH\r\n\r\n", HANG_UP], ConnectError, "what the server sent is not HTTP"),
    "no gzip": (reply(200, b"no gzip", GZIP), DecodeError, "invalid Content-Encoding: gzip"),
    "cut gzip": (reply(200, gzip.compress(b"abc")[:-9], GZIP), DecodeError, "invalid Content-Encoding: gzip"),
    "br": (reply(200, b"x", [("Content-Encoding", "br")]), DecodeError, "invalid Content-Encoding: br"),
    "a bomb": (reply(200, BOMB, GZIP), BodyTooLarge, "larger than 1000000 bytes"),
    "a large body": (reply(200, bytes(1_000_001)), BodyTooLarge, "larger than 1000000 bytes"),
    "an endless body": (
        lambda _: chunked(bytes(60_000) for _ in range(10**6)), BodyTooLarge, "larger than 1000000 bytes",
    ),
    "a slow head": (dripping(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"), DeadlineExceeded, "response within 0.5 s"),
    "a slow body": (dripping(reply(200, b"", length=10**6), b"x"), DeadlineExceeded, "response within 0.5 s"),
}  # fmt: skip


@pytest.mark.sampled(2)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_an_error_of_ours(fault: str, make: Make, serve: Serve) -> None:
    answer, error, text = FAULTS[fault]
    server = serve(answer)
    slow = error is DeadlineExceeded
    client = make(one("post"), server=server.url, max_body=1_000_000, timeout=0.5 if slow else 20, retries=0)
    with pytest.raises(error, match=text) as caught:
        client.send("op")
    assert str(caught.value).startswith(f"POST {server.url}/x: ")
    assert caught.value.__cause__ is None or "requests" not in type(caught.value.__cause__).__module__


def test_silence_has_a_limit_of_its_own(make: Make, serve: Serve) -> None:
    server = serve(reply(200, b"", length=10))
    client = make(one("post"), server=server.url, timeout=Timeout(total=20, read=0.2))
    with pytest.raises(DeadlineExceeded, match=r"sent nothing for 0\.2 s"):
        client.send("op")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://127.0.0.1:{closed}", "the connection was refused; nothing was sent"),
        ("http://nobody.invalid", "the host name cannot be resolved; nothing was sent"),
    ],
)
def test_nobody_there(url: str, text: str, make: Make) -> None:
    client = make(one("post"), server=url.format(closed=closed_port()), retries=1)
    with pytest.raises(ConnectError, match=text) as caught:
        client.send("op")
    assert caught.value.sent is False


def test_a_certificate_is_trusted_where_the_user_says_so(
    make: Make, serve: Serve, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(GOOD, context=tls)
    with pytest.raises(ConnectError, match=r"certificate is not trusted \(.+\); nothing was sent"):
        make(one(), server=server.url).send("op")
    assert make(one(), server=server.url, verify=str(certificate)).send("op").status == 200
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # urllib3 warns
        assert make(one(), server=server.url, verify=False).send("op").status == 200
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert make(one(), server=server.url).send("op").status == 200


@pytest.mark.filterwarnings(
    "ignore:unclosed transport:ResourceWarning"
)  # asyncio of Python 3.10, after an alert
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_of_the_client(make: Make, serve: Serve, certificate: Path) -> None:
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    asking.load_cert_chain(certificate)
    asking.load_verify_locations(certificate)
    asking.verify_mode = ssl.CERT_REQUIRED
    server = serve(GOOD, context=asking)
    shown = make(one(), server=server.url, verify=str(certificate), cert=str(certificate))
    assert shown.send("op").status == 200
    context = ssl.create_default_context(cafile=str(certificate))
    context.load_cert_chain(certificate)
    assert make(one(), server=server.url, verify=context).send("op").status == 200
    # which comes first, the alert or the end of the connection
    told = r"rejected the client's certificate, or got none|closed the connection|was lost|EOF occurred"
    with pytest.raises(ConnectError, match=told):
        make(one(), server=server.url, verify=str(certificate), retries=0).send("op")
    assert len(server.requests) == 2


def test_content_codings(make: Make, serve: Serve) -> None:
    packed = gzip.compress(b'{"n": 1}')
    server = serve(
        reply(200, packed, [*JSON, *GZIP]), lambda _: chunked([packed[:5], packed[5:]], [*JSON, *GZIP])
    )
    client = make(one(answer=ANY), server=server.url)
    assert [client.call("op") for _ in range(2)] == [{"n": 1}] * 2


def test_headers_come_as_they_are(make: Make, serve: Serve) -> None:
    server = serve(reply(200, b"", [("Set-Cookie", "a=1"), ("X", "\xe9"), ("Set-Cookie", "b=2")]), reply())
    client = make(one(), server=server.url)
    response = client.send("op")
    assert (response.headers.all("set-cookie"), response.headers["x"]) == (["a=1", "b=2"], "\xe9")
    client.send("op")
    assert server.requests[1].header("Cookie") is None  # no memory: a response to one user reaches no other


# -- checks, credentials -------------------------------------------------------------------------------------


def test_checks_and_errors(make: Make, serve: Serve) -> None:
    server = serve(json_reply({"n": "no"}), json_reply({"message": "gone"}, 404), json_reply({"n": 2}))
    client = make(TREE, server=server.url)
    with pytest.raises(RequestInvalid, match="missing"):
        client.call("op")
    with pytest.raises(UnknownOperation):
        client.call("nope")
    assert server.requests == []
    with pytest.raises(ResponseInvalid, match="expected an integer"):
        client.call("op", {"id": "1"})
    with pytest.raises(ApiError, match="404: gone"):
        client.call("op", {"id": "1"})
    assert client.op("1") == {"n": 2}
    with pytest.raises(RequestInvalid, match="cannot hold a line break"):
        client.call("op", {"id": "1"}, options={"headers": {"X": "a\r\nb: c"}})
    assert len(server.requests) == 3


def test_a_key_goes_to_its_server_alone(make: Make, serve: Serve) -> None:
    elsewhere = serve(GOOD)
    server = serve(reply(302, b"", [("Location", f"{elsewhere.url}/x/1")]))
    client = make(TREE, server=server.url, credentials={"k": "s3cr3t"})
    response = client.send("op", {"id": "1"})
    assert (response.status, server.requests[0].header("X-Key"), elsewhere.requests) == (302, "s3cr3t", [])
    assert "s3cr3t" not in f"{response!r} {response.request!r} {client!r}"
    assert b"s3cr3t" not in pickle.dumps(response)


CUT = [reply(200, b"", length=5), HANG_UP]
NONSENSE = [b"nonsense\r\n\r\n", HANG_UP]


@pytest.mark.parametrize("answer", [HANG_UP, NONSENSE, CUT, reply(200, b"x", GZIP), BUSY, None], ids=range(6))
def test_no_error_and_no_log_shows_a_key(
    answer: Any, make: Make, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = {"k": {"type": "apiKey", "in": "query", "name": "key"}}
    tree = one("post", operation={"security": [{"k": []}]}, components={"securitySchemes": key}, body={})
    url = f"http://127.0.0.1:{closed_port()}" if answer is None else serve(answer).url
    client = make(tree, server=url, credentials={"k": "s3cr3t"}, retries=0, validate="off")
    shown = ""
    try:
        shown = repr(client.send("op", body={"a": 1}))
    except DynaclientError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error)
    assert shown
    assert "s3cr3t" not in shown + caplog.text
    assert f"POST {url}/x: " in caplog.text


def test_a_digest_answers_its_challenge(make: Make, serve: Serve) -> None:
    challenge = [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')]
    server = serve(reply(401, b"", challenge), GOOD)
    scheme = {"securitySchemes": {"d": {"type": "http", "scheme": "digest"}}}
    tree = one("post", operation={"security": [{"d": []}]}, components=scheme, body={})
    client = make(tree, server=server.url, credentials={"d": ("user", "s3cr3t")})
    assert client.send("op", body={"a": 1}).status == 200
    assert [(request.header("Authorization") or "")[:22] for request in server.requests] == [
        "", 'Digest username="user"',
    ]  # fmt: skip


def test_a_token_is_fetched_once_and_again_when_it_is_refused(make: Make, serve: Serve) -> None:
    tokens = serve(*(json_reply({"access_token": f"t{n}", "expires_in": 3600}) for n in (1, 2)))
    api = serve(GOOD, GOOD)
    credential = ClientCredentials(f"{tokens.url}/token", "me", "s3cr3t")
    scheme = {"securitySchemes": {"o": {"type": "oauth2", "flows": {}}}}
    tree = one(operation={"security": [{"o": []}]}, components=scheme)
    client = make(tree, server=api.url, credentials={"o": credential})
    for _ in range(2):
        assert client.send("op").status == 200
    assert [request.header("Authorization") for request in api.requests] == ["Bearer t1"] * 2
    assert len(tokens.requests) == 1
    basic = "Basic " + base64.b64encode(b"me:s3cr3t").decode()
    assert tokens.requests[0].header("Authorization") == basic


def test_a_proxy_of_the_environment(make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(GOOD)
    monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//user:pass@"))
    monkeypatch.setenv("NO_PROXY", "b.invalid")
    assert make(one(), server="http://a.invalid").send("op").status == 200
    with pytest.raises(ConnectError, match="cannot be resolved"):
        make(one(), server="http://b.invalid", retries=0).send("op")
    assert [request.target for request in proxy.requests] == ["http://a.invalid/x"]
    assert proxy.requests[0].header("Proxy-Authorization") == "Basic dXNlcjpwYXNz"


def test_netrc_holds_where_nothing_else_was_chosen(
    make: Make, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password pass\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(GOOD)
    make(one(), server=server.url).send("op")
    assert server.requests[0].header("Authorization") == "Basic dXNlcjpwYXNz"


# -- of the second alone -------------------------------------------------------------------------------------


def test_many_at_once_without_a_thread(serve: Serve) -> None:
    server = serve(lambda request: json_reply({"n": int(request.target.rpartition("/")[2])}))
    before = threading.active_count()

    async def ask() -> None:
        async with AsyncClient(TREE, server=server.url) as api:
            found = await asyncio.gather(*(api.op(str(n)) for n in range(64)))
            assert found == [{"n": n} for n in range(64)]
            own = [each for each in threading.enumerate() if each.name.startswith("asyncio")]
            assert own == []

    asyncio.run(ask())
    assert len(server.requests) == 64
    assert before >= 1


def test_tasks_that_need_a_token_wait_for_one(serve: Serve) -> None:
    tokens, api = serve(json_reply({"access_token": "t", "expires_in": 0})), serve(GOOD)
    scheme = {"securitySchemes": {"o": {"type": "oauth2", "flows": {}}}}
    tree = one(operation={"security": [{"o": []}]}, components=scheme)

    async def ask(expires: int) -> None:
        credentials = {"o": ClientCredentials(f"{tokens.url}/token", "me", "s3cr3t")}
        async with AsyncClient(tree, server=api.url, credentials=credentials) as client:
            await asyncio.gather(*(client.op() for _ in range(8)))

    asyncio.run(ask(0))
    assert {request.header("Authorization") for request in api.requests} == {"Bearer t"}
    assert len(tokens.requests) == 8  # each was over at once

    lasting = serve(json_reply({"access_token": "t", "expires_in": 3600}))
    tokens.url = lasting.url
    asyncio.run(ask(3600))
    assert len(lasting.requests) == 1


def stalled(sent: bytes) -> Callable[[threading.Event], Any]:
    """A server that sends so much and then nothing, until the event is set."""

    def answer(done: threading.Event) -> Callable[[Recorded], Iterator[bytes]]:
        def pieces(request: Recorded) -> Iterator[bytes]:
            yield sent
            done.wait(20)

        return pieces

    return answer


HALF = reply(200, b'{"n"', JSON, length=99)
LATE = reply(503, b"", [("Retry-After", "30")])
BUSY_WITH_A_BODY = reply(503, b"{", JSON, length=99)

POINTS: dict[str, tuple[str, Callable[[threading.Event], Any], dict[str, Any]]] = {
    # where it is cancelled: which server stalls, how, and the arguments of the call
    "before the head": ("api", stalled(b""), {}),
    "within the head": ("api", stalled(b"HTTP/1.1 200 OK\r\nContent-"), {}),
    "within the body": ("api", stalled(HALF), {}),
    "within the body of an error": ("api", stalled(BUSY_WITH_A_BODY), {}),
    "within a wait": ("api", lambda _: LATE, {}),
    "before the head of a stream": ("api", stalled(b""), {"options": {"stream": True}}),
    "within a stream": ("api", stalled(HALF), {"options": {"stream": True}}),
    "within a token fetch": ("tokens", stalled(b""), {}),
    "within the body of a token": ("tokens", stalled(HALF), {}),
}


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Each connection that is taken out of a pool, whether it was given back or not."""
    made: list[Connection] = []
    taken = Connection.__init__

    def noted(self: Connection, *given: Any) -> None:
        made.append(self)
        taken(self, *given)

    monkeypatch.setattr(Connection, "__init__", noted)
    return made


@pytest.mark.sampled(2)
@pytest.mark.parametrize("end", ["cancel", "timeout"])
@pytest.mark.parametrize("point", POINTS)
def test_a_task_that_is_cancelled_leaves_nothing_behind(
    point: str, end: str, serve: Serve, connections: list[Connection]
) -> None:
    where, stall, names = POINTS[point]
    done = threading.Event()
    token = json_reply({"access_token": "t", "expires_in": 3600})
    tokens = serve(stall(done), token) if where == "tokens" else serve(token)
    server = serve(stall(done), GOOD) if where == "api" else serve(GOOD)
    stalling = tokens if where == "tokens" else server
    scheme = {"securitySchemes": {"o": {"type": "oauth2", "flows": {}}}}
    tree = one(operation={"security": [{"o": []}]}, components=scheme, answer=ANY)
    credentials = {"o": ClientCredentials(f"{tokens.url}/token", "me", "s3cr3t")}

    async def use(api: AsyncClient) -> Any:
        found = await api.op(**names)
        return [item async for item in found.iter_bytes()] if names else found

    async def ask() -> None:
        async with AsyncClient(tree, server=server.url, credentials=credentials) as api:
            if end == "timeout":
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(use(api), 0.3)
            else:
                task = asyncio.ensure_future(use(api))
                while not stalling.requests:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert not any(each for each in connections if not each.closed)
            assert await api.op() == {"n": 1}
            assert not any(each for each in connections if not each.closed)

    try:
        asyncio.run(ask())
    finally:
        done.set()
    assert len(stalling.requests) == 2


def test_a_task_that_is_cancelled_while_its_body_is_sent_cuts_the_connection(
    connections: list[Connection],
) -> None:
    async def ask(port: int) -> None:
        async with AsyncClient(FILE, server=f"http://127.0.0.1:{port}") as api:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(api.op(body=io.BytesIO(bytes(50_000_000))), 0.3)
            assert not any(each for each in connections if not each.closed)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        asyncio.run(ask(listener.getsockname()[1]))
        sock, _ = listener.accept()
        with sock:
            sock.settimeout(20)
            size = 0
            while piece := _received(sock):
                size += len(piece)
    assert size < 50_000_000


def _received(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except ConnectionResetError:
        return b""


def test_a_stream_that_nobody_holds_any_more_gives_its_connection_back(
    serve: Serve, connections: list[Connection]
) -> None:
    done = threading.Event()
    server = serve(stalled(HALF)(done), GOOD)

    async def ask() -> None:
        async with AsyncClient(one(answer=ANY), server=server.url) as api:
            async for _ in (await api.op(options={"stream": True})).iter_bytes():
                break
            for _ in range(20):  # for the loop to see to what was left
                await asyncio.sleep(0)
            assert not any(each for each in connections if not each.closed)

    try:
        asyncio.run(ask())
    finally:
        done.set()


def test_each_loop_has_connections_of_its_own_and_pickles_have_none(serve: Serve) -> None:
    server = serve(GOOD)
    client = AsyncClient(one(answer=ANY), server=server.url)

    async def ask(api: AsyncClient) -> Any:
        try:
            return await api.op()
        finally:
            await api.aclose()

    assert [asyncio.run(ask(each)) for each in (client, client, pickle.loads(pickle.dumps(client)))] == [
        {"n": 1}
    ] * 3
    assert server.connections == 3


@pytest.mark.parametrize("where", ["credential", "pair", "token"])
def test_other_tasks_go_on_while_a_command_is_asked_for_a_secret(
    where: str, serve: Serve, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    waits = f'[time.sleep(0.01) for _ in range(1000) if not os.path.exists("{go}")]'
    code = f'import os, time; {waits}; print("s3cr3t" if os.path.exists("{go}") else "")'
    command = CommandOutput(f"{sys.executable} -c '{code}'")
    tokens, server = serve(json_reply({"access_token": "t", "expires_in": 3600})), serve(GOOD)
    given: Any = {
        "credential": command,
        "pair": ("user", command),
        "token": ClientCredentials(f"{tokens.url}/token", "me", command),
    }[where]
    kind = {"credential": KEY["k"], "pair": {"type": "http", "scheme": "basic"}}
    scheme = {"securitySchemes": {"k": kind.get(where, {"type": "oauth2", "flows": {}})}}
    tree = one(operation={"security": [{"k": []}]}, components=scheme)

    async def ask() -> None:
        async with AsyncClient(tree, server=server.url, credentials={"k": given}) as api:
            several = asyncio.gather(api.op(), api.op())
            await asyncio.sleep(0.05)
            go.touch()
            await several

    asyncio.run(ask())
    sent = [request.header("X-Key") or request.header("Authorization") for request in server.requests]
    pair = "Basic " + base64.b64encode(b"user:s3cr3t").decode()
    assert sent == [{"credential": "s3cr3t", "pair": pair, "token": "Bearer t"}[where]] * 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_other_tasks_go_on_while_a_pipe_is_sent(
    headers: dict[str, str], serve: Serve, tmp_path: Path
) -> None:
    """What is written to it comes from one of them."""
    server = serve()
    os.mkfifo(tmp_path / "pipe")

    async def ask() -> None:
        async with AsyncClient(FILE, server=server.url, timeout=20) as api:
            call = api.send("op", body=tmp_path / "pipe", options={"headers": headers})
            sending = asyncio.ensure_future(call)
            with open(await opened(tmp_path / "pipe"), "wb", buffering=0) as writer:
                for _ in range(5):
                    writer.write(b"abcd" * 5)
                    await asyncio.sleep(0.01)
            assert (await sending).status == 200

    asyncio.run(ask())
    (request,) = server.requests
    assert (gzip.decompress(request.body) if headers else request.body) == b"abcd" * 25


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system cannot wait for pipes")
@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_other_tasks_go_on_while_a_pipe_that_is_open_is_sent(headers: dict[str, str], serve: Serve) -> None:
    """As that of a process whose output is sent."""
    server = serve()
    reading, writing = os.pipe()
    late = threading.Timer(20, os.close, [writing])  # else a loop that waits would wait for ever
    late.start()

    async def ask() -> None:
        with open(reading, "rb") as pipe:
            async with AsyncClient(FILE, server=server.url, timeout=60) as api:
                sending = asyncio.ensure_future(api.send("op", body=pipe, options={"headers": headers}))
                for _ in range(5):
                    await asyncio.sleep(0.01)
                    os.write(writing, b"abcd" * 5)
                late.cancel()
                os.close(writing)
                assert (await sending).status == 200

    asyncio.run(ask())
    (request,) = server.requests
    assert (gzip.decompress(request.body) if headers else request.body) == b"abcd" * 25


async def opened(pipe: Path) -> int:
    """A descriptor to write to a pipe with, once somebody reads it."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            await asyncio.sleep(0.01)


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="this system has no such device")
def test_a_device_is_sent(make: Make, serve: Serve) -> None:
    """One that has always something to say, and cannot be waited for."""
    server = serve()
    assert make(FILE, server=server.url).send("op", body=Path("/dev/null")).status == 200
    assert server.requests[0].body == b""


def test_links_lead_on_with_await(serve: Serve) -> None:
    link = {"links": {"self": {"operationId": "op", "parameters": {"id": "$response.body#/n"}}}}
    tree = one(
        "get", "/x/{id}", param("id", "path", {"type": "integer"}), answers={"200": {**OBJECT, **link}}
    )
    server = serve(json_reply({"n": 7}))

    async def ask() -> Any:
        async with AsyncClient(tree, server=server.url) as api:
            first = await api.send("op", id=1)
            return await first.links["self"]()

    assert asyncio.run(ask()) == {"n": 7}
    assert [request.target for request in server.requests] == ["/x/1", "/x/7"]


def test_prepare_sends_nothing(serve: Serve) -> None:
    server = serve()

    async def made() -> Any:
        async with AsyncClient(TREE, server=server.url, credentials={"k": "s3cr3t"}) as api:
            return [await api.prepare("op", id="1"), await api.op.prepare("1")]

    first, second = asyncio.run(made())
    assert vars(first) == vars(second)
    assert isinstance(first, requests.PreparedRequest)
    assert (first.url, first.headers["x-key"], server.requests) == (f"{server.url}/x/1", "s3cr3t", [])


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda: AsyncClient(TREE, session=object()), "session: an AsyncClient opens its own connections"),
        (lambda: AsyncClient(TREE).close(), "await client.aclose()"),
        (lambda: AsyncClient(TREE).__enter__(), "async with"),
        (lambda: Case("op").send(AsyncClient(one(), server="http://a.invalid")), "not with an AsyncClient"),
    ],
)
def test_what_it_has_not(use: Callable[[], Any], text: str) -> None:
    with pytest.raises(SettingsError, match=text.replace("(", r"\(").replace(")", r"\)")):
        use()


def test_without_aiohttp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "dynaclient.transport.aiohttp_exchange", raising=False)
    with pytest.raises(SettingsError, match=r"pip install 'dynaclient\[async\]'"):
        AsyncClient(TREE)


def test_its_methods_take_what_those_of_a_client_take() -> None:
    for name in ("call", "send", "prepare"):
        ours, theirs = (inspect.signature(getattr(kind, name)) for kind in (AsyncClient, Client))
        assert list(ours.parameters.values()) == list(theirs.parameters.values())
        assert inspect.iscoroutinefunction(getattr(AsyncClient, name))


def test_its_settings_are_those_of_a_client() -> None:
    assert inspect.signature(AsyncClient) == inspect.signature(Client)
    assert not issubclass(AsyncClient, Client)
    with pytest.raises(AttributeError, match=r"AsyncClient\(\.\.\., timeout=\.\.\.\)"):
        AsyncClient(TREE).timeout = 5  # type: ignore[misc]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_no_operation_takes_a_name_of_either_client(kind: Any) -> None:
    names = sorted({name for each in (Client, AsyncClient) for name in dir(each) if name[:1] != "_"})
    client = kind(document({f"/{name}": {"get": {"operationId": name}} for name in names}))
    assert {each: client.operations[each].attribute for each in names} == {each: f"{each}_" for each in names}


def test_a_socket_that_says_nothing_is_waited_for_no_longer_than_the_deadline(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = make(one("post"), server=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.5)
        with pytest.raises(DeadlineExceeded):
            client.send("op")
