"""Operation Objects: parameters, request bodies and responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.document.model import template
from dynaclient.document.operations import OperationBuilder
from tests.small import one, param, said

TEMPLATES = [
    ("/a", [("/a", None)]),
    ("/{a}", [("/", None), ("", "a")]),
    ("/{a}{b}-{c}/d", [("/", None), ("", "a"), ("", "b"), ("-", None), ("", "c"), ("/d", None)]),
    ("/{a", [("/{a", None)]),
    ("/a}", [("/a}", None)]),
    ("/{}", [("/", None), ("", "")]),
    ("", []),
]


@pytest.mark.parametrize(("path", "due"), TEMPLATES)
def test_template(path: str, due: Any) -> None:
    found = template(path)
    assert "".join(literal if name is None else f"{{{name}}}" for literal, name in found) == path
    assert found == due


def test_answers() -> None:
    answers = {"200": said({}), "x-note": said(), "2XX": said(), "default": said(), "404": 5}
    operation = Client(one(answers=answers)).operations["op"]
    assert [answer.status for answer in operation.responses] == ["200", "2XX", "default"]
    assert [operation.response(status).status for status in (200, 204, 500)] == ["200", "2XX", "default"]  # type: ignore[union-attr]
    assert Client(one(answers={"200": said()})).operations["op"].response(404) is None


WHERE = [
    (param("a", "query", {"type": "integer"}), "query", "integer"),
    (param("a", "header"), "header", "string"),
    (
        {"name": "a", "in": "querystring", "content": {"text/plain": {"schema": {"type": "boolean"}}}},
        "query",
        "boolean",
    ),
    ({"name": "a", "in": "cookie", "content": {"text/plain": {}}}, "cookie", None),
]


@pytest.mark.parametrize(("described", "where", "kind"), WHERE)
def test_the_place_and_the_schema_of_a_value(described: dict[str, Any], where: str, kind: str | None) -> None:
    (parameter,) = Client(one("get", "/x", described)).operations["op"].parameters
    schema = parameter.value_schema
    assert (parameter.where, schema and schema.value["type"]) == (where, kind)


def test_each_object_may_be_a_key() -> None:
    """They hold dicts, which have no hash; whoever counts or groups calls has them in sets."""
    scheme = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    tree = one("post", "/x/{id}", param("id", "path"), body={"type": "object"}, answer={}, components=scheme)
    client = Client(tree)
    operation = client.operations["op"]
    assert operation.body is not None
    (media,) = operation.body.content.values()
    schemes = OperationBuilder(client.document).security_schemes()
    things = [operation, *operation.parameters, operation.body, media, *operation.responses, schemes["key"]]
    assert {thing: index for index, thing in enumerate(things)}[things[-1]] == len({*things}) - 1 == 5
    assert operation == client.operations["POST /x/{id}"]
    assert operation != Client(tree).operations["op"]


SHOWN: dict[str, Callable[[Any], str]] = {
    "<Operation op: POST /x/{id}>": lambda op: repr(op).splitlines()[0],
    "  id    in path, required": lambda op: repr(op).splitlines()[1],
    "  dry   in query": lambda op: repr(op).splitlines()[2],
    "  body  application/json, required": lambda op: repr(op).splitlines()[3],
    "  responses: 200": lambda op: repr(op).splitlines()[4],
    "<Parameter dry: in query>": lambda op: repr(op.optional[0]),
    "<RequestBody: application/json, required>": lambda op: repr(op.body),
    "<MediaType application/json>": lambda op: repr(op.body.content["application/json"]),
    "<ResponseObject 200: application/json>": lambda op: repr(op.responses[0]),
    "<Node #/paths/~1x~1{id}/post>": lambda op: repr(op.node),
}


@pytest.mark.parametrize("due", SHOWN)
def test_each_object_is_shown_in_lines_that_do_not_repeat_the_document(due: str) -> None:
    parameters = (param("dry"), param("id", "path"))
    tree = one("post", "/x/{id}", *parameters, body={"type": "object"}, answer={})
    assert SHOWN[due](Client(tree).operations["op"]) == due


def test_an_operation_that_takes_nothing_and_promises_nothing_is_two_lines() -> None:
    assert repr(Client(one()).operations["op"]).splitlines()[1:] == ["  responses: 200"]
