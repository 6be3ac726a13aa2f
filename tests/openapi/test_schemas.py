"""Every keyword of the Schema Object through a client, in request and response: what passes, what is refused.

JSON Schema draft 4 as OpenAPI 3.0 uses it, and 2020-12 as 3.1 and 3.2 have it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from dynaclient import Client, RequestInvalid, Violation
from dynaclient.client import executor_of
from tests.small import one

OLD, NEW = ("3.0.4",), ("3.1.1", "3.2.0")
ALL = OLD + NEW
TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
PLACE = "http://127.0.0.1:1"


class Case(NamedTuple):
    """`right` and `wrong` are values for `schema`; the wrong one is refused at `pointer`, with `says`."""

    keyword: str
    schema: Any
    right: Any
    wrong: Any
    pointer: str
    says: str
    versions: tuple[str, ...] = ALL


def properties(**schemas: Any) -> dict[str, Any]:
    return {"type": "object", "properties": schemas}


AB = properties(a=INTEGER, b=INTEGER)
NODE = {"$dynamicAnchor": "node", **properties(n=INTEGER, next={"$dynamicRef": "#node"})}
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
NAMED = {"$ref": "#name", "$defs": {"N": {"$anchor": "name", "type": "integer"}}}
RESOURCE = {"$ref": "own/name", "$defs": {"N": {"$id": "own/name", "type": "integer"}}}

CASES = [
    # keyword, schema, a right value, a wrong one, where, why, versions
    Case("type", TEXT, "a", 1, "", "expected a string, got an integer (1)"),
    Case("type", {"type": ["string", "null"]}, None, 1, "", "expected a string or null", NEW),
    Case("enum", {"enum": ["a", 1, None]}, 1.0, "b", "", '"b" is not one of "a", 1, null'),
    Case("const", {"const": {"a": [1]}}, {"a": [1.0]}, {"a": [2]}, "", 'got {"a": [2]}', NEW),
    Case("multipleOf", {"multipleOf": 0.01}, 0.07, 0.075, "", "0.075 is not a multiple of 0.01"),
    Case("minimum", {"minimum": 3}, 3, 2.9, "", "2.9 is less than 3"),
    Case("maximum", {"maximum": 3}, 3, 3.1, "", "3.1 is greater than 3"),
    Case("exclusiveMinimum", {"minimum": 3, "exclusiveMinimum": True}, 4, 3, "", "not greater than 3", OLD),
    Case("exclusiveMaximum", {"maximum": 3, "exclusiveMaximum": True}, 2, 3, "", "3 is not less than 3", OLD),
    Case("exclusiveMinimum", {"exclusiveMinimum": 3}, 4, 3, "", "3 is not greater than 3", NEW),
    Case("exclusiveMaximum", {"exclusiveMaximum": 3}, 2, 3, "", "3 is not less than 3", NEW),
    Case("minLength", {"minLength": 2}, "a👍", "👍", "", "expected at least 2"),
    Case("maxLength", {"maxLength": 2}, "👍👍", "abc", "", "has 3 characters, expected at most 2"),
    Case("pattern", {"pattern": "^a+$"}, "aa", "ab", "", '"ab" does not match the pattern ^a+$'),
    Case("format", {"type": "string", "format": "date"}, "2024-02-29", "2023-02-29", "", "is not a date"),
    Case("format", {"type": "integer", "format": "int32"}, 2**31 - 1, 2**31, "", "greater than 2147483647"),
    Case("minItems", {"minItems": 1}, [1], [], "", "expected at least 1"),
    Case("maxItems", {"maxItems": 1}, [1], [1, 2], "", "expected at most 1"),
    Case("uniqueItems", {"uniqueItems": True}, [1, True], [1, 1.0], "", "not unique"),
    Case("items", {"items": INTEGER}, [1], [1, "a"], "/1", "expected an integer"),
    Case("prefixItems", {"prefixItems": [INTEGER]}, [1, "a"], ["a"], "/0", "expected an integer", NEW),
    Case("items", {"prefixItems": [INTEGER], "items": False}, [1], [1, 2], "/1", "no value is allowed", NEW),
    Case("contains", {"contains": INTEGER}, ["a", 1], ["a"], "", "`contains`", NEW),
    Case("minContains", {"contains": INTEGER, "minContains": 2}, [1, 2], [1], "", "at least 2", NEW),
    Case("maxContains", {"contains": INTEGER, "maxContains": 1}, [1], [1, 2], "", "at most 1", NEW),
    Case("unevaluatedItems", {"prefixItems": [INTEGER], "unevaluatedItems": False}, [1], [1, 2], "", "", NEW),
    Case("minProperties", {"minProperties": 1}, {"a": 1}, {}, "", "expected at least 1"),
    Case("maxProperties", {"maxProperties": 1}, {"a": 1}, {"a": 1, "b": 2}, "", "expected at most 1"),
    Case("required", {"required": ["a"]}, {"a": None}, {"b": 1}, "", "'a' is missing"),
    Case("properties", AB, {"a": 1, "c": ""}, {"a": ""}, "/a", "expected an integer"),
    Case("additionalProperties", {"additionalProperties": INTEGER}, {"a": 1}, {"a": ""}, "/a", "an integer"),
    Case(
        "additionalProperties",
        {**AB, "additionalProperties": False},
        {"a": 1},
        {"a": 1, "c": 2},
        "",
        "'c' is not allowed here; allowed: \"a\", \"b\"",
    ),
    Case("patternProperties", {"patternProperties": {"^x": INTEGER}}, {"x": 1}, {"xy": ""}, "/xy", "", NEW),
    Case("propertyNames", {"propertyNames": {"maxLength": 1}}, {"a": 1}, {"ab": 1}, "", 'name "ab"', NEW),
    Case("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"b": 1}, {"a": 1}, "", "by 'a'", NEW),
    Case("dependentSchemas", {"dependentSchemas": {"a": AB}}, {"b": ""}, {"a": 1, "b": ""}, "/b", "", NEW),
    Case(
        "unevaluatedProperties",
        {"allOf": [AB], "unevaluatedProperties": False},
        {"a": 1},
        {"a": 1, "c": 1},
        "",
        "'c' is not allowed here",
        NEW,
    ),
    Case("allOf", {"allOf": [INTEGER, {"minimum": 3}]}, 3, 2, "", "2 is less than 3"),
    Case("anyOf", {"anyOf": [INTEGER, TEXT]}, "a", {}, "", "{} matches none of the 2 anyOf schemas"),
    Case("oneOf", {"oneOf": [INTEGER, TEXT]}, 1, {}, "", "{} matches none of the 2 oneOf schemas"),
    Case("oneOf", {"oneOf": [{"minimum": 1}, {"maximum": 5}]}, 7, 3, "", "matches more than one of the 2"),
    Case("not", {"not": TEXT}, 1, "a", "", '"a" is excluded by `not`'),
    Case("if", {"if": TEXT, "then": {"maxLength": 1}}, 22, "22", "", "at most 1", NEW),
    Case("then", {"if": TEXT, "then": {"maxLength": 1}}, "2", "22", "", "at most 1", NEW),
    Case("else", {"if": TEXT, "else": INTEGER}, "2", {}, "", "expected an integer", NEW),
    Case("$ref", {"$ref": "#/components/schemas/Shared"}, "ab", "a", "", "at least 2"),
    Case("$defs", {"$ref": "#/components/schemas/S/$defs/I", "$defs": {"I": INTEGER}}, 1, "", "", "", NEW),
    Case("$anchor", NAMED, 1, "", "", "expected an integer", NEW),
    Case("$id", RESOURCE, 1, "", "", "integer", NEW),
    Case("$dynamicAnchor", NODE, {"next": {"n": 1}}, {"n": ""}, "/n", "expected an integer", NEW),
    Case("$dynamicRef", NODE, {"next": {}}, {"next": {"next": {"n": ""}}}, "/next/next/n", "", NEW),
    Case("$schema", {"$schema": DRAFT_7, "items": [TEXT]}, ["a"], [1], "/0", "expected a string", NEW),
    Case("nullable", {"type": "string", "nullable": True}, None, 1, "", "expected a string or null", OLD),
    Case("false", False, ..., 1, "", "no value is allowed here", NEW),
    Case("true", {"items": True, "minItems": 1}, [None], [], "", "", NEW),
]  # fmt: skip

ANNOTATIONS = [
    # keyword, a schema that has it, a value that it does not refuse
    ("title", {"title": "a"}, 1),
    ("description", {"description": "a"}, 1),
    ("default", {"default": "a"}, 1),
    ("example", {"example": "a"}, 1),
    ("examples", {"examples": ["a"]}, 1),
    ("deprecated", {"deprecated": True}, 1),
    ("externalDocs", {"externalDocs": {"url": "a"}}, 1),
    ("xml", {"xml": {"name": "a"}}, 1),
    ("$comment", {"$comment": "a"}, 1),
    ("contentEncoding", {"contentEncoding": "base64"}, "?"),
    ("contentMediaType", {"contentMediaType": "application/json"}, "{"),
    ("contentSchema", {"contentMediaType": "application/json", "contentSchema": False}, "{}"),
    ("x-own", {"x-own": 1}, 1),
]

DRAFT_4 = set(
    "multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems"
    " minItems uniqueItems maxProperties minProperties required enum type allOf oneOf anyOf not items"
    " properties additionalProperties format $ref nullable".split()
)
DRAFT_2020 = (DRAFT_4 - {"nullable"}) | set(
    "$defs $anchor $id $schema $dynamicAnchor $dynamicRef if then else dependentSchemas prefixItems contains"
    " patternProperties propertyNames unevaluatedItems unevaluatedProperties const maxContains minContains"
    " dependentRequired true false".split()
)


def opened(version: str, schema: Any, backend: Any) -> Client:
    """A client whose one operation has `schema` for its body and for its answer."""
    shared = {"S": schema, "Shared": {"type": "string", "minLength": 2}}
    here = {"$ref": "#/components/schemas/S"}
    tree = one("post", body=here, answer=here, version=version, components={"schemas": shared})
    return Client(tree, server=PLACE, validate_with=backend)


def asked(client: Client, value: Any) -> tuple[Violation, ...]:
    """What a request with the body `value` breaks."""
    try:
        client.prepare("op", body=value)
    except RequestInvalid as error:
        return error.violations
    return ()


def answered(client: Client, value: Any) -> tuple[Violation, ...]:
    """What an answer with the body `value` breaks."""
    content = json.dumps(value).encode()
    kind = {"Content-Type": "application/json"}
    return tuple(executor_of(client).compiled("op").read(200, kind, content, check=True).violations)


DIRECTIONS = {"request": asked, "answer": answered}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("version", "case"),
    [
        pytest.param(version, case, id=f"{version}-{case.keyword}-{number}")
        for number, case in enumerate(CASES)
        for version in case.versions
    ],
)
def test_keyword(version: str, case: Case, direction: str, backend: str) -> None:
    client = opened(version, case.schema, backend)
    if case.right is not ...:
        assert DIRECTIONS[direction](client, case.right) == ()
    found = DIRECTIONS[direction](client, case.wrong)
    assert [each.pointer for each in found] == [case.pointer]
    assert case.says in found[0].message
    if case.keyword not in ("$id", "$schema", "$dynamicRef", "$dynamicAnchor"):
        assert "/components/schemas/" in found[0].schema_pointer
    if case.keyword != "false":  # of which no value can be made
        assert client.findings == ()


def test_every_keyword_has_a_case() -> None:
    assert {case.keyword for case in CASES if "3.0.4" in case.versions} == DRAFT_4
    assert {case.keyword for case in CASES if "3.2.0" in case.versions} == DRAFT_2020


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(("keyword", "schema", "value"), ANNOTATIONS, ids=[row[0] for row in ANNOTATIONS])
def test_an_annotation_refuses_nothing(
    keyword: str, schema: Any, value: Any, direction: str, version: str
) -> None:
    assert keyword in schema
    assert DIRECTIONS[direction](opened(version, schema, "auto"), value) == ()


NOT_ALONE = {
    "true",
    "false",
    "$schema",
    "$defs",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "then",
    "else",
}


@pytest.mark.parametrize("keyword", sorted(DRAFT_2020 - DRAFT_4 - NOT_ALONE))
def test_a_keyword_that_30_does_not_have_means_nothing_there(keyword: str) -> None:
    case = next(each for each in CASES if each.keyword == keyword)
    client = opened("3.0.4", {keyword: case.schema[keyword]}, "auto")
    assert asked(client, case.wrong) == answered(client, case.wrong) == ()


@pytest.mark.parametrize("version", NEW)
def test_nullable_allows_null_in_31_with_a_finding(version: str) -> None:
    client = opened(version, {"type": "string", "nullable": True}, "auto")
    assert asked(client, None) == answered(client, None) == ()
    assert [each.pointer for each in asked(client, 5)] == [""]
    assert any("nullable" in finding.message for finding in client.findings)


# readOnly and writeOnly, nullable and discriminator, in both directions.

SECRETS = {
    "type": "object",
    "required": ["id", "password", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "password": {"type": "string", "writeOnly": True},
        "name": TEXT,
    },
}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("nested", [False, True], ids=["plain", "allOf"])
def test_read_only_and_write_only(version: str, backend: str, nested: bool) -> None:
    schema = {"allOf": [SECRETS, properties(more=INTEGER)]} if nested else SECRETS
    client = opened(version, schema, backend)
    assert asked(client, {"password": "p", "name": "n"}) == ()
    assert answered(client, {"id": 1, "name": "n"}) == ()
    whole = {"id": 1, "password": "p", "name": "n"}
    (sent,), (got,) = asked(client, whole), answered(client, whole)
    assert (sent.pointer, sent.message) == ("/id", "readOnly: the server sets it, leave it out")
    assert (got.pointer, got.message) == ("/password", "writeOnly: a server must not send it")
    assert [each.message for each in asked(client, {})] == ["'password' is missing", "'name' is missing"]
    assert [each.message for each in answered(client, {})] == ["'id' is missing", "'name' is missing"]


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(
    ("schema", "null"),
    [
        ({"type": "string", "nullable": True}, True),
        ({"nullable": True}, True),
        ({"nullable": True, "minLength": 1, "type": "string"}, True),
        ({"type": "string", "enum": ["a"], "nullable": True}, True),
        ({"type": "string", "enum": ["a", None], "nullable": True}, True),
        ({"allOf": [{"$ref": "#/components/schemas/Shared"}], "nullable": True}, True),
        ({"oneOf": [TEXT, INTEGER], "nullable": True}, True),
        ({"$ref": "#/components/schemas/Shared", "nullable": True}, True),
        ({"type": "string", "nullable": False}, False),
        ({"type": "string"}, False),
        ({"enum": ["a"]}, False),
        ({"allOf": [{"type": "string", "nullable": True}, TEXT]}, False),
    ],
)
def test_nullable(schema: Any, null: bool, backend: str) -> None:
    client = opened("3.0.4", schema, backend)
    assert (asked(client, None) == (), answered(client, None) == ()) == (null, null)


PETS = {
    "Cat": {**properties(kind=TEXT, lives=INTEGER), "required": ["kind", "lives"]},
    "Dog": {**properties(kind=TEXT, tricks=INTEGER), "required": ["kind", "tricks"]},
}
REFS = [{"$ref": f"#/components/schemas/{name}"} for name in PETS]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("mapping", "kind"),
    [({}, "Dog"), ({"d": "#/components/schemas/Dog"}, "d"), ({"d": "Dog"}, "d"), ({"d": "Dog"}, "Dog")],
    ids=["implicit", "pointer", "name", "beside a mapping"],
)
def test_a_discriminator_picks_the_branch_that_is_explained(
    version: str, direction: str, backend: str, keyword: str, mapping: dict[str, str], kind: str
) -> None:
    schema = {keyword: REFS, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    tree = one("post", body=schema, answer=schema, version=version, components={"schemas": PETS})
    client = Client(tree, server=PLACE, validate_with=backend)  # type: ignore[arg-type]
    verdict = DIRECTIONS[direction]
    assert verdict(client, {"kind": kind, "tricks": 3}) == ()
    (wrong,) = verdict(client, {"kind": kind, "tricks": "many"})
    assert (wrong.pointer, wrong.schema_pointer) == (
        "/tricks",
        "/components/schemas/Dog/properties/tricks/type",
    )
    assert "expected an integer" in wrong.message
    (unknown,) = verdict(client, {"kind": "Cow"})
    assert "none of the 2 " in unknown.message


@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize("said", [{}, {"kind": "Cow"}])
def test_the_default_mapping_of_32_is_explained_where_nothing_else_is_meant(backend: Any, said: Any) -> None:
    members = {**PETS, "Other": {"type": "object", "properties": {"legs": INTEGER}, "required": ["legs"]}}
    discriminator = {"propertyName": "kind", "defaultMapping": "Other"}
    schema = {"anyOf": [*REFS, {"$ref": "#/components/schemas/Other"}], "discriminator": discriminator}
    tree = one("post", body=schema, version="3.2.0", components={"schemas": members})
    client = Client(tree, server=PLACE, validate_with=backend)
    assert asked(client, {**said, "legs": 4}) == ()
    (wrong,) = asked(client, {**said, "legs": "four"})
    assert (wrong.pointer, wrong.schema_pointer) == (
        "/legs",
        "/components/schemas/Other/properties/legs/type",
    )
