"""Mocks and instruments hold, whenever they are switched on and off: nothing reaches the server beside them.

The servers are real: what gets past a mock is counted. The referees are the libraries that people use.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import requests
import requests_mock
import responses
import urllib3
import vcr
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk import trace
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import connection as making

from dynaclient import Client, ClientCredentials, DocumentError, TransportError
from dynaclient.transport.originals import NOTHING, touched
from tests.conftest import Serve
from tests.servers import RawServer, reply
from tests.small import JSON, json_reply, one, param, said

KEY = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}}}
MOCKED, REAL = {"from": "the mock"}, {"from": "the server"}
Way = Callable[[str, str], contextlib.AbstractContextManager[Any]]


def answer(request: requests.PreparedRequest | None = None) -> requests.Response:
    found = requests.Response()
    found.status_code, found._content = 200, json.dumps(MOCKED).encode()
    found.headers["Content-Type"] = "application/json"
    if request is not None:
        found.request, found.url = request, request.url or ""
    return found


def below(*held: Any, **__: Any) -> urllib3.HTTPResponse:
    """An answer of urllib3's, in the place of one of a connection, which is then of no use."""
    for each in held:
        if isinstance(each, urllib3.connection.HTTPConnection):
            each.close()
    body = io.BytesIO(json.dumps(MOCKED).encode())
    return urllib3.HTTPResponse(body, dict(JSON), 200, preload_content=False)


def by_requests_mock(method: str, url: str) -> Any:
    mocker = requests_mock.Mocker()
    mocker.register_uri(method, url, json=MOCKED, headers=dict(JSON))
    return mocker


def by_responses(method: str, url: str) -> Any:
    found = responses.RequestsMock(assert_all_requests_are_fired=False)
    found.add(method, url, json=MOCKED)
    return found


@contextlib.contextmanager
def by_vcr(method: str, url: str) -> Iterator[None]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cassette.json"
        body = {"string": json.dumps(MOCKED)}
        recorded = {
            "request": {"method": method, "uri": url, "body": None, "headers": {}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"]},
                "body": body,
            },
        }
        path.write_text(json.dumps({"version": 1, "interactions": [recorded] * 9}))
        with vcr.use_cassette(str(path), record_mode="none", serializer="json", match_on=["method", "uri"]):
            yield


def patched(owner: Any, name: str, stand_in: Any) -> Way:
    return lambda method, url: mock.patch.object(owner, name, stand_in)


class Elsewhere(urllib3.connection.HTTPConnection):
    """A connection without a socket."""

    def connect(self) -> None: ...

    def request(self, *_: Any, **__: Any) -> None: ...

    def getresponse(self) -> Any:
        return below()


@contextlib.contextmanager
def by_halves(method: str, url: str) -> Iterator[None]:
    """The request and its answer are replaced apart from each other, as some recorders do it."""
    cls = urllib3.connection.HTTPConnection
    with (
        mock.patch.object(cls, "request"),
        mock.patch.object(cls, "getresponse", below),
    ):
        yield


class Canned(requests.adapters.BaseAdapter):
    def send(self, request: Any, **_: Any) -> Any:  # type: ignore[override]
        return answer(request)

    def close(self) -> None: ...


WAYS: dict[str, Way] = {
    "requests_mock": by_requests_mock,
    "responses": by_responses,
    "vcrpy": by_vcr,
    "Session.send": patched(requests.Session, "send", lambda self, request, **_: answer(request)),
    "Session.send, mocked": patched(requests.Session, "send", mock.Mock(return_value=answer())),
    "Session.request": patched(requests.Session, "request", lambda self, method, url, **_: answer()),
    "Session.get_adapter": patched(requests.Session, "get_adapter", lambda self, url: Canned()),
    "HTTPAdapter.send": patched(
        requests.adapters.HTTPAdapter, "send", lambda self, request, **_: answer(request)
    ),
    "urlopen": patched(HTTPConnectionPool, "urlopen", below),
    "_make_request": patched(HTTPConnectionPool, "_make_request", below),
    "ConnectionCls": patched(HTTPConnectionPool, "ConnectionCls", Elsewhere),
    "request and getresponse": by_halves,
    "a connection that a function makes": patched(
        HTTPConnectionPool, "ConnectionCls", lambda *given, **named: Elsewhere(*given, **named)
    ),
}


def client(server: RawServer, method: str, **settings: Any) -> Client:
    answers = {"200": said({"type": "object"})}
    tree = one(method, "/x", param("q"), answers=answers, components=KEY, security=[{"key": []}])
    return Client(tree, server=server.url, credentials={"key": "s3cr3t"}, retries=0, **settings)


@pytest.fixture
def server(serve: Serve) -> RawServer:
    return serve(json_reply(REAL))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_reaches_the_server_while_it_is_on(
    way: str, method: str, stream: bool, server: RawServer
) -> None:
    """Before the first call, after one that left a connection open, and after it was off for a while."""
    url = f"{server.url}/x?q=a%2fb&key=s3cr3t"
    options = {"query": {}, "stream": stream}

    def ask() -> Any:
        return api.send("op", q="a/b", options=options).data

    with client(server, method) as api:
        with WAYS[way](method.upper(), url.replace("%2f", "%2F")):
            assert ask() == MOCKED
            assert server.connections == 0
        assert ask() == REAL
        with WAYS[way](method.upper(), url.replace("%2f", "%2F")):
            assert ask() == ask() == MOCKED
        assert ask() == REAL
    assert len(server.requests) == 2
    assert {each.target for each in server.requests} == {"/x?q=a%2Fb&key=s3cr3t"}


@pytest.mark.parametrize("way", WAYS)
def test_it_holds_for_a_session_of_the_users(way: str, server: RawServer) -> None:
    seen: list[int] = []
    with requests.Session() as session:
        session.hooks["response"].append(lambda response, **_: seen.append(response.status_code))
        with client(server, "get", session=session) as api:
            with WAYS[way]("GET", f"{server.url}/x?key=s3cr3t"):
                assert api.call("op") == MOCKED
            assert server.connections == 0
            assert api.call("op") == REAL
    assert seen[-1] == 200


@pytest.mark.parametrize("way", WAYS)
def test_it_holds_for_documents(way: str, serve: Serve) -> None:
    server = serve(reply(200, json.dumps(one()).encode(), JSON))
    url = f"{server.url}/openapi.json"
    with WAYS[way]("GET", url), pytest.raises(DocumentError, match="openapi"):
        Client(url, cache=False)  # the mock's document is none
    assert server.connections == 0
    Client(url, cache=False).close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("way", WAYS)
def test_it_holds_for_tokens(way: str, server: RawServer) -> None:
    url = f"{server.url}/token"
    with WAYS[way]("POST", url), pytest.raises(TransportError, match="without a token"):
        ClientCredentials(url, "id", "secret")()
    assert server.connections == 0


@pytest.mark.parametrize("way", ["requests_mock", "vcrpy"])
def test_what_the_mock_does_not_know_goes_nowhere(way: str, server: RawServer) -> None:
    refused = pytest.raises(Exception, match=r"(?i)mock address|cassette")
    with client(server, "delete") as api, WAYS[way]("GET", f"{server.url}/other"), refused:
        api.call("op")
    assert server.connections == 0


def test_a_cassette_records_and_plays(server: RawServer, tmp_path: Path) -> None:
    path = tmp_path / "cassette.yaml"
    with client(server, "post") as api:
        with vcr.use_cassette(str(path), record_mode="once", filter_query_parameters=["key"]):
            assert api.call("op", q="é") == REAL
        assert len(server.requests) == 1
        with vcr.use_cassette(str(path), record_mode="none", filter_query_parameters=["key"]):
            assert api.call("op", q="é") == REAL
        assert len(server.requests) == 1
    assert "q=%C3%A9" in path.read_text()
    assert "s3cr3t" not in path.read_text()


def test_requests_mock_lets_through_what_it_is_told_to(server: RawServer) -> None:
    with client(server, "get") as api, requests_mock.Mocker(real_http=True) as mocker:
        mocker.get("http://elsewhere.test/", json=MOCKED)
        assert api.call("op") == api.call("op") == REAL
    assert server.connections == 1


@pytest.fixture
def spans() -> Iterator[Callable[[Any], Any]]:
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), trace.TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    @contextlib.contextmanager
    def on(instrumentor: Any) -> Iterator[Any]:
        instrumentor.instrument(tracer_provider=provider)
        try:
            yield exporter
        finally:
            instrumentor.uninstrument()

    yield on
    provider.shutdown()


@pytest.mark.parametrize("instrumentor", [RequestsInstrumentor, URLLib3Instrumentor])
def test_opentelemetry_sees_each_call(
    instrumentor: Any, spans: Any, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client(server, "get") as api:
        api.call("op")
        with spans(instrumentor()) as exporter:
            for query in ("a", "b c"):
                assert api.call("op", q=query) == REAL
        api.call("op", q="d")
        found = exporter.get_finished_spans()
    assert [each.attributes["http.status_code"] for each in found] == [200, 200]
    assert all(each.attributes["http.url"].startswith(f"{server.url}/x?") for each in found)
    sent = [each.header("traceparent") is not None for each in server.requests]
    assert sent == [False, True, True, False]
    assert server.requests[2].target == "/x?q=b%20c&key=s3cr3t"
    assert server.connections == 1


def wrapped(function: Callable[..., Any], seen: list[Any]) -> Callable[..., Any]:
    def around(*args: Any, **kwargs: Any) -> Any:
        seen.append(args)
        return function(*args, **kwargs)

    return around


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (requests.Session, "send"),
        (requests.Session, "request"),
        (requests.Session, "get_adapter"),
        (requests.adapters.HTTPAdapter, "send"),
        (HTTPConnectionPool, "urlopen"),
        (urllib3.connection.HTTPConnection, "request"),
        (http.client.HTTPConnection, "putrequest"),
        (http.client.HTTPConnection, "getresponse"),
    ],
)
def test_what_looks_on_sees_the_call_and_changes_nothing(
    owner: Any, name: str, server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    file = tmp_path / "body"
    file.write_bytes(b"123")
    tree = one("put", "/x/{id}", param("id", "path"), content={"application/octet-stream": {}})
    with Client(tree, server=server.url) as api:
        for given in (b"123", file):
            api.call("op", id="a%2f/é", body=given)
        monkeypatch.setattr(owner, name, wrapped(getattr(owner, name), seen))
        for given in (b"123", file):
            assert api.call("op", id="a%2f/é", body=given) == REAL
    assert len(seen) >= 2
    plain, watched = server.requests[:2], server.requests[2:]
    assert [each.raw for each in plain] == [each.raw for each in watched]
    if name in ("urlopen", "putrequest"):
        assert "/x/a%252f%2F%C3%A9" in seen[0][1:] or seen[0][1:] == ()


def test_who_wraps_session_request_may_add_headers(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = requests.Session.request

    def traced(self: Any, method: Any, url: Any, headers: Any = None, **rest: Any) -> Any:
        return original(self, method, url, headers={**headers, "X-Trace": "5"}, **rest)

    monkeypatch.setattr(requests.Session, "request", traced)
    with requests.Session() as session:
        session.headers["X-Own"] = "1"
        with client(server, "delete", session=session) as api:
            api.call("op")
    assert server.requests[0].all("X-Trace") == ["5"]
    assert server.requests[0].all("X-Own") == ["1"]
    assert server.requests[0].header("Content-Length") is None


def test_an_address_of_its_own(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """`create_connection` is where people put a host's address by hand, `allowed_gai_family` IPv4 alone."""
    server, connect = serve(json_reply(REAL)), making.create_connection
    monkeypatch.setattr(
        making, "create_connection", lambda address, *_, **__: connect(("127.0.0.1", server.port))
    )
    with Client(one(), server="http://nowhere.invalid:1") as api:
        assert api.call("op") == REAL
    assert server.connections == 1


def test_the_family_of_addresses(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(making, "allowed_gai_family", lambda: asked.append(1) or 2)
    with client(server, "get") as api:
        api.call("op")
    assert asked == [1]


def test_cookies_are_forgotten_by_the_long_way_too(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(reply(200, b"{}", [*JSON, ("Set-Cookie", "sid=s3cr3t; Path=/")]))
    monkeypatch.setattr(requests.Session, "send", wrapped_method(requests.Session.send))
    with Client(one(answer={}), server=server.url) as api:
        assert api.send("op").headers["Set-Cookie"] == "sid=s3cr3t; Path=/"
        api.call("op")
    assert [each.header("Cookie") for each in server.requests] == [None, None]


def wrapped_method(function: Any) -> Any:
    def around(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return around


def test_a_pickled_client_is_mocked_as_well(server: RawServer) -> None:
    with client(server, "get") as api, by_requests_mock("GET", f"{server.url}/x"):
        assert pickle.loads(pickle.dumps(api)).call("op") == MOCKED
    assert server.connections == 0


def test_a_redirect_is_followed_within_the_mock(server: RawServer) -> None:
    with client(server, "get") as api, requests_mock.Mocker() as mocker:
        mocker.get(f"{server.url}/x", status_code=302, headers={"Location": "/y"})
        mocker.get(f"{server.url}/y", json=MOCKED, headers=dict(JSON))
        assert api.call("op") == MOCKED
    assert server.connections == 0


BEFORE = """
import json, sys
import requests
{setup}
from dynaclient import Client
tree = {{"openapi": "3.0.3", "info": {{"title": "", "version": ""}}, "paths": {{"/x": {{"get": {{
    "operationId": "op",
    "responses": {{"200": {{"description": "", "content": {{"application/json": {{}}}}}}}}
}}}}}}}}
with Client(tree, server=sys.argv[1]) as api:
    with {way}:
        print(json.dumps(api.call("op")))
    print(json.dumps(api.call("op")))
"""
WAYS_BEFORE = {
    "requests_mock": (
        "import requests_mock\nmocker = requests_mock.Mocker()\nmocker.start()\n"
        "mocker.get(sys.argv[1] + '/x', text='{\"from\": \"the mock\"}', headers={'Content-Type': "
        "'application/json'})\nimport contextlib",
        "contextlib.closing(type('', (), {'close': staticmethod(mocker.stop)}))",
    ),
    "vcrpy": (
        "import contextlib, tempfile, vcr\nfolder = tempfile.mkdtemp()\nstack = contextlib.ExitStack()\n"
        "with vcr.use_cassette(folder + '/a.yaml'):\n    requests.get(sys.argv[1] + '/x')\n"
        "stack.enter_context(vcr.use_cassette(folder + '/a.yaml'))",
        "stack",
    ),
    "urlopen": (
        "import contextlib, io, urllib3\nfrom unittest import mock\nstack = contextlib.ExitStack()\n"
        "stack.enter_context(mock.patch('urllib3.connectionpool.HTTPConnectionPool.urlopen', lambda *a, **k: "
        "urllib3.HTTPResponse(io.BytesIO(b'{\"from\": \"the mock\"}'), {'Content-Type': 'application/json'},"
        " 200, preload_content=False)))",
        "stack",
    ),
}


@pytest.mark.parametrize("way", WAYS_BEFORE)
def test_it_may_be_on_before_the_first_import(way: str, serve: Serve) -> None:
    first = MOCKED if way == "vcrpy" else REAL
    server = serve(json_reply(first), json_reply(REAL))
    setup, entered = WAYS_BEFORE[way]
    script = BEFORE.format(setup=setup, way=entered)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, server.url], capture_output=True, text=True, timeout=60
    )
    assert [json.loads(line) for line in ran.stdout.splitlines()] == [MOCKED, REAL], ran.stderr


def test_the_short_way_is_open_while_all_is_as_it_was() -> None:
    with requests.Session() as session:
        assert touched(session) is NOTHING
        with mock.patch.object(session, "send"):
            assert touched(session).send
        for way, stand_in in WAYS.items():
            with stand_in("GET", "http://h.test/"):
                assert touched(session) is not NOTHING, way
            assert touched(session) is NOTHING, way
