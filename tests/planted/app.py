"""A small lending library that does exactly what `openapi.yaml` beside it says, written by hand.

`Application()` is a WSGI application in memory. A defect changes one before it serves: see `defects`. Beside
the operations of the document it has `GET /__rows` (every row, which of them a run did not make, and how many
requests came) and `POST /__reset`.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.planted import rules
from tests.planted.exchange import (
    FORM,
    JSON,
    MULTIPART,
    PATCH,
    Body,
    Operation,
    Parameter,
    Refused,
    Reply,
    Request,
    as_boolean,
    as_integer,
    read_form,
    read_json,
    read_multipart,
    read_text,
)

API_KEY, TOKEN, READER = "planted-key", "planted-token", "reader-token"
"""What the API key is, the token of an administrator, and one that does not reach the admin operations."""

Row = dict[str, Any]
GENRES = ("novel", "poetry", "science", "history", "comics")
STATUSES = ("active", "suspended", "closed")
MAX_INT = 2**31 - 1


# -- rows ---------------------------------------------------------------------------------------------------


@dataclass
class State:
    """The rows. Those that are there at first are foreign: no run made them."""

    members: dict[str, Row] = field(default_factory=dict)
    books: dict[int, Row] = field(default_factory=dict)
    loans: dict[int, Row] = field(default_factory=dict)
    covers: dict[int, Row] = field(default_factory=dict)
    shelves: dict[str, Row] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    audit: list[Row] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    """The last number that was given, by what it is for."""
    foreign: dict[str, dict[str, Row]] = field(default_factory=dict)

    def number(self, of: str) -> int:
        """The next number, from 1."""
        self.last[of] = self.last.get(of, 0) + 1
        return self.last[of]

    def now(self) -> str:
        """A moment, a second after the one before."""
        start = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.timezone.utc)
        return (start + datetime.timedelta(seconds=self.number("second"))).isoformat().replace("+00:00", "Z")

    def tables(self) -> dict[str, dict[str, Row]]:
        """All rows by table and identifier, as they can be written in JSON."""
        covers = {key: {**row, "bytes": row["bytes"].hex()} for key, row in self.covers.items()}
        keyed: dict[str, dict[Any, Row]] = {
            "members": self.members,
            "books": self.books,
            "loans": self.loans,
            "covers": covers,
            "shelves": self.shelves,
        }
        return {name: {str(key): row for key, row in table.items()} for name, table in keyed.items()}


def member_id(number: int) -> str:
    """The identifier of the n-th member."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"member {number}"))


BOOKS = (
    ("9780199535675", "Emma", None, "novel", 1815, 8.99, 2, ["classic"]),
    ("9780486280615", "Walden", "Life in the Woods", "history", 1854, 7.5, 1, ["woods", "classic"]),
    ("9780553380163", "A Brief History of Time", None, "science", 1988, 14.0, 4, ["physics"]),
    ("9780140449136", "The Odyssey", None, "poetry", None, 11.0, 1, ["sea"]),
    ("9780679405818", "Persepolis", None, "comics", 2000, 19.95, 0, []),
    ("9780674990562", "Georgics", None, "poetry", 1500, 21.0, 1, []),
    ("9780441013593", "Dune", None, "novel", 1965, 9.99, 3, ["desert", "classic"]),
    ("9781400079278", "Kafka on the Shore", None, "novel", 2002, 12.0, 1, []),
    ("9780316769488", "The Whale Road", None, "novel", 2007, 10.5, 2, ["sea"]),
    ("9780143039433", "The Whale and the Reactor", None, "science", 1986, 23.0, 1, ["technology"]),
    ("9780805210552", "On Whales", None, "science", 1999, 6.25, 1, ["sea", "whales"]),
    ("9780060850524", "Brave New World", None, "novel", 1932, 9.0, 5, ["classic"]),
)


def first_state() -> State:
    """The rows that every server starts with."""
    state = State()
    for name, status, newsletter in (
        ("Jo March", "active", True),
        ("Zoë Brontë", "suspended", False),
        ("Nemo", "active", False),
        ("Ishmael", "closed", True),
    ):
        number = state.number("member")
        key, at = member_id(number), state.now()
        state.members[key] = {
            "id": key,
            "name": name,
            "email": f"member{number}@library.example",
            "status": status,
            "newsletter": newsletter,
            "pin": f"{number:04}",
            "joinedAt": at,
        }
    for isbn, title, subtitle, genre, year, price, copies, tags in BOOKS:
        book = {"isbn": isbn, "title": title, "genre": genre, "price": price, "copies": copies, "tags": tags}
        book.update({"subtitle": subtitle} if subtitle else {}, **({"year": year} if year else {}))
        number = state.number("book")
        state.books[number] = {"id": number, **book, "createdAt": state.now()}
    for owner, book_id in ((1, 1), (1, 4), (2, 7)):
        number = state.number("loan")
        loan = {
            "id": number,
            "memberId": member_id(owner),
            "bookId": book_id,
            "dueOn": f"2026-04-{number:02}",
        }
        state.loans[number] = {**loan, "lentAt": state.now()}
    for code, floor in (("AA-001", 0), ("AA-002", 1)):
        state.shelves[code] = {"code": code, "label": f"Shelf {code}", "floor": floor, "capacity": 40}
    state.events = [
        {"kind": "visit", "at": "2026-02-01T10:00:00Z", "shelf": "AA-001"},
        {"kind": "purchase", "at": "2026-02-02T11:30:00+01:00", "amount": 4.5},
        {"kind": "visit", "at": "2026-02-03T08:15:00Z"},
    ]
    state.foreign = copy.deepcopy(state.tables())
    return state


# -- rules --------------------------------------------------------------------------------------------------


def shapes() -> dict[str, rules.Shape]:
    """What the bodies have to be, by name: fresh ones, for a defect may change them."""
    text, integer = rules.text, rules.integer
    mail = text(0, 120, form=rules.email)
    address = rules.Shape(
        {"street": text(1, 80), "postcode": text(pattern="[0-9]{5}"), "city": text(0, 60)},
        {"street", "postcode"},
    )
    about: dict[str, rules.Rule] = {
        "name": text(1, 60),
        "email": mail,
        "status": rules.one_of(*STATUSES),
        "newsletter": rules.boolean,
    }
    return {
        "Address": address,
        "Member": rules.Shape(
            {**about, "address": address, "pin": text(pattern="[0-9]{4}")}, {*about, "pin"}
        ),
        "MemberPatch": rules.Shape({**about, "address": rules.or_null(address)}, least=1),
        "Loan": rules.Shape(
            {"bookId": integer(1, MAX_INT), "dueOn": text(form=rules.date), "note": text(0, 200)},
            {"bookId", "dueOn"},
        ),
        "Book": rules.Shape(
            {
                "isbn": text(pattern="97[89][0-9]{10}"),
                "title": text(1, 120),
                "subtitle": rules.or_null(text(0, 120)),
                "genre": rules.one_of(*GENRES),
                "year": integer(1450, 2100),
                "price": rules.number(0, 10000),
                "copies": integer(0, 500),
                "tags": rules.array(text(pattern="[a-z]{1,12}"), most=5, unique=True),
            },
            {"isbn", "title", "genre", "price", "copies", "tags"},
        ),
        "Cover": rules.Shape(
            {
                "file": lambda value: "" if isinstance(value, bytes) else "expected a file",
                "caption": text(0, 80),
                "rotate": integer(0, 359),
            },
            {"file"},
            others=True,
        ),
        "Contact": rules.Shape(
            {
                "email": mail,
                "topic": rules.one_of("question", "complaint", "praise"),
                "message": text(1, 500),
                "copies": integer(1, 3),
                "consent": rules.boolean,
            },
            {"email", "topic", "message", "consent"},
        ),
        "Shelf": rules.Shape(
            {
                "label": text(1, 40),
                "floor": integer(-2, 9),
                "capacity": integer(0, 2000),
                "open": rules.boolean,
            },
            {"label", "floor", "capacity"},
        ),
        "Visit": rules.Shape(
            {
                "kind": rules.one_of("visit"),
                "at": text(form=rules.date_time),
                "shelf": text(pattern="[A-Z]{2}-[0-9]{3}"),
            },
            {"kind", "at"},
        ),
        "Purchase": rules.Shape(
            {
                "kind": rules.one_of("purchase"),
                "at": text(form=rules.date_time),
                "amount": rules.number(0, 100000, above=True),
            },
            {"kind", "at", "amount"},
        ),
        "Title": rules.Shape({"title": text(1, 120), "year": integer(1450, 2100)}, {"title"}),
    }


def path_id(name: str) -> Parameter:
    """A whole number in the path."""
    return Parameter(name, "path", rules.integer(1, MAX_INT), as_integer, required=True)


def limit() -> Parameter:
    """How many items are wanted."""
    return Parameter("limit", "query", rules.integer(1, 100), as_integer, default=20)


def year(name: str) -> Parameter:
    """A year in the query."""
    return Parameter(name, "query", rules.integer(1450, 2100), as_integer)


# -- the application ----------------------------------------------------------------------------------------


class Application:
    """The library as a WSGI application, one request at a time.

    `operations`, `shapes` and the methods are there to be changed by a defect.
    """

    def __init__(self) -> None:
        self.state = first_state()
        self.shapes = shapes()
        self.operations = {each.key: each for each in self._operations()}
        self.keys, self.tokens = {API_KEY}, {TOKEN, READER}
        self.requests = 0
        self._lock = threading.Lock()

    # -- one request

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        request = Request.of(environ)
        with self._lock:
            try:
                reply = self.reply(request)
                content = reply.content()
            except Refused as refused:
                reply = refused.reply
                content = reply.content()
            except Exception as error:  # what a defect runs into
                reply = Reply(
                    500, f"<h1>Internal Server Error</h1><p>{error!r}</p>".encode(), media_type="text/html"
                )
                content = reply.content()
        headers = dict(reply.headers)
        if reply.media_type and (content or reply.status not in (202, 204, 304)):
            headers.setdefault("Content-Type", reply.media_type)
        if reply.status not in (204, 304):
            headers["Content-Length"] = str(len(content))
        start_response(f"{reply.status} Reason", list(headers.items()))
        return [] if request.method == "HEAD" or not content else [content]

    def reply(self, request: Request) -> Reply:
        """The reply to a request. Raises Refused."""
        if request.path == "/__rows":
            state = self.state
            counts = {name: len(rows) for name, rows in state.tables().items()}
            rows = {"foreign": state.foreign, "rows": state.tables(), "counts": counts}
            return Reply(200, {**rows, "requests": self.requests})
        if request.path == "/__reset":
            self.state, self.requests = first_state(), 0
            return Reply(204)
        self.requests += 1
        there = self.at(request.path)
        if not there:
            raise Refused(404, "There is nothing at this address.")
        found = self.choose(request, there)
        return self.perform(*found, request) if found else self.without(request, there)

    def at(self, path: str) -> list[tuple[Operation, dict[str, str]]]:
        """The operations of a path, each with what stands in the path for its parameters."""
        parts = path.split("/")
        matched = [(each, _match(each.path.split("/"), parts)) for each in self.operations.values()]
        return [(each, values) for each, values in matched if values is not None]

    def choose(
        self, request: Request, there: list[tuple[Operation, dict[str, str]]]
    ) -> tuple[Operation, dict[str, str]] | None:
        """The operation that is asked for; HEAD is GET where the document has no HEAD."""
        by_method = {each.method: (each, values) for each, values in there}
        asked = request.method if request.method in by_method or request.method != "HEAD" else "GET"
        return by_method.get(asked)

    def allowed(self, there: list[tuple[Operation, dict[str, str]]]) -> str:
        """The methods of a path, as `Allow` has them."""
        methods = {each.method for each, _ in there} | {"OPTIONS"}
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))

    def without(self, request: Request, there: list[tuple[Operation, dict[str, str]]]) -> Reply:
        """The reply to a method that the path does not have."""
        allow = {"Allow": self.allowed(there)}
        if request.method == "OPTIONS":
            return Reply(204, headers=allow)
        raise Refused(405, "The path has no such method.", headers=allow)

    def perform(self, operation: Operation, path: dict[str, str], request: Request) -> Reply:
        """The reply of an operation. What its `after` gives is sent."""
        try:
            self.authorize(operation, request)
            self.validate(operation, path, request)
            for check in operation.before:
                check(request)
            reply = operation.handler(request)
        except Refused as refused:
            reply = refused.reply
        if operation.method not in ("GET", "HEAD", "OPTIONS") and reply.status < 300:
            self.state.audit.append({"at": self.state.now(), "operation": operation.key})
        for change in operation.after:
            reply = change(request, reply) or reply
        return reply

    def authorize(self, operation: Operation, request: Request) -> None:
        """Raises Refused unless one alternative is satisfied."""
        sent = self.sent(request)
        if operation.security and not any(sent.issuperset(each) for each in operation.security):
            raise Refused(401, "A valid credential is needed.", headers={"WWW-Authenticate": "Bearer"})
        if operation.admin and self.token(request) != TOKEN:
            raise Refused(403, "This is for administrators.")

    def sent(self, request: Request) -> set[str]:
        """The schemes of which the request has a valid credential."""
        found = set()
        if request.headers.get("x-api-key") in self.keys:
            found.add("apiKey")
        if self.token(request) in self.tokens:
            found.add("bearer")
        return found

    def token(self, request: Request) -> str:
        """The bearer token; empty without one."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def validate(self, operation: Operation, path: dict[str, str], request: Request) -> None:
        """Read parameters and body. Raises Refused."""
        wrong = [
            (f"{each.where}/{each.name}", message)
            for each in operation.parameters
            if (message := each.read(request, path))
        ]
        if wrong:
            raise Refused(422, "The parameters are invalid.", wrong)
        if operation.body:
            operation.body.read(request)

    # -- members

    def shown_member(self, row: Row) -> Row:
        """A member as it is read: without the PIN."""
        return {name: value for name, value in row.items() if name != "pin"}

    def member(self, request: Request) -> Row:
        """The member of the path. Raises Refused."""
        found = self.state.members.get(str(request.values["memberId"]).lower())
        if found is None:
            raise Refused(404, "There is no such member.")
        return found

    def free_email(self, email: str, apart_from: str = "") -> None:
        """Raises Refused where another member has the address."""
        if any(each["email"] == email and each["id"] != apart_from for each in self.state.members.values()):
            raise Refused(409, "Another member has this address.")

    def etag(self, row: Row) -> str:
        """The ETag of a member."""
        return f'"{hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]}"'

    def list_members(self, request: Request) -> Reply:
        """GET /members"""
        wanted = {
            name: request.values[name]
            for name in ("status", "newsletter")
            if request.values[name] is not None
        }
        found = [each for each in self.state.members.values() if wanted.items() <= each.items()]
        start, many = request.values["offset"], request.values["limit"]
        items = [self.shown_member(each) for each in found[start : start + many]]
        body = {"items": items, "total": len(found), "limit": many, "offset": start}
        return Reply(200, body, {"X-Total-Count": str(len(found))})

    def create_member(self, request: Request) -> Reply:
        """POST /members"""
        self.free_email(request.body["email"])
        key, at = member_id(self.state.number("member")), self.state.now()
        row = {"id": key, **request.body, "joinedAt": at}
        self.state.members[key] = row
        return Reply(201, self.shown_member(row), {"Location": f"/members/{key}"})

    def get_member(self, request: Request) -> Reply:
        """GET /members/{memberId}"""
        row = self.member(request)
        tag = self.etag(row)
        if request.values["If-None-Match"] == tag:
            return Reply(304, headers={"ETag": tag})
        return Reply(200, self.shown_member(row), {"ETag": tag})

    def replace_member(self, request: Request) -> Reply:
        """PUT /members/{memberId}"""
        row = self.member(request)
        self.free_email(request.body["email"], row["id"])
        new = {"id": row["id"], **request.body, "joinedAt": row["joinedAt"]}
        self.state.members[row["id"]] = new
        return Reply(200, self.shown_member(new))

    def update_member(self, request: Request) -> Reply:
        """PATCH /members/{memberId}"""
        row = self.member(request)
        self.free_email(request.body.get("email", row["email"]), row["id"])
        new = {name: value for name, value in {**row, **request.body}.items() if value is not None}
        if isinstance(request.body.get("address"), dict):
            new["address"] = {**row.get("address", {}), **request.body["address"]}
        self.state.members[row["id"]] = new
        return Reply(200, self.shown_member(new))

    def delete_member(self, request: Request) -> Reply:
        """DELETE /members/{memberId}"""
        row = self.member(request)
        del self.state.members[row["id"]]
        self.drop_loans("memberId", row["id"])
        return Reply(204)

    # -- loans

    def drop_loans(self, name: str, value: Any) -> None:
        """Remove the loans of a member or a book."""
        self.state.loans = {key: row for key, row in self.state.loans.items() if row[name] != value}

    def loan(self, request: Request) -> Row:
        """The loan of the path. Raises Refused."""
        owner = self.member(request)
        found = self.state.loans.get(request.values["loanId"])
        if found is None or found["memberId"] != owner["id"]:
            raise Refused(404, "There is no such loan.")
        return found

    def list_loans(self, request: Request) -> Reply:
        """GET /members/{memberId}/loans"""
        owner = self.member(request)
        found = [each for each in self.state.loans.values() if each["memberId"] == owner["id"]]
        return Reply(200, {"items": found[: request.values["limit"]], "total": len(found)})

    def create_loan(self, request: Request) -> Reply:
        """POST /members/{memberId}/loans"""
        owner = self.member(request)
        book = self.state.books.get(request.body["bookId"])
        if book is None:
            raise Refused(404, "There is no such book.")
        if not self.available(book):
            raise Refused(409, "All copies are lent.")
        key = self.state.number("loan")
        row = {"id": key, "memberId": owner["id"], **request.body, "lentAt": self.state.now()}
        self.state.loans[key] = row
        return Reply(201, dict(row), {"Location": f"/members/{owner['id']}/loans/{key}"})

    def get_loan(self, request: Request) -> Reply:
        """GET /members/{memberId}/loans/{loanId}"""
        return Reply(200, dict(self.loan(request)))

    def return_loan(self, request: Request) -> Reply:
        """DELETE /members/{memberId}/loans/{loanId}"""
        del self.state.loans[self.loan(request)["id"]]
        return Reply(204)

    # -- books

    def lent(self, book: Row) -> int:
        """How many copies are lent."""
        return sum(each["bookId"] == book["id"] for each in self.state.loans.values())

    def available(self, book: Row) -> bool:
        """Whether a copy can be lent."""
        return bool(self.lent(book) < book["copies"])

    def shown_book(self, row: Row) -> Row:
        """A book as it is read."""
        return {**row, "available": self.available(row)}

    def book(self, request: Request) -> Row:
        """The book of the path. Raises Refused."""
        found = self.state.books.get(request.values["bookId"])
        if found is None:
            raise Refused(404, "There is no such book.")
        return found

    def free_isbn(self, isbn: str, apart_from: int = 0) -> None:
        """Raises Refused where another book has the ISBN."""
        if any(each["isbn"] == isbn and each["id"] != apart_from for each in self.state.books.values()):
            raise Refused(409, "Another book has this ISBN.")

    def list_books(self, request: Request) -> Reply:
        """GET /books"""
        found = [
            each for each in map(self.shown_book, self.state.books.values()) if self.wanted(each, request)
        ]
        page, size = request.values["page"], request.values["pageSize"]
        body = {
            "items": found[(page - 1) * size : page * size],
            "page": page,
            "pageCount": -(-len(found) // size),
        }
        return Reply(200, body, {"X-Total-Count": str(len(found))})

    def wanted(self, book: Row, request: Request) -> bool:
        """Whether the filters of a request fit a book."""
        genre, available = request.values["genre"], request.values["available"]
        return (
            genre in (None, book["genre"])
            and available in (None, book["available"])
            and set(request.values["tags"] or ()) <= set(book["tags"])
        )

    def create_book(self, request: Request) -> Reply:
        """POST /books"""
        self.free_isbn(request.body["isbn"])
        key = self.state.number("book")
        row = {"id": key, **request.body, "createdAt": self.state.now()}
        self.state.books[key] = row
        return Reply(201, self.shown_book(row), {"Location": f"/books/{key}"})

    def get_book(self, request: Request) -> Reply:
        """GET /books/{bookId}"""
        row = self.book(request)
        return Reply(200, self.shown_book(row), {"X-Copies": str(int(row["copies"]))})

    def check_book(self, request: Request) -> Reply:
        """HEAD /books/{bookId}"""
        return self.get_book(request)

    def replace_book(self, request: Request) -> Reply:
        """PUT /books/{bookId}"""
        row = self.book(request)
        self.free_isbn(request.body["isbn"], row["id"])
        new = {"id": row["id"], **request.body, "createdAt": row["createdAt"]}
        self.state.books[row["id"]] = new
        return Reply(200, self.shown_book(new))

    def delete_book(self, request: Request) -> Reply:
        """DELETE /books/{bookId}"""
        row = self.book(request)
        del self.state.books[row["id"]]
        self.state.covers.pop(row["id"], None)
        self.drop_loans("bookId", row["id"])
        return Reply(204)

    def upload_cover(self, request: Request) -> Reply:
        """PUT /books/{bookId}/cover"""
        row = self.book(request)
        content = request.body["file"]
        about = {name: request.body[name] for name in ("caption", "rotate") if name in request.body}
        shown = {
            "bookId": row["id"],
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            **about,
        }
        self.state.covers[row["id"]] = {**shown, "bytes": content}
        return Reply(200, shown)

    def get_cover(self, request: Request) -> Reply:
        """GET /books/{bookId}/cover"""
        cover = self.state.covers.get(self.book(request)["id"])
        if cover is None:
            raise Refused(404, "The book has no cover.")
        return Reply(200, cover["bytes"], media_type="application/octet-stream")

    def search(self, request: Request) -> Reply:
        """GET /search"""
        wanted, start, end = (request.values[name] for name in ("q", "yearFrom", "yearTo"))
        found = [
            each
            for each in map(self.shown_book, self.state.books.values())
            if wanted.lower() in each["title"].lower() and self.from_to(each, start, end)
        ]
        if request.values["sort"] == "title":
            found.sort(key=lambda each: str(each["title"]))
        elif request.values["sort"] == "year":
            found.sort(key=lambda each: float(each.get("year", 0)))
        many = request.values["limit"]
        hits = [{"book": each, "score": min(1, len(wanted) / len(each["title"]))} for each in found[:many]]
        return Reply(200, {"hits": hits})

    def from_to(self, book: Row, start: int | None, end: int | None) -> bool:
        """Whether the year of a book is in a range; one without a year is where there is none."""
        if start is None and end is None:
            return True
        return "year" in book and (start or 0) <= book["year"] <= (end or 9999)

    def import_titles(self, request: Request) -> Reply:
        """POST /imports"""
        if request.media_type == JSON:
            return Reply(200, {"imported": len(request.body)})
        return Reply(200, {"imported": max(0, len(request.body.splitlines()) - 1)})

    # -- shelves

    def get_shelf(self, request: Request) -> Reply:
        """GET /shelves/{code}"""
        found = self.state.shelves.get(request.values["code"])
        if found is None:
            raise Refused(404, "There is no such shelf.")
        return Reply(200, dict(found))

    def put_shelf(self, request: Request) -> Reply:
        """PUT /shelves/{code}"""
        code = request.values["code"]
        status = 200 if code in self.state.shelves else 201
        self.state.shelves[code] = {"code": code, **request.body}
        return Reply(status, dict(self.state.shelves[code]))

    def delete_shelf(self, request: Request) -> Reply:
        """DELETE /shelves/{code}"""
        self.get_shelf(request)
        del self.state.shelves[request.values["code"]]
        return Reply(204)

    def options_shelf(self, request: Request) -> Reply:
        """OPTIONS /shelves/{code}"""
        return Reply(204, headers={"Allow": self.allowed(self.at(request.path))})

    # -- the house

    def get_status(self, _: Request) -> Reply:
        """GET /status"""
        return Reply(200, {"status": "ok", "version": "2.3.0", "startedAt": "2026-03-01T09:00:00Z"})

    def send_contact(self, _: Request) -> Reply:
        """POST /contact"""
        return Reply(202, {"ticket": f"T-{self.state.number('ticket') % 1000000:06}"})

    def list_events(self, request: Request) -> Reply:
        """GET /events"""
        since, kinds = request.values["since"], request.values["kinds"]
        found = [
            each
            for each in self.state.events
            if (not since or rules.instant(each["at"]) >= rules.instant(since))
            and each["kind"] in (kinds or each["kind"])
        ]
        return Reply(200, found[-50:])

    def record_events(self, request: Request) -> Reply:
        """POST /events"""
        self.state.events += request.body
        return Reply(202, {"accepted": len(request.body)})

    def get_audit(self, request: Request) -> Reply:
        """GET /admin/audit"""
        return Reply(200, {"entries": self.state.audit[-request.values["limit"] :]})

    def reindex(self, _: Request) -> Reply:
        """POST /admin/reindex"""
        return Reply(202, {"job": str(uuid.uuid5(uuid.NAMESPACE_URL, f"job {self.state.number('job')}"))})

    # -- what there is

    def json_body(self, shape: str, media_type: str = JSON) -> Body:
        """A body in JSON."""
        return Body({media_type: read_json}, {media_type: self.shapes[shape]})

    def _operations(self) -> Iterable[Operation]:
        member = Parameter("memberId", "path", rules.text(form=rules.uuid), required=True)
        code = Parameter("code", "path", rules.text(pattern="[A-Z]{2}-[0-9]{3}"), required=True)
        flag = {"rule": rules.boolean, "convert": as_boolean}
        yield Operation("getStatus", "GET", "/status", self.get_status, security=[])
        yield Operation(
            "listMembers",
            "GET",
            "/members",
            self.list_members,
            [
                limit(),
                Parameter("offset", "query", rules.integer(0, 10000), as_integer, default=0),
                Parameter("status", "query", rules.one_of(*STATUSES)),
                Parameter("newsletter", "query", **flag),
            ],
        )
        yield Operation("createMember", "POST", "/members", self.create_member, [], self.json_body("Member"))
        path = "/members/{memberId}"
        known = Parameter("If-None-Match", "header", rules.text())
        yield Operation("getMember", "GET", path, self.get_member, [copy.copy(member), known])
        yield Operation(
            "replaceMember", "PUT", path, self.replace_member, [copy.copy(member)], self.json_body("Member")
        )
        yield Operation(
            "updateMember",
            "PATCH",
            path,
            self.update_member,
            [copy.copy(member)],
            self.json_body("MemberPatch", PATCH),
        )
        yield Operation("deleteMember", "DELETE", path, self.delete_member, [copy.copy(member)])
        path = "/members/{memberId}/loans"
        yield Operation("listLoans", "GET", path, self.list_loans, [copy.copy(member), limit()])
        yield Operation(
            "createLoan", "POST", path, self.create_loan, [copy.copy(member)], self.json_body("Loan")
        )
        path = "/members/{memberId}/loans/{loanId}"
        yield Operation("getLoan", "GET", path, self.get_loan, [copy.copy(member), path_id("loanId")])
        yield Operation(
            "returnLoan", "DELETE", path, self.return_loan, [copy.copy(member), path_id("loanId")]
        )
        yield Operation(
            "listBooks",
            "GET",
            "/books",
            self.list_books,
            [
                Parameter("page", "query", rules.integer(1, 1000), as_integer, default=1),
                Parameter("pageSize", "query", rules.integer(1, 50), as_integer, default=10),
                Parameter("genre", "query", rules.one_of(*GENRES)),
                Parameter("available", "query", **flag),
                Parameter(
                    "tags", "query", rules.array(rules.text(pattern="[a-z]{1,12}"), 1, 5), many="comma"
                ),
            ],
        )
        yield Operation("createBook", "POST", "/books", self.create_book, [], self.json_body("Book"))
        path = "/books/{bookId}"
        yield Operation("getBook", "GET", path, self.get_book, [path_id("bookId")])
        yield Operation("checkBook", "HEAD", path, self.check_book, [path_id("bookId")])
        yield Operation(
            "replaceBook", "PUT", path, self.replace_book, [path_id("bookId")], self.json_body("Book")
        )
        yield Operation("deleteBook", "DELETE", path, self.delete_book, [path_id("bookId")])
        path = "/books/{bookId}/cover"
        cover = Body({MULTIPART: read_multipart({"rotate": as_integer})}, {MULTIPART: self.shapes["Cover"]})
        yield Operation("uploadCover", "PUT", path, self.upload_cover, [path_id("bookId")], cover)
        yield Operation("getCover", "GET", path, self.get_cover, [path_id("bookId")])
        yield Operation(
            "search",
            "GET",
            "/search",
            self.search,
            [
                Parameter("q", "query", rules.text(1, 80), required=True),
                year("yearFrom"),
                year("yearTo"),
                Parameter("sort", "query", rules.one_of("relevance", "title", "year"), default="relevance"),
                limit(),
                Parameter("lang", "cookie", rules.one_of("en", "de", "fr")),
            ],
        )
        contact = read_form({"copies": as_integer, "consent": as_boolean})
        yield Operation(
            "sendContact",
            "POST",
            "/contact",
            self.send_contact,
            [],
            Body({FORM: contact}, {FORM: self.shapes["Contact"]}),
        )
        yield Operation(
            "listEvents",
            "GET",
            "/events",
            self.list_events,
            [
                Parameter("since", "query", rules.text(form=rules.date_time)),
                Parameter(
                    "kinds", "query", rules.array(rules.one_of("visit", "purchase"), 1, 2), many="repeated"
                ),
                Parameter("X-Trace-Id", "header", rules.text(pattern="[0-9a-f]{8}")),
            ],
        )
        kinds = rules.Tagged("kind", {"visit": self.shapes["Visit"], "purchase": self.shapes["Purchase"]})
        events = Body({JSON: read_json}, {JSON: rules.array(kinds, 1, 10)})
        yield Operation("recordEvents", "POST", "/events", self.record_events, [], events)
        path = "/shelves/{code}"
        yield Operation("getShelf", "GET", path, self.get_shelf, [copy.copy(code)])
        yield Operation("putShelf", "PUT", path, self.put_shelf, [copy.copy(code)], self.json_body("Shelf"))
        yield Operation("deleteShelf", "DELETE", path, self.delete_shelf, [copy.copy(code)])
        yield Operation("optionsShelf", "OPTIONS", path, self.options_shelf, [copy.copy(code)], security=[])
        titles = Body(
            {JSON: read_json, "text/csv": read_text},
            {JSON: rules.array(self.shapes["Title"], most=20), "text/csv": rules.text()},
        )
        yield Operation("importTitles", "POST", "/imports", self.import_titles, [], titles)
        yield Operation(
            "getAudit", "GET", "/admin/audit", self.get_audit, [limit()], security=[("bearer",)], admin=True
        )
        yield Operation(
            "reindex", "POST", "/admin/reindex", self.reindex, security=[("apiKey", "bearer")], admin=True
        )


def _match(template: list[str], parts: list[str]) -> dict[str, str] | None:
    """What stands for the parameters of a path template; None where it does not fit."""
    if len(template) != len(parts):
        return None
    if any(wanted != given for wanted, given in zip(template, parts, strict=True) if wanted[:1] != "{"):
        return None
    values = {wanted[1:-1]: given for wanted, given in zip(template, parts, strict=True) if wanted[:1] == "{"}
    return values if all(values.values()) else None
