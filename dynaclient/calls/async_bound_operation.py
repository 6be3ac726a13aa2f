"""An operation bound to an AsyncClient: called with `await`, and else as one that is bound to a Client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from dynaclient._support.missing import MISSING
from dynaclient.calls.arguments import Call
from dynaclient.calls.bound_operation import BaseBoundOperation, Documentation
from dynaclient.document.model import Operation

if TYPE_CHECKING:
    import requests

    from dynaclient.calls.async_executor import AsyncExecutor
    from dynaclient.calls.async_streaming import AsyncStreamedResponse
    from dynaclient.calls.response import Response
    from dynaclient.calls.streaming import Streaming


class AsyncBoundOperation(BaseBoundOperation):
    __doc__ = Documentation(
        """`client.get_thing` of an AsyncClient: await a call, `.send`, `.prepare`; else that of a Client."""
    )

    executor: AsyncExecutor
    operation: Operation

    async def __call__(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Any:
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return await self.executor.call(given)

    @overload
    async def send(
        self, /, *positionals: Any, options: Streaming, body: Any = MISSING, **names: Any
    ) -> AsyncStreamedResponse: ...

    @overload
    async def send(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response: ...

    async def send(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response:
        """Send, and give the whole response whatever its status."""
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return await self.executor.send(given)

    async def prepare(
        self,
        /,
        *positionals: Any,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> requests.PreparedRequest:
        """The request as it would be sent; nothing is sent but for a token."""
        given = Call(self.operation, None, names, body, options, positionals)
        del names, body, options, positionals
        return await self.executor.prepared(given)
