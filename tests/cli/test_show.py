"""`dynaclient show` on a terminal: a screen first, then each part by its name. A pipe gets everything."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from dynaclient import Client
from dynaclient._support import terminal
from dynaclient.explore.prompt import names_for
from tests.cli.conftest import Run, Save
from tests.small import document, one, param, said

ADDRESS = {
    "type": "object",
    "properties": {"street": {"type": "string", "description": "Where.\n\nAnd more."}},
}
OWNER = {"type": "object", "properties": {"address": ADDRESS, "names/all": {"type": "string"}}}
PET = {
    "type": "object",
    "properties": {
        "owners": {"type": "array", "items": OWNER, "description": "Who feeds it.\n\nAnd how."},
        "tags": {"type": "object", "additionalProperties": {"type": "integer"}},
        "kind": {"oneOf": [{"type": "object", "properties": {"purrs": {"type": "boolean"}}}, OWNER]},
    },
}
LONG = "First.\n\n" + "\n".join(f"Line {n}." for n in range(30))
SIZE = param("size", schema={"type": "integer"}, description="How many.\n\nOf all.")
ANSWERS = {"200": said(PET), "404": {"description": "Gone"}, "4XX": said(OWNER)}
ALL = one("post", "/x", SIZE, body=PET, answers=ANSWERS, operation={"description": LONG})


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output counts as a terminal of 80 columns and 24 lines."""
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")


@pytest.mark.usefixtures("screen")
def test_a_screen_first_and_what_is_folded_by_name(run: Run, save: Save) -> None:
    lines = run("show", save(ALL), "op").out.splitlines()
    assert len(lines) < 24
    assert "First. ..." in lines
    assert any(line.startswith("200  application/json  object") for line in lines)
    assert any(line.startswith("404  Gone") for line in lines)
    at = next(at for at, line in enumerate(lines) if line.startswith("Folded: "))
    assert lines[at] == "Folded: description, body/owners, body/tags, body/kind, 200, 4XX, example"
    assert lines[at + 1].endswith("document.json op description")
    assert lines[at + 2].endswith("document.json op | less")


@pytest.mark.usefixtures("screen")
def test_every_folded_part_can_be_shown(run: Run, save: Save) -> None:
    path = save(ALL)
    whole = run("show", path, "op").out
    for part in whole.partition("Folded: ")[2].partition("\n")[0].split(", "):
        result = run("show", path, "op", part)
        assert (result.code, result.err) == (0, "")
        assert result.out.strip()
    again = next(line for line in whole.splitlines() if line.startswith("  one: "))
    assert "Line 29." in run(*shlex.split(again.partition("dynaclient ")[2])).out


def test_a_pipe_gets_everything(run: Run, save: Save) -> None:
    out = run("show", save(ALL), "op").out
    assert "Folded" not in out
    assert all(word in out for word in ("Line 29.", "street", "purrs", "As a command"))


PARTS = {
    "body/owners/address/street": ("body/owners/address/street  string\n\nWhere.\n\nAnd more.\n"),
    "body/owners/0/address/street": ("body/owners/0/address/street  string\n\nWhere.\n\nAnd more.\n"),
    "/body/owners/names~1all": "body/owners/names~1all  string\n",
    "200/kind/purrs": "200/kind/purrs  boolean\n",
    "body/kind/address": "body/kind/address  object\n└── street  string  Where.\n",
    "body/tags/any": "body/tags/any  integer\n",
    "size": "size  integer\n\nHow many.\n\nOf all.\n",
    "404": "404  Gone\n",
}
"""Paths as violations write them: with indexes or without, into each of several choices, escaped."""


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_all_its_words(run: Run, save: Save, part: str) -> None:
    assert run("show", save(ALL), "op", part).out.replace("\xa0", " ") == PARTS[part]


WRONG = {
    "bdoy": "op has no part 'bdoy'; did you mean body?",
    "500": "op has no part '500'; it has description, size, body, 200, 404, 4XX, example",
    "body/owner": "body has no 'owner'; did you mean owners?",
    "body/owners/x": "body/owners has no 'x'; it has address, names/all",
    "size/x": "size has no 'x'",
}


@pytest.mark.parametrize("part", WRONG)
def test_what_is_no_part_is_a_mistake_of_usage(run: Run, save: Save, part: str) -> None:
    result = run("show", save(ALL), "op", part)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"dynaclient: {WRONG[part]}\n"


def test_a_choice_between_itself_and_something_else(run: Run, save: Save) -> None:
    again = {"$ref": "#/components/schemas/Again"}
    schemas = {"Again": {"oneOf": [again, {"type": "array", "items": again}, OWNER]}}
    path = save(one("post", body=again, components={"schemas": schemas}))
    assert run("show", path, "op", "body/address").out.startswith("body/address  object")
    assert run("show", path, "op", "body/none").code == 2


@pytest.mark.usefixtures("screen")
def test_many_parameters_take_a_line_each(run: Run, save: Save) -> None:
    many: list[Any] = [param(f"p{n}", description="word " * 60) for n in range(9)]
    lines = run("show", save(one("get", "/x", *many)), "op").out.splitlines()
    rows = [line for line in lines if line.startswith("p")]
    assert [row.split()[0] for row in rows] == [f"p{n}" for n in range(9)]
    assert all(row.endswith("…") for row in rows)
    assert "p0" in next(line for line in lines if line.startswith("Folded: "))


WIDE = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(40)}}


@pytest.mark.usefixtures("screen")
def test_the_first_level_of_what_is_asked_for_is_listed_even_where_it_is_wide(run: Run, save: Save) -> None:
    path = save(one("post", body=WIDE, answers={"200": said({"type": "array", "items": WIDE})}))
    whole = run("show", path, "op").out
    assert [whole.count(f" p{n}  string") for n in range(40)] == [1] * 40
    assert "Folded: 200, example" in whole
    for part in ("body", "200", "200/0"):
        out = run("show", path, "op", part).out
        assert [out.count(f" p{n}  string") for n in range(40)] == [1] * 40
        assert "Folded" not in out


@pytest.mark.usefixtures("screen")
def test_at_the_prompt_it_is_a_function(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client(ALL)
    show = names_for(client)["show"]
    show(client.op)
    assert "  one:  show(api.op, 'description')" in capsys.readouterr().out.splitlines()
    for operation in (client.op, "op", "POST /x"):
        show(operation, "404")
        assert capsys.readouterr().out == "404  Gone\n"
    for nothing in ((), (client,)):
        show(*nothing)
        assert capsys.readouterr().out.splitlines()[-1].split() == ["op", "POST", "/x", "First."]


def test_an_operation_with_nothing(run: Run, save: Save) -> None:
    out = run("show", save(document({"/x": {"get": {}}})), "GET /x").out
    assert out.splitlines()[0] == "GET /x"
    assert "Responses: the document names none" in out
