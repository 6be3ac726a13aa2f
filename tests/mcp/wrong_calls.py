"""Twenty calls that an agent gets wrong, of the Talon.One document, and a part of what it is told to do."""

from __future__ import annotations

from typing import Any

ITEM = {"sku": "plum", "quantity": 1}
PUT, READ = "updateCustomerSessionV2", "getCustomerSession"


def put(parameters: dict[str, Any], body: Any) -> dict[str, Any]:
    """Arguments of `call_operation` for the operation with the largest body."""
    return {"operation": PUT, "parameters": parameters, "body": body}


def session(**members: Any) -> dict[str, Any]:
    """A call of it with a session that has these members."""
    return put({"customerSessionId": "s-1"}, {"customerSession": members})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"operation": "getCustomerSesion"}, "did you mean getCustomerSession"),
    (
        {"operation": "GET /v2/customer_session/{id}"},
        "did you mean GET /v2/customer_sessions/{customerSessionId}",
    ),
    ({"parameters": {"customerSessionId": "s-1"}}, "search_operations finds the name of an operation"),
    ({"operation": READ}, "path customerSessionId: missing, but required"),
    ({"operation": READ, "parameters": {"customerSessionID": "s-1"}}, "did you mean customerSessionId"),
    ({"operation": READ, "customerSessionId": "s-1"}, "go into `parameters`"),
    ({"operation": READ, "parameters": '{"customerSessionId": "s-1"}'}, "expected an object"),
    ({"operation": READ, "parameters": {"customerSessionId": ".."}}, "customerSessionId"),
    ({"operation": READ, "parameters": {"customerSessionId": 7}}, "expected a string, got an integer"),
    (
        {"operation": READ, "parameters": {"customerSessionId": "s-1"}, "select": "a[["},
        "`select` is no JMESPath, such as",
    ),
    (
        {"operation": READ, "parameters": {"customerSessionId": "s-1"}, "offset": -1},
        "expected an integer from 0",
    ),
    ({"operation": "deleteAudienceV2", "parameters": {"audienceId": 1}}, "--allow DELETE"),
    (put({"customerSessionId": "s-1", "dri": True}, {"customerSession": {}}), "did you mean dry?"),
    (
        put({"customerSessionId": "s-1", "dry": "yes"}, {"customerSession": {}}),
        "expected a boolean, got a string",
    ),
    (put({"customerSessionId": "s-1"}, {}), "body: 'customerSession' is missing"),
    (put({"customerSessionId": "s-1"}, '{"customerSession": {}}'), "expected an object, got a string"),
    (session(state="opened"), '"opened" is not one of "open", "closed", "partially_returned", "cancelled"'),
    (
        session(cartItems=[{**ITEM, "quantity": "2"}]),
        "cartItems/0/quantity: expected an integer, got a string",
    ),
    (session(cartItems=[{"sku": "plum", "quantitty": 2}]), "did you mean 'quantity'"),
    (session(cartitems=[ITEM]), "did you mean 'cartItems'?"),
]
