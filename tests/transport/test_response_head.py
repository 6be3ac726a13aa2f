"""What is the head of a response, and where its body ends (RFC 9112)."""

from __future__ import annotations

from http.client import HTTPException

import pytest

from dynaclient.transport.reply import LONGEST_LINE, MOST_LINES
from dynaclient.transport.response_head import checked_head, may_begin

OK = b"HTTP/1.1 200 OK\r\n"

HEADS: list[tuple[bytes, bytes | None]] = [
    # what came, what a library is given: None where it is refused
    (OK + b"\r\n", OK + b"\r\n"),
    (OK + b"A: 1\r\nB:2\r\n\r\n", OK + b"A: 1\r\nB:2\r\n\r\n"),
    (b"HTTP/1.1 200 OK\nA: 1\n\n", b"HTTP/1.1 200 OK\nA: 1\n\n"),
    (b"HTTP/1.0 599\r\n\r\n", b"HTTP/1.0 599\r\n\r\n"),
    (OK + b"A: \xe9\t;,\r\n\r\n", OK + b"A: \xe9\t;,\r\n\r\n"),
    (OK + b"A: 1\r\n  2\r\n\t3\r\n\r\n", OK + b"A: 1 2 3\r\n\r\n"),
    (OK + b"A:\r\n 1\r\n\r\n", OK + b"A: 1\r\n\r\n"),
    (OK + b" A: 1\r\n\r\n", b"HTTP/1.1 200 OK A: 1\r\n\r\n"),
    (OK + b"A: 1\rB: 2\r\n\r\n", None),
    (OK + b"A: 1\0\r\n\r\n", None),
    (OK + b"A 1\r\n\r\n", None),
    (OK + b": 1\r\n\r\n", None),
    (OK + b"A : 1\r\n\r\n", None),
    (OK + b"\xe9: 1\r\n\r\n", None),
    (b"HTTP/1.1 20 OK\r\n\r\n", None),
    (b"HTTP/1.1 2000 OK\r\n\r\n", None),
    (b"HTTP/1.1 099 OK\r\n\r\n", None),
    (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", None),
    (b"\r\n", None),
]


@pytest.mark.parametrize(("came", "given"), HEADS)
def test_heads(came: bytes, given: bytes | None) -> None:
    if given is not None:
        assert checked_head(came)[0] == given
    else:
        with pytest.raises(HTTPException):
            checked_head(came)


@pytest.mark.parametrize("start", [b"", b"H", b"HTTP/1.1 20", OK, b"x" * LONGEST_LINE])
def test_a_start_that_may_become_one(start: bytes) -> None:
    assert may_begin(start)


@pytest.mark.parametrize("start", [b"\n", b"SSH-2.0\r\n", b"{}\n", b"x" * (LONGEST_LINE + 1)])
def test_a_start_that_will_never_be_one(start: bytes) -> None:
    assert not may_begin(start)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(b"100", True), (b"103", True), (b"199", True), (b"200", False), (b"999", False)],
)
def test_interim(status: bytes, expected: bool) -> None:
    assert checked_head(b"HTTP/1.1 " + status + b"\r\n\r\n")[1] is expected


def test_another_protocol_was_not_asked_for() -> None:
    with pytest.raises(HTTPException, match="another protocol"):
        checked_head(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")


LENGTHS: list[tuple[bytes, int | str | None]] = [
    # fields, bytes of the body, "" where they are refused
    (b"", None),
    (b"Content-Length: 5\r\n", 5),
    (b"content-LENGTH:5 \r\n", 5),
    (b"Content-Length: 05\r\n", 5),
    (b"Content-Length: 5\r\nContent-Length: 5\r\n", 5),
    (b"Content-Length: 5, 5\r\n", 5),
    (b"Content-Length: 5\r\nContent-Length: 6\r\n", ""),
    (b"Content-Length: 5, 6\r\n", ""),
    (b"Content-Length: 5 6\r\n", ""),
    (b"Content-Length:\r\n", ""),
    (b"Content-Length: -5\r\n", ""),
    (b"Content-Length: +5\r\n", ""),
    (b"Content-Length: 5_0\r\n", ""),
    (b"Content-Length: 0x5\r\n", ""),
    (b"Content-Length: 5.0\r\n", ""),
    (b"Content-Length: \xb2\r\n", ""),
    (b"Content-Length: " + b"9" * 19 + b"\r\n", ""),
    (b"X-Content-Length: 5\r\n", None),
    (b"X: Content-Length: 5\r\n", None),
    (b"Transfer-Encoding: chunked\r\n", None),
    (b"Transfer-Encoding: Chunked\r\n", None),
    (b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", 5),
    (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", ""),
    (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", ""),
    (b"Transfer-Encoding: gzip, chunked\r\n", ""),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
    (b"Transfer-Encoding: xchunked\r\n", ""),
    (b"Transfer-Encoding: chunked \r\n", ""),
]


@pytest.mark.parametrize(("fields", "expected"), LENGTHS)
def test_where_the_body_ends(fields: bytes, expected: int | str | None) -> None:
    head = OK + fields + b"\r\n"
    if expected == "":
        with pytest.raises(HTTPException):
            checked_head(head)
    else:
        assert checked_head(head)[2] == expected


@pytest.mark.parametrize("status", [b"204", b"304"])
def test_some_statuses_have_no_body_whatever_they_say(status: bytes) -> None:
    assert checked_head(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n")[2] == 0


def test_as_many_lines_as_http_client_reads() -> None:
    whole = OK + b"A: 1\r\n" * (MOST_LINES - 2) + b"\r\n"
    assert checked_head(whole)[0] == whole
    with pytest.raises(HTTPException, match="got more than 100 headers"):
        checked_head(whole.replace(b"\r\n\r\n", b"\r\nA: 1\r\n\r\n"))
