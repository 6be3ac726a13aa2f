"""From the problems that a backend found to violations in words, in the order of the value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from dynaclient._support.decimals import is_decimal
from dynaclient._support.messages import (
    article,
    json_dump,
    kind_of,
    looks,
    looks_as,
    mismatch,
    pluralize,
    start,
    verb,
)
from dynaclient.document.node import escape
from dynaclient.errors import Violation, Where
from dynaclient.schema import unions
from dynaclient.schema.backend import Problem, Problems
from dynaclient.schema.formats import format_hint
from dynaclient.schema.translator import Translator, discriminated
from dynaclient.schema.undeclared import Declared, nearest_names

MAX_SHOWN = 60
MAX_REASON = 120
"""How many characters are said of one member of a union."""

MOST_BRANCHES = 4
"""Of how many members of a union it is said why the value does not meet them."""

_MOST_REFERENCES = 100
_MOST_LOOKED_UP, _MOST_KNOWN = 20, 200
"""Of how many names the nearest is looked for, and among how many."""

_Messages = list[tuple[Problem, str]]


class _Known(dict[int, _Messages]):
    """What is said of a problem, by its `id`."""

    def __init__(self) -> None:
        self.ranks: unions.Ranks = {}


def short_json(value: Any) -> str:
    """`value` as short JSON text."""
    try:
        text = start(value, MAX_SHOWN, _written)
    except (TypeError, ValueError, RecursionError):
        text = kind_of(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _written(value: Any) -> str:
    return str(value) if is_decimal(value) else json_dump(value)


def _listed(options: Sequence[Any]) -> str:
    texts = [short_json(option) for option in options[:12]]
    return ", ".join(texts) + (f" and {len(options) - 12} more" if len(options) > 12 else "")


def _type(argument: Any, value: Any) -> str:
    names = argument if isinstance(argument, list) else [argument]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN is not JSON" if value != value else "number out of the range of a float"
    return mismatch(article(" or ".join(names)), value, short_json(value))


def _at_least(count: int, least: int, noun: str, plural: str = "") -> str:
    return f"{pluralize(count, noun, plural)}, expected at least {least}"


def _at_most(count: int, most: int, noun: str, plural: str = "") -> str:
    return f"{pluralize(count, noun, plural)}, expected at most {most}"


def _unexpected(argument: Any, value: Any) -> str:
    return "additional properties are not allowed"


def _alike(value: Any, known: Iterable[Any]) -> str:
    """That one of the `known` texts looks like `value` and is another."""
    return looks_as(value, looks(islice(known, 200))) if isinstance(value, str) else ""


def _lookalike(missing: str, given: Mapping[str, str]) -> str:
    """As `_alike`, of a name that is missing: what was given is among the others."""
    found = given.get(next(iter(looks([missing]))))
    return "" if found is None else looks_as(found, looks([missing]))


def _read_only(argument: Any, value: Any) -> str:
    return f"{short_json(value)} is not allowed here"


_MESSAGES: dict[str, Callable[[Any, Any], str]] = {
    "type": _type,
    "enum": lambda argument, value: (
        f"{short_json(value)} is not one of {_listed(argument)}{_alike(value, argument)}"
    ),
    "const": lambda argument, value: (
        f"expected {short_json(argument)}, got {short_json(value)}{_alike(value, [argument])}"
    ),
    "minimum": lambda argument, value: f"{short_json(value)} is less than {argument}",
    "maximum": lambda argument, value: f"{short_json(value)} is greater than {argument}",
    "exclusiveMinimum": lambda argument, value: f"{short_json(value)} is not greater than {argument}",
    "exclusiveMaximum": lambda argument, value: f"{short_json(value)} is not less than {argument}",
    "multipleOf": lambda argument, value: f"{short_json(value)} is not a multiple of {argument}",
    "minLength": lambda argument, value: (
        f"{short_json(value)} has {_at_least(len(value), argument, 'character')}"
    ),
    "maxLength": lambda argument, value: (
        f"{short_json(value)} has {_at_most(len(value), argument, 'character')}"
    ),
    "pattern": lambda argument, value: f"{short_json(value)} does not match the pattern {argument}",
    "format": lambda argument, value: (
        f"{short_json(value)} is not {article(argument)}{format_hint(argument, value)}"
    ),
    "minItems": lambda argument, value: _at_least(len(value), argument, "item"),
    "maxItems": lambda argument, value: _at_most(len(value), argument, "item"),
    "uniqueItems": lambda argument, value: "items are not unique",
    "minProperties": lambda argument, value: _at_least(len(value), argument, "property", "properties"),
    "maxProperties": lambda argument, value: _at_most(len(value), argument, "property", "properties"),
    "additionalProperties": _unexpected,
    "unevaluatedProperties": _unexpected,
    "not": lambda argument, value: f"{short_json(value)} is excluded by `not`",
    "contains": lambda argument, value: "no item matches `contains`",
    "minContains": lambda argument, value: (
        f"expected at least {pluralize(argument, 'item')} matching `contains`"
    ),
    "maxContains": lambda argument, value: (
        f"expected at most {pluralize(argument, 'item')} matching `contains`"
    ),
    "unevaluatedItems": lambda argument, value: "additional items are not allowed",
}


def _besides(problems: Problems, found: bool) -> Iterator[str]:
    """What is said beside the violations that are listed."""
    if problems.rest:
        yield f"{pluralize(problems.rest, 'more violation')} {verb(problems.rest)} not listed"
    if problems.stopped:
        yield "the value is too large to check completely: there may be more violations"
    elif not found:
        yield "does not match the schema"


class Explainer:
    """Makes violations of the problems in one compiled schema.

    `schema` is what was compiled, of the schemas that `translator` made.
    """

    def __init__(self, schema: Mapping[str, Any], translator: Translator) -> None:
        self.schema = schema
        self._translator = translator
        self.places = translator.places
        self.direction = translator.direction
        self.unresolved = translator.unresolved

    def violations(
        self, problems: Problems, value: Any, where: Where, name: str, skip: int
    ) -> list[Violation]:
        """The violations, each once, in the order of `value`; `skip` steps of every path are its wrapping."""
        order = Order(value, self.schema, skip)
        known = _Known()
        told = [(problem, said) for each in problems.told for problem, said in self._explained(each, known)]
        told.sort(key=lambda each: order.position(each[0], each[0].of_name))
        found = [
            Violation(
                where,
                name,
                "".join(f"/{escape(str(step))}" for step in problem.path[skip:]),
                _of_name(said) if problem.of_name else said,
                self._place(problem.schema_path),
            )
            for problem, said in told
        ]
        rest = [Violation(where, name, "", said) for said in _besides(problems, bool(found))]
        return [*dict.fromkeys(found), *rest]

    def _explained(self, problem: Problem, known: _Known) -> _Messages:
        """What is said of a problem, each once: in a union of unions one stands in many.

        Those inside come first, so that this calls itself for what is known already.
        """
        stack = [problem]
        while stack:
            here = stack[-1]
            inside = [each for branch in here.branches for each in branch if id(each) not in known]
            if id(here) not in known and not inside:
                if here.branches and all(here.branches):
                    known.ranks[id(here)] = unions.rank(here, known.ranks)
                known[id(here)] = [*(self._branch(here, known) if here.branches else self._plain(here))]
            stack = stack + inside if inside and id(here) not in known else stack[:-1]
        return known[id(problem)]

    def _plain(self, problem: Problem) -> Iterator[tuple[Problem, str]]:
        argument, keyword = problem.argument, problem.keyword
        if argument is False:
            yield from self._forbidden(problem)
        elif keyword == "required":
            given = looks(problem.value)
            yield from ((problem, f"{name!r} is missing{_lookalike(name, given)}") for name in problem.names)
        elif keyword == "dependentRequired":
            given = looks(problem.value)
            for each, by in problem.names:
                yield problem, f"{each!r} is missing, required by {by!r}{_lookalike(each, given)}"
        elif keyword == "pattern":
            written, _ = self._trace(problem.schema_path)
            yield problem, _MESSAGES["pattern"](written or argument, problem.value)
        else:
            yield problem, _MESSAGES[keyword](argument, problem.value)

    def _forbidden(self, problem: Problem) -> Iterator[tuple[Problem, str]]:
        path = problem.schema_path
        if problem.names:
            yield from ((problem, said) for said in self._unexpected(problem))
        elif len(path) > 1 and path[1] in self.unresolved:
            yield problem, f"the document does not say what is expected: {self.unresolved[str(path[1])]}"
        elif len(path) > 1 and path[-2] == "properties" and self._source(path) is not False:
            reason = "readOnly: the server sets it, leave it out"
            if self.direction == "response":
                reason = "writeOnly: a server must not send it"
            yield problem, reason
        else:
            yield problem, "no value is allowed here"

    def _unexpected(self, problem: Problem) -> Iterator[str]:
        """What is too much, one by one, with what may be meant; items have numbers for names."""
        known = self._known(problem)
        allowed = f"; allowed: {_listed(known)}" if known else ""
        alike = looks(known)
        for index, extra in enumerate(problem.names):
            looked_up = isinstance(extra, str) and index < _MOST_LOOKED_UP
            close = nearest_names(extra, tuple(known[:_MOST_KNOWN])) if looked_up else ()
            near = next((each for each in close if each not in problem.value), None)
            meant = "" if near is None else f"; did you mean {near!r}"
            what = f"item {extra}" if isinstance(extra, int) else repr(extra)
            yield f"{what} is not allowed here{meant}{allowed}{looks_as(extra, alike)}"

    def _known(self, problem: Problem) -> list[str]:
        """The properties that are allowed where another is not."""
        if problem.keyword != "unevaluatedProperties":
            return list(problem.schema.get("properties", ()))
        return list(Declared(self._translator).part([problem.schema]).offered)

    def _branch(self, problem: Problem, known: _Known) -> Iterable[tuple[Problem, str]]:
        """The problems of the branch that was meant, where one was; else one line that tells of each."""
        first = problem.argument[0]
        if problem.keyword == "anyOf" and isinstance(first, dict) and "discriminator" in first:
            return [each for inner in problem.branches[0] for each in known[id(inner)]]
        if problem.keyword == "oneOf" and not all(problem.branches):
            met = ", ".join(f"/{index}" for index, branch in enumerate(problem.branches) if not branch)
            return [
                (problem, f"{short_json(problem.value)} matches more than one of {_members(problem)}: {met}")
            ]
        meant = self._meant(problem)
        told = [each for inner in meant or unions.closest(problem, known.ranks) for each in known[id(inner)]]
        if meant is None:
            tag = problem.schema["discriminator"]["propertyName"]
            told = [] if tag in problem.value else _in_common(problem.branches, known)
            return told or [(problem, self._unnamed(problem, tag))]
        if not told and _agree(problem.branches, known):
            told = _in_common(problem.branches, known)
        return told or [(problem, self._none_met(problem, known))]

    def _none_met(self, problem: Problem, known: _Known) -> str:
        """One line: for the nearest branches shortly why the value does not meet them."""
        reasons = []
        for index in unions.nearest_members(problem, known.ranks)[:MOST_BRANCHES]:
            told = [each for inner in problem.branches[index] for each in known[id(inner)]]
            name = self._name(problem.argument[index])
            reasons.append(f"/{index}{f' ({name})' if name else ''}: {_reason(problem, told)}")
        if len(problem.branches) > MOST_BRANCHES:
            reasons.append(f"and {len(problem.branches) - MOST_BRANCHES} more")
        return f"{short_json(problem.value)} matches none of {_members(problem)}: {'; '.join(reasons)}"

    def _name(self, member: Any) -> str:
        """The name of the component that a member of a union refers to."""
        key = _ref(member).rpartition("#/$defs/")[2]
        node = self.places.get(key)
        return node.pointer.rpartition("/")[2][:MAX_SHOWN] if node and "/schemas/" in node.pointer else ""

    def _unnamed(self, problem: Problem, tag: str) -> str:
        """What is said where the discriminating property names none of the members."""
        if tag not in problem.value:
            return f"{tag!r} is missing; it selects one of {_members(problem)}"
        discriminator = problem.schema["discriminator"]
        values = [*chain.from_iterable(discriminated(discriminator, problem.argument))]
        said = f"{tag!r} is {short_json(problem.value[tag])}, which selects none of {_members(problem)}"
        return f"{said}: expected {_listed(values)}"

    def _meant(self, problem: Problem) -> Sequence[Problem] | None:
        """The branch that the discriminator names. None where it names none."""
        discriminator = problem.schema.get("discriminator")
        if not discriminator or not isinstance(problem.value, dict):
            return ()
        said = problem.value.get(discriminator["propertyName"])
        branches = list(zip(problem.argument, problem.branches, strict=False))
        for values, branch in zip(
            discriminated(discriminator, problem.argument), problem.branches, strict=False
        ):
            if said in values:
                return branch
        aimed = discriminator["mapping"].get(said) if isinstance(said, str) else None
        aimed = aimed or discriminator.get("default")  # of 3.2, for a value that nothing else is meant by
        for member, branch in branches:
            if aimed and _ref(member) and self._same(aimed, _ref(member)):
                return branch
        return None

    def _same(self, one: str, other: str) -> bool:
        return self._end(one) == self._end(other)

    def _end(self, ref: str) -> str:
        """The last of the references that follow one another from `ref` on."""
        for _ in range(_MOST_REFERENCES):
            target = self.schema["$defs"].get(ref.rpartition("#/$defs/")[2])
            if not isinstance(target, dict) or list(target) != ["$ref"]:
                break
            ref = target["$ref"]
        return ref

    def _at(self, path: Sequence[str | int]) -> Any:
        here: Any = self.schema
        for step in path:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                return None
        return here

    def _source(self, path: Sequence[str | int]) -> Any:
        """What stands in the document at `path`, where the translation left it in its place."""
        node = self.places.get(str(path[1])) if path[0] == "$defs" else None
        here: Any = node.value if node else None
        for step in path[2:]:
            if not _holds(here, step):
                return None
            here = here[step]
        return here

    def _place(self, path: Sequence[str | int]) -> str:
        """Where in the document the keyword at `path` stands."""
        return self._trace(path)[1]

    def _trace(self, path: Sequence[str | int]) -> tuple[Any, str]:
        """What the document says where `path` leads in the translation, and where that is."""
        node = self.places.get(str(path[1])) if len(path) > 1 and path[0] == "$defs" else None
        if node is None:
            return None, ""
        here, pointer = node.value, node.pointer
        for depth, step in enumerate(path[2:], 2):
            if isinstance(step, str) and path[depth - 1] == "patternProperties":
                step = _untranslated(step, self._at(path[:depth]), here)
            inside = here[step] if _holds(here, step) else None
            if inside is None and (step in ("anyOf", "allOf") or isinstance(step, int)):
                continue  # a step that the translation added, around `nullable` or a discriminator
            pointer, here = f"{pointer}/{escape(str(step))}", inside
        return here, f"{node.uri}#{pointer}" if node.uri else pointer


def _holds(here: Any, step: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(step, int) and step < len(here)
    return isinstance(here, dict) and step in here


def _untranslated(pattern: str, translated: Any, written: Any) -> str:
    """A key of `patternProperties` as the document writes it: both maps have the same order."""
    if not isinstance(written, dict) or pattern in written or len(written) != len(translated):
        return pattern
    return str(list(written)[list(translated).index(pattern)])


def _said(branches: Sequence[Sequence[Problem]], known: _Known) -> list[set[tuple[Any, str]]]:
    return [
        {(at.path, message) for problem in branch for at, message in known[id(problem)]}
        for branch in branches
    ]


def _agree(branches: Sequence[Sequence[Problem]], known: _Known) -> bool:
    """Whether the same is wrong by every branch."""
    first, *others = _said(branches, known)
    return all(each == first for each in others)


def _in_common(branches: Sequence[Sequence[Problem]], known: _Known) -> _Messages:
    """What is wrong by every branch."""
    said = _said(branches, known)
    told = [each for problem in branches[0] for each in known[id(problem)]]
    return [each for each in told if all((each[0].path, each[1]) in branch for branch in said)]


def _of_name(said: str) -> str:
    return f"property name {said}" if said.startswith('"') else f"property name: {said}"


def _members(union: Problem) -> str:
    """`the 9 oneOf schemas`."""
    return f"the {pluralize(len(union.branches), f'{union.keyword} schema')}"


def _ref(member: Any) -> str:
    return str(member.get("$ref", "")) if isinstance(member, dict) else ""


def _reason(union: Problem, told: _Messages) -> str:
    """Shortly why a value does not meet one member of a union."""
    problem, said = told[0]
    beyond = problem.path[len(union.path) :]
    if problem.keyword == "type" and not beyond:
        names = problem.argument if isinstance(problem.argument, list) else [problem.argument]
        said = f"expected {article(' or '.join(names))}"
    at = "".join(f"/{escape(str(step))}" for step in beyond)
    said = f"at {at}: {said}" if at else said
    said = said if len(said) <= MAX_REASON else f"{said[: MAX_REASON - 3]}..."
    return said if len(told) == 1 else f"{said} (and {len(told) - 1} more)"


Position = tuple[int, ...]


class Order:
    """Positions in `value`, to which the paths of problems lead after `skip` steps, and in `schema`.

    Backends name problems in orders of their own.
    """

    def __init__(self, value: Any, schema: Mapping[str, Any], skip: int) -> None:
        self._value = value
        self._schema = schema
        self._skip = skip
        self._members: dict[int, dict[Any, int]] = {}

    def position(self, problem: Problem, of_name: bool) -> tuple[Position, Position, Position]:
        """Where `problem` stands: in the value, `of_name` at which of an object's names, and in the schema.

        What is wrong with an object or array comes before what is wrong with what it holds.
        """
        path = problem.path[self._skip :]
        name = self._in(self._value, (*path, problem.value)) if of_name else ()
        return self._in(self._value, path), name, self._in(self._schema, problem.schema_path)

    def _in(self, here: Any, path: Sequence[str | int]) -> Position:
        found = []
        for step in path:
            if isinstance(here, dict) and step in here:
                found.append(self._of(here)[step])
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                found.append(step)
            else:
                break
            here = here[step]
        return tuple(found)

    def _of(self, here: dict[Any, Any]) -> dict[Any, int]:
        """The position of each member of `here`."""
        if id(here) not in self._members:
            self._members[id(here)] = {name: index for index, name in enumerate(here)}
        return self._members[id(here)]
