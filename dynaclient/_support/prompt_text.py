"""What a prompt shows: the first lines of a value; an error with the part of a value that it is about."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pprint import pformat
from shutil import get_terminal_size
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient._support.prose import column_count, padded, path_lines, visible
from dynaclient._support.secret_names import reads_secret

_MOST_LINES = 8
_WIDTH = 96
_LONGEST = 60
_MOST_PARTS = 20
_HIDDEN = "***"
_UNBOUND = 100_000
"""Columns where there is no terminal."""


def refusal_text(error: BaseException, holder: str = "_") -> str:
    """A refusal as a list that a person can read, and how to get at the response where it has one.

    `holder`: the expression that gives the error at this prompt.
    """
    name = type(error).__name__
    violations = getattr(error, "violations", ())
    lines = _with_parts(error, violations) if violations else [str(error)]
    said = f"{name}: " + "\n".join(lines) if str(error) else name
    if getattr(error, "response", None) is not None:
        said += f"\nThe response is in {holder}.response: .status, .headers, .data, .violations"
    return said


def _with_parts(error: BaseException, violations: Sequence[Any]) -> list[str]:
    """The lines of a refusal; behind a violation the object or array that it is about, each once."""
    head, *others = str(error).split("\n")
    given = given_values(error)
    if not given:
        return [head, *others]
    texts = dict.fromkeys(others)
    seen: set[str] = set()
    lines = [head]
    by_line = {f"  {each}": each for each in violations[:_MOST_PARTS]}
    for line in texts:
        lines.append(line)
        found = by_line.get(line)
        part = (
            MISSING if found is None else _part(given.get((found.where, found.name), MISSING), found.pointer)
        )
        if isinstance(part, (dict, list)) and part and (shown := _shown(part)) not in seen:
            seen.add(shown)
            lines += [f"      {each}" for each in shown.split("\n")]
    return lines


def given_values(error: BaseException) -> Mapping[tuple[str, str], Any]:
    """The values that an error is about, by location and name: of a request its arguments, else the body."""
    response = getattr(error, "response", None)
    if response is not None:
        item = getattr(error, "item", None)
        return {("body", "body"): response.data if item is None else item}
    found: Mapping[tuple[str, str], Any] = getattr(error, "given", {})
    return found


def _part(value: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer; MISSING for nothing."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return MISSING
    return value


def _shown(value: Any) -> str:
    """A value on a few lines; what is long, deep or called a secret is left out."""
    lines = pformat(shortened(value), width=_WIDTH, sort_dicts=False, compact=True, depth=3).split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"... {len(lines) - _MOST_LINES:,} more lines"]
    return visible("\n".join(lines))


def shortened(value: Any, members: int = 40, characters: int = _LONGEST, depth: int = 4) -> Any:
    """The first members of a value, and the beginnings of its texts; what is called a secret is hidden."""
    if isinstance(value, Mapping) and depth:
        return {
            name: _HIDDEN if reads_secret(str(name)) else shortened(each, members, characters, depth - 1)
            for name, each in islice(value.items(), members)
        }
    if isinstance(value, (list, tuple)) and depth:
        return [shortened(each, members, characters, depth - 1) for each in value[:members]]
    if isinstance(value, str) and len(value) > characters:
        return f"{value[:characters]}..."
    if isinstance(value, bytes) and len(value) > characters:
        return value[:characters] + b"..."
    return value


def first_lines(value: Any, most: int = 40) -> str:
    """A value laid out on lines, behind a line break, as far as a screen goes; nothing for None."""
    if value is None:
        return ""
    text = pformat(shortened(value, 100, 2_000, 12), width=100, sort_dicts=False, compact=True)
    lines = visible(text).split("\n")
    more = [f"... {len(lines) - most:,} more lines"] if len(lines) > most else []
    return "\n" + "\n".join([*lines[:most], *more])


def operation_lines(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Operations - name, place, words - in columns: a line for each where the terminal is as wide as that.

    Where it is not, places break before a slash and words stand below them, and all that below long names.
    """
    names = max((column_count(name) for name, _, _ in rows), default=0) + 2
    places = max((column_count(place) for _, place, _ in rows), default=0) + 2
    lines = [f"{padded(name, names)}{padded(place, places)}{words}".rstrip() for name, place, words in rows]
    width = get_terminal_size().columns if sys.stdout.isatty() else _UNBOUND
    if max(map(column_count, lines), default=0) <= width:
        yield from lines
        return
    margin = names if 2 * names <= width else 6
    for name, place, words in rows:
        beside = [*path_lines(place, width - margin), *textwrap.wrap(words, width - margin)]
        first = padded(name, margin) + beside.pop(0) if margin == names else name
        yield from (first, *(" " * margin + each for each in beside))


def lines_of_user(error: BaseException) -> list[str]:
    """The lines of the user's own code that led to an error, the last one first; none where that is plain.

    Left out are those of dynaclient, of its libraries and of the prompt, and a single line at a prompt.
    """
    from linecache import getlines  # late: 1 ms
    from traceback import extract_tb  # late: 2 ms

    frames = [each for each in extract_tb(error.__traceback__) if not _is_foreign(each.filename)]
    if len(frames) == 1 and len([line for line in getlines(frames[0].filename) if line.strip()]) <= 1:
        return []
    return [
        visible(f"at line {each.lineno} of {_place(each.filename, each.name)}: {each.line}")
        for each in reversed(frames[-_MOST_LINES:])
    ]


def _is_foreign(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return bool({"site-packages", "dynaclient", "dist-packages"} & set(parts[:-1])) or path.startswith(
        "<frozen"
    )


def _place(path: str, name: str) -> str:
    """A cell or a file, and a function of it."""
    at_prompt = path.startswith("<") or "ipykernel_" in path
    file = "the cell" if at_prompt else path
    return file if name.startswith("<") else f"{file}, in {name}"


def rendered_traceback(error: BaseException) -> list[str]:
    """What IPython and Jupyter show of an error: the refusal; where somebody asks again (`%tb`), all."""
    if sys.exc_info()[1] is error:
        return [
            refusal_text(error, "sys.last_value"),
            *lines_of_user(error),
            "(%tb shows the whole traceback)",
        ]
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        from traceback import format_exception  # late: 2 ms

        return format_exception(error)
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
    return lines
