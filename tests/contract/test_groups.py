"""Failures of one cause are one group, with what the document says and what the server did."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from dynaclient import Client
from dynaclient.contract import OperationReport, Report, run
from dynaclient.contract.agreed import OperationSettings
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

SECRET = "s3cr3t-key"
ITEM = {"$ref": "#/components/schemas/Item"}
PATHS: dict[str, Any] = {
    f"/{name}": {
        "get": {
            "operationId": name,
            "parameters": [param("limit", "query", {"type": "integer", "minimum": 1})],
            "responses": {"200": said({"type": "array", "items": ITEM})},
        }
    }
    for name in ("one", "two", "broken", "gone")
}
DOCUMENT = document(
    PATHS,
    components={
        "schemas": {"Item": {"properties": {"price": {"type": "number"}}}},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Key"}},
    },
    security=[{"key": []}],
)


def answer(request: Recorded) -> bytes:
    path, _, query = request.target.partition("?")
    if query and not (query.removeprefix("limit=").isdigit() and query != "limit=0"):
        return reply(400)
    if path == "/broken":
        return reply(500, f"boom {SECRET}".encode(), [("Content-Type", "text/plain")])
    if path == "/gone":
        return reply(404)
    return reply(200, json.dumps([{"price": "1"}]).encode(), JSON)


@pytest.fixture
def client(serve: Any) -> Client:
    return Client(DOCUMENT, server=serve(answer).url, credentials={"key": SECRET})


def test_one_cause_is_one_group(client: Client) -> None:
    report = run(client, cases=2, phases=["coverage"])
    price, boom = sorted(report.groups, key=lambda each: each.shown.check)
    assert price.operations == ("one", "two")
    assert str(price).splitlines()[:4] == [
        'one: body_documented: body at /0/price: expected a number, got a string ("1")',
        "    also in two",
        '    document: /components/schemas/Item/properties/price/type: "number"',
        '    response: 200, application/json: [{"price": "1"}]',
    ]
    assert boom.operations == ("broken",)
    assert "    response: 500, text/plain: boom ***" in str(boom).splitlines()
    assert "    # or" in str(boom).splitlines()
    assert SECRET not in str(price) + str(boom)


def test_a_value_that_the_server_says_again_does_not_part_one_cause(serve: Any) -> None:
    paths = {
        path: {"get": {"parameters": [param("tag", "query", {"type": "string", "minLength": size})]}}
        for path, size in (("/a", 9), ("/b", 12))
    }
    for path, size in (("/a", 9), ("/b", 12)):
        paths[path]["get"] |= {"operationId": path[1:], "responses": {"200": {"description": str(size)}}}

    def refusing(request: Recorded) -> bytes:
        tag = unquote(request.target.partition("?tag=")[2])
        return reply(400, f"no tag is called {tag}".encode()) if tag else reply(200)

    client = Client(document(paths), server=serve(refusing).url)
    (group,) = run(client, phases=["coverage"], checks=["valid_is_taken"]).groups
    assert group.operations == ("a", "b")


def test_the_summary_claims_no_more_than_was_seen(client: Client) -> None:
    report = run(client, cases=2, phases=["coverage"])
    assert report.succeeded == 50.0
    by_name = {each.operation: each for each in report.operations}
    assert by_name["gone"].verdict == "never succeeded (404 only)"
    assert [each.documented for each in report.operations] == [True, True, False, False]
    assert report.coverage is not None
    statuses = dict(report.coverage.items("statuses"))
    assert [name for (name, _), tried in statuses.items() if tried] == ["one", "two"]
    assert report.requests == sum(each.requests for each in report.operations)


def test_what_was_agreed_on_is_no_failure_and_is_said(client: Client) -> None:
    agreed = {
        "broken": OperationSettings(statuses=[500]),
        "one": OperationSettings(
            off={"body_documented": "prices are texts until May"}, parameters={"limit": 3}
        ),
    }
    sent: list[Any] = []
    report = run(client, cases=2, phases=["coverage"], operations=agreed, observe=sent.append)
    assert [each.operation for each in report.failures] == ["two"]
    by_name = {each.operation: each.skipped for each in report.operations}
    assert "body_documented is off: prices are texts until May" in by_name["one"]
    assert "no_server_error is off: 500 is expected" in by_name["broken"]
    limits = {
        each.case.arguments["query.limit"]
        for each in sent
        if each.case.operation == "one" and not each.case.fault and "query.limit" in each.case.arguments
    }
    assert limits == {3}
    report = run(client, phases=["coverage"], off={"body_documented": "later"})
    assert {each.check for each in report.failures} == {"no_server_error"}
    assert report.off == {"body_documented": "later"}


def test_a_percentage_of_nothing() -> None:
    assert Report(()).succeeded == 0.0
    assert Report((OperationReport("a", documented=True), OperationReport("b"))).succeeded == 50.0
