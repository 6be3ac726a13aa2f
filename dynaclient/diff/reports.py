"""A diff as lines of text and as Markdown. What documents wrote is shown as text in both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible
from dynaclient.diff.call_sites import CallSites
from dynaclient.diff.change import Change, DocumentDiff, Verdict

TITLES = (
    "breaking for callers",
    "breaking for readers",
    "may break callers",
    "may break readers",
    "safe",
)
MOST_ALIKE = 3
"""So many changes that say the same are shown one by one; more are one with a list of places."""
MOST_OPERATIONS = 4


class Line(NamedTuple):
    """A line of a report: how far it is indented, and what it is: `title`, `change`, `detail` or `safe`."""

    indent: int
    kind: str
    text: str


class SameChange(NamedTuple):
    """Changes that say the same of several places."""

    first: Change
    changes: tuple[Change, ...]

    @property
    def places(self) -> list[str]:
        return [place_of_change(each) for each in self.changes]


def sections(found: DocumentDiff) -> Iterator[tuple[str, list[SameChange]]]:
    """The changes by what they break, those together that say the same of many places."""
    for title in TITLES:
        groups: dict[tuple[str, str], list[Change]] = {}
        for change in (each for each in found.changes if each.title == title):
            reason = "" if title == "safe" else change.reason
            groups.setdefault((change.message, reason), []).append(change)
        several = [each for group in groups.values() for each in _split(group)]
        if several:
            yield title, several


def _split(group: list[Change]) -> Iterator[SameChange]:
    if len(group) > MOST_ALIKE:
        yield SameChange(group[0], tuple(group))
    else:
        yield from (SameChange(each, (each,)) for each in group)


def place_of_change(change: Change) -> str:
    """What changed, and the part of it."""
    return f"{change.subject}, {change.place}" if change.place else change.subject


def diff_summary(found: DocumentDiff) -> str:
    """How many changes there are, in one line."""
    if not found.changes:
        return "nothing changed"
    counts: list[str] = []
    for verdict, one, several in _COUNTED:
        if number := len(found.of(verdict)):
            noun = "" if counts else " change" if number == 1 else " changes"
            counts.append(f"{number}{noun} {one if number == 1 else several}")
    return ", ".join(counts)


_COUNTED: tuple[tuple[Verdict, str, str], ...] = (
    ("breaking", "breaks", "break"),
    ("may break", "may break", "may break"),
    ("safe", "is safe", "are safe"),
)


# -- text ---------------------------------------------------------------------------------------------------


def diff_lines(found: DocumentDiff, calls: CallSites | None = None) -> Iterator[Line]:
    """The report as lines of text, each on one line, without control characters."""
    for line in _lines(found, calls):
        yield line._replace(text=_one_line(line.text))


def _lines(found: DocumentDiff, calls: CallSites | None) -> Iterator[Line]:
    yield Line(0, "title", f"{found.old} -> {found.new}")
    for title, several in sections(found):
        count = sum(len(each.changes) for each in several)
        yield Line(0, "", "")
        yield Line(0, title, f"{title} ({count})")
        for alike in several:
            yield from _safe(alike) if title == "safe" else _broken(alike)
    if calls is not None:
        yield from _calls(calls)
    yield Line(0, "", "")
    yield Line(0, "title", diff_summary(found))


def _safe(alike: SameChange) -> Iterator[Line]:
    if len(alike.changes) == 1:
        yield Line(2, "change", f"{alike.places[0]}: {alike.first.message}")
        return
    yield Line(2, "change", f"{alike.first.message}, at {pluralize(len(alike.changes), 'place')}:")
    yield from (Line(4, "detail", each) for each in alike.places)


def _broken(alike: SameChange) -> Iterator[Line]:
    change = alike.first
    if len(alike.changes) == 1:
        yield Line(2, "change", f"{alike.places[0]}: {change.message}")
    else:
        yield Line(2, "change", f"{change.message}, at {pluralize(len(alike.changes), 'place')}:")
        yield from (Line(4, "detail", each) for each in alike.places)
    if change.reason:
        yield Line(4, "detail", change.reason)
    if shown := witness_line(change):
        yield Line(4, "detail", shown if len(alike.changes) == 1 else f"{shown} (of the first)")
    operations = _operations(alike)
    if operations:
        yield Line(4, "detail", f"in {operations}")


def witness_line(change: Change) -> str:
    """The witness, with who accepts it; empty where there is none."""
    if not change.witness_text:
        return ""
    who = "old accepts, new refuses" if change.affected == "callers" else "new may send, old refuses"
    return f"{who}: {change.witness_text}"


def _operations(alike: SameChange) -> str:
    """The operations that a change touches, but for the one that it is about."""
    names = list(dict.fromkeys(name for each in alike.changes for name in each.operations))
    if len(alike.changes) == 1 and names == [alike.first.subject]:
        return ""
    more = f" and {len(names) - MOST_OPERATIONS} more" if len(names) > MOST_OPERATIONS else ""
    return f"{', '.join(names[:MOST_OPERATIONS])}{more}"


def _calls(calls: CallSites) -> Iterator[Line]:
    yield Line(0, "", "")
    yield Line(0, "title", f"{pluralize(len(calls.sites), 'call site')} touched")
    for site in calls.sites:
        yield Line(2, "change", f"{site.path}:{site.line}: {site.code}")
        yield from (Line(4, "detail", each) for each in _what(site.operation, site.changes))
    for path, why in calls.unread:
        yield Line(2, "detail", f"{path} was not read: {why}")


def _what(operation: str, changes: Iterable[Change]) -> Iterator[str]:
    for each in changes:
        place = each.place if each.subject == operation else place_of_change(each)
        yield f"{each.title}: {place}: {each.message}" if place else f"{each.title}: {each.message}"


# -- Markdown -----------------------------------------------------------------------------------------------


def markdown(found: DocumentDiff, calls: CallSites | None = None) -> str:
    """The report as Markdown (CommonMark)."""
    lines = [f"# {_escaped(found.old)} -> {_escaped(found.new)}", "", f"{diff_summary(found)}."]
    for title, several in sections(found):
        lines += ["", f"## {title[:1].upper()}{title[1:]}", ""]
        for alike in several:
            lines += _item(alike, is_safe=title == "safe")
    if calls is not None:
        lines += ["", "## Call sites", ""]
        for site in calls.sites:
            lines.append(f"- {_code(f'{site.path}:{site.line}')} {_code(site.code)}")
            lines += [f"  - {_escaped(each)}" for each in _what(site.operation, site.changes)]
        lines += [f"- {_code(path)} was not read: {_escaped(why)}" for path, why in calls.unread]
    return "\n".join(lines) + "\n"


def _item(alike: SameChange, *, is_safe: bool) -> Iterator[str]:
    change = alike.first
    if len(alike.changes) == 1:
        yield f"- **{_escaped(alike.places[0])}**: {_escaped(change.message)}"
    else:
        places = ", ".join(f"**{_escaped(each)}**" for each in alike.places)
        yield f"- {_escaped(change.message)}: {places}"
    if is_safe:
        return
    if change.reason:
        yield f"  - {_escaped(change.reason)}"
    if shown := witness_line(change):
        who, _, value = shown.partition(": ")
        yield f"  - {who}: {_code(value)}"
    if operations := _operations(alike):
        yield f"  - in {_escaped(operations)}"


_LINKED = re.compile(r"(?i)://|www\.|@|#\d|\bgh-\d|\$|:[\w+-]+:")
"""What GitHub makes a link, a mention, an issue, mathematics or an emoji of, escaped or not: it looks at the
text that Markdown shows, but for code."""


def _escaped(text: str) -> str:
    """`text` as Markdown that shows it: no markup, no HTML, and no link."""
    return " ".join(map(_word, _one_line(text).split(" ")))


def _word(word: str) -> str:
    if _LINKED.search(word):
        bare = word.rstrip(",.;:")
        bare = bare if _LINKED.search(bare) else word
        return _code(bare) + word[len(bare) :]
    return re.sub(r"([\\`*_{}\[\]<>#|!&~])", r"\\\1", word)


def _code(text: str) -> str:
    """`text` as a code span."""
    text = _one_line(text)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
