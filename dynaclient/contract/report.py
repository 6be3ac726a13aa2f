"""What a contract run found, as data that prints in a line, and as JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible
from dynaclient.contract.case import Case
from dynaclient.contract.flow import SentCase
from dynaclient.errors import Finding, located

__all__ = ["Failure", "OperationReport", "Report"]

WIDTH = 160
"""Characters of a repr."""


class _OnOneLine:
    """`repr` is the class and the first line of `str`, cut where that is long."""

    def __repr__(self) -> str:
        line = str(self).partition("\n")[0]
        return f"<{type(self).__name__} {line if len(line) <= WIDTH else line[:WIDTH] + '...'}>"


@dataclass(frozen=True, repr=False)
class Failure(_OnOneLine):
    """A way in which a server does not keep its contract, with the smallest sequence seen to show it.

    `check`: the name of the check that failed, or `answers` where no complete response arrived. `where`,
    `name`, `pointer`, `message`, `schema_pointer`: as in a Violation. `command` shows it again in a shell, as
    `dynaclient call`; `curl` is the same for curl and jq.
    `exchange`: what was sent, and what came back. `suspicion`: whether the check only suspects.
    """

    operation: str
    check: str
    where: str
    name: str
    pointer: str
    message: str
    command: str
    exchange: SentCase
    schema_pointer: str = ""
    curl: str = ""
    suspicion: bool = False

    @property
    def case(self) -> Case:
        """The case that was sent last."""
        return self.exchange.case

    def __str__(self) -> str:
        said = f"{located(self.where, self.name, self.pointer)}{self.message}"
        marked = f"{self.check} (suspicion)" if self.suspicion else self.check
        command = "\n".join(f"    {line}" for line in self.command.splitlines())
        return visible(f"{self.operation}: {marked}: {said}\n{command}")


@dataclass(frozen=True, repr=False)
class OperationReport(_OnOneLine):
    """What became of one operation: how many valid and invalid cases were sent, and what they showed.

    `valid`, `broken`: how many valid and invalid cases were sent. `unsent`: how many invalid cases have no
    form on the wire. `probes`: how many requests had other credentials or another method. `inconclusive`: how
    many invalid requests got a response that does not show whether they were refused for what is invalid.
    `statuses`: how often each status came in response to valid cases. `problem`: why it could not be
    exercised; empty where it was. `unreached`: why the responses show nothing of it; empty where they do.
    `unchecked`: what of requests and responses could not be checked. `skipped`: why something was not sent.
    """

    operation: str
    valid: int = 0
    broken: int = 0
    unsent: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    problem: str = ""
    unreached: str = ""
    unchecked: tuple[Finding, ...] = ()
    probes: int = 0
    inconclusive: int = 0
    skipped: tuple[str, ...] = ()

    def __str__(self) -> str:
        return visible(f"{self.operation}: {self.cases}: {self.verdict}")

    @property
    def cases(self) -> str:
        """How many cases of each kind were sent, in words."""
        return f"{self.valid} valid, {self.broken} invalid"

    @property
    def verdict(self) -> str:
        """What became of it, in words: `ok`, `2 failures`, `never succeeded (404)`, `not reached: 401`."""
        seen = ", ".join(map(str, sorted(self.statuses)))
        reached = f"not reached: {seen.replace(', ', ' or ')}" if self.unreached else ""
        failures = pluralize(len(self.failures), "failure") if self.failures else ""
        never = f"never succeeded ({seen})" if seen and not (self.succeeded or self.unreached) else ""
        unchecked = f"{pluralize(len(self.unchecked), 'location')} not checked" if self.unchecked else ""
        untested = (
            "" if self.valid or self.broken or self.problem else "not sent" if self.skipped else "not tested"
        )
        return ", ".join(filter(None, (reached, failures, never, self.problem, unchecked, untested))) or "ok"

    @property
    def succeeded(self) -> bool:
        """Whether a valid case got a status from 200 to 399."""
        return any(200 <= status < 400 for status in self.statuses)

    @property
    def failed(self) -> bool:
        """Whether something failed, or it was not exercised."""
        return bool(self.problem or self.unreached or self.failures)

    @property
    def ok(self) -> bool:
        """Whether it was exercised, nothing failed, and all of it could be checked."""
        return not self.failed and not self.unchecked

    @property
    def exercised(self) -> bool:
        """Whether at least one valid case got a response that is more than the question who asks."""
        return sum(self.statuses.values()) > 0 and not self.unreached


@dataclass(frozen=True, repr=False)
class Report(_OnOneLine):
    """What became of all operations; `problem` says what keeps the run from meaning anything.

    `apart`: what the document asks of nobody, and so is not checked either: formats that no registry knows,
    bodies that are passed as they are. `seed`, `requests`, `seconds`: of the run. `cut`: why it ended before
    all was sent; empty where it did not.
    """

    operations: tuple[OperationReport, ...]
    problem: str = ""
    allow_unchecked: bool = False
    apart: tuple[str, ...] = ()
    seed: int = 0
    requests: int = 0
    seconds: float = 0.0
    cut: str = ""

    def __str__(self) -> str:
        exercised = sum(each.exercised for each in self.operations)
        cases = sum(each.valid + each.broken for each in self.operations)
        failures = pluralize(len(self.failures), "failure") if self.failures else "no failures"
        return (
            f"{exercised} of {pluralize(len(self.operations), 'operation')} exercised with "
            f"{pluralize(cases, 'case')}; {failures}{self._not_checked()}"
        )

    def _not_checked(self) -> str:
        return f"; {pluralize(len(self.unchecked), 'location')} not checked" if self.unchecked else ""

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Everything that failed, in the order of the operations."""
        return tuple(each for report in self.operations for each in report.failures)

    @property
    def unchecked(self) -> tuple[Finding, ...]:
        """Every location of the document that could not be checked, once."""
        return tuple(dict.fromkeys(each for report in self.operations for each in report.unchecked))

    @property
    def succeeded(self) -> float:
        """The percentage of operations of which a documented 2xx was seen."""
        seen = sum(any(200 <= each < 300 for each in report.statuses) for report in self.operations)
        return 100 * seen / len(self.operations) if self.operations else 0.0

    @property
    def failed(self) -> bool:
        """Whether something failed, or an operation was not exercised."""
        return bool(self.problem) or any(report.failed for report in self.operations)

    @property
    def ok(self) -> bool:
        """Whether every operation was exercised, nothing failed, and all could be checked or need not be."""
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
    _add(case, "failure", map(str, report.failures))
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
