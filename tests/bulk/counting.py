"""A server that counts by key what it carried out, and fails as a plan says."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.servers import HANG_UP, RawServer, Recorded, reply
from tests.small import JSON, document

ITEM = {
    "type": "object",
    "required": ["id", "n"],
    "properties": {"id": {"type": "string"}, "n": {"type": "integer", "minimum": 0}},
}


def _operation(name: str, body: Any, *parameters: Any) -> dict[str, Any]:
    return {
        "operationId": name,
        "parameters": [*parameters],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": ""}, "default": {"description": ""}},
    }


BATCH = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": ITEM, "maxItems": 10}},
}
DOCUMENT = document(
    {
        "/items/{id}": {
            "put": _operation(
                "putItem", ITEM, {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            )
        },
        "/items": {"post": _operation("addItem", ITEM)},
        "/batch": {"put": _operation("putItems", BATCH), "post": _operation("addItems", BATCH)},
    },
    components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    security=[{"key": []}],
)

Plan = Callable[[str, int], str]
"""Key and how often it has arrived, from 1 -> what happens: ok, drop (carried out, and never answered), lost
(neither), slow, or a status."""


def fine(key: str, arrival: int) -> str:
    return "ok"


class Counting:
    """What a server saw: `arrived` and `done` count keys, `times` has when each request came."""

    def __init__(self, plan: Plan = fine, retry_after: str = "0", delay: float = 0.0) -> None:
        self.plan, self.retry_after, self.delay = plan, retry_after, delay
        self.arrived: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.keys_sent: dict[str, set[str]] = {}
        self.times: list[float] = []
        self._lock = threading.Lock()

    def __call__(self, request: Recorded) -> Any:
        body = json.loads(request.body)
        keys = [each["id"] for each in body.get("items", [body])]
        with self._lock:
            self.times.append(time.monotonic())
            self.arrived.update(keys)
            for key in keys:
                self.keys_sent.setdefault(key, set()).add(request.header("Idempotency-Key") or "")
            plans = {self.plan(key, self.arrived[key]) for key in keys}
            what = next((each for each in plans if each != "ok"), "ok")
            if what in ("ok", "drop", "slow"):
                self.done.update(keys)
        if self.delay or what == "slow":
            time.sleep(self.delay or 0.05)
        if what in ("drop", "lost"):
            return [HANG_UP]
        if what in ("ok", "slow"):
            return reply(200, json.dumps({"done": keys}).encode(), JSON)
        headers = [*JSON, ("Retry-After", self.retry_after)] if what == "429" else JSON
        return reply(int(what), json.dumps({"message": f"no: {keys[0]}"}).encode(), headers)


def server_of(counting: Counting) -> RawServer:
    return RawServer(counting)


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": f"k{index}", "body": {"id": f"k{index}", "n": index}} for index in range(count)]


def bodies(count: int) -> list[dict[str, Any]]:
    """For operations without a parameter."""
    return [{"body": each["body"]} for each in rows(count)]


def members(count: int) -> list[dict[str, Any]]:
    """For packs."""
    return [each["body"] for each in rows(count)]
