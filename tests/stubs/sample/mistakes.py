"""Mistakes, each on a line that ends in a comment of what it is; mypy and pyright report every one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynaclient import Client, connect

if TYPE_CHECKING:
    from talon import CartItemInput, CustomerSessionV2, IntegrationRequest, Talon

talon: Talon = connect("talon-one-integration", server="https://acme.talon.one")

# names
talon.get_custmer_session("s-1")  # a misspelt operation
talon.delete_referral_v3("s-1")  # an operation that the document does not have (any more)
talon.call("getCustomerSesion", customerSessionId="s-1")  # a misspelt operationId
talon.send("GET /v2/customer_session", customerSessionId="s-1")  # a misspelt path
talon.prepare("deleteReferralV3", customerSessionId="s-1")  # no such operation
talon.operations["getCustomerSesion"]  # a misspelt key
talon.get_customer_session.sends("s-1")  # no such method of an operation
talon.servers  # noqa: B018  # no such attribute of a client

# parameters
talon.get_customer_session()  # a missing path parameter
talon.get_customer_session("s-1", "s-2")  # one too many
talon.get_customer_session(5)  # a number in place of a text
talon.update_audience_v2("5", {"name": "a"})  # a text in place of a number
talon.get_customer_inventory("c-1", profil=True)  # a misspelt parameter
talon.get_customer_inventory("c-1", profile="yes")  # a text in place of a truth value
talon.integration_get_all_campaigns(campaign_ids="1")  # a text in place of a list
talon.integration_get_all_campaigns(campaign_ids=[1])  # a list of numbers in place of texts
talon.integration_get_all_campaigns(start_after=5)  # a number in place of a moment
talon.get_loyalty_card_transactions(1, "c", loyalty_transaction_type="sesion")  # an unknown enum value
talon.get_customer_session.send("s-1", dry=True)  # a parameter of another operation
talon.get_customer_inventory.prepare("c-1", option={"timeout": 1})  # misspelt options
talon.get_customer_session("s-1", options={"timeouts": 1})  # an unknown option
talon.get_customer_session("s-1", options={"compress": "zip"})  # an unknown value of an option

# bodies
talon.update_customer_session_v2("s-1")  # a missing body
talon.update_customer_session_v2("s-1", {})  # a missing required property
talon.update_customer_session_v2("s-1", {"customerSession": {"stat": "open"}})  # a wrong key at depth
talon.update_customer_session_v2("s-1", {"customerSession": {"state": "opn"}})  # a wrong enum value
talon.update_customer_session_v2("s-1", {"customerSession": {"profileId": 5}})  # a wrong type at depth
talon.update_customer_session_v2("s-1", {"customerSession": {"couponCodes": "A"}})  # a text for a list
talon.update_customer_session_v2("s-1", {"customerSession": {"couponCodes": [1]}})  # a wrong item
talon.update_customer_session_v2(
    "s-1",
    {"customerSession": {"cartItems": [{"sku": "a", "quantity": 1, "prise": 1}]}},  # a wrong key in an item
)
talon.update_customer_session_v2(
    "s-1",
    {"customerSession": {"cartItems": [{"sku": "a"}]}},  # a missing required property in an item
)
talon.update_customer_session_v2(
    "s-1",
    {"customerSession": {"cartItems": [{"sku": "a", "quantity": "1"}]}},  # a wrong type in an item
)
talon.update_customer_session_v2(
    "s-1",
    {
        "customerSession": {
            "cartItems": [{"sku": "a", "quantity": 1, "returnedQuantity": 2}],  # what the server alone sets
        }
    },
)
talon.update_customer_session_v2(
    "s-1",
    {"customerSession": {"additionalCosts": {"shipping": {"prize": 1}}}},  # a wrong key in a map
)
talon.update_customer_session_v2(
    "s-1",
    {"customerSession": {}, "responseContent": ["coupon"]},  # a wrong value in a list
)
talon.update_customer_session_v2.send("s-1", {"customerSession": {"stat": "open"}})  # the same with `send`
talon.update_customer_session_v2.prepare("s-1", {"customerSession": None})  # null where none is allowed
talon.call("updateCustomerSessionV2", body={"customerSession": {"stat": "open"}})  # the same with `call`
talon.create_referral({"advocateProfileIntegrationId": "c", "campaignId": 7, "startDate": 5})  # no moment
talon.get_customer_session("s-1", {"a": 1})  # a body of an operation that takes none
talon.sync_catalog(1, [])  # a list in place of an object
item: CartItemInput = {"sku": "a", "quantity": 1, "sise": 4}  # a wrong key of a variable
request: IntegrationRequest = {"customerSession": {"state": "gone"}}  # a wrong enum value of a variable


# results
def use(session: CustomerSessionV2) -> None:
    """What was answered."""
    session["stat"]  # a wrong key
    session["id"].upper()  # a method of another type
    session["cartItems"]["sku"]  # a list used as an object
    session["cartItems"][0]["returnedQuantity"] = 1  # what the server alone sets
    print(session["total"] + "EUR")  # a number and a text


talon.update_customer_session_v2("s-1", {"customerSession": {}})["efects"]  # a wrong key of a result
talon.get_customer_session.send("s-1").data["efects"]  # a wrong key of a response
talon.get_customer_session.send("s-1").json()  # no such method of a response
number: int = talon.delete_audience_v2(5)  # the result of an operation that has none
text: str = talon.get_customer_session("s-1")  # a result of another type
talon.get_customer_session = 3  # an operation is not set
other: Talon = Client("talon-one-integration")  # a client is not typed by itself
connect("talon-one-integration", servr="https://acme.talon.one")  # a misspelt setting
