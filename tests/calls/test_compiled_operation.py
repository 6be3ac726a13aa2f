"""The type of value that a schema describes is worked out once for an operation."""

from __future__ import annotations

from dynaclient.calls.compiled_operation import Shapes
from dynaclient.schema.validator import Validators
from dynaclient.wire.value_types import ANY
from tests.schema.checks import opened, place


def test_the_shape_of_a_schema_is_found_once() -> None:
    tree = opened({"type": "array", "items": {"$ref": "#/components/schemas/T"}}, T={"type": "integer"})
    shapes = Shapes(Validators(tree))
    found = shapes.of(place(tree), "request")
    assert (found.types, found.items and found.items.types) == ({"array"}, {"integer"})
    assert shapes.of(place(tree), "request") is found


def test_no_schema_is_any_value() -> None:
    assert Shapes(Validators(opened({}))).of(None, "response") is ANY
