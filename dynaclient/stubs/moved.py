"""What differs between two stubs of a document: operations and schemas, not how they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Moved:
    """Something that a stub has otherwise than it should."""

    what: str
    """"operation" or "schema"."""
    how: str
    """"added", "removed" or "changed"."""
    name: str

    def __str__(self) -> str:
        return f"{self.what} {self.how}: {self.name}"


def moved(old: str, new: str) -> list[Moved]:
    """What is to be changed in `old` to make it `new`. Raises SyntaxError where `old` is no Python.

    Comments do not count, nor does the form of the code: another formatter may have been at it.
    """
    if _code(old) == _code(new):
        return []
    before, after = _parts(old), _parts(new)
    found = [Moved(what, "added", name) for what, name in after if (what, name) not in before]
    found += [Moved(what, "removed", name) for what, name in before if (what, name) not in after]
    found += [
        Moved(what, "changed", name)
        for (what, name), said in before.items()
        if after.get((what, name), said) != said
    ]
    return [each for each in found if each.what != "rest"] or found


def _code(text: str) -> str:
    """A stub without the comments that it begins with."""
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[start:])


def _parts(text: str) -> Mapping[tuple[str, str], str]:
    """Operations and schemas by name, and the rest, each as what it says."""
    return {_key(node): ast.dump(node) for node in ast.parse(text).body}


def _key(node: ast.stmt) -> tuple[str, str]:
    if isinstance(node, ast.ClassDef):
        bases = [each.id for each in node.bases if isinstance(each, ast.Name)]
        if "TypedOperation" in bases:
            return "operation", ast.get_docstring(node) or node.name
        return ("schema" if "TypedDict" in bases else "rest"), node.name
    names = [*_targets(node)]
    if names and not names[0].endswith("Key"):
        return "schema", names[0]
    return "rest", ast.unparse(node) if isinstance(node, ast.ImportFrom) else (names or ["code"])[0]


def _targets(node: ast.stmt) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return (each.id for each in targets if isinstance(each, ast.Name))
