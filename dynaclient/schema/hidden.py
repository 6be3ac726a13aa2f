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
        self._document = document
        self._resources = resources
        self._keyword = _FLAGS[direction]
        self._telling = frozenset((self._keyword, "$ref", "allOf"))
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._own: dict[tuple[str, str], frozenset[str]] = {}

    def of(self, node: Node) -> frozenset[str]:
        """The properties of what a schema describes that must not travel.

        Those of what it refers to and of the members of `allOf`, `anyOf` and `oneOf` too: what requires them
        may stand beside.
        """
        place = _place(node)
        if place not in self._known:
            parts = {place: node}  # a schema may be a member of itself
            queue = [node]
            while queue:
                members = {_place(member): member for member in self._members(queue.pop())}
                queue += [member for each, member in members.items() if each not in parts]
                parts |= members
            self._known[place] = frozenset().union(*map(self.own, parts.values()))
        return self._known[place]

    def own(self, node: Node) -> frozenset[str]:
        """Those of the schema itself."""
        place = _place(node)
        if place not in self._own:
            properties = node.value.get("properties")
            members = properties.items() if isinstance(properties, dict) else ()
            self._own[place] = frozenset(
                name
                for name, member in members
                if isinstance(member, dict)
                and not self._telling.isdisjoint(member)  # most say nothing that may tell
                and self._flagged(member, node)
            )
        return self._own[place]

    def _members(self, node: Node) -> Iterator[Node]:
        """The schemas that say more of what `node` describes."""
        target = self._target(node.value, node)
        if target is not None and isinstance(target.value, dict):
            yield target
        for keyword in ("allOf", "anyOf", "oneOf"):
            for member in (node.get(keyword) or Node(None)).elements():
                if isinstance(member.value, dict):
                    yield member

    def _flagged(self, schema: Any, node: Node, depth: int = 0) -> bool:
        """Whether `schema`, which stands somewhere below `node`, says that what it describes is hidden."""
        if not isinstance(schema, dict) or depth > 8:
            return False
        if Node(schema).flag(self._keyword) and ("$ref" not in schema or self._document.version >= (3, 1)):
            return True
        target = self._target(schema, node)
        if target is not None and self._flagged(target.value, target, depth + 1):
            return True
        members = schema.get("allOf")
        return isinstance(members, list) and any(self._flagged(each, node, depth + 1) for each in members)

    def _target(self, schema: dict[str, Any], node: Node) -> Node | None:
        ref = schema.get("$ref")
        try:
            return self._resources.target(ref, node) if isinstance(ref, str) else None
        except DocumentError:
            return None


def relieve(schema: dict[str, Any], hidden: frozenset[str]) -> None:
    """Let `schema` require nothing that is `hidden`."""
    if "required" in schema:
        schema["required"] = _without(schema["required"], hidden)
    if "dependentRequired" in schema:
        needed = schema["dependentRequired"].items()
        schema["dependentRequired"] = {name: _without(names, hidden) for name, names in needed}


def _without(names: list[str], hidden: frozenset[str]) -> list[str]:
    return [name for name in names if name not in hidden]


def _place(node: Node) -> tuple[str, str]:
    return node.uri, node.pointer
