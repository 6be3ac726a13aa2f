"""`contract.check`: what it says of an exchange, and checks of the user."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, SettingsError, Violation, contract
from dynaclient.contract import Case
from tests.contract.shop import SHOP, HandWritten, right


def wrong(*_: Any) -> tuple[int, Any]:
    return 200, {"id": 7, "entries": [{"sku": "", "price": 1}]}


def got(serve: Any) -> tuple[Case, Any]:
    with HandWritten(serve) as server, Client(SHOP, server=server.url) as shop:
        case = Case("getList", {"path.id": "a"})
        return case, case.send(shop)


def test_it_says_what_the_command_prints() -> None:
    case, response = got(wrong)
    with pytest.raises(AssertionError) as caught:
        contract.check(case, response)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("getList: body_documented: body at /id: ")
    assert lines[1].startswith("    document: /paths/~1lists~1{id}/get/responses/200/")
    assert lines[2].startswith("getList: body_documented: body at /entries/0/sku: ")
    assert lines[4].startswith('    response: 200, application/json: {"id": 7')
    assert lines[5].startswith("    dynaclient call DOCUMENT getList --server http://127.0.0.1:")
    assert lines[7].startswith("    curl ")


def test_a_response_that_nobody_saw_has_no_command() -> None:
    case, response = got(wrong)
    got(right)
    with pytest.raises(AssertionError, match="body_documented") as caught:
        contract.check(case, response)
    assert "dynaclient call" not in str(caught.value)


def no_list(case: Case, response: Any) -> list[Violation]:
    return [Violation("body", "", "/entries", f"{case.operation} has {len(response.data['entries'])}")]


def no_seven(case: Case, response: Any) -> None:
    assert response.data["id"] != "a", "no a"


def content(case: Case, response: Any) -> None:
    assert response.data


OWN = [
    (right, (), ""),
    (right, [no_list], "getList: no_list: body at /entries: getList has 1"),
    (right, [no_seven], "getList: no_seven: no a"),
    (right, [content], ""),
    (wrong, [content], "getList: body_documented: "),
    (wrong, ["no_server_error", content], ""),
    (wrong, ["-body_documented"], ""),
    (wrong, ["-body_documented", no_list], "getList: no_list: "),
]


@pytest.mark.parametrize(("serve", "checks", "said"), OWN)
def test_checks_are_chosen_and_added(serve: Any, checks: Any, said: str) -> None:
    case, response = got(serve)
    if not said:
        contract.check(case, response, checks=checks)
        return
    with pytest.raises(AssertionError) as caught:
        contract.check(case, response, checks=checks)
    assert str(caught.value).startswith(said)


def test_a_check_that_is_not_there() -> None:
    case, response = got(right)
    with pytest.raises(SettingsError, match="there is no check 'use_after_delete' of a response"):
        contract.check(case, response, checks=["use_after_delete"])
