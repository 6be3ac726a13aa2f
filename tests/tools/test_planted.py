"""The tool that measures planted defects, with a tool of a few lines in place of a contract test."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.planted.defects import DEFECTS, KINDS, Defect

TOOL = Path(__file__).resolve().parents[2] / "tools" / "planted.py"
CALL = """
import json, sys, urllib.request
url, method, path, wanted = sys.argv[1:]
asked = urllib.request.Request(url + path, method=method, headers={"X-Api-Key": "planted-key"})
with urllib.request.urlopen(asked) as reply:
    sys.exit(0 if reply.headers["Content-Type"] == wanted or wanted == "-" else 1)
"""
"""Calls the server once, and exits with 1 where the response is not of the media type that is wanted."""


ALL_BUT_CREATE_BOOK = (
    *("GET *", "PUT *", "PATCH *", "DELETE *", "HEAD *", "OPTIONS *"),
    *("*/members*", "*/contact", "*/events", "*/imports", "*/reindex"),
)


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tool, under a name that `tests/planted` has not."""
    spec = importlib.util.spec_from_file_location("planted_tool", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "planted_tool", module)
    spec.loader.exec_module(module)
    return module


def calling(method: str, path: str, media_type: str, *failures: tuple[str, str]) -> Any:
    """A contract test of one call, which reports `failures` where that fails."""

    def command(url: str, *_: Any) -> tuple[list[str], Any]:
        return [sys.executable, "-c", CALL, url, method, path, media_type], partial(list, failures)

    return command


STATUS = calling("GET", "/status", "application/json", ("getStatus", "types"))


def test_a_run_has_its_exit_code_failures_requests_and_harm(tool: Any) -> None:
    found = tool.run(STATUS, DEFECTS["json-as-plain-text"], 0)
    assert (found.code, found.failures, found.requests, found.harmed) == (1, {("getStatus", "types")}, 1, 0)
    silent = tool.run(STATUS, None, 0)
    assert (silent.code, silent.failures, silent.requests) == (0, frozenset(), 1)
    harmful = tool.run(calling("DELETE", "/shelves/AA-001", "-"), None, 0)
    assert (harmful.code, harmful.harmed, harmful.went_wrong) == (0, 1, False)


def test_a_run_that_ends_without_a_verdict_went_wrong(tool: Any) -> None:
    ran = tool.run(lambda *_: ([sys.executable, "-c", "print('no'); exit(2)"], list), None, 0)
    assert (ran.went_wrong, ran.said) == (True, "no\n")


@pytest.mark.parametrize(
    ("failures", "baseline", "expected"),
    [
        ({("getBook", "a"), ("getBook", "b")}, {}, ["a", "b"]),
        ({("getBook", "a"), ("getBook", "b")}, {("getBook", "a")}, ["b"]),
        ({("getMember", "a")}, {}, []),
        ({}, {("getBook", "a")}, []),
    ],
)
def test_only_what_is_new_and_at_the_operation_counts(
    tool: Any, failures: Any, baseline: Any, expected: list[str]
) -> None:
    ran = tool.Run(1, frozenset(failures), 1, 0.1, 0, "")
    defect = Defect("x", KINDS[0], ("getBook", "listBooks"), "X.", "x", lambda _: None)
    assert tool.verdict(defect, ran, frozenset(baseline)) == expected


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["price-is-text"], {"price-is-text"}),
        (["time"], {"audit-is-slow"}),
        ([], set(DEFECTS)),
        (["time", "price-is-text"], {"audit-is-slow", "price-is-text"}),
    ],
)
def test_defects_are_chosen_by_name_and_by_kind(tool: Any, patterns: Sequence[str], names: set[str]) -> None:
    assert {each.name for each in tool.chosen(patterns)} == names


def test_the_sample_is_spread_over_the_kinds_and_a_misspelt_name_is_told(tool: Any) -> None:
    sample = tool.chosen(["@sample"])
    assert len(sample) == tool.SAMPLE
    assert len({each.kind for each in sample}) >= 5
    with pytest.raises(SystemExit, match="no defect or kind is named prize-is-text"):
        tool.chosen(["prize-is-text"])


def test_the_table_says_what_was_found_and_what_not(tool: Any, capsys: pytest.CaptureFixture[str]) -> None:
    defects = [DEFECTS["json-as-plain-text"], DEFECTS["no-hits-as-html"]]
    assert tool.measure(STATUS, "one call", defects, [3], 2)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["json-as-plain-text", "wrong", "response", "found", "1", "requests"] in [row[:6] for row in rows]
    assert ["no-hits-as-html", "wrong", "response", "-", "1", "requests"] in [row[:6] for row in rows]
    assert ["all", "1", "1", "2"] in rows


@pytest.mark.parametrize(("wanted", "silent"), [("application/json", True), ("text/plain", False)])
def test_runs_without_a_defect_have_to_be_silent(tool: Any, wanted: str, silent: bool) -> None:
    assert tool.clean(calling("GET", "/status", wanted, ("getStatus", "types")), "one call", 1, 1) is silent


def test_reports_are_read(tool: Any, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "junit.xml", tmp_path / "report.json"
    ours.write_text(
        '<testsuites><testsuite><testcase name="getBook">'
        '<failure message="getBook: body_documented: expected a number"/></testcase>'
        '<testcase name="getStatus"/></testsuite></testsuites>'
    )
    theirs.write_text(
        json.dumps({"failures": [{"title": "Use after free", "operations": ["GET /books/{bookId}"]}]})
    )
    assert list(tool._of_junit(ours)) == [("getBook", "body_documented")]
    assert list(tool._of_schemathesis(theirs)) == [("getBook", "Use after free")]


def test_the_contract_test_is_run_and_its_report_read(tool: Any) -> None:
    def shorter(*given: Any) -> tuple[list[str], Any]:
        command, failures = tool.ours(*given)
        return [
            *command,
            *(each for pattern in ALL_BUT_CREATE_BOOK for each in ("--skip", pattern)),
        ], failures

    found = tool.run(shorter, DEFECTS["create-says-200"], 0)
    assert (found.code, found.went_wrong) == (1, False)
    assert "createBook" in {operation for operation, _ in found.failures}
