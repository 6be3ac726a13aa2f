"""One call: what its policy says is done over a session of requests."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeAlias

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.util import parse_url

from dynaclient._support.interrupts import let_through
from dynaclient._support.messages import setting_name
from dynaclient._support.messages import short_repr as shown_value
from dynaclient.document.files import kind, why
from dynaclient.errors import DeadlineExceeded, DynaclientError, SettingsError
from dynaclient.transport.body import BodyStream, read_body
from dynaclient.transport.connection import Adapter, AdapterRequest, PoolResponse, keep_deadlines
from dynaclient.transport.deadline import Deadline, current
from dynaclient.transport.errors import (
    PROXY_WANTS_USER,
    raised_by_the_user,
    refused_by_proxy,
    understand,
)
from dynaclient.transport.originals import NOTHING, Touched, touched
from dynaclient.transport.policy import Fetch, Outage, Policy, Retryable, Send
from dynaclient.transport.prepare import as_prepared, elsewhere, remade
from dynaclient.transport.reply import ChallengeHandler, Reply, StreamingReply, head
from dynaclient.transport.retries import RetryMode
from dynaclient.transport.trust import Trust, is_context, take_contexts
from dynaclient.transport.turns import Turns, take_turn
from dynaclient.transport.url import request_line
from dynaclient.wire.request import Request

Take = Callable[[Any, Request, Deadline, float], "Reply | StreamingReply"]

Outcome: TypeAlias = "Reply | StreamingReply | Outage"

RawResponse: TypeAlias = "requests.Response | PoolResponse"

logger = logging.getLogger("dynaclient")


class _Origin:
    """What holds for each request to an origin: the `settings` of an adapter, and its pool for them."""

    __slots__ = ("is_proxied", "place", "settings")

    def __init__(self, settings: dict[str, Any], is_proxied: bool) -> None:
        self.settings = settings
        self.is_proxied = is_proxied
        self.place: tuple[Any, Any] = (None, None)

    def pool(self, adapter: Adapter, request: Request) -> Any:
        """The pool of `adapter`; another one where that was closed."""
        holder, pool = self.place
        if holder is not adapter or pool.pool is None:
            if is_context(self.settings["verify"]):
                take_contexts(adapter)
            pool = adapter.pool(request, self.settings)
            self.place = (adapter, pool)
        return pool


class Sender:
    """Sends requests over the session of a Transport, which says what the arguments mean.

    `is_given`: the session is the user's. What follows what is decided by `policy`; here it is done.
    """

    def __init__(
        self,
        is_given: bool,
        policy: Policy,
        settings: dict[str, Any],
        max_body: int,
        turns: Turns | None = None,
    ) -> None:
        self._is_given = is_given
        self._policy = policy
        self._settings = settings
        self._max_body = max_body
        self._turns = turns
        self._by_origin: dict[Any, _Origin] = {}
        self._trust = Trust()

    def whole(
        self,
        session: requests.Session,
        request: Request,
        clock: Deadline,
        anew: ChallengeHandler | None,
        retry: RetryMode | None,
    ) -> Reply:
        """The whole answer. Raises as Transport.send."""
        reply = self._ask(session, request, clock, anew, retry, self._whole)
        assert isinstance(reply, Reply)
        return reply

    def begun(
        self,
        session: requests.Session,
        request: Request,
        clock: Deadline,
        anew: ChallengeHandler | None,
        retry: RetryMode | None,
    ) -> Reply | StreamingReply:
        """As Transport.stream."""
        return self._ask(session, request, clock, anew, retry, self._begun)

    def _ask(
        self,
        session: requests.Session,
        request: Request,
        clock: Deadline,
        anew: ChallengeHandler | None,
        retry: RetryMode | None,
        take: Take,
    ) -> Reply | StreamingReply:
        started = monotonic()
        moved = partial(elsewhere, session=session)
        steps = self._policy.steps(request, clock, moved=moved, answers=anew is not None, retry=retry)
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as end:
                outcome: Reply | StreamingReply | Outage = end.value
                break
            if isinstance(step, Send):
                if (turns := self._turns) is None:
                    came = self._attempt(session, step, clock, started, take)
                else:
                    came = self._in_turn(turns, session, step, clock, started, take)
            elif isinstance(step, Fetch):
                came = anew(step.challenge) if anew is not None else None
            else:
                sleep(step.seconds)
                came = None
        if isinstance(outcome, Outage):
            raise outcome.error
        return outcome

    def _in_turn(
        self,
        turns: Turns,
        session: requests.Session,
        step: Send,
        clock: Deadline,
        started: float,
        take: Take,
    ) -> Outcome:
        """An attempt when its turn has come."""
        try:
            take_turn(turns, clock, _name(step.request), sent=step.attempt > 0)
        except DeadlineExceeded as error:
            return Outage(error.with_traceback(None), Retryable.NEVER, untried=True)
        pause = None
        try:
            outcome = self._attempt(session, step, clock, started, take)
            pause = self._policy.pause_for_all(outcome)
            return outcome
        finally:
            turns.over(pause)

    def _attempt(
        self,
        session: requests.Session,
        step: Send,
        clock: Deadline,
        started: float,
        take: Take,
    ) -> Reply | StreamingReply | Outage:
        """One exchange. A failure is returned: raised outside of `except`, it drags no request along."""
        request = step.request
        before, begun = (current.clock, current.is_short, current.is_open), monotonic()
        current.clock = clock
        try:
            outcome: Reply | StreamingReply | Outage = self._exchange(session, request, clock, started, take)
        except DynaclientError as error:
            outcome = Outage(error.with_traceback(None), Retryable.NEVER)
        except Exception as error:
            outcome = understand(error, clock, _name(request), by_the_user=_is_foreign(session, request))
        finally:
            current.clock, current.is_short, current.is_open = before
        if logger.isEnabledFor(logging.DEBUG):
            log_attempt(step, outcome, begun)
        return outcome

    def _exchange(
        self,
        session: requests.Session,
        request: Request,
        clock: Deadline,
        started: float,
        take: Take,
    ) -> Reply | StreamingReply:
        response = self._pass_on(session, request, clock)
        if not isinstance(response.status_code, int):
            raise TypeError("a response without a status")
        try:
            if response.status_code == PROXY_WANTS_USER and self._is_of_a_proxy(session, request):
                raise refused_by_proxy(_name(request), PROXY_WANTS_USER)
            return take(response, request, clock, started)
        except BaseException:
            if response.raw is not None:
                response.close()
            raise

    def _is_of_a_proxy(self, session: requests.Session, request: Request) -> bool:
        """Whether a 407 is one: inside TLS a proxy answers CONNECT, and not what comes after it."""
        url = request.url
        is_open = url[:5].lower() == "http:"
        return is_open and select_proxy(url, self.merged(session, request)["proxies"]) is not None

    def _whole(self, response: requests.Response, request: Request, clock: Deadline, started: float) -> Reply:
        content = read_body(response, self._max_body, partial(_name, request))
        return Reply(*head(response), content, request.url, monotonic() - started)

    def _begun(
        self, response: requests.Response, request: Request, clock: Deadline, started: float
    ) -> Reply | StreamingReply:
        if response.status_code >= 300 or getattr(response.raw, "length_remaining", None) == 0:
            return self._whole(response, request, clock, started)
        source = BodyStream(response, clock.timeout, partial(_name, request), self._max_body)
        return StreamingReply(*head(response), source, request.url, monotonic() - started)

    def _pass_on(self, session: requests.Session, request: Request, clock: Deadline) -> RawResponse:
        """By `Session.send`; the short way only where nobody could tell."""
        found = touched(session)
        current.is_short = not self._is_given and found is NOTHING
        current.is_open = found.urllib3
        if current.is_short:
            return self._straight(session, request, clock)
        return self._by_session(session, request, clock, found)

    def _straight(self, session: requests.Session, request: Request, clock: Deadline) -> RawResponse:
        """Through our own session: straight to the pool, there being no hooks and no cookies to see to."""
        url = request.url
        key = ("/".join(url.partition("?")[0].split("/", 3)[:3]), request.certified)
        if (origin := self._by_origin.get(key)) is None:
            settings = self.merged(session, request)
            is_proxied = select_proxy(url, settings["proxies"]) is not None
            origin = self._by_origin[key] = _Origin(settings, is_proxied)
        adapter, timeout = session.get_adapter(url), clock.timeout
        if type(adapter) is Adapter and not origin.is_proxied:
            return adapter.exchange(origin.pool(adapter, request), request, (timeout.connect, timeout.read))
        limits = (clock.wait(timeout.connect), clock.wait(timeout.read))
        to_send: Any = AdapterRequest(request) if type(adapter) is Adapter else as_prepared(request)
        return adapter.send(to_send, stream=True, timeout=limits, **origin.settings)  # type: ignore[arg-type]

    def _by_session(
        self, session: requests.Session, request: Request, clock: Deadline, found: Touched
    ) -> requests.Response:
        """Through a session with everything that it does around a request but redirects.

        Session.send looks at a redirect even when it is not to follow it: it reads the body without a
        bound, and raises for a Location that is no URL. So it is shown none.
        """
        url, limits = request.url, (clock.wait(clock.timeout.connect), clock.wait(clock.timeout.read))
        settings = self.merged(session, request)
        keep_deadlines(session.get_adapter(url), select_proxy(url, settings["proxies"]))
        what = _name(request)
        came: list[requests.Response] = []
        hidden: list[tuple[requests.Response, str]] = []

        def note(response: requests.Response, **_: Any) -> None:
            came.append(response)

        def hide(response: requests.Response, **_: Any) -> None:
            if response.is_redirect:
                hidden.append((response, response.headers.pop("Location")))

        prepared = as_prepared(request).copy()
        given = [partial(_guarded, each, what) for each in prepared.hooks.get("response", ())]
        prepared.hooks = {**prepared.hooks, "response": [note, *given, hide]}
        try:
            options = {**settings, "timeout": limits, "allow_redirects": False, "stream": True}
            return remade(session, prepared, options) if found.request else session.send(prepared, **options)
        except BaseException:  # of a hook: the connection would stay with what it raised
            for response in came:
                response.close()
            raise
        finally:
            for response, location in hidden:
                response.headers["Location"] = location

    def merged(self, session: requests.Session, request: Request) -> dict[str, Any]:
        """verify, cert and proxies: ours, then the environment's, then the session's."""
        url = request.url
        settings = {**self._settings, "proxies": dict(self._settings["proxies"] or {})}
        merged = session.merge_environment_settings(url, stream=None, **settings)
        proxy = select_proxy(url, merged["proxies"])
        if proxy and not parse_url(proxy).host:  # requests answers this with a TypeError
            raise requests.exceptions.InvalidProxyURL
        verify, cert = merged["verify"], merged["cert"] if request.certified else None
        if url[:6].lower() == "https:":
            _usable("verify", verify)
            for path in cert[:2] if isinstance(cert, tuple) else (cert,):
                _usable("cert", path)
            verify, cert = self._trust.of(verify, cert, request.certified)
            if is_context(verify):
                take_contexts(session.get_adapter(url))
        return {"verify": verify, "cert": cert, "proxies": merged["proxies"]}


def log_attempt(step: Send, outcome: Reply | StreamingReply | Outage, begun: float) -> None:
    """One line of what came of an attempt: no query, no header, no body."""
    came = type(outcome.error).__name__ if isinstance(outcome, Outage) else outcome.status
    took = 1000 * (monotonic() - begun)
    logger.debug("%s: %s in %.1f ms, attempt %d", _name(step.request), came, took, step.attempt + 1)


def _usable(name: str, path: Any) -> None:
    """Raises SettingsError for what OpenSSL would wait for, or never come to the end of."""
    if not isinstance(path, (str, os.PathLike)):
        return
    told = f"{setting_name(name)}: {shown_value(os.fsdecode(path))}"
    try:
        found = kind(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise SettingsError(f"{told} cannot be read: {why(error)}") from None
    if found not in ("", "a folder" if name == "verify" else ""):
        raise SettingsError(f"{told} is {found}, not a file")


def _guarded(hook: Callable[..., Any], what: str, response: requests.Response, **settings: Any) -> Any:
    """A hook of the user's, whose failures are its own."""
    try:
        return hook(response, **settings)
    except DynaclientError:
        raise
    except Exception as error:
        let_through(error)
        told = raised_by_the_user(error, what)
        raise told from told.__cause__


def _is_foreign(session: requests.Session, request: Request) -> bool:
    """Whether the session or the adapter of a request is of a class that requests does not know."""
    try:
        adapter = session.get_adapter(request.url)
    except Exception:  # there is none, or getting it is what failed
        return type(session) is not requests.Session
    return type(session) is not requests.Session or type(adapter) not in (Adapter, HTTPAdapter)


def _name(request: Request) -> str:
    return request_line(request.method, request.url)
