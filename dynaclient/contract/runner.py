"""Does a server keep its contract? Which operations are asked, what they are sent, and which were reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of, pluralize, setting_name
from dynaclient.calls import options as settings
from dynaclient.client import executor_of
from dynaclient.contract.apart import apart
from dynaclient.contract.case import Case, anywhere
from dynaclient.contract.checks import complaints
from dynaclient.contract.generation import Unmakeable
from dynaclient.contract.report import Break, OperationReport, Report
from dynaclient.contract.reproduce import command, variable
from dynaclient.contract.seeding import seeded
from dynaclient.contract.shrink import smallest
from dynaclient.document.model import Operation
from dynaclient.document.operations import OperationBuilder
from dynaclient.errors import (
    ConnectError,
    DeadlineExceeded,
    DocumentError,
    Finding,
    SettingsError,
    TransportError,
    UnknownOperation,
    Violation,
)

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.client import Client

__all__ = ["run"]


Patterns = str | Iterable[str] | None
"""One pattern (`get*`) or part of an operationId or of `METHOD /path`, or several. Case means nothing."""


def chosen(client: Client, only: Patterns = None, skip: Patterns = None) -> list[str]:
    """The keys of the operations that `only` fits, all without it, and that `skip` does not fit.

    Raises UnknownOperation where there are none, SettingsError.
    """
    wanted, unwanted = _patterns("only", only), _patterns("skip", skip)
    for each in (*wanted, *unwanted):  # one that fits nothing is misspelt, and its operation would be called
        if not any(_fits(client, key, [each]) for key in client.operations):
            near = client.operations.near(each)
            hint = ("" if near else f"; {setting_name('operations')}") + client.operations.unread
            raise UnknownOperation(f"no operation fits {each!r}{hint}", near)
    keys = [key for key in client.operations if _fits(client, key, wanted or ["*"])]
    left = [key for key in keys if not _fits(client, key, unwanted)]
    if not left:
        raise UnknownOperation(f"there is no operation to be tested{client.operations.unread}")
    return left


def _patterns(name: str, given: Patterns) -> list[str]:
    several: Any = () if given is None else given
    patterns = list(several) if isinstance(several, Iterable) and not isinstance(several, str) else [several]
    for each in patterns:
        if not isinstance(each, str):
            raise SettingsError(
                f"{name}: expected a pattern or a part of an operationId, got {kind_of(each)}"
            )
    return patterns


def _fits(client: Client, key: str, patterns: list[str]) -> bool:
    names = (key.lower(), client.operations.entry(key).location.lower())
    wanted = [each.lower() for each in patterns]
    return any(each in name or fnmatchcase(name, each) for each in wanted for name in names)


ANSWERS = (401, 403)
"""Unauthorized and Forbidden (RFC 9110, 15.5.2 and 15.5.4)."""

TOO_MANY = 429
"""Too Many Requests (RFC 6585, 4)."""


def unreached(client: Client, key: str, statuses: Collection[int]) -> str:
    """Why answers with these `statuses` show nothing of the operation `key`; empty where they do."""
    operation = client.operations[key]
    sent = executor_of(client).credentials.choose(operation.security)
    refused = set(statuses) - {TOO_MANY}
    if not statuses or not refused <= _refusals(operation, sent):
        return ""
    said = f"not reached: the server returned {' or '.join(map(str, sorted(set(statuses))))} to every case"
    if not refused:
        return f"{said}: raise its rate limit for the test, or send fewer cases"
    if sent:
        return f"{said}, though credentials for {' and '.join(sent)} were sent: give ones that it takes"
    return f"{said}: give credentials{_schemes(operation)}"


def asks(operation: Operation) -> bool:
    """Whether an operation is not for everyone (OpenAPI 4.8.30): each alternative names a scheme."""
    return bool(operation.security) and () not in (operation.security or ())


def _refusals(operation: Operation, sent: Collection[str]) -> set[int]:
    """The statuses that mean here: no credentials, or wrong ones."""
    if sent:
        return {401}
    if asks(operation):
        return set(ANSWERS)
    return {status for status in ANSWERS if not _documented(operation, status)}


def _documented(operation: Operation, status: int) -> bool:
    answer = operation.answer(status)
    return answer is not None and answer.status != "default"


def _schemes(operation: Operation) -> str:
    """The alternatives of an operation, each scheme with the variable that the command line reads."""
    named = [
        " and ".join(f"{scheme} ({variable(scheme)})" for scheme in alternative)
        for alternative in operation.security or ()
        if alternative
    ]
    if named:
        return f" for {', or '.join(named)}"
    return f"; the document asks for none here, they go {setting_name('undocumented')}"


_NO_ANSWER = "answers"

Kind = tuple[str, str, str, str]
"""Check, where, name and pointer, whichever element of an array it is: breaks that share it are one."""


def run(
    client: Client,
    *,
    seed: int = 0,
    cases: int = 20,
    only: Patterns = None,
    skip: Patterns = None,
    progress: Callable[[OperationReport], None] | None = None,
    allow_unchecked: bool = False,
) -> Report:
    """Send `cases` cases of each operation to the client's server, half of them broken; check the answers.

    `only` and `skip`: which operations, by a pattern (`get*`) or a part of the operationId or `METHOD /path`,
    or several of these. `progress` is called with the report of each operation when it is done. Requests that
    the document forbids are sent too, whatever the client's `validate` says; the safety rules hold.

    What could not be checked is listed (`Report.unchecked`), and the report is not `ok` then; with
    `allow_unchecked` it is.

    A server that is gone on the way ends the run; what was found until then is there.

    Raises UnknownOperation where `only` and `skip` leave none, ConnectError where there is no server,
    SettingsError.
    """
    settings.count("cases", cases)
    settings.count("seed", seed)
    reports: list[OperationReport] = []
    keys, alive = chosen(client, only, skip), False
    for key in keys:
        exercise = _Exercise(client, key)
        reports.append(exercise.run(seed, cases))
        alive = alive or exercise.alive
        if exercise.gone and not alive:
            raise exercise.gone
        if progress is not None:
            progress(reports[-1])
        if exercise.gone:
            rest = pluralize(len(keys) - len(reports), "operation")
            problem = f"the server is gone since {key}; {rest} after it were not tested"
            return Report(tuple(reports), problem, allow_unchecked)
    return Report(tuple(reports), _problem(client, reports), allow_unchecked, apart(client, keys))


def _problem(client: Client, reports: list[OperationReport]) -> str:
    answered = Counter[int]()
    for report in reports:
        answered.update(report.statuses)
    refused = bool(answered) and set(answered) <= set(ANSWERS)
    if refused and any(each.unreached or asks(client.operations[each.operation]) for each in reports):
        schemes = OperationBuilder(client.document).security_schemes()
        names = ", ".join(f"{scheme} ({variable(scheme)})" for scheme in schemes)
        names = names or f"none, they go {setting_name('undocumented')}"
        return (
            f"the server returned {' or '.join(map(str, sorted(answered)))} to every valid request, "
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
        self.alive = False
        """Whether there is a server: something was answered, or at least a connection was made."""
        self.gone: ConnectError | None = None
        """Why there is none: the server that the client's calls go to."""
        self.unchecked: dict[Finding, None] = {}
        self.over = False
        """Whether no further case is sent: there is nobody, or each could take the client's timeout."""

    def run(self, seed: int, cases: int) -> OperationReport:
        try:
            made = seeded(self.client, self.key, seed, cases)
        except (Unmakeable, DocumentError) as error:
            place = self.client.operations[self.key].node.place
            untried = Finding(place, "error", f"no valid request was found: {error}", "it is not tried")
            return OperationReport(self.key, unchecked=(untried,))
        sent = Counter[bool]()
        for case in made:
            if self.over or case.lost:
                continue
            for kind, violation in self._exchange(case).items():
                self._note(kind, case, violation)
            sent[case.fault is None] += 1
        return OperationReport(
            operation=self.key,
            valid=sent[True],
            broken=sent[False],
            unsent=sum(case.lost != "" for case in made),
            statuses=dict(self.statuses),
            breaks=tuple(self._break(kind, *shown) for kind, shown in self.found.items()),
            unreached=unreached(self.client, self.key, self.statuses),
            unchecked=tuple(self.unchecked),
        )

    def _exchange(self, case: Case) -> dict[Kind, Violation]:
        """What one case breaks."""
        try:
            response = case.send(self.client)
        except TransportError as error:
            self._failed(error)
            return {(_NO_ANSWER, "status", "", ""): Violation("status", "", "", str(error))}
        self.alive = True
        self.unchecked.update(dict.fromkeys((*case.unchecked(self.client), *response.unchecked)))
        if case.fault is None:
            self.statuses[response.status] += 1
        return _kinds(case, response)

    def _failed(self, error: TransportError) -> None:
        nobody = error if isinstance(error, ConnectError) and not error.sent else None
        self.over = self.over or nobody is not None or isinstance(error, DeadlineExceeded)
        self.alive = self.alive or nobody is None
        if nobody and executor_of(self.client).is_trusted(self.client.operations[self.key]):
            self.gone = nobody

    def _note(self, kind: Kind, case: Case, violation: Violation) -> None:
        known = self.found.get(kind)
        if known is None or (not self.over and len(repr(case)) < len(repr(known[0]))):
            self.found[kind] = (case, violation)

    def _break(self, kind: Kind, case: Case, violation: Violation) -> Break:
        counted = self.statuses.copy()
        small = smallest(self.client, case, lambda smaller: not self.over and kind in self._exchange(smaller))
        if small is not case and not self.over:
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
        (name, each.where, each.name, anywhere(each.pointer)): each
        for name, violations in complaints(case, response).items()
        for each in violations
    }
