"""What a call puts on the wire, byte for byte.

The official clients were recorded; where they are right, this one does the same.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from email import message_from_bytes
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from dynaclient import Client, RequestInvalid
from tests.conftest import Serve
from tests.servers import Recorded
from tests.small import document, json_reply, one, param

ODD = "a/b c+é%?#&=~:@;,$!*'()[]\"<>|^`\\{}"
RAW = "a%2Fb%20c%2B%C3%A9%25%3F%23%26%3D~%3A%40%3B%2C%24%21%2A%27%28%29%5B%5D%22%3C%3E%7C%5E%60%5C%7B%7D"
EAST = dt.timezone(dt.timedelta(hours=2))
KEYS = {"key": {"type": "apiKey", "in": "header", "name": "Authorization"}}


def sent(serve: Serve, tree: Any, *arguments: Any, settings: Any = None, **names: Any) -> Recorded:
    """What arrives when the operation `op` of `tree` is called."""
    server = serve(json_reply({}))
    answers = {"validate": {"response": "off"}, **(settings or {})}
    with Client(tree, server=server.url, **answers) as client:
        client.call("op", *arguments, **names)
    assert len(server.requests) == 1
    return server.requests[0]


# -- path and query ----------------------------------------------------------------------------------

PATHS = [
    (ODD, RAW),
    ("a/b c+é", "a%2Fb%20c%2B%C3%A9"),
    ("...", "..."),
    ("a..", "a.."),
    ("%2e%2e", "%252e%252e"),
    ("~_-.", "~_-."),
    ("\u20ac😀", "%E2%82%AC%F0%9F%98%80"),
    (" ", "%20"),
    (12, "12"),
    (4.5, "4.5"),
    (True, "true"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (dt.date(2024, 2, 29), "2024-02-29"),
]


@pytest.mark.parametrize(("value", "raw"), PATHS, ids=[raw for _, raw in PATHS])
def test_path_value(value: Any, raw: str, serve: Serve) -> None:
    tree = one("get", "/v2/sessions/{id}/end", param("id", "path", {}))
    assert sent(serve, tree, id=value).target == f"/v2/sessions/{raw}/end"


QUERIES = [
    ("boolean", {"type": "boolean"}, {}, True, "p=true"),
    ("false", {"type": "boolean"}, {}, False, "p=false"),
    ("None", {"type": "string"}, {}, None, ""),
    ("empty text", {"type": "string"}, {}, "", "p="),
    ("integer", {"type": "integer"}, {}, 10, "p=10"),
    ("zero", {"type": "integer"}, {}, 0, "p=0"),
    ("float", {"type": "number"}, {}, 4.5, "p=4.5"),
    ("Decimal", {"type": "number"}, {}, Decimal("4.50"), "p=4.5"),
    ("text", {"type": "string"}, {}, ODD, f"p={RAW}"),
    ("slash", {"type": "string"}, {}, "b/1", "p=b%2F1"),
    ("space", {"type": "string"}, {}, "a b", "p=a%20b"),
    ("array", {"type": "array"}, {}, ["x", "y z", "q,r&s"], "p=x&p=y%20z&p=q%2Cr%26s"),
    ("tuple", {"type": "array"}, {}, ("x", 1), "p=x&p=1"),
    (
        "array in one",
        {"type": "array"},
        {"explode": False},
        ["1", "2,3", " 4/é+"],
        "p=1,2%2C3,%204%2F%C3%A9%2B",
    ),
    ("empty array", {"type": "array"}, {}, [], ""),
    ("empty array in one", {"type": "array"}, {"explode": False}, [], ""),
    (
        "date-time",
        {"type": "string"},
        {},
        dt.datetime(2024, 2, 29, 12, tzinfo=EAST),
        "p=2024-02-29T12%3A00%3A00%2B02%3A00",
    ),
    (
        "UTC",
        {"type": "string"},
        {},
        dt.datetime(2024, 2, 29, 12, tzinfo=dt.timezone.utc),
        "p=2024-02-29T12%3A00%3A00Z",
    ),
    (
        "microseconds",
        {"type": "string"},
        {},
        dt.datetime(2024, 2, 29, 12, 0, 0, 120000, dt.timezone.utc),
        "p=2024-02-29T12%3A00%3A00.120000Z",
    ),
    ("date", {"type": "string"}, {}, dt.date(2024, 2, 29), "p=2024-02-29"),
]


@pytest.mark.parametrize(
    ("name", "schema", "more", "value", "query"), QUERIES, ids=[row[0].replace(" ", "-") for row in QUERIES]
)
def test_query_value(name: str, schema: Any, more: Any, value: Any, query: str, serve: Serve) -> None:
    request = sent(serve, one("get", "/x", param("p", "query", schema, **more)), p=value)
    assert request.target == ("/x?" + query if query else "/x")  # and no lone question mark


def test_queries_stand_in_document_order(serve: Serve) -> None:
    tree = one("get", "/x", *(param(name) for name in "dbca"))
    assert sent(serve, tree, {"a": "1"}, b="2", c="3", d="4").target == "/x?d=4&b=2&c=3&a=1"


def test_extra_query_comes_after_and_is_encoded_alike(serve: Serve) -> None:
    options = {"query": {"more": ODD, "list": [1, 2], "none": None, "flag": True}}
    target = sent(serve, one("get", "/x", param("a")), a="1", options=options).target
    assert target == f"/x?a=1&more={RAW}&list=1&list=2&flag=true"


SERVERS = [
    ("", "/v1/x"),
    ("/", "/v1/x"),
    ("//", "/v1/x"),
    ("/base", "/base/v1/x"),
    ("/base/", "/base/v1/x"),
    ("/a%20b", "/a%20b/v1/x"),
]


@pytest.mark.parametrize(("path", "target"), SERVERS)
def test_the_server_is_joined_once(path: str, target: str, serve: Serve) -> None:
    server = serve(json_reply({}))
    with Client(one("get", "/v1/x"), server=server.url + path) as client:
        client.call("op")
    assert server.requests[0].target == target


# -- bodies ------------------------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"


BODIES: list[tuple[Any, Any]] = [
    ({"a": None, "b": [], "c": {}}, {"a": None, "b": [], "c": {}}),
    ({"a": 10.0, "b": 2**60, "c": 0.1}, {"a": 10.0, "b": 2**60, "c": 0.1}),
    ({"z": 1, "a": 2}, {"z": 1, "a": 2}),
    ({"é": "€😀"}, {"é": "€😀"}),
    (
        {
            "a": dt.datetime(2020, 11, 10, 23, tzinfo=dt.timezone.utc),
            "b": dt.datetime(2020, 1, 1, tzinfo=EAST),
        },
        {"a": "2020-11-10T23:00:00Z", "b": "2020-01-01T00:00:00+02:00"},
    ),
    ({"a": (1, 2), "b": UUID(int=1), "c": Colour.RED}, {"a": [1, 2], "b": str(UUID(int=1)), "c": "red"}),
    ({"a": Decimal("1.5"), "b": Decimal("2")}, {"a": 1.5, "b": 2}),
    ([], []),
    ("text", "text"),
    (0, 0),
    (False, False),
]


@pytest.mark.parametrize(("given", "due"), BODIES, ids=[str(row[1]) for row in BODIES])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_json_body(given: Any, due: Any, method: str, serve: Serve) -> None:
    request = sent(serve, one(method, "/x", body={}), body=given)
    assert request.method == method.upper()
    assert json.loads(request.body) == due
    assert repr(json.loads(request.body)) == repr(due)  # 10.0 stays 10.0, and the caller's order stands
    assert request.all("Content-Type") == ["application/json"]
    assert request.all("Content-Length") == [str(len(request.body))]
    assert request.all("Transfer-Encoding") == []


def test_unknown_properties_are_sent_and_defaults_are_not(serve: Serve) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "default": "x"}}}
    tree = one("post", "/x", param("p", "query", {"type": "string", "default": "d"}), body=schema)
    request = sent(serve, tree, body={"unknown": 1})
    assert (request.target, json.loads(request.body)) == ("/x", {"unknown": 1})


@pytest.mark.parametrize("method", ["get", "delete", "head", "options", "put", "post", "patch"])
def test_no_body(method: str, serve: Serve) -> None:
    request = sent(serve, one(method, "/x"))
    assert request.body == b""
    assert request.all("Content-Type") == []
    assert request.all("Content-Length") == (["0"] if method in ("put", "post", "patch") else [])


def test_an_optional_body_left_out(serve: Serve) -> None:
    for given in ({}, {"body": None}):
        request = sent(serve, one("post", "/x", body={"type": "object"}, required=False), **given)
        assert (request.body, request.all("Content-Length"), request.all("Content-Type")) == (b"", ["0"], [])


def test_multipart_as_the_official_client_sends_it(serve: Serve) -> None:
    schema = {"type": "object", "properties": {"upFile": {"type": "string", "format": "binary"}}}
    content = {"multipart/form-data": {"schema": schema}}
    tree = one("post", "/import", param("skipDuplicates", "query", {"type": "boolean"}), content=content)
    codes = io.BytesIO("codé\n".encode())
    codes.name = '/tmp/"é".csv'
    request = sent(serve, tree, {"skipDuplicates": True}, body={"upFile": codes})
    kind = request.header("Content-Type") or ""
    assert request.target == "/import?skipDuplicates=true"
    assert kind.startswith("multipart/form-data; boundary=")
    assert 'name="upFile"; filename="%22é%22.csv"\r\nContent-Type: text/csv\r\n\r\n'.encode() in request.body
    parsed = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    assert [part.get_payload(decode=True) for part in parsed.get_payload()] == ["codé\n".encode()]

    bare = sent(serve, tree, body={"upFile": b"a,b"})
    assert (
        b'name="upFile"; filename="upFile"\r\nContent-Type: application/octet-stream\r\n\r\na,b\r\n'
        in bare.body
    )


# -- headers -----------------------------------------------------------------------------------------

ACCEPTS = [
    ({"200": ["application/json"]}, "application/json"),
    ({"200": ["application/csv"]}, "application/csv"),
    ({"200": ["application/json"], "400": ["a/b+json"]}, "application/json, a/b+json"),
    ({"200": ["application/json"], "400": ["application/json"]}, "application/json"),
    ({"204": []}, "*/*"),
]  # fmt: skip


@pytest.mark.parametrize(("types", "accept"), ACCEPTS, ids=[row[1] for row in ACCEPTS])
def test_accept_is_what_the_operation_answers_with(types: Any, accept: str, serve: Serve) -> None:
    answers = {
        status: {"description": "", "content": {name: {} for name in names}}
        for status, names in types.items()
    }
    assert sent(serve, one(answers=answers)).all("Accept") == [accept]


def test_every_request_says_who_asks(serve: Serve) -> None:
    request = sent(serve, one())
    assert (request.header("User-Agent") or "").startswith("dynaclient/")
    assert request.all("Host") == [f"127.0.0.1:{(request.header('Host') or '').rpartition(':')[2]}"]
    assert request.head[0] == "GET /x HTTP/1.1"


CREDENTIALS: list[tuple[Any, list[str]]] = [
    ("ApiKey-v1 s3cr3t", ["ApiKey-v1 s3cr3t"]),
    (("ApiKey-v1", "s3cr3t"), ["ApiKey-v1 s3cr3t"]),
    (("ApiKey-v1 ", "s3cr3t"), ["ApiKey-v1 s3cr3t"]),
    ("s3cr3t", ["s3cr3t"]),
    ("", []),
    (None, []),
]


@pytest.mark.parametrize(("credential", "due"), CREDENTIALS, ids=repr)
def test_api_key(credential: Any, due: list[str], serve: Serve) -> None:
    tree = one(components={"securitySchemes": KEYS}, security=[{"key": []}])
    settings = {"credentials": {} if credential is None else {"key": credential}}
    assert sent(serve, tree, settings=settings).all("Authorization") == due


def test_the_user_picks_the_scheme(serve: Serve) -> None:
    """Management calls take either key; the official client has one slot for both."""
    schemes = {"manager_auth": {**KEYS["key"]}, "management_key": {**KEYS["key"]}}
    tree = one(
        components={"securitySchemes": schemes}, security=[{"management_key": []}, {"manager_auth": []}]
    )
    for name, value in (("manager_auth", "Bearer t"), ("management_key", "ManagementKey-v1 k")):
        request = sent(serve, tree, settings={"credentials": {name: value}})
        assert request.all("Authorization") == [value]


def test_extra_headers_are_sent_as_given_and_go_first(serve: Serve) -> None:
    tree = one(components={"securitySchemes": KEYS}, security=[{"key": []}])
    extra = {"X-More": "é, b", "x-none": None, "accept": "text/csv", "authorization": "mine", "X-Number": "5"}
    request = sent(serve, tree, settings={"credentials": {"key": "theirs"}}, options={"headers": extra})
    assert request.all("Accept") == ["text/csv"]
    assert request.all("Authorization") == ["mine"]
    assert request.all("X-More") == ["é, b"]
    assert (request.all("X-Number"), request.all("X-None")) == (["5"], [])


def test_header_and_cookie_parameters(serve: Serve) -> None:
    tree = one(
        "get",
        "/x",
        param("X-List", "header", {"type": "array", "items": {"type": "string"}}),
        param("X-Flag", "header", {"type": "boolean"}),
        param("theme", "cookie"),
        param("count", "cookie", {"type": "integer"}),
    )
    given = {"X-List": ["a", "b c"], "X-Flag": True, "theme": "a b;c", "count": 3}
    request = sent(serve, tree, given)
    assert (request.all("X-List"), request.all("X-Flag")) == (["a,b c"], ["true"])
    assert request.all("Cookie") == ["theme=a%20b%3Bc; count=3"]


def test_one_connection_is_kept(serve: Serve) -> None:
    server = serve(json_reply({}))
    with Client(one(), server=server.url) as client:
        for _ in range(3):
            client.call("op")
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_key_with_a_line_break_is_refused(serve: Serve) -> None:
    server = serve(json_reply({}))
    tree = one(components={"securitySchemes": KEYS}, security=[{"key": []}])
    with pytest.raises(RequestInvalid):
        Client(tree, server=server.url, credentials={"key": "a\r\nX: b"}).call("op")
    assert server.connections == 0


def test_methods_of_one_path(serve: Serve) -> None:
    server = serve(json_reply({}))
    methods = ["get", "put", "post", "delete", "options", "patch", "trace"]
    answers = {"responses": {"200": {"description": ""}}}
    client = Client(document({"/x": dict.fromkeys(methods, answers)}), server=server.url)
    for method in methods:
        client.call(f"{method.upper()} /x")
    assert [request.method for request in server.requests] == [method.upper() for method in methods]
    client.close()


@pytest.mark.parametrize("method", ["LOCK", "lock", "Search", "m-search", "get", "pOST"])
def test_an_additional_method_goes_out_as_it_is_written(method: str, serve: Serve) -> None:
    server = serve(json_reply({}))
    operation = {"operationId": "op", "responses": {"200": {"description": ""}}}
    tree = document({"/x": {"additionalOperations": {method: operation}}}, "3.2.0")
    with Client(tree, server=server.url) as client:
        client.call("op")
    assert [request.method for request in server.requests] == [method]
    assert server.requests[0].all("Content-Length") == []  # nobody knows that it has a body
