"""Rules that a server may leave alone, held against what the server itself does elsewhere.

JSON Schema lets `format` be an annotation, and nothing says what becomes of a readOnly property or a repeated
parameter in a request. But a server that refuses an invalid date in one location and takes it in another has
forgotten something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dynaclient.contract.case import Fault, anywhere
from dynaclient.errors import Violation

if TYPE_CHECKING:
    from dynaclient.contract.flow import SentCase

OPTIONAL_RULES = ("format", "readOnly", "repeated")
"""Keywords of faults that a server may let pass, as long as it does so everywhere."""

_FORMAT = re.compile(r" is not an? ([\w-]+)$")

REFUSALS = (400, 422)
"""Statuses that say a request is refused for what it holds."""

Location = tuple[str, str, str, str]
"""Operation, where, name and pointer."""


class Enforcement:
    """Where requests that break such a rule were accepted and where they were refused."""

    def __init__(self) -> None:
        self._accepted: dict[tuple[str, Location], SentCase] = {}
        self._refused: dict[str, set[Location]] = {}

    def note(self, exchange: SentCase) -> None:
        """Take what an exchange says of such a rule."""
        case, fault = exchange.case, exchange.case.fault
        if fault is None or fault.lost or fault.keyword not in OPTIONAL_RULES or case.is_altered:
            return
        rule = _rule(fault)
        location = (case.operation, fault.where, fault.name, anywhere(fault.pointer))
        if exchange.status in REFUSALS:
            self._refused.setdefault(rule, set()).add(location)
        elif exchange.ok:
            self._accepted.setdefault((rule, location), exchange)

    def suspicions(self) -> Iterator[tuple[SentCase, Violation]]:
        """What was accepted in one location and refused in others, never both in the same.

        Where more locations accept it than refuse it, the server has no such rule: it refused something else.
        """
        accepting = Counter(
            rule for rule, location in self._accepted if location not in self._refused.get(rule, ())
        )
        for (rule, location), exchange in self._accepted.items():
            elsewhere = sorted(self._refused.get(rule, ()))
            fault = exchange.case.fault
            if fault is None or location in elsewhere or len(elsewhere) < accepting[rule]:
                continue
            message = (
                f"invalid request accepted: expected 4xx, got {exchange.status} ({fault.description}); "
                f"{elsewhere[0][0]} refuses the like"
            )
            yield exchange, Violation(fault.where, fault.name, fault.pointer, message)


def _rule(fault: Fault) -> str:
    """The keyword, with the name of the format."""
    named = _FORMAT.search(fault.description)
    return f"{fault.keyword} {named[1]}" if named else fault.keyword
