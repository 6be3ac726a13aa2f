"""What a comparison of two documents gives: changes, each with its verdict and reason. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dynaclient._support.messages import json_dump
from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible

Verdict = Literal["breaking", "may break", "safe"]
Affected = Literal["callers", "readers"]
"""`callers` send requests by the old document; `readers` read responses, and what webhooks send, by it."""

_SHOWN = 300
"""How many characters of a witness a line shows."""


@dataclass(frozen=True)
class Change:
    """One difference between two documents, and what it means for those who go by the old one."""

    verdict: Verdict
    """`breaking`: something that the old document allows is refused by the new one, or the reverse for
    readers; `may break`: neither that nor the opposite could be shown; `safe`."""
    affected: Affected
    """Whom the verdict is about."""
    subject: str
    """What changed: an operation (its key in the old document), `schema NAME`, `security scheme NAME`, ..."""
    place: str
    """The part of it: `query limit`, `body.items[].sku`, `response 200 body`; empty for the whole."""
    message: str
    """What is different: `maxLength: 20 -> 10`."""
    reason: str
    """Why the verdict is what it is."""
    witness: Any = MISSING
    """A value for the subject that one document accepts and the other refuses; MISSING where none was looked
    for or found."""
    operations: tuple[str, ...] = ()
    """The operations that it touches: their keys in the old document, of new ones in the new document."""
    old_pointer: str = ""
    """Where it stands in the old document (RFC 6901); empty where it does not."""
    new_pointer: str = ""
    """Where it stands in the new document."""

    @property
    def title(self) -> str:
        """The verdict with whom it is about: `breaking for callers`, `may break readers`, `safe`."""
        if self.verdict == "safe":
            return "safe"
        joint = "breaking for" if self.verdict == "breaking" else "may break"
        return f"{joint} {self.affected}"

    @property
    def witness_text(self) -> str:
        """The witness as JSON, cut off where it is long; empty where there is none."""
        if self.witness is MISSING:
            return ""
        text = json_dump(self.witness)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

    def as_json(self) -> dict[str, Any]:
        """The change as JSON has it; without `witness` where there is none."""
        found: dict[str, Any] = {
            "verdict": self.verdict,
            "affected": self.affected,
            "subject": self.subject,
            "place": self.place,
            "message": self.message,
            "reason": self.reason,
        }
        if self.witness is not MISSING:
            found["witness"] = self.witness
        found["operations"] = list(self.operations)
        pointers = {"old_pointer": self.old_pointer, "new_pointer": self.new_pointer}
        return found | {name: pointer for name, pointer in pointers.items() if pointer}

    def __str__(self) -> str:
        where = f"{self.subject}, {self.place}" if self.place else self.subject
        reason = f" ({self.reason})" if self.reason else ""
        return visible(f"{self.title}: {where}: {self.message}{reason}")


@dataclass(frozen=True)
class DocumentDiff:
    """All changes from one document to another: those that break first."""

    old: str
    """What the old document is called: its name, path or URL, else its title and version."""
    new: str
    changes: tuple[Change, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Operations that are called otherwise now: the old key -> the new one."""

    def of(self, verdict: Verdict) -> tuple[Change, ...]:
        """The changes with this verdict."""
        return tuple(each for each in self.changes if each.verdict == verdict)

    @property
    def breaks(self) -> bool:
        """Whether a change breaks, or may break, callers or readers."""
        return any(each.verdict != "safe" for each in self.changes)

    def as_json(self) -> dict[str, Any]:
        """The diff as JSON has it."""
        return {
            "old": self.old,
            "new": self.new,
            "breaks": self.breaks,
            "changes": [each.as_json() for each in self.changes],
        }
