"""An access token for a machine: the OAuth 2.0 client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import Any

from dynaclient.document.servers import mistyped
from dynaclient.errors import SettingsError, TransportError
from dynaclient.transport.address import origin_of, shown

EARLY = 30.0
"""Seconds before its end at which a token is fetched anew, and after its start from which a 401 does so."""

_ERRORS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)
"""What a server may say of a request for a token (section 5.2). Other words may be secrets, repeated."""


class ClientCredentials:
    """A credential for an `oauth2` or `openIdConnect` scheme: fetches a token, keeps it until it ends or a
    server refuses it.

    `token_url`: where tokens are given; `client_id` and `client_secret` go there by HTTP Basic (section
    2.3.1) and nowhere else; `scopes` are asked for. `timeout` in seconds. Threads may share it.

    Raises SettingsError; calling it raises TransportError where no token can be had.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scopes: Sequence[str] = (),
        timeout: float = 30.0,
    ) -> None:
        if not isinstance(token_url, str) or origin_of(token_url) is None:
            raise SettingsError(f"token_url is an http(s) URL, not {mistyped(str(token_url))!r}")
        if not (isinstance(client_id, str) and isinstance(client_secret, str)):
            raise SettingsError("client_id and client_secret are texts")
        self.token_url = token_url
        self.client_id = client_id
        self.scopes = tuple(scopes)
        self.timeout = timeout
        self._secret = client_secret
        self._forget()

    def _forget(self) -> None:
        self._token = ""
        self._began = self._ends = 0.0
        self._lock = threading.Lock()

    def __call__(self, request: Any = None) -> str:
        """The token, fetched if there is none or it is about to end."""
        with self._lock:
            if not self._token or time.monotonic() >= self._ends:
                self._fetch()
            return self._token

    def renew(self, request: Any) -> bool:
        """Whether a request that was refused with a 401 may succeed with another token.

        One that was fetched just now is not given up: the server means something else.
        """
        with self._lock:
            if self._token and str(request.headers.get("Authorization")).endswith(self._token):
                if time.monotonic() - self._began < EARLY:
                    return False
                self._token = ""
        return True

    def _fetch(self) -> None:
        import base64
        from urllib.parse import quote, urlencode

        from dynaclient.transport.session import Transport
        from dynaclient.transport.timeout import Timeout

        basic = base64.b64encode(f"{quote(self.client_id, '')}:{quote(self._secret, '')}".encode()).decode()
        form = {
            "grant_type": "client_credentials",
            **({"scope": " ".join(self.scopes)} if self.scopes else {}),
        }
        headers = [
            ("Authorization", f"Basic {basic}"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
        ]
        transport = Transport(timeout=Timeout.of(self.timeout))
        try:
            body = urlencode(form).encode()
            prepared = transport.prepare("POST", self.token_url, headers, body, credential_chosen=True)
            reply = transport.send(prepared)
        finally:
            transport.close()
        told = _object(reply.content)
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            why = f" ({told['error']})" if told.get("error") in _ERRORS else ""
            message = f"{shown('POST', self.token_url)} answered {reply.status} without a token{why}"
            raise TransportError(f"{message}; check the id, the secret and the scopes")
        lasts = _seconds(told.get("expires_in"))
        self._token, self._began = token, time.monotonic()
        self._ends = self._began + max(lasts - EARLY, lasts / 2)

    def __repr__(self) -> str:
        return f"ClientCredentials({shown('POST', self.token_url)!r}, {self.client_id!r})"

    def __getstate__(self) -> dict[str, Any]:
        live = ("_token", "_began", "_ends", "_lock")
        return {key: value for key, value in self.__dict__.items() if key not in live}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object that is there; an empty one where that is none."""
    from dynaclient.wire.jsontext import Undecodable, decode_json

    try:
        found = decode_json(content)
    except Undecodable:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: Any) -> float:
    """What `expires_in` says; five minutes where it says nothing, as it may (section 5.1)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return 300.0
    return seconds if math.isfinite(seconds) else 300.0
