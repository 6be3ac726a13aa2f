"""Keys for the locations that schemas refer to."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.schema.keywords import METASCHEMAS
from dynaclient.schema.references import ROOT, References
from tests.schema.checks import opened

ID = "https://example.org/pet"


def at(tree: Any, *path: str) -> Any:
    return tree.root.get("components", "schemas", *path)


def test_a_key_is_the_name_of_the_component_and_one_for_each_place() -> None:
    tree = opened(
        {}, **{"a b": {"properties": {"x": {}}}, "a_b": {}, "é": {}, "n" * 100: {}, "m" + "n" * 99: {}}
    )
    references = References(tree, "request")
    places = [at(tree, name) for name in ("S", "a b", "a_b", "é", "n" * 100, "m" + "n" * 99)]
    places += [at(tree, "a b", "properties", "x"), tree.root]
    keys = [references.key(each) for each in places]
    assert keys == ["S", "a_b", "a_b_2", "root", "n" * 80, "n" * 80 + "_2", "a_b_properties_x", "root_2"]
    assert [references.key(each) for each in places] == keys
    assert [references.places[key] for key in keys] == places


def test_what_is_used_for_the_same_value_stays_so() -> None:
    tree = opened({}, T={}, U={})
    references = References(tree, "request")
    for of_parts, name in ((True, "T"), (False, "U"), (True, "U"), (True, "S"), (False, "S")):
        references.of_parts = of_parts
        assert references.named(f"#/components/schemas/{name}", tree.root) == {"$ref": f"#/$defs/{name}"}
    assert references.used == {"T": False, "U": True, "S": True}


@pytest.mark.parametrize(("direction", "schema"), [("request", False), ("response", True)])
def test_one_that_leads_nowhere(direction: Any, schema: bool) -> None:
    """Nothing may be sent where nobody knows what is expected; a response is not to blame for it."""
    tree = opened({"$ref": "#/nowhere"})
    references = References(tree, direction)
    lost = references.named("#/nowhere", at(tree, "S"))
    (key,) = references.unresolved
    assert lost == {"$ref": f"#/$defs/{key}"}
    assert references.is_lost(lost)
    assert references.places[key].value is schema
    assert "#/nowhere" in references.unresolved[key]
    assert [each.pointer for each in tree.findings] == ["/components/schemas/S"]


def test_what_else_is_asked_of_who_compiles() -> None:
    tree = opened({}, "3.1.0", Pet={"$id": ID, "properties": {"owner": {}}})
    references = References(tree, "request")
    inside = references.resources.target(f"{ID}#/properties/owner", tree.root)
    assert references.named(f"{ID}#/properties/owner", tree.root) == {"$ref": f"{ID}#/properties/owner"}
    assert references.used == {"Pet": True}
    assert (references.asks_root, references.asks_metaschema) == (False, False)
    assert references.to(at(tree, "S"), inside) == {"$ref": f"{ROOT}#/$defs/S"}
    assert references.asks_root
    meta = sorted(METASCHEMAS)[0]
    assert references.named(meta, tree.root) == {"$ref": meta}
    assert references.asks_metaschema
    assert not references.is_lost({"$ref": meta})
