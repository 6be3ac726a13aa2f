"""One flat schema out of a schema with references and combinators, by choosing among their branches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any

from dynaclient.document.document import tokens
from dynaclient.values.heights import Heights, key_of
from dynaclient.values.merge import Hint, Schema, Unsatisfiable, merge
from dynaclient.values.source import Source

_STRUCTURE = (
    "$ref",
    "$dynamicRef",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "not",
    "dependentSchemas",
)
_OURS = ("avoid", "patterns", "prefer")
"""Words of flat schemas; in a document they mean nothing."""
_EMPTY_OBJECT = {"type": "object", "maxProperties": 0}


class Definitions:
    """The schemas that `$ref` and `$dynamicRef` lead to."""

    def __init__(self, defs: Mapping[str, Schema]) -> None:
        self._defs = defs
        self.heights = Heights(defs)

    def target(self, schema: dict[str, Any], keyword: str) -> tuple[str, Schema]:
        """A name for what the reference leads to, and the schema. Raises Unsatisfiable where it is lost."""
        ref = schema[keyword]
        inside = self._inside(str(ref)) if keyword == "$ref" else None
        if inside is not None:
            return str(ref), inside
        key = key_of(ref) if keyword == "$ref" else self._anchors.get(str(ref).rpartition("#")[2])
        if key is not None and key in self._defs:
            return key, self._defs[key]
        if str(ref).startswith("#"):
            raise Unsatisfiable(f"the reference {ref} leads nowhere")
        return str(ref), _EMPTY_OBJECT  # a meta-schema: the empty schema meets it

    def _inside(self, ref: str) -> Schema | None:
        """What `ref` names in a resource with an `$id` of its own; None where there is no such resource."""
        uri, _, pointer = ref.partition("#")
        here = self._resources.get(uri) if uri else None
        for token in tokens(pointer):
            here = here[int(token)] if isinstance(here, list) else (here or {}).get(token)
        return here

    @cached_property
    def _resources(self) -> dict[str, Any]:
        return {each["$id"]: each for each in self._defs.values() if isinstance(each, dict) and "$id" in each}

    @cached_property
    def _anchors(self) -> dict[str, str]:
        named = [
            (each.get("$dynamicAnchor"), key) for key, each in self._defs.items() if isinstance(each, dict)
        ]
        return {anchor: key for anchor, key in reversed(named) if anchor}


@dataclass(frozen=True)
class _Option:
    """One way to meet a combinator: all of `schemas`, and the flat `parts`."""

    schemas: list[Schema]
    parts: list[dict[str, Any]]


@dataclass
class Flattening:
    """The walk through one schema and everything that holds for the same value.

    What holds anyway comes first, then one option is chosen for each combinator, such that it goes together
    with all before it. `turn` moves the choices on, so that another attempt takes another way. With `small`
    the options that need the least nesting are taken.
    """

    definitions: Definitions
    source: Source
    turn: int
    small: bool
    _seen: set[str] = field(default_factory=set)
    _open: list[list[_Option]] = field(default_factory=list)
    _choices: int = 0

    def flat(self, schema: Schema) -> dict[str, Any]:
        """The merged schema; under `avoid` it holds the schemas that the value must not meet."""
        result = merge(self._fixed(schema))
        while self._open:
            result = self._choose(result, self._open.pop(0))
        return result

    def _fixed(self, schema: Schema) -> Iterator[dict[str, Any]]:
        """What holds whatever is chosen; the choices to be made are left in `_open`."""
        if schema is False:
            raise Unsatisfiable("the schema is false")
        if not isinstance(schema, dict):
            return
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                yield from self._target(schema, keyword)
        for member in schema.get("allOf", ()):
            yield from self._fixed(member)
        ours = () if isinstance(schema, Hint) else _OURS
        yield {key: value for key, value in schema.items() if key not in _STRUCTURE and key not in ours}
        if "not" in schema:
            yield {"avoid": [schema["not"]]}
        self._open += _choices(schema)

    def _target(self, schema: dict[str, Any], keyword: str) -> Iterator[dict[str, Any]]:
        name, target = self.definitions.target(schema, keyword)
        if name not in self._seen:  # what holds already need not hold twice
            self._seen.add(name)
            yield from self._fixed(target)

    def _choose(self, result: dict[str, Any], options: list[_Option]) -> dict[str, Any]:
        seen, left = set(self._seen), list(self._open)
        for option in self._order(options):
            try:
                parts = [part for schema in option.schemas for part in self._fixed(schema)]
                return _possible(merge([*parts, *option.parts], result))
            except Unsatisfiable:
                self._seen, self._open = set(seen), list(left)
        raise Unsatisfiable("no branch goes together with the rest of the schema")

    def _order(self, options: list[_Option]) -> list[_Option]:
        """The options, the one to try first at the front."""
        shift = self.turn >> self._choices  # the first choices turn fast, later ones slowly
        self._choices += 1
        if self.small and len(options) > 1:
            heights = {id(option): self._height(option.schemas) for option in options}
            options = sorted(
                (each for each in options if heights[id(each)] < inf), key=lambda each: heights[id(each)]
            )
        elif len(options) > 1:
            shift += self.source.integer(0, len(options) - 1)
        return [options[(shift + step) % len(options)] for step in range(len(options))]

    def _height(self, schemas: Iterable[Schema]) -> float:
        return max(map(self.definitions.heights.height, schemas), default=0)


def _possible(flat: dict[str, Any]) -> dict[str, Any]:
    for name in flat.get("required", ()):
        if flat.get("properties", {}).get(name) is False:
            raise Unsatisfiable(f"{name!r} is required and forbidden")
    return flat


def _choices(schema: dict[str, Any]) -> Iterator[list[_Option]]:
    """The options of each combinator of a schema."""
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            yield list(_branches(schema, keyword))
    if "if" in schema and ("then" in schema or "else" in schema):
        condition = schema["if"]
        met = _Option([condition, schema.get("then", True)], [])
        yield [met, _Option([schema.get("else", True)], [{"avoid": [condition]}])]
    for name, dependent in schema.get("dependentSchemas", {}).items():
        yield [_Option([], [{"properties": {name: False}}]), _Option([dependent], [])]


def _branches(schema: dict[str, Any], keyword: str) -> Iterator[_Option]:
    branches = schema[keyword]
    for index, branch in enumerate(branches):
        others = branches[:index] + branches[index + 1 :]
        avoid = [{"avoid": others}] if keyword == "oneOf" and others else []
        yield _Option([branch], [*avoid, *_discriminated(schema, branch)])


def _discriminated(schema: dict[str, Any], branch: Schema) -> Iterator[dict[str, Any]]:
    """The value that the OpenAPI discriminator (4.8.25) has for a branch, unless the branch forbids it."""
    discriminator = schema.get("discriminator")
    key = key_of(branch.get("$ref")) if isinstance(branch, dict) else None
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if not isinstance(discriminator, dict) or key is None or not isinstance(name, str):
        return
    mapping = discriminator.get("mapping") or {}
    values = [value for value, target in mapping.items() if str(target).rpartition("/")[2] == key]
    values = values or [(discriminator.get("names") or {}).get(branch["$ref"]) or key]
    yield {"properties": {name: Hint(prefer=values[0])}, "required": [name]}
