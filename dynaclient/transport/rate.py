"""How fast requests may follow each other: `100/s`, `600/m`, and the pause that a server asks for."""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from typing import Any

from dynaclient._support.messages import short_repr
from dynaclient.errors import SettingsError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}

_SHARE = 0.98
"""How much of the rate is used: requests reach a server with more or less delay, and it counts there."""

_LATE = 0.02
"""Seconds that may be made up for: what sleeps wakes up a little late, again and again."""

_MOST = ((1.0, 1.1), (10.0, 1.0))
"""Of how many seconds a server may see how many times the rate."""

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

    Time that nobody used is not made up for, but for what waking up late costs. Where requests may be held up
    before they reach the server, several may arrive at once: who knows when they did says so (`arrived`), and
    those that follow leave room for them.
    """

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = rate is not None
        """Whether there is a rate."""
        self._interval = 1 / (rate * _SHARE) if rate else 0.0
        counts = [max(1, int(share * rate * seconds + 1e-9)) for seconds, share in _MOST if rate]
        self._most = [(count * self._interval, count) for count in counts]
        """In so many seconds the pace lets so many go: no more are to arrive in them."""
        self._arrived: list[float] = []
        self._clock = clock
        self._next = clock()

    def wait(self, on_their_way: Iterable[float] = ()) -> float:
        """Seconds until a request may go; 0 for now. `on_their_way`: when those went that are not over."""
        now = self._clock()
        return max(0.0, self._next - now, self._crowded(now, sorted(on_their_way)))

    def _crowded(self, now: float, on_their_way: list[float]) -> float:
        """Seconds until there is room for one more among those that arrived, or are about to."""
        if not self._arrived and not on_their_way:
            return 0.0
        longest = 0.0
        for seconds, most in self._most:
            arrived = self._arrived[bisect_left(self._arrived, now - seconds) :]
            # what went before and is not answered was there before, or is held up for longer than can be said
            going = on_their_way[bisect_left(on_their_way, now - seconds) :]
            if (over := len(arrived) + len(going) - most) >= 0:
                first = sorted([*arrived[: over + 1], *going[: over + 1]])[over]
                longest = max(longest, first + seconds - now)
        return longest

    def taken(self) -> None:
        """A request goes now."""
        if self._interval:
            self._next = max(self._next, self._clock() - _LATE) + self._interval

    def arrived(self, when: float) -> None:
        """A request reached the server then, as far as anybody knows."""
        if self._interval:
            insort(self._arrived, when)
            del self._arrived[: bisect_left(self._arrived, self._clock() - self._most[-1][0])]

    def pause(self, seconds: float) -> None:
        """Let nothing go for so long: a server asked for it."""
        self._next = max(self._next, self._clock() + seconds)
