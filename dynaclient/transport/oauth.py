"""An access token for a machine: the OAuth 2.0 client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from dynaclient.errors import TransportError
from dynaclient.transport.address import shown

EARLY = 30.0
"""Seconds before its end at which a token is fetched anew."""


class ClientCredentials:
    """A credential for an `oauth2` or `openIdConnect` scheme: fetches a token, keeps it until it ends.

    `token_url`: where tokens are given; `client_id` and `client_secret` go there by HTTP Basic (section
    2.3.1) and nowhere else; `scopes` are asked for. `timeout` in seconds. Threads may share it.

    Calling it raises TransportError where no token can be had.
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
        self.token_url = token_url
        self.client_id = client_id
        self.scopes = tuple(scopes)
        self.timeout = timeout
        self._secret = client_secret
        self._forget()

    def _forget(self) -> None:
        self._token = ""
        self._ends = 0.0
        self._lock = threading.Lock()

    def __call__(self, request: Any = None) -> str:
        """The token, fetched if there is none or it is about to end."""
        with self._lock:
            if not self._token or time.monotonic() >= self._ends:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        import base64
        import json
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
        try:
            told = json.loads(reply.content)
            token, lasts = str(told["access_token"]), float(told.get("expires_in", 300))
        except (ValueError, KeyError, TypeError):
            message = f"{shown('POST', self.token_url)} answered {reply.status} without a token"
            raise TransportError(f"{message}; check the id, the secret and the scopes") from None
        self._token = token
        self._ends = time.monotonic() + max(lasts - EARLY, lasts / 2)

    def __repr__(self) -> str:
        return f"ClientCredentials({shown('POST', self.token_url)!r}, {self.client_id!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_token", "_ends", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()
