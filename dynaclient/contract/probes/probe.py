"""What a probe is, what it sees, and the sequence that it sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynaclient.contract.generation import Unmakeable
from dynaclient.errors import DocumentError, Violation

if TYPE_CHECKING:
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, SentCase, Step
    from dynaclient.contract.resources import Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.document.model import Operation


@dataclass(frozen=True)
class Suspicion:
    """What a probe saw: the exchange that ends the sequence which shows it, and what is wrong."""

    exchange: SentCase
    violation: Violation
    operation: str = ""
    """The key of the operation that it is about, where that is not the one of the exchange."""


class Flow:
    """A sequence that a probe sends: each request comes after those before it, and is shown with them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.exchanges: list[SentCase] = []

    def send(self, case: Case, takes: Mapping[str, Capture] | None = None) -> SentCase:
        """Send a case; see `Run.send`."""
        before: list[Step] = [each.step for each in self.exchanges]
        self.exchanges.append(self._run.send(case, takes, before))
        return self.exchanges[-1]


@dataclass(frozen=True)
class Probe:
    """A check that sends requests of its own.

    `reason`: why a server is to keep to it, for people. `of_operation` or `of_resource`: what it is asked
    for. `suspicion`: whether it only suspects, since no specification demands it.
    """

    name: str
    reason: str
    of_operation: Callable[[Run, Operation], Iterator[Suspicion]] | None = None
    of_resource: Callable[[Run, Resource], Iterator[Suspicion]] | None = None
    suspicion: bool = False

    def carry_out(self, run: Run) -> None:
        """Ask it for all that it is for, and note what it sees."""
        if self.of_operation is not None:
            for key in run.order:
                run.say(key)
                self._note(run, self.of_operation(run, run.client.operations[key]))
        if self.of_resource is not None:
            for resource in run.resources:
                run.say(resource.path)
                self._note(run, self.of_resource(run, resource))

    def _note(self, run: Run, seen: Iterator[Suspicion]) -> None:
        try:
            for each in seen:
                run.fail(self.name, each.exchange, each.violation, each.operation)
        except (Unmakeable, DocumentError):  # what cannot be made is said by the phase coverage
            return
