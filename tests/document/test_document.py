"""Locations in a document, and the Reference Objects between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import DocumentError, Finding
from dynaclient.document.document import MAX_REFERENCES, Document
from dynaclient.document.node import Node, escape, tokens
from dynaclient.document.opening import Access, open_document
from tests.conftest import Serve
from tests.small import json_reply

TREE: dict[str, Any] = {
    "openapi": "3.1.0",
    "": {"": "empty"},
    "a/b": {"c~d": ["zero", {"e f": "deep"}]},
    "%41": "percent",
    "m": {"n": 1},
    "é": 2,
    "to": {"$ref": "#/m"},
    "twice": {"$ref": "#/to"},
    "self": {"$ref": "#/self"},
    "ping": {"$ref": "#/pong"},
    "pong": {"$ref": "#/ping"},
    "anchored": {"$anchor": "here", "x": 3},
    "resource": {"$id": "https://example.org/r.json", "$defs": {"inner": {"$anchor": "in", "y": 4}}},
    "list": [10, 11],
}
DOCUMENT = open_document(TREE)


def resolve(ref: str, document: Document = DOCUMENT, node: Node | None = None) -> Any:
    return document.resolve(ref, node or document.root).value


POINTERS = [
    ("#/m/n", 1),
    ("#/a~1b/c~0d/0", "zero"),
    ("#/a~1b/c~0d/1/e f", "deep"),
    ("#/a~1b/c~0d/1/e%20f", "deep"),
    ("#%2Fm%2Fn", 1),
    ("#/%C3%A9", 2),
    ("#/é", 2),
    ("#/%41", "percent"),
    ("#//", "empty"),
    ("#/list/1", 11),
    ("#/to/n", 1),  # a pointer that goes on behind a reference
    ("#/twice/n", 1),
    ("#here", TREE["anchored"]),
    ("#", TREE),
    ("", TREE),
    ("https://example.org/r.json", TREE["resource"]),
    ("https://example.org/r.json#/$defs/inner/y", 4),
    ("https://example.org/r.json#in", TREE["resource"]["$defs"]["inner"]),
]


@pytest.mark.parametrize(("ref", "due"), POINTERS)
def test_resolve(ref: str, due: Any) -> None:
    assert resolve(ref) == due


NOWHERE = [
    "#/x",
    "#/m/n/o",
    "#/list/2",
    "#/list/-1",
    "#/list/x",
    "#/list/²",
    "#/list/01",
    "#nope",
    "#/self/x",
]
NOWHERE += ["#/ping/x", "other.json", "//[", "http://[::1", "#/list/" + "1" * 5000]


@pytest.mark.parametrize("ref", NOWHERE)
def test_what_leads_nowhere_says_from_where(ref: str) -> None:
    with pytest.raises(DocumentError) as caught:
        DOCUMENT.resolve(ref, Node({}, "", "/paths/~1x", ""))
    assert ref in str(caught.value) or "circle" in str(caught.value)
    assert [(each.severity, bool(each.meaning)) for each in caught.value.findings] == [("error", True)]


def test_follow() -> None:
    assert DOCUMENT.follow(DOCUMENT.root.child("twice")) == Node({"n": 1}, "", "/m", "")
    plain = DOCUMENT.root.child("m")
    assert DOCUMENT.follow(plain) is plain
    for name in ("self", "ping"):
        with pytest.raises(DocumentError, match="circle"):
            DOCUMENT.follow(DOCUMENT.root.child(name))


def test_long_ways_end() -> None:
    tree = {"openapi": "3.0.0", **{str(i): {"$ref": f"#/{i + 1}"} for i in range(300)}, "300": {}}
    document = open_document(tree)
    assert document.follow(document.root.child("280")).value == {}
    with pytest.raises(DocumentError, match="circle"):
        document.follow(document.root.child("0"))
    assert MAX_REFERENCES < 300


def test_node() -> None:
    node = DOCUMENT.root
    assert node.child("a/b").child("c~d").child(0) == Node("zero", "", "/a~1b/c~0d/0", "")
    assert node.get("m", "n") == Node(1, "", "/m/n", "")
    assert node.get("m", "x") is None
    assert node.get("list", "0") is None
    assert (node.text("openapi"), node.text("m"), node.text("x")) == ("3.1.0", "", "")
    assert [key for key, _ in node.child("m").items()] == ["n"]
    assert [each.value for each in node.child("list").elements()] == [10, 11]
    assert list(node.child("list").items()) == list(node.child("m").elements()) == []
    assert Node({"a": True}).flag("a")
    assert Node({"a": "true"}).flag("a")
    assert not Node({"a": "yes"}).flag("a")
    assert (node.child("m").place, Node(1, "file:///x.json", "/a").place) == ("/m", "file:///x.json#/a")


@pytest.mark.parametrize("token", ["", "a", "~", "/", "~1", "~0/", "a~b/c", "é"])
def test_tokens_come_back(token: str) -> None:
    assert tokens("/" + escape(token)) == [token]


# -- several files -----------------------------------------------------------------------------------


def folder(tmp_path: Path, **files: Any) -> Path:
    for name, tree in files.items():
        path = tmp_path / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(tree))
    return tmp_path / "root.yaml"


def test_part_files(tmp_path: Path) -> None:
    root = {
        "openapi": "3.0.0",
        "a": {"$ref": "sub/part.yaml"},
        "b": {"$ref": "./sub/part.yaml#/inner"},
        "components": {"schemas": {"C": {"type": "integer"}}},
    }
    part = {
        "inner": {"type": "string"},
        "mine": {"$ref": "#/inner"},
        "up": {"$ref": "../root.yaml#/components/schemas/C"},
        "side": {"$ref": "other.yaml"},
        "roots": {"$ref": "#/components/schemas/C"},
    }
    document = open_document(folder(tmp_path, root=root, sub__part=part, sub__other={"type": "boolean"}))
    found = document.follow(document.root.child("a"))
    assert found.value == part
    assert found.place.endswith("/sub/part.yaml#")
    assert document.follow(document.root.child("b")).value == {"type": "string"}
    kinds = {
        name: document.follow(found.child(name)).value["type"] for name in ("mine", "up", "side", "roots")
    }
    assert kinds == {"mine": "string", "up": "integer", "side": "boolean", "roots": "integer"}
    assert document.follow(found.child("up")).uri == ""  # the root is the root, from wherever it is reached


def test_a_part_is_read_once(serve: Serve) -> None:
    server = serve(json_reply({"a": 1, "b": 2}))

    def fetch(url: str) -> bytes:
        import requests

        return requests.get(url, timeout=5).content

    document = open_document({"openapi": "3.0.0"}, Access(fetch, hosts=["127.0.0.1"]))
    assert [resolve(f"{server.url}/p#/{key}", document) for key in "ab"] == [1, 2]
    assert len(server.requests) == 1


@pytest.mark.parametrize("content", [b"{", b"a: [", b"\xff\xfe\x00\x00", b""])
def test_a_part_that_cannot_be_read(content: bytes, tmp_path: Path) -> None:
    path = folder(tmp_path, root={"openapi": "3.0.0"})
    (tmp_path / "part.yaml").write_bytes(content)
    document = open_document(path)
    with pytest.raises(DocumentError, match=r"part\.yaml"):
        document.resolve("part.yaml#/a", document.root)


def test_findings_are_kept_once() -> None:
    document = open_document({"openapi": "3.0.0"})
    for _ in range(2):
        document.find(document.root, "odd", "so what")
    assert [str(each) for each in document.findings] == ["warning: /: odd (so what)"]
    known = Document({}, (3, 0), findings=[Finding("/x", "note", "by another", "")])
    known.note(DocumentError("", [Finding("/x", "note", "by another", ""), Finding("/y", "note", "new", "")]))
    assert [each.pointer for each in known.findings] == ["/x", "/y"]


def test_many_findings_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    document = open_document({"openapi": "3.0.0"})
    compared = []
    same = Finding.__eq__
    monkeypatch.setattr(Finding, "__eq__", lambda one, other: compared.append(1) or same(one, other))
    for _ in range(2):
        for number in range(500):
            document.find(Node({}, "", f"/{number}", ""), "odd")
    assert len(document.findings) == 500
    assert len(compared) < 5_000


def test_self_of_3_2_is_what_references_start_from() -> None:
    document = open_document({"openapi": "3.2.0", "$self": "https://example.org/a/api.json", "m": 1})
    assert resolve("https://example.org/a/api.json#/m", document) == 1
    assert resolve("api.json#/m", document) == 1
