"""Mistakes with await, each on a line that ends in a comment of what it is; both checkers report each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynaclient import connect_async

if TYPE_CHECKING:
    from async_talon import AsyncTalon

talon: AsyncTalon = connect_async("talon-one-integration", server="https://acme.talon.one")


async def main() -> None:
    """Nothing of it is run."""
    talon.get_customer_session("s-1")["effects"]  # a call that is not awaited
    talon.call("getCustomerSession", customerSessionId="s-1")["effects"]  # nor is this one
    print(talon.get_customer_session.send("s-1").status)  # a response that is not awaited
    print(talon.get_customer_session.prepare("s-1").url)  # a request that is not awaited
    await talon.get_custmer_session("s-1")  # a misspelt operation
    await talon.call("getCustomerSesion", customerSessionId="s-1")  # a misspelt operationId
    await talon.send("GET /v2/customer_session", customerSessionId="s-1")  # a misspelt path
    await talon.get_customer_session()  # a missing path parameter
    await talon.get_customer_session(5)  # a number in place of a text
    await talon.update_customer_session_v2("s-1", {"customerSession": {"stat": "open"}})  # a wrong key
    (await talon.get_customer_session("s-1"))["efects"]  # a misspelt property
    with talon as api:  # it is entered by `async with`
        await api.delete_audience_v2(5)
