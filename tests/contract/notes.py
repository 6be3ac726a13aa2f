"""A small API of notes, and a server for it that keeps its contract: probes are tried at variants of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dynaclient import Client
from dynaclient.contract import Report, run
from tests.servers import RawServer, Recorded, reply
from tests.small import document, param, said

KINDS = ["memo", "list", "letter"]
NOTE = {
    "type": "object",
    "required": ["text", "kind"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "text": {"type": "string", "minLength": 4, "maxLength": 40},
        "kind": {"type": "string", "enum": KINDS},
        "slug": {"type": "string", "pattern": "^[a-z]{8}$"},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 4}},
        "at": {"type": "string", "format": "date-time"},
        "madeAt": {"type": "string", "format": "date-time", "readOnly": True},
        "open": {"type": "boolean", "readOnly": True},
    },
}
PATCH = {**NOTE, "required": []}
ID = param("noteId", "path", {"type": "integer", "minimum": 1, "maximum": 2147483647})
NONE = said()


def _body(schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _operation(name: str, *parameters: Any, body: Any = None, **responses: Any) -> dict[str, Any]:
    told = {"401": NONE, "404": NONE, "405": NONE, "400": NONE}
    told |= {key.removeprefix("s"): value for key, value in responses.items()}
    return {
        "operationId": name,
        "parameters": list(parameters),
        **({"requestBody": _body(body)} if body else {}),
        "responses": told,
    }


ITEMS = {"items": {"type": "array", "items": NOTE}, "total": {"type": "integer"}, "next": {"type": "integer"}}
LISTED = said({"type": "object", "properties": ITEMS})
MARK = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}}
IF_MATCH = param("If-Match", "header", {"type": "string", "maxLength": 40})
MADE = said(
    NOTE,
    headers={"Location": {"schema": {"type": "string"}}},
    links={"read": {"operationId": "readNote", "parameters": {"noteId": "$response.body#/id"}}},
)
NOTES = document(
    {
        "/notes": {
            "get": _operation(
                "listNotes",
                param("limit", "query", {"type": "integer", "minimum": 1, "maximum": 100}),
                param("page", "query", {"type": "integer", "minimum": 1}),
                param("kind", "query", {"type": "string", "enum": KINDS}),
                param("sort", "query", {"type": "string", "enum": ["text", "-text"]}),
                s200=LISTED,
            ),
            "post": _operation(
                "makeNote", body=NOTE, s201=MADE, s409={"description": "There is such a slug already."}
            ),
        },
        "/notes/{noteId}": {
            "get": _operation(
                "readNote", ID, s200=said(NOTE, headers={"ETag": {"schema": {"type": "string"}}})
            ),
            "put": _operation("putNote", ID, IF_MATCH, body=NOTE, s200=said(NOTE), s412=NONE),
            "patch": _operation("patchNote", ID, body=PATCH, s200=said(NOTE)),
            "delete": _operation("dropNote", ID, s204=NONE),
        },
        "/notes/{noteId}/close": {"post": _operation("closeNote", ID, s200=said(NOTE))},
        "/notes/{noteId}/marks": {
            "get": _operation("listMarks", ID, s200=said({"type": "array"})),
            "post": _operation("makeMark", ID, s201=said(MARK)),
        },
        "/notes/{noteId}/marks/{markId}": {
            "get": _operation("readMark", ID, param("markId", "path", ID["schema"]), s200=said(MARK))
        },
        "/chips": {
            "get": _operation(
                "listChips",
                param("limit", "query", {"type": "integer", "minimum": 1}),
                param("cursor", "query", {"type": "integer"}),
                s200=LISTED,
            ),
            "post": _operation("makeChip", body=PATCH, s201=said(MARK)),
        },
        "/chips/{chipId}": {
            "delete": _operation("dropChip", param("chipId", "path", ID["schema"]), s204=NONE),
        },
        "/shelves/{code}": {
            method: _operation(
                f"{method}Shelf",
                param("code", "path"),
                body=PATCH if method == "put" else None,
                s200=NONE,
                **({"s201": NONE} if method == "put" else {}),
            )
            for method in ("get", "put")
        },
    },
    security=[{"key": []}, {"token": []}],
    components={
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "token": {"type": "http", "scheme": "bearer"},
        }
    },
)
CREDENTIALS = {"key": "my-key", "token": "my-token"}

Reply = tuple[int, Any, dict[str, str]]


class Notes:
    """The server. Each step is a method, for a variant to change."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.shelves: dict[str, Any] = {}
        self.last = 6
        self.reads = 0
        self.marks: set[tuple[int, int]] = set()
        self.chips: dict[int, Any] = {}
        for number in range(1, 7):
            self.rows[number] = {"id": number, "text": f"note {number}", "kind": KINDS[number % 3]}
        self.foreign = json.dumps(self.rows)

    def __call__(self, request: Recorded) -> bytes:
        parts = urlsplit(request.target)
        segments = parts.path.strip("/").split("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            body = json.loads(request.body) if request.body else None
        except ValueError:
            body = None
        status, data, headers = self.respond(request, segments, query, body)
        content = b"" if data is None else json.dumps(data).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        written = reply(status, content, {**kind, **headers}.items())
        return written.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if request.method == "HEAD" else written

    def respond(self, request: Recorded, path: list[str], query: dict[str, str], body: Any) -> Reply:
        if not self.is_known(request):
            return self.unauthorized(request)
        allowed = self.allowed(path)
        method = "GET" if request.method == "HEAD" else request.method
        if not allowed:
            return 404, None, {}
        if method not in allowed:
            return self.not_allowed(request, path, allowed)
        if path[0] == "chips":
            return self.chip(method, path[1:], query)
        if path[0] not in ("notes", "shelves"):
            return 404, None, {}
        if path[0] == "shelves":
            return self.shelf(method, path[1], body)
        if len(path) == 1:
            return self.page(query) if method == "GET" else self.make(body)
        found = self.rows.get(int(path[1])) if path[1].isdigit() else None
        if found is None:
            return self.mark(int(path[1]), int(path[3])) if len(path) == 4 else self.missing(method, path)
        if len(path) > 3:
            return self.mark(int(path[1]), int(path[3]))
        if len(path) == 3:
            return self.close(found) if path[2] == "close" else self.add(method, found)
        if method == "PUT" and request.header("If-Match") not in (None, self.etag(found)):
            return self.changed(found, body)
        return getattr(self, method.lower())(found, body)

    def is_known(self, request: Recorded) -> bool:
        return request.header("X-Key") == "my-key" or request.header("Authorization") == "Bearer my-token"

    def unauthorized(self, request: Recorded) -> Reply:
        return 401, None, {}

    def allowed(self, path: list[str]) -> list[str]:
        kinds = {1: ["GET", "POST"], 2: ["GET", "PUT", "PATCH", "DELETE"], 4: ["GET"]}
        if path[0] == "chips":
            return ["GET", "POST"] if len(path) == 1 else ["DELETE"]
        if len(path) == 3:
            return ["POST"] if path[2] == "close" else ["GET", "POST"]
        return ["GET", "PUT"] if path[0] == "shelves" else kinds.get(len(path), [])

    def not_allowed(self, request: Recorded, path: list[str], allowed: list[str]) -> Reply:
        return 405, None, {"Allow": ", ".join(allowed)}

    def missing(self, method: str, path: list[str]) -> Reply:
        return 404, None, {}

    def page(self, query: dict[str, str]) -> Reply:
        found = [each for each in self.listed() if query.get("kind") in (None, each["kind"])]
        limit, page = int(query.get("limit", 20)), int(query.get("page", 1))
        shown = self.ordered(found, query.get("sort", ""))[(page - 1) * limit : page * limit]
        return 200, {"items": shown, "total": self.total(found, shown)}, {}

    def ordered(self, found: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
        return sorted(found, key=lambda each: str(each["text"]), reverse=by[0] == "-") if by else found

    def total(self, found: list[dict[str, Any]], shown: list[dict[str, Any]]) -> int:
        return len(found)

    def add(self, method: str, row: dict[str, Any]) -> Reply:
        """A mark of a note, or all of them."""
        if method == "GET":
            return 200, [{"id": number} for note, number in sorted(self.marks) if note == row["id"]], {}
        self.marks.add((row["id"], len(self.marks) + 1))
        return 201, {"id": len(self.marks)}, {}

    def mark(self, note: int, number: int) -> Reply:
        there = (note, number) in self.marks and note in self.rows
        return (200, {"id": number}, {}) if there else (404, None, {})

    def close(self, row: dict[str, Any]) -> Reply:
        row["open"] = False
        return 200, dict(row), {}

    def changed(self, row: dict[str, Any], body: Any) -> Reply:
        return 412, None, {}

    def chip(self, method: str, path: list[str], query: dict[str, str]) -> Reply:
        """Chips are listed by a cursor, and have no operation that reads one."""
        if method == "POST":
            self.chips[len(self.chips) + 1] = None
            return 201, {"id": len(self.chips)}, {}
        if method == "DELETE":
            return self.drop(int(path[0]))
        limit, after = int(query.get("limit", 20)), int(query.get("cursor", 0))
        found = [each for each in self.chips if each > after][:limit]
        shown = [{"id": each, "text": f"chip {each}", "kind": "memo"} for each in found]
        return 200, {"items": shown, **({"next": self.cursor(found)} if len(found) == limit else {})}, {}

    def drop(self, number: int) -> Reply:
        return (204 if self.chips.pop(number, self) is not self else 404), None, {}

    def cursor(self, found: list[int]) -> int:
        return found[-1]

    def listed(self) -> list[dict[str, Any]]:
        return list(self.rows.values())

    def is_valid(self, body: Any, needed: Sequence[str] = ("text", "kind")) -> bool:
        return isinstance(body, dict) and all(name in body for name in needed)

    def make(self, body: Any) -> Reply:
        if not self.is_valid(body):
            return 400, None, {}
        if "slug" in body and any(each.get("slug") == body["slug"] for each in self.rows.values()):
            return self.conflict(body)
        self.last = self.next()
        row = self.stored(body, {"id": self.last, "madeAt": "2026-01-01T00:00:00Z", "open": True})
        self.rows[self.last] = row
        return self.made(row)

    def next(self) -> int:
        return self.last + 1

    def made(self, row: dict[str, Any]) -> Reply:
        return 201, row, {"Location": f"/notes/{row['id']}"}

    def conflict(self, body: Any) -> Reply:
        return 409, None, {}

    def stored(self, body: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        """What is kept of a body: what the server sets goes before it."""
        return {**body, **own}

    def get(self, row: dict[str, Any], _: Any) -> Reply:
        return 200, self.shown(row), {"ETag": self.etag(row)}

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        return row

    def etag(self, row: dict[str, Any]) -> str:
        return f'"{abs(hash(json.dumps(row)))}"'

    def put(self, row: dict[str, Any], body: Any) -> Reply:
        if not self.is_valid(body):
            return 400, None, {}
        own = {name: row[name] for name in ("id", "madeAt", "open") if name in row}
        self.rows[row["id"]] = new = self.stored(body, own)
        return 200, new, {}

    def patch(self, row: dict[str, Any], body: Any) -> Reply:
        if not self.is_valid(body, ()):
            return 400, None, {}
        own = {name: row[name] for name in ("id", "madeAt", "open") if name in row}
        self.rows[row["id"]] = new = self.stored({**row, **body}, own)
        return 200, new, {}

    def delete(self, row: dict[str, Any], _: Any) -> Reply:
        del self.rows[row["id"]]
        return 204, None, {}

    def shelf(self, method: str, code: str, body: Any) -> Reply:
        if method == "GET":
            return (200 if code in self.shelves else 404), None, {}
        status = self.put_status(code)
        self.shelves[code] = body
        return status, None, {}

    def put_status(self, code: str) -> int:
        return 200 if code in self.shelves else 201


@contextlib.contextmanager
def serving(notes: Notes, **settings: Any) -> Iterator[Client]:
    """A client of a server."""
    settings.setdefault("credentials", CREDENTIALS)
    with RawServer(notes) as server, Client(NOTES, server=server.url, **settings) as client:
        yield client


def probed(notes: Notes, *checks: str, **settings: Any) -> Report:
    """What some probes see of a server; all checks see it where none is named."""
    with serving(notes, **settings) as client:
        return run(client, phases=["stateful"], checks=checks, max_time=None)
