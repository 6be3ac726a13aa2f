"""How often a call is sent, and what for: the `retries` of a client, and the `retry` of one call."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from dynaclient._support.messages import short_repr
from dynaclient.errors import SettingsError

__all__ = ["Retries"]

# RFC 9110 section 9.2.2: doing it twice leaves the server as doing it once. QUERY: OpenAPI 3.2.
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})
# What passes: too slow, too many, a gateway without its server.
STATUSES = frozenset({408, 429, 502, 503, 504})

MOST = 1e9
"""Seconds that a wait may have."""

RetryMode = Literal["safe", "always", "off"]
RETRY_MODES = ("safe", "always", "off")


@dataclass(frozen=True)
class Retries:
    """How often a request is sent, after what, and how long is waited: `Client(retries=Retries(attempts=5))`.

    `attempts` counts sends, the first one among them; `retries=2` is `Retries(attempts=3)`. `statuses`: the
    responses that are followed by another attempt. `backoff`: the seconds before the second one, doubled
    before each that follows, up to `cap`; `jitter`: the share of that which is left to chance, 0 to 1.
    `respect_retry_after`: wait for as long as the server asks instead; a response that asks for more time
    than the call has left is given as it is.

    `methods`: what may be repeated, by default what is idempotent (RFC 9110). A POST or PATCH among them is
    repeated on 429 and 503 with Retry-After: the server says that it did not carry it out. A request with an
    idempotency key is as safe to repeat as a PUT. What did not leave, for want of a connection, is repeated
    whatever its method.

    Raises SettingsError for what cannot be meant.
    """

    attempts: int = 3
    statuses: Collection[int] = STATUSES
    backoff: float = 0.5
    jitter: float = 0.5
    cap: float = 8.0
    respect_retry_after: bool = True
    methods: Collection[str] = IDEMPOTENT

    def __post_init__(self) -> None:
        for name, (is_meant, expected) in _EXPECTED.items():
            value = getattr(self, name)
            if not is_meant(value):
                raise SettingsError(f"retries: {name}: expected {expected}, got {short_repr(value)}")
        object.__setattr__(self, "statuses", frozenset(self.statuses))
        object.__setattr__(self, "methods", frozenset(map(str.upper, self.methods)))

    @classmethod
    def of(cls, value: Any) -> Retries:
        """What `retries=` of a client means: a number counts repeats."""
        if isinstance(value, cls):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(attempts=value + 1)
        raise SettingsError(
            f"retries: expected a whole number from 0, or Retries(...), got {short_repr(value)}"
        )


def _is_number(value: Any, most: float = MOST) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most


def _are(kind: type, value: Any) -> bool:
    several = isinstance(value, Collection) and not isinstance(value, (str, bytes))
    return several and all(isinstance(each, kind) for each in value)


_SECONDS = "a number of seconds from 0"
_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "attempts": (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
        "a whole number from 1 (it counts sends, not repeats)",
    ),
    "statuses": (
        lambda value: _are(int, value) and all(400 <= each <= 599 for each in value),
        "statuses from 400 to 599, such as {429, 503}",
    ),
    "backoff": (_is_number, _SECONDS),
    "jitter": (lambda value: _is_number(value, 1), "a share from 0 to 1"),
    "cap": (_is_number, _SECONDS),
    "respect_retry_after": (lambda value: isinstance(value, bool), "True or False"),
    "methods": (lambda value: _are(str, value), 'a list of methods, such as ("GET", "POST")'),
}

USUAL = Retries()
"""Those of a client that says nothing of it."""
