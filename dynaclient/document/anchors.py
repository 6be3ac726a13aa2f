"""Places that schemas name themselves: `$id`, `$anchor`, `$dynamicAnchor` (JSON Schema 2020-12 core, 8.2)."""

from __future__ import annotations

from collections.abc import Iterable

from dynaclient.document.document import Node, rebase

_NO_SCHEMAS = ("enum", "const", "example")
"""Keywords whose arguments are data, whatever it looks like."""


def marks(files: Iterable[Node]) -> dict[str, Node]:
    """Every named place below the roots of `files`, by its absolute URI."""
    found: dict[str, Node] = {}
    for root in files:
        found.update(_below(root))
    return found


def _below(root: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    pending = [root]
    while pending:
        outer = pending.pop()
        node = rebase(outer)
        if isinstance(node.value, dict):
            if isinstance(node.value.get("$id"), str):
                found.setdefault(node.base, outer)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.value.get(keyword), str):
                    found.setdefault(f"{node.base}#{node.value[keyword]}", outer)
            pending += [child for key, child in node.items() if key not in _NO_SCHEMAS]
        else:
            pending += node.elements()
    return found
