"""The rows that come in: which are sent, and what becomes of those that are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dynaclient._support.messages import kind_of, pluralize, short_repr
from dynaclient.bulk.journal import SENT, Entry, Journal
from dynaclient.bulk.row import BulkRow
from dynaclient.bulk.row_requests import Row, RowRequests
from dynaclient.errors import SettingsError, Violation
from dynaclient.wire.json_values import NotPlain

Key = Callable[[Any], Any] | str | None


class TakenRow(NamedTuple):
    """A row that is to be sent."""

    at: int
    key: str
    digest: bytes
    value: Row

    def fine(self) -> BulkRow:
        """What becomes of it where nothing is sent."""
        return BulkRow(self.at, self.key, "ok", row=self.value)


@dataclass
class Unit:
    """The rows of one request, and what it went through."""

    rows: list[TakenRow]
    tries: int = 0
    crashes: int = 0
    with_recipe: bool = False
    went: float = 0.0
    """When its request was given away, and `over`, when that was over."""
    over: float = 0.0

    def __post_init__(self) -> None:
        self.keys = [(row.key, row.digest) for row in self.rows]
        """Keys and digests, as a journal has them."""


class Intake:
    """Takes rows as they are asked for: each is checked, and held against the journal.

    `read`: how many were; `skipped`: how many an earlier run has done; `passed`: their places, from which
    the reader takes them out, where `ordered` asks for it.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        requests: RowRequests,
        key: Key,
        *,
        checks: bool,
        repeatable: bool,
        ordered: bool,
    ) -> None:
        self.read, self.skipped = 0, 0
        self.passed: set[int] = set()
        self.checks = checks
        self.journal: Journal | None = None
        self._rows, self._requests, self._key = rows, requests, row_key(key)
        self._repeatable, self._ordered = repeatable, ordered

    def units(self) -> Iterator[Unit | BulkRow | None]:
        """The rows that are to be sent, by requests; what becomes of others; None for one that is done."""
        rows: list[TakenRow] = []
        size, least = self._requests.size, self._requests.least
        ahead = least if least > 1 else 0  # what is left behind a pack is enough for another
        for index, value in enumerate(self._rows):
            self.read = index + 1
            made = self._taken(index, value)
            if made is None:
                self.skipped += 1
                if self._ordered:
                    self.passed.add(index)
                yield None
            elif isinstance(made, BulkRow):
                yield made
            else:
                rows.append(made)
                if len(rows) == size + ahead:
                    yield Unit(rows[:size])
                    del rows[:size]
        if len(rows) > size:
            yield Unit(rows[:-least])
            del rows[:-least]
        if rows:
            yield Unit(rows)

    def _taken(self, index: int, value: Any) -> TakenRow | BulkRow | None:
        """A row that is to be sent; None for one that an earlier run has done."""
        if not isinstance(value, Mapping):
            return BulkRow(index, str(index), "refused", error=f"expected a mapping, got {kind_of(value)}")
        try:
            key = self._key(value) if self._key else index
        except Exception as error:
            return BulkRow(index, str(index), "refused", error=_no_key(error), row=value)
        if key is None or key == "":
            return BulkRow(index, str(index), "refused", error="its key is empty", row=value)
        row = TakenRow(index, str(key), b"", value)
        if self.journal is not None or self._requests.header:
            try:
                row = row._replace(digest=self._requests.digest(value))
            except NotPlain as error:
                return _refused(
                    row, f"a journal, and an idempotency key, need values that last: {error.message}"
                )
        if self.journal is not None:
            entry = self.journal.entry(row.key)
            if entry is not None and not self._goes(entry, row, self.journal):
                return self._remembered(entry, row, self.journal)
        return self._checked(row) if self.checks else row

    def _goes(self, entry: Entry, row: TakenRow, journal: Journal) -> bool:
        """Whether a row that the journal knows is sent (again)."""
        if entry.run == journal.run:
            return False
        if entry.again:
            return True
        return entry.state == SENT and self._repeatable and entry.digest == row.digest

    def _remembered(self, entry: Entry, row: TakenRow, journal: Journal) -> BulkRow | None:
        """What becomes of a row that is not sent, as the journal knows its key."""
        if entry.run == journal.run:
            return _refused(row, "the key is given twice")
        if entry.digest != row.digest:
            return _refused(
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
            journal.done([(row.key, row.digest)], "unknown", None, why, again=False)
        return BulkRow(row.at, row.key, "unknown", error=why, row=row.value)

    def _checked(self, row: TakenRow) -> TakenRow | BulkRow:
        found = self._requests.violations(row.value, row.key)
        if not found:
            return row
        error = f"the row does not match the document; {pluralize(len(found), 'violation')}"
        if self.journal is not None:
            self.journal.done([(row.key, row.digest)], "refused", None, error, again=True)
        return _refused(row, error, found)


def _refused(row: TakenRow, error: str, found: Iterable[Violation] = ()) -> BulkRow:
    return BulkRow(row.at, row.key, "refused", violations=tuple(found), error=error, row=row.value)


def row_key(key: Key) -> Callable[[Any], Any] | None:
    """What gives the key of a row. Raises SettingsError."""
    if key is None or callable(key):
        return key
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


def _no_key(error: Exception) -> str:
    if isinstance(error, LookupError):
        return f"it has no key: there is no {error}"
    return f"its key cannot be made: {type(error).__name__}: {error}"
