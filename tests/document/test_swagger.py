"""Swagger 2.0 brought to OpenAPI 3.0, one row for each feature."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient.document.node import tokens
from dynaclient.document.reader import parse_file
from dynaclient.document.swagger import METHODS, upgrade
from dynaclient.errors import DocumentError

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
TEXT = {"type": "string"}


def upgraded(tree: dict[str, Any]) -> dict[str, Any]:
    given = {"swagger": "2.0", **tree}
    before = copy.deepcopy(given)
    new, _ = upgrade(given)
    assert given == before
    return new


def operation_of(operation: dict[str, Any], root: dict[str, Any] | None = None) -> dict[str, Any]:
    return upgraded({"paths": {"/p": {"post": {"responses": {}, **operation}}}, **(root or {})})["paths"][
        "/p"
    ]["post"]


def parameter_of(**parameter: Any) -> dict[str, Any]:
    return operation_of({"parameters": [{"name": "p", **parameter}]})["parameters"][0]


def body_of(
    *parameters: dict[str, Any], consumes: list[str] | None = None, root: dict[str, Any] | None = None
) -> dict[str, Any]:
    own = {} if consumes is None else {"consumes": consumes}
    return operation_of({"parameters": list(parameters), **own}, root)["requestBody"]


def response_of(
    response: dict[str, Any], produces: list[str] | None = None, root: dict[str, Any] | None = None
) -> dict[str, Any]:
    own = {} if produces is None else {"produces": produces}
    return operation_of({"responses": {"200": response}, **own}, root)["responses"]["200"]


def pointers(tree: dict[str, Any]) -> list[str]:
    return [finding.pointer for finding in upgrade({"swagger": "2.0", **tree})[1]]


@pytest.mark.parametrize(
    ("root", "servers"),
    [
        ({}, None),
        ({"basePath": "/"}, None),
        ({"basePath": "/v1"}, ["/v1"]),
        ({"basePath": "v1/"}, ["/v1"]),
        ({"schemes": ["https"], "basePath": "/v1"}, ["/v1"]),
        ({"host": "a.example"}, ["//a.example"]),
        ({"host": "a.example:8080", "basePath": "/v1"}, ["//a.example:8080/v1"]),
        ({"host": "a.example", "schemes": ["https"]}, ["https://a.example"]),
        ({"host": "a.example", "schemes": ["http", "https"]}, ["http://a.example", "https://a.example"]),
        ({"host": "http://a.example/", "schemes": ["https"], "basePath": "/"}, ["https://a.example"]),
        ({"host": "HTTPS://a.example"}, ["https://a.example"]),
        ({"host": "a.example", "schemes": "https"}, ["https://a.example"]),
        ({"host": "a.example", "schemes": ["ws", "HTTPS"]}, ["https://a.example"]),
        ({"host": None, "basePath": None, "schemes": None}, None),
    ],
)
def test_host_base_path_and_schemes_are_servers(root: dict[str, Any], servers: list[str] | None) -> None:
    expected = servers and [{"url": url} for url in servers]
    assert upgraded({"paths": {}, **root}).get("servers") == expected


@pytest.mark.parametrize(
    ("root", "own", "servers"),
    [
        (["https"], ["https"], None),
        (["https", "http"], ["https"], None),
        (["http", "https"], ["https"], [{"url": "https://h/v"}]),
        (None, ["https"], None),
        (["https"], ["wss"], [{"url": "wss://h/v"}]),
    ],
)
def test_schemes_of_an_operation_that_the_first_server_does_not_meet(
    root: Any, own: Any, servers: Any
) -> None:
    assert (
        operation_of({"schemes": own}, {"host": "h", "basePath": "/v", "schemes": root}).get("servers")
        == servers
    )


def test_schemes_that_only_operations_have_hold_for_the_document() -> None:
    tree = {"host": "h", "paths": {"/p": {"get": {"schemes": ["https"], "responses": {}}}}}
    assert upgraded(tree)["servers"] == [{"url": "https://h"}]


INT = {"type": "integer", "format": "int32"}
LIST = {"type": "array", "items": TEXT}
PARAMETERS = [
    ({"in": "path", "required": True, **TEXT}, {"in": "path", "required": True, "schema": TEXT}),
    (
        {"in": "query", "description": "d", "allowEmptyValue": True, "x-a": 1, **INT},
        {"in": "query", "description": "d", "allowEmptyValue": True, "x-a": 1, "schema": INT},
    ),
    (
        {
            "in": "header",
            "type": "number",
            "minimum": 1,
            "exclusiveMinimum": True,
            "maximum": 2,
            "multipleOf": 1,
        },
        {
            "in": "header",
            "schema": {
                "type": "number",
                "minimum": 1,
                "exclusiveMinimum": True,
                "maximum": 2,
                "multipleOf": 1,
            },
        },
    ),
    (
        {"in": "query", "type": "string", "enum": ["a"], "default": "a", "pattern": "a", "minLength": 1},
        {
            "in": "query",
            "schema": {"type": "string", "enum": ["a"], "default": "a", "pattern": "a", "minLength": 1},
        },
    ),
    ({"in": "query", "x-nullable": True, **TEXT}, {"in": "query", "schema": {**TEXT, "nullable": True}}),
    ({"in": "query", **LIST}, {"in": "query", "style": "form", "explode": False, "schema": LIST}),
    ({"in": "path", **LIST}, {"in": "path", "schema": LIST}),
    ({"in": "header", "collectionFormat": "csv", **LIST}, {"in": "header", "schema": LIST}),
    ({"in": "query", "collectionFormat": "multi", **TEXT}, {"in": "query", "schema": TEXT}),
    (
        {
            "in": "query",
            "type": "array",
            "items": {**LIST, "collectionFormat": "pipes"},
            "collectionFormat": "multi",
        },
        {
            "in": "query",
            "style": "form",
            "explode": True,
            "x-collectionFormats": ["multi", "pipes"],
            "schema": {"type": "array", "items": LIST},
        },
    ),
    (
        {"in": "path", "collectionFormat": "pipes", **LIST},
        {"in": "path", "x-collectionFormats": ["pipes"], "schema": LIST},
    ),
    (
        {"in": "header", "collectionFormat": "tsv", **LIST},
        {"in": "header", "x-collectionFormats": ["tsv"], "schema": LIST},
    ),
    ({"in": "query", "schema": TEXT}, {"in": "query", "schema": TEXT}),
    ({"in": "query", "enum": ["a"]}, {"in": "query", "schema": {"enum": ["a"]}}),
]


@pytest.mark.parametrize(("parameter", "expected"), PARAMETERS)
def test_a_parameter_has_a_schema(parameter: dict[str, Any], expected: dict[str, Any]) -> None:
    assert parameter_of(**parameter) == {"name": "p", **expected}


@pytest.mark.parametrize(
    ("form", "style", "explode"),
    [
        ("csv", "form", False),
        ("multi", "form", True),
        ("ssv", "spaceDelimited", False),
        ("pipes", "pipeDelimited", False),
    ],
)
def test_a_collection_format_is_a_style(form: str, style: str, explode: bool) -> None:
    expected = {"style": style, "explode": explode}
    query = parameter_of(**{"in": "query", "collectionFormat": form, **LIST})
    assert query == {"name": "p", "in": "query", **expected, "schema": LIST}
    field = body_of({"name": "p", "in": "formData", "collectionFormat": form, **LIST})
    assert field["content"][URLENCODED]["encoding"] == {"p": expected}


@pytest.mark.parametrize(
    ("place", "form"),
    [("path", "multi"), ("header", "multi"), ("query", "x"), ("formData", "TSV"), ("header", "x")],
)
def test_a_collection_format_without_a_meaning_is_found(place: str, form: str) -> None:
    parameter = {"name": "p", "in": place, "collectionFormat": form, **LIST}
    tree = {"paths": {"/p": {"get": {"parameters": [parameter], "responses": {}}}}}
    assert pointers(tree) == ["/paths/~1p/get/parameters/0/collectionFormat"]


@pytest.mark.parametrize(
    ("root", "own", "types"),
    [
        (None, None, [JSON]),
        ([], None, [JSON]),
        (["text/csv"], None, ["text/csv"]),
        (["text/csv"], ["a/b", "c/d", "a/b"], ["a/b", "c/d"]),
        (["text/csv"], [], ["text/csv"]),
        ("text/csv", None, ["text/csv"]),
        (["json", "text/csv, text/xml"], None, [JSON, "text/csv", "text/xml"]),
        (5, None, [JSON]),
    ],
)
def test_a_body_parameter_is_a_request_body(root: Any, own: Any, types: list[str]) -> None:
    body = {"name": "b", "in": "body", "description": "d", "required": True, "schema": TEXT}
    content = {kind: {"schema": TEXT} for kind in types}
    expected = {"description": "d", "required": True, "x-body-name": "b", "content": content}
    assert body_of(body, consumes=own, root={"consumes": root}) == expected


FILE = {"name": "f", "in": "formData", "type": "file"}
FIELD = {"name": "a", "in": "formData", "type": "string"}


@pytest.mark.parametrize(
    ("fields", "consumes", "types"),
    [
        ([FIELD], None, [URLENCODED]),
        ([FIELD], [JSON], [URLENCODED]),
        ([FIELD], [MULTIPART], [MULTIPART]),
        ([FIELD], [URLENCODED, JSON, MULTIPART], [URLENCODED, MULTIPART]),
        ([FIELD], ["Multipart/Form-Data; boundary=x"], ["Multipart/Form-Data; boundary=x"]),
        ([FIELD, FILE], None, [MULTIPART]),
        ([FILE], [URLENCODED], [MULTIPART]),
        ([FILE], [URLENCODED, MULTIPART], [MULTIPART, URLENCODED]),
        ([{**FIELD, "type": "array", "items": {"type": "file"}}], None, [MULTIPART]),
    ],
)
def test_a_form_has_the_types_that_carry_it(fields: list[Any], consumes: Any, types: list[str]) -> None:
    assert list(body_of(*fields, consumes=consumes)["content"]) == types


@pytest.mark.parametrize("place", ["form", "formdata", "FormData "])
def test_form_fields_in_other_letters(place: str) -> None:
    field = {**FILE, "in": place}
    assert body_of(field) == body_of(FILE)
    tree = {"paths": {"/p": {"post": {"parameters": [field], "responses": {}}}}}
    assert pointers(tree) == ["/paths/~1p/post/parameters/0"]


def test_a_body_in_other_letters() -> None:
    body = {"name": "b", "in": "Body", "schema": TEXT}
    assert body_of(body) == body_of({**body, "in": "body"})


def test_form_fields_are_properties() -> None:
    fields = [{**FIELD, "required": True, "description": "d"}, {**FILE, "required": False}]
    schema = {
        "type": "object",
        "properties": {"a": {**TEXT, "description": "d"}, "f": {"type": "string", "format": "binary"}},
        "required": ["a"],
    }
    assert body_of(*fields) == {"required": True, "content": {MULTIPART: {"schema": schema}}}
    assert body_of(FIELD) == {
        "content": {URLENCODED: {"schema": {"type": "object", "properties": {"a": TEXT}}}}
    }


SHARED_PARAMETERS = {
    "limit": {"name": "limit", "in": "query", **INT},
    "body": {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}},
    "field": FIELD,
    "chain": {"$ref": "#/parameters/body"},
    "circle": {"$ref": "#/parameters/circle"},
}
NEW_A = {"$ref": "#/components/schemas/A"}


def test_shared_parameters_are_components_and_shared_bodies_stand_where_they_are_used() -> None:
    def refs(*names: str) -> dict[str, Any]:
        used = [{"$ref": f"#/parameters/{name}"} for name in names]
        return operation_of({"parameters": used}, {"parameters": SHARED_PARAMETERS})

    assert refs("limit")["parameters"] == [{"$ref": "#/components/parameters/limit"}]
    for name in ("body", "chain"):
        body = {"x-body-name": "b", "content": {JSON: {"schema": NEW_A}}}
        assert refs(name) == {"requestBody": body, "responses": {}}
    assert list(refs("field")["requestBody"]["content"]) == [URLENCODED]
    assert refs("circle")["parameters"] == [{"$ref": "#/components/parameters/circle"}]
    components = upgraded({"paths": {}, "parameters": SHARED_PARAMETERS})["components"]
    assert components["parameters"]["limit"] == {"name": "limit", "in": "query", "schema": INT}
    assert components["requestBodies"] == {"body": body}
    assert "field" not in components["parameters"]


BODY = {"name": "b", "in": "body", "schema": TEXT}


@pytest.mark.parametrize(
    ("shared", "own", "properties"),
    [
        ([BODY], [], None),
        ([FIELD], [{**FILE, "type": "string"}], ["a", "f"]),
        ([FIELD, {**FILE, "type": "string"}], [{**FIELD, **INT}], ["f", "a"]),
        ([FIELD], [BODY], None),
        ([BODY], [FIELD], ["a"]),
    ],
)
def test_a_body_of_the_path_is_that_of_each_operation(shared: Any, own: Any, properties: Any) -> None:
    query = {"name": "q", "in": "query", **TEXT}
    item = {
        "parameters": [query, *shared],
        "put": {"responses": {}},
        "post": {"parameters": own, "responses": {}},
    }
    new = upgraded({"paths": {"/p": item}})["paths"]["/p"]
    assert new["parameters"] == [{"name": "q", "in": "query", "schema": TEXT}]
    [media] = new["post"]["requestBody"]["content"].values()
    assert [*media["schema"].get("properties", [])] == (properties or [])
    assert "requestBody" in new["put"]


@pytest.mark.parametrize(
    ("response", "produces", "content"),
    [
        ({}, [JSON], None),
        ({"schema": TEXT}, None, {"*/*": {"schema": TEXT}}),
        ({"schema": TEXT}, ["a/b", "c/d"], {"a/b": {"schema": TEXT}, "c/d": {"schema": TEXT}}),
        ({"schema": {"type": "file"}}, ["a/b"], {"a/b": {"schema": {"type": "string", "format": "binary"}}}),
        ({"schema": {}}, [JSON], {JSON: {"schema": {}}}),
        ({"schema": TEXT, "examples": {"a/b": 1}}, None, {"a/b": {"schema": TEXT, "example": 1}}),
        ({"schema": TEXT, "examples": {JSON: 1}}, [JSON], {JSON: {"schema": TEXT, "example": 1}}),
        ({"examples": {JSON: 1}}, ["a/b"], {JSON: {"example": 1}}),
        (
            {"schema": TEXT, "examples": {"cat": 1}},
            [JSON],
            {JSON: {"schema": TEXT, "examples": {"cat": {"value": 1}}}},
        ),
    ],
)
def test_what_an_answer_holds_is_its_content(response: Any, produces: Any, content: Any) -> None:
    expected = {"description": "d", "x-a": 1, **({"content": content} if content else {})}
    assert response_of({"description": "d", "x-a": 1, **response}, produces) == expected


def test_produces_of_the_document_holds_where_an_operation_has_none() -> None:
    assert list(response_of({"schema": TEXT}, root={"produces": ["a/b"]})["content"]) == ["a/b"]


def test_response_headers_have_schemas() -> None:
    headers = {
        "X-A": {"description": "d", "type": "array", "items": INT, "collectionFormat": "csv"},
        "X-B": 1,
    }
    new = response_of({"description": "", "headers": headers})
    schema = {"type": "array", "items": INT}
    assert new["headers"] == {"X-A": {"description": "d", "schema": schema}, "X-B": {"schema": {}}}


def test_shared_responses_are_components_but_for_other_media_types() -> None:
    shared = {"R": {"description": "d", "schema": {"$ref": "#/definitions/A"}}}
    ref = {"$ref": "#/responses/R"}
    moved = {"$ref": "#/components/responses/R"}
    content = {"a/b": {"schema": NEW_A}}
    assert response_of(ref, root={"responses": shared}) == moved
    assert response_of(ref, ["a/b"], {"responses": shared, "produces": ["a/b"]}) == moved
    assert response_of(ref, ["a/b"], {"responses": shared}) == {"description": "d", "content": content}
    assert response_of(ref, ["a/b"], {"responses": {"R": {"description": "d"}}}) == moved
    new = upgraded({"paths": {}, "responses": shared, "produces": ["a/b"]})
    assert new["components"]["responses"] == {"R": {"description": "d", "content": content}}


URLS = {"authorizationUrl": "https://a", "tokenUrl": "https://t"}


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ({"type": "basic", "description": "d"}, {"type": "http", "scheme": "basic", "description": "d"}),
        ({"type": "apiKey", "name": "k", "in": "header"}, {"type": "apiKey", "name": "k", "in": "header"}),
        *(
            (
                {"type": "oauth2", "flow": old, **URLS, "scopes": {"s": "d"}, "x-a": 1},
                {"type": "oauth2", "x-a": 1, "flows": {new: {**URLS, "scopes": {"s": "d"}}}},
            )
            for old, new in [
                ("implicit", "implicit"),
                ("password", "password"),
                ("application", "clientCredentials"),
                ("accessCode", "authorizationCode"),
            ]
        ),
        ({"type": "oauth2", "flow": "implicit"}, {"type": "oauth2", "flows": {"implicit": {"scopes": {}}}}),
        ({"type": "oauth2", "flow": "x"}, {"type": "oauth2", "flows": {}}),
        ({"type": "x"}, {"type": "x"}),
        (None, {}),
    ],
)
def test_security_definitions_are_security_schemes(scheme: Any, expected: Any) -> None:
    new = upgraded({"paths": {}, "securityDefinitions": {"S": scheme}})
    assert new["components"] == {"securitySchemes": {"S": expected}}


A = {"$ref": "#/definitions/A"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (A, NEW_A),
        (
            {"items": A, "additionalProperties": A, "not": A},
            {"items": NEW_A, "additionalProperties": NEW_A, "not": NEW_A},
        ),
        ({"allOf": [A, {"properties": {"a": A}}]}, {"allOf": [NEW_A, {"properties": {"a": NEW_A}}]}),
        ({"items": [A]}, {"items": [NEW_A]}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        (
            {"properties": {"$ref": A, "definitions": TEXT}},
            {"properties": {"$ref": NEW_A, "definitions": TEXT}},
        ),
        ({"properties": {"discriminator": TEXT}}, {"properties": {"discriminator": TEXT}}),
        (
            {"properties": {"x-nullable": TEXT, "collectionFormat": TEXT}},
            {"properties": {"x-nullable": TEXT, "collectionFormat": TEXT}},
        ),
        (
            {"enum": [A], "default": A, "example": {"x-nullable": True, **A}, "x-a": A},
            {"enum": [A], "default": A, "example": {"x-nullable": True, **A}, "x-a": A},
        ),
        ({"x-nullable": True, **TEXT}, {"nullable": True, **TEXT}),
        ({"x-nullable": False, **TEXT}, {"x-nullable": False, **TEXT}),
        ({"x-nullable": True, **A}, {"allOf": [NEW_A], "nullable": True}),
        ({"discriminator": "petType"}, {"discriminator": {"propertyName": "petType"}}),
        ({"readOnly": True, "xml": {"name": "x"}}, {"readOnly": True, "xml": {"name": "x"}}),
        ({"$ref": "A"}, NEW_A),
        ({"$ref": "other.yaml#/definitions/A"}, {"$ref": "other.yaml#/definitions/A"}),
        ({"$ref": 1}, {"$ref": 1}),
        (True, True),
    ],
)
def test_a_schema_is_said_in_words_of_3_0(schema: Any, expected: Any) -> None:
    new = upgraded({"paths": {}, "definitions": {"A": TEXT, "S": schema}})
    assert new["components"]["schemas"]["S"] == expected


DEEP = {
    "consumes": ["a/b+json"],
    "produces": ["c/d"],
    "parameters": {**SHARED_PARAMETERS, "body": {"name": "b", "in": "body", "schema": TEXT}},
    "responses": {"R": {"schema": TEXT, "headers": {"X-A": TEXT}}},
    "definitions": {"A b/~": {"properties": {"é": TEXT}}},
    "paths": {
        "/x/{id}": {
            "parameters": [FIELD, {"name": "id", "in": "path", **TEXT}],
            "get": {"produces": [JSON], "responses": {"200": {"schema": {"items": TEXT}}}},
            "post": {
                "parameters": [
                    {"name": "b", "in": "body", "schema": {"properties": {"a": TEXT}}},
                    {"name": "q", "in": "query", **LIST},
                ],
                "responses": {"default": {"description": "", "headers": {"X-A": LIST}, "schema": TEXT}},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#/definitions/A%20b~1~0/properties/%C3%A9", "#/components/schemas/A%20b~1~0/properties/%C3%A9"),
        ("#/parameters/limit/type", "#/components/parameters/limit/schema/type"),
        ("#/parameters/body/schema", "#/components/requestBodies/body/content/a~1b+json/schema"),
        ("#/responses/R/schema", "#/components/responses/R/content/c~1d/schema"),
        ("#/responses/R/headers/X-A/type", "#/components/responses/R/headers/X-A/schema/type"),
        ("#/paths/~1x~1{id}/parameters/1/type", "#/paths/~1x~1{id}/parameters/0/schema/type"),
        (
            "#/paths/~1x~1%7Bid%7D/get/responses/200/schema/items",
            "#/paths/~1x~1%7Bid%7D/get/responses/200/content/application~1json/schema/items",
        ),
        (
            "#/paths/~1x~1{id}/post/parameters/0/schema/properties/a",
            "#/paths/~1x~1{id}/post/requestBody/content/a~1b+json/schema/properties/a",
        ),
        ("#/paths/~1x~1{id}/post/parameters/1/items", "#/paths/~1x~1{id}/post/parameters/0/schema/items"),
        (
            "#/paths/~1x~1{id}/post/responses/default/headers/X-A/items",
            "#/paths/~1x~1{id}/post/responses/default/headers/X-A/schema/items",
        ),
    ],
)
def test_a_reference_goes_where_its_target_went(old: str, new: str) -> None:
    tree = copy.deepcopy(DEEP)
    tree["definitions"]["S"] = {"$ref": old}
    moved = upgraded(tree)
    assert moved["components"]["schemas"]["S"] == {"$ref": new}
    assert resolved(moved, new) == resolved(tree, old)


def resolved(tree: Any, ref: str) -> Any:
    for token in tokens(unquote(ref)):
        tree = tree[int(token) if isinstance(tree, list) else token]
    return tree


@pytest.mark.parametrize(
    "ref",
    [
        "#", "#/", "#/info/title", "#/definitions", "#/definitions/", "#/definitions/None/x", "#/responses",
        "#/paths", "#/paths/~1x", "#/paths/~1x/get", "#/paths/~1no/get/responses/200/schema",
        "#/paths/~1x~1{id}/post/parameters/9/type", "#/paths/~1x~1{id}/post/parameters/a/b",
        "x.yaml", "http://a.example/#/definitions/A",
    ],
)  # fmt: skip
def test_a_reference_to_nothing_is_left_for_those_who_follow_it(ref: str) -> None:
    tree = copy.deepcopy(DEEP)
    tree["definitions"]["S"] = {"$ref": ref}
    assert isinstance(upgraded(tree)["components"]["schemas"]["S"]["$ref"], str)


def test_all_else_stays() -> None:
    root = {
        "info": {"title": "t"},
        "tags": [{"name": "a"}],
        "externalDocs": {"url": "u"},
        "security": [{"s": []}],
    }
    new = upgraded({**root, "x-a": {"$ref": "#/definitions/A"}, "paths": {"x-b": 1}})
    assert new == {"openapi": "3.0.4", **root, "x-a": {"$ref": "#/definitions/A"}, "paths": {"x-b": 1}}
    own = {"operationId": "o", "tags": ["a"], "deprecated": True, "security": [], "x-a": 1, "summary": "s"}
    assert operation_of({**own, "responses": {"x-a": 1}}) == {**own, "responses": {"x-a": 1}}
    item = upgraded({"paths": {"/p": {"x-a": 1, "$ref": "#/paths/~1q"}}})["paths"]["/p"]
    assert item == {"x-a": 1, "$ref": "#/paths/~1q"}


def test_parameters_stay_in_document_order() -> None:
    names = ["z", "a", "m"]
    given = [{"name": name, "in": "query", **TEXT} for name in names]
    new = operation_of({"parameters": [given[0], BODY, *given[1:]]})
    assert [parameter["name"] for parameter in new["parameters"]] == names


@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        ({"paths": []}, "/paths"),
        ({"paths": {"/p": []}}, "/paths/~1p"),
        ({"paths": {"/p": {"get": 1}}}, "/paths/~1p/get"),
        ({"paths": {"/p": {"get": {"parameters": {}}}}}, None),
        ({"paths": {"/p": {"get": {"parameters": {"a": 1}}}}}, "/paths/~1p/get/parameters"),
        ({"paths": {"/p": {"get": {"parameters": [1]}}}}, "/paths/~1p/get/parameters/0"),
        ({"paths": {"/p": {"get": {"parameters": [{"in": "query"}]}}}}, "/paths/~1p/get/parameters/0"),
        ({"paths": {"/p": {"get": {"parameters": [{"in": "body"}]}}}}, "/paths/~1p/get/parameters/0"),
        ({"paths": {"/p": {"get": {"parameters": [BODY, FIELD]}}}}, "/paths/~1p/get/parameters/1"),
        ({"paths": {"/p": {"get": {"parameters": [{"$ref": "a.yaml"}]}}}}, None),  # told when it is used
        ({"paths": {"/p": {"get": {"responses": []}}}}, "/paths/~1p/get/responses"),
        ({"paths": {"/p": {"get": {"responses": {"200": None}}}}}, "/paths/~1p/get/responses/200"),
        ({"parameters": {"a/b": 1}}, "/parameters/a~1b"),
        ({"responses": {"R": 1}}, "/responses/R"),
        ({"definitions": 1}, "/definitions"),
        (
            {"definitions": {"A": {}, "B": {"properties": {"c": {"$ref": "A"}}}}},
            "/definitions/B/properties/c",
        ),
        ({"securityDefinitions": {"S": {"type": "oauth2"}}}, "/securityDefinitions/S"),
    ],
)
def test_what_is_broken_is_found_in_the_2_0_document(tree: dict[str, Any], pointer: str | None) -> None:
    assert pointers(tree) == ([pointer] if pointer else [])


def test_a_document_nested_past_reason_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5000):
        schema = {"items": schema}
    with pytest.raises(DocumentError, match="nested too deep"):
        upgrade({"swagger": "2.0", "definitions": {"A": schema}})


FULL = {
    **DEEP,
    "host": "h",
    "schemes": ["https"],
    "securityDefinitions": {"S": {"type": "oauth2", "flow": "implicit", "scopes": {}}},
}


BROKEN = [None, 1, "x", True, [], {}, [1], {"a": 1}, [{}], {"$ref": "#/parameters/body"}, {"in": "body"}]


@settings(max_examples=100)
@given(st.data())
def test_nothing_broken_raises(data: st.DataObject) -> None:
    """Any one place of a document replaced by something else."""
    tree = copy.deepcopy(FULL)
    places = list(all_places(tree))
    container, key = data.draw(st.sampled_from(places))
    container[key] = copy.deepcopy(data.draw(st.sampled_from(BROKEN)))
    new, findings = upgrade({"swagger": "2.0", **tree})
    assert new["openapi"] == "3.0.4"
    assert all(finding.pointer.startswith("/") for finding in findings)


def all_places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield value, key
        yield from all_places(member)


@pytest.mark.skipif(not CORPUS.exists(), reason="the published documents are not beside the project")
@pytest.mark.parametrize("path", sorted(CORPUS.glob("sw2-*.gz")), ids=lambda path: path.name)
def test_every_operation_of_a_published_document_survives(path: Path) -> None:
    old = parse_file(gzip.decompress(path.read_bytes()), path.name)
    before = json.dumps(old)
    new, _ = upgrade(old)
    assert json.dumps(old) == before
    assert [place for place, _ in operations(new)] == [place for place, _ in operations(old)]
    for place, operation in operations(old):
        assert new["paths"][place[0]][place[1]].get("operationId") == operation.get("operationId")
    unresolved = {ref for ref in references(new) if not resolves(new, ref)}
    assert len(unresolved) <= len({ref for ref in references(old) if not resolves(old, ref)})


def operations(tree: dict[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for path, item in tree["paths"].items():
        yield from (((path, method), item[method]) for method in METHODS if method in item)


def references(value: Any) -> Iterator[str]:
    for container, key in all_places(value):
        if key == "$ref" and isinstance(container[key], str):
            yield container[key]


def resolves(tree: Any, ref: str) -> bool:
    try:
        resolved(tree, ref)
    except (KeyError, IndexError, ValueError, TypeError):
        return False
    return True
