"""What `help()`, `inspect.signature` and `repr` say of an operation."""

from __future__ import annotations

import inspect
import pickle
import pydoc
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.calls.bound_operation import BoundOperation
from dynaclient.calls.signature import ONE_SCREEN
from tests.small import one, param

NAME = "talon-one-integration"
GENERATIONS = ("2020-04", "2020-05", "2020-10", "2023-04", "2024-06", "2026-05")


def bound(*arguments: Any, **members: Any) -> BoundOperation:
    """The only operation of a small document."""
    operation = Client(one(*arguments, **members), server="http://127.0.0.1:1").op
    assert isinstance(operation, BoundOperation)
    return operation


def helped(operation: BoundOperation) -> str:
    """What help() prints."""
    return pydoc.render_doc(operation, renderer=pydoc.plaintext)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_operation_explains_itself(generation: str) -> None:
    api = Client(f"{NAME}@{generation}")
    for key in api.operations:
        operation = getattr(api, api.operations[key].attribute)
        text = helped(operation)
        signed = f"{operation.operation.attribute}{inspect.signature(operation)}"
        assert "".join(signed.split()) in "".join(text.split())  # Python 3.13 breaks it into lines
        assert operation.operation.summary in text
        assert f"{operation.operation.method} {operation.operation.path}" in text
        assert all(each.name in text or each.python_name in text for each in operation.operation.parameters)
        place = f"{operation.operation.method} {operation.operation.path}"
        assert all(len(line) <= 80 or line.strip() == place for line in text.splitlines()[4:])
        assert len(repr(operation).splitlines()) <= ONE_SCREEN
        assert operation.operation.path in repr(operation)


SIGNATURES: list[tuple[BoundOperation, str]] = [
    (bound(), "(*, options: dict | None = None) -> Any"),
    (
        bound("get", "/x/{petId}", param("limit", schema={"type": "integer"}), param("petId", "path")),
        "(pet_id: str, *, limit: int | None = None, options: dict | None = None) -> Any",
    ),
    (
        bound("post", body={"type": "array", "items": {"type": "string"}}, answer={"type": "boolean"}),
        "(body: list[str], *, options: dict | None = None) -> bool",
    ),
    (
        bound("post", body={"type": "object"}, required=False, answers={"204": {}}),
        "(body: dict | None = None, *, options: dict | None = None) -> None",
    ),
    (
        bound("get", "/x", param("at", schema={"type": "string", "format": "date-time", "nullable": True})),
        "(*, at: datetime | str | None = None, options: dict | None = None) -> Any",
    ),
    (
        bound("get", "/x/{id}", param("id", "path"), param("id", required=True), param("z", required=True)),
        "(path_id: str, query_id: str, /, z: str, *, options: dict | None = None) -> Any",
    ),
]


@pytest.mark.parametrize(("operation", "text"), SIGNATURES, ids=[text for _, text in SIGNATURES])
def test_a_signature_is_what_a_call_takes(operation: BoundOperation, text: str) -> None:
    assert str(inspect.signature(operation)) == text


def test_help_lists_the_properties_of_the_body_with_what_is_required() -> None:
    body = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 5, "description": "Its name.\n\nAnd more."},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    lines = [" ".join(line.split()) for line in helped(bound("post", body=body)).splitlines()]
    assert "Body: object (application/json)" in lines
    assert "name* string (length <= 5) Its name." in lines
    assert "tags array of string" in lines


def test_help_names_parameters_with_place_bounds_and_words() -> None:
    limit = param("pageSize", schema={"type": "integer", "minimum": 1, "default": 5}, description="How many.")
    lines = [line.strip() for line in helped(bound("get", "/x", limit)).splitlines()]
    at = lines.index("page_size: int, in query, >= 1, default 5")
    assert lines[at + 1] == "How many."


def test_a_wide_operation_still_fits_a_screen() -> None:
    operation = bound("get", "/x", *(param(f"p{n}") for n in range(80)))
    lines = repr(operation).splitlines()
    assert len(lines) == ONE_SCREEN
    assert lines[-1].strip() == "... 58 more; see help()"


def test_the_class_has_words_of_its_own_and_an_operation_survives_pickling() -> None:
    assert (BoundOperation.__doc__ or "").startswith("`client.get_thing`")
    operation = Client(NAME).create_referral
    again = pickle.loads(pickle.dumps(operation))
    assert again.__doc__ == operation.__doc__
    assert "Create a referral code" in (operation.__doc__ or "")


def test_an_operation_stays_itself_as_an_attribute_of_a_class() -> None:
    class Shop:
        refer = Client(NAME).create_referral

    assert Shop().refer is Shop.__dict__["refer"]


def test_deprecation_is_said() -> None:
    operation = bound(operation={"deprecated": True})
    assert "Deprecated." in helped(operation)
    assert "deprecated" in repr(operation)


def test_names_that_no_keyword_can_be_are_given_in_a_mapping() -> None:
    client = Client(one("get", "/x/{id}", param("id", "path"), param("id"), param("size")))
    told = 'by name in a mapping: call("op", {"path.id": ..., "query.id": ...})'
    assert told in pydoc.render_doc(client.op)
    assert "in a mapping" not in pydoc.render_doc(Client(one("get", "/x", param("size"))).op)


@pytest.mark.parametrize(
    "names",
    [("id", "path_id"), ("id", "日本", "-"), ("id", "a.b", "a[b]", "a_b"), ("body", "options", "query_body")],
)
def test_parameters_that_no_keyword_can_be_have_a_name_each_in_the_signature(names: tuple[str, ...]) -> None:
    """Two parameters of a signature may not have one name, whatever two names are in snake_case."""
    parameters = [param("id", "path"), *(param(name, required=True) for name in names)]
    operation = bound("get", "/x/{id}", *parameters)
    shown = list(inspect.signature(operation).parameters)
    assert len(shown) == len(parameters) + 1
    assert all(name.isidentifier() for name in shown)
    assert "op(" in helped(operation)
