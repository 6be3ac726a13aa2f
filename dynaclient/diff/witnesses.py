"""Values that one schema accepts and another refuses: made for a gap, judged by the compiled schemas."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from itertools import chain, islice
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.diff.conjunction import Side
from dynaclient.diff.containment import NEW_NAME, Gap, Path
from dynaclient.document.node import tokens
from dynaclient.errors import DynaclientError
from dynaclient.generation.choices import ReadableChoices
from dynaclient.generation.factory import Unsatisfiable

MOST_TRIED = 150
"""Candidates for a gap, beside those that are made for it."""
MOST_SCHEMAS = 100
"""Values are varied where a schema leads to fewer: each part that is judged alone is compiled."""
MOST_REMOVED = 300
"""How often a witness is tried without a part of it."""


class Witnesses:
    """Finds values that the schema of `a` accepts and that of `b` refuses."""

    def __init__(self, a: Side, b: Side) -> None:
        self._a, self._b = a, b

    def find(self, gap: Gap, a: str, b: str) -> Any:
        """A witness of `gap` between two keys, as small as it gets; MISSING where none is found."""
        found = self._made(gap, a)
        if all(
            len(side.translator.closure(key)) < MOST_SCHEMAS for side, key in ((self._a, a), (self._b, b))
        ):
            found = chain(found, self._mutated(gap, b), self._varied(gap, a))
        for value in found:
            if self._shows(gap, a, b, value):
                return self._smallest(gap, a, b, value)
        return MISSING

    def is_lifted(self, path: Path, witness: Any, a: str, b: str) -> bool:
        """Whether some value with `witness` at `path` is accepted by `a` and refused by `b`."""
        also = nested(path, {"const": witness})
        if also is None:
            return False
        try:
            value = self._a.maker.value(self._a.node(a), ReadableChoices(0), also)
        except (Unsatisfiable, DynaclientError, RecursionError):
            return False
        return self._a.accepts(a, value) and not self._b.accepts(b, value)

    def _shows(self, gap: Gap, a: str, b: str, value: Any) -> bool:
        if not self._a.accepts(a, value) or self._b.accepts(b, value):
            return False
        checker = self._b.checkers.checker(self._b.node(b), self._b.direction)
        found = checker.violations(value, "body", "")
        return gap.is_choice or any(_leads(_seen_at(gap), each.pointer) for each in found)

    def _made(self, gap: Gap, a: str) -> Iterator[Any]:
        """Values that meet `a` and a target of the gap."""
        for target in gap.targets:
            also = nested(gap.path, target, gap.keyword)
            try:
                if also is not None:
                    yield self._a.maker.value(self._a.node(a), ReadableChoices(0), also)
            except (Unsatisfiable, DynaclientError, RecursionError):
                continue

    def _mutated(self, gap: Gap, b: str) -> Iterator[Any]:
        """Values that break `b` at this place, made of one that meets it."""
        node, source = self._b.node(b), ReadableChoices(0)
        try:
            also = nested(gap.path, {}, gap.keyword)
            base = self._b.maker.value(node, source, also)
            for each in islice(self._b.maker.mutations(node, source, base), MOST_TRIED):
                if gap.is_choice or _leads(_seen_at(gap), each.pointer):
                    yield each.value
        except (Unsatisfiable, DynaclientError, RecursionError):
            return

    def _varied(self, gap: Gap, a: str) -> Iterator[Any]:
        """Values that meet `a`, with another one at this place."""
        node, source = self._a.node(a), ReadableChoices(0)
        try:
            base = self._a.maker.value(node, source, nested(gap.path, {}, gap.keyword))
            found = chain.from_iterable(self._a.maker.variations(node, source, base))
            yield from (each.value for each in islice(found, MOST_TRIED))
        except (Unsatisfiable, DynaclientError, RecursionError):
            return

    def _smallest(self, gap: Gap, a: str, b: str, value: Any) -> Any:
        """`value` without all that it does not need."""
        tried, found = 0, value
        pending = [*_parts(found)]
        while pending and tried < MOST_REMOVED:
            tried += 1
            less = _without(found, pending.pop(0))
            if less is not MISSING and self._shows(gap, a, b, less):
                found, pending = less, [*_parts(less)]
        for way in ((), *_parts(found)):
            for plain in _simpler(_part(found, way)):
                tried += 1
                simpler = _with(found, way, plain)
                if tried < 2 * MOST_REMOVED and self._shows(gap, a, b, simpler):
                    found = simpler
                    break
        return found


def _simpler(value: Any) -> Iterator[Any]:
    """Texts and numbers that are easier to read than `value`."""
    if isinstance(value, str):
        yield from (each for each in _PLAIN if len(each) < len(value))
        yield "a" * len(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (each for each in (1, 0) if each != value)


_PLAIN = ("", "a", "b", "c", "d", "e", "f", "g", "text")
"""Texts that a witness holds in place of longer ones, where they do as well."""


def nested(path: Path, target: Any, keyword: str = "") -> Any:
    """The schema of a value that has something at `path` which meets `target`; None where it has no name."""
    steps = path[:-1] if keyword == "required" else path  # it is about what holds the property
    if keyword in ("readOnly", "writeOnly", "additionalProperties") and _names_last(path, target):
        steps = path[:-1]
    for kind, name in reversed(steps):
        if kind == "property":
            target = {"required": [name], "properties": {name: target}}
        elif kind == "items":
            target = {"minItems": 1, "items": target}
        elif kind == "item":
            target = {"minItems": int(name) + 1, "prefixItems": [*[True] * int(name), target]}
        elif kind == "additional":
            target = {"required": [NEW_NAME], "properties": {NEW_NAME: target}}
        else:
            return None
    return target


def _names_last(path: Path, target: Any) -> bool:
    """Whether a target asks that the property at the end of `path` is there."""
    return bool(path) and isinstance(target, dict) and target.get("required") == [path[-1][1]]


def _leads(path: Path, pointer: str) -> bool:
    """Whether a pointer and a path lead to the same part, or to one that is in it."""
    for (kind, name), token in zip(path, tokens(pointer), strict=False):
        if kind == "property" and token != name:
            return False
        if kind == "item" and token != name:
            return False
        if kind == "items" and not token.isdigit():
            return False
    return len(tokens(pointer)) >= len(path)


def _seen_at(gap: Gap) -> Path:
    """Where a value that shows the gap is invalid: around a property that has to be there, or must not."""
    around = (
        gap.keyword in ("required", "additionalProperties")
        and gap.path[-1:]
        and gap.path[-1][0] == "property"
    )
    return gap.path[:-1] if around else gap.path


def _parts(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each part of `value` that can be left out, large ones first."""
    keys: list[Any] = (
        [*value] if isinstance(value, dict) else [*range(len(value))] if isinstance(value, list) else []
    )
    yield from ((*above, key) for key in keys)
    for key in keys:
        yield from _parts(value[key], (*above, key))


def _part(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value


def _with(value: Any, way: tuple[Any, ...], part: Any) -> Any:
    """`value` with `part` where `way` leads."""
    if not way:
        return part
    copied = copy(value)
    copied[way[0]] = _with(value[way[0]], way[1:], part)
    return copied


def _without(value: Any, way: tuple[Any, ...]) -> Any:
    """`value` without the part that `way` leads to; MISSING where there is none."""
    key, *rest = way
    try:
        inner = value[key]
    except (LookupError, TypeError):
        return MISSING
    if rest:
        inner = _without(inner, tuple(rest))
        if inner is MISSING:
            return MISSING
    kept = [] if not rest else [inner]
    if isinstance(value, dict):
        return {name: (inner if name == key else each) for name, each in value.items() if name != key or rest}
    return [*value[:key], *kept, *value[key + 1 :]]
