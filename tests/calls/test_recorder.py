"""`client.record`: what is written of calls, whole and without secrets, also where the block raises."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from haralyzer import HarParser

from dynaclient import ApiError, AsyncClient, Client, SettingsError
from dynaclient.wire.recordings.archive import read_archive
from dynaclient.wire.recordings.exchange import RecordedExchange
from tests.conftest import Serve
from tests.servers import HANG_UP, chunked, reply
from tests.small import document, json_reply, one, said
from tests.wire.recordings.samples import SHOP
from tests.wire.recordings.test_har import SCHEMA


def recorded(path: Path) -> list[RecordedExchange]:
    """What is in a recording, which is a HAR by the specification, and one to another reader."""
    tree = json.loads(path.read_bytes())
    jsonschema.validate(tree, SCHEMA)
    entries = [entry for page in HarParser(tree).pages for entry in page.entries]
    found = list(read_archive(path.read_bytes(), "it").exchanges)
    assert [each.request.method for each in entries] == [each.request.method for each in found]
    return found


def statuses(path: Path) -> list[int]:
    return [each.response.status if each.response else 0 for each in recorded(path)]


def test_every_exchange_is_written(serve: Serve, tmp_path: Path) -> None:
    """Attempts, redirects and what went wrong among them."""
    moved = reply(307, b"", [("Location", "/orders/2")])
    server = serve(
        json_reply([{"id": 1}]),
        reply(503, b"later"),
        HANG_UP,
        moved,
        json_reply({"id": 2}),
        json_reply({}, 404),
    )
    path = tmp_path / "calls.har"
    with Client(SHOP, server=server.url) as client, client.record(path):
        client.call("listOrders", page=3)
        client.call("getOrder", id=1)
        with pytest.raises(ApiError):
            client.call("getOrder", id=9)
    found = recorded(path)
    assert statuses(path) == [200, 503, 0, 307, 200, 404]
    assert [each.request.target for each in found] == [each.target for each in server.requests]
    assert [each.said["call"] for each in found] == [1, 2, 2, 2, 2, 3]
    assert [each.said["attempt"] for each in found] == [1, 1, 2, 3, 3, 1]
    assert {each.operation for each in found} == {"listOrders", "getOrder"}
    assert found[2].error.startswith("ConnectError: ")
    assert all(each.began > 1.7e9 and 0 <= each.seconds < 20 for each in found)
    log = json.loads(path.read_bytes())["log"]["_dynaclient"]
    assert log["server"] == server.url
    assert log["digest"].startswith("sha256:")


def test_nothing_after_the_block(serve: Serve, tmp_path: Path) -> None:
    client = Client(SHOP, server=serve(json_reply({"id": 1})).url)
    with client.record(tmp_path / "a.har"):
        client.call("getOrder", id=1)
    client.call("getOrder", id=1)
    assert statuses(tmp_path / "a.har") == [200]
    with client.record(tmp_path / "a.har"):
        pass
    assert statuses(tmp_path / "a.har") == []
    client.close()


def test_a_block_that_raises(serve: Serve, tmp_path: Path) -> None:
    client = Client(SHOP, server=serve(json_reply({"id": 1})).url)
    path = tmp_path / "a.har"
    path.write_text("earlier")

    def work() -> None:
        with client.record(path):
            client.call("getOrder", id=1)
            assert path.read_text() == "earlier"  # it takes its place at the end
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert statuses(path) == [200]
    assert [each.name for each in tmp_path.iterdir()] == ["a.har"]
    client.close()


BODIES = document(
    {
        "/json": {
            "post": {
                "operationId": "json",
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {"200": said({})},
            }
        },
        "/file": {
            "put": {
                "operationId": "file",
                "requestBody": {"content": {"application/octet-stream": {}}},
                "responses": {"200": {"description": "", "content": {"image/png": {}}}},
            }
        },
        "/lines": {
            "get": {
                "operationId": "lines",
                "responses": {"200": said({"type": "object"}, "application/x-ndjson")},
            }
        },
    }
)


def test_bodies(serve: Serve, tmp_path: Path) -> None:
    photo = b"\x89PNG\xff\x00"
    server = serve(json_reply({"name": "caf\u00e9"}), reply(200, photo, [("Content-Type", "image/png")]))
    (tmp_path / "photo").write_bytes(photo)
    once = io.BytesIO(photo)
    once.seekable = lambda: False  # type: ignore[method-assign]
    with Client(BODIES, server=server.url) as client, client.record(tmp_path / "a.har"):
        client.call("json", body={"a": [1.5, None]})
        client.call("file", body=tmp_path / "photo")
        client.call("file", body=once)
    first, second, third = recorded(tmp_path / "a.har")
    assert first.request.body == b'{"a":[1.5,null]}'
    assert first.response is not None
    assert json.loads(first.response.content) == {"name": "caf\u00e9"}
    assert second.request.body == photo
    assert second.response is not None
    assert second.response.content == photo
    assert (third.request.body, third.missing) == (None, "it could be read only once")


LINES = [b'{"n": 1}\n', b'{"n": 2}\n']
NDJSON = [("Content-Type", "application/x-ndjson")]


def test_streams(serve: Serve, tmp_path: Path) -> None:
    over = threading.Event()

    def held() -> Iterator[bytes]:
        """The first line; the others wait until nobody reads them."""
        yield LINES[0]
        over.wait(20)
        yield from LINES[1:]

    each = iter([LINES, held(), LINES])
    server = serve(lambda request: chunked(next(each), NDJSON))
    stream: Any = {"stream": True}
    with Client(BODIES, server=server.url, max_body=12) as client, client.record(tmp_path / "a.har"):
        with client.send("lines", options=stream) as whole:
            assert [each["n"] for each in whole.iter_items()] == [1, 2]
        with client.send("lines", options=stream) as left:
            next(left.iter_items())
        over.set()
        with client.send("lines", options=stream):
            pass
    whole_one, left_one, never = (each.response for each in recorded(tmp_path / "a.har"))
    assert whole_one is not None
    assert left_one is not None
    assert never is not None
    assert (whole_one.content, whole_one.missing) == (b"".join(LINES)[:12], "the first 12 bytes")
    assert (left_one.content, left_one.missing) == (LINES[0], "the stream was not read to its end")
    assert (never.content, never.missing) == (b"", "the stream was not read to its end")


def test_a_stream_that_fits(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: chunked(LINES, NDJSON))
    with Client(BODIES, server=server.url) as client, client.record(tmp_path / "a.har"):
        options: Any = {"stream": True}
        with client.send("lines", options=options) as response:
            response.read()
    (found,) = recorded(tmp_path / "a.har")
    assert found.response is not None
    assert (found.response.content, found.response.missing) == (b"".join(LINES), "")


def test_threads_that_record_write_whole_files(serve: Serve, tmp_path: Path) -> None:
    server = serve(json_reply({"id": 1}))
    client = Client(SHOP, server=server.url)

    def work(number: int) -> None:
        with client.record(tmp_path / f"{number % 4}.har"):  # two write to each
            for _ in range(5):
                client.call("getOrder", id=number + 1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    client.close()
    assert len(list(tmp_path.iterdir())) == 4
    for number in range(4):
        own = [each for each in recorded(tmp_path / f"{number}.har") if each.response is not None]
        targets = [each.request.target for each in own]
        assert max(targets.count(f"/orders/{number + 1}"), targets.count(f"/orders/{number + 5}")) == 5


def test_a_recording_that_would_be_too_large(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dynaclient.calls.recorder.MAX_ARCHIVE", 4500)
    server = serve(json_reply({"id": 1, "note": "n" * 900}))
    with Client(SHOP, server=server.url) as client, client.record(tmp_path / "a.har"):
        for _ in range(4):
            client.call("getOrder", id=1)
    found = [each.response for each in recorded(tmp_path / "a.har")]
    assert [bool(each and each.missing) for each in found] == [False, False, True, True]


WRONG: list[tuple[Any, str]] = [
    (5, "expected the path of a file"),
    ("no/such/folder/a.har", "there is no such folder"),
    (".", "it is a folder"),
]


@pytest.mark.parametrize(("path", "message"), WRONG)
def test_a_path_that_cannot_be_written(path: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Client(SHOP, server="http://h").record(path)


def test_an_operation_of_that_name() -> None:
    tree = one()
    tree["paths"]["/x"]["get"]["operationId"] = "record"
    assert Client(tree, server="http://h").operations["record"].attribute == "record_"


def test_async(serve: Serve, tmp_path: Path) -> None:
    server = serve(json_reply({"id": 1}), lambda request: chunked(LINES, NDJSON))
    tree = {**SHOP, "paths": {**SHOP["paths"], **BODIES["paths"]}}

    async def work() -> None:
        async with AsyncClient(tree, server=server.url) as client, client.record(tmp_path / "a.har"):
            await client.call("getOrder", id=1)
            stream: Any = {"stream": True}
            async with await client.send("lines", options=stream) as response:
                assert [each async for each in response.iter_items()] == [{"n": 1}, {"n": 2}]

    asyncio.run(work())
    first, second = recorded(tmp_path / "a.har")
    assert first.response is not None
    assert second.response is not None
    assert (first.response.content, second.response.content) == (b'{"id": 1}', b"".join(LINES))
