"""The type of value that a schema describes, as styles and forms need it."""

import pickle

import pytest

from dynaclient.wire.value_types import ANY, MAX_NESTING, ExpectedType, expected_type


def shape(schema, **definitions):
    return expected_type(schema, lambda reference: definitions[reference])


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": "integer"}, {"integer"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"type": "integer", "nullable": True}, {"integer", "null"}),
        ({"nullable": True}, set()),
        ({}, set()),
        (True, set()),
        (None, set()),
        ({"type": 3}, set()),
        ({"enum": ["1", 2, None]}, {"string", "integer", "null"}),
        ({"const": True}, {"boolean"}),
        ({"properties": {}}, {"object"}),
        ({"items": {}}, {"array"}),
        ({"anyOf": [{"type": "integer"}, {"type": "object"}]}, {"integer", "object"}),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, {"integer", "string"}),
        ({"oneOf": [{"type": "integer"}, {}]}, set()),
        ({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"object"}),
        ({"allOf": [{"type": ["integer", "string"]}, {"type": "string"}]}, {"string"}),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, {"integer"}),
        ({"allOf": [{"minimum": 1}, {"type": "integer"}]}, {"integer"}),
        ({"$ref": "A"}, {"boolean"}),
        ({"allOf": [{"$ref": "A"}], "description": "x"}, {"boolean"}),
        ({"type": ["boolean", "string"], "$ref": "A"}, {"boolean"}),
    ],
)
def test_types(schema, types):
    assert shape(schema, A={"type": "boolean"}).types == types


def test_parts():
    found = shape(
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "list": {"type": "array", "items": {"type": "number"}}},
            "additionalProperties": {"type": "boolean"},
        }
    )
    assert found.property("a").types == {"integer"}
    assert found.property("list").items == ExpectedType(frozenset({"number"}))
    assert found.property("other").types == {"boolean"}


@pytest.mark.parametrize(("extra", "says"), [(True, ANY), (False, None), (None, None)])
def test_properties_without_a_name_count_only_where_the_schema_speaks_of_them(extra, says):
    assert shape({"type": "object", "additionalProperties": extra}).extra == says


def test_properties_of_all_branches_come_together():
    found = shape(
        {
            "allOf": [{"$ref": "A"}, {"properties": {"b": {"type": "string"}}}],
            "oneOf": [{"properties": {"c": {"type": "number"}}}, {"properties": {"d": {"type": "null"}}}],
        },
        A={"type": "object", "properties": {"a": {"type": "integer"}}},
    )
    assert {name: set(part.types) for name, part in found.properties.items()} == {
        "a": {"integer"},
        "b": {"string"},
        "c": {"number"},
        "d": {"null"},
    }


@pytest.mark.parametrize("schema", [{"$ref": "A"}, {"allOf": [{"$ref": "A"}]}, {"items": {"$ref": "A"}}])
def test_a_schema_that_contains_itself_ends(schema):
    assert shape({"$ref": "A"}, A=schema).types in ({"array"}, frozenset())


def test_a_tree_is_followed_once():
    tree = {"type": "object", "properties": {"name": {"type": "string"}, "left": {"$ref": "T"}}}
    found = shape({"$ref": "T"}, T=tree)
    assert found.property("name").types == {"string"}
    assert found.property("left") == ANY


def test_a_very_deep_schema_ends():
    schema = {"type": "integer"}
    for _ in range(5 * MAX_NESTING):
        schema = {"type": "array", "items": schema}
    assert shape(schema).types == {"array"}


def test_each_reference_is_resolved_once():
    asked = []

    def resolve(reference):
        asked.append(reference)
        level = int(reference)
        below = {"$ref": str(level + 1)}
        return {"properties": {"a": below, "b": below}} if level < 30 else {"type": "integer"}

    expected_type({"$ref": "0"}, resolve)
    assert len(asked) == len(set(asked))


def test_a_shape_survives_pickling():
    found = shape({"type": "object", "properties": {"a": {"type": "integer"}}})
    assert pickle.loads(pickle.dumps(found)) == found
