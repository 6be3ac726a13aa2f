"""Sequences of requests: the steps of one, where a step takes its values from, and what came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dynaclient.contract.case import Case

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.errors import TransportError
    from dynaclient.wire.request import Request

__all__ = ["Capture", "SentCase", "Step"]


@dataclass(frozen=True, eq=False)
class Capture:
    """A value that an earlier step of the sequence brought.

    `expression`: a runtime expression (`$response.body#/id`, `$response.header.Location`) over the exchange
    of `step`; `segment`: it is the last segment of the path that the expression gives, as in a Location.
    """

    step: Step
    expression: str
    segment: bool = False


@dataclass(frozen=True, eq=False)
class Step:
    """One request of a sequence. A step is equal to itself alone.

    `takes`: which of its values come from earlier steps: `path.userId`, a JSON pointer into the body
    behind `body#` (`body#/ownerId`), or `url`. `case` holds the values that were sent.
    """

    case: Case
    takes: Mapping[str, Capture] = field(default_factory=dict)
    needs: tuple[Step, ...] = ()
    """Steps that it takes nothing of, but without which the server has not what it takes."""

    def before(self) -> Iterator[Step]:
        """The steps that this one needs, in the order in which they are sent, without itself; each once."""
        seen = {id(step): step for step in self.needs}
        for capture in self.takes.values():
            for step in (*capture.step.before(), capture.step):
                seen.setdefault(id(step), step)
        yield from seen.values()


@dataclass(frozen=True, eq=False)
class SentCase:
    """A request of a run, and what came back: a response, or the error where no complete one arrived.

    `phase` is the phase of the run that sent it, `seconds` how long it took, `steps` the sequence that it
    ends: those that its values come from, and what was sent before it on purpose.
    """

    number: int
    phase: str
    steps: tuple[Step, ...]
    response: Response | None
    error: TransportError | None = None
    seconds: float = 0.0
    request: Request | None = None
    """What was sent, with credentials; without them where no response came."""
    began: float = 0.0
    """When it was sent, in seconds since 1970."""
    unshown: tuple[str, ...] = ()
    """The names of headers and query parameters that are not shown, of a request without a response."""

    @property
    def step(self) -> Step:
        """The last step of the sequence: this request."""
        return self.steps[-1]

    @property
    def case(self) -> Case:
        """What was sent."""
        return self.step.case

    @property
    def status(self) -> int:
        """The status of the response; 0 where there is none."""
        return self.response.status if self.response is not None else 0

    @property
    def ok(self) -> bool:
        """Whether the server carried out what was asked: a status from 200 to 299."""
        return 200 <= self.status < 300


sequence: ContextVar[tuple[Step, ...]] = ContextVar("sequence", default=())
"""The sequence that ends with the case which a test is called with."""
