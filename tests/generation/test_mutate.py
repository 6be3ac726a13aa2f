"""Every mutation breaks one keyword: both judges refuse it, and it differs from the value in one location."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dynaclient.generation.choices import Seeded
from dynaclient.generation.generator import Generator
from dynaclient.generation.mutate import Mutation, mutations

# (schema, a value that meets it, the mutations that must come out: pointer, keyword, value)
TABLE: list[tuple[Any, Any, list[tuple[str, str, Any]]]] = [
    ({"type": "string"}, "a", [("", "type", 0.5), ("", "type", None)]),
    ({"type": ["string", "null"]}, "a", [("", "type", 0.5)]),
    ({"type": "integer"}, 1, [("", "type", "text"), ("", "type", None)]),
    ({"type": "object"}, {}, [("", "type", "text"), ("", "type", None)]),
    ({"enum": ["a", "b"]}, "a", [("", "enum", "a-x"), ("", "enum", "A")]),
    ({"enum": [1, 2]}, 1, [("", "enum", 3), ("", "enum", 4)]),
    ({"const": True}, True, [("", "const", False), ("", "const", "text")]),
    ({"minimum": 3}, 5, [("", "minimum", 2)]),
    ({"minimum": 2.5}, 5, [("", "minimum", 2)]),
    ({"maximum": 3}, 2, [("", "maximum", 4), ("", "maximum", 10**20)]),
    ({"maximum": 2**63 - 1}, 2, [("", "maximum", 2**63)]),
    ({"exclusiveMinimum": 3}, 5, [("", "exclusiveMinimum", 3)]),
    ({"exclusiveMaximum": 3}, 2, [("", "exclusiveMaximum", 3)]),
    ({"multipleOf": 3}, 6, [("", "multipleOf", 7)]),
    ({"multipleOf": 0.5}, 1.5, [("", "multipleOf", 1.75)]),
    ({"minLength": 2}, "abc", [("", "minLength", "a")]),
    ({"maxLength": 3}, "ab", [("", "maxLength", "abaa")]),
    ({"pattern": "^[0-9]{4,6}$"}, "1234", [("", "pattern", "!234"), ("", "pattern", "123412341234")]),
    ({"pattern": "^[a-z]+$"}, "abc", [("", "pattern", "!bc"), ("", "pattern", "ABC")]),
    ({"format": "date"}, "2024-01-01", [("", "format", "x"), ("", "format", "2023-02-29")]),
    (
        {"required": ["a", "b"]},
        {"a": 1, "b": 2},
        [("/a", "required", {"b": 2}), ("/b", "required", {"a": 1})],
    ),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 2}, [("/b", "dependentRequired", {"a": 1})]),
    ({"additionalProperties": False}, {}, [("", "additionalProperties", {"unexpected": "text"})]),
    ({"additionalProperties": {"type": "string"}}, {}, [("", "additionalProperties", {"unexpected": 0.5})]),
    ({"unevaluatedProperties": False}, {}, [("", "unevaluatedProperties", {"unexpected": "text"})]),
    ({"minProperties": 2}, {"a": 1, "b": 2}, [("", "minProperties", {"a": 1})]),
    ({"maxProperties": 1}, {"a": 1}, [("", "maxProperties", {"a": 1, "unexpected-0": "text"})]),
    ({"propertyNames": {"maxLength": 3}}, {}, [("", "propertyNames", {"unexpected": "text"})]),
    ({"minItems": 2}, [1, 2], [("", "minItems", [1])]),
    ({"maxItems": 1, "items": {"const": 1}}, [1], [("", "maxItems", [1, 1])]),
    ({"uniqueItems": True}, [1, 2], [("", "uniqueItems", [1, 1])]),
    ({"contains": {"const": 1}}, [1, 2], [("", "contains", [2])]),
    ({"prefixItems": [{"const": 1}], "items": False}, [1], [("", "items", [1, "text"])]),
    ({"properties": {"a/b": {"minimum": 3}}}, {"a/b": 4, "c": 1}, [("/a~1b", "minimum", {"a/b": 2, "c": 1})]),
    ({"patternProperties": {"^x": {"maximum": 1}}}, {"x~": 1}, [("/x~0", "maximum", {"x~": 2})]),
    ({"additionalProperties": {"minimum": 0}}, {"a": 0}, [("/a", "minimum", {"a": -1})]),
    ({"items": {"minimum": 0}}, [5, 6, 7], [("/0", "minimum", [-1, 6, 7]), ("/1", "minimum", [5, -1, 7])]),
    ({"allOf": [{"minimum": 0}, {"maximum": 9}]}, 5, [("", "minimum", -1), ("", "maximum", 10)]),
    ({"$ref": "#/$defs/Small", "minimum": 0}, 5, [("", "minimum", -1), ("", "maximum", 10)]),
    ({"anyOf": [{"type": "string", "maxLength": 1}, {"type": "null"}]}, "a", [("", "maxLength", "aa")]),
    ({"if": {"minimum": 5}, "then": {"multipleOf": 5}}, 10, [("", "multipleOf", 11)]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1, "b": 1}, [("/b", "required", {"a": 1})]),
]
DEFS = {
    "Small": {"maximum": 9},
    "Node": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/$defs/Node"}},
    },
}


@pytest.mark.parametrize(("schema", "value", "expected"), TABLE, ids=lambda part: json.dumps(part)[:60])
def test_each_keyword_is_broken(
    schema: Any, value: Any, expected: list[tuple[str, str, Any]], judges: Callable[..., Any]
) -> None:
    judge = judges(DEFS)
    assert judge.rust(schema, value)
    found = list(mutations(schema, Generator(DEFS, judge.rust), Seeded(0), value))
    missing = [each for each in expected if Mutation(*each) not in found]
    assert missing == [], found
    for mutation in found:
        assert not judge.rust(schema, mutation.value)
        assert mutation.keyword == "format" or not judge.python(schema, mutation.value)


def test_what_another_branch_allows_is_not_broken(judges: Callable[..., Any]) -> None:
    schema = {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 3}]}
    assert {each.keyword for each in mutations(schema, Generator({}, judges().rust), Seeded(0), "ab")} == {
        "type"
    }


def test_nothing_is_broken_where_everything_is_allowed(judges: Callable[..., Any]) -> None:
    assert list(mutations({}, Generator({}, judges().rust), Seeded(0), {"a": [1]})) == []


def test_a_value_is_followed_through_a_recursive_schema(judges: Callable[..., Any]) -> None:
    schema, value = {"$ref": "#/$defs/Node"}, {"id": 1, "next": {"id": 2, "next": {"id": 3}}}
    found = {
        (each.pointer, each.keyword)
        for each in mutations(schema, Generator(DEFS, judges(DEFS).rust), Seeded(0), value)
    }
    assert {
        ("/id", "required"),
        ("/next/id", "required"),
        ("/next/next/id", "required"),
        ("/next/next/id", "type"),
    } <= found


def test_the_value_itself_is_left_alone_and_the_order_is_the_same(judges: Callable[..., Any]) -> None:
    schema, value = {"$ref": "#/$defs/Node"}, {"id": 1, "next": {"id": 2}}
    before = json.dumps(value)
    runs = [list(mutations(schema, Generator(DEFS, judges(DEFS).rust), Seeded(0), value)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert json.dumps(value) == before


def _places(one: Any, two: Any, at: str = "") -> list[str]:
    """Where two values differ, as JSON pointers without escapes."""
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() != two.keys():
        return [f"{at}/{name}" for name in one.keys() ^ two.keys()] if one.keys() > two.keys() else [at]
    if isinstance(one, dict) and isinstance(two, dict):
        return [place for name in one for place in _places(one[name], two[name], f"{at}/{name}")]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return [
            place
            for i, pair in enumerate(zip(one, two, strict=True))
            for place in _places(*pair, f"{at}/{i}")
        ]
    return [] if one == two and type(one) is type(two) else [at]


def test_only_the_place_that_is_named_differs(judges: Callable[..., Any]) -> None:
    schema = {
        "type": "object",
        "required": ["id", "tags"],
        "properties": {
            "id": {"type": "integer", "minimum": 1},
            "tags": {"type": "array", "items": {"type": "string", "minLength": 2}, "minItems": 2},
            "owner": {"type": "object", "required": ["name"], "properties": {"name": {"enum": ["a", "b"]}}},
        },
    }
    judge = judges()
    count = 0
    for seed in range(10):
        value = Generator({}, judge.rust).value(schema, Seeded(seed))
        for mutation in mutations(schema, Generator({}, judge.rust), Seeded(0), value):
            count += 1
            assert all(place.startswith(mutation.pointer) for place in _places(value, mutation.value))
    assert count > 100


def test_a_pattern_with_very_many_ways_is_broken_in_time(judges: Callable[..., Any]) -> None:
    schema, judge = {"type": "string", "pattern": "^(a+)+$", "minLength": 60}, judges()
    value = Generator({}, judge.rust).value(schema, Seeded(1))
    made = [
        each
        for each in mutations(schema, Generator({}, judge.rust), Seeded(1), value)
        if each.keyword == "pattern"
    ]
    assert [each.value for each in made] == ["!" + value[1:], f"{value}!", f"!{value}", value.upper()]
