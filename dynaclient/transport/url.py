"""URLs as text: their origin, their request target, and what of them may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dynaclient.document.servers import UNIX
from dynaclient.wire.percent import target_of
from dynaclient.wire.redacted_text import redact

if TYPE_CHECKING:
    from dynaclient.wire.request import Request

Origin = tuple[str, str, int | None]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> Origin | None:
    """Scheme, host and port (RFC 6454 section 4); a default port equals none. None for what is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme == UNIX:  # a path has its case
        return (scheme, parts.netloc, None) if parts.netloc else None
    return (scheme, host, port or _DEFAULT_PORTS.get(scheme)) if host else None


def without_query(url: str) -> str:
    """The URL up to its query, where keys may live."""
    return url.partition("#")[0].partition("?")[0]


def request_line(method: str | None, url: str | None) -> str:
    """A request as messages and logs name it: method, origin and path; no user, no query."""
    origin = origin_of(url or "")
    if origin is None:
        return f"{method} (no usable URL)"
    scheme, host, port = origin
    host = f"[{host}]" if ":" in host else host
    authority = host if port == _DEFAULT_PORTS.get(scheme) else f"{host}:{port}"
    return f"{method} {scheme}://{authority}{without_query(target_of(url or ''))}"


def named(request: Request) -> str:
    """A request, as messages and logs name it."""
    return f"{request.method} {shown_place(request)}"


def shown_place(request: Request) -> str:
    """Where it goes, without user and query, and without the arguments that are secrets."""
    place = request_line("", request.url).strip()
    return redact(place, request.hidden) if request.hidden else place


def sent_on(status: int, url: str, headers: Mapping[str, str]) -> str:
    """What messages add of a response that is a redirect: where to; no user, no query. Else nothing."""
    where = led_to(url, headers) if 300 <= status < 400 else ""
    return f"; the server sends on to {request_line('', where).strip()}" if where else ""


def led_to(url: str, headers: Mapping[str, str]) -> str:
    """The URL that the Location of a response from `url` means; empty where that is none with a host."""
    location = headers.get("Location")
    where = resolved_url(url, location) if location else ""
    return where if origin_of(where) else ""


_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?(//[^/?]*)?([^?]*)(\?.*)?", re.DOTALL)
"""Scheme, authority, path and query with their marks: absent is not empty (RFC 3986 appendix B)."""


def resolved_url(base: str, reference: str) -> str:
    """The URL that `reference` means at `base` (RFC 3986 section 5.2), without fragment.

    urllib's urljoin drops a lone `?` or `;` and empty segments; here nothing goes but segments of dots.
    """
    scheme, authority, path, query = _parts(base)
    own_scheme, own_authority, own_path, own_query = _parts(reference)
    if own_scheme:
        scheme, authority, path, query = own_scheme, own_authority, _without_dots(own_path), own_query
    elif own_authority:
        authority, path, query = own_authority, _without_dots(own_path), own_query
    elif own_path:
        folder = "" if own_path.startswith("/") else path.rpartition("/")[0] + "/"
        path, query = _without_dots(folder + own_path), own_query
    elif own_query:
        query = own_query
    return f"{scheme}{authority}{path}{query}"


def _parts(url: str) -> tuple[str, ...]:
    found = _PARTS.fullmatch(url.partition("#")[0])
    assert found is not None  # every text fits
    return found.groups("")


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in (segments := path.split("/")):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]  # what is before the first slash stays
        elif segment != ".":
            kept.append(segment)
    return "/".join([*kept, ""] if segments[-1] in (".", "..") else kept)
