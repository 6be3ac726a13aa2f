"""Makes calls that are awaited: what a BaseExecutor decides, over a transport whose `send` is awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynaclient.calls.executor import BaseExecutor
from dynaclient.calls.observers import OngoingCall
from dynaclient.wire.env import references_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import requests

    from dynaclient.calls.arguments import Call
    from dynaclient.calls.async_streaming import AsyncStreamedResponse
    from dynaclient.calls.executor import DraftedCall
    from dynaclient.calls.response import Response
    from dynaclient.calls.signed_request import SignedRequest
    from dynaclient.calls.streaming import Reader
    from dynaclient.transport.async_body import AsyncBodyStream
    from dynaclient.transport.async_transport import AsyncTransport
    from dynaclient.transport.deadline import Deadline
    from dynaclient.transport.policy import ResponseHead
    from dynaclient.wire.env import SecretReference
    from dynaclient.wire.request import Request


class AsyncExecutor(BaseExecutor):
    """As an Executor, but its calls are awaited; links and bound operations that it makes are too."""

    transport: AsyncTransport

    async def call(self, given: Call) -> Any:
        """As Executor.call."""
        response = await self.send(given)
        if response.status >= 300:
            self._check_status(given, response)
        return response if (given.options or {}).get("stream") else response.data

    async def send(self, given: Call) -> Response:
        """As Executor.send."""
        return await self.complete(await self.prepare(given))

    async def prepare(self, given: Call) -> SignedRequest:
        """As Executor.prepare; a token that a credential needs is fetched."""
        return await self._signed(self._draft(given))

    async def send_draft(self, draft: DraftedCall) -> Response:
        """As Executor.send_draft."""
        return await self.complete(await self._signed(draft))

    async def _signed(self, draft: DraftedCall) -> SignedRequest:
        place, schemes = self._destination(draft.compiled, draft.call, draft.checked.draft)
        if place.trusted:
            for value in self.transport.headers.values():
                await _fetched(references_in(value))
        await self._fetch(schemes, draft.clock)
        return self._sign(draft)

    async def prepared(self, given: Call) -> requests.PreparedRequest:
        """As Executor.prepared."""
        from dynaclient.transport.prepare import as_prepared  # late: 111 ms

        return as_prepared((await self.prepare(given)).request)

    async def complete(self, signed: SignedRequest) -> Response:
        """As Executor.complete."""

        async def again(reply: ResponseHead) -> Request | None:
            nonlocal signed
            if not self._answers_challenge(signed, reply):
                return None
            await self._fetch(signed.security.schemes, signed.clock)
            request, security = self._finish(signed.compiled, signed.call, signed.draft, signed.clock)
            signed = signed._replace(request=request, security=security)
            return request

        option = (signed.call.options or {}).get
        send = self.transport.stream if option("stream") else self.transport.send
        watch = OngoingCall(self, signed) if self.observers else None
        try:
            reply = await send(
                signed.request,
                clock=signed.clock,
                again=again,
                retry=option("retry"),
                key=signed.call.operation.key,
                watch=watch,
            )
        except BaseException as error:
            if watch is not None:
                watch.failed(error)
            raise
        try:
            return self.respond(signed, reply, watch)
        except BaseException:
            if watch is not None and (stream := watch.unread(reply)) is not None:
                await stream.aclose()
            raise

    def _as_stream(
        self, head: Response, reader: Reader, source: AsyncBodyStream | None
    ) -> AsyncStreamedResponse:
        from dynaclient.calls.async_streaming import AsyncStreamedResponse  # late: 13 ms

        return AsyncStreamedResponse(head, reader, source)

    async def _fetch(self, schemes: Sequence[str], clock: Deadline) -> None:
        await _fetched(self.credentials.references(schemes))
        for credential in self.credentials.fetched(schemes):
            await credential.fetch(self.transport, clock)


async def _fetched(references: Iterable[SecretReference]) -> None:
    for each in references:
        await each.fetch()
