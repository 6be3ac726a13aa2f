"""The same, awaited: another driver of the one policy, without a thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from dynaclient._version import __version__
from dynaclient.errors import DeadlineExceeded
from dynaclient.transport.adapter import new_session
from dynaclient.transport.async_exchange import AsyncExchange
from dynaclient.transport.deadline import Deadline, Timeout
from dynaclient.transport.policy import Fetch, Outage, ResponseHead, Retryable, Send
from dynaclient.transport.prepare import elsewhere
from dynaclient.transport.reply import Reply, StreamingReply
from dynaclient.transport.retries import RetryMode
from dynaclient.transport.sender import Outcome
from dynaclient.transport.session import Transport
from dynaclient.transport.session_sender import SessionSender
from dynaclient.transport.turns import Turns
from dynaclient.transport.url import named
from dynaclient.transport.watching import Watch, logger, observed
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    import requests

    from dynaclient.transport.protocol import AsyncBaseTransport

ChallengeTask = Callable[[ResponseHead], Awaitable["Request | None"]]
"""What to send once more after a 401: the request with an answer to its challenge, if there is one."""

Take = Callable[["Request", Deadline, float], Awaitable["Reply | StreamingReply"]]


class AsyncTransport(Transport):
    """A Transport whose `send` is awaited. Connections belong to the event loop that they were opened in.

    Settings are those of a Transport, but for `session`: there is none to give. Tasks may share it.
    """

    is_awaited = True

    @classmethod
    def of(cls, transport: Transport, over: AsyncBaseTransport | None = None) -> AsyncTransport:
        """One with the settings of `transport`; over a transport of the user's, or else over aiohttp.

        Raises ImportError where that is not installed.
        """
        made = object.__new__(cls)
        made.__dict__.update(transport.__dict__)
        if over is not None:
            made._over = over  # type: ignore[assignment]
        made._forget()
        made._made_exchange()  # which tells whether it can be
        return made

    def _forget(self) -> None:
        super()._forget()
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()
        self._awaiting: AsyncExchange | None = None

    def __getstate__(self) -> dict[str, Any]:
        ours = ("_clients", "_awaiting")
        return {name: value for name, value in super().__getstate__().items() if name not in ours}

    @property
    def session(self) -> requests.Session:
        """What requests are prepared by; nothing is sent over it."""
        if self._made is None:
            from dynaclient.transport.aiohttp_exchange import AGENT  # optional

            made = new_session()
            made.headers["User-Agent"] = f"dynaclient/{__version__} {AGENT}"
            self._made = made
        return self._made

    def _alike(self, **changes: Any) -> AsyncTransport:
        return super()._alike(_awaiting=None, **changes)

    @property
    def _exchange_awaited(self) -> AsyncExchange:
        if self._awaiting is None:
            self._awaiting = self._made_exchange()
        return self._awaiting

    def _made_exchange(self) -> AsyncExchange:
        if self._over is not None:
            from dynaclient.transport.given_exchange import GivenExchange  # late: 2 ms

            return GivenExchange(cast("AsyncBaseTransport", self._over), self._max_body)
        from dynaclient.transport.aiohttp_exchange import AiohttpExchange  # optional

        return AiohttpExchange(self._clients, self._merged, self._max_body, self.pooling)

    def _merged(self, request: Request) -> dict[str, Any]:
        """The settings for the origin of a request."""
        assert isinstance(self._exchange, SessionSender)
        return self._exchange.merged(self.session, request)

    def _moved(self, request: Request, url: str) -> Request:
        return request.altered(url=url) if self._over else elsewhere(request, url, session=self.session)

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
        reply = await self._ask(
            request, clock or self.clock(timeout), again, retry, key, watch, self._exchange_awaited.whole
        )
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
        return await self._ask(
            request, clock or self.clock(timeout), again, retry, key, watch, self._exchange_awaited.begun
        )

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
        steps = self._policy().steps(
            request, clock, moved=self._moved, answers=again is not None, retry=retry
        )
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
        """Close the connections of the running loop, or the transport that was given."""
        await self._exchange_awaited.aclose()

    async def _in_turn(
        self, turns: Turns, step: Send, clock: Deadline, started: float, take: Take
    ) -> Outcome:
        """An attempt when its turn has come."""
        try:
            await _take_turn(turns, clock, named(step.request), sent=step.attempt > 0)
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
        try:
            outcome: Reply | StreamingReply | Outage = await take(step.request, clock, started)
        except Exception as error:
            outcome = self._exchange_awaited.outage(error, step.request, clock)
        return outcome


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
