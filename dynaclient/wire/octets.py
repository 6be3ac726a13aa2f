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
    return not is_text(name) and _is_binary(document, media.schema, _DEPTH, is_json(name))


def _is_binary(document: Document, schema: Node | None, depth: int, as_json: bool) -> bool:
    """Whether a schema is of bytes: itself, one that it joins, or all that it gives the choice of."""
    node = document.followed(schema) if schema is not None and depth else None
    if node is None or not isinstance(node.value, dict):
        return False
    if _says_binary(document, node, as_json):
        return True
    if any(_is_binary(document, each, depth - 1, as_json) for each in under(node, "allOf")):
        return True
    real = [each for each in under(node, *CHOICES) if _types(each) != {"null"}]
    return bool(real) and all(_is_binary(document, each, depth - 1, as_json) for each in real)


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
