"""A sandbox that answers in process: the `ask` of the other tests goes both ways; here is what is its own."""

from __future__ import annotations

import io
import json
import socket
import threading
from queue import Queue
from typing import Any

import pytest

from dynaclient import ApiError, Client, TransportError
from dynaclient.sandbox import Sandbox
from tests.sandbox.documents import JSON, answer, body, document, operation, parameter
from tests.servers import RawServer, Recorded, reply

PERSON = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}
TOLD = {"onEvent": {"{$request.body#/url}": {"post": operation("told", {"204": {"description": ""}})}}}
EVENTS = answer(PERSON, "application/x-ndjson")
TREE = document(
    {
        "/people/{id}": {
            "put": operation("putPerson", {"200": answer(PERSON)}, requestBody=body(PERSON)),
            "get": operation("getPerson", {"200": answer(PERSON), "404": answer({}), "409": answer({})}),
            "parameters": [parameter("id", "path", {"type": "string"})],
        },
        "/stream": {"get": operation("stream", {"200": EVENTS})},
        "/file": {
            "post": operation(
                "upload",
                {"200": answer({"type": "integer"})},
                requestBody=body({"type": "string", "format": "binary"}, "application/octet-stream"),
            )
        },
        "/orders": {
            "post": operation(
                "order", {"201": answer({})}, requestBody=body({"type": "object"}), callbacks=TOLD
            )
        },
    },
    schemes={"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    security=[{"key": []}],
)


def client(sandbox: Sandbox, server: str = "https://shop.test/base", **settings: Any) -> Client:
    settings = {"credentials": {"key": "any"}, **settings}
    return Client(TREE, server=server, session=sandbox.session(), **settings)


def test_neither_a_socket_nor_a_thread_nor_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    before = threading.active_count()
    sandbox = Sandbox(TREE)
    for server in ("https://shop.test", "http://localhost:1/base", sandbox.url):
        api = client(sandbox, server)
        response = api.send("getPerson", id="7")
        assert (response.status, response.violations) == (200, ())
    assert threading.active_count() == before
    assert [each.operation for each in sandbox.received] == ["getPerson"] * 3


def test_sessions_and_the_socket_share_what_is_kept() -> None:
    person = {"id": "7", "name": "Ada"}
    with Sandbox(TREE) as sandbox:
        assert client(sandbox).put_person("7", person) == person
        assert client(sandbox, "https://other.test").get_person("7") == person
        with Client(TREE, server=sandbox.url, credentials={"key": "any"}) as outside:
            assert outside.get_person("7") == person
    assert [each.status for each in sandbox.received] == [200] * 3


def test_what_is_wrong_is_refused() -> None:
    sandbox = Sandbox(TREE)
    with pytest.raises(ApiError) as unknown:
        client(sandbox, credentials=None).call("getPerson", id="7")
    assert unknown.value.status == 401
    wrong = client(sandbox, validate={"request": "off"}).send("putPerson", {"id": "7"}, body={"id": 7})
    assert wrong.status == 422
    assert "name" in wrong.headers["X-Sandbox-Reasons"]
    options = {"headers": {"Prefer": "code=409"}}
    assert client(sandbox).send("getPerson", id="7", options=options).status == 409


def test_streams_are_read_as_from_a_server() -> None:
    with client(Sandbox(TREE)).send("stream", options={"stream": True}) as response:
        items = list(response.iter_items())
    assert items
    assert all(each.keys() >= {"id", "name"} for each in items)


@pytest.mark.parametrize("content", [b"12345", io.BytesIO(b"12345"), io.BytesIO(b"x" * 200_000)])
def test_bodies_arrive_whole(content: Any) -> None:
    sandbox = Sandbox(TREE)
    sent = content if isinstance(content, bytes) else content.getvalue()
    assert client(sandbox).send("upload", body=content).status == 200
    assert sandbox.received[0].body == sent


def test_a_file_that_fails_is_said() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise ValueError("worn out")
            return super().read(size)

    sandbox = Sandbox(TREE)
    with pytest.raises(TransportError):
        client(sandbox).call("upload", body=Failing(b"x" * 300_000))
    assert sandbox.received == []


def test_callbacks_are_sent() -> None:
    arrived: Queue[Recorded] = Queue()

    def told(request: Recorded) -> bytes:
        arrived.put(request)
        return reply(204)

    with RawServer(told) as receiver:
        assert client(Sandbox(TREE)).send("order", body={"url": f"{receiver.url}/told"}).status == 201
        assert arrived.get(timeout=20).target == "/told"


def test_a_session_takes_what_requests_takes() -> None:
    """A session is one of requests: its user may not be a client of ours."""
    sandbox = Sandbox(TREE)
    text = json.dumps({"id": "7", "name": "Jürgen"})
    headers = {"X-Key": b"any", "Content-Type": JSON}
    with sandbox.session() as session:
        for data in (text, text.encode(), iter([text.encode()])):
            response = session.put("http://anywhere.test/people/7", data=data, headers=headers)
            assert response.json()["name"] == "Jürgen"
            assert (response.reason, response.ok) == ("OK", True)
        head = session.head("http://anywhere.test/people/7", headers={"X-Key": "any"})
    assert (head.status_code, head.content) == (200, b"")
