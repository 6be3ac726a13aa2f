"""A bulk run: rows in, what became of each out, as it comes.

One loop feeds the workers and takes what they give; it runs while results are asked for, so a reader that
stops stops the run. Workers send once. Whether and when a request goes again is decided here, where the rate
and the pauses are kept.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import queue
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import kind_of, pluralize, short_repr
from dynaclient._support.missing import MISSING
from dynaclient.bulk.journal import SENT, Entry, Journal
from dynaclient.bulk.rate import Pace, requests_a_second
from dynaclient.bulk.recipe import recipe_of
from dynaclient.bulk.row import BulkRow, BulkSummary, State
from dynaclient.bulk.worker import Outcome, Try, perform, process_pool, register, unregister
from dynaclient.calls.arguments import Call
from dynaclient.document.node import NOWHERE, Node
from dynaclient.errors import BulkError, DocumentError, SettingsError, UnknownOperation, Violation
from dynaclient.transport import policy

if TYPE_CHECKING:
    from os import PathLike

    from dynaclient.calls.executor import Executor as Calls
    from dynaclient.document.model import Operation

__all__ = ["Bulk"]

Row = Mapping[str, Any]
Key = Callable[[Any], Any] | str | None
Pool = Executor | Literal["processes"] | None

TRIES = 3
"""How often a request is sent that fails for a reason that passes, where repeating is safe."""
TRIES_WHEN_ASKED = 20
"""How often one is sent that a server puts off with 429."""
LONGEST_PAUSE = 600.0
"""Seconds that a server may put off a run for at a time."""
CRASHES = 3
"""How often a request may be there when a worker process dies; from the second time on it goes alone."""
THREADS = 32
HALVED = frozenset({400, 404, 409, 413, 422})
"""The statuses by which a server refuses a pack for one of its rows."""
TOO_LARGE = 413
_MOST_HELD = 100
"""Rows of a pack where neither the call nor the document says how many."""


class _Row(NamedTuple):
    at: int
    key: str
    digest: bytes
    value: Row


@dataclass
class _Unit:
    """The rows of one request."""

    rows: list[_Row]
    tries: int = 0
    crashes: int = 0
    with_recipe: bool = False
    keys: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = [(row.key, row.digest) for row in self.rows]


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
        key: Key = None,
        executor: Pool = None,
        workers: int | None = None,
        window: int = 64,
        rate: str | float | None = None,
        journal: str | PathLike[str] | None = None,
        ordered: bool = False,
        pack: str | None = None,
        size: int | None = None,
        parameters: Row | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        self.summary = BulkSummary()
        self._operation, self._rows, self._key = operation, rows, _key_of(key)
        self._calls = calls.replace(transport=calls.transport.single())
        self._parameters = dict(parameters or {})
        self._ordered, self._window = ordered, _positive("window", window)
        self._pack, self._size = self._packed(pack, size)
        self._idempotency = self._idempotency_header(idempotency_key)
        self._repeatable = operation.method in policy.IDEMPOTENT or idempotency_key is not None
        self._checks = calls.modes["request"] == "strict"
        self._pace = Pace(requests_a_second(rate))
        self._given, self._workers = executor, workers and _positive("workers", workers)
        self._digest, self._recipe = self._prepared(executor)
        of = operation.key + (f" in packs of {pack}" if pack else "")
        self._journal = None if journal is None else Journal(journal, of, durable=not self._repeatable)
        self._pending: dict[Future[Outcome], _Unit] = {}
        self._finished: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
        self._again: list[tuple[float, int, _Unit]] = []
        self._number = count()
        self._stop: BaseException | None = None
        self._has_crashed = False
        self._read, self._following = 0, 0
        self._passed: set[int] = set()
        self._results = self._run()

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
        started, self._checks = time.monotonic(), True
        for made in self._units():
            rows = [made] if isinstance(made, BulkRow) else [_fine(row) for row in made.rows]
            for row in rows:
                self.summary.seconds = time.monotonic() - started
                yield self._counted(row)

    def close(self) -> None:
        """Send no more, and wait for what is on its way; its state is in the journal."""
        self._results.close()
        if self._journal is not None:
            self._journal.close()

    def __repr__(self) -> str:
        return f"<Bulk of {self._operation.key}: {self.summary}>"

    # -- settings -------------------------------------------------------------------------------------------

    def _packed(self, pack: str | None, size: int | None) -> tuple[str | None, int]:
        if pack is None:
            if size is not None:
                raise SettingsError("size: the rows of a pack; it needs pack=")
            return None, 1
        schema = self._body_schema()
        properties = schema.get("properties") or NOWHERE
        names = [name for name, _ in properties.items()]
        if names and pack not in names:
            raise SettingsError(
                f"pack: the body of {self._operation.key} has no {pack!r}"
                f"{suggestion(pack, names) or f'; it has {chr(44).join(names)}'}"
            )
        most = self._calls.document.opened(properties.get(pack)).value
        most = most.get("maxItems") if isinstance(most, dict) else None
        known = most if isinstance(most, int) and most > 0 else _MOST_HELD
        return pack, known if size is None else _positive("size", size)

    def _body_schema(self) -> Node:
        body = self._operation.body
        if body is None:
            raise SettingsError(f"pack: {self._operation.key} takes no body")
        found = next((each.schema for name, each in body.content.items() if "json" in name), None)
        return self._calls.document.opened(found)

    def _idempotency_header(self, name: str | None) -> str:
        if name is None:
            return ""
        if self._pack is not None:
            raise SettingsError("idempotency_key: the rows of a pack may come in another pack the next time")
        return name

    def _prepared(self, executor: Any) -> tuple[str, bytes | None]:
        if executor is None or isinstance(executor, ThreadPoolExecutor):
            return os.urandom(16).hex(), None
        if executor != "processes" and not hasattr(executor, "submit"):
            raise SettingsError(
                f'executor: expected None, "processes" or a concurrent.futures.Executor, '
                f"got {short_repr(executor)}"
            )
        return recipe_of(self._calls)

    # -- the run --------------------------------------------------------------------------------------------

    def _run(self) -> Generator[BulkRow, None, None]:
        started = time.monotonic()
        if self._recipe is None:
            register(self._digest, self._calls)
        pool = self._pool = self._made_pool()
        try:
            for row in self._in_order() if self._ordered else self._fed():
                self.summary.seconds = time.monotonic() - started
                yield row
            if self._stop is not None:
                raise self._stop
        finally:
            self.summary.seconds = time.monotonic() - started
            try:
                self._drain()
            finally:
                pool = self._pool
                if self._given is None or self._given == "processes":
                    pool.shutdown(wait=True, cancel_futures=True)
                unregister(self._digest)
                if self._journal is not None:
                    self._journal.close()

    def _made_pool(self) -> Executor:
        if self._given == "processes":
            return process_pool(self._workers, self._digest, self._recipe or b"")
        if isinstance(self._given, str) or self._given is None:
            return ThreadPoolExecutor(self._workers or min(self._window, THREADS), "dynaclient-bulk")
        return self._given

    @property
    def _limit(self) -> int:
        """How many requests may be on their way.

        When a process dies, nobody knows whether those that waited for it were sent: where that matters, none
        wait.
        """
        if self._given == "processes" and not self._repeatable:
            return min(self._window, self._workers or os.cpu_count() or 1)
        return self._window

    def _fed(self) -> Iterator[BulkRow]:
        units = self._units()
        ahead: _Unit | None = None
        over = False
        while True:
            while len(self._pending) < self._limit and self._stop is None:
                unit = self._due() or ahead
                if unit is None and not over and self._may_read():
                    try:
                        got = next(units, None)
                    except Exception as error:
                        self._stop = error
                        break
                    if isinstance(got, BulkRow):
                        yield self._counted(got)
                        continue
                    over = got is None
                    unit = got
                if unit is None:
                    break
                ahead = None if unit is ahead else ahead
                if self._pace.wait() or (unit.crashes and self._pending) or self._has_suspect():
                    if unit.tries or unit.crashes or ahead is not None:
                        self._put_off(unit, 0.0)
                    else:
                        ahead = unit
                    break
                self._submit(unit)
            waits = ahead is not None or bool(self._again)
            if self._stop is not None:
                waits, self._again, ahead, over = False, [], None, True
            if not self._pending and not waits and over:
                return
            for future in self._wait(self._seconds(ahead) if waits else None):
                yield from map(self._counted, self._settled(future))

    def _may_read(self) -> bool:
        """Whether more rows may be read: in order, those that wait for an earlier one are bounded too."""
        if not self._ordered or not (self._pending or self._again):
            return True
        return self._read - self._following < (self._window + 1) * self._size

    def _has_suspect(self) -> bool:
        return self._has_crashed and any(unit.crashes for unit in self._pending.values())

    def _due(self) -> _Unit | None:
        if self._again and self._again[0][0] <= time.monotonic():
            return heapq.heappop(self._again)[2]
        return None

    def _put_off(self, unit: _Unit, seconds: float) -> None:
        heapq.heappush(self._again, (time.monotonic() + seconds, next(self._number), unit))

    def _seconds(self, ahead: _Unit | None) -> float | None:
        """How long nothing can be sent."""
        if len(self._pending) >= self._limit:
            return None
        first = 0.0 if ahead is not None else max(0.0, self._again[0][0] - time.monotonic())
        held = self._pending and self._has_crashed and any(unit.crashes for _, _, unit in self._again)
        return None if held or self._has_suspect() else max(first, self._pace.wait())

    def _wait(self, seconds: float | None) -> list[Future[Outcome]]:
        """What is done, waited for as long as nothing else can be."""
        if not self._pending:
            time.sleep(seconds or 0.0)
            return []
        found = []
        if seconds is None or seconds > 0:
            with contextlib.suppress(queue.Empty):
                found.append(self._finished.get(timeout=seconds))
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._finished.get_nowait())
        return found

    def _submit(self, unit: _Unit) -> None:
        try:
            if self._journal is not None:
                self._journal.sent(unit.keys)
        except BulkError as error:  # nothing of it was sent
            self._stop = error
            return
        unit.tries += 1
        self._pace.taken()
        self.summary.requests += 1
        recipe = self._recipe if unit.with_recipe else None
        try:
            future = self._pool.submit(perform, self._digest, recipe, self._try(unit.rows))
        except BrokenExecutor:
            self._crashed(unit)
            return
        except RuntimeError as error:  # it is shut down
            self._unsent(unit)
            self._stop = BulkError(
                f"the executor takes no more: {error}; the run goes on when it is started again"
            )
            return
        self._pending[future] = unit
        future.add_done_callback(self._finished.put)

    def _try(self, rows: list[_Row]) -> Try:
        return self._asked([row.value for row in rows], rows[0].key)

    def _asked(self, values: list[Row], key: str) -> Try:
        if self._pack is not None:
            return Try(self._operation.key, self._parameters, {self._pack: values}, {})
        mapping = {**self._parameters, **values[0]}
        body = mapping.pop("body", MISSING)
        options: dict[str, Any] = {}
        if self._idempotency:
            value = sha256(json.dumps([self._operation.key, key, body], default=str).encode()).hexdigest()[
                :32
            ]
            documented = [
                each for each in self._operation.parameters if each.name.lower() == self._idempotency.lower()
            ]
            if documented:
                mapping.setdefault(documented[0].key, value)
            else:
                options["headers"] = {self._idempotency: value}
        return Try(self._operation.key, mapping, body, options)

    # -- what comes back ------------------------------------------------------------------------------------

    def _settled(self, future: Future[Outcome]) -> list[BulkRow]:
        unit = self._pending.pop(future)
        try:
            outcome = future.result()
        except CancelledError:
            self._unsent(unit)
            return []
        except BrokenExecutor:
            return self._crashed(unit)
        except (SettingsError, DocumentError, UnknownOperation) as error:  # no other row fares better
            self._unsent(unit)
            self._stop = self._stop or error
            return []
        except Exception as error:
            outcome = Outcome("unanswered", error=f"{type(error).__name__}: {error}")
        return self._decided(unit, outcome)

    def _decided(self, unit: _Unit, outcome: Outcome) -> list[BulkRow]:
        if outcome.kind == "lacking":
            unit.with_recipe, unit.tries = True, unit.tries - 1
            self.summary.requests -= 1
            self._put_off(unit, 0.0)
            return []
        if outcome.kind == "invalid":
            return (
                self._halved(unit) if len(unit.rows) > 1 else self._done(unit, "refused", outcome, again=True)
            )
        if outcome.kind == "unsent":
            return self._repeated(unit, outcome, policy.backoff(unit.tries - 1), TRIES, harmless=True)
        if outcome.kind == "unanswered":
            if self._repeatable:
                return self._repeated(unit, outcome, policy.backoff(unit.tries - 1), TRIES)
            return self._done(unit, "unknown", outcome, again=False)
        return self._judged(unit, outcome)

    def _judged(self, unit: _Unit, outcome: Outcome) -> list[BulkRow]:
        """What becomes of rows whose request has a response."""
        status = outcome.status or 0
        if status < 400:
            return self._done(unit, "failed" if outcome.away else "ok", outcome, again=outcome.away)
        asked = outcome.retry_after is not None or status == policy.TOO_MANY
        wait = policy.backoff(unit.tries - 1) if outcome.retry_after is None else outcome.retry_after
        wait = min(wait, LONGEST_PAUSE)
        if asked:
            self._pace.pause(wait)  # for all: the server said it of all
        if status == policy.TOO_MANY:  # RFC 6585: it was not carried out
            return self._repeated(unit, outcome, wait, TRIES_WHEN_ASKED, harmless=True)
        if status in policy.STATUSES and self._repeatable:
            return self._repeated(unit, outcome, wait, TRIES)
        if len(unit.rows) > 1 and (status == TOO_LARGE or (status in HALVED and self._repeatable)):
            return self._halved(unit)
        return self._done(unit, "failed", outcome, again=self._repeatable or status < 500)

    def _repeated(
        self, unit: _Unit, outcome: Outcome, wait: float, most: int, *, harmless: bool = False
    ) -> list[BulkRow]:
        if unit.tries >= most:
            return self._done(unit, "failed", outcome, again=True)
        if harmless:
            self._unsent(unit)
        self._put_off(unit, wait)
        return []

    def _halved(self, unit: _Unit) -> list[BulkRow]:
        half = len(unit.rows) // 2
        for rows in (unit.rows[:half], unit.rows[half:]):
            self._put_off(_Unit(rows, with_recipe=unit.with_recipe), 0.0)
        return []

    def _crashed(self, unit: _Unit) -> list[BulkRow]:
        """A process died while requests were with it, or waited for it."""
        if self._given != "processes":
            self._stop = self._stop or BulkError(
                "the executor broke: a worker of it died; what was sent and not answered is in the journal, "
                "and the run goes on when it is started again"
            )
            return []
        if getattr(self._pool, "_broken", False):
            self._pool.shutdown(wait=False)
            self._pool = self._made_pool()
        outcome = Outcome("unanswered", error="the worker process died while the request was with it")
        if not self._repeatable:
            return self._done(unit, "unknown", outcome, again=False)
        unit.crashes, self._has_crashed = unit.crashes + 1, True
        if unit.crashes >= CRASHES:
            return self._done(unit, "failed", outcome, again=True)
        self._put_off(unit, 0.0)
        return []

    def _unsent(self, unit: _Unit) -> None:
        """Note that what was about to be sent was not carried out."""
        if self._journal is not None:
            try:
                self._journal.forget(key for key, _ in unit.keys)
            except BulkError as error:
                self._stop = self._stop or error

    def _done(self, unit: _Unit, state: State, outcome: Outcome, *, again: bool) -> list[BulkRow]:
        if self._journal is not None:
            try:
                self._journal.done(unit.keys, state, outcome.status, outcome.error, again=again)
            except BulkError as error:
                self._stop = self._stop or error
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

    def _counted(self, row: BulkRow) -> BulkRow:
        setattr(self.summary, row.state, getattr(self.summary, row.state) + 1)
        return row

    def _drain(self) -> None:
        """Wait for what is on its way, so that the journal has it; what waits for a worker is not sent."""
        for future in [*self._pending]:
            if future.cancel():
                self.summary.requests -= 1
                self._unsent(self._pending.pop(future))
        wait(self._pending)
        for future in [*self._pending]:
            for row in self._settled(future):
                self._counted(row)

    def _in_order(self) -> Iterator[BulkRow]:
        held: dict[int, BulkRow] = {}
        for row in self._fed():
            held[row.index] = row
            while self._following in held or self._following in self._passed:
                self._passed.discard(self._following)
                ready = held.pop(self._following, None)
                self._following += 1
                if ready is not None:
                    yield ready
        yield from (held[index] for index in sorted(held))

    # -- rows -----------------------------------------------------------------------------------------------

    def _units(self) -> Iterator[_Unit | BulkRow]:
        """The rows that are to be sent, by requests; and what becomes of those that are not."""
        rows: list[_Row] = []
        for index, value in enumerate(self._rows):
            self._read = index + 1
            made = self._taken(index, value)
            if made is None:
                self.summary.skipped += 1
                if self._ordered:
                    self._passed.add(index)
            elif isinstance(made, BulkRow):
                yield made
            else:
                rows.append(made)
                if len(rows) == self._size:
                    yield _Unit(rows)
                    rows = []
        if rows:
            yield _Unit(rows)

    def _taken(self, index: int, value: Any) -> _Row | BulkRow | None:
        """A row that is to be sent; None for one that an earlier run has done."""
        if not isinstance(value, Mapping):
            return BulkRow(index, str(index), "refused", error=f"expected a mapping, got {kind_of(value)}")
        try:
            key = self._key(value) if self._key else index
        except Exception as error:
            return BulkRow(index, str(index), "refused", error=_no_key(error), row=value)
        if key is None or key == "":
            return BulkRow(index, str(index), "refused", error="its key is empty", row=value)
        row = _Row(index, str(key), b"", value)
        if self._journal is not None:
            try:
                text = json.dumps(value, sort_keys=True, default=str)
            except (TypeError, ValueError) as error:
                return self._refused(row, f"a journal needs rows that JSON has: {error}")
            row = row._replace(digest=sha256(text.encode("utf-8", "surrogatepass")).digest())
            entry = self._journal.entry(row.key)
            if entry is not None and not self._goes(entry, row):
                return self._remembered(entry, row)
        return self._checked(row)

    def _goes(self, entry: Entry, row: _Row) -> bool:
        """Whether a row that the journal knows is sent (again)."""
        assert self._journal is not None
        if entry.run == self._journal.run:
            return False
        if entry.again:
            return True
        return entry.state == SENT and self._repeatable and entry.digest == row.digest

    def _remembered(self, entry: Entry, row: _Row) -> BulkRow | None:
        """What becomes of a row that is not sent, as the journal knows its key."""
        assert self._journal is not None
        if entry.run == self._journal.run:
            return self._refused(row, "the key is given twice")
        if entry.digest != row.digest:
            return self._refused(
                row,
                f"the row of this key changed after it was sent ({entry.state}); to send it again, use "
                f"another journal",
            )
        if entry.state == "ok":
            return None
        if entry.state == "failed":
            return BulkRow(row.at, row.key, "failed", entry.status, error=entry.error, row=row.value)
        why = entry.error or "the run ended before it was answered"
        if entry.state == SENT:
            self._journal.done([(row.key, row.digest)], "unknown", None, why, again=False)
        return BulkRow(row.at, row.key, "unknown", error=why, row=row.value)

    def _checked(self, row: _Row) -> _Row | BulkRow:
        if not self._checks:
            return row
        asked = self._asked([row.value], row.key)
        given = Call(self._operation, asked.mapping, {}, asked.body, asked.options)
        found = self._calls.check(given)
        if not found:
            return row
        error = f"the row does not match the document; {pluralize(len(found), 'violation')}"
        if self._journal is not None:
            self._journal.done([(row.key, row.digest)], "refused", None, error, again=True)
        return self._refused(row, error, found)

    def _refused(self, row: _Row, error: str, found: Iterable[Violation] = ()) -> BulkRow:
        return BulkRow(row.at, row.key, "refused", violations=tuple(found), error=error, row=row.value)


def _key_of(key: Any) -> Callable[[Any], Any] | None:
    if key is None or callable(key):
        return key  # type: ignore[no-any-return]
    if not isinstance(key, str):
        raise SettingsError(
            f"key: expected a function of a row, or the name of a column, got {short_repr(key)}"
        )
    path = key.split(".")

    def found(row: Any) -> Any:
        for name in path:
            row = row[name]
        return row

    return found


def _fine(row: _Row) -> BulkRow:
    return BulkRow(row.at, row.key, "ok", row=row.value)


def _no_key(error: Exception) -> str:
    if isinstance(error, LookupError):
        return f"it has no key: there is no {error}"
    return f"its key cannot be made: {type(error).__name__}: {error}"


def _positive(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise SettingsError(f"{name}: expected a whole number from 1, got {short_repr(value)}")
