"""What a body names is a thing of this run, or nothing: a bulk action changes no data of others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaclient import Client, contract
from dynaclient.contract import Case
from dynaclient.contract.references import identifying_values
from dynaclient.contract.resources import ResourceMap
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

ID = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
IDS = {"type": "array", "items": ID, "minItems": 1, "maxItems": 5, "uniqueItems": True}
USER = {"type": "object", "required": ["id"], "properties": {"id": ID, "state": {"type": "string"}}}
NOTHING = {"description": ""}


def taking(key: str, body: dict[str, Any] | None = None, *parameters: dict[str, Any]) -> dict[str, Any]:
    """A POST that takes a body."""
    made = {"operationId": key, "parameters": [*parameters], "responses": {"200": NOTHING, "422": NOTHING}}
    return {"post": {**made, **({"requestBody": {"content": {"application/json": body}}} if body else {})}}


def users(**more: dict[str, Any]) -> dict[str, Any]:
    """Users that can be made and read, and more paths; `__` stands for a slash in their names."""
    made = {"operationId": "make", "responses": {"201": said(USER)}}
    read = {"operationId": "read", "parameters": [param("userId", "path", ID)]}
    read |= {"responses": {"200": said(USER), "404": NOTHING}}
    paths = {"/users": {"post": made}, "/users/{userId}": {"get": read}}
    return document({**paths, **{f"/{name.replace('__', '/')}": each for name, each in more.items()}})


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("orders", {"userId": 5}, {"body#/userId": "user"}),
        ("orders", {"owner_user_id": 5}, {"body#/owner_user_id": "user"}),
        ("orders", {"externalUserId": 5}, {"body#/externalUserId": "user"}),
        ("orders", {"userIds": [5, 6]}, {"body#/userIds/0": "user", "body#/userIds/1": "user"}),
        ("orders", {"user": {"id": 5, "name": "Ada"}}, {"body#/user/id": "user"}),
        ("orders", {"lines": [{"user_id": 5, "pieces": 2}]}, {"body#/lines/0/user_id": "user"}),
        ("users/bulk", {"ids": [5], "action": "stop"}, {"body#/ids/0": "user"}),
        ("users/bulk", [5, 6], {"body#/0": "user", "body#/1": "user"}),
        ("users:stop", {"id": 5}, {"body#/id": "user"}),
        ("orders", {"ids": [5]}, {"body#/ids/0": ""}),
        ("users/stop", {"selectedIds": [5]}, {"body#/selectedIds/0": "user"}),
        ("orders", {"users": [5], "user": 6}, {"body#/users/0": "user", "body#/user": "user"}),
        ("orders", {"pieces": 5, "name": "Ada", "paid": True, "note": None}, {}),
        ("orders", "5", {}),
        ("users", {"id": 5, "state": "new"}, {"body#/id": "user"}),
    ],
)  # fmt: skip
def test_names_and_places_say_what_is_referred_to(path: str, body: Any, expected: dict[str, str]) -> None:
    client = Client(users(**{path.replace("/", "__"): taking("op")} if path != "users" else {}))
    resources = ResourceMap(client, client.operations)
    operation = client.operations["make" if path == "users" else "op"]
    found = identifying_values(resources, operation, Case(operation.key, {}, body=body))
    assert {each.place: "".join(it.noun for it in each.resources) for each in found} == expected


def test_what_a_request_calls_the_thing_that_it_makes_refers_to_nothing() -> None:
    """`{"userId": 5}` to `POST /users` is the new one; `parentUserId` is another."""
    client = Client(users())
    case = Case("make", {}, body={"userId": 5, "parentUserId": 6})
    found = identifying_values(ResourceMap(client, client.operations), client.operations["make"], case)
    assert [each.place for each in found] == ["body#/parentUserId"]


def ids(name: str) -> dict[str, Any]:
    """A body that names some things."""
    return {"type": "object", "required": [name], "additionalProperties": False, "properties": {name: IDS}}


BULK, NAMED = ids("ids"), ids("user_ids")
DEEP = {"type": "array", "items": USER, "minItems": 1}
KINDS: dict[str, dict[str, Any]] = {
    "ids, by the path": users(users__bulk=taking("bulk", {"schema": BULK, "example": {"ids": [1, 2]}})),
    "ids of nothing that is known": users(bulk=taking("bulk", {"schema": BULK, "example": {"ids": [1, 2]}})),
    "by its name": users(bulk=taking("bulk", {"schema": NAMED, "example": {"user_ids": [2]}})),
    "by what they are": users(bulk=taking("bulk", {"schema": ids("users"), "example": {"users": [1, 2]}})),
    "selected ones": users(
        users__bulk=taking("bulk", {"schema": ids("selectedIds"), "example": {"selectedIds": [1]}})
    ),
    "a list of representations": users(users__all=taking("bulk", {"schema": DEEP, "example": [{"id": 1}]})),
    "a parameter": users(
        users__stop=taking("bulk", None, param("id", "query", ID, example=2, required=True))
    ),
}


class Users:
    """A server that knows users 1 to 3, and those that are made; a bulk action stops whom it names."""

    def __init__(self) -> None:
        self.states = dict.fromkeys((1, 2, 3), "foreign")

    def answer(self, request: Recorded) -> bytes:
        path, _, query = request.target.partition("?")
        if path == "/users" and request.method == "POST":
            number = max(self.states) + 1 if max(self.states) > 100 else 100
            self.states[number] = "new"
            return reply(201, json.dumps({"id": number, "state": "new"}).encode(), JSON)
        if request.method == "GET":
            named = path.rpartition("/")[2]
            known = named.isdecimal() and int(named) in self.states
            return reply(200, json.dumps({"id": int(named)}).encode(), JSON) if known else reply(404)
        try:
            said: Any = json.loads(request.body) if request.body else query.removeprefix("id=")
        except ValueError:
            return reply(422)
        for number in self.states:
            if f" {number} " in json.dumps(said).translate({ord(mark): " " for mark in '[]{}:,"'}) + " ":
                self.states[number] = "stopped"
        return reply(200)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bulk_action_changes_nothing_that_the_run_did_not_make(serve: Serve, kind: str) -> None:
    """Examples and small numbers name what is there: things of the run stand in their place."""
    server = Users()
    client = Client(KINDS[kind], server=serve(server.answer).url)
    report = contract.run(client, cases=30)
    assert {server.states[number] for number in (1, 2, 3)} == {"foreign"}
    (bulk,) = [each for each in report.operations if each.operation == "bulk"]
    assert 200 in bulk.statuses
    assert ("stopped" in server.states.values()) is (kind != "ids of nothing that is known")


def test_any_data_lets_it(serve: Serve) -> None:
    server = Users()
    client = Client(KINDS["ids of nothing that is known"], server=serve(server.answer).url)
    contract.run(client, cases=30, any_data=True)
    assert "stopped" in {server.states[number] for number in (1, 2, 3)}
