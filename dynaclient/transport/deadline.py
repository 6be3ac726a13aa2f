"""The time that a call may take: what the user allows, and what is left of it wherever it waits."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from time import monotonic

from dynaclient._support.messages import setting_name, short_repr
from dynaclient.errors import DeadlineExceeded, SettingsError

__all__ = ["Timeout"]

MOST = 1e9
"""Seconds, some 30 years; sockets count no further than ten times as many."""


@dataclass(frozen=True)
class Timeout:
    """Limits in seconds; None is no limit.

    `total` bounds the whole call: connecting, every attempt and the waits between them, redirects, and
    reading the body. Only the look-up of a host name lies outside: the operating system does not let
    itself be interrupted there. `connect` bounds each attempt to connect to one address (and then the
    TLS handshake), `read` the silence between two pieces of the response.

    Raises SettingsError for what is not a positive number of seconds.
    """

    total: float | None = 60.0
    connect: float | None = 10.0
    read: float | None = None

    def __post_init__(self) -> None:
        for name in ("total", "connect", "read"):
            if not _is_limit(getattr(self, name)):
                raise SettingsError(
                    f"timeout: {name} is {short_repr(getattr(self, name))}; "
                    f"expected a number of seconds above 0 and up to {MOST:,.0f}, or None for no limit"
                )

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """What `timeout=` of a client means: a number (or None) is the total; a Timeout is itself."""
        return value if isinstance(value, Timeout) else cls(total=value)


def _is_limit(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= MOST


class Deadline:
    """Runs from its making; all in seconds, `math.inf` where there is no limit."""

    __slots__ = ("_deadline", "timeout")

    def __init__(self, timeout: Timeout) -> None:
        self.timeout = timeout
        self._deadline = math.inf if timeout.total is None else monotonic() + timeout.total

    def now(self) -> float:
        """The clock that it runs by, in seconds."""
        return monotonic()

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


def out_of_time(clock: Deadline, what: str) -> DeadlineExceeded:
    """The error for a call that has no time left."""
    return DeadlineExceeded(
        f"{what}: no complete response within {clock.timeout.total or 0:g} s; the server may have processed "
        f"the request. Give the call more time ({setting_name('timeout')}) or ask for less"
    )


class _Current(threading.local):
    """What the call that this thread is in needs to tell its connection.

    requests and urllib3 hand a connection two numbers, for connecting and for one read, and nothing
    else. A call stays in one thread from first to last byte, so the rest goes this way: the clock of
    the call; `exact_target`, the request target byte for byte, while a pool sees to one request. `is_short`:
    nobody looks at what requests adds to a response. `is_open`: somebody looks at what urllib3 is given (see
    `originals`). `idle`: the seconds after which a kept connection is not used for this call, None for any.
    """

    clock: Deadline | None = None
    exact_target: str | None = None
    is_short: bool = False
    is_open: bool = False
    idle: float | None = None


current = _Current()
