"""What shells complete from: kept beside the cache, out of date as soon as the document is, never fetched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dynaclient.completion import document_names
from dynaclient.completion.document_names import index_of_document, index_of_operation
from dynaclient.completion.operation_index import plain_of, read_index
from tests.servers import RawServer
from tests.small import document, one, param


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNACLIENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def save(tree: dict[str, Any], name: str = "api.json") -> str:
    Path(name).write_text(json.dumps(tree))
    os.utime(name, ns=(os.stat(name).st_atime_ns, os.stat(name).st_mtime_ns + 1000))
    return name


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were opened."""
    names: list[str] = []
    real = document_names._opened

    def opened(name: str) -> Any:
        names.append(name)
        return real(name)

    monkeypatch.setattr(document_names, "_opened", opened)
    return names


def test_a_document_is_opened_once(opened: list[str]) -> None:
    name = save(one("get", "/x", param("q"), operation={"summary": "What *it* does", "tags": ["t"]}))
    for _ in range(3):
        index = index_of_document(name)
        assert index is not None
        assert (index.operations, index.tags) == ([["op", "GET /x", "What *it* does"]], ["t"])
    assert opened == [name]
    for _ in range(3):
        operation = index_of_operation(name, "op")
        assert operation is not None
        assert [each.name for each in operation.parameters] == ["q"]
    assert opened == [name, name]


def test_a_document_that_changed_is_opened_again(opened: list[str]) -> None:
    name = save(one())
    assert index_of_document(name)
    save(document({"/x": {"get": {"operationId": "other", "responses": {}}}}))
    index = index_of_document(name)
    assert index is not None
    assert index.operations[0][0] == "other"
    assert len(opened) == 2


def test_so_is_one_of_whose_parts_one_changed(opened: list[str]) -> None:
    save({"get": {"operationId": "part", "responses": {}}}, "part.json")
    name = save(document({"/x": {"$ref": "part.json"}}))
    assert index_of_document(name).operations[0][0] == "part"  # type: ignore[union-attr]
    assert index_of_document(name)
    assert len(opened) == 1
    save({"get": {"operationId": "changed", "responses": {}}}, "part.json")
    assert index_of_document(name).operations[0][0] == "changed"  # type: ignore[union-attr]


def test_the_same_name_in_another_folder_is_another_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(one())
    assert index_of_document("api.json")
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")
    assert index_of_document("api.json") is None


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[1]", b'{"files": {}, "value": 3', b'{"files": 1, "value": 1}']
)
def test_what_is_odd_is_as_if_it_were_not_there(damage: bytes, tmp_path: Path) -> None:
    name = save(one())
    expected = index_of_document(name)
    for each in (tmp_path / "cache" / "indexes").iterdir():
        each.write_bytes(damage)
    assert index_of_document(name) == expected


def test_without_a_cache_it_works_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DYNACLIENT_CACHE", "off")
    assert index_of_document(save(one()))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["api.json"]


def test_nothing_is_fetched() -> None:
    with RawServer(b"") as server:
        assert index_of_document(f"{server.url}/openapi.json") is None
        name = save(
            document({"/x": {"$ref": f"{server.url}/part.json"}, "/y": {"get": {"operationId": "op"}}})
        )
        index = index_of_document(name)
        assert index is not None
        assert [key for key, *_ in index.operations] == ["op"]
        assert server.requests == []


NONE = ["nothing.json", "", "a\x00b", "../..", "http://", "talon-one-integration@1999", "\ud800", "x" * 5000]


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_document_has_no_names(name: str) -> None:
    assert index_of_document(name) is None
    assert index_of_operation(name, "op") is None


def test_a_file_that_is_no_document_has_no_names(tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n")
    assert index_of_document("image.png") is None


def test_an_operation_that_is_none_has_no_names() -> None:
    assert index_of_operation(save(one()), "nothing") is None


def test_a_large_file_is_only_opened_when_that_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds at TAB."""
    monkeypatch.setattr(document_names, "PATIENCE", 10)
    assert index_of_document(save(one())) is None


def test_an_index_is_plain_data() -> None:
    index = index_of_operation("talon-one-integration", "updateCustomerSessionV2")
    assert index is not None
    assert read_index(json.loads(json.dumps(plain_of(index)))) == read_index(plain_of(index))


def test_completing_from_an_index_imports_no_client() -> None:
    name = save(one("get", "/x", param("q")))
    code = (
        "import sys\n"
        "from dynaclient.completion.document_names import index_of_document, index_of_operation\n"
        f"assert index_of_document({name!r}) and index_of_operation({name!r}, 'op')\n"
        "print(*(each for each in sys.modules if each.startswith(('dynaclient', 'yaml', 'requests'))))"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {
        "dynaclient.client",
        "dynaclient.document.opening",
        "dynaclient.schema.summary",
        "yaml",
        "requests",
    }
