"""The main job, shown: calls to the Talon.One Integration API against the embedded sandbox.

A short story in calls, then every operation of the current generation with generated arguments, then two
refusals. Exits 0 only if all of it held.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from dynaclient import Client, DynaclientError, RequestInvalid, ResponseInvalid
from dynaclient.contract import seeded
from dynaclient.sandbox import Sandbox

NAME = "talon-one-integration"
KEY = {"api_key_v1": "ApiKey-v1 demo"}

CART = """[
    {"name": "Running shoes", "sku": "shoe-42", "quantity": 1, "price": 89.9},
    {"name": "Socks", "sku": "sock-7", "quantity": 3, "price": 4.5},
]"""

STORY = [
    (
        "Ada joins",
        'talon.update_customer_profile_v2("ada", body={"attributes": {"Name": "Ada"}})',
        ["customerProfile", "integrationId"],
    ),
    (
        "fills a cart and enters a coupon",
        """talon.update_customer_session_v2("cart-1", body={
    "customerSession": {"profileId": "ada", "state": "open", "couponCodes": ["SUMMER-10"], "cartItems": cart},
    "responseContent": ["customerSession"],
})""",
        ["customerSession", "couponCodes"],
    ),
    (
        "pays: the session closes",
        """talon.update_customer_session_v2("cart-1", body={
    "customerSession": {"profileId": "ada", "state": "closed", "cartItems": cart},
    "responseContent": ["customerSession"],
})""",
        ["customerSession", "state"],
    ),
    (
        "sends a pair of socks back",
        """talon.return_cart_items("cart-1", body={
    "return": {"returnedCartItems": [{"position": 1, "quantity": 1}]},
})""",
        ["customerSession", "integrationId"],
    ),
    (
        "signs up for the newsletter",
        """talon.track_event_v2(
    {"profileId": "ada", "type": "newsletter", "attributes": {"list": "shoes"}}, silent="no"
)""",
        ["customerProfile", "integrationId"],
    ),
    (
        "and looks at her points",
        'talon.get_loyalty_balances(1, "ada")',
        ["balance"],
    ),
]

BAD_REQUEST = """talon.update_customer_session_v2("cart-1", dry="yes", body={
    "customerSession": {"cartItems": [{"sku": 7}]},
})"""


def typed(code: str) -> str:
    """`code` as it looks at the prompt."""
    return ">>> " + code.replace("\n", "\n... ")


def run(code: str, talon: Client) -> Any:
    """What `code` gives."""
    return eval(code, {"talon": talon, "cart": json.loads(CART.replace(",\n]", "]"))})


def tell(talon: Client) -> int:
    """The story. Gives the number of calls that failed."""
    failed = 0
    print(typed(f"cart = {CART}"))
    for step, code, path in STORY:
        print(f"\n# {step}\n{typed(code)}")
        try:
            part = run(code, talon)
        except DynaclientError as error:
            failed += 1
            print(f"FAILED: {error}")
            continue
        for name in path:
            part = part.get(name) if isinstance(part, dict) else None
        print(f"data[{']['.join(map(repr, path))}]: {json.dumps(part)[:100]}")
    return failed


def sweep(talon: Client) -> int:
    """Every operation, once, with generated arguments. Gives the number of those that failed."""
    failed = 0
    row = "{:<38} {:<6} {:<83} {:<6} {}"
    print("\n" + row.format("operation", "method", "path", "status", "checked"))
    for key in talon.operations:
        operation = talon.operations[key]
        case = seeded(talon, key, seed=1, count=4)[1]  # the one with everything
        try:
            response = case.send(talon)
        except DynaclientError as error:
            failed += 1
            print(row.format(key, operation.method, operation.path, "-", f"FAILED: {error}"))
            continue
        given = f"{len(case.arguments)} arguments" + (", body" if operation.body else "")
        checked = (
            f"{given} -> {'body' if response.content else 'no body'}, {len(response.violations)} violations"
        )
        failed += response.status >= 300 or bool(response.violations)
        print(row.format(key, operation.method, operation.path, response.status, checked))
    return failed


class Tampering(HTTPAdapter):
    """A server on the way that spoils one value of each response."""

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        """The response of the sandbox, with a string where a number is expected."""
        response = super().send(request, **settings)
        data = response.json()
        data["customerSession"]["total"] = "a lot"
        spoiled = requests.Response()
        spoiled.status_code, spoiled.request, spoiled.url = response.status_code, request, response.url
        spoiled.headers["Content-Type"] = "application/json"
        spoiled._content = json.dumps(data).encode()
        return spoiled


def refuse(talon: Client, url: str) -> int:
    """An invalid request, refused before sending; an invalid response, refused with all that is wrong."""
    failed = 0
    print(f"\n# An invalid request is refused, and nothing is sent\n{typed(BAD_REQUEST)}")
    try:
        run(BAD_REQUEST, talon)
        failed += 1
    except RequestInvalid as error:
        print(error)
    print("\n# An invalid response is refused, and kept whole on the error")
    broken = requests.Session()
    broken.mount(url, Tampering())
    print('>>> talon.get_customer_session("cart-1")   # from a server that does not keep to the document')
    try:
        Client(NAME, server=url, credentials=KEY, session=broken).get_customer_session("cart-1")
        failed += 1
    except ResponseInvalid as error:
        print(error)
        failed += error.response.status != 200
    return failed


def main() -> int:
    """Run the demo."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with Sandbox(NAME) as sandbox, Client(NAME, server=sandbox.url, credentials=KEY) as talon:
        failed = tell(talon)
        failed += sweep(talon)
        seen = len(sandbox.received)
        failed += refuse(talon, sandbox.url)
        failed += len(sandbox.received) != seen + 1  # the invalid request never came
        counts = f"{len(STORY)} calls of a story, {len(talon.operations)} operations, 2 refusals"
        print(f"\n{counts}: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
