"""What of a recording a newer document breaks: each change of the document, and what is said of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from dynaclient import Client, Request
from dynaclient.contract.recordings import check_archive
from dynaclient.wire.headers import Headers
from dynaclient.wire.recordings.archive import read_archive
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange, RecordedResponse
from tests.small import document, param, said
from tests.wire.recordings.samples import FOREIGN, SHOP

JSON = [("Content-Type", "application/json")]
ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "token": {"type": "string", "pattern": "^[a-z]+$"}},
}
OLD = document(
    {
        "/orders/{id}": {
            "get": {
                "operationId": "getOrder",
                "parameters": [
                    param("id", "path", {"type": "integer"}),
                    param("view"),
                    param("X-Trace", "header"),
                    param("filter", schema={"type": "object"}, style="deepObject", explode=True),
                ],
                "responses": {"200": said(ORDER), "404": said({})},
            },
            "put": {
                "operationId": "putOrder",
                "parameters": [param("id", "path", {"type": "integer"})],
                "requestBody": {"content": {"application/json": {"schema": ORDER}}},
                "responses": {"200": said(ORDER), "204": said()},
            },
        }
    },
    servers=[{"url": "https://shop.example/v1"}],
)


def exchange(
    method: str = "GET",
    target: str = "/orders/1?view=full",
    status: int = 200,
    content: Any = None,
    body: Any = None,
    operation: str = "getOrder",
    headers: list[tuple[str, str]] | None = None,
    **rest: Any,
) -> RecordedExchange:
    sent = () if body is None else json.dumps(body).encode()
    fields = (("X-Trace", "t"), *(JSON if body is not None else ()))
    came = b"" if content is None else json.dumps(content).encode()
    response = RecordedResponse(status, "", Headers(headers or (JSON if came else [])), came)
    return RecordedExchange(
        Request(method, f"http://localhost:99/v1{target}", tuple(fields), sent or None),
        response,
        said={"operation": operation} if operation else {},
        **rest,
    )


GET = exchange(content={"id": 1})
PUT = exchange("PUT", "/orders/1", content={"id": 1}, body={"id": 1}, operation="putOrder")
Change = Callable[[dict[str, Any]], Any]


def get(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tree["paths"]["/orders/{id}"]["get"]
    return found


def schema(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = get(tree)["responses"]["200"]["content"]["application/json"]["schema"]
    return found


def moved(tree: dict[str, Any]) -> None:
    tree["paths"]["/order/{id}"] = tree["paths"].pop("/orders/{id}")


CHANGES: list[tuple[RecordedExchange, Change, str, str]] = [
    (GET, lambda tree: None, "", ""),
    (GET, lambda tree: get(tree).update(operationId="readOrder"), "called 'readOrder' now", ""),
    (GET, moved, "the document has no such path; getOrder is GET /order/{id} now", ""),
    (GET, lambda tree: tree["paths"]["/orders/{id}"].pop("get"), "GET is not documented there, but PUT", ""),
    (GET, lambda tree: get(tree)["parameters"].pop(1), "view: getOrder has no such parameter", ""),
    (
        GET,
        lambda tree: get(tree)["parameters"][1].update(schema={"enum": ["x"]}),
        'query view: "full" is not',
        "",
    ),
    (GET, lambda tree: get(tree)["parameters"].append(param("n", required=True)), "query n: missing", ""),
    (GET, lambda tree: get(tree)["parameters"][2].update(schema={"maxLength": 0}), "header X-Trace", ""),
    (GET, lambda tree: schema(tree).update(required=["id", "name"]), "", "body: 'name' is missing"),
    (GET, lambda tree: get(tree)["responses"].pop("200"), "", "status 200"),
    (GET, lambda tree: get(tree)["responses"].update({"200": said({}, "text/csv")}), "", "text/csv"),
    (exchange(target="/orders/1?filter[a]=1", content={"id": 1}), lambda tree: None, "", ""),
    (exchange(target="/orders/x", content={"id": 1}), lambda tree: None, "path id: expected an integer", ""),
    (exchange(status=404, content={}), lambda tree: get(tree)["responses"].pop("404"), "", ""),
    (
        exchange(status=404, content={}),
        lambda tree: get(tree)["responses"].update({"404": said({"type": "array"})}),
        "",
        "expected an array",
    ),
    (exchange(status=302, headers=[("Location", "/v1/orders/2")]), lambda tree: None, "", ""),
    (
        exchange(status=302, headers=[("Location", "https://else.example/")]),
        lambda tree: None,
        "",
        "302",
    ),
    (exchange(status=202), lambda tree: None, "", ""),
    (exchange(content={"id": 1, "token": "***"}), lambda tree: None, "", ""),
    (
        exchange(target="/orders/1?view=***", content={"id": 1}),
        lambda tree: get(tree)["parameters"].pop(1),
        "",
        "",
    ),
    (
        exchange(target="/orders/1?view=***", content={"id": 1}),
        lambda tree: get(tree)["parameters"][1].update(schema={"enum": ["x"]}),
        "",
        "",
    ),
    (PUT, lambda tree: None, "", ""),
    (PUT, lambda tree: ORDER_OF_BODY(tree).update(required=["name"]), "body: 'name' is missing", ""),
    (
        exchange("PUT", "/orders/1", 204, body={"id": 1, "token": "***"}, operation="putOrder"),
        lambda tree: None,
        "",
        "",
    ),
    (
        exchange("PUT", "/orders/1", 204, body={"id": "x"}, operation="putOrder", missing="not kept"),
        lambda tree: None,
        "",
        "",
    ),
    (exchange("HEAD", "/orders/1"), lambda tree: None, "", ""),
]


def ORDER_OF_BODY(tree: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
    put = tree["paths"]["/orders/{id}"]["put"]
    put["requestBody"] = copy.deepcopy(put["requestBody"])
    found: dict[str, Any] = put["requestBody"]["content"]["application/json"]["schema"]
    return found


@pytest.mark.parametrize(("recorded", "change", "request_said", "response_said"), CHANGES)
def test_what_a_change_breaks(
    recorded: RecordedExchange, change: Change, request_said: str, response_said: str
) -> None:
    tree = copy.deepcopy(OLD)
    change(tree)
    archive = Archive((recorded,), {"server": "http://localhost:99/v1"})
    (found,) = check_archive(Client(tree, cache=False), archive)
    for violations, expected in ((found.request, request_said), (found.response, response_said)):
        assert bool(violations) is bool(expected), violations
        assert expected in "; ".join(map(str, violations))
    assert found.ok is not bool(request_said or response_said)


@pytest.mark.parametrize("tool", FOREIGN)
def test_of_another_tool_what_is_not_of_the_api_is_passed_over(tool: str) -> None:
    archive = read_archive(json.dumps(FOREIGN[tool]()).encode(), "it")
    found = {each.exchange.request.target: each for each in check_archive(Client(SHOP), archive)}
    assert [each.exchange.request.target for each in found.values() if not each.is_known] == ["/style.css"]
    broken = [target for target, each in found.items() if not each.ok]
    assert broken == ([] if tool != "mitmproxy" else ["/orders/1"])  # whose body it says is empty


def test_the_path_of_a_server_is_left_away() -> None:
    for server in ("https://shop.example/v1", "http://localhost:99/v1"):
        client = Client(OLD, server=server, cache=False)
        (found,) = check_archive(client, Archive((GET,)))
        assert found.operation == "getOrder"
    (found,) = check_archive(Client(OLD, cache=False), Archive((GET,)))
    assert found.operation == "getOrder"
