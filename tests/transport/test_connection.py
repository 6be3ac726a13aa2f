"""A server may be as slow as it likes; the call ends at its deadline.

No clock is looked at: these servers never end an answer, so a call that did not keep its deadline would
not come back, and one that did ends in DeadlineExceeded.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from dynaclient.errors import ConnectError, DeadlineExceeded
from dynaclient.transport.send import Transport
from dynaclient.transport.timeout import Timeout
from tests.conftest import Serve
from tests.servers import Recorded, chunked, dripping, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]

HEAD = b"HTTP/1.1 200 OK\r\n"
SHORT = Timeout(total=0.4)


silent = [b""]

SLOW = {
    "nothing": silent,
    "status line": dripping(b"HTTP/1.1 200 ", b"o"),
    "one header": dripping(HEAD + b"X: ", b"o"),
    "many headers": dripping(HEAD, b"X: 1\r\n", 0.1),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body with a length": dripping(HEAD + b"Content-Length: 99999\r\n\r\n", b"o"),
    "body until the end": dripping(HEAD + b"Connection: close\r\n\r\n", b"o"),
    "chunk": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFF\r\n", b"o"),
    "chunks": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\no\r\n"),
    "chunk size": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: 1\r\n"),
    "gzip": dripping(
        HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3", b"\x00\x00\x00\xff\xff"
    ),
}


@pytest.mark.parametrize("part", SLOW)
def test_drip_ends_at_the_deadline(part: str, serve: Serve, transport: Transport) -> None:
    server = serve(SLOW[part])
    with pytest.raises(DeadlineExceeded, match=r"within 0\.4 s"):
        ask(transport, server.url, timeout=SHORT)
    assert len(server.requests) == 1


@pytest.mark.parametrize("part", ["many headers", "chunk", "gzip"])
def test_drip_over_tls(part: str, serve: Serve, make: Make, tls: ssl.SSLContext, certificate: Path) -> None:
    server = serve(SLOW[part], context=tls)
    with pytest.raises(DeadlineExceeded):
        ask(make(verify=str(certificate)), server.url, timeout=SHORT)
    assert len(server.requests) == 1


@pytest.mark.parametrize("part", ["many headers", "chunk", "body with a length"])
def test_drip_with_a_session_of_the_user(part: str, serve: Serve, make: Make) -> None:
    server = serve(SLOW[part])
    with requests.Session() as session, pytest.raises(DeadlineExceeded):
        ask(make(session=session), server.url, timeout=SHORT)


@pytest.mark.parametrize("part", ["many headers", "body until the end"])
def test_drip_through_a_proxy(part: str, serve: Serve, make: Make) -> None:
    proxy = serve(SLOW[part])
    with pytest.raises(DeadlineExceeded):
        ask(make(proxies={"http": proxy.url}), "http://talon.example/", timeout=SHORT)


def test_drip_of_the_answer_to_connect(serve: Serve, make: Make) -> None:
    proxy = serve(SLOW["many headers"])
    with pytest.raises(DeadlineExceeded):
        ask(make(proxies={"https": proxy.url}), "https://talon.example/", timeout=SHORT)


def test_server_that_does_not_read(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(DeadlineExceeded):
            ask(make(), url, "POST", body=b"x" * 50_000_000, timeout=SHORT)


@pytest.mark.parametrize("given", [False, True])
def test_sending_on_a_kept_connection_may_take_longer_than_connecting(given: bool, make: Make) -> None:
    body = bytes(20_000_000)

    def read_late(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock, sock.makefile("rb") as reader:
            while reader.readline() != b"\r\n":
                pass
            sock.sendall(reply(200, b"first"))
            time.sleep(0.5)
            while reader.readline() != b"\r\n":
                pass
            reader.read(len(body))
            sock.sendall(reply(200, b"second"))

    with socket.create_server(("127.0.0.1", 0)) as listener, requests.Session() as session:
        server = threading.Thread(target=read_late, args=[listener], daemon=True)
        server.start()
        transport = make(session=session if given else None)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        timeout = Timeout(total=20, connect=0.1)
        contents = [ask(transport, url, "POST", body=sent, timeout=timeout).content for sent in (None, body)]
        server.join(10)
    assert contents == [b"first", b"second"]


def test_tls_server_that_reads_slowly(make: Make, tls: ssl.SSLContext, certificate: Path) -> None:
    body = bytes(20_000_000)
    taken: list[int] = []

    def sip(listener: socket.socket) -> None:
        plain, _ = listener.accept()
        with plain, tls.wrap_socket(plain, server_side=True) as sock, contextlib.suppress(OSError):
            while piece := sock.recv(16384):
                taken.append(len(piece))
                time.sleep(0.002)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=sip, args=[listener], daemon=True)
        server.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(DeadlineExceeded):
            ask(make(verify=str(certificate)), url, "POST", body=body, timeout=SHORT)
        server.join(20)
    assert 0 < sum(taken) < len(body)


def test_tls_server_that_does_not_shake_hands(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(DeadlineExceeded):
            ask(make(), url, timeout=SHORT)
        with pytest.raises(ConnectError, match=r"Timeout\.connect"):
            ask(make(retries=0), url, timeout=Timeout(total=20, connect=0.2))


def test_silence_longer_than_read(serve: Serve, transport: Transport) -> None:
    server = serve(silent)
    with pytest.raises(DeadlineExceeded, match=r"nothing for 0\.2 s \(Timeout\.read\)"):
        ask(transport, server.url, timeout=Timeout(total=20, read=0.2))


def test_a_drip_within_read_and_total_is_read_whole(serve: Serve, transport: Transport) -> None:
    def slow(request: Recorded) -> Iterator[bytes]:
        for piece in chunked([b"a", b"b", b"c", b"d"]):
            time.sleep(0.05)
            yield piece

    server = serve(slow)
    assert ask(transport, server.url, timeout=Timeout(total=20, read=10)).content == b"abcd"


def test_no_limits_at_all(serve: Serve, transport: Transport) -> None:
    server = serve(reply(200, b"x"))
    assert ask(transport, server.url, timeout=Timeout(None, None, None)).content == b"x"


def test_time_spent_on_retries_and_redirects_counts(serve: Serve, make: Make) -> None:
    def busy(request: Recorded) -> bytes:
        time.sleep(0.05)
        return reply(503, b"", [("Retry-After", "0")])

    def moved(request: Recorded) -> bytes:
        time.sleep(0.05)
        return reply(302, b"", [("Location", "/next")])

    for answer in (busy, moved):
        server = serve(answer)
        with pytest.raises(DeadlineExceeded):
            ask(make(retries=1000), server.url, timeout=SHORT)
        assert 1 < len(server.requests) < 1000


def test_a_connection_left_by_a_deadline_is_not_used_again(serve: Serve, transport: Transport) -> None:
    server = serve(SLOW["chunk"], reply(200, b"fresh"))
    with pytest.raises(DeadlineExceeded):
        ask(transport, server.url, timeout=SHORT)
    assert ask(transport, server.url).content == b"fresh"
    assert [request.connection for request in server.requests] == [0, 1]


def test_a_users_session_waits_as_urllib3_does_outside_our_calls(serve: Serve, make: Make) -> None:
    server = serve(reply(200, b"x"))
    with requests.Session() as session:
        ask(make(session=session), server.url, timeout=SHORT)
        time.sleep(0.5)
        assert session.get(server.url + "/a%2fb?c=1").content == b"x"
    assert server.requests[1].target == "/a%2Fb?c=1"
    assert server.connections == 1
