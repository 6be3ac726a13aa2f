"""A report as JUnit XML, as an independent reader and CI systems see it."""

from __future__ import annotations

from typing import Any

from junitparser import JUnitXml

from dynaclient.contract import Case, Failure, OperationReport, Report
from dynaclient.contract.flow import SentCase, Step
from dynaclient.contract.reports import Results
from dynaclient.contract.reports.junit import write_junit
from dynaclient.errors import Finding

SENT = SentCase(1, "coverage", (Step(Case("bad")),), None)


def broke(check: str, message: str) -> Failure:
    return Failure("bad", check, "body", "body", "/a", message, "dynaclient call ...", SENT)


ROWS = (
    OperationReport("good", valid=1, statuses={200: 1}, seconds=1.25),
    OperationReport("bad", failures=(broke("body_documented", "\x00 <b> \ud800"), broke("answers", "none"))),
    OperationReport("odd", problem="nothing fits"),
    OperationReport("closed", unreached="not reached: 401"),
    OperationReport("kept", skipped=("it would change data",)),
)


def suite(report: Report) -> Any:
    (read,) = JUnitXml.fromstring(write_junit(Results(report, "pets.yaml", "http://h")))
    return read


def results(read: Any) -> list[tuple[str, list[str]]]:
    return [(case.name, [type(each).__name__ for each in case.result]) for case in read]


def test_an_operation_is_a_case() -> None:
    read = suite(Report(ROWS, seed=7, seconds=2.5, requests=9, off={"paging": "pages are shuffled"}))
    assert (read.name, read.tests, read.failures, read.errors, read.skipped, read.time) == (
        "dynaclient test pets.yaml", 5, 1, 2, 1, 2.5
    )  # fmt: skip
    assert results(read) == [
        ("good", []),
        ("bad", ["Failure"]),
        ("odd", ["Error"]),
        ("closed", ["Error"]),
        ("kept", ["Skipped"]),
    ]
    assert next(iter(read)).time == 1.25
    properties = {each.name: each.value for each in read.properties()}
    assert properties == {
        "seed": "7",
        "requests": "9",
        "server": "http://h",
        "off paging": "pages are shuffled",
    }


def test_a_failure_tells_all_that_failed_and_how_to_see_it_again() -> None:
    (failure,) = list(suite(Report(ROWS)))[1].result
    assert failure.message == "bad: body_documented: body at /a: \\x00 <b> \ufffd"
    assert failure.text.count("    dynaclient call ...") == 2
    assert "bad: answers: body at /a: none" in failure.text


def test_what_keeps_a_run_from_meaning_anything_is_an_error() -> None:
    read = suite(Report(ROWS[:1], "the server is gone"))
    assert results(read) == [("good", []), ("the whole run", ["Error"])]


def test_what_is_not_checked_is_an_error_or_skipped() -> None:
    report = OperationReport("a", valid=1, unchecked=(Finding("/x", "error", "no such $ref", ""),))
    assert results(suite(Report((report,)))) == [("a", ["Error"])]
    assert results(suite(Report((report,), allow_unchecked=True))) == [("a", ["Skipped"])]
