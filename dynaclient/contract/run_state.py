"""A run while it goes on: what it sends, within which bounds, and what it has found so far."""

from __future__ import annotations

import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import pluralize
from dynaclient.calls.contract_coverage import ContractCoverage
from dynaclient.client import executor_of
from dynaclient.contract.agreed import Agreed
from dynaclient.contract.case import Case, anywhere
from dynaclient.contract.checks import complaints
from dynaclient.contract.enforcement import Enforcement
from dynaclient.contract.flow import Capture, SentCase, Step
from dynaclient.contract.freshening import freshened
from dynaclient.contract.generation import Unmakeable, maker
from dynaclient.contract.resources import ResourceMap
from dynaclient.contract.things import Things
from dynaclient.errors import ConnectError, DeadlineExceeded, Finding, TransportError, Violation
from dynaclient.explore.curl import marked_credentials
from dynaclient.generation.choices import Seeded

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.calls.signed_request import SignedRequest
    from dynaclient.client import Client

__all__ = ["Progress"]

ANSWERS = "answers"
"""The check that a complete response arrives."""

CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
"""Headers that make a request depend on what was read before (RFC 9110)."""

Kind = tuple[str, str, str, str, str]
"""Operation, check, where, name and pointer, whichever element of an array it is: failures that share it are
one."""


class Over(Exception):
    """The run has used up its time, its failures or its server. It stays inside of this package."""


@dataclass(frozen=True)
class Progress:
    """What a run does now: phase and operation, how many requests were sent and failures found so far."""

    phase: str
    operation: str
    requests: int
    failures: int
    seconds: float


@dataclass
class Tally:
    """What happened to one operation."""

    valid: int = 0
    broken: int = 0
    unsent: int = 0
    probes: int = 0
    inconclusive: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    unchecked: dict[Finding, None] = field(default_factory=dict)
    over: bool = False
    """Whether no further case is sent: each could take the client's timeout."""
    skipped: dict[str, None] = field(default_factory=dict)
    """Why something was not sent."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Bounds:
    """What ends a run: seconds in all, failures; seconds for a response; requests a second."""

    time: float | None = None
    failures: int | None = None
    response_time: float | None = None
    rate: float | None = None


class Run:
    """One run. Phases and probes send through it, and say what they found.

    `resources` and `things` know what the operations make; `valid` makes a valid case with new values;
    `send` sends it; `fail` notes a failure.
    """

    def __init__(
        self,
        client: Client,
        keys: list[str],
        *,
        seed: int = 0,
        cases: int = 20,
        checks: Collection[str],
        given: Mapping[str, Any] | None = None,
        any_data: bool = False,
        bounds: Bounds = Bounds(),
        workers: int = 1,
        progress: Callable[[Progress], None] | None = None,
        observe: Callable[[SentCase], None] | None = None,
        agreed: Agreed | None = None,
    ) -> None:
        self.client = client
        self.coverage = ContractCoverage(executor_of(client), keys)
        self.agreed = agreed or Agreed()
        self.keys = keys
        self.seed = seed
        self.cases = cases
        self.checks = frozenset(checks)
        self.bounds = bounds
        self.workers = workers
        self.phase = ""
        self.fresh_count = 0
        """How often values were made that the server has not seen."""
        self.tallies = {key: Tally() for key in keys}
        self.resources = ResourceMap(client, keys)
        self.things = Things(
            client,
            self.resources,
            self.send,
            self.valid,
            self.fresh,
            given=given or {},
            seed=seed,
            any_data=any_data,
        )
        self.order = self.resources.order(client.operations[key] for key in keys)
        self._progress = progress
        self._observe = observe
        self._turns = Counter[str]()
        self.worked: dict[str, Case] = {}
        """A valid case of each operation that the server carried out: the first."""
        self.notes: dict[object, Any] = {}
        """What probes keep for each other."""
        self.found: dict[Kind, tuple[SentCase, Violation]] = {}
        self.enforcement = Enforcement()
        self.shrunk: set[Kind] = set()
        """Failures of which the smallest case was looked for."""
        self.requests = 0
        self.alive = False
        self.gone: ConnectError | None = None
        self.stopped = ""
        self.begun = time.monotonic()
        self._lock = threading.RLock()

    # -- what phases and probes use --------------------------------------------------------------------

    def valid(self, key: str, *, optional: bool | None = False) -> Case:
        """A valid case of an operation, each time with other values. `optional`: see `CaseMaker.valid`.

        Raises Unmakeable.
        """
        with self._lock:
            self._turns[key] += 1
            turn = self._turns[key]
        mark = zlib.crc32(f"{self.seed} {key} {turn}".encode())
        return self._unconditional(maker(self.client).valid(key, Seeded(mark), optional))

    def _unconditional(self, case: Case) -> Case:
        """`case` without optional headers that make it one of what was read before: they are tried apart."""
        operation = self.client.operations[case.operation]
        optional = {each.key for each in operation.parameters if not each.required}
        headers = {key for key in optional if key.lower().removeprefix("header.") in CONDITIONS}
        kept = {key: value for key, value in case.arguments.items() if key not in headers}
        return replace(case, arguments=kept) if len(kept) < len(case.arguments) else case

    def fresh(self, case: Case) -> Case:
        """`case` with other texts in its body, which the server has not seen."""
        with self._lock:
            self.fresh_count += 1
            mark = f"{self.seed}{self.fresh_count}"
        return freshened(self.client, case, mark)

    def send(
        self, case: Case, takes: Mapping[str, Capture] | None = None, before: Iterable[Step] = ()
    ) -> SentCase:
        """Send a case, check the response, and note what is wrong with it.

        `takes`: which of its values come from earlier responses; `before`: steps that were sent on purpose
        before it. Raises Over where the run has ended, Unmakeable where the operation hangs.
        """
        step = Step(self.agreed.applied(case), takes or {})
        exchange = self._exchanged(step, (*before, step))
        for check, violation in self.complaints(exchange):
            self.fail(check, exchange, violation)
        return exchange

    def fail(self, check: str, exchange: SentCase, violation: Violation, operation: str = "") -> None:
        """Note that `exchange`, the last of its sequence, shows a failure of `check`.

        `operation`: which one it is about, where that is not the one of the exchange.
        """
        about = operation or exchange.case.operation
        if (check not in self.checks and check != ANSWERS) or self._is_agreed(check, about, exchange.status):
            return
        with self._lock:
            kind = failure_key(check, about, violation)
            known = self.found.get(kind)
            if known is None or _size(exchange) < _size(known[0]):
                exchange = self.things.prerequisites.shown(exchange, violation)
            if known is None or _size(exchange) < _size(known[0]):
                self.found[kind] = (exchange, violation)
        if self.bounds.failures is not None and len(self.found) >= self.bounds.failures:
            self._stop(f"the run ended after {pluralize(len(self.found), 'failure')}")

    def _is_agreed(self, check: str, key: str, status: int) -> bool:
        """Whether the user has said that this is no failure."""
        reason = self.agreed.reason(check, key, status)
        if reason:
            self.skipped(key, f"{check} is off: {reason}")
        return bool(reason)

    def skipped(self, key: str, why: str) -> None:
        """Note that something of an operation was not sent, and why."""
        self.tallies[key].skipped[why] = None

    def inconclusive(self, key: str) -> None:
        """Note that the response to an invalid request shows nothing."""
        self.tallies[key].inconclusive += 1

    def say(self, key: str) -> None:
        """Tell who looks on what is done now."""
        if self._progress is not None:
            seconds = time.monotonic() - self.begun
            self._progress(Progress(self.phase, key, self.requests, len(self.found), seconds))

    def quietly(self, case: Case, takes: Mapping[str, Capture]) -> SentCase:
        """Send a case without noting what is wrong with the response."""
        step = Step(self.agreed.applied(case), takes)
        return self._exchanged(step, (step,))

    # -- sending ---------------------------------------------------------------------------------------

    def _exchanged(self, step: Step, sequence: tuple[Step, ...]) -> SentCase:
        case = step.case
        tally = self.tallies.get(case.operation) or Tally()
        if tally.over:
            raise Unmakeable(f"{case.operation} hangs: no further request of it is sent")
        self._check_bounds(tally)
        taken = (before for each in sequence for before in (*each.before(), each))
        steps = dict.fromkeys((*self.things.prerequisites.of(case), *taken))
        began, begun, response, failed = time.time(), time.monotonic(), None, None
        try:
            response = self.responded(tuple(steps))
        except TransportError as error:
            failed = error
        seconds = time.monotonic() - begun
        unsent = self._unsent(case) if response is None else None
        exchange = SentCase(
            number=self._numbered(),
            phase=self.phase,
            steps=tuple(steps),
            response=response,
            error=failed,
            seconds=seconds,
            request=response.request if response is not None else unsent and unsent.request,
            began=began,
            unshown=unsent.security.private if unsent is not None else (),
        )
        with self._lock:
            self._counted(tally, exchange)
        self.enforcement.note(exchange)
        self.things.prerequisites.note(exchange)
        if self._observe is not None:
            self._observe(exchange)
        if self.stopped and self.gone:
            raise Over
        return exchange

    def responded(self, steps: tuple[Step, ...]) -> Response | None:
        """The response to the last of `steps`. None where a test that was called with it sent nothing."""
        return steps[-1].case.send(self.client)

    def _unsent(self, case: Case) -> SignedRequest:
        """The request of a case to which no response came, without credentials but for those of a session."""
        return case.prepare(self.client, marked_credentials(executor_of(self.client)))

    def _numbered(self) -> int:
        with self._lock:
            self.requests += 1
            return self.requests

    def _check_bounds(self, tally: Tally) -> None:
        elapsed = time.monotonic() - self.begun
        if self.bounds.time is not None and elapsed > self.bounds.time:
            self._stop(
                f"the run ended after {self.bounds.time:g} seconds (--max-time); not all cases were sent"
            )
        if self.bounds.rate is not None:
            ahead = self.requests / self.bounds.rate - elapsed
            if ahead > 0:
                time.sleep(ahead)

    def _stop(self, why: str) -> None:
        self.stopped = self.stopped or why
        raise Over

    def _counted(self, tally: Tally, exchange: SentCase) -> None:
        case, response = exchange.case, exchange.response
        tally.seconds += exchange.seconds
        if case.is_altered:
            tally.probes += 1
        elif case.fault is None:
            tally.valid += 1
        else:
            tally.broken += 1
        if response is None:
            self._failed(tally, exchange)
            return
        self.alive = True
        if not case.url:
            self.coverage.add(case.operation, response.request, response.status, response.headers)
        tally.unchecked.update(dict.fromkeys((*case.unchecked(self.client), *response.unchecked)))
        if case.fault is None and not case.is_altered:
            tally.statuses[response.status] += 1
            if exchange.ok:
                self.worked.setdefault(case.operation, case)

    def _failed(self, tally: Tally, exchange: SentCase) -> None:
        error = exchange.error
        if error is None:
            return
        nobody = error if isinstance(error, ConnectError) and not error.sent else None
        tally.over = tally.over or isinstance(error, DeadlineExceeded)
        self.alive = self.alive or nobody is None
        operation = self.client.operations[exchange.case.operation]
        if nobody and executor_of(self.client).is_trusted(operation):
            self.gone = nobody
            self.stopped = f"the server is gone since {exchange.case.operation}"

    def complaints(self, exchange: SentCase) -> list[tuple[str, Violation]]:
        """What is wrong with a response, and the name of the check that says so."""
        if exchange.response is None:
            return [(ANSWERS, Violation("status", "", "", str(exchange.error)))]
        found = complaints(exchange.case, exchange.response, self.checks)
        limit = self.bounds.response_time
        if limit is not None and exchange.seconds > limit:
            message = f"response after {exchange.seconds:.2f} s, expected at most {limit:g} s"
            found["response_time"] = [Violation("status", str(exchange.status), "", message)]
        return [(name, each) for name, violations in found.items() for each in violations]


def failure_key(check: str, operation: str, violation: Violation) -> Kind:
    return operation, check, violation.where, violation.name, anywhere(violation.pointer)


def _size(exchange: SentCase) -> tuple[int, int]:
    return len(exchange.steps), len(repr(exchange.case))
