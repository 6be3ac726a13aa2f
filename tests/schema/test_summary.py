"""Schemas in words: each keyword that a person should see, in each version; junk does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.document.document import Document
from dynaclient.document.node import Node
from dynaclient.document.opening import open_document
from dynaclient.schema.summary import MAX_VALUES, Outlines, one_line

SCHEMAS: dict[str, Any] = {
    "Cat": {"type": "object", "description": "A cat.", "properties": {"purrs": {"type": "boolean"}}},
    "Dog": {"type": "object", "required": ["barks"], "properties": {"barks": {"type": "boolean"}}},
    "Code": {"type": "string", "enum": ["a", "b"]},
    "Loop": {"$ref": "#/components/schemas/Loop"},
    "Self": {"type": "object", "properties": {"self": {"$ref": "#/components/schemas/Self"}}},
}
CAT, DOG = {"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}


def opened(schema: Any, version: str = "3.1.0") -> tuple[Outlines, Node]:
    """The outlines of a document, and the place of `schema` in it."""
    components = {"schemas": {**SCHEMAS, "X": {"properties": {"it": schema}}}}
    document: Document = open_document(
        {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, "components": components}
    )
    node = document.root.get("components", "schemas", "X", "properties", "it")
    assert node is not None
    return Outlines(document), node


KINDS: list[tuple[Any, str, str]] = [
    ({"type": "string"}, "3.0.3", "string"),
    ({"type": "string", "format": "date-time"}, "3.0.3", "string (date-time)"),
    ({"type": "integer", "nullable": True}, "3.0.3", "integer or null"),
    ({"type": ["integer", "null"]}, "3.1.0", "integer or null"),
    ({"type": "array", "items": {"type": "array", "items": CAT}}, "3.0.3", "array of array of Cat"),
    ({"type": "array"}, "3.1.0", "array"),
    ({"items": {"type": "string"}}, "3.1.0", "array of string"),
    ({"properties": {}}, "3.1.0", "any"),
    ({"properties": {"a": {}}}, "3.1.0", "object"),
    (CAT, "3.0.3", "Cat"),
    ({"allOf": [CAT]}, "3.0.3", "object"),
    ({"oneOf": [CAT, DOG]}, "3.0.3", "Cat or Dog"),
    ({"anyOf": [CAT, {"type": "string"}]}, "3.0.3", "Cat and/or string"),
    ({"anyOf": [CAT, {"type": "null"}]}, "3.1.0", "Cat or null"),
    ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "3.1.0", "string or null"),
    ({**CAT, "nullable": True}, "3.0.3", "Cat or null"),
    ({"$ref": "#/components/schemas/Code"}, "3.0.3", "string"),
    ({"$ref": "#/components/schemas/Loop"}, "3.0.3", "any"),
    ({"$ref": "#/components/schemas/none"}, "3.0.3", "any"),
    ({"enum": [1, "a"]}, "3.0.3", "value"),
    ({}, "3.0.3", "any"),
    (True, "3.1.0", "any"),
]


@pytest.mark.parametrize(("schema", "version", "kind"), KINDS)
def test_the_type_in_words(schema: Any, version: str, kind: str) -> None:
    outlines, node = opened(schema, version)
    assert outlines.kind(node) == kind


LIMITS: list[tuple[Any, str, list[str]]] = [
    ({"minimum": 1, "maximum": 5}, "3.0.3", ["1..5"]),
    ({"minimum": 1}, "3.0.3", [">= 1"]),
    ({"maximum": 1.5}, "3.0.3", ["<= 1.5"]),
    ({"minimum": 1, "exclusiveMinimum": True}, "3.0.3", ["> 1"]),
    ({"exclusiveMaximum": 9}, "3.1.0", ["< 9"]),
    ({"minLength": 3, "maxLength": 3}, "3.0.3", ["length 3"]),
    ({"maxItems": 4, "uniqueItems": True}, "3.0.3", ["items <= 4", "no item twice"]),
    ({"minProperties": 1}, "3.0.3", ["properties >= 1"]),
    ({"multipleOf": 0.01}, "3.0.3", ["multiple of 0.01"]),
    ({"pattern": "^a$"}, "3.0.3", ["matches ^a$"]),
    ({"default": None}, "3.0.3", ["default null"]),
    ({"enum": ["a", 1]}, "3.0.3", ['one of "a", 1']),
    ({"const": {"a": 1}}, "3.1.0", ['is {"a": 1}']),
    ({"const": "no keyword of 3.0"}, "3.0.3", []),
    ({"readOnly": True, "deprecated": True}, "3.0.3", ["read only", "deprecated"]),
    ({"type": "array", "items": {"maxLength": 9, "readOnly": True}}, "3.0.3", ["each length <= 9"]),
    ({"properties": {"a": {}}, "additionalProperties": False}, "3.0.3", ["no other properties"]),
    ({"minimum": "many", "maxLength": -1, "enum": [], "pattern": 5}, "3.0.3", []),
]


@pytest.mark.parametrize(("schema", "version", "limits"), LIMITS)
def test_the_limits_in_words(schema: Any, version: str, limits: list[str]) -> None:
    outlines, node = opened(schema, version)
    assert outlines.limits(node) == limits


def test_a_long_enum_is_cut() -> None:
    outlines, node = opened({"enum": list(range(1000))})
    (text,) = outlines.limits(node)
    assert text.startswith("one of 0, 1, 2")
    assert f", {MAX_VALUES - 1}, ... (1000 values)" in text


MEMBERS: list[tuple[Any, list[str]]] = [
    (DOG, ["barks*"]),
    ({"type": "array", "items": DOG}, ["barks*"]),
    ({"allOf": [CAT, DOG, {"required": ["purrs"]}]}, ["purrs*", "barks*"]),
    ({"oneOf": [CAT, DOG]}, ["one of 1", "one of 2"]),
    ({"properties": {"a": {}}, "anyOf": [CAT, DOG]}, ["a", "any of 1", "any of 2"]),
    ({"anyOf": [CAT, {"type": "null"}]}, ["purrs"]),
    ({"additionalProperties": CAT}, ["(any other name)"]),
    ({"additionalProperties": True}, []),
    ({"patternProperties": {"^x-": {}}}, ["(names like ^x-)"]),
    ({"prefixItems": [CAT, DOG], "items": {"type": "string"}}, ["[0]", "[1]"]),
    ({"type": "string"}, []),
]


@pytest.mark.parametrize(("schema", "labels"), MEMBERS)
def test_the_members(schema: Any, labels: list[str]) -> None:
    outlines, node = opened(schema)
    assert [each.label + "*" * each.required for each in outlines.members(node)] == labels


def test_words_beside_a_reference_count() -> None:
    for version in ("3.0.3", "3.1.0"):
        outlines, node = opened({**CAT, "description": "My cat."}, version)
        assert outlines.of(node).description == "My cat."
        assert outlines.of(node).name == "Cat"
    outlines, node = opened(CAT)
    assert outlines.of(node).description == "A cat."


def test_a_schema_that_holds_itself_has_the_same_place_inside() -> None:
    outlines, node = opened({"$ref": "#/components/schemas/Self"})
    (member,) = outlines.members(node)
    assert outlines.inner(member.node).place == outlines.inner(node).place


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type items properties required allOf anyOf oneOf enum const pattern default format"
                " $ref nullable prefixItems additionalProperties minimum exclusiveMinimum"
                " patternProperties description".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JUNK, st.sampled_from(["3.0.3", "3.1.0"]))
def test_junk_in_a_document_is_never_an_error(schema: Any, version: str) -> None:
    outlines, node = opened(schema, version)
    assert isinstance(outlines.kind(node), str)
    assert all(isinstance(text, str) for text in outlines.limits(node))
    for member in outlines.members(node):
        assert isinstance(outlines.kind(member.node), str)


def test_one_line_is_the_first_paragraph() -> None:
    assert one_line("  A\n  line.\n\nMore.") == "A line."
