"""The tree of a regular expression, and what can be said of it without matching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from dynaclient.ecma_regex.charset import Ranges


class PatternError(ValueError):
    """The meaning of a pattern is not certain, or no engine can carry it out."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """A position between two characters."""

    kind: Literal["start", "end", "line-start", "line-end", "word", "inside"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    branches: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses; `index` is 0 where they capture nothing."""

    body: RegexNode
    index: int


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on what stands ahead or behind."""

    body: RegexNode
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """`body` from `low` to `high` times; None is without bound."""

    body: RegexNode
    low: int
    high: int | None
    lazy: bool


@dataclass(frozen=True, slots=True)
class Back:
    """What the group of this index matched, again."""

    index: int


RegexNode: TypeAlias = Chars | Edge | Sequence | Choice | Group | Look | Repeat | Back


def inner(node: RegexNode) -> tuple[RegexNode, ...]:
    """The nodes directly below."""
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Choice):
        return node.branches
    return (node.body,) if isinstance(node, (Group, Look, Repeat)) else ()


def walk(node: RegexNode) -> Iterator[RegexNode]:
    """The node and everything below."""
    yield node
    for child in inner(node):
        yield from walk(child)


def width(node: RegexNode) -> tuple[int, int | None]:
    """The fewest and the most characters that the node takes; None is without bound."""
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, (Edge, Look)):
        return 0, 0
    if isinstance(node, Back):
        return 0, None
    widths = [width(child) for child in inner(node)]
    lows, highs = [low for low, _ in widths], [high for _, high in widths]
    if isinstance(node, Choice):
        return min(lows), _most(highs, max)
    if isinstance(node, Repeat):
        most = 0 if highs[0] == 0 else None if node.high is None or highs[0] is None else node.high * highs[0]
        return node.low * lows[0], most
    return sum(lows), _most(highs, sum)


def _most(highs: list[int | None], join: Callable[[list[int]], int]) -> int | None:
    known = [high for high in highs if high is not None]
    return join(known) if len(known) == len(highs) else None


def settle(tree: RegexNode) -> RegexNode:
    """The tree with every reference to a group certain to find that the group took part.

    In ECMA-262 a reference to a group that took no part matches the empty text, in the engines it matches
    nothing. `(x)?` before its reference becomes `(x|)`, which means the same to both. Raises `PatternError`
    where it stays open whether the group takes part.
    """
    wanted = {node.index for node in walk(tree) if isinstance(node, Back)}
    if not wanted:
        return tree
    tree = _optional_groups(tree, wanted)
    _sure(tree, frozenset())
    return tree


def _optional_groups(node: RegexNode, wanted: set[int]) -> RegexNode:
    if isinstance(node, Sequence):
        return Sequence(tuple(_optional_groups(item, wanted) for item in node.items))
    if isinstance(node, Choice):
        return Choice(tuple(_optional_groups(branch, wanted) for branch in node.branches))
    if isinstance(node, Repeat) and isinstance(node.body, Group) and node.body.index in wanted:
        if (node.low, node.high) == (0, 1):
            branches = (_optional_groups(node.body.body, wanted), Sequence(()))
            return Group(Choice(branches[::-1] if node.lazy else branches), node.body.index)
        return node
    return (
        replace(node, body=_optional_groups(node.body, wanted))
        if isinstance(node, (Group, Look, Repeat))
        else node
    )


def _sure(node: RegexNode, sure: frozenset[int]) -> frozenset[int]:
    """The groups that have taken part once `node` matched, given those before it."""
    if isinstance(node, Back) and node.index not in sure:
        raise PatternError(f"the reference \\{node.index} stands where its group may not have taken part")
    if isinstance(node, Sequence):
        for item in node.items:
            sure = _sure(item, sure)
        return sure
    if isinstance(node, Choice):
        return frozenset.intersection(*(_sure(branch, sure) for branch in node.branches))
    if isinstance(node, Look) and not node.ahead and any(isinstance(below, Back) for below in walk(node)):
        raise PatternError("a reference inside a lookbehind is read from right to left in ECMA-262 only")
    if isinstance(node, (Group, Look, Repeat)):
        after = _sure(node.body, sure)
        taken = not node.negative and node.ahead if isinstance(node, Look) else _taken(node)
        return (after | _own(node)) if taken else sure
    return sure


def _taken(node: Group | Repeat) -> bool:
    return isinstance(node, Group) or node.low > 0


def _own(node: RegexNode) -> frozenset[int]:
    return frozenset((node.index,)) if isinstance(node, Group) and node.index else frozenset()
