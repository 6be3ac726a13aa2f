"""Whether a pattern is found in a text, in time that grows with the text and no faster.

Python's `re` tries one way to match after the other, and a pattern such as `^(a+)+$` has more ways than any
machine can try: whoever writes the text decides how long that takes, and no other thread runs meanwhile.
So the ways are counted beforehand. Where they may be too many, all of them are followed at once, character by
character (Thompson's construction).

No library does this here. RE2, Rust's `regex` and greenery have no lookarounds, interegular has no
lookbehinds and no word boundaries; `regex` and `regress` try one way after the other, and a timeout would
make the verdict a matter of the clock. Most are compiled, too: this is for where nothing compiled is there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from dynaclient.ecma_regex.charset import Ranges
from dynaclient.ecma_regex.parser import parse
from dynaclient.ecma_regex.tree import (
    Back,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    RegexNode,
    Repeat,
    Sequence,
    walk,
    width,
)

_FEW = 1_000_000
"""How many ways `re` may try: some hundredths of a second."""

_LAST_RESORT = 100 * _FEW
"""How many where there is no other engine: with a reference to a group, or with very many repeats."""

_MAX_STATES = 20_000
_MAX_STEPS = 10_000_000
"""Of one search, or a hundred for each character of the text: some seconds."""

_MANY = 10**15
_SHORT = 32
"""Up to so many characters the ways are counted by how many each part takes, which is close and dear;
beyond, as if each part took all."""


def found(pattern: str, text: str) -> bool:
    """As `re.search`, for a pattern that `translate` printed for Python.

    What can be decided by trying alone, and would take too long, is not found; Rust's engine does so too.
    """
    ways = _ways_by_size(pattern, len(text).bit_length())
    if ways > max(_FEW, 64 * len(text)):
        start = _start(pattern)
        if start is not None:
            return _Search(text).run(start, 0, moving=True)
        if ways > _LAST_RESORT:
            return False
    return re.search(pattern, text) is not None


def is_tame(pattern: str) -> bool:
    """Whether `re` alone gets through any text that is not very long, for a pattern as `found` takes it."""
    return _ways_by_size(pattern, 7) < _MANY


@lru_cache(maxsize=4096)
def _ways_by_size(pattern: str, bits: int) -> int:
    """The most ways in a text whose length has so many bits."""
    tree, size = parse(pattern)[0], 1 << bits
    anchored = isinstance(tree, Sequence) and tree.items[:1] == (Edge("start"),)
    ways = _ways(tree, size)
    if ways > _FEW and size <= _SHORT:
        ways = sum(_short(pattern)[: size + 1])
    return ways * (1 if anchored else size)


@lru_cache(maxsize=512)
def _short(pattern: str) -> list[int]:
    return _counts(parse(pattern)[0], _SHORT)


def _counts(node: RegexNode, size: int) -> list[int]:
    """How many ways there are, at most, in which `node` takes 0, 1, 2 ... `size` characters."""
    if isinstance(node, Chars):
        return [0, 1, *[0] * (size - 1)]
    if isinstance(node, Back):
        return [1] * (size + 1)
    if isinstance(node, Choice):
        return [sum(each) for each in zip(*(_counts(branch, size) for branch in node.branches), strict=True)]
    ways = [1, *[0] * size]
    if isinstance(node, Sequence):
        for item in node.items:
            ways = _both(ways, _counts(item, size))
    elif isinstance(node, Repeat):
        once = _counts(node.body, size)
        for _ in range(min(node.low, size)):
            ways = _both(ways, once)
        more = [1]  # as often as one likes, each time with a character or more
        for taken in range(1, size + 1):
            more.append(min(sum(once[part] * more[taken - part] for part in range(1, taken + 1)), _MANY))
        ways = _both(ways, more)
    elif isinstance(node, Group):
        return _counts(node.body, size)
    elif isinstance(node, Look):
        ways[0] = max(1, sum(_counts(node.body, size)))
    return ways


def _both(first: list[int], then: list[int]) -> list[int]:
    """The ways of one after the other."""
    return [
        min(sum(first[part] * then[taken - part] for part in range(taken + 1)), _MANY)
        for taken in range(len(first))
    ]


def _ways(node: RegexNode, size: int) -> int:
    """The most ways in which `node` takes part of a text of `size` characters; _MANY for very many."""
    if isinstance(node, Sequence):
        ways = 1
        for item in node.items:
            ways = min(ways * _ways(item, size), _MANY)
        return ways
    if isinstance(node, Choice):
        return min(sum(_ways(branch, size) for branch in node.branches), _MANY)
    if isinstance(node, Repeat):
        most = size if node.high is None else min(node.high, size)
        ways, counts = _ways(node.body, size), max(most - node.low, 0) + 1
        return counts if ways == 1 else min(counts * ways ** min(most, 50), _MANY)
    return _ways(node.body, size) if isinstance(node, (Group, Look)) else 1


# -- all ways at once ---------------------------------------------------------------------------------


@dataclass(eq=False)
class _State:
    """A position in the pattern. `takes`: the characters that lead on to `nexts`, if any are taken."""

    nexts: list[_State] = field(default_factory=list)
    takes: Ranges | None = None
    condition: Edge | _Looking | None = None


@dataclass(eq=False)
class _Looking:
    """A lookaround: `widths` are those of what stands behind, empty for one ahead."""

    start: _State
    widths: tuple[int, ...]
    negative: bool


_END = _State()


class _TooLarge(ValueError):
    """More repeats than may be written out."""


@lru_cache(maxsize=512)
def _start(pattern: str) -> _State | None:
    """The first state of a pattern; None where it cannot be followed all ways at once."""
    tree = parse(pattern)[0]
    if any(isinstance(node, Back) for node in walk(tree)):
        return None
    try:
        return _built(tree, _END, [_MAX_STATES])
    except _TooLarge:
        return None


def _built(node: RegexNode, then: _State, left: list[int]) -> _State:
    """The first state of `node`, which leads on to `then`. `left`: how many states there may still be."""
    left[0] -= 1
    if left[0] < 0:
        raise _TooLarge
    if isinstance(node, Sequence):
        for item in reversed(node.items):
            then = _built(item, then, left)
        return then
    if isinstance(node, Choice):
        return _State([_built(branch, then, left) for branch in node.branches])
    if isinstance(node, Group):
        return _built(node.body, then, left)
    if isinstance(node, Repeat):
        return _repeated(node, then, left)
    if isinstance(node, Look):
        return _State([then], condition=_Looking(_built(node.body, _END, left), _widths(node), node.negative))
    return _State([then], node.ranges) if isinstance(node, Chars) else _State([then], condition=node)  # type: ignore[arg-type]


def _repeated(node: Repeat, then: _State, left: list[int]) -> _State:
    if node.high is None:
        again = _State()
        again.nexts += [_built(node.body, again, left), then]
        then = again
    else:
        after = then
        for _ in range(node.high - node.low):
            then = _State([_built(node.body, then, left), after])
    for _ in range(node.low):
        then = _built(node.body, then, left)
    return then


def _widths(node: Look) -> tuple[int, ...]:
    if node.ahead:
        return ()
    branches = node.body.branches if isinstance(node.body, Choice) else (node.body,)
    return tuple({width(branch)[0] for branch in branches})


class _Search:
    """One search in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left = max(_MAX_STEPS, 100 * len(text))
        self.known: dict[tuple[int, int], bool] = {}

    def run(self, start: _State, at: int, *, moving: bool = False, end: int | None = None) -> bool:
        """Whether a match begins `at`, or with `moving` there or later; with `end`, one that ends there."""
        states: list[_State] = [start]
        for place in range(at, len(self.text) + 1):
            reached = self._reached(states, place)
            if _END in reached and end in (None, place):
                return True
            self.left -= len(reached)
            if place in (len(self.text), end) or not (reached or moving) or self.left < 0:
                return False
            code = ord(self.text[place])
            states = [
                each.nexts[0] for each in reached if each.takes is not None and _holds(each.takes, code)
            ]
            states += [start] if moving else []
        return False

    def _reached(self, states: list[_State], place: int) -> set[_State]:
        """The states that `states` lead to without taking a character."""
        seen: set[_State] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                if state.takes is None and self._holds_at(state, place):
                    waiting += state.nexts
        return seen

    def _holds_at(self, state: _State, place: int) -> bool:
        condition = state.condition
        if isinstance(condition, Edge):
            return _at_edge(condition.kind, self.text, place)
        return condition is None or self._looks(condition, place)

    def _looks(self, look: _Looking, place: int) -> bool:
        asked = (id(look), place)
        if asked not in self.known:
            self.known[asked] = any(self._ways(look, place)) != look.negative
        return self.known[asked]

    def _ways(self, look: _Looking, place: int) -> Iterator[bool]:
        if not look.widths:
            yield self.run(look.start, place)
        for back in look.widths:
            yield back <= place and self.run(look.start, place - back, end=place)


def _holds(those: Ranges, code: int) -> bool:
    index = bisect_right(those, (code, 0x110000)) - 1
    return index >= 0 and code <= those[index][1]


_LINE_ENDS = "\n\r\u2028\u2029"


def _at_edge(kind: str, text: str, place: int) -> bool:
    before, after = text[place - 1 : place] if place else "", text[place : place + 1]
    if kind == "start":
        return not before
    if kind == "end":
        return not after
    if kind == "line-start":
        return not before or before in _LINE_ENDS
    if kind == "line-end":
        return not after or after in _LINE_ENDS
    return (_is_word(before) != _is_word(after)) == (kind == "word")


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")
