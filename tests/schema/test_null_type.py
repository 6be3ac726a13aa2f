"""`type: null` without quotes: YAML reads the bare word as null, and the document means the type.

JSON Schema 2020-12 (validation, 6.1.1) knows "null" as the name of a type and nothing else that is spelt so;
ajv and the editors of Swagger read the bare word as that name too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from dynaclient import Client, RequestInvalid, ResponseInvalid
from dynaclient.client import executor_of
from dynaclient.document.opening import open_document
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker
from dynaclient.sandbox import Sandbox
from dynaclient.schema.summary import Outlines
from dynaclient.schema.validator import Validators
from tests.conftest import Serve
from tests.servers import reply
from tests.small import json_reply, one, param, said

pytestmark = pytest.mark.sampled(2)

ROWS: list[tuple[str, list[Any], list[Any]]] = [
    ("{oneOf: [{type: string}, {type: null}]}", ["a", None], [1, True, {}]),
    ("{anyOf: [{type: null}, {type: integer}]}", [None, 3], ["null", "3"]),
    ("{type: [string, null]}", ["", None], [0, []]),
    ("{type: [null, integer, boolean]}", [None, 1, False], ["1"]),
    ("{type: null}", [None], ["null", 0, False, [], {}]),
    ("{type: Null}", [None], ["x"]),
    ("{type: ~}", [None], [{}]),
    ("{type: 'null'}", [None], ["x"]),
    ("{type: [null]}", [None], ["x"]),
    ("{type: [null, 'null', string]}", [None, "x"], [1]),
    ("{type: array, items: {type: [number, null]}}", [[1, None]], [["1"], None]),
    ("{type: array, items: {type: null}}", [[None], []], [[0]]),
    ("{properties: {a: {type: null}}}", [{"a": None}, {}], [{"a": 0}]),
    ("{properties: {type: {type: [string, null]}}}", [{"type": None}], [{"type": 1}]),
    ("{additionalProperties: {type: null}}", [{"x": None}], [{"x": "y"}]),
    ("{allOf: [{type: [string, null]}, {maxLength: 1}]}", [None, "a"], ["ab", 1]),
    ("{not: {type: null}}", ["null", 0], [None]),
    ("{type: [string, null], enum: [a, null]}", ["a", None], ["b", "null"]),
    ("{type: [integer, null], enum: ['1', null]}", [1, None], [2]),
    ("{enum: [null, a]}", [None, "a"], ["null"]),
    ("{enum: [null]}", [None], ["null", 0]),
]

SINCE_31: list[tuple[str, list[Any], list[Any]]] = [
    ("{const: null}", [None], ["null", 0]),
    ("{prefixItems: [{type: null}, {type: string}]}", [[None, "a"]], [["a", "a"]]),
    ("{contains: {type: null}}", [[1, None]], [[1, 2]]),
    ("{if: {type: null}, then: true, else: {type: string}}", [None, "a"], [1]),
    ("{dependentSchemas: {a: {properties: {b: {type: null}}}}}", [{"a": 1, "b": None}], [{"a": 1, "b": 1}]),
    ("{unevaluatedProperties: {type: null}}", [{"x": None}], [{"x": 1}]),
    ("{patternProperties: {^x: {type: [string, null]}}}", [{"x": None}], [{"x": 1}]),
    ("{$defs: {n: {type: null}}, $ref: '#/components/schemas/S/$defs/n'}", [None], [1]),
]

Direction = Literal["request", "response"]
EVERY = [(version, *row) for version in ("3.0.3", "3.1.0", "3.2.0") for row in ROWS]
EVERY += [(version, *row) for version in ("3.1.0", "3.2.0") for row in SINCE_31]


def text(schema: str, version: str) -> str:
    """A document in YAML."""
    return (
        f"openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{}}\n"
        f"components:\n  schemas:\n    S: {schema}\n"
    )


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(("version", "schema", "right", "wrong"), EVERY)
def test_the_bare_word_is_the_type(
    version: str, schema: str, right: list[Any], wrong: list[Any], backend: Any, tmp_path: Path
) -> None:
    (tmp_path / "d.yaml").write_text(text(schema, version))
    document = open_document(str(tmp_path / "d.yaml"))
    place = document.root.get("components", "schemas", "S")
    assert place is not None
    checkers = Validators(document, backend)
    directions: tuple[Direction, Direction] = ("request", "response")
    for direction in directions:
        checker = checkers.checker(place, direction)
        for value in right:
            assert checker.violations(value, "body", "body") == [], value
        for value in wrong:
            violations = checker.violations(value, "body", "body")
            assert violations, value
            assert not any("None" in str(each) or "True" in str(each) for each in violations)
    told = "".join(f"{each.message} {each.meaning}" for each in document.findings)
    assert "None" not in told
    bare = any(word in schema for word in ("type: null", "type: Null", "type: ~", "[null", ", null]}"))
    assert ("is not a type" in told) == (bare and "type" in schema), told


@pytest.mark.parametrize(
    ("said_type", "due"),
    [
        (None, "null is not a type; it is read as 'null'"),
        (["string", None], '["string", null] is not a type; it is read as ["string", "null"]'),
        ([None], "[null] is not a type; it is read as 'null'"),
        ([None, None, "Integer"], '[null, null, "Integer"] is not a type; it is read as ["null", "integer"]'),
        ([True, "string"], "[true, \"string\"] is not a type; it is read as 'string'"),
        (True, "true is not a type; it is left out"),
        ([], "[] is not a type; it is left out"),
        ({"a": None}, '{"a": null} is not a type; it is left out'),
    ],
)
def test_the_finding_says_in_json_what_it_is_read_as(said_type: Any, due: str) -> None:
    client = Client(one(answer={"type": said_type}, version="3.1.0"), server="http://h")
    executor_of(client).compiled("op").checkers.checker(
        client.operations["op"].responses[0].content["application/json"].schema, "response"
    )  # type: ignore[arg-type]
    found = [f"{each.message.removeprefix('type: ')}; {each.meaning}" for each in client.findings]
    assert due in found


VALUE = {"oneOf": [{"type": "string", "maxLength": 2}, {"type": None}]}
VERSIONS = pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])


@VERSIONS
@pytest.mark.parametrize("where", ["dict", "json", "part"])
def test_a_call_in_both_directions(version: str, where: str, tmp_path: Path, serve: Serve) -> None:
    server = serve(json_reply({"a": None}), json_reply({"a": 5}))
    schema = {"type": "object", "properties": {"a": VALUE}}
    ref: Any = {"$ref": "part.json"} if where == "part" else schema
    tree = one("post", body=ref, answer=ref, version=version)
    (tmp_path / "part.json").write_text(json.dumps(schema))
    (tmp_path / "d.json").write_text(json.dumps(tree))
    client = Client(tree if where == "dict" else str(tmp_path / "d.json"), server=server.url)
    with pytest.raises(RequestInvalid):
        client.prepare("op", body={"a": 5})
    assert client.call("op", body={"a": None}) == {"a": None}
    assert json.loads(server.requests[0].body) == {"a": None}
    with pytest.raises(ResponseInvalid):
        client.call("op", body={"a": "x"})


@VERSIONS
def test_parameters_and_headers(version: str, serve: Serve) -> None:
    headers = {"X-A": {"schema": {"type": ["integer", None]}}}
    content = {"application/json": {"schema": {"type": ["integer", None]}}}
    tree = one(
        "get", "/x", param("q", content=content), answers={"200": said(headers=headers)}, version=version
    )
    server = serve(reply(200, b"", [("X-A", "5")]), reply(200, b"", [("X-A", "five")]))
    client = Client(tree, server=server.url)
    assert client.send("op", q=5).header("X-A") == 5
    with pytest.raises(RequestInvalid):
        client.prepare("op", q="five")
    with pytest.raises(ResponseInvalid):
        client.call("op", q=5)


def test_swagger_2(serve: Serve) -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["string", None]}, "b": {"type": None}}}
    tree = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/x": {
                "post": {
                    "operationId": "op",
                    "parameters": [{"in": "body", "name": "body", "schema": schema}],
                    "responses": {"200": {"description": "", "schema": schema}},
                }
            }
        },
    }
    server = serve(json_reply({"a": None, "b": None}), json_reply({"b": "x"}))
    client = Client(tree, server=server.url)
    assert client.call("op", body={"a": None, "b": None}) == {"a": None, "b": None}
    with pytest.raises(RequestInvalid):
        client.prepare("op", body={"a": 1})
    with pytest.raises(ResponseInvalid):
        client.call("op", body={"a": None})


@VERSIONS
def test_it_is_shown_made_and_served_so(version: str) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": VALUE, "n": {"type": None}}}
    client = Client(one("post", body=schema, answer=schema, version=version), server="http://h")
    node = client.operations["op"].body.content["application/json"].schema  # type: ignore[union-attr]
    assert node is not None
    outline = Outlines(client.document).of(node)
    assert Outlines(client.document).of(outline.properties["a"]).types == ["string", "null"]
    assert Outlines(client.document).of(outline.properties["n"]).types == ["null"]
    made = [Maker(client.document, client.checkers, "request").value(node, Seeded(n)) for n in range(60)]
    assert {type(each["a"]) for each in made} == {str, type(None)}
    assert {each["n"] for each in made if "n" in each} == {None}
    with Sandbox(client.document) as sandbox:
        found = Client(client.document, server=sandbox.url).call("op", body={"a": None, "n": None})
    assert found.get("n") is None
