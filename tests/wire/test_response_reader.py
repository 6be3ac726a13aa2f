"""Status, headers and bytes to data and violations."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from dynaclient import Client, Response, Violation
from dynaclient.wire.headers import Headers
from dynaclient.wire.request import Request
from dynaclient.wire.response_reader import Reading, ResponseReader
from tests.small import one, said

ANSWERS = {
    "200": said({"type": "object"}),
    "2XX": said({}, "text/plain"),
    "202": {
        "description": "",
        "content": {"application/json": {"schema": {}}, "text/*": {}, "image/png": {}},
    },
    "204": said(),
    "4xx": said({}, "application/problem+json"),
    "default": said({}),
}
OPERATION = Client(one(answers=ANSWERS)).operations["op"]
STRICT = Client(one(answers={"200": said({}), "206": said({}, "*/*")})).operations["op"]


def reading(status: int, content: bytes, content_type: str | None, operation: Any = OPERATION) -> Reading:
    headers = Headers([] if content_type is None else [("Content-Type", content_type)])
    return ResponseReader(operation).read(status, headers, content)


def found(of: Reading) -> list[tuple[str, str]]:
    return [(each.where, each.name) for each in of.violations]


KEYS = [
    (200, "200"),
    (201, "2XX"),
    (202, "202"),
    (400, "4XX"),
    (404, "4XX"),
    (500, "default"),
    (304, "default"),
]


@pytest.mark.parametrize(("status", "key"), KEYS)
def test_the_code_goes_before_its_range_and_that_before_default(status: int, key: str) -> None:
    answer = reading(status, b"", None).response
    assert answer is not None
    assert answer.status == key


JSON = "application/json"
ROWS: list[tuple[int, bytes, str | None, Any, list[tuple[str, str]]]] = [
    (200, b"{}", JSON, {}, []),
    (200, b"{}", "application/json;charset=utf-8", {}, []),
    (200, b"{}", "text/plain", {}, [("content-type", "text/plain")]),
    (200, b"hi", "text/plain", "hi", [("content-type", "text/plain")]),
    (200, b"{}", None, {}, [("content-type", "")]),
    (200, b"{}", "application/vnd.x+json", {}, [("content-type", "application/vnd.x+json")]),
    (200, b"<a/>", "application/xml", "<a/>", [("content-type", "application/xml")]),
    (200, b"\x89PNG", "image/png", b"\x89PNG", [("content-type", "image/png")]),
    (200, b"{", JSON, "{", [("body", "body")]),
    (200, b"\xff", JSON, b"\xff", [("body", "body")]),
    (200, b"", JSON, None, [("body", "body")]),
    (200, b"", None, None, [("body", "body")]),
    (200, b" ", JSON, " ", [("body", "body")]),
    (201, b"", "text/plain", "", []),
    (201, b"a", "text/plain", "a", []),
    (202, b"a", "text/csv", "a", []),
    (202, b"a", "image/png", b"a", []),
    (202, b"{}", JSON, {}, []),
    (202, b"", JSON, None, []),  # one of its types has no schema, and nothing may be one of it
    (204, b"", None, None, []),
    (204, b"{}", JSON, {}, []),
    (400, b"{}", "application/problem+json", {}, []),
    (400, b"{}", JSON, {}, [("content-type", "application/json")]),
    (500, b"", None, None, []),
    (302, b"", None, None, [("status", "302")]),
    (300, b"", None, None, []),
]


@pytest.mark.parametrize(("status", "content", "content_type", "data", "due"), ROWS)
def test_read(status: int, content: bytes, content_type: str | None, data: Any, due: Any) -> None:
    of = reading(status, content, content_type)
    assert of.data == data
    assert type(of.data) is type(data)
    assert found(of) == due


FILE = {"type": "string", "format": "binary"}
EMPTY: list[tuple[str, str, Any, int]] = [
    ("application/octet-stream", "application/octet-stream", b"", 0),
    ("application/octet-stream", "Application/Octet-Stream; x=1", b"", 0),
    ("image/png", "image/png", b"", 0),
    ("application/vnd.odd", "application/vnd.odd", b"", 0),
    ("text/csv", "text/csv; charset=utf-8", "", 0),
    ("application/x-ndjson", "application/x-ndjson", [], 0),
    ("text/plain", "text/plain", "", 0),
    ("application/octet-stream", "", None, 1),
    ("application/octet-stream", "text/html", None, 1),
    ("image/*", "image/png", None, 1),
    ("*/*", "application/octet-stream", None, 1),
    ("application/json", "application/json", None, 1),
    ("application/problem+json", "application/problem+json", None, 1),
    ("application/xml", "application/xml", None, 1),
    ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", None, 1),
    ("multipart/form-data", "multipart/form-data; boundary=x", None, 1),
]


@pytest.mark.parametrize(("documented", "content_type", "data", "violations"), EMPTY)
def test_an_empty_file_is_a_value_where_the_document_names_its_type(
    documented: str, content_type: str, data: Any, violations: int
) -> None:
    operation = Client(one(answers={"200": said(FILE, documented)})).operations["op"]
    of = reading(200, b"", content_type or None, operation)
    assert (of.data, type(of.data), len(of.violations)) == (data, type(data), violations)


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_that_has_no_body_has_no_empty_file(status: int) -> None:
    kind = "application/octet-stream"
    operation = Client(one(answers={str(status): said(FILE, kind)})).operations["op"]
    assert (reading(status, b"", kind, operation).data, found(reading(status, b"", kind, operation))) == (
        None,
        [],
    )


UNLISTED = [(201, True), (204, True), (304, True), (302, True), (400, False), (500, False), (599, False)]


@pytest.mark.parametrize(("status", "violation"), UNLISTED)
def test_an_unlisted_status_below_400_is_a_violation(status: int, violation: bool) -> None:
    of = reading(status, b"", None, STRICT)
    assert found(of) == ([("status", str(status))] if violation else [])
    if violation:
        assert "200, 206" in of.violations[0].message
        assert of.violations[0].schema_pointer == "/paths/~1x/get"


def test_an_unlisted_answer_is_decoded_by_what_it_says_it_is() -> None:
    assert reading(404, b'{"a":1}', JSON, STRICT).data == {"a": 1}
    assert reading(404, b"<p>", "text/html", STRICT).data == "<p>"
    assert reading(404, b"\x00", None, STRICT).data == b"\x00"


def test_a_wildcard_takes_any_type() -> None:
    assert found(reading(206, b"\x00", "video/mp4", STRICT)) == []
    assert reading(206, b"\x00", "video/mp4", STRICT).data == b"\x00"
    assert reading(206, b"\x00", None, STRICT).data == b"\x00"


def test_the_answer_to_head_has_no_body() -> None:
    head = Client(one("head", answers={"200": said({"type": "object"})})).operations["op"]
    of = reading(200, b"", JSON, head)
    assert (of.data, found(of)) == (None, [])


def response(**more: Any) -> Response:
    request = Request("GET", "http://u:p@h/x?key=s3cr3t")
    members = {"status": 200, "headers": Headers(), "data": {}, "content": b"{}", "elapsed": 0.1}
    return Response(**{**members, "url": "http://u:p@h/x?key=s3cr3t", "request": request, **more})


def test_response() -> None:
    assert repr(response()) == "<Response 200 GET http://h/x, 2 bytes>"
    broken = response(violations=(Violation("body", "body", "", "m"),) * 2)
    assert repr(broken) == "<Response 200 GET http://h/x, 2 bytes, 2 violations>"
    assert [response(status=status).ok for status in (200, 302, 399, 400, 500)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        response().status = 5  # type: ignore[misc]
