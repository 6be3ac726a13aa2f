"""`dynaclient ops`: which operations, and that a pipe gets the whole text."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient.client import Client
from dynaclient.prompt import render
from tests.prompt.conftest import Run, Save
from tests.small import document

NAME = "talon-one-integration"
LONG = "/" + "/".join(["a-rather-long-segment"] * 12)


def paths() -> dict[str, Any]:
    """Three operations; the last has no id."""
    return {
        "/pets": {"get": {"operationId": "listPets", "summary": "All of them", "tags": ["Animals"]}},
        LONG: {"post": {"operationId": "old", "summary": "w " * 150, "deprecated": True}},
        "/none": {"delete": {"description": "Takes\naway"}},
    }


def test_a_row_for_each_operation(run: Run) -> None:
    result = run("ops", NAME)
    rows = result.out.splitlines()
    assert rows[0].split() == ["operation", "method", "path", "summary"]
    assert [row.split()[0] for row in rows[1:]] == list(Client(NAME).operations)
    assert result.code == 0


def test_a_pipe_gets_whole_lines_without_colour(run: Run, save: Save) -> None:
    rows = run("ops", save(document(paths()))).out.splitlines()
    assert len(rows) == 4
    assert LONG in rows[2]
    assert rows[2].endswith("(deprecated) " + " ".join(["w"] * 150))
    assert "\x1b" not in "".join(rows)
    assert rows[3].split() == ["DELETE", "/none", "DELETE", "/none", "Takes"]


FITS = {
    "listpets": ["listPets"],
    "PETS": ["listPets"],
    "animals": ["listPets"],
    "all of": ["listPets"],
    "list_pets": ["listPets"],
    "*segment": ["old"],
    "?ld": ["old"],
    "/none": ["DELETE /none"],
    "*": ["listPets", "old", "DELETE /none"],
}


@pytest.mark.parametrize("pattern", FITS)
def test_a_pattern_is_a_part_or_a_glob(run: Run, save: Save, pattern: str) -> None:
    rows = run("ops", save(document(paths())), pattern).out.splitlines()[1:]
    assert [" ".join(row.split()[: 2 if "none" in row else 1]) for row in rows] == FITS[pattern]


MISSED = {
    "zebra": "none fits 'zebra'; their tags are Animals",
    "listPest": "none fits 'listPest'; did you mean listPets?",
}


@pytest.mark.parametrize("pattern", MISSED)
def test_where_nothing_fits_it_is_1_and_what_there_is_is_said(run: Run, save: Save, pattern: str) -> None:
    result = run("ops", save(document(paths())), pattern)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"dynaclient: of 3 operations {MISSED[pattern]}\n"


def test_a_document_without_operations(run: Run, save: Save) -> None:
    result = run("ops", save(document({})))
    assert (result.code, result.err) == (1, "dynaclient: the document has no operations\n")
    assert "ops: nothing fits" in run("ops", "--help").out


@pytest.mark.parametrize(("columns", "first"), [(80, "listPets  GET /pets"), (300, "operation")])
def test_where_a_table_would_be_too_narrow_each_operation_has_lines_of_its_own(
    run: Run, save: Save, monkeypatch: pytest.MonkeyPatch, columns: int, first: str
) -> None:
    monkeypatch.setattr(render, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    tree = document({"/pets": paths()["/pets"], "/" + "long-segment" * 6: {"get": {"operationId": "far"}}})
    lines = run("ops", save(tree)).out.splitlines()
    assert lines[0].startswith(first)
    assert any("All of them" in line for line in lines)
