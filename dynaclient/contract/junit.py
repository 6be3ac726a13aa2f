"""A report as JUnit XML, which CI systems read: a test case for each operation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from dynaclient.contract.report import OperationReport, Report

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) has no place for, not even escaped."""


def junit(report: Report, name: str) -> bytes:
    """The report of a run against the document called `name`, in UTF-8.

    What broke is a failure; what could not be exercised, was not reached or could not be checked is an error,
    the last skipped where that is allowed.
    """
    suite = ET.Element("testsuite", name=_legal(name))
    for each in report.operations:
        _case(suite, name, each, allowed=report.allow_unchecked)
    if report.problem:
        whole = ET.SubElement(suite, "testcase", classname=_legal(name), name="the whole run")
        _add(whole, "error", [report.problem])
    for kind in ("failure", "error"):
        suite.set(f"{kind}s", str(sum(case.find(kind) is not None for case in suite)))
    suite.set("tests", str(len(suite)))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    written: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return written


def _case(suite: ET.Element, name: str, report: OperationReport, *, allowed: bool) -> None:
    case = ET.SubElement(suite, "testcase", classname=_legal(name), name=_legal(report.operation))
    _add(case, "failure", map(str, report.breaks))
    unchecked = [f"not checked: {each.pointer}: {each.message}" for each in report.unchecked]
    _add(case, "error", [*filter(None, (report.problem, report.unreached)), *(() if allowed else unchecked)])
    if allowed and unchecked and not report.failed:
        _add(case, "skipped", unchecked)


def _add(case: ET.Element, kind: str, texts: Iterable[str]) -> None:
    """One element for all texts: readers of JUnit XML look at the first of its kind."""
    legal = [_legal(text) for text in texts]
    if legal:
        ET.SubElement(case, kind, message=legal[0].partition("\n")[0]).text = "\n\n".join(legal)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
