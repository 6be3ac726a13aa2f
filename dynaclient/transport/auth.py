"""Credentials that need a conversation: HTTP Digest (RFC 7616) and the OAuth 2.0 client credentials grant
(RFC 6749, section 4.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header

from dynaclient.transport.discovery import TokenUrl, token_endpoint
from dynaclient.transport.endpoint_client import EndpointClient, no_texts
from dynaclient.transport.token_source import Ask, Grant, Steps, no_token
from dynaclient.transport.url import request_line

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.deadline import Timeout
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.wire.env import SecretReference

__all__ = ["ClientCredentials"]


_parse: Any = parse_dict_header
_SCHEME = re.compile(r"digest ", re.IGNORECASE)
_ALGORITHMS = frozenset({"MD5", "MD5-SESS", "SHA", "SHA-256", "SHA-512"})


class Digest:
    """Answers the challenges of one server for one user. The first request goes without an answer."""

    def __init__(self, user: str, password: str) -> None:
        self._auth: Any = HTTPDigestAuth(user, password)
        self._challenge: dict[str, str] = {}

    def learn(self, challenge: str) -> bool:
        """Take up a WWW-Authenticate header; whether it is a challenge that can and is yet to be answered."""
        found = _SCHEME.search(challenge)
        told: dict[str, str] = _parse(challenge[found.end() :]) if found else {}
        stale = str(told.get("stale", "")).lower() == "true"
        new = _is_whole(told) and (stale or told["nonce"] != self._challenge.get("nonce"))
        if new:
            self._challenge = told
        return new

    def answer(self, method: str, url: str) -> str | None:
        """The Authorization header for a request; None before the first challenge."""
        if not self._challenge:
            return None
        self._auth.init_per_thread_state()
        if self._auth._thread_local.chal.get("nonce") != self._challenge.get("nonce"):
            self._auth._thread_local.chal = self._challenge
            self._auth._thread_local.nonce_count = 0
        return str(self._auth.build_digest_header(method, url))


def _is_whole(challenge: dict[str, str]) -> bool:
    """Whether a challenge has what an answer needs (section 3.3), in a way that requests knows."""
    algorithm, qop = challenge.get("algorithm") or "MD5", challenge.get("qop") or "auth"
    known = algorithm.upper() in _ALGORITHMS and "auth" in map(str.strip, qop.split(","))
    return known and all(challenge.get(name) is not None for name in ("realm", "nonce"))


class ClientCredentials(EndpointClient):
    """A credential for an `oauth2` or `openIdConnect` scheme: fetches a token, keeps it until it ends or a
    server refuses it.

    `token_url`: where tokens are given, or an OpenIdConnect that knows; `client_id` and `client_secret`
    (texts, or `Env("NAME")`) go there and nowhere else: by HTTP Basic (section 2.3.1), or with
    `secret_in="body"` as fields of the form. `scopes`, `audience`, `resource` (one or several, RFC 8707) and
    further `fields` are asked for.

    The token of a client is fetched with its session, `verify`, `cert` and `proxies` and within the deadline
    of the call; what is given here goes before them. Of the session that the client was given, adapters,
    hooks and proxies hold, but no header, cookie or auth goes along: they are meant for the API. Those of a
    `session` given here do. `timeout` in seconds, or a Timeout. Threads may share it.

    Raises SettingsError; calling it raises TransportError where no token can be had.
    """

    def __init__(
        self,
        token_url: TokenUrl,
        client_id: str | SecretReference,
        client_secret: str | SecretReference,
        *,
        scopes: str | Sequence[str] | None = (),
        audience: str | Sequence[str] | None = (),
        resource: str | Sequence[str] | None = (),
        fields: Mapping[str, str | Sequence[str]] | None = None,
        secret_in: Literal["header", "body"] = "header",
        timeout: float | Timeout | None = None,
        session: requests.Session | None = None,
        verify: Verify | None = None,
        cert: Cert | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        if client_secret is None:
            raise no_texts()
        super().__init__(
            token_url,
            client_id,
            client_secret,
            scopes=scopes,
            audience=audience,
            resource=resource,
            fields=fields,
            secret_in=secret_in,
            timeout=timeout,
            session=session,
            verify=verify,
            cert=cert,
            proxies=proxies,
        )

    def steps(self, ask: Ask) -> Steps:
        """One request (section 4.4)."""
        url = yield from token_endpoint(self.token_url, ask)
        reply = yield ask("POST", url, *self._form(("grant_type", "client_credentials")))
        grant = Grant.of(reply)
        if not grant.token:
            raise no_token(request_line("POST", url), grant, "check the id, the secret and the scopes")
        self._keep(grant.token, grant.lasts)
