"""Whose turn it is: the rate and the concurrency that all calls of a client share.

Callers stand in a queue, and the first of it goes when the pace allows it and less than the most are on
their way. This is the bookkeeping alone: it sleeps nowhere. A caller that has to wait does so by means of its
own, and is woken when it has become the first, or when somebody is back.
"""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from dynaclient._support.messages import setting_name
from dynaclient.errors import DeadlineExceeded
from dynaclient.transport.deadline import Deadline
from dynaclient.transport.rate import LONGEST_PAUSE, Pace


class Turn:
    """A place in the queue; `wake` is called, from any thread, when it is worth asking again."""

    __slots__ = ("wake",)

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake


class Turns:
    """`rate`: requests a second, None for any; `most`: how many may be on their way, None for any.

    Threads and event loops may share one. A pickled one begins at nothing, and so does that of a fork.
    """

    def __init__(
        self, rate: float | None = None, most: int | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self.rate = rate
        self._most = most
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._queue: deque[Turn] = deque()
        self._busy = 0
        self._pace = Pace(self.rate, self._clock)
        self._asked = -math.inf
        """Until when a server asked for a pause."""

    def __reduce__(self) -> Any:
        return Turns, (self.rate, self._most)

    def join(self, wake: Callable[[], object]) -> Turn:
        """The last place of the queue. Who has it goes, or leaves."""
        if self._process != os.getpid():
            self._begin()
        turn = Turn(wake)
        with self._lock:
            self._queue.append(turn)
        return turn

    def wait(self, turn: Turn) -> float:
        """Seconds until `turn` may go: 0 where it goes now, infinity where it is woken."""
        with self._lock:
            if self._queue[0] is not turn or self._is_full():
                return math.inf
            seconds = self._pace.wait()
            if not seconds:
                self._queue.popleft()
                self._busy += 1
                self._pace.taken()
                self._wake()
            return seconds

    def seconds(self, turn: Turn, clock: Deadline, what: str, *, sent: bool) -> float | None:
        """As `wait`, within the time of a call: 0 where it goes, None where it is woken, however late.

        Raises DeadlineExceeded where its turn does not come in time. `what` names the request, `sent` says
        whether it was sent before.
        """
        seconds, left = self.wait(turn), clock.left()
        if seconds and (left <= 0 or left <= seconds < math.inf):
            error = DeadlineExceeded(f"{what}: {self._why(clock)}")
            error.sent = sent
            raise error
        least = min(seconds, left)
        return None if least == math.inf else least

    def leave(self, turn: Turn) -> None:
        """Give a place in the queue back."""
        with self._lock:
            if turn in self._queue:
                is_first = self._queue[0] is turn
                self._queue.remove(turn)
                if is_first:
                    self._wake()

    def over(self, pause: float | None) -> None:
        """What went is back. `pause`: the seconds for which the server puts everybody off."""
        with self._lock:
            self._busy -= 1
            if pause is not None:
                pause = min(pause, LONGEST_PAUSE)
                self._pace.pause(pause)
                self._asked = max(self._asked, self._clock() + pause)
            self._wake()

    def _is_full(self) -> bool:
        return self._most is not None and self._busy >= self._most

    def _wake(self) -> None:
        while self._queue:
            try:
                self._queue[0].wake()
            except RuntimeError:  # its event loop is closed
                self._queue.popleft()
            else:
                return

    def _why(self, clock: Deadline) -> str:
        with self._lock:
            if self._is_full():
                why = f"{self._busy} other requests are on their way, as many as max_concurrency allows"
            elif self._asked > self._clock():
                why = "the server asked all callers to wait (Retry-After)"
            else:
                why = f"it waited for the rate of the client, {self.rate:g} a second"
        total = clock.timeout.total or 0
        return (
            f"its turn did not come within {total:g} s: {why}. Give the call more time "
            f"({setting_name('timeout')}), or make fewer calls at once"
        )


def take_turn(turns: Turns, clock: Deadline, what: str, *, sent: bool) -> None:
    """Wait, in this thread, until a request may go. Raises DeadlineExceeded."""
    woken = threading.Event()
    turn = turns.join(woken.set)
    try:
        while (seconds := turns.seconds(turn, clock, what, sent=sent)) != 0:
            woken.wait(seconds)
            woken.clear()
    except BaseException:
        turns.leave(turn)
        raise
