"""What `verify`, `cert` and `proxies` may be."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from dynaclient.errors import SettingsError
from dynaclient.words import kind_of, shown


def checked_trust(verify: Any, cert: Any) -> None:
    """What requests takes as `verify` and `cert`. Raises SettingsError."""
    if not isinstance(verify, (bool, str, PathLike, type(None))):
        raise SettingsError(f"verify is True, False or the path of a CA bundle, not {kind_of(verify)}")
    pair = cert if isinstance(cert, tuple) else (cert,)
    if len(pair) > 2 or not all(isinstance(each, (str, PathLike, type(None))) for each in pair):
        raise SettingsError("cert is the path of a certificate, or a pair of the paths of it and its key")


def checked_proxies(value: Any) -> dict[str, str] | None:
    """Proxies by scheme, or by scheme and host, as requests takes them. Raises SettingsError."""
    if value is not None and not isinstance(value, Mapping):
        raise SettingsError(f"proxies is a mapping, not {kind_of(value)}")
    found = dict(value or {})
    for name, url in found.items():
        if not isinstance(name, str) or not isinstance(url, (str, type(None))):
            raise SettingsError(f"proxies[{shown(name)}] is the URL of a proxy, not {kind_of(url)}")
    return found or None
