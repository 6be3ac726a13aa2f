"""JUnit XML, which CI systems count and show: a test case for each operation, in UTF-8.

What broke is a failure; what could not be exercised, was not reached or could not be checked is an error, the
last skipped where that is allowed; what was not sent at all is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from dynaclient.contract.report import OperationReport, Report
from dynaclient.contract.reports import Results

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for, not even escaped."""


def write_junit(results: Results) -> bytes:
    """The report of a run as JUnit XML, in UTF-8."""
    report, name = results.report, f"dynaclient test {results.document}"
    suite = ET.Element("testsuite", name=_legal(name), time=_seconds(report.seconds))
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(report, results.server):
        ET.SubElement(properties, "property", name=key, value=_legal(value))
    for each in report.operations:
        _case(suite, name, each, allowed=report.allow_unchecked)
    if report.problem:
        whole = ET.SubElement(suite, "testcase", classname=_legal(name), name="the whole run", time="0")
        _add(whole, "error", [report.problem])
    cases = suite.findall("testcase")
    for kind, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(counted, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    written: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return written


def _properties(report: Report, server: str) -> Iterable[tuple[str, str]]:
    yield "seed", str(report.seed)
    yield "requests", str(report.requests)
    if server:
        yield "server", server
    if report.cut:
        yield "cut", report.cut
    for share in report.coverage.shares if report.coverage is not None else ():
        yield f"coverage {share.kind}", f"{share.tried} of {share.of}"
    for check, reason in report.off.items():
        yield f"off {check}", reason


def _case(suite: ET.Element, name: str, report: OperationReport, *, allowed: bool) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_legal(name),
        name=_legal(report.operation),
        time=_seconds(report.seconds),
    )
    _add(case, "failure", map(str, report.failures))
    unchecked = [f"not checked: {each.pointer}: {each.message}" for each in report.unchecked]
    _add(case, "error", [*filter(None, (report.problem, report.unreached)), *(() if allowed else unchecked)])
    left_out = [*unchecked, *([] if report.requests else report.skipped or ["not sent"])]
    if left_out and case.find("failure") is None and case.find("error") is None:
        _add(case, "skipped", left_out)


def _add(case: ET.Element, kind: str, texts: Iterable[str]) -> None:
    """One element for all texts: readers of JUnit XML look at the first of its kind."""
    legal = [_legal(text) for text in texts]
    if legal:
        ET.SubElement(case, kind, message=legal[0].partition("\n")[0]).text = "\n\n".join(legal)


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
