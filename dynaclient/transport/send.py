"""One call: attempts, redirects, and the waits between them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any

import requests
from requests.utils import select_proxy
from urllib3.util import parse_url

from dynaclient.errors import DynaclientError
from dynaclient.transport import redirect, retry
from dynaclient.transport.address import origin_of, shown
from dynaclient.transport.body import read
from dynaclient.transport.clock import Clock, current
from dynaclient.transport.connection import keep_deadlines
from dynaclient.transport.exact import elsewhere
from dynaclient.transport.failure import Again, Failure, out_of_time, understand
from dynaclient.transport.live import Source
from dynaclient.transport.outgoing import back_at_start, begin
from dynaclient.transport.reply import Live, Reply, head
from dynaclient.transport.session import Transport as Transport
from dynaclient.transport.timeout import Timeout

Take = Callable[[requests.Response, requests.PreparedRequest, Clock, float], "Reply | Live"]

logger = logging.getLogger("dynaclient")


class Exchange:
    """Sends requests over the session of a Transport, which says what the arguments mean.

    `session` gives it: our own is made anew after `close`. `is_given`: it is the user's.
    """

    def __init__(
        self,
        session: Callable[[], requests.Session],
        is_given: bool,
        retries: int,
        settings: dict[str, Any],
        max_body: int,
    ) -> None:
        self._session = session
        self._is_given = is_given
        self._retries = retries
        self._settings = settings
        self._max_body = max_body
        self._by_origin: dict[Any, dict[str, Any]] = {}

    def whole(self, request: requests.PreparedRequest, timeout: Timeout, idempotent: bool | None) -> Reply:
        """The whole answer. Raises as Transport.send."""
        reply = self._ask(request, timeout, idempotent, self._whole)
        assert isinstance(reply, Reply)
        return reply

    def begun(
        self, request: requests.PreparedRequest, timeout: Timeout, idempotent: bool | None
    ) -> Reply | Live:
        """As Transport.stream."""
        return self._ask(request, timeout, idempotent, self._begun)

    def _ask(
        self, request: requests.PreparedRequest, timeout: Timeout, idempotent: bool | None, take: Take
    ) -> Reply | Live:
        begin(request.body)
        clock, started = Clock(timeout), monotonic()
        repeatable = retry.may_repeat(request.method, idempotent)
        attempt = hops = 0
        while True:
            outcome = self._attempt(request, clock, attempt, started, take)
            url = _next_url(request, outcome) if hops < redirect.LIMIT else None
            if url and back_at_start(request.body):
                request, hops = elsewhere(request, url, self._session()), hops + 1
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
        except DynaclientError as error:
            outcome = Failure(error.with_traceback(None), Again.NEVER)
        except Exception as error:
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
        pass_on = self._pass_on_given if self._is_given else self._pass_on
        response = pass_on(request, limits)
        if not isinstance(response.status_code, int):
            raise TypeError("an answer without a status")
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
        session, url = self._session(), request.url or ""
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
        session, url = self._session(), request.url or ""
        settings = self._merged(session, url)
        keep_deadlines(session.get_adapter(url), select_proxy(url, settings["proxies"]))
        came: list[requests.Response] = []
        hidden: list[tuple[requests.Response, str]] = []

        def note(response: requests.Response, **_: Any) -> None:
            came.append(response)

        def hide(response: requests.Response, **_: Any) -> None:
            if response.is_redirect:
                hidden.append((response, response.headers.pop("Location")))

        request = request.copy()
        request.hooks = {**request.hooks, "response": [note, *request.hooks.get("response", ()), hide]}
        try:
            return session.send(
                request, timeout=limits, allow_redirects=False, **{**settings, "stream": True}
            )
        except BaseException:  # of a hook: the connection would stay with what it raised
            for response in came:
                response.close()
            raise
        finally:
            for response, location in hidden:
                response.headers["Location"] = location

    def _merged(self, session: requests.Session, url: str) -> dict[str, Any]:
        """verify, cert and proxies: ours, then the environment's, then the session's."""
        settings = {**self._settings, "proxies": dict(self._settings["proxies"] or {})}
        merged = session.merge_environment_settings(url, stream=None, **settings)
        proxy = select_proxy(url, merged["proxies"])
        if proxy and not parse_url(proxy).host:  # requests answers this with a TypeError
            raise requests.exceptions.InvalidProxyURL
        return {name: merged[name] for name in ("verify", "cert", "proxies")}


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
