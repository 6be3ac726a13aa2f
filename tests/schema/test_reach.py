"""Which schemas a value meets on its way through a schema."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.schema import reach
from dynaclient.schema.reach import reached_by


def ref(key: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{key}"}


A, B = ref("A"), ref("B")

ROWS: dict[str, tuple[Any, Any, str]] = {
    "a reference": (A, 1, "A"),
    "a reference from inside a resource": ({"$ref": "https://h.example/root#/$defs/A"}, 1, "A"),
    "a reference to elsewhere": ({"$ref": "https://h.example/other"}, 1, ""),
    "allOf": ({"allOf": [A, B]}, 1, "AB"),
    "anyOf": ({"anyOf": [A, B]}, 1, "AB"),
    "oneOf": ({"oneOf": [A, {"items": B}]}, 1, "A"),
    "not": ({"not": A}, 1, "A"),
    "if, then and else": ({"if": ref("I"), "then": A, "else": B}, 1, "IAB"),
    "dependentSchemas": ({"dependentSchemas": {"a": A}}, {}, "A"),
    "properties that are there": ({"properties": {"a": A, "b": B}}, {"b": 1, "c": 1}, "B"),
    "properties of no object": ({"properties": {"a": A}}, ["a"], ""),
    "additionalProperties": ({"properties": {"a": A}, "additionalProperties": B}, {"a": 1}, "A"),
    "additionalProperties that are there": (
        {"properties": {"a": A}, "additionalProperties": B},
        {"c": 1},
        "B",
    ),
    "unevaluatedProperties": ({"unevaluatedProperties": A}, {"c": 1}, "A"),
    "patternProperties": ({"patternProperties": {"^a": A}}, {"ab": 1}, "A"),
    "patternProperties without any": ({"patternProperties": {"^a": A}}, {}, ""),
    "propertyNames": ({"propertyNames": A}, {"a": 1}, "A"),
    "items": ({"items": A}, [1], "A"),
    "no items": ({"items": A}, [], ""),
    "items of no array": ({"items": A}, {"a": 1}, ""),
    "contains": ({"contains": A}, [1], "A"),
    "prefixItems": ({"prefixItems": [A, B]}, [1], "A"),
    "unevaluatedItems": ({"unevaluatedItems": A}, [1], "A"),
    "a boolean": ({"properties": {"a": True}, "items": False}, {"a": 1}, ""),
    "what is no schema": ({"enum": [A], "const": A, "required": ["a"]}, {"a": 1}, ""),
    "below a reference": (ref("Deep"), {"a": {"a": [{"a": 1}]}}, "Deep A"),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_keyword(name: str) -> None:
    schema, value, keys = ROWS[name]
    deep = {"properties": {"a": {"properties": {"a": {"items": {"properties": {"a": A}}}}}}}
    defs = {"S": schema, "A": {"type": "integer"}, "B": True, "I": {}, "Deep": deep}
    due = set(keys.split()) if " " in keys else set(keys)
    assert reached_by(value, "S", defs.__getitem__) == {"S", *due}


def test_circles_end() -> None:
    defs = {"S": {"properties": {"s": ref("S")}, "allOf": [A]}, "A": {"anyOf": [ref("S"), B]}, "B": True}
    value: Any = {}
    for _ in range(500):
        value = {"s": value}
    assert reached_by(value, "S", defs.__getitem__) == {"S", "A", "B"}
    value["s"] = value
    assert reached_by(value, "S", defs.__getitem__) == {"S", "A", "B"}


def test_a_large_value_is_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is bounded: what lies behind is seen when the value is checked."""
    monkeypatch.setattr(reach, "MOST_STEPS", 100)
    defs: dict[str, Any] = {"S": {"items": {"properties": {"a": ref("A")}}}, "A": {"properties": {"b": B}}}
    asked: list[str] = []

    def schema(key: str) -> Any:
        asked.append(key)
        return defs[key]

    assert reached_by([{"a": {}}] * 50 + [{"a": {"c": 1}} for _ in range(10**5)], "S", schema) == {"S", "A"}
    assert len(asked) <= 100
