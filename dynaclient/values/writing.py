"""Strings that match a pattern, written from its tree."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from dynaclient.patterns.expression import (
    Back,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
    width,
)
from dynaclient.patterns.ranges import Ranges, contains
from dynaclient.patterns.regex import parse
from dynaclient.values.merge import Unsatisfiable
from dynaclient.values.source import Source

_MORE = 4
"""How many repeats more than needed are written."""
_NICE = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
_PRINTED = "".join(map(chr, range(0x20, 0x7F))) + "éßñ€中"


def write(pattern: str, source: Source, low: int, high: int, attempt: int) -> str:
    """A string made to match the pattern, if possible of `low` to `high` characters.

    What stands around a place (`\\b`, lookarounds) is only guessed at: the caller checks, and asks again with
    the next `attempt`. Raises PatternError, or Unsatisfiable for a pattern that nothing matches.
    """
    tree = _tree(pattern)
    least = width(tree)[0]
    pen = _Pen(source)
    room = min(high, least + 3 * _MORE) - least
    body = pen.write(tree, max(low - least, source.integer(0, room) if room > 0 else 0))
    start = "".join(pen.ahead)
    variants = [body, start + body[len(start) :], start + body, body + start]
    written = variants[attempt % len(variants)]
    return written + "a" * (low - len(written))  # not anchored at the end: what follows is free


@lru_cache(maxsize=1024)
def _tree(pattern: str) -> Node:
    return parse(pattern)[0]


class _Pen:
    """Writes one string; `spare` is how many characters more than the fewest are wanted."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.groups: dict[int, str] = {}
        self.ahead: list[str] = []

    def write(self, node: Node, spare: int) -> str:
        return _WRITERS[type(node)](self, node, spare)

    def chars(self, node: Chars, spare: int) -> str:
        usual, all_ = _menu(node.ranges)
        return self.source.choice(all_ if self.source.chance(10) else usual)

    def edge(self, node: Edge, spare: int) -> str:
        return ""

    def sequence(self, node: Sequence, spare: int) -> str:
        written = ""
        rooms = [_room(item) for item in node.items]
        for index, item in enumerate(node.items):
            rest = sum(rooms[index + 1 :])  # what later items cannot take, this one has to
            share = self.source.integer(min(rooms[index], max(0, spare - rest)), min(rooms[index], spare))
            piece = self.write(item, share)
            spare -= min(spare, max(0, len(piece) - width(item)[0]))
            written += piece
        return written

    def choice(self, node: Choice, spare: int) -> str:
        return self.write(self.source.choice(node.branches), spare)

    def group(self, node: Group, spare: int) -> str:
        written = self.groups[node.index] = self.write(node.body, spare)
        return written

    def look(self, node: Look, spare: int) -> str:
        if node.ahead and not node.negative:
            self.ahead.append(self.write(node.body, 0))
        return ""

    def repeat(self, node: Repeat, spare: int) -> str:
        least, most = width(node.body)
        each = max(1, least)
        count = node.low + (spare // each if most == least else self.source.integer(0, spare // each))
        count = count if node.high is None else min(count, node.high)
        left = spare - (count - node.low) * least
        pieces = []
        for _ in range(count):
            pieces.append(self.write(node.body, max(0, left)))
            left -= len(pieces[-1]) - least
        return "".join(pieces)

    def back(self, node: Back, spare: int) -> str:
        return self.groups.get(node.index, "")


def _room(node: Node) -> int:
    """How many characters more than the fewest a node can take."""
    least, most = width(node)
    return 10**9 if most is None else most - least


@lru_cache(maxsize=1024)
def _menu(those: Ranges) -> tuple[str, str]:
    """Characters of the set: the usual ones, and a wider selection. Control characters only where needed."""
    printed = "".join(char for char in _PRINTED if contains(those, ord(char)))
    usual = next((nice for nice in _within(those) if nice), printed)
    if printed:
        return usual, printed
    some = [chr(code) for low, high in those for code in range(low, min(high, low + 20) + 1)][:200]
    if not some:
        raise Unsatisfiable("the pattern asks for a character of an empty set")
    return "".join(some), "".join(some)


def _within(those: Ranges) -> list[str]:
    return ["".join(char for char in nice if contains(those, ord(char))) for nice in _NICE]


_WRITERS: dict[type, Callable[[_Pen, Any, int], str]] = {
    Chars: _Pen.chars,
    Edge: _Pen.edge,
    Sequence: _Pen.sequence,
    Choice: _Pen.choice,
    Group: _Pen.group,
    Look: _Pen.look,
    Repeat: _Pen.repeat,
    Back: _Pen.back,
}
