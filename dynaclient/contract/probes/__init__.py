"""Checks that send requests of their own: a function for each, and the table of them.

A probe is asked for each operation or for each resource, and yields a Suspicion for what it sees: the
exchange that ends the sequence, and what is wrong. It sends with `run.send`, or in a Flow where the response
depends on what was sent before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynaclient.contract.checks import CHECKS
from dynaclient.contract.generation import Unmakeable
from dynaclient.errors import DocumentError, SettingsError, Violation

if TYPE_CHECKING:
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, SentCase, Step
    from dynaclient.contract.resources import Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.document.model import Operation

__all__ = ["NAMES", "PROBES", "Flow", "Probe", "Suspicion", "selected"]


@dataclass(frozen=True)
class Suspicion:
    """What a probe saw: the exchange that ends the sequence which shows it, and what is wrong."""

    exchange: SentCase
    violation: Violation


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
                run.fail(self.name, each.exchange, each.violation)
        except (Unmakeable, DocumentError):  # what cannot be made is said by the phase coverage
            return


PROBES: dict[str, Probe] = {}
"""Every probe, by its name, in the order in which they are carried out."""

NAMES = (*CHECKS, "response_time", *PROBES)
"""Every name of a check."""


def selected(names: Collection[str]) -> frozenset[str]:
    """The names of the checks that `names` leave: those it names, or all but those behind a `-`.

    Raises SettingsError for a name that no check has.
    """
    for each in names:
        if each.removeprefix("-") not in NAMES:
            raise SettingsError(f"checks: there is no check {each!r}; there are {', '.join(NAMES)}")
    wanted = {each for each in names if not each.startswith("-")} or set(NAMES)
    return frozenset(wanted - {each[1:] for each in names if each.startswith("-")})
