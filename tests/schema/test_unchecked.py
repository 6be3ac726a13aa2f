"""What a schema leaves uncertain: never held against a response, always said, and sent where it may be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dynaclient.document.subschemas import LISTS, MAPS, SCHEMAS
from dynaclient.errors import Finding, Violation
from dynaclient.schema.keywords import PLAIN
from dynaclient.schema.unchecked import ABOUT, collected
from dynaclient.schema.validator import Validators
from tests.schema.checks import BACKENDS, opened, place

LOST = {"$ref": "#/components/schemas/Lost"}
UNREADABLE = "(?<!a+)b"
"""A pattern that only engines of ECMA-262 can carry out."""

VALUES: dict[str, Any] = {"": 5, "string": "x", "number": 5, "array": [5], "object": {"a": 5}}
"""A value that each keyword is about."""

Verdict = tuple[list[Violation], list[Finding], list[Finding]]


def verdict(
    schema: Any, value: Any, backend: str, direction: Any = "response", version: str = "3.1.0"
) -> Verdict:
    """The violations, what was not checked, and the findings."""
    tree = opened(schema, version)
    checker = Validators(tree, backend).checker(place(tree), direction)  # type: ignore[arg-type]
    with collected() as unchecked:
        violations = checker.violations(value, "body", "body")
    assert checker.is_valid(value) == (not violations)
    return violations, list(unchecked), tree.findings


WRONG: dict[str, Any] = {
    **{keyword: {"no": "argument"} for keyword in PLAIN},
    **dict.fromkeys(SCHEMAS | LISTS | MAPS, 5),
    "required": [5],
    "dependentRequired": {"a": 5},
    "pattern": UNREADABLE,
    "patternProperties": {UNREADABLE: {}},
    "enum": "a",
    "$ref": 5,
    "$recursiveRef": "#",
    "type": "any",
}
"""For every keyword an argument that asks for nothing that anybody could check."""

NOTHING_LOST = {"const", "$anchor", "$dynamicAnchor", "$defs", "definitions", "then", "else"}
"""`const` takes any argument, anchors and definitions ask for nothing, the others need an `if` beside."""

KEYWORDS = sorted(WRONG.keys() - NOTHING_LOST)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_keyword_that_is_left_out_is_said(keyword: str, direction: Any, backend: str) -> None:
    beside = {
        "minContains": {"contains": {}},
        "maxContains": {"contains": {}},
        "if": {"then": {"type": "null"}},
    }
    violations, unchecked, findings = verdict(
        {keyword: WRONG[keyword], **beside.get(keyword, {})},
        VALUES[ABOUT.get(keyword, "")],
        backend,
        direction,
    )
    assert violations == []
    assert len(unchecked) == 1
    assert unchecked[0] in findings
    assert unchecked[0].pointer.startswith("/components/schemas/S")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("keyword", [key for key in KEYWORDS if ABOUT.get(key)])
def test_a_keyword_about_other_values_is_not_said(keyword: str, backend: str) -> None:
    assert verdict({keyword: WRONG[keyword]}, None, backend)[:2] == ([], [])


BAD = {"pattern": UNREADABLE}

DEPENDS: list[tuple[Any, Any]] = [
    (LOST, 1),
    ({"$ref": "#/components/schemas/S"}, 1),
    ({"properties": {"a": LOST}}, {"a": 1}),
    ({"items": LOST}, [1]),
    ({"prefixItems": [{}, LOST]}, [1, 2]),
    ({"additionalProperties": LOST}, {"z": 1}),
    ({"patternProperties": {"^a": LOST}}, {"a": 1}),
    ({"propertyNames": LOST}, {"a": 1}),
    ({"dependentSchemas": {"a": LOST}}, {"a": 1}),
    ({"allOf": [{}, LOST]}, 1),
    ({"anyOf": [{"type": "string"}, LOST]}, 1),
    ({"oneOf": [{"type": "string"}, LOST]}, 1),
    ({"oneOf": [{"type": "string"}, LOST]}, "met by one that is known, perhaps by the other too"),
    ({"not": LOST}, 1),
    ({"not": BAD}, "x"),
    ({"if": LOST, "then": {"type": "string"}, "else": {"type": "integer"}}, 1),
    ({"if": BAD, "then": {"minLength": 9}}, "x"),
    ({"contains": LOST}, [1]),
    ({"contains": LOST, "maxContains": 1}, [1, 2]),
    ({"contains": BAD, "minContains": 2}, ["a", "b"]),
    ({"unevaluatedProperties": False, "allOf": [LOST]}, {"a": 1}),
    ({"unevaluatedItems": False, "anyOf": [LOST, {"type": "object"}]}, [1]),
    ({"additionalProperties": False, "patternProperties": {UNREADABLE: {}}}, {"a": 1}),
    ({"additionalProperties": False, "properties": 5}, {"a": 1}),
    ({"items": {"type": "string"}, "prefixItems": 5}, [1]),
    ({"oneOf": [{"type": "string", **BAD}, {"type": "string"}]}, "x"),
    ({"$defs": {"d": BAD}, "not": {"$ref": "#/components/schemas/S/$defs/d"}}, "x"),
    ({"anyOf": [{"$dynamicRef": "#nowhere"}, {"type": "string"}]}, 1),
    ({"items": None}, [1]),
    ({"type": "array", "enum": ["a"], "items": {"enum": ["b"]}}, ["b"]),
]
"""Schemas and values whose verdict depends on what nobody knows."""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value"), DEPENDS)
def test_nobody_is_blamed_for_what_nobody_knows(schema: Any, value: Any, backend: str) -> None:
    violations, unchecked, findings = verdict(schema, value, backend)
    assert violations == []
    assert len(unchecked) == 1
    assert unchecked[0] in findings


def test_what_only_one_engine_compiles_is_left_out_of_its_schema_alone() -> None:
    schema = {"properties": {"a": {"pattern": "((a{1000}){1000}){1000}"}, "b": {"type": "string"}}}
    assert [len(each) for each in verdict(schema, {"a": "x", "b": 5}, "rust")] == [1, 1, 1]
    assert [len(each) for each in verdict(schema, {"a": "x", "b": 5}, "rust", "request")] == [1, 1, 1]
    assert [len(each) for each in verdict(schema, {"a": "x", "b": 5}, "python")] == [2, 0, 0]


CERTAIN: list[tuple[Any, Any, int]] = [
    ({"anyOf": [{"type": "integer"}, LOST]}, 1, 0),
    ({"properties": {"a": LOST}}, {"b": 1}, 0),
    ({"items": LOST}, [], 0),
    ({"oneOf": [{"type": "integer"}, {"minimum": 0}, LOST]}, 1, 1),
    ({"type": "string", "properties": {"a": LOST}}, 1, 1),
    ({"allOf": [LOST, {"type": "string"}]}, 1, 1),
    ({"contains": LOST}, [], 1),
    ({"pattern": UNREADABLE, "maxLength": 1}, "ab", 1),
    ({"required": ["a"], "properties": {"b": LOST}}, {}, 1),
    ({"format": "no-such-format"}, "x", 0),
    ({"contentMediaType": "image/png", "contentSchema": LOST}, "x", 0),
    ({"description": 5, "x-own": LOST, "examples": "none"}, 1, 0),
]
"""Schemas and values whose verdict is the same whatever the unknown means, and how many violations it has."""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "count"), CERTAIN)
def test_what_is_certain_stays_so(schema: Any, value: Any, count: int, backend: str) -> None:
    violations, unchecked, _ = verdict(schema, value, backend)
    assert len(violations) == count
    assert unchecked == [] or count


REFUSED: list[tuple[Any, Any, bool]] = [
    (LOST, 1, True),
    ({"properties": {"a": LOST}}, {"a": 1}, True),
    ({"properties": {"a": LOST}}, {"b": 1}, False),
    ({"items": LOST}, [], False),
    ({"anyOf": [{"type": "integer"}, LOST]}, 1, False),
    ({"anyOf": [{"type": "integer"}, LOST]}, "x", True),
    ({"oneOf": [{"type": "integer"}, LOST]}, "x", True),
    ({"oneOf": [{"type": "integer"}, LOST]}, 1, False),
    ({"not": LOST}, 1, True),
    ({"if": LOST, "then": {"type": "string"}}, 1, True),
    ({"pattern": UNREADABLE}, "x", False),
    ({"not": BAD}, "x", False),
    ({"additionalProperties": False, "patternProperties": {UNREADABLE: {}}}, {"a": 1}, False),
    ({"minimum": "x"}, 1, False),
]
"""Schemas and values of requests, and whether they are refused: only a reference that does not resolve is."""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "refused"), REFUSED)
def test_a_request_is_refused_where_it_reaches_a_lost_reference(
    schema: Any, value: Any, refused: bool, backend: str
) -> None:
    violations, _, _ = verdict(schema, value, backend, "request")
    assert bool(violations) == refused
    assert not refused or "Lost" in violations[0].message or " schemas: " in violations[0].message


# -- one unknown, both ways, with jsonschema as referee ----------------------------------------------------

HOLE: dict[str, Any] = LOST
LEAVES = st.sampled_from(
    [{"type": "integer"}, {"type": "string"}, {"minimum": 2}, {"maxLength": 1}, {"required": ["a"]}, True, {}]
)
VALUE = st.recursive(
    st.sampled_from([None, 1, 3, "", "ab"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that hold `inner`, in every way that a verdict can depend on it."""
    both = st.tuples(inner, LEAVES)
    return st.one_of(
        inner.map(lambda each: {"not": each}),
        inner.map(lambda each: {"items": each}),
        inner.map(lambda each: {"properties": {"a": each}}),
        inner.map(lambda each: {"additionalProperties": each}),
        inner.map(lambda each: {"contains": each, "maxContains": 1}),
        both.map(lambda each: {"allOf": list(each)}),
        both.map(lambda each: {"anyOf": list(each)}),
        both.map(lambda each: {"oneOf": list(each)}),
        both.map(lambda each: {"if": each[0], "then": each[1]}),
        both.map(lambda each: {"if": each[0], "else": each[1]}),
    )


def with_(schema: Any, known: bool) -> Any:
    """`schema` with `known` where the unknown is."""
    if schema == HOLE:
        return known
    if isinstance(schema, list):
        return [with_(each, known) for each in schema]
    return {key: with_(each, known) for key, each in schema.items()} if isinstance(schema, dict) else schema


@pytest.mark.parametrize("backend", BACKENDS)
@given(schema=st.recursive(st.just(HOLE), around, max_leaves=3), value=VALUE)
def test_the_verdict_is_that_of_every_reading(backend: str, schema: Any, value: Any) -> None:
    either = {Draft202012Validator(with_(schema, known)).is_valid(value) for known in (True, False)}
    violations, unchecked, _ = verdict(schema, value, backend)
    if True in either:
        assert violations == []
    assert bool(unchecked) or len(either) == 1
    assert either != {True} or unchecked == []
