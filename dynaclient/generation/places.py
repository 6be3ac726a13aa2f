"""The parts of a value, each with the schemas that hold for it: where it can be varied, or made invalid."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from dynaclient.document.node import escape
from dynaclient.ecma_regex.printer import matches
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.flatten import (
    Definitions,
    Joined,
    Schema,
    Unsatisfiable,
    both,
    element,
    is_of,
    key_of,
    without_combinators,
)

DEEPEST = 3
"""So many levels of what a value leaves out are added to it."""
_ATTEMPTS = 3
"""How often something is made again that does not go together with the rest."""
_MOST = 400
"""How many parts of a value are visited where what it leaves out is added."""


class ValueJudge(Protocol):
    """Who judges values, and knows where references lead: see `generator.Generator`."""

    definitions: Definitions

    def valid(self, schema: Schema, value: Any) -> bool:
        """Whether `value` meets `schema`."""


class ValueSource(ValueJudge, Protocol):
    """Who makes values too."""

    def value(self, schema: Schema, source: ChoiceSource) -> Any:
        """A value that meets `schema`. Raises Unsatisfiable."""

    def draft(self, schema: Schema, source: ChoiceSource, attempt: int = 0) -> Any:
        """A value made for `schema`, which is not checked; another `attempt` takes other branches. Raises
        Unsatisfiable."""


@dataclass(frozen=True)
class Place:
    """A part of a value, `pointer` (RFC 6901) into it; `schema` and all `parts` of it hold there."""

    pointer: str
    value: Any
    schema: Schema
    parts: Sequence[dict[str, Any]]
    put: Callable[[Any], Any]
    """Gives the whole value with another one here."""
    added: int = 0
    """How many levels of it the value leaves out; 0 for a part that it has."""
    reason: str = ""
    """What is new about its own value; empty where the value has it."""


def places(schema: Schema, judge: ValueJudge, value: Any) -> Iterator[Place]:
    """The parts of `value`, which meets `schema`, the outermost first; of an array, the first two items."""
    waiting = deque([_whole(schema, judge, value)])
    while waiting:
        place = waiting.popleft()
        yield place
        waiting += (_below(place, judge, token, below) for token, below in _members(place, 2))


def grown_places(schema: Schema, generator: ValueSource, source: ChoiceSource, value: Any) -> Iterator[Place]:
    """The parts of `value`, and of what stands there in its place: properties that it does not have, items of
    its empty arrays, values of other branches and types. Each with as little added as it takes."""
    waiting = deque([_whole(schema, generator, value)])
    grow = _Grow(generator, source, lambda whole: generator.valid(schema, whole))
    for _ in range(_MOST):
        if not waiting:
            return
        place = waiting.popleft()
        yield place
        waiting += (_below(place, generator, token, below) for token, below in _members(place, 1))
        if place.added < DEEPEST:
            waiting += grow.absent(place)
            waiting += grow.others(place)


def _whole(schema: Schema, judge: ValueJudge, value: Any) -> Place:
    return Place("", value, schema, list(applying_schemas(schema, judge, value)), lambda new: new)


def _below(place: Place, judge: ValueJudge, token: Any, schema: Schema) -> Place:
    value = place.value[token]
    return Place(
        pointer=f"{place.pointer}/{escape(str(token))}",
        value=value,
        schema=schema,
        parts=list(applying_schemas(schema, judge, value)),
        put=lambda new: place.put(replaced(place.value, token, new)),
        added=place.added,
    )


@dataclass(frozen=True)
class _Grow:
    """Adds to a value what it leaves out; `valid` says whether the whole is still valid."""

    generator: ValueSource
    source: ChoiceSource
    valid: Callable[[Any], bool]

    def absent(self, place: Place) -> Iterator[Place]:
        """The properties that an object does not have, the first item of an empty array."""
        for token, schema in absent(place.value, place.parts):
            for made in self._made(schema):
                holder = replace(place, value=replaced(place.value, token, made), added=place.added + 1)
                if self.valid(place.put(holder.value)):
                    yield replace(_below(holder, self.generator, token, schema), reason="present")
                    break

    def others(self, place: Place) -> Iterator[Place]:
        """The same part as a value of another branch or type."""
        if place.reason not in ("", "present"):
            return
        for reason, schema in other_branches(place, self.generator):
            for made in self._made(schema):
                kept = self._kept(place, made)
                if self.valid(place.put(kept)):
                    found = list(applying_schemas(place.schema, self.generator, kept))
                    yield replace(place, value=kept, parts=found, added=place.added + 1, reason=reason)
                    break

    def _made(self, schema: Schema) -> Iterator[Any]:
        for attempt in range(_ATTEMPTS):
            with suppress(Unsatisfiable):
                yield self.generator.draft(schema, self.source, attempt)

    def _kept(self, place: Place, made: Any) -> Any:
        """`made` with the properties that `place` has too, as far as they suit it."""
        if isinstance(made, dict) and isinstance(place.value, dict):
            for name in made.keys() & place.value.keys():
                kept = {**made, name: place.value[name]}
                made = kept if self.valid(place.put(kept)) else made
        return made


def other_branches(place: Place, judge: ValueJudge) -> Iterator[tuple[str, Schema]]:
    """Schemas for a part that takes another branch of a combinator, or another of its types."""
    fixed = [without_combinators(part) for part in fixed_parts(place.schema, judge)]
    for part in place.parts:
        for keyword in ("anyOf", "oneOf"):
            branches = part.get(keyword, ())
            for index, branch in enumerate(branches if len(branches) > 1 else ()):
                if not judge.valid(branch, place.value):
                    beside = {"discriminator": part["discriminator"]} if "discriminator" in part else {}
                    one = Joined(allOf=[*fixed, {keyword: [branch], **beside}])
                    yield f"as {_called(branch, keyword, index)}", one
        types = part.get("type")
        for name in types if isinstance(types, list) else ():
            if name != "null" and not is_of(place.value, [name]):
                yield f"of type {name}", Joined(allOf=[*fixed, {"type": name}])


def _called(branch: Schema, keyword: str, index: int) -> str:
    key = key_of(branch.get("$ref")) if isinstance(branch, dict) else None
    return key.rpartition("/")[2] if key else f"{keyword}[{index}]"


def _members(place: Place, items: int) -> Iterator[tuple[Any, Schema]]:
    if isinstance(place.value, dict):
        for name in place.value:
            yield name, member(place.parts, name)
    elif isinstance(place.value, list):
        for index in range(min(items, len(place.value))):
            yield index, all_of(element(part, index) for part in place.parts)


def absent(value: Any, parts: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, Schema]]:
    """What a value that meets `parts` leaves out, and the schemas for it."""
    if isinstance(value, dict):
        names = dict.fromkeys(name for part in parts for name in part.get("properties", ()))
        found = [(name, member(parts, name)) for name in names if name not in value]
        yield from (each for each in found if each[1] is not False)
    elif value == []:
        schema = all_of(element(part, 0) for part in parts)
        if schema is not False:
            yield 0, schema


def applying_schemas(
    schema: Schema, judge: ValueJudge, value: Any, seen: frozenset[str] = frozenset()
) -> Iterator[dict[str, Any]]:
    """The schemas that hold for `value` itself: `schema`, what it refers to, the branches that are met."""
    for part, known in _fixed(schema, judge, seen):
        yield part
        for branch in _met(part, judge, value):
            yield from applying_schemas(branch, judge, value, known)


def fixed_parts(schema: Schema, judge: ValueJudge) -> list[dict[str, Any]]:
    """The schemas that hold for every value that meets `schema`: by `$ref` and `allOf`."""
    return [part for part, _ in _fixed(schema, judge, frozenset())]


def _fixed(
    schema: Schema, judge: ValueJudge, seen: frozenset[str]
) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Each with the references that led to it."""
    if not isinstance(schema, dict):
        return
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema:
            name, target = judge.definitions.target(schema, keyword)
            if name not in seen:
                yield from _fixed(target, judge, seen | {name})
    yield schema, seen
    for each in schema.get("allOf", ()):
        yield from _fixed(each, judge, seen)


def _met(schema: dict[str, Any], judge: ValueJudge, value: Any) -> Iterator[Schema]:
    """The branches that `value` meets."""
    for keyword in ("anyOf", "oneOf"):
        likely = [branch for branch in schema.get(keyword, ()) if _plausible(branch, value)]
        for branch in likely:
            if len(likely) == 1 or judge.valid(branch, value):
                yield branch
    if "if" in schema:
        yield schema.get("then" if judge.valid(schema["if"], value) else "else", True)
    if isinstance(value, dict):
        yield from (each for name, each in schema.get("dependentSchemas", {}).items() if name in value)


def _plausible(branch: Schema, value: Any) -> bool:
    types = branch.get("type") if isinstance(branch, dict) else None
    return branch is not False and (
        types is None or is_of(value, [types] if isinstance(types, str) else types)
    )


def all_of(schemas: Iterable[Schema]) -> Schema:
    """The schema of what meets all `schemas`."""
    result: Schema = True
    for schema in schemas:
        result = both(result, schema)
    return result


def member(parts: Iterable[dict[str, Any]], name: str) -> Schema:
    """What schemas that hold for an object ask of its property `name`."""
    return all_of(_member(part, name) for part in parts)


def _member(part: dict[str, Any], name: str) -> Schema:
    found = [part["properties"][name]] if name in part.get("properties", ()) else []
    found += [each for pattern, each in part.get("patternProperties", {}).items() if matches(pattern, name)]
    return all_of(found) if found else part.get("additionalProperties", True)


def replaced(value: Any, token: Any, new: Any) -> Any:
    """A copy of `value` with `new` as its property, or as its item, which may be one more."""
    if isinstance(value, dict):
        return {**value, token: new}
    return [*value[:token], new, *value[token + 1 :]]
