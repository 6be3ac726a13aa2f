"""Whether a request carries the credentials that its operation asks for. Any value will do, none will not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dynaclient.document.operation import Operation, SecurityScheme
from dynaclient.wire.incoming import Incoming


def missing(operation: Operation, schemes: Mapping[str, SecurityScheme], incoming: Incoming) -> list[str]:
    """Why the request gets a 401, a line for each scheme that is missing; nothing where one alternative of
    schemes is carried (4.8.30)."""
    alternatives = [
        [name for name in each if name in schemes and not _carried(schemes[name], incoming)]
        for each in operation.security or ()
    ]
    if not alternatives or any(not lacking for lacking in alternatives):
        return []
    return list(dict.fromkeys(_line(schemes[name]) for lacking in alternatives for name in lacking))


def challenge(operation: Operation, schemes: Mapping[str, SecurityScheme]) -> str:
    """The WWW-Authenticate of a 401 (RFC 9110, section 11.6.1)."""
    names = dict.fromkeys(name for each in operation.security or () for name in each if name in schemes)
    kinds = dict.fromkeys(_challenge(schemes[name]) for name in names)
    return ", ".join(f'{kind} realm="sandbox"' for kind in kinds)


def _challenge(scheme: SecurityScheme) -> str:
    if scheme.kind == "http":
        return scheme.scheme.capitalize() or "Basic"
    return "ApiKey" if scheme.kind == "apiKey" else "Bearer"


def _carried(scheme: SecurityScheme, incoming: Incoming) -> bool:
    return _KINDS.get(scheme.kind, _anything)(scheme, incoming)


def _api_key(scheme: SecurityScheme, incoming: Incoming) -> bool:
    if scheme.location in ("query", "cookie"):
        return any(value for name, value in incoming.pairs(scheme.location) if name == scheme.parameter)
    return bool((incoming.header(scheme.parameter) or "").strip())


def _http(scheme: SecurityScheme, incoming: Incoming) -> bool:
    """`Authorization: Scheme value`."""
    kind = scheme.scheme if scheme.kind == "http" else "bearer"
    said, _, value = (incoming.header("Authorization") or "").strip().partition(" ")
    return said.lower() == kind and bool(value.strip())


def _anything(scheme: SecurityScheme, incoming: Incoming) -> bool:
    """mutualTLS and what is not known do not travel in the request."""
    return True


_KINDS: dict[str, Callable[[SecurityScheme, Incoming], bool]] = {
    "apiKey": _api_key,
    "http": _http,
    "oauth2": _http,
    "openIdConnect": _http,
}


def _line(scheme: SecurityScheme) -> str:
    if scheme.kind == "apiKey":
        return f"{scheme.name}: no value in the {scheme.location or 'header'} {scheme.parameter}"
    kind = scheme.scheme if scheme.kind == "http" else "bearer"
    return f"{scheme.name}: no `Authorization: {kind.capitalize()} ...` header"
