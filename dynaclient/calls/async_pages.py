"""The items of a list that comes in pages, awaited: `async for item in client.pages(...)`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from dynaclient.calls.pages import BasePages, Page

if TYPE_CHECKING:
    from dynaclient.calls.async_executor import AsyncExecutor

__all__ = ["AsyncPages"]


class AsyncPages(BasePages):
    """As Pages, of an AsyncClient: `async for item in api.pages(...)`, `async for page in pages.by_page()`.

    `token`, `count`, `total` and `last` are those of Pages. A page is fetched when its first item is asked
    for; where that is cancelled or fails, `start=pages.token` goes on.
    """

    _executor: AsyncExecutor

    def __init__(self, executor: AsyncExecutor, *given: Any) -> None:
        super().__init__(executor, *given)
        self._pages = self._walk()
        self._items = self._all()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        return await anext(self._items)

    async def by_page(self) -> AsyncIterator[Page]:
        """The pages, each with its items and its response."""
        async for page in self._pages:
            yield self._whole(page)

    async def _all(self) -> AsyncIterator[Any]:
        async for page in self._pages:
            for item in self._each(page):
                yield item

    async def _walk(self) -> AsyncIterator[Page]:
        steps = self._steps()
        step = next(steps, None)
        while step is not None:
            if isinstance(step, Page):
                yield step
                step = next(steps, None)
            else:
                step = steps.send(await self._executor.send(step))
