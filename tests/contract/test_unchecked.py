"""A contract run says what it could not check, and is no success then: exit 4, unless that is allowed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dynaclient import Client, contract
from dynaclient.cli.main import main
from dynaclient.schema.unchecked import ABOUT
from tests.calls.test_unchecked import CHECKED, LOST, PLACES, UNREADABLE
from tests.conftest import Serve
from tests.schema.test_unchecked import DEPENDS, KEYWORDS, VALUES, WRONG
from tests.servers import reply
from tests.small import json_reply, one, param, said

BESIDE = {"minContains": {"contains": {}}, "maxContains": {"contains": {}}, "if": {"then": {"type": "null"}}}
WALK: list[tuple[Any, bytes]] = [(answers, answer) for answers, answer, _ in PLACES]
WALK += [
    ({"200": said(schema)}, json_reply(value)) for schema, value in DEPENDS if "S/$defs" not in str(schema)
]
WALK += [
    ({"200": said({key: WRONG[key], **BESIDE.get(key, {})})}, json_reply(VALUES[ABOUT.get(key, "")]))
    for key in KEYWORDS
]


CASES = ("coverage", "random")
PHASES = [word for each in CASES for word in ("--phase", each)]
"""The servers of these tests respond to any method alike, which a probe would complain of."""


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("answers", "answer"), WALK)
def test_the_walk_over_every_place(answers: Any, answer: bytes, serve: Serve) -> None:
    """`unchecked`, the findings and the run say what is dropped, weakened or unresolved."""
    client = Client(one(answers=answers, version="3.1.0"), server=serve(answer).url)
    unchecked = client.send("op").unchecked
    report = contract.run(client, cases=2, phases=CASES)
    assert report.failures == ()
    assert set(report.unchecked) >= set(unchecked) != set()
    assert set(unchecked) <= set(client.findings)
    assert (report.ok, report.failed) == (False, False)
    assert "not checked" in str(report)
    assert "not checked" in report.operations[0].verdict
    assert contract.run(client, cases=2, phases=CASES, allow_unchecked=True).ok


@pytest.mark.parametrize(("answers", "answer"), CHECKED)
def test_what_asks_for_nothing_is_no_gap(answers: Any, answer: bytes, serve: Serve) -> None:
    report = contract.run(
        Client(one(answers=answers, version="3.1.0"), server=serve(answer).url), cases=2, phases=CASES
    )
    assert (report.ok, report.unchecked) == (True, ())


def test_what_is_passed_over_is_listed_apart(serve: Serve) -> None:
    answers = {
        "200": said({"format": "colour"}),
        "201": said({}, "image/png"),
        "202": said({}, "application/xml"),
    }
    report = contract.run(
        Client(one(answers=answers), server=serve(json_reply("x")).url), cases=2, phases=CASES
    )
    assert report.apart == ("format colour", "bodies of application/xml", "bodies of image/png")
    assert report.ok


@pytest.mark.parametrize(
    "described", [{"type": "string", **UNREADABLE}, {"type": "integer", "minimum": "x"}, {"type": "any"}]
)
def test_a_request_that_may_not_be_valid_is_said(described: Any, serve: Serve) -> None:
    client = Client(one("get", "/x", param("q", required=True, schema=described)), server=serve(reply()).url)
    report = contract.run(client, cases=4, phases=CASES)
    assert len(report.unchecked) == 1
    assert not report.ok


RUNS: list[tuple[Any, bytes, tuple[str, ...], int]] = [
    ({"type": "integer"}, json_reply(1), (), 0),
    ({"items": LOST}, json_reply([1]), (), 4),
    ({"items": LOST}, json_reply([]), (), 0),
    ({"items": UNREADABLE}, json_reply(["x"]), (), 4),
    ({"items": UNREADABLE}, json_reply(["x"]), ("--allow-unchecked",), 0),
    ({"items": LOST, "minItems": 2}, json_reply([1]), (), 1),
    ({"items": LOST, "minItems": 2}, json_reply([1]), ("--allow-unchecked",), 1),
    ({"format": "no-such-format"}, json_reply("x"), (), 0),
]


@pytest.mark.parametrize(("schema", "answer", "options", "code"), RUNS)
def test_exit_codes(
    schema: Any,
    answer: bytes,
    options: tuple[str, ...],
    code: int,
    serve: Serve,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, results = tmp_path / "d.json", tmp_path / "r.xml"
    path.write_text(json.dumps(one(answer=schema)))
    words = [
        "test",
        str(path),
        "--server",
        serve(answer).url,
        "--cases",
        "2",
        *PHASES,
        "--junit",
        str(results),
    ]
    assert main([*words, *options]) == code
    told = capsys.readouterr().out
    gap = LOST in schema.values() or UNREADABLE in schema.values()
    assert ("not checked: /paths/~1x/get" in told) == (gap and answer != json_reply([]))
    suite = ET.fromstring(results.read_bytes())[0]
    marks = (suite.get("errors"), suite.get("failures"), len(suite.findall(".//skipped")))
    due = {0: ("0", "0", int(bool(options))), 1: ("0" if options else "1", "1", 0), 4: ("1", "0", 0)}
    assert marks == due[code]


TEST = """
from dynaclient import Client, contract

client = Client("d.json", server="{url}")

@contract.cases(client)
def test_plain(case):
    contract.check(case, case.send(client))

@contract.cases(client, allow_unchecked=True)
def test_allowed(case):
    contract.check(case, case.send(client))
"""


def test_pytest_decides_likewise(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(json.dumps(one(answer={"items": LOST})))
    (tmp_path / "test_it.py").write_text(TEST.format(url=serve(json_reply([1])).url))
    for options, due in (((), "1 failed, 1 passed"), (("--dynaclient-allow-unchecked",), "2 passed")):
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-k",
            "not stateful",
            "-p",
            "no:cacheprovider",
            *options,
        ]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert due in done.stdout, done.stdout
        assert ("nothing failed, but not checked" in done.stdout) == (not options)
