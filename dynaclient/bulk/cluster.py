"""A Dask cluster as the executor of a run: `executor=dask_client.get_executor(pure=False)`.

Dask runs a task again elsewhere when its worker died, and also when that had its result and nobody had
fetched it. A request that may not be repeated is therefore claimed at the scheduler right before it is sent:
who comes second gives up. What nobody claimed was not sent, whatever happened to its worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import Any
from uuid import uuid4

from distributed import KilledWorker, get_client
from distributed.diagnostics.plugin import WorkerPlugin

from dynaclient.bulk.pools import ExecutorPool
from dynaclient.bulk.worker import Outcome, Try, keep_recipe, perform, unregister
from dynaclient.errors import BulkError, SettingsError

_STALE = 2.0
"""Seconds after which the size of the cluster is asked for again."""

_GONE = (OSError, RuntimeError, TimeoutError, asyncio.TimeoutError)
"""What a client raises when its scheduler does not answer any more."""

_LATE = "its worker died, or had to give it up, while the request was with it"


class ClusterPool(ExecutorPool):
    """The workers of a Dask cluster. Each gets the recipe once, also one that comes later.

    Raises SettingsError where requests may not be repeated and the scheduler would.
    """

    revives = True

    def __init__(self, executor: Executor, digest: str, recipe: bytes, *, repeatable: bool) -> None:
        super().__init__(executor, digest, recipe)
        self._client: Any = executor._client  # type: ignore[attr-defined]
        self._run, self._once = uuid4().hex, not repeatable
        self._numbers: Iterator[int] = count()
        self._tickets: dict[Future[Outcome], int] = {}
        self._asked_at, self._capacity = 0.0, 1
        if self._once:
            self._check_scheduler()

    def _check_scheduler(self) -> None:
        try:
            allowed = self._client.run_on_scheduler(allowed_failures)
        except Exception as error:  # whatever it could not do there
            raise SettingsError(
                f"executor: the Dask scheduler cannot be asked whether it runs tasks again "
                f"({type(error).__name__}: {error}); calls that may not be repeated need dynaclient there too"
            ) from None
        if allowed:
            raise SettingsError(
                f"executor: this Dask scheduler runs a task again when its worker dies, up to {allowed} "
                f"times, and these calls may not be repeated: start the scheduler with "
                f"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0 (distributed.scheduler.allowed-failures), "
                f"or give idempotency_key="
            )

    def start(self) -> None:
        """Give the recipe to the workers."""
        try:
            self._client.register_plugin(_Recipe(self._digest, self._recipe or b""), name=self._name)
        except Exception as error:  # whatever it could not do there
            raise BulkError(
                f"the Dask workers cannot take the client ({type(error).__name__}: {error}): they need "
                f"dynaclient, as it is here"
            ) from None

    @property
    def is_gone(self) -> bool:
        """Whether the scheduler does not answer any more."""
        return bool(self._client.status != "running")

    @property
    def _name(self) -> str:
        return f"dynaclient-{self._run}"

    @property
    def capacity(self) -> int:
        """The threads of all workers."""
        if monotonic() - self._asked_at > _STALE and not self.is_gone:
            with suppress(*_GONE):
                self._capacity = max(1, sum(self._client.nthreads().values()))
            self._asked_at = monotonic()
        return self._capacity

    def submit(self, asked: Try, *, with_recipe: bool) -> Future[Outcome]:
        """Let a worker make a request, once. Raises RuntimeError; nothing is sent then."""
        if self.is_gone:
            raise RuntimeError("its scheduler is gone")
        recipe = self._recipe if with_recipe else None
        if not self._once:
            given: tuple[Any, ...] = (perform, self._digest, recipe, asked)
        else:
            number = next(self._numbers)
            low = min([*self._tickets.values()], default=number)  # a copy: the other thread takes some out
            given = (perform_once, self._run, number, low, self._digest, recipe, asked)
        settings = {**vars(self._executor).get("_kwargs", {}), "pure": False, "retries": 0}
        try:
            made = passed_on(self._client, self._client.submit(*given, **settings))
        except OSError as error:
            raise RuntimeError(f"its scheduler is gone ({error})") from None
        if self._once:
            self._tickets[made] = number
            made.add_done_callback(self._settled)
        return made

    def _settled(self, future: Future[Outcome]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._tickets.pop(future, None)

    def never_began(self, future: Future[Outcome]) -> bool:
        """Whether nobody claimed the request: then nobody will."""
        number = self._tickets.pop(future, None)
        if number is None or self.is_gone:
            return False
        with suppress(*_GONE):
            return bool(self._client.run_on_scheduler(claim, self._run, number, 0))
        return False

    def withdraw(self, future: Future[Outcome]) -> bool:
        """Take back what waits for a worker; whether that was in time."""
        return self._once and self.never_began(future) and future.cancel()

    def lost(self, error: BaseException) -> bool:
        """Whether an error says that a worker died."""
        return isinstance(error, KilledWorker)

    def close(self) -> None:
        """Let workers and scheduler forget the run."""
        if self.is_gone:
            return
        with suppress(*_GONE, KeyError):  # which it says of a plugin that no worker took
            self._client.unregister_worker_plugin(self._name)
            if self._once:
                self._client.run_on_scheduler(forget_claims, self._run)


def passed_on(client: Any, task: Any) -> Future[Any]:
    """What becomes of a task of `client`, a distributed.Future, in any case.

    The executor of Dask (2026.8) waits for ever where a task was finished, its worker died before the result
    was fetched, and the task cannot run again: what its own coroutine raises then is lost.
    """
    made: Future[Any] = Future()

    def withdraw(over: Future[Any]) -> None:
        if over.cancelled() and task.status != "cancelled":
            task.cancel()

    async def watch() -> None:
        try:
            result = await task
        except (CancelledError, asyncio.CancelledError):
            made.cancel()
            with suppress(InvalidStateError, RuntimeError):  # whoever took it back was told
                made.set_running_or_notify_cancel()
        except BaseException as error:
            with suppress(InvalidStateError):
                made.set_exception(error)
        else:
            with suppress(InvalidStateError):
                made.set_result(result)

    made.add_done_callback(withdraw)
    client.loop.add_callback(watch)
    return made


class _Recipe(WorkerPlugin):
    """Brings the recipe to a worker."""

    def __init__(self, digest: str, recipe: bytes) -> None:
        self._digest, self._recipe = digest, recipe

    def setup(self, worker: Any) -> None:
        """Keep the recipe, in the process of a worker."""
        keep_recipe(self._digest, self._recipe)

    def teardown(self, worker: Any) -> None:
        """Forget it."""
        unregister(self._digest)


def perform_once(run: str, number: int, low: int, digest: str, recipe: bytes | None, asked: Try) -> Outcome:
    """As `perform`, but only if nobody has begun this request before."""
    client: Any = get_client()
    if not client.run_on_scheduler(claim, run, number, low):
        return Outcome("unanswered", error=_LATE)
    return perform(digest, recipe, asked)


# -- in the process of the scheduler ------------------------------------------------------------------------

_claimed: dict[str, set[int]] = {}
"""By run: the numbers of requests that were begun."""
_lowest: dict[str, int] = {}
"""By run: all numbers below are over, and forgotten."""


def claim(run: str, number: int, low: int) -> bool:
    """Whether a request was not begun before; it is now. Those below `low` are over, and not kept."""
    taken = _claimed.setdefault(run, set())
    lowest = _lowest[run] = max(low, _lowest.get(run, 0))
    if number in taken or number < lowest:
        return False
    for over in [each for each in taken if each < lowest]:
        taken.discard(over)
    taken.add(number)
    return True


def forget_claims(run: str) -> None:
    """Forget a run that is over."""
    _claimed.pop(run, None)
    _lowest.pop(run, None)


def allowed_failures(dask_scheduler: Any) -> int:
    """How often a task is run again when its worker dies."""
    return int(dask_scheduler.allowed_failures)
