"""A bulk run over tasks of an event loop, for an AsyncClient."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from dynaclient.bulk.feeder import Idle
from dynaclient.bulk.pools import ExecutorPool
from dynaclient.bulk.row import BulkRow, BulkSummary
from dynaclient.bulk.run import BulkRun
from dynaclient.bulk.worker import perform_awaited

if TYPE_CHECKING:
    from dynaclient.bulk.row_requests import Row
    from dynaclient.bulk.worker import Try
    from dynaclient.calls.async_executor import AsyncExecutor
    from dynaclient.document.model import Operation

__all__ = ["AsyncBulk"]


class TasksPool(ExecutorPool):
    """A task for each request. `woken` is set when one is over."""

    capacity = None

    def __init__(self, calls: AsyncExecutor) -> None:
        self._calls = calls
        self.woken = asyncio.Event()

    def submit(self, asked: Try, *, with_recipe: bool) -> Any:
        """A task that makes a request, once."""
        task = asyncio.get_running_loop().create_task(perform_awaited(self._calls, asked))
        task.add_done_callback(lambda _: self.woken.set())
        return task

    def never_began(self, future: Any) -> bool:
        """Never certain: a task begins at once."""
        return False

    def withdraw(self, future: Any) -> bool:
        """Nothing waits for a worker."""
        return False

    def lost(self, error: BaseException) -> bool:
        """A task has no worker that could die."""
        return False


class AsyncBulk:
    """What became of each row, as an asynchronous iterator of BulkRow, in the order in which they are done.

    `summary`: the counts so far. Requests go while results are asked for; `aclose()`, or leaving it as an
    asynchronous context manager, sends no more and waits for those that are on their way. A task that is
    cancelled meanwhile gives them up: the journal has them as sent.
    """

    def __init__(
        self, calls: AsyncExecutor, operation: Operation, rows: Iterable[Row], **settings: Any
    ) -> None:
        self._bulk = BulkRun(calls, operation, rows, pool=lambda alone, *_: TasksPool(alone), **settings)
        self._results = self._run()

    @property
    def summary(self) -> BulkSummary:
        """The counts so far."""
        return self._bulk.feeder.summary

    def __aiter__(self) -> AsyncIterator[BulkRow]:
        return self

    async def __anext__(self) -> BulkRow:
        return await anext(self._results)

    async def __aenter__(self) -> AsyncBulk:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Send no more, and wait for what is on its way; its state is in the journal."""
        await self._results.aclose()
        self._bulk.close()

    def __repr__(self) -> str:
        return f"<AsyncBulk of {self._bulk.operation.key}: {self.summary}>"

    async def _run(self) -> AsyncGenerator[BulkRow, None]:
        feeder = self._bulk.feeder
        started = time.monotonic()
        try:
            for step in feeder.steps():
                if isinstance(step, Idle):
                    await self._wait(step.seconds)
                    continue
                self.summary.seconds = time.monotonic() - started
                await asyncio.sleep(0)  # a reader that awaits nothing does not keep requests from going on
                yield step
            if feeder.stopped is not None:
                raise feeder.stopped
        except asyncio.CancelledError:
            for task in feeder.pending:
                task.cancel()
            raise
        finally:
            self.summary.seconds = time.monotonic() - started
            try:
                if feeder.pending:
                    await asyncio.wait(feeder.pending)  # type: ignore[type-var]
                feeder.settle()
            finally:
                self._bulk.close()

    async def _wait(self, seconds: float | None) -> None:
        """Wait until a request is over."""
        woken: asyncio.Event = self._bulk.pool.woken  # type: ignore[attr-defined]
        if not self._bulk.feeder.pending or seconds == 0:
            await asyncio.sleep(seconds or 0)
        elif self._bulk.feeder.finished.empty():
            woken.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(woken.wait(), seconds)
