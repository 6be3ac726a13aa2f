"""Where requests are made: threads, processes of our own, or an executor of the user's."""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal

from dynaclient.bulk.worker import Outcome, Try, perform, process_pool, register, unregister

if TYPE_CHECKING:
    from dynaclient.calls.executor import Executor as Calls

Pool = Executor | Literal["processes"] | None
"""What a caller may say of where requests are made."""

THREADS = 32


class ExecutorPool:
    """An executor of the user's, in this process or others: used, and left open.

    `revives`: whether it goes on after a worker died.
    """

    revives = False

    def __init__(self, executor: Executor, digest: str, recipe: bytes | None) -> None:
        self._executor, self._digest, self._recipe = executor, digest, recipe

    def start(self) -> None:
        """Make ready for the first request."""

    @property
    def is_gone(self) -> bool:
        """Whether nothing that it was given will ever be over."""
        return False

    @property
    def capacity(self) -> int | None:
        """How many requests are made at a time; None where nobody knows."""
        return getattr(self._executor, "_max_workers", None)

    def submit(self, asked: Try, *, with_recipe: bool) -> Future[Outcome]:
        """Let a worker make a request, once. Raises BrokenExecutor and RuntimeError; nothing is sent then."""
        recipe = self._recipe if with_recipe else None
        return self._executor.submit(perform, self._digest, recipe, asked)

    def never_began(self, future: Future[Outcome]) -> bool:
        """Whether it is certain that what was cancelled, or lost, was not sent, and will not be."""
        return future.cancelled() and type(self._executor).__module__.startswith("concurrent.futures")

    def withdraw(self, future: Future[Outcome]) -> bool:
        """Take back what waits for a worker; whether that was in time."""
        of_python = type(self._executor).__module__.startswith("concurrent.futures")
        return of_python and future.cancel()  # others say so of what is running

    def lost(self, error: BaseException) -> bool:
        """Whether an error says that a worker died."""
        return isinstance(error, BrokenExecutor)

    def close(self) -> None:
        """End what was started."""


class ThreadsPool(ExecutorPool):
    """Threads, which use the connections of the client: those of the user's, or our own."""

    def __init__(self, calls: Calls, workers: int, given: Executor | None) -> None:
        super().__init__(given or ThreadPoolExecutor(workers, "dynaclient-bulk"), os.urandom(16).hex(), None)
        self._calls, self._is_given = calls, given is not None

    def start(self) -> None:
        """Make ready for the first request."""
        register(self._digest, self._calls)

    def close(self) -> None:
        """End the threads."""
        if not self._is_given:
            self._executor.shutdown(wait=True, cancel_futures=True)
        unregister(self._digest)


class ProcessesPool(ExecutorPool):
    """Processes of our own: a pool that broke is followed by another."""

    revives = True

    def __init__(self, digest: str, recipe: bytes, workers: int | None) -> None:
        self._workers = workers
        super().__init__(process_pool(workers, digest, recipe), digest, recipe)

    def submit(self, asked: Try, *, with_recipe: bool) -> Future[Outcome]:
        """Let a worker make a request, once."""
        try:
            return super().submit(asked, with_recipe=False)
        except BrokenExecutor:  # which takes nothing any more
            self._executor.shutdown(wait=False)
            self._executor = process_pool(self._workers, self._digest, self._recipe or b"")
            return super().submit(asked, with_recipe=False)

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)
