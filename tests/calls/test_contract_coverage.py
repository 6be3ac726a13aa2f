"""How much of a contract calls have tried: the numbers agree with a count by hand."""

from __future__ import annotations

import json
import pickle
import threading
from typing import Any

import pytest

from dynaclient import Client, ResponseInvalid
from tests.servers import reply
from tests.small import JSON, document, param, said

PET = {
    "type": "object",  # 1
    "required": ["name"],  # 2
    "additionalProperties": False,  # 3
    "properties": {
        "id": {"type": "integer", "readOnly": True},  # of no request
        "name": {"type": "string", "minLength": 1, "maxLength": 9},  # 4, 5, 6
        "kind": {"type": "string", "enum": ["cat", "dog"]},  # 7, 8
        "tags": {"type": "array", "uniqueItems": False, "items": {"$ref": "#/components/schemas/Tag"}},  # 9
        "of": {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]},  # 10, 11, 12
    },
}
DOCUMENT = document(
    {
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    param("id", "path", {"type": "integer"}),  # 13
                    param("q", "query", {"type": "string", "enum": ["a", "b"]}, example="a"),  # 14, 15
                ],
                "responses": {"200": said(PET), "4XX": {"description": ""}, "default": said({})},
            },
        },
        "/pets": {
            "post": {
                "operationId": "makePet",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Pet"},
                            "examples": {
                                "rex": {"value": {"name": "Rex"}},
                                "mia": {"value": {"name": "Mia"}},
                            },
                        },
                        "text/plain": {"schema": {"type": "string"}},  # 16
                    }
                },
                "responses": {"201": said(PET)},
            },
        },
    },
    components={"schemas": {"Pet": PET, "Tag": {"type": "string", "pattern": "^[a-z]+$"}}},  # 17, 18
)
ALL = {
    "operations": 2,
    "statuses": 4,
    "request types": 2,
    "response types": 3,
    "parameters": 2,
    "keywords": 18,
    "enum values": 4,
    "examples": 3,
}
PETS = json.dumps({"name": "Rex"}).encode()

CALLS: list[tuple[str, Any, int, dict[str, int]]] = [
    (
        "getPet",
        {"id": 1},
        200,
        {"operations": 1, "statuses": 1, "response types": 1, "parameters": 1, "keywords": 1},
    ),
    (
        "getPet",
        {"id": 1, "q": "a"},
        404,
        {"operations": 1, "statuses": 1, "parameters": 2, "keywords": 3, "enum values": 1, "examples": 1},
    ),
    (
        "getPet",
        {"id": 1},
        500,
        {"operations": 1, "statuses": 1, "response types": 1, "parameters": 1, "keywords": 1},
    ),
    (
        "makePet",
        {"body": {"name": "Rex"}},
        201,
        {
            "operations": 1,
            "statuses": 1,
            "request types": 1,
            "response types": 1,
            "keywords": 6,
            "examples": 1,
        },
    ),
    (
        "makePet",
        {"body": {"name": "Mia", "kind": "dog", "tags": ["a"], "of": 5}},
        201,
        {
            "operations": 1,
            "statuses": 1,
            "request types": 1,
            "response types": 1,
            "keywords": 6 + 2 + 1 + 2 + 2,  # of `of` one branch
            "enum values": 1,
        },
    ),
    (
        "makePet",
        {"body": {"name": "Rex", "tags": []}},
        201,
        {"operations": 1, "statuses": 1, "request types": 1, "response types": 1, "keywords": 7},
    ),
    ("makePet", {"body": "text"}, 409, {"operations": 1, "request types": 1, "keywords": 1}),
]


def numbers(client: Client) -> dict[str, int]:
    return {each.kind: each.tried for each in client.coverage().shares if each.tried}


@pytest.mark.parametrize(("operation", "given", "status", "expected"), CALLS)
def test_the_numbers_are_those_of_a_count_by_hand(
    serve: Any, operation: str, given: dict[str, Any], status: int, expected: dict[str, int]
) -> None:
    client = Client(DOCUMENT, server=serve(reply(status, PETS, JSON)).url)
    assert {each.kind: each.of for each in client.coverage().shares} == ALL
    client.send(operation, **given)
    assert numbers(client) == expected


def test_calls_add_up(serve: Any) -> None:
    client = Client(DOCUMENT, server=serve(reply(200, PETS, JSON)).url, validate={"response": "warn"})
    client.send("getPet", id=1)
    assert numbers(client) == {}  # nobody had asked
    with client.coverage() as coverage:
        client.get_pet(1, q="b")
        client.get_pet(1, q="a")
        client.get_pet(1, q="a")
    client.send("makePet", body="text")
    assert str(coverage) == (
        "operations 1 of 2, statuses 1 of 4, request types 0 of 2, response types 1 of 3, parameters 2 of 2, "
        "keywords 3 of 18, enum values 2 of 4, examples 1 of 3"
    )
    assert coverage.untried("statuses") == (("getPet", "4XX"), ("getPet", "default"), ("makePet", "201"))
    assert coverage.untried("enum values") == (
        ("/components/schemas/Pet/properties/kind", '"cat"'),
        ("/components/schemas/Pet/properties/kind", '"dog"'),
    )


def test_nothing_is_claimed_that_was_not_sent(serve: Any) -> None:
    client = Client(DOCUMENT, server=serve(reply(200, b"[]", JSON)).url)
    coverage = client.coverage()
    client.prepare("getPet", id=1, q="a")
    with pytest.raises(Exception, match="not sent"):
        client.send("getPet", id="x")
    assert not any(each.tried for each in coverage.shares)
    with pytest.raises(ResponseInvalid):  # it was sent, whatever came back
        client.send("getPet", id=1)
    assert coverage.shares[0].tried == 1


def test_threads_and_pickles(serve: Any) -> None:
    client = Client(DOCUMENT, server=serve(reply(200, PETS, JSON)).url)
    client.coverage()
    threads = [threading.Thread(target=client.send, args=("getPet",), kwargs={"id": 1}) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert numbers(client)["operations"] == 1
    assert numbers(pickle.loads(pickle.dumps(client))) == {}
