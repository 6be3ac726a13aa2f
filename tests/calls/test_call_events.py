"""What the hooks of a client are told, when, and what comes of what they raise: under both clients."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from dynaclient import (
    ApiError,
    AsyncClient,
    CallEvent,
    Client,
    ConnectError,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
)
from tests.conftest import Serve
from tests.servers import HANG_UP, closed_port, reply
from tests.small import document, json_reply, param, said

NOW = [("Retry-After", "0")]
OBJECT = said({"type": "object", "properties": {"n": {"type": "integer"}}})
GET = {"operationId": "getX", "parameters": [param("id", "path"), param("q")], "responses": {"200": OBJECT}}
POST = {"operationId": "postX", "parameters": [param("id", "path")], "responses": {"200": OBJECT}}
TREE = document({"/x/{id}": {"get": GET, "post": POST}})
HOOKS = ("on_request", "on_response", "on_retry", "on_violation", "on_error")

Send = Callable[..., Any]


async def _awaited(operation: str, names: Any, settings: Any) -> Any:
    async with AsyncClient(TREE, **settings) as client:
        return await client.send(operation, names)


def _plain(operation: str, names: Any, settings: Any) -> Any:
    with Client(TREE, **settings) as client:
        return client.send(operation, names)


@pytest.fixture(params=["sync", "lean", "async"])
def send(request: pytest.FixtureRequest) -> Send:
    """Send one request with one client or the other."""
    if request.param == "async":
        pytest.importorskip("aiohttp")

    def sent(operation: str, names: Any = None, **settings: Any) -> Any:
        names = names or {"id": "1"}
        if request.param != "async":
            over = {"transport": "urllib3"} if request.param == "lean" else {}
            return _plain(operation, names, {**settings, **over})
        return asyncio.run(_awaited(operation, names, settings))

    return sent


class Told(list[tuple[str, CallEvent]]):
    """What hooks were told, in order."""

    @property
    def hooks(self) -> dict[str, Any]:
        return {name: lambda event, name=name: self.append((name, event)) for name in HOOKS}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self]


def test_what_each_is_told(send: Send, serve: Serve) -> None:
    told, server = Told(), serve(json_reply({"n": 1}))
    response = send("getX", {"id": "a/b", "q": "c"}, server=server.url, **told.hooks)
    assert told.names == ["on_request", "on_response"]
    begun, ended = told[0][1], told[1][1]
    assert begun == CallEvent("getX", "GET", "/x/{id}", f"{server.url}/x/a%2Fb?q=c", attempt=1)
    assert ended == CallEvent(
        "getX", "GET", "/x/{id}", begun.url, attempt=1, status=200, seconds=response.elapsed
    )
    assert 0 < ended.seconds < 60


def test_each_attempt_is_told_and_why_there_is_another(send: Send, serve: Serve) -> None:
    told, server = Told(), serve(reply(503, b"", NOW), HANG_UP, json_reply({"n": 1}))
    assert send("getX", server=server.url, retries=2, **told.hooks).status == 200
    assert told.names == ["on_request", "on_retry", "on_request", "on_retry", "on_request", "on_response"]
    assert [(event.attempt, event.status, event.error) for _, event in told] == [
        (1, None, ""),
        (1, 503, ""),
        (2, None, ""),
        (2, None, "ConnectError"),
        (3, None, ""),
        (3, 200, ""),
    ]
    assert told[1][1].pause == 0
    assert told[3][1].pause > 0
    assert len(server.requests) == 3


def test_a_redirect_is_another_request_of_the_same_attempt(send: Send, serve: Serve) -> None:
    told = Told()
    server = serve(reply(307, b"", [("Location", "/x/2?token=abcdef&q=3")]), json_reply({}))
    send("getX", server=server.url, **told.hooks)
    assert told.names == ["on_request", "on_request", "on_response"]
    assert [event.attempt for _, event in told] == [1, 1, 1]
    assert told[1][1].url == told[2][1].url == f"{server.url}/x/2?token=***&q=***"


@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_what_breaks_the_document(mode: Any, send: Send, serve: Serve) -> None:
    told, server = Told(), serve(json_reply({"n": "one"}))
    settings = {"server": server.url, "validate": mode, **told.hooks}
    with pytest.raises(ResponseInvalid) if mode == "strict" else nullcontext():
        send("getX", **settings)
    assert told.names == ["on_request", "on_response", "on_violation"]
    violations = told[2][1].violations
    assert [(each.where, each.pointer) for each in violations] == [("body", "/n")]
    assert told[1][1].violations == violations
    assert told[2][1].status == 200


def test_a_request_that_is_refused(send: Send, serve: Serve) -> None:
    told, server = Told(), serve(json_reply({}))
    with pytest.raises(RequestInvalid) as refused:
        send("getX", {"q": "c"}, server=server.url, **told.hooks)
    assert told == [
        ("on_violation", CallEvent("getX", "GET", "/x/{id}", violations=tuple(refused.value.violations)))
    ]
    assert server.requests == []


def test_a_request_that_is_sent_all_the_same(send: Send, serve: Serve) -> None:
    told, server = Told(), serve(json_reply({"n": "one"}))
    tree_is_broken_by = {"id": "1", "q": ["a", "b"]}
    response = send("getX", tree_is_broken_by, server=server.url, validate="warn", **told.hooks)
    assert told.names == ["on_violation", "on_request", "on_response", "on_violation"]
    assert told[2][1].violations == response.violations
    assert (*told[0][1].violations, *told[3][1].violations) == response.violations
    assert told[0][1].status is None


def test_a_call_that_ends_without_a_response(send: Send) -> None:
    told = Told()
    with pytest.raises(ConnectError):
        send("getX", server=f"http://127.0.0.1:{closed_port()}", retries=0, **told.hooks)
    assert told.names == ["on_request", "on_error"]
    assert (told[1][1].error, told[1][1].status, told[1][1].attempt) == ("ConnectError", None, 1)


def test_a_status_that_is_an_error_is_a_response(serve: Serve) -> None:
    told = Told()
    with Client(TREE, server=serve(reply(404)).url, **told.hooks) as client, pytest.raises(ApiError):
        client.call("postX", id="1")
    assert told.names[:2] == ["on_request", "on_response"]
    assert told[1][1].status == 404


class OwnError(Exception):
    """Raised by a hook."""


@pytest.mark.parametrize(
    ("name", "sent"),
    [("on_request", 0), ("on_retry", 1), ("on_response", 2), ("on_violation", 2)],
)
def test_what_a_hook_raises_is_raised_as_it_is(name: str, sent: int, send: Send, serve: Serve) -> None:
    server = serve(reply(503, b"", NOW), json_reply({"n": "one"}))
    raised = OwnError("of mine")

    def hook(event: CallEvent) -> None:
        raise raised

    with pytest.raises(OwnError) as caught:
        send("getX", server=server.url, **{name: hook})
    assert caught.value is raised
    assert len(server.requests) == sent
    assert caught.value.__cause__ is None


def test_what_a_hook_raises_leaves_no_connection_of_a_stream(serve: Serve) -> None:
    server = serve(json_reply({"n": 1}))
    fail = [True]

    def hook(event: CallEvent) -> None:
        if fail.pop():
            raise OwnError

    with Client(TREE, server=server.url, on_response=hook) as client:
        with pytest.raises(OwnError):
            client.send("getX", id="1", options={"stream": True})
        fail.append(False)
        with client.send("getX", id="1", options={"stream": True}) as response:
            assert response.data == {"n": 1}


def test_the_head_of_a_stream_is_its_response(serve: Serve) -> None:
    told = Told()
    client = Client(TREE, server=serve(json_reply({"n": 1})).url, **told.hooks)
    with client, client.send("getX", id="1", options={"stream": True}) as response:
        assert told.names == ["on_request", "on_response"]
        assert response.data == {"n": 1}


def test_the_head_of_an_awaited_stream_is_its_response(serve: Serve) -> None:
    pytest.importorskip("aiohttp")
    told, fail, server = Told(), [True], serve(json_reply({"n": 1}))

    def on_response(event: CallEvent) -> None:
        told.append(("on_response", event))
        if fail.pop():
            raise OwnError

    async def read() -> Any:
        async with AsyncClient(TREE, server=server.url, on_response=on_response) as client:
            with pytest.raises(OwnError):
                await client.send("getX", id="1", options={"stream": True})
            fail.append(False)
            async with await client.send("getX", id="1", options={"stream": True}) as response:
                return [item async for item in response.iter_bytes()]

    assert b"".join(asyncio.run(read())) == b'{"n": 1}'
    assert [event.status for _, event in told] == [200, 200]


def test_calls_of_many_threads_are_told_apart(serve: Serve) -> None:
    told = Told()
    with Client(TREE, server=serve(json_reply({"n": 1})).url, **told.hooks) as client:
        rows = [{"id": str(number)} for number in range(40)]
        assert [each.status for each in client.bulk("getX", rows, workers=8)] == [200] * 40
    for name in ("on_request", "on_response"):
        urls = sorted(event.url.rpartition("/")[2] for each, event in told if each == name)
        assert urls == sorted(str(number) for number in range(40))


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("wrong", ["print", 3, asyncio.sleep])
def test_what_is_no_hook_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(SettingsError, match=name):
        Client(TREE, **{name: wrong})


SEEN: list[CallEvent] = []


def test_they_go_along_with_a_pickled_client(serve: Serve) -> None:
    SEEN.clear()
    server = serve(json_reply({"n": 1}))
    with Client(TREE, server=server.url, on_response=_seen) as client:
        kept = pickle.dumps(client)
    with pickle.loads(kept) as other:
        other.get_x("1")
    assert [event.operation for event in SEEN] == ["getX"]
    assert pickle.loads(pickle.dumps(SEEN[0])) == SEEN[0]


def test_a_hook_without_a_name_does_not_go_to_processes(serve: Serve) -> None:
    client = Client(TREE, server=serve(json_reply({})).url, on_response=lambda event: None)
    with client, pytest.raises(SettingsError, match="a hook, has to be a function of a module"):
        list(client.bulk("getX", [{"id": "1"}], executor="processes", workers=1))


def _seen(event: CallEvent) -> None:
    SEEN.append(event)


# -- the log ---------------------------------------------------------------------------------------------


def test_a_record_for_each_exchange(send: Send, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "dynaclient")
    server = serve(reply(503, b"", NOW), HANG_UP, json_reply({"n": 1}))
    send("getX", server=server.url)
    ours = [each for each in caplog.records if each.name == "dynaclient"]
    keys = ("levelname", "operationId", "method", "status", "error", "attempt")
    assert [tuple(getattr(each, key) for key in keys) for each in ours] == [
        ("DEBUG", "getX", "GET", 503, "", 1),
        ("INFO", "getX", "GET", 503, "", 1),
        ("DEBUG", "getX", "GET", None, "ConnectError", 2),
        ("INFO", "getX", "GET", None, "ConnectError", 2),
        ("DEBUG", "getX", "GET", 200, "", 3),
    ]
    assert all(0 < each.milliseconds < 60_000 for each in ours if each.levelname == "DEBUG")
    assert [each.pause > 0 for each in ours if each.levelname == "INFO"] == [False, True]
    assert ours[0].getMessage().startswith(f"GET {server.url}/x/1: 503 in ")


def test_retries_alone_on_info(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dynaclient")
    server = serve(reply(503, b"", NOW), json_reply({"n": 1}))
    with Client(TREE, server=server.url) as client:
        client.get_x("1")
    assert caplog.messages == [f"GET {server.url}/x/1: 503, sent again in 0.0 s"]
