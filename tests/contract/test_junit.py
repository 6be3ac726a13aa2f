"""A report as JUnit XML: what CI systems count and show."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from dynaclient.contract import Case, Failure, OperationReport, Report
from dynaclient.contract.report import junit


def broke(check: str, message: str) -> Failure:
    return Failure("bad", check, "body", "body", "/a", message, "dynaclient call ...", Case("bad"))


ROWS = (
    OperationReport("good", valid=1, statuses={200: 1}),
    OperationReport("bad", failures=(broke("body_documented", "\x00 <b> \ud800"), broke("answers", "none"))),
    OperationReport("odd", problem="nothing fits"),
    OperationReport("closed", unreached="not reached: 401"),
)


def test_an_operation_is_a_case() -> None:
    suite = ET.fromstring(junit(Report(ROWS), "pets.yaml"))[0]
    assert suite.attrib == {"name": "pets.yaml", "tests": "4", "failures": "1", "errors": "2"}
    assert [(case.get("name"), [each.tag for each in case]) for case in suite] == [
        ("good", []),
        ("bad", ["failure"]),
        ("odd", ["error"]),
        ("closed", ["error"]),
    ]


def test_a_failure_tells_all_that_broke_and_how_to_see_it_again() -> None:
    failure = ET.fromstring(junit(Report(ROWS), "pets.yaml")).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "bad: body_documented: body at /a: \\x00 <b> \ufffd"
    assert failure.text is not None
    assert failure.text.splitlines()[1::3] == ["    dynaclient call ...", "    dynaclient call ..."]
    assert "bad: answers: body at /a: none" in failure.text


def test_what_keeps_a_run_from_meaning_anything_is_an_error() -> None:
    suite = ET.fromstring(junit(Report(ROWS[:1], "the server is gone"), "pets.yaml"))[0]
    assert [case.get("name") for case in suite] == ["good", "the whole run"]
    assert (suite.get("tests"), suite.get("errors")) == ("2", "1")
