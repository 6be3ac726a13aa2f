# ruff: noqa: E501  (rows of tables)
"""What each schema is as a type: in a request, in a response."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.document.node import Node
from dynaclient.schema.keywords import Direction
from dynaclient.stubs.annotations import Word, flat_text, renamed
from dynaclient.stubs.schema_types import Definition, SchemaTypes, camel, class_name
from tests.small import document

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: dict[str, Any] = {
    "Text": TEXT,
    "Colour": {"type": "string", "enum": ["red", "green"]},
    "Cat": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "cat"}, "lives": INTEGER},
    },
    "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}}},
    "Pet": {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}},
    "Tree": {"type": "object", "properties": {"leaves": {"type": "array", "items": ref("Tree")}}},
    "Nested": {"anyOf": [TEXT, {"type": "array", "items": ref("Nested")}]},
    "Circle": {"anyOf": [ref("Circle"), INTEGER]},
    "list": {"type": "object", "properties": {"a": TEXT}},
}


def types_of(schema: Any, direction: Direction, version: str = "3.1.1") -> tuple[str, dict[str, str]]:
    """The type of a schema, and what is defined for it: a TypedDict as `{key: type, key?: type}`."""
    tree = document({}, version, components={"schemas": {**SCHEMAS, "S": {"properties": {"it": schema}}}})
    made = SchemaTypes(Client(tree).document, direction)
    node = made._outlines._document.root.get("components", "schemas", "S", "properties", "it")
    assert node is not None
    found = made.of(node, "It")
    names = {mark: each.wanted for mark, each in made.definitions.items()}

    def shown(annotation: Any) -> str:
        return flat_text(renamed(annotation, lambda mark: Word(names[mark])))

    def said(each: Definition) -> str:
        if each.items is None:
            return shown(each.alias)
        marks = {(True, False): "", (False, False): "?", (True, True): "!", (False, True): "?!"}
        items = [f"{it.name}{marks[it.required, it.read_only]}: {shown(it.annotation)}" for it in each.items]
        items += ["closed"] * each.closed + ([f"*: {shown(each.extra)}"] if each.extra else [])
        return f"{{{', '.join(items)}}}"

    return shown(found), {each.wanted: said(each) for each in made.definitions.values()}


CAT, DOG = {"Cat": '{kind: Literal["cat"], lives?: int}'}, {"Dog": '{kind: Literal["dog"]}'}
PETS = {**CAT, **DOG, "Pet": "Cat | Dog"}

ROWS: list[tuple[Any, str, str, dict[str, str]]] = [
    # schema, in a request, in a response, definitions of both
    (TEXT, "str", "str", {}),
    (INTEGER, "int", "int", {}),
    ({"type": "number"}, "float | Decimal", "float", {}),
    ({"type": "boolean"}, "bool", "bool", {}),
    ({"type": "null"}, "None", "None", {}),
    ({}, "Any", "Any", {}),
    (True, "Any", "Any", {}),
    (False, "Never", "Never", {}),
    ({"minLength": 1}, "Any", "Any", {}),
    ({"type": ["string", "null"]}, "str | None", "str | None", {}),
    ({"type": ["null", "integer"]}, "int | None", "int | None", {}),
    ({"type": "string", "nullable": True}, "str | None", "str | None", {}),
    ({"type": "string", "format": "date-time"}, "datetime | str", "str", {}),
    ({"type": "string", "format": "date"}, "date | str", "str", {}),
    ({"type": "string", "format": "uuid"}, "UUID | str", "str", {}),
    ({"type": "string", "format": "byte"}, "bytes | str", "str", {}),
    ({"type": "string", "contentEncoding": "base64"}, "str", "str", {}),
    ({"type": "string", "enum": ["a"]}, 'Literal["a"]', 'Literal["a"]', {}),
    ({"const": 5}, "Literal[5]", "Literal[5]", {}),
    ({"type": "string", "enum": ["a", "b"]}, 'Literal["a", "b"]', 'Literal["a", "b"] | str', {}),
    ({"enum": [1, 2, None]}, "Literal[1, 2, None]", "Literal[1, 2, None] | int", {}),
    ({"enum": [1.5, "a"]}, 'Literal["a"] | float', 'Literal["a"] | float', {}),
    ({"enum": [True, False]}, "Literal[True, False]", "Literal[True, False]", {}),
    ({"enum": [{"a": 1}, [2]]}, "dict[str, Any] | list[Any]", "dict[str, Any] | list[Any]", {}),
    ({"enum": ['"', "\n", "\\"]}, 'Literal[\'"\', "\\n", "\\\\"]', 'Literal[\'"\', "\\n", "\\\\"] | str', {}),
    ({"type": "array", "items": INTEGER}, "Sequence[int]", "list[int]", {}),
    ({"type": "array", "items": TEXT}, "list[str] | tuple[str, ...]", "list[str]", {}),
    ({"type": "array"}, "list[Any] | tuple[Any, ...]", "list[Any]", {}),
    ({"type": "array", "prefixItems": [TEXT, INTEGER], "items": False},
     "list[str | int] | tuple[str | int, ...]", "list[str | int]", {}),
    ({"type": "object"}, "Mapping[str, Any]", "dict[str, Any]", {}),
    ({"type": "object", "additionalProperties": INTEGER}, "Mapping[str, int]", "dict[str, int]", {}),
    ({"type": "object", "patternProperties": {"^x": TEXT}, "additionalProperties": False},
     "It", "It", {"It": "{}"}),
    ({"type": "object", "additionalProperties": False}, "It", "It", {"It": "{closed}"}),
    ({"properties": {"a": TEXT, "b": INTEGER}, "required": ["b"]}, "It", "It",
     {"It": "{a?: str, b: int}"}),
    ({"properties": {"a": TEXT}, "additionalProperties": False}, "It", "It", {"It": "{a?: str, closed}"}),
    ({"properties": {"a": TEXT}, "additionalProperties": True}, "It", "It", {"It": "{a?: str}"}),
    ({"properties": {"a": TEXT}, "required": ["c"]}, "It", "It", {"It": "{a?: str, c: Any}"}),
    ({"properties": {"a": {"properties": {"b": TEXT}}}}, "It", "It",
     {"It": "{a?: ItA}", "ItA": "{b?: str}"}),
    ({"allOf": [ref("Cat"), {"properties": {"name": TEXT}, "required": ["name"]}]}, "It", "It",
     {"It": '{kind: Literal["cat"], lives?: int, name: str}'}),
    ({"allOf": [ref("Cat")], "description": "Mine"}, "Cat", "Cat", CAT),
    ({"anyOf": [ref("Cat"), {"type": "null"}]}, "Cat | None", "Cat | None", CAT),
    ({"allOf": [{"properties": {"a": TEXT}}, {"properties": {"a": {"enum": ["x"]}}}]}, "It", "It",
     {"It": '{a?: Literal["x"]}'}),
    ({"allOf": [INTEGER, TEXT]}, "Any", "Any", {}),
    (ref("Pet"), "Pet", "Pet", PETS),
    ({"oneOf": [ref("Cat"), ref("Dog")]}, "Cat | Dog", "Cat | Dog", {**CAT, **DOG}),
    ({"properties": {"a": TEXT}, "oneOf": [ref("Cat"), ref("Dog")]}, "ItCat | ItDog", "ItCat | ItDog",
     {"ItCat": '{a?: str, kind: Literal["cat"], lives?: int}', "ItDog": '{a?: str, kind: Literal["dog"]}'}),
    ({"properties": {"a": TEXT, "b": TEXT}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, "It", "It",
     {"It": "{a?: str, b?: str}"}),
    ({"properties": {"a": TEXT}, "if": {"required": ["a"]}, "then": {"properties": {"b": TEXT}}}, "It", "It",
     {"It": "{a?: str, b?: str}"}),
    (ref("Tree"), "Tree", "Tree", {}),
    (ref("Nested"), "Nested", "Nested", {}),
    (ref("Circle"), "Circle", "Circle", {"Circle": "int"}),
    (ref("Text"), "str", "str", {}),
    (ref("list"), "List", "List", {"List": "{a?: str}"}),
    (ref("Missing"), "Never", "Any", {}),  # a request that reaches it is refused
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "outgoing", "incoming", "definitions"), ROWS, ids=lambda each: str(each)[:60]
)
def test_a_schema(schema: Any, outgoing: str, incoming: str, definitions: dict[str, str]) -> None:
    for direction, expected in (("request", outgoing), ("response", incoming)):
        found, defined = types_of(schema, direction)  # type: ignore[arg-type]
        assert (direction, found) == (direction, expected)
        assert {name: defined.get(name) for name in definitions} == definitions


def test_what_travels_one_way_only() -> None:
    schema = {
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "key": {"type": "string", "writeOnly": True},
            "name": TEXT,
        },
        "required": ["id", "key", "name"],
    }
    assert types_of(schema, "request")[1]["It"] == "{key: str, name: str}"
    assert types_of(schema, "response")[1]["It"] == "{id!: int, name: str}"


def test_other_properties_of_one_type() -> None:
    schema = {"properties": {"a": TEXT}, "additionalProperties": INTEGER}
    assert types_of(schema, "request") == ("It | Mapping[str, Any]", {"It": "{a?: str}"})
    assert types_of(schema, "response") == ("It", {"It": "{a?: str, *: int}"})


def test_schemas_that_lead_back_to_themselves() -> None:
    assert types_of(ref("Tree"), "request")[1] == {"Tree": "{leaves?: Sequence[Tree]}"}
    assert types_of(ref("Nested"), "response")[1] == {"Nested": "str | list[Nested]"}
    assert types_of(ref("Nested"), "request")[1] == {"Nested": "str | list[Nested] | tuple[Nested, ...]"}


def test_3_0_and_3_1_mean_the_same() -> None:
    schema = {"type": "string", "nullable": True, "enum": ["a", "b"]}
    assert types_of(schema, "request", "3.0.3")[0] == 'Literal["a", "b", None]'
    assert types_of(schema, "request", "3.1.1")[0] == 'Literal["a", "b", None]'


def test_a_long_literal_gets_a_name() -> None:
    values = [f"value-{number}" for number in range(9)]
    found, defined = types_of({"properties": {"a": {"enum": values}}}, "request")
    assert found == "It"
    assert defined["It"] == "{a?: ItA}"
    assert defined["ItA"].startswith('Literal["value-0", ')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pet", "Pet"), ("pet", "Pet"), ("pet_owner", "PetOwner"), ("pet.owner-v2", "PetOwnerV2"),
        ("2fa", "Schema2fa"), ("", "Schema"), ("日本", "日本"), ("CustomerSession_v2", "CustomerSession_v2"),
        ("a\nb", "AB"), ('x"""', "X"),
    ],
)  # fmt: skip
def test_names_of_classes(text: str, expected: str) -> None:
    assert class_name(text) == expected
    assert camel(text).isidentifier() or expected.startswith("Schema")


def test_a_location_without_a_schema_is_anything() -> None:
    made = SchemaTypes(Client(document({})).document, "request")
    assert flat_text(made.of(None, "It")) == "Any"
    assert flat_text(made.of(Node({"type": "string"}, "", "/x"), "It")) == "str"


def test_combinations_of_combinations_are_met_once() -> None:
    """A published document has such patterns; each way through them once had types of its own, without end."""
    content = {
        "oneOf": [
            {"properties": {f"by{at}": {"allOf": [ref("P"), {"properties": {"a": TEXT}}]}}} for at in range(9)
        ]
    }
    schemas = {"P": {"properties": {"either": TEXT}, "anyOf": [content, {"properties": {"not": ref("P")}}]}}
    made = SchemaTypes(Client(document({}, "3.1.1", components={"schemas": schemas})).document, "request")
    node = made._outlines._document.root.get("components", "schemas", "P")
    made.of(node, "P")
    assert len(made.definitions) < 300


def chain(link: Any, count: int) -> dict[str, Any]:
    """`count` schemas, of which each leads to the next."""
    schemas = {f"S{at}": link(ref(f"S{at + 1}")) for at in range(count)}
    return document({}, "3.1.1", components={"schemas": {**schemas, f"S{count}": INTEGER}})


LINKS: list[Any] = [
    lambda to: to,
    lambda to: {"type": "array", "items": to},
    lambda to: {"allOf": [to, {"description": "x"}]},
    lambda to: {"anyOf": [to, TEXT]},
    lambda to: {"properties": {"a": to}},
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("link", LINKS)
def test_long_chains_of_schemas(link: Any) -> None:
    made = SchemaTypes(Client(chain(link, 3000), cache=False).document, "request")
    node = made._outlines._document.root.get("components", "schemas", "S0")
    assert made.of(node, "S") is not None


def test_a_chain_of_references_leads_to_its_end() -> None:
    made = SchemaTypes(Client(chain(LINKS[0], 50)).document, "request")
    assert flat_text(made.of(made._outlines._document.root.get("components", "schemas", "S0"), "S")) == "int"


def test_a_schema_that_nests_deep() -> None:
    schema: Any = INTEGER
    for _ in range(100):
        schema = {"type": "array", "items": schema}
    assert types_of(schema, "response")[0].startswith("list[list[list[")
