"""Every operation of the Integration API, called as the official generated clients call it.

The requests of 2026-05 stand in the table `CALLS`, byte for byte. Those of the five older generations follow
from `seeds.yaml`, which says what each official client of its time takes; it lies beside the project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import Client
from tests.servers import RawServer, Recorded
from tests.small import json_reply

SEEDS = Path(__file__).parents[2] / "shared" / "facts" / "talon-one-integration" / "seeds.yaml"
KEY = "ApiKey-v1 s3cr3t"
SIGNATURE = "signer=1; signature=0"

ODD = "a/b c+é%?#&=~:@;,$!*'()[]\"<>|^`\\{}"
RAW = "a%2Fb%20c%2B%C3%A9%25%3F%23%26%3D~%3A%40%3B%2C%24%21%2A%27%28%29%5B%5D%22%3C%3E%7C%5E%60%5C%7B%7D"
"""What the last column of wire.md makes of ODD; the table there was recorded, this is no code's answer."""
NOON = datetime(2024, 2, 29, 12, tzinfo=timezone(timedelta(hours=2)))
UTC = datetime(2024, 2, 29, 10, tzinfo=timezone.utc)
RAW_NOON, RAW_UTC = "2024-02-29T12%3A00%3A00%2B02%3A00", "2024-02-29T10%3A00%3A00Z"

IDS = {"integrationIDs": ["é", "b/1"]}
CARD = {"integrationId": "i-1"}
BODIES: dict[str, Any] = {
    "updateCustomerSessionV2": {"customerSession": {"couponCodes": [], "state": "open"}},
    "returnCartItems": {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}},
    "updateCustomerProfileV2": {"attributes": {"Name": "é", "gone": None}},
    "updateCustomerProfilesV2": {"customerProfiles": [{"integrationId": "i-1"}]},
    "createAudienceV2": {"name": "A"},
    "updateAudienceV2": {"name": "B"},
    "updateCustomerProfileAudiences": {
        "data": [{"action": "add", "profileIntegrationId": "i-1", "audienceId": 1}]
    },
    "updateAudienceCustomersAttributes": {"attributes": {"a": 1}},
    "linkLoyaltyCardToProfile": CARD,
    "unlinkLoyaltyCardFromProfile": CARD,
    "trackEventV2": {"type": "t", "profileId": "p"},
    "trackEvent": {"type": "t", "sessionId": "s", "attributes": {}},
    "createReferral": {"campaignId": 2**31, "advocateProfileIntegrationId": "i-1"},
    "createReferralsForMultipleAdvocates": {
        "campaignId": 1,
        "advocateProfileIntegrationIds": ["i-1"],
        "usageLimit": 0,
    },
    "createCouponReservation": IDS,
    "deleteCouponReservation": IDS,
    "deleteLoyaltyTransactionsFromLedgers": {"scope": "AllSubledgers"},
    "activateLoyaltyPoints": {"sessionId": "s-1"},
    "generateLoyaltyCard": {"status": "active"},
    "bestPriorPrice": {
        "skus": ["1"],
        "timeframe": "30D",
        "timeframeEndDate": UTC,
        "timeframeEndDateType": "strict",
    },
    "syncCatalog": {"actions": [{"type": "ADD", "payload": {"sku": "1"}}]},
    "updateCustomerProfile": {"attributes": {}},
    "updateCustomerSession": {"coupon": "c", "total": 10.0},
}

LP = "/v1/loyalty_programs/7"
PAGE, RAW_PAGE = {"page_size": 10, "skip": 0}, "pageSize=10&skip=0"
MANY, RAW_MANY = ["x", "y z", "q,r&s"], "{0}=x&{0}=y%20z&{0}=q%2Cr%26s"
SESSIONS = RAW_MANY.format("customerSessionIDs")
UUIDS = RAW_MANY.format("transactionUUIDs")
LEDGERS = RAW_MANY.format("subledgerId")
BOTH: dict[str, Any] = {"customer_session_ids": MANY, "transaction_uuids": MANY}
SPAN: dict[str, Any] = {"start_date": NOON, "end_date": UTC}
RAW_SPAN = f"startDate={RAW_NOON}&endDate={RAW_UTC}"
LEDGER, RAW_LEDGER = {"subledger_id": ""}, "subledgerId="
KINDS = {"profile": True, "referrals": False, "coupons": True, "loyalty": True, "giveaways": False}
RAW_KINDS = "profile=true&referrals=false&coupons=true&loyalty=true&giveaways=false&achievements=true"

Call = tuple[str, str, tuple[Any, ...], dict[str, Any], str]

CALLS: list[Call] = [
    ("getCustomerSession", "GET", (ODD,), {}, f"/v2/customer_sessions/{RAW}"),
    (
        "updateCustomerSessionV2",
        "PUT",
        (ODD,),
        {"now": NOON, "dry": True},
        f"/v2/customer_sessions/{RAW}?dry=true&now={RAW_NOON}",
    ),
    (
        "returnCartItems",
        "POST",
        (ODD,),
        {"dry": False, "run_rule_engine": True},
        f"/v2/customer_sessions/{RAW}/returns?dry=false&runRuleEngine=true",
    ),
    ("reopenCustomerSession", "PUT", (ODD,), {}, f"/v2/customer_sessions/{RAW}/reopen"),
    (
        "updateCustomerProfileV2",
        "PUT",
        (ODD,),
        {"run_rule_engine": False, "dry": True},
        f"/v2/customer_profiles/{RAW}?runRuleEngine=false&dry=true",
    ),
    ("updateCustomerProfilesV2", "PUT", (), {"silent": "no"}, "/v2/customer_profiles?silent=no"),
    ("createAudienceV2", "POST", (), {}, "/v2/audiences"),
    ("updateAudienceV2", "PUT", (7,), {}, "/v2/audiences/7"),
    ("deleteAudienceV2", "DELETE", (2**63 - 1,), {}, "/v2/audiences/9223372036854775807"),
    ("deleteAudienceMembershipsV2", "DELETE", (7,), {}, "/v2/audiences/7/memberships"),
    ("updateCustomerProfileAudiences", "POST", (), {}, "/v2/customer_audiences"),
    ("updateAudienceCustomersAttributes", "PUT", (7,), {}, "/v2/audience_customers/7/attributes"),
    ("linkLoyaltyCardToProfile", "POST", (7, ODD), {}, f"/v2/loyalty_programs/7/cards/{RAW}/link_profile"),
    (
        "unlinkLoyaltyCardFromProfile",
        "POST",
        (7, ODD),
        {},
        f"/v2/loyalty_programs/7/cards/{RAW}/unlink_profile",
    ),
    (
        "integrationGetAllCampaigns",
        "GET",
        (),
        {**PAGE, "campaign_ids": ["1", "2,3", " 4/é+"], "start_after": UTC},
        f"/v1/integration/campaigns?{RAW_PAGE}&campaignIds=1,2%2C3,%204%2F%C3%A9%2B&startAfter={RAW_UTC}",
    ),
    (
        "trackEventV2",
        "POST",
        (),
        {"silent": "yes", "dry": False, "force_complete_evaluation": True},
        "/v2/events?silent=yes&dry=false&forceCompleteEvaluation=true",
    ),
    ("createReferral", "POST", (), {}, "/v1/referrals"),
    (
        "createReferralsForMultipleAdvocates",
        "POST",
        (),
        {"silent": "é b/1"},
        "/v1/referrals_for_multiple_advocates?silent=%C3%A9%20b%2F1",
    ),
    ("deleteCustomerData", "DELETE", (ODD,), {}, f"/v1/customer_data/{RAW}"),
    ("createCouponReservation", "POST", (ODD,), {}, f"/v1/coupon_reservations/{RAW}"),
    ("deleteCouponReservation", "DELETE", (ODD,), {}, f"/v1/coupon_reservations/{RAW}"),
    ("getReservedCustomers", "GET", (ODD,), {}, f"/v1/coupon_reservations/customerprofiles/{RAW}"),
    (
        "getCustomerInventory",
        "GET",
        (ODD,),
        {**KINDS, "achievements": True},
        f"/v1/customer_profiles/{RAW}/inventory?{RAW_KINDS}",
    ),
    (
        "getCustomerAchievements",
        "GET",
        (ODD,),
        {
            "campaign_ids": ["1"],
            "achievement_ids": [],
            "achievement_status": ["active", "scheduled"],
            "current_progress_status": ["not_started"],
            **PAGE,
        },
        f"/v1/customer_profiles/{RAW}/achievements?campaignIds=1&achievementStatus=active,scheduled"
        f"&currentProgressStatus=not_started&{RAW_PAGE}",
    ),
    (
        "getCustomerAchievementHistory",
        "GET",
        (ODD, 3),
        {"progress_status": ["inprogress", "expired"], **SPAN, **PAGE},
        f"/v1/customer_profiles/{RAW}/achievements/3?progressStatus=inprogress,expired&{RAW_SPAN}&{RAW_PAGE}",
    ),
    (
        "getLoyaltyCardBalances",
        "GET",
        (7, ODD),
        {"end_date": UTC, "subledger_id": MANY},
        f"{LP}/cards/{RAW}/balances?endDate={RAW_UTC}&{LEDGERS}",
    ),
    (
        "getLoyaltyBalances",
        "GET",
        (7, ODD),
        {"end_date": NOON, **LEDGER, "include_tiers": True, "include_projected_tier": False},
        f"{LP}/profile/{RAW}/balances?endDate={RAW_NOON}&{RAW_LEDGER}&includeTiers=true"
        "&includeProjectedTier=false",
    ),
    (
        "getLoyaltyCardTransactions",
        "GET",
        (7, ODD),
        {
            "awaits_activation": True,
            **PAGE,
            **BOTH,
            **SPAN,
            "loyalty_transaction_type": "manual",
            "subledger_id": [],
        },
        f"{LP}/cards/{RAW}/transactions?loyaltyTransactionType=manual&{RAW_SPAN}&{SESSIONS}&{UUIDS}&{RAW_PAGE}"
        "&awaitsActivation=true",
    ),
    (
        "getLoyaltyProgramProfileTransactions",
        "GET",
        (7, ODD),
        {**BOTH, **LEDGER, "loyalty_transaction_type": "import", **SPAN, **PAGE, "awaits_activation": False},
        f"{LP}/profile/{RAW}/transactions?{SESSIONS}&{UUIDS}&{RAW_LEDGER}&loyaltyTransactionType=import"
        f"&{RAW_SPAN}&{RAW_PAGE}&awaitsActivation=false",
    ),
    ("deleteLoyaltyTransactionsFromLedgers", "POST", (7, ODD), {}, f"{LP}/profile/{RAW}/delete_transactions"),
    (
        "getLoyaltyCardPoints",
        "GET",
        (7, ODD),
        {"status": "pending", "subledger_id": MANY, **BOTH, **PAGE, "sort": "expiryDate"},
        f"{LP}/cards/{RAW}/points?status=pending&{LEDGERS}&{SESSIONS}&{UUIDS}&{RAW_PAGE}&sort=expiryDate",
    ),
    (
        "getLoyaltyProgramProfilePoints",
        "GET",
        (7, ODD),
        {"status": "active", **LEDGER, **BOTH, **PAGE, "sort": "startDate"},
        f"{LP}/profile/{RAW}/points?status=active&{RAW_LEDGER}&{SESSIONS}&{UUIDS}&{RAW_PAGE}&sort=startDate",
    ),
    ("activateLoyaltyPoints", "POST", (7,), {}, f"{LP}/activate_points"),
    ("generateLoyaltyCard", "POST", (7,), {}, f"{LP}/cards"),
    ("bestPriorPrice", "POST", (), {}, "/v1/best_prior_price"),
    ("syncCatalog", "PUT", (7,), {}, "/v1/catalogs/7/sync"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(json_reply({})) as server:
        yield server


@cache
def client(generation: str, url: str) -> Client:
    """A client whose answers are not looked at; what the recording server says fits no operation."""
    name = f"talon-one-integration@{generation}"
    validate: Any = {"response": "off"}
    return Client(name, server=url, credentials={"api_key_v1": KEY}, validate=validate)


def sent(server: RawServer, call: Any, *positionals: Any, **keywords: Any) -> Recorded:
    """The one request that a call sends."""
    before = len(server.requests)
    call(*positionals, **keywords)
    assert len(server.requests) == before + 1
    return server.requests[-1]


def check(request: Recorded, method: str, target: str, body: Any, server: RawServer, accept: str) -> None:
    """What every request has, by the last column of wire.md."""
    assert (request.method, request.target) == (method, target)
    assert request.head[0].endswith(" HTTP/1.1")
    assert request.all("Host") == [server.url.removeprefix("http://")]
    assert request.all("Authorization") == [KEY]
    assert request.all("Accept") == [accept]
    assert request.all("User-Agent")[0].startswith("dynaclient/")
    assert request.all("Transfer-Encoding") == []
    if body is not None:
        assert json.loads(request.body) == body
        assert request.all("Content-Type") == ["application/json"]
        assert request.all("Content-Length") == [str(len(request.body))]
    else:
        assert request.body == b""
        assert request.all("Content-Type") == []
        assert request.all("Content-Length") == (["0"] if method in ("PUT", "POST") else [])


def as_json(body: Any) -> Any:
    """A body as it travels: a datetime of UTC is written with Z."""
    return json.loads(json.dumps(body, default=lambda when: when.isoformat().replace("+00:00", "Z")))


def test_the_table_holds_every_operation_of_the_newest_generation() -> None:
    newest = Client("talon-one-integration")
    assert [name for name, *_ in CALLS] == list(newest.operations)
    assert len(CALLS) == 36
    for name, _, positionals, keywords, _ in CALLS:
        operation = newest.operations[name]
        assert len(positionals) == len(operation.required), name
        assert set(keywords) == {parameter.python_name for parameter in operation.optional} - {
            *(() if name != "integrationGetAllCampaigns" else UNUSED)
        }


UNUSED = ("campaign_states", "start_before", "end_after", "end_before")


@pytest.mark.parametrize(
    ("name", "method", "positionals", "keywords", "target"), CALLS, ids=[name for name, *_ in CALLS]
)
def test_operations_of_2026_05(
    name: str, method: str, positionals: Any, keywords: Any, target: str, server: RawServer
) -> None:
    api = client("2026-05", server.url)
    operation = api.operations[name]
    body = [BODIES[name]] if operation.body else []
    assert (name in BODIES) == bool(operation.body)
    bound = getattr(api, operation.attribute)
    by_position = sent(server, bound, *positionals, *body, **keywords)
    check(by_position, method, target, as_json(body[0]) if body else None, server, "application/json")

    named = dict(zip((each.python_name for each in operation.required), positionals, strict=True))
    rest = {"body": body[0]} if body else {}
    assert sent(server, bound, **named, **keywords, **rest).raw == by_position.raw
    assert sent(server, api.call, name, **named, **keywords, **rest).raw == by_position.raw
    wire = {each.name: {**named, **keywords}.get(each.python_name) for each in operation.parameters}
    assert sent(server, api.send, name, wire, **rest).raw == by_position.raw
    assert sent(server, api.call, f"{method} {operation.path}", wire, **rest).raw == by_position.raw


# -- the older generations ---------------------------------------------------------------------------


def seeds() -> list[tuple[str, dict[str, Any]]]:
    if not SEEDS.is_file():
        return []
    generations = yaml.safe_load(SEEDS.read_text(encoding="utf-8"))["seeds"]
    return [(name, each) for name, generation in generations.items() for each in generation["operations"]]


ROWS = seeds()
needs_seeds = pytest.mark.skipif(not ROWS, reason="the seeds lie beside the project and are not here")

VALUES: dict[str, tuple[Any, str]] = {
    "String": (ODD, RAW),
    "Integer": (17, "17"),
    "Boolean": (False, "false"),
    "DateTime": (NOON, RAW_NOON),
}


def value(parameter: dict[str, Any]) -> tuple[Any, str]:
    """A value for a parameter of the seeds, and the text that it is on the wire."""
    if parameter.get("enum"):
        return parameter["enum"][-1], parameter["enum"][-1]
    if parameter["wire"] == "status":
        return "pending", "pending"
    if parameter["type"] == "array":
        return MANY, "x,y%20z,q%2Cr%26s"  # the facts of 2024-06, which alone has them: `explode: false`
    return VALUES[parameter["type"]]


@needs_seeds
def test_the_seeds_are_all_there() -> None:
    assert len(ROWS) == 90
    assert [len([1 for name, _ in ROWS if name == each]) for each in dict(ROWS)] == [11, 11, 13, 27, 28]


@needs_seeds
@pytest.mark.parametrize(
    ("generation", "seed"), ROWS, ids=[f"{name}-{seed['operationId']}" for name, seed in ROWS]
)
def test_operations_of_the_seeds(generation: str, seed: dict[str, Any], server: RawServer) -> None:
    api = client(generation, server.url)
    parameters = {each["name"]: each for each in seed["parameters"]}
    body = BODIES[seed["operationId"]] if seed["body"] else None
    by_position = [body if name == "body" else value(parameters[name])[0] for name in seed["positional"]]
    optional = {snake(each["wire"]): value(each)[0] for each in parameters.values() if not each["required"]}

    bound = getattr(api, seed["method_snake"])
    request = sent(server, bound, *by_position, **optional)
    accept = seed["accept"] or "*/*"
    check(request, seed["http_method"], target(api, seed, parameters), as_json(body), server, accept)
    assert request.all("Content-Signature") == []  # the key alone satisfies one alternative

    named = {snake(each["wire"]): value(each)[0] for each in parameters.values()}
    rest = {} if body is None else {"body": body}
    assert sent(server, bound, **named, **rest).raw == request.raw
    wire = {each["wire"]: value(each)[0] for each in parameters.values()}
    assert sent(server, api.call, seed["operationId"], wire, **rest).raw == request.raw


@needs_seeds
@pytest.mark.parametrize("generation", ["2020-04", "2020-05", "2020-10"])
def test_either_scheme_of_2020_is_sent_alone(generation: str, server: RawServer) -> None:
    signed = Client(
        f"talon-one-integration@{generation}",
        server=server.url,
        credentials={"integration_auth": lambda request: f"{SIGNATURE}{len(request.body or b'')}"},
        validate={"response": "off"},
    )
    for seed in (seed for name, seed in ROWS if name == generation and "integration_auth" in seed["auth"]):
        body = BODIES[seed["operationId"]] if seed["body"] else None
        values = [value(each)[0] for each in seed["parameters"] if each["required"]]
        request = sent(
            server, getattr(signed, seed["method_snake"]), *values, *([body] if seed["body"] else [])
        )
        assert request.all("Content-Signature") == [f"{SIGNATURE}{len(request.body)}"]
        assert request.all("Authorization") == []


def target(api: Client, seed: dict[str, Any], parameters: dict[str, Any]) -> str:
    path = seed["path"]
    for each in parameters.values():
        path = path.replace(f"{{{each['wire']}}}", value(each)[1])
    by_wire = {each["wire"]: each for each in parameters.values() if each["in"] == "query"}
    in_order = [
        by_wire[each.name] for each in api.operations[seed["operationId"]].parameters if each.name in by_wire
    ]
    pairs = [f"{each['wire']}={value(each)[1]}" for each in in_order]
    return path + ("?" + "&".join(pairs) if pairs else "")


def snake(wire: str) -> str:
    """`customerSessionId` -> `customer_session_id`; the seeds have no harder name."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in wire)
