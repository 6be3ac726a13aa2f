"""What a person sees: tables, text, refusals. Plain and whole where it goes into a pipe.

What documents and servers wrote is shown with its control characters as escapes.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dynaclient._support.prose import column_count, padded, path_lines, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


_PIPE_WIDTH = 100_000
"""Columns where there is no terminal: nothing is cut or wrapped there."""

_WIDEST = 34
"""Columns that a cell of `lined` pushes the next one aside, at most."""

_LEAST_WORDS = 24
"""Columns that the words of an operation need to mean something, and its path too."""

_PIPE_HEIGHT = 10_000
"""Lines where there is none, of which a document with deep schemas has more than anybody wants."""


def is_terminal() -> bool:
    """Whether standard output is looked at by a person."""
    return sys.stdout.isatty()


def console() -> Console:
    """Where rich things are printed."""
    from rich.console import Console  # late: 49 ms

    if is_terminal():
        return Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
    return Console(
        file=sys.stdout,
        width=_PIPE_WIDTH,
        color_system=None,
        force_terminal=False,
        highlight=False,
        emoji=False,
        markup=False,
    )


def height() -> int:
    """Lines of the terminal; more than anything needs where there is none."""
    return console().height if is_terminal() else _PIPE_HEIGHT


def line_count(text: str) -> int:
    """How many lines a terminal needs for running text."""
    width = console().width
    return sum(max(1, -(-column_count(line) // width)) for line in text.splitlines())


class Counted:
    """A stream that counts the lines that are written to it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        written: int = self._stream.write(text)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def counted() -> Iterator[Counted]:
    """Standard output, and how many lines were written to it in this context."""
    sys.stdout, before = Counted(sys.stdout), sys.stdout
    try:
        yield sys.stdout
    finally:
        sys.stdout = before


def styled(text: str, style: str = "") -> Text:
    """Text for rich: what looks like its markup, or like a command to a terminal, is text."""
    from rich.text import Text  # late: 32 ms

    return Text(visible(text), style)


def say(text: str = "") -> None:
    """A line on standard output; what its encoding lacks is written as an escape."""
    _print(visible(text), sys.stdout)


def payload(text: str) -> None:
    """A line of what was sent or came: into a pipe it goes as it is, a person sees its escapes."""
    _print(visible(text) if is_terminal() else text, sys.stdout)


def title(text: str, *, gap: bool = True) -> None:
    """The title of a section, after an empty line."""
    if gap:
        say()
    if is_terminal():
        console().print(styled(text, "bold"))
    else:
        say(text)


def line(text: str) -> None:
    """Text that keeps to one line: a terminal cuts it at its edge."""
    if is_terminal():
        console().print(styled(text), no_wrap=True, overflow="ellipsis")
    else:
        say(text)


def prose(text: str) -> None:
    """Running text: on a terminal it breaks between words."""
    if is_terminal():
        console().print(styled(text))
    else:
        say(text)


def flush() -> None:
    """Show what was said so far: somebody waits for it."""
    sys.stdout.flush()


def complain(text: str) -> None:
    """A line on standard error."""
    _print(visible(text), sys.stderr)


def _print(text: str, stream: Any) -> None:
    print(_encodable(text, stream), file=stream)


def _encodable(text: str, stream: Any) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.encode("ascii", "backslashreplace").decode("ascii")
    return text


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, styles: Sequence[str] = ()) -> None:
    """A table. On a terminal all but the first two columns may wrap; elsewhere each row is one line."""
    if not is_terminal():
        _plain_table(heads, rows)
        return
    from rich.table import Table  # late: 39 ms

    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for index, head in enumerate(heads):
        style = styles[index] if index < len(styles) else ""
        grid.add_column(styled(head), style=style, overflow="fold", no_wrap=index < 2)
    for row in rows:
        grid.add_row(*map(styled, row))
    console().print(grid)


def lined(heads: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str]) -> None:
    """Rows that keep to one line each on a terminal: three columns, and behind them what its edge leaves."""
    from rich.text import Text  # late: 32 ms

    rows = _as_shown(rows)
    widths = [min(max(map(column_count, column)), _WIDEST) for column in zip(heads, *rows, strict=True)][:3]
    out = console()
    for row in (heads[:3], *rows):
        first = [padded(cell, width) for cell, width in zip(row, widths, strict=False)]
        cells = [styled(cell, style) for cell, style in zip([*first, *row[3:]], styles, strict=False) if cell]
        out.print(Text("  ").join(cells), no_wrap=True, overflow="ellipsis")


def table_of_paths(heads: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str]) -> None:
    """A table of id, method, path and words for each operation, that fits a terminal.

    Ids are whole, so that they can be copied; paths break before a slash; words are cut at the edge, and left
    out where there is no room for some.
    """
    if not is_terminal():
        _plain_table(heads, rows)
        return
    from rich.table import Table  # late: 39 ms

    out = console()
    rows = _as_shown(rows)
    longest = [max(map(column_count, column)) for column in zip(heads, *rows, strict=True)]
    first = [min(width, out.width // 2) for width in longest[:2]]
    left = out.width - sum(width + 2 for width in first)
    words = 0
    if left > 2 * _LEAST_WORDS:
        words = min(longest[3], max(left - longest[2] - 2, left * 2 // 5))
    paths = min(longest[2], left - words - 2 if words else left)
    widths = [*first, paths, *([words] if words else ())]
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for index, (head, style, width) in enumerate(zip(heads, styles, widths, strict=False)):
        cut = index == 3
        grid.add_column(head, style=style, width=width, overflow="ellipsis" if cut else "fold", no_wrap=cut)
    for row in rows:
        cells = (*row[:2], "\n".join(path_lines(row[2], widths[2])), *row[3:])
        grid.add_row(*map(styled, cells[: len(widths)]))
    out.print(grid)


def _as_shown(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells with their escapes, which are wider than what they stand for: before columns are measured."""
    return [[visible(cell) for cell in row] for row in rows]


def _plain_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = _as_shown([heads, *([" ".join(cell.split()) for cell in row] for row in rows)])
    lines = [[_encodable(cell, sys.stdout) for cell in line] for line in lines]
    widths = [max(column_count(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        cells = (padded(cell, width) for cell, width in zip(line, widths, strict=True))
        say("  ".join(cells).rstrip())


def blocks(rows: Sequence[Sequence[str]], margin: int = 0) -> None:
    """Rows too long for a table, on a terminal: the first two cells on a line, the others below.

    `margin`: columns left of the others; without it they stand below the second cell.
    """
    from rich.padding import Padding  # late: 22 ms
    from rich.text import Text  # late: 32 ms

    out = console()
    rows = _as_shown(rows)
    width = max(column_count(row[0]) for row in rows) + 2
    for first, second, *others in rows:
        head = padded(first, width) if not margin else f"{first}  "
        out.print(Text.assemble(styled(head, "bold"), styled(second, "cyan")))
        for other in others:
            if other:
                out.print(Padding(styled(other), (0, 0, 0, margin or width)))
