"""jsonschema-rs and jsonschema, as they are used here, give the same verdicts and name the same places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, SettingsError
from dynaclient.schema import validator as module
from dynaclient.schema.formats import SHAPES
from dynaclient.schema.validator import Validators
from tests.schema.checks import BACKENDS, checker, found

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -0.0,
    1,
    1.0,
    1.5,
    0.07,
    -1,
    2**31,
    2**53 + 1,
    2**63,
    10**30,
    1e300,
    10**400,
    "",
    "a",
    "abc",
    "é",
    "😀",
    "e\u0301",
    "1",
    "2024-02-29",
    "2023-02-29",
    "2024-02-29T12:00:00Z",
    [],
    [1],
    [1, 1.0],
    [1, True],
    ["a", "a"],
    [[1], [1]],
    [{}, {}],
    [None],
    [0, False, "", None, [], {}],
    {},
    {"a": 1},
    {"a": "x"},
    {"b": 1},
    {"a": None},
    {"a": {"a": {"a": 1}}},
    {"": 1},
    {"é": 1},
]
SCHEMAS: list[Any] = [
    {},
    {"type": "integer"},
    {"type": "number"},
    {"type": "string"},
    {"type": "boolean"},
    {"type": "array"},
    {"type": "object"},
    {"type": "string", "nullable": True},
    {"type": "integer", "format": "int32"},
    {"type": "integer", "format": "int64"},
    {"type": "number", "format": "float"},
    {"minimum": 1},
    {"maximum": 0.07},
    {"minimum": 1, "exclusiveMinimum": True},
    {"multipleOf": 0.01},
    {"multipleOf": 3},
    {"multipleOf": 1e-10},
    {"minLength": 1},
    {"maxLength": 1},
    {"pattern": "^[a-z]+$"},
    {"pattern": "\\d"},
    {"pattern": "^.$"},
    {"enum": [1, "a", None, [1], {"a": 1}]},
    {"enum": [True]},
    {"enum": [0]},
    {"enum": [1.0]},
    {"enum": [2**53 + 1]},
    {"uniqueItems": True},
    {"minItems": 1},
    {"maxItems": 1},
    {"items": {"type": "integer"}},
    {"minProperties": 1},
    {"maxProperties": 0},
    {"required": ["a"]},
    {"additionalProperties": False},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"additionalProperties": {"type": "integer"}},
    {"properties": {"a": {"$ref": "#/components/schemas/S"}}},
    {"allOf": [{"minimum": 1}, {"type": "integer"}]},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"not": {"type": "integer"}},
    {"format": "date"},
    {"format": "date-time"},
    {"pattern": SHAPES["date"]},
    {"properties": {"a": {"pattern": SHAPES["date"]}, "b": {"format": "date", "pattern": SHAPES["time"]}}},
    {"properties": {"a": {"readOnly": True}}, "required": ["a"]},
    {"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_verdicts_are_the_same(schema: Any) -> None:
    rust, python = checker(schema, "rust"), checker(schema, "python")
    for value in VALUES:
        assert rust.is_valid(value) == python.is_valid(value), value
        assert rust.is_valid(value) == (rust.violations(value, "body", "b") == []), value


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_violations_are_the_same(schema: Any) -> None:
    rust, python = checker(schema, "rust"), checker(schema, "python")
    for value in VALUES:
        theirs = [[str(each) for each in check.violations(value, "body", "body")] for check in (rust, python)]
        assert theirs[0] == theirs[1], value


NAMELESS: list[tuple[Any, Any, list[str]]] = [
    ({"properties": {"": {"type": "string"}}}, {"": 1}, ["/"]),
    ({"properties": {"": {"type": "string"}}}, {"": 1, "a": 1}, ["/"]),
    ({"additionalProperties": {"additionalProperties": {"type": "string"}}}, {"": {"a": 1}}, ["//a"]),
    ({"additionalProperties": {"additionalProperties": {"type": "string"}}}, {"": {"": 1}}, ["//"]),
    (
        {"additionalProperties": {"items": {"required": ["a"]}}},
        {"": [{"a": 1}, {}], "b": [{}]},
        ["//1", "/b/0"],
    ),
    ({"properties": {"": {"properties": {"type": {"type": "string"}}}}}, {"": {"type": 1}}, ["//type"]),
    ({"required": ["a"], "properties": {"": {}}}, {"": {"": {}}}, [""]),
    ({"properties": {"": {"required": ["a"]}}}, {"": {"": {}}}, ["/"]),
    ({"properties": {"": False}}, {"": 1}, ["/"]),
    ({"additionalProperties": False}, {"": 1}, [""]),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"": 1}, [""]),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "pointers"), NAMELESS, ids=str)
def test_an_empty_name_is_a_step_of_the_pointer(
    schema: Any, value: Any, pointers: list[str], backend: str
) -> None:
    """jsonschema-rs leaves it out of its paths."""
    found = checker(schema, backend).violations(value, "body", "body")
    assert [each.pointer for each in found] == pointers
    assert [each.schema_pointer for each in found] == [
        each.schema_pointer for each in checker(schema, "python").violations(value, "body", "body")
    ]
    assert [each.message for each in found] == [
        each.message for each in checker(schema, "python").violations(value, "body", "body")
    ]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("schema", "messages"),
    [
        (
            {"anyOf": [{"maxLength": 1}, {"type": "integer"}]},
            ['property name "ab" has 2 characters, expected at most 1'],
        ),
        (
            {"anyOf": [{"maxLength": 1}, {"minLength": 3}]},
            [
                'property name "ab" matches none of the 2 anyOf schemas: '
                '/0: "ab" has 2 characters, expected at most 1; '
                '/1: "ab" has 2 characters, expected at least 3'
            ],
        ),
        (
            {"allOf": [{"oneOf": [{"type": "integer"}]}]},
            ['property name: expected an integer, got a string ("ab")'],
        ),
        ({"format": "date"}, ['property name "ab" is not a date']),
        ({"not": {"type": "string"}}, ['property name "ab" is excluded by `not`']),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_name(schema: Any, messages: list[str], backend: str) -> None:
    check = checker({"properties": {"x": {"propertyNames": schema}}}, backend, version="3.1.0")
    found = check.violations({"x": {"ab": {"deep": []}}}, "body", "body")
    assert [(each.pointer, each.message) for each in found] == [("/x", message) for message in messages]


NUMBERS = st.integers(-5, 5) | st.sampled_from([0.5, 1.0, -1.5, 2.25])
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])
NAMES = st.sampled_from(["a", "b", "c"])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text("ab1é", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
LEAVES = st.one_of(
    st.builds(dict, type=TYPES),
    st.builds(dict, type=TYPES, nullable=st.booleans()),
    st.builds(dict, minimum=NUMBERS, exclusiveMinimum=st.booleans()),
    st.builds(dict, maximum=NUMBERS),
    st.builds(dict, multipleOf=st.sampled_from([1, 2, 0.5, 0.1])),
    st.builds(dict, minLength=st.integers(0, 3), maxLength=st.integers(0, 3)),
    st.builds(dict, pattern=st.sampled_from(["^a", "b$", "[a-b]{2}", "\\d", "^$"])),
    st.builds(dict, enum=st.lists(JSON, min_size=1, max_size=3)),
    st.builds(dict, minItems=st.integers(0, 2), uniqueItems=st.booleans()),
    st.builds(dict, required=st.lists(NAMES, unique=True, max_size=2)),
    st.builds(dict, maxProperties=st.integers(0, 2)),
)
SCHEMA = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(dict, type=st.just("object"), properties=st.dictionaries(NAMES, inner, max_size=3)),
        st.builds(dict, properties=st.dictionaries(NAMES, inner), additionalProperties=st.booleans() | inner),
        st.builds(dict, type=st.just("array"), items=inner),
        st.builds(dict, allOf=st.lists(inner, min_size=1, max_size=2)),
        st.builds(dict, anyOf=st.lists(inner, min_size=1, max_size=2)),
        st.builds(dict, oneOf=st.lists(inner, min_size=1, max_size=2), nullable=st.booleans()),
        st.builds(lambda schema: {"not": schema}, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=80, deadline=None)
@given(SCHEMA, st.lists(JSON, min_size=1, max_size=4))
def test_they_agree_on_any_schema_and_value(schema: Any, values: list[Any]) -> None:
    rust, python = checker(schema, "rust"), checker(schema, "python")
    for value in values:
        assert rust.is_valid(value) == python.is_valid(value)
        places = [
            {(each.pointer, each.schema_pointer) for each in check.violations(value, "body", "b")}
            for check in (rust, python)
        ]
        assert places[0] == places[1]


def test_which_backend() -> None:
    document = Client("talon-one-integration").document
    assert Validators(document).backend == module.PREFERRED
    assert Validators(document, "python").backend == "python"
    for wrong in ("perl", "", None, 5):
        with pytest.raises(SettingsError, match="'auto', 'rust' or 'python'"):
            Validators(document, wrong)  # type: ignore[arg-type]


def test_without_the_compiled_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jsonschema_rs", None)
    client = Client("talon-one-integration", server="http://h")
    assert client.checkers.backend == "python"
    assert (
        client.prepare("getCustomerSession", customerSessionId="s").url == "http://h/v2/customer_sessions/s"
    )
    with pytest.raises(SettingsError, match="jsonschema-rs"):
        Client("talon-one-integration", validate_with="rust")
    assert found({"type": "integer"}, "a", "python") == [("", 'expected an integer, got a string ("a")')]
