"""Schemas that the same value has to meet, as translated for one direction, and what they say together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import Node, escape
from dynaclient.ecma_regex.printer import matches
from dynaclient.generation.factory import Maker
from dynaclient.generation.flatten import canonical, exact, is_of, key_of
from dynaclient.schema.keywords import Direction
from dynaclient.schema.validator import Validators

Member = tuple[Any, str]
"""A schema, and where it stands in the document."""
Union = tuple[str, list[Any], str, bool]
"""`anyOf` or `oneOf`, its members, where it stands, and whether a discriminator tells them apart."""

TYPES: dict[str, set[str]] = {
    "null": {"null"},
    "boolean": {"boolean"},
    "integer": {"integer"},
    "number": {"integer", "fraction"},
    "string": {"string"},
    "array": {"array"},
    "object": {"object"},
}
EVERY: frozenset[str] = frozenset(each for several in TYPES.values() for each in several)
NUMBERS = frozenset(("integer", "fraction"))
_BESIDE = ("allOf", "$ref")
_MOST_BRANCHES = 200
_DEEPEST = 20
_OF_SCALARS = frozenset(
    "type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern"
    " format".split()
)
_ANNOTATIONS = frozenset(("examples", "default"))
_REFERENCE = re.compile(r'"\$ref": "#/\$defs/([^"]+)"')


class Side:
    """The schemas of one of the two documents, in one direction."""

    def __init__(self, document: Document, checkers: Validators, direction: Direction) -> None:
        self.document = document
        self.checkers = checkers
        self.direction: Direction = direction
        self.maker = Maker(document, checkers, direction)
        self.translator = self.maker.translator
        self._texts: dict[int, tuple[Any, str]] = {}
        self._parts: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._scalars: dict[int, tuple[Any, dict[str, Any]]] = {}

    def schema(self, key: str) -> Any:
        """The schema that a key stands for."""
        return self.translator.schema(key)

    def node(self, key: str) -> Node:
        """Where it stands."""
        return self.translator.places[key]

    def name(self, key: str) -> str:
        """The name of a schema that is a component; empty for any other."""
        pointer = self.node(key).pointer
        parent, _, name = pointer.rpartition("/")
        kept = parent in ("/components/schemas", "/definitions")
        return name.replace("~1", "/").replace("~0", "~") if kept else ""

    def accepts(self, key: str, value: Any) -> bool:
        """Whether the compiled schema accepts `value`, as a client decides it."""
        return self.checkers.checker(self.node(key), self.direction).is_valid(value)

    def text(self, schema: Any) -> str:
        """`schema` as text that two equal ones share."""
        known = self._texts.get(id(schema))
        if known is None:
            known = self._texts[id(schema)] = (schema, json.dumps(schema, sort_keys=True, default=str))
        return known[1]

    def references(self, schema: Any) -> Iterator[str]:
        """The keys that `schema` refers to."""
        return (each.replace("~1", "/").replace("~0", "~") for each in _REFERENCE.findall(self.text(schema)))

    def of_scalars(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What `schema` asks of numbers, texts, booleans and null, the same object every time."""
        known = self._scalars.get(id(schema))
        if known is None:
            kept = {key: each for key, each in schema.items() if key in _OF_SCALARS}
            known = self._scalars[id(schema)] = (schema, kept)
        return known[1]

    def own(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What `schema` says itself, the same object every time."""
        known = self._parts.get(id(schema))
        if known is None:
            kept = {key: each for key, each in schema.items() if key not in _BESIDE or _is_opaque(key, each)}
            known = self._parts[id(schema)] = (schema, _as_published(kept))
        return known[1]


def _is_opaque(keyword: str, argument: Any) -> bool:
    """Whether it is a reference that is no key."""
    return keyword == "$ref" and key_of(argument) is None


def _as_published(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with `oneOf` and its discriminator side by side, as the document has them."""
    either = schema.get("anyOf")
    first = either[0] if isinstance(either, list) and either else None
    if not isinstance(first, dict) or first.keys() != {"oneOf", "discriminator"}:
        return schema
    return {**{key: each for key, each in schema.items() if key != "anyOf"}, **first}


@dataclass(frozen=True)
class SchemaPart:
    """What one schema says itself: no `$ref`, no `allOf`."""

    schema: dict[str, Any]
    place: str


class Conjunction:
    """Schemas that the same value has to meet."""

    def __init__(
        self,
        side: Side,
        members: Iterable[Member],
        unions: tuple[Union, ...] = (),
        label: str = "",
        chosen: tuple[Any, ...] = (),
    ) -> None:
        self.side = side
        self.members = tuple(members)
        self.label = label
        """What a branch that was chosen is called."""
        self.chosen = chosen
        """The members of `anyOf` and `oneOf` that were chosen."""
        self._met = unions
        self.mark = tuple(side.text(schema) for schema, _ in self.members)

    @cached_property
    def key(self) -> str | None:
        """The key that it is a reference to, where it is nothing else."""
        said = [each for each in self.members if each[0] not in (True, {})]
        schema = said[0][0] if len(said) == 1 else None
        while isinstance(schema, dict) and schema.keys() - _ANNOTATIONS == {"allOf"}:
            members = schema["allOf"]
            if len(members) != 1:
                return None
            schema = members[0]
        if not isinstance(schema, dict) or schema.keys() - _ANNOTATIONS != {"$ref"}:
            return None
        return key_of(schema["$ref"])

    @property
    def title(self) -> str:
        """The name of the component that it is a reference to, or of the branch that was chosen."""
        return self.label or (self.side.name(self.key) or self.key if self.key is not None else "")

    @property
    def place(self) -> str:
        """Where it stands, or the first of it."""
        return self.members[0][1] if self.members else ""

    @cached_property
    def parts(self) -> tuple[SchemaPart, ...]:
        """What each schema in it says itself."""
        seen: set[str] = set()
        return tuple(part for schema, place in self.members for part in self._opened(schema, place, seen))

    def _opened(self, schema: Any, place: str, seen: set[str]) -> Iterator[SchemaPart]:
        if schema is False:
            yield SchemaPart({"not": {}}, place)
        if not isinstance(schema, dict):
            return
        if own := self.side.own(schema):
            yield SchemaPart(own, place)
        key = key_of(schema.get("$ref"))
        if key in self.side.translator.unresolved:
            yield SchemaPart({"$ref": f"unresolved {key}"}, place)
        elif key is not None and key not in seen:
            seen.add(key)
            yield from self._opened(self.side.schema(key), self.side.node(key).place, seen)
        for index, member in enumerate(schema.get("allOf", ())):
            yield from self._opened(member, f"{place}/allOf/{index}", seen)

    # -- what they say together ------------------------------------------------------------------------

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that a value may have; a number that is no integer is a `fraction`."""
        found = EVERY
        for part in self.parts:
            if "type" in part.schema:
                stated = part.schema["type"]
                names: list[str] = [stated] if isinstance(stated, str) else stated
                found = found.intersection([each for name in names for each in TYPES.get(name, ())])
        return found

    @cached_property
    def impossible(self) -> bool:
        """Whether it is plain that no value meets them."""
        never = any(part.schema.get("not", False) in ({}, True) for part in self.parts)
        return never or not self.types or self.finite == []

    @cached_property
    def finite(self) -> list[Any] | None:
        """All values that they allow, where they list them."""
        listed = [values for part in self.parts if (values := _listed(part.schema)) is not None]
        if not listed:
            few: dict[str, list[Any]] = {"boolean": [False, True], "null": [None]}
            if not self.types or not self.types <= few.keys():
                return None
            return [each for name in few if name in self.types for each in few[name]]
        return [each for each in listed[0] if self._allows(each, listed[1:])]

    def _allows(self, value: Any, listed: list[list[Any]]) -> bool:
        mark = canonical(value)
        return all(mark in map(canonical, each) for each in listed) and self.meets(value)

    def meets(self, value: Any, depth: int = 0) -> bool:
        """Whether `value` meets all of them. For scalars nothing large is compiled."""
        return all(self._part_meets(part, value, depth) for part in self.parts)

    def _part_meets(self, part: SchemaPart, value: Any, depth: int) -> bool:
        schema = part.schema
        if isinstance(value, (dict, list)) or "if" in schema or depth > _DEEPEST:
            return self.side.maker.is_valid(schema, value)
        plain = self.side.of_scalars(schema)
        if plain and not _plainly_meets(plain, value) and not self.side.maker.is_valid(plain, value):
            return False
        if "not" in schema and self._branch(schema["not"], part).meets(value, depth + 1):
            return False
        return all(self._union_meets(each, part, value, depth) for each in unions_of(part))

    def _union_meets(self, union: Union, part: SchemaPart, value: Any, depth: int) -> bool:
        keyword, members, _, is_told = union
        met = [each for each in members if self._branch(each, part).meets(value, depth + 1)]
        return len(met) == 1 or (bool(met) and (keyword == "anyOf" or is_told))

    def _branch(self, schema: Any, part: SchemaPart) -> Conjunction:
        return Conjunction(self.side, [(schema, part.place)])

    @cached_property
    def unions(self) -> tuple[Union, ...]:
        """Each `anyOf` and `oneOf`, those that a branch was chosen of included."""
        return (*self._met, *(union for part in self.parts for union in unions_of(part)))

    def cases(self, most: int) -> list[Conjunction] | None:
        """The same with a branch chosen of its first `anyOf` or `oneOf`; None where there is none, or too
        many."""
        for at, part in enumerate(self.parts):
            for keyword, members, place, _ in unions_of(part):
                if len(members) > most:
                    return None
                rest = {
                    key: each for key, each in part.schema.items() if key not in (keyword, "discriminator")
                }
                parts = [*self.parts[:at], SchemaPart(rest, part.place), *self.parts[at + 1 :]]
                others = [(each.schema, each.place) for each in parts if each.schema.keys() - _ANNOTATIONS]
                return [
                    Conjunction(
                        self.side,
                        [*others, (member, f"{place}/{index}")],
                        self.unions,
                        self._label(member),
                        (*self.chosen, member),
                    )
                    for index, member in enumerate(members)
                ]
        return None

    def _label(self, member: Any) -> str:
        key = key_of(member.get("$ref")) if isinstance(member, dict) else None
        return self.side.name(key) or key if key is not None else self.label

    def said(self, keyword: str) -> list[Any]:
        """What the parts say at `keyword`."""
        return [part.schema[keyword] for part in self.parts if keyword in part.schema]

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that have to be there."""
        return frozenset(name for names in self.said("required") for name in names)

    def lowest(self) -> tuple[Fraction, bool] | None:
        """The lower bound of numbers, and whether it is excluded."""
        bounds = [(exact(each), False) for each in self.said("minimum")]
        bounds += [(exact(each), True) for each in self.said("exclusiveMinimum")]
        return self.whole(max(bounds), 1) if bounds else None

    def highest(self) -> tuple[Fraction, bool] | None:
        """The upper bound of numbers, and whether it is excluded."""
        bounds = [(exact(each), False) for each in self.said("maximum")]
        bounds += [(exact(each), True) for each in self.said("exclusiveMaximum")]
        found = min(bounds, key=lambda each: (each[0], not each[1])) if bounds else None
        return self.whole(found, -1) if found else None

    def whole(self, bound: tuple[Fraction, bool], step: int) -> tuple[Fraction, bool]:
        """A bound as integers meet it, where there are no other numbers."""
        number, excluded = bound
        if self.types & NUMBERS != {"integer"}:
            return bound
        nearest = ceil(number) if step > 0 else floor(number)
        return Fraction(nearest + step if excluded and nearest == number else nearest), False

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """The names under `properties`."""
        return tuple(dict.fromkeys(name for each in self.said("properties") for name in each))

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The names under `properties`, of its branches too."""
        names, seen = set(self.declared), 0
        pending = [union for part in self.parts for union in unions_of(part)]
        while pending and seen < _MOST_BRANCHES:
            _, members, place, _ = pending.pop()
            for member in members:
                seen += 1
                branch = Conjunction(self.side, [(member, place)])
                names |= {*branch.declared}
                pending += [union for part in branch.parts for union in unions_of(part)]
        return frozenset(names)

    def property(self, name: str) -> list[Member] | None:
        """What is said of a property; None where nothing is, by name, by pattern or for all others."""
        found: list[Member] = []
        known = False
        for part in self.parts:
            listed = [("properties", name)] if name in part.schema.get("properties", ()) else []
            listed += [
                ("patternProperties", each)
                for each in part.schema.get("patternProperties", ())
                if matches(each, name)
            ]
            found += [
                (part.schema[keyword][token], f"{part.place}/{keyword}/{escape(token)}")
                for keyword, token in listed
            ]
            if not listed and "additionalProperties" in part.schema:
                found.append((part.schema["additionalProperties"], f"{part.place}/additionalProperties"))
            known = known or bool(listed) or part.schema.get("additionalProperties", False) is not False
        if self.closed and not any(name in each for each in self.said("properties")) and not known:
            return [(False, self.place)]
        return found if found or known else None

    @cached_property
    def closed(self) -> bool:
        """Whether properties that nothing is said of are refused."""
        return any(
            part.schema.get(keyword, True) is False
            for part in self.parts
            for keyword in ("additionalProperties", "unevaluatedProperties")
        )

    def rest(self) -> list[Member]:
        """What is said of the properties that are not listed."""
        return [
            (part.schema["additionalProperties"], f"{part.place}/additionalProperties")
            for part in self.parts
            if "additionalProperties" in part.schema
        ]

    def element(self, index: int) -> list[Member]:
        """What is said of the element at `index`."""
        found: list[Member] = []
        for part in self.parts:
            prefix = part.schema.get("prefixItems", ())
            if index < len(prefix):
                found.append((prefix[index], f"{part.place}/prefixItems/{index}"))
            elif "items" in part.schema:
                found.append((part.schema["items"], f"{part.place}/items"))
        return found


def _plainly_meets(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value meets a schema that has a type and values alone; False where it has more."""
    if not schema.keys() <= {"type", "enum"}:
        return False
    types = schema.get("type")
    fits = types is None or is_of(value, [types] if isinstance(types, str) else types)
    return fits and ("enum" not in schema or canonical(value) in map(canonical, schema["enum"]))


def _listed(schema: dict[str, Any]) -> list[Any] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return values if isinstance(values, list) else None


def unions_of(part: SchemaPart) -> Iterator[Union]:
    """The `anyOf` and `oneOf` of a part."""
    for keyword in ("anyOf", "oneOf"):
        members = part.schema.get(keyword)
        if isinstance(members, list):
            told = keyword == "oneOf" and "discriminator" in part.schema
            yield keyword, members, f"{part.place}/{keyword}", told
