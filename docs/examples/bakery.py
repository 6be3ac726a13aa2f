"""A small server for bakery.yaml, with two mistakes in it that a contract test finds: `python bakery.py`.

It is written with the standard library alone and knows nothing of dynaclient.
"""

from __future__ import annotations

import argparse
import email
import json
import re
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PRICES = {"plum": 2.4, "poppy seed": 2.1, "sacher": 3.9}
ORDERS: dict[int, dict[str, Any]] = {
    1: {"id": 1, "cake": "plum", "pieces": 12, "total": 28.8, "status": "open"},
    2: {"id": 2, "cake": "sacher", "pieces": 2, "total": 7.8, "status": "delivered"},
}
CSV = "id,cake,pieces\r\n1,plum,12\r\n2,sacher,2\r\n"


def wrong(order: Any) -> str | None:
    """Why an order is refused. Mistake one: `pieces` may be 0, or less."""
    if not isinstance(order, dict) or not order.keys() <= {"cake", "pieces", "deliver_on", "notify"}:
        return "an order has cake, pieces, deliver_on and notify"
    if not isinstance(order.get("cake"), str) or order["cake"] not in PRICES:
        return f"cake must be one of {', '.join(PRICES)}"
    if not isinstance(order.get("pieces"), int) or order["pieces"] > 100:
        return "pieces must be a number up to 100"
    if not is_date(order.get("deliver_on", "2026-12-24")):
        return "deliver_on must be a date"
    return None if is_url(order.get("notify", "https://example.com")) else "notify must be a URL"


def is_date(value: Any) -> bool:
    """Whether it is one, such as 2026-12-24."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_url(value: Any) -> bool:
    """Whether it is one, as far as a bakery can tell."""
    return isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]*", value, re.I) is not None


def card(content_type: str, body: bytes) -> str | None:
    """Why a card is refused: a text of at most 200 characters, and a picture if you like."""
    form = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts: dict[Any, Any] = {}
    for part in form.get_payload() if form.is_multipart() else ():
        parts.setdefault(part.get_param("name", header="Content-Disposition"), part)
    text = parts["text"].get_payload(decode=True).decode() if "text" in parts else None
    if text is None or len(text) > 200:
        return "a card has a text of at most 200 characters"
    return None if "picture" not in parts or parts["picture"].get_filename() else "the picture must be a file"


def listed(order: dict[str, Any]) -> dict[str, Any]:
    """An order in a list."""
    return {**order, "total": str(order["total"])} if order["status"] == "delivered" else order


class Bakery(BaseHTTPRequestHandler):
    """The operations of bakery.yaml."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # a response is sent in one piece

    def do_GET(self) -> None:
        """List, read, export, watch."""
        path = urlsplit(self.path)
        if path.path == "/orders":
            self.list_orders(parse_qs(path.query))
        elif path.path == "/export":
            self.reply(200, CSV, "text/csv")
        elif path.path == "/events":
            events = "".join(f"data: {json.dumps(order)}\n\n" for order in ORDERS.values())
            self.reply(200, events, "text/event-stream")
        elif order := self.order():
            self.reply(200, order)

    def list_orders(self, query: dict[str, list[str]]) -> None:
        """A page. Mistake two: the total of what was delivered is a string."""
        if query.get("status", ["open"])[0] not in ("open", "baked", "delivered"):
            return self.reply(400, {"error": "there is no such status"})
        if not re.fullmatch("[1-9][0-9]*", query.get("page", ["1"])[0]):
            return self.reply(400, {"error": "pages are numbers from 1"})
        found = [each for each in ORDERS.values() if each["status"] in query.get("status", [each["status"]])]
        return self.reply(200, list(map(listed, found[:10])))

    def do_POST(self) -> None:
        """Take an order."""
        order = self.json()
        if (reason := wrong(order)) is not None:
            return self.reply(400, {"error": reason})
        total = round(PRICES[order["cake"]] * order["pieces"], 2)
        kept = {**order, "id": max(ORDERS) + 1, "total": total, "status": "open"}
        ORDERS[kept["id"]] = kept
        return self.reply(201, kept)

    def do_PUT(self) -> None:
        """Take a photo or a card, and forget it."""
        kind, body = self.headers.get("Content-Type", ""), self.body()
        if self.path.endswith("/photo"):
            reason = None if kind == "image/png" and body else "a photo is an image/png"
        else:
            reason = card(kind, body)
        if reason:
            self.reply(400, {"error": reason})
        elif self.order():
            self.reply(204)

    def do_DELETE(self) -> None:
        """Cancel an order, for who has the key."""
        if self.headers.get("X-Api-Key") != "sesame":
            self.reply(401, {"error": "the key is missing or wrong"})
        elif order := self.order():
            del ORDERS[order["id"]]
            self.reply(204)

    def order(self) -> dict[str, Any] | None:
        """The order that the path names; without one the reply is 404."""
        named = re.match(r"/orders/(\d+)", self.path)
        order = ORDERS.get(int(named[1])) if named else None
        if order is None:
            self.reply(404, {"error": "there is no such order"})
        return order

    def json(self) -> Any:
        """The body, if it is JSON; else None."""
        body = self.body()
        try:
            return json.loads(body) if self.headers.get("Content-Type") == "application/json" else None
        except ValueError:
            return None

    def body(self) -> bytes:
        """What was sent."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reply(self, status: int, data: Any = None, kind: str = "application/json") -> None:
        """Send it."""
        content = b"" if data is None else (data if isinstance(data, str) else json.dumps(data)).encode()
        self.send_response(status)
        if data is not None:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8000)
    ThreadingHTTPServer(("127.0.0.1", options.parse_args().port), Bakery).serve_forever()
