"""Exchanges straight over pools of urllib3: `Client(transport="urllib3")`. requests is not imported.

What the environment says of proxies and of a CA bundle holds, and cookies that a server sets are kept for
that server as long as the client lives. Mocks and instruments of requests see nothing of it.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Any

from urllib3.poolmanager import PoolManager, ProxyManager
from urllib3.util import parse_url

from dynaclient._support.messages import setting_name
from dynaclient.document.servers import is_unix
from dynaclient.errors import SettingsError
from dynaclient.transport.connection import (
    PoolResponse,
    UnixPool,
    exchange,
    pools_of,
    straight,
)
from dynaclient.transport.cookies import Cookies
from dynaclient.transport.deadline import Deadline
from dynaclient.transport.environment import ca_bundle, proxy_for
from dynaclient.transport.exact_request import basic, user_in
from dynaclient.transport.policy import Policy
from dynaclient.transport.pooling import SERVERS, USUAL_POOLING, Pooling
from dynaclient.transport.sender import Sender
from dynaclient.transport.trust import Trust, tls_context, usable_path
from dynaclient.transport.turns import Turns
from dynaclient.wire.percent import target_of
from dynaclient.wire.request import Request

_WHOLE = (bytes, type(None))
"""Bodies that travel with the head."""


class Pools:
    """The connections of one client, by origin, TLS context and proxy; and its cookies."""

    def __init__(self, pooling: Pooling = USUAL_POOLING) -> None:
        self.cookies = Cookies()
        self._pooling = pooling
        self._managers: dict[Any, PoolManager] = {}
        self._unix: dict[str, UnixPool] = {}

    def to(self, url: str, tls: Any, proxy: str | None, proxy_tls: Any) -> Any:
        """The pool for requests to `url`."""
        if is_unix(url):
            place = "/".join(url.split("/", 3)[:3])
            return self._unix.get(place) or self._unix.setdefault(place, UnixPool(url, self._pooling))
        manager = self._managers.get((proxy, proxy_tls))
        if manager is None:
            made = self._manager(proxy, proxy_tls)
            manager = self._managers.setdefault((proxy, proxy_tls), made)
        return manager.connection_from_url(url, {"ssl_context": tls} if tls is not None else None)

    def _manager(self, proxy: str | None, proxy_tls: Any) -> PoolManager:
        sizes: Any = {"num_pools": SERVERS, "maxsize": self._pooling.size}
        if proxy is None:
            made: PoolManager = PoolManager(**sizes)
        else:
            user = user_in(proxy) if "@" in proxy else None
            headers = {"Proxy-Authorization": basic(*user)} if user else None
            made = ProxyManager(proxy, proxy_headers=headers, proxy_ssl_context=proxy_tls, **sizes)
        made.pool_classes_by_scheme = pools_of(self._pooling)
        return made

    def close(self) -> None:
        """Close what is open; there may be more after that."""
        for manager in list(self._managers.values()):
            manager.clear()
        while self._unix:
            self._unix.popitem()[1].close()


class _Route:
    """How requests to an origin go: what TLS is set up with, the proxy, and the pool for that."""

    __slots__ = ("_held", "is_forwarded", "proxy", "proxy_tls", "tls")

    def __init__(self, tls: Any, proxy: str | None, proxy_tls: Any, is_forwarded: bool) -> None:
        self.tls = tls
        self.proxy = proxy
        self.proxy_tls = proxy_tls
        self.is_forwarded = is_forwarded
        """Whether a proxy reads the request itself, for which the target is the whole URL."""
        self._held: tuple[Any, Any] = (None, None)

    def pool(self, over: Pools, url: str) -> Any:
        holder, pool = self._held
        if holder is not over or pool.pool is None:  # that was closed
            pool = over.to(url, self.tls, self.proxy, self.proxy_tls)
            self._held = (over, pool)
        return pool


class LeanSender(Sender):
    """Sends requests over Pools. `settings`: verify, cert and proxies of the client."""

    def __init__(
        self, policy: Policy, settings: Mapping[str, Any], max_body: int, turns: Turns | None = None
    ) -> None:
        super().__init__(policy, max_body, turns)
        self._settings = settings
        self._routes: dict[Any, _Route] = {}
        self._contexts: dict[Any, Any] = {}
        self._trust = Trust()

    def _pass_on(self, over: Pools, request: Request, clock: Deadline) -> PoolResponse:
        url, timeout = request.url, clock.timeout
        route = self._route(request)
        pool = route.pool(over, url)
        if route.proxy is None and type(request.body) in _WHOLE and "Host" not in request.headers:
            response = straight(pool, target_of(url), request, timeout.connect)
        else:
            target = url if route.is_forwarded else target_of(url)
            response = exchange(pool, target, request, (timeout.connect, timeout.read))
        if "Set-Cookie" in response.headers:
            over.cookies.keep(url, response.headers.all("Set-Cookie"))
        return response

    def _moved(self, request: Request, url: str, over: Pools) -> Request:
        return over.cookies.moved(request, url)

    def _is_of_a_proxy(self, over: Pools, request: Request) -> bool:
        return self._route(request).is_forwarded

    def _route(self, request: Request) -> _Route:
        key = ("/".join(request.url.partition("?")[0].split("/", 3)[:3]), request.certified)
        route = self._routes.get(key)
        if route is None:
            route = self._routes[key] = self._new_route(request)
        return route

    def _new_route(self, request: Request) -> _Route:
        if is_unix(request.url):
            return _Route(None, None, None, False)
        is_tls = request.url[:6].lower() == "https:"
        proxy = _checked_proxy(proxy_for(request.url, self._settings["proxies"]))
        tls = self._context(request.certified) if is_tls else None
        proxy_tls = self._context(False) if proxy and proxy[:6].lower() == "https:" else None
        return _Route(tls, proxy, proxy_tls, proxy is not None and not is_tls)

    def _context(self, is_certified: bool) -> Any:
        """The TLS context with the client's certificate, or without it."""
        if is_certified not in self._contexts:
            verify, cert = self._settings["verify"], self._settings["cert"] if is_certified else None
            if verify is None or verify is True:
                verify = ca_bundle() or True
            usable_path("verify", verify)
            for path in cert[:2] if isinstance(cert, tuple) else (cert,):
                usable_path("cert", path)
            self._contexts[is_certified] = tls_context(*self._trust.of(verify, cert, is_certified))
        return self._contexts[is_certified]


def _checked_proxy(proxy: str | None) -> str | None:
    if not proxy:
        return None
    url = proxy if "://" in proxy else f"http://{proxy}"
    if not url.lower().startswith(("http://", "https://")):
        raise SettingsError(f'{setting_name("proxies")}: transport="urllib3" goes through HTTP proxies only')
    if not parse_url(url).host:
        raise http.client.InvalidURL
    return url
