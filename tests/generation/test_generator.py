"""Generated values match their schemas, as jsonschema-rs and jsonschema judge independently."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynaclient.generation.choices import ReadableChoices, Seeded
from dynaclient.generation.generator import Generator, Unsatisfiable, example
from dynaclient.schema.formats import FORMATS

T = TypeVar("T")
SUITE = Path(__file__).parents[3] / "shared" / "facts" / "json-schema-test-suite.tar.gz"
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}

LETTERS = list("abcdefghijklmnopqrstuvwxyz")
LETTERED = {"type": "object", "required": ["k"], "properties": {"k": {"enum": LETTERS}}}
FEW: list[Any] = [
    {"type": "string", "enum": LETTERS, "pattern": "^q$"},
    {"type": "integer", "enum": list(range(50)), "minimum": 49},
    {"enum": [["a"] * count for count in range(20)], "minItems": 19},
    {"allOf": [{"enum": LETTERS}, {"const": "q"}]},
    {"allOf": [LETTERED, {"properties": {"k": {"const": "z"}}}]},
    {"allOf": [LETTERED, {"not": {"properties": {"k": {"enum": LETTERS[:25]}}}}]},
    {
        "allOf": [
            LETTERED,
            {
                "oneOf": [
                    {"properties": {"k": {"enum": LETTERS[:25]}}},
                    {"properties": {"k": {"enum": [*LETTERS[:24], "z"]}}},
                ]
            },
        ]
    },
    {**LETTERED, "if": {"properties": {"k": {"enum": LETTERS[:25]}}}, "then": False},
    {
        "type": "object",
        "required": list("xyz"),
        "properties": {name: {"enum": LETTERS, "pattern": f"^{name}$"} for name in "xyz"},
    },
    {"type": "array", "items": {"enum": LETTERS, "pattern": "[v-z]"}, "minItems": 5, "uniqueItems": True},
]
"""Of many listed values few are left by what else is asked."""

SCHEMAS: list[Any] = [
    *FEW,
    True,
    {},
    *({"type": name} for name in ("string", "integer", "number", "boolean", "null", "array", "object")),
    {"type": ["string", "null"]},
    {"enum": ["a", 1, None, {"x": [1]}]},
    {"type": "string", "enum": ["a", None, 1]},
    {"const": {"a": [1, 2.5]}},
    {"type": "integer", "minimum": 3, "maximum": 5},
    {"type": "integer", "minimum": 3.2, "maximum": 4.9},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": -50, "maximum": -48},
    {"type": "integer", "maximum": -1000},
    {"type": "integer", "minimum": 2**63},
    {"type": "integer", "format": "int32", "minimum": 2**31 - 2},
    {"type": "integer", "format": "int64"},
    {"type": "integer", "multipleOf": 7, "minimum": 100},
    {"type": "integer", "multipleOf": 1.5},
    {"type": "number", "multipleOf": 0.01},
    {"type": "number", "multipleOf": 0.01, "minimum": 0.28, "maximum": 0.31},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "number", "minimum": 1e15, "maximum": 1e15},
    {"type": "number", "minimum": -1.5, "exclusiveMaximum": -1.25},
    {"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6, "minimum": 1}]},
    {"type": "string", "minLength": 3, "maxLength": 3},
    {"type": "string", "minLength": 5000},
    {"type": "string", "maxLength": 0},
    {"type": "string", "minLength": 2.0, "maxLength": 2.0},
    {"type": "string", "pattern": "^[a-z]{3}-\\d+$", "minLength": 12, "maxLength": 14},
    {"type": "string", "pattern": "^([^:,]*):([^]*|[^,]*)$"},
    {"type": "string", "pattern": "^[^[:cntrl:]\\s][^[:cntrl:]]*$"},
    {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$"},
    {"type": "string", "pattern": "^(?!admin)[a-z]+$"},
    {"type": "string", "pattern": "\\bx\\b"},
    {"type": "string", "pattern": "^(a|b)\\1$"},
    {"type": "string", "pattern": "^[a-z]*[0-9]*$", "minLength": 30},
    {"type": "string", "pattern": "^\\p{Lu}\\p{Nd}$"},
    {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "b$"}]},
    {"type": "string", "format": "date", "pattern": "^2020-"},
    {"type": "string", "format": "email", "pattern": "@corp\\.com$"},
    {"type": "string", "format": "date-time", "pattern": "Z$"},
    {"type": "string", "format": "ipv4", "pattern": "^10\\."},
    {"type": "string", "format": "uri", "pattern": "\\.(jpg|png)$", "maxLength": 60},
    {"type": "array"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 4},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": False},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
    {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    {"type": "array", "prefixItems": [{"const": 1}], "items": {"type": "string"}, "minItems": 3},
    {
        "type": "array",
        "contains": {"const": 7},
        "minContains": 2,
        "maxContains": 3,
        "items": {"type": "integer"},
    },
    {"type": "array", "prefixItems": [{"const": 1}], "unevaluatedItems": False},
    {**OBJECT, "required": ["b"]},
    {"type": "object", "required": ["z", "a"], "properties": {"a": {"type": "null"}}},
    {**OBJECT, "additionalProperties": False, "minProperties": 2},
    {**OBJECT, "maxProperties": 1, "required": ["b"]},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
    {"type": "object", "patternProperties": {"^x-": {"type": "boolean"}}, "additionalProperties": False},
    {
        "patternProperties": {"^x-": {"type": "integer"}},
        "properties": {"x-a": {"minimum": 5}},
        "required": ["x-a"],
    },
    {"type": "object", "propertyNames": {"pattern": "^[A-Z]{2}$"}, "minProperties": 2},
    {
        "type": "object",
        "properties": {"a": True, "b": True},
        "dependentRequired": {"a": ["b", "c"]},
        "required": ["a"],
    },
    {**OBJECT, "dependentSchemas": {"a": {"required": ["c"], "properties": {"c": {"const": 1}}}}},
    {"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 50},
    {"type": "array", "minItems": 4, "items": {"enum": ["x", "y"], "not": {"enum": ["x"]}}},
    {
        "allOf": [
            {"oneOf": [{"required": [one]}, {"required": [other]}]} for one, other in ("ab", "cd", "ef")
        ],
        "type": "object",
        "properties": {name: {"type": "string"} for name in "abcdef"},
    },
    {"type": "object", "properties": {"secret": False, "open": {"type": "string"}}},
    {"type": "object", "properties": {"a": True}, "unevaluatedProperties": False},
    {
        "allOf": [
            {**OBJECT, "additionalProperties": False},
            {"required": ["a"], "properties": {"a": {"minLength": 4}}},
        ]
    },
    {"allOf": [{"type": ["integer", "string"]}, {"type": ["number", "null"]}]},
    {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]},
    {
        "allOf": [{"prefixItems": [{"type": "integer"}]}, {"items": {"minimum": 5}}],
        "type": "array",
        "minItems": 2,
    },
    {"anyOf": [{"type": "string"}, {"type": "integer"}], "minimum": 4, "minLength": 4},
    {"anyOf": [False, {"const": 4}]},
    {"type": "object", "anyOf": [{"type": "string"}, {"type": "object", "required": ["x"]}]},
    {"allOf": [{"anyOf": [{"type": name} for name in ("string", "array", "object")]}, {"type": "object"}]},
    {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]},
    {
        "oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}],
        "type": "object",
    },
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], **OBJECT},
    {"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 5}]},
    {"not": {"type": "string"}},
    {"type": "string", "not": {"maxLength": 3}},
    {"type": "integer", "not": {"enum": [0, 1, 2]}, "minimum": 0, "maximum": 3},
    {"type": "object", "not": {"required": ["a"]}, "properties": {"a": True}},
    {"if": {"properties": {"a": {"const": "x"}}, "required": ["a"]}, "then": {"required": ["b"]}, **OBJECT},
    {"type": "integer", "if": {"minimum": 50}, "then": {"multipleOf": 10}, "else": {"multipleOf": 7}},
    {"contains": False},
]

FORMS = sorted(
    {*FORMATS, "url", "password", "binary", "int32", "iri", "idn-email", "idn-hostname", "uri-template"}
    - {"relative-json-pointer"}
    | {"relative-json-pointer", "no-such-format"}
)

TREE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
}
DEFS: dict[str, Any] = {
    "Tree": TREE,
    "Deep": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Or"}}},
    "Or": {"anyOf": [{"$ref": "#/$defs/Deep"}, {"type": "null"}]},
    "Endless": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Endless"}}},
    "Hopeful": {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/Endless"}, "on": {"type": "boolean"}},
    },
    "Itself": {"$ref": "#/$defs/Itself"},
    "a/b~c": {"const": "found"},
    "Pet": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Cat": {
        "allOf": [
            {"$ref": "#/$defs/Pet"},
            {"required": ["claws"], "properties": {"claws": {"type": "integer"}}},
        ]
    },
    "Dog": {"allOf": [{"$ref": "#/$defs/Pet"}, {"properties": {"bark": {"type": "string"}}}]},
    "Wide": {"type": "object", "properties": {f"p{i}": {"$ref": "#/$defs/Wide"} for i in range(30)}},
    "Named": {"$dynamicAnchor": "node", "type": "array", "items": {"$dynamicRef": "#node"}},
}


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_values_meet_the_schema(schema: Any, judges: Callable[..., Any]) -> None:
    judge = judges()
    generator = Generator({}, judge.rust)
    values = [generator.value(schema, Seeded(seed)) for seed in range(25)] + [example(generator, schema)]
    for value in values:
        assert judge.rust(schema, value), value
        assert judge.python(schema, value), value


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("bounds", [{}, {"minLength": 1, "maxLength": 40}])
def test_strings_meet_their_format(name: str, bounds: dict[str, int], judges: Callable[..., Any]) -> None:
    schema = {"type": "string", "format": name, **bounds}
    judge = judges()
    for seed in range(60):
        value = Generator({}).value(schema, Seeded(seed))
        assert judge.rust(schema, value), value
        assert name not in FORMATS or FORMATS[name](value), value


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("email", {"maxLength": 8}),
        ("email", {"minLength": 40}),
        ("byte", {"minLength": 100}),
        ("byte", {"maxLength": 4}),
        ("uri", {"minLength": 300}),
        ("uri", {"maxLength": 6}),
        ("hostname", {"maxLength": 3}),
    ],
)
def test_formats_keep_within_lengths(name: str, bounds: dict[str, int]) -> None:
    for seed in range(20):
        value = Generator({}).value({"type": "string", "format": name, **bounds}, Seeded(seed))
        assert bounds.get("minLength", 0) <= len(value) <= bounds.get("maxLength", 10**6)
        assert FORMATS[name](value)


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 7},
        {"type": "string", "minLength": 5, "maxLength": 4},
        {"type": "string", "pattern": "^a$", "minLength": 2},
        {"type": "string", "pattern": "[]"},
        {"type": "array", "items": {"enum": [1]}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "items": False, "minItems": 1},
        {"type": "object", "required": ["a"], "properties": {"a": False}},
        {"type": "object", "required": ["a", "b"], "maxProperties": 1},
        {"type": "object", "additionalProperties": False, "minProperties": 1},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"not": {}},
        {"oneOf": [{}, {}]},
        {"enum": [1], "type": "string"},
        {"$ref": "#/$defs/Endless"},
        {"$ref": "#/$defs/Nowhere"},
    ],
    ids=json.dumps,
)
def test_what_cannot_be_met_is_said(schema: Any, judges: Callable[..., Any]) -> None:
    with pytest.raises(Unsatisfiable):
        Generator(DEFS, judges(DEFS).rust).value(schema, Seeded(1))


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        (False, "schema: the schema is false"),
        ({"type": "object", "required": ["a/b"], "properties": {"a/b": False}}, "schema: at /a~1b: the"),
        ({"type": "array", "minItems": 2, "prefixItems": [True, {"enum": []}]}, "schema: at /1: the enum"),
        (
            {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "required": ["x"], "properties": {"x": False}},
            },
            "schema: at /0/x: ",
        ),
    ],
)
def test_where_it_cannot_be_met_is_said(schema: Any, place: str) -> None:
    with pytest.raises(Unsatisfiable, match=place):
        Generator({}).value(schema, Seeded(1))


@pytest.mark.parametrize("many", [10**6, 10**30])
@pytest.mark.parametrize(
    ("keyword", "rest"),
    [
        ("minItems", {"type": "array", "items": {"type": "integer"}}),
        ("minItems", {"type": "array", "uniqueItems": True}),
        ("minContains", {"type": "array", "contains": {"const": 1}}),
        ("minProperties", {"type": "object"}),
        ("minProperties", {"type": "object", "propertyNames": {"pattern": "^a"}}),
        (
            "minProperties",
            {"type": "object", "patternProperties": {"^x-": {}}, "additionalProperties": False},
        ),
    ],
    ids=json.dumps,
)
def test_what_is_too_large_to_be_made_is_said(keyword: str, rest: dict[str, Any], many: int) -> None:
    with pytest.raises(Unsatisfiable, match=f"{many} .* larger than any that is made"):
        Generator({}).value({**rest, keyword: many}, Seeded(1))


@pytest.mark.parametrize("key", ["Tree", "Deep", "Or", "Hopeful", "a~1b~0c", "Wide", "Named", "Cat", "Dog"])
def test_references_are_followed_and_recursion_ends(key: str, judges: Callable[..., Any]) -> None:
    judge, schema = judges(DEFS), {"$ref": f"#/$defs/{key}"}
    generator = Generator(DEFS, judge.rust)
    values = [generator.value(schema, Seeded(seed)) for seed in range(15)] + [example(generator, schema)]
    assert all(judge.rust(schema, value) and judge.python(schema, value) for value in values)


def test_a_reference_to_itself_says_nothing() -> None:
    assert Generator(DEFS).value({"$ref": "#/$defs/Itself", "const": 1}, Seeded(0)) == 1


def test_siblings_of_a_reference_hold() -> None:
    schema = {"$ref": "#/$defs/Pet", "properties": {"kind": {"enum": ["cat"]}}}
    assert Generator(DEFS).value(schema, Seeded(0)) == {"kind": "cat"}


def test_values_stay_small_however_wide_the_schema() -> None:
    value = Generator(DEFS, max_depth=50).value({"$ref": "#/$defs/Wide"}, Seeded(3))
    assert _count(value) < 30 * 400
    assert _depth(Generator(DEFS, max_depth=2).value({"$ref": "#/$defs/Wide"}, Seeded(3))) <= 3


def _count(value: Any) -> int:
    return 1 + sum(map(_count, value.values())) if isinstance(value, dict) else 1


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value.values()), default=0) if isinstance(value, dict) else 0


@pytest.mark.parametrize("mapping", [None, {"cat": "#/components/schemas/Cat", "dog": "Dog"}])
def test_the_discriminator_names_the_branch(mapping: dict[str, str] | None) -> None:
    discriminator = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    branches = [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]
    schema = {"discriminator": discriminator, "anyOf": branches}
    cat, dog = ("cat", "dog") if mapping else ("Cat", "Dog")
    values = [Generator(DEFS).value(schema, Seeded(seed)) for seed in range(20)]
    assert {value["kind"] for value in values} == {cat, dog}
    assert all("claws" in value for value in values if value["kind"] == cat)
    assert not any("claws" in value for value in values if value["kind"] == dog)


def test_a_discriminator_that_the_branch_forbids_is_let_go(judges: Callable[..., Any]) -> None:
    defs = {"Cat": {"type": "object", "properties": {"kind": {"enum": ["tom"]}}, "required": ["kind"]}}
    schema = {"discriminator": {"propertyName": "kind"}, "oneOf": [{"$ref": "#/$defs/Cat"}]}
    assert Generator(defs, judges(defs).rust).value(schema, Seeded(0)) == {"kind": "tom"}


def test_properties_come_in_document_order() -> None:
    names = [f"p{i}" for i in (3, 1, 2, 0)]
    schema = {
        "type": "object",
        "properties": {name: {"type": "null"} for name in names},
        "required": ["p0", "p1"],
    }
    for seed in range(10):
        made = list(Generator({}).value(schema, Seeded(seed)))
        assert made == [name for name in names if name in made]


def test_optional_properties_are_sometimes_there() -> None:
    made = [Generator({}).value({**OBJECT, "required": ["a"]}, Seeded(seed)) for seed in range(20)]
    assert {tuple(value) for value in made} == {("a",), ("a", "b")}


def test_a_value_never_shares_parts_with_the_document() -> None:
    listed: dict[str, Any] = {"x": []}
    Generator({}).value({"enum": [listed]}, Seeded(0))["x"].append(1)
    assert listed == {"x": []}


def test_plain_strings_hold_no_control_characters_or_surrogates() -> None:
    texts = [Generator({}).value({"type": "string"}, Seeded(seed)) for seed in range(300)]
    joined = "".join(texts)
    assert not any(
        ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000 for char in joined
    )
    assert set("/%+ é") <= set(joined)
    assert all(text == text.strip() for text in texts)


def test_an_example_is_made_for_people(judges: Callable[..., Any]) -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": "string", "minLength": 20},
            "tags": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "at": {"type": "string", "format": "date-time"},
            "hidden": False,
        },
    }
    made = example(Generator({}, judges().rust), schema)
    assert list(made) == ["id", "name", "tags", "labels", "at"]
    assert made["name"].replace(" ", "").isalpha()
    assert len(made["tags"]) == len(made["labels"]) == 1
    assert made == example(Generator({}), schema)


def test_an_example_ends_where_a_schema_repeats_itself() -> None:
    made = example(Generator(DEFS), {"$ref": "#/$defs/Tree"})
    assert made["kids"][0]["name"].isalpha()


_PRINT = """
import json, sys
from dynaclient.generation.generator import Generator
from dynaclient.generation.choices import Seeded
schema = json.loads(sys.argv[1])
print(json.dumps([Generator({}).value(schema, Seeded(seed)) for seed in range(20)]))
"""


def test_a_seed_gives_the_same_value_in_every_process() -> None:
    text = json.dumps({**OBJECT, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]})
    run = [sys.executable, "-c", _PRINT, text]
    printed = [subprocess.run(run, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    here = [Generator({}).value(json.loads(text), Seeded(seed)) for seed in range(20)]
    assert json.loads(printed[0]) == json.loads(printed[1]) == here


def test_seeded_choices_are_these_on_every_version() -> None:
    source = Seeded(7)
    assert [source.integer(-5, 5) for _ in range(8)] == PINNED
    assert {Seeded(seed).integer(3, 4) for seed in range(20)} == {3, 4}
    assert {Seeded(seed).choice("abc") for seed in range(30)} == set("abc")
    assert 2 < sum(Seeded(seed).chance(10) for seed in range(100)) < 25
    assert not any(ReadableChoices(seed).chance(1) for seed in range(10))


PINNED = [0, -3, 1, 5, -5, -4, 3, -4]


class Drawn:
    """Choices that hypothesis makes, and shrinks."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def integer(self, low: int, high: int) -> int:
        return self.data.draw(st.integers(low, high))

    def choice(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]

    def chance(self, one_in: int) -> bool:
        return self.integer(0, one_in - 1) == one_in - 1


SCALARS = st.one_of(
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        *[st.integers(0, 4)] * 2,
    ),
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more}, *[st.integers(0, 9)] * 2
    ),
    st.builds(lambda step: {"type": "number", "multipleOf": step}, st.sampled_from([1, 3, 0.5, 0.01])),
    st.builds(lambda name: {"type": name}, st.sampled_from(["boolean", "null", "string", "number"])),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.integers(0, 3) | st.none(), min_size=1, max_size=3)
    ),
    st.builds(
        lambda text: {"type": "string", "pattern": text}, st.sampled_from(["^a+$", "b", "^[0-9]{2,3}$"])
    ),
)
FORMATTED = st.builds(
    lambda name: {"type": "string", "format": name}, st.sampled_from(["date", "uuid", "ipv4"])
)
NAMES = st.sampled_from("abcd")


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)},
        optional={
            "required": st.lists(NAMES, unique=True, max_size=2),
            "additionalProperties": inner,
            "maxProperties": st.integers(2, 4),
            "minProperties": st.integers(0, 2),
        },
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner},
        optional={"minItems": st.integers(0, 2), "prefixItems": st.lists(inner, min_size=1, max_size=2)},
    )
    return objects | arrays


SATISFIABLE = st.recursive(SCALARS | FORMATTED, _containers, max_leaves=6)
COMBINED = st.recursive(
    # no formats: under a `not` the two judges would have to know the same ones
    st.recursive(SCALARS, _containers, max_leaves=6) | st.booleans(),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=3),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "contains": inner,
            "dependentSchemas": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$", "."]), inner, max_size=2),
            "propertyNames": inner,
        },
    ),
    max_leaves=6,
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(st.data(), SATISFIABLE)
def test_plain_schemas_are_met_without_a_judge(
    judges: Callable[..., Any], data: st.DataObject, schema: Any
) -> None:
    value = Generator({}).value(schema, Drawn(data))
    assert judges().rust(schema, value)
    assert judges().python(schema, value)


@QUICK
@given(COMBINED, st.integers(0, 1000))
def test_any_schema_is_met_or_refused(judges: Callable[..., Any], schema: Any, seed: int) -> None:
    judge = judges()
    try:
        value = Generator({}, judge.rust).value(schema, Seeded(seed))
    except Unsatisfiable:
        return
    assert judge.rust(schema, value)
    assert judge.python(schema, value)


def _suite() -> list[tuple[str, Any]]:
    """Schemas of the JSON Schema test suite that some value meets, of those without references."""
    found = []
    with tarfile.open(SUITE) as archive:
        for member in archive.getmembers():
            if "tests/draft2020-12/" not in member.name or "/optional/" in member.name or not member.isfile():
                continue
            for case in json.load(archive.extractfile(member)):  # type: ignore[arg-type]
                text = json.dumps(case["schema"])
                plain = not any(word in text for word in ('"$ref"', "$dynamic", '"$id"', "$vocabulary"))
                if plain and any(test["valid"] for test in case["tests"]):
                    found.append((f"{member.name}: {case['description']}", case["schema"]))
    return found


@pytest.mark.skipif(not SUITE.exists(), reason="the JSON Schema test suite is not beside the repository")
def test_every_schema_of_the_suite_that_can_be_met_is_met(judges: Callable[..., Any]) -> None:
    judge, missed = judges(), []
    cases = _suite()
    assert len(cases) > 200
    for name, schema in cases:
        try:
            value = Generator({}, judge.rust).value(schema, Seeded(1))
        except Unsatisfiable:
            missed.append(name)
            continue
        assert judge.rust(schema, value), name
    assert missed == []
