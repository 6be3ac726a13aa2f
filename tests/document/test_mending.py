"""Overlays that mend what was found: applied, the findings go and what the document means stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Client
from dynaclient.client import executor_of
from dynaclient.document.mending import json_path, mends, overlay_of
from dynaclient.document.overlay import Overlay, apply_overlays
from dynaclient.errors import Finding
from dynaclient.lint import lint
from tests.small import document, one, param, said

TEXT = {"type": "string"}


def schema(value: Any, version: str = "3.0.3") -> dict[str, Any]:
    return one("post", body={"type": "object", "properties": {"a": value}}, version=version)


def found(client: Client) -> list[Finding]:
    return list(lint(executor_of(client), examples=True))


def path_item(operation: dict[str, Any], path: str = "/x") -> dict[str, Any]:
    return document({path: {"get": {"operationId": "op", "responses": {"200": said()}, **operation}}})


MENDED: dict[str, dict[str, Any]] = {
    "a type that is none": schema({"type": "text"}),
    "a type in capitals": schema({"type": "String"}),
    "a type of several": schema({"type": ["text", "null"]}, "3.1.0"),
    "a number as text": schema({"type": "string", "maxLength": "5"}),
    "a bound that is no number": schema({"type": "string", "maxLength": "many"}),
    "a pattern that cannot be read": schema({"type": "string", "pattern": "[[:upper:]"}),
    "nullable in 3.1": schema({**TEXT, "nullable": True}, "3.1.0"),
    "nullable beside an enum in 3.1": schema({**TEXT, "enum": ["x"], "nullable": True}, "3.1.0"),
    "a keyword of 3.1 in 3.0": schema({**TEXT, "const": "x"}),
    "a bound without what it excludes": schema({"type": "number", "exclusiveMinimum": True}),
    "a path parameter that is optional": one("get", "/x/{a}", {"name": "a", "in": "path", "schema": TEXT}),
    "a path parameter that says so": one(
        "get", "/x/{a}", {"name": "a", "in": "path", "required": False, "schema": TEXT}
    ),
    "a path parameter that is not declared": one("get", "/x/{a}"),
    "another one beside it": one("get", "/x/{a}/{b}", param("a", "path")),
    "a status with words": path_item({"responses": {"200 OK": said(TEXT)}}),
    "a path without a slash": path_item({}, "x"),
    "no description of a response": path_item({"responses": {"200": {}}}),
    "a reference to another place": {
        **one(answer={"$ref": "#/components/schema/A"}),
        "components": {"schemas": {"A": TEXT}},
    },
    "an operationId twice": document(
        {each: {"get": {"operationId": "op", "responses": {"200": said()}}} for each in ("/x", "/y")}
    ),
    "what is found in what is renamed": path_item({"responses": {"200 OK": said({"type": "text"})}}, "x"),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_is_mended_is_found_no_more(name: str) -> None:
    before = Client(MENDED[name])
    findings = found(before)
    assert findings
    overlay = overlay_of("Mends", mends(before.document, findings))
    after = Client(MENDED[name], overlays=[overlay])
    assert [str(each) for each in found(after)] == []
    assert [*after.operations] == [*before.operations]
    for key in before.operations:  # it means what it meant
        old, new = before.operations[key], after.operations[key]
        assert [each.key for each in new.parameters] == [each.key for each in old.parameters]
        assert [each.status for each in new.responses] == [each.status for each in old.responses]


LEFT: dict[str, dict[str, Any]] = {
    "a reference to nothing": one(answer={"$ref": "#/components/schemas/None"}),
    "a header that is set in another way": one("get", "/x", param("Accept", "header")),
    "a scheme that nobody asks for": one(
        components={"securitySchemes": {"k": {"type": "http", "scheme": "basic"}}}
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_has_no_certain_mend_is_left(name: str) -> None:
    client = Client(LEFT[name])
    assert found(client)
    assert mends(client.document, found(client)) == []


def test_several_items_of_an_array_are_taken_out_from_its_end() -> None:
    wrong = [{"in": "query", "schema": TEXT}, param("good"), {"in": "nowhere", "name": "b"}]
    client = Client(one("get", "/x", *wrong))
    overlay = overlay_of("Mends", mends(client.document, found(client)))
    after = Client(one("get", "/x", *wrong), overlays=[overlay])
    assert [each.name for each in after.operations["op"].parameters] == ["good"]
    assert found(after) == []


def test_swagger_and_other_files_are_not_mended() -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x/{a}": {"get": {"responses": {}}}},
    }
    client = Client(old)
    assert mends(client.document, found(client)) == []
    elsewhere = Finding("file:///b.yaml#/a", "warning", "x", "it is left out")
    assert mends(Client(one()).document, [elsewhere]) == []


# control characters: the library refuses them as escapes too, which RFC 9535 allows
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), min_size=1, max_size=3))
def test_a_path_leads_to_where_it_was_made_for(names: list[str]) -> None:
    tree: Any = "old"
    for name in reversed(names):
        tree = {name: tree, f"{name}'": 1}
    action = {"target": json_path(tuple(names)), "update": "new"}
    overlay = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [action]}
    result = apply_overlays(tree, [Overlay("o", overlay)]).tree
    for name in names:
        result = result[name]
    assert result == "new"
