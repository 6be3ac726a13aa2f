"""Values of the request appear in the fields of that name of the response."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.sandbox.consistency import Echo, Given, properties
from tests.sandbox.conftest import Ask, Serve
from tests.sandbox.documents import answer, body, document, operation, parameter

TEXT = {"type": "string"}


def anything(value: Any) -> bool:
    return True


def echo(value: Any, given: Given, schema: Any = None, is_valid: Any = anything) -> Any:
    return Echo(value, schema or {}, {}, is_valid).filled(given)


@pytest.mark.parametrize(
    ("made", "given", "filled"),
    [
        ({"id": 1}, Given({"id": 2}), {"id": 2}),
        ({"other": 1}, Given({"id": 2}), {"other": 1}),
        ({"a": {"b": {"id": 1}}}, Given({"id": 2}), {"a": {"b": {"id": 2}}}),
        ({"id": 1}, Given({"id": 2}, {"id": 3}), {"id": 2}),
        ({"id": 1}, Given({}, {"id": 3}), {"id": 3}),
        ({"s": {"name": "x", "on": 1}}, Given({}, {"s": {"name": "y"}}), {"s": {"name": "y", "on": 1}}),
        ({"name": "x"}, Given({}, {"s": {"t": {"name": "y"}}}), {"name": "y"}),
        ({"p": {"attributes": {}}}, Given({}, {"s": {"attributes": {"a": 1}}}), {"p": {"attributes": {}}}),
        ({"p": {"attributes": {}}}, Given({}, {"attributes": {"a": 1}}), {"p": {"attributes": {"a": 1}}}),
        ({"all": [{"id": 1}, {"id": 2}]}, Given({"id": 3}), {"all": [{"id": 3}, {"id": 3}]}),
        ({"all": [{"id": 1}]}, Given({}, {"id": 3}), {"all": [{"id": 1}]}),
        ({"tags": ["x"]}, Given({}, {"tags": ["a", "b"]}), {"tags": ["a", "b"]}),
        ({"pet": {"id": "1", "name": "x"}}, Given({"petId": "7"}), {"pet": {"id": "7", "name": "x"}}),
        ({"owner": {"id": "1"}}, Given({"petId": "7"}), {"owner": {"id": "1"}}),
        ([{"id": 1}], Given({"id": 2}), [{"id": 2}]),
        ("text", Given({"id": 2}), "text"),
    ],
)
def test_a_name_is_looked_up_near_and_far(made: Any, given: Given, filled: Any) -> None:
    assert echo(made, given) == filled


def test_what_does_not_fit_stays_as_it_was_made() -> None:
    made = {"id": 1, "item": {"id": 1}}
    assert echo(made, Given({"id": "x"}), is_valid=lambda value: value["id"] == 1) == {
        "id": 1,
        "item": {"id": "x"},
    }
    assert made == {"id": 1, "item": {"id": 1}}


def test_items_are_laid_over_those_that_were_made() -> None:
    def whole(value: Any) -> bool:
        return all(set(item) == {"sku", "left"} for item in value["items"])

    given = Given({}, {"items": [{"sku": "a"}, {"sku": "b"}]})
    filled = echo({"items": [{"sku": "x", "left": 5}]}, given, is_valid=whole)
    assert filled == {"items": [{"sku": "a", "left": 5}, {"sku": "b", "left": 5}]}


def test_a_documented_property_that_was_left_out_is_put_in() -> None:
    schema = {"type": "object", "properties": {"id": TEXT, "unknown": TEXT}}
    assert echo({}, Given({"id": "7"}), schema) == {"id": "7"}


def test_properties_are_found_through_references_and_combinators() -> None:
    defs = {
        "A": {"allOf": [{"$ref": "#/$defs/B"}, {"properties": {"a": TEXT}}]},
        "B": {"properties": {"b": TEXT}},
    }
    schema = {
        "anyOf": [{"$ref": "#/$defs/A"}, {"properties": {"c": TEXT}}],
        "properties": {"d": TEXT, "no": False},
    }
    assert set(properties(schema, defs)) == {"a", "b", "c", "d"}


def test_a_schema_that_contains_itself_ends() -> None:
    loop: dict[str, Any] = {"allOf": [{"$ref": "#/$defs/A"}]}
    assert properties(loop, {"A": loop}) == {}


def test_an_answer_echoes_what_fits_its_schema(serve: Serve, ask: Ask) -> None:
    schema = {
        "type": "object",
        "required": ["id", "size", "note", "created"],
        "properties": {"id": TEXT, "size": {"type": "integer"}, "note": TEXT, "created": {"type": "integer"}},
    }
    described = operation(
        parameters=[parameter("id", "path", TEXT), parameter("size", "query", {"type": "integer"})],
        requestBody=body({"type": "object"}),
        answers={"200": answer(schema)},
    )
    response = ask(
        serve(document({"/x/{id}": {"put": described}})),
        "PUT",
        "/x/a%2Fb?size=12",
        json={"note": "hello", "created": "yesterday"},
    )
    data = response.json()
    assert (data["id"], data["size"], data["note"]) == ("a/b", 12, "hello")
    assert isinstance(data["created"], int)
