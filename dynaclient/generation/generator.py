"""Values that meet a schema: for the sandbox, for examples, for property tests and for contract tests.

A value is built to fit, not drawn and thrown away: the schema is made flat by choosing branches, and each
type has its maker. Where schemas say what a value must not be (`not`, the other branches of `oneOf`), the
value is checked and, if need be, broken on purpose with regard to them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from math import inf
from typing import Any, TypeAlias

from dynaclient.ecma_regex.printer import matches
from dynaclient.generation import numbers
from dynaclient.generation import strings as texts
from dynaclient.generation.choices import ChoiceSource, ReadableChoices
from dynaclient.generation.flatten import (
    SCALARS,
    Definitions,
    Flattening,
    Hint,
    Joined,
    Schema,
    Unsatisfiable,
    allows,
    both,
    canonical,
    element,
    is_of,
    types_of,
)
from dynaclient.generation.mutate import grown, mutations_by_rule

MAX_NODES = 300
"""So many parts of a value are made freely; after that only what is required."""
MOST_MEMBERS = 5_000
"""So many items or properties an array or object is made with; a document can ask for 10**30."""
MOST_DIFFERENT = 500
"""So many items, where all are to be different."""
_HARD_LIMIT = 20_000
_REPAIRS = 40
_CHOICES = 200
_Maker: TypeAlias = Callable[["Building", dict[str, Any], int], Any]


@dataclass
class Building:
    """One attempt at a value. The first takes it as built; the others check what is risky on the way."""

    generator: Generator
    source: ChoiceSource
    attempt: int
    full_to: int
    nodes: int = 0

    def value(self, schema: Schema, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > _HARD_LIMIT:
            raise Unsatisfiable("the smallest value is too large")
        flat = self._flat(schema, depth)
        if self.full_to and self.attempt == 0:
            for shown in flat.get("examples", ()):
                if self.generator.valid(schema, shown):
                    return copy.deepcopy(shown)
        reason = Unsatisfiable("unknown type")
        if _is_narrowed(flat):
            flat = {**flat, "enum": self._meeting(schema, flat["enum"])}
        for make in self._makers(flat, depth):
            try:
                return self._checked(schema, flat, make(self, flat, depth), depth)
            except Unsatisfiable as error:
                reason = error
        raise reason

    def _meeting(self, schema: Schema, listed: list[Any]) -> list[Any]:
        """Of the values of an enumeration those that meet all else that is asked; all where none does."""
        return [each for each in listed if self.generator.valid(schema, each)] or listed

    def _checked(self, schema: Schema, flat: dict[str, Any], made: Any, depth: int) -> Any:
        """`made`, or a neighbour of it that does not meet the schemas to avoid."""
        if self.attempt == 0 or "avoid" not in flat:
            return made
        met = [other for other in flat["avoid"] if self.generator.valid(other, made)]
        if not met:
            return made
        for neighbour in chain(
            islice(self._with_other_choices(flat, made, depth), _CHOICES),
            islice(self._neighbours(met[0], made), _REPAIRS),
        ):
            if self.generator.valid(schema, neighbour):
                return neighbour
        raise Unsatisfiable("the value meets a schema that it must not meet")

    def small(self, depth: int) -> bool:
        """Whether only what is required is made from here on."""
        return depth >= self.generator.max_depth or self.nodes > MAX_NODES

    def _full(self, flat: dict[str, Any], depth: int) -> bool:
        """Whether all that may be there is made: for examples, and where branches are to be distinguished."""
        return depth < self.full_to or (self.attempt % 2 == 1 and "avoid" in flat)

    def _flat(self, schema: Schema, depth: int) -> dict[str, Any]:
        definitions, small = self.generator.definitions, self.small(depth)
        if small and definitions.heights.height(schema) == inf:
            raise Unsatisfiable("every value of the schema would be infinite")
        return Flattening(definitions, self.source, self.attempt, small).flat(schema)

    def _with_other_choices(self, flat: dict[str, Any], made: Any, depth: int) -> Iterator[Any]:
        """Copies of an object with another value in a property that has an enumeration."""
        for name in made if isinstance(made, dict) else ():
            with suppress(Unsatisfiable):
                for other in self._flat(self._member(flat, name), depth + 1).get("enum", ()):
                    yield {**made, name: copy.deepcopy(other)}

    def _neighbours(self, schema: Schema, made: Any) -> Iterator[Any]:
        yield from grown(schema, self.generator, made)
        yield from (each.value for each in mutations_by_rule(schema, self.generator, self.source, made))

    def _makers(self, flat: dict[str, Any], depth: int) -> list[_Maker]:
        """Who can make the value, the one to try first at the front."""
        if "prefer" in flat and allows(flat, flat["prefer"]):
            return [lambda building, flat, depth: flat["prefer"]]
        if "enum" in flat:
            return [Building.listed]
        types = types_of(flat)
        if self.small(depth):
            types = [name for name in SCALARS if name in types] or types
        start = self.attempt + (self.source.integer(0, len(types) - 1) if len(types) > 1 else 0)
        order = [types[(start + step) % len(types)] for step in range(len(types))]
        if "type" not in flat:  # any other type is a way out
            order += [name for name in SCALARS if name not in order]
        return [_MAKERS[name] for name in order]

    def listed(self, flat: dict[str, Any], depth: int) -> Any:
        options = [value for value in flat["enum"] if "type" not in flat or is_of(value, flat["type"])]
        if not options:
            raise Unsatisfiable("the enumeration holds no value of the type")
        if self.attempt:
            met = self.generator.valid
            options = [
                each for each in options if not any(met(other, each) for other in flat.get("avoid", ()))
            ]
        if not options:
            raise Unsatisfiable("the enumeration holds no value that is not forbidden")
        chosen = self.source.integer(0, len(options) - 1) + self.attempt
        return copy.deepcopy(options[chosen % len(options)])

    def text(self, flat: dict[str, Any], depth: int) -> str:
        return texts.string(flat, self.source, readable=self.full_to > 0)

    def array(self, flat: dict[str, Any], depth: int) -> list[Any]:
        low, high = flat.get("minItems", 0), flat.get("maxItems", inf)
        low = max(low, sum(least for _, least, _ in flat.get("contains", ())))
        if low > (MOST_DIFFERENT if flat.get("uniqueItems", False) else MOST_MEMBERS):
            raise Unsatisfiable(f"an array of {low} items is larger than any that is made")
        wanted = [schema for schema, least, _ in flat.get("contains", ()) for _ in range(least)]
        prefix = len(flat.get("prefixItems", ()))
        if flat.get("items", True) is False or (
            flat.get("unevaluatedItems", True) is False and "items" not in flat
        ):
            high = min(high, prefix)
        if low > high:
            raise Unsatisfiable("minItems is above what may be there")
        usual = low if self.small(depth) else max(low, int(min(high, prefix or (1 if self.full_to else 3))))
        count = usual if self._full(flat, depth) else self.source.integer(low, usual)
        return self._elements(flat, wanted, low, count, depth)

    def _elements(
        self, flat: dict[str, Any], wanted: list[Schema], low: int, count: int, depth: int
    ) -> list[Any]:
        made: list[Any] = []
        seen: set[str] = set()
        unique = flat.get("uniqueItems", False)
        for attempt in range(count * 10 if unique else count):
            if len(made) == count:
                break
            index = len(made)
            late = index - (count - len(wanted))  # what must be contained comes last, after a fixed prefix
            schema = both(element(flat, index), wanted[late]) if late >= 0 else element(flat, index)
            try:
                value = self._another(schema, attempt - index, depth + 1)
            except Unsatisfiable as error:
                if index < low:
                    raise error.under(index) from None
                break
            if not unique or canonical(value) not in seen:
                seen.add(canonical(value))
                made.append(value)
        if len(made) < low:
            raise Unsatisfiable("too few different items were found")
        return made

    def _another(self, schema: Schema, repeats: int, depth: int) -> Any:
        """A value for an array; after `repeats` values that were there already, one that is less simple."""
        outer, self.attempt = self.attempt, self.attempt + repeats
        try:
            return self.value(schema, depth)
        finally:
            self.attempt = outer

    def object(self, flat: dict[str, Any], depth: int) -> dict[str, Any]:
        required = self._required(flat, depth)
        low, high = flat.get("minProperties", 0), flat.get("maxProperties", inf)
        if len(required) > high:
            raise Unsatisfiable("more properties are required than allowed")
        listed = [name for name, schema in flat.get("properties", {}).items() if schema is not False]
        made: dict[str, Any] = {}
        for name in dict.fromkeys([*listed, *required]):
            room = high - len(made) - sum(other not in made for other in required)
            if name in required:
                try:
                    made[name] = self.value(self._member(flat, name), depth + 1)
                except Unsatisfiable as error:
                    raise error.under(name) from None
            elif (
                room > 0
                and name not in flat.get("dependentRequired", ())
                and self._included(flat, name, depth)
            ):
                self._try(made, flat, name, depth)
        self._fill(made, flat, listed, low, high, depth)
        return made

    def _required(self, flat: dict[str, Any], depth: int) -> list[str]:
        """What is required, and now and then what brings other properties with it."""
        dependents, required = flat.get("dependentRequired", {}), list(flat.get("required", ()))
        if "maxProperties" not in flat:
            known = [name for name in dependents if flat.get("properties", {}).get(name, False) is not False]
            required += [name for name in known if name not in required and self._included(flat, name, depth)]
        for name in required:  # grows while it is walked
            required += [other for other in dependents.get(name, ()) if other not in required]
        return required

    def _included(self, flat: dict[str, Any], name: str, depth: int) -> bool:
        if self.small(depth) or not self.generator.valid(flat.get("propertyNames", True), name):
            return False
        return self._full(flat, depth) or self.source.chance(2 + depth)

    def _try(self, made: dict[str, Any], flat: dict[str, Any], name: str, depth: int) -> None:
        try:
            made[name] = self.value(self._member(flat, name), depth + 1)
        except Unsatisfiable:
            return

    def _fill(
        self, made: dict[str, Any], flat: dict[str, Any], listed: list[str], low: int, high: float, depth: int
    ) -> None:
        """Properties that are not required: up to `minProperties`, and a few that a map is there for."""
        if low > MOST_MEMBERS:
            raise Unsatisfiable(f"an object of {low} properties is larger than any that is made")
        for name in listed:
            if len(made) < low and name not in made:
                self._try(made, flat, name, depth)
        patterns = any(flat.get("patternProperties", ()))  # the empty pattern names nothing: it is about all
        is_map = isinstance(flat.get("additionalProperties"), dict) or patterns
        extra = 0 if self.small(depth) or not is_map else self.source.integer(0, 2)
        if self.full_to > depth and is_map and not made:
            extra = 1
        target = max(low, min(len(made) + extra, high))
        for turn in range(20 + 2 * low):
            if len(made) >= target:
                return
            self._extra(made, flat, depth, turn)
        if len(made) < low:
            raise Unsatisfiable("minProperties asks for more than may be there")

    def _extra(self, made: dict[str, Any], flat: dict[str, Any], depth: int, turn: int) -> None:
        try:
            name = self._name(flat, turn)
        except Unsatisfiable:
            return
        if name not in made and name not in flat.get("properties", ()):
            self._try(made, flat, name, depth)

    def _name(self, flat: dict[str, Any], turn: int) -> str:
        patterns = [each for each in flat.get("patternProperties", ()) if each]
        names = flat.get("propertyNames", True)
        if names is not True:
            return str(self._another(both(Hint(type="string"), names), turn, self.generator.max_depth))
        if patterns and (closed(flat) or turn % 2 == 0):
            return texts.string({"patterns": [patterns[turn % len(patterns)]]}, self.source, readable=False)
        word = self.source.choice(texts.WORDS)
        return word if turn < 3 else f"{word}-{turn}"

    def _member(self, flat: dict[str, Any], name: str) -> Schema:
        schema, matched = flat.get("properties", {}).get(name, True), name in flat.get("properties", ())
        for pattern, other in flat.get("patternProperties", {}).items():
            if matches(pattern, name):
                schema, matched = both(schema, other), True
        if matched:
            return schema
        return flat.get("additionalProperties", flat.get("unevaluatedProperties", True))


_ASKS_NOTHING = frozenset(
    ("type", "enum", "prefer", "examples", "title", "description", "default", "example")
)


def _is_narrowed(flat: dict[str, Any]) -> bool:
    """Whether more than its type is asked of the values of an enumeration."""
    return "enum" in flat and not flat.keys() <= _ASKS_NOTHING


def closed(flat: dict[str, Any]) -> bool:
    """Whether properties that the schema does not list are forbidden."""
    return flat.get("additionalProperties", flat.get("unevaluatedProperties", True)) is False


_MAKERS: dict[str, _Maker] = {
    "null": lambda building, flat, depth: None,
    "boolean": lambda building, flat, depth: building.source.choice((False, True)),
    "integer": lambda building, flat, depth: numbers.integer(flat, building.source),
    "number": lambda building, flat, depth: numbers.number(flat, building.source),
    "string": Building.text,
    "array": Building.array,
    "object": Building.object,
}


__all__ = ["Generator", "Unsatisfiable", "example"]

IsValid = Callable[[Any, Any], bool]

ATTEMPTS = 16
"""How often a value is built again where the judge refuses it."""


class Generator:
    """Makes values for schemas in JSON Schema 2020-12 whose references are `#/$defs/KEY`, KEY in `defs`.

    `is_valid(schema, value)` is the judge; the schemas it gets are the one that a value is asked for, and
    parts of it or of `defs`, the same objects every time. Without it, values for `not`, `oneOf` and the like
    may be wrong. Values deeper than `max_depth` hold only what is required.
    """

    def __init__(
        self, defs: Mapping[str, Schema], is_valid: IsValid | None = None, *, max_depth: int = 4
    ) -> None:
        self.definitions = Definitions(defs)
        self.max_depth = max_depth
        self._is_valid = is_valid

    def value(self, schema: Schema, source: ChoiceSource) -> Any:
        """A value that meets `schema`. Raises Unsatisfiable where none is found."""
        return self._made(schema, source, full_to=0)

    def draft(self, schema: Schema, source: ChoiceSource, attempt: int = 0) -> Any:
        """A value made for `schema`, which is not checked; another `attempt` takes other branches. Raises
        Unsatisfiable."""
        try:
            return Building(self, source, attempt, 0).value(schema, 0)
        except RecursionError:
            raise Unsatisfiable("the schema nests too deeply") from None

    def example(self, schema: Schema, seed: int = 0) -> Any:
        """See `example`; another seed gives another one."""
        try:
            return self._made(schema, ReadableChoices(seed), full_to=3)
        except Unsatisfiable:
            return self._made(schema, ReadableChoices(seed), full_to=0)

    def valid(self, schema: Schema, value: Any) -> bool:
        """The verdict of the judge; without one, everything is valid."""
        if isinstance(schema, (bool, Hint)) or self._is_valid is None:
            return schema is not False
        if isinstance(schema, Joined):  # made here: the judge only sees schemas that stay
            return all(self.valid(member, value) for member in schema["allOf"])
        return self._is_valid(schema, value)

    def _made(self, schema: Schema, source: ChoiceSource, full_to: int) -> Any:
        reason = "no value was found"
        for attempt in range(ATTEMPTS):
            try:
                candidate = Building(self, source, attempt, full_to).value(schema, 0)
            except Unsatisfiable as error:
                reason = f"at {error.pointer}: {error}" if error.pointer else str(error)
                continue
            except RecursionError:
                raise Unsatisfiable("the schema nests too deeply") from None
            if self.valid(schema, candidate):
                return candidate
        raise Unsatisfiable(f"no value was found for the schema: {reason}")


def example(generator: Generator, schema: Schema) -> Any:
    """A value for people to read: always the same, all properties to a small depth, words for strings.

    Raises Unsatisfiable where none is found.
    """
    return generator.example(schema)
