"""Response bodies: decoded, bounded, whole, or an error that says why not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.errors import BodyTooLarge, ConnectError, DecodeError
from dynaclient.transport.body import _DECODERS
from dynaclient.transport.session import Transport
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, chunked, reply
from tests.transport.conftest import ask

Make = Callable[..., Transport]

TEXT = b'{"name": "caf\xc3\xa9"}' * 5000


def gzipped(data: bytes) -> bytes:
    """The same bytes at any time of day: the tests must have the same names in every process."""
    return gzip.compress(data, mtime=0)


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


ENCODED = {
    "": TEXT,
    "identity": TEXT,
    "utf-8": TEXT,
    "gzip": gzipped(TEXT),
    "x-gzip": gzipped(TEXT),
    "GZip": gzipped(TEXT),
    "deflate": zlib.compress(TEXT),
    "deflate, gzip": gzipped(zlib.compress(TEXT)),
    "gzip, identity": gzipped(TEXT),
}
HOW = ["length", "chunked", "close"]


def answer(how: str, body: bytes, coding: str) -> object:
    headers = [("Content-Encoding", coding)] if coding else []
    if how == "length":
        return reply(200, body, headers)
    if how == "chunked":
        return lambda request: chunked([body[:1], body[1:2], body[2:]], headers)
    return [reply(200, b"", [*headers, ("X", "Y")]).replace(b"Content-Length: 0\r\n", b"") + body, HANG_UP]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("coding", ENCODED)
def test_content_encodings(coding: str, how: str, serve: Serve, transport: Transport) -> None:
    server = serve(answer(how, ENCODED[coding], coding))
    assert ask(transport, server.url).content == TEXT


ODD = {
    "deflate without its header": ("deflate", raw_deflate(TEXT)),
    "two members": ("gzip", gzipped(TEXT[:100]) + gzipped(TEXT[100:])),
    "padding": ("gzip", gzipped(TEXT) + b"\0\0\0\0padding"),
    "padding of deflate": ("deflate", zlib.compress(TEXT) + b"padding"),
    "much padding": ("gzip", gzipped(TEXT) + bytes(300_000)),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_but_readable(kind: str, serve: Serve, transport: Transport) -> None:
    coding, body = ODD[kind]
    server = serve(lambda request: chunked([body], [("Content-Encoding", coding)]))
    for _ in range(2):
        assert ask(transport, server.url).content == TEXT
    assert server.connections == 1


BROKEN = {
    "plain text": ("gzip", TEXT),
    "one byte": ("gzip", b"x"),
    "cut": ("gzip", gzipped(TEXT)[:-20]),
    "cut in the header": ("gzip", gzipped(TEXT)[:5]),
    "wrong checksum": ("gzip", gzipped(TEXT)[:-8] + b"\0" * 8),
    "no deflate": ("deflate", b"\xff" * 20),
    "cut deflate": ("deflate", zlib.compress(TEXT)[:-6]),
    "packed once, said twice": ("gzip, gzip", gzipped(TEXT)),
    "packed three times": ("gzip, gzip, gzip", gzipped(gzipped(gzipped(TEXT)))),
    "packed a thousand times": (", ".join(["gzip"] * 1000), TEXT),
    "never asked for": ("br", b"nothing decodes this"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("given", [False, True])
def test_broken_encoding(kind: str, given: bool, serve: Serve, make: Make) -> None:
    coding, body = BROKEN[kind]
    server = serve(answer("length", body, coding))
    with requests.Session() as session, pytest.raises(DecodeError, match=coding[:4]):
        ask(make(session=session if given else None), server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 204, 304])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_no_body_has_no_encoding_to_break(
    status: int, method: str, serve: Serve, transport: Transport
) -> None:
    length = 10_000_000_000 if method == "HEAD" else 0
    server = serve(reply(status, b"", [("Content-Encoding", "gzip")], length=length))
    for _ in range(2):
        assert ask(transport, server.url, method).content == b""
    assert server.connections == 1


def bomb(layers: int) -> bytes:
    """A gzip of 128 MiB of zeros, packed `layers` times."""
    engine = zlib.compressobj(9, wbits=31)
    packed = b"".join(engine.compress(bytes(1 << 20)) for _ in range(128)) + engine.flush()
    for _ in range(layers - 1):
        packed = gzipped(packed)
    return packed


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_unpacked_no_further_than_the_limit(layers: int, serve: Serve, make: Make) -> None:
    import tracemalloc

    server = serve(answer("length", bomb(layers), ", ".join(["gzip"] * layers)))
    transport = make(max_body=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge, match="1000000 bytes"):
            ask(transport, server.url)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert len(server.requests) == 1


LIMIT = 1000


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_limit_is_exact(how: str, given: bool, coding: str, serve: Serve, make: Make) -> None:
    pack = gzipped if coding else bytes
    server = serve(*(answer(how, pack(b"x" * size), coding) for size in (LIMIT, LIMIT + 1)))
    with requests.Session() as session:
        transport = make(max_body=LIMIT, session=session if given else None)
        assert ask(transport, server.url).content == b"x" * LIMIT
        with pytest.raises(BodyTooLarge):
            ask(transport, server.url)
    assert len(server.requests) == 2


def test_a_length_over_the_limit_is_refused_before_reading(serve: Serve, make: Make) -> None:
    server = serve([reply(200, b"", length=LIMIT + 1)])  # the body never comes
    with pytest.raises(BodyTooLarge):
        ask(make(max_body=LIMIT), server.url)


@pytest.mark.parametrize(
    "start",
    [b"\r\n", b"Content-Encoding: gzip\r\n\r\n" + gzipped(b"little")],
    ids=["plain", "behind a gzip"],
)
def test_an_endless_body_is_left(start: bytes, serve: Serve, make: Make) -> None:
    def endless(request: Recorded) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n" + start
        while True:
            yield bytes(65536)

    server = serve(endless)
    with pytest.raises(BodyTooLarge):
        ask(make(max_body=LIMIT), server.url)


CUT = {
    "length": [reply(200, b"half", length=10), HANG_UP],
    "nothing of the body": [reply(200, b"", length=10), HANG_UP],
    "chunked": lambda request: chunked([b"half"], end=False),
    "within a chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFF\r\nhalf", HANG_UP],
    "compressed": [reply(200, gzipped(TEXT)[:50], [("Content-Encoding", "gzip")], length=99), HANG_UP],
}


@pytest.mark.parametrize("how", CUT)
def test_a_body_cut_short_is_no_answer(how: str, serve: Serve, make: Make) -> None:
    server = serve(CUT[how])
    with pytest.raises(ConnectError, match="lost before"):
        ask(make(retries=0), server.url)


def test_the_connection_is_kept_after_every_kind_of_body(serve: Serve, transport: Transport) -> None:
    in_gzip = answer("chunked", gzipped(TEXT), "gzip")
    answers = [
        reply(200, TEXT),
        reply(204),
        in_gzip,
        reply(404, b"no"),
        reply(200),
        lambda request: chunked([]),
    ]
    server = serve(*answers)
    for _ in answers:
        ask(transport, server.url)
    assert server.connections == 1


@given(
    data=st.binary(max_size=3000),
    repeat=st.sampled_from([1, 100]),
    size=st.integers(1, 700),
    coding=st.sampled_from(["gzip", "deflate"]),
)
def test_cut_into_any_pieces_it_decodes_to_the_same(data: bytes, repeat: int, size: int, coding: str) -> None:
    data *= repeat
    packed = gzipped(data) if coding == "gzip" else zlib.compress(data)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(_DECODERS[coding](pieces)) == data


@given(data=st.binary(max_size=300), cut=st.integers(1, 400), coding=st.sampled_from(["gzip", "deflate"]))
def test_cut_short_anywhere_is_broken(data: bytes, cut: int, coding: str) -> None:
    packed = gzipped(data) if coding == "gzip" else zlib.compress(data)
    short = packed[: max(1, len(packed) - cut)]
    with pytest.raises(zlib.error):
        list(_DECODERS[coding]([short]))
