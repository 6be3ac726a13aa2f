"""Messages name settings as the user's surface does: in Python, or at the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dynaclient import Client, SettingsError
from dynaclient._support.messages import COMMAND_LINE, PYTHON, setting_name, speaking_of
from tests.small import one

SOURCES = [
    each.read_text(encoding="utf-8") for each in (Path(__file__).parents[2] / "dynaclient").rglob("*.py")
]


def test_both_surfaces_name_the_same_things() -> None:
    assert set(PYTHON) == set(COMMAND_LINE)


@pytest.mark.parametrize("thing", PYTHON)
def test_each_thing_is_spoken_of_somewhere(thing: str) -> None:
    asked = re.compile(rf"""setting_name\(["']{thing}["']|\{{{thing}\}}""")
    assert any(asked.search(source) for source in SOURCES)


def test_the_command_line_has_no_keyword_arguments() -> None:
    python_alone = {name for name, words in COMMAND_LINE.items() if "in Python" in words}
    assert {name for name, words in COMMAND_LINE.items() if re.search(r"\w+=(\s|$)", words)} <= python_alone


def test_a_surface_holds_inside_its_block() -> None:
    with speaking_of(COMMAND_LINE):
        assert setting_name("server") == "--server"
        with speaking_of(PYTHON):
            assert setting_name("parameter", "query.id") == '{"query.id": ...}'
        assert setting_name("parameter", "query.id") == "-p query.id=..."
    assert setting_name("server") == "server="


def test_an_error_speaks_of_the_surface_that_it_is_raised_on() -> None:
    client = Client(one())
    with pytest.raises(SettingsError, match=r"give server=$"):
        client.call("op")
    with speaking_of(COMMAND_LINE), pytest.raises(SettingsError, match=r"give --server$"):
        client.call("op")
