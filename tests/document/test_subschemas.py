"""The schemas in a Schema Object, and those that they lead to: each once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import Draft202012Validator
from jsonschema_specifications import REGISTRY

from dynaclient.document import subschemas
from dynaclient.document.node import Node
from dynaclient.document.subschemas import closure, inside, under

ONE: dict[str, Any] = {"type": "string"}
TWO: dict[str, Any] = {"type": "null"}
INSIDE: list[tuple[Any, list[tuple[tuple[Any, ...], Any]]]] = [
    ({"items": ONE}, [(("items",), ONE)]),
    ({"additionalProperties": False}, [(("additionalProperties",), False)]),
    ({"allOf": [ONE, True]}, [(("allOf", 0), ONE), (("allOf", 1), True)]),
    ({"properties": {"a/b": ONE}}, [(("properties", "a/b"), ONE)]),
    ({"not": ONE, "if": TWO}, [(("not",), ONE), (("if",), TWO)]),
    ({"items": [ONE]}, []),  # of older drafts
    ({"allOf": {"0": ONE}, "properties": [ONE], "not": None}, []),
    ({"enum": [ONE], "default": {"items": ONE}, "x-items": ONE}, []),
    (True, []),
    (None, []),
    ([ONE], []),
]


@pytest.mark.parametrize(("schema", "expected"), INSIDE, ids=str)
def test_what_a_schema_holds(schema: Any, expected: list[Any]) -> None:
    assert [*inside(schema)] == expected


def test_keywords_are_looked_at_in_the_order_asked_for() -> None:
    schema = {"oneOf": [ONE], "anyOf": [TWO], "items": ONE}
    assert [steps for steps, _ in inside(schema, ("anyOf", "oneOf"))] == [("anyOf", 0), ("oneOf", 0)]
    assert [place.pointer for place in under(Node(schema), "items", "oneOf")] == ["/items", "/oneOf/0"]
    assert [place.pointer for place in under(Node({"properties": {"a/b": ONE}}), "properties")] == [
        "/properties/a~1b"
    ]


def _of_the_metaschema() -> dict[str, set[str]]:
    """The keywords of JSON Schema 2020-12 that hold schemas, as its vocabularies say."""
    found: dict[str, set[str]] = {"SCHEMAS": set(), "LISTS": set(), "MAPS": set()}
    vocabularies = [each["$ref"] for each in Draft202012Validator.META_SCHEMA["allOf"]]
    for name in vocabularies:
        schema = REGISTRY.contents(f"https://json-schema.org/draft/2020-12/{name}")
        for keyword, member in schema["properties"].items():
            if member == {"$dynamicRef": "#meta"}:
                found["SCHEMAS"].add(keyword)
            elif member == {"$ref": "#/$defs/schemaArray"}:
                found["LISTS"].add(keyword)
            elif isinstance(member, dict) and member.get("additionalProperties") == {"$dynamicRef": "#meta"}:
                found["MAPS"].add(keyword)
    return found


def test_the_keywords_are_those_of_json_schema() -> None:
    """`contentSchema` is about what a text holds; `definitions` is what `$defs` was called before."""
    expected = _of_the_metaschema()
    assert expected["SCHEMAS"] - {"contentSchema"} == subschemas.SCHEMAS
    assert expected["LISTS"] == subschemas.LISTS
    assert expected["MAPS"] | {"definitions"} == subschemas.MAPS
    assert subschemas.PARTS | {*subschemas.BESIDE} < subschemas.SCHEMAS | subschemas.LISTS | subschemas.MAPS


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted(subschemas.SCHEMAS | subschemas.LISTS | subschemas.MAPS))
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(ANYTHING)
def test_places_hold_what_the_schema_holds(schema: Any) -> None:
    """Whatever stands where schemas are expected."""
    held = [*inside(schema)]
    found = [
        place
        for keyword in dict.fromkeys(steps[0] for steps, _ in held)
        for place in under(Node(schema), keyword)
    ]
    assert [place.value for place in found] == [each for _, each in held]


def _members(schema: dict[str, Any]) -> list[Any]:
    return [each for _, each in inside(schema)]


def test_each_is_met_once_and_followed_by_what_it_leads_to() -> None:
    shared = {"title": "shared"}
    first, second = {"title": "first", "allOf": [shared, True]}, {"title": "second", "items": shared}
    found = closure([{"title": "all", "allOf": [first, second, first]}], _members)
    assert [each["title"] for each in found] == ["all", "first", "shared", "second"]


def test_circles_end_and_depth_does_not_matter() -> None:
    circle: dict[str, Any] = {}
    circle["not"] = circle
    assert [*closure([circle], _members)] == [circle]
    deep: dict[str, Any] = {}
    for _ in range(20_000):
        deep = {"not": deep}
    assert sum(1 for _ in closure([deep], _members)) == 20_001
    node = Node({"allOf": [{}]})
    assert [each.pointer for each in closure([node, node], lambda each: under(each, "allOf"))] == [
        "",
        "/allOf/0",
    ]


def test_no_more_than_asked_for() -> None:
    assert len([*closure([{"n": n} for n in range(9)], _members, 4)]) == 4
