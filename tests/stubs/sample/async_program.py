"""As `program`, with await: it passes the checkers, and it runs."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from dynaclient import ApiError, AsyncStreamedResponse, connect_async

if TYPE_CHECKING:
    from async_talon import AsyncTalon, IntegrationRequest

REQUEST: IntegrationRequest = {"customerSession": {"state": "open", "couponCodes": ("SUMMER", "WINTER")}}


async def main(server: str) -> None:
    """Each way to call an operation."""
    talon: AsyncTalon = connect_async(
        "talon-one-integration", server=server, credentials={"api_key_v1": "ApiKey-v1 secret"}
    )
    async with talon as api:
        state, campaigns = await asyncio.gather(
            api.update_customer_session_v2("s-1", REQUEST, dry=True),
            api.integration_get_all_campaigns(page_size=2, campaign_ids=["1", "2"]),
        )
        print(*(effect["campaignId"] + 0 for effect in state["effects"]), campaigns["hasMore"])
        response = await api.get_customer_session.send("s-1")
        print(response.status, response.ok, len(response.data.get("effects", [])))
        request = await api.create_referral.prepare({"advocateProfileIntegrationId": "c", "campaignId": 7})
        print(request.method, request.url)
        same = await api.call("integrationGetAllCampaigns", {"pageSize": 2}, options={"timeout": 5})
        print(same["hasMore"])
        plain = await api.send("getCustomerSession", customerSessionId="s-1")
        print(plain.data.get("effects"))
        streamed: AsyncStreamedResponse = await api.send(
            "getCustomerSession", customerSessionId="s-1", options={"stream": True}
        )
        print(len(await streamed.read()) > 0)
        print(api.operations["getCustomerSession"].path, api.get_customer_session.operation.method)
        await api.delete_audience_v2(5)
        try:
            await api.track_event_v2({"type": "seen", "attributes": {"page": 1}, "loyaltyCards": []})
        except ApiError as error:
            print(error.status)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
