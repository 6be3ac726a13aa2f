"""`find`: what people write of an operation leads to it; the best comes first."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

import dynaclient
from dynaclient import Client
from tests.cli.conftest import Run, Save
from tests.small import document, one, param, said

NAME = "talon-one-integration"
TALON = Client(NAME)

FIRST = {
    "coupon": "createCouponReservation",
    "COUPONS": "createCouponReservation",
    "reserve coupon": "createCouponReservation",
    "release coupon": "createCouponReservation",
    "remove coupon": "deleteCouponReservation",
    "cancel a coupon reservation": "deleteCouponReservation",
    "list coupon holders": "getReservedCustomers",
    "customer session": "getCustomerSession",
    "read session": "getCustomerSession",
    "change session": "updateCustomerSessionV2",
    "return items": "returnCartItems",
    "new audience": "createAudienceV2",
    "destroy audience": "deleteAudienceV2",
    "rename audience": "updateAudienceV2",
    "points balance": "getLoyaltyBalances",
    "card balance": "getLoyaltyCardBalances",
    "reopen": "reopenCustomerSession",
    "referral": "createReferral",
    "many referrals": "createReferralsForMultipleAdvocates",
    "send event": "trackEventV2",
    "lowest price": "bestPriorPrice",
    "get_customer_inventory": "getCustomerInventory",
    "getCustomerInventory": "getCustomerInventory",
    "cupon": "createCouponReservation",
    "catalogs": "syncCatalog",
    "/v2/customer_sessions": "getCustomerSession",
    "PUT /v1/catalogs": "syncCatalog",
    "/catalogs remove": "syncCatalog",
}
"""What somebody looks for, and what is meant; wrong spellings, plurals and other verbs among them."""


@pytest.mark.parametrize("words", FIRST)
def test_what_is_meant_comes_first(words: str) -> None:
    assert TALON.find(words)[0].key == FIRST[words]


PET = {
    "type": "object",
    "properties": {"microchip": {"type": "string"}, "owner": {"$ref": "#/components/schemas/Keeper"}},
}
ISSUES = document(
    {
        "/repos/{repo}/issues": {
            "get": {"operationId": "repoIssues", "tags": ["Tracker"]},
            "post": {"operationId": "open", "summary": "Report a bug"},
        },
        "/pets": {
            "get": {
                "operationId": "animals",
                "parameters": [param("colourOfFur")],
                "responses": {"200": said({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}})},
            },
            "post": {"operationId": "old", "deprecated": True, "summary": "Buy a pet"},
        },
        "/shop/pets": {"post": {"operationId": "buy", "summary": "Buy a pet", "description": "A whistle"}},
        "/élèves": {"get": {"operationId": "élèveListe"}},
    },
    components={"schemas": {"Pet": PET, "Keeper": {"type": "object"}}},
)  # fmt: skip
PLACES = {
    "tracker": ["repoIssues"],
    "issue": ["repoIssues", "open"],  # a verb elsewhere: here a path has it
    "list issues": ["repoIssues"],
    "fur": ["animals"],
    "colour-of-fur": ["animals"],
    "microchips": ["animals"],
    "keeper": ["animals"],
    "whistle": ["buy"],
    "buy pet": ["buy", "old"],  # what is deprecated comes last
    "élève": ["élèveListe"],
    "zebra": [],
    "": ["repoIssues", "open", "animals", "old", "buy", "élèveListe"],
    "pets zebra": ["animals", "old", "buy"],  # none has both
}


@pytest.mark.parametrize("words", PLACES)
def test_ids_paths_summaries_tags_parameters_schemas_and_properties_are_looked_at(words: str) -> None:
    found = [each.key for each in Client(ISSUES).find(words)]
    assert found == PLACES[words] if words != "pets zebra" else sorted(found) == sorted(PLACES[words])


JOBS = document(
    {
        "/coupons": {
            "get": {"operationId": "getCouponsWithoutTotalCount", "summary": "List coupons"},
            "post": {"operationId": "createCoupons"},
        },
        "/coupons/{id}": {"get": {"operationId": "coupon"}},
        "/coupons/rejections": {"get": {"operationId": "generateCouponRejections"}},
        "/coupons/reservations": {"post": {"operationId": "createCouponReservation"}},
        "/lists": {"post": {"operationId": "appendMember"}, "get": {"operationId": "members"}},
    }
)
RANKED = {
    "list coupons": ["getCouponsWithoutTotalCount"],
    "get coupon": ["getCouponsWithoutTotalCount", "coupon", "generateCouponRejections"],
    "create coupons": ["createCoupons", "createCouponReservation"],
    "generate coupons": ["generateCouponRejections"],
    "add member to list": ["appendMember"],  # a verb elsewhere, a thing here
}


@pytest.mark.parametrize("words", RANKED)
def test_what_an_operation_does_says_its_id_its_summary_or_its_method(words: str) -> None:
    found = [each.key for each in Client(JOBS).find(words)]
    assert found[: len(RANKED[words])] == RANKED[words]


def test_words_may_be_one_text_or_several() -> None:
    assert (
        TALON.find("remove", "coupon")
        == TALON.find("remove coupon")
        == dynaclient.find(TALON, "remove coupon")
    )


def test_a_document_that_is_wrong_everywhere_is_searched_too() -> None:
    odd: dict[str, Any] = {
        "operationId": "x" * 5000,
        "summary": "\x1b]0;pwned\x07 " + "word " * 10_000,
        "tags": [5, None],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/nowhere"}}}},
        "responses": {
            "200": {"$ref": "#/gone"},
            "default": said({"allOf": [{"$ref": "#/components/schemas/A"}]}),
        },
    }
    loop = {
        "A": {
            "properties": {"a": {"$ref": "#/components/schemas/A"}},
            "items": {"$ref": "#/components/schemas/A"},
        }
    }
    found = Client(document({"/x": {"get": odd}}, components={"schemas": loop})).find("word")
    assert len(found) == 1
    assert "\x1b" not in repr(found)


def test_it_prints_as_a_table() -> None:
    found = repr(TALON.find("reopen"))
    assert found.split("  ")[0] == "reopen_customer_session"
    assert "PUT /v2/customer_sessions/{customerSessionId}/reopen" in found
    assert repr(TALON.find("zzzzzz")) == "<no operation>"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_prompt_shows_ids_and_segments_whole(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    printed: list[str] = []
    TALON.operations._repr_pretty_(SimpleNamespace(text=printed.append), cycle=False)
    found = TALON.find("points of a loyalty card")
    for shown, those in ((repr(found), found), (printed[0], TALON.operations.values())):
        lines = shown.splitlines()
        assert all(len(each) <= width for each in lines)
        words = shown.split()
        for each in those:
            assert each.attribute in words
            assert each.path in "".join(words)
            assert all(f"/{segment}" in shown for segment in each.path.split("/")[1:])
    assert all(" ".join(each.summary.split()) in " ".join(repr(found).split()) for each in found)


def test_on_the_command_line(run: Run) -> None:
    rows = run("find", NAME, "remove", "coupon").out.splitlines()
    assert rows[0].split() == ["operation", "method", "path", "summary"]
    assert rows[1].startswith("deleteCouponReservation  DELETE")
    found = json.loads(run("find", NAME, "remove coupon", "--json").out)
    assert found[0]["operation"] == "deleteCouponReservation"
    assert set(found[0]) == {"operation", "method", "path", "summary", "tags", "deprecated"}


def test_nothing_is_found_as_grep_finds_nothing(run: Run, save: Save) -> None:
    path = save(one("get"))
    result = run("find", path, "zebra", "stripes")
    assert (result.code, result.out) == (1, "")
    assert (
        result.err
        == f"dynaclient: of 1 operation none has 'zebra stripes'; `dynaclient ops {path}` lists all\n"
    )
