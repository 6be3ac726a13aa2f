"""Responses that do not match the document: strict raises with all of it, warn logs, off gives the data."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from dynaclient import ApiError, Client, ResponseInvalid
from tests.conftest import Serve
from tests.servers import reply
from tests.small import JSON, json_reply, one, param, said

ITEM = {
    "type": "object",
    "required": ["sku"],
    "properties": {"sku": {"type": "string"}, "price": {"type": "number", "minimum": 0}},
}
THING = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "nullable": True},
        "state": {"enum": ["open", "closed"]},
        "created": {"type": "string", "format": "date-time"},
        "secret": {"type": "string", "writeOnly": True},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
    },
}
ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
RATE = {"X-Rate": {"required": True, "schema": {"type": "integer", "minimum": 0}}}
DOCUMENT = one(
    "get",
    "/things/{id}",
    param("id", "path", {"type": "integer"}),
    answers={
        "200": said(THING),
        "201": {"description": "", "headers": RATE, "content": {"application/json": {"schema": THING}}},
        "202": {"description": "", "content": {"text/plain": {"schema": {"type": "string", "maxLength": 3}}}},
        "203": {"description": "", "content": {"application/octet-stream": {}}},
        "204": said(),
        "400": said(ERROR),
    },
    components={"schemas": {"Item": ITEM}},
)
Found = list[tuple[str, str, str]]
HTML = [("Content-Type", "text/html; charset=utf-8")]
TEXT = [("Content-Type", "text/plain")]
RIGHT = {"id": 1}


def body(*pointers: str) -> Found:
    return [("body", "body", pointer) for pointer in pointers]


def typed(name: str, violations: Found = []) -> Found:  # noqa: B006
    return [("content-type", name, ""), *violations]


def thing(**more: Any) -> bytes:
    return json_reply({**RIGHT, **more})


def rate(*value: str) -> bytes:
    return reply(201, b'{"id":1}', [*JSON, *(("X-Rate", each) for each in value)])


Row = tuple[str, bytes, Found, Any]
ROWS: list[Row] = [
    ("wrong type", json_reply([]), body(""), []),
    ("null", json_reply(None), body(""), None),
    ("missing required", json_reply({}), body(""), {}),
    ("wrong property", json_reply({"id": "1"}), body("/id"), {"id": "1"}),
    ("enum", thing(state="gone"), body("/state"), {"id": 1, "state": "gone"}),
    ("date-time", thing(created="today"), body("/created"), {"id": 1, "created": "today"}),
    ("writeOnly", thing(secret="x"), body("/secret"), {"id": 1, "secret": "x"}),
    ("null in depth", thing(items=[None]), body("/items/0"), {"id": 1, "items": [None]}),
    (
        "type in depth",
        thing(items=[{"sku": "a"}, {"sku": 5, "price": -1}]),
        body("/items/1/sku", "/items/1/price"),
        {"id": 1, "items": [{"sku": "a"}, {"sku": 5, "price": -1}]},
    ),
    ("missing in depth", thing(items=[{}]), body("/items/0"), {"id": 1, "items": [{}]}),
    ("HTML with 200", reply(200, b"<p>hi</p>", HTML), typed("text/html"), "<p>hi</p>"),
    ("JSON called HTML", reply(200, b'{"id":1}', HTML), typed("text/html"), RIGHT),
    ("wrong JSON called HTML", reply(200, b"[]", HTML), typed("text/html", body("")), []),
    ("JSON called nothing", reply(200, b'{"id":1}'), typed(""), RIGHT),
    ("bytes called nothing", reply(200, b"\xff\x00"), typed("", body("")), b"\xff\x00"),
    (
        "a type that is no type",
        reply(200, b'{"id":1}', [("Content-Type", "json")]),
        typed("json"),
        RIGHT,
    ),
    ("empty", reply(200, b"", JSON), body(""), None),
    ("empty without a type", reply(200), body(""), None),
    ("blanks", reply(200, b"  \n", JSON), body(""), "  \n"),
    ("invalid UTF-8", reply(200, b'{"id":"\xff"}', JSON), body(""), b'{"id":"\xff"}'),
    ("truncated", reply(200, b'{"id":1', JSON), body(""), '{"id":1'),
    ("two values", reply(200, b'{"id":1} {}', JSON), body(""), '{"id":1} {}'),
    ("NaN", reply(200, b'{"id":NaN}', JSON), body(""), '{"id":NaN}'),
    ("infinite", reply(200, b'{"id":1e999}', JSON), body("/id"), {"id": float("inf")}),
    ("a number of 5,000 digits", reply(200, b"1" * 5000, JSON), body(""), "1" * 5000),
    ("nested 100,000 deep", reply(200, b"[" * 100_000, JSON), body(""), "[" * 100_000),
    ("header missing", rate(), [("header", "X-Rate", "")], RIGHT),
    ("header type", rate("many"), [("header", "X-Rate", "")], RIGHT),
    ("header bound", rate("-1"), [("header", "X-Rate", "")], RIGHT),
    ("header twice", rate("1", "2"), [("header", "X-Rate", "")], RIGHT),
    ("text too long", reply(202, b"abcd", TEXT), body(""), "abcd"),
    ("text in no charset", reply(202, b"a", [("Content-Type", "text/plain; charset=x")]), body(""), "a"),
    ("text in another charset", reply(202, b"\xe9", TEXT), body(""), b"\xe9"),
    ("unlisted status", json_reply({"id": 1}, 207), [("status", "207", "")], RIGHT),
    ("unlisted 304", reply(304), [("status", "304", "")], None),
]
IDS = [row[0].replace(" ", "-") for row in ROWS]


@pytest.fixture(params=["rust", "python"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.param


def client(url: str, mode: Any, backend: Any = "auto") -> Client:
    return Client(DOCUMENT, server=url, validate={"response": mode}, validate_with=backend)


def found(violations: Any) -> Found:
    return sorted((each.where, each.name, each.pointer) for each in violations)


@pytest.mark.parametrize(("name", "answer", "due", "data"), ROWS, ids=IDS)
def test_strict_raises_with_the_whole_answer(
    name: str, answer: bytes, due: Found, data: Any, backend: Any, serve: Serve
) -> None:
    api = client(serve(answer).url, "strict", backend)
    for ask in (api.call, api.send):
        with pytest.raises(ResponseInvalid) as caught:
            ask("op", id=1)
        response = caught.value.response
        assert response is not None
        assert found(caught.value.violations) == found(response.violations) == sorted(due)
        assert all(str(each) in str(caught.value) for each in caught.value.violations)
        assert (response.data, response.status) == (data, int(answer[9:12]))
        assert response.content == answer.partition(b"\r\n\r\n")[2]
        assert response.request.method == "GET"


@pytest.mark.parametrize(("name", "answer", "due", "data"), ROWS, ids=IDS)
def test_warn_gives_the_answer_with_its_violations(
    name: str, answer: bytes, due: Found, data: Any, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    api = client(serve(answer).url, "warn")
    response = api.send("op", id=1)
    assert found(response.violations) == sorted(due)
    assert response.data == data
    logged = [record for record in caplog.records if record.name == "dynaclient"]
    assert [record.levelno for record in logged] == [logging.WARNING] * len(due)
    assert all(str(each) in caplog.text for each in response.violations)
    assert api.call("op", id=1) == data


@pytest.mark.parametrize(("name", "answer", "due", "data"), ROWS, ids=IDS)
def test_off_gives_the_data(name: str, answer: bytes, due: Found, data: Any, serve: Serve) -> None:
    api = client(serve(answer).url, "off")
    assert api.call("op", id=1) == data
    assert api.send("op", id=1).violations == ()


@pytest.mark.parametrize("mode", ["strict", "warn", "off"])
@pytest.mark.parametrize("status", [205, 206, 299])
def test_an_unlisted_success_without_a_body_is_none(mode: str, status: int, serve: Serve) -> None:
    """A success that says nothing can break nothing: the call did what it was asked for."""
    api = client(serve(reply(status)).url, mode)
    assert api.call("op", id=1) is None
    due = [] if mode == "off" else [("status", str(status), "")]
    assert found(api.send("op", id=1).violations) == due


@pytest.mark.parametrize("mode", ["strict", "warn", "off"])
def test_204_where_only_200_is_listed(mode: Any, serve: Serve) -> None:
    api = Client(one(answer=THING), server=serve(reply(204)).url, validate=mode)
    assert api.call("op") is None
    response = api.send("op")
    assert (response.status, response.data, response.ok) == (204, None, True)
    assert found(response.violations) == ([] if mode == "off" else [("status", "204", "")])


def test_a_listed_204_breaks_nothing(serve: Serve) -> None:
    assert client(serve(reply(204)).url, "strict").send("op", id=1).violations == ()


ERRORS: list[tuple[str, bytes, Found, Any]] = [
    ("right", json_reply({"message": "no"}, 400), [], {"message": "no"}),
    ("breaks its own schema", json_reply({"error": 5}, 400), body(""), {"error": 5}),
    ("HTML", reply(400, b"<p>", HTML), typed("text/html"), "<p>"),
    ("no JSON", reply(400, b"{", JSON), body(""), "{"),
    ("empty", reply(400, b"", JSON), body(""), None),
    ("unlisted 500", reply(500, b"<p>", HTML), [], "<p>"),
    ("unlisted 404", json_reply({"a": 1}, 404), [], {"a": 1}),
    ("unlisted 599 empty", reply(599), [], None),
]


@pytest.mark.parametrize("mode", ["strict", "warn", "off"])
@pytest.mark.parametrize(("name", "answer", "due", "data"), ERRORS, ids=[row[0] for row in ERRORS])
def test_an_error_is_an_error_whatever_its_body(
    name: str, answer: bytes, due: Found, data: Any, mode: str, serve: Serve
) -> None:
    api = client(serve(answer).url, mode)
    with pytest.raises(ApiError) as caught:
        api.call("op", id=1)
    assert (caught.value.status, caught.value.data) == (int(answer[9:12]), data)
    response = api.send("op", id=1)
    assert not response.ok
    assert response.data == data
    assert found(response.violations) == ([] if mode == "off" else sorted(due))


@pytest.mark.parametrize(
    ("content", "data"),
    [
        (b'{"id": 1, "more": [true, null, 1.5, "\\u00e9"]}', {"id": 1, "more": [True, None, 1.5, "é"]}),
        ('{"id": 1, "name": "é"}'.encode("utf-16"), {"id": 1, "name": "é"}),
        (b'\xef\xbb\xbf{"id": 1}', {"id": 1}),
        (b'{"id": 1.0, "name": null}', {"id": 1.0, "name": None}),
        (b'{"id": 1, "name": "cut \\ud83d"}', {"id": 1, "name": "cut �"}),
        (b'{"id": 1, "name": "\\ud83d\\ude00 \\\\ud83d"}', {"id": 1, "name": "😀 \\ud83d"}),
        (b'{"id": 2, "id": 1}', {"id": 1}),
        (json.dumps({"id": 10**30}).encode(), {"id": 10**30}),
    ],
)
@pytest.mark.parametrize("name", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_right_answers_pass(content: bytes, data: Any, name: str, backend: Any, serve: Serve) -> None:
    api = client(serve(reply(200, content, [("Content-Type", name)])).url, "strict", backend)
    response = api.send("op", id=1)
    assert (response.data, response.violations) == (data, ())


def test_bytes_of_an_unknown_type_pass(serve: Serve) -> None:
    octets = [("Content-Type", "application/octet-stream")]
    api = client(serve(reply(203, b"\xff\x00", octets)).url, "strict")
    assert api.call("op", id=1) == b"\xff\x00"
