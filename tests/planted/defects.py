"""The planted defects: what can be switched on, one at a time.

Each row is a function that changes a fresh `Application` before it serves: it adds to `before` or `after` of
an operation, takes another handler, or loosens a rule. `kind` is what a test engineer would call it, `at` the
operations at which a report of it is right, `says` what is wrong in one sentence, `source` the sentence of a
specification or the public bug report that it is made after, in our words.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.planted import rules
from tests.planted.app import GENRES, MAX_INT, Application, Row
from tests.planted.exchange import JSON, Operation, Refused, Reply, Request

RESPONSE, REFUSES, CRASH, ACCEPTS = "wrong response", "valid refused", "crash", "invalid accepted"
AUTH, METHOD, STATE, TIME = "authentication", "method", "state", "time"
KINDS = (RESPONSE, REFUSES, CRASH, ACCEPTS, AUTH, METHOD, STATE, TIME)


@dataclass(frozen=True)
class Defect:
    """One planted defect."""

    name: str
    kind: str
    at: tuple[str, ...]
    says: str
    source: str
    plant: Callable[[Application], None]
    options: tuple[str, ...] = ()
    """What a run needs beside its defaults, as `dynaclient test` has it."""


DEFECTS: dict[str, Defect] = {}


def defect(
    kind: str, at: str, says: str, source: str, options: tuple[str, ...] = ()
) -> Callable[[Callable[[Application], None]], None]:
    """The function below is a defect; its name, with dashes, is that of the defect."""

    def keep(plant: Callable[[Application], None]) -> None:
        name = plant.__name__.replace("_", "-")
        DEFECTS[name] = Defect(name, kind, tuple(at.split()), says, source, plant, options)

    return keep


# -- hooks --------------------------------------------------------------------------------------------------


class Crash(Exception):
    """What a server did not expect."""


def crash(app: Application, key: str, when: Callable[[Request], bool]) -> None:
    """A valid request for which `when` is true ends in a 500."""

    def check(request: Request) -> None:
        if when(request):
            raise Crash(when.__name__)

    app.operations[key].before.append(check)


def change(app: Application, keys: str, how: Callable[[Any], Any], status: int = 200) -> None:
    """The body of replies with `status` is changed by `how`, in place or by what it gives."""

    def after(_: Request, reply: Reply) -> None:
        if reply.status == status and reply.body is not None:
            body = copy.deepcopy(reply.body)
            given = how(body)
            reply.body = body if given is None else given

    for key in keys.split():
        app.operations[key].after.append(after)


def replace(app: Application, keys: str, how: Callable[[Request, Reply], Reply | None]) -> None:
    """Replies are those that `how` gives."""
    for key in keys.split():
        app.operations[key].after.append(how)


def objects(body: Any, having: str) -> Iterator[Row]:
    """The objects in a body that have the property `having`, at any depth."""
    if isinstance(body, dict):
        if having in body:
            yield body
        for each in body.values():
            yield from objects(each, having)
    elif isinstance(body, list):
        for each in body:
            yield from objects(each, having)


def each(having: str, how: Callable[[Row], Any]) -> Callable[[Any], None]:
    """Does `how` to each object in a body that has the property `having`."""

    def all_of(body: Any) -> None:
        for found in objects(body, having):
            how(found)

    return all_of


def loosen(app: Application, shape: str, name: str, rule: rules.Rule) -> None:
    """Another rule for a property."""
    app.shapes[shape].properties[name] = rule


def mend(app: Application, key: str, how: Callable[[Any], None]) -> None:
    """The body of a request is changed once it was taken."""

    def before(request: Request) -> None:
        how(request.body)

    app.operations[key].before.append(before)


def forget(name: str) -> Callable[[Request, Reply], None]:
    """Leaves a header out of successes."""

    def after(_: Request, reply: Reply) -> None:
        if reply.status < 300:
            reply.headers.pop(name, None)

    return after


def page(status: int, title: str) -> Reply:
    """A page for browsers."""
    return Reply(status, f"<!doctype html><h1>{title}</h1>".encode(), media_type="text/html; charset=utf-8")


# -- wrong responses ----------------------------------------------------------------------------------------


@defect(
    RESPONSE,
    "getBook",
    "The price of a book is a text.",
    "JSON Schema, type; decimals that are written as texts (Django REST Framework)",
)
def price_is_text(app: Application) -> None:
    change(app, "getBook", each("price", lambda book: book.update(price=f"{book['price']:.2f}")))


@defect(
    RESPONSE,
    "getMember",
    "A required property, joinedAt, is missing.",
    "JSON Schema, required",
)
def joined_at_missing(app: Application) -> None:
    change(app, "getMember", each("joinedAt", lambda member: member.pop("joinedAt")))


@defect(
    RESPONSE,
    "listMembers getMember createMember replaceMember updateMember",
    "Suspended members have a status that the document does not list.",
    "JSON Schema, enum; a new value that was never documented (OpenAPITools/openapi-generator#20012)",
)
def status_not_in_enum(app: Application) -> None:
    def rename(member: Row) -> None:
        if member["status"] == "suspended":
            member["status"] = "blocked"

    keys = "listMembers getMember replaceMember updateMember"
    change(app, keys, each("newsletter", rename))
    change(app, "createMember", each("newsletter", rename), 201)


@defect(
    RESPONSE,
    "createBook",
    "A book that was made is answered with 200, which is not documented there.",
    "fossasia/open-event-server#739",
)
def create_says_200(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        reply.status = 200 if reply.status == 201 else reply.status

    replace(app, "createBook", after)


@defect(
    RESPONSE,
    "getStatus",
    "JSON is sent as text/plain.",
    "OpenAPI, Response Object, content; RFC 9110, Content-Type",
)
def json_as_plain_text(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        reply.media_type = "text/plain"

    replace(app, "getStatus", after)


@defect(
    RESPONSE,
    "search",
    "Where nothing is found the response is an HTML page with status 200.",
    "servers that fall back to the page of their single-page application",
)
def no_hits_as_html(app: Application) -> None:
    def after(_: Request, reply: Reply) -> Reply | None:
        return page(200, "Nothing found") if reply.status == 200 and not reply.body["hits"] else None

    replace(app, "search", after)


@defect(
    RESPONSE,
    "getMember",
    "The PIN, which is writeOnly, is shown.",
    "OpenAPI, Schema Object, writeOnly; maticardenas/django-contract-tester#48",
)
def pin_is_shown(app: Application) -> None:
    change(app, "getMember", lambda body: body.update(pin=app.state.members[body["id"]]["pin"]))


@defect(
    RESPONSE,
    "createMember",
    "joinedAt has no T and no offset.",
    "RFC 3339, date-time; str() of a datetime",
)
def joined_at_without_offset(app: Application) -> None:
    change(
        app,
        "createMember",
        each("joinedAt", lambda row: row.update(joinedAt=row["joinedAt"][:19].replace("T", " "))),
        201,
    )


@defect(
    RESPONSE,
    "getLoan listLoans",
    "dueOn, a date, has a time.",
    "JSON Schema, format date; dates that went through a JavaScript Date",
)
def due_on_with_time(app: Application) -> None:
    change(app, "getLoan listLoans", each("dueOn", lambda row: row.update(dueOn=row["dueOn"] + "T00:00:00Z")))


@defect(
    RESPONSE,
    "getBook listBooks",
    "A year that is not known is null, where the document allows none.",
    "jupyterhub/jupyterhub#672: null in a field that was documented as a text",
)
def unknown_year_is_null(app: Application) -> None:
    change(app, "getBook listBooks", each("isbn", lambda book: book.setdefault("year", None)))


@defect(
    RESPONSE,
    "getBook replaceBook createBook listBooks",
    "Copies that are lent are taken off, below zero where all are out.",
    "JSON Schema, minimum; a computed value outside of its documented range",
)
def copies_below_zero(app: Application) -> None:
    def less(book: Row) -> None:
        book["copies"] = book["copies"] - 1 - app.lent(book)

    for keys, status in (("getBook replaceBook listBooks", 200), ("createBook", 201)):
        change(app, keys, each("isbn", less), status)


@defect(
    RESPONSE,
    "uploadCover",
    "The cover has a property that the document forbids.",
    "JSON Schema, additionalProperties; internals that leak (OWASP API3:2023)",
)
def internal_path_is_shown(app: Application) -> None:
    change(app, "uploadCover", each("sha256", lambda cover: cover.update(_path="/var/covers/1.bin")))


@defect(
    RESPONSE,
    "listMembers",
    "The required header X-Total-Count is missing.",
    "OpenAPI, Header Object, required",
)
def total_count_missing(app: Application) -> None:
    replace(app, "listMembers", forget("X-Total-Count"))


@defect(
    RESPONSE,
    "listBooks",
    "X-Total-Count is not a number.",
    "OpenAPI, Header Object, schema",
)
def total_count_in_words(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        if reply.status == 200:
            reply.headers["X-Total-Count"] += " books"

    replace(app, "listBooks", after)


@defect(
    RESPONSE,
    "getMember",
    "The required header ETag is missing.",
    "OpenAPI, Header Object, required; RFC 9110, ETag",
)
def etag_missing(app: Application) -> None:
    replace(app, "getMember", forget("ETag"))


@defect(
    RESPONSE,
    "getShelf",
    "A shelf that does not exist is answered with an HTML page.",
    "IQSS/dataverse#1312: an HTML page where JSON is documented",
)
def not_found_as_html(app: Application) -> None:
    replace(app, "getShelf", lambda _, reply: page(404, "Not Found") if reply.status == 404 else None)


@defect(
    RESPONSE,
    "getBook",
    "The body of a 404 is not a documented problem.",
    "RFC 9457; errors of the framework in another form than those of the application",
)
def not_found_of_another_shape(app: Application) -> None:
    change(app, "getBook", lambda _: {"error": "not found"}, 404)


@defect(
    RESPONSE,
    "createBook replaceBook",
    "The body of a 422 has no errors, which are required.",
    "OpenAPI, Response Object; the default error page of a framework",
)
def invalid_without_errors(app: Application) -> None:
    change(app, "createBook replaceBook", lambda body: body.pop("errors", None) and None, 422)


@defect(
    RESPONSE,
    "getLoan",
    "The 200 has no body, though one is documented.",
    "OpenAPI, Response Object, content",
)
def loan_without_body(app: Application) -> None:
    replace(app, "getLoan", lambda _, reply: Reply(200) if reply.status == 200 else None)


@defect(
    RESPONSE,
    "deleteBook",
    "A deletion is answered with 200 and a body, where only 204 is documented.",
    "OpenAPI, Responses Object; RFC 9110, 204",
)
def delete_says_200(app: Application) -> None:
    replace(
        app, "deleteBook", lambda _, reply: Reply(200, {"deleted": True}) if reply.status == 204 else None
    )


@defect(
    RESPONSE,
    "listBooks",
    "From the second page on the response is the bare array.",
    "envelopes that only the first page has",
)
def second_page_without_envelope(app: Application) -> None:
    replace(
        app,
        "listBooks",
        lambda request, reply: (
            Reply(200, reply.body["items"], reply.headers)
            if reply.status == 200 and request.values["page"] > 1
            else None
        ),
    )


@defect(
    RESPONSE,
    "listLoans",
    "A list without items is null.",
    "encoding/json of Go writes a nil slice as null",
)
def empty_list_is_null(app: Application) -> None:
    change(app, "listLoans", lambda body: {**body, "items": body["items"] or None})


@defect(
    RESPONSE,
    "listMembers",
    "A list of one is the item itself.",
    "converters from XML, which cannot tell one element from a list of one",
)
def one_item_without_list(app: Application) -> None:
    change(
        app,
        "listMembers",
        lambda body: {**body, "items": body["items"][0] if len(body["items"]) == 1 else body["items"]},
    )


@defect(
    RESPONSE,
    "createBook",
    "Tags come twice.",
    "JSON Schema, uniqueItems; a join that doubles rows",
)
def tags_come_twice(app: Application) -> None:
    change(app, "createBook", each("tags", lambda book: book.update(tags=book["tags"] * 2)), 201)


@defect(
    RESPONSE,
    "listEvents",
    "Purchases have no kind, by which the document tells events apart.",
    "OpenAPI, Discriminator Object",
)
def purchase_without_kind(app: Application) -> None:
    change(app, "listEvents", each("amount", lambda event: event.pop("kind")))


@defect(
    RESPONSE,
    "listBooks",
    "pageCount is a fraction.",
    "JSON Schema, type integer; a division that is not rounded",
)
def page_count_is_a_fraction(app: Application) -> None:
    def after(request: Request, reply: Reply) -> None:
        if reply.status == 200:
            reply.body["pageCount"] = int(reply.headers["X-Total-Count"]) / request.values["pageSize"]

    replace(app, "listBooks", after)


@defect(
    RESPONSE,
    "getBook",
    "The ISBN has dashes, against its pattern.",
    "JSON Schema, pattern",
)
def isbn_with_dashes(app: Application) -> None:
    change(
        app, "getBook", each("isbn", lambda book: book.update(isbn=book["isbn"][:3] + "-" + book["isbn"][3:]))
    )


@defect(
    RESPONSE,
    "search",
    "The score is NaN, which is no JSON.",
    "RFC 8259, numbers; json.dumps of Python writes NaN",
)
def score_is_nan(app: Application) -> None:
    change(app, "search", each("score", lambda hit: hit.update(score=float("nan"))))


@defect(
    RESPONSE,
    "getMember",
    "Text that is not ASCII is written in Latin-1.",
    "RFC 8259, character encoding",
)
def json_in_latin_1(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        reply.charset = "latin-1"

    replace(app, "getMember", after)


# -- valid requests that are refused ------------------------------------------------------------------------


@defect(
    REFUSES,
    "createMember",
    "Names that are not ASCII are refused.",
    "names that are checked by [A-Za-z]; JSON Schema, maxLength counts characters",
)
def refuses_foreign_names(app: Application) -> None:
    loosen(app, "Member", "name", rules.text(1, 60, pattern=r"[\x00-\x7f]+"))


@defect(
    REFUSES,
    "createBook replaceBook",
    "A title of the greatest documented length is refused: bytes or one less are counted.",
    "JSON Schema, maxLength; an off-by-one in a check of length",
)
def refuses_longest_title(app: Application) -> None:
    loosen(app, "Book", "title", rules.text(1, 119))


@defect(
    REFUSES,
    "listMembers",
    "The largest documented limit is refused.",
    "JSON Schema, maximum is inclusive",
)
def refuses_largest_limit(app: Application) -> None:
    app.operations["listMembers"].parameter("limit").rule = rules.integer(1, 99)


# -- crashes ------------------------------------------------------------------------------------------------


@defect(
    CRASH,
    "createLoan",
    "An empty note ends in a 500.",
    "an index into an empty text",
)
def crash_empty_note(app: Application) -> None:
    crash(app, "createLoan", lambda request: request.body.get("note") == "")


@defect(
    CRASH,
    "putShelf",
    "A label of the greatest length ends in a 500.",
    "a column that is one character too short",
)
def crash_longest_label(app: Application) -> None:
    crash(app, "putShelf", lambda request: len(request.body["label"]) == 40)


@defect(
    CRASH,
    "createMember",
    "U+0000 in a name ends in a 500.",
    "schemathesis/schemathesis#2072: PostgreSQL takes no NUL in a text",
)
def crash_nul_in_name(app: Application) -> None:
    crash(app, "createMember", lambda request: "\x00" in request.body["name"])


@defect(
    CRASH,
    "search",
    "A quote in q ends in a 500.",
    "SQL that is put together from texts (OWASP API8:2019)",
)
def crash_quote_in_q(app: Application) -> None:
    crash(app, "search", lambda request: "'" in request.values["q"])


@defect(
    CRASH,
    "sendContact",
    "A message that is not ASCII ends in a 500.",
    "mail that is written in ASCII: UnicodeEncodeError",
)
def crash_message_not_ascii(app: Application) -> None:
    crash(app, "sendContact", lambda request: not request.body["message"].isascii())


@defect(
    CRASH,
    "putShelf",
    "A capacity of 0 ends in a 500.",
    "christiangenco/dbinbox#6: a computation that does not expect zero",
)
def crash_capacity_zero(app: Application) -> None:
    crash(app, "putShelf", lambda request: request.body["capacity"] == 0)


@defect(
    CRASH,
    "putShelf",
    "A negative floor ends in a 500.",
    "an unsigned column",
)
def crash_negative_floor(app: Application) -> None:
    crash(app, "putShelf", lambda request: request.body["floor"] < 0)


@defect(
    CRASH,
    "createBook",
    "A null subtitle, which is allowed, ends in a 500.",
    "JSON Schema, type null; a method of nothing",
)
def crash_null_subtitle(app: Application) -> None:
    crash(app, "createBook", lambda request: request.body.get("subtitle", "") is None)


@defect(
    CRASH,
    "getBook",
    "The largest identifier ends in a 500.",
    "openaq/openaq-api#390: an integer that a 32-bit column does not take",
)
def crash_largest_id(app: Application) -> None:
    crash(app, "getBook", lambda request: request.values["bookId"] == MAX_INT)


@defect(
    CRASH,
    "createBook",
    "A book without tags ends in a 500.",
    "the first of an empty array",
)
def crash_no_tags(app: Application) -> None:
    crash(app, "createBook", lambda request: request.body["tags"] == [])


@defect(
    CRASH,
    "listBooks",
    "A genre that does not exist ends in a 500, not in a 422.",
    "a value that is looked up before it is checked: KeyError",
)
def crash_unknown_genre(app: Application) -> None:
    app.operations["listBooks"].parameter("genre").rule = rules.anything
    crash(app, "listBooks", lambda request: request.values["genre"] not in (None, *GENRES))


@defect(
    CRASH,
    "createBook",
    "The ISBN of a documented example ends in a 500.",
    "examples of a document that were never tried",
)
def crash_documented_example(app: Application) -> None:
    crash(app, "createBook", lambda request: request.body["isbn"] == "9780306406157")


@defect(
    CRASH,
    "createMember",
    "A member without an address, which is optional, ends in a 500.",
    "an optional property that is read as if it were there: KeyError",
)
def crash_without_address(app: Application) -> None:
    crash(app, "createMember", lambda request: "address" not in request.body)


@defect(
    CRASH,
    "listBooks",
    "A page far beyond the last ends in a 500.",
    "wazuh/wazuh-api#152: a page that does not exist",
)
def crash_page_beyond_the_last(app: Application) -> None:
    crash(app, "listBooks", lambda request: request.values["page"] > 500)


@defect(
    CRASH,
    "uploadCover",
    "A file without a byte ends in a 500.",
    "crate/crate#36, christiangenco/dbinbox#6",
)
def crash_empty_file(app: Application) -> None:
    crash(app, "uploadCover", lambda request: request.body["file"] == b"")


@defect(
    CRASH,
    "importTitles",
    "Titles as CSV end in a 500; as JSON they are taken.",
    "OpenAPI, Request Body Object, content: the second media type is never tried",
)
def crash_csv(app: Application) -> None:
    crash(app, "importTitles", lambda request: request.media_type == "text/csv")


@defect(
    CRASH,
    "createMember",
    "Malformed JSON ends in a 500, not in a 400.",
    "shlinkio/shlink#1639, ISAITB/gitb#233",
)
def crash_malformed_json(app: Application) -> None:
    body = body_of(app, "createMember")
    read = body.readers[JSON]

    def reader(request: Request) -> Any:
        try:
            return read(request)
        except Refused:
            raise Crash("json") from None

    body.readers[JSON] = reader


@defect(
    CRASH,
    "putShelf",
    "A body that is no object ends in a 500.",
    "wemake-services/django-modern-rest#1135: a body of another type",
)
def crash_body_is_no_object(app: Application) -> None:
    body = body_of(app, "putShelf")
    shape = body.rules[JSON]

    def rule(value: Any) -> str:
        if not isinstance(value, dict):
            raise Crash("no attribute 'get'")
        return shape(value)

    body.rules[JSON] = rule


@defect(
    CRASH,
    "getMember",
    "An identifier that is no UUID ends in a 500.",
    "PostgreSQL: invalid input syntax for type uuid",
)
def crash_id_is_no_uuid(app: Application) -> None:
    parameter = app.operations["getMember"].parameter("memberId")
    rule = parameter.rule

    def crashing(value: Any) -> str:
        if rule(value):
            raise Crash("badly formed hexadecimal UUID string")
        return ""

    parameter.rule = crashing


@defect(
    CRASH,
    "search",
    "Both ends of a range of years together end in a 500.",
    "two optional parameters that were only ever tried alone",
)
def crash_both_years(app: Application) -> None:
    crash(app, "search", lambda request: None not in (request.values["yearFrom"], request.values["yearTo"]))


@defect(
    CRASH,
    "returnLoan",
    "A loan that is returned for the second time ends in a 500, not in a 404.",
    "fission/fission#143: deleting what is not there ends in a 500",
)
def crash_second_return(app: Application) -> None:
    gone: set[int] = set()

    def before(request: Request) -> None:
        if request.values["loanId"] in gone:
            raise Crash("NoneType")
        if app.loan(request):
            gone.add(request.values["loanId"])

    app.operations["returnLoan"].before.append(before)


# -- invalid input that is accepted -------------------------------------------------------------------------


def body_of(app: Application, key: str) -> Any:
    """The body of an operation."""
    found = app.operations[key].body
    assert found is not None
    return found


@defect(
    ACCEPTS,
    "createBook replaceBook",
    "A price as a text is taken.",
    "JSON Schema, type; values that are converted in silence",
)
def accepts_price_as_text(app: Application) -> None:
    price = app.shapes["Book"].properties["price"]
    loosen(app, "Book", "price", lambda value: price(0 if isinstance(value, str) else value))

    def convert(book: Row) -> None:
        with_text = isinstance(book["price"], str)
        book["price"] = 0 if with_text else book["price"]

    for key in ("createBook", "replaceBook"):
        mend(app, key, convert)


@defect(
    ACCEPTS,
    "putShelf",
    "A floor above the highest is taken, as the highest.",
    "JSON Schema, maximum",
)
def accepts_floor_above_maximum(app: Application) -> None:
    loosen(app, "Shelf", "floor", rules.integer(-2, 10**6))
    mend(app, "putShelf", lambda shelf: shelf.update(floor=min(shelf["floor"], 9)))


@defect(
    ACCEPTS,
    "putShelf",
    "A capacity below zero is taken, as zero.",
    "JSON Schema, minimum",
)
def accepts_capacity_below_minimum(app: Application) -> None:
    loosen(app, "Shelf", "capacity", rules.integer(-(10**6), 2000))
    mend(app, "putShelf", lambda shelf: shelf.update(capacity=max(shelf["capacity"], 0)))


@defect(
    ACCEPTS,
    "createMember replaceMember",
    "Any text is taken for a PIN.",
    "JSON Schema, pattern",
)
def accepts_any_pin(app: Application) -> None:
    loosen(app, "Member", "pin", rules.text())


@defect(
    ACCEPTS,
    "createBook replaceBook",
    "A book without a title, which is required, is taken.",
    "JSON Schema, required",
)
def accepts_missing_title(app: Application) -> None:
    app.shapes["Book"].required.discard("title")
    for key in ("createBook", "replaceBook"):
        mend(app, key, lambda book: book.setdefault("title", "(untitled)"))


@defect(
    ACCEPTS,
    "createBook replaceBook",
    "A genre that does not exist is taken, as a novel.",
    "JSON Schema, enum",
)
def accepts_unknown_genre(app: Application) -> None:
    loosen(app, "Book", "genre", rules.text())
    for key in ("createBook", "replaceBook"):
        mend(app, key, lambda book: book.update(genre=book["genre"] if book["genre"] in GENRES else "novel"))


@defect(
    ACCEPTS,
    "createMember replaceMember",
    "Properties that the document does not have are taken.",
    "JSON Schema, additionalProperties",
)
def accepts_additional_property(app: Application) -> None:
    shape = app.shapes["Member"]
    shape.others = True

    def drop(member: Row) -> None:
        for name in member.keys() - shape.properties.keys():
            del member[name]

    for key in ("createMember", "replaceMember"):
        mend(app, key, drop)


@defect(
    ACCEPTS,
    "createMember replaceMember",
    "Any text is taken for an e-mail address.",
    "JSON Schema, format email",
)
def accepts_any_email(app: Application) -> None:
    loosen(app, "Member", "email", rules.text(0, 120))


@defect(
    ACCEPTS,
    "createLoan",
    "A day that does not exist is taken for a date.",
    "JSON Schema, format date",
)
def accepts_any_date(app: Application) -> None:
    loosen(app, "Loan", "dueOn", rules.text())


@defect(
    ACCEPTS,
    "createBook",
    "createdAt, which is readOnly, is taken from the request and kept.",
    "OWASP API6:2019, mass assignment; getkin/kin-openapi#502",
)
def accepts_read_only(app: Application) -> None:
    book = copy.copy(app.shapes["Book"])
    book.properties = {**book.properties, "createdAt": rules.text(form=rules.date_time)}
    body_of(app, "createBook").rules[JSON] = book
    create = app.create_book

    def handler(request: Request) -> Reply:
        reply = create(request)
        row = app.state.books[reply.body["id"]]
        row.update(request.body)
        return Reply(201, app.shown_book(row), reply.headers)

    app.operations["createBook"].handler = handler


@defect(
    ACCEPTS,
    "search",
    "A search without q, which is required, is taken.",
    "OpenAPI, Parameter Object, required",
)
def accepts_missing_q(app: Application) -> None:
    q = app.operations["search"].parameter("q")
    q.required, q.default = False, "a"


@defect(
    ACCEPTS,
    "listMembers",
    "A limit that is given twice is taken; the first counts.",
    "OpenAPI, Parameter Object, style form: one value; HTTP parameter pollution",
)
def accepts_duplicate_limit(app: Application) -> None:
    app.operations["listMembers"].parameter("limit").once = False


@defect(
    ACCEPTS,
    "createMember",
    "A body of any media type is taken for JSON.",
    "OpenAPI, Request Body Object, content; RFC 9110, 415",
)
def accepts_any_content_type(app: Application) -> None:
    body = body_of(app, "createMember")
    body.readers = _Any(body.readers[JSON])
    body.rules = _Any(body.rules[JSON])


class _Any(dict[str, Any]):
    """A mapping that has one value for all keys."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: str) -> Any:
        return self.value


@defect(
    ACCEPTS,
    "recordEvents",
    "A body that is no JSON is taken for no events.",
    "RFC 8259; errors of a parser that are swallowed",
)
def accepts_malformed_json(app: Application) -> None:
    body = body_of(app, "recordEvents")
    read = body.readers[JSON]

    def lenient(request: Request) -> Any:
        try:
            return read(request)
        except Refused:
            return [{"kind": "visit", "at": "2026-03-01T00:00:00Z"}]

    body.readers[JSON] = lenient


@defect(
    ACCEPTS,
    "sendContact",
    "A topic that is not listed is taken in the form.",
    "JSON Schema, enum, in application/x-www-form-urlencoded",
)
def accepts_form_unknown_topic(app: Application) -> None:
    loosen(app, "Contact", "topic", rules.text())


@defect(
    ACCEPTS,
    "sendContact",
    "A form without message, which is required, is taken.",
    "JSON Schema, required, in application/x-www-form-urlencoded",
)
def accepts_form_without_message(app: Application) -> None:
    app.shapes["Contact"].required.discard("message")


@defect(
    ACCEPTS,
    "uploadCover",
    "An upload without its file is taken.",
    "SecureBananaLabs/bug-bounty#6297: a multipart body without its file",
)
def accepts_upload_without_file(app: Application) -> None:
    app.shapes["Cover"].required.discard("file")
    mend(app, "uploadCover", lambda body: body.setdefault("file", b"nothing"))


@defect(
    ACCEPTS,
    "uploadCover",
    "A rotation of more than 359 is taken in the multipart body.",
    "JSON Schema, maximum, in multipart/form-data",
)
def accepts_upload_rotate_above_maximum(app: Application) -> None:
    loosen(app, "Cover", "rotate", rules.integer(0, 10**9))
    mend(
        app,
        "uploadCover",
        lambda body: body.update({"rotate": body["rotate"] % 360} if "rotate" in body else {}),
    )


@defect(
    ACCEPTS,
    "putShelf getShelf deleteShelf",
    "Codes against their pattern are taken in the path, in capitals.",
    "JSON Schema, pattern, of a path parameter",
)
def accepts_any_code_in_path(app: Application) -> None:
    for key in ("putShelf", "getShelf", "deleteShelf"):
        code = app.operations[key].parameter("code")
        code.rule = rules.text(1)
    put = app.put_shelf

    def handler(request: Request) -> Reply:
        reply = put(request)
        return Reply(reply.status, {**reply.body, "code": "AB-123"})

    app.operations["putShelf"].handler = handler


@defect(
    ACCEPTS,
    "listBooks",
    "A pageSize above the largest is taken, as the largest.",
    "JSON Schema, maximum, of a query parameter",
)
def accepts_page_size_above_maximum(app: Application) -> None:
    app.operations["listBooks"].parameter("pageSize").rule = rules.integer(1, 10**12)
    app.operations["listBooks"].before.append(
        lambda request: request.values.update(pageSize=min(50, request.values["pageSize"]))
    )


@defect(
    ACCEPTS,
    "listBooks",
    "Any text is taken for a boolean in the query, as false.",
    "OpenAPI, Parameter Object, schema; intuitem/ciso-assistant-community#4701",
)
def accepts_any_boolean_in_query(app: Application) -> None:
    available = app.operations["listBooks"].parameter("available")
    available.rule = rules.anything
    available.convert = lambda value: value == "true"


@defect(
    ACCEPTS,
    "listEvents",
    "Any text is taken for the header X-Trace-Id.",
    "JSON Schema, pattern, of a header parameter",
)
def accepts_any_trace_id(app: Application) -> None:
    app.operations["listEvents"].parameter("X-Trace-Id").rule = rules.anything


@defect(
    ACCEPTS,
    "createMember replaceMember updateMember",
    "Any text is taken for the postcode inside of the address.",
    "JSON Schema, pattern, of a nested property",
)
def accepts_any_postcode(app: Application) -> None:
    loosen(app, "Address", "postcode", rules.text())
    keys = "replaceMember updateMember getMember listMembers"
    for each_, status in ((keys, 200), ("createMember", 201)):
        change(app, each_, each("postcode", lambda address: address.update(postcode="00000")), status)


@defect(
    ACCEPTS,
    "replaceBook",
    "A null title is taken, as an empty one.",
    "JSON Schema, type: null where it is not allowed",
)
def accepts_null_title(app: Application) -> None:
    book = copy.copy(app.shapes["Book"])
    book.properties = {**book.properties, "title": rules.or_null(rules.text(1, 120))}
    body_of(app, "replaceBook").rules[JSON] = book
    mend(app, "replaceBook", lambda body: body.update(title=body["title"] or "(untitled)"))


@defect(
    ACCEPTS,
    "createBook replaceBook",
    "The same tag twice is taken; it is kept once.",
    "JSON Schema, uniqueItems",
)
def accepts_duplicate_tags(app: Application) -> None:
    loosen(app, "Book", "tags", rules.array(rules.text(pattern="[a-z]{1,12}"), most=5))
    for key in ("createBook", "replaceBook"):
        mend(app, key, lambda book: book.update(tags=sorted(set(book["tags"]))))


@defect(
    ACCEPTS,
    "recordEvents",
    "More events than ten are taken.",
    "JSON Schema, maxItems",
)
def accepts_too_many_events(app: Application) -> None:
    body = body_of(app, "recordEvents")
    rule = body.rules[JSON]
    body.rules[JSON] = lambda value: rule(value[:10] if isinstance(value, list) else value)
    change(app, "recordEvents", lambda reply: {"accepted": min(10, reply["accepted"])}, 202)


@defect(
    ACCEPTS,
    "recordEvents",
    "An event of an unknown kind is taken.",
    "OpenAPI, oneOf with a Discriminator Object",
)
def accepts_unknown_event(app: Application) -> None:
    tagged = rules.Tagged("kind", {"visit": app.shapes["Visit"], "purchase": app.shapes["Purchase"]})
    known = rules.array(tagged, 1, 10)

    def others(value: Any) -> Any:
        strange = [each_ for each_ in value if isinstance(each_, dict) and isinstance(each_.get("kind"), str)]
        return [each_ for each_ in strange if each_["kind"] not in tagged.shapes]

    def rule(value: Any) -> str:
        kept = [each_ for each_ in value if each_ not in others(value)] if isinstance(value, list) else value
        return "" if isinstance(value, list) and 0 < len(value) <= 10 and not kept else known(kept)

    body = body_of(app, "recordEvents")
    body.rules[JSON] = rule
    keep = app.state.events
    app.operations["recordEvents"].handler = lambda request: (
        keep.extend(each_ for each_ in request.body if each_["kind"] in tagged.shapes)
        or Reply(202, {"accepted": len(request.body)})
    )


@defect(
    ACCEPTS,
    "createLoan",
    "A loan without a body, which is required, is taken.",
    "OpenAPI, Request Body Object, required",
)
def accepts_no_body(app: Application) -> None:
    body = body_of(app, "createLoan")
    body.required = False

    def before(request: Request) -> None:
        if request.body is None:
            request.body = {"bookId": 7, "dueOn": "2026-05-01"}

    app.operations["createLoan"].before.append(before)


@defect(
    ACCEPTS,
    "updateMember",
    "A patch with a status that does not exist is taken; it changes nothing.",
    "a PATCH that is checked by other rules than the PUT",
)
def accepts_patch_unknown_status(app: Application) -> None:
    loosen(app, "MemberPatch", "status", rules.text())

    def drop(body: Row) -> None:
        if body.get("status") not in ("active", "suspended", "closed"):
            body.pop("status", None)

    mend(app, "updateMember", drop)


@defect(
    ACCEPTS,
    "createBook replaceBook",
    "Copies with a fraction are taken, rounded.",
    "JSON Schema, type integer",
)
def accepts_fraction_of_copies(app: Application) -> None:
    loosen(app, "Book", "copies", rules.number(0, 500))
    for key in ("createBook", "replaceBook"):
        mend(app, key, lambda book: book.update(copies=int(book["copies"])))


@defect(
    ACCEPTS,
    "listEvents",
    "Any text is taken for the date-time in since, and ignored.",
    "JSON Schema, format date-time, of a query parameter",
)
def accepts_any_since(app: Application) -> None:
    app.operations["listEvents"].parameter("since").rule = rules.anything

    def before(request: Request) -> None:
        since = request.values["since"]
        request.values["since"] = None if since and rules.date_time(since) else since

    app.operations["listEvents"].before.append(before)


# -- authentication -----------------------------------------------------------------------------------------


@defect(
    AUTH,
    "listMembers",
    "The list of members needs no credential, though the document asks for one.",
    "nicotsx/zerobyte#161; OWASP API2:2023",
)
def no_credential_needed(app: Application) -> None:
    app.operations["listMembers"].security = []


@defect(
    AUTH,
    "deleteShelf",
    "Deleting needs no credential.",
    "windmar-nav/windmar-demo#7: reads were protected, writes were forgotten",
)
def delete_needs_no_credential(app: Application) -> None:
    app.operations["deleteShelf"].security = []


@defect(
    AUTH,
    "getBook",
    "Any API key is taken.",
    "a check that the header is there, not what it says",
)
def any_key_is_taken(app: Application) -> None:
    check = app.authorize

    def authorize(operation: Operation, request: Request) -> None:
        if operation.key != "getBook" or "x-api-key" not in request.headers:
            check(operation, request)

    app.authorize = authorize  # type: ignore[method-assign]


@defect(
    AUTH,
    "search",
    "Any bearer token is taken; the API key is checked.",
    "a JWT whose signature is not verified (OWASP API2:2023)",
)
def any_token_is_taken(app: Application) -> None:
    check = app.authorize

    def authorize(operation: Operation, request: Request) -> None:
        if operation.key != "search" or not app.token(request):
            check(operation, request)

    app.authorize = authorize  # type: ignore[method-assign]


@defect(
    AUTH,
    "getAudit",
    "The API key is taken where the document asks for a bearer token.",
    "OpenAPI, Security Requirement Object: an operation narrows the alternatives of the document",
)
def admin_takes_the_key(app: Application) -> None:
    audit = app.operations["getAudit"]
    audit.security, audit.admin = [("apiKey",), ("bearer",)], False


@defect(
    AUTH,
    "reindex",
    "The token alone is taken where the document asks for token and key.",
    "OpenAPI, Security Requirement Object: all schemes of one object are needed",
)
def one_of_two_credentials_is_enough(app: Application) -> None:
    app.operations["reindex"].security = [("bearer",)]


@defect(
    AUTH,
    "listBooks",
    "The 401 is an HTML page.",
    "OpenAPI, Response Object; the page of a proxy in front",
)
def unauthorized_as_html(app: Application) -> None:
    def after(_: Request, reply: Reply) -> Reply | None:
        if reply.status != 401:
            return None
        shown = page(401, "Unauthorized")
        shown.headers.update(reply.headers)
        return shown

    replace(app, "listBooks", after)


@defect(
    AUTH,
    "getShelf",
    "Without a credential the response is 403, which is not documented there.",
    "OCA/web-api#154: 401 where the credential is missing, 403 where it does not reach",
)
def unauthorized_says_403(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        if reply.status == 401:
            reply.status, reply.body = 403, {**reply.body, "status": 403}

    replace(app, "getShelf", after)


@defect(
    AUTH,
    "listEvents",
    "The 401 has no WWW-Authenticate.",
    "RFC 9110, 401: the server MUST send WWW-Authenticate; a required header of the document",
)
def unauthorized_without_challenge(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        if reply.status == 401:
            reply.headers.pop("WWW-Authenticate", None)

    replace(app, "listEvents", after)


@defect(
    AUTH,
    "getMember",
    "Without a credential the response is a redirect to a page to log in.",
    "frameworks that protect APIs as they do pages (Flask-Login, Django login_required)",
)
def redirects_to_login(app: Application) -> None:
    def after(_: Request, reply: Reply) -> Reply | None:
        return Reply(302, headers={"Location": "/login"}) if reply.status == 401 else None

    replace(app, "getMember", after)


@defect(
    AUTH,
    "importTitles",
    "Without a credential the response is a 500.",
    "a header that is read as if it were there: KeyError",
)
def crash_without_credential(app: Application) -> None:
    check = app.authorize

    def authorize(operation: Operation, request: Request) -> None:
        if operation.key == "importTitles" and not {"x-api-key", "authorization"} & request.headers.keys():
            raise Crash("x-api-key")
        check(operation, request)

    app.authorize = authorize  # type: ignore[method-assign]


# -- methods ------------------------------------------------------------------------------------------------


def without(app: Application, path: str, how: Callable[[Request, str], Reply | None]) -> None:
    """The reply to methods that a path does not have is what `how` gives."""
    usual = app.without

    def reply(request: Request, there: list[tuple[Operation, dict[str, str]]]) -> Reply:
        given = how(request, app.allowed(there)) if there[0][0].path == path else None
        return given or usual(request, there)

    app.without = reply  # type: ignore[method-assign]


@defect(
    METHOD,
    "getStatus",
    "Any method is taken for GET.",
    "RFC 9110, 405; a route that is registered for all methods",
)
def any_method_is_get(app: Application) -> None:
    def how(request: Request, _: str) -> Reply | None:
        return app.get_status(request) if request.method != "OPTIONS" else None

    without(app, "/status", how)


@defect(
    METHOD,
    "getBook checkBook replaceBook deleteBook",
    "PATCH, which the path does not have, is answered with 200.",
    "RFC 9110, 405; OWASP API9:2023: a method that was never documented",
)
def undocumented_patch(app: Application) -> None:
    def how(request: Request, _: str) -> Reply | None:
        return Reply(200, {"patched": True}) if request.method == "PATCH" else None

    without(app, "/books/{bookId}", how)


@defect(
    METHOD,
    "listMembers createMember",
    "The 405 has no Allow.",
    "RFC 9110, 405: the server MUST send Allow; portainer/portainer#2231, stoplightio/prism#1929",
)
def not_allowed_without_allow(app: Application) -> None:
    def how(request: Request, _: str) -> Reply | None:
        if request.method == "OPTIONS":
            return None
        return Refused(405, "The path has no such method.").reply

    without(app, "/members", how)


@defect(
    METHOD,
    "listBooks createBook",
    "The Allow of a 405 names DELETE, which the path does not have.",
    "RFC 9110, Allow: the methods that the target supports",
)
def allow_names_too_much(app: Application) -> None:
    def how(request: Request, allowed: str) -> Reply | None:
        allow = {"Allow": f"DELETE, {allowed}"}
        if request.method == "OPTIONS":
            return Reply(204, headers=allow)
        return Refused(405, "The path has no such method.", headers=allow).reply

    without(app, "/books", how)


@defect(
    METHOD,
    "search",
    "A method that the path does not have ends in a 500.",
    "graphhopper/directions-api#26",
)
def crash_unknown_method(app: Application) -> None:
    def how(request: Request, _: str) -> Reply | None:
        if request.method == "OPTIONS":
            return None
        raise Crash(request.method)

    without(app, "/search", how)


@defect(
    METHOD,
    "checkBook",
    "HEAD of a book that does not exist says 200.",
    "ember-nexus/api#394: HEAD says 200 where GET says 404",
)
def head_always_says_200(app: Application) -> None:
    def after(_: Request, reply: Reply) -> Reply | None:
        return Reply(200, headers={"X-Copies": "1"}) if reply.status == 404 else None

    replace(app, "checkBook", after)


@defect(
    METHOD,
    "checkBook",
    "HEAD lacks the documented header that GET has.",
    "RFC 9110, HEAD: the same header fields as GET",
)
def head_without_header(app: Application) -> None:
    replace(app, "checkBook", forget("X-Copies"))


@defect(
    METHOD,
    "optionsShelf",
    "OPTIONS, which is documented, has no Allow.",
    "RFC 9110, OPTIONS; a required header of the document",
)
def options_without_allow(app: Application) -> None:
    replace(app, "optionsShelf", forget("Allow"))


@defect(
    METHOD,
    "listEvents recordEvents",
    "TRACE is answered with the request, credentials included.",
    "cross-site tracing; OWASP WSTG-CONF-06",
)
def trace_is_on(app: Application) -> None:
    def how(request: Request, _: str) -> Reply | None:
        if request.method != "TRACE":
            return None
        lines = [
            f"TRACE {request.path} HTTP/1.1",
            *(f"{name}: {each_}" for name, each_ in request.headers.items()),
        ]
        return Reply(200, "\r\n".join(lines).encode(), media_type="message/http")

    without(app, "/events", how)


# -- state --------------------------------------------------------------------------------------------------


@defect(
    STATE,
    "getMember deleteMember",
    "A member that was deleted can still be read.",
    "a deletion that only hides from lists; RESTler, use-after-free checker",
)
def deleted_can_be_read(app: Application) -> None:
    gone: dict[str, Row] = {}
    find, delete = app.member, app.delete_member

    def handler(request: Request) -> Reply:
        row = find(request)
        reply = delete(request)
        gone[row["id"]] = row
        return reply

    def member(request: Request) -> Row:
        key = str(request.values["memberId"]).lower()
        return gone[key] if request.method in ("GET", "HEAD") and key in gone else find(request)

    app.member = member  # type: ignore[method-assign]
    app.operations["deleteMember"].handler = handler


@defect(
    STATE,
    "listBooks deleteBook",
    "A book that was deleted stays in the list.",
    "a cache of lists that deletions do not clear",
)
def deleted_stays_in_list(app: Application) -> None:
    gone: dict[int, Row] = {}
    delete, rows = app.delete_book, app.list_books

    def handler(request: Request) -> Reply:
        row = app.book(request)
        reply = delete(request)
        gone[row["id"]] = row
        return reply

    def listed(request: Request) -> Reply:
        kept = app.state.books
        app.state.books = {**gone, **kept}
        try:
            return rows(request)
        finally:
            app.state.books = kept

    app.operations["deleteBook"].handler = handler
    app.operations["listBooks"].handler = listed


@defect(
    STATE,
    "deleteShelf",
    "Deleting a second time says 204, not the documented 404.",
    "agntcy/coffeeAgntcy#571; schemathesis/schemathesis#3947",
)
def delete_twice_says_204(app: Application) -> None:
    def after(_: Request, reply: Reply) -> Reply | None:
        return Reply(204) if reply.status == 404 else None

    replace(app, "deleteShelf", after)


@defect(
    STATE,
    "createBook getBook",
    "A book that was made cannot be read.",
    "RESTler, invalid dynamic object; a transaction that is not committed",
)
def created_cannot_be_read(app: Application) -> None:
    create = app.create_book

    def handler(request: Request) -> Reply:
        reply = create(request)
        del app.state.books[reply.body["id"]]
        return reply

    app.operations["createBook"].handler = handler


@defect(
    STATE,
    "replaceMember getMember",
    "PUT answers with what was sent and stores nothing.",
    "a transaction that is rolled back after the response was made",
)
def put_is_not_stored(app: Application) -> None:
    put = app.replace_member

    def handler(request: Request) -> Reply:
        row = app.member(request)
        reply = put(request)
        app.state.members[row["id"]] = row
        return reply

    app.operations["replaceMember"].handler = handler


@defect(
    STATE,
    "replaceBook getBook",
    "PUT does not store the price.",
    "a column that an update forgets",
)
def put_forgets_the_price(app: Application) -> None:
    put = app.replace_book

    def handler(request: Request) -> Reply:
        price = app.book(request)["price"]
        reply = put(request)
        app.state.books[reply.body["id"]]["price"] = price
        return reply

    app.operations["replaceBook"].handler = handler


@defect(
    STATE,
    "updateMember getMember",
    "PATCH removes the address where the patch does not name it.",
    "RFC 7396; Paca-AI/paca#252, webrecorder/browsertrix#3065",
)
def patch_loses_the_address(app: Application) -> None:
    patch = app.update_member

    def handler(request: Request) -> Reply:
        app.member(request)
        request.body.setdefault("address", None)
        return patch(request)

    app.operations["updateMember"].handler = handler


@defect(
    STATE,
    "updateMember getMember",
    "PATCH answers with the change and stores nothing.",
    "a copy that is changed in place of the row",
)
def patch_is_not_stored(app: Application) -> None:
    patch = app.update_member

    def handler(request: Request) -> Reply:
        row = app.member(request)
        reply = patch(request)
        app.state.members[row["id"]] = row
        return reply

    app.operations["updateMember"].handler = handler


@defect(
    STATE,
    "createMember",
    "Location leads nowhere.",
    "RFC 9110, 201 and Location; ezimuel/zend-expressive-api#6",
)
def location_leads_nowhere(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        if "Location" in reply.headers:
            reply.headers["Location"] = reply.headers["Location"].replace("/members/", "/member/")

    replace(app, "createMember", after)


@defect(
    STATE,
    "createBook",
    "Location leads to another book, not to the one that was made.",
    "RFC 9110, 201: the primary resource created is identified by Location",
)
def location_of_another(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        if "Location" in reply.headers:
            reply.headers["Location"] = "/books/1"

    replace(app, "createBook", after)


@defect(
    STATE,
    "createLoan getLoan returnLoan",
    "The documented link from a loan that was made leads nowhere: its id is another number.",
    "OpenAPI, Link Object",
)
def link_leads_nowhere(app: Application) -> None:
    change(app, "createLoan", each("lentAt", lambda loan: loan.update(id=loan["id"] + 100000)), 201)


@defect(
    STATE,
    "listMembers createMember",
    "A member that was made is not in the list.",
    "an index that is never renewed",
)
def created_is_not_listed(app: Application) -> None:
    listed, members = app.list_members, frozenset(app.state.members)

    def handler(request: Request) -> Reply:
        kept = app.state.members
        app.state.members = {key: row for key, row in kept.items() if key in members}
        try:
            return listed(request)
        finally:
            app.state.members = kept

    app.operations["listMembers"].handler = handler


@defect(
    STATE,
    "createMember getMember",
    "Two members that are made one after the other get the same identifier.",
    "schemathesis/schemathesis#3582; a counter that is not kept",
)
def identifier_is_given_twice(app: Application) -> None:
    create = app.create_member

    def handler(request: Request) -> Reply:
        number = app.state.last["member"]
        app.state.last["member"] = number - number % 2
        reply = create(request)
        app.state.last["member"] = number + 1
        return reply

    app.operations["createMember"].handler = handler


@defect(
    STATE,
    "createBook",
    "The same book a second time is made again, where 409 is documented.",
    "a unique index that is missing",
)
def same_book_twice(app: Application) -> None:
    app.free_isbn = lambda *_: None  # type: ignore[method-assign]


@defect(
    STATE,
    "putShelf",
    "A PUT that makes a shelf says 200, not 201.",
    "RFC 9110, PUT: 201 where a representation was created",
)
def put_that_creates_says_200(app: Application) -> None:
    def after(_: Request, reply: Reply) -> None:
        reply.status = 200 if reply.status == 201 else reply.status

    replace(app, "putShelf", after)


@defect(
    STATE,
    "replaceBook getBook",
    "PUT takes createdAt, which is readOnly, from the request.",
    "OWASP API6:2019, mass assignment; OpenAPI, readOnly",
)
def read_only_is_overwritten(app: Application) -> None:
    book = copy.copy(app.shapes["Book"])
    read_only = {
        "createdAt": rules.text(form=rules.date_time),
        "id": rules.anything,
        "available": rules.anything,
    }
    book.properties = {**book.properties, **read_only}
    body_of(app, "replaceBook").rules[JSON] = book

    def handler(request: Request) -> Reply:
        row = app.book(request)
        app.free_isbn(request.body["isbn"], row["id"])
        new = {"createdAt": row["createdAt"], **request.body, "id": row["id"]}
        app.state.books[row["id"]] = new
        return Reply(200, app.shown_book(new))

    app.operations["replaceBook"].handler = handler


@defect(
    STATE,
    "getMember replaceMember updateMember",
    "The ETag stays the same when the member changes.",
    "RFC 9110, ETag and If-None-Match: a stale copy is called current",
)
def etag_never_changes(app: Application) -> None:
    app.etag = lambda row: f'"{row["id"].replace("-", "")}"'  # type: ignore[method-assign]


@defect(
    STATE,
    "listBooks",
    "The second page is the first.",
    "opf/openproject#24774: the number of the page is ignored",
)
def second_page_is_the_first(app: Application) -> None:
    rows = app.list_books

    def handler(request: Request) -> Reply:
        asked = request.values["page"]
        request.values["page"] = 1
        reply = rows(request)
        reply.body["page"] = asked
        return reply

    app.operations["listBooks"].handler = handler


@defect(
    STATE,
    "listMembers",
    "The limit is ignored.",
    "typicode/json-server#1493: the size of a page does not hold",
)
def limit_is_ignored(app: Application) -> None:
    rows = app.list_members

    def handler(request: Request) -> Reply:
        asked = request.values["limit"]
        request.values["limit"] = 100
        reply = rows(request)
        reply.body["limit"] = asked
        return reply

    app.operations["listMembers"].handler = handler


@defect(
    STATE,
    "listBooks",
    "The filter genre is ignored.",
    "open-metadata/OpenMetadata#30900, kubeflow/hub#3207",
)
def genre_is_ignored(app: Application) -> None:
    app.operations["listBooks"].before.append(lambda request: request.values.update(genre=None))


@defect(
    STATE,
    "listMembers",
    "The filter newsletter gives the others.",
    "a condition the wrong way round",
)
def newsletter_is_inverted(app: Application) -> None:
    def before(request: Request) -> None:
        asked = request.values["newsletter"]
        request.values["newsletter"] = asked if asked is None else not asked

    app.operations["listMembers"].before.append(before)


@defect(
    STATE,
    "getBook",
    "Two reads of one book, with nothing between them, differ.",
    "two replicas that disagree; RFC 9110, safe methods",
)
def reads_disagree(app: Application) -> None:
    seen: dict[int, int] = {}

    def after(_: Request, reply: Reply) -> None:
        if reply.status == 200:
            seen[reply.body["id"]] = seen.get(reply.body["id"], 0) + 1
            reply.body["copies"] = (reply.body["copies"] + seen[reply.body["id"]] % 2) % 501

    replace(app, "getBook", after)


@defect(
    STATE,
    "createMember getMember",
    "A name is cut to twenty characters, in silence.",
    "a column that is too short (MySQL without strict mode)",
)
def name_is_cut(app: Application) -> None:
    mend(app, "createMember", lambda member: member.update(name=member["name"][:20]))


@defect(
    STATE,
    "returnLoan getLoan listLoans",
    "A loan that was returned is still there.",
    "a deletion that is answered and never done",
)
def returned_loan_is_still_there(app: Application) -> None:
    def handler(request: Request) -> Reply:
        app.loan(request)
        return Reply(204)

    app.operations["returnLoan"].handler = handler


@defect(
    STATE,
    "listLoans deleteMember",
    "The loans of a member that was deleted can still be listed.",
    "rows of a child that outlive their parent",
)
def orphans_can_be_read(app: Application) -> None:
    rows = app.list_loans
    gone: set[str] = set()
    delete = app.delete_member

    def removed(request: Request) -> Reply:
        reply = delete(request)
        gone.add(str(request.values["memberId"]).lower())
        return reply

    def handler(request: Request) -> Reply:
        if str(request.values["memberId"]).lower() in gone:
            return Reply(200, {"items": [], "total": 0})
        return rows(request)

    app.operations["deleteMember"].handler = removed
    app.operations["listLoans"].handler = handler


# -- time ---------------------------------------------------------------------------------------------------


@defect(
    TIME,
    "getAudit",
    "The response takes half a second.",
    "an index that is missing",
    ("--max-response-time", "0.3"),
)
def audit_is_slow(app: Application) -> None:
    app.operations["getAudit"].before.append(lambda _: time.sleep(0.5))
