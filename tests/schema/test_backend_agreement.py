"""Both backends give one verdict, and say the same, on generated schemas and values of every version."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from dynaclient.document.document import Document
from dynaclient.document.node import Node
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.schema.formats import FORMATS
from dynaclient.schema.keywords import Direction
from dynaclient.schema.validator import Validators
from tests.small import document

NAMES = ["a", "b", "1", "é", ""]
PATTERNS = [
    "^a",
    "b$",
    "^[a-c]+$",
    r"^\d{1,3}$",
    r"\w\s",
    "^(?!x)",
    "[^[:cntrl:]]",
    "^[^]*$",
    r"\p{Lu}",
    "a{2,}",
]
SPECIAL = [
    "",
    "a",
    "ab",
    "1",
    "2024-02-29",
    "2023-02-29",
    "12:00:00Z",
    "2024-01-01T00:00:00Z",
    "P1D",
    "a@b.example",
]
SPECIAL += [
    "1.2.3.4",
    "::1",
    "http://a.example/b",
    "0" * 32,
    "YQ==",
    "\n",
    "👍",
    "a\u0301",
    "\u00a0",
    "9007199254740993",
]

texts = st.sampled_from(SPECIAL) | st.text(max_size=4)
numbers = (
    st.integers(-5, 5)
    | st.sampled_from(
        [0.0, -0.0, 1.0, 1.5, 0.07, 1e300, 5e-324, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**30]
    )
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
small = st.integers(0, 3)
bounds = st.sampled_from([-1, 0, 1, 1.5, 3, 2**53 + 1])
kinds = st.sampled_from(["string", "number", "integer", "boolean", "object", "array"])
references = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in ("One", "Two")])


def some(**keywords: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas with any of these keywords."""
    named = {name.strip("_").replace("_", "$"): strategy for name, strategy in keywords.items()}
    return st.fixed_dictionaries({}, optional=named)


plain = {
    "enum": st.lists(values, min_size=1, max_size=3),
    "multipleOf": st.sampled_from([1, 2, 0.01, 0.5, 3]),
    "minimum": bounds,
    "maximum": bounds,
    "minLength": small,
    "maxLength": small,
    "pattern": st.sampled_from(PATTERNS),
    "format": st.sampled_from([*sorted(FORMATS), "int32", "int64", "unknown"]),
    "minItems": small,
    "maxItems": small,
    "uniqueItems": st.booleans(),
    "minProperties": small,
    "maxProperties": small,
    "required": st.lists(st.sampled_from(NAMES), unique=True, max_size=2),
}
named = partial(st.dictionaries, st.sampled_from(NAMES))


def objects(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """The keywords that hold schemas, in every version."""
    listed = st.lists(inner, min_size=1, max_size=3)
    return {
        "properties": named(inner, max_size=3),
        "additionalProperties": inner | st.booleans(),
        "items": inner,
        "allOf": listed,
        "anyOf": listed,
        "oneOf": listed,
        "not": inner,
    }


def new_objects(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """Those that 3.1 has besides."""
    return {
        **objects(inner),
        "prefixItems": st.lists(inner, min_size=1, max_size=2),
        "contains": inner,
        "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), inner, min_size=1, max_size=2),
        "propertyNames": inner,
        "dependentSchemas": named(inner, max_size=2),
        "if": inner,
        "then": inner,
        "else": inner,
        "unevaluatedItems": inner,
        "unevaluatedProperties": inner,
        **dict.fromkeys(("readOnly", "writeOnly"), st.booleans()),
    }


def flags(*names: str) -> dict[str, st.SearchStrategy[bool]]:
    return {name: st.booleans() for name in names}


old_leaf = {**plain, **flags("nullable", "readOnly", "writeOnly", "exclusiveMinimum", "exclusiveMaximum")}
new_leaf = {
    **plain,
    "const": values,
    "exclusiveMinimum": bounds,
    "exclusiveMaximum": bounds,
    "minContains": small,
    "maxContains": small,
    "dependentRequired": named(st.lists(st.sampled_from(NAMES), unique=True, max_size=2), max_size=2),
    "type": st.lists(kinds | st.just("null"), min_size=1, unique=True, max_size=3),
}


def typed(schema: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Half of all schemas with one type, as most are."""
    with_type = st.builds(lambda kind, rest: {"type": kind, **rest}, kinds, schema)
    return with_type | schema


def few(keywords: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas with up to three of `keywords`."""
    names = st.lists(st.sampled_from(sorted(keywords)), unique=True, max_size=3)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: keywords[name] for name in chosen}))


old_schemas = st.recursive(
    typed(few(old_leaf)) | references, lambda inner: typed(few({**old_leaf, **objects(inner)})), max_leaves=8
)
new_schemas = st.recursive(
    typed(few(new_leaf)) | references | st.booleans(),
    lambda inner: typed(few({**new_leaf, **new_objects(inner)})),
    max_leaves=8,
)
SCHEMAS = {"3.0.4": old_schemas, "3.1.1": new_schemas, "3.2.0": new_schemas}


def opened(version: str, schemas: dict[str, Any]) -> tuple[Document, Node]:
    """A document with these schemas, and the place of the one called `One`."""
    tree = document({}, version, components={"schemas": schemas})
    number = tuple(map(int, version.split(".")[:2]))
    found = Document(tree, number)  # type: ignore[arg-type]
    node = found.root.get("components", "schemas", "One")
    assert node is not None
    return found, node


TOLD_OTHERWISE = ("unevaluated", "Contains")
"""Where a value fails in several ways at once, the backends may name another one of them."""


def in_circles(schemas: dict[str, Any]) -> bool:
    """Whether a schema leads back to itself about the same value: what that means is left open."""

    def leads(schema: Any, seen: tuple[str, ...]) -> bool:
        if not isinstance(schema, dict):
            return False
        name = schema.get("$ref", "").rpartition("/")[2]
        inside = [schema[keyword] for keyword in ("not", "if", "then", "else") if keyword in schema]
        inside += [each for keyword in ("allOf", "anyOf", "oneOf") for each in schema.get(keyword, ())]
        inside += schema.get("dependentSchemas", {}).values()
        return (
            name in seen
            or any(leads(each, seen) for each in inside)
            or bool(name and leads(schemas[name], (*seen, name)))
        )

    return any(leads(schema, (name,)) for name, schema in schemas.items())


@pytest.mark.parametrize("version", SCHEMAS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_both_backends_agree(version: str, data: st.DataObject) -> None:
    schemas = data.draw(st.fixed_dictionaries({"One": SCHEMAS[version], "Two": SCHEMAS[version]}))
    assume(not in_circles(schemas))
    document_, node = opened(version, schemas)
    direction: Direction = data.draw(st.sampled_from(["request", "response"]))
    backends = Validators(document_, "rust"), Validators(document_, "python")
    rust, python = (each.checker(node, direction) for each in backends)
    maker = Maker(document_, backends[0], direction)
    drawn = [data.draw(values) for _ in range(3)]
    for value in [*drawn, *near(maker, node, data.draw(st.integers(0, 1000)))]:
        note(f"{value!r}")
        assert rust.is_valid(value) == python.is_valid(value)
        told = [
            [(each.pointer, each.message) for each in checker.violations(value, "body", "body")]
            for checker in (rust, python)
        ]
        assert bool(told[0]) == (not rust.is_valid(value))
        if not any(word in str(schemas) for word in TOLD_OTHERWISE):
            assert told[0] == told[1]


def near(maker: Maker, node: Node, seed: int) -> Iterator[Any]:
    """A value that meets the schema, and such as break it in one place."""
    try:
        value = maker.value(node, Seeded(seed))
    except Unsatisfiable:
        return
    yield value
    yield from (mutation.value for mutation in islice(maker.mutations(node, Seeded(seed), value), 6))


CAT = {"required": ["meow"], "properties": {"meow": {"type": "integer"}}}
DOG = {"required": ["bark"], "properties": {"bark": {"type": "integer"}}}
ONE, TWO, THREE = ({"$ref": f"#/components/schemas/{name}"} for name in ("One", "Two", "Three"))


@pytest.mark.parametrize("version", SCHEMAS)
@pytest.mark.parametrize(
    ("schemas", "right", "wrong"),
    [
        ({"One": ONE}, [1, {}], []),
        ({"One": {"allOf": [ONE, {"type": "string"}]}}, ["a"], [1]),
        ({"One": TWO, "Two": {"oneOf": [ONE]}}, [1], []),
        (
            {
                "One": {"oneOf": [TWO, THREE], "required": ["kind"]},
                "Two": {"allOf": [ONE, CAT]},
                "Three": {"allOf": [ONE, DOG]},
            },
            [{"kind": 1, "meow": 1}, {"kind": 1, "bark": 1}],
            [{"meow": 1}, {"kind": 1}, {"kind": 1, "meow": "x"}],
        ),
    ],
    ids=["itself", "allOf", "two", "parent and children"],
)
def test_circles_about_one_value_end(
    version: str, schemas: dict[str, Any], right: list[Any], wrong: list[Any]
) -> None:
    document_, node = opened(version, schemas)
    for backend in (Validators(document_, "rust"), Validators(document_, "python")):
        checker = backend.checker(node, "request")
        assert [checker.is_valid(value) for value in right] == [True] * len(right)
        assert [bool(checker.violations(value, "body", "body")) for value in wrong] == [True] * len(wrong)
