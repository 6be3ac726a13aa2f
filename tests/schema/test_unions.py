"""Why a value matches no member of `anyOf` or `oneOf`: by the member that was meant, or shortly by each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.checks import BACKENDS, checker

REF = "#/components/schemas/"
CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": {"enum": ["cat"]}, "lives": {"type": "integer"}},
}
DOG = {
    "type": "object",
    "required": ["kind", "tail"],
    "properties": {"kind": {"const": "dog"}, "tail": {"type": "boolean"}},
}
NULL = {"type": "null"}
CARD = {"type": "object", "required": ["number", "month"]}
BANK = {"type": "object", "required": ["iban"]}
OTHERS: dict[str, Any] = {
    "Cat": CAT,
    "Dog": DOG,
    "Alias": {"$ref": f"{REF}Cat"},
    "Second": {"$ref": f"{REF}Alias"},
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": REF + name}


def chosen(*members: str, **mapping: str) -> dict[str, Any]:
    """A union with a discriminator."""
    return {
        "oneOf": [ref(each) for each in members],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }


# schema, value, and pointer and message of each violation
ROWS: list[tuple[str, Any, Any, list[tuple[str, str]]]] = [
    (
        "nullable, of another type",
        {"anyOf": [{"type": "integer"}, NULL]},
        "s",
        [("", '"s" matches none of the 2 anyOf schemas: /0: expected an integer; /1: expected null')],
    ),
    (
        "nullable, and near",
        {"anyOf": [{"type": "integer", "minimum": 3}, NULL]},
        1,
        [("", "1 is less than 3")],
    ),
    ("nullable, and null", {"anyOf": [{"type": "integer"}, NULL]}, None, []),
    (
        "nullable union",
        {"oneOf": [CARD, BANK, NULL]},
        {},
        [
            (
                "",
                "{} matches none of the 3 oneOf schemas: /1: 'iban' is missing; "
                "/0: 'number' is missing (and 1 more); /2: expected null",
            )
        ],
    ),
    (
        "an enum that tells apart",
        {"oneOf": [CAT, DOG]},
        {"kind": "cat", "lives": "9"},
        [("/lives", 'expected an integer, got a string ("9")')],
    ),
    ("a const that tells apart", {"anyOf": [CAT, DOG]}, {"kind": "dog"}, [("", "'tail' is missing")]),
    (
        "a tag of no member",
        {"anyOf": [ref("Dog"), ref("Cat")]},
        {"kind": "cow", "lives": 1},
        [
            (
                "",
                '{"kind": "cow", "lives": 1} matches none of the 2 anyOf schemas: '
                '/1 (Cat): at /kind: "cow" is not one of "cat"; '
                """/0 (Dog): 'tail' is missing (and 1 more)""",
            )
        ],
    ),
    (
        "a discriminator that names none",
        chosen("Cat", "Dog", c="Cat"),
        {"kind": "cow"},
        [("", '\'kind\' is "cow", which selects none of the 2 oneOf schemas: expected "c", "Cat", "Dog"')],
    ),
    (
        "mapped to a component that is a reference",
        chosen("Cat", "Dog", cat=REF + "Second", dog="Dog"),
        {"kind": "cat", "lives": "9"},
        [("/lives", 'expected an integer, got a string ("9")')],
    ),
    (
        "a member that is a reference",
        chosen("Second", "Dog", cat=REF + "Cat", dog="Dog"),
        {"kind": "cat", "lives": "9"},
        [("/lives", 'expected an integer, got a string ("9")')],
    ),
    ("a reference, and right", chosen("Second", "Dog", cat=REF + "Cat"), {"kind": "cat", "lives": 9}, []),
    (
        "an array or an object",
        {"anyOf": [{"type": "array", "items": {"type": "integer"}}, BANK]},
        ["x"],
        [("/0", 'expected an integer, got a string ("x")')],
    ),
    (
        "neither array nor object",
        {"anyOf": [{"type": "array"}, {"type": "object"}]},
        5,
        [("", "5 matches none of the 2 anyOf schemas: /0: expected an array; /1: expected an object")],
    ),
    (
        "nested",
        {"anyOf": [{"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, NULL]},
        "s",
        [
            (
                "",
                '"s" matches none of the 2 anyOf schemas: '
                '/0: "s" matches none of the 2 oneOf schemas: /0: expected an integer; '
                "/1: expected a boolean; "
                "/1: expected null",
            )
        ],
    ),
    (
        "deep inside",
        {"anyOf": [{"properties": {"a": {"items": {"type": "integer"}}}}, {"required": ["b"]}]},
        {"a": [1, "x"]},
        [
            (
                "",
                '{"a": [1, "x"]} matches none of the 2 anyOf schemas: '
                "/0: at /a/1: expected an integer, got a string (\"x\"); /1: 'b' is missing",
            )
        ],
    ),
    ("what all say", {"anyOf": [{"required": ["a"]}, {"required": ["a"]}]}, {}, [("", "'a' is missing")]),
    (
        "very many",
        {"anyOf": [{"type": "object", "required": [f"r{index}"]} for index in range(40)]},
        {},
        [
            (
                "",
                "{} matches none of the 40 anyOf schemas: /0: 'r0' is missing; /1: 'r1' is missing; "
                "/2: 'r2' is missing; /3: 'r3' is missing; and 36 more",
            )
        ],
    ),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("kind", "schema", "value", "due"), ROWS, ids=[row[0] for row in ROWS])
def test_why_no_member_is_met(
    kind: str, schema: Any, value: Any, due: Any, direction: str, backend: str
) -> None:
    check = checker(schema, backend, direction, version="3.1.0", **OTHERS)
    found = check.violations(value, "body", "body")
    assert [(violation.pointer, violation.message) for violation in found] == due
    assert check.is_valid(value) is not bool(due)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_what_is_said_of_a_union_is_bounded(keyword: str, backend: str) -> None:
    long = {"type": "object", "required": ["x" * 5_000], "properties": {"a": {"enum": ["y" * 5_000] * 20}}}
    union: dict[str, Any] = {keyword: [{**long, "title": str(index)} for index in range(30)] + [BANK]}
    for _ in range(5):
        union = {keyword: [union, {"type": "array"}, CARD]}
    (violation, *_) = checker(union, backend, version="3.1.0").violations({"a": "z" * 5_000}, "body", "body")
    assert len(violation.message) < 1_000


@pytest.mark.parametrize("backend", BACKENDS)
def test_nullable_of_30_is_no_member_that_is_told_of(backend: str) -> None:
    schema = {"nullable": True, "oneOf": [CARD, BANK]}
    (violation,) = checker(schema, backend).violations({}, "body", "body")
    assert violation.message.startswith(
        "{} matches none of the 2 oneOf schemas: /1: 'iban' is missing; /0: 'number'"
    )
