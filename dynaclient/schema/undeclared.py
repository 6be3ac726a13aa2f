"""Properties that no schema declares, near to a declared one that is not given: most of them are misspelt.

JSON Schema allows them, so no checker says anything. All schemas that one part of a value meets declare for
it: those of `allOf`, of every branch of `anyOf` and `oneOf`, and what references lead to. Where one of them
cannot be seen (a dynamic reference, a resource with an `$id`), the part is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import chain, islice
from typing import Any

from dynaclient._support.messages import looks, looks_as
from dynaclient.document.node import escape
from dynaclient.document.parameters import normal
from dynaclient.document.subschemas import BESIDE, inside
from dynaclient.schema.references import ROOT
from dynaclient.schema.translator import Translator

_NEAR = 0.72
"""How much alike two names are that are taken for one, of 1."""

_MOST = 100
"""How many are listed for one value."""

_MOST_TRIED = 100
"""For how many undeclared names of one value a declared one is looked for: of more, most are data."""

_LOCAL = ("#/$defs/", f"{ROOT}#/$defs/")
_OF_THE_SAME = (*BESIDE, "if", "then", "else", "dependentSchemas")
_SCALARS = frozenset(("string", "number", "integer", "boolean", "null"))
_PLAIN = frozenset(
    ("type", "format", "enum", "const", "minLength", "maxLength", "pattern", "minimum", "maximum")
)

Matches = Callable[[str, str], bool]
"""A pattern of `patternProperties` and a name -> whether it is one of them."""


class Misspelt:
    """A property at `pointer` that is not declared, and the declared one that is near."""

    def __init__(self, pointer: str, name: str, near: str) -> None:
        self.pointer = pointer
        self.name = name
        self.near = near

    @property
    def message(self) -> str:
        """What it is, and what may be meant."""
        alike = looks_as(self.name, looks([self.near]))
        return f"{self.name!r} is not declared; did you mean {self.near!r}?{alike.removeprefix(';')}"


class Declared:
    """What the schemas of a document declare, in one direction. Each part is made when a value reaches it."""

    def __init__(self, translator: Translator, matches: Matches = lambda pattern, name: False) -> None:
        self._translator = translator
        self._parts: dict[tuple[int, ...], DeclaredTogether] = {}
        self.matches = matches

    def misspelt(self, key: str, value: Any) -> list[Misspelt]:
        """Those in `value`, which is as JSON has it, by the schema called `key`; the first of very many."""
        part = self.part((self._translator.schema(key),))
        try:
            return [] if part.knows_all([value]) else [*islice(part.look(value, "", set()), _MOST)]
        except RecursionError:  # the caller stands deep already
            return []

    def part(self, schemas: Iterable[Any]) -> DeclaredTogether:
        """What is declared for a part of a value that meets `schemas`."""
        given = [schema for schema in schemas if isinstance(schema, dict)]
        known = tuple(map(id, given))  # the translator keeps them
        if known not in self._parts:
            self._parts[known] = DeclaredTogether(self, given)
        return self._parts[known]

    def referred(self, ref: str) -> Any:
        """The schema that a `$ref` names; None for one that is not seen here."""
        name = next((ref[len(start) :] for start in _LOCAL if ref.startswith(start)), "")
        return self._translator.schema(name) if name in self._translator.places else None


class DeclaredTogether:
    """What several schemas declare together for one part of a value."""

    def __init__(self, owner: Declared, schemas: Sequence[dict[str, Any]]) -> None:
        self._owner = owner
        self._schemas, self.seen = _together(owner, schemas)
        self._children: dict[str, DeclaredTogether] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The properties that are declared."""
        return frozenset(chain.from_iterable(self._each("properties")))

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Those that may be given, in their order."""
        shown = (
            name for each in self._each("properties") for name, schema in each.items() if schema is not False
        )
        return tuple(dict.fromkeys(shown))

    @cached_property
    def _deep(self) -> tuple[str, ...]:
        """Those that may hold objects."""
        every = ((name, schema) for each in self._each("properties") for name, schema in each.items())
        return tuple(dict.fromkeys(name for name, schema in every if not _is_scalar(schema)))

    @cached_property
    def _patterns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(chain.from_iterable(self._each("patternProperties"))))

    @cached_property
    def _others(self) -> DeclaredTogether | None:
        """What is declared for properties that are not."""
        found = [*self._each("additionalProperties"), *self._each("unevaluatedProperties")]
        found += chain.from_iterable(each.values() for each in self._each("patternProperties"))
        return None if all(map(_is_scalar, found)) else self._owner.part(found)

    @cached_property
    def _items(self) -> DeclaredTogether | None:
        found = [*self._each("items"), *self._each("unevaluatedItems"), *self._each("contains")]
        found += chain.from_iterable(each for each in self._lists("prefixItems"))
        return None if all(map(_is_scalar, found)) else self._owner.part(found)

    def _each(self, keyword: str) -> list[dict[str, Any]]:
        return [each[keyword] for each in self._schemas if isinstance(each.get(keyword), dict)]

    def _lists(self, keyword: str) -> list[list[Any]]:
        return [each[keyword] for each in self._schemas if isinstance(each.get(keyword), list)]

    def _child(self, name: str) -> DeclaredTogether:
        if name not in self._children:
            found = (each[name] for each in self._each("properties") if name in each)
            self._children[name] = self._owner.part(found)
        return self._children[name]

    def knows_all(self, values: list[Any]) -> bool:
        """Whether all properties in `values` are declared. The loops over all values of a part run in C."""
        kinds = set(map(type, values))
        if list in kinds and self._items is not None:
            items = list(chain.from_iterable(each for each in values if type(each) is list))
            if not self._items.knows_all(items):
                return False
        if dict not in kinds:
            return True
        objects = values if len(kinds) == 1 else [each for each in values if type(each) is dict]
        if self.names and self.seen and not all(map(self.names.issuperset, objects)):
            return False
        for name in self._deep:
            column = [each[name] for each in objects if name in each]
            if column and not self._child(name).knows_all(column):
                return False
        return self._others is None or self._others.knows_all(
            [item for each in objects for name, item in each.items() if name not in self.names]
        )

    def look(self, value: Any, pointer: str, tried: set[tuple[int, str]]) -> Iterator[Misspelt]:
        """The misspelt properties in `value`, which stands at `pointer`; `tried` were looked up."""
        if type(value) is list and self._items is not None:
            for index, item in enumerate(value):
                yield from self._items.look(item, f"{pointer}/{index}", tried)
        if type(value) is not dict:
            return
        for name, item in value.items():
            at = f"{pointer}/{escape(name)}"
            if name in self.names:
                yield from self._child(name).look(item, at, tried)
            elif near := self._looked_up(name, value, tried):
                yield Misspelt(at, name, near)
            elif self._others is not None:
                yield from self._others.look(item, at, tried)

    def _looked_up(self, name: str, given: Iterable[str], tried: set[tuple[int, str]]) -> str:
        each = (id(self), name)
        if not self.seen or (each not in tried and len(tried) >= _MOST_TRIED):
            return ""
        tried.add(each)
        return self.near(name, given)

    def near(self, name: str, given: Iterable[str]) -> str:
        """The declared property that `name` is near to and that is not `given`; empty for none."""
        if not self.offered or any(self._owner.matches(each, name) for each in self._patterns):
            return ""
        return next((each for each in nearest_names(name, self.offered) if each not in given), "")


def _together(owner: Declared, schemas: Iterable[Any]) -> tuple[list[dict[str, Any]], bool]:
    """All schemas that a value meets which meets `schemas`, or may meet, and whether these are all."""
    waiting, found, seen = list(schemas), dict[int, dict[str, Any]](), True
    while waiting:
        schema = waiting.pop(0)
        if not isinstance(schema, dict) or id(schema) in found:
            continue
        found[id(schema)] = schema
        waiting += [each for _, each in inside(schema, _OF_THE_SAME)]
        if "$ref" in schema:
            waiting.append(target := owner.referred(schema["$ref"]))
            seen = seen and target is not None
        seen = seen and "$dynamicRef" not in schema
    return [*found.values()], seen


def _is_scalar(schema: Any) -> bool:
    """Whether it is seen at once that a schema describes no objects, nor what holds them."""
    if not isinstance(schema, dict):
        return True
    kinds = schema.get("type")
    if kinds is None:
        return bool(schema) and schema.keys() <= _PLAIN
    return _SCALARS.issuperset(kinds if isinstance(kinds, list) else [kinds])


@lru_cache(maxsize=1024)
def nearest_names(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `known` that `name` is a misspelling of, the nearest first; case and punctuation aside."""
    from difflib import get_close_matches  # late: 1 ms

    plain, wanted = _by_letters(known), _letters(name)
    size = len(wanted)
    fitting = [each for each in plain if _NEAR * (len(each) + size) <= 2 * min(len(each), size)]
    close = get_close_matches(wanted, fitting, 5, _NEAR)
    close += [each for each in fitting if each not in close and _is_swapped(wanted, each)]
    return tuple(each for letters in close for each in sorted(plain[letters], key=partial(_distance, name)))


@lru_cache(maxsize=32)
def _by_letters(known: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in known:
        found.setdefault(_letters(each), []).append(each)
    return found


def _distance(one: str, other: str) -> int:
    """Of names that differ in punctuation alone, the one of the same length is meant: `type`, not `@type`."""
    return abs(len(one) - len(other))


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, normal(name))).casefold() or name


def _is_swapped(one: str, other: str) -> bool:
    """Whether two short names have the same letters: `tga` for `tag`."""
    return 2 < len(one) == len(other) and sorted(one) == sorted(other)
