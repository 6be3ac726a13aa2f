"""Which redirects are followed, and to where (RFC 9110 section 15.4).

Only GET and HEAD, only within the origin: every header may then go along, and no credential can leave.
Any other redirect is an answer like another.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from urllib.parse import quote, urldefrag, urljoin

from dynaclient import late
from dynaclient.transport.address import origin_of

LIMIT = 10

_SCHEME = late.pattern(r"[A-Za-z][A-Za-z0-9+.-]*:")
_STATUSES = frozenset({301, 302, 303, 307, 308})
_METHODS = frozenset({"GET", "HEAD"})
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"


def target(method: str | None, url: str, status: int, headers: Mapping[str, str]) -> str | None:
    """The URL to ask next; None where the answer is to be taken as it is."""
    if status not in _STATUSES or method not in _METHODS:
        return None
    location = _ascii(headers.get("Location", "").strip())
    if not location or (_SCHEME.match(location) and origin_of(location) is None):
        return None
    try:
        found = urldefrag(urljoin(url, location))[0]
    except ValueError:
        return None
    return found if _same_origin(url, found) else None


def _same_origin(url: str, other: str) -> bool:
    origin = origin_of(other)
    return origin is not None and origin == origin_of(url) and "@" not in other.split("/")[2]


def _ascii(location: str) -> str:
    """http.client reads headers as Latin-1; what stands beyond ASCII was most often UTF-8."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    return quote(location, safe=_URL_CHARACTERS)
