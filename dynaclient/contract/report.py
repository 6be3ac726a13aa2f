"""What a contract run found, as data that prints in a line, and as JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible
from dynaclient.contract.case import Case
from dynaclient.errors import Finding, located

__all__ = ["Break", "OperationReport", "Report"]

WIDTH = 160
"""Characters of a repr."""


class _OnOneLine:
    """`repr` is the class and the first line of `str`, cut where that is long."""

    def __repr__(self) -> str:
        line = str(self).partition("\n")[0]
        return f"<{type(self).__name__} {line if len(line) <= WIDTH else line[:WIDTH] + '...'}>"


@dataclass(frozen=True, repr=False)
class Break(_OnOneLine):
    """A way in which a server breaks its contract, with the smallest case that was seen to show it.

    `check` is one of `checks.CHECKS`, or `answers` where no whole answer came. `command` shows it again in a
    shell.
    """

    operation: str
    check: str
    where: str
    name: str
    pointer: str
    message: str
    command: str
    case: Case

    def __str__(self) -> str:
        said = f"{located(self.where, self.name, self.pointer)}{self.message}"
        return visible(f"{self.operation}: {self.check}: {said}\n    {self.command}")


@dataclass(frozen=True, repr=False)
class OperationReport(_OnOneLine):
    """What became of one operation: how many valid and broken cases were sent, and what they showed.

    `statuses`: how often each status was answered to valid cases. `unsent`: how many broken cases have no
    form on the wire. `problem`: why it could not be exercised; empty where it was. `unreached`: why what was
    answered shows nothing of it; empty where it does. `unchecked`: what of requests and responses could not
    be checked, with its place in the document.
    """

    operation: str
    valid: int = 0
    broken: int = 0
    unsent: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    problem: str = ""
    unreached: str = ""
    unchecked: tuple[Finding, ...] = ()

    def __str__(self) -> str:
        return visible(f"{self.operation}: {self.cases}: {self.verdict}")

    @property
    def cases(self) -> str:
        """How many cases of each kind were sent, in words."""
        return f"{self.valid} valid, {self.broken} wrong"

    @property
    def verdict(self) -> str:
        """What became of it, in words: `ok`, `2 broke`, `not reached: 401`."""
        seen = " or ".join(map(str, sorted(self.statuses)))
        reached = f"not reached: {seen}" if self.unreached else ""
        broke = f"{len(self.breaks)} broke" if self.breaks else ""
        unchecked = f"{pluralize(len(self.unchecked), 'place')} not checked" if self.unchecked else ""
        return ", ".join(filter(None, (reached, broke, self.problem, unchecked))) or "ok"

    @property
    def failed(self) -> bool:
        """Whether something broke, or it was not exercised."""
        return bool(self.problem or self.unreached or self.breaks)

    @property
    def ok(self) -> bool:
        """Whether it was exercised, nothing broke, and all of it could be checked."""
        return not self.failed and not self.unchecked

    @property
    def exercised(self) -> bool:
        """Whether at least one valid case was answered with more than the question who asks."""
        return sum(self.statuses.values()) > 0 and not self.unreached


@dataclass(frozen=True, repr=False)
class Report(_OnOneLine):
    """What became of all operations; `problem` says what keeps the run from meaning anything.

    `apart`: what the document asks of nobody, and so is not checked either: formats that no registry knows,
    bodies that are passed as they are.
    """

    operations: tuple[OperationReport, ...]
    problem: str = ""
    allow_unchecked: bool = False
    apart: tuple[str, ...] = ()

    def __str__(self) -> str:
        exercised = sum(each.exercised for each in self.operations)
        cases = sum(each.valid + each.broken for each in self.operations)
        return (
            f"{exercised} of {pluralize(len(self.operations), 'operation')} exercised with "
            f"{pluralize(cases, 'case')}; "
            f"{len(self.breaks) or 'nothing'} broke{self._not_checked()}"
        )

    def _not_checked(self) -> str:
        return f"; {pluralize(len(self.unchecked), 'place')} not checked" if self.unchecked else ""

    @property
    def breaks(self) -> tuple[Break, ...]:
        """Everything that broke, in the order of the operations."""
        return tuple(each for report in self.operations for each in report.breaks)

    @property
    def unchecked(self) -> tuple[Finding, ...]:
        """Every place of the document that could not be checked, once."""
        return tuple(dict.fromkeys(each for report in self.operations for each in report.unchecked))

    @property
    def failed(self) -> bool:
        """Whether something broke, or an operation was not exercised."""
        return bool(self.problem) or any(report.failed for report in self.operations)

    @property
    def ok(self) -> bool:
        """Whether every operation was exercised, nothing broke, and all could be checked or need not be."""
        return not self.failed and (self.allow_unchecked or not self.unchecked)


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
