"""Transport: a prepared request out, a response in: whole, or with its body still on the way.

Here is what lasts: the session and the limits. What a call goes through is in `send`. That, and requests,
which takes longer to import than all else, come with the first request.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from dynaclient._support.interrupts import let_through
from dynaclient._support.secret_names import reads_secret
from dynaclient._version import __version__
from dynaclient.errors import SettingsError
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.pooling import USUAL_POOLING, Pooling
from dynaclient.transport.trust import is_context
from dynaclient.wire.env import resolved

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.exact_request import Preparation
    from dynaclient.transport.lean_sender import Pools
    from dynaclient.transport.policy import Policy
    from dynaclient.transport.protocol import BaseTransport, Lean
    from dynaclient.transport.reply import ChallengeHandler, Reply, StreamingReply
    from dynaclient.transport.retries import Retries, RetryMode
    from dynaclient.transport.sender import Sender
    from dynaclient.transport.trust import Cert, Verify
    from dynaclient.transport.turns import Turns
    from dynaclient.transport.watching import Watch
    from dynaclient.wire.env import SecretReference
    from dynaclient.wire.request import Request

T = TypeVar("T", bound="Transport")

MAX_BODY = 100 * 1024 * 1024
"""Bytes, 100 MiB."""


USUAL = (
    ("Accept-Encoding", "gzip, deflate"),  # what `body` decodes
    ("Accept", "*/*"),
)
AGENT = f"dynaclient/{__version__}"
"""The header fields of a request where there is no session, and the call has none of that name."""


class Transport:
    """Sends requests over one session, with deadlines, bounds, retries and redirects of our own.

    `session`: a `requests.Session` of the user's: its headers, cookies, auth, hooks, params, proxies and
    adapters hold, and it stays open. Its HTTP adapters keep our deadlines on connections that they open
    from now on; an adapter of another kind gets `(connect, read)` timeouts and the deadline between two
    pieces. Without one, a session is made on first use, with 32 pooled connections per server and no
    memory for cookies: a response to one user cannot reach another. It reads the environment (proxies, CA
    bundle) once per server.
    `timeout`: the limits of one call. `retries`: attempts after the first. `verify`, `cert`, `proxies`: as
    requests takes them. `max_body`: bytes of a response's body, before and after decompression. `headers`:
    for each request to a trusted server, where neither the call nor a given session has one of that name.
    `over`: what exchanges are left to, instead of a session: a BaseTransport of the user's, or LEAN for pools
    of urllib3.

    Threads may share one Transport. Pickling leaves the connections of our own session behind, and so does a
    fork: of two processes that read from one connection each would get responses to the other.
    """

    is_awaited = False
    """Whether `send` is awaited: see `async_transport`."""

    def __init__(
        self,
        *,
        session: requests.Session | None = None,
        timeout: Timeout | None = None,
        retries: int | Retries = 2,
        verify: Verify | None = None,
        cert: Cert | None = None,
        proxies: dict[str, str] | None = None,
        max_body: int = MAX_BODY,
        headers: Mapping[str, str | SecretReference] | None = None,
        key_header: str = "",
        turns: Turns | None = None,
        over: BaseTransport | Lean | None = None,
        pooling: Pooling = USUAL_POOLING,
    ) -> None:
        self.pooling = pooling
        """How connections of our own are kept."""
        self._given = session
        self._over = over
        self.headers: Mapping[str, str | SecretReference] = dict(headers or {})
        """For each request to a trusted server, where nothing else of that name is there."""
        self._timeout = timeout or Timeout()
        # most clients have a number, which can be seen to be one without the import of Retries
        self._retries = retries if type(retries) is int and retries >= 0 else _retries_of(retries)
        self.key_header = key_header
        """The header for the idempotency keys of calls; empty for none."""
        self.turns = turns
        """What all calls wait for; None for nothing."""
        self._settings = {"verify": verify, "cert": cert, "proxies": proxies}
        self._max_body = max_body
        self._only_when_asked = False
        self._forget()

    def _forget(self) -> None:
        self._pools: Pools | None = None
        self._made: requests.Session | None = None
        self._maker = 0
        self._exchanging: Sender | None = None
        self._preparing: Preparation | None = None
        self._making = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        if is_context(self._settings["verify"]):
            raise SettingsError(
                "a client with an ssl.SSLContext cannot be pickled: give paths as verify and cert"
            )
        ours = ("_made", "_maker", "_exchanging", "_preparing", "_making", "_pools")
        return {name: value for name, value in self.__dict__.items() if name not in ours}

    def __setstate__(self, state: dict[str, Any]) -> None:
        new: dict[str, Any] = {
            "headers": {},
            "key_header": "",
            "turns": None,
            "_over": None,
            "pooling": USUAL_POOLING,
        }
        self.__dict__.update({**new, **state})  # an earlier version had none of them
        self._forget()

    @property
    def session(self) -> requests.Session:
        """The user's session, or the one that we made."""
        if self._given is not None:
            return self._given
        made, process = self._made, os.getpid()
        if made is None or self._maker != process:
            new_session = _new_session()
            with self._making:
                if (made := self._made) is None or self._maker != process:
                    made = self._made = new_session(self.pooling)
                    self._maker = process
        return made

    @property
    def pools(self) -> Pools:
        """The connections of a client that goes straight to urllib3."""
        pools, process = self._pools, os.getpid()
        if pools is None or self._maker != process:
            from dynaclient.transport.lean_sender import Pools  # late: 110 ms

            with self._making:
                if (pools := self._pools) is None or self._maker != process:
                    pools = self._pools = Pools(self.pooling)
                    self._maker = process
        return pools

    def once(self: T) -> T:
        """This one, connections included, but what fails is not repeated: only a 429 (RFC 6585 section 4)
        after the time that its Retry-After asks for, whatever the method."""
        return self._alike(_only_when_asked=True)

    def single(self: T) -> T:
        """This one, connections included, but nothing is repeated."""
        return self._alike(_retries=0)

    @property
    def is_given(self) -> bool:
        """Whether the user gave what requests are sent over: a session, or a transport."""
        return self._given is not None or not (self._over is None or self._is_lean)

    def altered(self: T, **settings: Any) -> T:
        """This one, connections included, with another `verify`, `cert` or `proxies`."""
        return self._alike(_settings={**self._settings, **settings})

    def _alike(self: T, **changes: Any) -> T:
        """One over the same connections, what holds them made now, for both."""
        alike, _ = object.__new__(type(self)), self._connections
        alike.__dict__.update(self.__dict__, _exchanging=None, **changes)
        return alike

    @property
    def _is_lean(self) -> bool:
        return isinstance(self._over, str)

    @property
    def _connections(self) -> Any:
        """What requests are sent over."""
        if self._over is None:
            return self.session
        return self.pools if self._is_lean else self._over

    @property
    def usual_headers(self) -> Iterable[tuple[str, Any]]:
        """The header fields that each request has, beside those of a call."""
        if self._over is None:
            return (self.session.headers or {}).items()
        return (("User-Agent", _lean_agent() if self._is_lean else AGENT), *USUAL)

    @property
    def timeout(self) -> Timeout:
        """The limits of a call that has none of its own."""
        return self._timeout

    @property
    def is_played(self) -> bool:
        """Whether responses were recorded, and nothing is sent."""
        return getattr(self._over, "is_recording", False)

    @property
    def recording(self) -> Any:
        """What gives the recorded responses."""
        return self._over

    @property
    def max_body(self) -> int:
        """Bytes of the body of a response that are held."""
        return self._max_body

    def clock(self, timeout: Timeout | None = None) -> Deadline:
        """The time of one call, which runs from now on."""
        return Deadline(timeout or self._timeout)

    def close(self) -> None:
        """Close the connections of our own session, or a transport that was given; a session stays open."""
        with self._making:
            made, self._made = self._made, None
            pools, self._pools = self._pools, None
        if made is not None:
            made.close()
        if pools is not None:
            pools.close()
        if self._over is not None and not isinstance(self._over, str):
            self._over.close()

    @property
    def identifies(self) -> bool:
        """Whether the connection, the session or a header says who calls, beside a request's credentials."""
        own = any(not isinstance(value, str) or reads_secret(name) for name, value in self.headers.items())
        return self._given is not None or self._over is not None or bool(self._settings["cert"]) or own

    def prepare(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: Any,
        *,
        credential_chosen: bool,
        trusted: bool = True,
        named: bool = False,
    ) -> Request:
        """The request, byte for byte as given; see `prepare.prepare`.

        `body`: None, bytes, or a file or a path, which are read while they are sent.
        Raises RequestInvalid, and SettingsError for a session that is no whole requests.Session.
        """
        if self.headers and trusted:
            headers = [*self._own_headers(headers), *headers]
        if self._given is None:
            certified = trusted or named
            made = (self._preparing or self._preparation()).request(
                method, url, headers, body, certified, certified and not credential_chosen
            )
            pools = self._pools
            if pools is None or self._maker != os.getpid():  # a fork leaves cookies behind too
                return made
            return pools.cookies.added(made)
        from dynaclient.transport.prepare import prepare  # late: 113 ms

        try:
            return prepare(
                self._given,
                method,
                url,
                headers,
                body,
                credential_chosen=credential_chosen,
                trusted=trusted,
                named=named,
            )
        except (AttributeError, TypeError, ValueError) as error:
            let_through(error)
            message = (
                "session= cannot be used: its headers, params, cookies and hooks are not what requests has"
            )
            raise SettingsError(f"{message} there ({type(error).__name__}, the cause of this)") from error

    def _preparation(self) -> Preparation:
        """What makes requests, there being no session of the user's."""
        from dynaclient.transport.exact_request import Preparation  # late: 2 ms

        self._preparing = Preparation(self.usual_headers)
        return self._preparing

    def _own_headers(self, others: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """The headers that each request has, but for those that a call, or a session of the user's, names."""
        named = {name.lower() for name, _ in others}
        if self._given is not None:
            named.update(map(str.lower, self._given.headers or ()))
        return [(name, resolved(value)) for name, value in self.headers.items() if name.lower() not in named]

    def send(
        self,
        request: Request,
        *,
        timeout: Timeout | None = None,
        clock: Deadline | None = None,
        again: ChallengeHandler | None = None,
        retry: RetryMode | None = None,
        key: str = "",
        watch: Watch | None = None,
    ) -> Reply:
        """Send, follow and repeat as allowed, and read the whole response, whatever its status.

        What is repeated, and when, is said by Retries, and by `retry` for this call. `again`: asked once, at
        the first 401. `clock`: what began before this, in the place of `timeout`. `key`: of the
        operation, for the log; `watch`: who is notified.

        Raises ConnectError, DeadlineExceeded, BodyTooLarge, DecodeError; TransportError with what a session
        of the user's raised as its cause.
        """
        return self._exchange.whole(
            self._connections, request, clock or self.clock(timeout), again, retry, key, watch
        )

    def stream(
        self,
        request: Request,
        *,
        timeout: Timeout | None = None,
        clock: Deadline | None = None,
        again: ChallengeHandler | None = None,
        retry: RetryMode | None = None,
        key: str = "",
        watch: Watch | None = None,
    ) -> Reply | StreamingReply:
        """As `send`, but a success that has a body is given when its head has come.

        `Timeout.total` bounds the time until then, `Timeout.read` each silence from then on; where that is
        None, `total` does this too. `max_body` does not bound what goes through a StreamingReply.
        """
        return self._exchange.begun(
            self._connections, request, clock or self.clock(timeout), again, retry, key, watch
        )

    @property
    def _exchange(self) -> Sender:
        if self._exchanging is None:
            self._exchanging = self._sender()
        return self._exchanging

    def _sender(self) -> Sender:
        if self._is_lean:
            from dynaclient.transport.lean_sender import LeanSender  # late: 11 ms

            return LeanSender(self._policy(), self._settings, self._max_body, self.turns)
        if self._over is not None:
            from dynaclient.transport.given_sender import GivenSender  # late: 9 ms

            return GivenSender(self._policy(), self._max_body, self.turns)
        from dynaclient.transport.session_sender import SessionSender  # late: 11 ms

        return SessionSender(
            self._given is not None, self._policy(), self._settings, self._max_body, self.turns
        )

    def _policy(self) -> Policy:
        from dynaclient.transport.policy import Policy  # late: 2 ms

        return Policy(_retries_of(self._retries), self._only_when_asked, self.key_header, not self.is_played)


def _retries_of(value: int | Retries) -> Retries:
    from dynaclient.transport.retries import Retries  # late: 1 ms

    return Retries.of(value)


def _lean_agent() -> str:
    from urllib3._version import __version__ as of_urllib3  # late: 77 ms

    return f"{AGENT} urllib3/{of_urllib3}"


@lru_cache(None)
def _new_session() -> Callable[[Pooling], requests.Session]:
    from dynaclient.transport.adapter import new_session  # late: 127 ms

    return new_session
