"""Properties that must not travel in one direction (readOnly, writeOnly)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import Node
from dynaclient.document.subschemas import BESIDE, under
from dynaclient.errors import DocumentError
from dynaclient.schema.keywords import Direction
from dynaclient.schema.references import Resources

_FLAGS: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}

HIDDEN: dict[Direction, str] = {"request": "readOnlyProperties", "response": "writeOnlyProperties"}
"""Own keywords of schemas that values are made by: the schemas of the properties that must not travel."""

HOLDERS = frozenset(("properties", "$ref", *BESIDE))
"""Keywords below which such a property may stand."""


_Place = tuple[str, str]


class Hidden:
    """Finds them in the schemas of a document."""

    def __init__(self, document: Document, direction: Direction, resources: Resources) -> None:
        self._resources = resources
        self._document = document
        self._keyword = _FLAGS[direction]
        self._telling = frozenset((self._keyword, "$ref", "allOf"))
        self._own: dict[_Place, frozenset[str]] = {}
        self._flags = _Closure(self._says, partial(self._beside, ("allOf",)))
        self._names = _Closure(self.own, partial(self._beside, BESIDE))

    def of(self, node: Node) -> frozenset[str]:
        """The properties of what a schema describes that must not travel.

        Those of what it refers to and of the members of `allOf`, `anyOf` and `oneOf` too: what requires them
        may stand beside.
        """
        return self._names.of(node)

    def own(self, node: Node) -> frozenset[str]:
        """Those of the schema itself."""
        place = (node.uri, node.pointer)
        if place not in self._own:
            properties = self._document.opened(node.get("properties"))
            self._own[place] = frozenset(
                name
                for name, member in (properties.value.items() if isinstance(properties.value, dict) else ())
                if isinstance(member, dict)
                and not self._telling.isdisjoint(member)  # most say nothing that may tell
                and self._flags.of(properties.child(name))
            )
        return self._own[place]

    def _says(self, node: Node) -> frozenset[str]:
        said = node.flag(self._keyword) and ("$ref" not in node.value or self._beside_ref(node))
        return frozenset((self._keyword,) if said else ())

    def _beside_ref(self, node: Node) -> bool:
        """Whether what stands beside a `$ref` counts."""
        return self._document.version_of(node) >= (3, 1)

    def _beside(self, lists: tuple[str, ...], node: Node) -> Iterator[Node]:
        """The schemas of the same value behind `$ref` and in the `lists` of a schema."""
        ref = node.value.get("$ref")
        if isinstance(ref, str):
            with suppress(DocumentError):
                yield self._resources.target(ref, node)
        if ref is None or self._beside_ref(node):
            yield from under(node, *lists)


class _Closure:
    """What schemas say, each with all that are `beside` it, and beside those: circles and long chains too.

    A walk learns of every schema that it meets, and ends where one is known: a document is walked once.
    """

    def __init__(
        self, own: Callable[[Node], frozenset[str]], beside: Callable[[Node], Iterable[Node]]
    ) -> None:
        self._own_of, self._beside = own, beside
        self._known: dict[_Place, frozenset[str]] = {}

    def of(self, node: Node) -> frozenset[str]:
        place = (node.uri, node.pointer)
        if place not in self._known:
            self._known |= _spread(*self._walk(node))
        return self._known[place]

    def _walk(self, node: Node) -> tuple[dict[_Place, frozenset[str]], dict[_Place, list[_Place]]]:
        """What each schema that is met says itself, and which ones each is beside."""
        said: dict[_Place, frozenset[str]] = {}
        above: dict[_Place, list[_Place]] = {}
        pending = [node]
        while pending:
            here = pending.pop()
            place = (here.uri, here.pointer)
            if place in said:
                continue
            said[place] = self._known.get(place, _NOTHING)
            if place not in self._known and isinstance(here.value, dict):
                said[place] = self._own_of(here)
                for each in self._beside(here):
                    above.setdefault((each.uri, each.pointer), []).append(place)
                    pending.append(each)
        return said, above


_NOTHING: frozenset[str] = frozenset()


def _spread(
    said: dict[_Place, frozenset[str]], above: dict[_Place, list[_Place]]
) -> dict[_Place, frozenset[str]]:
    """What each says together with what is below it."""
    pending = [place for place, names in said.items() if names]
    while pending:
        lower = pending.pop()
        for upper in above.get(lower, ()):
            if not said[lower] <= said[upper]:
                said[upper] |= said[lower]
                pending.append(upper)
    return said


def drop_required(schema: dict[str, Any], hidden: frozenset[str]) -> None:
    """Let `schema` require nothing that is `hidden`."""
    if "required" in schema:
        schema["required"] = _without(schema["required"], hidden)
    if "dependentRequired" in schema:
        needed = schema["dependentRequired"].items()
        schema["dependentRequired"] = {name: _without(names, hidden) for name, names in needed}


def _without(names: list[str], hidden: frozenset[str]) -> list[str]:
    return [name for name in names if name not in hidden]
