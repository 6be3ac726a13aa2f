"""The time that is left for a call, known to every place that waits."""

from __future__ import annotations

import math
import threading
from time import monotonic

from dynaclient.transport.timeout import Timeout


class Clock:
    """Runs from its making; all in seconds, `math.inf` where there is no limit."""

    __slots__ = ("_deadline", "timeout")

    def __init__(self, timeout: Timeout) -> None:
        self.timeout = timeout
        self._deadline = math.inf if timeout.total is None else monotonic() + timeout.total

    def left(self) -> float:
        """Seconds until the deadline; 0 or less when it has passed."""
        return self._deadline - monotonic()

    def wait(self, most: float | None = None) -> float | None:
        """The longest one blocking step may take, as `socket.settimeout` wants it.

        Raises TimeoutError when the deadline has passed.
        """
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the call has passed")
        if most is not None and most < left:
            return most
        return None if left == math.inf else left


class _Current(threading.local):
    """What the call that this thread is in needs to tell its connection.

    requests and urllib3 hand a connection two numbers, for connecting and for one read, and nothing
    else. A call stays in one thread from first to last byte, so the rest goes this way: the clock of
    the call, and `line`, the request target, while a pool sees to one request. `is_short`: nobody looks at
    what requests adds to an answer. `is_open`: somebody looks at what urllib3 is given (see `originals`).
    """

    clock: Clock | None = None
    line: str | None = None
    is_short: bool = False
    is_open: bool = False


current = _Current()
