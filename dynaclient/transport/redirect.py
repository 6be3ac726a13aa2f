"""Which redirects are followed, and to where (RFC 9110 section 15.4).

Only GET and HEAD, only within the origin: every header may then go along, and no credential can leave.
Any other redirect is given to the caller as it is, and `told` says why.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from urllib.parse import quote, urldefrag, urljoin

from dynaclient.document.operation import REDIRECTS
from dynaclient.surface import called
from dynaclient.transport.address import led_to, origin_of, shown

LIMIT = 10

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_METHODS = frozenset({"GET", "HEAD"})
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"


def target(method: str | None, url: str, status: int, headers: Mapping[str, str]) -> str | None:
    """The URL to ask next; None where the answer is to be taken as it is."""
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


def told(method: str | None, url: str, headers: Mapping[str, str]) -> str:
    """Where a redirect leads that was not followed, without user and query, and why it was not."""
    where = led_to(url, headers)
    if not where:
        return "its Location is no URL" if headers.get("Location") else "it names no Location"
    there = f"it leads to {shown('', where).strip()}"
    if origin_of(where) != origin_of(url):
        return f"{there}, another server; if that is the right one, name it with {called('server')}"
    if method not in _METHODS:
        return f"{there}, and a {method} is not repeated elsewhere; look at {called('server')} and the path"
    return f"{there}, and is a loop, the {LIMIT + 1}th in a row, or names a user"


def _same_origin(url: str, other: str) -> bool:
    origin = origin_of(other)
    return origin is not None and origin == origin_of(url) and "@" not in other.split("/")[2]


def _ascii(location: str) -> str:
    """http.client reads headers as Latin-1; what stands beyond ASCII was most often UTF-8."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    return quote(location, safe=_URL_CHARACTERS)
