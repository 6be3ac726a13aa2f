"""Callbacks that the sandbox sends: what the document promises arrives, and only this machine is called."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import pytest

from dynaclient import Client, DeadlineExceeded
from dynaclient.sandbox import Sandbox, callbacks
from dynaclient.sandbox.callbacks import Callback, CallbackSender, NotCalled, callback_target, is_loopback
from tests.servers import RawServer, Recorded, reply
from tests.small import document, one, param, said

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
EVENT = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {"id": {**INTEGER, "readOnly": True}, "kind": {"enum": ["paid", "sent"]}},
}
URL = "{$request.body#/url}"
WAIT = 20


def promised(schema: Any = EVENT, *parameters: Any, kind: str = "application/json") -> dict[str, Any]:
    content = {kind: {"schema": schema}}
    return {
        "parameters": list(parameters),
        "requestBody": {"required": True, "content": content},
        "responses": {"204": said()},
    }


def ordering(events: Any, version: str = "3.0.3", **rest: Any) -> dict[str, Any]:
    """`createOrder`, which says where it is to be told of `events`."""
    node = {
        "operationId": "createOrder",
        "parameters": [param("at", "query"), param("X-At", "header")],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {"201": said({"type": "object", "properties": {"id": INTEGER}}), "409": said({})},
        "callbacks": events,
    }
    return document({"/orders": {"post": node}}, version, **rest)


@contextmanager
def listening(*answers: Any) -> Iterator[tuple[RawServer, Queue[Recorded]]]:
    """A receiver on a socket, and what it gets as it comes."""
    arrived: Queue[Recorded] = Queue()
    several = iter(answers)

    def answer(request: Recorded) -> bytes:
        arrived.put(request)
        return next(several, reply(204))

    with RawServer(answer) as server:
        yield server, arrived


def judged(client: Client, request: Recorded, name: str = "onEvent") -> Any:
    """What a receiver has of a request, who lets the client check it."""
    path, _, query = request.target.partition("?")
    return client.create_order.callbacks[name].check(
        method=request.method, path=path, query=query, headers=request.fields, body=request.body
    )


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_what_arrives_is_what_the_document_promises_once(version: str) -> None:
    described = ordering({"onEvent": {URL: {"post": promised()}}}, version)
    with (
        listening() as (receiver, arrived),
        Sandbox(described) as sandbox,
        Client(described, server=sandbox.url) as client,
    ):
        url = f"{receiver.url}/events?key=a%20b"
        response = client.send("createOrder", body={"url": url})
        request = arrived.get(timeout=WAIT)
        assert (request.method, request.target) == ("POST", "/events?key=a%20b")
        assert judged(client, request)["kind"] in ("paid", "sent")
        assert response.headers["X-Sandbox-Callbacks"] == f"onEvent: POST {receiver.url}/events"
        (noted,) = sandbox.received[0].callbacks
        assert (noted.url, noted.body, noted.reason) == (url, request.body, "")
        client.send("createOrder", body={"url": url})  # the same order, the same event
        assert arrived.get(timeout=WAIT).body == request.body
    assert arrived.empty()


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ("{$request.body#/url}/x", {"body": {"url": "{}"}}),
        ("$request.query.at", {"at": "{}/x"}),
        ("$request.header.x-at", {"X-At": "{}/x"}),
        ("{$request.query.at}/{$method}/{$statusCode}/{$response.body#/id}", {"at": "{}"}),
        ("http://127.0.0.1:{$request.body#/port}/x", {"body": {"port": 0}}),
    ],
)
def test_the_url_comes_from_the_exchange(expression: str, given: dict[str, Any]) -> None:
    described = ordering({"onEvent": {expression: {"post": promised()}}})
    with (
        listening() as (receiver, arrived),
        Sandbox(described) as sandbox,
        Client(described, server=sandbox.url) as client,
    ):

        def filled(value: Any) -> Any:
            return value.format(receiver.url) if isinstance(value, str) else int(receiver.url.split(":")[2])

        body = {name: filled(value) for name, value in given.get("body", {}).items()}
        names = {name: filled(value) for name, value in given.items() if name != "body"}
        made = client.call("createOrder", names, body=body)
        request = arrived.get(timeout=WAIT)
        assert judged(client, request)
        due = f"/POST/201/{made['id']}" if "$method" in expression else "/x"
        assert request.target == due


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "application/x-ndjson",
     "application/merge-patch+json"],
)  # fmt: skip
def test_a_body_of_each_type(kind: str) -> None:
    described = ordering(
        {"onEvent": {URL: {"put": promised(TEXT if kind == "text/plain" else EVENT, kind=kind)}}}
    )
    with (
        listening() as (receiver, arrived),
        Sandbox(described) as sandbox,
        Client(described, server=sandbox.url) as client,
    ):
        client.call("createOrder", body={"url": f"{receiver.url}/x"})
        request = arrived.get(timeout=WAIT)
        assert (request.header("Content-Type") or "").startswith(kind)
        assert judged(client, request)


def test_parameters_that_are_required_and_several_callbacks() -> None:
    parameters = [
        param("n", "query", INTEGER, required=True),
        param("X-Kind", "header", {"enum": ["a"]}, required=True),
        param("c", "cookie", INTEGER, required=True),
        param("id", "path", INTEGER),
        param("no", "query"),
    ]
    events = {
        "onEvent": {"{$request.body#/url}/items/{id}?a=1": {"post": promised(EVENT, *parameters)}},
        "onNone": {"$request.body#/none": {"post": promised()}},
        "onOther": {"https://example.com/{$request.body#/url}": {"post": promised()}},
    }
    described = ordering(events)
    with (
        listening() as (receiver, arrived),
        Sandbox(described) as sandbox,
        Client(described, server=sandbox.url) as client,
    ):
        response = client.send("createOrder", body={"url": receiver.url})
        request = arrived.get(timeout=WAIT)
        assert judged(client, request)
        assert request.target.startswith("/items/")
        assert "?a=1&n=" in request.target
        assert "no=" not in request.target
        assert (request.header("Cookie") or "").startswith("c=")
        said = [str(each) for each in sandbox.received[0].callbacks]
        assert "onNone: not sent: the body of the request has no /none" in said
        assert said[2].startswith("onOther: not sent: 'https://example.com/http://127.0.0.1")
        assert response.headers["X-Sandbox-Callbacks"] == "; ".join(said)
    assert arrived.empty()


def test_what_is_wrong_or_answered_with_an_error_calls_nobody() -> None:
    described = ordering({"onEvent": {"$request.query.at": {"post": promised()}}})
    with (
        listening() as (receiver, arrived),
        Sandbox(described) as sandbox,
        Client(described, server=sandbox.url, validate={"request": "off"}) as client,
    ):
        assert client.send("createOrder", at=receiver.url, body=5).status == 409
        conflict = {"headers": {"Prefer": "code=409"}}
        assert client.send("createOrder", at=receiver.url, body={}, options=conflict).status == 409
        assert [each.callbacks for each in sandbox.received] == [(), ()]
        client.send("createOrder", at=receiver.url, body={})  # what comes first is what was sent first
        assert judged(client, arrived.get(timeout=WAIT))
    assert (len(receiver.requests), arrived.empty()) == (1, True)


def test_a_promise_that_cannot_be_kept_spoils_no_answer() -> None:
    impossible = {"type": "string", "minLength": 2, "maxLength": 1}
    events = {"a": {URL: {"post": promised(impossible)}}, "b": {URL: 5}, "c": {"$ref": "#/nowhere"}}
    described = ordering(events)
    with Sandbox(described) as sandbox, Client(described, server=sandbox.url) as client:
        assert client.send("createOrder", body={"url": "http://127.0.0.1:9/x"}).status == 201
        assert [(each.name, bool(each.reason)) for each in sandbox.received[0].callbacks] == [("a", True)]


# -- who is called -----------------------------------------------------------------------------------

OWN = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("url", "due"),
    [
        ("http://127.0.0.1:9/x?y=1", ("http://127.0.0.1:9", "/x", "y=1")),
        ("http://127.0.0.1", ("http://127.0.0.1:80", "/", "")),
        ("http://127.200.3.4:9/a/b#c", ("http://127.200.3.4:9", "/a/b", "")),
        ("http://[::1]:9/", ("http://[::1]:9", "/", "")),
        ("HTTP://LOCALHOST:9/", ("http://localhost:9", "/", "")),
    ],
)
def test_a_loopback_address_is_called(url: str, due: tuple[str, str, str]) -> None:
    assert callback_target(url, OWN) == due


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "http://10.0.0.1/", "http://192.168.1.1:80/", "http://169.254.169.254/latest",
        "http://0.0.0.0:9/", "http://[::]:9/", "http://[::ffff:10.0.0.1]/", "http://[fe80::1]/",
        "http://localhost.example.com/", "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/",
        "http://example.com\\@127.0.0.1/", "http://127.0.0.1\\@example.com/", "http://user:pw@127.0.0.1:9/",
        "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://①27.0.0.1/",
        "http://127.0.0.1,example.com/", "http://127.0.0.1%2f@example.com/", "http://127.0.0.1 example.com/",
        "https://127.0.0.1:9/", "ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/x", "/x",
        "http://", "http://:9/", "http://[::1/", "http://127.0.0.1:x/", "http://127.0.0.1:99999/", 5, None,
        {"url": "http://127.0.0.1"}, "http://127.0.0.1:8080/orders", "http://localhost:8080/",
    ],
)  # fmt: skip
def test_nobody_else_is_called_nor_the_sandbox_itself(url: Any) -> None:
    with pytest.raises(NotCalled):
        callback_target(url, OWN)


@pytest.mark.parametrize(
    "url", ["http://user:s3cr3t@127.0.0.1/", "http://h/?key=s3cr3t", "http://[/?k=s3cr3t"]
)
def test_why_not_is_told_without_what_may_be_secret(url: str) -> None:
    with pytest.raises(NotCalled) as caught:
        callback_target(url, OWN)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", ""])
def test_a_sandbox_on_all_addresses_sends_none(host: str) -> None:
    described = ordering({"onEvent": {URL: {"post": promised()}}})
    with (
        listening() as (receiver, arrived),
        Sandbox(described, host=host) as sandbox,
        Client(described, server=sandbox.url) as client,
    ):
        client.call("createOrder", body={"url": receiver.url})
        assert "does not listen on a loopback" in sandbox.received[0].callbacks[0].reason
    assert arrived.empty()


def test_localhost_is_called_only_where_it_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_loopback("localhost")
    answers: list[Any] = [[(2, 1, 6, "", ("127.0.0.1", 0)), (2, 1, 6, "", ("10.0.0.1", 0))]]
    monkeypatch.setattr(callbacks.socket, "getaddrinfo", lambda *_: answers[0])
    assert not is_loopback("localhost")


def test_a_redirect_leads_nowhere_and_no_proxy_is_asked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with listening() as (other, strayed):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        away = reply(307, b"", [("Location", f"{other.url}/stolen")])
        with listening(away) as (receiver, arrived):
            caplog.set_level(logging.DEBUG, "dynaclient")
            callbacks._sent(Callback("onEvent", "POST", f"{receiver.url}/x", (), b"{}"))
            assert arrived.get(timeout=WAIT).target == "/x"
        assert strayed.empty()


def test_one_that_fails_is_logged_and_the_next_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    sender = CallbackSender()
    with RawServer(reply(204)) as gone:
        url = gone.url
    sender._free.acquire()
    sender._run(Callback("onEvent", "POST", f"{url}/x"))
    assert "callback onEvent: POST http://127.0.0.1" in caplog.text
    with listening() as (receiver, arrived):
        sender.send([Callback("onEvent", "POST", f"{receiver.url}/x")])
        assert arrived.get(timeout=WAIT).method == "POST"


def test_no_more_than_so_many_are_under_way(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(callbacks, "MAX_AT_ONCE", 1)
    sender = CallbackSender()
    sender._free.acquire()
    sender.send([Callback("a", "POST", "http://127.0.0.1:9/"), Callback("b", reason="not sent: x")])
    assert "callback a: POST http://127.0.0.1:9/ was not sent: 1 are under way" in caplog.text


def test_a_receiver_that_never_answers_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "SECONDS", 0.2)

    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(DeadlineExceeded):
            callbacks._sent(Callback("onEvent", "POST", url))


def test_operations_without_callbacks_say_nothing_of_them() -> None:
    tree = one()
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url) as client:
        assert "X-Sandbox-Callbacks" not in client.send("op").headers
