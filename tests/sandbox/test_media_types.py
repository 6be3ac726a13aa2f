"""Every media type through the sandbox, both ways.

What is valid is accepted, and the response has its type; what is invalid is refused with the location. The
client sends and reads strictly, and finds nothing.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from dynaclient import Client
from dynaclient.sandbox import Sandbox
from tests.small import one, said

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
FILE = {"type": "string", "format": "binary"}
PERSON = {
    "type": "object",
    "required": ["age"],
    "properties": {"age": INTEGER, "tags": {"type": "array", "items": TEXT}},
}
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
HEADED = {"f": {"headers": {"X-Count": {"required": True, "schema": INTEGER}}}}
UPLOAD = {"type": "object", "required": ["f"], "properties": {"f": FILE, "age": INTEGER}}
LATIN = "text/plain; charset=iso-8859-1"


def counted(*value: Any) -> dict[str, Any]:
    return {"f": ("a.txt", b"a", None, dict(zip(["X-Count"], value, strict=False)))}


TABLE: list[tuple[str, dict[str, Any], Any, Any, str, type]] = [
    # media type, its Media Type Object, a right body, a wrong one, where the sandbox finds that, type of data
    ("application/json", {"schema": PERSON}, {"age": 5}, {"age": "x"}, "age", dict),
    ("application/json; charset=utf-8", {"schema": PERSON}, {"age": 5}, {}, "age", dict),
    ("application/merge-patch+json", {"schema": PERSON}, {"age": 5}, {"age": "x"}, "/age", dict),
    ("application/json-patch+json", {"schema": {"type": "array"}}, [{"op": "x"}], {}, "array", list),
    ("application/problem+json", {"schema": PERSON}, {"age": 5}, {"age": None}, "/age", dict),
    ("application/hal+json", {"schema": PERSON}, {"age": 5}, {}, "age", dict),
    ("application/vnd.x.v2+json; v=2", {"schema": PERSON}, {"age": 5}, {}, "age", dict),
    (FORM, {"schema": PERSON}, {"age": 5, "tags": ["a b", "é&="]}, {"age": "x"}, "integer", dict),
    (FORM, {"schema": PERSON, "encoding": {"tags": {"style": "pipeDelimited", "explode": False}}},
     {"age": 5, "tags": ["a b", "c"]}, {"tags": ["a", "b"]}, "age", dict),
    (FORM, {"schema": PERSON, "encoding": {"tags": {"contentType": "application/json"}}},
     {"age": 5, "tags": ["a", "b"]}, {"age": 5, "tags": ["a", 1]}, "/tags/1", dict),
    (MULTIPART, {"schema": PERSON}, {"age": 5, "tags": ["a", "é"]}, {"age": "x"}, "/age", bytes),
    (MULTIPART, {"schema": PERSON, "encoding": {"tags": {"contentType": "application/json"}}},
     {"age": 5, "tags": ["a"]}, {"age": 5, "tags": [1]}, "/tags", bytes),
    (MULTIPART, {"schema": UPLOAD}, {"f": io.BytesIO(bytes(range(256))), "age": 5}, {"age": 5}, "f", bytes),
    (MULTIPART, {"schema": UPLOAD}, {"f": ("é.png", b"\x89", "image/png")}, {"f": b"", "age": "x"}, "/age",
     bytes),
    (MULTIPART, {"schema": UPLOAD, "encoding": HEADED}, counted(5), counted("x"), "X-Count", bytes),
    (MULTIPART, {"schema": UPLOAD, "encoding": HEADED}, counted(5), counted(), "X-Count", bytes),
    (MULTIPART, {"schema": UPLOAD, "encoding": {"f": {"contentType": "image/png, image/jpeg"}}},
     {"f": ("a.jpg", b"J")}, {"f": ("a.jpg", b"G", "image/gif")}, "image/gif", bytes),
    ("application/octet-stream", {"schema": FILE}, b"\x00\xff", None, "", bytes),
    ("application/octet-stream", {}, Path(__file__), None, "", bytes),
    ("image/png", {}, b"\x89PNG", None, "", bytes),
    ("text/plain", {"schema": {"type": "string", "maxLength": 12}}, "é\n", "x" * 13, "", str),
    (LATIN, {"schema": {"type": "string", "pattern": "^[a-zé]+$"}}, "é", "1", "", str),
    ("text/plain", {"schema": INTEGER}, 5, "x", "integer", int),
    ("text/csv", {"schema": TEXT}, "a,b\r\n", None, "", str),
    ("application/xml", {"schema": PERSON}, "<a>é</a>", None, "", str),
    ("application/soap+xml", {}, "<a/>", None, "", str),
    ("application/x-ndjson", {"schema": PERSON}, [{"age": 1}, {"age": 2}], [{"age": 1}, {}], "/1", list),
    ("application/x-ndjson", {"schema": {"type": "array", "maxItems": 2, "items": PERSON}},
     [{"age": 1}], [{"age": 1}] * 3, "", list),
    ("application/x-ndjson", {"itemSchema": PERSON}, [{"age": 1}], [{"age": 1}, {}], "/1", list),
    ("application/jsonl", {"itemSchema": INTEGER}, [1, 2], [1, "x"], "/1", list),
    ("application/json-seq", {"itemSchema": PERSON}, [{"age": 1}], [{}], "/0", list),
    ("application/geo+json-seq", {"schema": PERSON}, [{"age": 1}], [{}], "/0", list),
    ("application/vnd.odd", {}, b"\x00", None, "", bytes),
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    ("kind", "described", "right", "wrong", "place", "data"),
    TABLE,
    ids=[f"{n}-{row[0]}" for n, row in enumerate(TABLE)],
)
def test_a_body_of_each_type_is_judged_and_answered(
    version: str, kind: str, described: dict[str, Any], right: Any, wrong: Any, place: str, data: type
) -> None:
    answers = {"200": {"description": "", "content": {kind: described}}}
    tree = one("post", content={kind: described}, answers=answers, version=version)
    if hasattr(right, "seek"):
        right.seek(0)
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url) as client:
        response = client.send("op", body=right)
        assert (response.status, sandbox.received[0].reasons, response.violations) == (200, (), ())
        assert response.headers["Content-Type"].partition(";")[0] == kind.partition(";")[0]
        assert type(response.data) is data
        if wrong is not None:
            with Client(tree, server=sandbox.url, validate={"request": "off"}) as unchecked:
                assert unchecked.send("op", body=wrong).status == 422
            assert place in sandbox.received[1].reasons[0]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    ("kind", "schema", "value", "right"),
    [
        ("application/x-ndjson", {"type": "array"}, [], True),
        ("application/x-ndjson", {"type": "array", "minItems": 1}, [], False),
        ("application/json-seq", PERSON, [], True),
        ("text/plain", TEXT, "", True),
        ("text/csv", {"type": "string", "minLength": 1}, "", False),
        (FORM, {"type": "object"}, {}, True),
        (FORM, PERSON, {}, False),
        (MULTIPART, {"type": "object"}, {}, True),
    ],
)
def test_no_bytes_are_a_body_where_the_client_sends_them_for_a_value(
    version: str, kind: str, schema: Any, value: Any, right: bool
) -> None:
    tree = one("post", content={kind: {"schema": schema}}, version=version)
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, validate={"request": "off"}) as client:
        assert client.send("op", body=value).status == (200 if right else 422)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_refusal_is_a_documented_problem(version: str) -> None:
    problem = {"type": "object", "properties": {"title": TEXT, "status": INTEGER}}
    answers = {"204": said(), "400": said(problem, "application/problem+json")}
    tree = one("post", body=PERSON, answers=answers, version=version)
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, validate={"request": "off"}) as client:
        response = client.send("op", body={"age": "x"})
        assert (response.status, response.violations) == (400, ())
        assert response.headers["Content-Type"] == "application/problem+json"
        assert "age" in response.data["title"]
        assert "age" in response.data["reasons"][0]


@pytest.mark.parametrize("schema", [None, TEXT, PERSON])
def test_xml_is_xml_whatever_its_schema_and_tells_why(schema: Any) -> None:
    described = {"application/xml": {} if schema is None else {"schema": schema}}
    answers = {status: {"description": "", "content": described} for status in ("200", "400")}
    tree = one("post", body=PERSON, answers=answers)
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, validate={"request": "off"}) as client:
        assert ElementTree.fromstring(client.call("op", body={"age": 1})).tag == "answer"
        refused = ElementTree.fromstring(client.send("op", body={"age": "<x>"}).data)
        assert ("<x>" in (refused.text or "")) is (schema is not PERSON)
        assert "<x>" in sandbox.received[1].reasons[0]
