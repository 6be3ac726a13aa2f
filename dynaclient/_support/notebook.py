"""HTML for notebooks: cards with tables and folded values, for light and dark; all of it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dynaclient._support.markup import Html, joined_html, tag, text
from dynaclient._support.messages import json_dump, pluralize
from dynaclient._support.secret_names import reads_secret

LONGEST_TEXT = 200
"""Characters of a text that are shown; the rest is folded away."""
LONGEST_FOLDED = 20_000
"""Characters of a text that are in what is folded."""
MOST_ROWS, MOST_COLUMNS, MOST_MEMBERS = 50, 12, 60
"""Rows and columns of a table; members of an object or items of an array."""
MOST_VALUES = 1_500
"""Values of one display, in all."""
OPEN_DEPTH, DEEPEST = 2, 16
"""How deep objects and arrays are open, and how deep they are shown at all."""

_COLORS = {
    "dim": ("#59636e", "#9198a1"),
    "line": ("#d1d9e0", "#3d444d"),
    "soft": ("#f6f8fa", "#1c232c"),
    "key": ("#0550ae", "#79c0ff"),
    "bad": ("#b3261e", "#ff8f87"),
    "warn": ("#7a5200", "#e3b341"),
    "good": ("#1a6b34", "#6bd08a"),
}
"""Of each color what it is on light and on dark; text has that of the page."""


def _colors(scheme: int) -> str:
    return "{" + "".join(f"--d-{name}:{both[scheme]};" for name, both in _COLORS.items()) + "}"


def _where(*bodies: str) -> str:
    return ",".join(f"{body} .dynaclient" for body in bodies)


_LIGHT = _where("[data-jp-theme-light=true]", ".vscode-light", "[data-theme=light]")
_DARK = _where("[data-jp-theme-light=false]", ".vscode-dark", "[data-theme=dark]")
"""How Jupyter, VS Code and the themes of documentation say what they are; elsewhere the browser says it."""

_STYLE = Html(
    f"<style>.dynaclient{_colors(0)}@media (prefers-color-scheme:dark){{.dynaclient{_colors(1)}}}"
    f"{_LIGHT}{_colors(0)}{_DARK}{_colors(1)}"
    ".dynaclient{color:inherit;font-size:13px;line-height:1.5;overflow-x:auto;text-align:left}"
    ".dynaclient code,.dynaclient .d-value{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
    "font-size:12px;background:none!important;color:inherit;padding:0!important}"
    ".dynaclient .d-long{overflow-wrap:anywhere}.dynaclient tr{background:none!important}"
    ".dynaclient .d-head{margin:2px 0 4px}.dynaclient .d-dim{color:var(--d-dim)}"
    ".dynaclient .d-key{color:var(--d-key)}.dynaclient .d-bad{color:var(--d-bad)}"
    ".dynaclient .d-warn{color:var(--d-warn)}.dynaclient .d-good{color:var(--d-good)}"
    ".dynaclient table{border-collapse:collapse;margin:2px 0;border:0;font-size:inherit;table-layout:auto}"
    ".dynaclient td,.dynaclient th{text-align:left!important;vertical-align:top;padding:1px 12px 1px 0;"
    "background:none!important;color:inherit;border:0;max-width:60em;white-space:normal;"
    "overflow-wrap:break-word;min-width:2.5em}"
    ".dynaclient th{font-weight:600;color:var(--d-dim);border-bottom:1px solid var(--d-line);"
    "white-space:nowrap}.dynaclient td.d-id{white-space:nowrap;overflow-wrap:normal}"
    ".dynaclient details{margin:0}.dynaclient summary{cursor:pointer;color:var(--d-dim)}"
    ".dynaclient details>:not(summary){margin-left:14px!important}"
    ".dynaclient pre{white-space:pre-wrap;background:var(--d-soft);color:inherit;padding:4px 8px;"
    "margin:2px 0}"
    "</style>"
)


def card(*parts: object) -> str:
    """One display: parts below each other."""
    return tag("div", _STYLE, *parts, class_="dynaclient")


def heading(name: str, *details: object) -> Html:
    """The first line of a card: a name, and what is said beside it."""
    beside = (tag("span", "  ", each, class_="d-dim") for each in details if each)
    return tag("div", tag("strong", name), *beside, class_="d-head")


def colored(said: object, color: str) -> Html:
    """A text in a color: `good`, `warn`, `bad`, `dim`, `key`."""
    return tag("span", said, class_=f"d-{color}")


def code(said: object, *, is_long: bool = False) -> Html:
    """A text of fixed width; one that may be long breaks anywhere."""
    return tag("code", said, class_="d-long" if is_long else None)


def path_code(said: str) -> Html:
    """A path, alone or behind its method, of fixed width; where room is scarce it breaks before a slash."""
    first, *segments = said.split("/")
    return code(joined_html([first, *(part for each in segments for part in (tag("wbr"), f"/{each}"))]))


def folded(summary: object, *parts: object, is_open: bool = False) -> Html:
    """What is shown once its summary is clicked."""
    return tag("details", tag("summary", summary), *parts, open=is_open)


def html_table(heads: Sequence[object], rows: Iterable[Sequence[object]], *, ids: int = 1) -> Html:
    """A table; its first columns, `ids` of them, are never broken. Of many rows the first, and a count.

    A row that is Html goes through all columns.
    """
    every = list(rows)
    head = tag("tr", *(tag("th", each) for each in heads)) if heads else None
    kept = [_row(row, ids) for row in every[:MOST_ROWS]]
    table = tag("table", tag("thead", head) if head else None, tag("tbody", *kept))
    if len(every) <= MOST_ROWS:
        return table
    rest = [_row(row, ids) for row in every[MOST_ROWS : MOST_ROWS + MOST_VALUES]]
    left = len(every) - MOST_ROWS - len(rest)
    more = tag("div", f"and {left:,} more", class_="d-dim") if left else None
    return joined_html([table, folded(f"{len(every) - MOST_ROWS:,} more", tag("table", *rest), more)])


def _row(cells: Sequence[object], ids: int) -> Html:
    if isinstance(cells, Html):
        return tag("tr", tag("td", cells, colspan=MOST_COLUMNS))
    return tag("tr", *(tag("td", each, class_="d-id" if at < ids else None) for at, each in enumerate(cells)))


def data_html(value: Any) -> Html:
    """A value as it is decoded from JSON: a table for equal objects, else a tree; what is long is folded."""
    return tag("div", _Values().of(value, 0), class_="d-value")


class _Values:
    """Makes the values of one display, and counts them."""

    def __init__(self) -> None:
        self.left = MOST_VALUES

    def of(self, value: Any, depth: int) -> Html:
        self.left -= 1
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, (list, tuple)):
            return self._array(value, depth)
        if isinstance(value, str):
            return long_text(value)
        if isinstance(value, (bytes, bytearray)):
            return colored(f"({pluralize(len(value), 'byte')}) {value[:24]!r}", "dim")
        return colored(json_dump(value)[:LONGEST_TEXT], "good")

    def _object(self, value: Mapping[str, Any], depth: int) -> Html:
        if not value:
            return text("{}")
        count = f"{{{pluralize(len(value), 'member')}}}"
        if depth >= DEEPEST or self.left <= 0:
            return colored(count, "dim")
        rows = [
            (colored(key, "key"), self._member(key, each, depth + 1))
            for key, each in self._some(value.items())
        ]
        return _opened(count, joined_html([_plain(rows), _more(len(value) - len(rows))]), depth)

    def _member(self, name: object, value: Any, depth: int) -> Html:
        """A member; what is called a secret is not shown: notebooks are kept and passed on."""
        hidden = (
            reads_secret(str(name)) and isinstance(value, (str, int, float)) and not isinstance(value, bool)
        )
        return colored("***", "dim") if hidden else self.of(value, depth)

    def _array(self, value: Sequence[Any], depth: int) -> Html:
        if not value:
            return text("[]")
        count = f"[{pluralize(len(value), 'item')}]"
        if depth >= DEEPEST or self.left <= 0:
            return colored(count, "dim")
        if columns := _columns(value):
            rows = [
                [self._member(name, each[name], depth + 2) if name in each else text("") for name in columns]
                for each in self._some(value)
            ]
            inside = joined_html([html_table(columns, rows), _more(len(value) - len(rows))])
            return _opened(count, inside, depth)
        if len(value) <= MOST_COLUMNS and not any(isinstance(each, (dict, list, tuple)) for each in value):
            return joined_html(["[", joined_html((self.of(each, depth) for each in value), ", "), "]"])
        items = [(colored(at, "dim"), self.of(each, depth + 1)) for at, each in enumerate(self._some(value))]
        return _opened(count, joined_html([_plain(items), _more(len(value) - len(items))]), depth)

    def _some(self, items: Iterable[Any]) -> Iterable[Any]:
        for each, _ in zip(items, range(MOST_MEMBERS), strict=False):
            if self.left <= 0:
                return
            yield each


def _opened(count: str, inside: Html, depth: int) -> Html:
    return inside if depth == 0 else folded(count, inside, is_open=depth < OPEN_DEPTH)


def _plain(rows: Iterable[Sequence[object]]) -> Html:
    return tag("table", tag("tbody", *(_row(row, 1) for row in rows)))


def _more(left: int) -> Html | None:
    return tag("div", f"and {left:,} more", class_="d-dim") if left > 0 else None


def _columns(value: Sequence[Any]) -> list[Any]:
    """The columns of a table for objects that have much the same members; none for anything else."""
    if not all(isinstance(each, dict) and each for each in value[:MOST_MEMBERS]):
        return []
    shown = value[:MOST_MEMBERS]
    names = list(dict.fromkeys(name for each in shown for name in each))
    alike = all(2 * len(each) >= len(names) for each in shown)
    return names if alike and len(names) <= MOST_COLUMNS else []


def long_text(value: str) -> Html:
    """A text in quotes; of a long one the beginning, and its length, with the rest behind it."""
    if len(value) <= LONGEST_TEXT:
        return text(json_dump(value))
    start = f"{json_dump(value[:LONGEST_TEXT])[:-1]}... ({len(value):,} characters)"
    return folded(start, tag("pre", value[:LONGEST_FOLDED], "..." if len(value) > LONGEST_FOLDED else ""))
