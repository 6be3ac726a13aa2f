"""How connections are kept for the next calls: `pool_size` and `keep_alive` of a client."""

from __future__ import annotations

from typing import Any, NamedTuple

from dynaclient._support.messages import short_repr
from dynaclient.errors import SettingsError

POOL_SIZE = 256
"""Tasks and threads come by the hundred. To open as many connections at once again and again is what servers
have no room for: a listener that is full lets a client wait for a second."""
SERVERS = 32
"""To so many servers connections are kept."""


class Pooling(NamedTuple):
    """`size`: connections to one server that are kept open between calls; calls beyond that at once have one
    of their own, which is closed behind them. `keep_alive`: the seconds that one without a call is used
    again, None for as long as the server keeps it; 0 keeps none.
    """

    size: int = POOL_SIZE
    keep_alive: float | None = None

    @classmethod
    def of(cls, size: Any, keep_alive: Any) -> Pooling:
        """What the settings of a client mean. Raises SettingsError."""
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise SettingsError(f"pool_size: expected a whole number from 1, got {short_repr(size)}")
        is_number = isinstance(keep_alive, (int, float)) and not isinstance(keep_alive, bool)
        if keep_alive is not None and not (is_number and 0 <= keep_alive < float("inf")):
            raise SettingsError(
                f"keep_alive: expected seconds from 0, or None for as long as the server keeps a connection, "
                f"got {short_repr(keep_alive)}"
            )
        return cls(size, keep_alive)


USUAL_POOLING = Pooling()
