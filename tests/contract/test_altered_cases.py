"""Cases that a call of the operation would not send so: other credentials, another method, another URL."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract.case import Case
from dynaclient.contract.checks import complaints
from dynaclient.contract.resources import Resource
from dynaclient.contract.run_state import Run
from tests.servers import RawServer, reply
from tests.small import document, json_reply, param, said

SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "token": {"type": "http", "scheme": "bearer"},
}


def secured(name: str, *alternatives: list[str]) -> dict[str, Any]:
    security = [{scheme: [] for scheme in each} for each in alternatives]
    return {"get": {"operationId": name, "security": security, "responses": {"200": said()}}}


SECURED = document(
    {
        "/both": secured("both", ["key", "token"]),
        "/either": secured("either", ["key"], ["token"]),
        "/token": secured("token", ["token"]),
    },
    components={"securitySchemes": SCHEMES},
)
GIVEN = {"key": "my-key", "token": "my-token"}
KEY, TOKEN = ("x-key", "my-key"), ("authorization", "Bearer my-token")
NO_KEY, NO_TOKEN = ("x-key", "invalid-credential"), ("authorization", "Bearer invalid-credential")


@pytest.mark.parametrize(
    ("operation", "credentials", "expected"),
    [
        ("both", "", {KEY, TOKEN}),
        ("both", "none", set()),
        ("both", "token", {TOKEN}),
        ("both", "invalid", {NO_KEY, NO_TOKEN}),
        ("either", "", {KEY}),
        ("either", "token", {TOKEN}),
        ("either", "invalid", {NO_KEY}),
        ("either", "invalid:token", {NO_TOKEN}),
        ("token", "key", {KEY}),
    ],
)
def test_the_credentials_of_a_case(operation: str, credentials: str, expected: set[Any]) -> None:
    with RawServer() as server, Client(SECURED, server=server.url, credentials=GIVEN) as client:
        Case(operation, credentials=credentials).send(client)
    sent = {(name.lower(), value) for name, value in server.requests[0].fields}
    assert {each for each in sent if each[0] in ("x-key", "authorization")} == expected


def test_the_url_of_a_case() -> None:
    with RawServer() as server, Client(SECURED, server=server.url, credentials=GIVEN) as client:
        Case("token", url=f"{server.url}/elsewhere/a%2Fb").send(client)
    assert server.requests[0].target == "/elsewhere/a%2Fb"
    assert server.requests[0].header("Authorization") == "Bearer my-token"


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [("", 501, True), ("TRACE", 501, False), ("TRACE", 500, True), ("TRACE", 200, False)],
)
def test_a_method_that_a_server_does_not_know(method: str, status: int, expected: bool) -> None:
    with RawServer(reply(status)) as server, Client(SECURED, server=server.url) as client:
        case = Case("token", method=method)
        assert ("no_server_error" in complaints(case, case.send(client))) is expected


@pytest.mark.parametrize(
    ("noun", "parameter", "name", "expected"),
    [
        ("user", "userId", "id", True),
        ("user", "userId", "userId", True),
        ("user", "user_id", "userID", True),
        ("user", "id", "userId", True),
        ("user", "username", "id", False),
        ("user", "username", "username", True),
        ("item", "ownerId", "id", False),
        ("shelf", "code", "code", True),
        ("shelf", "code", "name", False),
    ],
)
def test_what_an_identifier_is_called(noun: str, parameter: str, name: str, expected: bool) -> None:
    resource = Resource(f"/{noun}s/{{{parameter}}}", (parameter,), (parameter,), noun)
    assert resource.is_called(parameter, name) is expected


BOOKS = document(
    {
        "/books": {"post": {"operationId": "make", "responses": {"201": said({"type": "object"})}}},
        "/books/{bookId}": {
            "get": {
                "operationId": "read",
                "parameters": [param("bookId", "path")],
                "responses": {"200": said()},
            }
        },
    }
)


@pytest.mark.parametrize(
    ("location", "body", "expected"),
    [
        ("/books/7", {"id": "7"}, "7"),
        ("/books/7", {"title": "x"}, "7"),
        ("/books/7", {"name": "x"}, "7"),
        ("/books/1", {"id": "7"}, "7"),  # a Location that leads to what may be anybody's
    ],
)
def test_a_location_that_leads_to_another_thing(location: str, body: Any, expected: str) -> None:
    made = json_reply(body, 201).replace(b"\r\n", f"\r\nLocation: {location}\r\n".encode(), 1)
    with RawServer(made) as server, Client(BOOKS, server=server.url) as client:
        run = Run(client, ["make", "read"], checks=())
        thing = run.things.make(next(iter(run.resources)))
    assert thing is not None
    assert thing.values == {"bookId": expected}
