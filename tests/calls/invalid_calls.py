"""Invalid calls of the Integration API.

A row is a name, what is called, the violations as (where, name, pointer) in any order, and words that the
first of them, as printed, must hold: what was allowed, or what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dynaclient import Client

Found = list[tuple[str, str, str]]
Row = tuple[str, Callable[[Client], Any], Found, str]

POINTS: dict[str, Any] = {"loyaltyProgramId": 7, "loyaltyCardId": "card-1"}
SESSION = {"customerSessionId": "s-1"}
REFERRAL = {"campaignId": 1, "advocateProfileIntegrationId": "i-1"}


def path(name: str) -> Found:
    return [("path", name, "")]


def query(name: str, pointer: str = "") -> Found:
    return [("query", name, pointer)]


def body(*pointers: str) -> Found:
    return [("body", "body", pointer) for pointer in pointers]


def argument(name: str) -> Found:
    return [("argument", name, "")]


def points(**names: Any) -> Callable[[Client], Any]:
    return lambda api: api.call("getLoyaltyCardPoints", {**POINTS, **names})


def session(value: str) -> Callable[[Client], Any]:
    return lambda api: api.get_customer_session(value)


def cart(**item: Any) -> Callable[[Client], Any]:
    given = {"customerSession": {"cartItems": [{"sku": "1", "quantity": 1, "name": "n"}, item]}}
    return lambda api: api.call("updateCustomerSessionV2", SESSION, body=given)


def refer(**more: Any) -> Callable[[Client], Any]:
    return lambda api: api.create_referral({**REFERRAL, **more})


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


loop: dict[str, Any] = {}
loop["again"] = loop

PATHS: list[Row] = [
    ("path missing", lambda api: api.get_customer_session(), path("customerSessionId"), "required"),
    ("path None", lambda api: api.get_customer_session(None), path("customerSessionId"), "required"),
    ("path empty", session(""), path("customerSessionId"), "empty"),
    ("path dot", session("."), path("customerSessionId"), "changes the path"),
    ("path dots", session(".."), path("customerSessionId"), "changes the path"),
    ("path LF", session("a\nb"), path("customerSessionId"), "control character"),
    ("path CR LF", session("a\r\nX: y"), path("customerSessionId"), "control character"),
    ("path NUL", session("\0"), path("customerSessionId"), "control character"),
    ("path DEL", session("\x7f"), path("customerSessionId"), "control character"),
    ("path half a character", session("\ud800"), path("customerSessionId"), "surrogate"),
    (
        "path wrong type",
        lambda api: api.get_customer_session(5),
        path("customerSessionId"),
        "expected a string",
    ),
    ("path bytes", lambda api: api.get_customer_session(b"s"), path("customerSessionId"), "bytes"),
    ("path text for integer", lambda api: api.delete_audience_v2("7"), path("audienceId"), "an integer"),
    ("path float for integer", lambda api: api.delete_audience_v2(7.5), path("audienceId"), "an integer"),
    ("path boolean for integer", lambda api: api.delete_audience_v2(True), path("audienceId"), "an integer"),
    ("path beyond int64", lambda api: api.delete_audience_v2(2**63), path("audienceId"), "greater than"),
    ("path below int64", lambda api: api.delete_audience_v2(-(2**63) - 1), path("audienceId"), "less than"),
    ("path too short", points(loyaltyCardId="abc"), path("loyaltyCardId"), "at least 4"),
    ("path too long", points(loyaltyCardId="x" * 109), path("loyaltyCardId"), "at most 108"),
    ("path NaN", lambda api: api.delete_audience_v2(float("nan")), path("audienceId"), "not JSON"),
]

QUERIES: list[Row] = [
    ("query wrong type", points(pageSize="10"), query("pageSize"), "expected an integer"),
    ("query below", points(pageSize=0), query("pageSize"), "less than 1"),
    ("query above", points(pageSize=1001), query("pageSize"), "greater than 1000"),
    ("query beyond int64", points(skip=2**63), query("skip"), "greater than 9223372036854775807"),
    ("query enum", points(status="gone"), query("status"), '"active", "pending", "expired"'),
    ("query enum in another case", points(sort="STARTDATE"), query("sort"), '"startDate", "expiryDate"'),
    ("query text for array", points(subledgerId="a"), query("subledgerId"), "expected an array"),
    ("query item", points(subledgerId=["a", 5]), query("subledgerId", "/1"), "expected a string"),
    (
        "query null item",
        points(subledgerId=[None]),
        query("subledgerId") + query("subledgerId", "/0"),
        "null",
    ),
    ("query set", points(subledgerId={"a"}), query("subledgerId"), "set"),
    (
        "query item enum",
        lambda api: api.get_customer_achievements("i", achievement_status=["active", "off"]),
        query("achievementStatus", "/1"),
        '"active", "scheduled"',
    ),
    (
        "query text for boolean",
        lambda api: api.get_customer_inventory("i", coupons="true"),
        query("coupons"),
        "expected a boolean",
    ),
    (
        "query 1 for boolean",
        lambda api: api.get_customer_inventory("i", coupons=1),
        query("coupons"),
        "expected a boolean",
    ),
    *(
        (
            f"date-time {text!r}",
            lambda api, text=text: api.get_loyalty_balances(7, "i", end_date=text),
            query("endDate"),
            "date-time",
        )
        for text in (
            "2024-02-30T12:00:00Z",
            "2024-02-29",
            "2024-02-29T12:00:00",
            "2024-02-29 12:00",
            "2024-02-29T24:00:00Z",
            "2024-02-29T12:00:00+0200",
            "now",
            "",
        )
    ),
    (
        "naive datetime",
        lambda api: api.get_loyalty_balances(7, "i", end_date=datetime(2024, 2, 29)),
        query("endDate"),
        "time zone",
    ),
    (
        "number for date-time",
        lambda api: api.get_loyalty_balances(7, "i", end_date=1709200800),
        query("endDate"),
        "expected a string",
    ),
    (
        "timedelta",
        lambda api: api.get_loyalty_balances(7, "i", end_date=timedelta(1)),
        query("endDate"),
        "timedelta",
    ),
]

ARGUMENTS: list[Row] = [
    (
        "unknown parameter",
        lambda api: api.get_customer_session("s", dyr=True),
        argument("dyr"),
        "no parameter 'dyr'",
    ),
    (
        "nearly known parameter",
        lambda api: api.get_loyalty_balances(7, "i", endDat=1),
        argument("endDat"),
        "did you mean endDate",
    ),
    (
        "number as a name",
        lambda api: api.call("getCustomerSession", {**SESSION, 5: 1}),
        argument("5"),
        "no parameter 5",
    ),
    (
        "extra positional",
        lambda api: api.get_customer_session("s", "t"),
        argument("positional"),
        "takes 1 positional",
    ),
    (
        "body by position where there is none",
        lambda api: api.get_customer_session("s", {}, 3),
        argument("positional"),
        "3 given",
    ),
    (
        "two spellings",
        lambda api: api.call("getCustomerSession", SESSION, customer_session_id="t"),
        argument("customer_session_id"),
        "given twice",
    ),
    (
        "two spellings of an optional one",
        lambda api: api.get_loyalty_balances(7, "i", endDate="2024-02-29T00:00:00Z", end_date=None),
        argument("end_date"),
        "given twice",
    ),
    (
        "position and name",
        lambda api: api.get_customer_session("s", customerSessionId="s"),
        argument("customerSessionId"),
        "given twice",
    ),
    (
        "body twice",
        lambda api: api.create_referral(REFERRAL, body=REFERRAL),
        argument("body"),
        "given twice",
    ),
    (
        "a body where none is taken",
        lambda api: api.call("getCustomerSession", SESSION, body={}),
        argument("body"),
        "takes no body",
    ),
    (
        "a list for the mapping",
        lambda api: api.call("createAudienceV2", [1], body={"name": "A"}),
        argument("mapping"),
        "list",
    ),
]

WHEN = "2024-02-29T12:00:00Z"

BODIES: list[Row] = [
    ("body missing", lambda api: api.create_referral(), body(""), "required"),
    ("body None", lambda api: api.create_referral(None), body(""), "required"),
    ("body list", lambda api: api.create_referral([]), body(""), "expected an object"),
    ("body text", lambda api: api.create_referral("{}"), body(""), "expected an object"),
    ("body bytes", lambda api: api.create_referral(b"{}"), body(""), "JSON"),
    (
        "property missing",
        lambda api: api.create_referral({"campaignId": 1}),
        body(""),
        "'advocateProfileIntegrationId' is missing",
    ),
    ("two missing", lambda api: api.create_referral({}), body("", ""), "is missing"),
    ("property type", refer(campaignId="1"), body("/campaignId"), "expected an integer"),
    ("property null", refer(campaignId=None), body("/campaignId"), "null"),
    ("property above", refer(usageLimit=1000000), body("/usageLimit"), "greater than 999999"),
    ("property below", refer(usageLimit=-1), body("/usageLimit"), "less than 0"),
    (
        "property too long",
        refer(advocateProfileIntegrationId="x" * 1001),
        body("/advocateProfileIntegrationId"),
        "at most 1000",
    ),
    ("property date-time", refer(startDate="tomorrow"), body("/startDate"), "not a date-time"),
    ("property naive", refer(startDate=datetime(2024, 2, 29)), body("/startDate"), "time zone"),
    ("property NaN", refer(attributes={"x": float("nan")}), body("/attributes/x"), "not JSON"),
    ("property infinite", refer(attributes={"a/b": [float("inf")]}), body("/attributes/a~1b/0"), "not JSON"),
    ("property set", refer(attributes={"x": {1}}), body("/attributes/x"), "set"),
    ("property object", refer(attributes={"x": [object()]}), body("/attributes/x/0"), "object"),
    ("property bytes", refer(attributes={"x": b"1"}), body("/attributes/x"), "bytes"),
    (
        "property Decimal",
        refer(attributes={"x": Decimal("1E+1000000000")}),
        body("/attributes/x"),
        "digits",
    ),
    ("property name no text", refer(attributes={1: 2}), body("/attributes"), "not a string"),
    ("property half a character", refer(attributes={"x": "\udc00"}), body("/attributes/x"), "surrogate"),
    ("body too deep", refer(attributes=nested(300)), body(""), "deeper"),
    ("body a circle", refer(attributes=loop), body(""), "deeper"),
    (
        "deep quantity",
        cart(sku="2", quantity=0),
        body("/customerSession/cartItems/1/quantity"),
        "less than 1",
    ),
    ("deep missing", cart(quantity=1), body("/customerSession/cartItems/1"), "'sku' is missing"),
    ("deep type", cart(sku=2, quantity=1), body("/customerSession/cartItems/1/sku"), "expected a string"),
    ("deep empty", cart(sku="", quantity=1), body("/customerSession/cartItems/1/sku"), "at least 1"),
    (
        "read-only",
        cart(sku="2", quantity=1, position=1),
        body("/customerSession/cartItems/1/position"),
        "readOnly",
    ),
    (
        "enum in body",
        lambda api: api.update_customer_session_v2("s", {"customerSession": {"state": "shut"}}),
        body("/customerSession/state"),
        '"open", "closed"',
    ),
    (
        "too many items",
        lambda api: api.update_customer_session_v2("s", {"customerSession": {"loyaltyCards": ["a", "b"]}}),
        body("/customerSession/loyaltyCards"),
        "at most 1",
    ),
    (
        "item too long",
        lambda api: api.update_customer_session_v2(
            "s", {"customerSession": {"couponCodes": ["ok", "x" * 101]}}
        ),
        body("/customerSession/couponCodes/1"),
        "at most 100",
    ),
    ("too few items", lambda api: api.sync_catalog(7, {"actions": []}), body("/actions"), "at least 1"),
    (
        "pattern",
        lambda api: api.generate_loyalty_card(7, {"cardIdentifier": "a b c d"}),
        body("/cardIdentifier"),
        "pattern",
    ),
    (
        "items not unique",
        lambda api: api.activate_loyalty_points(
            7, {"transactionUUIDs": ["6f96cfe0-6de7-4a3b-9c8d-0d3a1c2b3a4f"] * 2}
        ),
        body("/transactionUUIDs"),
        "not unique",
    ),
    (
        "uuid",
        lambda api: api.activate_loyalty_points(7, {"transactionUUIDs": ["6f96"]}),
        body("/transactionUUIDs/0"),
        "uuid",
    ),
    (
        "content type not documented",
        lambda api: api.call("createReferral", body="a: 1", options={"content_type": "application/yaml"}),
        [("content-type", "application/yaml", "")],
        "application/json",
    ),
]

SEVERAL: list[Row] = [
    (
        "all at once",
        lambda api: api.call(
            "returnCartItems",
            {"customerSessionId": "", "dry": "yes", "nope": 1, "runRuleEngine": 0},
            body={
                "return": {"returnedCartItems": [{"position": "x", "quantity": 1}, []]},
                "responseContent": ["x"],
            },
        ),
        [
            *argument("nope"),
            *path("customerSessionId"),
            *query("dry"),
            *query("runRuleEngine"),
            *body("/return/returnedCartItems/0/position", "/return/returnedCartItems/1"),
            *body("/responseContent/0"),
        ],
        "nope",
    ),
    (
        "everything missing",
        lambda api: api.call("linkLoyaltyCardToProfile"),
        [*path("loyaltyProgramId"), *path("loyaltyCardId"), *body("")],
        "required",
    ),
    (
        "every bound of a query",
        points(pageSize=5000, skip="x", status="x", sort="x", transactionUUIDs=[1, "a", 2]),
        [
            *query("pageSize"),
            *query("skip"),
            *query("status"),
            *query("sort"),
            *query("transactionUUIDs", "/0"),
            *query("transactionUUIDs", "/2"),
        ],
        "is not one of",
    ),
]  # fmt: skip

TALON = PATHS + QUERIES + ARGUMENTS + BODIES + SEVERAL
