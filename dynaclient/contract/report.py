"""What a contract run found, as data that prints in a line; `reports` writes it for other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible
from dynaclient.contract.case import Case, anywhere
from dynaclient.contract.checks import beginning
from dynaclient.contract.flow import SentCase
from dynaclient.errors import Finding, located
from dynaclient.wire import media_types

if TYPE_CHECKING:
    from dynaclient.calls.contract_coverage import ContractCoverage

__all__ = ["Failure", "FailureGroup", "OperationReport", "Report"]

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
    `exchange`: what was sent, and what came back. `suspicion`: whether the check only suspects. `said`: what
    the document says at `schema_pointer`, cut where it is long.
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
    said: str = ""

    @property
    def case(self) -> Case:
        """The case that was sent last."""
        return self.exchange.case

    @property
    def cause(self) -> str:
        """What it shares with other failures of its check: the location in the document, else the message."""
        place = self.schema_pointer
        of_operation = not place or place.startswith(("/paths/", "/webhooks/"))
        where = located(self.where, self.name, anywhere(self.pointer))
        return f"{where}{_without_values(self.message, self.case)}" if of_operation else place

    @property
    def title(self) -> str:
        """Operation, check and what is wrong, in one line."""
        what = f"{located(self.where, self.name, self.pointer)}{self.message}"
        marked = f"{self.check} (suspicion)" if self.suspicion else self.check
        return visible(f"{self.operation}: {marked}: {what}")

    @property
    def response(self) -> str:
        """What the server did: status, media type and the beginning of the body, without secrets."""
        response = self.exchange.response
        if response is None:
            return f"no complete response: {self.exchange.error}"
        kind = media_types.essence(response.headers.get("Content-Type") or "") or "no media type"
        text = beginning(response)
        return visible(f"{response.status}, {kind}{f': {text}' if text else ''}")

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"    {line}" for line in self.details())])

    def details(self) -> Iterator[str]:
        """What the document says, what the server did, and the commands that show it again, by lines."""
        if self.schema_pointer:
            yield visible(f"document: {self.schema_pointer}{f': {self.said}' if self.said else ''}")
        yield f"response: {self.response}"
        yield from visible(self.command).splitlines()
        if self.curl and self.curl != self.command:
            yield "# or"
            yield from visible(self.curl).splitlines()


def _without_values(message: str, case: Case) -> str:
    """`message` without the values of `case`, which a server may say again."""
    for text in sorted(_texts([*case.arguments.values(), case.body]), key=len, reverse=True):
        message = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "_", message)
    return message


def _texts(value: Any) -> set[str]:
    """The texts of a value, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {value} - {""} if isinstance(value, str) else {text for each in inner for text in _texts(each)}


@dataclass(frozen=True, repr=False)
class FailureGroup(_OnOneLine):
    """Failures of one cause: the same check, at one location of the document or with one message."""

    failures: tuple[Failure, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that have it, each once."""
        return tuple(dict.fromkeys(each.operation for each in self.failures))

    @property
    def shown(self) -> Failure:
        """The failure that is shown for all: that of the shortest sequence."""
        return min(self.failures, key=lambda each: (len(each.exchange.steps), len(each.command)))

    def __str__(self) -> str:
        shown = self.shown
        lines = [shown.title]
        others = [each for each in self.operations if each != shown.operation]
        if others:
            lines.append(f"    also in {', '.join(others)}")
        elif len(self.failures) > 1:
            lines.append(f"    {pluralize(len(self.failures), 'time')} there")
        return "\n".join([*lines, *(f"    {line}" for line in shown.details())])


@dataclass(frozen=True, repr=False)
class OperationReport(_OnOneLine):
    """What became of one operation: how many valid and invalid cases were sent, and what they showed.

    `valid`, `broken`: how many valid and invalid cases were sent. `unsent`: how many invalid cases have no
    form on the wire. `probes`: how many requests had other credentials or another method. `inconclusive`: how
    many invalid requests got a response that does not show whether they were refused for what is invalid.
    `statuses`: how often each status came in response to valid cases. `problem`: why it could not be
    exercised; empty where it was. `unreached`: why the responses show nothing of it; empty where they do.
    `unchecked`: what of requests and responses could not be checked. `skipped`: why something was not sent.
    `documented`: whether a documented success was seen. `seconds`: how long its requests took.
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
    documented: bool = False
    seconds: float = 0.0

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
        never = (
            f"never succeeded ({seen}{' only' if ',' not in seen else ''})"
            if seen and not (self.succeeded or self.unreached)
            else ""
        )
        unchecked = f"{pluralize(len(self.unchecked), 'location')} not checked" if self.unchecked else ""
        untested = (
            "" if self.valid or self.broken or self.problem else "not sent" if self.skipped else "not tested"
        )
        return ", ".join(filter(None, (reached, failures, never, self.problem, unchecked, untested))) or "ok"

    @property
    def requests(self) -> int:
        """How many requests were sent for it."""
        return self.valid + self.broken + self.probes

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
    all was sent; empty where it did not. `off`: checks that were turned off, each with the reason.
    `coverage`: how much of the document was tried.
    """

    operations: tuple[OperationReport, ...]
    problem: str = ""
    allow_unchecked: bool = False
    apart: tuple[str, ...] = ()
    seed: int = 0
    requests: int = 0
    seconds: float = 0.0
    cut: str = ""
    off: Mapping[str, str] = field(default_factory=dict)
    coverage: ContractCoverage | None = None

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
    def groups(self) -> tuple[FailureGroup, ...]:
        """What failed, by cause; what is certain before what is only suspected."""
        groups: dict[tuple[str, str], list[Failure]] = {}
        for each in self.failures:
            groups.setdefault((each.check, each.cause), []).append(each)
        made = [FailureGroup(tuple(each)) for each in groups.values()]
        return tuple(sorted(made, key=lambda group: group.shown.suspicion))

    @property
    def unchecked(self) -> tuple[Finding, ...]:
        """Every location of the document that could not be checked, once."""
        return tuple(dict.fromkeys(each for report in self.operations for each in report.unchecked))

    @property
    def succeeded(self) -> float:
        """The percentage of operations of which a documented success was seen."""
        seen = sum(report.documented for report in self.operations)
        return 100 * seen / len(self.operations) if self.operations else 0.0

    @property
    def failed(self) -> bool:
        """Whether something failed, or an operation was not exercised."""
        return bool(self.problem) or any(report.failed for report in self.operations)

    @property
    def ok(self) -> bool:
        """Whether every operation was exercised, nothing failed, and all could be checked or need not be."""
        return not self.failed and (self.allow_unchecked or not self.unchecked)
