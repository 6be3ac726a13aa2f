"""The schemas in a schema: which keywords hold them, and how each that one leads to is met once.

Whoever goes through schemas does it by these; what they lead to by references is known to who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from math import inf
from typing import Any, TypeVar

from dynaclient.document.node import Node

T = TypeVar("T")

SCHEMAS = frozenset(
    "items additionalProperties not if then else contains propertyNames unevaluatedItems"
    " unevaluatedProperties".split()
)
"""Keywords that hold one schema."""
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
MAPS = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"))
PARTS = frozenset(
    "properties patternProperties additionalProperties items prefixItems unevaluatedItems"
    " unevaluatedProperties".split()
)
"""Keywords whose schemas are met by parts of the value, and say nothing of it as a whole."""
CHOICES = ("anyOf", "oneOf")
BESIDE = ("allOf", *CHOICES)
"""Keywords whose schemas are met by the same value."""


def inside(schema: Any, keywords: Iterable[str] | None = None) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The schemas that `schema` holds, at `keywords` in this order or at all, each with the steps to it.

    Nothing where it is no object, and where a keyword does not hold what it should.
    """
    if not isinstance(schema, dict):
        return
    for keyword in schema if keywords is None else keywords:
        argument = schema.get(keyword)
        if keyword in SCHEMAS and isinstance(argument, (dict, bool)):
            yield (keyword,), argument
        elif keyword in LISTS and isinstance(argument, list):
            yield from (((keyword, index), each) for index, each in enumerate(argument))
        elif keyword in MAPS and isinstance(argument, dict):
            yield from (((keyword, name), each) for name, each in argument.items())


def under(node: Node, *keywords: str) -> Iterator[Node]:
    """The locations of the schemas that the schema at `node` holds at `keywords`."""
    for steps, _ in inside(node.value, keywords):
        yield reduce(Node.child, steps, node)


def closure(start: Iterable[T], further: Callable[[T], Iterable[T]], most: float = inf) -> Iterator[T]:
    """The schemas of `start`, what `further` gives for each, and so on: each once, `most` of them.

    They are objects or locations of objects; others, as `true`, are passed over. What a schema leads to
    follows it. Nothing calls itself, so it does not matter how deep they nest.
    """
    seen: dict[Any, Any] = {}
    pending = [*start][::-1]
    while pending and len(seen) < most:
        here = pending.pop()
        value, mark = (here.value, (here.uri, here.pointer)) if isinstance(here, Node) else (here, id(here))
        if mark not in seen and isinstance(value, dict):
            seen[mark] = here  # what has the id has to stay
            yield here
            pending += [*further(here)][::-1]
