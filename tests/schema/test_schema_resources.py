"""Schema resources (schemas with an `$id`), and where references in them lead."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.errors import DocumentError
from dynaclient.schema.references import Resources
from tests.schema.checks import opened

ID = "https://example.org/pet"
PET = {"$id": ID, "properties": {"tag": {"type": "string"}}, "x-note": {"deep": {"type": "integer"}}}
VERSION = "3.1.0"


def led(pointer: str, version: str = VERSION) -> Any:
    """What a reference to `pointer` leads into: pointer of the resource, and the text; None for none."""
    tree = opened({"type": "array"}, version, Pet=PET)
    resources = Resources(tree)
    into = resources.reference_into(resources.target(f"#/components/schemas{pointer}", tree.root))
    return into and (into[0].pointer, into[1])


@pytest.mark.parametrize(
    ("pointer", "due"),
    [
        ("/S", None),
        ("/Pet", ("/components/schemas/Pet", f"{ID}#")),
        ("/Pet/properties/tag", ("/components/schemas/Pet", f"{ID}#/properties/tag")),
        ("/Pet/x-note/deep", None),  # the translation of the resource does not keep it
    ],
)
def test_a_resource_is_referred_into(pointer: str, due: Any) -> None:
    assert led(pointer) == due
    assert led(pointer, "3.0.3") is None  # `$id` means nothing there


def test_what_is_no_schema_is_no_target() -> None:
    tree = opened({}, VERSION)
    for ref in ("#/openapi", "#/components/schemas/Gone"):
        with pytest.raises(DocumentError, match="cannot be resolved"):
            Resources(tree).target(ref, tree.root)


def test_a_place_below_an_id_is_told_from_one_of_the_file() -> None:
    tree = opened({}, VERSION, Pet=PET)
    resources = Resources(tree)
    inside = resources.target(f"{ID}#/properties/tag", tree.root)
    assert (inside.value, resources.has_id(inside)) == ({"type": "string"}, True)
    assert not resources.has_id(resources.target("#/components/schemas/S", tree.root))
