"""A bulk run: rows in, what became of each out, as it comes.

It runs while results are asked for, so a reader that stops stops the run.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import short_repr
from dynaclient.bulk.feeder import Feeder, Idle
from dynaclient.bulk.intake import Intake, Key
from dynaclient.bulk.journal import Journal
from dynaclient.bulk.pools import THREADS, ExecutorPool, Pool, ProcessesPool, ThreadsPool
from dynaclient.bulk.recipe import recipe_of
from dynaclient.bulk.row import BulkRow, BulkSummary
from dynaclient.bulk.row_requests import Row, positive, requests_of
from dynaclient.errors import SettingsError
from dynaclient.transport.rate import Pace, requests_a_second
from dynaclient.transport.retries import IDEMPOTENT

if TYPE_CHECKING:
    from os import PathLike

    from dynaclient.calls.executor import BaseExecutor
    from dynaclient.calls.executor import Executor as Calls
    from dynaclient.document.model import Operation

__all__ = ["Bulk"]

MakePool = Callable[..., ExecutorPool]


class BulkRun:
    """The parts of a run, put together as its settings say; `Bulk` and `AsyncBulk` drive it."""

    def __init__(
        self,
        calls: BaseExecutor,
        operation: Operation,
        rows: Iterable[Row],
        *,
        pool: MakePool,
        key: Key = None,
        window: int = 64,
        rate: str | float | None = None,
        journal: str | PathLike[str] | None = None,
        ordered: bool = False,
        pack: str | None = None,
        size: int | None = None,
        parameters: Row | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        alone = calls.replace(transport=calls.transport.single())
        self.operation = operation
        if idempotency_key is None and pack is None and operation.method not in IDEMPOTENT:
            idempotency_key = calls.transport.key_header or None
        requests = requests_of(calls, operation, parameters, pack, size, idempotency_key)
        if journal is not None or requests.header:
            requests.check_lasting()
        repeatable = operation.method in IDEMPOTENT or idempotency_key is not None
        checks = calls.modes["request"] == "strict"
        self.intake = Intake(rows, requests, key, checks=checks, repeatable=repeatable, ordered=ordered)
        turns = calls.transport.turns
        of_client = None if turns is None else turns.rate
        window, pace = positive("window", window), Pace(requests_a_second(rate) or of_client)
        self.pool = pool(alone, window, repeatable)
        self.journal = None if journal is None else Journal(journal, requests.key, durable=not repeatable)
        self.intake.journal = self.journal
        self.feeder = Feeder(
            self.intake,
            requests,
            self.pool,
            pace,
            self.journal,
            window=window,
            repeatable=repeatable,
            ordered=ordered,
        )

    def close(self) -> None:
        """Let another run have the journal."""
        if self.journal is not None:
            self.journal.close()


class Bulk:
    """What became of each row, as an iterator of BulkRow, in the order in which they are done.

    `summary`: the counts so far. Requests go while results are asked for; `close()`, or leaving it as a
    context manager, sends no more and waits for those that are on their way.
    """

    def __init__(
        self,
        calls: Calls,
        operation: Operation,
        rows: Iterable[Row],
        *,
        executor: Pool = None,
        workers: int | None = None,
        **settings: Any,
    ) -> None:
        several = workers and positive("workers", workers)

        def pool(alone: Calls, window: int, repeatable: bool) -> ExecutorPool:
            return pool_of(executor, alone, several, window, repeatable=repeatable)

        self._bulk = BulkRun(calls, operation, rows, pool=pool, **settings)
        self._results = self._run()

    @property
    def summary(self) -> BulkSummary:
        """The counts so far."""
        return self._bulk.feeder.summary

    def __iter__(self) -> Iterator[BulkRow]:
        return self

    def __next__(self) -> BulkRow:
        return next(self._results)

    def __enter__(self) -> Bulk:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def checked(self) -> Iterator[BulkRow]:
        """The rows without sending any: "refused" where one does not match the document, else "ok"."""
        started, intake, feeder = time.monotonic(), self._bulk.intake, self._bulk.feeder
        intake.checks = True
        for made in intake.units():
            if made is None:
                continue
            rows = [made] if isinstance(made, BulkRow) else [row.fine() for row in made.rows]
            for row in rows:
                self.summary.seconds = time.monotonic() - started
                yield feeder.counted(row)

    def close(self) -> None:
        """Send no more, and wait for what is on its way; its state is in the journal."""
        self._results.close()
        self._bulk.close()

    def __repr__(self) -> str:
        return f"<Bulk of {self._bulk.operation.key}: {self.summary}>"

    def _run(self) -> Generator[BulkRow, None, None]:
        feeder, pool = self._bulk.feeder, self._bulk.pool
        started = time.monotonic()
        try:
            pool.start()
            for step in feeder.steps():
                if isinstance(step, Idle):
                    _wait(feeder, step.seconds)
                    continue
                self.summary.seconds = time.monotonic() - started
                yield step
            if feeder.stopped is not None:
                raise feeder.stopped
        finally:
            self.summary.seconds = time.monotonic() - started
            try:
                feeder.withdraw()
                wait(feeder.pending if not pool.is_gone else ())
                feeder.settle()
            finally:
                pool.close()
                self._bulk.close()


def _wait(feeder: Feeder, seconds: float | None) -> None:
    """Wait until a request is over; it is put back, for the feeder to take."""
    if not feeder.pending:
        time.sleep(seconds or 0.0)
    elif seconds is None or seconds > 0:
        with contextlib.suppress(queue.Empty):
            feeder.finished.put(feeder.finished.get(timeout=seconds))


def pool_of(
    executor: Any, calls: Calls, workers: int | None, window: int, *, repeatable: bool
) -> ExecutorPool:
    """What `executor` stands for. Raises SettingsError."""
    if executor is None or isinstance(executor, ThreadPoolExecutor):
        return ThreadsPool(calls, workers or min(window, THREADS), executor)
    if executor != "processes" and not hasattr(executor, "submit"):
        raise SettingsError(
            f'executor: expected None, "processes" or a concurrent.futures.Executor, '
            f"got {short_repr(executor)}"
        )
    digest, recipe = recipe_of(calls)
    if executor == "processes":
        return ProcessesPool(digest, recipe, workers)
    if type(executor).__module__.startswith("distributed."):
        from dynaclient.bulk.cluster import ClusterPool  # optional

        return ClusterPool(executor, digest, recipe, repeatable=repeatable)
    return ExecutorPool(executor, digest, recipe)
