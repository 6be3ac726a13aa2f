"""Streamed responses over a socket: read as they come, checked item by item, saved whole or not at all."""

from __future__ import annotations

import gzip
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import (
    ApiError,
    BodyTooLarge,
    Client,
    ConnectError,
    DeadlineExceeded,
    NotFound,
    Response,
    ResponseInvalid,
    SettingsError,
    Timeout,
    TransportError,
)
from dynaclient.calls.streaming import MAX_VIOLATIONS, StreamedResponse
from dynaclient.client import executor_of
from dynaclient.wire.events import Event
from tests.conftest import Serve
from tests.servers import HANG_UP, Recorded, chunked, reply
from tests.small import document, json_reply, one, said

STREAM: Any = {"stream": True}
SSE, NDJSON, SEQ = "text/event-stream", "application/x-ndjson", "application/json-seq"
THING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def doc(media_type: str, version: str = "3.1.0", method: str = "get", **media: Any) -> dict[str, Any]:
    """A document whose `op` answers 200 in one media type."""
    return one(
        method,
        answers={"200": {"description": "", "content": {media_type: media}}, "4XX": said({})},
        version=version,
    )


def typed(media_type: str) -> list[tuple[str, str]]:
    return [("Content-Type", media_type)]


def whole(body: bytes, media_type: str) -> bytes:
    return reply(200, body, typed(media_type))


def stream(serve: Serve, answer: Any, document: dict[str, Any], **settings: Any) -> StreamedResponse:
    client = Client(document, server=serve(answer).url, **{"retries": 0, **settings})
    return client.send("op", options={"stream": True})


# -- the head, and the body as it comes -------------------------------------------------------------------


def test_items_are_given_while_the_server_has_not_sent_the_rest(serve: Serve) -> None:
    asked: list[threading.Event] = [threading.Event() for _ in range(3)]

    def pieces(request: Recorded) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
        for number, event in enumerate(asked):
            assert event.wait(20)
            yield b"%d\n" % number
        yield HANG_UP  # type: ignore[misc]

    response = stream(serve, pieces, doc(NDJSON, schema={"type": "integer"}))
    assert (response.status, response.ok, response.headers["content-type"]) == (200, True, NDJSON)
    assert repr(response) == f"<StreamedResponse 200 GET {response.url}, body not read>"
    items = response.iter_items()
    for number, event in enumerate(asked):
        event.set()
        assert next(items) == number
    assert list(items) == []


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_body_in_every_form(coding: str, serve: Serve, tmp_path: Path) -> None:
    body = "eins\nzwei\r\ndrei é".encode() * 9000
    packed = gzip.compress(body, mtime=0) if coding else body
    answer = reply(200, packed, [*typed("text/plain"), *([("Content-Encoding", coding)] if coding else [])])
    client = Client(doc("text/plain", schema={"type": "string"}), server=serve(answer).url)

    def again() -> StreamedResponse:
        return client.send("op", options={"stream": True})

    pieces = list(again().iter_bytes(1000))
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) == 1000
    assert "\n".join(again().iter_lines()) == body.decode().replace("\r", "")
    assert again().save(tmp_path / "x") == len(body)
    assert (tmp_path / "x").read_bytes() == body
    assert again().read() == again().content == body
    assert again().data == body.decode()


CHARSETS = {
    "text/plain; charset=utf-16": "a\nb\r\né",
    "text/plain; charset=utf-16-le": "a\u0a0a\rb\u0d0a",
    "text/plain; charset=iso-8859-1": "a\ré\n",
    "text/plain; charset=shift_jis": "ソ\n表",
    "text/plain": "a\u2028b\n\x0bc",
}


@pytest.mark.parametrize("media_type", CHARSETS)
def test_lines_by_charset(media_type: str, serve: Serve) -> None:
    text = CHARSETS[media_type]
    body = text.encode(media_type.partition("charset=")[2] or "utf-8")
    response = stream(
        serve,
        lambda _: chunked([body[at : at + 1] for at in range(len(body))], typed(media_type)),
        doc("text/plain"),
    )
    assert list(response.iter_lines()) == [
        line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line
    ]


@pytest.mark.parametrize(
    "media_type", ["text/plain; charset=nonsense", "text/plain; charset=hex", "text/plain; charset=undefined"]
)
def test_a_charset_that_is_none_is_read_as_utf_8(media_type: str, serve: Serve) -> None:
    response = stream(serve, whole("é\n\u00ff".encode() + b"\xff", media_type), doc("text/plain"))
    assert list(response.iter_lines()) == ["é", "ÿ\ufffd"]


def test_call_gives_the_streamed_answer_as_well(serve: Serve) -> None:
    server = serve(whole(b"1\n2\n", NDJSON))
    with Client(doc(NDJSON), server=server.url) as client, client.call("op", options=STREAM) as response:
        assert list(response.iter_items()) == [1, 2]
        assert isinstance(client.op.send(options={"stream": True}), StreamedResponse)
        assert list(client.op(options=STREAM).iter_items()) == [1, 2]
        assert type(client.send("op", options={"stream": False})) is Response


@pytest.mark.parametrize("name", ["save", "iter_bytes", "iter_lines", "iter_items", "iter_events", "read"])
def test_an_answer_that_was_not_streamed_says_how_to_ask_for_one_that_is(name: str, serve: Serve) -> None:
    response = Client(doc(NDJSON), server=serve(whole(b"1\n", NDJSON)).url).send("op")
    assert not hasattr(response, name)
    with pytest.raises(AttributeError, match=rf"no {name}\(\).*`data` and `content`.*\"stream\": True"):
        getattr(response, name)
    with pytest.raises(AttributeError, match="'Response' object has no attribute 'contents'"):
        response.contents  # type: ignore[attr-defined]  # noqa: B018


OF_OTHERS = {
    "json": "it has 'data'",
    "status_code": "it has 'status'",
    "raise_for_status": "`call` raises ApiError",
}


@pytest.mark.parametrize("name", OF_OTHERS)
def test_what_answers_of_other_clients_have_is_told_by_its_name_here(name: str, serve: Serve) -> None:
    response = Client(doc(NDJSON), server=serve(whole(b"1\n", NDJSON)).url).send("op")
    with pytest.raises(AttributeError, match=f"no attribute '{name}'; {OF_OTHERS[name]}"):
        getattr(response, name)


def test_stream_is_true_or_false(serve: Serve) -> None:
    with pytest.raises(SettingsError, match="'stream'"):
        Client(doc(NDJSON), server="http://127.0.0.1:9").send("op", options={"stream": "yes"})


# -- once -------------------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[StreamedResponse, Path], Any]] = {
    "iter_bytes": lambda response, path: list(response.iter_bytes()),
    "iter_lines": lambda response, path: list(response.iter_lines()),
    "iter_events": lambda response, path: list(response.iter_events()),
    "iter_items": lambda response, path: list(response.iter_items()),
    "save": lambda response, path: response.save(path / "x"),
    "read": lambda response, path: response.read(),
    "data": lambda response, path: response.data,
}


@pytest.mark.parametrize("way", WAYS)
def test_it_can_be_taken_once(way: str, serve: Serve, tmp_path: Path) -> None:
    response = stream(serve, whole(b"data: 1\n\n", SSE), doc(SSE))
    assert next(response.iter_bytes(3)) == b"dat"
    with pytest.raises(SettingsError, match="consumed already"):
        WAYS[way](response, tmp_path)


def test_what_was_read_whole_can_be_taken_again(serve: Serve, tmp_path: Path) -> None:
    response = stream(serve, whole(b"data: 1\n\n", SSE), doc(SSE))
    assert response.read() == b"data: 1\n\n"
    for _ in range(2):
        results = {name: way(response, tmp_path) for name, way in WAYS.items()}
        assert results == {
            "iter_bytes": [b"data: 1\n\n"],
            "iter_lines": ["data: 1", ""],
            "iter_events": [Event("message", "1")],
            "iter_items": [1],
            "save": 9,
            "read": b"data: 1\n\n",
            "data": "data: 1\n\n",
        }
    assert "9 bytes" in repr(response)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_read_once_it_is_closed(way: str, serve: Serve, tmp_path: Path) -> None:
    with stream(serve, whole(b"data: 1\n\n", SSE), doc(SSE)) as response:
        pass
    with pytest.raises(SettingsError, match="closed"):
        WAYS[way](response, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_closing_in_the_middle_is_no_end(serve: Serve) -> None:
    response = stream(serve, lambda _: chunked([b"1\n", b"2\n"], typed(NDJSON)), doc(NDJSON))
    items = response.iter_items()
    assert next(items) == 1
    response.close()
    with pytest.raises(TransportError, match="closed before"):
        list(items)


def test_the_connection_is_kept_when_all_was_read_and_cut_when_not(serve: Serve) -> None:
    server = serve(lambda _: chunked([b"1\n2\n", b"3\n"], typed(NDJSON)))
    client = Client(doc(NDJSON), server=server.url)
    for _ in range(3):
        assert list(client.call("op", options=STREAM).iter_items()) == [1, 2, 3]
    assert server.connections == 1
    with client.call("op", options=STREAM) as response:
        assert next(response.iter_items()) == 1
    assert list(client.call("op", options=STREAM).iter_items()) == [1, 2, 3]
    assert server.connections == 2


# -- statuses ---------------------------------------------------------------------------------------------


def test_an_error_is_read_whole(serve: Serve) -> None:
    server = serve(json_reply({"message": "gone"}, 404))
    client = Client(doc(NDJSON), server=server.url)
    with client.send("op", options={"stream": True}) as response:
        assert isinstance(response, StreamedResponse)
        assert (response.status, response.ok, response.data) == (404, False, {"message": "gone"})
        assert list(response.iter_lines()) == ['{"message": "gone"}']
    with pytest.raises(NotFound, match="gone") as caught:
        client.call("op", options=STREAM)
    assert caught.value.data == {"message": "gone"}
    assert server.connections == 1


def test_redirects_and_retries_come_before_it(serve: Serve) -> None:
    moved = reply(302, b"", [("Location", "/y")])
    server = serve(reply(503, b"later"), moved, whole(b"1\n", NDJSON))
    with Client(doc(NDJSON), server=server.url).send("op", options={"stream": True}) as response:
        assert list(response.iter_items()) == [1]
        assert response.url == f"{server.url}/y"


@pytest.mark.parametrize("answer", [reply(204), reply(200, b"", typed(NDJSON))], ids=["204", "200"])
def test_no_body_is_no_items(answer: bytes, serve: Serve) -> None:
    response = stream(serve, answer, doc(NDJSON), validate="off")
    assert list(response.iter_items()) == []
    assert response.read() == b""


def test_an_unlisted_success_without_a_body_keeps_the_violation(serve: Serve) -> None:
    response = stream(serve, reply(202), doc(NDJSON))
    assert response.data is None
    assert [violation.where for violation in response.violations] == ["status"]


HEADS = {
    "status": reply(201, b"1\n2\n", typed(NDJSON)),
    "content-type": whole(b"1\n2\n", "text/plain"),
    "header": whole(b"1\n2\n", NDJSON),
}


@pytest.mark.parametrize("where", HEADS)
def test_the_head_is_checked_at_once_and_the_body_is_not_lost(where: str, serve: Serve) -> None:
    described = doc(NDJSON, schema={"type": "integer"})
    if where == "header":
        described["paths"]["/x"]["get"]["responses"]["200"]["headers"] = {
            "X": {"required": True, "schema": {}}
        }
    with pytest.raises(ResponseInvalid) as caught:
        stream(serve, HEADS[where], described)
    assert [violation.where for violation in caught.value.violations] == [where]
    assert isinstance(caught.value.response, StreamedResponse)
    assert list(caught.value.response.iter_lines()) == ["1", "2"]
    with stream(serve, HEADS[where], described, validate="warn") as response:
        assert [violation.where for violation in response.violations] == [where]
        assert list(response.iter_items()) == [1, 2]  # mislabelled: as the document says


@pytest.mark.parametrize("settings", [{}, {"transport": "urllib3"}], ids=["requests", "urllib3"])
@pytest.mark.parametrize("framing", ["Content-Length: 9", "Transfer-Encoding: chunked", "Connection: close"])
def test_another_thread_may_stop_who_waits_for_more(
    framing: str, settings: dict[str, Any], serve: Serve
) -> None:
    """The server says nothing more, and there is no limit to that: only closing ends the wait."""
    begun = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{framing}\r\n\r\n".encode()
    more = b"4\r\nmore\r\n" if "chunked" in framing else b"more"
    client = Client(doc("text/plain"), server=serve([begun + more]).url, timeout=None, **settings)
    response = client.send("op", options={"stream": True})
    came, raised = threading.Event(), []

    def read() -> None:
        try:
            for _ in response.iter_bytes():
                came.set()
        except TransportError as error:
            raised.append(str(error))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert came.wait(10)
    closer = threading.Thread(target=response.close, daemon=True)
    closer.start()
    for thread in (closer, reader):
        thread.join(10)
        assert not thread.is_alive()
    assert "closed before all of it was read" in raised[0]


# -- bounds -----------------------------------------------------------------------------------------------


def bounded(client: Client, limit: int) -> Client:
    executor_of(client).transport._max_body = limit
    return client


def test_what_is_held_is_bounded_and_what_passes_is_not(serve: Serve, tmp_path: Path) -> None:
    body = (b"x" * 99 + b"\n") * 100
    client = bounded(Client(doc("text/plain"), server=serve(whole(body, "text/plain")).url), 1000)
    for way in ("read", "data"):
        with pytest.raises(BodyTooLarge, match="1000 bytes"):
            WAYS[way](client.call("op", options=STREAM), tmp_path)
    assert len(list(client.call("op", options=STREAM).iter_lines())) == 100
    assert client.call("op", options=STREAM).save(tmp_path / "x") == 10_000


@pytest.mark.parametrize(
    ("media_type", "way"),
    [(SSE, "iter_events"), (NDJSON, "iter_items"), (SEQ, "iter_items"), ("text/plain", "iter_lines")],
)
def test_an_endless_item_is_left(media_type: str, way: str, serve: Serve, tmp_path: Path) -> None:
    def endless(request: Recorded) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n\r\n" % media_type.encode()
        while True:
            yield b"x" * 65536

    client = bounded(Client(doc(media_type), server=serve(endless).url), 1_000_000)
    with pytest.raises(BodyTooLarge, match="one item"):
        WAYS[way](client.call("op", options=STREAM), tmp_path)


def test_a_well_packed_stream_is_unpacked_piece_by_piece(serve: Serve, tmp_path: Path) -> None:
    packed = gzip.compress(bytes(100_000_000), mtime=0)
    answer = reply(200, packed, [*typed("application/zip"), ("Content-Encoding", "gzip")])
    response = stream(serve, answer, doc("application/zip"))
    tracemalloc.start()
    try:
        assert sum(map(len, response.iter_bytes())) == 100_000_000
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_silence_ends_it(serve: Serve) -> None:
    def silent(request: Recorded) -> Iterator[bytes]:
        yield from chunked([b"1\n"], typed(NDJSON), end=False)

    def pieces(request: Recorded) -> Iterator[bytes]:
        yield b"".join([next(answer := silent(request)), next(answer)])
        ended.wait(20)

    ended = threading.Event()
    response = stream(serve, pieces, doc(NDJSON), timeout=Timeout(total=20, read=0.2))
    items = response.iter_items()
    assert next(items) == 1
    with pytest.raises(DeadlineExceeded, match=r"nothing for 0\.2 s"):
        next(items)
    ended.set()


def test_the_total_is_the_time_to_the_head(serve: Serve) -> None:
    def slow(request: Recorded) -> Iterator[bytes]:
        for piece in chunked([b"%d\n" % number for number in range(6)], typed(NDJSON)):
            yield piece
            threading.Event().wait(0.1)

    response = stream(serve, slow, doc(NDJSON), timeout=0.4)
    assert list(response.iter_items()) == [0, 1, 2, 3, 4, 5]


# -- cut short --------------------------------------------------------------------------------------------

BODIES = {
    SSE: (b"data: 1\n\ndata: 2\n\n", b"data: 3"),
    NDJSON: (b"1\n2\n", b"3"),
    SEQ: (b"\x1e1\n\x1e2\n", b"\x1e3"),
}


def unended(data: bytes) -> bytes:
    """As a gzip that goes on, all of `data` in it."""
    engine = zlib.compressobj(wbits=31)
    return engine.compress(data) + engine.flush(zlib.Z_SYNC_FLUSH)


CUTS: dict[str, Callable[[bytes, str], Any]] = {
    "length": lambda body, kind: [reply(200, body, typed(kind), length=len(body) + 1), HANG_UP],
    "chunked": lambda body, kind: lambda _: chunked([body], typed(kind), end=False),
    "gzip": lambda body, kind: (
        lambda _: chunked([unended(body)], [*typed(kind), ("Content-Encoding", "gzip")], end=False)
    ),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_a_cut_raises_after_the_last_whole_item(
    kind: str, cut: str, half: bool, given: bool, serve: Serve
) -> None:
    items, rest = BODIES[kind]
    answer = CUTS[cut](items + (rest if half else b""), kind)
    with requests.Session() as session:
        response = stream(serve, answer, doc(kind), **({"session": session} if given else {}))
        found = []
        with pytest.raises(ConnectError, match="lost before"):  # noqa: PT012
            for item in response.iter_items():
                found.append(item)
    assert found == [1, 2]


@pytest.mark.parametrize("kind", BODIES)
def test_a_clean_end_is_none(kind: str, serve: Serve) -> None:
    items, rest = BODIES[kind]
    response = stream(serve, whole(items + rest, kind), doc(kind), validate="off")
    expected = {SSE: [1, 2], NDJSON: [1, 2, 3], SEQ: [1, 2, "\x1e3".strip("\x1e")]}
    assert list(response.iter_items()) == expected[kind]


def test_a_broken_coding_is_no_end(serve: Serve) -> None:
    answer = reply(200, gzip.compress(b"1\n2\n")[:-4], [*typed(NDJSON), ("Content-Encoding", "gzip")])
    with pytest.raises(TransportError, match="gzip"):
        list(stream(serve, answer, doc(NDJSON)).iter_items())


# -- items held against the document ----------------------------------------------------------------------

NAMES = [{"name": "a"}, {"name": 1}, {"name": "c"}]
AS = {
    NDJSON: "".join(json.dumps(item) + "\n" for item in NAMES).encode(),
    SEQ: "".join("\x1e" + json.dumps(item) + "\n" for item in NAMES).encode(),
    SSE: "".join(f"data: {json.dumps(item)}\n\n" for item in NAMES).encode(),
}
SCHEMAS: dict[str, tuple[str, dict[str, Any]]] = {
    "itemSchema": ("3.2.0", {"itemSchema": THING}),
    "itemSchema beside a schema": (
        "3.2.0",
        {"itemSchema": THING, "schema": {"type": "array", "maxItems": 9}},
    ),
    "an item": ("3.1.0", {"schema": THING}),
    "an item, 3.0": ("3.0.3", {"schema": {**THING, "nullable": True}}),
    "an array": ("3.0.3", {"schema": {"type": "array", "minItems": 3, "items": THING}}),
    "an array by reference": ("3.1.0", {"schema": {"$ref": "#/components/schemas/Things"}}),
    "an array in parts": ("3.1.0", {"schema": {"allOf": [{"$ref": "#/components/schemas/Things"}]}}),
}


def described(kind: str, name: str) -> dict[str, Any]:
    version, media = SCHEMAS[name]
    things = {"components": {"schemas": {"Things": {"type": "array", "items": THING}}}}
    return {**doc(kind, version, **media), **things}


@pytest.mark.parametrize("kind", AS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_strict_raises_at_the_wrong_item(kind: str, name: str, serve: Serve) -> None:
    response = stream(serve, whole(AS[kind], kind), described(kind, name))
    items = response.iter_items()
    assert next(items) == {"name": "a"}
    with pytest.raises(
        ResponseInvalid, match="item 1 of the response does not match the OpenAPI document"
    ) as caught:
        next(items)
    assert [violation.pointer for violation in caught.value.violations] == ["/1/name"]
    assert caught.value.item == {"name": 1}
    assert caught.value.response is response
    assert response.violations == caught.value.violations


@pytest.mark.parametrize("kind", AS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_warn_tells_and_off_does_not(
    kind: str, name: str, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    answer = whole(AS[kind], kind)
    with caplog.at_level(logging.WARNING, "dynaclient"):
        off = stream(serve, answer, described(kind, name), validate="off")
        assert list(off.iter_items()) == NAMES
        assert (off.violations, caplog.messages) == ((), [])
        warned = stream(serve, answer, described(kind, name), validate="warn")
        assert list(warned.iter_items()) == NAMES
    assert [violation.pointer for violation in warned.violations] == ["/1/name"]
    assert [("/1/name" in message, "op" in message) for message in caplog.messages] == [(True, True)]


@pytest.mark.parametrize("kind", AS)
@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "string", "format": "binary"}, {}, None])
def test_a_schema_of_the_whole_text_says_nothing_of_items(kind: str, schema: Any, serve: Serve) -> None:
    media = {} if schema is None else {"schema": schema}
    response = stream(serve, whole(AS[kind], kind), doc(kind, "3.0.3", **media))
    assert list(response.iter_items()) == NAMES


NO_JSON = {NDJSON: b"1\n{\n3\n", SEQ: b"\x1e1\n\x1e{\n\x1e3\n", SSE: b"data: 1\n\ndata: {\n\ndata: 3\n\n"}


@pytest.mark.parametrize("kind", NO_JSON)
def test_what_is_no_json_is_text_and_wrong(kind: str, serve: Serve) -> None:
    answer, described = whole(NO_JSON[kind], kind), doc(kind, schema={"type": "integer"})
    assert [str(item).strip() for item in stream(serve, answer, described, validate="off").iter_items()] == [
        "1",
        "{",
        "3",
    ]
    with stream(serve, answer, described, validate="warn") as response:
        assert [str(item).strip() for item in response.iter_items()] == ["1", "{", "3"]
        assert [violation.pointer for violation in response.violations] == ["/1"]
    with pytest.raises(ResponseInvalid, match="not JSON") as caught:
        list(stream(serve, answer, described).iter_items())
    assert caught.value.item.strip() == "{"


def test_a_stream_keeps_so_many_violations(serve: Serve) -> None:
    body = b"x\n" * (MAX_VIOLATIONS + 50)
    response = stream(serve, whole(body, NDJSON), doc(NDJSON), validate="warn")
    assert len(list(response.iter_items())) == MAX_VIOLATIONS + 50
    assert len(response.violations) == MAX_VIOLATIONS


def test_items_of_what_has_none(serve: Serve) -> None:
    response = stream(serve, json_reply([1]), doc("application/json"))
    with pytest.raises(SettingsError, match="application/json has no items"):
        next(response.iter_items())
    assert response.data == [1]


def test_data_is_checked_as_a_whole_answer_is(serve: Serve) -> None:
    server = serve(json_reply({"name": 1}))
    client = Client(doc("application/json", schema=THING), server=server.url)
    response = client.send("op", options={"stream": True})
    with pytest.raises(ResponseInvalid) as caught:
        _ = response.data
    assert [violation.pointer for violation in caught.value.violations] == ["/name"]
    assert response.data == {"name": 1}


# -- events -----------------------------------------------------------------------------------------------

# 3.2, "Server-Sent Events": the item is the event, its data a text.
EVENT_SCHEMA = {
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}, "retry": {"maximum": 100}},
    "oneOf": [
        {"properties": {"event": {"const": "text"}}},
        {
            "properties": {
                "event": {"enum": ["thing", "other"]},
                "data": {"contentMediaType": "application/json", "contentSchema": THING},
            }
        },
    ],
}
EVENTS: dict[str, tuple[bytes, list[str]]] = {
    "text": (b"event: text\ndata: {no json\n\n", []),
    "thing": (b'event: thing\ndata: {"name": "a"}\n\n', []),
    "no type": (b"data: x\n\n", ["/0", "/0"]),
    "another type": (b"event: x\ndata: x\n\n", ["/0"]),
    "retry": (b"event: text\nretry: 500\ndata: x\n\n", ["/0/retry"]),
    "the second": (b'event: text\ndata: x\n\nevent: thing\ndata: {"name": 1}\n\n', ["/1/data/name"]),
    "data that is no JSON": (b"event: other\ndata: {\n\n", ["/0/data"]),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_an_object_to_3_2(name: str, serve: Serve) -> None:
    body, pointers = EVENTS[name]
    described = {**doc(SSE, "3.2.0", itemSchema={"$ref": "#/components/schemas/Event"})}
    described["components"] = {"schemas": {"Event": EVENT_SCHEMA}}
    for way in ("iter_events", "iter_items"):
        response = stream(serve, whole(body, SSE), described, validate="warn")
        list(getattr(response, way)())
        found = [violation.pointer for violation in response.violations]
        assert sorted(set(found)) == sorted(set(pointers)), response.violations
    client = Client(described, server=serve(whole(body, SSE)).url, validate="warn")
    read_whole = client.send("op")  # the text as it is, and what its events break
    assert read_whole.data == body.decode()
    assert sorted({each.pointer for each in read_whole.violations}) == sorted(set(pointers))


@pytest.mark.parametrize(
    ("described", "wrong"),
    [
        ({"itemSchema": THING}, ["/1/name"]),
        ({"schema": {"type": "array", "items": THING}}, ["/1/name"]),
        ({"schema": THING}, []),  # of each event, or of nothing that there is: a text is no object
        ({"schema": {"type": "string"}}, []),
    ],
    ids=str,
)
def test_events_that_are_read_whole_are_held_against_what_is_said_of_each(
    described: Any, wrong: list[str], serve: Serve
) -> None:
    body = b'data: {"name": "a"}\n\ndata: {"name": 1}\n\ndata: [DONE]\n\n'
    client = Client(doc(SSE, **described), server=serve(whole(body, SSE)).url, validate="warn")
    response = client.send("op")
    assert response.data == body.decode()
    assert [each.pointer for each in response.violations] == wrong


def test_what_an_event_holds_may_stand_behind_many_joins(serve: Serve) -> None:
    """Each level leads to the next one several times: there are 3**12 ways to the last."""
    levels = {f"E{n}": {"allOf": [{"$ref": f"#/components/schemas/E{n + 1}"}] * 3} for n in range(12)}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": THING}
    described = doc(SSE, "3.2.0", itemSchema={"$ref": "#/components/schemas/E0"})
    described["components"] = {"schemas": {**levels, "E12": {"properties": {"data": data}}}}
    response = stream(serve, whole(AS[SSE], SSE), described, validate="warn")
    list(response.iter_events())
    assert [violation.pointer for violation in response.violations] == ["/1/data/name"]


def test_events_as_they_are(serve: Serve) -> None:
    body = (
        b"\xef\xbb\xbf: hello\r\n\r\nid: 7\r\nevent: add\r\ndata: 1\r\ndata: 2\r\n\r\ndata: {}\r\rdata: half"
    )
    response = stream(serve, lambda _: chunked([bytes([byte]) for byte in body], typed(SSE)), doc(SSE))
    events = list(response.iter_events())
    assert events == [Event("add", "1\n2", "7"), Event("message", "{}", "7")]
    assert events[1].json() == {}


def test_data_that_is_no_json_is_an_event_all_the_same(serve: Serve) -> None:
    body = b'data: {"name": "a"}\n\ndata: [DONE]\n\n'
    answer, described = whole(body, SSE), doc(SSE, schema=THING)
    response = stream(serve, answer, described)
    *_, done = response.iter_events()
    assert done.data == "[DONE]"
    with pytest.raises(ResponseInvalid, match="is not JSON") as caught:
        done.json()
    assert (caught.value.response, caught.value.item) == (response, done)
    assert pickle.loads(pickle.dumps(done)) == Event("message", "[DONE]")
    with pytest.raises(ResponseInvalid, match="item 1"):
        list(stream(serve, answer, described).iter_items())


def test_a_wrong_event_carries_the_event(serve: Serve) -> None:
    with pytest.raises(ResponseInvalid) as caught:
        list(stream(serve, whole(AS[SSE], SSE), doc(SSE, schema=THING)).iter_events())
    assert caught.value.item == Event("message", '{"name": 1}')
    assert [violation.pointer for violation in caught.value.violations] == ["/1/name"]


def test_data_that_is_due_as_text_stays_text(serve: Serve) -> None:
    body = b"data: 1\n\ndata: x\n\ndata: true\n\n"
    response = stream(
        serve,
        whole(body, SSE),
        doc(SSE, "3.2.0", itemSchema={"type": "string", "maxLength": 3}),
        validate="warn",
    )
    assert list(response.iter_items()) == ["1", "x", True]
    assert [violation.pointer for violation in response.violations] == ["/2"]


def test_a_payload_with_members_called_data_is_a_payload(serve: Serve) -> None:
    payload = {"type": "object", "properties": {"event": {}, "data": {"type": "object", "required": ["a"]}}}
    body = b'data: {"event": "x", "data": {}}\n\n'
    response = stream(serve, whole(body, SSE), doc(SSE, "3.2.0", itemSchema=payload), validate="warn")
    assert list(response.iter_items()) == [{"event": "x", "data": {}}]
    assert [violation.pointer for violation in response.violations] == ["/0/data"]


# -- save -------------------------------------------------------------------------------------------------


def test_a_cut_leaves_no_half_file_and_the_old_one_stays(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "report.zip"
    answer = [reply(200, b"x" * 200_000, typed("application/zip"), length=300_000), HANG_UP]
    for before in ([], [path]):
        for each in before:
            each.write_bytes(b"old")
        with pytest.raises(ConnectError):
            stream(serve, answer, doc("application/zip")).save(path)
        assert list(tmp_path.iterdir()) == before
    assert path.read_bytes() == b"old"
    assert stream(serve, whole(b"new", "application/zip"), doc("application/zip")).save(str(path)) == 3
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_costs_nothing(serve: Serve, tmp_path: Path) -> None:
    response = stream(serve, whole(b"x", "application/zip"), doc("application/zip"))
    for path in (tmp_path, tmp_path / "no" / "file", tmp_path / "a\0b", 7):
        with pytest.raises(SettingsError):
            response.save(path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    assert response.save(tmp_path / ("x" * 250)) == 1


def test_a_disk_that_is_full_leaves_nothing(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(old: str, new: str) -> None:
        raise OSError(28, "No space left on device")

    response = stream(serve, whole(b"x", "application/zip"), doc("application/zip"))
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(SettingsError, match="No space left"):
        response.save(tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


# -- as data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [False, True])
def test_it_is_pickled_as_what_was_read(read: bool, serve: Serve) -> None:
    response = stream(serve, json_reply({"a": 1}), doc("application/json"))
    if read:
        assert response.data == {"a": 1}
    copy = pickle.loads(pickle.dumps(response))
    assert type(copy) is Response
    assert (copy.status, copy.data, copy.content) == (
        200,
        {"a": 1} if read else None,
        b'{"a": 1}' if read else b"",
    )
    assert copy.request.url == response.request.url


def test_an_error_with_an_item_is_pickled(serve: Serve) -> None:
    with pytest.raises(ResponseInvalid) as caught:
        list(stream(serve, whole(AS[NDJSON], NDJSON), doc(NDJSON, schema=THING)).iter_items())
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.item, copy.violations) == (caught.value.item, caught.value.violations)


def test_it_equals_itself_alone(serve: Serve) -> None:
    first, second = (stream(serve, whole(b"1\n", NDJSON), doc(NDJSON)) for _ in range(2))
    assert first == first != second
    assert len({first, second}) == 2
    assert list(first.iter_items()) == [1]


def test_an_operation_of_many_answers(serve: Serve) -> None:
    answers = {
        "200": {"description": "", "content": {"application/json": {"schema": THING}, SSE: {"schema": THING}}}
    }
    described = document({"/x": {"get": {"operationId": "op", "responses": answers}}})
    response = stream(serve, whole(AS[SSE], SSE), described)
    assert next(response.iter_items()) == {"name": "a"}
    response.close()


def test_credentials_are_answered_before_it(serve: Serve) -> None:
    challenge = reply(401, b"", [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    server = serve(challenge, whole(b"1\n", NDJSON))
    described = doc(NDJSON)
    described["components"] = {"securitySchemes": {"d": {"type": "http", "scheme": "digest"}}}
    described["security"] = [{"d": []}]
    client = Client(described, server=server.url, credentials={"d": ("user", "secret")})
    assert list(client.call("op", options=STREAM).iter_items()) == [1]
    with pytest.raises(ApiError):
        Client(described, server=serve(challenge).url, credentials={"d": ("u", "p")}).call(
            "op", options=STREAM
        )


# -- against the sandbox ----------------------------------------------------------------------------------

THINGS = {
    "type": "object",
    "required": ["name", "size"],
    "properties": {**THING["properties"], "size": {"type": "integer"}},
}
SERVED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "events of 3.2": ("3.2.0", SSE, {"itemSchema": EVENT_SCHEMA}),
    "data of 3.2": ("3.2.0", SSE, {"itemSchema": THINGS}),
    "data": ("3.0.3", SSE, {"schema": THINGS}),
    "an array": ("3.0.3", SSE, {"schema": {"type": "array", "items": THINGS}}),
    "text": ("3.0.3", SSE, {"schema": {"type": "string"}}),
    "lines of 3.2": ("3.2.0", NDJSON, {"itemSchema": THINGS}),
    "lines": ("3.1.0", NDJSON, {"schema": THINGS}),
    "an array in lines": ("3.1.0", NDJSON, {"schema": {"type": "array", "minItems": 2, "items": THINGS}}),
    "records": ("3.2.0", SEQ, {"itemSchema": THINGS}),
}


@pytest.mark.parametrize("name", SERVED)
def test_the_sandbox_serves_streams_that_are_right(name: str) -> None:
    from dynaclient.sandbox import Sandbox

    version, kind, media = SERVED[name]
    with (
        Sandbox(doc(kind, version, **media)) as sandbox,
        Client(doc(kind, version, **media), server=sandbox.url) as client,
    ):
        with client.send("op", options={"stream": True}) as response:
            items = list(response.iter_items())  # strict: each is what the document says
        assert len(items) >= (1 if name in ("text", "lines") else 2)
        assert response.headers["content-type"] == kind
        assert client.call("op") is not None


# -- memory -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from /proc")
def test_large_bodies_are_not_held() -> None:
    """As 60 MB is to 300, so is 6 to 30. That the measure sees a body which is held, is seen as well."""
    root = Path(__file__).parents[2]
    command = [sys.executable, str(root / "tools" / "bench" / "streams.py"), "--size", "30", "--most", "6"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    grown = [
        float(number) for number in re.findall(r": (?:resident memory grew by )?([0-9.]+) MB", done.stdout)
    ]
    assert len(grown) == 4  # an upload, one as a part of a form, a download; and an answer that is held
    assert max(grown[:3]) < 6 < 30 < grown[3]
