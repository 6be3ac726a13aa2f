"""A document in one piece: what its references read from other files stands in it, under `x-parts`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import Node, rebase, tokens
from dynaclient.errors import DocumentError

PARTS = "x-parts"

_EXTERNAL = re.compile(r'"\$ref": "(?!#)')


def leads_out(tree: Mapping[str, Any]) -> bool:
    """Whether something in a tree may be a reference to another file."""
    return _EXTERNAL.search(json.dumps(tree, default=str)) is not None


def bundled(document: Document) -> dict[str, Any]:
    """The tree of `document` without references to other files; those that do not resolve stay as they are.

    Path Items and operations that stand in files of their own are put where they belong, everything else
    below `x-parts`. What the document itself holds stays as it is.
    """
    bundler = _Bundler(document)
    made = bundler.root()
    while bundler.waiting:
        name, node = bundler.waiting.pop()
        bundler.parts[name] = bundler.copied(node)
    return {**made, PARTS: bundler.parts} if bundler.parts else made


class _Bundler:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[tuple[str, str], str] = {}
        self.parts: dict[str, Any] = {}
        self.waiting: list[tuple[str, Node]] = []

    def root(self) -> dict[str, Any]:
        """The root, its Path Items opened."""
        tree: dict[str, Any] = {}
        for name, node in self._document.root.items():
            if name == "paths":
                paths = self._document.opened(node)
                tree[name] = {path: self._path_item(item) for path, item in paths.items()}
            else:
                tree[name] = self.copied(node)
        return tree

    def _path_item(self, node: Node) -> Any:
        item = self._document.opened(node)
        return {name: self.copied(self._document.opened(each)) for name, each in item.items()}

    def copied(self, node: Node) -> Any:
        """What stands at `node`, with references that lead to where the parts are now."""
        if isinstance(node.value, list):
            return [self.copied(each) for each in node.elements()]
        if not isinstance(node.value, dict):
            return node.value
        if self._document.version_of(node) >= (3, 1):
            node = rebase(node)
        made = {name: self.copied(each) for name, each in node.items()}
        if isinstance(ref := node.value.get("$ref"), str):
            made["$ref"] = self._renamed(ref, node)
        return made

    def _renamed(self, ref: str, node: Node) -> str:
        if not node.uri and ref.startswith("#"):
            return ref
        try:
            target = self._document.resolve(ref, node)
        except DocumentError:
            return ref
        return f"#/{PARTS}/{self._part(target)}" if target.uri else f"#{target.pointer}"

    def _part(self, target: Node) -> str:
        """The name of a part: the last word of its location, with a number where it is taken."""
        key = (target.uri, target.pointer)
        if key not in self._names:
            last = (tokens(target.pointer) or [target.uri.rpartition("/")[2].partition(".")[0]])[-1]
            word = re.sub(r"[^A-Za-z0-9_.-]", "_", last) or "part"
            taken = set(self._names.values())
            names = (word if not number else f"{word}_{number}" for number in range(len(taken) + 1))
            self._names[key] = name = next(each for each in names if each not in taken)
            self.waiting.append((name, target))
        return self._names[key]
