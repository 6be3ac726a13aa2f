"""The story of a shop: what its calls get from the sandbox of the vendored document, over plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker
from dynaclient.sandbox import Sandbox
from tests.sandbox.conftest import Ask, Serve

KEY = {"Authorization": "ApiKey-v1 any"}
ITEM = {"name": "Shirt", "sku": "sh-1", "quantity": 2, "price": 20.0}
SESSION = {
    "profileId": "p-1",
    "couponCodes": ["SUMMER"],
    "state": "open",
    "cartItems": [ITEM],
    "attributes": {"channel": "web"},
}


@pytest.fixture
def talon(serve: Serve) -> Sandbox:
    return serve("talon-one-integration@2026-05")


def data(response: requests.Response) -> Any:
    assert response.status_code in (200, 201), response.text
    assert response.headers["X-Sandbox-Judge"] == "openapi-core"
    return response.json()


def test_a_profile(talon: Sandbox, ask: Ask) -> None:
    attributes = {"Language": "en", "City": "Berlin"}
    profile = {"attributes": attributes}
    got = data(ask(talon, "PUT", "/v2/customer_profiles/p-1", json=profile, headers=KEY))
    assert got["customerProfile"]["integrationId"] == "p-1"
    assert got["customerProfile"]["attributes"] == attributes


def test_a_session_with_items_and_a_coupon(talon: Sandbox, ask: Ask) -> None:
    sent = {"customerSession": SESSION, "responseContent": ["customerSession", "customerProfile"]}
    got = data(ask(talon, "PUT", "/v2/customer_sessions/s-1", json=sent, headers=KEY))["customerSession"]
    assert got["integrationId"] == "s-1"
    assert {name: got[name] for name in SESSION if name != "cartItems"} == {
        name: value for name, value in SESSION.items() if name != "cartItems"
    }
    assert {name: got["cartItems"][0][name] for name in ITEM} == ITEM
    closing = {"customerSession": {**SESSION, "state": "closed"}}
    closed = data(ask(talon, "PUT", "/v2/customer_sessions/s-1", json=closing, headers=KEY))
    assert closed["customerSession"]["state"] == "closed"
    read = data(ask(talon, "GET", "/v2/customer_sessions/s-1", headers=KEY))
    assert read["customerSession"]["integrationId"] == "s-1"


def test_a_return_an_event_and_a_balance(talon: Sandbox, ask: Ask) -> None:
    returned = {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}}
    got = data(ask(talon, "POST", "/v2/customer_sessions/s-1/returns", json=returned, headers=KEY))
    assert got["return"]["returnedCartItems"][0]["position"] == 0
    event = {"profileId": "p-1", "type": "viewed", "attributes": {"sku": "sh-1"}}
    got = data(ask(talon, "POST", "/v2/events", json=event, headers=KEY))
    assert got["event"]["profileId"] == "p-1"
    assert got["event"]["type"] == "viewed"
    assert got["event"]["attributes"] == {"sku": "sh-1"}
    balance = data(ask(talon, "GET", "/v1/loyalty_programs/7/profile/p-1/balances", headers=KEY))
    assert isinstance(balance["balance"]["activePoints"], (int, float))


@pytest.mark.parametrize(
    ("method", "target", "sent", "status", "reasons"),
    [
        ("PUT", "/v2/customer_sessions/s-1", {}, 400, ["body: 'customerSession' is a required property"]),
        (
            "PUT",
            "/v2/customer_sessions/s-1",
            {"customerSession": {"cartItems": [{"sku": 5}]}},
            400,
            [
                "body at /customerSession/cartItems/0/sku: 5",
                "body at /customerSession/cartItems/0: 'quantity'",
            ],
        ),
        ("PUT", "/v2/customer_sessions/s-1?dry=perhaps", {"customerSession": {}}, 400, ["query dry: "]),
    ],
)
def test_a_wrong_call_gets_the_documented_400(
    talon: Sandbox, ask: Ask, method: str, target: str, sent: Any, status: int, reasons: list[str]
) -> None:
    response = ask(talon, method, target, json=sent, headers=KEY)
    assert response.status_code == status
    got = response.json()["reasons"]
    assert [each[: len(start)] for each, start in zip(got, reasons, strict=True)] == reasons


def test_a_conflict_on_request_and_a_401(talon: Sandbox, ask: Ask) -> None:
    sent = {"customerSession": SESSION}
    conflict = ask(
        talon, "PUT", "/v2/customer_sessions/s-1", json=sent, headers={**KEY, "Prefer": "code=409"}
    )
    assert conflict.status_code == 409
    for headers in ({}, {"Authorization": ""}):
        assert ask(talon, "PUT", "/v2/customer_sessions/s-1", json=sent, headers=headers).status_code == 401


@pytest.mark.sampled(3)
@pytest.mark.parametrize("generation", ["2020-04", "2020-05", "2020-10", "2023-04", "2024-06", "2026-05"])
def test_every_operation_is_judged_right_and_its_answer_accepted(serve: Serve, generation: str) -> None:
    sandbox = serve(f"talon-one-integration@{generation}")
    schemes = {"api_key_v1": "ApiKey-v1 any", "integration_auth": "signer=any", "Authorization": "any"}
    known = sandbox.client.document.tree["components"]["securitySchemes"]
    credentials = {name: schemes.get(name, "any") for name in known}
    document = sandbox.client.document
    with Client(document, server=sandbox.url, credentials=credentials) as client:
        maker = Maker(document, client.checkers, "request")
        for key, operation in client.operations.items():
            arguments = {
                each.key: maker.example(each.schema, 1) for each in operation.parameters if each.schema
            }
            content = next(iter(operation.body.content.values()), None) if operation.body else None
            schema = content.schema if content else None
            given = {} if schema is None else {"body": maker.value(schema, Seeded(1))}
            response = client.send(key, arguments, **given)
            exchange = sandbox.received[-1]
            assert (exchange.operation, exchange.reasons, response.violations) == (key, (), ())
            assert response.ok
            assert dict(exchange.answer_headers)["X-Sandbox-Judge"].startswith("openapi-core")
