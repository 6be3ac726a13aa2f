"""Places that schemas name themselves."""

from __future__ import annotations

from dynaclient.document.anchors import marks
from dynaclient.document.document import Node

ROOT = "https://example.org/api.json"


def test_every_name_is_an_absolute_uri_and_leads_to_its_schema() -> None:
    pet = {"$id": "/pet", "$anchor": "pet", "properties": {"tag": {"$dynamicAnchor": "tag"}}}
    other = {"$id": "https://other.example/x", "items": [{"$anchor": "in"}]}
    tree = {"$defs": {"Pet": pet, "Other": other, "Own": {"$anchor": "own"}}}
    found = marks([Node(tree, "", "", ROOT)])
    assert {uri: node.pointer for uri, node in found.items()} == {
        "https://example.org/pet": "/$defs/Pet",
        "https://example.org/pet#pet": "/$defs/Pet",
        "https://example.org/pet#tag": "/$defs/Pet/properties/tag",
        "https://other.example/x": "/$defs/Other",
        "https://other.example/x#in": "/$defs/Other/items/0",
        f"{ROOT}#own": "/$defs/Own",
    }
    assert found["https://example.org/pet"].base == ROOT  # its own `$id` is not yet counted: see `rebase`


def test_data_names_nothing() -> None:
    named = {"$id": "/x", "$anchor": "x"}
    assert (
        marks([Node({"enum": [named], "const": named, "example": named, "default": 5}, "", "", ROOT)]) == {}
    )
    assert marks([Node({"$id": 5, "$anchor": ["x"]}, "", "", ROOT)]) == {}


def test_each_file_names_its_own() -> None:
    files = [Node({"$anchor": "a"}, uri, "", uri) for uri in (ROOT, "https://example.org/part.json")]
    assert sorted(marks(files)) == [f"{ROOT}#a", "https://example.org/part.json#a"]
