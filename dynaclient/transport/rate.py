"""How fast requests may follow each other: `100/s`, `600/m`, and the pause that a server asks for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from dynaclient._support.messages import short_repr
from dynaclient.errors import SettingsError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}

_SHARE = 0.98
"""How much of the rate is used: requests reach a server with more or less delay, and it counts there."""

_LATE = 0.02
"""Seconds that may be made up for: what sleeps wakes up a little late, again and again."""

LONGEST_PAUSE = 600.0
"""Seconds that a server may put off all callers for at a time."""


def requests_a_second(value: Any) -> float | None:
    """A rate as a number, or None for none. Raises SettingsError."""
    if value is None:
        return None
    number, _, unit = str(value).partition("/")
    try:
        rate = float(number) / _UNITS[unit or "s"]
    except (ValueError, KeyError):
        rate = 0.0
    if isinstance(value, bool) or not 0 < rate < float("inf"):
        raise SettingsError(
            f"rate: expected requests a second, such as 100/s or 600/m, got {short_repr(value)}"
        )
    return rate


class Pace:
    """Says when the next request may go: one after the other, so that no second has more than its share.

    Time that nobody used is not made up for, but for what waking up late costs.
    """

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = rate is not None
        """Whether there is a rate."""
        self._interval = 1 / (rate * _SHARE) if rate else 0.0
        self._clock = clock
        self._next = clock()

    def wait(self) -> float:
        """Seconds until a request may go; 0 for now."""
        return max(0.0, self._next - self._clock())

    def taken(self) -> None:
        """A request goes now."""
        if self._interval:
            self._next = max(self._next, self._clock() - _LATE) + self._interval

    def pause(self, seconds: float) -> None:
        """Let nothing go for so long: a server asked for it."""
        self._next = max(self._next, self._clock() + seconds)
