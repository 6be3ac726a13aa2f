"""Overlays: changes to a document that are kept in a file of their own (OpenAPI Overlay 1.0 and 1.1).

They are applied to the root file as it was read, before anything else looks at it. What the vendor published
is not changed: the result is another tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import json_text, kind_of, pluralize
from dynaclient.document.node import escape
from dynaclient.errors import DocumentError, Finding, Severity

if TYPE_CHECKING:
    from jsonpath import JSONPathEnvironment

LONGEST_EXPRESSION = 2_000
MOST_NODES = 2_000_000
"""So many parts of a document an expression may look at."""
MOST_TARGETS = 100_000
MOST_ADDED = 1_000_000
MOST_DEEP = 200
_DEEPEST = 1_000
_LONGEST_TEXT = 10_000
"""Of a longer text, `match` and `search` look at the beginning."""

Way = tuple[str | int, ...]
"""The keys and indexes that lead to a part of the document."""


@dataclass
class Overlay:
    """An overlay that was read: `name` is what messages call it."""

    name: str
    tree: Any

    @property
    def digest(self) -> str:
        """What the tree that it is applied to depends on."""
        text = json.dumps([self.name, self.tree], sort_keys=True, default=str)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


@dataclass
class Overlaid:
    """A tree with overlays applied: the findings about them, and which overlay each new part came from."""

    tree: Any
    findings: list[Finding] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    """JSON pointer -> the name of the overlay."""


def apply_overlays(tree: Any, overlays: Iterable[Overlay]) -> Overlaid:
    """`tree` with the actions of `overlays`, in order. `tree` itself stays as it is.

    Raises DocumentError where an overlay is none, or an action cannot be carried out.
    """
    result = Overlaid(tree)
    for overlay in overlays:
        _Application(overlay, result).run()
    return result


class _Application:
    """One overlay, applied to what the others before it left."""

    def __init__(self, overlay: Overlay, result: Overlaid) -> None:
        self._overlay = overlay
        self._result = result
        self._copied: set[int] = set()
        self._kept: list[Any] = []
        self._query = _Queries()
        self._added = 0

    def run(self) -> None:
        for index, action in enumerate(self._actions()):
            self._act(f"/actions/{index}", action)

    # -- is it an overlay ----------------------------------------------------------------------------------

    def _actions(self) -> list[Any]:
        tree = self._overlay.tree
        if not isinstance(tree, dict):
            raise self._refused("", f"expected an object at the root of an overlay, got {kind_of(tree)}")
        version = tree.get("overlay")
        if not isinstance(version, str) or not re.fullmatch(r"1\.[01](\.\d+)?", version):
            said = (
                "no version: expected `overlay: 1.1.0`"
                if version is None
                else (f"unknown version {json_text(version)} (supported: 1.0 and 1.1)")
            )
            raise self._refused("/overlay", said)
        info = tree.get("info")
        for name in ("title", "version"):
            if not isinstance(info, dict) or not isinstance(info.get(name), str):
                self._find(
                    "/info", f"expected a text {name!r} in the info of an overlay", "it is applied anyway"
                )
        actions = tree.get("actions")
        if not isinstance(actions, list) or not actions:
            raise self._refused("/actions", "expected a list of at least one action")
        return actions

    def _refused(self, pointer: str, message: str) -> DocumentError:
        place = f"{self._overlay.name}#{pointer}"
        return DocumentError(f"{self._overlay.name}: {message}", [Finding(place, "error", message)])

    def _find(self, pointer: str, message: str, meaning: str, severity: Severity = "warning") -> None:
        place = f"{self._overlay.name}#{pointer}"
        self._result.findings.append(Finding(place, severity, message, meaning))

    # -- actions -------------------------------------------------------------------------------------------

    def _act(self, pointer: str, action: Any) -> None:
        if not isinstance(action, dict):
            raise self._refused(pointer, f"expected an action, got {kind_of(action)}")
        remove = action.get("remove", False)
        if not isinstance(remove, bool):
            raise self._refused(f"{pointer}/remove", f"expected true or false, got {json_text(remove)}")
        if "copy" in action and self._overlay.tree["overlay"].startswith("1.0"):
            raise self._refused(f"{pointer}/copy", "copy is an action of Overlay 1.1; the overlay says 1.0")
        ways = self._targets(f"{pointer}/target", action.get("target"))
        if not ways:
            message = f"the target {json_text(action['target'])} matches nothing"
            self._find(pointer, message, "the action does nothing")
        elif remove:
            self._remove(pointer, ways)
        elif "copy" in action:
            found = self._source(f"{pointer}/copy", action["copy"])
            value = self._taken(f"{pointer}/copy", found)  # as it is now: the target may be a part of it
            self._update(f"{pointer}/copy", ways, value)
        elif "update" in action:
            self._update(f"{pointer}/update", ways, action["update"])
        else:
            self._find(
                pointer, "expected `update`, `remove` or `copy` in an action", "the action does nothing"
            )

    def _targets(self, pointer: str, expression: Any) -> list[Way]:
        if not isinstance(expression, str):
            raise self._refused(
                pointer, f"expected a JSONPath expression (RFC 9535), got {kind_of(expression)}"
            )
        try:
            return self._query.ways(expression, self._result.tree)
        except ValueError as error:
            raise self._refused(pointer, f"{json_text(expression)}: {error}") from None

    def _source(self, pointer: str, expression: Any) -> Any:
        ways = self._targets(pointer, expression)
        if len(ways) != 1:
            found = pluralize(len(ways), "match", "matches")
            raise self._refused(pointer, f"expected one match of {json_text(expression)}, got {found}")
        return _at(self._result.tree, ways[0])

    def _remove(self, pointer: str, ways: list[Way]) -> None:
        """Take out what is at `ways`: deeper ones first, of one array the last first."""

        def last_first(way: Way) -> tuple[int, int]:
            end = way[-1] if way else ""
            return len(way), end if isinstance(end, int) else -1

        for way in sorted(ways, key=last_first, reverse=True):
            if not way:
                raise self._refused(pointer, "the root of the document cannot be removed")
            holder = self._changeable(way[:-1])
            del holder[way[-1]]
            self._forget(way)

    def _update(self, pointer: str, ways: list[Way], value: Any) -> None:
        for way in ways:
            target = _at(self._result.tree, way)
            if isinstance(target, dict) and isinstance(value, dict):
                self._merge(pointer, way, value)
            elif isinstance(target, list):
                holder = self._changeable(way)
                holder.append(self._taken(pointer, value))
                self._came((*way, len(holder) - 1))
            elif not isinstance(target, (dict, list)) and not isinstance(value, (dict, list)):
                self._replace(pointer, way, value)
            else:
                raise self._unfit(pointer, way, target, value)

    def _unfit(self, pointer: str, way: Way, target: Any, value: Any) -> DocumentError:
        message = f"{kind_of(value)} cannot be merged into {kind_of(target)} at {_pointer(way) or 'the root'}"
        hint = "; remove that first, in an action of its own"
        return self._refused(pointer, message + hint)

    def _replace(self, pointer: str, way: Way, value: Any) -> None:
        if self._overlay.tree["overlay"].startswith("1.0"):
            message = f"{_pointer(way)} is no object and no array: Overlay 1.0 changes them where they stand"
            raise self._refused(pointer, f"{message}, in the object around")
        self._changeable(way[:-1])[way[-1]] = value
        self._came(way)

    def _merge(self, pointer: str, way: Way, value: dict[str, Any]) -> None:
        """Lay `value` over the object at `way`: objects are merged, arrays joined, all else is replaced."""
        holder = self._changeable(way)
        for name, new in value.items():
            here, old = (*way, name), holder.get(name)
            if name not in holder:
                holder[name] = self._taken(pointer, new)
                self._came(here)
            elif isinstance(old, dict) and isinstance(new, dict):
                self._merge(pointer, here, new)
            elif isinstance(old, list) and isinstance(new, list):
                items = self._changeable(here)
                for item in new:
                    items.append(self._taken(pointer, item))
                    self._came((*here, len(items) - 1))
            elif isinstance(old, (dict, list)) or isinstance(new, (dict, list)):
                raise self._unfit(pointer, here, old, new)
            else:
                holder[name] = new
                self._came(here)

    # -- the tree ------------------------------------------------------------------------------------------

    def _changeable(self, way: Way) -> Any:
        """The container at `way`, which nobody else holds: it and those around it are copied once."""
        result = self._result
        result.tree = here = self._own(result.tree)
        for step in way:
            here[step] = self._own(here[step])
            here = here[step]
        return here

    def _taken(self, pointer: str, value: Any, depth: int = 0) -> Any:
        """A copy of what an action adds, up to a size: `copy` can double a document each time."""
        self._added += 1
        if self._added > MOST_ADDED or depth > MOST_DEEP:
            what = f"{MOST_ADDED:,} values" if depth <= MOST_DEEP else f"{MOST_DEEP} levels"
            raise self._refused(pointer, f"it adds more than {what} to the document")
        if isinstance(value, dict):
            return {name: self._taken(pointer, each, depth + 1) for name, each in value.items()}
        if isinstance(value, list):
            return [self._taken(pointer, each, depth + 1) for each in value]
        return value

    def _own(self, value: Any) -> Any:
        if id(value) in self._copied:
            return value
        copied = dict(value) if isinstance(value, dict) else list(value)
        self._copied.add(id(copied))
        self._kept.append(copied)  # so that nothing else gets its id
        return copied

    def _came(self, way: Way) -> None:
        self._result.origins[_pointer(way)] = self._overlay.name

    def _forget(self, way: Way) -> None:
        """No part of what was removed comes from anywhere; what stood behind it in an array moves up."""
        origins, gone, end = self._result.origins, _pointer(way), way[-1]
        around = f"{_pointer(way[:-1])}/"
        for pointer in [each for each in origins if each.startswith(around)]:
            head, slash, rest = pointer[len(around) :].partition("/")
            if pointer == gone or pointer.startswith(f"{gone}/"):
                del origins[pointer]
            elif isinstance(end, int) and head.isdigit() and int(head) > end:
                origins[f"{around}{int(head) - 1}{slash}{rest}"] = origins.pop(pointer)


def origin_of_pointer(origins: Mapping[str, str], pointer: str) -> str:
    """The overlay that what stands at `pointer` came from; empty where it is of the document itself."""
    while origins and pointer:
        if pointer in origins:
            return origins[pointer]
        pointer = pointer.rpartition("/")[0]
    return ""


def _at(tree: Any, way: Way) -> Any:
    for step in way:
        tree = tree[step]
    return tree


def _pointer(way: Way) -> str:
    return "".join(f"/{escape(str(step))}" for step in way)


# -- JSONPath -----------------------------------------------------------------------------------------------


class _Queries:
    """Expressions of RFC 9535, with bounded work: an overlay may come from anywhere."""

    def __init__(self) -> None:
        self._looked = 0
        self._environment: JSONPathEnvironment | None = None

    def ways(self, expression: str, tree: Any) -> list[Way]:
        """The way to each match, once. Raises ValueError with the reason where the expression is none."""
        if len(expression) > LONGEST_EXPRESSION:
            raise ValueError(f"expected at most {LONGEST_EXPRESSION:,} characters")
        from jsonpath import JSONPathError  # late: 40 ms

        if self._environment is None:
            self._environment = _environment(self._count)
        self._looked = 0
        found: dict[Way, None] = {}
        try:
            for match in self._environment.compile(expression).finditer(tree):
                found[match.parts] = None
                if len(found) > MOST_TARGETS:
                    raise ValueError(f"it matches more than {MOST_TARGETS:,} parts of the document")
        except (JSONPathError, RecursionError) as error:
            said = str(error).splitlines()[0] if str(error) else "it nests too deeply"
            raise ValueError(f"not a JSONPath expression of RFC 9535: {said}") from None
        return [*found]

    def _count(self) -> None:
        self._looked += 1
        if self._looked > MOST_NODES:
            raise ValueError(f"it looks at more than {MOST_NODES:,} parts of the document")


def _environment(count: Callable[[], None]) -> JSONPathEnvironment:
    from jsonpath import JSONPathEnvironment, JSONPathMatch  # late: 40 ms
    from jsonpath.function_extensions import ExpressionType, FilterFunction  # late: 1 ms

    class Match(JSONPathMatch):
        """A node that was looked at."""

        def __init__(self, **given: Any) -> None:
            count()
            super().__init__(**given)

    class Regex(FilterFunction):
        """`match` and `search` with work that has a bound."""

        arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012
        return_type = ExpressionType.LOGICAL

        def __init__(self, form: str) -> None:
            self.form = form

        def __call__(self, value: Any, pattern: Any) -> bool:
            return (
                isinstance(value, str)
                and isinstance(pattern, str)
                and _found(self.form.format(pattern), value[:_LONGEST_TEXT])
            )

    class Environment(JSONPathEnvironment):
        """RFC 9535 and nothing else."""

        max_recursion_depth = _DEEPEST
        match_class = Match

        def setup_function_extensions(self) -> None:
            super().setup_function_extensions()
            self.function_extensions["match"] = Regex("^(?:{})$")
            self.function_extensions["search"] = Regex("{}")

    return Environment(strict=True)


def _found(pattern: str, text: str) -> bool:
    """Whether a regular expression of RFC 9485 is found in `text`; one that is none is not."""
    from dynaclient.ecma_regex.printer import is_readable, matches  # late: 14 ms

    return is_readable(pattern) and matches(pattern, text)
