"""A case: contenders that do the same thing, the first of which the others are measured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OURS = 30.0
"""Seconds that our own rounds may take together; those of others are cut sooner where they are slow."""

LATE = "not done within"
"""So begins the error of a contender that its limit ended: it may be able, on a faster machine."""


@dataclass(frozen=True)
class Contender:
    """One way to do it.

    `do` is `module:function` of this package, called once with `arguments` for the function that is then
    measured; or, in a case of whole processes, the arguments of a Python interpreter.
    `seconds` bounds all its rounds together.
    """

    label: str
    do: str | tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)
    empties: str = ""
    ours: bool = False

    @property
    def limit(self) -> float:
        """Seconds that making ready, or one round, may take."""
        return 2 * self.seconds

    @property
    def whole(self) -> bool:
        """Whether it is a process of its own, measured from its start to its end."""
        return not isinstance(self.do, str)


@dataclass(frozen=True)
class Case:
    """What is compared. `note`: sizes of what is sent, received, opened.

    `rival`: whether the first contender does the same, and is not only what the others are measured by.
    """

    name: str
    group: str
    note: str
    contenders: tuple[Contender, ...]
    rival: bool = True


def ours(label: str, do: str | tuple[str, ...], **rest: Any) -> Contender:
    """A contender of our own."""
    return Contender(f"dynaclient, {label}" if label else "dynaclient", do, seconds=OURS, ours=True, **rest)
