"""What becomes of a row, and of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dynaclient._support.messages import pluralize
from dynaclient.errors import Violation

__all__ = ["BulkRow", "BulkSummary"]

State = Literal["ok", "refused", "failed", "unknown"]

STATES: tuple[State, ...] = ("ok", "refused", "failed", "unknown")


@dataclass(frozen=True)
class BulkRow:
    """What became of one row.

    `state`: "ok": the server carried it out; "refused": it was not sent, `violations` or `error` say why;
    "failed": the server refused it, or could not be reached; "unknown": it was sent and never answered, and
    must not be sent twice.
    """

    index: int
    """The place of the row in the input, from 0."""
    key: str
    state: State
    status: int | None = None
    """The HTTP status; None where there was no response."""
    data: Any = field(default=None, repr=False)
    """The decoded body of the response; that of the whole pack for a row of one."""
    violations: tuple[Violation, ...] = ()
    error: str = ""
    """Why it is not ok; empty where it is."""
    row: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The row as it was given."""


@dataclass
class BulkSummary:
    """How many rows came to which state, and what that took."""

    ok: int = 0
    refused: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0
    """Rows that an earlier run had done, by the journal."""
    requests: int = 0
    """Requests that were sent, repeats among them."""
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return self.ok + self.refused + self.failed + self.unknown + self.skipped

    def __str__(self) -> str:
        counts = [f"{getattr(self, name):,} {name}" for name in (*STATES, "skipped") if getattr(self, name)]
        sent = f"{pluralize(self.requests, 'request')} in {self.seconds:.1f} s"
        return f"{', '.join(counts) or 'no rows'}; {sent}"
