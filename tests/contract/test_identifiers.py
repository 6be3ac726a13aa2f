"""Where an exchange names what it made: in a link, else a Location that agrees with the body, or the body."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dynaclient._support.missing import MISSING
from dynaclient.contract import Case
from dynaclient.contract.flow import Capture, SentCase, Step
from dynaclient.contract.identifiers import (
    expressed,
    identified,
    is_given,
    listed_items,
    looked_up,
    sent_names,
)
from dynaclient.contract.resources import Creator, Resource
from dynaclient.wire.headers import Headers

USER = Resource("/users/{userId}", ("userId",), ("userId",), "user")
RACK = Resource("/racks/{rack}", ("rack",), ("rack",), "rack")
SEAT = Resource("/seats/{row}-{number}", ("row", "number"), ("row", "number"), "seat")


def anything(name: str, value: Any) -> bool:
    return True


def exchange(data: Any = None, location: str = "", case: Case | None = None, **takes: Capture) -> SentCase:
    headers = Headers([("Location", location)] if location else [])
    response: Any = SimpleNamespace(data=data, headers=headers)
    step = Step(case or Case("make"), {key.replace("_", "#/"): each for key, each in takes.items()})
    return SentCase(1, "stateful", (step,), response)


NAMED: list[tuple[Resource, Any, str, dict[str, tuple[Any, str]]]] = [
    (USER, {"id": 7}, "", {"userId": (7, "$response.body#/id")}),
    (USER, {"id": 8, "userId": 7}, "", {"userId": (7, "$response.body#/userId")}),
    (USER, {"user_id": "a"}, "", {"userId": ("a", "$response.body#/user_id")}),
    (USER, {"a/b": {"id": 7}}, "", {"userId": (7, "$response.body#/a~1b/id")}),
    (USER, {"id": True}, "", {}),  # no identifier of anybody
    (USER, {"id": ""}, "", {}),
    (USER, {"id": {"id": {"id": 7}}}, "", {}),  # too far below to be its own
    (USER, [{"id": 7}], "", {}),  # a list of things is none of them
    (USER, None, "/users/7", {"userId": ("7", "$response.header.Location")}),
    (USER, None, "https://h/v1/users/a%2Fb/?page=1", {"userId": ("a/b", "$response.header.Location")}),
    (USER, None, "/orders/7", {}),
    (USER, None, "http://[/users/7", {}),  # no URL
    (USER, {"id": 7}, "/users/7", {"userId": ("7", "$response.header.Location")}),
    (USER, {"id": 8}, "/users/7", {"userId": (8, "$response.body#/id")}),  # the Location is of another
    (USER, {"id": 8}, "/orders/7", {"userId": (8, "$response.body#/id")}),
    (SEAT, {"row": "A"}, "", {}),  # the half of a name
    (
        SEAT,
        {"number": 5, "row": "A"},
        "",
        {"row": ("A", "$response.body#/row"), "number": (5, "$response.body#/number")},
    ),
]


@pytest.mark.parametrize(("resource", "data", "location", "expected"), NAMED)
def test_what_a_response_names(
    resource: Resource, data: Any, location: str, expected: dict[str, tuple[Any, str]]
) -> None:
    found = identified(resource, Creator("make"), exchange(data, location), anything)
    assert {name: (value, capture.expression) for name, (value, capture) in found.items()} == expected


def test_a_documented_link_says_it_alone() -> None:
    made = exchange({"id": 7, "key": "k"}, "/users/7")
    found = identified(USER, Creator("make", expressions=("$response.body#/key",)), made, anything)
    assert [value for value, _ in found.values()] == ["k"]
    assert identified(USER, Creator("make", expressions=("$response.body#/no",)), made, anything) == {}


def test_what_the_parameter_does_not_take_is_no_identifier() -> None:
    def number(name: str, value: Any) -> bool:
        return isinstance(value, int)

    assert looked_up(USER, {"userId": "x", "id": 7}, number) == {"userId": ("/id", 7)}
    assert sent_names(USER, {"userId": "x"}, number) == {}


SENT: list[tuple[Resource, Any, dict[str, Any]]] = [
    (USER, {"userId": "u", "age": 5}, {"userId": "u"}),
    (USER, {"id": 7}, {"userId": 7}),
    (USER, {"email": "a@b.example"}, {}),
    (RACK, {"name": "left"}, {"rack": "left"}),
    (RACK, {"name": "left", "code": "L"}, {}),  # either may be what it is called
    (USER, ["u"], {}),
]


@pytest.mark.parametrize(("resource", "body", "expected"), SENT)
def test_what_a_request_calls_the_thing(resource: Resource, body: Any, expected: dict[str, Any]) -> None:
    assert sent_names(resource, body, anything) == expected


def test_what_the_request_had_is_not_what_was_made() -> None:
    capture = Capture(Step(Case("other")), "$response.body#/id")
    case = Case("make", {"path.userId": 7}, {"owner": "me", "name": "n"})
    made = exchange(case=case, body_owner=capture)
    assert [is_given(made, each) for each in (7, "7", "me", "n", 8)] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("expression", "segment", "expected"),
    [
        ("$response.body#/items/0/id", False, 7),
        ("$response.body#/items/1/id", False, MISSING),
        ("$response.header.Location", False, "/users/a%20b"),
        ("$response.header.Location", True, "a b"),
        ("$response.header.X-No", False, MISSING),
        ("$request.body#/id", False, MISSING),
    ],
)
def test_a_runtime_expression(expression: str, segment: bool, expected: Any) -> None:
    made = exchange({"items": [{"id": 7}]}, "/users/a%20b")
    assert expressed(expression, made, segment=segment) == expected


def test_nothing_is_read_where_nothing_came() -> None:
    silent = SentCase(1, "stateful", (Step(Case("make")),), None)
    assert identified(USER, Creator("make"), silent, anything) == {}
    assert expressed("$response.body#/id", silent) is MISSING


def test_the_items_of_a_list() -> None:
    assert [*listed_items([{"id": 1}])] == [("/0", {"id": 1})]
    assert [*listed_items({"total": 1, "tags": [], "data": [{"id": 1}], "more": [{"id": 2}]})] == [
        ("/data/0", {"id": 1})
    ]
    assert [*listed_items("text")] == []
