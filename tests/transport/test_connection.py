"""A server may be as slow as it likes; the call ends at its deadline.

No clock is looked at: these servers never end an answer, so a call that did not keep its deadline would
not come back, and one that did ends in DeadlineExceeded.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from dynaclient.errors import ConnectError, DeadlineExceeded
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, chunked, dripping, reply
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


@pytest.mark.sampled(3)
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


@pytest.mark.parametrize("whose", ["ours", "the session's"])
def test_drip_through_a_proxy_with_a_session_of_the_user(whose: str, serve: Serve, make: Make) -> None:
    """The connections to a proxy are made by another manager, which does not exist before the first."""
    proxy = serve(SLOW["body with a length"])
    given = {"http": proxy.url.removeprefix("http://")}
    with requests.Session() as session:
        session.proxies = given if whose == "the session's" else {}
        transport = make(session=session, proxies=given if whose == "ours" else None)
        with pytest.raises(DeadlineExceeded):
            ask(transport, "http://talon.example/", timeout=SHORT)
    assert len(proxy.requests) == 1


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
        with pytest.raises(DeadlineExceeded) if answer is moved else contextlib.suppress(DeadlineExceeded):
            # one that came in the last moment, too late for another, is the response
            assert ask(make(retries=1000), server.url, timeout=SHORT).status == 503
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


OK = reply(200, b"of the second")
INTERIM = {
    "continue": [b"HTTP/1.1 100 Continue\r\n\r\n" * 3],
    "early hints": [b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"],
    "several": [b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 X\r\n\r\n"],
}


@pytest.mark.parametrize("kind", INTERIM)
@pytest.mark.parametrize("given", [False, True])
def test_an_interim_answer_is_not_the_answer(kind: str, given: bool, serve: Serve, make: Make) -> None:
    """Else the next request on the connection would get the answer to this one."""

    def first(request: Recorded) -> Iterator[bytes]:
        yield from INTERIM[kind]
        time.sleep(0.1)
        yield reply(200, b"of the first")

    server = serve(first, OK)
    with requests.Session() as session:
        transport = make(session=session if given else None)
        contents = [ask(transport, server.url).content for _ in range(2)]
    assert contents == [b"of the first", b"of the second"]
    assert server.connections == 1


FULL = b"HTTP/1.1 200 OK\r\nX-One: 1\r\nX-Two: 2\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
CUTS = {
    "before the head": b"",
    "within the version": FULL[:6],
    "within the status": FULL[:11],
    "behind the status": FULL[:12],
    "within the reason": FULL[:14],
    "within the end of the status line": FULL[:16],
    "behind the status line": FULL[:17],
    "within the name of a field": FULL[:20],
    "behind the name of a field": FULL[:23],
    "before the value of a field": FULL[:25],
    "within the value of the last field": FULL[:-4],
    "within the end of a line": FULL[:-3],
    "behind the last field": FULL[:-2],
    "within the empty line": FULL[:-1],
    "within an interim head": EARLY[:35],
    "behind an interim head": EARLY,
    "within what follows an interim head": EARLY + FULL[:-2],
    "within the second of two interim heads": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Con",
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("given", [False, True])
def test_a_head_without_its_end_is_no_answer(cut: str, given: bool, serve: Serve, make: Make) -> None:
    """RFC 9112 section 8: of such a message nothing is known. On a new connection, a kept one, a stream."""
    server = serve([CUTS[cut], HANG_UP], FULL[:-2] + b"Content-Length: 1\r\n\r\nx", [CUTS[cut], HANG_UP])
    with requests.Session() as session:
        transport = make(session=session if given else None, retries=0)
        for way in (transport.send, transport.stream):
            with pytest.raises(ConnectError, match="before its response was complete"):
                way(transport.prepare("POST", server.url, [], b"x", credential_chosen=True))
            if way == transport.send:
                assert ask(transport, server.url).content == b"x"
    assert [request.connection for request in server.requests] == [0, 1, 1]


@pytest.mark.parametrize("head", [FULL, FULL.replace(b"\r", b""), EARLY + FULL])
def test_a_whole_head_may_be_all_there_is(head: bytes, serve: Serve, transport: Transport) -> None:
    server = serve([head, HANG_UP])
    response = ask(transport, server.url, "POST", body=b"x")
    assert (response.status, response.headers["x-two"], response.content) == (200, "2", b"")


ENDLESS = [HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", *[bytes(100_000)] * 1000]
FRAMING = {
    "another protocol": [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", b"\0\1\2"],
    "gzip, chunked": [HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"],
    "chunked twice": [HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"],
    "chunked with a space behind it": [
        HEAD + b"Transfer-Encoding: chunked \r\n\r\n1\r\nx\r\n0\r\n\r\n",
        HANG_UP,
    ],
    "chunked behind another": [
        HEAD + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        HANG_UP,
    ],
    "a chunk below 0": [HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"],
    "a chunk without end": ENDLESS,
}


@pytest.mark.parametrize("kind", FRAMING)
@pytest.mark.parametrize("given", [False, True])
def test_framing_that_is_not_known_is_no_answer(kind: str, given: bool, serve: Serve, make: Make) -> None:
    server = serve(FRAMING[kind], OK)
    with requests.Session() as session:
        transport = make(session=session if given else None, retries=0)
        with pytest.raises(ConnectError):
            ask(transport, server.url, timeout=Timeout(total=None, read=20))
        assert ask(transport, server.url).content == b"of the second"
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("more", [b"", b"0\r\n\r\n"])
@pytest.mark.parametrize("given", [False, True])
def test_an_answer_without_a_body_ends_with_its_head(
    status: int, more: bytes, given: bool, serve: Serve, make: Make
) -> None:
    """Whatever it says of chunks; those that come all the same are not of the next answer."""
    server = serve(b"HTTP/1.1 %d None\r\nTransfer-Encoding: chunked\r\n\r\n%b" % (status, more), OK)
    with requests.Session() as session:
        transport = make(session=session if given else None, retries=0)
        first, second = (ask(transport, server.url, "POST", body=b"x") for _ in range(2))
    assert (first.status, first.content) == (status, b"")
    assert second.content == b"of the second"


def test_no_transfer_coding_is_one_too(serve: Serve, transport: Transport) -> None:
    server = serve(reply(200, b"x", [("Transfer-Encoding", "identity")]))
    assert ask(transport, server.url).content == b"x"


@pytest.mark.parametrize("given", [False, True])
def test_a_body_may_come_from_other_calls(given: bool, serve: Serve, make: Make) -> None:
    """What is asked while a body is sent goes to where it was meant to go."""
    source, target = serve(reply(200, b"part")), serve()
    with requests.Session() as session:
        transport = make(session=session if given else None)

        class Parts(io.RawIOBase):
            """A file that asks for what it gives."""

            asked = iter([lambda: ask(transport, source.url + "/ours?a=%2f"), lambda: session.get(theirs)])

            def readable(self) -> bool:
                return True

            def read(self, amount: int = -1) -> bytes:
                part = next(self.asked, None)
                return part().content if part else b""

        theirs = source.url + "/theirs?b=1"
        ask(transport, target.url + "/upload?key=1", "POST", body=Parts())  # type: ignore[arg-type]
    assert [request.target for request in source.requests] == ["/ours?a=%2f", "/theirs?b=1"]
    assert [(request.target, request.body) for request in target.requests] == [("/upload?key=1", b"partpart")]
