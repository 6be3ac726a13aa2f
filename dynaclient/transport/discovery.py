"""Discovery documents of authorization servers: OpenID Connect Discovery 1.0, and RFC 8414 for OAuth.

A server of tokens gets secrets. So who it is is never only what a document says: its URL is one that the user
named, and its endpoints are on hosts that the user named, over TLS or on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from dynaclient._support.messages import kind_of
from dynaclient.document.servers import for_people, mistyped, sendable
from dynaclient.errors import SettingsError, TransportError
from dynaclient.transport.token_source import Ask, checked_token_url, json_object
from dynaclient.transport.url import request_line

if TYPE_CHECKING:
    from dynaclient.transport.reply import Reply
    from dynaclient.wire.request import Request

__all__ = ["OpenIdConnect"]

_LOCAL = ("127.0.0.1", "::1", "localhost")
_ENDPOINTS = ("token", "authorization", "device_authorization")
_PATH = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class ServerMetadata:
    """What an authorization server says of itself; an endpoint that it does not have is empty."""

    issuer: str
    token: str
    authorization: str = ""
    device: str = ""
    scopes: tuple[str, ...] = ()
    names_issuer: bool = False
    """Whether its answers in the browser say who they are from (RFC 9207)."""


class OpenIdConnect:
    """Where the endpoints of an authorization server are read from, in the place of a `token_url`.

    `url`: its issuer, or the URL of its discovery document. `hosts`: hosts that its endpoints may be on,
    beside that of `url`. It is fetched with the first token, and must say that it is from that issuer.

    Raises SettingsError for what is no https URL (or one of this machine); a call raises it where tokens are
    given on another host, and TransportError where there is no such document.
    """

    def __init__(self, url: str, *, hosts: Collection[str] = ()) -> None:
        is_list = isinstance(hosts, Collection) and not isinstance(hosts, (str, bytes, Mapping))
        if not is_list or not all(isinstance(each, str) for each in hosts):
            raise SettingsError(f"hosts: expected a list of host names, got {kind_of(hosts)}")
        if not isinstance(url, str) or not is_safe_endpoint(url) or "?" in url:
            shown = mistyped(str(url))
            raise SettingsError(f"OpenIdConnect: expected the https URL of an issuer, got {shown!r}")
        self.url = url if "/.well-known/" in url else url.rstrip("/") + _PATH
        self.hosts = frozenset(map(str.lower, hosts))
        self._found: ServerMetadata | None = None

    def read(self, reply: Reply) -> ServerMetadata:
        """What a response says. Raises TransportError where it is no document of that issuer."""
        name = request_line("GET", self.url)
        told = json_object(reply.content) if reply.status == 200 else {}
        issuer = told.get("issuer")
        if not isinstance(issuer, str):
            raise TransportError(f"{name} returned {reply.status} and no discovery document")
        if self.url not in _homes(issuer):
            raise TransportError(
                f"{name} is from another issuer, {for_people(issuer)!r}: name that one, if you trust it"
            )
        scopes = told.get("scopes_supported")
        token, authorization, device = (_endpoint(told, each) for each in _ENDPOINTS)
        return ServerMetadata(
            issuer,
            token,
            authorization,
            device,
            tuple(filter(_is_scope, scopes)) if isinstance(scopes, list) else (),
            told.get("authorization_response_iss_parameter_supported") is True,
        )

    def token_endpoint(self, found: ServerMetadata) -> str:
        """Where tokens are given. Raises SettingsError where that is on a host that nobody named."""
        host = urlsplit(found.token).hostname
        if not found.token:
            raise TransportError(f"{request_line('GET', self.url)} names no endpoint for tokens")
        if host != urlsplit(self.url).hostname and host not in self.hosts:
            raise SettingsError(
                f"{self!r}: tokens are given on another host, {host}; name it in hosts= if you trust it"
            )
        return found.token

    def __repr__(self) -> str:
        return f"OpenIdConnect({for_people(self.url)!r})"


TokenUrl: TypeAlias = "str | OpenIdConnect"


def checked_endpoints(given: Any) -> TokenUrl:
    """What may be a `token_url`. Raises SettingsError."""
    return given if isinstance(given, OpenIdConnect) else checked_token_url(given)


def endpoints_name(where: TokenUrl) -> str:
    """The request for a token, as messages name it; of what is not known yet the one for where it is."""
    if isinstance(where, str):
        return request_line("POST", where)
    return (
        request_line("GET", where.url) if where._found is None else request_line("POST", where._found.token)
    )


def token_endpoint(where: TokenUrl, ask: Ask) -> Generator[Request, Reply, str]:
    """The URL for tokens, after what has to be fetched for it, once."""
    if isinstance(where, str):
        return where
    if where._found is None:
        reply = yield ask("GET", where.url, [("Accept", "application/json")], None)
        where._found = where.read(reply)
    return where.token_endpoint(where._found)


def is_safe_endpoint(url: str) -> bool:
    """Whether secrets may go to a URL: over TLS, or on this machine; and all that it holds can be seen."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    known = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    return (
        known and bool(host) and port != 0 and "@" not in parts.netloc and "#" not in url and _is_plain(url)
    )


def _is_plain(url: str) -> bool:
    return url.isascii() and sendable(url) and re.search(r'["<>^`{|}]', url) is None


def _is_scope(text: object) -> bool:
    """Whether it is a scope (RFC 6749, section 3.3): it is shown in a question, on a line of its own."""
    return isinstance(text, str) and re.fullmatch("[!-~]+", text) is not None


def _endpoint(told: Mapping[str, Any], name: str) -> str:
    found = told.get(f"{name}_endpoint")
    if not isinstance(found, str) or not found:
        return ""
    if not is_safe_endpoint(found):
        raise TransportError(
            f"the discovery document names an endpoint that is not used: {mistyped(found)!r}; "
            "expected an https URL, without a user"
        )
    return found


def _homes(issuer: str) -> tuple[str, ...]:
    """Where the discovery document of an issuer is (Discovery section 4, RFC 8414 sections 3 and 5)."""
    found = re.fullmatch(r"(https?://[^/?#]+)(/[^?#]*)?", issuer)
    if found is None:
        return ()
    root, path = found[1], (found[2] or "").rstrip("/")
    inserted = f"{root}/.well-known/oauth-authorization-server{path}"
    return f"{root}{path}{_PATH}", inserted, f"{root}{_PATH}{path}"
