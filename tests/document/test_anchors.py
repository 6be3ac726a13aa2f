"""`$id`, `$anchor` and `$dynamicAnchor`: the names that schemas give to themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dynaclient import Client, DocumentError, RequestInvalid
from dynaclient.document.node import Node
from dynaclient.document.reference_repair import marks
from tests.small import one

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


def test_a_name_in_a_file_that_nothing_else_refers_to(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text('{"$defs": {"Pet": {"$anchor": "pet", "type": "integer"}}}')
    tree = one("post", "/x", body={"$ref": "part.json#pet"}, version="3.1.0")
    (tmp_path / "openapi.json").write_text(json.dumps(tree))
    client = Client(tmp_path / "openapi.json", server="http://h")
    assert client.prepare("op", body=1).body == b"1"
    with pytest.raises(RequestInvalid, match="expected an integer"):
        client.prepare("op", body="x")
    assert not [each for each in client.findings if "$ref" in each.message]


def test_a_name_in_a_file_that_is_not_there(tmp_path: Path) -> None:
    tree = one("post", "/x", body={"$ref": "none.json#pet"}, version="3.1.0")
    (tmp_path / "openapi.json").write_text(json.dumps(tree))
    with pytest.raises(DocumentError, match=r"none\.json cannot be read"):
        Client(tmp_path / "openapi.json", server="http://h").prepare("op", body=1)
