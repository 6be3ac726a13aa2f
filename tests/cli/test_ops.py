"""`dynaclient ops`: which operations, and that a pipe gets the whole text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaclient._support import terminal
from dynaclient.client import Client
from tests.cli.conftest import Run, Save
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
    assert "no match" in run("ops", "--help").out


WIDE = {"/" + "/".join(["long-segment"] * 6): {"get": {"operationId": "far", "summary": "s" * 90}}}
UNBROKEN = {"/" + "x" * 120: {"get": {"operationId": "far"}}, "/y": {"put": {"operationId": "i" * 70}}}
TABLES = {
    "vendored": (None, 80),
    "vendored, wide": (None, 200),
    "vendored, narrow": (None, 60),
    "short ids, long paths": (WIDE, 80),
    "segments wider than the terminal": (UNBROKEN, 80),
    "no id": ({"/pets/{id}/owners": {"delete": {}}}, 80),
    "one short operation": ({"/a": {"get": {"operationId": "a", "summary": "b"}}}, 80),
}


@pytest.mark.parametrize("case", TABLES)
def test_on_a_terminal_it_is_a_table_that_fits(
    run: Run, save: Save, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """Columns stand under their heads, ids and paths are whole; words are cut, or left out."""
    tree, columns = TABLES[case]
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    name = save(document(tree)) if tree else NAME
    head, *lines = run("ops", name).out.splitlines()
    assert head.split()[:3] == ["operation", "method", "path"]
    assert max(map(len, lines)) <= columns
    starts = [head.index(word) for word in head.split()]
    cells = [[line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)] for line in lines]
    found: list[list[str]] = []
    for row in cells:
        if row[1]:
            found.append(row[:3])
        else:
            found[-1] = [text + more for text, more in zip(found[-1], row[:3], strict=True)]
    client = Client(name)
    expected = [[each.key.replace(" ", ""), each.method, each.path] for each in client.operations.values()]
    assert [[row[0].replace(" ", ""), *row[1:]] for row in found] == expected


@pytest.mark.parametrize(("columns", "words"), [(80, False), (100, True), (140, True)])
def test_the_words_are_left_out_where_there_is_no_room_for_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: int, words: bool
) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert ("summary" in run("ops", NAME).out.splitlines()[0]) == words


@pytest.mark.parametrize("command", ["ops", "find"])
def test_json_without_a_match_is_an_empty_array(run: Run, save: Save, command: str) -> None:
    result = run(command, save(document(paths())), "zebra", "--json")
    assert (result.code, json.loads(result.out)) == (1, [])
    assert result.err.startswith("dynaclient: of 3 operations none ")
    plain = run(command, save(document(paths())), "zebra")
    assert (plain.code, plain.out, plain.err) == (1, "", result.err)
