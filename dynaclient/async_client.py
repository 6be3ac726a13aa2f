"""AsyncClient: a Client whose calls are awaited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, overload

from dynaclient._support.missing import MISSING
from dynaclient.base_client import BaseClient, of_any_type
from dynaclient.calls.arguments import Call
from dynaclient.calls.async_bound_operation import AsyncBoundOperation
from dynaclient.errors import SettingsError
from dynaclient.transport.protocol import check_beside, check_given

if TYPE_CHECKING:
    import requests

    from dynaclient.bulk.async_run import AsyncBulk
    from dynaclient.calls.async_executor import AsyncExecutor
    from dynaclient.calls.async_pages import AsyncPages
    from dynaclient.calls.async_streaming import AsyncStreamedResponse
    from dynaclient.calls.executor import BaseExecutor
    from dynaclient.calls.response import Response
    from dynaclient.calls.streaming import Streaming
    from dynaclient.document.document import Document
    from dynaclient.document.operations import Operations
    from dynaclient.schema.validator import Validators
    from dynaclient.transport.session import Transport

__all__ = ["AsyncClient", "connect_async"]


class AsyncClient(BaseClient["AsyncBoundOperation", "AsyncPages"]):
    """Calls the operations of an OpenAPI document with `await`: `pip install dynaclient[async]`.

    Settings, names, checks and errors are those of a Client, but for `session`, which is none of aiohttp's;
    `transport`, your own object, is an AsyncBaseTransport here:

        async with AsyncClient("shop.yaml", server="https://shop.example") as api:
            order = await api.get_order(1)

    A call is sent, repeated and redirected as that of a Client. No thread is started; a cancelled task
    leaves no connection behind, and `asyncio.timeout` may end a call before its own `timeout` does. Tasks may
    share a client, also those of several event loops, each with connections of its own. The document is read
    when the client is made, as by a Client: make it before the loop has much to do.

    Raises as a Client, and SettingsError where aiohttp is not installed.
    """

    document: Document
    operations: Operations
    checkers: Validators

    _executor: AsyncExecutor

    async def call(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Any:
        """As Client.call."""
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return await self._executor.call(given)

    @overload
    async def send(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        options: Streaming,
        body: Any = MISSING,
        **names: Any,
    ) -> AsyncStreamedResponse: ...

    @overload
    async def send(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response: ...

    async def send(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> Response:
        """As Client.send; with `stream` an AsyncStreamedResponse."""
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return await self._executor.send(given)

    async def prepare(
        self,
        operation: str,
        mapping: Mapping[str, Any] | None = None,
        /,
        *,
        body: Any = MISSING,
        options: Mapping[str, Any] | None = None,
        **names: Any,
    ) -> requests.PreparedRequest:
        """As Client.prepare; nothing is sent but for a token."""
        given = Call(self.operations[operation], mapping, names, body, options)
        del mapping, names, body, options
        return await self._executor.prepared(given)

    async def poll(
        self,
        response: Response,
        *,
        until: Callable[[Response], object] | None = None,
        interval: float = 2.0,
        timeout: float = 300.0,
    ) -> Response:
        """As Client.poll."""
        from dynaclient.calls.polling import poll_awaited  # late: 5 ms

        return await poll_awaited(self._executor, response, until, interval, timeout)

    def bulk(
        self,
        operation: str,
        rows: Iterable[Mapping[str, Any]],
        /,
        *,
        key: Callable[[Any], Any] | str | None = None,
        window: int = 64,
        rate: str | float | None = None,
        journal: str | PathLike[str] | None = None,
        ordered: bool = False,
        pack: str | None = None,
        size: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> AsyncBulk:
        """As Client.bulk, over tasks, `window` at a time: `async for row in api.bulk(...)`.

        The journal is written in between, by the thread of the event loop.
        """
        from dynaclient.bulk.async_run import AsyncBulk  # late: 20 ms

        return AsyncBulk(
            self._executor,
            self.operations[operation],
            rows,
            key=key,
            window=window,
            rate=rate,
            journal=journal,
            ordered=ordered,
            pack=pack,
            size=size,
            parameters=parameters,
            idempotency_key=idempotency_key,
        )

    abulk = bulk
    """The same, under the name that it has elsewhere."""

    async def aclose(self) -> None:
        """Close the connections that this client opened in the running loop."""
        await self._executor.transport.aclose()

    def close(self) -> None:
        """Not without `await`: raises SettingsError."""
        raise SettingsError("the connections of an AsyncClient are closed by `await client.aclose()`")

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    def __enter__(self) -> AsyncClient:
        raise SettingsError("an AsyncClient is entered by `async with`")

    _bound = AsyncBoundOperation

    def _made_pages(self, *given: Any) -> AsyncPages:
        from dynaclient.calls.async_pages import AsyncPages  # late: 20 ms

        return AsyncPages(self._executor, *given)

    def _check_session(self, session: Any) -> None:
        if session is not None:
            raise SettingsError("session: an AsyncClient opens its own connections, over aiohttp")

    def _checked_over(self, transport: Any, session: Any, trust: Mapping[str, Any]) -> Any:
        check_given(transport, "aclose")
        check_beside(trust)
        return None  # what fetches documents does not await

    def _engine(self, engine: Transport, given: Any) -> tuple[type[BaseExecutor], Transport]:
        from dynaclient.calls.async_executor import AsyncExecutor  # late: 1 ms
        from dynaclient.transport.async_transport import AsyncTransport  # late: 40 ms

        try:
            if engine.is_played:
                from dynaclient.calls.replaying import AsyncReplay  # late: 12 ms

                given = AsyncReplay(engine.recording)
            return AsyncExecutor, AsyncTransport.of(engine, given)
        except ImportError:
            raise SettingsError(
                "an AsyncClient needs aiohttp, which is not installed: pip install 'dynaclient[async]'; "
                "or give it a transport=... of your own"
            ) from None


@of_any_type(AsyncClient)
def connect_async(*document: Any, **settings: Any) -> Any:
    """An AsyncClient, of whatever type it is said to have: `talon: "Talon" = connect_async("talon.yaml")`.

    As `connect`, with a stub that `dynaclient stubs --async` writes. Nothing is awaited here.
    """
    return AsyncClient(*document, **settings)
