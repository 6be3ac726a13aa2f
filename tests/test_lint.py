"""Findings of a document: one row for each kind, with location, severity and consequence."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.client import executor_of
from dynaclient.lint import lint
from tests.small import document, one, param

STRING = {"type": "string"}


def operation(schema: Any, **members: Any) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {
        "/x": {
            "post": {
                "operationId": "x",
                "requestBody": body,
                "responses": {"200": {"description": ""}},
                **members,
            }
        }
    }


SCHEMA = "/paths/~1x/post/requestBody/content/application~1json/schema"


@pytest.mark.parametrize(
    ("schema", "pointer", "severity", "message"),
    [
        ({"type": "integer", "exclusiveMinimum": False}, SCHEMA, "note", "exclusiveMinimum without minimum"),
        ({"const": 1}, SCHEMA, "note", "const is not a keyword of OpenAPI 3.0"),
        ({"type": "file"}, f"{SCHEMA}/type", "warning", "'file' is not a type"),
        ({"pattern": "(?(x)a|b)"}, f"{SCHEMA}/pattern", "warning", "cannot be read"),
        ({"pattern": "^[[:cntrl:]]$"}, f"{SCHEMA}/pattern", "note", "POSIX"),
        ({"required": ["a", "a"]}, f"{SCHEMA}/required", "warning", "each once"),
        ({"minLength": "3"}, f"{SCHEMA}/minLength", "warning", "expected a number, got a string"),
        ({"$ref": "#/components/schemas/No"}, SCHEMA, "error", "cannot be resolved"),
        ({"allOf": [STRING, {"type": "integer"}]}, SCHEMA, "error", "no value was found"),
        (
            {"type": "string", "example": 5},
            f"{SCHEMA}/example",
            "note",
            "the example does not match its schema",
        ),
    ],
)
def test_findings_in_schemas(schema: Any, pointer: str, severity: str, message: str) -> None:
    client = Client(document(operation(schema)))
    found = [each for each in lint(executor_of(client), examples=True) if message in each.message]
    assert [(each.pointer, each.severity) for each in found] == [(pointer, severity)]


def test_what_breaks_the_meta_schema_is_named_at_the_deepest_place() -> None:
    paths = operation({"type": "string"}, tags="one")
    (finding,) = [each for each in Client(document(paths)).findings if each.pointer.endswith("/tags")]
    assert finding.pointer == "/paths/~1x/post/tags"
    assert "array" in finding.message
    assert finding.meaning


KEY = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
UNASKED = ("/components/securitySchemes/key", "warning", "no operation asks for the security scheme 'key'")


@pytest.mark.parametrize(
    ("root", "own", "due"),
    [
        ({}, {}, [UNASKED]),
        ({}, {"security": []}, [UNASKED]),
        ({}, {"security": [{"key": []}]}, []),
        ({"security": [{"key": []}]}, {}, []),
        (
            {"security": [{"Key": []}, {}]},
            {},
            [UNASKED, ("/paths/~1x/post", "warning", "there is no security scheme 'Key'")],
        ),
    ],
)
def test_security_schemes_and_what_asks_for_them(root: Any, own: Any, due: list[Any]) -> None:
    """Without a finding, credentials= would be taken and never sent."""
    tree = {**document(operation(STRING, **own)), **root, "components": {"securitySchemes": KEY}}
    found = Client(tree, credentials={"key": "k"}).findings
    assert [
        (each.pointer, each.severity, each.message[: len(want[2])])
        for each, want in zip(found, due, strict=True)
    ] == due


BASIC, BEARER = ({"type": "http", "scheme": scheme} for scheme in ("basic", "bearer"))
COOKIE, OWN = ({"type": "apiKey", "in": each, "name": "Authorization"} for each in ("cookie", "header"))


@pytest.mark.parametrize(
    ("other", "security", "found"),
    [
        (
            BEARER,
            [{"one": [], "two": []}],
            ["'one' and 'two' are asked for together, and both are the header"],
        ),
        (OWN, [{"one": [], "two": []}], ["'one' and 'two' are asked for together, and both are the header"]),
        (BEARER, [{"one": []}, {"two": []}], []),
        (COOKIE, [{"one": [], "two": []}], []),
        ({"type": "mutualTLS"}, [{"one": [], "two": []}], []),
    ],
)
def test_two_schemes_for_one_header_are_seldom_meant(other: Any, security: Any, found: list[str]) -> None:
    """A request has one Authorization: of two credentials that differ, none is sent (SettingsError)."""
    tree = document(operation(STRING, security=security), "3.1.0")
    tree["components"] = {"securitySchemes": {"one": BASIC, "two": other}}
    said = [each.message for each in Client(tree).findings]
    assert [each[: len(want)] for each, want in zip(said, found, strict=True)] == found


@pytest.mark.parametrize("version", ["3.0.4", "3.1.1", "3.2.0"])
def test_a_right_document_has_no_findings(version: str) -> None:
    assert lint(executor_of(Client(document(operation(STRING), version))), examples=True) == ()


@pytest.mark.parametrize("name", ["2020-04", "2020-05", "2020-10", "2023-04", "2024-06", "2026-05"])
def test_the_vendored_documents_have_no_findings(name: str) -> None:
    assert lint(executor_of(Client(f"talon-one-integration@{name}")), examples=True) == ()


MISLED: list[tuple[Any, str, str, str]] = [
    ({}, "3.0.3", "", "expected `required: true` of a path parameter"),
    ({}, "3.1.0", "", "expected `required: true` of a path parameter"),
    ({}, "3.2.0", "", "expected `required: true` of a path parameter"),
    ({"required": False}, "3.0.3", "/required", "expected `required: true` of a path parameter"),
    ({"required": False}, "3.1.0", "/required", "expected `required: true` of a path parameter"),
    ({"required": None}, "3.1.0", "/required", "expected `required: true` of a path parameter"),
]


@pytest.mark.parametrize(("more", "version", "at", "message"), MISLED)
def test_a_path_parameter_that_is_not_required_leads_with_that(
    more: Any, version: str, at: str, message: str
) -> None:
    described = {"name": "id", "in": "path", "schema": {"type": "string"}, **more}
    found = lint(executor_of(Client(one("get", "/x/{id}", described, version=version))))
    assert [(each.pointer, each.message) for each in found] == [
        (f"/paths/~1x~1{{id}}/get/parameters/0{at}", message)
    ]
    right = {**described, "required": True}
    assert lint(executor_of(Client(one("get", "/x/{id}", right, version=version)))) == ()


@pytest.mark.parametrize("version", ["3.0.3", "3.0.4"])
@pytest.mark.parametrize("said", ["quer", "Path", "body ", "querystring", "headers"])
def test_a_place_that_there_is_not_is_told_with_those_that_there_are(said: str, version: str) -> None:
    described = {"name": "q", "in": said, "schema": {"type": "string"}}
    found = [each.message for each in lint(executor_of(Client(one("get", "/x", described, version=version))))]
    assert f'"{said}" is not one of "path", "query", "header", "cookie"' in found


FORM = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
WHOLE = {"name": "w", "in": "querystring", "content": FORM}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([WHOLE, param("q")], "w is in querystring, which is the whole query"),
        ([param("q"), param("r"), WHOLE], "w is in querystring, which is the whole query"),
        ([WHOLE, {**WHOLE, "name": "v"}], "several parameters are in querystring: w, v"),
        ([WHOLE], ""),
        ([WHOLE, param("h", "header")], ""),
        ([param("q"), param("r")], ""),
    ],
)
def test_querystring_is_the_whole_query(parameters: Any, words: str) -> None:
    found = lint(executor_of(Client(one("get", "/x", *parameters, version="3.2.0"))))
    assert len(found) == bool(words)
    assert not words or (found[0].message.startswith(words), found[0].pointer) == (
        True,
        "/paths/~1x/get/parameters",
    )


CIRCLES: list[dict[str, Any]] = [
    {"S": {"$ref": "#/components/schemas/S"}},
    {"S": {"$ref": "#/components/schemas/T"}, "T": {"$ref": "#/components/schemas/S"}},
    {"S": {"$ref": "#/components/schemas/S/properties/x"}},
    {"S": {"$ref": "#/components/schemas/T/items"}, "T": {"$ref": "#/components/schemas/S/items"}},
    {"S": {"$ref": "#/components/schemas/T"}, "T": {"$ref": "#/components/schemas/T/not"}},
]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("schemas", CIRCLES)
def test_a_reference_through_itself_says_so_once(schemas: dict[str, Any], version: str) -> None:
    tree = one(answer={"$ref": "#/components/schemas/S"}, version=version, components={"schemas": schemas})
    messages = [each.message for each in lint(executor_of(Client(tree))) if "circle" in each.message]
    assert messages
    assert all(each.count("circle") == 1 and len(each) < 200 for each in messages)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_schema_that_holds_itself_is_no_circle(version: str) -> None:
    node = {"properties": {"next": {"$ref": "#/components/schemas/S"}}}
    tree = one(
        answer={"$ref": "#/components/schemas/S"}, version=version, components={"schemas": {"S": node}}
    )
    assert lint(executor_of(Client(tree))) == ()
