"""Every known bug of openapi-core: it has it, and the reader of the sandbox has not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.client import executor_of
from dynaclient.sandbox import validation as judging
from dynaclient.sandbox.openapi_core_bugs import KNOWN_BUGS
from dynaclient.sandbox.validation import Judge, Verdict
from dynaclient.wire.request_reader import Incoming
from dynaclient.wire.routes import RouteMatch, Routes
from tests.sandbox.documents import JSON, body, document, operation, parameter

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
NUMBERS = {"type": "array", "items": INTEGER}
COLOUR = {"type": "object", "properties": {"R": INTEGER, "G": INTEGER}}
FORM = "application/x-www-form-urlencoded"


@dataclass
class Case:
    """A right and a wrong request to one operation. openapi-core errs on those in `errs`."""

    row: str
    right: Any
    wrong: Any
    parameters: tuple[Any, ...] = ()
    body: Any = None
    path: str = "/x"
    version: str = "3.0.3"
    schemas: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = JSON
    header: str = ""
    errs: tuple[str, ...] = ("right",)

    @property
    def client(self) -> Client:
        details: dict[str, Any] = {"parameters": list(self.parameters)}
        if self.body is not None:
            details["requestBody"] = self.body
        item = {"post": operation(**details)}
        return Client(document({self.path: item}, version=self.version, schemas=self.schemas))

    def request(self, sent: Any) -> Incoming:
        if self.header:
            return Incoming("POST", "/x", ((self.header, sent),), b"")
        if self.body is None:
            return Incoming("POST", sent, (), b"")
        content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        return Incoming("POST", "/x", (("Content-Type", self.media_type),), content)


def in_path(
    row: str,
    style: str,
    right: str,
    wrong: str,
    schema: Any = NUMBERS,
    explode: bool = False,
    errs: tuple[str, ...] = ("right",),
) -> Case:
    described = parameter("c", "path", schema, style=style, explode=explode)
    return Case(row, f"/x/{right}", f"/x/{wrong}", (described,), path="/x/{c}", errs=errs)


def in_query(row: str, right: str, wrong: str, schema: Any, **rest: Any) -> Case:
    version, errs = rest.pop("version", "3.0.3"), rest.pop("errs", ("right",))
    described = (parameter("c", "query", schema, **rest),)
    return Case(row, f"/x?{right}", f"/x?{wrong}", described, version=version, errs=errs)


def in_json(row: str, schema: Any, right: Any, wrong: Any, **rest: Any) -> Case:
    return Case(row, right, wrong, body=body(schema), **rest)


def in_body(row: str, media_type: str, schema: Any, right: bytes, wrong: bytes, sent: str = "") -> Case:
    described = body(schema, media_type)
    return Case(row, right, wrong, body=described, media_type=sent or media_type)


def part(value: str) -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="n"\r\n\r\n{value}\r\n--B--\r\n'.encode()


CAT = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT, "age": INTEGER}}
NAMED = {"type": "object", "required": ["id", "name"], "properties": {"id": {"readOnly": True}, "name": TEXT}}

CASES = [
    in_query(
        "collection formats of Swagger 2.0",
        "c=1%092",
        "c=1%09x",
        NUMBERS,
        explode=False,
        **{"x-collectionFormats": ["tsv"]},
    ),
    in_body("an empty body", "text/plain", {"type": "string", "maxLength": 2}, b"", b"long"),
    in_path("label parameters", "label", ".1,2", ".1,b"),
    in_path("matrix parameters", "matrix", ";c=1;c=2", ";c=1;c=b", explode=True),
    in_query(
        "spaceDelimited parameters", "c=1%202", "c=1%20b", NUMBERS, style="spaceDelimited", explode=False
    ),
    in_query("pipeDelimited parameters", "c=1&c=2", "c=1&c=b", NUMBERS, style="pipeDelimited", explode=True),
    in_query("pipeDelimited parameters", "c=1", "c=b", INTEGER, style="pipeDelimited", explode=False),
    Case("exploded objects", "/x?R=1&G=2", "/x?R=b", (parameter("c", "query", COLOUR, required=True),)),
    Case(
        "style cookie",
        "c=1",
        "c=b",
        (parameter("c", "cookie", INTEGER, style="cookie"),),
        version="3.2.0",
        header="Cookie",
    ),
    Case(
        "querystring parameters",
        "/x?R=1",
        "/x?R=b",
        ({"name": "q", "in": "querystring", "content": {FORM: {"schema": COLOUR}}},),
        version="3.2.0",
    ),
    in_query(
        "deepObject parameters",
        "c%5Ba%5D%5BR%5D=1",
        "c%5Ba%5D%5BR%5D=b",
        {"type": "object", "properties": {"a": COLOUR}},
        style="deepObject",
        explode=True,
    ),
    in_query("deepObject parameters", "c%5B%5D=1", "c%5B%5D=b", NUMBERS, style="deepObject", explode=True),
    in_query(
        "deepObject parameters",
        "c%5BR%5D=1",
        "c=text",
        COLOUR,
        style="deepObject",
        explode=True,
        errs=("wrong",),
    ),
    in_query(
        "an encoded delimiter",
        "c=a%2Cb,c",
        "c=a%2Cb,d",
        {"type": "array", "items": {"enum": ["a,b", "c"], "type": "string"}},
        explode=False,
    ),
    in_path("an object that is not made of pairs", "simple", "R,1", "text", COLOUR, errs=("wrong",)),
    in_query(
        "an object that is not made of pairs", "c=R,1", "c=R,1,G", COLOUR, explode=False, errs=("wrong",)
    ),
    in_query("an empty query value", "c=", "c=long&c=", {"type": "string", "maxLength": 3}),
    Case("an empty header", "", "R=x", (parameter("c", "header", COLOUR, explode=True),), header="c"),
    Case(
        "space in a list header",
        "a, b",
        "a, c",
        (parameter("c", "header", {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),),
        header="c",
    ),
    in_query("the default of an absent parameter", "d=1", "c=b", {"type": "integer", "default": "none"}),
    in_query("parameters without one type", "c=1,2", "c=1,b", {"allOf": [NUMBERS]}, explode=False),
    in_query("parameters without one type", "c=1", "c=b", {"type": ["integer", "null"]}, version="3.1.0"),
    in_query("an integer with a fraction", "c=1.0", "c=1.5", INTEGER),
    Case("parameters without a schema", "/x?c=1", "/x", ({"name": "c", "in": "query", "required": True},)),
    Case(
        "content parameters",
        "/x?c=%7B%22R%22%3A1%7D",
        "/x?c=%7B%22R%22%3A%22b%22%7D",
        ({"name": "c", "in": "query", "content": {"application/vnd.x+json": {"schema": COLOUR}}},),
    ),
    Case("a body without content", b"any", b"", body={"required": True, "content": {}}, media_type="a/b"),
    in_body("this media type", "application/merge-patch+json", COLOUR, b'{"R":1}', b'{"R":"b"}'),
    in_body("this media type", "application/*", COLOUR, b'{"R":1}', b'{"R":"b"}', JSON),
    in_body("this media type", "text/csv", {"type": "string", "maxLength": 3}, b"a,b", b"a,b,c"),
    in_body("text that stands for a number", "text/plain", INTEGER, b"5", b"x"),
    Case(
        "text that stands for a number",
        "/x?c=1",
        "/x?c=b",
        ({"name": "c", "in": "query", "content": {"text/plain": {"schema": INTEGER}}},),
    ),
    in_body("this form", FORM, {"type": "object", "properties": {"c": COLOUR}}, b'c={"R":1}', b'c={"R":"b"}'),
    in_body("this form", FORM, {"allOf": [COLOUR, {"required": ["R"]}]}, b"R=1", b"G=1"),
    in_body(
        "multipart bodies",
        "multipart/form-data",
        {"type": "object", "properties": {"n": INTEGER}},
        part("1"),
        part("b"),
        "multipart/form-data; boundary=B",
    ),
    in_json("nullable", {"nullable": True, "allOf": [TEXT]}, None, 1),
    in_json("nullable", {"type": "string", "nullable": True, "enum": ["a"]}, None, "b"),
    in_json(
        "readOnly", NAMED, {"name": "a"}, {"id": 1, "name": "a"}, version="3.1.0", errs=("right", "wrong")
    ),
    in_json(
        "readOnly",
        {"type": "object", "required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}},
        {},
        {"id": "1"},
        schemas={"Id": {"type": "string", "readOnly": True}},
    ),
    in_query("readOnly", "c=1", "c=b", {**INTEGER, "readOnly": True}),
    in_json("readOnly", {"type": "array", "items": {**INTEGER, "readOnly": True}}, [1], ["b"]),
    in_json("a number with the format of an integer", {"type": "number", "format": "int32"}, 2**31, "x"),
    in_json("integers of other widths", {**INTEGER, "format": "uint16"}, 65535, 65536, errs=("wrong",)),
    in_query("integers of other widths", "c=-128", "c=-129", {**INTEGER, "format": "int8"}, errs=("wrong",)),
    in_json(
        "a bound that is a flag",
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "maximum": 5, "exclusiveMaximum": True},
        4,
        5,
        version="3.1.0",
    ),
    in_json("multipleOf a fraction", {"type": "number", "multipleOf": 0.01}, 0.07, 0.075),
    in_json(
        "discriminator",
        {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}],
            "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat"}},
        },
        {"kind": "tabby", "age": 1},
        {"kind": "tabby", "age": "old"},
        schemas={"Cat": CAT},
    ),
    in_json("patterns", {"type": "string", "pattern": "^[^[:cntrl:]]+$"}, "My collection", "My\tcollection"),
    in_json("patterns", {"type": "string", "pattern": r"^\p{L}+$"}, "ab", "12"),
    in_json("format time or regex", {"type": "string", "format": "time"}, "10:00:00Z", "ten"),
    in_json("format time or regex", {"type": "string", "format": "regex"}, r"\p{L}", "("),
    in_json(
        "keywords beside $ref",
        {"$ref": "#/components/schemas/Text", "maxLength": 2},
        "ab",
        "abc",
        schemas={"Text": TEXT},
        version="3.1.0",
        errs=("wrong",),
    ),
    in_json(
        "keywords beside $ref",
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Text", "type": "integer"}}},
        {"a": "b"},
        {"a": 1},
        schemas={"Text": TEXT},
    ),
    in_path("a schema with findings", "simple", "1", "b", {"type": "int"}),
    in_query("a schema with findings", "c=1", "c=3", {"type": "string", "enum": [1, 2]}),
    in_json(
        "a schema with findings",
        {"$schema": "https://elsewhere.example/dialect", **INTEGER},
        1,
        "x",
        version="3.1.0",
    ),
    in_json("whole floats", {"type": "array", "items": INTEGER}, [1.0], [1.5]),
]


def names(case: Case) -> str:
    return case.row.replace(" ", "-")


def verdict(case: Case, sent: Any) -> Verdict:
    client, incoming = case.client, case.request(sent)
    found = Routes(client.operations).find("POST", incoming.path, incoming.query)
    assert isinstance(found, RouteMatch)
    op = client.operations["op"]
    return Judge(client).judge(
        op, incoming, found.values, executor_of(client).compiled("op").receive(incoming, found.values)
    )


@pytest.fixture
def _openapi_core_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "KNOWN_BUGS", ())


@pytest.mark.parametrize("case", CASES, ids=names)
@pytest.mark.usefixtures("_openapi_core_alone")
def test_openapi_core_is_wrong(case: Case) -> None:
    """When this fails, openapi-core has learned it: the row can go."""
    for kind in case.errs:
        said = verdict(case, getattr(case, kind))
        refuses = bool(said.reasons) or "failed" in said.judge
        assert refuses == (kind == "right"), said


@pytest.mark.parametrize("case", CASES, ids=names)
def test_our_reader_is_right(case: Case) -> None:
    said = {"right": verdict(case, case.right), "wrong": verdict(case, case.wrong)}
    assert said["right"].reasons == ()
    assert said["wrong"].reasons
    assert "failed" not in said["wrong"].judge
    assert all(f"own: {case.row}" in said[kind].judge for kind in case.errs)


def test_each_row_has_a_case_and_a_reason() -> None:
    assert {case.row for case in CASES} == {row.name for row in KNOWN_BUGS}
    assert all(row.reason for row in KNOWN_BUGS)
