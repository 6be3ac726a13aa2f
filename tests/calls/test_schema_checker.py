"""Values against a schema of the document, one or many, here or by processes."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
from collections.abc import Iterator
from copy import deepcopy
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


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Garbage of other tests is not collected while something is measured."""
    gc.disable()
    yield
    gc.enable()


def children() -> int:
    return len(multiprocessing.active_children())


LONG = {"n": 1, "rest": [{"a": index, "b": [index]} for index in range(30)]}


@pytest.mark.parametrize(("value", "several"), [({"n": "x"}, True), (LONG, False)])
def test_processes_are_started_where_they_pay(value: Any, several: bool, no_collection: None) -> None:
    """An invalid value takes a hundred times as long as sending it, a valid one less than that."""
    before, most, count = children(), 0, 1200
    result = API.checker("Item").violations_many((deepcopy(value) for _ in range(count)), workers=2)
    found = []
    for each in result:
        found.append(each)
        if len(found) in (1, 700):
            most = max(most, children() - before)
    assert (most > 0) is several
    assert found == [API.checker("Item").violations(value)] * count


@pytest.mark.parametrize("count", [0, 1, 2, 500, 501, 502, 1001])
def test_as_many_as_there_are(count: int) -> None:
    values: list[Any] = [{"n": "x" if index % 3 else 1} for index in range(count)]
    found = list(API.checker("Item").violations_many(iter(values), workers=2))
    assert [bool(each) for each in found] == [bool(index % 3) for index in range(count)]


def test_what_is_not_there() -> None:
    with pytest.raises(SettingsError, match="no schema 'Itm'; did you mean Item"):
        API.checker("Itm")
    with pytest.raises(DynaclientError):
        API.checker("/components/schemas/Nope").is_valid(1)
    with pytest.raises(SettingsError, match="direction: expected"):
        API.checker("Item", "both")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="workers: expected"):
        API.checker("Item").violations_many([], workers=0)
