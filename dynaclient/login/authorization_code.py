"""The authorization code grant for a program on the person's own machine: RFC 6749 section 4.1 with PKCE
(RFC 7636), a redirect to 127.0.0.1 (RFC 8252) and the issuer in the response (RFC 9207).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Generator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from dynaclient.errors import SettingsError, TransportError
from dynaclient.transport.token_source import Ask, Grant, no_token
from dynaclient.transport.url import origin_of, request_line

if TYPE_CHECKING:
    from dynaclient.login.login_client import LoginClient
    from dynaclient.transport.discovery import ServerMetadata
    from dynaclient.transport.reply import Reply
    from dynaclient.wire.request import Request

_ERRORS = (
    "access_denied",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
)
"""What a server may say in the browser (RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6)."""


class AuthorizationCode:
    """One login in a browser: the URL to open there, and what its answer is worth.

    Raises SettingsError for an endpoint whose query sets what is ours to set.
    """

    def __init__(self, server: ServerMetadata, client: LoginClient, redirect_uri: str) -> None:
        self._server = server
        self._client = client
        self._redirect_uri = redirect_uri
        self._verifier = secrets.token_urlsafe(48)
        self._state = secrets.token_urlsafe(24)
        self.url = self._url()

    def _url(self) -> str:
        challenge = urlsafe_b64encode(sha256(self._verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._redirect_uri,
            "state": self._state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **dict(self._client.scope),
        }
        endpoint, _, query = self._server.authorization.partition("?")
        own = parse_qsl(query, keep_blank_values=True)
        if taken := sorted(
            {name for name, _ in own} & {*asked, "scope", "response_mode", "request", "request_uri"}
        ):
            raise SettingsError(
                f"{request_line('', endpoint).strip()}: its URL for logging in sets {', '.join(taken)}, "
                "which is not the document's to say"
            )
        return f"{endpoint}?{'&'.join(filter(None, (query, urlencode(asked))))}"

    def code_in(self, query: str) -> str:
        """The code that the browser was sent back with. Raises TransportError for any other response."""
        found = self._parameters(query)
        if not secrets.compare_digest(found.get("state", "").encode(), self._state.encode()):
            raise _refused("the response has another state: it belongs to no login that was begun here")
        if not self._is_from_server(found.get("iss")):
            raise _refused("the response is from another server than the one that was asked")
        if "error" in found:
            said = found["error"] if found["error"] in _ERRORS else "an error of its own"
            raise _refused(f"the server said {said}")
        if not found.get("code"):
            raise _refused("the response has no code")
        return found["code"]

    def _parameters(self, query: str) -> Mapping[str, str]:
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
        except ValueError:
            pairs = []
        found = dict(pairs)
        if len(found) != len(pairs):
            raise _refused("the response has a parameter twice")
        return found

    def _is_from_server(self, issuer: str | None) -> bool:
        """Whether a response says that it is from the server that was asked, or need not say it."""
        server = self._server
        if issuer is None:
            return not server.names_issuer
        if server.issuer:
            return issuer == server.issuer
        return origin_of(issuer) in (origin_of(server.authorization), origin_of(server.token))

    def exchange(self, ask: Ask, query: str) -> Generator[Request, Reply, Grant]:
        """The request that gives tokens for the response in `query`. Raises TransportError."""
        reply = yield ask("POST", self._server.token, *self._request(query))
        grant = Grant.of(reply)
        if not grant.token:
            raise no_token(request_line("POST", self._server.token), grant, "nobody is logged in")
        return grant

    def _request(self, query: str) -> tuple[list[tuple[str, str]], bytes]:
        return self._client.form(
            ("grant_type", "authorization_code"),
            ("code", self.code_in(query)),
            ("redirect_uri", self._redirect_uri),
            ("code_verifier", self._verifier),
        )


def _refused(why: str) -> TransportError:
    return TransportError(f"nobody is logged in: {why}")
