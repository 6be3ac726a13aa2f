"""What the environment says of connections, read as requests reads it, without requests.

HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (in either case; on Windows and macOS the system's settings
too), REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, and the users of a netrc file. As with requests, SSL_CERT_FILE
is not asked: what OpenSSL trusts by itself is `verify=ssl.create_default_context()`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

_NETRC = ("~/.netrc", "~/_netrc")


def netrc_user(url: str) -> tuple[str, str] | None:
    """The user and password that a netrc file has for the host of `url`; a file that is none has nothing."""
    named = os.environ.get("NETRC")
    paths = map(os.path.expanduser, _NETRC if named is None else (named,))
    path = next(filter(os.path.isfile, paths), None)  # a pipe would be waited for
    host = urlsplit(url).hostname
    if path is None or host is None:
        return None
    from netrc import NetrcParseError, netrc  # late: 3 ms

    try:
        found = netrc(path).authenticators(host)
    except (NetrcParseError, OSError, UnicodeError):
        return None
    return (found[0] or found[1] or "", found[2] or "") if found and any(found) else None


def ca_bundle() -> str | None:
    """The path of the CA bundle that is to be trusted instead of the one that comes with certifi."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or None


def proxy_for(url: str, given: Mapping[str, str | None] | None = None) -> str | None:
    """The URL of the proxy for a request to `url`: as `given` says, else the environment; None for none."""
    proxies = {**_of_environment(url, (given or {}).get("no_proxy")), **(given or {})}
    parts = urlsplit(url)
    host = parts.hostname or ""
    for key in (f"{parts.scheme}://{host}", parts.scheme, f"all://{host}", "all"):
        if (found := proxies.get(key)) is not None:
            return found
    return None


def _of_environment(url: str, no_proxy: str | None) -> dict[str, str]:
    from urllib.request import getproxies  # late: 12 ms

    return {} if _is_direct(url, no_proxy) else getproxies()


def _is_direct(url: str, given: str | None) -> bool:
    from urllib import request  # late: 12 ms

    parts = urlsplit(url)
    host = parts.hostname
    if host is None:
        return True
    no_proxy = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") if given is None else given
    named = [each for each in (no_proxy or "").replace(" ", "").split(",") if each]
    if any(_names(each, host, f"{host}:{parts.port}" if parts.port else host) for each in named):
        return True
    try:
        if given is None:
            return bool(request.proxy_bypass(host))
        return bool(request.proxy_bypass_environment(host, {"no": given}))  # type: ignore[attr-defined]
    except (TypeError, socket.gaierror):
        return False


def _names(named: str, host: str, with_port: str) -> bool:
    """Whether an entry of NO_PROXY is about a host: its name, a domain above it, its address or network."""
    if (address := _ipv4(host)) is not None:
        network, _, bits = named.partition("/")
        base = _ipv4(network)
        if base is None or not bits.isdigit() or not 1 <= int(bits) <= 32:
            return named == host
        return (address ^ base) >> (32 - int(bits)) == 0
    name = named.lstrip(".")
    return any(each == name or each.endswith(f".{name}") for each in (host, with_port))


def _ipv4(text: str) -> int | None:
    try:
        return int.from_bytes(socket.inet_aton(text), "big")
    except OSError:
        return None
