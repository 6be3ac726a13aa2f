"""Violations come in the order of the value, whichever backend found them."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.schema.backend import Problem
from dynaclient.schema.messages import Order
from tests.schema.checks import BACKENDS, checker

NUMBER = {"type": "integer"}
ALTERNATIVES = {"anyOf": [{"type": "object", "properties": {"x": NUMBER, "y": NUMBER}}, {"type": "array"}]}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("schema", "value", "pointers"),
    [
        ({"properties": {"a": NUMBER, "b": NUMBER}}, {"b": "", "a": ""}, ["/b", "/a"]),
        ({"items": NUMBER}, list("abcdefghijkl"), [f"/{index}" for index in range(12)]),
        ({"properties": {"a": NUMBER}, "required": ["b"]}, {"a": ""}, ["", "/a"]),
        ({"properties": {"a": ALTERNATIVES, "b": NUMBER}, "maxProperties": 1},
         {"a": {"y": "", "x": ""}, "b": ""}, ["", "/a/y", "/a/x", "/b"]),
        ({"allOf": [{"properties": {"b": NUMBER}}, {"properties": {"a": NUMBER}}]},
         {"a": "", "b": ""}, ["/a", "/b"]),
    ],
)  # fmt: skip
def test_by_the_places_in_the_value(backend: str, schema: Any, value: Any, pointers: list[str]) -> None:
    found = checker(schema, backend).violations(value, "body", "body")
    assert [each.pointer for each in found] == pointers


@pytest.mark.parametrize("backend", BACKENDS)
def test_at_one_place_by_the_schema(backend: str) -> None:
    keywords = {"pattern": "^b", "minLength": 9, "enum": ["beta"], "maxLength": 2}
    for names in (list(keywords), list(keywords)[::-1]):
        found = checker({name: keywords[name] for name in names}, backend).violations("alpha", "body", "b")
        assert [each.schema_pointer.rpartition("/")[2] for each in found] == names


@pytest.mark.parametrize("backend", BACKENDS)
def test_properties_that_are_too_many_by_the_value(backend: str) -> None:
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        found = checker({keyword: False}, backend, version="3.1.0").violations(
            {"z": 1, "a": 1, "m": 1}, "body", "b"
        )
        assert [each.message[:3] for each in found] == ["'z'", "'a'", "'m'"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_by_the_value(backend: str) -> None:
    schema = {"propertyNames": {"maxLength": 1}, "required": ["q"]}
    found = checker(schema, backend, version="3.1.0").violations({"zz": 1, "aa": 1}, "body", "b")
    assert [each.message.split(" has ")[0] for each in found] == [
        "'q' is missing", 'property name "zz"', 'property name "aa"'
    ]  # fmt: skip


def test_a_place_that_is_not_there_counts_as_far_as_it_is() -> None:
    order = Order({"k": {"a": [1]}}, {"x": {}}, 0)
    position = order.position(Problem("type", ("k", "a", 5, "b"), ("x", "gone"), None), of_name=False)
    assert position == ((0, 0), (), (0,))
