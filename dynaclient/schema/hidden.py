"""Properties that must not travel in one direction (4.8.24: readOnly, writeOnly)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dynaclient.document.document import Document, Node
from dynaclient.errors import DocumentError
from dynaclient.schema.dialect import Direction
from dynaclient.schema.resources import Resources

_FLAGS: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}

HOLDERS = frozenset(("properties", "$ref", "allOf", "anyOf", "oneOf"))
"""Keywords below which such a property may stand."""


class Hidden:
    """Finds them in the schemas of a document."""

    def __init__(self, document: Document, direction: Direction, resources: Resources) -> None:
        self._resources = resources
        self._beside_ref = document.version >= (3, 1)
        self._keyword = _FLAGS[direction]
        self._telling = frozenset((self._keyword, "$ref", "allOf"))
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._own: dict[tuple[str, str], frozenset[str]] = {}

    def of(self, node: Node) -> frozenset[str]:
        """The properties of what a schema describes that must not travel.

        Those of what it refers to and of the members of `allOf`, `anyOf` and `oneOf` too: what requires them
        may stand beside.
        """
        place = (node.uri, node.pointer)
        if place not in self._known:
            about = self._about(node, "allOf", "anyOf", "oneOf")
            self._known[place] = frozenset().union(*map(self.own, about))
        return self._known[place]

    def own(self, node: Node) -> frozenset[str]:
        """Those of the schema itself."""
        place = (node.uri, node.pointer)
        if place not in self._own:
            properties = node.get("properties") or Node(None)
            self._own[place] = frozenset(
                name
                for name, member in (properties.value.items() if isinstance(properties.value, dict) else ())
                if isinstance(member, dict)
                and not self._telling.isdisjoint(member)  # most say nothing that may tell
                and any(map(self._says, self._about(properties.child(name), "allOf")))
            )
        return self._own[place]

    def _says(self, node: Node) -> bool:
        return node.flag(self._keyword) and (self._beside_ref or "$ref" not in node.value)

    def _about(self, node: Node, *lists: str) -> Iterator[Node]:
        """`node`, and the schemas of the same value behind `$ref` and in its `lists`."""
        seen = set()
        pending = [node]
        while pending:
            here = pending.pop()
            place = (here.uri, here.pointer)
            if isinstance(here.value, dict) and place not in seen:
                seen.add(place)
                yield here
                pending += self._target(here)
                for keyword in lists if self._beside_ref or "$ref" not in here.value else ():
                    pending += (here.get(keyword) or Node(None)).elements()

    def _target(self, node: Node) -> list[Node]:
        ref = node.value.get("$ref")
        try:
            return [self._resources.target(ref, node)] if isinstance(ref, str) else []
        except DocumentError:
            return []


def relieve(schema: dict[str, Any], hidden: frozenset[str]) -> None:
    """Let `schema` require nothing that is `hidden`."""
    if "required" in schema:
        schema["required"] = _without(schema["required"], hidden)
    if "dependentRequired" in schema:
        needed = schema["dependentRequired"].items()
        schema["dependentRequired"] = {name: _without(names, hidden) for name, names in needed}


def _without(names: list[str], hidden: frozenset[str]) -> list[str]:
    return [name for name in names if name not in hidden]
