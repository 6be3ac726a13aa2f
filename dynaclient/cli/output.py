"""The data of a response in the form that `--filter` and `--output` ask for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from dynaclient._support import terminal
from dynaclient._support.messages import kind_of
from dynaclient.calls.response import Response
from dynaclient.cli import render
from dynaclient.errors import SettingsError
from dynaclient.wire import media_types


def checked_filter(expression: str | None) -> None:
    """Raises SettingsError for what is no JMESPath: before anything is sent."""
    if expression is not None:
        _compiled(expression)


def filtered(data: Any, expression: str) -> Any:
    """What a JMESPath expression gives of `data`. Raises SettingsError where it cannot be applied."""
    from jmespath.exceptions import JMESPathError  # late: 8 ms

    try:
        return _compiled(expression).search(data)
    except (JMESPathError, RecursionError) as error:
        raise SettingsError(f"--filter {expression!r}: {_one_line(error)}") from None


def _compiled(expression: str) -> Any:
    import jmespath  # late: 8 ms

    try:
        return jmespath.compile(expression)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        raise SettingsError(f"--filter {expression!r}: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split("\n")[0].split()).removesuffix(":")


def print_response(response: Response, expression: str | None, form: str | None) -> None:
    """Print the data of a response. An error response is printed whole: the filter is for what was asked."""
    if form == "raw" or (form == "csv" and expression is None and _is_csv(response)):
        render.raw(response)
        return
    if form is None and (expression is None or not response.ok):
        render.answer(response)
        return
    data = response.data
    if expression is not None and response.ok:
        if isinstance(data, bytes):
            raise SettingsError("--filter: the response is bytes, and has nothing to choose from")
        data = filtered(data, expression)
    print_data(data, form)


def _is_csv(response: Response) -> bool:
    return media_types.essence(response.headers.get("Content-Type") or "") == "text/csv"


def print_data(data: Any, form: str | None) -> None:
    """Print a value as JSON, YAML, a table or CSV; a text by itself without quotes where no form is asked."""
    if form is None and isinstance(data, str):
        terminal.payload(data)
    elif isinstance(data, bytes):
        raise SettingsError("--output: the response is bytes; --output raw writes them")
    else:
        _FORMS[form or "json"](data)


def _yaml(data: Any) -> None:
    import yaml  # late: 14 ms

    plain = json.loads(json.dumps(data, default=str))
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100)
    terminal.payload(text.removesuffix("\n").removesuffix("\n..."))


def _table(data: Any) -> None:
    if isinstance(data, Mapping) and not _only_list(data):
        terminal.table(("name", "value"), [(str(name), _cell(each)) for name, each in data.items()])
        return
    names, rows = _rows(data, "table")
    if names:
        terminal.table(names, [[_cell(each) for each in row] for row in rows])


def _csv(data: Any) -> None:
    names, rows = _rows([data] if isinstance(data, Mapping) and not _only_list(data) else data, "csv")
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(each) for each in row] for row in rows)
    if names:
        terminal.payload(written.getvalue().removesuffix("\n"))


def _only_list(data: Mapping[str, Any]) -> Any:
    """The one list of objects in a page of results: `{"data": [...], "total": 5}`."""
    lists = [each for each in data.values() if isinstance(each, list)]
    return lists[0] if len(lists) == 1 and all(isinstance(each, Mapping) for each in lists[0]) else None


def _rows(data: Any, form: str) -> tuple[list[str], list[list[Any]]]:
    """The columns of a list of objects, in the order in which they first come, and its rows."""
    items = _only_list(data) if isinstance(data, Mapping) else data
    if not isinstance(items, Sequence) or isinstance(items, str):
        raise SettingsError(
            f"--output {form}: expected a list of objects, got {kind_of(data)}; --filter chooses one"
        )
    if items and all(isinstance(each, list) for each in items):
        width = max(map(len, items))
        padded = [[*each, *[None] * (width - len(each))] for each in items]
        return [str(number) for number in range(1, width + 1)], padded
    if not all(isinstance(each, Mapping) for each in items):
        return (["value"], [[each] for each in items]) if items else ([], [])
    names = list(dict.fromkeys(str(name) for each in items for name in each))
    return names, [[each.get(name) for name in names] for each in items]


def _cell(value: Any) -> str:
    """A value in a cell: text as it is, nothing for null, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_FORMS = {"json": render.print_json, "yaml": _yaml, "table": _table, "csv": _csv}
