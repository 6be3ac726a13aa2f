"""For each defect: the calls by which it is seen, and what differs then from the application without it.

The last call is the one that differs. What differs is written as `calls.differences` gives it.
"""

from __future__ import annotations

from typing import Any

from tests.planted.app import API_KEY, READER, TOKEN, member_id
from tests.planted.calls import Call, multipart

BOOK: dict[str, Any] = {
    "isbn": "9781234567897",
    "title": "Sea Room",
    "genre": "history",
    "year": 2001,
    "price": 12.5,
    "copies": 2,
    "tags": ["sea"],
}
MEMBER: dict[str, Any] = {
    "name": "Ada Byron",
    "email": "ada@library.example",
    "pin": "1815",
    "status": "active",
    "newsletter": True,
    "address": {"street": "12 St James's Square", "postcode": "10115"},
}
LOAN: dict[str, Any] = {"bookId": 7, "dueOn": "2026-05-01", "note": "second floor"}
SHELF: dict[str, Any] = {"label": "Maps", "floor": 2, "capacity": 40}
VISIT: dict[str, Any] = {"kind": "visit", "at": "2026-03-02T10:00:00Z"}
CONTACT = "email=ada%40library.example&topic=praise&message=Thanks&consent=true"
FORM = "application/x-www-form-urlencoded"
JO, ZOE = f"/members/{member_id(1)}", f"/members/{member_id(2)}"
ALONE = f"/members/{member_id(3)}"
KEY, BEARER = {"X-Api-Key": API_KEY}, {"Authorization": f"Bearer {TOKEN}"}


def get(target: str, **settings: Any) -> Call:
    """A GET."""
    return Call(f"GET {target}", **settings)


def post_book(**other: Any) -> Call:
    """A book that is made."""
    return Call("POST /books", {**BOOK, **other})


def post_member(**other: Any) -> Call:
    """A member that is made."""
    return Call("POST /members", {**MEMBER, **other})


def put_shelf(code: str = "MA-001", **other: Any) -> Call:
    """A shelf that is put."""
    return Call(f"PUT /shelves/{code}", {**SHELF, **other})


def lend(**other: Any) -> Call:
    """A loan that is made, for the first member."""
    return Call(f"POST {JO}/loans", {**LOAN, **other})


def patch(**body: Any) -> Call:
    """A patch of the member that was made last."""
    return Call("PATCH /members/{id}", body, "application/merge-patch+json")


def contact(form: str) -> Call:
    """A form that is sent."""
    return Call("POST /contact", form, FORM)


def cover(target: str, *parts: tuple[str, bytes, str | None]) -> Call:
    """An upload."""
    return Call(f"PUT {target}/cover", *multipart(*parts))


def less(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A body without one property."""
    return {each: value for each, value in body.items() if each != name}


EVIDENCE: dict[str, tuple[list[Call], str]] = {
    # wrong responses
    "price-is-text": ([get("/books/1")], "/price"),
    "joined-at-missing": ([get(JO)], "/joinedAt"),
    "status-not-in-enum": ([get("/members?status=suspended")], "/items"),
    "create-says-200": ([post_book()], "201 -> 200"),
    "json-as-plain-text": ([get("/status", credentials={})], "header Content-Type"),
    "no-hits-as-html": ([get("/search?q=zzz")], "header Content-Type"),
    "pin-is-shown": ([get(JO)], "/pin"),
    "joined-at-without-offset": ([post_member()], "/joinedAt"),
    "due-on-with-time": ([get(f"{JO}/loans/1")], "/dueOn"),
    "unknown-year-is-null": ([get("/books/4")], "/year"),
    "copies-below-zero": ([get("/books/4")], "/copies"),
    "internal-path-is-shown": ([post_book(), cover("/books/{id}", ("file", b"png", "a.png"))], "/_path"),
    "total-count-missing": ([get("/members")], "header X-Total-Count"),
    "total-count-in-words": ([get("/books")], "header X-Total-Count"),
    "etag-missing": ([get(JO)], "header ETag"),
    "not-found-as-html": ([get("/shelves/ZZ-999")], "header Content-Type"),
    "not-found-of-another-shape": ([get("/books/999999")], "/error, /status, /title"),
    "invalid-without-errors": ([post_book(price=-1)], "/errors"),
    "loan-without-body": ([get(f"{JO}/loans/1")], "body"),
    "delete-says-200": ([post_book(), Call("DELETE /books/{id}")], "204 -> 200"),
    "second-page-without-envelope": ([get("/books?page=2")], "body"),
    "empty-list-is-null": ([get(f"{ALONE}/loans")], "/items"),
    "one-item-without-list": ([get("/members?limit=1")], "/items"),
    "tags-come-twice": ([post_book()], "/tags"),
    "purchase-without-kind": ([get("/events?kinds=purchase")], "body"),
    "page-count-is-a-fraction": ([get("/books")], "/pageCount"),
    "isbn-with-dashes": ([get("/books/1")], "/isbn"),
    "score-is-nan": ([get("/search?q=whale")], "/hits"),
    "json-in-latin-1": ([get(ZOE)], "body"),
    # valid requests that are refused
    "refuses-foreign-names": ([post_member(name="Čapek")], "201 -> 422"),
    "refuses-longest-title": ([post_book(title="t" * 120)], "201 -> 422"),
    "refuses-largest-limit": ([get("/members?limit=100")], "200 -> 422"),
    # crashes
    "crash-empty-note": ([lend(note="")], "201 -> 500"),
    "crash-longest-label": ([put_shelf(label="l" * 40)], "201 -> 500"),
    "crash-nul-in-name": ([post_member(name="Ada\x00")], "201 -> 500"),
    "crash-quote-in-q": ([get("/search?q=St%20James%27s")], "200 -> 500"),
    "crash-message-not-ascii": ([contact(CONTACT.replace("Thanks", "Sch%C3%B6n"))], "202 -> 500"),
    "crash-capacity-zero": ([put_shelf(capacity=0)], "201 -> 500"),
    "crash-negative-floor": ([put_shelf(floor=-1)], "201 -> 500"),
    "crash-null-subtitle": ([post_book(subtitle=None)], "201 -> 500"),
    "crash-largest-id": ([get("/books/2147483647")], "404 -> 500"),
    "crash-no-tags": ([post_book(tags=[])], "201 -> 500"),
    "crash-unknown-genre": ([get("/books?genre=western")], "422 -> 500"),
    "crash-documented-example": ([post_book(isbn="9780306406157")], "201 -> 500"),
    "crash-without-address": ([Call("POST /members", less(MEMBER, "address"))], "201 -> 500"),
    "crash-page-beyond-the-last": ([get("/books?page=1000")], "200 -> 500"),
    "crash-empty-file": ([post_book(), cover("/books/{id}", ("file", b"", "a.png"))], "200 -> 500"),
    "crash-csv": ([Call("POST /imports", "title\nWalden\n", "text/csv")], "200 -> 500"),
    "crash-malformed-json": ([Call("POST /members", '{"name":')], "400 -> 500"),
    "crash-body-is-no-object": ([Call("PUT /shelves/MA-001", [1])], "422 -> 500"),
    "crash-id-is-no-uuid": ([get("/members/42")], "422 -> 500"),
    "crash-both-years": ([get("/search?q=a&yearFrom=1800&yearTo=1900")], "200 -> 500"),
    "crash-second-return": (
        [lend(), Call(f"DELETE {JO}/loans/{{id}}"), Call(f"DELETE {JO}/loans/{{id}}")],
        "404 -> 500",
    ),
    # invalid input that is accepted
    "accepts-price-as-text": ([post_book(price="12.5")], "422 -> 201"),
    "accepts-floor-above-maximum": ([put_shelf(floor=10)], "422 -> 201"),
    "accepts-capacity-below-minimum": ([put_shelf(capacity=-1)], "422 -> 201"),
    "accepts-any-pin": ([post_member(pin="x")], "422 -> 201"),
    "accepts-missing-title": ([Call("POST /books", less(BOOK, "title"))], "422 -> 201"),
    "accepts-unknown-genre": ([post_book(genre="western")], "422 -> 201"),
    "accepts-additional-property": ([post_member(admin=True)], "422 -> 201"),
    "accepts-any-email": ([post_member(email="ada")], "422 -> 201"),
    "accepts-any-date": ([lend(dueOn="2026-02-30")], "422 -> 201"),
    "accepts-read-only": ([post_book(createdAt="1999-01-01T00:00:00Z")], "422 -> 201"),
    "accepts-missing-q": ([get("/search")], "422 -> 200"),
    "accepts-duplicate-limit": ([get("/members?limit=1&limit=2")], "422 -> 200"),
    "accepts-any-content-type": ([Call("POST /members", MEMBER, "text/plain")], "415 -> 201"),
    "accepts-malformed-json": ([Call("POST /events", '[{"kind"')], "400 -> 202"),
    "accepts-form-unknown-topic": ([contact(CONTACT.replace("praise", "poetry"))], "422 -> 202"),
    "accepts-form-without-message": ([contact(CONTACT.replace("&message=Thanks", ""))], "422 -> 202"),
    "accepts-upload-without-file": (
        [post_book(), cover("/books/{id}", ("caption", b"x", None))],
        "422 -> 200",
    ),
    "accepts-upload-rotate-above-maximum": (
        [post_book(), cover("/books/{id}", ("file", b"png", "a.png"), ("rotate", b"360", None))],
        "422 -> 200",
    ),
    "accepts-any-code-in-path": ([put_shelf("ma-1")], "422 -> 201"),
    "accepts-page-size-above-maximum": ([get("/books?pageSize=51")], "422 -> 200"),
    "accepts-any-boolean-in-query": ([get("/books?available=maybe")], "422 -> 200"),
    "accepts-any-trace-id": ([get("/events", headers={"X-Trace-Id": "x"})], "422 -> 200"),
    "accepts-any-postcode": ([post_member(address={"street": "a", "postcode": "x"})], "422 -> 201"),
    "accepts-null-title": ([post_book(), Call("PUT /books/{id}", {**BOOK, "title": None})], "422 -> 200"),
    "accepts-duplicate-tags": ([post_book(tags=["sea", "sea"])], "422 -> 201"),
    "accepts-too-many-events": ([Call("POST /events", [VISIT] * 11)], "422 -> 202"),
    "accepts-unknown-event": ([Call("POST /events", [{**VISIT, "kind": "theft"}])], "422 -> 202"),
    "accepts-no-body": ([Call(f"POST {JO}/loans")], "422 -> 201"),
    "accepts-patch-unknown-status": ([post_member(), patch(status="gone")], "422 -> 200"),
    "accepts-fraction-of-copies": ([post_book(copies=1.5)], "422 -> 201"),
    "accepts-any-since": ([get("/events?since=yesterday")], "422 -> 200"),
    # authentication
    "no-credential-needed": ([get("/members", credentials={})], "401 -> 200"),
    "delete-needs-no-credential": (
        [put_shelf(), Call("DELETE /shelves/MA-001", credentials={})],
        "401 -> 204",
    ),
    "any-key-is-taken": ([get("/books/1", credentials={"X-Api-Key": "x"})], "401 -> 200"),
    "any-token-is-taken": ([get("/search?q=a", credentials={"Authorization": "Bearer x"})], "401 -> 200"),
    "admin-takes-the-key": ([get("/admin/audit", credentials=KEY)], "401 -> 200"),
    "one-of-two-credentials-is-enough": ([Call("POST /admin/reindex", credentials=BEARER)], "401 -> 202"),
    "unauthorized-as-html": ([get("/books", credentials={})], "header Content-Type"),
    "unauthorized-says-403": ([get("/shelves/AA-001", credentials={})], "401 -> 403"),
    "unauthorized-without-challenge": ([get("/events", credentials={})], "header WWW-Authenticate"),
    "redirects-to-login": ([get(JO, credentials={})], "401 -> 302"),
    "crash-without-credential": ([Call("POST /imports", [], credentials={})], "401 -> 500"),
    # methods
    "any-method-is-get": ([Call("PROPFIND /status")], "405 -> 200"),
    "undocumented-patch": ([post_book(), Call("PATCH /books/{id}", {})], "405 -> 200"),
    "not-allowed-without-allow": ([Call("PUT /members", {})], "header Allow"),
    "allow-names-too-much": ([Call("PUT /books", {})], "header Allow"),
    "crash-unknown-method": ([Call("POST /search", {})], "405 -> 500"),
    "head-always-says-200": ([Call("HEAD /books/999999")], "404 -> 200"),
    "head-without-header": ([Call("HEAD /books/1")], "header X-Copies"),
    "options-without-allow": ([Call("OPTIONS /shelves/AA-001")], "header Allow"),
    "trace-is-on": ([Call("TRACE /events")], "405 -> 200"),
    # state
    "deleted-can-be-read": (
        [post_member(), Call("DELETE /members/{id}"), get("/members/{id}")],
        "404 -> 200",
    ),
    "deleted-stays-in-list": (
        [post_book(genre="comics"), Call("DELETE /books/{id}"), get("/books?genre=comics")],
        "header X-Total-Count",
    ),
    "delete-twice-says-204": (
        [put_shelf(), Call("DELETE /shelves/MA-001"), Call("DELETE /shelves/MA-001")],
        "404 -> 204",
    ),
    "created-cannot-be-read": ([post_book(), get("/books/{id}")], "200 -> 404"),
    "put-is-not-stored": (
        [post_member(), Call("PUT /members/{id}", {**MEMBER, "name": "Augusta"}), get("/members/{id}")],
        "header ETag",
    ),
    "put-forgets-the-price": (
        [post_book(), Call("PUT /books/{id}", {**BOOK, "price": 1}), get("/books/{id}")],
        "/price",
    ),
    "patch-loses-the-address": ([post_member(), patch(name="Augusta")], "/address"),
    "patch-is-not-stored": ([post_member(), patch(name="Augusta"), get("/members/{id}")], "header ETag"),
    "location-leads-nowhere": ([post_member(), get("{location}")], "200 -> 404"),
    "location-of-another": (
        [post_book(), get("{location}")],
        "/createdAt, /genre, /id, /isbn, /price, /tags, /title, /year",
    ),
    "link-leads-nowhere": ([lend(), get(f"{JO}/loans/{{id}}")], "200 -> 404"),
    "created-is-not-listed": ([post_member(), get("/members")], "header X-Total-Count"),
    "identifier-is-given-twice": (
        [post_member(), post_member(email="bob@library.example"), get("/members/{nth.0}")],
        "header ETag",
    ),
    "same-book-twice": ([post_book(), post_book()], "409 -> 201"),
    "put-that-creates-says-200": ([put_shelf()], "201 -> 200"),
    "read-only-is-overwritten": (
        [post_book(), Call("PUT /books/{id}", {**BOOK, "createdAt": "1999-01-01T00:00:00Z"})],
        "422 -> 200",
    ),
    "etag-never-changes": (
        [
            post_member(),
            get("/members/{id}"),
            Call("PUT /members/{id}", {**MEMBER, "name": "Augusta"}),
            get("/members/{id}", headers={"If-None-Match": "{etag}"}),
        ],
        "200 -> 304",
    ),
    "second-page-is-the-first": ([get("/books?page=2&pageSize=3")], "/items"),
    "limit-is-ignored": ([get("/members?limit=2")], "/items"),
    "genre-is-ignored": ([get("/books?genre=poetry")], "header X-Total-Count"),
    "newsletter-is-inverted": ([get("/members?newsletter=true")], "/items"),
    "reads-disagree": ([get("/books/1"), get("/books/1"), get("/books/1")], "/copies"),
    "name-is-cut": ([post_member(name="Augusta Ada King, Countess of Lovelace")], "/name"),
    "returned-loan-is-still-there": (
        [lend(), Call(f"DELETE {JO}/loans/{{id}}"), get(f"{JO}/loans/{{id}}")],
        "404 -> 200",
    ),
    "orphans-can-be-read": (
        [post_member(), Call("DELETE /members/{id}"), get("/members/{id}/loans")],
        "404 -> 200",
    ),
}
"""All but `audit-is-slow`, which differs in time alone."""

STORY: list[Call] = [
    get("/status", credentials={}),
    post_member(),
    post_member(),
    post_member(email="no address"),
    get("{location}"),
    get("/members/{id}", headers={"If-None-Match": "{etag}"}),
    get("/members/{id}", headers={"If-None-Match": '"other"'}),
    patch(name="Augusta", address=None),
    patch(),
    Call("PATCH /members/{id}", {"name": "x"}),
    Call("PUT /members/{id}", {**MEMBER, "status": "closed"}),
    Call("PUT /members/{id}", {**MEMBER, "email": "member1@library.example"}),
    Call("PUT /members/{id}", less(MEMBER, "pin")),
    get("/members?status=closed&newsletter=true&limit=5&offset=1"),
    get("/members?limit=0"),
    get("/members?limit=many"),
    get("/members", credentials=KEY),
    get("/members", credentials=BEARER),
    get("/members", credentials={}),
    get("/members/{id}/loans"),
    Call("POST /members/{id}/loans", LOAN),
    get("/members/{nth.0}/loans/{id}"),
    get("/members/{nth.0}/loans?limit=1"),
    Call("DELETE /members/{nth.0}/loans/{id}"),
    Call("DELETE /members/{nth.0}/loans/{id}"),
    Call("POST /members/{nth.0}/loans", {**LOAN, "bookId": 999999}),
    Call("POST /members/{nth.0}/loans", {**LOAN, "bookId": 5}),
    Call("POST /members/{nth.0}/loans", {**LOAN, "dueOn": "soon"}),
    Call("POST /members/{nth.0}/loans", less(LOAN, "note")),
    Call("DELETE /members/{nth.0}"),
    get("/members/{nth.0}"),
    get("/members/{nth.0}/loans"),
    get("/members/no-uuid"),
    post_book(subtitle=None, price=0, tags=[]),
    post_book(),
    get("{location}"),
    Call("HEAD /books/{id}"),
    Call("HEAD /books/999999"),
    Call("PUT /books/{id}", {**BOOK, "title": "t" * 120, "copies": 500}),
    Call("PUT /books/{id}", {**BOOK, "title": "t" * 121}),
    Call("PUT /books/{id}", {**BOOK, "isbn": "9780441013593"}),
    Call("PUT /books/999999", BOOK),
    post_book(isbn="9791234567896", extra=1),
    Call("POST /books", "{"),
    Call("POST /books", "title=x", FORM),
    Call("POST /books"),
    cover(
        "/books/{id}", ("file", b"\x89PNG\r\n", "a.png"), ("caption", b"Front", None), ("rotate", b"90", None)
    ),
    get("/books/{id}/cover"),
    cover("/books/{id}", ("file", b"", "empty.png")),
    cover("/books/{id}", ("file", b"x", "a.png"), ("rotate", b"361", None)),
    cover("/books/999999", ("file", b"x", "a.png")),
    get("/books/1/cover"),
    Call("DELETE /books/{id}"),
    Call("DELETE /books/{id}"),
    get("/books/0"),
    get("/books"),
    get("/books?page=2&pageSize=5"),
    get("/books?page=1000"),
    get("/books?genre=novel&available=true&tags=sea,classic"),
    get("/books?tags=sea"),
    get("/books?genre=western"),
    get("/search?q=whale&sort=year&yearFrom=1900&yearTo=2100&limit=2", headers={"Cookie": "lang=de"}),
    get("/search?q=the&sort=title"),
    get("/search?q="),
    get("/search"),
    get("/search?q=%F0%9F%90%8B%00"),
    get("/search?q=a", headers={"Cookie": "lang=xx"}),
    contact(CONTACT),
    contact(CONTACT + "&copies=3"),
    contact(CONTACT + "&copies=4"),
    get("/events"),
    get(
        "/events?since=2026-02-02T00:00:00%2B01:00&kinds=visit&kinds=purchase",
        headers={"X-Trace-Id": "00c0ffee"},
    ),
    get("/events?kinds=theft"),
    Call("POST /events", [VISIT, {"kind": "purchase", "at": "2026-03-02T10:00:00.5+02:00", "amount": 0.01}]),
    Call("POST /events", []),
    Call("POST /events", [{"kind": "purchase", "at": "2026-03-02T10:00:00Z", "amount": 0}]),
    put_shelf(),
    put_shelf(open=False, floor=-2, capacity=0),
    put_shelf("no"),
    get("/shelves/MA-001"),
    Call("OPTIONS /shelves/MA-001"),
    Call("DELETE /shelves/MA-001"),
    get("/shelves/MA-001"),
    Call("DELETE /shelves/MA-001"),
    Call("POST /imports", [{"title": "Walden", "year": 1854}]),
    Call("POST /imports", "title,year\nWalden,1854\n", "text/csv"),
    Call("POST /imports", [{"year": 1854}]),
    Call("POST /imports", "<a/>", "application/xml"),
    get("/admin/audit?limit=3"),
    get("/admin/audit", credentials=KEY),
    get("/admin/audit", credentials={"Authorization": f"Bearer {READER}"}),
    Call("POST /admin/reindex"),
    Call("POST /admin/reindex", credentials=BEARER),
]
"""Each operation, with every status that it documents but those of other methods."""
