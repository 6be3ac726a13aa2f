"""Recorded calls, sent again: what goes out, and what is said of what comes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from dynaclient import Client, ConnectError, Request
from dynaclient.contract.resending import resend, resend_as_it_is
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.archive import read_archive
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange, RecordedResponse
from tests.conftest import Serve
from tests.servers import HANG_UP, closed_port, reply
from tests.small import json_reply, param
from tests.wire.recordings.samples import FOREIGN, SHOP

SECURE = {
    **SHOP,
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}}},
    "security": [{"key": []}],
}
JSON = [("Content-Type", "application/json")]


def exchange(
    method: str = "GET",
    target: str = "/orders/1",
    status: int = 200,
    body: bytes | None = None,
    fields: tuple[tuple[str, str], ...] = (),
    said: dict[str, Any] | None = None,
    missing: str = "",
) -> RecordedExchange:
    kind = tuple(JSON) if body else ()
    return RecordedExchange(
        Request(method, f"http://old.example/v1{target}", (*fields, *kind), body),
        RecordedResponse(status, "", Headers(JSON), b'{"id": 1}') if status else None,
        said=said or {"operation": "getOrder"},
        missing=missing,
    )


def archive(*exchanges: RecordedExchange) -> Archive:
    return Archive(exchanges, {"server": "http://old.example/v1"})


def test_with_a_document(serve: Serve) -> None:
    server = serve(
        json_reply({"id": 1}),
        json_reply({"id": "x"}),
        json_reply({}, 404),
        reply(200, b"id", [("Content-Type", "text/csv")]),
    )
    client = Client(SECURE, server=f"{server.url}/v2", credentials={"key": "mine"})
    found = [*resend(client, archive(*[exchange(target="/orders/1?key=***")] * 4))]
    assert [each.target for each in server.requests] == ["/v2/orders/1?key=mine"] * 4
    assert [each.status for each in found] == [200, 200, 404, 200]
    assert [each.ok for each in found] == [True, False, False, False]
    assert "expected an integer" in str(found[1].violations[0])
    assert found[2].differences == ("status: 404, recorded is 200",)
    assert found[3].differences == ("content type: text/csv, recorded is application/json",)


def test_without_a_document(serve: Serve) -> None:
    server = serve(json_reply({"id": 1}), json_reply({}, 500))
    client = Client(
        {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}},
        server=f"{server.url}/v2",
        retries=0,
    )
    sent = exchange(target="/orders/1?a=1&key=***", fields=(("X-A", "1"), ("Authorization", "***")))
    found = [*resend_as_it_is(client, archive(sent, sent))]
    assert [each.target for each in server.requests] == ["/v2/orders/1?a=1"] * 2
    assert server.requests[0].header("X-A") == "1"
    assert server.requests[0].header("Authorization") is None
    assert [each.differences for each in found] == [(), ("status: 500, recorded is 200",)]


@pytest.mark.parametrize("send", [resend, resend_as_it_is])
def test_what_is_not_sent(send: Any, serve: Serve) -> None:
    server = serve(json_reply({"id": 1}))
    client = Client(SHOP, server=server.url)
    post = exchange("POST", "/orders", 201, b'{"note": "n"}', said={"operation": "makeOrder"})
    lost = exchange("POST", "/orders", 201, said={"operation": "makeOrder"}, missing="too long")
    found = [*send(client, archive(post, lost))]
    assert [each.skipped for each in found] == ["POST is not allowed"] * 2
    found = [*send(client, archive(post, lost), None)]
    assert [each.skipped for each in found] == ["", "its body was not kept: too long"]
    assert [(each.method, each.body) for each in server.requests] == [("POST", b'{"note": "n"}')]
    assert found[0].differences == ("status: 200, recorded is 201",)


@pytest.mark.parametrize("send", [resend, resend_as_it_is])
@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/orders", b'{"note": "***"}'),
        ("/orders", b'{"password": 0}'),
        ("/***", b"{}"),
        ("/orders?page=a***", None),
    ],
)
def test_what_was_taken_out_is_not_sent_as_a_value(
    target: str, body: bytes | None, send: Any, serve: Serve
) -> None:
    server = serve(json_reply({"id": 1}))
    tree: Any = copy.deepcopy(SHOP)
    tree["paths"]["/{any}"] = {"post": {**SHOP["paths"]["/orders"]["post"], "operationId": "any"}}
    tree["paths"]["/{any}"]["parameters"] = [param("any", "path")]
    (found,) = send(Client(tree, server=server.url), archive(exchange("POST", target, 201, body)), None)
    assert (found.skipped, server.requests) == ("a secret was taken out of it", [])


def test_tries_and_redirects_come_of_themselves(serve: Serve) -> None:
    server = serve(json_reply({"id": 1}))
    call = {"operation": "getOrder", "call": 1}
    first, last = exchange(status=503, said=call), exchange(said=call)
    found = [*resend(Client(SHOP, server=server.url), archive(first, last, exchange()))]
    assert [each.ok for each in found] == [True, True]
    assert len(server.requests) == 2


@pytest.mark.parametrize("tool", FOREIGN)
def test_of_a_browser_no_header_of_its_own_is_sent(tool: str, serve: Serve) -> None:
    server = serve(json_reply([{"id": 1}]), json_reply({"id": 3}, 201))
    found = [
        *resend(
            Client(SHOP, server=server.url),
            read_archive(json.dumps(FOREIGN[tool]()).encode(), "it"),
            ["GET", "POST"],
        )
    ]
    assert {each.exchange.request.target for each in found if each.skipped} == {"/style.css"}
    sent = [name for each in server.requests for name, _ in each.fields]
    assert not {"cookie", "Cookie", "accept-language"} & set(sent)
    assert not any("sid" in each.raw.decode() for each in server.requests)


def test_no_response(serve: Serve) -> None:
    server = serve(HANG_UP)
    client = Client(SHOP, server=server.url, retries=0)
    was, never = exchange(), exchange(status=0)
    first, second = resend(client, archive(was, never))
    assert first.differences[0].startswith("no response: GET ")
    assert second.ok
    with pytest.raises(ConnectError):
        [*resend(Client(SHOP, server=f"http://127.0.0.1:{closed_port()}", retries=0), archive(was))]


def test_a_response_where_there_was_none(serve: Serve) -> None:
    client = Client(SHOP, server=serve(json_reply({"id": 1})).url)
    (found,) = resend(client, archive(exchange(status=0)))
    assert found.differences == ("status: 200, recorded is no response",)
