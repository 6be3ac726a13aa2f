"""Exchanges over a session of requests: the client's own, or one of the user's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.util import parse_url

from dynaclient._support.interrupts import let_through
from dynaclient.document.servers import is_unix
from dynaclient.errors import DynaclientError
from dynaclient.transport.adapter import Adapter, AdapterRequest, keep_deadlines
from dynaclient.transport.connection import PoolResponse, exchange
from dynaclient.transport.deadline import Deadline, current
from dynaclient.transport.errors import raised_by_the_user, understand
from dynaclient.transport.originals import NOTHING, Touched, touched
from dynaclient.transport.policy import Outage, Policy
from dynaclient.transport.prepare import as_prepared, elsewhere, remade
from dynaclient.transport.reply import head
from dynaclient.transport.sender import Sender
from dynaclient.transport.trust import Trust, is_context, take_contexts, usable_path
from dynaclient.transport.turns import Turns
from dynaclient.transport.url import named
from dynaclient.wire.percent import target_of
from dynaclient.wire.request import Request


class SessionResponse:
    """A response of requests, with as much as is read of one here. Raises TypeError for what is none."""

    def __init__(self, response: requests.Response) -> None:
        if not isinstance(response.status_code, int):
            raise TypeError("a response without a status")
        self.status_code, self.reason, self.headers = head(response)
        self.raw = response.raw
        self._content = response._content
        self.iter_content = response.iter_content
        self.close = response.close


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


class SessionSender(Sender):
    """Sends requests over the session of a Transport, which says what the arguments mean.

    `is_given`: the session is the user's.
    """

    def __init__(
        self,
        is_given: bool,
        policy: Policy,
        settings: dict[str, Any],
        max_body: int,
        turns: Turns | None = None,
    ) -> None:
        super().__init__(policy, max_body, turns)
        self._is_given = is_given
        self._settings = settings
        self._by_origin: dict[Any, _Origin] = {}
        self._trust = Trust()

    def _moved(self, request: Request, url: str, over: requests.Session) -> Request:
        return elsewhere(request, url, over)

    def _is_of_a_proxy(self, over: requests.Session, request: Request) -> bool:
        url = request.url
        is_open = url[:5].lower() == "http:"
        return is_open and select_proxy(url, self.merged(over, request)["proxies"]) is not None

    def _outage(self, error: Exception, over: requests.Session, request: Request, clock: Deadline) -> Outage:
        if isinstance(error, DynaclientError):
            return super()._outage(error, over, request, clock)
        return understand(error, clock, named(request), by_the_user=_is_foreign(over, request))

    def _pass_on(
        self, over: requests.Session, request: Request, clock: Deadline
    ) -> SessionResponse | PoolResponse:
        """By `Session.send`; the short way only where nobody could tell."""
        found = touched(over)
        current.is_short = not self._is_given and found is NOTHING
        current.is_open = found.urllib3
        if current.is_short:
            return self._straight(over, request, clock)
        return SessionResponse(self._by_session(over, request, clock, found))

    def _straight(
        self, session: requests.Session, request: Request, clock: Deadline
    ) -> SessionResponse | PoolResponse:
        """Through our own session: straight to the pool, there being no hooks and no cookies to see to."""
        url = request.url
        key = ("/".join(url.partition("?")[0].split("/", 3)[:3]), request.certified)
        if (origin := self._by_origin.get(key)) is None:
            settings = self.merged(session, request)
            is_proxied = select_proxy(url, settings["proxies"]) is not None
            origin = self._by_origin[key] = _Origin(settings, is_proxied)
        adapter, timeout = session.get_adapter(url), clock.timeout
        if type(adapter) is Adapter and not origin.is_proxied:
            pool = origin.pool(adapter, request)
            return exchange(pool, target_of(url), request, (timeout.connect, timeout.read))
        limits = (clock.wait(timeout.connect), clock.wait(timeout.read))
        to_send: Any = AdapterRequest(request) if type(adapter) is Adapter else as_prepared(request)
        response = adapter.send(to_send, stream=True, timeout=limits, **origin.settings)  # type: ignore[arg-type]
        return SessionResponse(response)

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
        what = named(request)
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
        if is_unix(url):
            return {"verify": True, "cert": None, "proxies": {}}
        settings = {**self._settings, "proxies": dict(self._settings["proxies"] or {})}
        merged = session.merge_environment_settings(url, stream=None, **settings)
        proxy = select_proxy(url, merged["proxies"])
        if proxy and not parse_url(proxy).host:  # requests answers this with a TypeError
            raise requests.exceptions.InvalidProxyURL
        verify, cert = merged["verify"], merged["cert"] if request.certified else None
        if url[:6].lower() == "https:":
            usable_path("verify", verify)
            for path in cert[:2] if isinstance(cert, tuple) else (cert,):
                usable_path("cert", path)
            verify, cert = self._trust.of(verify, cert, request.certified)
            if is_context(verify):
                take_contexts(session.get_adapter(url))
        return {"verify": verify, "cert": cert, "proxies": merged["proxies"]}


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
