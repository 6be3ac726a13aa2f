"""The same over aiohttp: another driver of the one policy, without a thread.

aiohttp is asked for the exchange and nothing else: a request goes out as it was prepared, and redirects,
retries, decoding and limits are those of `policy`, `prepare` and `body`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
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
from dynaclient._version import __version__
from dynaclient.errors import DeadlineExceeded, DynaclientError, RequestInvalid, SettingsError, Violation
from dynaclient.transport.adapter import new_session
from dynaclient.transport.async_body import AsyncBodyStream, time_limit
from dynaclient.transport.async_connection import Connector
from dynaclient.transport.async_errors import LINE, as_below
from dynaclient.transport.body import decoded_body, too_large
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.errors import PROXY_WANTS_USER, refused_by_proxy, understand
from dynaclient.transport.policy import Fetch, Outage, ResponseHead, Retryable, Send
from dynaclient.transport.prepare import elsewhere
from dynaclient.transport.reply import Reply, StreamingReply
from dynaclient.transport.retries import RetryMode
from dynaclient.transport.sender import Outcome
from dynaclient.transport.session import Transport
from dynaclient.transport.session_sender import SessionSender
from dynaclient.transport.trust import tls_context
from dynaclient.transport.turns import Turns
from dynaclient.transport.url import request_line
from dynaclient.transport.watching import Watch, logger, observed
from dynaclient.wire.files import Upload
from dynaclient.wire.headers import Headers
from dynaclient.wire.percent import target_of
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    import ssl

    import requests

ChallengeTask = Callable[[ResponseHead], Awaitable["Request | None"]]
"""What to send once more after a 401: the request with an answer to its challenge, if there is one."""

Take = Callable[["Request", Deadline, float], Awaitable["Reply | StreamingReply"]]

_PIECE = 64 * 1024
_AUTOMATIC = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
_PROXIES = ("http://", "https://")


class AsyncTransport(Transport):
    """A Transport whose `send` is awaited. Connections belong to the event loop that they were opened in.

    Settings are those of a Transport, but for `session`: there is none to give. Tasks may share it.
    """

    is_awaited = True

    @classmethod
    def of(cls, transport: Transport) -> AsyncTransport:
        """One with the settings of `transport`."""
        made = object.__new__(cls)
        made.__dict__.update(transport.__dict__)
        made._forget()
        return made

    def _forget(self) -> None:
        super()._forget()
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )
        self._origins: dict[Any, tuple[ssl.SSLContext | bool, str | None]] = {}

    def __getstate__(self) -> dict[str, Any]:
        ours = ("_clients", "_origins")
        return {name: value for name, value in super().__getstate__().items() if name not in ours}

    @property
    def session(self) -> requests.Session:
        """What requests are prepared by; nothing is sent over it."""
        if self._made is None:
            made = new_session()
            made.headers["User-Agent"] = f"dynaclient/{__version__} aiohttp/{aiohttp.__version__}"
            self._made = made
        return self._made

    def altered(self, **settings: Any) -> AsyncTransport:
        """This one, connections included, with another `verify`, `cert` or `proxies`."""
        alike = super().altered(**settings)
        alike._origins = {}
        return alike

    @property
    def _merging(self) -> SessionSender:
        """What knows the settings for an origin; nothing is sent by it."""
        assert isinstance(self._exchange, SessionSender)
        return self._exchange

    async def send(  # type: ignore[override]
        self,
        request: Request,
        *,
        timeout: Timeout | None = None,
        clock: Deadline | None = None,
        again: ChallengeTask | None = None,
        retry: RetryMode | None = None,
        key: str = "",
        watch: Watch | None = None,
    ) -> Reply:
        """As Transport.send, and raises the same; a task that is cancelled leaves no connection behind."""
        reply = await self._ask(request, clock or self.clock(timeout), again, retry, key, watch, self._whole)
        assert isinstance(reply, Reply)
        return reply

    async def stream(  # type: ignore[override]
        self,
        request: Request,
        *,
        timeout: Timeout | None = None,
        clock: Deadline | None = None,
        again: ChallengeTask | None = None,
        retry: RetryMode | None = None,
        key: str = "",
        watch: Watch | None = None,
    ) -> Reply | StreamingReply:
        """As Transport.stream, and raises the same."""
        return await self._ask(request, clock or self.clock(timeout), again, retry, key, watch, self._begun)

    async def _ask(
        self,
        request: Request,
        clock: Deadline,
        again: ChallengeTask | None,
        retry: RetryMode | None,
        key: str,
        watch: Watch | None,
        take: Take,
    ) -> Reply | StreamingReply:
        started, turns = monotonic(), self.turns
        moved = partial(elsewhere, session=self.session)
        steps = self._policy().steps(request, clock, moved=moved, answers=again is not None, retry=retry)
        if watch is not None or logger.isEnabledFor(logging.INFO):
            steps = observed(steps, key, watch)
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as end:
                outcome: Reply | StreamingReply | Outage = end.value
                break
            if isinstance(step, Send):
                if turns is None:
                    came = await self._attempt(step, clock, started, take)
                else:
                    came = await self._in_turn(turns, step, clock, started, take)
            elif isinstance(step, Fetch):
                came = await again(step.challenge) if again is not None else None
            else:
                await asyncio.sleep(step.seconds)
                came = None
        if isinstance(outcome, Outage):
            raise outcome.error
        return outcome

    async def aclose(self) -> None:
        """Close the connections of the running loop; the next call opens new ones."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    async def _in_turn(
        self, turns: Turns, step: Send, clock: Deadline, started: float, take: Take
    ) -> Outcome:
        """An attempt when its turn has come."""
        try:
            await _take_turn(turns, clock, _name(step.request), sent=step.attempt > 0)
        except DeadlineExceeded as error:
            return Outage(error.with_traceback(None), Retryable.NEVER, untried=True)
        pause = None
        try:
            outcome = await self._attempt(step, clock, started, take)
            pause = self._policy().pause_for_all(outcome)
            return outcome
        finally:
            turns.over(pause)

    async def _attempt(
        self, step: Send, clock: Deadline, started: float, take: Take
    ) -> Reply | StreamingReply | Outage:
        """One exchange. A failure is returned: raised outside of `except`, it drags no request along."""
        what = partial(_name, step.request)
        try:
            outcome: Reply | StreamingReply | Outage = await take(step.request, clock, started)
        except DynaclientError as error:
            outcome = Outage(error.with_traceback(None), Retryable.NEVER)
        except aiohttp.ClientHttpProxyError as error:
            again = Retryable.NEVER if error.status < 500 else Retryable.ALWAYS
            outcome = Outage(refused_by_proxy(what(), error.status), again)
        except Exception as error:
            outcome = understand(as_below(error), clock, what(), by_the_user=False)
        return outcome

    async def _whole(self, request: Request, clock: Deadline, started: float) -> Reply:
        response, headers = await self._sent(request, clock, clock.wait())
        return await self._all_of(response, headers, request, started)

    async def _begun(self, request: Request, clock: Deadline, started: float) -> Reply | StreamingReply:
        async with time_limit(clock.wait()):
            response, headers = await self._sent(request, clock, None)
            if response.status >= 300 or _has_no_body(response):
                return await self._all_of(response, headers, request, started)
        if (connection := response.connection) is not None and connection.protocol is not None:
            connection.protocol.read_timeout = None  # who reads the body counts its silences
            connection.protocol.start_timeout()
        codings = headers.get("Content-Encoding", "")
        source = AsyncBodyStream(response, codings, clock.timeout, partial(_name, request), self._max_body)
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
            request.method,
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
            raise refused_by_proxy(_name(request), PROXY_WANTS_USER)
        return response, Headers((_text(name), _text(value)) for name, value in response.raw_headers)

    async def _all_of(
        self, response: aiohttp.ClientResponse, headers: Headers, request: Request, started: float
    ) -> Reply:
        try:
            codings, what = headers.get("Content-Encoding", ""), partial(_name, request)
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

    def _client(self) -> aiohttp.ClientSession:
        """The pool of the running loop."""
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.closed:
            client = self._clients[loop] = aiohttp.ClientSession(
                connector=Connector(limit=0),
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
            merged = self._merging.merged(self.session, request)
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


async def _take_turn(turns: Turns, clock: Deadline, what: str, *, sent: bool) -> None:
    """Wait until a request may go; a task that is cancelled gives its place back."""
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    turn = turns.join(partial(loop.call_soon_threadsafe, woken.set))
    try:
        while (seconds := turns.seconds(turn, clock, what, sent=sent)) != 0:
            timer = None if seconds is None else loop.call_later(seconds, woken.set)
            try:
                await woken.wait()
            finally:
                if timer is not None:
                    timer.cancel()
            woken.clear()
    except BaseException:
        turns.leave(turn)
        raise


class _ExactRequest(aiohttp.ClientRequest):
    """Sends what it is given: aiohttp would write the method in capitals, and a length with a DELETE."""

    def __init__(self, method: str, *given: Any, **settings: Any) -> None:
        super().__init__(method, *given, **settings)
        self.method = method

    def update_body_from_data(self, body: Any, *given: Any, **settings: Any) -> None:
        """As aiohttp does, but nothing is said of a body that is not there."""
        if body is not None:
            super().update_body_from_data(body, *given, **settings)


def _url(request: Request) -> URL:
    """The URL whose target aiohttp writes byte for byte."""
    url, target = URL(request.url, encoded=True), target_of(request.url)
    if url.raw_path_qs != target:  # a `?` with nothing behind it
        return URL.build(scheme=url.scheme, authority=url.raw_authority, path=target, encoded=True)
    return url


def _fields(request: Request) -> CIMultiDict[str]:
    """The fields, so that their bytes are those of `fields`: aiohttp writes UTF-8, HTTP has Latin-1.

    Raises RequestInvalid for what is no UTF-8. How a body of unknown length is framed is left to aiohttp.
    """
    found: CIMultiDict[str] = CIMultiDict()
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
    else:
        while piece := body.read(_PIECE):
            yield piece


def _has_no_body(response: aiohttp.ClientResponse) -> bool:
    """Whether its head says so."""
    return response.content is aiohttp.EMPTY_PAYLOAD or response.content_length == 0


def _text(field: bytes) -> str:
    return field.decode("latin-1")


def _name(request: Request) -> str:
    return request_line(request.method, request.url)
