"""`Client(max_body=...)` bounds what is held of a response, not what is streamed."""

from __future__ import annotations

import gzip
import inspect
import pickle
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dynaclient
from dynaclient import BodyTooLarge, Client, DocumentError, NotFound, SettingsError
from dynaclient.transport.session import MAX_BODY
from tests.conftest import Serve
from tests.servers import reply
from tests.small import one, said

LIMIT = 1000
ANY = one(answers={"200": said({}, "application/octet-stream"), "404": said({}, "text/plain")})
LINES = one(answers={"200": said({}, "application/x-ndjson")})


def packed(size: int) -> bytes:
    return reply(200, gzip.compress(bytes(size), mtime=0), [BINARY, ("Content-Encoding", "gzip")])


BINARY = ("Content-Type", "application/octet-stream")


def answered(serve: Serve, answer: Any, document: dict[str, Any] = ANY, **settings: Any) -> Client:
    settings = {"max_body": LIMIT, **settings}
    return Client(document, server=serve(answer).url, **settings)


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
@pytest.mark.parametrize("make", [lambda size: reply(200, bytes(size), [BINARY]), packed])
def test_an_answer_of_so_many_bytes_is_taken_and_no_larger_one(
    serve: Serve, make: Callable[[int], bytes], size: int
) -> None:
    client = answered(serve, make(size))
    if size == LIMIT:
        assert client.call("op") == bytes(size)
        return
    with pytest.raises(BodyTooLarge, match=r"larger than 1000 bytes.*raise the client's limit \(max_body"):
        client.call("op")
    assert Client(ANY, server=str(client.server), max_body=size).call("op") == bytes(size)


def test_a_bomb_is_unpacked_no_further(serve: Serve) -> None:
    client = answered(serve, packed(200_000_000), max_body=1_000_000)
    client.operations["op"]
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            client.call("op")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_streamed_answer_passes_whatever_its_size_and_is_held_up_to_the_bound(
    serve: Serve, tmp_path: Path
) -> None:
    client = answered(serve, packed(20 * LIMIT))
    stream: Any = {"stream": True}
    assert client.send("op", options=stream).save(tmp_path / "x") == 20 * LIMIT
    assert sum(map(len, client.send("op", options=stream).iter_bytes())) == 20 * LIMIT
    for hold in (lambda answer: answer.read(), lambda answer: answer.data, lambda answer: answer.content):
        with pytest.raises(BodyTooLarge):
            hold(client.send("op", options=stream))


def test_of_a_sequence_each_item_has_the_bound_and_all_of_them_none(serve: Serve) -> None:
    stream: Any = {"stream": True}
    typed = [("Content-Type", "application/x-ndjson")]
    client = answered(serve, reply(200, b"1234567\n" * LIMIT, typed), LINES)
    assert len(list(client.send("op", options=stream).iter_items())) == LIMIT
    client = answered(serve, reply(200, b"[" + b" " * LIMIT + b"]\n", typed), LINES)
    with pytest.raises(BodyTooLarge, match="one item of the stream"):
        list(client.send("op", options=stream).iter_items())


def test_an_error_is_held_to_it_streamed_or_not(serve: Serve) -> None:
    for options in (None, {"stream": True}):
        client = answered(serve, reply(404, bytes(LIMIT + 1), [("Content-Type", "text/plain")]))
        with pytest.raises(BodyTooLarge):
            client.call("op", options=options)
        client = answered(serve, reply(404, b"x" * LIMIT, [("Content-Type", "text/plain")]))
        with pytest.raises(NotFound):
            client.call("op", options=options)


def test_a_fetched_document_is_held_to_it(serve: Serve) -> None:
    server = serve(reply(200, b'{"openapi": "3.0.3"' + b" " * LIMIT + b"}"))
    with pytest.raises(DocumentError, match="larger than 1000 bytes"):
        Client(f"{server.url}/openapi.json", max_body=LIMIT)


@pytest.mark.parametrize("value", [0, -1, 1.5, "100", True, None, float("inf")])
def test_only_a_number_of_bytes_is_a_bound(value: Any) -> None:
    with pytest.raises(SettingsError, match="max_body: expected a whole number from 1"):
        Client(ANY, max_body=value)


def test_the_default_is_that_of_the_transport_and_pickling_keeps_it(serve: Serve) -> None:
    for kind in (dynaclient.Client, dynaclient.AsyncClient):
        assert inspect.signature(kind).parameters["max_body"].default == MAX_BODY == 100 * 2**20
    client = pickle.loads(pickle.dumps(answered(serve, reply(200, bytes(LIMIT + 1), [BINARY]))))
    with pytest.raises(BodyTooLarge):
        client.call("op")
