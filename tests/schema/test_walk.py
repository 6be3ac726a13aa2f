"""Time and memory of a check grow in line with the value, whoever made schema and value: server or author."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from dynaclient.schema import walk
from dynaclient.schema.messages import MAX_SHOWN, short_json
from tests.schema.checks import BACKENDS, checker
from tests.work import calls, growth

REF = "#/components/schemas/"


def names(count: int, start: str = "name") -> list[str]:
    return [f"{start}{index}" for index in range(count)]


def each(count: int, value: Any) -> dict[str, Any]:
    return dict.fromkeys(names(count), value)


def nested(depth: int, last: Any) -> Any:
    for _ in range(depth):
        last = {"n": last}
    return last


Made = Callable[[int], tuple[Any, Any]]

# what the size is, and schema and value of a size
GROWING: list[tuple[str, Made]] = [
    ("missing names", lambda n: ({"required": names(n)}, {})),
    ("items that lack names", lambda n: ({"items": {"required": names(10)}}, [{}] * n)),
    ("items of a wrong type", lambda n: ({"items": {"type": "integer"}}, ["a"] * n)),
    ("items too many", lambda n: ({"prefixItems": [{}], "items": False}, [1] * n)),
    ("items that nothing describes", lambda n: ({"prefixItems": [{}], "unevaluatedItems": False}, [1] * n)),
    ("tuples", lambda n: ({"prefixItems": [{"type": "string"}] * n}, [1] * n)),
    ("wide objects", lambda n: ({"properties": each(n, {"type": "integer"})}, each(n, "x"))),
    ("readOnly", lambda n: ({"properties": each(n, {"readOnly": True})}, each(n, "x"))),
    ("extras", lambda n: ({"properties": each(n, {}), "additionalProperties": False}, each(2 * n, 1))),
    ("extras of a wrong type", lambda n: ({"additionalProperties": {"type": "string"}}, each(n, 1))),
    (
        "extras beside allOf",
        lambda n: ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, each(n, 1)),
    ),
    ("patternProperties", lambda n: ({"patternProperties": {"^n": {"minimum": 9}}}, each(n, 1))),
    (
        "patterns",
        lambda n: ({"patternProperties": {name: {"minimum": 9} for name in names(n, "^x")}}, {"x1": 1}),
    ),
    ("propertyNames", lambda n: ({"propertyNames": {"maxLength": 2}}, each(n, 1))),
    ("dependentRequired", lambda n: ({"dependentRequired": {"a": names(n)}}, {"a": 1})),
    ("dependentSchemas", lambda n: ({"dependentSchemas": each(n, {"maxProperties": 1})}, each(n, 1))),
    ("contains", lambda n: ({"contains": {"type": "object", "required": ["a"]}}, [{}] * n)),
    ("uniqueItems", lambda n: ({"uniqueItems": True, "items": {"type": "string"}}, [*range(n), 1])),
    (
        "unions in arrays",
        lambda n: ({"items": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}}, [{}] * n),
    ),
    ("members of a union", lambda n: ({"anyOf": [{"required": [name]} for name in names(n)]}, {})),
    ("if", lambda n: ({"items": {"if": {"type": "object"}, "then": {"required": ["a"]}}}, [{}] * n)),
    ("not", lambda n: ({"items": {"not": {"type": "array", "maxItems": 1}}}, [[]] * n)),
    ("an enum that nothing is in", lambda n: ({"items": {"enum": names(3)}}, ["x"] * n)),
    (
        "a right value",
        lambda n: ({"required": names(n), "properties": each(n, {"type": "null"})}, each(n, None)),
    ),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("kind", "make"), GROWING, ids=[kind for kind, _ in GROWING])
def test_explaining_grows_in_line(kind: str, make: Made, backend: str) -> None:
    def work(size: int) -> Callable[[], Any]:
        schema, value = make(size)
        check = checker(schema, backend, version="3.1.0")
        check.is_valid(value)
        return lambda: check.violations(value, "body", "body")

    assert growth(work, 100) < 2.6


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_level_of_a_deep_value_is_looked_at_once(backend: str) -> None:
    check = checker({"required": ["q"], "properties": {"n": {"$ref": f"{REF}S"}}}, backend)
    found = check.violations(nested(60, {}), "body", "body")
    assert [violation.pointer for violation in found] == ["/n" * depth for depth in range(61)]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("made", [list, lambda rows: {f"r{i}": row for i, row in enumerate(rows)}])
def test_very_many_violations_are_counted_and_not_told(made: Any, backend: str) -> None:
    row = {"type": "object", "required": ["a"]}
    check = checker({"items": row, "additionalProperties": row}, backend)
    found = check.violations(made([{}] * 10_000), "body", "body")
    assert len(found) == 10_000
    found = check.violations(made([{}] * 10_007), "body", "body")
    assert len(found) == 10_001
    assert (found[-1].pointer, found[-1].message) == ("", "7 more violations are not listed")
    assert check.violations(made([{"a": 1}] * 10_007), "body", "body") == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_beyond_the_bound_are_counted(backend: str) -> None:
    check = checker({"required": names(10_005)}, backend)
    found = check.violations({}, "body", "body")
    assert [found[0].message, found[-1].message] == ["'name0' is missing", "5 more violations are not listed"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_was_not_looked_at_is_said(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MOST_STEPS", 50)
    union = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    check = checker({"items": {"allOf": [union]}}, backend)
    *told, last = check.violations([{}] * 100, "body", "body")
    assert 0 < len(told) < 50
    assert last.message == "the value is too large to check completely: there may be more violations"
    assert {violation.message for violation in told} == {told[0].message}  # none made up at the end


LARGE = [["x" * 100] * 100 for _ in range(2_000)]
WRONG_FOR_LARGE: list[Any] = [
    {"type": "object"},
    {
        "allOf": [
            {"type": "object"},
            {"type": "string"},
            {"enum": [1]},
            {"const": {}},
            {"not": {"type": "array"}},
        ]
    },
    {"anyOf": [{"type": "object"}, {"type": "null"}]},
    {"oneOf": [{"type": "array"}, {"type": "array"}]},
    {"maxItems": 3},
    {"contains": {"type": "integer"}},
]


@pytest.mark.parametrize("schema", WRONG_FOR_LARGE, ids=lambda schema: next(iter(schema)))
def test_of_a_large_value_no_more_is_written_than_is_shown(schema: Any) -> None:
    check = checker(schema, version="3.1.0")
    check.violations([["x"]], "body", "body")  # what is kept is made
    tracemalloc.start()
    try:
        found = check.violations(LARGE, "body", "body")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert found
    assert all(len(str(violation)) < 300 for violation in found)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        b"x" * 10**6,
        [1] * 10**6,
        {"a": [[1] * 10**6]},
        {"x" * 10**6: 1},
        each(10**5, 1),
        [[[]] * 10**5],
    ],
    ids=["text", "bytes", "list", "inside", "name", "object", "lists"],
)
def test_showing_is_as_much_work_as_is_shown(value: Any) -> None:
    assert len(short_json(value)) == MAX_SHOWN
    assert calls(lambda: short_json(value)) < 1_500
