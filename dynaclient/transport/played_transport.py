"""What an AsyncClient has in the place of connections where its responses were recorded."""

from __future__ import annotations

from time import monotonic
from typing import Any

from dynaclient.errors import DynaclientError
from dynaclient.transport.async_transport import AsyncTransport
from dynaclient.transport.deadline import Deadline
from dynaclient.transport.given_sender import limits, outage_of_given
from dynaclient.transport.policy import Outage, Send
from dynaclient.transport.reply import Reply, StreamingReply
from dynaclient.transport.sender import named
from dynaclient.wire.headers import Headers
from dynaclient.wire.request import Request


class PlayedTransport(AsyncTransport):
    """An AsyncTransport whose exchanges are those of a recording: nothing is sent, nothing awaited."""

    async def _attempt(
        self, step: Send, clock: Deadline, started: float, take: Any
    ) -> Reply | StreamingReply | Outage:
        try:
            return self._played(step.request, clock, started)
        except DynaclientError as error:
            return outage_of_given(error.with_traceback(None), named(step.request), clock)

    def _played(self, request: Request, clock: Deadline, started: float) -> Reply:
        recording: Any = self._over
        raw = recording.exchange(request, limits(clock))
        took = monotonic() - started
        return Reply(raw.status, raw.reason, Headers(raw.headers), raw.body, request.url, took)

    async def aclose(self) -> None:
        """Nothing: there are no connections."""
