"""The loop of a bulk run: it feeds the workers, and takes what they give.

Workers send once. Whether and when a request goes again is decided here, where the rate and the pauses are
kept. It waits for nothing itself: it says how long nothing is to be done, and `run` and `async_run` wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import queue
import time
from collections.abc import Generator, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from dynaclient.bulk.intake import Intake, Unit
from dynaclient.bulk.row import BulkRow, BulkSummary, State
from dynaclient.bulk.worker import Outcome
from dynaclient.errors import BulkError, DocumentError, SettingsError, UnknownOperation
from dynaclient.transport import policy
from dynaclient.transport.rate import LONGEST_PAUSE
from dynaclient.transport.retries import STATUSES

if TYPE_CHECKING:
    from dynaclient.bulk.journal import Journal
    from dynaclient.bulk.pools import ExecutorPool
    from dynaclient.bulk.row_requests import RowRequests
    from dynaclient.transport.rate import Pace

TRIES = 3
"""How often a request is sent that fails for a reason that passes, where repeating is safe."""
TRIES_WHEN_ASKED = 20
"""How often one is sent that a server puts off with 429."""
CRASHES = 3
"""How often a request may be there when a worker process dies; from the second time on it goes alone."""
HALVED = frozenset({400, 404, 409, 413, 422})
"""The statuses by which a server refuses a pack for one of its rows."""
TOO_LARGE = 413

_DIED = Outcome("unanswered", error="the worker process died while the request was with it")


class Idle(NamedTuple):
    """Nothing is to be done before something is `finished`, or so many seconds are over; None: no end."""

    seconds: float | None


_END = Idle(0.0)


class Feeder:
    """What becomes of each row, as it comes, and in between for how long there is nothing to do."""

    def __init__(
        self,
        intake: Intake,
        requests: RowRequests,
        pool: ExecutorPool,
        pace: Pace,
        journal: Journal | None,
        *,
        window: int,
        repeatable: bool,
        ordered: bool,
    ) -> None:
        self.summary = BulkSummary()
        self.pending: dict[Future[Outcome], Unit] = {}
        self.finished: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
        self.stopped: BaseException | None = None
        """Why no more is sent, before all was."""
        self._intake, self._requests, self._pool, self._pace = intake, requests, pool, pace
        self._journal, self._window = journal, window
        self._repeatable, self._ordered = repeatable, ordered
        self._again: list[tuple[float, int, Unit]] = []
        self._number = count()
        self._has_crashed = False
        self._holds = pace.limits
        self._following = 0

    def steps(self) -> Iterator[BulkRow | Idle]:
        """The run."""
        return self._in_order() if self._ordered else self._fed()

    @property
    def _limit(self) -> int:
        """How many requests may be on their way.

        What waits for a worker is beyond the reach of the rate, and of a server that asks for a pause; and
        when a process dies, nobody knows whether it was sent. Where that matters, none wait.
        """
        if self._holds or not self._repeatable:
            return min(self._window, self._pool.capacity or self._window)
        return self._window

    def _fed(self) -> Iterator[BulkRow | Idle]:
        units = self._intake.units()
        ahead: Unit | None = None
        got: Unit | BulkRow | Idle | None
        over = False
        while True:
            while len(self.pending) < self._limit and self.stopped is None:
                unit = self._due() or ahead
                if unit is None and not over and self._may_read():
                    try:
                        got = next(units, _END)
                    except Exception as error:
                        self.stopped = error
                        break
                    self.summary.skipped = self._intake.skipped
                    if isinstance(got, BulkRow):
                        yield self.counted(got)
                        continue
                    if got is None:
                        yield _END  # it may go on at once, and so may others
                        continue
                    over = isinstance(got, Idle)
                    unit = None if isinstance(got, Idle) else got
                if unit is None:
                    break
                ahead = None if unit is ahead else ahead
                if self._wait() or (unit.crashes and self.pending) or self._has_suspect():
                    if unit.tries or unit.crashes or ahead is not None:
                        self._put_off(unit, 0.0)
                    else:
                        ahead = unit
                    break
                self._submit(unit)
            waits = ahead is not None or bool(self._again)
            if self.stopped is not None:
                waits, self._again, ahead, over = False, [], None, True
            if (not self.pending and not waits and over) or (self.stopped and self._pool.is_gone):
                return
            yield Idle(self._seconds(ahead) if waits else None)
            yield from self._come()

    def _come(self) -> Iterator[BulkRow]:
        with contextlib.suppress(queue.Empty):
            while True:
                yield from map(self.counted, self.settled(self.finished.get_nowait()))

    def _may_read(self) -> bool:
        """Whether more rows may be read: in order, those that wait for an earlier one are bounded too."""
        if not self._ordered or not (self.pending or self._again):
            return True
        return self._intake.read - self._following < (self._window + 1) * self._requests.size

    def _has_suspect(self) -> bool:
        return self._has_crashed and any(unit.crashes for unit in self.pending.values())

    def _due(self) -> Unit | None:
        if self._again and self._again[0][0] <= time.monotonic():
            return heapq.heappop(self._again)[2]
        return None

    def _put_off(self, unit: Unit, seconds: float) -> None:
        heapq.heappush(self._again, (time.monotonic() + seconds, next(self._number), unit))

    def _seconds(self, ahead: Unit | None) -> float | None:
        """How long nothing can be sent."""
        if len(self.pending) >= self._limit:
            return None
        first = 0.0 if ahead is not None else max(0.0, self._again[0][0] - time.monotonic())
        held = self.pending and self._has_crashed and any(unit.crashes for _, _, unit in self._again)
        return None if held or self._has_suspect() else max(first, self._wait())

    def _wait(self) -> float:
        """Seconds until the rate lets a request go."""
        if not self._pace.limits:
            return self._pace.wait()
        return self._pace.wait([unit.went for unit in self.pending.values()])

    def _submit(self, unit: Unit) -> None:
        try:
            if self._journal is not None:
                self._journal.sent(unit.keys)
        except BulkError as error:  # nothing of it was sent
            self.stopped = error
            return
        asked = self._requests.of([row.value for row in unit.rows], unit.rows[0].key)
        try:
            future = self._pool.submit(asked, with_recipe=unit.with_recipe)
        except RuntimeError as error:  # it broke, or is shut down
            self._unsent(unit)
            broke = f"{_BROKE}{_GOES_ON}" if isinstance(error, BrokenExecutor) else f"takes no more: {error}"
            self.stopped = self.stopped or BulkError(f"the executor {broke}; {_LATER}")
            return
        unit.tries, unit.went = unit.tries + 1, time.monotonic()
        self._pace.taken()
        self.summary.requests += 1
        self.pending[future] = unit
        future.add_done_callback(partial(self._over, unit))

    def _over(self, unit: Unit, future: Future[Outcome]) -> None:
        """Note when a request is over, however late that is looked at. Other threads call it."""
        unit.over = time.monotonic()
        self.finished.put(future)

    # -- what comes back ------------------------------------------------------------------------------------

    def settled(self, future: Future[Outcome]) -> list[BulkRow]:
        """What becomes of the rows of a request that is over; nothing yet for those that go again."""
        unit = self.pending.pop(future, None)
        if unit is None:
            return []  # it was withdrawn
        try:
            outcome = future.result()
        except (CancelledError, asyncio.CancelledError):
            self._dropped(unit, future)
            return []
        except (SettingsError, DocumentError, UnknownOperation) as error:  # no other row fares better
            self._unsent(unit)
            self.stopped = self.stopped or error
            return []
        except Exception as error:
            if self._pool.lost(error):
                self._pace.arrived(unit.over)
                return self._crashed(unit, future)
            outcome = Outcome("unanswered", error=f"{type(error).__name__}: {error}")
        if outcome.kind in ("answered", "unanswered"):
            self._pace.arrived(unit.over - outcome.seconds)
        return self._decided(unit, outcome)

    def _decided(self, unit: Unit, outcome: Outcome) -> list[BulkRow]:
        if outcome.kind == "lacking":
            unit.with_recipe, unit.tries = True, unit.tries - 1
            self.summary.requests -= 1
            self._put_off(unit, 0.0)
            return []
        if outcome.kind == "invalid":
            halves = self._halved(unit)
            return self._done(unit, "refused", outcome, again=True) if halves is None else halves
        if outcome.kind == "unsent":
            return self._repeated(unit, outcome, policy.backoff(unit.tries - 1), TRIES, harmless=True)
        if outcome.kind == "unanswered":
            if self._repeatable:
                return self._repeated(unit, outcome, policy.backoff(unit.tries - 1), TRIES)
            return self._done(unit, "unknown", outcome, again=False)
        return self._judged(unit, outcome)

    def _judged(self, unit: Unit, outcome: Outcome) -> list[BulkRow]:
        """What becomes of rows whose request has a response."""
        status = outcome.status or 0
        if status < 400:
            return self._done(unit, "failed" if outcome.away else "ok", outcome, again=outcome.away)
        asked = outcome.retry_after is not None or status == policy.TOO_MANY
        wait = policy.backoff(unit.tries - 1) if outcome.retry_after is None else outcome.retry_after
        wait = min(wait, LONGEST_PAUSE)
        if asked:
            self._holds = True
            self._pace.pause(wait)  # for all: the server said it of all
        if status == policy.TOO_MANY:  # RFC 6585: it was not carried out
            return self._repeated(unit, outcome, wait, TRIES_WHEN_ASKED, harmless=True)
        if status in STATUSES and self._repeatable:
            return self._repeated(unit, outcome, wait, TRIES)
        if status == TOO_LARGE or (status in HALVED and self._repeatable):
            halves = self._halved(unit)
            if halves is not None:
                return halves
        return self._done(unit, "failed", outcome, again=self._repeatable or status < 500)

    def _repeated(
        self, unit: Unit, outcome: Outcome, wait: float, most: int, *, harmless: bool = False
    ) -> list[BulkRow]:
        if unit.tries >= most:
            return self._done(unit, "failed", outcome, again=True)
        if harmless:
            self._unsent(unit)
        self._put_off(unit, wait)
        return []

    def _halved(self, unit: Unit) -> list[BulkRow] | None:
        """Let each half of a pack go by itself; None where that is less than the document asks for."""
        half = len(unit.rows) // 2
        if half < self._requests.least:
            return None
        for rows in (unit.rows[:half], unit.rows[half:]):
            self._put_off(Unit(rows, with_recipe=unit.with_recipe), 0.0)
        return []

    def _dropped(self, unit: Unit, future: Future[Outcome]) -> None:
        """The executor gave up a request that nobody took back."""
        if self._pool.never_began(future):
            self._unsent(unit)
        self.stopped = self.stopped or BulkError(
            f"the executor gave up what it was to do{_GOES_ON}; {_LATER}"
        )

    def _crashed(self, unit: Unit, future: Future[Outcome]) -> list[BulkRow]:
        """A process died while requests were with it, or waited for it."""
        if not self._pool.revives:
            self.stopped = self.stopped or BulkError(f"the executor {_BROKE}{_GOES_ON}; {_LATER}")
            return []
        if self._pool.never_began(future):
            self._unsent(unit)
            unit.tries -= 1
            self.summary.requests -= 1
            self._put_off(unit, 0.0)
            return []
        if not self._repeatable:
            return self._done(unit, "unknown", _DIED, again=False)
        unit.crashes, self._has_crashed = unit.crashes + 1, True
        if unit.crashes >= CRASHES:
            return self._done(unit, "failed", _DIED, again=True)
        self._put_off(unit, 0.0)
        return []

    def _unsent(self, unit: Unit) -> None:
        """Note that what was about to be sent was not carried out."""
        if self._journal is not None:
            try:
                self._journal.forget(key for key, _ in unit.keys)
            except BulkError as error:
                self.stopped = self.stopped or error

    def _done(self, unit: Unit, state: State, outcome: Outcome, *, again: bool) -> list[BulkRow]:
        if self._journal is not None:
            try:
                self._journal.done(unit.keys, state, outcome.status, outcome.error, again=again)
            except BulkError as error:
                self.stopped = self.stopped or error
        return [
            BulkRow(
                row.at,
                row.key,
                state,
                outcome.status,
                outcome.data,
                outcome.violations,
                outcome.error,
                row.value,
            )
            for row in unit.rows
        ]

    def counted(self, row: BulkRow) -> BulkRow:
        """The same, noted in the summary."""
        setattr(self.summary, row.state, getattr(self.summary, row.state) + 1)
        return row

    # -- its end --------------------------------------------------------------------------------------------

    def withdraw(self) -> None:
        """Take back what waits for a worker: it is not sent."""
        for future in [*self.pending]:
            if self._pool.withdraw(future):
                self.summary.requests -= 1
                self._unsent(self.pending.pop(future))

    def settle(self) -> None:
        """Note what became of what was on its way, so that the journal has it."""
        for future in [each for each in self.pending if each.done()]:
            for row in self.settled(future):
                self.counted(row)

    def _in_order(self) -> Generator[BulkRow | Idle, None, None]:
        held: dict[int, BulkRow] = {}
        passed = self._intake.passed
        for step in self._fed():
            if isinstance(step, Idle):
                yield step
                continue
            held[step.index] = step
            while self._following in held or self._following in passed:
                passed.discard(self._following)
                ready = held.pop(self._following, None)
                self._following += 1
                if ready is not None:
                    yield ready
        yield from (held[index] for index in sorted(held))


_BROKE = "broke: a worker of it died"
_GOES_ON = "; what was sent and not answered is in the journal"
_LATER = "the run goes on when it is started again"
