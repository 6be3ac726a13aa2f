"""`Client(replay=...)`: what was recorded comes back, checked against the document, and nothing is sent."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import socket
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr

from dynaclient import (
    AsyncClient,
    Client,
    ConnectError,
    DocumentError,
    NotFound,
    NotRecorded,
    RequestInvalid,
    ResponseInvalid,
    Retries,
    SettingsError,
)
from dynaclient.client import executor_of
from tests.calls.test_recorder import BODIES, LINES, NDJSON
from tests.conftest import Serve
from tests.servers import HANG_UP, chunked, reply
from tests.small import json_reply
from tests.wire.recordings.samples import FOREIGN, LIST, SHOP

Ask = Callable[..., Any]


@pytest.fixture(params=["Client", "AsyncClient"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """`ask(tree, path, operation, ..., then=...)`: calls over a recording, by either client."""

    def by_client(tree: Any, path: Any, *calls: tuple[str, dict[str, Any]], **settings: Any) -> list[Any]:
        with Client(tree, replay=path, **settings) as client:
            return [client.call(name, **given) for name, given in calls]

    def by_async_client(
        tree: Any, path: Any, *calls: tuple[str, dict[str, Any]], **settings: Any
    ) -> list[Any]:
        async def work() -> list[Any]:
            async with AsyncClient(tree, replay=path, **settings) as client:
                return [await client.call(name, **given) for name, given in calls]

        return asyncio.run(work())

    return by_client if request.param == "Client" else by_async_client


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket may connect. What a loop makes for itself is none."""

    def refuse(self: Any, address: Any) -> None:
        raise AssertionError(f"something is sent to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def record(
    serve: Serve, path: Path, tree: Any, *calls: tuple[str, dict[str, Any]], answers: Any, **settings: Any
) -> str:
    """Record calls at a server that is gone after that; its URL."""
    server = serve(*answers)
    with Client(tree, server=server.url, **settings) as client, client.record(path):
        for name, given in calls:
            client.send(name, **given)
    server.close()
    return str(server.url)


GET = ("getOrder", {"id": 1})
MAKE = ("makeOrder", {"body": {"note": "new"}})


def test_what_was_recorded_comes_back(ask: Ask, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    calls = [("listOrders", {"page": 1}), MAKE, GET, GET]
    answers = [
        json_reply([{"id": 1}]),
        json_reply({"id": 3}, 201),
        json_reply({"id": 1}),
        json_reply({"id": 2}),
    ]
    record(serve, path, SHOP, *calls, answers=answers)
    assert ask(SHOP, path, *calls) == [[{"id": 1}], {"id": 3}, {"id": 1}, {"id": 2}]
    assert ask(SHOP, path, GET, MAKE, server="https://else.example") == [{"id": 1}, {"id": 3}]
    with pytest.raises(NotRecorded, match="GET /orders/1 was recorded 2 times, and all were given"):
        ask(SHOP, path, GET, GET, GET)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("tool", FOREIGN)
def test_recordings_of_other_tools(tool: str, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(json.dumps(FOREIGN[tool]()))
    shop = {"server": "https://any.example"}
    found = ask(SHOP, path, ("listOrders", {"page": 1}), MAKE, ("getPhoto", {}), **shop)
    assert found == [json.loads(LIST), {"id": 3}, b"\x89PNG\r\n\x1a\n\x00\xff"]
    with pytest.raises(ConnectError, match=r"as it was recorded"):
        ask(SHOP, path, ("getOrder", {"id": 9}), **shop)
    if tool != "mitmproxy":
        with pytest.raises(
            NotRecorded, match="not all of its response: the tool that recorded it kept no body"
        ):
            ask(SHOP, path, GET, **shop)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_cassettes(form: str, ask: Ask, serve: Serve, tmp_path: Path) -> None:
    server = serve(json_reply({"id": 1}), json_reply({"id": 3}, 201))
    path = tmp_path / f"a.{form}"
    with vcr.use_cassette(str(path), serializer=form), Client(SHOP, server=server.url) as client:
        client.call("getOrder", id=1)
        client.call("makeOrder", body={"note": "new"})
    assert ask(SHOP, path, MAKE, GET, server="https://any.example") == [{"id": 3}, {"id": 1}]


def test_a_test_breaks_when_the_document_moves_on(ask: Ask, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    record(serve, path, SHOP, MAKE, answers=[json_reply({"id": 3}, 201)])
    newer: Any = copy.deepcopy(SHOP)
    made = newer["paths"]["/orders"]["post"]
    made["responses"]["201"]["content"]["application/json"]["schema"]["required"] = ["id", "number"]
    with pytest.raises(ResponseInvalid, match="'number' is missing"):
        ask(newer, path, MAKE)
    assert ask(newer, path, MAKE, validate="off") == [{"id": 3}]
    stricter: Any = copy.deepcopy(SHOP)
    schema = stricter["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["note"]["maxLength"] = 2
    with pytest.raises(RequestInvalid):
        ask(stricter, path, MAKE)


def test_what_was_not_recorded(ask: Ask, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    record(serve, path, SHOP, MAKE, GET, answers=[json_reply({"id": 3}, 201), json_reply({"id": 1})])
    with pytest.raises(NotRecorded) as caught:
        ask(SHOP, path, ("makeOrder", {"body": {"note": "old"}}))
    assert str(caught.value).splitlines() == [
        "POST /orders was not recorded; nothing was sent. The nearest is /log/entries/0 of "
        f"{str(path)!r}, which differs",
        '  body at /note: "old", recorded is "new"',
    ]
    with pytest.raises(NotRecorded) as caught:
        ask(SHOP, path, ("getOrder", {"id": 2}))
    assert caught.value.differences == ("path: /orders/2, recorded is /orders/1",)


def test_attempts_redirects_and_failures(
    ask: Ask, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.har"
    slow = reply(503, b"", [("Retry-After", "0")])
    moved = reply(307, b"", [("Location", "/orders/2")])
    answers = [slow, HANG_UP, moved, json_reply({"id": 2}), json_reply({}, 404), HANG_UP]
    server = serve(*answers)
    with Client(SHOP, server=server.url, retries=2) as client, client.record(path):
        client.call("getOrder", id=1)
        client.send("getOrder", id=7)
        with pytest.raises(ConnectError):
            client.call("makeOrder", body={})
    server.close()
    monkeypatch.setattr("dynaclient.transport.policy.backoff", lambda *_: 30.0)
    assert ask(SHOP, path, GET) == [{"id": 2}]
    with pytest.raises(NotFound):
        ask(SHOP, path, ("getOrder", {"id": 7}))
    with pytest.raises(ConnectError, match=r"\(as it was recorded\)"):
        ask(SHOP, path, ("makeOrder", {"body": {}}))


def test_no_credential_is_needed_or_asked_for(ask: Ask, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    secure = {
        **SHOP,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "query", "name": "key"},
                "digest": {"type": "http", "scheme": "digest"},
            }
        },
        "security": [{"key": []}, {"digest": []}],
    }

    def never(request: Any) -> str:
        raise AssertionError("the credential is made")

    record(serve, path, secure, GET, answers=[json_reply({"id": 1})], credentials={"key": "s3cr3t"})
    assert ask(secure, path, GET) == [{"id": 1}]
    assert ask(secure, path, GET, credentials={"key": never}) == [{"id": 1}]
    challenge = reply(401, b"", [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    login = {"digest": ("me", "s3cr3t")}
    record(serve, path, secure, GET, answers=[challenge, json_reply({"id": 1})], credentials=login)
    assert ask(secure, path, GET, credentials={"digest": ("you", "other")}) == [{"id": 1}]


def test_streams(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    server = serve(lambda request: chunked(LINES, NDJSON))
    options: Any = {"stream": True}
    with Client(BODIES, server=server.url) as client, client.record(path):
        with client.send("lines", options=options) as response:
            response.read()
        with client.send("lines", options=options) as response:
            pass
    with Client(BODIES, replay=path) as client:
        with client.send("lines", options=options) as response:
            assert [*response.iter_items()] == [{"n": 1}, {"n": 2}]
        with pytest.raises(NotRecorded, match="the stream was not read to its end"):
            client.send("lines", options=options)

    async def work() -> list[Any]:
        async with (
            AsyncClient(BODIES, replay=path) as client,
            await client.send("lines", options=options) as response,
        ):
            return [each async for each in response.iter_items()]

    assert asyncio.run(work()) == [{"n": 1}, {"n": 2}]


def test_files_and_parts(ask: Ask, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"\x00\xff")
    path = tmp_path / "a.har"
    send = ("file", {"body": tmp_path / "photo"})
    record(serve, path, BODIES, send, answers=[reply(200, b"\x89PNG", [("Content-Type", "image/png")])])
    assert ask(BODIES, path, send) == [b"\x89PNG"]
    (tmp_path / "photo").write_bytes(b"\x00\x01")
    with pytest.raises(NotRecorded, match="body: 2 bytes, recorded are 2 others"):
        ask(BODIES, path, send)


def test_a_pickled_client_begins_anew(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    record(serve, path, SHOP, GET, answers=[json_reply({"id": 1})])
    client = Client(SHOP, replay=path)
    assert client.call("getOrder", id=1) == {"id": 1}
    path.unlink()
    assert pickle.loads(pickle.dumps(client)).call("getOrder", id=1) == {"id": 1}


@pytest.mark.usefixtures("no_network")
def test_no_document_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text('{"log": {"entries": []}}')
    with pytest.raises(DocumentError, match="holds no exchange"):
        Client("http://h/openapi.json", replay=path)


@pytest.mark.usefixtures("no_network")
def test_a_key_in_the_url_of_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    response = {"status": 200, "content": {"mimeType": "application/json", "text": json.dumps(SHOP)}}
    urls = ["http://h/openapi.json?v=2&apikey=other-key&code=c0de-2", "http://h/docs?api_key=other-key"]
    entries = [{"request": {"method": "GET", "url": url}, "response": response} for url in urls]
    path.write_text(json.dumps({"log": {"entries": entries}}))
    for url in ("openapi.json?apikey=s3cr3t&v=1&code=c0de-1", "openapi.json?v=2", "docs", "docs?who=s3cr3t"):
        with pytest.raises(DocumentError, match="was not recorded") as caught:
            Client(f"http://h/{url}", replay=path)
        for secret in ("s3cr3t", "other-key", "c0de-1"):
            assert secret not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert Client("http://h/openapi.json?v=2&apikey=s3cr3t&code=c0de-2", replay=path).operations


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"replay": "none.har"}, "the recording none.har cannot be read"),
    ({"replay": 5}, "replay: expected the path of a recording, got an integer"),
    ({"replay": "{good}", "session": requests.Session()}, "session= says nothing"),
    ({"replay": "{good}", "credentials": {"nobody": "x"}}, "no security scheme 'nobody'"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG)
def test_settings_that_cannot_work(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text('{"log": {"entries": []}}')
    given = {name: str(path) if value == "{good}" else value for name, value in settings.items()}
    with pytest.raises(SettingsError, match=message):
        Client(SHOP, server="http://h", **given)


def test_retries_are_those_of_the_client(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    record(serve, path, SHOP, GET, answers=[reply(503), json_reply({"id": 1})])
    with Client(SHOP, replay=path, retries=Retries(attempts=1)) as client:
        assert client.send("getOrder", id=1).status == 503


@pytest.mark.parametrize("said", [{"call": [1]}, {"call": {}}, {"call": None, "error": 5, "sent": []}])
def test_what_a_file_says_of_a_call_may_be_anything(said: dict[str, Any], tmp_path: Path) -> None:
    entry = {"request": {"method": "GET", "url": "http://h/orders/1"}, "_dynaclient": said}
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"entries": [entry, entry]}}))
    with Client(SHOP, server="http://h", replay=path) as client, pytest.raises(ConnectError):
        client.call("getOrder", id=1)


def test_processes_get_no_recording(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    record(serve, path, SHOP, GET, answers=[json_reply({"id": 1})])
    with Client(SHOP, replay=path) as client, pytest.raises(SettingsError, match="replay= does not go to"):
        list(client.bulk("getOrder", [{"id": 1}], executor="processes"))


def test_a_client_that_nobody_uses_any_more_is_gone(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    record(serve, path, SHOP, GET, answers=[json_reply({"id": 1})])
    client = Client(SHOP, replay=path)
    client.call("getOrder", id=1)
    executor = weakref.ref(executor_of(client))
    del client
    gc.collect()
    assert executor() is None
