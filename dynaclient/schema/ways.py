"""In how many ways a value may come to be asked about the same, where schemas lead to one another twice.

`allOf: [A, A]`, where A is `allOf: [B, B]` and so on, asks a value 2**n times about the last one; a tree
whose nodes are described by two members of an `allOf` asks twice as often on each level. A backend that
follows every way has no end there. Such schemas are few, and are left to `walk`, which asks once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import log, prod
from typing import Any

from dynaclient.document.subschemas import CHOICES, PARTS, closure, inside

MANY = 200_000
"""How many ways are followed: some hundredths of a second."""

ANY = 10**9
"""More levels than a value has."""

_EVERY = ""
"""Stands for a step that may be each of the others."""

Edges = dict[int, list[int]]
Met = dict[Any, Counter[int]]
"""For each step of a value: which schemas its part meets, and how often."""


class _Graph:
    """The schemas of `defs` by their `id`, and which of them each leads to."""

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self.defs = defs
        self.beside: Edges = {}
        """To those that the same value meets."""
        self.parts: dict[int, list[tuple[Any, int]]] = {}
        """To those that its parts meet, with the steps to them."""
        self.schemas = {id(schema): schema for schema in closure(defs.values(), self._noted)}

    def _noted(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """The schemas that one leads to, which are noted."""
        led_to = [*self._led_to(schema)]
        self.beside[id(schema)] = [id(each) for each, step in led_to if step is None]
        self.parts[id(schema)] = [(step, id(each)) for each, step in led_to if step is not None]
        return [each for each, _ in led_to]

    def branches(self, key: int) -> int:
        """To how many schemas one leads at most of which the same value, or the same part of it, is asked."""
        steps = Counter(step for step, _ in self.parts[key])
        every = steps.pop(_EVERY, 0)
        return len(self.beside[key]) + every + max(steps.values(), default=0)

    def target(self, schema: dict[str, Any]) -> Any:
        """What a schema refers to; None where it does not."""
        return self.defs.get(schema["$ref"].rpartition("#/$defs/")[2]) if "$ref" in schema else None

    def _led_to(self, schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
        """The schemas in `schema` that lead further, and the step of the value that they are about."""
        target = self.target(schema)
        if isinstance(target, dict):
            yield target, None
        if _LEADING.isdisjoint(schema) or schema.keys() == {"$ref"}:
            return
        for steps, each in inside(schema):
            if isinstance(each, dict) and steps[0] not in _HELD and not _LEADING.isdisjoint(each):
                yield each, _step(steps)

    def met(self, key: int, known: Mapping[int, Met]) -> Met:
        """What the parts of a value meet that meets the schema `key`; what that leads to is `known`."""
        found: Met = {}
        for step, each in self.parts[key]:
            found.setdefault(step, Counter())[each] += 1
        left = Counter(self.beside[key])
        for members in self._alternatives(self.schemas[key]):
            left -= Counter(members)
            for step in {step for each in members for step in known.get(each, ())}:
                each_met = [known[each].get(step, Counter()) for each in members if each in known]
                most = max(each_met, key=Counter.total)
                found[step] = found.get(step, Counter()) + most
        for each, count in left.items():
            for step, counted in known.get(each, {}).items():
                found.setdefault(step, Counter()).update({to: count * ways for to, ways in counted.items()})
        return found

    def _alternatives(self, schema: dict[str, Any]) -> Iterator[list[int]]:
        """The members of unions of which a value meets one at most, named by one of its properties."""
        for keyword in CHOICES:
            members = schema.get(keyword, [])
            if (
                members and isinstance(members[0], dict) and "discriminator" in members[0]
            ):  # a discriminator was translated into this
                members = members[1:]
            if len(members) > 1 and self._told_apart(members):
                yield [id(each) for each in members if id(each) in self.schemas]

    def _told_apart(self, members: list[Any]) -> bool:
        tags = [dict(self._tags(member)) for member in members]
        return any(
            all(name in each for each in tags)
            and sum(len(each[name]) for each in tags)
            == len(frozenset().union(*(each[name] for each in tags)))
            for name in tags[0]
        )

    def _tags(self, schema: Any) -> Iterator[tuple[str, frozenset[str]]]:
        """The properties of which a schema lists the values."""
        for here in closure([schema], lambda here: [self.target(here), *here.get("allOf", ())], _FEW):
            for name, each in here.get("properties", {}).items():
                if isinstance(each, dict) and 0 < len(values := _listed(each)) < _FEW:
                    yield name, frozenset(map(repr, values))


def _listed(schema: dict[str, Any]) -> list[Any]:
    return [schema["const"]] if "const" in schema else schema.get("enum", [])


_FEW = 50
_LEADING = frozenset(
    "$ref allOf anyOf oneOf not if then else dependentSchemas properties patternProperties items prefixItems"
    " additionalProperties contains unevaluatedItems unevaluatedProperties".split()
)
_HELD = ("$defs", "definitions")


def _step(steps: tuple[str, ...]) -> Any:
    if steps[0] in ("properties", "prefixItems"):
        return steps
    return _EVERY if steps[0] in PARTS or steps[0] in ("contains", "propertyNames") else None


def levels_of(whole: Mapping[str, Any]) -> int:
    """How many levels a value may have for a backend that follows every way through a schema."""
    return levels({**whole.get("$defs", {}), "": whole})


def levels(defs: Mapping[str, Any]) -> int:
    """How many levels a value may have so that no more than `MANY` ways lead through the schemas of `defs`.

    Those of `$dynamicRef` are not seen.
    """
    graph = _Graph(defs)
    if not any(graph.beside.values()):
        return ANY
    edges = {key: [*graph.beside[key], *(each for _, each in graph.parts[key])] for key in graph.schemas}
    circles = _circles_of(edges)
    if _are_few(graph, circles):
        return ANY
    ways: dict[int, int] = {}
    known: dict[int, Met] = {}
    for key in (
        key for circle in _circles_of(graph.beside) for key in circle
    ):  # what it leads to comes before
        ways[key] = 1 + sum(ways.get(each, 0) for each in graph.beside[key])
        if ways[key] > MANY:
            return 0
        known[key] = graph.met(key, known)
    return _levels(circles, known)


def _are_few(graph: _Graph, circles: list[list[int]]) -> bool:
    """Whether few ways lead through the schemas however they are counted: no circle has a fork, and each fork
    outside of circles multiplies the ways once.
    """
    forks = {key: count for key in graph.schemas if (count := graph.branches(key)) > 1}
    if not forks:
        return True
    alone = {circle[0] for circle in circles if len(circle) == 1}
    return (
        prod(forks.values()) * len(graph.schemas) <= MANY
        and forks.keys() <= alone
        and not any(
            key in graph.beside[key] or key in (each for _, each in graph.parts[key]) for key in forks
        )
    )


def _levels(circles: list[list[int]], known: Mapping[int, Met]) -> int:
    circle_of = {key: index for index, circle in enumerate(circles) for key in circle}
    growth, below = 1, [1] * len(circles)
    for index, circle in enumerate(circles):
        for met in (each for key in circle for each in _together(known[key])):
            here = {each: count for each, count in met.items() if circle_of[each] == index}
            growth = max(growth, sum(here.values()))
            below[index] = max(
                below[index], sum(met[each] * below[circle_of[each]] for each in met.keys() - here)
            )
    if max(below) > MANY:
        return 0
    return ANY if growth == 1 else int(log(MANY) / log(growth))


def _together(met: Met) -> list[Counter[int]]:
    """`met` without the steps, each with what every step meets."""
    every = met.get(_EVERY, Counter())
    return [every, *(every + each for step, each in met.items() if step != _EVERY)]


def _circles_of(edges: Edges) -> list[list[int]]:
    """The strongly connected parts of a graph, each after those that it leads to (Tarjan's algorithm)."""
    found: list[list[int]] = []
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: dict[int, None] = {}
    for start in edges:
        stack = [] if start in number else [(start, iter(edges[start]))]
        while stack:
            key, rest = stack[-1]
            if key not in number:
                number[key] = lowest[key] = len(number)
                open_[key] = None
            for each in rest:
                if each not in number:
                    stack.append((each, iter(edges[each])))
                    break
                if each in open_:
                    lowest[key] = min(lowest[key], lowest[each])
            else:
                stack.pop()
                if stack:
                    lowest[stack[-1][0]] = min(lowest[stack[-1][0]], lowest[key])
                if lowest[key] == number[key]:
                    circle = [open_.popitem()[0]]
                    while circle[-1] != key:
                        circle.append(open_.popitem()[0])
                    found.append(circle)
    return found
