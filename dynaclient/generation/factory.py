"""Values for the schemas of a document, made and broken as its checkers judge them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import Node
from dynaclient.document.subschemas import LISTS, MAPS, SCHEMAS
from dynaclient.ecma_regex.printer import PatternError, translate
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.flatten import Joined, Schema
from dynaclient.generation.generator import Generator, Unsatisfiable
from dynaclient.generation.mutate import Mutation, broken_at, mutations
from dynaclient.generation.places import grown_places
from dynaclient.generation.variations import Variation, fullest_value, smallest_value, variations
from dynaclient.schema.backend import Compiled
from dynaclient.schema.keywords import Direction
from dynaclient.schema.references import ROOT
from dynaclient.schema.translator import Translator
from dynaclient.schema.validator import Validators

__all__ = ["Maker", "Unsatisfiable"]

_REF = re.compile(r"#/\$defs/(.+)$")


class Maker:
    """Makes valid and broken values for schemas of one document in one direction.

    The generator needs the patterns as the document has them; the checkers hold them as their engine reads
    them. Here the two meet: parts of schemas, of which the generator asks, are compiled on demand and kept.
    """

    def __init__(self, document: Document, checkers: Validators, direction: Direction) -> None:
        self.direction = direction
        self._checkers = checkers
        self.translator = Translator(document, direction, "source")
        self._entries: dict[tuple[str, str], dict[str, Any]] = {}
        self._whole: dict[int, str] = {}
        self._parts: dict[int, tuple[Schema, Compiled]] = {}
        self._engine_defs: dict[str, Schema] = {}
        self._generator: Generator | None = None
        self._known = 0

    def value(self, node: Node, source: ChoiceSource, also: dict[str, Any] | None = None) -> Any:
        """A value that meets the schema at `node`, and `also`. Raises Unsatisfiable where none is found."""
        entry = self._entry(node)
        return self._current().value(Joined(allOf=[entry, also]) if also else entry, source)

    def example(self, node: Node, seed: int = 0) -> Any:
        """A value for people to read, one for each seed. Raises Unsatisfiable where none is found."""
        entry = self._entry(node)
        return self._current().example(entry, seed)

    def mutations(self, node: Node, source: ChoiceSource, value: Any) -> Iterator[Mutation]:
        """Every way found to break one thing of `value`, which meets the schema at `node`."""
        return mutations(self._entry(node), self._current(), source, value)

    def breaks(self, node: Node, source: ChoiceSource, value: Any) -> Iterator[Iterator[Mutation]]:
        """As `mutations`, an iterator for each part of `value` and of what it leaves out; not judged."""
        entry, generator = self._entry(node), self._current()
        found = grown_places(entry, generator, source, value)
        return (broken_at(place, generator, source) for place in found)

    def variations(self, node: Node, source: ChoiceSource, value: Any) -> Iterator[Iterator[Variation]]:
        """Values that are likely to meet the schema at `node`, each `value` with one part varied; an iterator
        for each part of it and of what it leaves out."""
        return variations(self._entry(node), self._current(), source, value)

    def fullest(self, node: Node, source: ChoiceSource, value: Any) -> Any:
        """`value`, which meets the schema at `node`, with everything that it leaves out."""
        return fullest_value(self._entry(node), self._current(), source, value)

    def smallest(self, node: Node, value: Any) -> Any:
        """`value`, which meets the schema at `node`, without everything that is optional."""
        return smallest_value(self._entry(node), self._current(), value)

    def meets(self, node: Node, value: Any) -> bool:
        """Whether `value` meets the schema at `node`."""
        return self.is_valid(self._entry(node), value)

    def is_valid(self, schema: Schema, value: Any) -> bool:
        """Whether `value` meets `schema`, which is one of `defs` or a part of one."""
        key = self._whole.get(id(schema))
        if key is not None:
            place = self.translator.places[key]
            return self._checkers.checker(place, self.direction).is_valid(value)
        if isinstance(schema, bool):
            return schema
        if id(schema) not in self._parts:
            self._parts[id(schema)] = (schema, self._compiled(schema))
        return self._parts[id(schema)][1].is_valid(value)

    def _entry(self, node: Node) -> dict[str, Any]:
        place = (node.uri, node.pointer)
        if place not in self._entries:
            key = self.translator.entry(node)
            self._entries[place] = {"$ref": f"#/$defs/{key}"}
            self._whole[id(self._entries[place])] = key
        return self._entries[place]

    def _current(self) -> Generator:
        """The generator; a new one where schemas have been added since."""
        if self._generator is None or self._known != len(self.translator.defs):
            self._known = len(self.translator.defs)
            self._generator = Generator(self.translator.defs, self.is_valid)
        return self._generator

    def _compiled(self, schema: Schema) -> Compiled:
        known = self.translator.places  # what looks like a reference may be data
        used = [ref for ref in _references(schema) if ref in known]
        keys = {key for ref in used for key in self.translator.closure(ref)}
        for key in keys - self._engine_defs.keys():
            self._engine_defs[key] = self._for_engine(self.translator.defs[key])
        defs = {key: self._engine_defs[key] for key in sorted(keys)}
        return self._checkers.compile({"$id": ROOT, **self._for_engine(schema), "$defs": defs})

    def _for_engine(self, schema: Schema) -> Any:
        """`schema` with its patterns as the checkers' engine reads them."""
        if not isinstance(schema, dict):
            return schema
        result: dict[str, Any] = {}
        for keyword, argument in schema.items():
            if keyword == "pattern":
                pattern = self._pattern(argument)
                result.update({} if pattern is None else {"pattern": pattern})
            elif keyword in SCHEMAS:
                result[keyword] = self._for_engine(argument)
            elif keyword in LISTS:
                result[keyword] = [self._for_engine(member) for member in argument]
            elif keyword in MAPS:
                result[keyword] = self._map(keyword, argument)
            else:
                result[keyword] = argument
        return result

    def _map(self, keyword: str, schemas: dict[str, Schema]) -> dict[str, Any]:
        named = {name: self._for_engine(schema) for name, schema in schemas.items()}
        if keyword != "patternProperties":
            return named
        patterns = ((self._pattern(name), schema) for name, schema in named.items())
        return {pattern: schema for pattern, schema in patterns if pattern is not None}

    def _pattern(self, pattern: str) -> str | None:
        try:
            return str(getattr(translate(pattern), self._checkers.backend))
        except PatternError:
            return None


def _references(schema: Any) -> Iterator[str]:
    """The keys of `defs` that `schema` refers to."""
    if isinstance(schema, dict):
        match = _REF.search(schema["$ref"]) if isinstance(schema.get("$ref"), str) else None
        if match:
            yield match[1]
        for member in schema.values():
            yield from _references(member)
    elif isinstance(schema, list):
        for member in schema:
            yield from _references(member)
