"""Does a server keep its contract? Cases of every operation are sent to it; what breaks is listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dynaclient import settings
from dynaclient.contract.case import Case
from dynaclient.contract.checks import complaints
from dynaclient.contract.command import command, variable
from dynaclient.contract.making import Unmakeable
from dynaclient.contract.reaching import ANSWERS, asks, unreached
from dynaclient.contract.seeding import seeded
from dynaclient.contract.smaller import smallest
from dynaclient.errors import (
    ConnectError,
    DeadlineExceeded,
    DocumentError,
    SettingsError,
    TransportError,
    UnknownOperation,
    Violation,
)
from dynaclient.words import kind_of

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.wire.read import Response

_INDEX = re.compile(r"/\d+(?=/|$)")
_NO_ANSWER = "answers"

Kind = tuple[str, str, str, str]
"""Check, where, name and pointer, whichever element of an array it is: breaks that share it are one."""


@dataclass(frozen=True)
class Break:
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
    case: Case = field(repr=False)

    def __str__(self) -> str:
        place = " ".join(dict.fromkeys(part for part in (self.where, self.name, self.pointer) if part))
        return f"{self.operation}: {self.check}: {place}: {self.message}\n    {self.command}"


@dataclass(frozen=True)
class OperationReport:
    """What became of one operation: how many valid and broken cases were sent, and what they showed.

    `statuses`: how often each status was answered to valid cases. `unsent`: how many broken cases have no
    form on the wire. `problem`: why it could not be exercised; empty where it was. `unreached`: why what was
    answered shows nothing of it; empty where it does.
    """

    operation: str
    valid: int = 0
    broken: int = 0
    unsent: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    problem: str = ""
    unreached: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was exercised and nothing broke."""
        return not (self.problem or self.unreached or self.breaks)

    @property
    def exercised(self) -> bool:
        """Whether at least one valid case was answered with more than the question who asks."""
        return sum(self.statuses.values()) > 0 and not self.unreached


@dataclass(frozen=True)
class Report:
    """What became of all operations; `problem` says what keeps the run from meaning anything."""

    operations: tuple[OperationReport, ...]
    problem: str = ""

    @property
    def breaks(self) -> tuple[Break, ...]:
        """Everything that broke, in the order of the operations."""
        return tuple(each for report in self.operations for each in report.breaks)

    @property
    def ok(self) -> bool:
        """Whether every operation was exercised and nothing broke."""
        return not self.problem and all(report.ok for report in self.operations)


def run(
    client: Client,
    *,
    seed: int = 0,
    cases: int = 20,
    only: str | None = None,
    progress: Callable[[OperationReport], None] | None = None,
) -> Report:
    """Send `cases` cases of each operation to the client's server, half of them broken; check the answers.

    `only`: a pattern (`get*`) or a part of the operationId or `METHOD /path`. `progress` is called with the
    report of each operation when it is done. Requests that the document forbids are sent too, whatever the
    client's `validate` says; the safety rules hold.

    Raises UnknownOperation where `only` fits none, ConnectError where there is no server, SettingsError.
    """
    settings.count("cases", cases)
    settings.count("seed", seed)
    reports: list[OperationReport] = []
    for key in chosen(client, only):
        report = _Exercise(client, key).run(seed, cases, first=not reports)
        if progress is not None:
            progress(report)
        reports.append(report)
    return Report(tuple(reports), _problem(client, reports))


def chosen(client: Client, only: str | None) -> list[str]:
    """The keys of the operations that `only` fits. Raises UnknownOperation where there are none."""
    if not isinstance(only, (str, type(None))):
        raise SettingsError(f"only is a pattern or a part of an operationId, not {kind_of(only)}")
    keys = [key for key in client.operations if only is None or _fits(client, key, only.lower())]
    if not keys:
        raise UnknownOperation(f"no operation fits {only!r}", client.operations.near(only or ""))
    return keys


def _fits(client: Client, key: str, only: str) -> bool:
    names = (key.lower(), client.operations.entry(key).location.lower())
    return any(only in name or fnmatchcase(name, only) for name in names)


def _problem(client: Client, reports: list[OperationReport]) -> str:
    answered = Counter[int]()
    for report in reports:
        answered.update(report.statuses)
    refused = bool(answered) and set(answered) <= set(ANSWERS)
    if refused and any(each.unreached or asks(client.operations[each.operation]) for each in reports):
        from dynaclient.document.builder import OperationBuilder

        schemes = OperationBuilder(client.document).security_schemes()
        names = ", ".join(f"{scheme} ({variable(scheme)})" for scheme in schemes) or "none"
        return (
            f"the server answered {' or '.join(map(str, sorted(answered)))} to every valid request, "
            f"so nothing was tested: give it credentials that it takes; the document's schemes are {names}"
        )
    return ""


class _Exercise:
    """The cases of one operation, sent one after the other."""

    def __init__(self, client: Client, key: str) -> None:
        self.client = client
        self.key = key
        self.statuses = Counter[int]()
        self.found: dict[Kind, tuple[Case, Violation]] = {}
        self.hangs = False
        """Whether a case used up the client's timeout: no further one is sent, each could take as long."""

    def run(self, seed: int, cases: int, *, first: bool) -> OperationReport:
        try:
            made = seeded(self.client, self.key, seed, cases)
        except (Unmakeable, DocumentError) as error:
            return OperationReport(self.key, problem=str(error))
        unsent = [case for case in made if case.fault and case.fault.lost]
        sent = [case for case in made if not (case.fault and case.fault.lost)]
        for turn, case in enumerate(sent):
            found = self._exchange(case, reraise=first and turn == 0)
            for kind, violation in found.items():
                self._note(kind, case, violation)
            if self.hangs:
                sent = sent[: turn + 1]
                break
        valid = sum(case.fault is None for case in sent)
        return OperationReport(
            operation=self.key,
            valid=valid,
            broken=len(sent) - valid,
            unsent=len(unsent),
            statuses=dict(self.statuses),
            breaks=tuple(self._break(kind, *shown) for kind, shown in self.found.items()),
            unreached=unreached(self.client, self.key, self.statuses),
        )

    def _exchange(self, case: Case, *, reraise: bool = False) -> dict[Kind, Violation]:
        """What one case breaks. With `reraise`, a server that is not there is no break but an error."""
        try:
            response = case.send(self.client)
        except TransportError as error:
            if reraise and isinstance(error, ConnectError):
                raise
            self.hangs = self.hangs or isinstance(error, DeadlineExceeded)
            return {(_NO_ANSWER, "status", "", ""): Violation("status", "", "", f"no whole answer: {error}")}
        if case.fault is None:
            self.statuses[response.status] += 1
        return _kinds(case, response)

    def _note(self, kind: Kind, case: Case, violation: Violation) -> None:
        known = self.found.get(kind)
        if known is None or len(repr(case)) < len(repr(known[0])):
            self.found[kind] = (case, violation)

    def _break(self, kind: Kind, case: Case, violation: Violation) -> Break:
        counted = self.statuses.copy()
        small = smallest(
            self.client, case, lambda smaller: not self.hangs and kind in self._exchange(smaller)
        )
        if small is not case and not self.hangs:
            violation = self._exchange(small).get(kind, violation)
        self.statuses = counted
        return Break(
            operation=self.key,
            check=kind[0],
            where=violation.where,
            name=violation.name,
            pointer=violation.pointer,
            message=violation.message,
            command=command(self.client, small),
            case=small,
        )


def _kinds(case: Case, response: Response) -> dict[Kind, Violation]:
    return {
        (name, each.where, each.name, _INDEX.sub("/0", each.pointer)): each
        for name, violations in complaints(case, response).items()
        for each in violations
    }
