"""What follows a response: whether the request is sent again (RFC 9110, Retry-After), or to where it is
redirected (RFC 9110, section 15.4).
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urldefrag, urljoin

from dynaclient._support.messages import setting_name
from dynaclient.document.model import REDIRECTS
from dynaclient.transport.url import led_to, origin_of, request_line

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


LIMIT = 10

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_METHODS = frozenset({"GET", "HEAD"})
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"


def redirect_target(method: str | None, url: str, status: int, headers: Mapping[str, str]) -> str | None:
    """The URL to ask next; None where the response is to be taken as it is."""
    if status not in REDIRECTS or method not in _METHODS:
        return None
    location = _ascii(headers.get("Location", "").strip())
    if not location or (_SCHEME.match(location) and origin_of(location) is None):
        return None
    try:
        found = urldefrag(urljoin(url, location))[0]
    except ValueError:
        return None
    return found if _same_origin(url, found) else None


def redirect_text(method: str | None, url: str, headers: Mapping[str, str]) -> str:
    """Where a redirect leads that was not followed, without user and query, and why it was not."""
    where = led_to(url, headers)
    if not where:
        return "its Location is no URL" if headers.get("Location") else "it names no Location"
    there = f"it leads to {request_line('', where).strip()}"
    if origin_of(where) != origin_of(url):
        return f"{there}, another server; if that is the right one, name it with {setting_name('server')}"
    if method not in _METHODS:
        return (
            f"{there}, and a {method} is not repeated elsewhere; "
            f"look at {setting_name('server')} and the path"
        )
    return f"{there}, and is a loop, the {LIMIT + 1}th in a row, or names a user"


def _same_origin(url: str, other: str) -> bool:
    origin = origin_of(other)
    return origin is not None and origin == origin_of(url) and "@" not in other.split("/")[2]


def _ascii(location: str) -> str:
    """http.client reads headers as Latin-1; what stands beyond ASCII was most often UTF-8."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    return quote(location, safe=_URL_CHARACTERS)
