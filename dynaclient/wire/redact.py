"""Requests and URLs with their credentials blotted out, for what is kept or shown."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit, urlunsplit

if TYPE_CHECKING:
    import requests

BLOT = "***"
ALWAYS = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))
"""Headers that hold secrets whatever the document says."""


def redacted_url(url: str, names: Collection[str]) -> str:
    """`url` without user information and with the values of the query parameters `names` blotted out."""
    parts = urlsplit(url)
    pairs = []
    for pair in parts.query.split("&") if parts.query else ():
        name, mark, _ = pair.partition("=")
        pairs.append(f"{name}={BLOT}" if mark and unquote_plus(name) in names else pair)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "&".join(pairs), parts.fragment))


def is_secret(header: str, names: Collection[str]) -> bool:
    """Whether a header of this name holds a credential."""
    return header.lower() in ALWAYS or header.lower() in {name.lower() for name in names}


def redacted(request: requests.PreparedRequest, names: Collection[str]) -> requests.PreparedRequest:
    """A copy of `request` whose credentials are blotted out; without hooks, which may hold them too."""
    copy = request.copy()
    copy.url = redacted_url(copy.url or "", names)
    for header in copy.headers:
        if is_secret(header, names):
            copy.headers[header] = BLOT
    copy._cookies = None  # type: ignore[attr-defined]
    copy.hooks = {"response": []}
    return copy
