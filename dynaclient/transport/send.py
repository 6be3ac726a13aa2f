"""Transport: a prepared request out, an answer in: whole, or with its body still on the way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic, sleep
from typing import Any

import requests
from requests.utils import select_proxy
from urllib3.util import parse_url

from dynaclient.errors import TransportError
from dynaclient.transport import redirect, retry
from dynaclient.transport.address import origin_of, shown
from dynaclient.transport.body import read
from dynaclient.transport.clock import Clock, current
from dynaclient.transport.connection import Adapter, keep_deadlines
from dynaclient.transport.exact import elsewhere, prepare
from dynaclient.transport.failure import CAUGHT, Again, Failure, out_of_time, understand
from dynaclient.transport.live import Source
from dynaclient.transport.outgoing import back_at_start, begin
from dynaclient.transport.reply import Live, Reply, head
from dynaclient.transport.timeout import Timeout

MAX_BODY = 100 * 1024 * 1024

Take = Callable[[requests.Response, requests.PreparedRequest, Clock, float], "Reply | Live"]

logger = logging.getLogger("dynaclient")


class Transport:
    """Sends requests over one session, with deadlines, bounds, retries and redirects of our own.

    `session`: a `requests.Session` of the user's: its headers, cookies, auth, hooks, params, proxies and
    adapters hold, and it stays open. Its HTTP adapters keep our deadlines on connections that they open
    from now on; an adapter of another kind gets `(connect, read)` timeouts and the deadline between two
    pieces. Without one, a session is made on first use, with 32 pooled connections per server and no
    memory for cookies: an answer to one user cannot reach another. It reads the environment (proxies, CA
    bundle) once per server.
    `timeout`: the limits of one call. `retries`: attempts after the first. `verify`, `cert`, `proxies`: as
    requests takes them. `max_body`: bytes of an answer's body, before and after decompression.

    Threads may share one Transport. Pickling leaves the connections of our own session behind.
    """

    def __init__(
        self,
        *,
        session: requests.Session | None = None,
        timeout: Timeout | None = None,
        retries: int = 2,
        verify: bool | str | None = None,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._given = session
        self._timeout = timeout or Timeout()
        self._retries = retries
        self._settings = {"verify": verify, "cert": cert, "proxies": proxies}
        self._max_body = max_body
        self._forget()

    def _forget(self) -> None:
        self._made: requests.Session | None = None
        self._by_origin: dict[Any, dict[str, Any]] = {}
        self._making = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        ours = ("_made", "_by_origin", "_making")
        return {name: value for name, value in self.__dict__.items() if name not in ours}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def session(self) -> requests.Session:
        """The user's session, or the one that we made."""
        if self._given is not None:
            return self._given
        if self._made is None:
            with self._making:
                self._made = self._made or _new_session()
        return self._made

    def close(self) -> None:
        """Close the connections of our own session; the next call opens new ones."""
        with self._making:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    def prepare(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: Any,
        *,
        credential_chosen: bool,
        trusted: bool = True,
    ) -> requests.PreparedRequest:
        """The request, byte for byte as given; see `exact.prepare`.

        `body`: None, bytes, a file or a path, which are read while they are sent, or an iterable of bytes.
        Raises RequestInvalid.
        """
        return prepare(
            self.session,
            method,
            url,
            headers,
            body,
            credential_chosen=credential_chosen,
            trusted=trusted,
        )

    def send(
        self,
        request: requests.PreparedRequest,
        *,
        timeout: Timeout | None = None,
        idempotent: bool | None = None,
    ) -> Reply:
        """Send, follow and repeat as allowed, and read the whole answer, whatever its status.

        Methods that are idempotent by RFC 9110 are repeated on a lost connection and on 408, 429, 502, 503
        and 504; any request is when no connection could be made. `idempotent` is the user's word for this
        request. Retry-After holds where the time allows it; where not, the answer is given as it is.

        Raises ConnectError, DeadlineExceeded, BodyTooLarge, DecodeError.
        """
        reply = self._ask(request, timeout, idempotent, self._whole)
        assert isinstance(reply, Reply)
        return reply

    def stream(
        self,
        request: requests.PreparedRequest,
        *,
        timeout: Timeout | None = None,
        idempotent: bool | None = None,
    ) -> Reply | Live:
        """As `send`, but a success that has a body is given when its head has come.

        `Timeout.total` bounds the time until then, `Timeout.read` each silence from then on; where that is
        None, `total` does this too. `max_body` does not bound what goes through a Live.
        """
        return self._ask(request, timeout, idempotent, self._begun)

    def _ask(
        self, request: requests.PreparedRequest, timeout: Timeout | None, idempotent: bool | None, take: Take
    ) -> Reply | Live:
        """The loop of one call: attempts, redirects, and the waits between them."""
        begin(request.body)
        clock, started = Clock(timeout or self._timeout), monotonic()
        repeatable = retry.may_repeat(request.method, idempotent)
        attempt = hops = 0
        while True:
            outcome = self._attempt(request, clock, attempt, started, take)
            url = _next_url(request, outcome) if hops < redirect.LIMIT else None
            if url and back_at_start(request.body):
                request, hops = self._redirected(request, url), hops + 1
                continue
            pause = _pause(outcome, repeatable, attempt) if attempt < self._retries else None
            if pause is None or pause >= clock.left() or not back_at_start(request.body):
                return _result(outcome)
            sleep(pause)
            attempt += 1

    def _attempt(
        self, request: requests.PreparedRequest, clock: Clock, attempt: int, started: float, take: Take
    ) -> Reply | Live | Failure:
        """One exchange. A failure is returned: raised outside of `except`, it drags no request along."""
        before, begun = current.clock, monotonic()
        current.clock = clock
        try:
            outcome: Reply | Live | Failure = self._exchange(request, clock, started, take)
        except TransportError as error:
            outcome = Failure(error.with_traceback(None), Again.NEVER)
        except CAUGHT as error:
            outcome = understand(error, clock, _name(request))
        finally:
            current.clock = before
        if logger.isEnabledFor(logging.DEBUG):
            told = type(outcome.error).__name__ if isinstance(outcome, Failure) else outcome.status
            took = 1000 * (monotonic() - begun)
            logger.debug("%s: %s in %.1f ms, attempt %d", _name(request), told, took, attempt + 1)
        return outcome

    def _exchange(
        self, request: requests.PreparedRequest, clock: Clock, started: float, take: Take
    ) -> Reply | Live:
        if clock.left() <= 0:
            raise out_of_time(clock, _name(request))
        limits = (clock.wait(clock.timeout.connect), clock.wait(clock.timeout.read))
        pass_on = self._pass_on if self._given is None else self._pass_on_given
        response = pass_on(request, limits)
        try:
            return take(response, request, clock, started)
        except BaseException:
            if response.raw is not None:
                response.close()
            raise

    def _whole(
        self, response: requests.Response, request: requests.PreparedRequest, clock: Clock, started: float
    ) -> Reply:
        content = read(response, self._max_body, partial(_name, request))
        return Reply(*head(response), content, request.url or "", monotonic() - started)

    def _begun(
        self, response: requests.Response, request: requests.PreparedRequest, clock: Clock, started: float
    ) -> Reply | Live:
        if response.status_code >= 300 or getattr(response.raw, "length_remaining", None) == 0:
            return self._whole(response, request, clock, started)
        source = Source(response, clock.timeout, partial(_name, request), self._max_body)
        return Live(*head(response), source, request.url or "", monotonic() - started)

    def _pass_on(
        self, request: requests.PreparedRequest, limits: tuple[float | None, float | None]
    ) -> requests.Response:
        """Through our own session: straight to the adapter, there being no hooks and no cookies to see to."""
        session, url = self.session, request.url or ""
        origin = origin_of(url)
        if (settings := self._by_origin.get(origin)) is None:
            settings = self._by_origin[origin] = self._merged(session, url)
        return session.get_adapter(url).send(request, stream=True, timeout=limits, **settings)  # type: ignore[arg-type]

    def _pass_on_given(
        self, request: requests.PreparedRequest, limits: tuple[float | None, float | None]
    ) -> requests.Response:
        """Through a session of the user's, with everything that it does around a request but redirects.

        Session.send looks at a redirect even when it is not to follow it: it reads the body without a
        bound, and raises for a Location that is no URL. So it is shown none.
        """
        session, url = self.session, request.url or ""
        keep_deadlines(session.get_adapter(url))
        hidden: list[tuple[requests.Response, str]] = []

        def hide(response: requests.Response, **_: Any) -> None:
            if response.is_redirect:
                hidden.append((response, response.headers.pop("Location")))

        request = request.copy()
        request.hooks = {**request.hooks, "response": [*request.hooks.get("response", ()), hide]}
        settings = self._merged(session, url)
        try:
            response = session.send(
                request, timeout=limits, allow_redirects=False, **{**settings, "stream": True}
            )
        finally:
            for seen, location in hidden:
                seen.headers["Location"] = location
        return response

    def _merged(self, session: requests.Session, url: str) -> dict[str, Any]:
        """verify, cert and proxies: ours, then the environment's, then the session's."""
        settings = {**self._settings, "proxies": dict(self._settings["proxies"] or {})}  # type: ignore[arg-type]
        merged = session.merge_environment_settings(url, stream=None, **settings)  # type: ignore[arg-type]
        proxy = select_proxy(url, merged["proxies"])
        if proxy and not parse_url(proxy).host:  # requests answers this with a TypeError
            raise requests.exceptions.InvalidProxyURL
        return {name: merged[name] for name in ("verify", "cert", "proxies")}

    def _redirected(self, request: requests.PreparedRequest, url: str) -> requests.PreparedRequest:
        return elsewhere(request, url, self.session)


def _new_session() -> requests.Session:
    from dynaclient import __version__

    session = requests.Session()
    for old in session.adapters.values():
        old.close()
    adapter = Adapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # br and zstd are not asked for: not every version of their decoders can be kept within a bound.
    session.headers["Accept-Encoding"] = "gzip, deflate"
    session.headers["User-Agent"] = f"dynaclient/{__version__} python-requests/{requests.__version__}"
    return session


def _name(request: requests.PreparedRequest) -> str:
    return shown(request.method, request.url)


def _next_url(request: requests.PreparedRequest, outcome: Reply | Live | Failure) -> str | None:
    if isinstance(outcome, Failure):
        return None
    return redirect.target(request.method, request.url or "", outcome.status, outcome.headers)


def _pause(outcome: Reply | Live | Failure, repeatable: bool, attempt: int) -> float | None:
    """Seconds to wait before asking again; None where this outcome stands."""
    if isinstance(outcome, Failure):
        allowed = outcome.again is Again.ALWAYS or (repeatable and outcome.again is Again.IDEMPOTENT)
        return retry.backoff(attempt) if allowed else None
    if not repeatable or outcome.status not in retry.STATUSES:
        return None
    wished = retry.wished(outcome.headers)
    return retry.backoff(attempt) if wished is None else wished


def _result(outcome: Reply | Live | Failure) -> Reply | Live:
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome
