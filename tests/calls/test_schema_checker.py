"""Values against a schema of the document, one or many, here or by processes."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import pytest

from dynaclient import Client, DynaclientError, SettingsError
from tests.small import document

ITEM = {
    "type": "object",
    "required": ["id", "n"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "n": {"type": "integer"},
        "next": {"$ref": "#/components/schemas/Item"},
        "day": {"type": "string", "format": "date"},
    },
}
API = Client(
    document({}, components={"schemas": {"Item": ITEM, "a/b": {"type": "string"}}}), server="http://h"
)


def test_a_value() -> None:
    checker = API.checker("Item")
    assert checker.violations({"n": 1, "day": date(2026, 1, 2)}) == []
    (found,) = checker.violations({"n": 1, "next": {"n": "x"}})
    assert str(found).startswith('body Item at /next/n: expected an integer, got a string ("x")')
    assert checker.is_valid({"n": 1})
    assert not checker.is_valid({"n": float("nan")})
    assert not API.checker("Item", "response").is_valid({"n": 1})  # the server has an id by then
    assert repr(checker) == "<SchemaChecker Item>"
    assert pickle.loads(pickle.dumps(checker)).is_valid({"n": 1})


@pytest.mark.parametrize("name", ["Item", "/components/schemas/Item", "#/components/schemas/Item"])
def test_names_and_pointers(name: str) -> None:
    assert not API.checker(name).is_valid({})
    assert API.checker("a/b").is_valid("x")


@pytest.mark.parametrize("workers", [None, 2])
def test_many_values_in_their_order(workers: int | None) -> None:
    values: list[Any] = [{"n": index if index % 7 else "x"} for index in range(1200)]
    found = list(API.checker("Item").violations_many(iter(values), workers=workers))
    assert [bool(each) for each in found] == [index % 7 == 0 for index in range(1200)]


def test_what_is_not_there() -> None:
    with pytest.raises(SettingsError, match="no schema 'Itm'; did you mean Item"):
        API.checker("Itm")
    with pytest.raises(DynaclientError):
        API.checker("/components/schemas/Nope").is_valid(1)
    with pytest.raises(SettingsError, match="direction: expected"):
        API.checker("Item", "both")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="workers: expected"):
        API.checker("Item").violations_many([], workers=0)
