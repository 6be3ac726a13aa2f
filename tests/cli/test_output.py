"""`--filter` and `--output`: the data of a response in another form."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Result, Run, Save
from tests.servers import RawServer, reply
from tests.small import JSON, document, json_reply

ANY = document({"/x": {"get": {"operationId": "op"}}})
PETS = [
    {"name": "Rex", "age": 3, "tags": ["a", "b"], "owner": None},
    {"name": "Tom, the 1st", "age": 2.5, "born": "2024-02-29"},
]


def called(run: Run, save: Save, answer: bytes, *options: str) -> Result:
    with RawServer(answer) as server:
        return run("call", save(ANY), "op", "--server", server.url, *options)


FILTERS: list[tuple[str, Any]] = [
    ("[0].name", "Rex"),
    ("[].age", [3, 2.5]),
    ("length(@)", 2),
    ("[?age > `2.7`].{n: name}", [{"n": "Rex"}]),
    ("[0].owner", None),
    ("nothing", None),
]


@pytest.mark.parametrize(("expression", "expected"), FILTERS)
def test_a_filter_chooses(expression: str, expected: Any, run: Run, save: Save) -> None:
    out = called(run, save, json_reply(PETS), "--filter", expression).out
    assert out == f"{expected}\n" if isinstance(expected, str) else json.loads(out) == expected


@pytest.mark.parametrize("expression", ["[", "foo(@)", "length(`1`)", "[" * 20_000])
def test_a_filter_that_is_none_is_a_mistake(expression: str, run: Run, save: Save) -> None:
    result = called(run, save, json_reply(PETS), "--filter", expression)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"dynaclient: --filter {expression!r}: ")
    assert len(result.err.splitlines()) == 1
    assert not result.err.endswith(":\n")


def test_an_error_response_is_printed_whole(run: Run, save: Save) -> None:
    result = called(run, save, json_reply({"error": "gone"}, 404), "--filter", "[].name")
    assert json.loads(result.out) == {"error": "gone"}
    assert result.code == 1


def test_yaml(run: Run, save: Save) -> None:
    out = called(run, save, json_reply(PETS), "--output", "yaml").out
    assert yaml.safe_load(out) == PETS
    assert out.startswith("- name: Rex\n  age: 3\n")
    assert called(run, save, json_reply("x"), "--output", "yaml").out == "x\n"
    assert called(run, save, json_reply("yes"), "--output", "yaml").out == "'yes'\n"


def test_csv(run: Run, save: Save) -> None:
    out = called(run, save, json_reply(PETS), "--output", "csv").out
    assert list(csv.reader(io.StringIO(out))) == [
        ["name", "age", "tags", "owner", "born"],
        ["Rex", "3", '["a", "b"]', "", ""],
        ["Tom, the 1st", "2.5", "", "", "2024-02-29"],
    ]


def test_csv_that_came_as_csv_is_printed_as_it_is(run: Run, save: Save) -> None:
    text = 'a;b\r\n"x, 1";2\r\n'
    came = reply(200, text.encode(), [("Content-Type", "text/csv; charset=utf-8")])
    assert called(run, save, came, "--output", "csv").out == text
    result = called(run, save, came, "--output", "csv", "--filter", "@")  # what is filtered is written anew
    assert (result.code, result.out) == (2, "")
    assert "--output csv: expected a list of objects, got a string" in result.err


ROWS: list[tuple[Any, str]] = [
    ({"data": PETS, "total": 2}, "name,age,tags,owner,born"),
    ({"name": "Rex", "age": 3}, "name,age"),
    ([[1, "a"], [2]], "1,2"),
    ([1, 2], "value"),
    ([], ""),
]


@pytest.mark.parametrize(("data", "head"), ROWS)
def test_rows_of_what_is_no_list_of_objects(data: Any, head: str, run: Run, save: Save) -> None:
    assert called(run, save, json_reply(data), "--output", "csv").out.partition("\n")[0] == head


def test_what_has_no_rows_says_so(run: Run, save: Save) -> None:
    for form in ("csv", "table"):
        result = called(run, save, json_reply("text"), "--output", form)
        assert result.code == 2
        assert f"--output {form}: expected a list of objects, got a string" in result.err


def test_a_table(run: Run, save: Save) -> None:
    lines = called(run, save, json_reply(PETS), "--output", "table").out.splitlines()
    assert lines[0].split() == ["name", "age", "tags", "owner", "born"]
    assert lines[1].split() == ["Rex", "3", '["a",', '"b"]']
    lines = called(run, save, json_reply({"a": 1, "b": None}), "--output", "table").out.splitlines()
    assert [line.split() for line in lines] == [["name", "value"], ["a", "1"], ["b"]]


def test_json_in_a_pipe_is_json_whatever_characters_it_has(run: Run, save: Save) -> None:
    data = {"a": "".join(map(chr, range(0x110))), "b": "\u2028\U0001f600"}
    assert json.loads(called(run, save, json_reply(data)).out) == data


def test_raw_is_as_it_came(save: Save, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from dynaclient.cli.main import main

    body = b'{"a" :  1}\r\n\x00\xff'
    with RawServer(reply(200, body, [("Content-Type", "application/octet-stream")])) as server:
        assert main(["call", save(ANY), "op", "--server", server.url, "--output", "raw"]) == 0
    assert capfdbinary.readouterr().out == body


@pytest.mark.parametrize("form", ["json", "csv", "table", "yaml"])
def test_bytes_have_no_other_form(form: str, run: Run, save: Save) -> None:
    answer = reply(200, b"\0\xff", [("Content-Type", "image/png")])
    result = called(run, save, answer, "--output", form)
    assert (result.code, result.out) == (2, "")
    assert "--output raw writes them" in result.err


@pytest.mark.parametrize("form", ["csv", "table", "yaml", "json"])
def test_what_a_terminal_obeys_is_shown(
    form: str, run: Run, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dynaclient._support import terminal

    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    answer = reply(200, json.dumps([{"a\x1b]0;t\x07": "\x9b2J"}]).encode(), JSON)
    out = re.sub(r"\x1b\[[0-9;]*m", "", called(run, save, answer, "--output", form).out)  # its own bold
    assert "9b2j" in out.lower()
    assert not {"\x1b", "\x9b", "\x07"} & {*out}
