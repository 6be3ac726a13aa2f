"""Exchanges over aiohttp, which is asked for these and nothing else: a request goes out as it was prepared,
and redirects, retries, decoding and limits are those of `policy`, `prepare` and `body`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict
from requests.utils import prepend_scheme_if_needed, select_proxy
from yarl import URL

from dynaclient._support.messages import setting_name
from dynaclient.document.servers import is_unix
from dynaclient.errors import DynaclientError, RequestInvalid, SettingsError, Violation
from dynaclient.transport.async_body import AsyncBodyStream, time_limit
from dynaclient.transport.async_connection import Connector, host_of_socket
from dynaclient.transport.async_errors import LINE, as_below
from dynaclient.transport.async_exchange import AsyncExchange
from dynaclient.transport.body import decoded_body, too_large
from dynaclient.transport.deadline import Deadline
from dynaclient.transport.errors import PROXY_WANTS_USER, refused_by_proxy, understand
from dynaclient.transport.policy import Outage, Retryable
from dynaclient.transport.pooling import USUAL_POOLING, Pooling
from dynaclient.transport.reply import Reply, StreamingReply
from dynaclient.transport.trust import tls_context
from dynaclient.transport.url import named
from dynaclient.wire.files import Upload, silent_pipe
from dynaclient.wire.headers import Headers
from dynaclient.wire.percent import target_of
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    import ssl

AGENT = f"aiohttp/{aiohttp.__version__}"

Clients = WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]

_PIECE = 64 * 1024
_AUTOMATIC = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
_PROXIES = ("http://", "https://")


class AiohttpExchange(AsyncExchange):
    """Exchanges over aiohttp. Connections belong to the event loop that they were opened in.

    `clients`: those of each loop. `merged`: gives `verify`, `cert` and `proxies` for a request.
    """

    def __init__(
        self,
        clients: Clients,
        merged: Callable[[Request], dict[str, Any]],
        max_body: int,
        pooling: Pooling = USUAL_POOLING,
    ) -> None:
        self._pooling = pooling
        self._clients = clients
        self._merged = merged
        self._max_body = max_body
        self._origins: dict[Any, tuple[ssl.SSLContext | bool, str | None]] = {}

    async def whole(self, request: Request, clock: Deadline, started: float) -> Reply:
        response, headers = await self._sent(request, clock, clock.wait())
        return await self._all_of(response, headers, request, started)

    async def begun(self, request: Request, clock: Deadline, started: float) -> Reply | StreamingReply:
        async with time_limit(clock.wait()):
            response, headers = await self._sent(request, clock, None)
            if response.status >= 300 or _has_no_body(response):
                return await self._all_of(response, headers, request, started)
        if (connection := response.connection) is not None and connection.protocol is not None:
            connection.protocol.read_timeout = None  # who reads the body counts its silences
            connection.protocol.start_timeout()
        codings = headers.get("Content-Encoding", "")
        what = partial(named, request)
        source = AsyncBodyStream(_Source(response), codings, clock.timeout, what, self._max_body)
        took = monotonic() - started
        return StreamingReply(response.status, response.reason or "", headers, source, request.url, took)

    async def _sent(
        self, request: Request, clock: Deadline, total: float | None
    ) -> tuple[aiohttp.ClientResponse, Headers]:
        """The response when its head has come; `total`: the seconds that all of it may take."""
        tls, proxy = self._origin(request)
        limits = aiohttp.ClientTimeout(
            total=total,
            sock_connect=clock.timeout.connect,
            sock_read=clock.timeout.read,
            ceil_threshold=float("inf"),
        )
        response = await self._client().request(
            _Method(request.method),
            _url(request),
            headers=_fields(request),
            data=_content(request.body),
            allow_redirects=False,
            timeout=limits,
            proxy=proxy,
            ssl=tls,
        )
        if response.status == PROXY_WANTS_USER and proxy and request.url[:5].lower() == "http:":
            response.close()
            raise refused_by_proxy(named(request), PROXY_WANTS_USER)
        return response, Headers((_text(name), _text(value)) for name, value in response.raw_headers)

    async def _all_of(
        self, response: aiohttp.ClientResponse, headers: Headers, request: Request, started: float
    ) -> Reply:
        try:
            codings, what = headers.get("Content-Encoding", ""), partial(named, request)
            content = await self._read(response, codings, what)
        except BaseException:
            response.close()
            raise
        response.release()
        took = monotonic() - started
        return Reply(response.status, response.reason or "", headers, content, request.url, took)

    async def _read(self, response: aiohttp.ClientResponse, codings: str, what: Callable[[], str]) -> bytes:
        limit, size = self._max_body, 0
        parts: list[bytes] = []
        if response.method != hdrs.METH_HEAD and (response.content_length or 0) > limit:
            raise too_large(limit, what)
        async for piece in response.content.iter_any():
            parts.append(piece)
            size += len(piece)
            if size > limit:
                raise too_large(limit, what)
        if not codings:
            return b"".join(parts)
        return decoded_body(parts, codings, limit, what)

    def outage(self, error: Exception, request: Request, clock: Deadline) -> Outage:
        """As AsyncExchange.outage."""
        if isinstance(error, DynaclientError):
            return Outage(error.with_traceback(None), Retryable.NEVER)
        if isinstance(request.body, Upload) and request.body.waiting and clock.left() <= 0:
            return Outage(silent_pipe(), Retryable.NEVER)
        if isinstance(error, aiohttp.ClientHttpProxyError):
            again = Retryable.NEVER if error.status < 500 else Retryable.ALWAYS
            return Outage(refused_by_proxy(named(request), error.status), again)
        return understand(as_below(error), clock, named(request), by_the_user=False)

    async def aclose(self) -> None:
        """Close the connections of the running loop; the next call opens new ones."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def _client(self) -> aiohttp.ClientSession:
        """The pool of the running loop."""
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.closed:
            client = self._clients[loop] = aiohttp.ClientSession(
                connector=Connector(self._pooling, limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                skip_auto_headers=_AUTOMATIC,
                request_class=_ExactRequest,
                max_line_size=LINE,
                max_field_size=LINE,
            )
            client._retry_connection = False  # whether a request is repeated is for the policy to say
        return client

    def _origin(self, request: Request) -> tuple[ssl.SSLContext | bool, str | None]:
        """What TLS is set up with for the origin of a request, and its proxy."""
        key = ("/".join(request.url.partition("?")[0].split("/", 3)[:3]), request.certified)
        if key not in self._origins:
            merged = self._merged(request)
            proxy = select_proxy(request.url, merged["proxies"])
            if proxy:
                proxy = str(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]
                if not proxy.lower().startswith(_PROXIES):
                    raise SettingsError(
                        f"{setting_name('proxies')}: an AsyncClient goes through HTTP proxies only"
                    )
            is_tls = request.url[:6].lower() == "https:"
            tls = tls_context(merged["verify"], merged["cert"]) if is_tls else True
            self._origins[key] = (tls, proxy)
        return self._origins[key]


class _Source:
    """The body of a response of aiohttp, as it comes."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def piece(self) -> bytes:
        return await self._response.content.read(_PIECE)

    def left(self) -> bytes:
        return self._response.content._read_nowait(-1)  # aiohttp would drop it

    def understood(self, error: Exception, clock: Deadline, what: str) -> BaseException:
        return understand(as_below(error), clock, what, by_the_user=False).error

    async def aclose(self) -> None:
        self._response.close()


class _Method(str):
    """A method as it is written, which aiohttp puts in capitals; case matters (RFC 9110, section 9.1)."""

    def upper(self) -> _Method:
        """Itself."""
        return self


class _ExactRequest(aiohttp.ClientRequest):
    """Sends what it is given: aiohttp would write a length with a DELETE."""

    def update_body_from_data(self, body: Any, *given: Any, **settings: Any) -> None:
        """As aiohttp does, but nothing is said of a body that is not there."""
        if body is not None:
            super().update_body_from_data(body, *given, **settings)


def _url(request: Request) -> URL:
    """The URL whose target aiohttp writes byte for byte."""
    target = target_of(request.url)
    if is_unix(request.url):
        return URL.build(scheme="http", authority=host_of_socket(request.url), path=target, encoded=True)
    url = URL(request.url, encoded=True)
    if url.raw_path_qs != target:  # a `?` with nothing behind it
        return URL.build(scheme=url.scheme, authority=url.raw_authority, path=target, encoded=True)
    return url


def _fields(request: Request) -> CIMultiDict[str]:
    """The fields, so that their bytes are those of `fields`: aiohttp writes UTF-8, HTTP has Latin-1.

    Raises RequestInvalid for what is no UTF-8. How a body of unknown length is framed is left to aiohttp.
    """
    found: CIMultiDict[str] = CIMultiDict({hdrs.HOST: "localhost"} if is_unix(request.url) else {})
    for name, value in request.fields:
        if not value.isascii():
            try:
                value = value.encode("latin-1").decode("utf-8")
            except UnicodeError:
                message = "the value holds bytes that are not UTF-8, which aiohttp cannot write"
                raise RequestInvalid(
                    "the request cannot be sent", [Violation("header", name, "", message)]
                ) from None
        if name.lower() != "transfer-encoding":
            found.add(name, value)
    return found


def _content(body: bytes | Upload | None) -> bytes | AsyncIterator[bytes] | None:
    """The body as aiohttp takes it: a large one piece by piece, so that other tasks go on."""
    if body is None or (isinstance(body, bytes) and len(body) <= _PIECE):
        return body
    return _pieces(body)


async def _pieces(body: bytes | Upload) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        for start in range(0, len(body), _PIECE):
            yield body[start : start + _PIECE]
            await asyncio.sleep(0)  # a socket that takes it at once does not wait
    else:
        while not body.ended:
            if (pipe := body.pipe) is not None:
                body.waiting = True
                await _readable(pipe)
                body.waiting = False
            if piece := body.read1(_PIECE):
                yield piece
            await asyncio.sleep(0)


async def _readable(descriptor: int) -> None:
    """Until a pipe or a device has something to read, or has ended; other tasks go on."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # one that is always ready
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


def _has_no_body(response: aiohttp.ClientResponse) -> bool:
    """Whether its head says so."""
    return response.content is aiohttp.EMPTY_PAYLOAD or response.content_length == 0


def _text(field: bytes) -> str:
    return field.decode("latin-1")
