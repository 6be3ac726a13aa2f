"""What an AsyncTransport leaves to a library: one exchange, a request out, a response in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynaclient.transport.deadline import Deadline
    from dynaclient.transport.policy import Outage
    from dynaclient.transport.reply import Reply, StreamingReply
    from dynaclient.wire.request import Request


class AsyncExchange:
    """One exchange, awaited: over aiohttp (`aiohttp_exchange`), or a transport of the user's
    (`given_exchange`).

    `outage` says what it raises means. A task that is cancelled in it leaves no connection behind.
    """

    async def whole(self, request: Request, clock: Deadline, started: float) -> Reply:
        """The whole response, within the time of `clock`, which runs since `started`."""
        raise NotImplementedError

    async def begun(self, request: Request, clock: Deadline, started: float) -> Reply | StreamingReply:
        """A success when its head has come; any other whole."""
        raise NotImplementedError

    def outage(self, error: Exception, request: Request, clock: Deadline) -> Outage:
        """What a failure means."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Let go of all connections."""
        raise NotImplementedError
