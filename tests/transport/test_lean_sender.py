"""A client straight over urllib3: what requests does for its users holds there too."""

from __future__ import annotations

import gzip
import io
import logging
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import (
    BodyTooLarge,
    Client,
    ConnectError,
    DeadlineExceeded,
    DecodeError,
    ResponseInvalid,
    SettingsError,
    Timeout,
)
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import Recorded, closed_port, reply
from tests.small import JSON, json_reply, one, param
from tests.transport.conftest import ask

OBJECT = {"type": "object"}
TREE = one(answer=OBJECT)


def lean(url: str, tree: Any = TREE, **settings: Any) -> Client:
    return Client(tree, server=url, transport="urllib3", **settings)


SCRIPT = """
import sys
from dynaclient import Client
sys.path.insert(0, {root!r})
from tests.small import one
tree = one("put", body={{"type": "object"}}, answer={{"type": "object"}})
api = Client(tree, server={url!r}, transport="urllib3")
assert api.call("op", body={{"a": 1}}) == {{}}
print("requests" in sys.modules)
"""


def test_the_first_call_imports_no_requests(serve: Serve) -> None:
    root = str(Path(__file__).parents[2])
    script = SCRIPT.format(root=root, url=serve(json_reply({})).url)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_is_sent_is_what_a_client_over_requests_sends(serve: Serve) -> None:
    server = serve(json_reply({}))
    tree = one(
        "put",
        "/a%2Fb/{n}",
        param("n", "path"),
        param("q"),
        param("X-H", "header"),
        body=OBJECT,
        answer=OBJECT,
    )
    for settings in ({}, {"transport": "urllib3"}):
        api = Client(tree, server=f"{server.url}/base?k=1", **settings)  # type: ignore[arg-type]
        api.call("op", {"n": "é/", "q": "1 2?", "X-H": "h"}, body={"b": [1.5]}, options={"compress": "gzip"})
    first, second = server.requests
    assert (first.method, first.target) == (second.method, second.target)
    own = {"user-agent", "connection"}
    assert {n.lower(): v for n, v in first.fields if n.lower() not in own} == {
        n.lower(): v for n, v in second.fields if n.lower() not in own
    }
    assert gzip.decompress(first.body) == gzip.decompress(second.body)
    assert str(second.header("User-Agent")).startswith("dynaclient/")
    assert "urllib3/" in str(second.header("User-Agent"))


def test_a_connection_is_kept_and_threads_share_the_client(serve: Serve) -> None:
    def echo(request: Recorded) -> bytes:
        return json_reply({"target": request.target})

    server = serve(echo)
    api = lean(server.url, one("get", "/{n}", param("n", "path"), answer=OBJECT))
    for _ in range(3):
        api.call("op", n="0")
    assert server.connections == 1
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: api.call("op", n=str(n)), range(200)))
    assert found == [{"target": f"/{n}"} for n in range(200)]
    assert server.connections <= 32


# -- what lies around an exchange ----------------------------------------------------------------------


def test_redirects_retries_and_decoding(serve: Serve) -> None:
    server = serve(
        reply(503, b"{}", [*JSON, ("Retry-After", "0")]),
        reply(302, b"", [("Location", "/elsewhere?x=1")]),
        reply(200, gzip.compress(b'{"a": 1}'), [*JSON, ("Content-Encoding", "gzip")]),
    )
    assert lean(server.url).call("op") == {"a": 1}
    assert [each.target for each in server.requests] == ["/x", "/x", "/elsewhere?x=1"]


def packed(content: bytes) -> bytes:
    return reply(200, content, [*JSON, ("Content-Encoding", "gzip")])


def silence() -> Iterator[bytes]:
    while True:
        time.sleep(0.01)
        yield b""


ELSEWHERE = reply(302, b"", [("Location", "http://elsewhere.invalid/")])
WRONG: dict[str, tuple[Any, dict[str, Any], type[Exception]]] = {
    "bomb": (packed(gzip.compress(b" " * 10_000)), {"max_body": 5000}, BodyTooLarge),
    "coding": (packed(b"nothing like it"), {}, DecodeError),
    "garbage": (b"nothing like HTTP\r\n\r\n", {"retries": 0}, ConnectError),
    "silence": (lambda _: silence(), {"timeout": 0.1}, DeadlineExceeded),
    "other origin": (ELSEWHERE, {}, ResponseInvalid),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong(name: str, serve: Serve) -> None:
    answer, settings, kind = WRONG[name]
    with pytest.raises(kind):
        lean(serve(answer).url, **settings).call("op")


def test_nobody_is_there() -> None:
    with pytest.raises(ConnectError) as caught:
        lean(f"http://127.0.0.1:{closed_port()}", retries=0).call("op")
    assert not caught.value.sent


def test_a_stream(serve: Serve) -> None:
    text = {"text/plain": {"schema": {"type": "string"}}}
    server = serve(reply(200, b"a\nb\n", [("Content-Type", "text/plain")]))
    api = lean(server.url, one(answers={"200": {"description": "", "content": text}}))
    for _ in range(2):
        with api.send("op", options={"stream": True}) as response:
            assert list(response.iter_lines()) == ["a", "b"]
    assert server.connections == 1


# -- cookies -------------------------------------------------------------------------------------------


def test_cookies_hold_within_a_client(serve: Serve) -> None:
    server = serve(reply(200, b"{}", [*JSON, ("Set-Cookie", "sid=1; Path=/; HttpOnly")]), json_reply({}))
    api = lean(server.url)
    for _ in range(2):
        api.call("op")
    lean(server.url).call("op")
    pickle.loads(pickle.dumps(api)).call("op")
    assert [each.header("Cookie") for each in server.requests] == [None, "sid=1", None, None]


def test_a_cookie_of_the_call_goes_before_one_that_was_set(serve: Serve) -> None:
    cookies = [
        ("Set-Cookie", "sid=1; Path=/"),
        ("Set-Cookie", "b=2; Path=/"),
        ("Set-Cookie", "c=3; Path=/other"),
    ]
    server = serve(reply(200, b"{}", [*JSON, *cookies]))
    api = lean(server.url, one("get", "/x", param("sid", "cookie"), answer=OBJECT))
    api.call("op")
    response = api.send("op", sid="own")
    assert server.requests[1].header("Cookie") == "sid=own; b=2"
    assert response.request.headers["Cookie"] == "sid=own; b=2"
    assert "own" not in repr(response)


def test_cookies_go_along_with_a_redirect_and_to_no_other_server(serve: Serve) -> None:
    moved = reply(302, b"", [("Location", "/other"), ("Set-Cookie", "sid=1; Path=/")])
    server, other = serve(moved, json_reply({})), serve(json_reply({}))
    away = {**one(path="/y", answer=OBJECT)["paths"]["/y"]["get"], "operationId": "away"}
    servers = [{"url": other.url.replace("127.0.0.1", "localhost")}]
    tree = one(answer=OBJECT, servers=[{"url": server.url}])
    tree["paths"]["/y"] = {"get": {**away, "servers": servers}}
    api = Client(tree, transport="urllib3")
    api.call("op")
    api.call("away")
    assert [each.header("Cookie") for each in server.requests] == [None, "sid=1"]
    assert other.requests[0].header("Cookie") is None


# -- the environment, TLS --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment(name: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(json_reply({"a": 1}))
    monkeypatch.setenv(name, proxy.url.replace("//", "//user:p%40ss@"))
    assert lean("http://shop.example/base").call("op") == {"a": 1}
    assert proxy.requests[0].target == "http://shop.example/base/x"
    assert proxy.requests[0].header("Proxy-Authorization") == "Basic dXNlcjpwQHNz"


def test_no_proxy_of_the_environment(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    assert lean(serve(json_reply({})).url).call("op") == {}


def test_a_proxy_that_was_given_goes_first(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    proxy = serve(json_reply({}))
    assert lean("http://shop.example", proxies={"http": proxy.url}).call("op") == {}


WANTS = reply(407, b"who?", [("Proxy-Authenticate", 'Basic realm="x"')])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_407_of_a_proxy(scheme: str, serve: Serve) -> None:
    with pytest.raises(ConnectError, match="the proxy asks for a user"):
        lean(f"{scheme}://shop.example", proxies={scheme: serve(WANTS).url}, retries=0).call("op")


def test_a_407_of_a_server_is_its_response(serve: Serve) -> None:
    assert lean(serve(WANTS).url).send("op").status == 407


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "ftp://h"])
def test_other_proxies_are_refused(proxy: str) -> None:
    with pytest.raises(SettingsError, match="HTTP proxies only"):
        lean("http://shop.example", proxies={"http": proxy}).call("op")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_bundle_of_the_environment(
    serve: Serve, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(json_reply({}), context=tls).url
    with pytest.raises(ConnectError, match="certificate is not trusted"):
        lean(url).call("op")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert lean(url).call("op") == {}
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    for verify in (False, str(certificate), certificate, ssl.create_default_context(cafile=str(certificate))):
        assert lean(url, verify=verify).call("op") == {}


def test_the_environment_says_nothing_where_verify_is_given(
    serve: Serve, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    assert lean(serve(json_reply({}), context=tls).url, verify=str(certificate)).call("op") == {}


def test_netrc(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(json_reply({}))
    lean(server.url).call("op")
    assert server.requests[0].header("Authorization") == "Basic bWU6czNjcmV0"


# -- life ------------------------------------------------------------------------------------------------


def test_closing_closes_and_the_next_call_opens(serve: Serve) -> None:
    server = serve(json_reply({}))
    with lean(server.url) as api:
        api.call("op")
    api.call("op")
    assert server.connections == 2


def test_session_and_transport_are_one_too_many() -> None:
    with pytest.raises(SettingsError, match="session= and transport= cannot both be"):
        Client(TREE, transport="urllib3", session=requests.Session())


def test_copies_of_a_transport_share_connections(serve: Serve) -> None:
    server = serve(reply(200))
    transport = Transport(over="urllib3", timeout=Timeout(total=20))
    for each in (transport, transport.once(), transport.single(), transport.altered(verify=False)):
        assert ask(each, server.url).status == 200
    transport.close()
    assert server.connections == 1


def test_the_log_has_no_query(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(json_reply({}))
    with caplog.at_level(logging.DEBUG):
        lean(f"{server.url}/?key=s3cret").call("op")
    assert caplog.records
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_files_and_bytes_are_sent_compressed(coding: str, serve: Serve, tmp_path: Path) -> None:
    octets = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    server = serve(json_reply({}))
    api = lean(server.url, one("post", content=octets, answer=OBJECT))
    (tmp_path / "file").write_bytes(b"cake " * 50_000)
    for body in (b"cake " * 50_000, tmp_path / "file", io.BytesIO(b"cake " * 50_000)):
        api.call("op", body=body, options={"compress": coding})
    for request in server.requests:
        assert request.header("Content-Encoding") == coding
        unpack = gzip.decompress if coding == "gzip" else zlib.decompress
        assert unpack(request.body) == b"cake " * 50_000


def test_an_early_response_to_a_body_that_is_not_read_is_the_response(serve: Serve) -> None:
    octets = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(reply(413, b"{}", [*JSON, ("Connection", "close")]))
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1_000_000):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        api = lean(
            f"http://127.0.0.1:{listener.getsockname()[1]}", one("post", content=octets, answer=OBJECT)
        )
        assert api.send("op", body=b"x" * 5_000_000).status == 413
        thread.join()
