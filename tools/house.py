"""The shape of the package: modules, lines, functions, import cycles, late imports, and the way of one call.

python tools/house.py            all of it
python tools/house.py --hops     each module that a warm call passes, with the calls made in it

docs/architecture.md shows the figures; `python tools/docs.py --write` puts them there.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1] / "dynaclient"
EXCEPTION = ("dynaclient.errors", "dynaclient.calls.response")
"""The one import for type checkers that closes a cycle, as pyproject.toml has it: errors hold a response."""
PAGE = ROOT.parent / "docs" / "architecture.md"
BEGIN, END = "<!-- begin: python tools/house.py -->", "<!-- end -->"


@dataclass(frozen=True)
class LateImport:
    """An import inside a function, and the reason that its comment gives: `# late: 12 ms` or `# optional`.

    `# late`: so long it takes beside what is loaded before the first request (processor time, Python 3.11).
    `# optional`: it, or what it needs, may not be installed.
    """

    module: str
    line: int
    reason: str
    """`late`, `optional`, or empty where the comment is missing."""
    stands_first: bool
    """Whether it stands at the top of its block, or behind a guard that leaves it."""


@dataclass
class Module:
    """One module: its lines, its functions (name, lines), and what it imports, by kind."""

    name: str
    lines: int = 0
    functions: list[tuple[str, int]] = field(default_factory=list)
    at_top: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    """Imported inside functions."""
    late_imports: list[LateImport] = field(default_factory=list)
    for_types: set[str] = field(default_factory=set)
    """Imported under TYPE_CHECKING."""


@cache
def modules() -> dict[str, Module]:
    """All modules of the package, by name."""
    paths = {_name(path): path for path in sorted(ROOT.rglob("*.py"))}
    return {name: _module(name, path, paths) for name, path in paths.items()}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(name: str, path: Path, known: dict[str, Path]) -> Module:
    text = path.read_text()
    module = Module(name, text.count("\n"))
    tree = ast.parse(text)
    _visit(tree, module, known, module.at_top)
    module.late_imports += _late_imports(name, tree, text.splitlines())
    return module


_REASON = re.compile(r"# (?:(late): [1-9]\d* ms|(optional))$")
_Import = (ast.Import, ast.ImportFrom)
_Leaves = (ast.Return, ast.Raise, ast.Continue)


def _late_imports(name: str, tree: ast.AST, lines: list[str]) -> Iterator[LateImport]:
    functions = [each for each in ast.walk(tree) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
    blocks = {id(block): block for each in functions for block in _blocks(each)}
    for block in blocks.values():
        for at, statement in enumerate(block):
            if isinstance(statement, _Import):
                text = "\n".join(lines[statement.lineno - 1 : statement.end_lineno])
                found = _REASON.search(text)
                reason = found[1] or found[2] if found else ""
                yield LateImport(name, statement.lineno, reason, _stands_first(block[:at]))


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for part in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, part, None), list):
                yield block


def _stands_first(before: list[ast.stmt]) -> bool:
    others = [each for each in before if not (isinstance(each, _Import) or _is_docstring(each))]
    return not others or (isinstance(others[-1], ast.If) and isinstance(others[-1].body[-1], _Leaves))


def _visit(node: ast.AST, module: Module, known: dict[str, Path], into: set[str]) -> None:
    for child in ast.iter_child_nodes(node):
        inner = into
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            module.functions.append((child.name, (child.end_lineno or 0) - child.lineno + 1))
            inner = module.late
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            inner = module.for_types
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            into.update(_imported(child, known))
        _visit(child, module, known, inner)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _imported(node: ast.Import | ast.ImportFrom, known: dict[str, Path]) -> Iterator[str]:
    """Modules: `from dynaclient.wire import percent` means that one, not the package."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
        return
    source = node.module or ""
    for each in node.names:
        whole = f"{source}.{each.name}"
        yield whole if whole in known else source


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name] & graph.keys():
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = [stack.pop()]
            while group[-1] != name:
                group.append(stack.pop())
            if len(group) > 1 or name in graph[name]:
                found.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for name in graph:
        if name not in index:
            visit(name)
    return found


def graphs(found: dict[str, Module]) -> dict[str, dict[str, set[str]]]:
    """What each module imports, by how far one looks: the exception for type checkers left out."""
    whole = {name: each.at_top | each.late | each.for_types for name, each in found.items()}
    importer, imported = EXCEPTION
    whole[importer].remove(imported)
    return {
        "at module level": {name: each.at_top for name, each in found.items()},
        "with functions": {name: each.at_top | each.late for name, each in found.items()},
        "with types": whole,
    }


def late_imports(found: dict[str, Module]) -> list[LateImport]:
    """The imports that stand inside functions."""
    return [each for module in found.values() for each in module.late_imports]


def hops() -> list[tuple[str, str]]:
    """Module and function of each call that a warm `client.get_customer_session("s-1")` makes here.

    The shortest of five, from the third on: on a busy machine a response may come in two reads.
    """
    from dynaclient import Client
    from dynaclient.sandbox import Sandbox

    with Sandbox("talon-one-integration") as sandbox:
        client = Client("talon-one-integration", server=sandbox.url, credentials={"api_key_v1": "x"})
        client.get_customer_session("s-1")
        client.get_customer_session("s-1")
        return min((_noted(client) for _ in range(5)), key=len)


def _noted(client: Any) -> list[tuple[str, str]]:
    calls: list[tuple[str, str]] = []

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(str(ROOT)):
            name = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
            calls.append((_name(Path(frame.f_code.co_filename)), name))

    sys.setprofile(note)
    try:
        client.get_customer_session("s-1")
    finally:
        sys.setprofile(None)
    return calls


def figures(calls: list[tuple[str, str]]) -> dict[str, str]:
    """What is printed of the package, and of the calls that `hops` found: a name, and its figures."""
    found = modules()
    functions = [(lines, f"{each.name}.{name}") for each in found.values() for name, lines in each.functions]
    lengths = [module.lines for module in found.values()]
    length, longest = max(functions)
    median = statistics.median(lines for lines, _ in functions)
    of = f"{round(sum(lengths), -2):,} lines, median {statistics.median(lengths):.0f}"
    reasons = Counter(each.reason or "without a reason" for each in late_imports(found))
    several = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return {
        "modules": f"{len(found)}, {of}",
        "functions": f"{len(functions):,}, median {median:.0f} lines, longest {length}: {longest}",
        **{f"cycles {kind}": _sizes(cycles(graph)) for kind, graph in graphs(found).items()},
        "function imports": f"{sum(reasons.values())}: {several}",
        "a warm call": _way(calls),
    }


def _sizes(groups: list[list[str]]) -> str:
    sizes = ", ".join(str(len(each)) for each in groups)
    return f"{len(groups)}, of {sizes} modules" if groups else "0"


def _way(calls: list[tuple[str, str]]) -> str:
    names = [name for name, _ in calls]
    changes = sum(one != other for one, other in pairwise(names))
    return f"{len(calls)} calls in {len(set(names))} modules, {changes} changes of module"


def filled(page: str, shown: dict[str, str]) -> str:
    """A page with the figures between its two marks: without names, which change more often."""
    begin, rest = page.split(BEGIN)
    rows = "".join(f"| {name} | {value.partition(': dynaclient')[0]} |\n" for name, value in shown.items())
    return f"{begin}{BEGIN}\n\n| figure | |\n|---|---|\n{rows}\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hops", action="store_true", help="list the calls of a warm call")
    options = parser.parse_args()
    calls = hops()
    for name, value in figures(calls).items():
        print(f"{name:<24}{value}")
    for name, function in calls if options.hops else ():
        print(f"    {name:<40} {function}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
