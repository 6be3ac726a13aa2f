"""Representations of things: which part of a value shows one, what it is called, and how one is changed."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from dynaclient.wire.expressions import as_text

Way = tuple[str, ...]
"""The names that lead to a part of a value; none to the whole."""

_TOTALS = ("total", "totalcount", "totalresults", "totalitems", "totalsize", "totalhits")
_COUNTS = ("count", "resultcount", "itemcount")


class Filling(NamedTuple):
    """How a response is filled: whether a value is valid, one laid over another as far as it stays valid, and
    the names of the properties that its schema declares."""

    is_valid: Callable[[Any], bool]
    overlay: Callable[[Any, Any], Any]
    names: frozenset[str]


def bare_name(name: str) -> str:
    """A name without the marks and capitals that spell it one way or the other."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def identifier_text(value: Any) -> str:
    """An identifier as it stands in a path: 5.0 is 5."""
    return as_text(int(value) if isinstance(value, float) and value.is_integer() else value)


def one_spelling(value: Any) -> str | None:
    """Text that equal values share; None for what no JSON can hold."""
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None


# -- parts ------------------------------------------------------------------------------------------------


def at(value: Any, way: Way) -> Any:
    """What stands at the end of a way."""
    for name in way:
        value = value[name]
    return value


def put(value: Any, way: Way, part: Any) -> Any:
    """A copy of `value` with `part` at the end of a way."""
    return {**value, way[0]: put(value[way[0]], way[1:], part)} if way else part


def _objects(value: Mapping[str, Any]) -> Iterator[Way]:
    """The ways to the objects that may show a thing: the value itself, then its members."""
    yield ()
    yield from ((name,) for name, each in value.items() if isinstance(each, dict))


def holder(value: Mapping[str, Any], names: Collection[str]) -> Way:
    """The way to the object that has most of `names`: the value itself, or a member."""
    return max(_objects(value), key=lambda way: len(set(names) & at(value, way).keys()))


def unwrapped(body: dict[str, Any], names: Collection[str], declared: Collection[str]) -> dict[str, Any]:
    """`body`; where it has none of `names`, the one of its `declared` members that has most of them."""
    if body.keys() & set(names):
        return body
    members = [each for name, each in body.items() if name in declared and isinstance(each, dict)]
    best: dict[str, Any] = max(members, key=lambda each: len(each.keys() & set(names)), default={})
    return best if best.keys() & set(names) else body


def entity(value: Mapping[str, Any], body: Mapping[str, Any], names: Collection[str]) -> Way:
    """The way to the object that shows what `body` asked for, or else to one that has one of `names`."""
    way = holder(value, body)
    if at(value, way).keys() & body.keys():
        return way
    return next((each for each in _objects(value) if identity(at(value, each), names)), ())


def identity(value: Mapping[str, Any], names: Collection[str]) -> tuple[str, Any] | None:
    """The property by which an object says which thing it is, and the identifier; `names`: in plain form."""
    for wanted in names:
        for name, each in value.items():
            if bare_name(name) == wanted and type(each) in (str, int, float):
                return name, each
    return None


def other_identifiers(old: Any, count: int) -> Iterator[Any]:
    """`old`, and then others like it."""
    yield old
    for number in range(1, count):
        if not isinstance(old, str):
            yield int(old) + number
        elif old.isdecimal():
            yield str(int(old) + number)
        elif re.fullmatch("[0-9a-fA-F-]{36}", old):
            yield str(uuid.uuid5(uuid.NAMESPACE_OID, f"{old}{number}"))
        else:
            yield from (f"{old}-{number}", f"{old[: -len(str(number))]}{number}", str(number))


# -- one laid over another --------------------------------------------------------------------------------


def learned(thing: dict[str, Any], shown: Any) -> dict[str, Any]:
    """`thing` with what else a response that shows it says of it."""
    part = at(shown, holder(shown, thing)) if isinstance(shown, dict) else {}
    return {**part, **thing} if part.keys() & thing.keys() else thing


def patched(thing: Any, body: Any) -> Any:
    """`thing` with `body` merged into it (RFC 7396)."""
    if not isinstance(body, dict):
        return body
    kept = dict(thing) if isinstance(thing, dict) else {}
    for name, each in body.items():
        if each is None:
            kept.pop(name, None)
        else:
            kept[name] = patched(kept.get(name), each)
    return kept


# -- responses --------------------------------------------------------------------------------------------


def views(
    value: dict[str, Any], thing: dict[str, Any], names: Collection[str], hidden: Collection[str]
) -> Iterator[Any]:
    """Candidates for a response like `value` that shows `thing`: itself, in a member, or a member of it.

    `names`: what the response declares; `hidden`: what it does not show.
    """
    if not names or thing.keys() & set(names):
        yield {name: each for name, each in thing.items() if name not in hidden}
        return
    members = [name for name, each in value.items() if isinstance(each, dict) and each.keys() & thing.keys()]
    for name in sorted(members, key=lambda each: -len(value[each].keys() & thing.keys())):
        yield {**value, name: thing}
        yield {**value, name: {**value[name], **thing}}
    yield from (each for each in thing.values() if isinstance(each, dict) and each.keys() & set(names))


def without_absent(
    value: Any, thing: dict[str, Any], declared: Collection[str], is_valid: Callable[[Any], bool]
) -> Any:
    """`value` without the `declared` properties that `thing` does not have, as far as it stays valid."""
    if not isinstance(value, dict):
        return value
    way = holder(value, thing)
    for name in [each for each in declared if each in at(value, way) and each not in thing]:
        less = put(value, way, {key: each for key, each in at(value, way).items() if key != name})
        value = less if is_valid(less) else value
    return value


def listed(value: Any, things: list[dict[str, Any]], total: int, is_valid: Callable[[Any], bool]) -> Any:
    """`value`, a response that lists things, with these in place of what it lists."""
    for way in _arrays(value):
        changed = _filled(value, way, things, is_valid)
        if changed is not None:
            return _counted(changed, total, len(things), is_valid)
    return value


def _arrays(value: Any, depth: int = 2) -> Iterator[Way]:
    """The ways to the arrays that may list things, the outermost first."""
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        yield ()
    if isinstance(value, dict) and depth:
        below = [(name, way) for name, each in value.items() for way in _arrays(each, depth - 1)]
        yield from sorted(((name, *way) for name, way in below), key=len)


def _filled(value: Any, way: Way, things: list[dict[str, Any]], is_valid: Callable[[Any], bool]) -> Any:
    """`value` with `things` in an array; None where it cannot show them."""
    shown = at(value, way)
    items: list[dict[str, Any]] = []
    for thing in things:
        candidates = ([*items, each] for each in _items(thing, shown[0] if shown else {}))
        items = next((each for each in candidates if is_valid(put(value, way, each))), items)
    changed = put(value, way, items)
    return changed if (items or not things) and is_valid(changed) else None


def _items(thing: dict[str, Any], shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Items of a list that show `thing`, like the one that is `shown`."""
    for each in (thing, *(member for member in thing.values() if isinstance(member, dict))):
        if not shown or each.keys() & shown.keys():
            yield each
            yield {**shown, **{name: each[name] for name in shown if name in each}}


def _counted(value: Any, total: int, count: int, is_valid: Callable[[Any], bool]) -> Any:
    """`value` with how many there are, where it says so."""
    for way in _objects(value) if isinstance(value, dict) else ():
        for name, each in at(value, way).items():
            number = total if bare_name(name) in _TOTALS else count if bare_name(name) in _COUNTS else None
            if number is not None and type(each) is int:
                changed = put(value, (*way, name), number)
                value = changed if is_valid(changed) else value
    return value
