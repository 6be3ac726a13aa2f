"""Exchanges over a transport of the user's that is awaited: see `protocol`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from inspect import isawaitable
from time import monotonic
from typing import Any

from dynaclient.transport.async_body import AsyncBodyStream, time_limit
from dynaclient.transport.async_exchange import AsyncExchange
from dynaclient.transport.deadline import Deadline
from dynaclient.transport.given_sender import checked_piece, head_of_given, limits, outage_of_given, pieces_of
from dynaclient.transport.policy import Outage
from dynaclient.transport.protocol import AsyncBaseTransport, RawResponse
from dynaclient.transport.reply import Reply, StreamingReply
from dynaclient.transport.url import named
from dynaclient.wire.request import Request


class GivenExchange(AsyncExchange):
    """Exchanges over an object of the user's, an AsyncBaseTransport."""

    def __init__(self, over: AsyncBaseTransport, max_body: int) -> None:
        self._over = over
        self._max_body = max_body

    async def whole(self, request: Request, clock: Deadline, started: float) -> Reply:
        """As AsyncExchange.whole."""
        async with time_limit(clock.wait()):
            head, source = await self._begun(request, clock, started)
            return await _all_of(head, source)

    async def begun(self, request: Request, clock: Deadline, started: float) -> Reply | StreamingReply:
        """As AsyncExchange.begun."""
        async with time_limit(clock.wait()):
            head, source = await self._begun(request, clock, started)
            return head if head.status < 300 else await _all_of(head, source)

    async def _begun(
        self, request: Request, clock: Deadline, started: float
    ) -> tuple[StreamingReply, AsyncBodyStream]:
        given = await self._over.exchange(request, limits(clock))
        source = _Source(given)
        try:
            status, reason, headers = head_of_given(given)
            source.check()
        except BaseException:
            await source.aclose()
            raise
        codings = headers.get("Content-Encoding", "")
        body = AsyncBodyStream(source, codings, clock.timeout, partial(named, request), self._max_body)
        return StreamingReply(status, reason, headers, body, request.url, monotonic() - started), body

    def outage(self, error: Exception, request: Request, clock: Deadline) -> Outage:
        """As AsyncExchange.outage."""
        return outage_of_given(_as_timeout(error), named(request), clock)

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self._over.aclose()


async def _all_of(head: StreamingReply, body: AsyncBodyStream) -> Reply:
    content = await body.read()
    return Reply(head.status, head.reason, head.headers, content, head.url, head.elapsed)


def _as_timeout(error: Exception) -> Exception:
    """`error`; in Python 3.10 that of asyncio is no TimeoutError."""
    is_another = isinstance(error, asyncio.TimeoutError) and not isinstance(error, TimeoutError)
    return TimeoutError("timed out") if is_another else error


class _Source:
    """The body of such a response, as it comes."""

    def __init__(self, given: Any) -> None:
        self._given: RawResponse | None = given if isinstance(given, RawResponse) else None
        self._pieces: Iterator[bytes] | AsyncIterator[bytes] = iter(())

    def check(self) -> None:
        """Raises TransportError for a body that is none."""
        assert self._given is not None
        body = self._given.body
        self._pieces = body.__aiter__() if hasattr(body, "__aiter__") else pieces_of(body)

    async def piece(self) -> bytes:
        while True:
            if isinstance(self._pieces, Iterator):
                found = next(self._pieces, None)
            else:
                found = await anext(self._pieces, None)
            if found is None:
                return b""
            if piece := checked_piece(found):
                return piece
            await asyncio.sleep(0)  # others, and the end of the time, have their turn

    def left(self) -> bytes:
        return b""

    def understood(self, error: Exception, clock: Deadline, what: str) -> BaseException:
        return outage_of_given(_as_timeout(error), what, clock).error

    async def aclose(self) -> None:
        """Let go of the connection, once."""
        given, self._given = self._given, None
        if given is None:
            return
        try:
            if (close := getattr(given.body, "aclose", None)) is not None:
                with suppress(RuntimeError):  # a generator that another task is in
                    await close()
        finally:
            if given.on_close is not None and isawaitable(closing := given.on_close()):
                await closing
