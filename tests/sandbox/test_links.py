"""The sandbox makes responses whose links can be called: create, follow the link, get."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.sandbox import Sandbox
from tests.small import document, param, said

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
CODE = {"type": "string", "pattern": "^u-[0-9]+$"}


def tree(
    parameters: dict[str, Any],
    answer: Any,
    *,
    wanted: Any = CODE,
    version: str = "3.1.0",
    headers: Any = None,
    link: Any = None,
) -> dict[str, Any]:
    """`create`, whose answer has a link `next` with `parameters` to `get`, whose id is `wanted`."""
    node = {"operationId": "get", "parameters": parameters} if link is None else link
    made = said(answer, links={"next": node}, headers=headers or {})
    got = {
        "operationId": "get",
        "parameters": [param("id", "path", wanted), param("id", "query", INTEGER), param("X-At", "header")],
        "requestBody": {"content": {"application/json": {"schema": {"type": ["object"]}}}},
        "responses": {"200": said({"type": "object", "properties": {"id": wanted}})},
    }
    body = {"content": {"application/json": {"schema": {"properties": {"name": TEXT}}}}}
    return document(
        {
            "/things": {
                "post": {
                    "operationId": "create",
                    "requestBody": body,
                    "responses": {"201": made, "default": said({})},
                }
            },
            "/things/{id}": {"put": got},
        },
        version,
    )


def followed(described: dict[str, Any], body: Any = None) -> tuple[Any, Any, list[str]]:
    """The link of what `create` answered, what calling it gave, and the paths that were asked for."""
    with Sandbox(described) as sandbox, Client(described, server=sandbox.url) as client:
        response = client.send("create", body=body or {"name": "Ann"})
        link = response.links["next"]
        assert link.violations == ()
        given = link.send()
        assert given.status == 200
        assert [each.reasons for each in sandbox.received] == [(), ()]
        return link, given.data, [each.target for each in sandbox.received]


OBJECT = {
    "type": "object",
    "properties": {"id": TEXT, "deep": {"type": "object", "properties": {"id": TEXT}}},
}
LISTED = {"type": "array", "items": OBJECT}
CASES: dict[str, tuple[str, Any, Any]] = {
    # the expression for the id; the schema of the answer; that of the id
    "text": ("$response.body#/id", OBJECT, TEXT),
    "a text with a pattern": ("$response.body#/id", OBJECT, CODE),
    "a number in a text": ("$response.body#/id", OBJECT, INTEGER),
    "a number": ("$response.body#/id", {"properties": {"id": INTEGER}}, {"type": "integer", "minimum": 900}),
    "a text for a number": ("$response.body#/id", {"properties": {"id": INTEGER}}, TEXT),
    "one that need not be there": ("$response.body#/deep/id", OBJECT, CODE),
    "one that is not described": ("$response.body#/more/id", {"type": "object"}, CODE),
    "of an item": ("$response.body#/0/id", LISTED, CODE),
    "of an item that cannot be resolved": ("$response.body#/2/id", {**LISTED, "minItems": 2}, CODE),
    "all of the body": ("$response.body", {"type": "string", "minLength": 1}, TEXT),
    "no schema": ("$response.body#/id", {}, CODE),
    "never a dot": ("$response.body#/id", {"properties": {"id": {"enum": [".", "..", "u-1"]}}}, TEXT),
    "one that is null": ("$response.body#/id", {"properties": {"id": {"enum": [None, "u-1"]}}}, CODE),
    "a name with a slash": ("$response.body#/a~1b", {"properties": {"a/b": TEXT}}, CODE),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_link_takes_from_the_body_can_be_used(name: str) -> None:
    expression, answer, wanted = CASES[name]
    link, data, targets = followed(tree({"path.id": expression}, answer, wanted=wanted))
    assert set(link.arguments) == {"path.id"}
    assert targets[1] == f"/things/{link.arguments['path.id']}"
    assert data["id"] == link.arguments["path.id"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize("schema", [TEXT, CODE, None])
def test_a_header_that_a_link_takes_is_sent(version: str, schema: Any) -> None:
    headers = {"X-Id": {"schema": schema} if schema else {}, "X-Other": {"schema": TEXT}}
    described = tree({"path.id": "$response.header.x-id"}, OBJECT, headers=headers, version=version)
    link, data, _ = followed(described)
    assert data["id"] == link.arguments["path.id"]


def test_a_link_takes_from_several_places_at_once() -> None:
    parameters = {
        "path.id": "$response.body#/id",
        "query.id": "$response.body#/deep/id",
        "X-At": "{$response.body#/deep/at}, {$statusCode}",
    }
    node = {"operationId": "get", "parameters": parameters, "requestBody": "$response.body#/body"}
    properties = {"id": TEXT, "body": {"type": "object"}}
    link, _, targets = followed(tree({}, {"type": "object", "properties": properties}, link=node))
    assert set(link.arguments) == {"path.id", "query.id", "X-At"}
    assert type(link.arguments["query.id"]) is int
    assert type(link.body) is dict
    assert targets[1] == f"/things/{link.arguments['path.id']}?id={link.arguments['query.id']}"


def test_another_request_gets_another_id_and_the_same_the_same() -> None:
    described = tree({"path.id": "$response.body#/id"}, OBJECT)
    ids = [followed(described, {"name": name})[1]["id"] for name in ("Ann", "Ann", *"abcdefgh")]
    assert ids[0] == ids[1]
    assert len(set(ids)) > 1


@pytest.mark.parametrize(
    "link",
    [
        {"operationId": "none"},
        {},
        {"$ref": "#/nowhere"},
        {"operationId": "get", "parameters": {"none": 5}},
        5,
    ],
)
def test_a_link_that_leads_nowhere_spoils_no_answer(link: Any) -> None:
    described = tree({}, OBJECT, link=link)
    with Sandbox(described) as sandbox, Client(described, server=sandbox.url) as client:
        assert client.send("create", body={}).violations == ()


def test_the_schema_of_the_answer_goes_before_the_link() -> None:
    answer = {"type": "object", "properties": {"id": {"const": "x"}}, "additionalProperties": False}
    described = tree({"path.id": "$response.body#/id", "query.id": "$response.body#/no"}, answer)
    with Sandbox(described) as sandbox, Client(described, server=sandbox.url) as client:
        assert client.call("create", body={}) in ({"id": "x"}, {})
