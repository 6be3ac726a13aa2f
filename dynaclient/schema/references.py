"""Where the references of schemas lead: one key for each place of the document that is referred to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from dynaclient.document.document import Document, Node, tokens
from dynaclient.errors import DocumentError, Finding
from dynaclient.schema.dialect import METASCHEMAS, Direction
from dynaclient.schema.resources import ROOT, Resources

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
        """The key of the place `node`: its name, with a number where several places would have the same."""
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

        Nothing may be sent where nobody knows what is due; an answer is not to blame for it.
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
