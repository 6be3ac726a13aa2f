"""Where the references of schemas lead: resources with an `$id`, and one key for each location."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from dynaclient.document.document import Document
from dynaclient.document.node import WITHIN, Node, join, rebase, tokens
from dynaclient.document.subschemas import LISTS, MAPS, SCHEMAS
from dynaclient.errors import DocumentError, Finding
from dynaclient.schema.keywords import METASCHEMAS, Direction

ROOT = "https://dynaclient.invalid/schemas"
"""The `$id` of what is compiled; `.invalid` never resolves (RFC 2606)."""


class Resources:
    """Those of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._targets: dict[tuple[str, str, str, str], Node] = {}

    def target(self, ref: str, node: Node) -> Node:
        """The schema that the text of a reference at `node` names. Raises Unresolvable."""
        asked = (ref, node.base, node.uri, node.pointer if ref.startswith(WITHIN) else "")
        target = self._targets.get(asked)
        if target is None:
            target = self._document.resolve(ref, node)
            if not isinstance(target.value, (dict, bool)):
                target = self._document.resolve("#/expected a schema there", target)
            self._targets[asked] = target
        return target

    def has_id(self, node: Node) -> bool:
        """Whether an `$id` around `node` is what references there are relative to, and not its file."""
        return self._embeds(node.base, node)

    def reference_into(self, target: Node) -> tuple[Node, str] | None:
        """The root of the resource that `target` is kept in, and the `$ref` that leads from anywhere to it.

        None where `target` stands on its own, or where the translation of the resource does not keep it.
        """
        base = rebase(target).base if self._document.version_of(target) >= (3, 1) else target.base
        if not self._embeds(base, target):
            return None
        resource = self._document.resolve(base or "#", Node(None, target.uri, target.pointer))
        inside = target.pointer.removeprefix(resource.pointer)
        if not target.pointer.startswith(resource.pointer) or not _is_kept(tokens(inside)):
            return None
        return resource, f"{absolute_base(base)}#{inside}"

    def _embeds(self, base: str, node: Node) -> bool:
        return base != (node.uri or self._document.uri)


def absolute_base(base: str) -> str:
    """`base` for those who compile: in a document that came from nowhere it may be relative."""
    return join(ROOT, base)


def _is_kept(path: list[str]) -> bool:
    """Whether the translation keeps what `path` leads to inside a resource."""
    steps = iter(path)
    for step in steps:
        if step in MAPS or step in LISTS:
            next(steps, None)
        elif step not in SCHEMAS:
            return False
    return True


_LONGEST = 500
"""How much of a pointer is read for a key, of which the end is taken."""

_KEY = re.compile(r"[^A-Za-z0-9._-]+")


class References:
    """Those of one document, as the schemas of one direction have them: `#/$defs/KEY`.

    `places` holds where each key stands in the document; `unresolved` keys that nothing stands for, and why.
    """

    def __init__(self, document: Document, direction: Direction) -> None:
        self.resources = Resources(document)
        self.places: dict[str, Node] = {}
        self.unresolved: dict[str, str] = {}
        self.lost: dict[str, Finding] = {}
        """The finding about each of those."""
        self.asks_metaschema = False
        """Whether one leads to a meta-schema, which is no part of the document."""
        self.asks_root = False
        """Whether one inside a resource leads to ROOT."""
        self.used: dict[str, bool] = {}
        """The keys that one schema uses, and whether for the same value or for parts of it alone."""
        self.of_parts = False
        """Whether what is used now describes parts of the value."""
        self._document = document
        self._direction = direction
        self._keys: dict[tuple[str, str], str] = {}

    def key(self, node: Node) -> str:
        """The key of the location `node`: its name, with a number where several would have the same."""
        place = (node.uri, node.pointer)
        key = self._keys.get(place)
        if key is None:
            end = node.pointer.removeprefix("/components/schemas/")[-_LONGEST:]
            readable = _KEY.sub("_", end).strip("_") or "root"
            key, count = readable[-80:], 1
            while key in self.places:
                count += 1
                key = f"{readable[-80:]}_{count}"
            self._keys[place] = key
            self.places[key] = node
        return key

    def names(self, members: Iterable[Any]) -> dict[str, str]:
        """What the schemas that `members` refer to are called where they stand, if their keys are not that.

        A schema that is a file by itself is called as the file is, without its ending.
        """
        found: dict[str, str] = {}
        for ref in (str(each.get("$ref", "")) for each in members if isinstance(each, dict)):
            key = ref.rpartition("/")[2]
            if key in self.places and (name := _name(self.places[key])) != key:
                found[ref] = name
        return found

    def named(self, ref: str, node: Node) -> dict[str, Any]:
        """The reference at `node` to what its text `ref` names."""
        if ref.rstrip("#") in METASCHEMAS:
            self.asks_metaschema = True
            return {"$ref": ref}
        try:
            target = self.resources.target(ref, node)
        except DocumentError as error:
            return self._nowhere(error, node)
        return self.to(target, node)

    def to(self, target: Node, node: Node) -> dict[str, Any]:
        """The reference at `node` to `target`. A resource with `$id` is kept whole, for dynamic scope."""
        into = self.resources.reference_into(target)
        if into is None:
            return self._to_key(target, node)
        resource, text = into
        self.used[self.key(resource)] = True  # the text of the reference leads into it
        return {"$ref": text}

    def is_lost(self, schema: Any) -> bool:
        """Whether `schema` is a reference that leads nowhere."""
        return self.lost_key(schema) != ""

    def lost_key(self, schema: Any) -> str:
        """The key that `schema` refers to where nothing stands for it; empty for any other."""
        ref = schema.get("$ref") if isinstance(schema, dict) else None
        key = ref.rpartition("/")[2] if isinstance(ref, str) else ""
        return key if key in self.unresolved else ""

    def _nowhere(self, error: DocumentError, node: Node) -> dict[str, Any]:
        """The reference at `node` where it leads nowhere, as `error` says.

        Nothing may be sent where nobody knows what is expected; a response is not to blame for it.
        """
        self._document.note(error)
        place = Node(self._direction == "response", node.uri, node.pointer + "/$ref", node.base)
        self.unresolved[self.key(place)] = str(error.args[0])
        self.lost[self.key(place)] = (*error.findings, Finding(node.place, "error", str(error.args[0])))[0]
        return self._to_key(place, node)

    def _to_key(self, target: Node, node: Node) -> dict[str, Any]:
        key = self.key(target)
        self.used[key] = self.used.get(key, False) or not self.of_parts
        if not self.resources.has_id(node):
            return {"$ref": f"#/$defs/{key}"}
        self.asks_root = True
        return {"$ref": f"{ROOT}#/$defs/{key}"}


def _name(node: Node) -> str:
    """What the schema at `node` is called."""
    if node.pointer:
        return tokens(node.pointer)[-1]
    return unquote(node.uri.rpartition("/")[2].partition(".")[0])
