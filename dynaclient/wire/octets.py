"""Bodies that are files: bytes as they are, whatever their label says that they hold.

`format: binary` says so (OpenAPI 3.0, 2.0's `type: file` becomes it), and in 3.1 a `contentMediaType` without
a `contentEncoding` ("Working with Binary Data").
"""

from __future__ import annotations

from dynaclient.document.document import Document
from dynaclient.document.model import MediaType
from dynaclient.document.node import Node
from dynaclient.document.subschemas import CHOICES, under
from dynaclient.wire.media_types import essence, is_json, is_text

_DEPTH = 20


def describes_file(document: Document, media: MediaType) -> bool:
    """Whether the bodies that `media` describes are files. What is named as text is text."""
    name = essence(media.name)
    return not is_text(name) and _Octets(document, is_json(name)).asked_by(media.schema, _DEPTH)


class _Octets:
    """Tells which schemas are of bytes, and asks each once."""

    def __init__(self, document: Document, as_json: bool) -> None:
        self._document, self._as_json = document, as_json
        self._known: dict[str, bool] = {}

    def asked_by(self, schema: Node | None, depth: int) -> bool:
        """Whether a schema is of bytes: itself, one that it joins, or all that it gives the choice of."""
        node = self._document.followed(schema) if schema is not None and depth else None
        if node is None or not isinstance(node.value, dict):
            return False
        if node.place not in self._known:
            self._known[node.place] = False  # what stands here where the schema leads back to itself
            self._known[node.place] = self._asked(node, depth - 1)
        return self._known[node.place]

    def _asked(self, node: Node, depth: int) -> bool:
        if _says_binary(self._document, node, self._as_json):
            return True
        if any(self.asked_by(each, depth) for each in under(node, "allOf")):
            return True
        real = [each for each in under(node, *CHOICES) if _types(each) != {"null"}]
        return bool(real) and all(self.asked_by(each, depth) for each in real)


def _says_binary(document: Document, node: Node, as_json: bool) -> bool:
    types = _types(node) - {"null"}
    if types and types != {"string"} and types != {"file"}:
        return False
    if node.text("format") == "binary":
        return True
    holds = essence(node.text("contentMediaType"))
    if not holds or node.text("contentEncoding") or document.version_of(node) < (3, 1):
        return False
    # In JSON a string may hold text of another kind: `{type: string, contentMediaType: text/html}`.
    return not (as_json and types and (is_text(holds) or is_json(holds)))


def _types(node: Node) -> set[str]:
    stated = node.value.get("type") if isinstance(node.value, dict) else None
    several = stated if isinstance(stated, list) else [stated]
    return {each for each in several if isinstance(each, str)}
