"""Schemas of every OpenAPI version as JSON Schema 2020-12, for requests or for responses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dynaclient.schema.keywords import METASCHEMAS
from dynaclient.schema.translator import Translator
from dynaclient.schema.validator import Validators
from tests.schema.checks import BACKENDS, checker, opened, place

REF = {"$ref": "#/components/schemas/T"}
READABLE = {"$ref": "#/components/schemas/R"}
HOP = {"$ref": "#/components/schemas/T", "readOnly": True}

Row = tuple[Any, list[Any], list[Any]]

IN_30: dict[str, Row] = {
    "nullable with a type": ({"type": "string", "nullable": True}, ["a", None], [5]),
    "nullable without a type": ({"nullable": True, "minLength": 1}, ["a", None, 5], [""]),
    "nullable beside allOf": ({"nullable": True, "allOf": [REF]}, [1, None], ["a"]),
    "nullable beside $ref": ({"nullable": True, **REF}, [1, None], ["a"]),
    "nullable with enum": ({"type": "string", "nullable": True, "enum": ["a"]}, ["a", None], ["b"]),
    "nullable enum with null": ({"nullable": True, "enum": ["a", None]}, ["a", None], ["b"]),
    "nullable beside anyOf": (
        {"nullable": True, "anyOf": [REF, {"type": "boolean"}]},
        [1, True, None],
        ["a"],
    ),
    "nullable item": (
        {"type": "array", "items": {"type": "integer", "nullable": True}},
        [[1, None]],
        [["a"]],
    ),
    "nullable false": ({"type": "string", "nullable": False}, ["a"], [None]),
    "not nullable": ({"type": "string"}, ["a"], [None]),
    "exclusive minimum": ({"minimum": 1, "exclusiveMinimum": True}, [2, 1.5], [1, 0]),
    "inclusive minimum": ({"minimum": 1, "exclusiveMinimum": False}, [1], [0]),
    "exclusive maximum": ({"maximum": 1, "exclusiveMaximum": True}, [0.5], [1]),
    "exclusive alone": ({"exclusiveMaximum": True}, [0, 10**9], []),
    "siblings of $ref": ({**REF, "minimum": 5, "type": "string"}, [1], ["a"]),
    "const is ignored": ({"const": 1}, [1, 2], []),
    "if is ignored": ({"if": {}, "then": False}, [1], []),
    "patternProperties is ignored": ({"patternProperties": {"": False}}, [{"a": 1}], []),
    "int32": ({"type": "integer", "format": "int32"}, [2**31 - 1, -(2**31)], [2**31, -(2**31) - 1]),
    "int64": ({"type": "integer", "format": "int64"}, [2**63 - 1, -(2**63)], [2**63, -(2**63) - 1]),
    "int64 and a bound": ({"type": "integer", "format": "int64", "maximum": 5}, [5], [6]),
    "integer without a format": ({"type": "integer"}, [2**70, 1.0, -(10**30)], [1.5, True, "1"]),
    "unknown format": ({"type": "string", "format": "odd"}, ["anything"], [5]),
    "binary": ({"type": "string", "format": "binary"}, ["\x00"], [5]),
    "no schema keywords": ({"description": "d", "example": 5, "x-a": {"type": "string"}}, [1, "a", None], []),
    "required": ({"type": "object", "required": ["a"]}, [{"a": None}], [{}]),
    "unknown properties": ({"properties": {"a": {"type": "integer"}}}, [{"b": 1}, {}], [{"a": "x"}]),
    "additionalProperties false": (
        {"properties": {"a": {}}, "additionalProperties": False},
        [{"a": 1}],
        [{"b": 1}],
    ),
    "uniqueItems": ({"uniqueItems": True}, [[1, "1", True, 1.5]], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
    "multipleOf": ({"multipleOf": 0.01}, [0.07, 1.13, 19.99, 4.35], [0.001, 0.015]),
    "type in capitals": ({"type": "String"}, ["a"], [5]),
    "type list": ({"type": ["string", "integer"]}, ["a", 1], [True]),
    "type that is none": ({"type": "any"}, [1, "a", None], []),
    "a bound as text": ({"minimum": "3"}, [3], [2]),
    "a bound that is none": ({"minimum": "x", "maxLength": -1, "required": "a"}, [-5, "abc", {}], []),
    "no object": (5, [1, None, {}], []),
    "true": (True, [1, None], []),
    "false": (False, [], [1, None]),
}
IN_31: dict[str, Row] = {
    "nullable allows null": ({"type": "string", "nullable": True}, ["a", None], [5]),
    "type list": ({"type": ["string", "null"]}, ["a", None], [5]),
    "siblings of $ref": ({**REF, "minimum": 5}, [5], [1, "a"]),
    "numeric exclusive bound": ({"exclusiveMinimum": 1}, [1.5], [1]),
    "const": ({"const": None}, [None], [0, False]),
    "const of an object": ({"const": {"a": [1]}}, [{"a": [1]}, {"a": [1.0]}], [{}]),
    "if then": ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
    "prefixItems": ({"prefixItems": [{"type": "string"}], "items": False}, [[], ["a"]], [["a", 1], [1]]),
    "patternProperties": (
        {"patternProperties": {"^x-": {"type": "integer"}}},
        [{"x-a": 1, "b": ""}],
        [{"x-a": ""}],
    ),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
    "contains": ({"contains": REF, "minContains": 2}, [[1, 2, "a"]], [[1, "a"]]),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, [{"b": 1}], [{"a": 1}]),
    "unevaluated": (
        {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
        [{"a": 1}],
        [{"b": 1}],
    ),
    "$defs": (
        {"$defs": {"D": {"type": "integer"}}, "items": {"$ref": "#/components/schemas/S/$defs/D"}},
        [[1]],
        [["a"]],
    ),
    "$anchor": (
        {"items": {"$anchor": "here", "type": "integer"}, "not": {"$ref": "#here"}},
        [[1], "a"],
        [1, ["a"]],
    ),
    "not": ({"not": {"type": "string"}}, [1], ["a"]),
    "true": (True, [1, None], []),
    "an older draft": (
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]},
        [["a", 1]],
        [[1]],
    ),
}


EVERY = [(name, "3.0.3", row) for name, row in IN_30.items()]
EVERY += [(name, version, row) for name, row in IN_31.items() for version in ("3.1.0", "3.2.0")]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("version", "row"), [each[1:] for each in EVERY], ids=[f"{name}-{version}" for name, version, _ in EVERY]
)
def test_what_a_schema_allows(version: str, row: Row, backend: str) -> None:
    schema, right, wrong = row
    check = checker(schema, backend, version=version, T={"type": "integer"})
    assert [value for value in right if not check.is_valid(value)] == []
    assert [value for value in wrong if check.is_valid(value)] == []


# -- readOnly and writeOnly --------------------------------------------------------------------------

ONLY = {
    "type": "object",
    "required": ["id", "key", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "key": {"type": "string", "writeOnly": True},
        "name": {"type": "string"},
    },
}
BOTH_WAYS: list[tuple[str, Any, Any, str, bool]] = [
    ("sent", ONLY, {"key": "k", "name": "n"}, "request", True),
    ("readOnly sent", ONLY, {"key": "k", "name": "n", "id": 1}, "request", False),
    ("writeOnly not sent", ONLY, {"name": "n"}, "request", False),
    ("answered", ONLY, {"id": 1, "name": "n"}, "response", True),
    ("writeOnly answered", ONLY, {"id": 1, "name": "n", "key": "k"}, "response", False),
    ("readOnly not answered", ONLY, {"name": "n"}, "response", False),
    ("through $ref", REF, {"key": "k", "name": "n"}, "request", True),
    ("in depth", {"items": REF}, [{"key": "k", "name": "n", "id": 1}], "request", False),
    ("allOf of $ref", {"allOf": [REF]}, {"key": "k", "name": "n"}, "request", True),
    ("allOf of $ref wrong", {"allOf": [REF]}, {"key": "k", "name": "n", "id": 1}, "request", False),
    (
        "required elsewhere",
        {"allOf": [{"properties": ONLY["properties"]}, {"required": ["id"]}]},
        {},
        "request",
        True,
    ),
    (
        "required beside",
        {"allOf": [{"properties": ONLY["properties"]}], "required": ["id"]},
        {},
        "request",
        True,
    ),
    (
        "required beside a $ref",
        {"allOf": [REF], "required": ["id", "name"]},
        {"key": "k", "name": "n"},
        "request",
        True,
    ),
    ("flag behind a $ref", {"properties": {"a": READABLE}, "required": ["a"]}, {}, "request", True),
    ("flag behind a $ref sent", {"properties": {"a": READABLE}}, {"a": 1}, "request", False),
    ("flag inside allOf", {"properties": {"a": {"allOf": [READABLE]}}}, {"a": 1}, "request", False),
    ("flag answered", {"properties": {"a": READABLE}}, {"a": 1}, "response", True),
    ("flag that is false", {"properties": {"a": {"readOnly": False}}}, {"a": 1}, "request", True),
    (
        "a property called readOnly",
        {"properties": {"readOnly": {"type": "boolean"}}},
        {"readOnly": True},
        "request",
        True,
    ),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "schema", "value", "direction", "valid"), BOTH_WAYS, ids=[row[0] for row in BOTH_WAYS]
)
def test_directions(name: str, schema: Any, value: Any, direction: str, valid: bool, backend: str) -> None:
    readable = {"type": "integer", "readOnly": True}
    for version in ("3.0.3", "3.1.0"):
        check = checker(schema, backend, direction, version, T=ONLY, R=readable)
        assert check.is_valid(value) == valid


def test_a_flag_beside_a_ref_counts_from_3_1_on() -> None:
    schema = {"properties": {"a": {**REF, "readOnly": True}}}
    assert checker(schema, T={}).is_valid({"a": 1})
    assert not checker(schema, version="3.1.0", T={}).is_valid({"a": 1})


HIDDEN = {"properties": {"id": {"readOnly": True}, "name": {}}}
REQUIRED = {"required": ["id"]}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "schema",
    [
        {**HIDDEN, "dependentRequired": {"name": ["id"]}},
        {**HIDDEN, "dependentSchemas": {"name": REQUIRED}},
        {**HIDDEN, "if": {"required": ["name"]}, "then": REQUIRED},
        {**HIDDEN, "if": {"required": ["other"]}, "else": REQUIRED},
        {**HIDDEN, "anyOf": [REQUIRED]},
        {**HIDDEN, "not": REQUIRED},
        {**HIDDEN, "if": REQUIRED, "then": False},
    ],
    ids=lambda schema: list(schema)[-1],
)
def test_nothing_that_is_hidden_is_required_in_any_way(schema: Any, backend: str) -> None:
    check = checker(schema, backend, version="3.1.0")
    assert check.is_valid({"name": 1})
    assert not check.is_valid({"name": 1, "id": 2})


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_hidden_is_found_however_deep(backend: str) -> None:
    """And wherever one begins to look: what was found for a part of the chain holds for that part."""
    links = {f"L{i}": {"allOf": [{"$ref": f"#/components/schemas/L{i + 1}"}], **REQUIRED} for i in range(12)}
    circle = [{"$ref": "#/components/schemas/L0"}, {"$ref": "#/components/schemas/H"}]
    tree = opened({}, "3.1.0", **links, L12={"allOf": circle}, H=HIDDEN)
    checkers = Validators(tree, backend)  # type: ignore[arg-type]
    for name in (*links, "L12"):
        node = tree.root.get("components", "schemas", name)
        assert node is not None
        check = checkers.checker(node, "request")
        assert check.is_valid({"name": 1}), name
        assert not check.is_valid({"id": 1}), name


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("schema", "more"),
    [
        ({**REF, "required": ["id", "name"]}, {}),
        (
            {"$ref": "#/components/schemas/U", "required": ["id", "name"]},
            {"U": {**REF, "required": ["name"]}},
        ),
        ({"allOf": [{**REF, "type": "object"}], "required": ["id"]}, {}),
        ({"properties": {"id": {"$ref": "#/components/schemas/U"}}, "required": ["id"]}, {"U": READABLE}),
        ({"properties": {"id": {"$ref": "#/components/schemas/U"}}, "required": ["id"]}, {"U": HOP}),
    ],
)
def test_what_is_hidden_behind_a_ref_is_not_required_beside_it(schema: Any, more: Any, backend: str) -> None:
    """From 3.1 on keywords beside a `$ref` count, so that `required` may stand there."""
    readable = {"type": "integer", "readOnly": True}
    check = checker(schema, backend, version="3.1.0", T=ONLY, R=readable, **more)
    assert check.is_valid({"key": "k", "name": "n"})
    assert not check.is_valid({"key": "k", "name": "n", "id": 1})


# -- what is said plainly ----------------------------------------------------------------------------

PLAINLY: list[Any] = [
    {},
    {"description": "d", "x-a": {"$ref": "#/nowhere"}},
    {"type": "string", "maxLength": 5, "description": "d"},
    {"type": "string", "maxLength": "5"},
    {"type": "String", "minLength": -1},
    {"type": ["string", "null"], "minLength": 1},
    {"type": "string", "nullable": True},
    {"type": "string", "nullable": "true"},
    {"nullable": True},
    {"nullable": True, "format": "date"},
    {"type": "integer", "format": "int32", "minimum": 5, "maximum": 2**40},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": 5},
    {"enum": ["a"], "type": "string"},
    {"enum": [1], "type": "string", "nullable": True},
    {"minimum": 1, "exclusiveMinimum": True},
    {"const": 5},
    {"required": ["a", "a"]},
    {"$schema": "https://example.org/own", "type": "string"},
    {"pattern": "\\d"},
    True,
    None,
    "true",
    5,
]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("flavour", ["rust", "python", "source"])
def test_what_is_said_plainly_is_read_as_anything_else(flavour: Any, version: str) -> None:
    """Most schemas in others take a shorter way, and come out as one that stands by itself."""
    alone = {f"P{number}": schema for number, schema in enumerate(PLAINLY)}
    items = [{"items": schema} for schema in PLAINLY]
    members = [{"allOf": [schema, REF]} for schema in PLAINLY]
    tree = opened({"properties": alone, "allOf": [*items, *members]}, version, T={}, **alone)
    translator = Translator(tree, "request", flavour)
    whole = translator.defs[translator.entry(place(tree))]

    def read(schema: Any) -> str:  # what was not checked has a number, by the order in which it was found
        return re.sub(r'"\d+": ', '"": ', json.dumps(schema))

    def found(*steps: str | int) -> set[tuple[str, ...]]:
        above = "".join(f"/{step}" for step in ("components", "schemas", *steps))
        here = [each for each in tree.findings if f"{each.pointer}/".startswith(f"{above}/")]
        return {(each.pointer.removeprefix(above), each.message, each.meaning) for each in here}

    for number, name in enumerate(alone):
        key = translator.entry(tree.root.get("components", "schemas", name))  # type: ignore[arg-type]
        due = read(translator.defs[key]), found(name)
        late = len(PLAINLY) + number
        assert (read(whole["properties"][name]), found("S", "properties", name)) == due, name
        assert (read(whole["allOf"][number]["items"]), found("S", "allOf", number, "items")) == due, name
        assert (read(whole["allOf"][late]["allOf"][0]), found("S", "allOf", late, "allOf", 0)) == due, name
    assert len(tree.findings) > 10


# -- findings ----------------------------------------------------------------------------------------

FOUND: list[tuple[str, Any, str, str]] = [
    ("3.0.3", {"type": "text"}, "/type", "'text' is not a type"),
    ("3.0.3", {"properties": {"a": {"minimum": "3"}}}, "/properties/a/minimum", "expected a number"),
    ("3.0.3", {"maxLength": -1}, "/maxLength", "a whole number from 0"),
    ("3.0.3", {"multipleOf": 0}, "/multipleOf", "above 0"),
    ("3.0.3", {"enum": []}, "/enum", "a list of values"),
    ("3.0.3", {"required": ["a", "a"]}, "/required", "each once"),
    ("3.0.3", {"pattern": "("}, "/pattern", "cannot be read"),
    ("3.0.3", {"items": 5}, "/items", "an object or a boolean"),
    ("3.0.3", {"items": None}, "/items", "no schema here"),
    ("3.0.3", {"additionalProperties": "false"}, "/additionalProperties", "an object or a boolean"),
    ("3.0.3", {"discriminator": {}}, "/discriminator", "propertyName"),
    ("3.0.3", {"items": {"$ref": "#/nowhere"}}, "/items", "nowhere"),
    ("3.0.3", {"items": {"$ref": "#/info/title"}}, "/items", "schema"),
    ("3.1.0", {"$schema": "https://example.org/own"}, "", "not known"),
]


@pytest.mark.parametrize(("version", "schema", "pointer", "words"), FOUND)
def test_what_has_no_certain_meaning_is_a_finding(
    version: str, schema: Any, pointer: str, words: str
) -> None:
    tree = opened(schema, version)
    translator = Translator(tree, "request", "source")
    translator.entry(place(tree))
    assert len(tree.findings) == 1, tree.findings
    assert words in tree.findings[0].message
    if "ref" not in str(schema):
        assert tree.findings[0].pointer == "/components/schemas/S" + pointer


def test_a_misspelt_reference_is_found_where_it_stands() -> None:
    tree = opened({"properties": {"a": {"$ref": "#/components/schema/T"}, "b": {}}}, "3.1.0", T={})
    Translator(tree, "request", "source").entry(place(tree))
    assert [each.pointer for each in tree.findings] == ["/components/schemas/S/properties/a"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("base", ["https://x.example/a/", "a/b/", ""])
def test_resources_of_a_document_that_came_from_nowhere(base: str, backend: str) -> None:
    """Their `$id` may be relative to nothing."""
    tree = {
        "$id": f"{base}tree",
        "$dynamicAnchor": "n",
        "properties": {
            "child": {"$dynamicRef": "#n"},
            "inner": {"$ref": "in/int"},
            "own": {"$ref": "#/$defs/x"},
            "anchor": {"$ref": "#there"},
        },
        "$defs": {
            "x": {"type": "integer"},
            "y": {"$id": "in/int", "type": "integer", "$defs": {"z": {"type": "string"}}},
            "w": {"$anchor": "there", "type": "integer"},
        },
    }
    asked = {
        "t": {"$ref": f"{base}tree"},
        "u": {"$ref": f"{base}in/int"},
        "z": {"$ref": f"{base}in/int#/$defs/z"},
    }
    check = checker({"properties": asked}, backend, version="3.1.0", T=tree)
    right = {"child": {"child": {}}, "inner": 1, "own": 1, "anchor": 1}
    assert check.is_valid({"t": right, "u": 1, "z": "a"})
    for name in ("inner", "own", "anchor"):
        assert not check.is_valid({"t": {name: "a"}})
        assert not check.is_valid({"t": {"child": {"child": {name: "a"}}}})
    assert not check.is_valid({"u": "a"})
    assert not check.is_valid({"z": 1})


def test_translated_once_and_with_what_it_needs() -> None:
    tree = opened(
        {"items": REF, "not": REF}, T={"properties": {"s": {"$ref": "#/components/schemas/S"}}}, U={}
    )
    translator = Translator(tree, "request", "source")
    key = translator.entry(place(tree))
    assert translator.entry(place(tree)) == key == "S"
    assert translator.defs == {
        "S": {"items": {"$ref": "#/$defs/T"}, "not": {"$ref": "#/$defs/T"}},
        "T": {"properties": {"s": {"$ref": "#/$defs/S"}}},
    }
    assert translator.closure("S") == {"S", "T"}
    assert tree.tree["components"]["schemas"]["S"] == {
        "items": REF,
        "not": REF,
    }  # the document is not changed


def test_the_source_flavour_keeps_the_documents_own_patterns() -> None:
    tree = opened({"pattern": "^[^[:cntrl:]]+\\d$"})
    flavours = {}
    for flavour in ("source", "rust", "python"):
        translator = Translator(tree, "request", flavour)  # type: ignore[arg-type]
        flavours[flavour] = translator.defs[translator.entry(place(tree))]["pattern"]
    assert flavours["source"] == "^[^[:cntrl:]]+\\d$"
    assert flavours["rust"] != flavours["source"]
    assert flavours["python"] != flavours["source"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("mark", ["", "#"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("uri", sorted(METASCHEMAS))
def test_a_schema_may_be_asked_to_be_a_schema(uri: str, version: str, mark: str, backend: str) -> None:
    asked = checker({"properties": {"s": {"$ref": uri + mark}}}, backend, version=version)
    assert asked.is_valid({"s": {"type": "object", "properties": {"a": {"minLength": 1}}}})
    wrong = asked.violations({"s": {"properties": {"a": {"minLength": -1}}}}, "body", "body")
    assert [each.pointer for each in wrong] == ["/s/properties/a/minLength"]
