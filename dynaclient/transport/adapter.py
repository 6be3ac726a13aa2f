"""The session that a client makes where it was given none, and what keeps deadlines in one of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import prepend_scheme_if_needed
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from dynaclient._version import __version__
from dynaclient.document.servers import UNIX, is_unix
from dynaclient.transport.deadline import current
from dynaclient.transport.pooling import SERVERS, USUAL_POOLING, Pooling
from dynaclient.wire.percent import target_of
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    from dynaclient.transport.connection import UnixPool

_URLLIB3_POOLS = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}


def keep_deadlines(adapter: object, proxy: str | None = None, pooling: Pooling = USUAL_POOLING) -> None:
    """Let an adapter that stands on urllib3's own pools make its next connections here.

    `proxy`: the one that the next request goes through. An adapter with connections of another kind (a mock,
    a cache, SOCKS) is left as it is. Outside our calls these connections behave as urllib3's.
    """
    if not isinstance(adapter, HTTPAdapter):
        return
    if proxy:  # its pools are made with the first request and stay
        adapter.proxy_manager_for(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]
    for manager in (adapter.poolmanager, *adapter.proxy_manager.values()):
        if manager.pool_classes_by_scheme == _URLLIB3_POOLS:
            _connect_here(manager, pooling)


def _connect_here(manager: Any, pooling: Pooling) -> None:
    from dynaclient.transport.connection import pools_of  # late: 2 ms

    manager.pool_classes_by_scheme = pools_of(pooling)


class AdapterRequest:
    """A request as our adapter reads it; the headers are a plain dict, all the way to the socket."""

    __slots__ = ("body", "headers", "method", "url")

    def __init__(self, request: Request) -> None:
        self.method = request.method
        self.url = request.url
        self.headers = dict(request.fields)
        self.body = request.body

    @property
    def path_url(self) -> str:
        """Path and query; with a proxy, requests looks at it."""
        return target_of(self.url)


class Adapter(HTTPAdapter):
    """The adapter of the session that we make.

    `send` is requests' own on purpose: the libraries that stand in for a server in tests replace it.
    What requests works out again for each request and what depends on the origin alone is kept.
    """

    def __init__(self, pooling: Pooling = USUAL_POOLING) -> None:
        self._pooling = pooling
        super().__init__(pool_connections=SERVERS, pool_maxsize=pooling.size)
        self._unix: dict[str, UnixPool] = {}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        keep_deadlines(self, pooling=self._pooling)
        return manager

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """The target byte for byte; requests' own may drop a lone `?` and slashes at the start."""
        if not proxies:
            return target_of(request.url or "")
        url = super().request_url(request, proxies)
        return target_of(request.url or "") if url.startswith("/") else url

    def get_connection_with_tls_context(self, request: Any, *given: Any, **settings: Any) -> Any:
        """The pool for a request; for one to a Unix socket there is one for each."""
        if not is_unix(request.url):
            keep_deadlines(self, pooling=self._pooling)
            return super().get_connection_with_tls_context(request, *given, **settings)
        place = "/".join(request.url.split("/", 3)[:3])
        return self._unix.get(place) or self._unix.setdefault(place, _unix_pool(request.url, self._pooling))

    def close(self) -> None:
        """Close all connections."""
        super().close()
        while self._unix:
            self._unix.popitem()[1].close()

    def pool(self, request: Request, settings: Mapping[str, Any]) -> Any:
        """The pool of urllib3's that a request goes through, with the TLS settings of its origin."""
        to_send: Any = AdapterRequest(request)
        pool = self.get_connection_with_tls_context(to_send, **settings)
        self.cert_verify(pool, request.url, settings["verify"], settings["cert"])  # type: ignore[no-untyped-call]
        return pool

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """As requests does, without what we do not read: a jar of cookies, a guess at the charset.

        The headers stay urllib3's, which know of repeats.
        """
        if not current.is_short:
            return super().build_response(req, resp)
        response = requests.Response()
        response.status_code = resp.status
        response.headers = resp.headers
        response.raw = resp
        response.reason = resp.reason
        response.url = req.url or ""
        response.request = req
        return response


def _unix_pool(url: str, pooling: Pooling) -> UnixPool:
    from dynaclient.transport.connection import UnixPool  # late: 2 ms

    return UnixPool(url, pooling)


def new_session(pooling: Pooling = USUAL_POOLING) -> requests.Session:
    """The session of a client that was given none."""
    session = requests.Session()
    for old in session.adapters.values():
        old.close()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # Session.send would keep them
    adapter = Adapter(pooling)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.mount(f"{UNIX}://", adapter)
    # br and zstd are not asked for: not every version of their decoders can be kept within a bound.
    session.headers["Accept-Encoding"] = "gzip, deflate"
    session.headers["User-Agent"] = f"dynaclient/{__version__} python-requests/{requests.__version__}"
    return session
