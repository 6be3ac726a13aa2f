"""Is this value what the document asks? Compiled checkers, one per schema and direction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from dynaclient.document.document import Document, Node
from dynaclient.errors import DocumentError, Finding, SettingsError, Violation, Where
from dynaclient.records import dataclass, field
from dynaclient.schema.dialect import ROOT, Direction, Flavour, Translator
from dynaclient.schema.problem import Compiled

if TYPE_CHECKING:
    from dynaclient.schema.explain import Explainer

Backend = Literal["auto", "rust", "python"]

_TOO_DEEP = (RecursionError, ValueError)
"""What the backends raise for a value that nests deeper than they follow: some 150 levels, and 255."""

SHARED_FROM = 40
"""Schemas whose closure has at least so many members are compiled together.

A validator compiles the whole closure of its schema. Where closures are large they overlap, and one
validator each would compile the same components hundreds of times. So large ones become properties of
one schema, compiled once; a value is checked as `{key: value}`.
"""


@dataclass
class Checker:
    """Checks values against one schema of the document, in one direction. Compiles on first use."""

    key: str
    _owner: _Direction = field(repr=False)
    _group: _Group | None = field(default=None, repr=False)

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema. `value` is as JSON has it."""
        group = self._compiled()
        try:
            return group.compiled.is_valid(value if group.alone else {self.key: value})
        except _TOO_DEEP:
            return False

    def violations(self, value: Any, where: Where, name: str) -> list[Violation]:
        """Everything that `value` breaks; empty where it is right."""
        group = self._compiled()
        wrapped = value if group.alone else {self.key: value}
        try:
            if group.compiled.is_valid(wrapped):
                return []
            problems = group.compiled.problems(wrapped)
        except _TOO_DEEP:
            return [Violation(where, name, "", "nested too deep to be checked")]
        return group.explainer.violations(problems, where, name, 0 if group.alone else 1)

    def _compiled(self) -> _Group:
        if self._group is None:
            self._group = self._owner.group(self.key)
        return self._group


@dataclass
class _Group:
    """One compiled schema: for a key alone, or for many as properties."""

    compiled: Compiled
    whole: dict[str, Any]
    translator: Translator
    alone: bool

    @cached_property
    def explainer(self) -> Explainer:
        """Says what is wrong; most values are right."""
        from dynaclient.schema.explain import Explainer

        return Explainer(self.whole, self.translator)


class _Direction:
    """The schemas of a document in one direction, and what is compiled of them."""

    def __init__(self, document: Document, direction: Direction, backend: str) -> None:
        flavour: Flavour = "rust" if backend == "rust" else "python"
        self.translator = Translator(document, direction, flavour)
        self._compile = _compiler(backend)
        self._lock = threading.RLock()
        self._checkers: dict[str, Checker] = {}
        self._shared: _Group | None = None
        self._shared_keys: set[str] = set()

    def checker(self, node: Node) -> Checker:
        with self._lock:
            key = self._target(self.translator.entry(node))
            return self._checkers.setdefault(key, Checker(key, self))

    def _target(self, key: str) -> str:
        """The key that `key` stands for: a schema that is only a reference is the one it names.

        So operations that refer to one component share its checker.
        """
        seen: set[str] = set()
        while key not in seen and key not in self.translator.unresolved:
            seen.add(key)
            schema = self.translator.defs[key]
            ref = schema["$ref"] if isinstance(schema, dict) and list(schema) == ["$ref"] else ""
            key = ref.removeprefix("#/$defs/") if ref.startswith("#/$defs/") else key
        return key

    def unresolved(self, node: Node) -> str:
        """Why the schema at `node` as a whole is not known; empty where it is."""
        key = self.translator.entry(node)
        if not self.translator.unresolved:
            return ""
        return self.translator.unresolved.get(self._target(key), "")

    def group(self, key: str) -> _Group:
        with self._lock:
            closure = self.translator.closure(key)
            if len(closure) < SHARED_FROM:
                return self._make({"$ref": f"#/$defs/{key}"}, closure, alone=True)
            if self._shared is None or key not in self._shared_keys:
                self._shared = self._share(key)
            return self._shared

    def _share(self, key: str) -> _Group:
        """Compile anew with `key` and every other large schema that is known by now."""
        large = {other for other in self._checkers if len(self.translator.closure(other)) >= SHARED_FROM}
        self._shared_keys |= large | {key}
        closure = set().union(*map(self.translator.closure, self._shared_keys))
        self._shared_keys |= closure
        entries = {each: {"$ref": f"#/$defs/{each}"} for each in sorted(self._shared_keys)}
        return self._make({"properties": entries}, closure, alone=False)

    def _make(self, schema: dict[str, Any], closure: set[str], *, alone: bool) -> _Group:
        defs = {key: self.translator.defs[key] for key in sorted(closure)}
        whole = {"$id": ROOT, **schema, "$defs": defs}
        return _Group(self._compile(whole), whole, self.translator, alone)


class Checkers:
    """The checkers of a document, made on first use and shared by all operations.

    `backend` is "rust" (jsonschema-rs), "python" (jsonschema), or "auto": the first that is installed.
    Raises SettingsError for any other.
    """

    def __init__(self, document: Document, backend: Backend = "auto") -> None:
        self.backend = _chosen(backend)
        self._document = document
        self._directions: dict[str, _Direction] = {}

    def checker(self, node: Node, direction: Direction) -> Checker:
        """The checker of the schema at `node`."""
        return self._direction(direction).checker(node)

    def unresolved(self, node: Node, direction: Direction) -> str:
        """Why the schema at `node` is not known at all: its reference leads nowhere. Empty where it is."""
        return self._direction(direction).unresolved(node)

    def compile(self, schema: dict[str, Any]) -> Compiled:
        """A schema that is no place of the document, compiled. Raises DocumentError where it cannot be."""
        return _compiler(self.backend)(schema)

    def translator(self, direction: Direction) -> Translator:
        """The translations behind the checkers of `direction`."""
        return self._direction(direction).translator

    def _direction(self, direction: Direction) -> _Direction:
        if direction not in self._directions:
            self._directions[direction] = _Direction(self._document, direction, self.backend)
        return self._directions[direction]

    def __getstate__(self) -> dict[str, Any]:
        return {"backend": self.backend, "_document": self._document, "_directions": {}}


PREFERRED = "rust"
"""What "auto" stands for where it is installed."""


def _chosen(backend: str) -> str:
    if backend not in ("auto", "rust", "python"):
        raise SettingsError(f"validate_with is 'auto', 'rust' or 'python', not {backend!r}")
    if backend == "python" or (backend == "auto" and PREFERRED == "python"):
        return "python"
    try:
        import jsonschema_rs  # noqa: F401
    except ImportError:
        if backend == "rust":
            raise SettingsError("validate_with='rust' needs the package jsonschema-rs") from None
        return "python"
    return "rust"


def _compiler(backend: str) -> Callable[[dict[str, Any]], Compiled]:
    def compile_(schema: dict[str, Any]) -> Compiled:
        if backend == "rust":
            from dynaclient.schema.rust import RustSchema as Backend
        else:
            from dynaclient.schema.pure import PurePythonSchema as Backend  # type: ignore[assignment]
        try:
            return Backend(schema)
        except ValueError as error:
            message = f"a schema cannot be compiled: {str(error).splitlines()[0]}"
            raise DocumentError(message, [Finding("", "error", message)]) from None

    return compile_
