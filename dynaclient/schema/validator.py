"""Is this value what the document asks? Compiled checkers, one per schema and direction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from dynaclient._support.recursion import at_any_depth
from dynaclient.document.document import Document
from dynaclient.document.model import MediaType
from dynaclient.document.node import Node
from dynaclient.errors import DocumentError, Finding, SettingsError, Violation, Where
from dynaclient.schema.backend import DEFERRED, Compiled, Problem, Problems, TooMuch, reached
from dynaclient.schema.keywords import Direction
from dynaclient.schema.references import ROOT
from dynaclient.schema.translator import Flavour, Translator
from dynaclient.schema.unchecked import meeting, note_unchecked

if TYPE_CHECKING:
    from dynaclient.schema.messages import Explainer
    from dynaclient.schema.undeclared import Declared, Misspelt


Backend = Literal["auto", "rust", "python"]

_TOO_DEEP = (RecursionError, ValueError)
"""What comparing raises where values nest too deep for it, or a number has too many digits."""

_TOO_MUCH = "too much work to check: its schema checks the same parts in very many ways"

EAGER_SCHEMAS = 40
"""How many schemas are compiled together at first.

A validator compiles the whole closure of its schema. In some documents that is most of their components,
again for every operation, though a value reaches a few of them. So what lies further is compiled when a value
reaches it, and large closures share a schema, whose properties they are: a value is checked as
`{key: value}`.
"""

MERGE_FACTOR = 4
"""How many times as large as those that it takes in a shared schema becomes, by what is near.

When a value reaches beyond all of them, a new one takes in those that are no larger than it. So each
component is compiled a few times, however many schemas are asked for, and few are held twice.
"""


class Checker:
    """Checks values against one schema of the document, in one direction. Compiles on first use."""

    def __init__(self, key: str, owner: _Direction) -> None:
        self.key = key
        self._owner = owner
        self._bundle: _CompiledBundle | None = None
        self._met: frozenset[str] = frozenset()
        """What values reached beyond a group: the next one holds all of it, so that they do not alternate."""

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema, or may meet it. `value` is as JSON has it."""
        try:
            valid, met, _ = self._run(value, "is_valid")
            return bool(valid) or (met != set() and not self._problems(value)[0].told)
        except (*_TOO_DEEP, TooMuch):
            return False
        except DocumentError:
            if not self._owner.may_pass:
                raise
            return True

    def violations(self, value: Any, where: Where, name: str) -> list[Violation]:
        """Everything that `value` breaks for certain; empty where it is right, or may be.

        What could not be checked of it is noted: see `unchecked`.
        """
        try:
            valid, met, group = self._run(value, "is_valid")
            if valid:
                if met and not self._run(value, "is_valid", refusing=True)[0]:
                    self._owner.note(met)
                return []
            problems, met, group = self._problems(value)
            if not problems.told and met:
                self._owner.note(met)
                return []
        except _TOO_DEEP:
            return [Violation(where, name, "", "nested too deeply to be checked")]
        except TooMuch:
            return [Violation(where, name, "", _TOO_MUCH)]
        except DocumentError as error:
            if not self._owner.may_pass:
                raise
            note_unchecked(error.findings)
            return []
        self._owner.note(met)
        skip = 0 if group.alone else 1
        explainer = group.explainer
        try:
            return at_any_depth(lambda: explainer.violations(problems, value, where, name, skip))
        except RecursionError:
            return [Violation(where, name, "", "invalid, and nested too deeply to say where")]

    def _problems(self, value: Any) -> tuple[Problems, set[str], _CompiledBundle]:
        """What `value` breaks whatever stands where something was left out; what of that it depends on."""
        problems, met, group = self._run(value, "problems")
        if not met:
            return problems, met, group
        others = self._run(value, "problems", refusing=True)[0].told
        either = {_told_apart(each) for each in others}
        certain = [each for each in problems.told if _told_apart(each) in either]
        depends = len(certain) < max(len(problems.told), len(others))
        return Problems(certain, problems.rest, problems.stopped), met if depends else _NOTHING, group

    def follow(self, smaller: list[_CompiledBundle], group: _CompiledBundle) -> None:
        """Ask `group` from now on, if what was asked so far is one of the `smaller` ones that it took in."""
        if any(self._bundle is each for each in smaller):
            self._bundle = group

    def _run(
        self, value: Any, what: Literal["is_valid", "problems"], *, refusing: bool = False
    ) -> tuple[Any, set[str], _CompiledBundle]:
        """What the compiled schema says of `value`, with as much compiled as the value reaches.

        With the locations that could not be checked and that it met, which say no with `refusing`; and which
        compiled schema it is.
        """
        group = self._bundle
        if group is None:
            group = self._bundle = self._owner.group(self.key, value)
        met = self._met
        while True:
            ask = getattr(group.compiled, what)
            wrapped = value if group.alone else {self.key: value}
            if not group.further and not group.unsure:
                return ask(wrapped), _NOTHING, group
            with reached.anew() as keys, meeting(refusing=refusing) as places:
                answer = ask(wrapped)
            if not keys:
                return answer, places, group
            met = self._met = self._met | met | keys
            group = self._bundle = self._owner.group(self.key, value, met)


_NOTHING: set[str] = set()


def _told_apart(problem: Problem) -> tuple[Any, ...]:
    """What a problem is: too many members of `oneOf` are another than none."""
    return problem.keyword, problem.path, problem.schema_path, all(problem.branches)


class _CompiledBundle:
    """One compiled schema: for a key alone, or for many as properties."""

    def __init__(
        self,
        compiled: Compiled,
        whole: dict[str, Any],
        translator: Translator,
        keys: set[str],
        further: set[str],
        alone: bool,
        unsure: bool,
    ) -> None:
        self.compiled = compiled
        self.whole = whole
        self.translator = translator
        self.keys = keys
        self.further = further
        """The keys that it holds no more than a sign for."""
        self.alone = alone
        self.unsure = unsure
        """Whether something in it could not be translated."""

    @cached_property
    def explainer(self) -> Explainer:
        """Says what is wrong; most values are right."""
        from dynaclient.schema.messages import Explainer  # late: 11 ms

        return Explainer(self.whole, self.translator)


class _Direction:
    """The schemas of a document in one direction, and what is compiled of them."""

    def __init__(
        self, document: Document, direction: Direction, backend: str, compilations: list[set[str]]
    ) -> None:
        flavour: Flavour = "rust" if backend == "rust" else "python"
        self.translator = Translator(document, direction, flavour)
        self.may_pass = direction == "response"
        """Whether a value passes whose schema cannot be used: who sent it is not to blame."""
        self._compile = _compiler(backend)
        self._compilations = compilations
        self._lock = threading.RLock()
        self._checkers: dict[str, Checker] = {}
        self._by_place: dict[tuple[str, str], Checker] = {}
        self._shared: list[_CompiledBundle] = []
        """From small to large."""

    def checker(self, node: Node) -> Checker:
        place = (node.uri, node.pointer)
        if place not in self._by_place:
            with self._lock:
                key = self._target(self.translator.key(node))
                self._by_place[place] = self._checkers.setdefault(key, Checker(key, self))
        return self._by_place[place]

    def _target(self, key: str) -> str:
        """The key that `key` stands for: a schema that is only a reference is the one it names.

        So operations that refer to one component share its checker.
        """
        seen: set[str] = set()
        while key not in seen and key not in self.translator.unresolved:
            seen.add(key)
            schema = self.translator.schema(key)
            ref = schema["$ref"] if isinstance(schema, dict) and list(schema) == ["$ref"] else ""
            key = ref.removeprefix("#/$defs/") if ref.startswith("#/$defs/") else key
        return key

    def unresolved(self, node: Node) -> str:
        """Why the schema at `node` as a whole is not known; empty where it is."""
        key = self.translator.key(node)
        return self.translator.unresolved.get(self._target(key), "")

    def note(self, places: Collection[str]) -> None:
        """Say what could not be checked, to whoever collects it."""
        if places:
            note_unchecked(self.translator.unchecked[place] for place in sorted(places, key=int))

    @cached_property
    def declared(self) -> Declared:
        """What the schemas declare."""
        from dynaclient.schema.undeclared import Declared  # late: 6 ms

        return Declared(self.translator, self._matches)

    def misspelt(self, node: Node, value: Any) -> list[Misspelt]:
        """The misspelt properties of `value` by the schema at `node`."""
        key = self.checker(node).key
        return [] if key in self.translator.unresolved else self.declared.misspelt(key, value)

    def _matches(self, pattern: str, name: str) -> bool:
        schema = {"patternProperties": {pattern: True}, "additionalProperties": False}
        return self._compile(schema, False).is_valid({name: None})

    def group(self, key: str, value: Any, met: Collection[str] = ()) -> _CompiledBundle:
        """Something compiled to check `value` against `key`, with the keys that values `met` for certain."""
        with self._lock:
            near, further = self.translator.near([key], EAGER_SCHEMAS)
            if not further:
                return self._make({"$ref": f"#/$defs/{key}"}, near, further, alone=True)
            fitting = [each for each in self._shared if each.keys.issuperset((key, *met))]
            if fitting:
                return fitting[-1]
            from dynaclient.schema.reach import reached_by  # late: 2 ms

            return self._joined({*met, *reached_by(value, key, self.translator.schema)})

    def _joined(self, needed: set[str]) -> _CompiledBundle:
        """A new shared group of `needed` and of all that those hold which are no larger."""
        smaller: list[_CompiledBundle] = []
        taken: set[str] = set()
        for each in self._shared:
            if len(each.keys) <= max(EAGER_SCHEMAS, len(needed | taken)):
                smaller.append(each)
                taken |= each.keys
        larger = [each for each in self._shared if each not in smaller]
        held = {key for each in larger for key in each.keys}
        first = (*sorted(needed), *sorted(taken))
        keys, further = self.translator.near(first, max(EAGER_SCHEMAS, MERGE_FACTOR * len(taken)), held)
        entries = {key: {"$ref": f"#/$defs/{key}"} for key in sorted(keys)}
        group = self._make({"properties": entries}, keys, further, alone=False)
        self._shared = sorted((*larger, group), key=lambda each: len(each.keys))
        for checker in self._checkers.values():  # so that the smaller ones go
            checker.follow(smaller, group)
        return group

    def _make(
        self, schema: dict[str, Any], keys: set[str], further: set[str], *, alone: bool
    ) -> _CompiledBundle:
        defs: dict[str, Any] = {key: self.translator.defs[key] for key in sorted(keys)}
        defs |= {key: {DEFERRED: key} for key in sorted(further)}
        whole = {**schema, "$defs": defs}
        if self.translator.references.asks_root:  # the compiled backend keeps it again for each of its parts
            whole["$id"] = ROOT
        try:
            compiled = self._compile(whole, self.translator.references.asks_metaschema)
        except DocumentError:
            if not self._reduce(keys):
                raise
            return self._make(schema, keys, further, alone=alone)
        self._compilations.append(keys)
        unsure = not self.translator.unsure.isdisjoint(keys)
        return _CompiledBundle(compiled, whole, self.translator, keys, further, alone, unsure)

    def held(self) -> list[set[str]]:
        """The keys of each bundle of several schemas that a checker, or the next value, may ask."""
        asked = [each._bundle for each in self._checkers.values() if each._bundle is not None]
        bundles = {id(each): each for each in (*self._shared, *asked) if not each.alone}
        return [each.keys for each in bundles.values()]

    def _reduce(self, keys: Collection[str]) -> bool:
        """Leave out what the backend cannot compile; whether there was any. Those with an `$id` come first,
        since others refer into them."""

        def fails(schema: dict[str, Any]) -> str:
            try:
                self._compile({**schema, "$id": ROOT}, self.translator.references.asks_metaschema)
            except DocumentError as error:
                return str(error.args[0])
            return ""

        first = sorted(keys, key=lambda key: ("$id" not in str(self.translator.defs[key]), key))
        return sum(self.translator.reduce(key, fails) for key in first) > 0


class Validators:
    """The checkers of a document, made on first use and shared by all operations.

    `backend` is "rust" (jsonschema-rs), "python" (jsonschema), or "auto": the first that is installed.
    Raises SettingsError for any other.
    """

    def __init__(self, document: Document, backend: Backend = "auto") -> None:
        if backend != "auto":
            self.backend = _chosen(backend)
        self.document = document
        self.compilations: list[set[str]] = []
        """What was compiled: for each compilation the keys of the schemas in it."""
        self._directions: dict[str, _Direction] = {}
        self._said: set[Finding] = set()

    @cached_property
    def backend(self) -> str:
        """The one that is used; looked for when the first schema is compiled: who only looks needs none."""
        return _chosen("auto")

    def first_said(self, unchecked: Iterable[Finding]) -> list[Finding]:
        """Those of `unchecked` that are given for the first time."""
        new = [finding for finding in unchecked if finding not in self._said]
        self._said.update(new)
        return new

    def unfit(self, documented: MediaType) -> Finding:
        """The finding that a form is described by a schema that allows no object, and so is not checked."""
        message = f"a body of {documented.name} has fields, and its schema allows no object"
        return self.document.find(documented.schema or documented.node, message, "its fields go as they are")

    def checker(self, node: Node, direction: Direction) -> Checker:
        """The checker of the schema at `node`."""
        return self._direction(direction).checker(node)

    def unresolved(self, node: Node, direction: Direction) -> str:
        """Why the schema at `node` is not known at all: its reference leads nowhere. Empty where it is."""
        return self._direction(direction).unresolved(node)

    def misspelt(self, node: Node, direction: Direction, value: Any) -> list[Misspelt]:
        """The properties of `value`, as JSON has it, that the schema at `node` does not declare and that are
        near to a declared one that is not given."""
        return self._direction(direction).misspelt(node, value)

    def held(self, direction: Direction) -> list[set[str]]:
        """Of what was compiled for several schemas, the keys in each bundle that is still there."""
        return self._direction(direction).held()

    def compile(self, schema: dict[str, Any]) -> Compiled:
        """A schema that is no location of the document, compiled. Raises DocumentError where it cannot be."""
        return _compiler(self.backend)(schema, True)

    def translator(self, direction: Direction) -> Translator:
        """The translations behind the checkers of `direction`."""
        return self._direction(direction).translator

    def _direction(self, direction: Direction) -> _Direction:
        if direction not in self._directions:
            self._directions[direction] = _Direction(
                self.document, direction, self.backend, self.compilations
            )
        return self._directions[direction]

    def __getstate__(self) -> dict[str, Any]:
        unused: dict[str, Any] = {"compilations": [], "_directions": {}, "_said": set()}
        return {"backend": self.backend, "document": self.document, **unused}


PREFERRED = "rust"
"""What "auto" stands for where it is installed."""


def _chosen(backend: str) -> str:
    if backend not in ("auto", "rust", "python"):
        raise SettingsError(f"validate_with: expected 'auto', 'rust' or 'python', got {backend!r}")
    if backend == "python" or (backend == "auto" and PREFERRED == "python"):
        return "python"
    try:
        import jsonschema_rs  # noqa: F401  # optional
    except ImportError:
        if backend == "rust":
            raise SettingsError("validate_with='rust' needs the package jsonschema-rs") from None
        return "python"
    return "rust"


def _compiler(backend: str) -> Callable[[dict[str, Any], bool], Compiled]:
    def compile_(schema: dict[str, Any], with_metaschemas: bool) -> Compiled:
        if backend == "rust":
            from dynaclient.schema.backend_rust import RustSchema as Backend  # optional
        else:
            from dynaclient.schema.backend_python import PurePythonSchema as Backend  # type: ignore[assignment]  # late: 115 ms
        try:
            return Backend(schema, with_metaschemas)
        except ValueError as error:
            message = f"a schema cannot be compiled: {str(error).splitlines()[0]}"
            raise DocumentError(message, [Finding("", "error", message)]) from None

    return compile_
