# ruff: noqa: E501  (lines stand as they are printed)
"""Messages as they are printed, one of each kind, and words that none of them has.

Where a schema is checked, both backends say the same.
"""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dynaclient
from dynaclient import Client, DynaclientError, RequestInvalid
from dynaclient.client import executor_of
from dynaclient.contract import Case, Fault
from dynaclient.contract.checks import complaints
from dynaclient.lint import lint
from tests.servers import closed_port, reply
from tests.small import JSON, document, json_reply, one, param, said

PLACE = "http://127.0.0.1:1"
BACKENDS = ["rust", "python"]
INTEGER, TEXT, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}}}
PETS = {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}}
REFS = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


def properties(**schemas: Any) -> dict[str, Any]:
    return {"type": "object", "properties": schemas}


CLOSED = {**properties(name=TEXT), "additionalProperties": False}
BY_ID = one("get", "/x/{id}", param("id", "path"))
LIMIT = one("get", "/x", param("limit", schema=INTEGER), answers={"200": said(INTEGER), "404": said(INTEGER)})
ANY = one("post", body={})

SCHEMAS: list[tuple[Any, Any, str]] = [
    # schema, value, what is said of it as the body of a request
    (
        {"type": "boolean"},
        "yes",
        'body: expected a boolean, got a string ("yes")  [/components/schemas/S/type]',
    ),
    (INTEGER, None, "body: missing, but required  [/paths/~1x/post/requestBody]"),
    (
        {"type": ["integer", "null"]},
        1.5,
        "body: expected an integer or null, got a number (1.5)  [/components/schemas/S/type]",
    ),
    (
        {"type": "string"},
        {"a": 1},
        'body: expected a string, got an object ({"a": 1})  [/components/schemas/S/type]',
    ),
    ({"enum": ["a", "b"]}, "c", 'body: "c" is not one of "a", "b"  [/components/schemas/S/enum]'),
    ({"const": "a"}, "b", 'body: expected "a", got "b"  [/components/schemas/S/const]'),
    (
        {"enum": ["caf\u00e9"]},
        "cafe\u0301",
        'body: "café" is not one of "café"; the two look alike: "cafe\\u0301" was given, "caf\\u00e9" is expected  [/components/schemas/S/enum]',
    ),
    ({"minimum": 1}, 0, "body: 0 is less than 1  [/components/schemas/S/minimum]"),
    ({"maximum": 1}, 2, "body: 2 is greater than 1  [/components/schemas/S/maximum]"),
    ({"exclusiveMinimum": 1}, 1, "body: 1 is not greater than 1  [/components/schemas/S/exclusiveMinimum]"),
    ({"exclusiveMaximum": 1}, 1, "body: 1 is not less than 1  [/components/schemas/S/exclusiveMaximum]"),
    ({"multipleOf": 5}, 7, "body: 7 is not a multiple of 5  [/components/schemas/S/multipleOf]"),
    (
        {"minLength": 2},
        "a",
        'body: "a" has 1 character, expected at least 2  [/components/schemas/S/minLength]',
    ),
    (
        {"maxLength": 1},
        "ab",
        'body: "ab" has 2 characters, expected at most 1  [/components/schemas/S/maxLength]',
    ),
    (
        {"pattern": "^[a-z]+$"},
        "A",
        'body: "A" does not match the pattern ^[a-z]+$  [/components/schemas/S/pattern]',
    ),
    ({"type": "string", "format": "uuid"}, "x", 'body: "x" is not a uuid  [/components/schemas/S/format]'),
    (
        {"type": "string", "format": "date-time"},
        "2024-02-29",
        'body: "2024-02-29" is not a date-time  [/components/schemas/S/format]',
    ),
    (
        {"type": "string", "format": "date-time"},
        "2024-02-29 12:00:00",
        'body: "2024-02-29 12:00:00" is not a date-time: no T between date and time, no time zone (such as Z or +01:00)  [/components/schemas/S/format]',
    ),
    ({"minItems": 2}, [1], "body: 1 item, expected at least 2  [/components/schemas/S/minItems]"),
    ({"maxItems": 1}, [1, 2], "body: 2 items, expected at most 1  [/components/schemas/S/maxItems]"),
    ({"uniqueItems": True}, [1, 1], "body: items are not unique  [/components/schemas/S/uniqueItems]"),
    (
        {"minProperties": 1},
        {},
        "body: 0 properties, expected at least 1  [/components/schemas/S/minProperties]",
    ),
    (
        {"maxProperties": 1},
        {"a": 1, "b": 2},
        "body: 2 properties, expected at most 1  [/components/schemas/S/maxProperties]",
    ),
    ({"required": ["a"]}, {}, "body: 'a' is missing  [/components/schemas/S/required]"),
    (
        {"dependentRequired": {"a": ["b"]}},
        {"a": 1},
        "body: 'b' is missing, required by 'a'  [/components/schemas/S/dependentRequired]",
    ),
    (
        CLOSED,
        {"nmae": "x"},
        "body: 'nmae' is not allowed here; did you mean 'name'; allowed: \"name\"  [/components/schemas/S/additionalProperties]",
    ),
    (
        {**properties(name=TEXT), "unevaluatedProperties": False},
        {"q": 1},
        "body: 'q' is not allowed here; allowed: \"name\"  [/components/schemas/S/unevaluatedProperties]",
    ),
    (
        {"prefixItems": [INTEGER], "items": False},
        [1, 2],
        "body at /1: no value is allowed here  [/components/schemas/S/items]",
    ),
    (
        {"prefixItems": [INTEGER], "unevaluatedItems": False},
        [1, 2],
        "body: item 1 is not allowed here  [/components/schemas/S/unevaluatedItems]",
    ),
    (
        {"propertyNames": {"maxLength": 1}},
        {"ab": 1},
        'body: property name "ab" has 2 characters, expected at most 1  [/components/schemas/S/propertyNames/maxLength]',
    ),
    ({"not": INTEGER}, 1, "body: 1 is excluded by `not`  [/components/schemas/S/not]"),
    ({"contains": INTEGER}, ["a"], "body: no item matches `contains`  [/components/schemas/S/contains]"),
    (
        {"contains": INTEGER, "minContains": 2},
        [1],
        "body: expected at least 2 items matching `contains`  [/components/schemas/S/minContains]",
    ),
    (
        {"contains": INTEGER, "maxContains": 1},
        [1, 2],
        "body: expected at most 1 item matching `contains`  [/components/schemas/S/maxContains]",
    ),
    (
        properties(a=False),
        {"a": 1},
        "body at /a: no value is allowed here  [/components/schemas/S/properties/a]",
    ),
    (
        properties(id={"type": "integer", "readOnly": True}) | {"required": ["id"]},
        {"id": 1},
        "body at /id: readOnly: the server sets it, leave it out  [/components/schemas/S/properties/id]",
    ),
    (
        {"oneOf": [INTEGER, {"type": "number"}, TEXT]},
        1,
        "body: 1 matches more than one of the 3 oneOf schemas: /0, /1  [/components/schemas/S/oneOf]",
    ),
    (
        {"anyOf": [INTEGER, NULL]},
        "a",
        'body: "a" matches none of the 2 anyOf schemas: /0: expected an integer; /1: expected null  [/components/schemas/S/anyOf]',
    ),
    (
        {"oneOf": REFS},
        {"kind": "cow"},
        'body: {"kind": "cow"} matches none of the 2 oneOf schemas: /0 (Cat): at /kind: expected "cat", got "cow"; /1 (Dog): at /kind: expected "dog", got "cow"  [/components/schemas/S/oneOf]',
    ),
    (
        {"oneOf": REFS, "discriminator": PETS},
        {"kind": "cow"},
        'body: \'kind\' is "cow", which selects none of the 2 oneOf schemas: expected "cat", "Cat", "dog", "Dog"  [/components/schemas/S/oneOf]',
    ),
    (
        {"oneOf": REFS, "discriminator": PETS},
        {},
        "body: 'kind' is missing  [/components/schemas/Cat/required]",
    ),
]

CALLS: list[tuple[Any, Callable[[Any], Any], str]] = [
    # document, call, what is said of the call
    (BY_ID, lambda api: api.op("a", "b"), "argument positional: takes 1 positional argument (id), 2 given"),
    (one(), lambda api: api.op("a"), "argument positional: takes 0 positional arguments, 1 given"),
    (
        LIMIT,
        lambda api: api.op(limit="a"),
        'query limit: expected an integer, got a string ("a")  [/paths/~1x/get/parameters/0/schema/type]',
    ),
    (LIMIT, lambda api: api.op(limti=1), "argument limti: op has no parameter 'limti'; did you mean limit?"),
    (
        LIMIT,
        lambda api: api.op(timeout=1),
        "argument timeout: op has no parameter 'timeout'; extras for one call go in options={\"timeout\": ...}",
    ),
    (
        one("get", "/x", param("limit", required=True)),
        lambda api: api.op(),
        "query limit: missing, but required",
    ),
    (
        LIMIT,
        lambda api: api.call("op", [1]),
        "argument mapping: expected a mapping of parameter names to values, got a list; for positional arguments call client.op(...)",
    ),
    (BY_ID, lambda api: api.op(".."), "path id: the path segment would be '..', which changes the path"),
    (
        BY_ID,
        lambda api: api.op(""),
        "path id: an empty value would change the path; expected at least one character",
    ),
    (
        one("get", "/x", param("X-Id", "header")),
        lambda api: api.op(x_id="a\r\nb"),
        "header X-Id: a header value cannot hold control characters such as CR and LF",
    ),
    (
        one("get", "/x", param("a"), param("a", "header")),
        lambda api: api.op(a="x"),
        'argument a: \'a\' is in several locations; give {"query.a": ...} or {"header.a": ...}',
    ),
    (
        LIMIT,
        lambda api: api.call("op", {"limit": 1, "query.limit": 2}),
        "argument query.limit: given twice: it is 'limit'",
    ),
    (one(), lambda api: api.op(body=1), "argument body: op takes no body"),
    (ANY, lambda api: api.op(), "body: missing, but required  [/paths/~1x/post/requestBody]"),
    (
        ANY,
        lambda api: api.op(body={"a": {1}}),
        "body at /a: a set cannot be written as JSON; give text, a number, a list or a dict",
    ),
    (ANY, lambda api: api.op(body={1: 2}), "body: the key 1 is not a string"),
    (
        ANY,
        lambda api: api.op(body=float("nan")),
        "body: NaN is not JSON; for no value give None, or leave it out",
    ),
    (
        ANY,
        lambda api: api.op(body=datetime.datetime(2024, 1, 1)),
        "body: a datetime needs a time zone; give it a tzinfo",
    ),
    (
        one("post", content={"text/csv": {}}),
        lambda api: api.op(body={"a": 1}),
        "body: an object cannot be sent as text/csv; give text",
    ),
    (
        one("post", content={"text/csv": {}}),
        lambda api: api.op(body="a", options={"content_type": "text/html"}),
        "undocumented content type text/html (documented: text/csv)  [/paths/~1x/post/requestBody]",
    ),
    (
        one("post", content={"image/*": {}}),
        lambda api: api.op(body=b"a"),
        'image/* is a range; choose a media type with options={"content_type": ...}  [/paths/~1x/post/requestBody/content/image~1*]',
    ),
    (
        one("post", content={PARTS: {"encoding": {"f": {"contentType": "image/png"}}}}),
        lambda api: api.op(body={"f": ("a.txt", "x", "text/plain")}),
        "body at /f: undocumented content type text/plain (documented: image/png)  [/paths/~1x/post/requestBody/content/multipart~1form-data]",
    ),
    (
        one("post", content={FORM: {}}),
        lambda api: api.op(body={"f": None}),
        "body at /f: null cannot be sent in a form; leave it out",
    ),
    (
        one("get", "/x", param("q", schema={"type": "array"}, style="spaceDelimited", explode=False)),
        lambda api: api.op(q=["a b"]),
        "query q: an item cannot hold the style's delimiter ' '",
    ),
]

RESPONSES: list[tuple[bytes, str]] = [
    (json_reply(1, 202), "undocumented status 202 (documented: 200, 404)  [/paths/~1x/get]"),
    (
        reply(302, b"", [("Location", "http://other.example/")]),
        "undocumented redirect 302 (documented: 200, 404); it leads to http://other.example/, another server; if that is the right one, name it with server=  [/paths/~1x/get]",
    ),
    (
        reply(200, b"<p>", [("Content-Type", "text/html")]),
        "undocumented content type text/html (documented: application/json)  [/paths/~1x/get/responses/200]",
    ),
    (reply(200, b"1"), "no Content-Type (documented: application/json)  [/paths/~1x/get/responses/200]"),
    (
        reply(200, b"", JSON),
        "body: expected application/json, got an empty body  [/paths/~1x/get/responses/200]",
    ),
    (
        reply(200, b"{", JSON),
        "body: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)  [/paths/~1x/get/responses/200]",
    ),
    (
        json_reply("a"),
        'body: expected an integer, got a string ("a")  [/paths/~1x/get/responses/200/content/application~1json/schema/type]',
    ),
]

ERRORS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: Client(LIMIT, server=PLACE).call("opp"),
        "the document has no operation 'opp'; did you mean op?",
    ),
    (lambda: Client("nosuch.yaml"), "there is no file 'nosuch.yaml'"),
    (
        lambda: Client({"openapi": "4.0.0", "paths": {}}),
        "a dict: unknown version 4.0.0 (supported: 2.0, 3.0 to 3.2)",
    ),
    (lambda: Client({"paths": {}}), "a dict: no version: neither `openapi` nor `swagger` is given"),
    (
        lambda: Client("- 1\n- 2"),
        "<text>: expected an object at the root of an OpenAPI document, got an array",
    ),
    (lambda: Client(LIMIT).op(), "no server: the document names none; give server="),
    (
        lambda: Client(LIMIT, server="nonsense"),
        "server= 'nonsense' is not an http(s) URL, nor a server of the document; did you mean https://nonsense?",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, timeout=-1),
        "timeout: total is -1; expected a number of seconds above 0 and up to 1,000,000,000, or None for no limit",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, retries=-1),
        "retries: expected a whole number from 0, or Retries(...), got -1",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, retries=dynaclient.Retries(attempts=0)),
        "retries: attempts: expected a whole number from 1 (it counts sends, not repeats), got 0",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, rate="fast"),
        "rate: expected requests a second, such as 100/s or 600/m, got 'fast'",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, idempotency_key_header="a b"),
        "idempotency_key_header: expected the name of a header, such as Idempotency-Key, got 'a b'",
    ),
    (
        lambda: Client(LIMIT, server=PLACE).bulk("op", [], parameters={"n": object()}, idempotency_key="Key"),
        "parameters: a journal, and an idempotency key, need values that last: an object cannot be written as JSON; give text, a number, a list or a dict",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, validate="no"),  # type: ignore[arg-type]
        "validate: expected one of strict, warn, off, or a mapping of 'request', 'response' and 'undeclared' to them, got 'no'",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, credentials={"key": "x"}),
        "the document has no security scheme 'key'; it has none; what it does not mention goes on `auth` or `headers` of a `session=`",
    ),
    (
        lambda: Client(LIMIT, server=PLACE).op(options={"header": {}}),
        "options has no 'header'; allowed: headers, query, timeout, content_type, compress, stream, end_marker, retry",
    ),
    (
        lambda: Client(LIMIT, server=PLACE).op(options={"headers": {"a": 1}}),
        "options['headers']['a']: expected text, got an integer",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, replay="none.har"),
        "the recording none.har cannot be read: No such file or directory",
    ),
    (
        lambda: Client(LIMIT, server=PLACE, replay=5),  # type: ignore[arg-type]
        "replay: expected the path of a recording, got an integer",
    ),
    (
        lambda: Client(LIMIT, server=PLACE).record("no/such/calls.har"),
        "record: 'no/such/calls.har' cannot be written: there is no such folder",
    ),
    (
        lambda: setattr(Client(LIMIT, server=PLACE), "timeout", 5),
        "timeout is read-only; give it to a new client: Client(..., timeout=...)",
    ),
    (
        lambda: Client(LIMIT, server=PLACE).op(limit="a"),
        'op: the request was not sent; 1 violation\n  query limit: expected an integer, got a string ("a")  [/paths/~1x/get/parameters/0/schema/type]',
    ),
]

REPLIES: list[tuple[bytes, str]] = [
    (
        json_reply("a"),
        'op: response (200) does not match the OpenAPI document\n  body: expected an integer, got a string ("a")  [/paths/~1x/get/responses/200/content/application~1json/schema/type]',
    ),
    (json_reply({"message": "no such order"}, 404), "op: the server returned 404: no such order"),
    (json_reply(1, 500), "op: the server returned 500"),
    (
        reply(302, b"", [("Location", "http://other.example/")]),
        "op: redirect (302) was not followed\n  undocumented redirect 302 (documented: 200, 404); it leads to http://other.example/, another server; if that is the right one, name it with server=  [/paths/~1x/get]",
    ),
    (
        reply(200, b"x", [("Content-Encoding", "gzip")]),
        'GET URL/x: invalid Content-Encoding: gzip (the data ends too early); report it to the operator of the server, or send the header "Accept-Encoding: identity"',
    ),
    (
        json_reply([1] * 999),
        "GET URL/x: the response is larger than 1000 bytes, the most that this client takes; ask for less, or raise the client's limit (max_body=)",
    ),
]

FINDINGS: list[tuple[Any, str]] = [
    (
        one("get", "/x", param("q", schema={"pattern": "("})),
        "warning: /paths/~1x/get/parameters/0/schema/pattern: the pattern '(' cannot be read: pattern '(', character 2: unclosed ( (the pattern is not applied)",
    ),
    (
        one(answer={"$ref": "#/components/schemas/No"}),
        "error: /paths/~1x/get/responses/200/content/application~1json/schema: $ref '#/components/schemas/No' cannot be resolved: not found (what needs it cannot be used)",
    ),
    (
        one("get", "/x", param("q", schema={"minimum": "3"})),
        "warning: /paths/~1x/get/parameters/0/schema/minimum: minimum: expected a number, got a string (it is read as 3)",
    ),
    (
        one("get", "/x", param("q", schema={"type": "text"})),
        "warning: /paths/~1x/get/parameters/0/schema/type: type: 'text' is not a type (it is read as 'string')",
    ),
    (
        one("get", "/x", {"in": "query"}),
        "error: /paths/~1x/get/parameters/0: expected a name and a location of a parameter (it is left out)",
    ),
    (
        one("get", "/x/{id}"),
        "warning: /paths/~1x~1{id}/get: the path parameter 'id' is not declared (any string is accepted)",
    ),
    (
        one("get", "/x", param("q", style="matrix")),
        "warning: /paths/~1x/get/parameters/0: style 'matrix' is not defined for query (form is used)",
    ),
    (document({"/x": 5}), "error: /paths/~1x: expected a Path Item Object (its operations are left out)"),
    (document({"/x": {"get": 5}}), "error: /paths/~1x/get: expected an Operation Object (it is left out)"),
    (
        one(operation={"security": [{"key": []}]}),
        "warning: /paths/~1x/get: there is no security scheme 'key', which an operation asks for (no credential can be given for it)",
    ),
    (
        one("get", "/x/{id}", {"name": "id", "in": "path", "schema": TEXT}),
        "warning: /paths/~1x~1{id}/get/parameters/0: expected `required: true` of a path parameter (it is required anyway)",
    ),
    (
        document(
            {
                "/x": {
                    "get": {"operationId": "a", "responses": {"200": said()}},
                    "put": {"operationId": "a", "responses": {"200": said()}},
                }
            }
        ),
        "warning: /paths/~1x/put: the operationId 'a' is taken by an earlier operation (this one is called 'PUT /x')",
    ),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "line"), SCHEMAS, ids=[row[2][:50] for row in SCHEMAS])
def test_what_a_schema_does_not_allow(schema: Any, value: Any, line: str, backend: str) -> None:
    schemas = {"S": schema, "Cat": CAT, "Dog": DOG}
    tree = one(
        "post", body={"$ref": "#/components/schemas/S"}, version="3.1.1", components={"schemas": schemas}
    )
    api = Client(tree, server=PLACE, validate_with=backend)  # type: ignore[arg-type]
    with pytest.raises(RequestInvalid) as caught:
        api.op.prepare(body=value)
    assert [str(each) for each in caught.value.violations] == [line]


@pytest.mark.parametrize(("tree", "call", "line"), CALLS, ids=[row[2][:50] for row in CALLS])
def test_what_cannot_be_called(tree: Any, call: Callable[[Any], Any], line: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        call(Client(tree, server=PLACE))
    assert str(caught.value.violations[0]) == line


@pytest.mark.parametrize(("answer", "line"), RESPONSES, ids=[row[1][:50] for row in RESPONSES])
def test_what_is_wrong_with_a_response(serve: Any, answer: bytes, line: str) -> None:
    api = Client(LIMIT, server=serve(answer).url, validate={"response": "warn"}, retries=0)
    assert [str(each) for each in api.op.send().violations] == [line]


@pytest.mark.parametrize(("fails", "text"), ERRORS, ids=[row[1][:50] for row in ERRORS])
def test_errors_of_use(fails: Callable[[], Any], text: str) -> None:
    with pytest.raises(DynaclientError) as caught:
        fails()
    assert str(caught.value).replace(" AsyncClient(", " Client(") == text


@pytest.mark.parametrize(("answer", "text"), REPLIES, ids=[row[1][:50] for row in REPLIES])
def test_errors_of_a_call(serve: Any, answer: bytes, text: str) -> None:
    server = serve(answer)
    with pytest.raises(DynaclientError) as caught:
        Client(LIMIT, server=server.url, retries=0, max_body=1000).op()
    assert str(caught.value).replace(server.url, "URL") == text


def test_no_server() -> None:
    server = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(DynaclientError) as caught:
        Client(LIMIT, server=server, retries=0).op()
    assert str(caught.value) == (
        f"GET {server}/x: the connection was refused; nothing was sent. Check that the server runs, and server="
    )


@pytest.mark.parametrize(("tree", "line"), FINDINGS, ids=[row[1][:50] for row in FINDINGS])
def test_findings(tree: Any, line: str) -> None:
    found = lint(executor_of(Client(tree, server=PLACE)), examples=True)
    assert str(found[0]) == line


@pytest.mark.parametrize(
    ("answer", "fault", "lines"),
    [
        (
            json_reply(1),
            Fault("query", "limit", "", "type", 'expected an integer, got a string ("a")'),
            [
                "query limit: invalid request accepted: expected 4xx, got 200 "
                '(expected an integer, got a string ("a"))'
            ],
        ),
        (json_reply(1, 400), None, ["valid request rejected: got 400: 1"]),
        (json_reply(1, 503), None, ["server error 503: 1"]),
    ],
)
def test_what_a_contract_run_complains_of(serve: Any, answer: bytes, fault: Any, lines: list[str]) -> None:
    case = Case("op", fault=fault)
    response = case.send(Client(LIMIT, server=serve(answer).url, retries=0))
    assert [str(each) for found in complaints(case, response).values() for each in found] == lines


# -- words that are not used ---------------------------------------------------------------------------

UNUSED = re.compile(r"\b(due|of ours|of yours|anew|told)\b", re.IGNORECASE)


def texts(path: Path) -> list[str]:
    """Every text of a module that may have one: messages, docstrings, and what stands beside `{...}`."""
    text = path.read_text()
    tree = ast.parse(text if UNUSED.search(text) else "")
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_no_text_has_words_of_its_own() -> None:
    paths = sorted(Path(dynaclient.__file__).parent.rglob("*.py"))
    assert len(paths) > 300
    assert [(path, text) for path in paths for text in texts(path) if UNUSED.search(text)] == []


def test_there_are_60_kinds() -> None:
    assert len(SCHEMAS) + len(CALLS) + len(RESPONSES) + len(ERRORS) + len(REPLIES) + len(FINDINGS) >= 60
