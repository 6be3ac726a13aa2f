"""Which argument of a call gives which parameter its value."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import Names, positional
from tests.small import one, param

PARAMETERS = [param("userId"), param("id", "path"), param("must", "header", required=True), param("id")]
OPERATION = Client(one("post", "/x/{id}", *PARAMETERS, body={})).operations["op"]
NAMES = Names(OPERATION)


def bound(*positionals: Any, mapping: Any = None, names: Any = None, body: Any = MISSING) -> Any:
    arguments = NAMES.bind(positionals, mapping, names, body)
    values = {parameter.key: value for parameter, value in arguments.values.items()}
    return values, arguments.body, [(each.where, each.name) for each in arguments.violations]


def test_positional_order() -> None:
    assert [each.key if each else "body" for each in positional(OPERATION)] == [
        "path.id",
        "header.must",
        "body",
    ]


TWICE = [("argument", "user_id")]
ROWS: list[tuple[tuple[Any, ...], dict[str, Any], Any]] = [
    ((), {}, ({}, MISSING, [])),
    ((1,), {}, ({"path.id": 1}, MISSING, [])),
    ((1, 2, 3), {}, ({"path.id": 1, "header.must": 2}, 3, [])),
    ((1, 2, None), {}, ({"path.id": 1, "header.must": 2}, None, [])),
    ((1, 2), {"body": 3}, ({"path.id": 1, "header.must": 2}, 3, [])),
    ((1, 2, 3), {"body": 4}, ({"path.id": 1, "header.must": 2}, 4, [("argument", "body")])),
    ((1, 2, 3, 4), {}, ({"path.id": 1, "header.must": 2}, 3, [("argument", "positional")])),
    ((), {"mapping": {"userId": 1}}, ({"query.userId": 1}, MISSING, [])),
    ((), {"names": {"user_id": 1}}, ({"query.userId": 1}, MISSING, [])),
    ((), {"mapping": {"query.userId": 1}}, ({"query.userId": 1}, MISSING, [])),
    ((), {"mapping": {"query.user_id": 1}}, ({}, MISSING, [("argument", "query.user_id")])),
    ((), {"mapping": {"userId": 1}, "names": {"user_id": 2}}, ({"query.userId": 1}, MISSING, TWICE)),
    ((), {"names": {"userId": None, "user_id": None}}, ({"query.userId": None}, MISSING, TWICE)),
    ((), {"names": {"id": 1}}, ({}, MISSING, [("argument", "id")])),
    ((), {"mapping": {"path.id": 1, "query.id": 2}}, ({"path.id": 1, "query.id": 2}, MISSING, [])),
    ((1,), {"mapping": {"path.id": 2}}, ({"path.id": 1}, MISSING, [("argument", "path.id")])),
    ((), {"names": {"a": 1, "b": 2}}, ({}, MISSING, [("argument", "a"), ("argument", "b")])),
    ((), {"mapping": 5}, ({}, MISSING, [("argument", "mapping")])),
]  # fmt: skip


@pytest.mark.parametrize(("positionals", "rest", "due"), ROWS, ids=[str(row[:2]) for row in ROWS])
def test_bind(positionals: tuple[Any, ...], rest: dict[str, Any], due: Any) -> None:
    assert bound(*positionals, **rest) == due


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("userid", "did you mean user_id, query.id?"),
        ("zzz", "no parameter 'zzz'"),
        ("id", '{"path.id": ...} or {"query.id": ...}'),
        ("timeout", 'extras for one call go in options={"timeout": ...}'),
        ("params", 'extras for one call go in options={"query": ...}'),
        ("json", 'the body goes in body=..., a property of it goes in body={"json": ...}'),
        ("sku", '; a property of the body goes in body={"sku": ...}'),
    ],
)
def test_messages_say_what_there_is(name: str, words: str) -> None:
    assert words in NAMES.bind((), {name: 1}).violations[0].message


def test_parameters_by_position_are_told_where_they_go() -> None:
    message = NAMES.bind((), "x").violations[0].message  # call("operation", "x")
    assert message == (
        "expected a mapping of parameter names to values, got a str; "
        "for positional arguments call client.op(...)"
    )


def test_missing_is_not_none() -> None:
    assert MISSING is not None
    assert repr(MISSING) == "MISSING"
