"""`nullable: true` in 3.1 and 3.2, where JSON Schema has no such keyword: documents mean it as in 3.0."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client, RequestInvalid, ResponseInvalid
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker
from dynaclient.sandbox import Sandbox
from dynaclient.schema.summary import Outlines
from dynaclient.schema.validator import Validators
from tests.conftest import Serve
from tests.schema.checks import BACKENDS, opened, place
from tests.small import json_reply, one, param

REF = {"$ref": "#/components/schemas/R"}
R = {"type": "string", "minLength": 1}

ROWS: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"type": "string"}, [None, "a"], [1]),
    ({"type": ["string", "integer"]}, [None, "a", 1], [True]),
    ({"type": ["string", "null"]}, [None, "a"], [1]),
    ({"type": "string", "enum": ["a", "b"]}, [None, "a"], ["c"]),
    ({"enum": ["a", "b"]}, [None, "a"], ["c", 0]),
    ({"const": "a"}, [None, "a"], ["b"]),
    ({"type": "string", "const": "a"}, [None, "a"], ["b"]),
    ({"type": "string", "not": {"enum": ["x", None]}}, [None, "a"], ["x"]),
    ({"type": "string", "format": "date-time"}, [None, "2020-01-01T00:00:00Z"], ["x"]),
    ({"type": "integer", "format": "int64", "minimum": 5}, [None, 5], [4]),
    (REF, [None, "a"], ["", 1]),
    ({**REF, "maxLength": 2}, [None, "a"], ["abc", ""]),
    ({"allOf": [REF]}, [None, "a"], [""]),
    ({"anyOf": [REF, {"type": "integer"}]}, [None, "a", 1], [""]),
    ({"oneOf": [REF, {"type": "integer"}]}, [None, 1], [True]),
    ({"type": "array", "items": {"type": "integer"}}, [None, [1]], [[None], ["a"]]),
    ({"type": "object", "properties": {"a": {"type": "integer"}}}, [None, {"a": 1}], [{"a": None}]),
    ({"if": {"type": "null"}, "then": False, "type": "string"}, [None, "a"], [1]),
    ({"minLength": 2}, [None, "ab"], ["a"]),
    ({"$id": "http://h/s", "type": "string"}, [None, "a"], [1]),
]
VERSIONS = pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])


@VERSIONS
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("flag", [True, "true"])
@pytest.mark.parametrize(("schema", "right", "wrong"), ROWS)
def test_null_is_accepted_beside_anything(
    schema: dict[str, Any], right: list[Any], wrong: list[Any], flag: Any, backend: str, version: str
) -> None:
    around = {"type": "array", "items": {**schema, "nullable": flag}}
    tree = opened(around, version, R=R)
    checkers = Validators(tree, backend)  # type: ignore[arg-type]
    directions: tuple[Any, Any] = ("request", "response")
    for direction in directions:
        checker = checkers.checker(place(tree), direction)
        assert checker.violations(right, "body", "body") == []
        assert all(checker.violations([value], "body", "body") for value in wrong)
    told = [each for each in tree.findings if each.pointer.endswith("/items/nullable")]
    assert len(told) == 1
    assert "null is accepted" in told[0].meaning


@pytest.mark.parametrize(
    "schema", [{"type": "string", "nullable": False}, {"type": "string", "nullable": "no"}]
)
def test_what_does_not_say_so_refuses_null(schema: Any) -> None:
    tree = opened(schema, "3.1.0")
    assert Validators(tree).checker(place(tree), "request").violations(None, "body", "body")
    assert tree.findings == []


@pytest.mark.parametrize(
    "dialect", ["http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#"]
)
def test_in_another_dialect_too(dialect: str) -> None:
    tree = opened({"$schema": dialect, "type": "string", "nullable": True}, "3.1.0")
    assert Validators(tree).checker(place(tree), "response").violations(None, "body", "body") == []


@VERSIONS
def test_calls_the_sandbox_and_what_is_shown_and_made(version: str, serve: Serve) -> None:
    member = {"type": "string", "enum": ["a"], "nullable": True}
    schema = {"type": "object", "required": ["m"], "properties": {"m": member}}
    tree = one(
        "post",
        "/x",
        param("q", content={"application/json": {"schema": member}}),
        body=schema,
        answer=schema,
        version=version,
    )
    client = Client(tree, server=serve(json_reply({"m": None}), json_reply({"m": "b"})).url)
    with pytest.raises(RequestInvalid):
        client.prepare("op", body={"m": "b"})
    assert client.call("op", body={"m": None}, q="a") == {"m": None}
    with pytest.raises(ResponseInvalid):
        client.call("op", body={"m": "a"})
    node = client.operations["op"].body.content["application/json"].schema  # type: ignore[union-attr]
    assert node is not None
    assert Outlines(client.document).of(node.child("properties").child("m")).types == ["string", "null"]
    made = [Maker(client.document, client.checkers, "request").value(node, Seeded(n)) for n in range(40)]
    assert {each["m"] for each in made} == {"a", None}
    with Sandbox(client.document) as sandbox:
        Client(client.document, server=sandbox.url).call("op", body={"m": None})
