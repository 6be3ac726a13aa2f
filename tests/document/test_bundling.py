"""A document of several files in one piece: what it says stays the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.document.bundling import bundled
from tests.small import document, one, said

TEXT = {"type": "string"}


def ref(to: str) -> dict[str, str]:
    return {"$ref": to}


def split(folder: Path) -> Path:
    """A document whose Path Item, operation, schemas and paths are spread over files; the root of them."""
    node = {"next": ref("#/Node"), "pet": ref("../root.json#/components/schemas/Pet")}
    files: dict[str, Any] = {
        "root.json": document(
            {
                "/pets": ref("pets.json"),
                "/more": {"post": ref("operations/add.json"), "parameters": [ref("pets.json#/x-page")]},
            },
            components={"schemas": {"Pet": TEXT, "Far": ref("schemas/all.json#/Node")}},
        ),
        "pets.json": {
            "get": {"operationId": "list", "responses": {"200": said(ref("schemas/all.json#/Node"))}},
            "x-page": {"name": "page", "in": "query", "schema": {"type": "integer"}},
        },
        "operations/add.json": {
            "operationId": "add",
            "requestBody": {"content": {"application/json": {"schema": ref("../schemas/Node.json")}}},
            "responses": {"204": {"description": ""}},
        },
        "schemas/all.json": {"Node": {"type": "object", "properties": node}},
        "schemas/Node.json": {"type": "object", "required": ["id"], "properties": {"id": TEXT}},
    }
    for name, tree in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(tree))
    return folder / "root.json"


def test_parts_of_other_files_stand_in_the_document(tmp_path: Path) -> None:
    client = Client(split(tmp_path))
    tree = bundled(client.document)
    assert set(tree["x-parts"]) == {"Node", "Node_1", "x-page"}  # of three files, two of them called Node
    alone = Client(json.loads(json.dumps(tree)), server="http://127.0.0.1:1", cache=False)
    assert alone.findings == ()
    assert list(alone.operations) == ["list", "add"]
    assert [each.name for each in alone.operations["add"].parameters] == ["page"]
    assert alone.document.root.get("components", "schemas", "Far").value["$ref"].startswith("#/x-parts/Node")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"next": {"pet": "a"}}, True),
        ({"next": {"next": {"pet": 1}}}, False),
        ({"next": 1}, False),
        ([], False),
    ],
)
def test_schemas_say_the_same_as_before(tmp_path: Path, value: Any, expected: bool) -> None:
    client = Client(split(tmp_path))
    for each in (client, Client(bundled(client.document), cache=False)):
        schema = each.operations["list"].responses[0].content["application/json"].schema
        assert schema is not None
        assert each.checkers.checker(schema, "response").is_valid(value) is expected


def test_one_file_stays_as_it_is() -> None:
    schemas = {"A": {"type": "object", "example": ref("b.json"), "properties": {"$ref": TEXT}}}
    tree = one(answer=ref("#/components/schemas/A"), components={"schemas": schemas})
    assert bundled(Client(tree, cache=False).document) == tree


def test_what_does_not_resolve_stays_as_it_is() -> None:
    tree = one(answer=ref("elsewhere.json#/A"))
    assert bundled(Client(tree, cache=False).document) == tree
