"""The strategies: hypothesis makes every choice, so what fails shrinks to something small."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from dynaclient import Client, UnknownOperation
from dynaclient.contract import Case, Unmakeable, broken, valid
from dynaclient.contract.strategies import Drawn
from tests.small import one, param

TALON = Client("talon-one-integration")
QUICK = settings(max_examples=300, derandomize=True, database=None)


@given(st.data())
def test_the_source_keeps_to_its_bounds(data: st.DataObject) -> None:
    source = Drawn(data.draw)
    assert 3 <= source.integer(3, 9) <= 9
    assert source.choice("abc") in "abc"
    assert source.chance(2) in (True, False)
    assert source.integer(7, 7) == 7


def test_a_failure_shrinks_to_the_smallest_case() -> None:
    limit = {"type": "integer", "minimum": 0, "maximum": 10**6}
    client = Client(one("get", "/x", param("n", "query", limit), param("other"), param("more")))
    found = find(valid(client, "op"), lambda case: case.arguments.get("query.n", 0) > 30, settings=QUICK)
    assert found == Case("op", {"query.n": 31})


def test_bodies_shrink_too() -> None:
    attributes = {"type": "object", "additionalProperties": {"type": "string"}}
    item = closed(
        {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}}, "sku", "quantity"
    )
    session = closed(
        {
            "items": {
                "type": "array",
                "items": {**item, "properties": {**item["properties"], "more": attributes}},
            },
            "coupons": {"type": "array", "items": {"type": "string"}},
            "state": {"enum": ["open", "closed"]},
            "more": attributes,
        }
    )
    client = Client(one("put", "/x", param("dry", "query"), body=closed({"session": session}, "session")))
    found = find(valid(client, "op"), lambda case: bool(case.body["session"].get("items")), settings=QUICK)
    assert found == Case("op", body={"session": {"items": [{"sku": "", "quantity": 1}]}})


def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [*required],
        "properties": properties,
        "additionalProperties": False,
    }


def test_broken_cases_have_one_fault_and_reach_every_kind() -> None:
    kinds = set()

    @settings(max_examples=200)
    @given(broken(TALON, "createReferral", lost=True))
    def collect(case: Case) -> None:
        assert case.fault is not None
        assert case.violations(TALON)
        kinds.add(case.fault.keyword)

    collect()
    assert kinds >= {"required", "type", "unknown", "maxLength", "format"}


NUMBER = param("n", "query", {"type": "integer"})


@settings(max_examples=50)
@given(broken(Client(one("get", "/x", param("s"), NUMBER)), "op"))
def test_a_server_gets_to_see_what_is_broken(case: Case) -> None:
    assert case.fault is not None
    assert (case.fault.name, case.lost) == ("n", "")


def test_where_nothing_can_be_seen_it_is_said_at_once() -> None:
    client = Client(one("get", "/x", param("s")))
    with pytest.raises(Unmakeable, match="op: there is nothing to make invalid and seen"):
        broken(client, "op")
    assert find(broken(client, "op", lost=True), lambda case: True, settings=QUICK).lost


def test_what_cannot_be_made_is_said_at_once() -> None:
    impossible: dict[str, Any] = param("p", "query", {"not": {}}, required=True)
    client = Client(one("get", "/x", impossible))
    for strategy in (valid, broken):
        with pytest.raises(Unmakeable, match=r"op: query\.p: "):
            strategy(client, "op")
        with pytest.raises(UnknownOperation):
            strategy(client, "nothing")


def test_an_operation_is_found_under_each_of_its_names() -> None:
    unshrunk = settings(QUICK, phases=[Phase.generate])
    strategy = valid(TALON, "POST /v1/referrals")
    assert find(strategy, lambda case: True, settings=unshrunk).operation == "createReferral"
