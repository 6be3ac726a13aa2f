# ruff: noqa: E501  (rows of tables)
"""What is told of a stub that is stale: the operations and schemas that moved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.stubs.moved import moved
from dynaclient.stubs.stub import stub
from tests.small import document, said

PET = {"type": "object", "properties": {"name": {"type": "string"}}}


def shop(**operations: Any) -> str:
    """The stub of a document with an operation for each path, whose result has a schema of that name."""
    paths = {
        f"/{name}": {"get": {"operationId": name, "responses": {"200": said({"$ref": f"#/components/schemas/{name}"})}}}
        for name in operations
    }  # fmt: skip
    return stub(Client(document(paths, components={"schemas": operations})), "Api", "x")


BEFORE = shop(pets=PET, owners=PET)


def test_nothing() -> None:
    assert moved(BEFORE, shop(pets=PET, owners=PET)) == []
    assert moved(f"# Made by something else\n{BEFORE}", BEFORE) == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (shop(pets=PET), ["operation removed: GET /owners", "schema removed: Owners"]),
        (shop(pets=PET, owners=PET, shops=PET), ["operation added: GET /shops", "schema added: Shops"]),
        (shop(pets=PET, owners={"type": "object", "properties": {"age": {"type": "integer"}}}),
         ["schema changed: Owners"]),
        (shop(pets=PET, owners={"type": "string"}), ["schema removed: Owners", "operation changed: GET /owners"]),
    ],
)  # fmt: skip
def test_what_moved(after: str, expected: list[str]) -> None:
    assert [str(each) for each in moved(BEFORE, after)] == expected


def test_what_is_in_every_stub() -> None:
    assert [
        each.what for each in moved(BEFORE, BEFORE.replace("class ApiByName(Client)", "class ApiByName(Any)"))
    ] == ["rest"]


def test_what_a_formatter_changes_is_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    file = tmp_path / "api.pyi"
    file.write_text(BEFORE, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "50", "-q", str(file)]
    subprocess.run(command, check=True)
    assert file.read_text(encoding="utf-8") != BEFORE
    assert moved(file.read_text(encoding="utf-8"), BEFORE) == []


def test_no_python() -> None:
    with pytest.raises(SyntaxError):
        moved("class", BEFORE)
