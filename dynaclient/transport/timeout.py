"""How long a call may take."""

from __future__ import annotations

from dataclasses import dataclass

from dynaclient.errors import SettingsError
from dynaclient.words import shown

MOST = 1e9
"""Seconds, some 30 years; sockets count no further than ten times as many."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """Limits in seconds; None is no limit.

    `total` bounds the whole call: connecting, every attempt and the waits between them, redirects, and
    reading the body. Only the look-up of a host name lies outside: the operating system does not let
    itself be interrupted there. `connect` bounds each attempt to connect to one address (and then the
    TLS handshake), `read` the silence between two pieces of the answer.

    Raises SettingsError for what is not a positive number of seconds.
    """

    total: float | None = 60.0
    connect: float | None = 10.0
    read: float | None = None

    def __post_init__(self) -> None:
        for name in ("total", "connect", "read"):
            if not _is_limit(getattr(self, name)):
                raise SettingsError(
                    f"timeout: {name} is {shown(getattr(self, name))}; "
                    f"give a number of seconds above 0 and up to {MOST:,.0f}, or None for no limit"
                )

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """What `timeout=` of a client means: a number (or None) is the total; a Timeout is itself."""
        return value if isinstance(value, Timeout) else cls(total=value)


def _is_limit(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= MOST
