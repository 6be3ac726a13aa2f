"""Credentials that need a conversation: HTTP Digest (RFC 7616) and the OAuth 2.0 client credentials grant
(RFC 6749, section 4.4).
"""

from __future__ import annotations

import base64
import math
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header

from dynaclient._support.messages import kind_of
from dynaclient.document.servers import mistyped
from dynaclient.errors import SettingsError, TransportError
from dynaclient.transport.deadline import Deadline, Timeout, out_of_time
from dynaclient.transport.session import Transport
from dynaclient.transport.trust import checked_proxies, checked_trust
from dynaclient.transport.url import origin_of, request_line
from dynaclient.wire.env import SecretReference, resolved
from dynaclient.wire.json_values import Undecodable, decode_json

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.async_transport import AsyncTransport
    from dynaclient.transport.reply import Reply
    from dynaclient.transport.session import Transport
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.wire.request import Request

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


EARLY = 30.0
"""Seconds before its end at which a token is fetched again, and after its start from which a 401 does so."""

_ERRORS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
)
"""What a server may say of a request for a token (section 5.2, RFC 8707). Other words may be secrets."""

_OWN = ("grant_type", "scope", "audience", "resource", "client_id", "client_secret")
"""Fields of the request for a token that are set by arguments of their own, or never."""


class ClientCredentials:
    """A credential for an `oauth2` or `openIdConnect` scheme: fetches a token, keeps it until it ends or a
    server refuses it.

    `token_url`: where tokens are given; `client_id` and `client_secret` (texts, or `Env("NAME")`) go there
    and nowhere else: by HTTP Basic (section 2.3.1), or with `secret_in="body"` as fields of the form.
    `scopes`, `audience`, `resource` (one or several, RFC 8707) and further `fields` are asked for.

    The token of a client is fetched with its session, `verify`, `cert` and `proxies` and within the deadline
    of the call; what is given here goes before them. Of the session that the client was given, adapters,
    hooks and proxies hold, but no header, cookie or auth goes along: they are meant for the API. Those of a
    `session` given here do. `timeout` in seconds, or a Timeout. Threads may share it.

    Raises SettingsError; calling it raises TransportError where no token can be had.
    """

    def __init__(
        self,
        token_url: str,
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
        origin = origin_of(token_url) if isinstance(token_url, str) else None
        if origin is None or origin[0] not in ("http", "https"):
            raise SettingsError(f"token_url: expected an http(s) URL, got {mistyped(str(token_url))!r}")
        if not all(isinstance(each, (str, SecretReference)) for each in (client_id, client_secret)):
            raise SettingsError("client_id and client_secret: expected texts")
        if secret_in not in ("header", "body"):
            raise SettingsError('secret_in: expected "header" or "body"')
        self.token_url = token_url
        self.client_id = client_id
        self.scopes = tuple(_texts("scopes", scopes))
        self.timeout = None if timeout is None else Timeout.of(timeout)
        self._secret = client_secret
        self._in_body = secret_in == "body"
        asked = [("audience", audience), ("resource", resource), *_further(fields).items()]
        self._asked = [(name, text) for name, given in asked for text in _texts(name, given)]
        if session is not None and not hasattr(session, "get_adapter"):
            raise SettingsError(f"session: expected a requests.Session, got {kind_of(session)}")
        checked_trust(verify, cert)
        trust: dict[str, Any] = {"verify": verify, "cert": cert, "proxies": checked_proxies(proxies)}
        self._session = session
        self._own = {name: value for name, value in trust.items() if value is not None}
        self._forget()

    def _forget(self) -> None:
        self._token = ""
        self._began = self._ends = 0.0
        self._lock = threading.Lock()
        self._tasks: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def __call__(self, request: Any = None) -> str:
        """The token, fetched if there is none or it is about to end."""
        return self.token()

    def token(self, lent: Transport | None = None, clock: Deadline | None = None) -> str:
        """As a call, over the transport of a client and within the time that its call has left."""
        if lent is not None and lent.is_awaited:
            return self._token  # by `fetch`
        clock = self._clock(clock)
        if not self._lock.acquire(timeout=-1 if clock.left() == math.inf else max(clock.left(), 0)):
            raise out_of_time(clock, request_line("POST", self.token_url))
        try:
            if not self._token or time.monotonic() >= self._ends:
                self._fetch(lent, clock)
            return self._token
        finally:
            self._lock.release()

    async def fetch(self, lent: AsyncTransport, clock: Deadline) -> None:
        """Fetch the token if there is none or it is about to end; other tasks wait for the same one."""
        import asyncio  # late: 40 ms

        if self._session is not None:
            raise SettingsError(
                "ClientCredentials(session=...) is for a Client; an AsyncClient sends nothing over it"
            )
        clock, loop = self._clock(clock), asyncio.get_running_loop()
        lock = self._tasks.setdefault(loop, asyncio.Lock())
        left = clock.left()
        try:
            await asyncio.wait_for(lock.acquire(), None if left == math.inf else max(left, 0))
        except asyncio.TimeoutError:
            raise out_of_time(clock, request_line("POST", self.token_url)) from None
        try:
            if not self._token or time.monotonic() >= self._ends:
                transport = lent.altered(**self._own) if self._own else lent
                self._keep(await transport.send(self._prepared(transport, is_lent=True), clock=clock))
        finally:
            lock.release()

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

    def _clock(self, of_call: Deadline | None) -> Deadline:
        """The time for a token: what was given here, within what the call has left."""
        if self.timeout is None or (of_call is not None and of_call.left() <= 0):
            return of_call or Deadline(Timeout())
        own = self.timeout
        left = math.inf if of_call is None else of_call.left()
        total = min(math.inf if own.total is None else own.total, left)
        return Deadline(Timeout(None if total == math.inf else total, own.connect, own.read))

    def _fetch(self, lent: Transport | None, clock: Deadline) -> None:
        transport, is_lent = self._transport(lent)
        try:
            self._keep(transport.send(self._prepared(transport, is_lent), clock=clock))
        finally:
            if not is_lent:
                transport.close()

    def _prepared(self, transport: Transport, is_lent: bool) -> Request:
        headers, body = self._request()
        return transport.prepare(
            "POST",
            self.token_url,
            headers,
            body,
            credential_chosen=True,
            trusted=not is_lent,
            named=True,
        )

    def _keep(self, reply: Reply) -> None:
        """Take the token out of a response. Raises TransportError where there is none."""
        told = _object(reply.content)
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            why = f" ({told['error']})" if told.get("error") in _ERRORS else ""
            message = f"{request_line('POST', self.token_url)} returned {reply.status} without a token{why}"
            raise TransportError(f"{message}; check the id, the secret and the scopes")
        lasts = _seconds(told.get("expires_in"))
        self._token, self._began = token, time.monotonic()
        self._ends = self._began + max(lasts - EARLY, lasts / 2)

    def _transport(self, lent: Transport | None) -> tuple[Transport, bool]:
        """What the request goes through, and whether that is the client's."""
        if lent is None or self._session is not None:
            return Transport(session=self._session, **self._own), False
        return lent.altered(**self._own) if self._own else lent, True

    def _request(self) -> tuple[list[tuple[str, str]], bytes]:
        """The headers and the form."""
        client_id, secret = resolved((self.client_id, self._secret))
        form = [("grant_type", "client_credentials")]
        form += [("scope", " ".join(self.scopes))] if self.scopes else []
        form += self._asked
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if self._in_body:
            form += [("client_id", client_id), ("client_secret", secret)]
        else:
            pair = f"{quote(client_id, '')}:{quote(secret, '')}"
            headers.insert(0, ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
        return headers, urlencode(form).encode()

    def __repr__(self) -> str:
        return f"ClientCredentials({request_line('POST', self.token_url)!r}, {self.client_id!r})"

    def __getstate__(self) -> dict[str, Any]:
        live = ("_token", "_began", "_ends", "_lock", "_tasks")
        return {key: value for key, value in self.__dict__.items() if key not in live}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()


def _texts(name: str, given: Any) -> Iterator[str]:
    """One text, or several; what they are is not shown, one may be a secret."""
    several = [given] if isinstance(given, str) else () if given is None else given
    if isinstance(several, (bytes, Mapping)) or not isinstance(several, Sequence):
        raise SettingsError(f"{name}: expected a text or several, got {kind_of(given)}")
    for each in several:
        if not isinstance(each, str):
            raise SettingsError(f"{name}: expected a text or several, got {kind_of(each)}")
        yield each


def _further(fields: Any) -> dict[str, Any]:
    if not isinstance(fields, (Mapping, type(None))):
        raise SettingsError(f"fields: expected a mapping of names to texts, got {kind_of(fields)}")
    for name in fields or ():
        if not isinstance(name, str) or name in _OWN:
            raise SettingsError(f"fields cannot hold {name!r}; scopes, audience and resource are arguments")
    return dict(fields or {})


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object that is there; an empty one where that is none."""
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
