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


def test_what_only_the_request_names_is_made_before_it_is_used(serve: Serve) -> None:
    """A fresh server has no such rack: the sequence that is shown makes it first."""
    right = keeper({}, 204, 409)

    def answer(request: Recorded) -> bytes:
        said = right(request)
        wrong = request.method == "GET" and said.startswith(b"HTTP/1.1 200")
        return reply(200, b'{"name": null}', JSON) if wrong else said

    report = contract.run(Client(racks("204"), server=serve(answer).url), checks=["body_documented"])
    (shown,) = [each.exchange for each in report.failures]
    made, read = shown.steps
    assert (made.case.operation, read.case.operation) == ("makeRack", "getRack")
    assert made.case.body["name"] == read.case.arguments["path.rack_name"]


def test_a_response_that_names_its_parent_has_not_made_it(serve: Serve) -> None:
    """`POST /members/{memberId}/loans` says whose loan it is: it makes no member."""
    member = param("memberId", "path", {"type": "integer", "minimum": 1, "maximum": 9999})
    ids = {name: {"type": "integer"} for name in ("id", "memberId")}
    of = {"type": "object", "properties": ids}

    def makes(name: str, *parameters: Any) -> dict[str, Any]:
        responses = {"201": said(of), "404": NOTHING}
        return {"post": {"operationId": name, "parameters": [*parameters], "responses": responses}}

    broken = {"type": "object", "required": ["name"]}
    get = {
        "operationId": "getMember",
        "parameters": [member],
        "responses": {"200": said(broken), "404": NOTHING},
    }
    paths = {
        "/members": makes("makeMember"),
        "/members/{memberId}": {"get": get},
        "/members/{memberId}/loans": makes("makeLoan", member),
    }
    made: list[int] = []

    def answer(request: Recorded) -> bytes:
        path = request.target.split("/")
        if len(path) > 2 and path[2] not in map(str, made):
            return reply(404)
        if request.method == "GET":
            return reply(200, b"{}", JSON)
        if len(path) > 2:
            return reply(201, json.dumps({"id": 1, "memberId": int(path[2])}).encode(), JSON)
        made.append(len(made) + 10)
        return reply(201, json.dumps({"id": made[-1]}).encode(), JSON)

    report = contract.run(Client(document(paths), server=serve(answer).url), max_failures=1)
    shown = [each.exchange for each in report.failures if each.check == "body_documented"]
    assert [[step.case.operation for step in each.steps] for each in shown] == [["makeMember", "getMember"]]


def shelves(**more: Any) -> dict[str, Any]:
    """Shelves that the caller names, and books on them."""
    name = param("shelf", "path", {"type": "string", "pattern": "^[a-z0-9-]{3,20}$"})
    isbn = {"type": "string", "pattern": "^[A-Z0-9]{13}$"}
    book = {"type": "object", "required": ["isbn"], "properties": {"isbn": isbn}}
    taken = {"required": True, "content": {"application/json": {"schema": book}}}
    put = {"operationId": "makeShelf", "parameters": [name], "responses": {"201": {**said({}), **more}}}
    get = {"operationId": "getShelf", "parameters": [name], "responses": {"200": said({}), "404": NOTHING}}
    add = {"operationId": "addBook", "parameters": [name], "requestBody": taken}
    add |= {"responses": {"201": said(book), "400": NOTHING, "404": NOTHING, "409": NOTHING}}
    read = {"operationId": "getBook", "parameters": [name, param("isbn", "path", isbn)]}
    read |= {"responses": {"200": said(book), "404": NOTHING}}
    paths = {"/shelves/{shelf}": {"put": put, "get": get}, "/shelves/{shelf}/books": {"post": add}}
    return document({**paths, "/shelves/{shelf}/books/{isbn}": {"get": read}})


class Shelves:
    """A server of them: a book stands on one shelf, a shelf has room for `room`."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.shelves: dict[str, list[str]] = {}

    def answer(self, request: Recorded) -> bytes:
        _, _, shelf, *below = unquote(request.target).split("/")
        if request.method == "PUT":
            self.shelves.setdefault(shelf, [])
            return reply(201, json.dumps({"slug": shelf}).encode(), JSON)
        if shelf not in self.shelves:
            return reply(404)
        books = self.shelves[shelf]
        if request.method == "GET" and len(below) == 2 and below[1] not in books:
            return reply(404)
        if request.method == "GET":
            return reply(200, json.dumps({"isbn": "".join(below[1:])}).encode(), JSON)
        try:
            isbn = json.loads(request.body)["isbn"]
        except (ValueError, LookupError, TypeError):
            return reply(400)
        if not isinstance(isbn, str) or not isbn.isascii() or not isbn.isalnum() or len(isbn) != 13:
            return reply(400)
        if any(isbn in each for each in self.shelves.values()) or len(books) >= self.room:
            return reply(409)
        books.append(isbn)
        return reply(201, json.dumps({"isbn": isbn}).encode(), JSON)


def test_a_link_of_a_put_does_not_hide_that_it_makes_something(serve: Serve) -> None:
    """Its link says again what its path has said: the thing that it leads to is that which was put."""
    link = {"operationId": "getShelf", "parameters": {"shelf": "$response.body#/slug"}}
    client = Client(shelves(links={"get": link}), server=serve(Shelves(9).answer).url)
    report = contract.run(client, only=["makeShelf", "getShelf"], cases=2)
    statuses = {each.operation: set(each.statuses) for each in report.operations}
    assert 200 in statuses["getShelf"]


def test_what_a_body_calls_a_new_thing_is_not_taken_for_one_that_is_there(serve: Serve) -> None:
    """The book of `POST /shelves/{shelf}/books` is a new one, though `isbn` is what books are known by."""
    server = Shelves(10**6)
    report = contract.run(Client(shelves(), server=serve(server.answer).url), cases=20)
    (added,) = [each for each in report.operations if each.operation == "addBook"]
    assert added.statuses[201] > 10


def test_where_there_is_no_room_for_more_another_parent_is_made(serve: Serve) -> None:
    """A 409 that stays, whatever the values are, may come from what the thing is put into."""
    server = Shelves(1)
    report = contract.run(Client(shelves(), server=serve(server.answer).url), cases=20)
    (added,) = [each for each in report.operations if each.operation == "addBook"]
    assert added.statuses[201] > 10


class Boards:
    """A server that gives numbers to boards, and keeps their width."""

    def __init__(self) -> None:
        self.boards: dict[int, Any] = {}

    def answer(self, request: Recorded) -> bytes:
        if request.method == "GET":
            named = request.target.rpartition("/")[2]
            board = self.boards.get(int(named)) if named.isdecimal() else None
            return reply(404) if board is None else reply(200, json.dumps(board).encode(), JSON)
        try:
            body = json.loads(request.body)
        except ValueError:
            return reply(400)
        is_json = request.header("Content-Type") == "application/json"
        if not is_json or not isinstance(body, dict) or type(body.get("width")) is not int or "id" in body:
            return reply(400)
        number = len(self.boards) + 1
        self.boards[number] = self.stored({"id": number, **body})
        return reply(201, json.dumps({"id": number}).encode(), JSON)

    def stored(self, board: dict[str, Any]) -> dict[str, Any] | None:
        return board


def boards() -> dict[str, Any]:
    board = {
        "type": "object",
        "required": ["width"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "width": {"type": "integer"}},
    }
    number = param("boardId", "path", {"type": "integer", "minimum": 1})
    body = {"required": True, "content": {"application/json": {"schema": board}}}
    made = said({"type": "object", "properties": {"id": {"type": "integer"}}})
    post = {"operationId": "make", "requestBody": body, "responses": {"201": made, "400": NOTHING}}
    get = {"operationId": "read", "parameters": [number], "responses": {"200": said(board), "404": NOTHING}}
    return document({"/boards": {"post": post}, "/boards/{boardId}": {"get": get}})


class WideBoards(Boards):
    """A width below zero is kept as a text."""

    def stored(self, board: dict[str, Any]) -> dict[str, Any] | None:
        return {**board, "width": "wide"} if board["width"] < 0 else board


@pytest.mark.parametrize(
    ("server", "check", "width"),
    [(WideBoards, "body_documented", -1), (Boards, "", None)],
)
def test_what_an_unusual_body_made_is_read_back(
    serve: Serve, server: type[Boards], check: str, width: int | None
) -> None:
    client = Client(boards(), server=serve(server().answer).url)
    report = contract.run(client, phases=["coverage"])
    found = {each.check: each for each in report.failures}
    assert set(found) == ({check} if check else set())
    if check:
        made, read = found[check].exchange.steps
        assert (made.case.operation, read.case.operation) == ("make", "read")
        assert made.case.body == {"width": width}


def test_a_condition_is_sent_for_itself_only(serve: Serve) -> None:
    """An `If-Match` that was made up gets a 412: what else a request has would never be looked at."""
    match = param("If-Match", "header", {"type": "string", "minLength": 3})
    schema = {"type": "object", "properties": {"width": {"type": "integer"}}}
    put = {
        "operationId": "put",
        "parameters": [param("id", "path"), match],
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": NOTHING, "412": NOTHING},
    }

    def answer(request: Recorded) -> bytes:
        return reply(200 if request.header("If-Match") is None else 412)

    sent: list[Any] = []
    client = Client(document({"/racks/{id}": {"put": put}}), server=serve(answer).url)
    contract.run(
        client, phases=["coverage"], checks=["status_documented"], observe=lambda it: sent.append(it.case)
    )
    about = {
        each.fault.name if each.fault else each.varies for each in sent if "header.If-Match" in each.arguments
    }
    assert about <= {"header.If-Match", "If-Match", ""}  # one of them is all that the operation takes
    bodies = [each for each in sent if each.fault is not None and each.fault.where == "body"]
    assert bodies
    assert not any("header.If-Match" in each.arguments for each in bodies)
