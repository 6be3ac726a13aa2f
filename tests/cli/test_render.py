"""On a terminal: colour, and nothing wider than it. In a pipe: neither colour nor cuts."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from dynaclient import Client
from dynaclient._support import terminal
from dynaclient.cli import render
from dynaclient.cli.call import request_text
from dynaclient.wire.request import Request
from tests.cli.conftest import Run
from tests.small import document, param, said

NAME = "talon-one-integration"
ROWS = [("note", "/a", "message " * 30, "meaning"), ("error", "/b", "short", "")]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output counts as a terminal of 80 columns."""
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")


SHOWN = [("ops", NAME), ("show", NAME, "updateCustomerSessionV2"), ("lint", NAME)]


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("arguments", SHOWN)
def test_descriptions_fit_a_terminal(run: Run, arguments: tuple[str, ...]) -> None:
    out = run(*arguments).out.partition("Folded")[0]
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.usefixtures("screen")
def test_the_first_columns_of_a_table_are_never_broken(run: Run) -> None:
    out = run("ops", NAME).out
    assert any(line.startswith("getLoyaltyProgramProfileTransactions  GET") for line in out.splitlines())


@pytest.mark.usefixtures("screen")
def test_blocks_keep_every_word(capsys: pytest.CaptureFixture[str]) -> None:
    render.blocks(ROWS)
    out = capsys.readouterr().out
    assert out.split() == " ".join(" ".join(row) for row in ROWS).split()
    assert max(map(len, out.splitlines())) <= 80


def test_a_terminal_gets_colour_and_a_pipe_does_not(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect", reason="a terminal is played with pexpect, which is for POSIX")
    arguments = ["-m", "dynaclient", "ops", NAME, "createReferral"]
    environment = {**os.environ, "TERM": "xterm-256color", "HOME": str(tmp_path)}
    environment.pop("NO_COLOR", None)
    shown = pexpect.run(f"{sys.executable} {' '.join(arguments)}", env=environment, timeout=30).decode()
    assert "\x1b[1m" in shown
    plain = pexpect.run(f"sh -c '{sys.executable} {' '.join(arguments)} | cat'", env=environment, timeout=30)
    assert b"\x1b" not in plain
    assert b"/v1/referrals" in plain


COLUMNS: list[tuple[str, ...]] = [
    ("one\x1b[2J", "GET", "/a", "first"),
    ("o\u202ene", "DELETE", "/\x07b", "second"),
    ("é", "GET", "/c", "third"),
]
HEADS = ("id", "method", "path", "words")
TABLES: dict[str, Callable[[list[tuple[str, ...]]], None]] = {
    "a table": lambda rows: terminal.table(HEADS, rows),
    "a table of paths": lambda rows: terminal.table_of_paths(HEADS, rows, [""] * 4),
    "lines": lambda rows: terminal.lined(HEADS, rows, [""] * 4),
    "blocks": lambda rows: terminal.blocks([(row[0], row[3]) for row in rows]),
}


@pytest.mark.parametrize("case", TABLES)
@pytest.mark.parametrize(
    ("on_terminal", "encoding"), [(False, "utf-8"), (False, "ascii"), (True, "utf-8")], ids=str
)
def test_columns_stand_below_each_other_where_a_cell_holds_escapes(
    monkeypatch: pytest.MonkeyPatch, case: str, on_terminal: bool, encoding: str
) -> None:
    errors = "strict" if case.startswith("a table") else "replace"  # rich writes no escapes of an encoding
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setattr(terminal, "is_terminal", lambda: on_terminal)
    monkeypatch.setenv("COLUMNS", "120")
    TABLES[case](COLUMNS)
    written.seek(0)
    lines = [each for each in written.read().splitlines() if each.strip()][-3:]
    words = ("first", "second", "third")
    assert len({line.index(word) for line, word in zip(lines, words, strict=True)}) == 1, lines
    assert not {"\x1b", "\x07", "\u202e"} & {*"".join(lines)}


WIDE: list[tuple[str, ...]] = [
    ("注文を取る", "GET", "/注文", "first"),
    ("one", "DELETE", "/👩‍🍳/cakes", "second"),
    ("e\u0301te\u0301", "GET", "/c", "third"),
]
"""CJK and emoji take two columns each, combining characters none."""


@pytest.mark.parametrize("case", TABLES)
@pytest.mark.parametrize("on_terminal", [False, True], ids=str)
def test_columns_stand_below_each_other_where_characters_are_wide(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str, on_terminal: bool
) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda: on_terminal)
    monkeypatch.setenv("COLUMNS", "120")
    TABLES[case](WIDE)
    lines = [each for each in capsys.readouterr().out.splitlines() if each.strip()][-3:]
    assert len({*map(before, lines, ("first", "second", "third"))}) == 1, lines


def test_words_stand_beside_paths_that_are_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "140")
    terminal.table_of_paths(HEADS, WIDE, [""] * 4)
    lines = capsys.readouterr().out.splitlines()
    assert before(lines[2], "second") == before(lines[2], "/👩‍🍳") + cell_len("/👩‍🍳/cakes") + 2


def before(line: str, word: str) -> int:
    """How many columns stand before a word."""
    return cell_len(line.partition(word)[0])


def test_what_shows_a_document_counts_columns_too() -> None:
    schema = {"type": "object", "properties": {"名前": {"type": "string"}, "id": {"type": "string"}}}
    reading = {
        "operationId": "注文",
        "parameters": [param("名前"), param("id")],
        "responses": {"200": said()},
    }
    writing = {
        "operationId": "list",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": said()},
    }
    api = Client(document({"/注文": {"get": reading}, "/o": {"post": writing}}), server="http://h")
    shown = [repr(api.注文), repr(api.operations["注文"]), str(api.list.__doc__)]
    for text in shown:
        first, second = (line for line in text.splitlines() if line.strip().startswith(("名前", "id")))
        assert before(first, "str") == before(second, "str"), text
    first, second = repr(api.find()).splitlines()
    assert before(first, "GET") == before(second, "POST")


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    render.say("Zoë")
    render.print_json({"name": "Zoë"})
    sys.stdout.flush()
    assert raw.getvalue() == b'Zo\\xeb\n{\n  "name": "Zo\\u00eb"\n}\n'


def test_a_tree_needs_no_more_than_ascii(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    from dynaclient.cli.main import main

    assert main(["show", NAME, "createReferral"]) == 0
    sys.stdout.flush()
    assert b"campaignId*" in raw.getvalue()


def test_a_request_with_a_body_that_is_no_text() -> None:
    request = Request("POST", "http://a/", body=b"\xff\xfe")
    assert request_text(request, ()).endswith("\n\n(2 bytes)")
