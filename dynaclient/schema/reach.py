"""Which schemas a value meets on its way down: what is worth compiling for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice, product
from typing import Any

from dynaclient.document.subschemas import BESIDE

MOST_STEPS = 10_000
"""How many pairs of a schema and a part of the value are looked at, which takes some 6 ms."""

Pairs = Iterable[tuple[Any, Any]]


def reached_by(value: Any, key: str, schema: Callable[[str], Any]) -> set[str]:
    """The keys of the schemas that `value` and its parts meet, from that of `key` on.

    `schema` gives what a key stands for. It is a guess: all members of `anyOf` count, what follows in a
    large value does not. No verdict hangs on it.
    """
    found: set[str] = set()
    followed: set[tuple[str, int]] = set()
    pairs: list[tuple[Any, Any]] = [({"$ref": f"#/$defs/{key}"}, value)]
    for _ in range(MOST_STEPS):
        if not pairs:
            break
        here, part = pairs.pop()
        if isinstance(here, dict):
            for keyword in filter(_PAIRS.__contains__, here):
                pairs += islice(_PAIRS[keyword](here, part, here[keyword]), MOST_STEPS)
            _, told, target = here.get("$ref", "").rpartition("#/$defs/")
            if told and (target, id(part)) not in followed:
                followed.add((target, id(part)))
                found.add(target)
                pairs.append((schema(target), part))
    return found


def _same(schema: Any, value: Any, argument: Any) -> Pairs:
    return [(argument, value)]


def _each(schema: Any, value: Any, argument: Any) -> Pairs:
    return product(argument.values() if isinstance(argument, dict) else argument, [value])


def _named(schema: Any, value: Any, argument: Any) -> Pairs:
    names = argument.keys() & value.keys() if isinstance(value, dict) else ()
    return ((argument[name], value[name]) for name in names)


def _members(schema: Any, value: Any, argument: Any) -> Pairs:
    names = value.keys() - schema.get("properties", {}).keys() if isinstance(value, dict) else ()
    return ((argument, value[name]) for name in names)


def _matched(schema: Any, value: Any, argument: Any) -> Pairs:
    return product(argument.values(), value.values() if isinstance(value, dict) else ())


def _names(schema: Any, value: Any, argument: Any) -> Pairs:
    return product([argument], value if isinstance(value, dict) else ())


def _items(schema: Any, value: Any, argument: Any) -> Pairs:
    return product([argument], value if isinstance(value, list) else ())


def _first(schema: Any, value: Any, argument: Any) -> Pairs:
    return zip(argument, value if isinstance(value, list) else (), strict=False)


_PAIRS: dict[str, Callable[[Any, Any, Any], Pairs]] = {
    **dict.fromkeys(("not", "if", "then", "else"), _same),
    **dict.fromkeys((*BESIDE, "dependentSchemas"), _each),
    "properties": _named,
    "additionalProperties": _members,
    "unevaluatedProperties": _members,
    "patternProperties": _matched,
    "propertyNames": _names,
    **dict.fromkeys(("items", "contains", "unevaluatedItems"), _items),
    "prefixItems": _first,
}
"""What each keyword of a schema asks of which part of a value: (schema, value, argument) -> pairs."""
