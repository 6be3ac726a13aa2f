"""An AsyncClient whose calls are waited for, so that one test drives both clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, ClassVar

import pytest

from dynaclient import (
    AsyncClient,
    AsyncPages,
    AsyncStreamedResponse,
    DynaclientError,
    Request,
    Response,
    StreamedResponse,
    Timeout,
)
from dynaclient.calls.async_bound_operation import AsyncBoundOperation
from dynaclient.calls.links import Link


class Awaited:
    """As a Client, over an AsyncClient and an event loop of its own."""

    made: ClassVar[list[Awaited]] = []

    def __init__(self, source: Any, *, session: Any = None, **settings: Any) -> None:
        own = settings.get("transport")
        if hasattr(own, "exchange") and not isinstance(own, type):
            settings.update(transport=AwaitedTransport(own), session=session)
        self.__setstate__(AsyncClient(source, **settings))

    def call(self, *given: Any, **names: Any) -> Any:
        return self.wait(self.client.call(*given, **names))

    def send(self, *given: Any, **names: Any) -> Any:
        return self.wait(self.client.send(*given, **names))

    def prepare(self, *given: Any, **names: Any) -> Any:
        return self.wait(self.client.prepare(*given, **names))

    def pages(self, *given: Any, **names: Any) -> AwaitedPages:
        return AwaitedPages(self.client.pages(*given, **names), self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "client" not in self.__dict__:
            raise AttributeError(name)
        found = getattr(self.client, name)
        return _Bound(found, self.wait) if isinstance(found, AsyncBoundOperation) else found

    def __setattr__(self, name: str, value: Any) -> None:
        if "client" in self.__dict__:
            setattr(self.client, name, value)
        else:
            super().__setattr__(name, value)

    def __repr__(self) -> str:
        return repr(self.client)

    def __getstate__(self) -> Any:
        return self.client

    def __setstate__(self, client: AsyncClient) -> None:
        self._loop, self.client = asyncio.new_event_loop(), client
        self.made.append(self)

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def wait(self, task: Any) -> Any:
        """What a task gives or raises; a streamed response, of the error too, is waited for as well."""
        try:
            return self._waited(self._loop.run_until_complete(task))
        except DynaclientError as error:
            self._waited(getattr(error, "response", None))
            raise

    def _waited(self, found: Any) -> Any:
        if type(found) is AsyncStreamedResponse:
            object.__setattr__(found, "__class__", AwaitedStream)
            found.__dict__["_by"] = self
        elif isinstance(found, Response):
            self.links(found.links)
        return found

    def links(self, links: Mapping[str, Any]) -> Mapping[str, Any]:
        """These links, whose calls are waited for too."""
        for each in links.values():
            object.__setattr__(each, "__class__", AwaitedLink)
            each.__dict__["_by"] = self
        return links

    def each(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        """The items, each waited for when it is asked for."""
        try:
            while True:
                try:
                    item = self.wait(anext(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if not self._loop.is_closed():
                self.wait(getattr(items, "aclose", _nothing)())

    def close(self) -> None:
        if not self._loop.is_closed():
            self.wait(self.client.aclose())
            self.wait(self._loop.shutdown_asyncgens())
            self._loop.close()


async def _nothing() -> None:
    """What has no end to see to."""


class _Bound:
    def __init__(self, bound: Any, wait: Callable[[Any], Any]) -> None:
        self._bound, self._wait = bound, wait
        self.__doc__ = bound.__doc__

    def __call__(self, *given: Any, **names: Any) -> Any:
        return self._wait(self._bound(*given, **names))

    def send(self, *given: Any, **names: Any) -> Any:
        return self._wait(self._bound.send(*given, **names))

    def prepare(self, *given: Any, **names: Any) -> Any:
        return self._wait(self._bound.prepare(*given, **names))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_bound" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._bound, name)

    def __repr__(self) -> str:
        return repr(self._bound)


class AwaitedLink(Link):
    """As a Link of a Client. One that was pickled has lost its client, and says so at once."""

    _by: Awaited

    def __call__(self, /, **given: Any) -> Any:
        task = super().__call__(**given)
        return self._by.wait(task)

    def send(self, /, **given: Any) -> Any:
        task = super().send(**given)
        return self._by.wait(task)

    def prepare(self, /, **given: Any) -> Any:
        task = super().prepare(**given)
        return self._by.wait(task)

    def __getstate__(self) -> Any:
        return {name: value for name, value in super().__getstate__().items() if name != "_by"}


class AwaitedTransport:
    """A BaseTransport as an AsyncBaseTransport; what is read at once is given at once."""

    def __init__(self, own: Any) -> None:
        self._own = own

    async def exchange(self, request: Request, timeout: Timeout) -> Any:
        return self._own.exchange(request, timeout)

    async def aclose(self) -> None:
        self._own.close()


class AwaitedPages:
    """As Pages, over AsyncPages."""

    def __init__(self, pages: AsyncPages, by: Awaited) -> None:
        self._pages, self._by = pages, by
        self._items = by.each(pages)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._items)

    def by_page(self) -> Iterator[Any]:
        return self._by.each(self._pages.by_page())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_pages" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._pages, name)

    def __repr__(self) -> str:
        return repr(self._pages).replace("AsyncPages", "Pages")


class AwaitedStream(AsyncStreamedResponse, StreamedResponse):
    """As a StreamedResponse, over an AsyncStreamedResponse."""

    _by: Awaited

    def __getstate__(self) -> Any:
        return {name: value for name, value in self.__dict__.items() if name != "_by"}

    @property
    def content(self) -> bytes:
        return self.read()  # type: ignore[return-value]

    @property
    def data(self) -> Any:
        self.read()
        return super().data

    @property
    def links(self) -> Mapping[str, Any]:
        return self._by.links(super().links)

    def read(self) -> Any:
        return self._by.wait(super().read())

    def save(self, path: Any) -> Any:
        return self._by.wait(super().save(path))

    def close(self) -> None:
        self._by.wait(super().aclose())

    def iter_bytes(self, *given: Any) -> Any:
        return self._by.each(super().iter_bytes(*given))

    def iter_lines(self) -> Any:
        return self._by.each(super().iter_lines())

    def iter_events(self) -> Any:
        return self._by.each(super().iter_events())

    def iter_items(self) -> Any:
        return self._by.each(super().iter_items())


AwaitedStream.__name__ = "StreamedResponse"  # as messages name it


def in_place_of_clients(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Iterator[None]:
    """What the tests of `modules` make with `Client` is an AsyncClient that is waited for."""
    for module in modules:
        monkeypatch.setattr(module, "Client", Awaited)
    yield
    while Awaited.made:
        Awaited.made.pop().close()
