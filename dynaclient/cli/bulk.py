"""`dynaclient bulk`: one call for each row of a file, kept in a journal."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dynaclient._support.decimals import parse_number
from dynaclient._support.messages import pluralize
from dynaclient.bulk.row import STATES, BulkRow, BulkSummary
from dynaclient.bulk.run import Bulk
from dynaclient.cli import render
from dynaclient.cli.assignments import Read, body_of_steps, steps_of
from dynaclient.cli.call import body_shape, parameters_of, read_argument
from dynaclient.cli.config import client_of, operation_of, tell_withheld
from dynaclient.client import Client, executor_of
from dynaclient.document.model import Operation
from dynaclient.errors import SettingsError, some
from dynaclient.wire.json_values import NotPlain, decimals, json_value, loads
from dynaclient.wire.value_types import ExpectedType

if TYPE_CHECKING:
    from rich.progress import Progress

Row = dict[str, Any]

JSON = ":json"
"""Behind a place: its cells are JSON, such as numbers, where the schema allows anything."""

SHOWN = 10
"""How many rows that are not ok are shown; --failed and --json have all."""

EVERY = 10.0
"""Seconds between two lines of progress, where nobody looks."""


def bulk(options: Namespace) -> int:
    """Send the rows, or with `--dry-run` only check them; 1 where one is not ok.

    Raises what `Client.bulk` raises.
    """
    with client_of(options) as client, contextlib.ExitStack() as stack:
        operation = operation_of(client, options.operation)
        tell_withheld(client, [operation])
        file = stack.enter_context(_opened(options.rows))
        rows = _rows(client, operation, options, file)
        failed = stack.enter_context(open(options.failed, "w", encoding="utf-8")) if options.failed else None
        executor = stack.enter_context(_executor(options))
        run = _run(client, operation, options, rows, executor)
        try:
            with run, _progress(options, file, run.summary) as moved:
                wrong = _shown(run.checked() if options.dry_run else run, options, failed, moved)
        except KeyboardInterrupt:
            how = "; the same command goes on from there" if options.journal else ""
            render.complain(f"dynaclient: stopped: {run.summary}{how}")
            raise
        _summarize(run.summary, options)
        return 1 if wrong else 0


def _shown(
    results: Iterable[BulkRow], options: Namespace, failed: IO[str] | None, moved: Callable[[], None]
) -> int:
    """Take the results, show and keep what is not ok, and give how many rows that are."""
    wrong = 0
    for row in results:
        moved()
        if options.json:
            render.payload(json.dumps(_as_json(row), ensure_ascii=False, default=str))
        if row.state == "ok":
            continue
        if failed is not None:
            failed.write(json.dumps(row.row, ensure_ascii=False, default=_as_sent) + "\n")
        wrong += 1
        if wrong <= SHOWN and not options.json:
            _complain(row)
    if wrong > SHOWN and not options.json:
        where = f"; {options.failed} has all" if options.failed else "; --failed FILE keeps all"
        render.complain(f"... and {wrong - SHOWN:,} more{where}")
    return wrong


@contextlib.contextmanager
def _executor(options: Namespace) -> Iterator[Any]:
    """What sends: threads, processes, or the workers of a Dask cluster."""
    if options.dask is None or options.dry_run:
        yield "processes" if options.processes else None
        return
    try:
        from distributed import Client as Cluster  # optional
    except ImportError:
        raise SettingsError(
            "--dask needs distributed, which is not installed: pip install 'dynaclient[dask]'"
        ) from None
    try:
        cluster: Any = Cluster(options.dask, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SettingsError(f"--dask: no scheduler answers at {options.dask}: {error}") from None
    with cluster:
        yield cluster.get_executor(pure=False)


def _run(
    client: Client, operation: Operation, options: Namespace, rows: Iterator[Row], executor: Any
) -> Bulk:
    with decimals(read=parse_number):
        given = parameters_of(client, operation, options.parameter)
    return client.bulk(
        operation.key,
        rows,
        key=_key(options.key) if options.key else None,
        executor=executor,
        workers=options.workers,
        window=options.window,
        rate=options.rate,
        journal=None if options.dry_run else options.journal,
        pack=options.pack,
        size=options.size,
        parameters=given,
        idempotency_key=options.idempotency_key,
    )


def _key(path: str) -> Callable[[Row], Any]:
    """What stands at a dotted path of a row; of its body, where the row has nothing of that name."""

    def found(row: Row) -> Any:
        value: Any = row
        names = path.split(".")
        if names[0] not in row and isinstance(row.get("body"), dict):
            value = row["body"]
        for name in names:
            value = value[name]
        return value

    return found


# -- rows of a file -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(name: str) -> Iterator[IO[str]]:
    if name == "-":
        yield sys.stdin
        return
    try:
        file = open(name, encoding="utf-8-sig", newline="")  # noqa: SIM115
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror or error}") from None
    with file:
        yield file


def _rows(client: Client, operation: Operation, options: Namespace, file: IO[str]) -> Iterator[Any]:
    places, name = _mapping(options.map), options.rows.lower()
    if name.endswith(".csv"):
        return _rows_of_csv(client, operation, options, places, file)
    if name.endswith(".parquet"):
        return _rows_of_parquet(client, operation, options, places)
    rows = _rows_of_lines(options.rows, file)
    if not places:
        return rows
    make = _maker(client, operation, options, places, is_text=False)
    return (make(row) if isinstance(row, dict) else row for row in rows)


def _rows_of_parquet(
    client: Client, operation: Operation, options: Namespace, places: dict[str, str]
) -> Iterator[Any]:
    try:
        from dynaclient.cli.arrow import parquet_columns, read_parquet  # optional
    except ImportError:
        raise SettingsError(
            f"{options.rows}: Parquet needs pyarrow, which is not installed: pip install 'dynaclient[arrow]'"
        ) from None
    columns = parquet_columns(options.rows)
    _check_columns(options, places, columns)
    make = _maker(client, operation, options, {**{each: each for each in columns}, **places}, is_text=False)
    return map(make, read_parquet(options.rows))


def _mapping(texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        column, mark, place = text.rpartition("=")
        if not mark or not column or not place:
            raise SettingsError(
                f"expected --map COLUMN=PLACE, such as email=body.attributes.Email, got {text!r}"
            )
        found[column] = place
    return found


def _rows_of_lines(name: str, file: IO[str]) -> Iterator[Any]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield loads(line)
            except (ValueError, RecursionError) as error:
                raise SettingsError(f"{name}, line {number}: not JSON: {error}") from None


def _rows_of_csv(
    client: Client, operation: Operation, options: Namespace, places: dict[str, str], file: IO[str]
) -> Iterator[Any]:
    reader = csv.reader(file, strict=True)
    try:
        columns = next(reader, [])
        _check_columns(options, places, columns)
        make = _maker(client, operation, options, {**{each: each for each in columns}, **places})
        for cells in reader:
            if len(cells) != len(columns) and cells:
                raise SettingsError(
                    f"{options.rows}, line {reader.line_num}: {pluralize(len(cells), 'cell')}, "
                    f"and {pluralize(len(columns), 'column')}"
                )
            if cells:
                yield make({column: cell for column, cell in zip(columns, cells, strict=True) if cell != ""})
    except (csv.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{options.rows}, line {reader.line_num}: {error}") from None


def _check_columns(options: Namespace, places: Iterable[str], columns: Collection[str]) -> None:
    for column in places:
        if column not in columns:
            raise SettingsError(f"--map {column}=...: {options.rows} has the columns {', '.join(columns)}")


Cells = dict[str, Any]
"""What a line has, by column."""


def _maker(
    client: Client, operation: Operation, options: Namespace, places: dict[str, str], *, is_text: bool = True
) -> Callable[[Cells], Row]:
    """What makes a row of cells: texts are read by the schema of their place, data stay as they are.

    A column without a place is a parameter, or the body.
    """
    shape = body_shape(client, operation)
    as_json = {place.removesuffix(JSON) for place in places.values() if place.endswith(JSON)}
    places = {column: place.removesuffix(JSON) for column, place in places.items()}
    if options.pack:
        item = shape.property(options.pack).items or ExpectedType()
        return _object(places, item, _reader(as_json) if is_text else _data)
    read = _reader({place.removeprefix("body.") for place in as_json}) if is_text else _data
    known = executor_of(client).compiled(operation.key).names.by_name
    in_body = {
        column: place for column, place in places.items() if place[:5] == "body." and place not in known
    }
    _check_places(operation, [*(places[each] for each in places.keys() - in_body.keys())], {*known, "body"})
    body_of = _object({column: place[5:] for column, place in in_body.items()}, shape, read)

    def make(cells: Cells) -> Row:
        given = {places.get(name, name): each for name, each in cells.items() if name not in in_body}
        if is_text:
            given = parameters_of(client, operation, [f"{name}={text}" for name, text in given.items()])
        if not in_body:
            return given
        made, body = (
            body_of({name: each for name, each in cells.items() if name in in_body}),
            given.get("body"),
        )
        if isinstance(made, dict) and isinstance(body, dict):
            made = {**body, **made}
        return {**given, "body": made}

    return make


def _check_places(operation: Operation, places: Iterable[str], known: Collection[str]) -> None:
    for place in places:
        if place not in known:
            raise SettingsError(
                f"the column {place!r} is no parameter of {operation.key}; for a property of the body give "
                f"--map {place}=body.{place}"
            )


def _object(places: dict[str, str], shape: ExpectedType, read: Read) -> Callable[[Cells], Any]:
    """What makes an object, or an array, of cells, each at the path that is its place."""
    known = {column: (place, steps_of(place, shape)) for column, place in places.items()}

    def made(cells: Cells) -> Any:
        if not known.keys() >= cells.keys():  # lines of NDJSON may have any
            known.update({name: (name, (name,)) for name in cells.keys() - known.keys()})
        return body_of_steps([(*known[name], each) for name, each in cells.items()], shape, read)

    return made


def _data(path: str, cells: list[Any], kind: ExpectedType) -> Any:
    return cells[0] if len(cells) == 1 else cells


def _reader(as_json: Collection[str]) -> Read:
    """Reads cells by the schema; those of `as_json` are JSON whatever that says."""

    def read(path: str, texts: list[str], kind: ExpectedType) -> Any:
        if path not in as_json:
            return read_argument(texts, kind)
        try:
            return loads(texts[0])
        except (ValueError, RecursionError):
            raise SettingsError(f"{path}: {texts[0]!r} is not JSON") from None

    return read


# -- what is shown -----------------------------------------------------------------------------------------


def _as_sent(value: Any) -> Any:
    """What JSON has of a value, so that it can be fed back in."""
    try:
        return json_value(value)
    except NotPlain:
        return str(value)


def _as_json(row: BulkRow) -> dict[str, Any]:
    found: dict[str, Any] = {"key": row.key, "state": row.state, "status": row.status}
    found |= {"violations": [str(each) for each in row.violations]} if row.violations else {}
    return found | ({"error": row.error} if row.error else {"data": row.data} if row.state == "ok" else {})


def _complain(row: BulkRow) -> None:
    lines = [f"{row.key}: {row.state}: {row.error}", *some(row.violations)]
    render.complain("\n  ".join(lines))


def _summarize(summary: BulkSummary, options: Namespace) -> None:
    what = f"{summary.ok:,} would be sent" if options.dry_run else str(summary)
    if options.dry_run:
        what += f", {summary.refused:,} not" if summary.refused else ""
        what += f"; checked in {summary.seconds:.1f} s"
    if not options.json:
        render.say(what)
    else:
        counts = {name: getattr(summary, name) for name in (*STATES, "skipped", "requests")}
        render.payload(json.dumps({"summary": {**counts, "seconds": round(summary.seconds, 3)}}))
    if summary.unknown and not options.json:
        render.complain(
            f"dynaclient: of {pluralize(summary.unknown, 'row')} nobody knows whether the server carried "
            f"them out; they are not sent again"
        )


@contextlib.contextmanager
def _progress(options: Namespace, file: IO[str], summary: BulkSummary) -> Iterator[Callable[[], None]]:
    """A bar where somebody looks at standard error, else a line now and then."""
    started = last = time.monotonic()
    size, at = _measure(options, file, summary)
    if sys.stderr.isatty() and not options.json:
        bar, task = _bar(size)
        with bar:

            def shown() -> None:
                rate = summary.rows / max(time.monotonic() - started, 0.001)
                bar.update(task, completed=at(), rows=_counts(summary), rate=f"{rate:,.0f} rows/s")

            yield shown
            shown()
        return

    def now_and_then() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            rate = summary.rows / (now - started)
            render.complain(f"dynaclient: {_counts(summary)}; {rate:,.0f} rows/s")

    yield now_and_then


def _measure(options: Namespace, file: IO[str], summary: BulkSummary) -> tuple[int | None, Callable[[], int]]:
    """How much there is to read, where that is known, and what says how much was."""
    if not Path(options.rows).is_file():
        return None, lambda: 0
    if options.rows.lower().endswith(".parquet"):
        from dynaclient.cli.arrow import parquet_length  # optional

        return parquet_length(options.rows), lambda: summary.rows
    return Path(options.rows).stat().st_size, lambda: _at(file)


def _counts(summary: BulkSummary) -> str:
    names = (*STATES, "skipped")
    return (
        ", ".join(f"{getattr(summary, name):,} {name}" for name in names if getattr(summary, name))
        or "0 rows"
    )


def _at(file: IO[str]) -> int:
    try:
        return file.buffer.tell()  # type: ignore[attr-defined, no-any-return]
    except (OSError, AttributeError):
        return 0


def _bar(size: int | None) -> tuple[Progress, Any]:
    from rich.console import Console  # late: 49 ms
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # late: 60 ms

    bar = Progress(
        BarColumn(bar_width=24),
        TextColumn("{task.fields[rows]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True, highlight=False),
    )
    return bar, bar.add_task("", total=size, rows="0 rows", rate="")
