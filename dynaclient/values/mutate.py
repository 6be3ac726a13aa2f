"""Values with exactly one thing broken: what a server, or a checker, has to refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dynaclient.patterns.patterns import matches
from dynaclient.values.breaking import BREAKERS, WRONG, Context, nothing
from dynaclient.values.generate import Generator, IsValid
from dynaclient.values.kinds import is_of
from dynaclient.values.merge import COUNTS, Schema, both, canonical, element
from dynaclient.values.source import Source


@dataclass(frozen=True)
class Mutation:
    """A broken copy of a value: at `pointer` (RFC 6901) into it, the rule of `keyword` does not hold."""

    pointer: str
    keyword: str
    value: Any


def mutations(
    schema: Schema, defs: Mapping[str, Schema], source: Source, value: Any, is_valid: IsValid
) -> Iterator[Mutation]:
    """Every way found to break one thing of `value`, which meets `schema`; always in the same order.

    Only those that `is_valid(schema, mutated)` refuses: what another branch allows is not broken.
    """
    seen = set()
    for mutation in broken(schema, Generator(defs, is_valid), source, value):
        mark = (mutation.pointer, mutation.keyword, canonical(mutation.value))
        if mark not in seen and not is_valid(schema, mutation.value):
            seen.add(mark)
            yield mutation


def broken(schema: Schema, generator: Generator, source: Source, value: Any) -> Iterator[Mutation]:
    """Copies of `value` with one rule of `schema` broken, as far as that rule goes."""
    parts = list(_parts(schema, generator, value, set()))
    for part in parts:
        for keyword, written in part.items():
            argument = int(written) if keyword in COUNTS else written
            for copy in BREAKERS.get(keyword, nothing)(argument, value, Context(part, generator, source)):
                yield Mutation("", keyword, copy)
    for token, below in _children(parts, value):
        escaped = str(token).replace("~", "~0").replace("/", "~1")
        for inner in broken(below, generator, source, value[token]):
            yield Mutation(f"/{escaped}{inner.pointer}", inner.keyword, _with(value, token, inner.value))


def grown(schema: Schema, generator: Generator, value: Any) -> Iterator[Any]:
    """Copies of `value` with a property that `schema` knows, and `value` does not have, of a wrong type."""
    if isinstance(value, dict):
        for part in _parts(schema, generator, value, set()):
            for name in part.get("properties", ()):
                yield from ({**value, name: wrong} for wrong in WRONG if name not in value)


def _parts(schema: Schema, generator: Generator, value: Any, seen: set[str]) -> Iterator[dict[str, Any]]:
    """The schemas that hold for `value` itself."""
    if not isinstance(schema, dict):
        return
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema:
            name, target = generator.definitions.target(schema, keyword)
            if name not in seen:
                yield from _parts(target, generator, value, seen | {name})
    yield schema
    for member in [*schema.get("allOf", ()), *_met(schema, generator, value)]:
        yield from _parts(member, generator, value, seen)


def _met(schema: dict[str, Any], generator: Generator, value: Any) -> Iterator[Schema]:
    """The branches that `value` meets."""
    for keyword in ("anyOf", "oneOf"):
        likely = [branch for branch in schema.get(keyword, ()) if _plausible(branch, value)]
        for branch in likely:
            if len(likely) == 1 or generator.valid(branch, value):
                yield branch
    if "if" in schema:
        yield schema.get("then" if generator.valid(schema["if"], value) else "else", True)
    if isinstance(value, dict):
        yield from (each for name, each in schema.get("dependentSchemas", {}).items() if name in value)


def _plausible(branch: Schema, value: Any) -> bool:
    types = branch.get("type") if isinstance(branch, dict) else None
    return branch is not False and (
        types is None or is_of(value, [types] if isinstance(types, str) else types)
    )


def _children(parts: Sequence[dict[str, Any]], value: Any) -> Iterator[tuple[Any, Schema]]:
    if isinstance(value, dict):
        for name in value:
            yield name, _all(_member(part, name) for part in parts)
    elif isinstance(value, list):
        for index in range(min(2, len(value))):
            yield index, _all(element(part, index) for part in parts)


def _all(schemas: Iterable[Schema]) -> Schema:
    joined: Schema = True
    for schema in schemas:
        joined = both(joined, schema)
    return joined


def _member(part: dict[str, Any], name: str) -> Schema:
    found = [part["properties"][name]] if name in part.get("properties", ()) else []
    found += [each for pattern, each in part.get("patternProperties", {}).items() if matches(pattern, name)]
    return _all(found) if found else part.get("additionalProperties", True)


def _with(value: Any, token: Any, new: Any) -> Any:
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[token] = new
    return copy
