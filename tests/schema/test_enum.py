"""`enum` without a value of the `type` beside it."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.schema import keywords
from dynaclient.schema.keywords import agreed
from tests.small import one, param

CASES: list[tuple[Any, list[Any], list[Any]]] = [
    ("string", ["a", "b"], ["a", "b"]),
    ("string", [1, 2], ["1", "2"]),
    ("string", ["all", 1, True, 1.5], ["all", "1", "true", "1.5"]),
    ("string", ["a", None], ["a", None]),
    ("string", [["a"], {}], [["a"], {}]),
    ("integer", ["1", " -2"], [1, -2]),
    ("integer", ["1.5", "x", "01", ""], ["1.5", "x", "01", ""]),
    ("integer", [1.0, 2], [1.0, 2]),
    ("integer", ["9" * 400], ["9" * 400]),
    ("number", ["1.5", "2", "1e400"], [1.5, 2, "1e400"]),
    ("boolean", ["true", "False", "yes"], [True, False, "yes"]),
    ("boolean", [1], [1]),
    (["integer", "string"], ["1"], ["1"]),
    (["integer", "null"], ["1", None], [1, None]),
    ("object", ["a"], ["a"]),
    ("no type", [1], [1]),
    (5, ["a"], ["a"]),
]


@pytest.mark.parametrize(("kind", "values", "due"), CASES)
def test_values_are_read_as_the_type_says(kind: Any, values: list[Any], due: list[Any]) -> None:
    schema = {"type": kind, "enum": values}
    found = agreed(schema, keywords.type_(kind)[0])
    assert [(value, type(value)) for value in found["enum"]] == [(value, type(value)) for value in due]
    assert (found is schema) == (values == due and [*map(type, values)] == [*map(type, due)])


@pytest.mark.parametrize(
    ("items", "due"),
    [
        ({}, {"type": "array", "items": {"enum": ["a"]}}),
        ({"items": {"type": "string"}}, {"type": "array", "items": {"type": "string", "enum": ["a"]}}),
        ({"items": {"enum": ["b"]}}, {"type": "array", "items": {"enum": ["b"]}}),
        ({"items": {"$ref": "#/x"}}, {"type": "array", "items": {"$ref": "#/x"}}),
    ],
)
def test_an_enumeration_beside_an_array_is_that_of_its_items(items: Any, due: Any) -> None:
    assert agreed({"type": "array", "enum": ["a"], **items}, "array") == due
    kept = {"type": "array", "enum": [["a"]], **items}
    assert agreed(kept, "array") is kept


@pytest.mark.parametrize("backend", ["rust", "python"])
def test_a_call_takes_what_is_listed_and_nothing_else(backend: Any) -> None:
    schema = {"type": "string", "enum": [1, 2]}
    client = Client(one("get", "/x", param("q", "query", schema)), server="http://h", validate_with=backend)
    assert client.prepare("op", q="2").url == "http://h/x?q=2"
    with pytest.raises(RequestInvalid):
        client.prepare("op", q="3")
    assert any("not of type string" in finding.message for finding in client.findings)
