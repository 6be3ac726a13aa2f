"""`dynaclient pages`: the items of all pages of a list, one a line, or a row of a table."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from dynaclient._support.messages import pluralize
from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls.pages import Pages
from dynaclient.calls.paging import declared_columns
from dynaclient.cli import render
from dynaclient.cli.call import arguments_of
from dynaclient.cli.config import client_of, operation_of, tell_withheld
from dynaclient.client import Client, executor_of
from dynaclient.document.node import tokens
from dynaclient.errors import SettingsError
from dynaclient.wire.value_types import ANY, ExpectedType


def export_pages(options: Namespace) -> int:
    """Print the items; 1 where a column of a CSV had to be left out. Raises what `Client.pages` raises.

    Where it does not come to its end, the token to go on with is said.
    """
    with client_of(options) as client:
        operation = operation_of(client, options.operation)
        tell_withheld(client, [operation])
        given, body, extra = arguments_of(client, operation, options)
        pages = client.pages(
            operation.key, given, body=body, options=extra, start=options.start or "", **_style(options)
        )
        write = _WRITERS[options.output]
        try:
            with _target(options):
                code = write(client, pages, _limited(pages, options.limit))
        except BaseException:
            if pages.count:
                _go_on(pages)
            raise
        if pages.token:
            _go_on(pages)
        return code


def _style(options: Namespace) -> dict[str, Any]:
    names = ("next", "cursor", "offset", "page", "items", "more", "total")
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def _limited(pages: Pages, limit: int | None) -> Iterator[Any]:
    for item in pages:
        yield item
        if pages.count == limit:
            return


def _go_on(pages: Pages) -> None:
    render.flush()
    render.complain(f"dynaclient: {pluralize(pages.count, 'item')}; go on with --start {pages.token}")


def _ndjson(client: Client, pages: Pages, items: Iterator[Any]) -> int:
    for item in items:
        render.payload(json.dumps(item, ensure_ascii=False))
    return 0


def _csv(client: Client, pages: Pages, items: Iterator[Any]) -> int:
    """Columns are what the document declares, and what the first page has beside that."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    columns: list[str] = []
    lost: dict[str, None] = {}
    for item in items:
        row = _row(item)
        if not columns:
            columns = _columns(client, pages, row)
            writer.writerow(map(_shown, columns))
        lost |= dict.fromkeys(row.keys() - set(columns))
        writer.writerow([_shown(_cell(row.get(name))) for name in columns])
    if lost:
        render.complain(
            f"dynaclient: not in the CSV, for the document and the first page have no such column: "
            f"{', '.join(lost)}; --output ndjson has all"
        )
    return 1 if lost else 0


def _parquet(client: Client, pages: Pages, items: Iterator[Any]) -> int:
    """Types are those of the document; columns that only the first page has are JSON text."""
    if sys.stdout.isatty():
        raise SettingsError("Parquet is not for a terminal: give --to FILE")
    try:
        from dynaclient.cli.arrow import write_parquet  # optional
    except ImportError:
        raise SettingsError(
            "Parquet needs pyarrow, which is not installed: pip install 'dynaclient[arrow]'"
        ) from None
    first = next(items, MISSING)
    shape = _shape(client, pages)
    columns = _columns(client, pages, _row(first)) if first is not MISSING else [*shape.properties]
    given = items if first is MISSING else chain([first], items)
    unfit = write_parquet(sys.stdout.buffer, given, shape, columns)
    if unfit:
        told = ", ".join(f"{path} ({pluralize(count, 'item')})" for path, count in unfit.most_common(10))
        render.complain(
            f"dynaclient: not in the file, for it does not fit the type that the document gives it: {told}; "
            f"--output ndjson has all"
        )
    return 1 if unfit else 0


def _shape(client: Client, pages: Pages) -> ExpectedType:
    """The shape of an item, as documented."""
    compiled = executor_of(client).compiled(pages.operation.key)
    for response in pages.operation.responses:
        for name, media_type in response.content.items():
            if response.status[:1] == "2" and "json" in name:
                shape = compiled.bodies("response").shape(media_type.schema)
                for token in tokens(pages.items_at):
                    shape = shape.property(token)
                return shape.items or ANY
    return ANY


def _row(item: Any) -> dict[str, Any]:
    return item if isinstance(item, dict) else {"value": item}


_WRITERS = {"ndjson": _ndjson, "csv": _csv, "parquet": _parquet}


@contextlib.contextmanager
def _target(options: Namespace) -> Iterator[None]:
    """Standard output, or the file that was named."""
    if options.to is None:
        yield
        return
    try:
        file = open(options.to, "w", encoding="utf-8", newline="")  # noqa: SIM115
    except OSError as error:
        raise SettingsError(f"--to {options.to} cannot be written: {error.strerror or error}") from None
    with file, contextlib.redirect_stdout(file):
        yield


def _columns(client: Client, pages: Pages, row: Mapping[str, Any]) -> list[str]:
    assert pages.last is not None
    columns = dict.fromkeys(declared_columns(client.document, pages.operation, pages.items_at))
    for each in (row, *pages.last_items):
        columns |= dict.fromkeys(each) if isinstance(each, dict) else {}
    return [*columns]


def _cell(value: Any) -> Any:
    """As it stands in a CSV: text as it is, what has parts as JSON, nothing for null."""
    if isinstance(value, str) or value is None:
        return value
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> Any:
    """A terminal would obey what is in it."""
    return visible(value) if isinstance(value, str) and sys.stdout.isatty() else value
