"""When to ask again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

# RFC 9110 section 9.2.2: doing it twice leaves the server as doing it once. QUERY: OpenAPI 3.2.
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})
# What passes: too slow, too many, a gateway without its server.
STATUSES = frozenset({408, 429, 502, 503, 504})
TOO_MANY = 429

_FIRST, _LONGEST = 0.5, 8.0
_FOREVER = 1e9  # what a sleep can still take; no call lasts as long


def backoff(attempt: int) -> float:
    """Seconds before the attempt after `attempt` (0, 1, ...); spread, so that clients do not come in step."""
    return min(_LONGEST, _FIRST * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)


def wished(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 section 10.2.3); None where it says nothing readable."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), _FOREVER)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return min(max(0.0, (when - datetime.now(timezone.utc)).total_seconds()), _FOREVER)
