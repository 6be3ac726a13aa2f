"""A public class or function of a module has a name of its own: who searches for it finds one definition."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import dynaclient

ALLOWED = {
    "example": "the function of the package, and the command of that name",
    "find": "the function of the package, and the command of that name",
    "lint": "the function of the package, and the command of that name",
    "show": "the function of the package, and the command of that name",
}


def test_a_name_stands_once() -> None:
    root = Path(dynaclient.__file__).parent
    homes = defaultdict(list)
    for path in sorted(root.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                homes[node.name].append(path.relative_to(root).as_posix())
    several = {name: places for name, places in homes.items() if len(places) > 1}
    assert several.keys() == ALLOWED.keys(), several
