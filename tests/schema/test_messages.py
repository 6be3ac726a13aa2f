"""Violations: the pointers into the value and the document, and words that a person can act on."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.schema.messages import MAX_SHOWN, short_json
from dynaclient.schema.validator import Validators
from tests.schema.checks import BACKENDS, checker, opened, place

S = "/components/schemas/S"
LONG = "x" * 100

# schema, value, and each violation: pointer into the value, message, pointer into the schema
ROWS: list[tuple[Any, Any, list[tuple[str, str, str]]]] = [
    ({"type": "integer"}, "a", [("", 'expected an integer, got a string ("a")', "/type")]),
    ({"type": "string"}, None, [("", "expected a string, got null", "/type")]),
    ({"type": "object"}, [1], [("", "expected an object, got an array ([1])", "/type")]),
    ({"type": "boolean"}, 1, [("", "expected a boolean, got an integer (1)", "/type")]),
    ({"type": "integer"}, 1.5, [("", "expected an integer, got a number (1.5)", "/type")]),
    ({"type": "number"}, float("inf"), [("", "number out of the range of a float", "/type")]),
    (
        {"type": "integer", "nullable": True},
        "a",
        [("", 'expected an integer or null, got a string ("a")', "/type")],
    ),
    (
        {"required": ["a", "b"]},
        {},
        [("", "'a' is missing", "/required"), ("", "'b' is missing", "/required")],
    ),
    ({"enum": ["a", 1, None]}, "b", [("", '"b" is not one of "a", 1, null', "/enum")]),
    (
        {"enum": list(range(20))},
        -1,
        [("", "-1 is not one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more", "/enum")],
    ),
    ({"minimum": 1}, 0, [("", "0 is less than 1", "/minimum")]),
    ({"maximum": 1}, 2, [("", "2 is greater than 1", "/maximum")]),
    ({"minimum": 1, "exclusiveMinimum": True}, 1, [("", "1 is not greater than 1", "")]),
    ({"maximum": 1, "exclusiveMaximum": True}, 1, [("", "1 is not less than 1", "")]),
    ({"multipleOf": 0.01}, 0.001, [("", "0.001 is not a multiple of 0.01", "/multipleOf")]),
    ({"minLength": 2}, "a", [("", '"a" has 1 character, expected at least 2', "/minLength")]),
    ({"maxLength": 2}, "😀bc", [("", '"😀bc" has 3 characters, expected at most 2', "/maxLength")]),
    ({"pattern": "^a"}, "b", [("", '"b" does not match the pattern ^a', "/pattern")]),
    ({"format": "date"}, "b", [("", '"b" is not a date', "/format")]),
    ({"minItems": 2}, [1], [("", "1 item, expected at least 2", "/minItems")]),
    ({"maxItems": 0}, [1], [("", "1 item, expected at most 0", "/maxItems")]),
    ({"uniqueItems": True}, [1, 1], [("", "items are not unique", "/uniqueItems")]),
    ({"minProperties": 1}, {}, [("", "0 properties, expected at least 1", "/minProperties")]),
    ({"maxProperties": 0}, {"a": 1}, [("", "1 property, expected at most 0", "/maxProperties")]),
    (
        {"properties": {"a": {}}, "additionalProperties": False},
        {"a": 1, "b": 2},
        [("", "'b' is not allowed here; allowed: \"a\"", "/additionalProperties")],
    ),
    (
        {"properties": {"a": {"readOnly": True}}},
        {"a": 1},
        [("/a", "readOnly: the server sets it, leave it out", "/properties/a")],
    ),
    ({"not": {"type": "string"}}, "a", [("", '"a" is excluded by `not`', "/not")]),
    (
        {"items": {"type": "integer"}},
        [1, "a", None],
        [
            ("/1", 'expected an integer, got a string ("a")', "/items/type"),
            ("/2", "expected an integer, got null", "/items/type"),
        ],
    ),
    (
        {"properties": {"a/b": {"properties": {"c~": {"items": {"minimum": 1}}}}}},
        {"a/b": {"c~": [0]}},
        [("/a~1b/c~0/0", "0 is less than 1", "/properties/a~1b/properties/c~0/items/minimum")],
    ),
    (
        {"additionalProperties": {"type": "integer"}},
        {"é": "a"},
        [("/é", 'expected an integer, got a string ("a")', "/additionalProperties/type")],
    ),
    (
        {"allOf": [{"minimum": 1}, {"maximum": -1}]},
        0,
        [("", "0 is less than 1", "/allOf/0/minimum"), ("", "0 is greater than -1", "/allOf/1/maximum")],
    ),
    (
        {"anyOf": [{"type": "integer"}, {"type": "object", "required": ["a"]}]},
        {},
        [("", "'a' is missing", "/anyOf/1/required")],
    ),
    (
        {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        "a",
        [
            (
                "",
                '"a" matches none of the 2 anyOf schemas: /0: expected an integer; /1: expected a boolean',
                "/anyOf",
            )
        ],
    ),
    (
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        1,
        [("", "1 matches more than one of the 2 oneOf schemas: /0, /1", "/oneOf")],
    ),
    ({"nullable": True, "allOf": [{"minimum": 1}]}, 0, [("", "0 is less than 1", "/allOf/0/minimum")]),
    (
        {"maxLength": 5},
        LONG,
        [("", f'"{LONG[:56]}... has 100 characters, expected at most 5', "/maxLength")],
    ),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "due"), ROWS, ids=[str(row[0])[:60] for row in ROWS])
def test_words_and_places(schema: Any, value: Any, due: Any, backend: str) -> None:
    violations = checker(schema, backend).violations(value, "query", "q")
    assert {(each.where, each.name) for each in violations} == {("query", "q")}
    assert sorted((each.pointer, each.message) for each in violations) == sorted(row[:2] for row in due)
    for each, (*_, inside) in zip(sorted(violations, key=key), sorted(due), strict=True):
        if inside:
            assert each.schema_pointer == S + inside
            assert opened(schema).resolve("#" + each.schema_pointer, opened(schema).root)


def key(violation: Any) -> tuple[str, str]:
    return violation.pointer, violation.message


@pytest.mark.parametrize("backend", BACKENDS)
def test_places_behind_references(backend: str) -> None:
    schema = {"properties": {"a": {"items": {"$ref": "#/components/schemas/T"}}}}
    check = checker(
        schema, backend, T={"properties": {"b": {"$ref": "#/components/schemas/U"}}}, U={"minimum": 1}
    )
    (violation,) = check.violations({"a": [{"b": 1}, {"b": 0}]}, "body", "body")
    assert (violation.pointer, violation.schema_pointer) == ("/a/1/b", "/components/schemas/U/minimum")


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_violation_once_and_all_of_them(backend: str) -> None:
    schema = {
        "required": ["x"],
        "properties": {name: {"type": "integer", "minimum": 1} for name in "abc"},
        "allOf": [{"$ref": "#/components/schemas/T"}, {"$ref": "#/components/schemas/T"}],
    }
    check = checker(schema, backend, T={"required": ["x"]})
    found = check.violations({"a": "1", "b": 0, "c": None}, "body", "body")
    assert len(found) == len(set(found))
    assert sorted((each.pointer, each.schema_pointer) for each in found) == [
        ("", f"{S}/required"),
        ("", "/components/schemas/T/required"),
        ("/a", f"{S}/properties/a/type"),
        ("/b", f"{S}/properties/b/minimum"),
        ("/c", f"{S}/properties/c/type"),
    ]


@pytest.mark.parametrize("backend", BACKENDS)
def test_large_schemas_that_are_compiled_together_explain_alike(backend: str) -> None:
    chain = {f"C{i}": {"properties": {"n": {"$ref": f"#/components/schemas/C{i + 1}"}}} for i in range(60)}
    tree = opened({"items": {"$ref": "#/components/schemas/C0"}}, C60={"type": "integer"}, **chain)
    checkers = Validators(tree, backend)  # type: ignore[arg-type]
    value: Any = "a"
    for _ in range(60):
        value = {"n": value}
    (violation,) = checkers.checker(place(tree), "request").violations([value], "body", "body")
    assert violation.pointer == "/0" + "/n" * 60
    assert violation.schema_pointer == "/components/schemas/C60/type"
    other = tree.root.get("components", "schemas", "C5")
    assert other is not None
    second = checkers.checker(other, "request")
    assert (second.is_valid({}), second.is_valid({"n": {"n": {}}})) == (True, True)
    assert checkers.checker(place(tree), "request").is_valid([{}])


def test_values_are_shown_short_and_as_json() -> None:
    assert [short_json(value) for value in ("é", None, True, 1.5, {"a": [1]})] == [
        '"é"',
        "null",
        "true",
        "1.5",
        '{"a": [1]}',
    ]
    assert len(short_json(LONG)) == MAX_SHOWN
    assert short_json(LONG).endswith("...")
    assert short_json(10**5000) == "an integer"
    circle: list[Any] = []
    circle.append(circle)
    assert short_json(circle) == "[" * (MAX_SHOWN - 3) + "..."
