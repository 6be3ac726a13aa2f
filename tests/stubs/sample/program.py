"""A shop that calls Talon.One, with the types of a stub: it passes the checkers, and it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

from dynaclient import ApiError, Response, StreamedResponse, connect

if TYPE_CHECKING:
    from talon import CartItemInput, CustomerSessionV2State, Effect, IntegrationRequest, Talon


def cart(*prices: Decimal) -> IntegrationRequest:
    """A session to be evaluated, built step by step."""
    items: list[CartItemInput] = []
    for number, price in enumerate(prices, 1):
        item: CartItemInput = {"sku": f"sku-{number}", "quantity": 1, "price": price}
        item["attributes"] = {"colour": "red"}
        items.append(item)
    request: IntegrationRequest = {
        "customerSession": {"state": "open", "cartItems": items, "couponCodes": ("SUMMER", "WINTER")}
    }
    request["responseContent"] = ["customerSession", "coupons"]
    return request


def told(effects: list[Effect]) -> Iterator[str]:
    """What the shop has to do."""
    for effect in effects:
        yield f"{effect['effectType']} of campaign {effect['campaignId'] + 0}"


def is_paid(state: CustomerSessionV2State) -> bool:
    """A state that the document does not know yet is no mistake."""
    return state in ("closed", "partially_returned", "a state of tomorrow")


def main(server: str) -> None:
    """Each way to call an operation."""
    talon: Talon = connect(
        "talon-one-integration", server=server, credentials={"api_key_v1": "ApiKey-v1 secret"}
    )
    with talon as api:
        state = api.update_customer_session_v2("s-1", cart(Decimal("9.99"), Decimal("0.01")), dry=True)
        print(*told(state["effects"]), sep="\n")
        session = state.get("customerSession")
        if session is not None:
            print(session["id"] + 1, session["created"].upper(), is_paid(session["state"]))

        response = api.get_customer_session.send("s-1")
        print(response.status, response.ok, response.elapsed > 0, len(response.data.get("effects", [])))

        request = api.create_referral.prepare(
            {
                "advocateProfileIntegrationId": "c-1",
                "campaignId": 7,
                "startDate": datetime(2030, 1, 1, tzinfo=timezone.utc),
            }
        )
        print(request.method, request.url)

        campaigns = api.integration_get_all_campaigns(page_size=2, campaign_ids=["1", "2"])
        print(campaigns["hasMore"])
        same = api.call("integrationGetAllCampaigns", {"pageSize": 2}, options={"timeout": 5})
        print(same["hasMore"])
        plain = api.send("getCustomerSession", customerSessionId="s-1")
        print(plain.data.get("effects"))
        streamed: StreamedResponse = api.send(
            "getCustomerSession", customerSessionId="s-1", options={"stream": True}
        )
        streamed.close()
        print(api.operations["getCustomerSession"].path, api.get_customer_session.operation.method)
        api.delete_audience_v2(5)
        status(api.get_customer_inventory.send("c-1", profile=True, options={"headers": {"X-Shop": "7"}}))
        print(len(api.findings), api.server)
    try:
        talon.track_event_v2({"type": "seen", "attributes": {"page": 1}, "loyaltyCards": []}, dry=False)
    except ApiError as error:
        print(error.status)


def status(response: Response) -> None:
    """A typed response is a Response."""
    print(response.status)


if __name__ == "__main__":
    main(sys.argv[1])
