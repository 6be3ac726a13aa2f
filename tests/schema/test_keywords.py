"""Values of keywords: which are valid, which are repaired, which are left out."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.document.subschemas import LISTS, MAPS, SCHEMAS
from dynaclient.schema.keywords import PLAIN, bound_by_format, modern

GOOD: list[tuple[str, Any]] = [
    ("type", "string"),
    ("type", ["string", "null"]),
    ("minimum", 1),
    ("minimum", -1.5),
    ("maximum", 10**30),
    ("multipleOf", 0.01),
    ("maxLength", 0),
    ("minItems", 5),
    ("uniqueItems", False),
    ("pattern", ""),
    ("format", "x"),
    ("required", []),
    ("required", ["a", "b"]),
    ("enum", [None]),
    ("const", None),
    ("dependentRequired", {"a": ["b"]}),
]


@pytest.mark.parametrize(("keyword", "argument"), GOOD)
def test_right_arguments_stay(keyword: str, argument: Any) -> None:
    assert PLAIN[keyword](argument) == (argument, "")


MENDED: list[tuple[str, Any, Any]] = [
    ("type", "String", "string"),
    ("type", "int", "integer"),
    ("type", "bool", "boolean"),
    ("type", "dict", "object"),
    ("type", "file", "string"),
    ("type", ["string", "odd"], "string"),
    ("type", ["string", "string"], "string"),
    ("minimum", "3", 3),
    ("minimum", "-3", -3),
    ("minimum", "1.5", 1.5),
    ("maxLength", "5", 5),
    ("maxLength", 5.0, 5),
    ("required", ["a", "a", 5], ["a"]),
    ("uniqueItems", "true", True),
    ("uniqueItems", "False", False),
    ("type", "integer ", "integer"),
]


@pytest.mark.parametrize(("keyword", "argument", "due"), MENDED)
def test_one_certain_meaning_is_taken_and_told(keyword: str, argument: Any, due: Any) -> None:
    mended, complaint = PLAIN[keyword](argument)
    assert (mended, type(mended)) == (due, type(due))
    assert bool(complaint) == (argument != due)


LEFT_OUT: list[tuple[str, Any]] = [
    ("type", "any"),
    ("type", []),
    ("type", 5),
    ("type", [5]),
    ("minimum", "x"),
    ("minimum", None),
    ("minimum", []),
    ("minimum", "²"),
    ("multipleOf", 0),
    ("multipleOf", -1),
    ("maxLength", -1),
    ("maxLength", 1.5),
    ("maxLength", float("inf")),
    ("maxLength", float("nan")),
    ("uniqueItems", "yes"),
    ("pattern", 5),
    ("format", None),
    ("required", True),
    ("required", "a"),
    ("enum", "a"),
    ("dependentRequired", []),
]


@pytest.mark.parametrize(("keyword", "argument"), LEFT_OUT)
def test_no_certain_meaning_is_left_out_and_told(keyword: str, argument: Any) -> None:
    mended, complaint = PLAIN[keyword](argument)
    assert mended is None
    assert complaint


MODERN: list[tuple[dict[str, Any], bool, bool, dict[str, Any]]] = [
    ({"minimum": 1, "exclusiveMinimum": True}, True, False, {"exclusiveMinimum": 1}),
    ({"minimum": 1, "exclusiveMinimum": False}, True, False, {"minimum": 1}),
    ({"maximum": 1, "exclusiveMaximum": True}, False, False, {"exclusiveMaximum": 1}),
    ({"exclusiveMinimum": True}, True, False, {}),
    ({"exclusiveMinimum": 1}, False, False, {"exclusiveMinimum": 1}),
    ({"const": 1, "if": {}, "type": "a"}, True, False, {"type": "a"}),
    ({"const": 1, "if": {}}, False, False, {"const": 1, "if": {}}),
    ({"items": [{}], "additionalItems": False}, False, True, {"prefixItems": [{}], "items": False}),
    ({"items": [{}]}, False, True, {"prefixItems": [{}]}),
    (
        {"dependencies": {"a": ["b"], "c": {}}},
        False,
        True,
        {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {}}},
    ),
]


@pytest.mark.parametrize(("schema", "openapi_30", "tuples", "due"), MODERN)
def test_words_of_older_drafts(
    schema: dict[str, Any], openapi_30: bool, tuples: bool, due: dict[str, Any]
) -> None:
    before = dict(schema)
    assert modern(schema, openapi_30, tuples) == due
    assert schema == before


RANGES = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges_of_formats(name: str) -> None:
    schema: dict[str, Any] = {"type": "integer", "format": name}
    bound_by_format(schema)
    assert (schema["minimum"], schema["maximum"]) == RANGES[name]


@pytest.mark.parametrize(
    ("schema", "due"),
    [
        ({"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**40}, (1, 2**31 - 1)),
        ({"format": "int32"}, (-(2**31), 2**31 - 1)),
        ({"type": ["integer", "null"], "format": "int32"}, (-(2**31), 2**31 - 1)),
        ({"type": "string", "format": "int32"}, (None, None)),
        ({"type": "number", "format": "double"}, (None, None)),
    ],
)
def test_ranges_and_bounds(schema: dict[str, Any], due: Any) -> None:
    bound_by_format(schema)
    assert (schema.get("minimum"), schema.get("maximum")) == due


def test_every_keyword_stands_in_one_table() -> None:
    tables = [SCHEMAS, LISTS, MAPS, frozenset(PLAIN)]
    assert sum(map(len, tables)) == len(frozenset().union(*tables))
