"""References as published documents misspell them, and the location that they mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.document.node import Node
from dynaclient.document.opening import open_document
from dynaclient.document.reference_repair import readings
from dynaclient.errors import DocumentError
from tests.small import one

SCHEMAS = {"Pet": {"type": "integer"}, "a/b": {"type": "integer"}, "a": {"type": "string"}}
MEANT = [
    "#/definitions/Pet",
    "/definitions/Pet",
    "#components/schemas/Pet",
    "#//components/schemas/Pet",
    "/components/schemas/Pet",
    "components/schemas/Pet",
    "#/components/schemas/Pet/",
    " #/components/schemas/Pet ",
    "Pet",
    "#/components/schemas/a/b",
    "#/components/schema/Pet",
    "#\\components\\schemas\\Pet",
]


@pytest.mark.parametrize("ref", MEANT)
def test_it_is_read_as_it_was_meant_and_told(ref: str) -> None:
    tree = one("post", "/x", body={"$ref": ref}, components={"schemas": SCHEMAS})
    client = Client(tree, server="http://h")
    assert client.prepare("op", body=1).body == b"1"
    told = [finding for finding in client.findings if "does not resolve" in finding.message]
    assert [(each.severity, repr(ref) in each.message) for each in told] == [("warning", True)]


@pytest.mark.parametrize(
    "ref", ["#/components/schemas/No", "No", "#/definitions/No", "pet", "#Pet", "", "#/"]
)
def test_what_names_nothing_stays_lost(ref: str) -> None:
    document = open_document({"openapi": "3.0.0", "components": {"schemas": SCHEMAS}})
    if ref in ("", "#/"):
        assert all(reading.startswith("#") for reading in readings(ref))
        return
    with pytest.raises(DocumentError) as caught:
        document.resolve(ref, Node({}, "", "/x", ""))
    assert repr(ref) in str(caught.value)


FILES = ["parts\\pet.json", ".\\parts\\pet.json", "parts/pet.json#/", "parts/pets.json#Pet"]


@pytest.mark.parametrize("ref", FILES)
def test_a_file_that_is_written_otherwise(ref: str, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "pet.json").write_text('{"type": "integer"}')
    (tmp_path / "parts" / "pets.json").write_text('{"Pet": {"type": "integer"}}')
    (tmp_path / "openapi.json").write_text(json.dumps(one("post", "/x", body={"$ref": ref})))
    client = Client(tmp_path / "openapi.json", server="http://h")
    assert client.prepare("op", body=1).body == b"1"
    with pytest.raises(RequestInvalid, match="expected an integer"):
        client.prepare("op", body="x")
    assert any("does not resolve" in finding.message for finding in client.findings)


@pytest.mark.parametrize("place", ["$defs", "definitions"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_json_schema_that_was_put_in_as_a_whole(place: str, version: str) -> None:
    near = {"properties": {"a": {"$ref": f"#/{place}/Pet"}}, place: {"Pet": {"type": "string"}}}
    far = {"properties": {"near": near, "b": {"$ref": f"#/{place}/Pet"}}, place: {"Pet": {"type": "integer"}}}
    tree = one("post", "/x/{y}%2F", body=far, components={"schemas": SCHEMAS}, version=version)
    client = Client(tree, server="http://h")
    assert client.prepare("op", {"y": "1"}, body={"near": {"a": "x"}, "b": 1}).body
    with pytest.raises(RequestInvalid) as caught:
        client.prepare("op", {"y": "1"}, body={"near": {"a": 1}, "b": "x"})
    assert [each.pointer for each in caught.value.violations] == ["/near/a", "/b"]
    assert any(f"#/{place}/Pet' does not resolve" in each.message for each in client.findings)


def test_what_is_there_is_never_read_otherwise() -> None:
    schemas = {**SCHEMAS, "a": {"b": {"type": "null"}}}
    document = open_document(
        {"openapi": "3.1.0", "components": {"schemas": schemas}, "definitions": {"Pet": {}}}
    )
    for ref, place in (
        ("#/components/schemas/a/b", "/components/schemas/a/b"),
        ("#/definitions/Pet", "/definitions/Pet"),
    ):
        assert document.resolve(ref, document.root).pointer == place
    assert not document.findings
