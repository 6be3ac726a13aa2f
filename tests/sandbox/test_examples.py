"""Documented examples are what the sandbox responds with, where they are valid; errors say what is invalid.

Mock servers for OpenAPI (Prism, Microcks) do the same, and `Prefer: example=NAME` is Prism's way to pick one.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaclient import Client
from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import document, operation

PET = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
}
REX, TOM = {"name": "Rex", "age": 3}, {"name": "Tom"}
NAMED = {"rex": {"value": REX}, "tom": {"value": TOM}, "odd": {"value": {"age": "three"}}}
JSON = "application/json"


def answering(
    content: dict[str, Any], version: str = "3.0.3", status: str = "200", **rest: Any
) -> dict[str, Any]:
    answers = {status: {"description": "", "content": content}}
    return {**document({"/x": {"get": operation(answers=answers)}}), "openapi": version, **rest}


def typed(schema: Any, **rest: Any) -> dict[str, Any]:
    return {JSON: {"schema": schema, **rest}}


SHOWN: dict[str, tuple[dict[str, Any], Any]] = {
    "example of the media type": (answering(typed(PET, example=REX)), REX),
    "first of several": (answering(typed(PET, examples=NAMED)), REX),
    "the first that is valid": (
        answering(typed(PET, examples={"odd": NAMED["odd"], "tom": NAMED["tom"]})),
        TOM,
    ),
    "by reference": (
        answering(
            typed(PET, examples={"tom": {"$ref": "#/components/examples/Tom"}}),
            components={"examples": {"Tom": {"value": TOM}}},
        ),
        TOM,
    ),
    "dataValue of 3.2": (answering(typed(PET, examples={"tom": {"dataValue": TOM}}), "3.2.0"), TOM),
    "of the schema": (answering(typed({**PET, "example": TOM})), TOM),
    "of the schema, 3.1": (answering(typed({**PET, "examples": [{"age": 1}, REX]}), "3.1.0"), REX),
    "of a component": (
        answering(
            typed({"$ref": "#/components/schemas/Pet"}),
            components={"schemas": {"Pet": {**PET, "example": REX}}},
        ),
        REX,
    ),
    "of properties": (
        answering(
            typed(
                {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "example": "Rex"},
                        "tags": {"type": "array", "items": {"type": "string", "example": "old"}},
                    },
                }
            )
        ),
        {"name": "Rex", "tags": ["old"]},
    ),
    "JSON as text": (answering(typed(PET, example=json.dumps(REX))), REX),
    "a text that is a text": (answering(typed({"type": "string"}, example='{"a": 1}')), '{"a": 1}'),
    "no schema": (answering({JSON: {"example": [1, None]}}), [1, None]),
    "null": (answering(typed({"type": "string", "nullable": True}, example=None)), None),
}


@pytest.mark.parametrize("case", SHOWN)
def test_an_example_that_is_valid_is_the_response(serve: Serve, ask: Ask, case: str) -> None:
    tree, expected = SHOWN[case]
    response = ask(serve(tree), "GET", "/x")
    assert (response.status_code, response.json()) == (200, expected)


def test_examples_of_swagger_2(serve: Serve, ask: Ask) -> None:
    answers = {"200": {"description": "", "schema": PET, "examples": {JSON: TOM}}}
    tree = {
        "swagger": "2.0",
        "info": {"title": "", "version": ""},
        "produces": [JSON],
        "paths": {"/x": {"get": {"responses": answers}}},
    }
    assert ask(serve(tree), "GET", "/x").json() == TOM


TEXTS = {"application/xml": "<pet><name>Rex</name></pet>", "text/plain": "Rex", "text/csv": "name,age\nRex,3"}


@pytest.mark.parametrize("kind", TEXTS)
def test_an_example_of_another_type_is_text(serve: Serve, ask: Ask, kind: str) -> None:
    schema = PET if kind == "application/xml" else {"type": "string"}
    sandbox = serve(answering({kind: {"schema": schema, "example": TEXTS[kind]}}))
    assert ask(sandbox, "GET", "/x").text == TEXTS[kind]


INVALID = [{"age": "three"}, [], "no JSON", {"name": None}, 5, json.dumps({"age": 1})]


@pytest.mark.parametrize("shown", INVALID, ids=str)
def test_an_example_that_contradicts_its_schema_is_not_used(serve: Serve, ask: Ask, shown: Any) -> None:
    sandbox = serve(answering(typed(PET, example=shown)))
    assert ask(sandbox, "GET", "/x").json() != shown
    client = Client(sandbox.client.document, server=sandbox.url)
    assert client.send("GET /x").violations == ()


PREFERRED = {
    "example=tom": (TOM, ""),
    'example="tom"': (TOM, ""),
    "code=200, example=tom": (TOM, ""),
    "example=rex; wait=5": (REX, ""),
    "example=odd": (REX, "Prefer: example=odd is no valid example of the response, ignored"),
    "example=none": (REX, "Prefer: example=none is no valid example of the response, ignored"),
    "counterexample=tom": (REX, ""),
}


@pytest.mark.parametrize("prefer", PREFERRED)
def test_prefer_names_the_example(serve: Serve, ask: Ask, prefer: str) -> None:
    response = ask(serve(answering(typed(PET, examples=NAMED))), "GET", "/x", headers={"Prefer": prefer})
    expected, note = PREFERRED[prefer]
    assert response.json() == expected
    assert note in response.headers["X-Sandbox-Judge"]
    assert bool(note) == ("ignored" in response.headers["X-Sandbox-Judge"])


def test_a_required_header_has_its_example(serve: Serve, ask: Ask) -> None:
    header = {"required": True, "schema": {"type": "integer"}, "example": 100}
    tree = answering({})
    tree["paths"]["/x"]["get"]["responses"]["200"]["headers"] = {"X-Limit": header}
    assert ask(serve(tree), "GET", "/x").headers["X-Limit"] == "100"


def error(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
ERRORS: dict[str, tuple[Any, Any]] = {
    "StatusCode": (error(StatusCode=WHOLE, message=TEXT), {"StatusCode": 404, "message": "Not Found"}),
    "status": (error(status=WHOLE), {"status": 404}),
    "status_code": (error(status_code=WHOLE, detail=TEXT), {"status_code": 404, "detail": "Not Found"}),
    "code as text": (error(code=TEXT), {"code": "404"}),
    "error and description": (
        error(error=TEXT, error_description=TEXT),
        {"error": "Not Found", "error_description": "Not Found"},
    ),
    "problem details": (
        error(title=TEXT, status=WHOLE, detail=TEXT),
        {"title": "Not Found", "status": 404, "detail": "Not Found"},
    ),
    "nested": (
        error(error=error(code=WHOLE, message=TEXT)),
        {"error": {"code": 404, "message": "Not Found"}},
    ),
    "a list": (
        error(errors={"type": "array", "minItems": 1, "items": error(title=TEXT)}),
        {"errors": [{"title": "Not Found"}]},
    ),
    "a text": (TEXT, "Not Found"),
    # what the schema does not allow stays as it was made
    "codes of its own": (error(code={"type": "string", "enum": ["E1"]}), {"code": "E1"}),
    "a flag": (error(error={"type": "boolean", "enum": [True]}), {"error": True}),
    "a short text": (error(message={"type": "string", "maxLength": 3, "enum": ["no"]}), {"message": "no"}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_says_its_status_and_why(serve: Serve, ask: Ask, case: str) -> None:
    schema, expected = ERRORS[case]
    response = ask(serve(answering(typed(schema), status="404")), "GET", "/x")
    assert (response.status_code, response.json()) == (404, expected)


def test_an_error_has_its_example(serve: Serve, ask: Ask) -> None:
    shown = {"message": "no such pet", "code": 17}
    tree = answering(typed(error(message=TEXT, code=WHOLE), example=shown), status="404")
    assert ask(serve(tree), "GET", "/x").json() == shown


PAGES = {"/": "text/plain; charset=utf-8", "/openapi.json": JSON}


@pytest.mark.parametrize("path", PAGES)
def test_the_sandbox_says_what_it_serves(serve: Serve, ask: Ask, path: str) -> None:
    sandbox = serve(answering(typed(PET)))
    response = ask(sandbox, "GET", path)
    assert (response.status_code, response.headers["Content-Type"]) == (200, PAGES[path])
    assert "/x" in response.text
    assert ask(sandbox, "HEAD", path).status_code == 200
    assert ask(sandbox, "POST", path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_path_of_the_document_goes_before(serve: Serve, ask: Ask, path: str) -> None:
    tree = document({path: {"get": operation(answers={"204": {"description": ""}})}})
    assert ask(serve(tree), "GET", path).status_code == 204


def test_a_client_can_be_made_of_the_document_that_it_serves(serve: Serve) -> None:
    sandbox = serve("talon-one-integration")
    client = Client(f"{sandbox.url}/openapi.json", credentials={"api_key_v1": "x"})
    assert list(client.operations) == list(sandbox.client.operations)
    assert client.server == sandbox.url
    assert client.send("getCustomerSession", customerSessionId="s").ok
