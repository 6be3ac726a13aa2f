"""What a run makes and uses: nothing is changed or removed that it did not make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from dynaclient import Client, contract
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

RACK = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "example": "default"},
        "width": {"type": "integer"},
    },
}
NOTHING = {"description": ""}


def racks(made: str, called: str = "rack_name") -> dict[str, Any]:
    """Racks that the caller names; `made`: the documented status of making one, whose response is empty."""
    name = param(called, "path")
    return document(
        {
            "/racks": {
                "post": {
                    "operationId": "makeRack",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": RACK}}},
                    "responses": {made: NOTHING, "400": NOTHING, "409": NOTHING},
                }
            },
            f"/racks/{{{called}}}": {
                "get": {
                    "operationId": "getRack",
                    "parameters": [name],
                    "responses": {"200": said(RACK), "404": NOTHING},
                },
                "delete": {
                    "operationId": "removeRack",
                    "parameters": [name],
                    "responses": {"204": NOTHING, "404": NOTHING},
                },
            },
        }
    )


def keeper(kept: dict[str, Any], made: int, taken: int) -> Callable[[Recorded], bytes]:
    """A server of racks; making one whose name is taken gets the status `taken` and changes nothing."""

    def answer(request: Recorded) -> bytes:
        name = unquote(request.target.partition("?")[0].rpartition("/")[2])
        if request.method == "POST":
            return make(request.body)
        if name not in kept:
            return reply(404)
        if request.method == "DELETE":
            del kept[name]
            return reply(204)
        return reply(200, json.dumps(kept[name]).encode(), JSON)

    def make(body: bytes) -> bytes:
        try:
            rack = json.loads(body)
        except ValueError:
            return reply(400)
        width = rack.get("width", 0) if isinstance(rack, dict) else None
        named = isinstance(rack, dict) and isinstance(rack.get("name"), str) and rack["name"]
        if not named or isinstance(width, bool) or not isinstance(width, (int, float)) or width != int(width):
            return reply(400)
        if rack["name"] in kept:
            return reply(taken)
        kept[rack["name"]] = rack
        return reply(made)

    return answer


@pytest.mark.sampled(3)
@pytest.mark.parametrize("called", ["rack_name", "name", "rack"])
@pytest.mark.parametrize(("made", "taken"), [(201, 409), (201, 201), (204, 409), (204, 204)])
def test_what_a_request_names_is_found_and_removed_by_that(
    serve: Serve, made: int, taken: int, called: str
) -> None:
    """The response of a creator may be empty: the caller chose the name."""
    kept = {"default": {"name": "default", "width": 3}, "mine": {"name": "mine"}}
    before = json.dumps(kept)
    client = Client(racks(str(made), called), server=serve(keeper(kept, made, taken)).url)
    report = contract.run(client, cases=2)
    statuses = {each.operation: set(each.statuses) for each in report.operations}
    assert 200 in statuses["getRack"]
    assert 204 in statuses["removeRack"]
    assert {name: kept.get(name) for name in ("default", "mine")} == json.loads(before)
