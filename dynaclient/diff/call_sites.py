"""Where Python source calls the operations that a diff touches: found by name, nothing is imported or run."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dynaclient.diff.change import Change, DocumentDiff
from dynaclient.document.model import Operation

CALLING = frozenset(("call", "send", "prepare"))
"""Methods of a client that take the name of an operation."""
MOST_BYTES = 2_000_000
_PASSED_OVER = frozenset(("__pycache__", "node_modules", "site-packages"))


@dataclass(frozen=True)
class CallSite:
    """A place in source code that names an operation."""

    path: str
    line: int
    code: str
    """The line of source."""
    operation: str
    """The key of the operation in the old document."""
    changes: tuple[Change, ...]
    """What breaks it, or may."""


@dataclass(frozen=True)
class CallSites:
    """What was found in a source tree; `unread` are files that are no Python, or too large, and why."""

    sites: tuple[CallSite, ...]
    unread: tuple[tuple[str, str], ...]


def call_sites(
    source: str | os.PathLike[str], operations: Mapping[str, Operation], found: DocumentDiff
) -> CallSites:
    """The places below `source`, a folder or a file, that name an operation which `found` breaks, or may.

    An operation is named by its attribute (`client.get_pet`), by `call("getPet")`, `send` or `prepare`, and
    by `operations["getPet"]`. `operations` are those of the old document. Raises FileNotFoundError.
    """
    touched: dict[str, list[Change]] = {}
    for change in found.changes:
        if change.verdict != "safe":
            for key in change.operations:
                touched.setdefault(key, []).append(change)
    names = _Names({key: operations[key] for key in touched if key in operations})
    sites: list[CallSite] = []
    unread: list[tuple[str, str]] = []
    for path in _files(Path(source)):
        try:
            text = _text(path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # escapes that are none, in code of others
                tree = ast.parse(text)
        except (OSError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
            unread.append((str(path), str(error).splitlines()[0] if str(error) else "it nests too deeply"))
            continue
        lines = text.splitlines()
        for line, key in sorted(set(names.named(tree))):
            code = lines[line - 1].strip() if line <= len(lines) else ""
            sites.append(CallSite(str(path), line, code, key, tuple(touched[key])))
    return CallSites(tuple(sites), tuple(unread))


class _Names:
    """What operations are called in source code."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._attributes = {each.attribute: key for key, each in operations.items()}
        self._keys = {f"{each.method} {each.path}": key for key, each in operations.items()}
        self._keys |= {key: key for key in operations}

    def named(self, tree: ast.AST) -> Iterator[tuple[int, str]]:
        """The line and the operation of each place."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in self._attributes:
                yield node.end_lineno or node.lineno, self._attributes[node.attr]
            elif isinstance(node, ast.Call) and _is_calling(node.func):
                yield from self._constant(node.args[:1])
            elif isinstance(node, ast.Subscript) and _name_of(node.value) == "operations":
                yield from self._constant([node.slice])

    def _constant(self, nodes: Iterable[ast.expr]) -> Iterator[tuple[int, str]]:
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in self._keys:
                yield node.lineno, self._keys[node.value]


def _is_calling(node: ast.expr) -> bool:
    return _name_of(node) in CALLING


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return path.read_bytes().decode("utf-8-sig")


def _files(source: Path) -> Iterator[Path]:
    """The Python files below `source`, in order; not those of virtual environments and hidden folders."""
    if source.is_file():
        yield source
        return
    if not source.is_dir():
        raise FileNotFoundError(2, "no such file or folder", str(source))
    for folder, below, names in os.walk(source):
        below[:] = sorted(
            each
            for each in below
            if each not in _PASSED_OVER
            and not each.startswith(".")
            and not (Path(folder) / each / "pyvenv.cfg").exists()
        )
        yield from (Path(folder) / each for each in sorted(names) if each.endswith(".py"))
