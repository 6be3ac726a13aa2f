"""What is sent and answered while measuring: customer sessions as Talon.One's servers send them."""

from __future__ import annotations

import json
from typing import Any

Value = dict[str, Any]

MADE = "2026-05-01T12:00:00Z"
SESSION = "session-4711"


def request_body(items: int = 10) -> Value:
    """A session with `items` in its cart."""
    return {
        "customerSession": {
            "profileId": "customer-815",
            "state": "open",
            "couponCodes": ["SPRING-2026"],
            "cartItems": [_item(i) for i in range(items)],
            "attributes": {"ShippingCity": "Berlin", "Channel": "web"},
        },
        "responseContent": ["customerSession", "customerProfile", "triggeredCampaigns", "loyalty"],
    }


def answer(effects: int = 20) -> Value:
    """The state after an update: `effects` effects, the session, the profile, campaigns, loyalty."""
    return {
        "effects": [_effect(i) for i in range(effects)],
        "createdCoupons": [],
        "createdReferrals": [],
        "customerSession": _session(10),
        "customerProfile": PROFILE,
        "loyalty": {"programs": {"7": _program()}},
        "triggeredCampaigns": [_campaign(i) for i in range(2)],
        "ruleFailureReasons": [_failure(i) for i in range(12)],
    }


def small_answer() -> Value:
    """A session with three items and no effects: the answer of the small GET."""
    return {"customerSession": _session(3), "effects": []}


def sized_answer(size: int) -> Value:
    """An answer of about `size` bytes of JSON."""
    if size <= 2_000:
        return small_answer()
    return answer(
        max(1, (size - len(encoded(answer(0)))) * 20 // len(encoded([_effect(i) for i in range(20)])))
    )


def wrong(value: Value) -> Value:
    """The same answer, with one value of the wrong type at its end."""
    copy: Value = json.loads(json.dumps(value))
    last = copy["effects"][-1] if copy["effects"] else copy["customerSession"]
    last["campaignId" if copy["effects"] else "id"] = "no number"
    return copy


def rows(count: int) -> list[Value]:
    """As many rows as there are violations in them: every second one lacks its name and has a wrong price."""
    right, wrong_ = {"id": 1, "name": "Coat", "price": 79.9}, {"id": 1, "price": "79.90"}
    return [dict(wrong_ if index % 2 else right) for index in range(count)]


def encoded(value: Any) -> bytes:
    """As a server writes it."""
    return json.dumps(value, separators=(",", ":")).encode()


def _item(i: int) -> Value:
    return {
        "name": f"Coat number {i}",
        "sku": f"coat-{i:05}",
        "quantity": 1 + i % 3,
        "price": 79.9 + i,
        "category": "coats",
        "product": {"name": "Coat"},
        "attributes": {"color": "blue", "size": "L"},
    }


def _session(items: int) -> Value:
    return {
        "id": 6,
        "created": MADE,
        "integrationId": SESSION,
        "applicationId": 1,
        "profileId": "customer-815",
        "state": "open",
        "couponCodes": ["SPRING-2026"],
        "cartItems": [
            {**_item(i), "returnedQuantity": 0, "remainingQuantity": 1 + i % 3} for i in range(items)
        ],
        "additionalCosts": {"shipping": {"price": 4.9}},
        "attributes": {"ShippingCity": "Berlin", "Channel": "web"},
        "firstSession": False,
        "updateCount": 3,
        "total": 804.8,
        "cartItemTotal": 799.9,
        "additionalCostTotal": 4.9,
        "updated": MADE,
    }


PROFILE: Value = {
    "id": 6,
    "created": MADE,
    "integrationId": "customer-815",
    "attributes": {"Language": "de", "ShippingCity": "Berlin"},
    "accountId": 31,
    "closedSessions": 3,
    "totalSales": 299.99,
    "loyaltyMemberships": [{"joined": MADE, "loyaltyProgramId": 7}],
    "audienceMemberships": [{"id": 2, "name": "Travel audience"}],
    "lastActivity": MADE,
}


def _program() -> Value:
    balances = (
        "currentBalance",
        "expiredBalance",
        "pendingBalance",
        "spentBalance",
        "tentativeCurrentBalance",
    )
    ledger = dict.fromkeys(balances, 10.5)
    return {
        "id": 7,
        "title": "Our points",
        "name": "points",
        "ledger": ledger,
        "subLedgers": {"gold": ledger},
    }


def _effect(i: int) -> Value:
    props: dict[str, Value] = {
        "setDiscountPerItem": {
            "name": "10% off coats",
            "value": 7.99 + i,
            "position": i % 10,
            "subPosition": 0,
            "desiredValue": 7.99 + i,
            "scope": "price",
            "totalDiscount": 7.99 + i,
            "desiredTotalDiscount": 7.99 + i,
        },
        "addLoyaltyPoints": {
            "name": "Points for coats",
            "programId": 7,
            "subLedgerId": "gold",
            "value": 12.5,
            "recipientIntegrationId": "customer-815",
            "startDate": MADE,
            "expiryDate": "2027-05-01T12:00:00Z",
            "transactionUUID": "0a6f7d3c-3a3e-4a0c-9a63-3f1b2a5f7c11",
            "cartItemPosition": i % 10,
            "cartItemSubPosition": 0,
        },
    }
    kind = ("setDiscountPerItem", "addLoyaltyPoints")[i % 2]
    return {
        "campaignId": 244 + i,
        "rulesetId": 73,
        "ruleIndex": i,
        "ruleName": f"Give {10 + i} percent off on every coat in the cart of a customer who came back",
        "effectType": kind,
        "triggeredByCoupon": 4928,
        "conditionIndex": 0,
        "evaluationGroupID": 3,
        "evaluationGroupMode": "stackable",
        "campaignRevisionId": 1,
        "campaignRevisionVersionId": 6,
        "props": props[kind],
    }


def _campaign(i: int) -> Value:
    return {
        "id": 244 + i,
        "created": MADE,
        "applicationId": 1,
        "userId": 388,
        "name": "Summer promotions",
        "description": "Campaign for all summer promotions, as long as there are coats left in the stores. "
        * 2,
        "attributes": {},
        "state": "enabled",
        "tags": ["summer"],
        "features": ["coupons", "referrals"],
        "limits": [{"action": "createCoupon", "limit": 1000, "period": "yearly", "entities": ["Coupon"]}],
        "type": "advanced",
        "frontendState": "running",
        "reevaluateOnReturn": True,
        "storesImported": True,
    }


def _failure(i: int) -> Value:
    return {
        "campaignID": 300 + i,
        "campaignName": "Winter promotions",
        "rulesetID": 74,
        "ruleIndex": i,
        "ruleName": "Only for customers who never bought a coat",
        "conditionIndex": 1,
        "details": "The condition about earlier sessions did not hold for this customer. " * 3,
    }
