"""A whole response, over a session of the client or of the user; shared, pickled, closed."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import HTTPDigestAuth
from urllib3 import HTTPResponse, Retry

from dynaclient import __version__
from dynaclient.errors import BodyTooLarge
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.retries import Retries
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]


def test_the_answer(serve: Serve, transport: Transport) -> None:
    headers = [("Content-Type", "a/b"), ("Set-Cookie", "a=1"), ("X", "1"), ("Set-Cookie", "b=2"), ("X", "2")]
    server = serve(reply(201, b"made", headers))
    answer = ask(transport, server.url + "/x?y=1")
    assert (answer.status, answer.reason, answer.content) == (201, "Reason", b"made")
    assert answer.url == server.url + "/x?y=1"
    assert answer.headers["content-type"] == "a/b"
    assert answer.headers.all("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x"] == "1, 2"
    assert 0 < answer.elapsed < 20


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500, 599, 999])
def test_any_status_is_an_answer(status: int, serve: Serve, transport: Transport) -> None:
    assert ask(transport, serve(reply(status)).url).status == status


def test_what_our_session_says_of_itself(serve: Serve, transport: Transport) -> None:
    server = serve()
    ask(transport, server.url)
    request = server.requests[0]
    assert request.header("User-Agent") == f"dynaclient/{__version__} python-requests/{requests.__version__}"
    assert request.header("Accept-Encoding") == "gzip, deflate"
    assert request.header("Connection") == "keep-alive"


def test_our_session_keeps_no_cookies(serve: Serve, transport: Transport) -> None:
    server = serve(reply(200, b"", [("Set-Cookie", "sid=of-somebody; Path=/")]))
    for _ in range(2):
        ask(transport, server.url)
    assert server.requests[1].header("Cookie") is None
    assert len(transport.session.cookies) == 0


def test_threads_share_it(serve: Serve, transport: Transport) -> None:
    def echo(request: Recorded) -> bytes:
        return reply(200, request.target.encode() + (request.header("X") or "").encode())

    server = serve(echo)

    def call(number: int) -> bool:
        answer = ask(transport, f"{server.url}/{number}?q={number}", headers=[("X", f"-{number}")])
        return answer.content == f"/{number}?q={number}-{number}".encode()

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(call, range(400)))
    assert len(server.requests) == 400
    assert server.connections <= 32


@pytest.mark.parametrize("used", [False, True])
def test_is_pickled_before_and_after_use(used: bool, serve: Serve, make: Make) -> None:
    server = serve(reply(200, b"x" * 10))
    transport = make(timeout=Timeout(total=9), retries=7, max_body=10)
    if used:
        ask(transport, server.url)
    copy = pickle.loads(pickle.dumps(transport))
    assert ask(copy, server.url).content == b"x" * 10
    assert (copy._timeout, Retries.of(copy._retries), copy._max_body) == (Timeout(total=9), Retries(8), 10)
    copy.close()


FORKED = """
import os, sys
from dynaclient.transport.session import Transport

transport, url = Transport(), sys.argv[1]

def ask(path):
    request = transport.prepare("GET", url + path, [], None, credential_chosen=True)
    assert transport.send(request).content == path.encode()

ask("/parent")
child = os.fork()
for _ in range(3):
    ask("/parent" if child else "/child")
if child:
    sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_has_connections_of_its_own(serve: Serve) -> None:
    """Of two processes that read from one connection each would get answers to the other."""
    server = serve(lambda request: reply(200, request.target.encode()))
    subprocess.run([sys.executable, "-c", FORKED, server.url], check=True)
    used = {(request.target, request.connection) for request in server.requests}
    assert used == {("/parent", 0), ("/child", 1)}
    assert len(server.requests) == 7


def test_a_session_of_the_user_is_pickled_with_it(serve: Serve, make: Make) -> None:
    server = serve()
    with requests.Session() as session:
        session.headers["X-Team"] = "shop"
        transport = make(session=session)
        ask(transport, server.url)
        copy = pickle.loads(pickle.dumps(transport))
    ask(copy, server.url)
    copy.session.close()
    assert server.requests[1].header("X-Team") == "shop"


def test_an_answer_is_pickled(serve: Serve, transport: Transport) -> None:
    answer = ask(transport, serve(reply(200, b"x", [("A", "1")])).url)
    assert pickle.loads(pickle.dumps(answer)) == answer


def test_closing_cuts_our_connections_and_the_next_call_opens_new_ones(
    serve: Serve, transport: Transport
) -> None:
    server = serve()
    ask(transport, server.url)
    transport.close()
    transport.close()
    ask(transport, server.url)
    assert [request.connection for request in server.requests] == [0, 1]


def test_closing_leaves_the_users_session_open(serve: Serve, make: Make) -> None:
    server = serve()
    with requests.Session() as session:
        transport = make(session=session)
        ask(transport, server.url)
        transport.close()
        session.get(server.url)
    assert server.connections == 1


class TestProxies:
    def test_of_the_environment(self, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy, server = serve(reply(200, b"proxy")), serve(reply(200, b"server"))
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert ask(make(), "http://a.example/x").content == b"proxy"
        assert ask(make(), server.url).content == b"server"
        with requests.Session() as session:
            assert ask(make(session=session), "http://a.example/x").content == b"proxy"
            session.trust_env = False
            session.proxies["http"] = server.url
            assert ask(make(session=session), "http://a.example/x").content == b"server"

    def test_given_ones_go_first(self, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy = serve(reply(200, b"given"))
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
        assert ask(make(proxies={"http": proxy.url}), "http://a.example/x").content == b"given"

    def test_a_password_of_the_proxy_goes_to_the_proxy(self, serve: Serve, make: Make) -> None:
        proxy = serve()
        ask(make(proxies={"http": proxy.url.replace("://", "://u:p@")}), "http://a.example/x")
        assert proxy.requests[0].header("Proxy-Authorization") == "Basic dTpw"


class Mock(BaseAdapter):
    """An adapter as tests write them: a Response made by hand."""

    def __init__(self, fill: Callable[[requests.Response], object]) -> None:
        self.fill = fill
        self.sent: list[tuple[requests.PreparedRequest, dict[str, object]]] = []

    def send(self, request: requests.PreparedRequest, *args: object, **settings: object) -> requests.Response:
        self.sent.append((request, settings))
        response = requests.Response()
        response.status_code = 200
        self.fill(response)
        return response

    def close(self) -> None: ...


def _content(response: requests.Response) -> None:
    response._content = b"x" * 10


def _bytes_io(response: requests.Response) -> None:
    response.raw = io.BytesIO(b"x" * 10)


def _urllib3(response: requests.Response) -> None:
    response.raw = HTTPResponse(io.BytesIO(b"x" * 10), preload_content=False, status=200)


MADE = {"content": _content, "BytesIO": _bytes_io, "urllib3": _urllib3}


class TestAdaptersOfTheUser:
    @pytest.mark.parametrize("made", MADE)
    def test_bodies_made_by_hand(self, made: str, make: Make) -> None:
        with requests.Session() as session:
            session.mount("https://", Mock(MADE[made]))
            answer = ask(make(session=session), "https://a.example/x")
            assert (answer.status, answer.reason, answer.content) == (200, "", b"x" * 10)
            with pytest.raises(BodyTooLarge):
                ask(make(session=session, max_body=9), "https://a.example/x")

    def test_no_body_at_all(self, make: Make) -> None:
        with requests.Session() as session:
            session.mount("https://", Mock(lambda response: None))
            assert ask(make(session=session), "https://a.example/x").content == b""

    def test_gets_the_request_and_a_pair_of_timeouts(self, make: Make) -> None:
        mock = Mock(_content)
        with requests.Session() as session:
            session.mount("mock://", mock)
            timeout = Timeout(total=5, connect=2)
            ask(make(session=session), "mock://a/%2f?b=%2e", "POST", [("K", "v")], b"{}", timeout=timeout)
        request, settings = mock.sent[0]
        assert (request.method, request.url, request.body) == ("POST", "mock://a/%2f?b=%2e", b"{}")
        assert request.headers["K"] == "v"
        connect, read = settings["timeout"]  # type: ignore[misc]
        assert connect == 2
        assert 2 < read <= 5
        assert settings["stream"] is True

    def test_redirects_and_retries_hold_for_it(self, make: Make) -> None:
        def fill(response: requests.Response) -> None:
            response.status_code = [302, 503, 200][len(mock.sent) - 1]
            response.headers["Location"] = "/next"
            response.headers["Retry-After"] = "0"

        mock = Mock(fill)
        with requests.Session() as session:
            session.mount("https://", mock)
            assert ask(make(session=session), "https://a.example/x").status == 200
        assert [request.url for request, _ in mock.sent] == [
            "https://a.example/x",
            *["https://a.example/next"] * 2,
        ]

    def test_hooks_of_the_session_may_read_and_replace(self, serve: Serve, make: Make) -> None:
        def read(response: requests.Response, **_: object) -> requests.Response:
            assert response.content == b"body"
            response.headers["X-Seen"] = "yes"
            return response

        server = serve(reply(200, b"body"))
        with requests.Session() as session:
            session.hooks["response"].append(read)
            answer = ask(make(session=session), server.url)
        assert (answer.content, answer.headers["X-Seen"]) == (b"body", "yes")

    def test_digest_authentication_works(self, serve: Serve, make: Make) -> None:
        challenge = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
        server = serve(reply(401, b"who?", [challenge]), reply(200, b"welcome"))
        with requests.Session() as session:
            session.auth = HTTPDigestAuth("user", "pw")
            assert ask(make(session=session), server.url + "/x?a=1").content == b"welcome"
        assert (server.requests[1].header("Authorization") or "").startswith("Digest ")
        assert server.requests[1].target == "/x?a=1"

    def test_its_cookies_are_kept_by_its_session(self, serve: Serve, make: Make) -> None:
        server = serve(reply(200, b"", [("Set-Cookie", "sid=1; Path=/")]))
        with requests.Session() as session:
            transport = make(session=session)
            ask(transport, server.url)
            ask(transport, server.url)
        assert server.requests[1].header("Cookie") == "sid=1"


def test_what_stands_in_for_requests_in_tests_stands_in_for_us(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known mock libraries replace HTTPAdapter.send, or Session.get_adapter."""
    mock = Mock(_content)

    def send(adapter: HTTPAdapter, *args: object, **settings: object) -> requests.Response:
        return mock.send(*args, **settings)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", send)
        assert ask(transport, "https://a.example/x").content == b"x" * 10
    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "get_adapter", lambda session, url: mock)
        assert ask(transport, "https://a.example/x").content == b"x" * 10
    assert len(mock.sent) == 2


@pytest.mark.parametrize("used", [False, True])
def test_the_retries_of_an_adapter_end_in_the_last_response(used: bool, serve: Serve) -> None:
    server = serve(reply(503, b"later", [("Content-Type", "text/plain")]))
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=0)))
    transport = Transport(session=session, retries=0)
    for _ in range(2 if used else 1):
        found = ask(transport, server.url)
    assert (found.status, found.content) == (503, b"later")
    assert len(server.requests) == (6 if used else 3)
