"""A failure is shown with all that a fresh server needs to be asked before: what was chosen, made, listed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from dynaclient import Client, contract
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

CODE = param("code", "path", {"type": "string", "pattern": "^[A-Z]{4}-[0-9]{4}$"})
NUMBER = param("itemId", "path", {"type": "integer", "minimum": 1, "maximum": 9999})
LOCKER = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "minimum": 1}}}
ITEM = {
    "type": "object",
    "required": ["id", "code", "name"],
    "properties": {"id": {"type": "integer"}, "code": {"type": "string"}, "name": {"type": "string"}},
}
NEW = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 4}}}
ITEMS = {"type": "object", "properties": {"items": {"type": "array", "items": ITEM}}}


def operation(name: str, *parameters: Any, body: Any = None, **responses: Any) -> dict[str, Any]:
    content = {"required": True, "content": {"application/json": {"schema": body}}}
    return {
        "operationId": name,
        "parameters": [*parameters],
        **({"requestBody": content} if body else {}),
        "responses": {"400": said(), "404": said(), **{key[1:]: each for key, each in responses.items()}},
    }


LOCKERS = document(
    {
        "/lockers/{code}": {
            "put": operation("putLocker", CODE, body=LOCKER, s200=said(LOCKER), s201=said(LOCKER)),
            "get": operation("getLocker", CODE, s200=said(LOCKER)),
            "delete": operation("removeLocker", CODE, s204=said()),
        },
        "/lockers/{code}/items": {
            "post": operation("makeItem", CODE, body=NEW, s201=said(ITEM)),
            "get": operation("listItems", CODE, s200=said(ITEMS)),
        },
        "/lockers/{code}/items/{itemId}": {"get": operation("getItem", CODE, NUMBER, s200=said(ITEM))},
    }
)

WRONG = {
    "putLocker": (201, {"size": "small"}),
    "getLocker": (200, {"size": "small"}),
    "removeLocker": (200, None),
    "makeItem": (201, {"id": "first"}),
    "getItem": (200, {"id": "first"}),
}
"""What breaks the document where an operation is right."""


def lockers(wrong: str, *, any_code: bool = False) -> Callable[[Recorded], bytes]:
    """A server of lockers and of what lies in them; `wrong`: the operation whose successes break the
    document, `any_code`: it takes every code."""
    kept: dict[str, dict[str, Any]] = {}
    lying: dict[str, list[dict[str, Any]]] = {}

    def answer(request: Recorded) -> bytes:
        name, status, data = carried_out(request)
        if name == wrong and status < 400 and name in WRONG:
            status, data = WRONG[name]
        if name == wrong == "listItems" and data:
            data = {"items": [{**each, "name": None} for each in data["items"]]}
        return reply(status, b"" if data is None else json.dumps(data).encode(), JSON if data else ())

    def carried_out(request: Recorded) -> tuple[str, int, Any]:
        code, *rest = request.target.partition("?")[0].removeprefix("/lockers/").split("/")
        if not any_code and not re.fullmatch("[A-Z]{4}-[0-9]{4}", code):
            return "", 400, None
        try:
            body = json.loads(request.body) if request.body else {}
        except ValueError:
            return "", 400, None
        if not rest:
            return of_locker(request.method, code, body)
        if code not in kept:
            return "", 404, None
        return of_items(request.method, code, rest[1:], body)

    def of_locker(method: str, code: str, body: Any) -> tuple[str, int, Any]:
        if method == "PUT":
            size = body.get("size") if isinstance(body, dict) else None
            if not isinstance(size, int) or isinstance(size, bool) or size < 1:
                return "", 400, None
            status = 200 if code in kept else 201
            kept[code] = {"size": size}
            return "putLocker" if status == 201 else "", status, kept[code]
        if code not in kept:
            return "", 404, None
        if method == "DELETE":
            del kept[code]
            lying.pop(code, None)
            return "removeLocker", 204, None
        return "getLocker", 200, kept[code]

    def of_items(method: str, code: str, rest: list[str], body: Any) -> tuple[str, int, Any]:
        held = lying.setdefault(code, [])
        if method == "POST":
            name = body.get("name") if isinstance(body, dict) else None
            if not isinstance(name, str) or len(name) < 4:
                return "", 400, None
            held.append({"id": len(held) + 1, "code": code, "name": name})
            return "makeItem", 201, held[-1]
        if not rest:
            return "listItems", 200, {"items": held}
        found = [each for each in held if str(each["id"]) == rest[0]]
        return ("getItem", 200, found[0]) if found else ("", 404, None)

    return answer


@pytest.mark.parametrize(
    ("wrong", "needed"),
    [
        ("putLocker", []),  # 201: there was nothing before
        ("getLocker", ["putLocker"]),
        ("removeLocker", ["putLocker"]),
        ("makeItem", ["putLocker"]),
        ("getItem", ["putLocker", "makeItem"]),  # whose response names the locker, but has not made it
        ("listItems", ["putLocker", "makeItem"]),
    ],
)
def test_a_failure_begins_with_what_put_there_what_it_needs(
    serve: Serve, wrong: str, needed: list[str]
) -> None:
    client = Client(LOCKERS, server=serve(lockers(wrong)).url)
    report = contract.run(client, cases=2, checks=["body_documented", "status_documented"])
    shown = [each.exchange for each in report.failures if each.operation == wrong]
    assert shown
    assert {tuple(step.case.operation for step in each.steps) for each in shown} == {(*needed, wrong)}


def test_an_invalid_identifier_that_was_accepted_names_something_since_then(serve: Serve) -> None:
    client = Client(LOCKERS, server=serve(lockers("", any_code=True)).url)
    report = contract.run(client, cases=2, checks=["broken_is_refused"])
    shown = {each.operation: each.exchange for each in report.failures if each.where == "path"}
    for operation, needed in [
        ("putLocker", ()),
        ("getLocker", ("putLocker",)),
        ("removeLocker", ("putLocker",)),
    ]:
        assert (*needed, operation) == tuple(step.case.operation for step in shown[operation].steps)
        codes = {step.case.arguments["path.code"] for step in shown[operation].steps}
        assert len(codes) == 1
