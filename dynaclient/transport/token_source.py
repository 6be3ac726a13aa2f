"""Credentials that are tokens of an OAuth 2.0 server (RFC 6749), fetched when needed, kept until they end.

Which requests a grant makes is said by each kind of `TokenSource` in `steps`, once for both clients. What all
have in common is here: many threads and tasks share one renewal, and none waits longer than its call may.
"""

from __future__ import annotations

import base64
import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from dynaclient._support.messages import kind_of
from dynaclient.document.servers import mistyped
from dynaclient.errors import SettingsError, TransportError
from dynaclient.transport.deadline import Deadline, Timeout, out_of_time
from dynaclient.transport.session import Transport
from dynaclient.transport.trust import checked_proxies, checked_trust
from dynaclient.transport.url import origin_of
from dynaclient.wire.env import SecretReference, references_in, resolved
from dynaclient.wire.json_values import Undecodable, decode_json

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.async_transport import AsyncTransport
    from dynaclient.transport.reply import Reply
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.wire.request import Request

EARLY = 30.0
"""Seconds before its end at which a token is fetched again, and after its start from which a 401 does so."""

POLLING = 0.01
"""Seconds after which a task looks again whether a thread has fetched the token."""

_ERRORS = (
    "access_denied",
    "authorization_pending",
    "expired_token",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "slow_down",
    "unauthorized_client",
    "unsupported_grant_type",
)
"""What a server may say of a request for a token (RFC 6749 section 5.2, RFC 8628, RFC 8707). Other words may
be secrets."""

_OWN = (
    "grant_type",
    "scope",
    "audience",
    "resource",
    "client_id",
    "client_secret",
    "refresh_token",
    "code",
    "code_verifier",
    "device_code",
)
"""Fields of the request for a token that are set by arguments of their own, or never."""

Ask: TypeAlias = "Callable[[str, str, Sequence[tuple[str, str]], bytes | None], Request]"
"""Makes a request of method, URL, headers and body."""
Steps: TypeAlias = "Generator[Request, Reply, None]"
"""Yields what is to be sent, and is given what came."""


@dataclass(frozen=True, repr=False)
class Grant:
    """What a server said to a request for a token. Nothing of it is shown: servers echo what they got."""

    token: str = ""
    refresh_token: str = ""
    lasts: float = 0.0
    error: str = ""
    status: int = 0

    @classmethod
    def of(cls, reply: Reply) -> Grant:
        """Read from a response; without a token where that has none."""
        told = json_object(reply.content)
        error, granted = told.get("error"), 200 <= reply.status < 300
        return cls(
            _word(told.get("access_token")) if granted else "",
            _word(told.get("refresh_token")) if granted else "",
            seconds_of(told.get("expires_in")),
            error if isinstance(error, str) and error in _ERRORS else "",
            reply.status,
        )


class TokenSource:
    """A credential that asks a server for its token, and keeps it until it ends or is refused.

    `token_url`, `client_id` and what the form holds: see the kinds. What is given here (`timeout`, `session`,
    `verify`, `cert`, `proxies`) goes before what a client has. Threads and tasks may share one.
    """

    def __init__(
        self,
        *,
        timeout: float | Timeout | None = None,
        session: requests.Session | None = None,
        verify: Verify | None = None,
        cert: Cert | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self.timeout = None if timeout is None else Timeout.of(timeout)
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
        self._lock = threading.Lock()  # held as long as a token is fetched
        self._state = threading.Lock()  # held for no longer than it takes to look
        self._tasks: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    @property
    def holds_plain_text(self) -> bool:
        """Whether a secret is held as a text, which a pickle would show."""
        return False

    @property
    def request_name(self) -> str:
        """The request for a token, as messages name it."""
        raise NotImplementedError

    def steps(self, ask: Ask) -> Steps:
        """What is to be sent for a token, which is kept. Raises TransportError where there is none."""
        raise NotImplementedError

    def __call__(self, request: Any = None) -> str:
        """The token, fetched if there is none or it is about to end."""
        return self.token()

    def token(self, lent: Transport | None = None, clock: Deadline | None = None) -> str:
        """As a call, over the transport of a client and within the time that its call has left."""
        if lent is not None and lent.is_awaited:
            return self._token  # by `fetch`
        clock = self._clock(clock)
        if not self._lock.acquire(timeout=-1 if clock.left() == math.inf else max(clock.left(), 0)):
            raise out_of_time(clock, self.request_name)
        try:
            if not self._lasts():
                self._fetch(lent, clock)
            return self._token
        finally:
            self._lock.release()

    async def fetch(self, lent: AsyncTransport, clock: Deadline) -> None:
        """Fetch the token if there is none or it is about to end; other tasks wait for the same one."""
        import asyncio  # late: 40 ms

        if self._session is not None:
            raise SettingsError(
                f"{type(self).__name__}(session=...) is for a Client; an AsyncClient sends nothing over it"
            )
        if self._lasts():
            return
        clock, loop = self._clock(clock), asyncio.get_running_loop()
        lock = self._tasks.setdefault(loop, asyncio.Lock())
        left = clock.left()
        try:
            await asyncio.wait_for(lock.acquire(), None if left == math.inf else max(left, 0))
        except asyncio.TimeoutError:
            raise out_of_time(clock, self.request_name) from None
        try:
            await self._fetch_alone(lent, clock)
        finally:
            lock.release()

    async def _fetch_alone(self, lent: AsyncTransport, clock: Deadline) -> None:
        """Fetch it, where no thread, and no task of another loop, is at it or was before."""
        import asyncio  # late: 40 ms

        while not self._lock.acquire(blocking=False):
            if clock.left() <= 0:
                raise out_of_time(clock, self.request_name)
            await asyncio.sleep(POLLING)
        try:
            if not self._lasts():
                for value in vars(self).values():
                    for each in references_in(value):
                        await each.fetch()
                transport = lent.altered(**self._own) if self._own else lent
                steps, reply = self.steps(asking(transport, is_lent=True)), None
                while (request := following(steps, reply)) is not None:
                    reply = await transport.send(request, clock=clock)
        finally:
            self._lock.release()

    def renew(self, request: Any) -> bool:
        """Whether a request that was refused with a 401 may succeed with another token.

        One that was fetched just now is not given up: the server means something else. Nobody is waited for.
        """
        with self._state:
            if self._token and str(request.headers.get("Authorization")).endswith(self._token):
                if time.monotonic() - self._began < EARLY:
                    return False
                self._give_up()
        return True

    def _give_up(self) -> None:
        """Forget a token that was refused."""
        self._token = ""

    def _lasts(self) -> bool:
        return bool(self._token) and time.monotonic() < self._ends

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
        steps, reply = self.steps(asking(transport, is_lent)), None
        try:
            while (request := following(steps, reply)) is not None:
                reply = transport.send(request, clock=clock)
        finally:
            if not is_lent:
                transport.close()

    def _transport(self, lent: Transport | None) -> tuple[Transport, bool]:
        """What the request goes through, and whether that is the client's."""
        if lent is None or self._session is not None:
            return Transport(session=self._session, **self._own), False
        return lent.altered(**self._own) if self._own else lent, True

    def _keep(self, token: str, lasts: float, age: float = 0.0) -> None:
        """Keep a token that ends in so many seconds, and was given so many seconds ago."""
        with self._state:
            now = time.monotonic()
            self._token, self._began = token, now - age
            self._ends = now + max(lasts - EARLY, lasts / 2)

    def __getstate__(self) -> dict[str, Any]:
        live = ("_token", "_began", "_ends", "_lock", "_state", "_tasks")
        return {key: value for key, value in self.__dict__.items() if key not in live}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()


def asking(transport: Transport, is_lent: bool = False) -> Ask:
    """Makes requests of a transport, without what the session of a client holds: that is for its API."""
    return partial(_prepared, transport, not is_lent)


def _prepared(
    transport: Transport, trusted: bool, method: str, url: str, headers: Any, body: bytes | None
) -> Request:
    return transport.prepare(method, url, headers, body, credential_chosen=True, trusted=trusted, named=True)


def following(steps: Steps, reply: Reply | None) -> Request | None:
    """What is to be sent after what came; None at the end."""
    try:
        return steps.send(reply) if reply is not None else next(steps)
    except StopIteration:
        return None


def no_token(what: str, grant: Grant, hint: str) -> TransportError:
    """The error for a response without a token."""
    why = f" ({grant.error})" if grant.error else ""
    return TransportError(f"{what} returned {grant.status} without a token{why}; {hint}")


def form_request(
    form: Sequence[tuple[str, str]], client_id: Any, secret: Any, in_body: bool
) -> tuple[list[tuple[str, str]], bytes]:
    """The headers and the body of a request for a token. The client says who it is by HTTP Basic (section
    2.3.1) or in the form; one without a secret in the form."""
    client_id, secret = resolved((client_id, secret))
    fields = [*form]
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
    if secret is None or in_body:
        fields += [("client_id", client_id)] + ([] if secret is None else [("client_secret", secret)])
    else:
        pair = f"{quote(client_id, '')}:{quote(secret, '')}"
        headers.insert(0, ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
    return headers, urlencode(fields).encode()


# -- what is given, and what comes --------------------------------------------------------------------


def checked_token_url(given: Any) -> str:
    """Raises SettingsError for what is no http(s) URL."""
    origin = origin_of(given) if isinstance(given, str) else None
    if origin is None or origin[0] not in ("http", "https"):
        raise SettingsError(f"token_url: expected an http(s) URL, got {mistyped(str(given))!r}")
    return str(given)


def is_in_body(secret_in: Any) -> bool:
    """Whether the secret goes into the form. Raises SettingsError."""
    if secret_in not in ("header", "body"):
        raise SettingsError('secret_in: expected "header" or "body"')
    return bool(secret_in == "body")


def asked_fields(**given: Any) -> list[tuple[str, str]]:
    """What is asked for beside the scopes, as fields of the form. Raises SettingsError."""
    several = [(name, given[name]) for name in ("audience", "resource")]
    several += _further(given["fields"]).items()
    return [(name, text) for name, each in several for text in texts_of(name, each)]


def texts_of(name: str, given: Any) -> Iterator[str]:
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


def is_secret_text(given: Any) -> bool:
    """Whether it is a text, or stands for one."""
    return isinstance(given, (str, SecretReference))


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object that is there; an empty one where that is none."""
    try:
        found = decode_json(content)
    except Undecodable:
        return {}
    return found if isinstance(found, dict) else {}


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def seconds_of(value: Any, usual: float = 300.0) -> float:
    """What a server says of a time; `usual` where it says nothing, as it may (section 5.1)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return usual
    return seconds if math.isfinite(seconds) else usual
