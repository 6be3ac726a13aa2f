"""Cases: the client takes the valid ones, which arrive as they are, and refuses the broken ones for it."""

from __future__ import annotations

import gc
import itertools
import pickle
import weakref
from typing import Any

import pytest

from dynaclient import Client
from dynaclient._support.missing import MISSING
from dynaclient.contract import Unmakeable
from dynaclient.contract.generation import CaseMaker, maker
from dynaclient.document.model import STYLES
from dynaclient.document.opening import vendored_names
from dynaclient.generation.choices import Seeded
from dynaclient.sandbox import Sandbox
from tests.small import document, one, param

SCHEMAS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "chosen": {"type": "string", "enum": ["a b", "c"]},
    "long": {"type": "string", "minLength": 3, "maxLength": 3},
    "date-time": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer", "minimum": -3, "maximum": 3},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "array": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "object": {
        "type": "object",
        "properties": {"r": {"type": "integer"}, "g": {"type": "string"}},
        "required": ["r"],
    },
    "nullable": {"type": "string", "nullable": True},
}


THING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def every_cell() -> dict[str, Any]:
    """A document with an operation for each place, style, explode and schema."""
    paths: dict[str, Any] = {}
    cells = ((place, style) for place in ("path", "query", "header") for style in STYLES[place])
    for (place, style), explode, (name, schema) in itertools.product(
        [*cells, ("cookie", "form")], (True, False), SCHEMAS.items()
    ):
        if style.endswith("Delimited") and (name == "object" and explode):
            continue  # the style has no form for it
        each = param("p", place, schema, style=style, explode=explode, required=True)
        path = f"/{place}-{style}-{explode}-{name}" + ("/{p}" if place == "path" else "")
        paths[path] = {
            "get": {
                "operationId": path.strip("/").removesuffix("/{p}"),
                "parameters": [each],
                "responses": {},
            }
        }
    return document(paths)


CELLS = Client(every_cell(), server="http://localhost")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("key", list(CELLS.operations))
def test_every_place_and_style_gets_values_that_it_carries(key: str) -> None:
    for seed in range(10):
        case = maker(CELLS).valid(key, Seeded(seed))
        assert case.violations(CELLS) == []
        assert list(case.arguments.values()) != [None]


@pytest.mark.parametrize("name", vendored_names())
def test_valid_cases_of_every_operation_are_taken(name: str) -> None:
    client = Client(name)
    for key in client.operations:
        for optional in (False, True, None):
            case = maker(client).valid(key, Seeded(7), optional)
            assert case.fault is None
            assert case.violations(client) == []


@pytest.mark.parametrize("name", vendored_names())
def test_broken_cases_are_refused_where_they_are_broken(name: str) -> None:
    client = Client(name)
    for key in client.operations:
        whole = maker(client).valid(key, Seeded(3), optional=True)
        found = list(maker(client).faults(whole, Seeded(3)))
        assert found
        for case in found:
            assert case.fault is not None
            places = {(each.where, each.name) for each in case.violations(client)}
            assert places == {(case.fault.where, case.fault.name)}, case


def test_each_thing_that_can_be_broken_is() -> None:
    limit = {"type": "integer", "minimum": 1, "maximum": 5}
    body = {
        "type": "object",
        "required": ["list"],
        "properties": {
            "list": {"type": "array", "maxItems": 2, "items": {"type": "string", "enum": ["a", "b"]}},
            "at": {"type": "string", "format": "date-time"},
        },
        "additionalProperties": False,
    }
    client = Client(one("post", "/x", param("n", "query", limit, required=True), body=body))
    whole = next(
        case
        for case in (maker(client).valid("op", Seeded(seed), optional=True) for seed in range(50))
        if len(case.body) == 2 and case.body["list"]
    )
    assert {
        (case.fault.where, case.fault.name, case.fault.pointer, case.fault.keyword)
        for case in maker(client).faults(whole, Seeded(1))
        if case.fault
    } >= {
        ("query", "n", "", "required"),
        ("query", "n", "", "type"),
        ("query", "n", "", "minimum"),
        ("query", "n", "", "maximum"),
        ("argument", "no-such-parameter", "", "unknown"),
        ("body", "body", "", "required"),
        ("body", "body", "", "type"),
        ("body", "body", "", "additionalProperties"),
        ("body", "body", "/list", "type"),
        ("body", "body", "/list", "maxItems"),
        ("body", "body", "/list/0", "enum"),
        ("body", "body", "/at", "format"),
        ("body", "body", "/at", "type"),
    }


def test_a_bound_that_comes_from_a_format_is_the_formats() -> None:
    limited = param("a", "query", {"type": "integer", "format": "uint8", "minimum": 3}, required=True)
    client = Client(one("get", "/x", limited))
    case = maker(client).valid("op", Seeded(0))
    found = {(each.fault.keyword, each.arguments["query.a"]) for each in maker(client).faults(case, Seeded(0))
             if each.fault and "query.a" in each.arguments}  # fmt: skip
    assert {("minimum", 2), ("format", 256)} <= found


def test_missing_is_another_thing_where_there_is_a_default() -> None:
    for schema, keyword in (
        ({"type": "integer", "default": 1}, "default"),
        ({"type": "integer"}, "required"),
    ):
        client = Client(one("get", "/x", param("a", "query", schema, required=True)))
        first = next(maker(client).faults(maker(client).valid("op", Seeded(0)), Seeded(0)))
        assert first.arguments == {}
        assert first.fault is not None
        assert first.fault.keyword == keyword


def test_forms_hold_nothing_empty() -> None:
    many = {"type": "array", "items": {"type": "string"}}
    schema = {"type": "object", "required": ["a"], "properties": {"a": many, "b": many}}
    client = Client(one("post", content={"application/x-www-form-urlencoded": {"schema": schema}}))
    for seed in range(30):
        body = maker(client).valid("op", Seeded(seed)).body
        assert body["a"]
        assert [] not in body.values()


def test_optional_parameters_and_bodies_are_there_or_not() -> None:
    client = Client(
        one("post", "/x", param("q"), param("r", required=True), body={"type": "object"}, required=False)
    )
    few = maker(client).valid("op", Seeded(0), optional=False)
    all_ = maker(client).valid("op", Seeded(0), optional=True)
    assert (list(few.arguments), few.body) == (["query.r"], MISSING)
    assert list(all_.arguments) == ["query.q", "query.r"]
    assert all_.body is not MISSING
    drawn = [maker(client).valid("op", Seeded(seed)) for seed in range(40)]
    assert {(len(case.arguments), case.body is MISSING) for case in drawn} == {
        (1, True), (1, False), (2, True), (2, False)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}}, list),
        ({"application/merge-patch+json": {"schema": {"type": "object"}}}, dict),
        ({"application/x-www-form-urlencoded": {"schema": {"properties": {"a": {"type": "string"}}}}}, dict),
        (
            {
                "multipart/form-data": {
                    "schema": {"properties": {"f": {"type": "string", "format": "binary"}}}
                }
            },
            dict,
        ),
        ({"text/plain": {"schema": {"type": "string", "minLength": 4}}}, str),
        ({"text/plain": {"schema": {"type": "object"}}}, dict),
        ({"application/xml": {"schema": {"type": "object"}, "example": "<a/>"}}, str),
        ({"application/xml": {"schema": {"type": "object"}}, "text/csv": {}}, str),
        ({"application/yaml": {"schema": {"type": "object"}}}, str),
        ({"image/png": {}}, bytes),
        ({"application/pdf": {"schema": {"type": "string", "format": "binary"}}}, bytes),
        ({"multipart/mixed": {"schema": {"properties": {"a": {"type": "string"}}}}}, dict),
        ({"application/octet-stream": {}}, bytes),
        ({"application/octet-stream": {}, "application/json": {"schema": {"type": "object"}}}, dict),
        ({"application/x-ndjson": {"schema": {"type": "object"}}}, list),
        ({"application/x-ndjson": {"schema": {"type": "array", "items": {"type": "integer"}}}}, list),
        ({"application/json-seq": {"itemSchema": {"type": "integer"}}}, list),
        ({"application/jsonl": {}}, list),
        ({"*/*": {}}, dict),
        ({"image/*": {"schema": {"type": "string", "format": "binary"}}}, bytes),
        ({"text/*": {"schema": {"type": "string"}}}, str),
    ],
)
def test_bodies_of_every_media_type(content: dict[str, Any], kind: type) -> None:
    client = Client(one("post", content=content), server="http://localhost")
    case = maker(client).valid("op", Seeded(1))
    assert type(case.body) is kind
    assert case.violations(client) == []
    assert client.prepare("op", body=case.body, options=case.options).body


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/x-protobuf", "video/mp4"])
def test_a_body_that_is_not_written_here_is_not_made(kind: str) -> None:
    """Noise in its place would be refused by a server that is right."""
    described = {kind: {"schema": {"type": "object", "required": ["a"]}}}
    client = Client(one("post", content=described), server="http://localhost")
    with pytest.raises(Unmakeable, match=f"op: body: {kind}: a body of this type is not written here"):
        maker(client).valid("op", Seeded(1))
    optional = Client(one("post", content=described, required=False), server="http://localhost")
    case = maker(optional).valid("op", Seeded(1), optional=True)
    assert case.body is MISSING
    assert {each.fault.keyword for each in maker(optional).faults(case, Seeded(1)) if each.fault} == {
        "unknown"
    }


FILE = {"type": "string", "format": "binary"}


@pytest.mark.parametrize(
    ("described", "start", "version"),
    [
        ({"schema": {"required": ["f"], "properties": {"f": FILE}}}, b"", "3.0.3"),
        (
            {
                "schema": {"required": ["f"], "properties": {"f": FILE}},
                "encoding": {"f": {"contentType": "image/png, image/jpeg"}},
            },
            b"\x89PNG",
            "3.0.3",
        ),
        (
            {"schema": {"required": ["f"], "properties": {"f": {"contentMediaType": "image/gif"}}}},
            b"GIF8",
            "3.1.0",
        ),
        (
            {
                "schema": {
                    "required": ["f"],
                    "properties": {"f": {"type": "array", "items": FILE, "minItems": 1}},
                }
            },
            b"",
            "3.1.0",
        ),
    ],
)
def test_a_file_goes_as_a_part_with_a_filename_and_a_type(
    described: dict[str, Any], start: bytes, version: str
) -> None:
    tree = one("post", content={"multipart/form-data": described}, version=version)
    client = Client(tree, server="http://localhost")
    for seed in range(20):
        case = maker(client).valid("op", Seeded(seed))
        request = client.prepare("op", body=case.body)
        head, _, rest = bytes(request.body).partition(b"\r\n\r\n")
        assert b'name="f"; filename="f"\r\nContent-Type: ' in head
        assert rest.startswith(start)


def test_a_form_is_broken_as_json_is() -> None:
    properties = {
        "age": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "maxLength": 5},
        "kind": {"type": "string", "enum": ["a", "b"]},
    }
    schema = {"type": "object", "required": list(properties), "properties": properties}
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        client = Client(one("post", content={kind: {"schema": schema}}))
        case = maker(client).valid("op", Seeded(1))
        faults = [each for each in maker(client).faults(case, Seeded(1)) if each.fault and not each.lost]
        assert {(each.fault.pointer, each.fault.keyword) for each in faults if each.fault} >= {
            ("/age", "required"),
            ("/name", "required"),
            ("/kind", "required"),
            ("/age", "type"),
            ("/age", "minimum"),
            ("/name", "maxLength"),
            ("/kind", "enum"),
        }
        bodies = [each.body for each in faults if isinstance(each.body, dict)]
        assert 0.5 not in [each.get("name") for each in bodies]  # it arrives as a text


@pytest.mark.parametrize(
    ("described", "pointers"),
    [
        ({"itemSchema": THING}, {"/0", "/0/name"}),
        ({"schema": {"type": "array", "minItems": 1, "items": THING}}, {"", "/0", "/0/name"}),
    ],
)
def test_an_item_of_a_sequence_is_broken_and_a_server_gets_to_see_it(
    described: dict[str, Any], pointers: set[str]
) -> None:
    tree = one("post", content={"application/x-ndjson": described}, version="3.2.0")
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url) as client:
        cases = maker(client)
        valid = cases.valid("op", Seeded(3))
        assert (valid.body != [], valid.send(client).status) == (True, 200)
        broken = [
            each for each in cases.faults(valid, Seeded(3)) if each.fault and each.fault.where == "body"
        ]
        assert {each.fault.pointer for each in broken if each.fault} >= pointers
        for each in broken:
            assert each.fault is not None
            assert each.violations(client)
            if not each.fault.lost:
                assert each.send(client).status == 422, each


@pytest.mark.parametrize(
    "parameter",
    [
        param("p", "query", {"type": "string", "minLength": 3, "maxLength": 2}, required=True),
        param("p", "path", {"type": "string", "maxLength": 0}),
        param("p", "path", {"enum": [".", ".."]}),
        param("p", "header", {"enum": ["é中"]}, required=True),
    ],
)
def test_what_cannot_be_made_is_said(parameter: dict[str, Any]) -> None:
    client = Client(one("get", "/x/{p}" if parameter["in"] == "path" else "/x", parameter))
    with pytest.raises(Unmakeable, match=f"op: {parameter['in']}.p: "):
        maker(client).valid("op", Seeded(0))


def test_without_a_schema_anything_goes_and_nothing_of_it_is_broken() -> None:
    bare = [{"name": place, "in": place} for place in ("query", "header")]
    client = Client(one("post", "/x/{path}", *bare, content={"application/json": {}}))
    case = maker(client).valid("op", Seeded(0), optional=True)
    assert list(case.arguments) == ["query.query", "header.header", "path.path"]
    assert case.violations(client) == []
    kinds = {
        (each.fault.where, each.fault.keyword) for each in maker(client).faults(case, Seeded(0)) if each.fault
    }
    assert kinds == {("path", "required"), ("path", "type"), ("body", "required"), ("argument", "unknown")}


def test_an_optional_parameter_that_cannot_be_made_is_left_out() -> None:
    client = Client(one("get", "/x", param("p", "header", {"enum": ["é中"]})))
    assert maker(client).valid("op", Seeded(0), optional=True).arguments == {}


def test_the_maker_goes_with_its_client_and_does_not_travel() -> None:
    client = Client(one())
    kept: weakref.ref[CaseMaker] = weakref.ref(maker(client))
    assert maker(client) is kept()
    maker(client).valid("op", Seeded(0))
    assert "_cases" not in vars(pickle.loads(pickle.dumps(client)))
    del client
    gc.collect()
    assert kept() is None


def test_a_content_encoding_is_one_that_a_body_is_written_in() -> None:
    coding = {"type": "string", "enum": ["br", "zstd", "gzip", "deflate"]}
    tree = one("post", "/x", param("Content-Encoding", "header", coding), body={"type": "object"})
    client = Client(tree, server="http://h", cache=False)
    for seed in range(20):
        case = maker(client).valid("op", Seeded(seed), True)
        assert case.arguments["header.Content-Encoding"] in ("gzip", "deflate")
        assert not case.violations(client)


def test_arrays_of_swagger_2_arrive_as_they_are() -> None:
    nested = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
    parameters = [
        {"name": "q", "in": "query", "required": True, "collectionFormat": "multi", **nested},
        {"name": "h", "in": "header", "required": True, "collectionFormat": "pipes", **nested},
    ]
    operation = {"operationId": "op", "parameters": parameters, "responses": {"200": {"description": ""}}}
    tree = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"get": operation}}}
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, cache=False) as client:
        for seed in range(20):
            assert maker(client).valid("op", Seeded(seed)).send(client).status == 200
