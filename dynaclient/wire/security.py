"""Credentials -> where they travel, one small function per kind of scheme."""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from typing import Any, Literal

from dynaclient._support.messages import kind_of, setting_name
from dynaclient.document.model import SecurityScheme
from dynaclient.errors import RequestInvalid, SettingsError, Violation
from dynaclient.wire.env import SecretReference

Secret = str | SecretReference
Credential = Secret | tuple[Secret, Secret] | Callable[[Any], Any]
"""A text, a pair (user, password) or (prefix, key), or a callable: finished request -> one of those. A
reference, such as `Env("NAME")`, stands for a text."""


Place = Literal["header", "query", "cookie"]


class Token:
    """A credential as it travels."""

    def __init__(self, place: Place, name: str, value: str) -> None:
        self.place = place
        self.name = name
        self.value = value

    def __repr__(self) -> str:
        return f"Token({self.place} {self.name})"


def choose_schemes(
    alternatives: tuple[tuple[str, ...], ...] | None, given: Mapping[str, Any]
) -> tuple[str, ...]:
    """The schemes to send: the first alternative that `given` satisfies, alone.

    An empty alternative, which asks for nothing, is taken only when no other can be satisfied.
    """
    for alternative in alternatives or ():
        if alternative and all(name in given for name in alternative):
            return alternative
    return ()


def token(scheme: SecurityScheme, credential: Any) -> Token | None:
    """How `credential` travels for `scheme`; None where it does not travel in the request (mutualTLS).

    Raises SettingsError for a credential of the wrong form, RequestInvalid for one that no header may hold.
    """
    kind = scheme.scheme if scheme.kind == "http" else scheme.kind
    make = _KINDS.get(kind, _bearer if scheme.kind != "http" else _any_http)
    made = make(scheme, credential)
    if made is not None and _UNSENDABLE.search(made.value):
        message = "holds a line break, a control character or a character outside Latin-1"
        raise RequestInvalid(
            f"the credential for {scheme.name} cannot be sent",
            [Violation("security", scheme.name, "", message)],
        )
    return made


_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def _text(scheme: SecurityScheme, credential: Any) -> str:
    if isinstance(credential, str) and (
        credential.isascii() or not re.search(r"[\ud800-\udfff]", credential)
    ):
        return credential
    if isinstance(credential, str):
        raise SettingsError(f"the credential for {scheme.name} holds half of a surrogate pair")
    raise SettingsError(f"the credential for {scheme.name} must be a text, not {kind_of(credential)}")


def key_place(scheme: SecurityScheme) -> tuple[Place, str]:
    """Where the key of an apiKey scheme stands in a request: the location, and the name that it has there."""
    place: Place = scheme.location if scheme.location in ("query", "cookie") else "header"  # type: ignore[assignment]
    return place, scheme.parameter or scheme.name


def place(scheme: SecurityScheme) -> tuple[Place, str] | None:
    """Where the credential of a scheme stands in a request; None where it does not travel in one."""
    if scheme.kind == "apiKey":
        return key_place(scheme)
    return None if scheme.kind == "mutualTLS" else ("header", "Authorization")


def _api_key(scheme: SecurityScheme, credential: Any) -> Token:
    if isinstance(credential, tuple) and len(credential) == 2:
        prefix, key = (_text(scheme, part) for part in credential)
        credential = f"{prefix.strip()} {key}"
    return Token(*key_place(scheme), _text(scheme, credential))


def _basic(scheme: SecurityScheme, credential: Any) -> Token:
    if isinstance(credential, tuple) and len(credential) == 2:
        credential = ":".join(_text(scheme, part) for part in credential)
    text = _text(scheme, credential)
    if text.lower().startswith("basic "):
        return Token("header", "Authorization", text)
    if ":" not in text:
        raise SettingsError(f"the credential for {scheme.name} must be {setting_name('pair')}")
    return Token("header", "Authorization", "Basic " + b2a_base64(text.encode(), newline=False).decode())


def _bearer(scheme: SecurityScheme, credential: Any) -> Token:
    text = _text(scheme, credential)
    return Token("header", "Authorization", text if text.lower().startswith("bearer ") else f"Bearer {text}")


def _any_http(scheme: SecurityScheme, credential: Any) -> Token:
    """Another scheme of the IANA registry: the text is the whole value, with or without the scheme's name."""
    text = _text(scheme, credential)
    named = text.lower().startswith(f"{scheme.scheme} ")
    said = scheme.node.text("scheme").strip()
    return Token("header", "Authorization", text if named or not said else f"{said} {text}")


def _nowhere(scheme: SecurityScheme, credential: Any) -> None:
    return None


_KINDS: dict[str, Callable[[SecurityScheme, Any], Token | None]] = {
    "apiKey": _api_key,
    "basic": _basic,
    "bearer": _bearer,
    "oauth2": _bearer,
    "openIdConnect": _bearer,
    "mutualTLS": _nowhere,
}
