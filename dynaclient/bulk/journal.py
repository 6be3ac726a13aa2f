"""What was sent, and what came of it, in a file that survives the run: key, digest of the row, state.

A row is written as `sent` before its request goes, and with its state behind the response, so that a run that
was killed leaves behind which rows may have reached the server. SQLite in WAL mode: what was written holds
when the process dies; where a repeat must not happen, also when the machine does. The file is locked as long
as the run lives, by the system, so that a dead run locks nothing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike, fspath
from typing import NamedTuple

from dynaclient.errors import BulkError, SettingsError

_VERSION = "1"

_ROWS = """\
CREATE TABLE IF NOT EXISTS rows (
    key TEXT PRIMARY KEY, digest BLOB NOT NULL, state TEXT NOT NULL, status INTEGER, error TEXT NOT NULL,
    again INTEGER NOT NULL, run INTEGER NOT NULL
) WITHOUT ROWID"""

SENT = "sent"


class Entry(NamedTuple):
    """What a journal has of a key."""

    digest: bytes
    state: str
    status: int | None
    error: str
    again: bool
    """Whether it may be sent again: nothing was carried out, or doing it twice is as doing it once."""
    run: int


class Journal:
    """The journal of one operation.

    Raises SettingsError where another run has it, or it is of something else; BulkError where it cannot be
    read or written.
    """

    def __init__(self, path: str | PathLike[str], of: str, *, durable: bool) -> None:
        self.path = fspath(path)
        with contextlib.suppress(OSError):  # connecting says why
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))  # keys may name people
        try:
            self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise SettingsError(f"journal: {self.path} cannot be opened: {error}") from None
        try:
            self._open(of, durable)
        except BaseException:
            self._db.close()
            raise

    def _open(self, of: str, durable: bool) -> None:
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT)")
            self._db.execute(_ROWS)
            about = dict(self._db.execute("SELECT name, value FROM about"))
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise SettingsError(f"journal: {self.path} is in use by another run") from None
            raise SettingsError(f"journal: {self.path} cannot be used: {error}") from None
        except sqlite3.DatabaseError as error:
            raise SettingsError(f"journal: {self.path} is not a journal: {error}") from None
        if about and (about.get("version"), about.get("of")) != (_VERSION, of):
            raise SettingsError(
                f"journal: {self.path} is that of {about.get('of')}, not of {of}; each import has its own"
            )
        self.run = int(about.get("runs", 0)) + 1
        values = {"version": _VERSION, "of": of, "runs": str(self.run)}
        with self._writing():
            self._db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", values.items())
            self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise BulkError(
                f"the journal {self.path} cannot be written: {error}; the run stopped, and goes on "
                f"from there when it is started again"
            ) from error

    def entry(self, key: str) -> Entry | None:
        """What there is of a key."""
        try:
            found = self._db.execute(
                "SELECT digest, state, status, error, again, run FROM rows WHERE key = ?", (key,)
            ).fetchone()
        except sqlite3.Error as error:
            raise BulkError(f"the journal {self.path} cannot be read: {error}") from error
        return Entry(found[0], found[1], found[2], found[3], bool(found[4]), found[5]) if found else None

    def sent(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Note that these keys, with the digests of their rows, are about to be sent."""
        self._write((key, digest, SENT, None, "", 0, self.run) for key, digest in rows)

    def done(
        self, rows: Sequence[tuple[str, bytes]], state: str, status: int | None, error: str, *, again: bool
    ) -> None:
        """Note what became of them."""
        self._write((key, digest, state, status, error, int(again), self.run) for key, digest in rows)

    def _write(self, rows: Iterable[tuple[object, ...]]) -> None:
        with self._writing():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")

    def forget(self, keys: Iterable[str]) -> None:
        """Note that these were not sent after all."""
        with self._writing():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("DELETE FROM rows WHERE key = ?", ((key,) for key in keys))
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Let another run have it."""
        self._db.close()
