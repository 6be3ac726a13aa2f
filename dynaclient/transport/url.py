"""URLs as text: their origin, their request target, and what of them may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from dynaclient.wire.percent import target_of

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


def sent_on(status: int, url: str, headers: Mapping[str, str]) -> str:
    """What messages add of a response that is a redirect: where to; no user, no query. Else nothing."""
    where = led_to(url, headers) if 300 <= status < 400 else ""
    return f"; the server sends on to {request_line('', where).strip()}" if where else ""


def led_to(url: str, headers: Mapping[str, str]) -> str:
    """The URL that the Location of a response from `url` means; empty where that is none with a host."""
    location = headers.get("Location")
    try:
        where = urljoin(url, location) if location else ""
    except ValueError:
        return ""
    return where if origin_of(where) else ""
