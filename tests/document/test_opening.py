"""What `Client` opens: the name of a vendored document, a path, a URL, a dict."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from dynaclient import Client, DocumentError
from dynaclient.document.opening import Access, find, json_tree, open_document, vendored_names
from tests.conftest import Serve
from tests.servers import closed_port, reply
from tests.small import document, json_reply, one

GENERATIONS = {"2020-04": 11, "2020-05": 11, "2020-10": 13, "2023-04": 27, "2024-06": 28, "2026-05": 36}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_vendored_names(generation: str) -> None:
    assert f"talon-one-integration@{generation}" in vendored_names()
    assert len(Client(f"talon-one-integration@{generation}").operations) == GENERATIONS[generation]


def test_the_plain_name_means_the_newest() -> None:
    newest = max(GENERATIONS)
    assert find("talon-one-integration") == find(f"talon-one-integration@{newest}")
    assert (
        open_document("talon-one-integration").tree == open_document(f"talon-one-integration@{newest}").tree
    )


UNKNOWN = ["nope", "talon-one-integration@1999-01", "talon-one-integration@", "../spec", ""]
UNKNOWN += ["a/b", "a\0b", "*", "@"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_name_says_what_there_is(name: str) -> None:
    with pytest.raises(DocumentError, match="talon-one-integration@2026-05"):
        open_document(name)


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
@pytest.mark.parametrize("as_", [str, Path])
def test_paths(write: Any, as_: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my api é#1.txt"
    path.write_text(write(one(answer={"$ref": "part.json"})), encoding="utf-8")
    (tmp_path / "part.json").write_text("{}")
    assert open_document(as_(path)).tree == one(answer={"$ref": "part.json"})
    assert Client(as_(path)).findings == ()
    monkeypatch.chdir(tmp_path)
    assert Client(as_(path.name)).findings == ()


def test_a_vendored_name_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote a folder does not say what the names in it mean."""
    (tmp_path / "talon-one-integration").write_text(json.dumps(document({})))
    monkeypatch.chdir(tmp_path)
    assert len(Client("talon-one-integration").operations) == 36
    assert open_document("./talon-one-integration").tree == document({})


def test_urls(serve: Serve) -> None:
    server = serve(json_reply(one(answer={"$ref": "part.json"})), json_reply({}))
    with Client(f"{server.url}/docs/api.json", ref_hosts=["127.0.0.1"]) as client:
        assert client.findings == ()
    assert [request.target for request in server.requests] == ["/docs/api.json", "/docs/part.json"]


def test_a_url_is_not_fetched_without_a_way_to() -> None:
    with pytest.raises(DocumentError, match="fetched"):
        open_document("https://example.org/api.json")


ELSEWHERE = reply(302, b"", [("Location", "http://127.0.0.2/")])
NO_DOCUMENT = [
    reply(404),
    reply(500),
    ELSEWHERE,
    *(reply(200, text) for text in (b"", b"<html>", b"{", b"[]")),
]


@pytest.mark.parametrize("answer", NO_DOCUMENT)
def test_urls_that_give_no_document(answer: bytes, serve: Serve) -> None:
    with pytest.raises(DocumentError):
        Client(serve(answer).url, retries=0)


NO_ADDRESS = [
    "http://127.0.0.1:{port}/",
    "http://[::1",
    "http://h:x/",
    "http://",
    "HTTP://exa mple/",
    "http://\x7f",
]


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_urls_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(DocumentError):
        Client(url.format(port=closed_port()), retries=0)


NOT_DOCUMENTS: list[tuple[Any, str]] = [
    ({}, "version"),
    ({"openapi": None}, "version"),
    ({"openapi": "x"}, "version"),
    ({"swagger": "1.2"}, "unknown version"),
    ({"openapi": "4.0.0"}, "unknown version"),
    (5, "int"),
    (None, "NoneType"),
    (b"{}", "bytes"),
    ([], "list"),
]


@pytest.mark.parametrize(("source", "words"), NOT_DOCUMENTS)
def test_not_documents(source: Any, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        open_document(source)


VERSIONS: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"openapi": "3.0.0"}, (3, 0)),
    ({"openapi": "3.0.4"}, (3, 0)),
    ({"openapi": "3.1.0-rc1"}, (3, 1)),
    ({"openapi": 3.1}, (3, 1)),
    ({"openapi": " 3.2.0"}, (3, 2)),
    ({"openapi": "3.7.0"}, (3, 2)),
    ({"swagger": "2.0"}, (3, 0)),
    ({"swagger": 2.0}, (3, 0)),
    ({"swagger": 2}, (3, 0)),
    ({"openapi": 3}, (3, 0)),
    ({"openapi": "v3.1.0"}, (3, 1)),
    ({"openapi": "3.10"}, (3, 2)),
]


@pytest.mark.parametrize(("source", "version"), VERSIONS)
def test_versions(source: dict[str, Any], version: tuple[int, int]) -> None:
    assert open_document(source).version == version


def test_a_dict_is_taken_as_json_has_it_and_is_not_changed() -> None:
    source = {
        "openapi": "3.0.0",
        "x-date": dt.date(2024, 2, 29),
        "x-tuple": (1, MappingProxyType({True: None, 200: 2})),
    }
    before = dict(source)
    tree = open_document(MappingProxyType(source)).tree
    assert tree == {"openapi": "3.0.0", "x-date": "2024-02-29", "x-tuple": [1, {"true": None, "200": 2}]}
    assert source == before
    assert json_tree({1: 1.5}) == {"1": 1.5}
    assert json_tree({"\ud800": ["a\udc00b", "😀"]}) == {"�": ["a�b", "😀"]}


def test_a_dict_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text("{}")
    for ref in ("part.json", (tmp_path / "part.json").as_uri(), str(tmp_path / "part.json")):
        document_ = open_document({"openapi": "3.0.0"})
        with pytest.raises(DocumentError):
            document_.resolve(ref, document_.root)
    wide = open_document({"openapi": "3.0.0"}, Access(folder=tmp_path))
    assert wide.resolve((tmp_path / "part.json").as_uri(), wide.root).value == {}


def test_a_document_that_is_open_already() -> None:
    opened = open_document(one())
    assert open_document(opened) is opened
    assert list(Client(opened).operations) == ["op"]


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        open_document(tmp_path)


def test_what_is_no_document_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "empty").mkdir()
    told = {
        "": "expected a path, a URL",
        str(tmp_path): "is a folder; name the document in it, such as api.yaml",
        ".": "is a folder",
        "..": "is a folder",
        f"{tmp_path}/empty/": "is a folder; name the document in it",
        f"{tmp_path}/apy.yaml": "there is no file",
        "x" * 5000: "cannot be opened: File name too long",
        "nowhere": "is neither a file nor a vendored document; vendored are",
        "nowhere@1": "; `dynaclient list` shows the APIs that were added",
    }
    for name, reason in told.items():
        with pytest.raises(DocumentError, match=re.escape(reason)) as caught:
            open_document(name)
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("item", "known"),
    [
        ({"get": {}}, ["GET /a"]),
        ({"$ref": "#/components/pathItems/A"}, ["POST /a"]),
        ({"$ref": "#/components/pathItems/None"}, []),
        ({"$ref": "other.json#/a"}, None),
        ({"get": {"$ref": "other.json#/a"}}, None),
    ],
)
def test_operations_are_kept_unless_another_file_has_a_say_in_them(
    tmp_path: Path, item: dict[str, Any], known: list[str] | None
) -> None:
    tree = {"openapi": "3.1.0", "paths": {"/a": item}, "components": {"pathItems": {"A": {"post": {}}}}}
    (tmp_path / "a.json").write_text(json.dumps(tree))
    document = open_document(tmp_path / "a.json")
    assert (None if document.entries is None else [entry.key for entry in document.entries]) == known
