"""Properties that must not travel in one direction (4.8.24: readOnly, writeOnly)."""

from __future__ import annotations

from collections.abc import Iterator

from dynaclient.document.document import Document, Node
from dynaclient.errors import DocumentError
from dynaclient.schema.dialect import Direction

_FLAGS: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}

HOLDERS = frozenset(("properties", "allOf", "anyOf", "oneOf"))
"""Keywords below which such a property may stand."""


class Hidden:
    """Finds them in the schemas of a document."""

    def __init__(self, document: Document, direction: Direction) -> None:
        self._document = document
        self._keyword = _FLAGS[direction]
        self._telling = frozenset((self._keyword, "$ref", "allOf"))
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def of(self, node: Node, depth: int = 0) -> frozenset[str]:
        """The properties of what a schema describes that must not travel.

        Those of the members of `allOf`, `anyOf` and `oneOf` too: what requires them may stand beside.
        """
        if depth > 4 or not isinstance(node.value, dict):
            return frozenset()
        place = (node.uri, node.pointer)
        if place not in self._known:
            own = {*self.own(node)}
            self._known[place] = frozenset(own)  # a schema may be a member of itself
            for keyword in ("allOf", "anyOf", "oneOf"):
                for member in (node.get(keyword) or Node(None)).elements():
                    own |= self.of(self._followed(member), depth + 1)
            self._known[place] = frozenset(own)
        return self._known[place]

    def own(self, node: Node) -> list[str]:
        """Those of the schema itself."""
        return [name for name, member in self._suspects(node) if self._flagged(member)]

    def _suspects(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Properties that have a keyword which may tell; most have none, and need no place."""
        properties = node.get("properties")
        if properties is not None and isinstance(properties.value, dict):
            for name, value in properties.value.items():
                if isinstance(value, dict) and not self._telling.isdisjoint(value):
                    yield name, properties.child(name)

    def _flagged(self, node: Node, depth: int = 0) -> bool:
        if not isinstance(node.value, dict) or depth > 8:
            return False
        if node.flag(self._keyword) and ("$ref" not in node.value or self._document.version >= (3, 1)):
            return True
        if "$ref" in node.value:
            target = self._followed(node)
            return target is not node and self._flagged(target, depth + 1)
        return any(
            self._flagged(member, depth + 1) for member in (node.get("allOf") or Node(None)).elements()
        )

    def _followed(self, node: Node) -> Node:
        try:
            return self._document.follow(node)
        except DocumentError:
            return node
