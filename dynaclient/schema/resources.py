"""Schema resources, those with an `$id`, and where references lead (JSON Schema 2020-12 core, 8.2 and 9)."""

from __future__ import annotations

from dynaclient.document.document import WITHIN, Document, Node, join, rebase, tokens
from dynaclient.schema.keywords import LISTS, MAPS, SCHEMAS

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
                target = self._document.resolve("#/a schema is due there", target)
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
        return resource, f"{absolute(base)}#{inside}"

    def _embeds(self, base: str, node: Node) -> bool:
        return base != (node.uri or self._document.uri)


def absolute(base: str) -> str:
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
