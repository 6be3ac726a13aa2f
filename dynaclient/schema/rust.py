"""The compiled backend: jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import jsonschema_rs

from dynaclient.schema.formats import SHAPES, functions
from dynaclient.schema.problem import LATER, Problem, reached

_PATTERNS = jsonschema_rs.FancyRegexOptions(size_limit=50 * 1024 * 1024)


class _Later:
    def __init__(self, schema: Any, key: str, path: Any) -> None:
        self._key = key

    def validate(self, value: Any) -> None:
        reached.keys.add(self._key)


@lru_cache(maxsize=1)
def _metaschemas() -> jsonschema_rs.Registry:
    """What jsonschema-rs knows of itself, but gives to nobody who compiles a schema of another draft."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    return jsonschema_rs.Registry([(uri, REGISTRY[uri].contents) for uri in REGISTRY])


class RustSchema:
    """A schema compiled by jsonschema-rs. `with_metaschemas`: it may refer to those of JSON Schema."""

    def __init__(self, schema: dict[str, Any], with_metaschemas: bool = False) -> None:
        self._schema = schema
        self._validator = jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            formats=functions(),
            pattern_options=_PATTERNS,
            keywords={LATER: _Later},
            registry=_metaschemas() if with_metaschemas else None,
            offline=True,
        )
        self.is_valid = self._validator.is_valid

    def problems(self, value: Any) -> list[Problem]:
        """Everything that `value` breaks."""
        return [self._problem(error, value) for error in self._validator.iter_errors(value)]

    def _problem(self, error: jsonschema_rs.ValidationError, whole: Any, of_name: bool = False) -> Problem:
        kind: Any = error.kind
        if kind.name == "propertyNames":
            return self._problem(kind.error, whole, of_name=True)
        path, value = _found(whole, error)
        if of_name:  # the path is that of the object
            value = error.instance
        schema_path = self._schema_path(error)
        if kind.name == "pattern" and self._is_of_format(schema_path, kind.pattern):
            place = (*schema_path[:-3], "format")
            return Problem("format", path, place, value, error.message, of_name=of_name)
        context: Sequence[Iterable[jsonschema_rs.ValidationError]] = getattr(kind, "context", ())
        return Problem(
            str(schema_path[-1]) if kind.name in _KINDS_OF_SEVERAL else kind.name,
            path,
            schema_path,
            value,
            error.message,
            tuple(tuple(self._problem(inner, whole, of_name) for inner in branch) for branch in context),
            tuple(getattr(kind, "unexpected", ())),
            of_name,
        )

    def _schema_path(self, error: jsonschema_rs.ValidationError) -> tuple[str | int, ...]:
        ways = _ways(self._schema, error.schema_path)
        is_false = error.kind.name == "falseSchema"
        return next((path for path, here in ways if (here is False) == is_false), ways[0][0])

    def _is_of_format(self, schema_path: tuple[str | int, ...], pattern: str) -> bool:
        """Whether a pattern was laid beside a format, as `{"allOf": [..., {"pattern": ...}]}`; documents
        have the same patterns of their own."""
        _, beside = _ways(self._schema, schema_path[:-3])[0]
        laid = schema_path[-3:-2] == ("allOf",) and isinstance(beside, dict)
        return laid and SHAPES.get(beside.get("format", "")) == pattern


_KINDS_OF_SEVERAL = ("contains", "required")
"""Kinds that stand for several keywords; the schema path tells which."""


def _found(whole: Any, error: jsonschema_rs.ValidationError) -> _Way:
    """Where in `whole` the value stands that an error is about."""
    ways = _ways(whole, error.instance_path)
    of_members = error.kind.name == "falseSchema" and error.schema_path[-1:] == ["additionalProperties"]
    if len(ways) == 1 or of_members:  # whose path is that of the object, whatever is shown of it
        return ways[0]
    return next((way for way in ways if way[1] == error.instance), ways[0])


_Way = tuple[tuple[str | int, ...], Any]


def _ways(whole: Any, path: Sequence[str | int]) -> list[_Way]:
    """`path` with the keys of objects as text, which come as numbers where they look so; and what is there.

    The value in an error is a copy whose keys stand in another order. Empty names are left out of paths
    (jsonschema-rs 0.60): where one may have stood, there are several ways.
    """
    ways: list[_Way] = [*_with_empty((), whole)]
    for step in path:
        ways = [way for steps, here in ways for way in _stepped(steps, here, step)]
    return ways or [(tuple(path), None)]  # inside a resource with an id of its own


def _stepped(steps: tuple[str | int, ...], here: Any, step: str | int) -> Iterator[_Way]:
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        yield from _with_empty((*steps, step), here[step])
    elif isinstance(here, dict) and str(step) in here:
        yield from _with_empty((*steps, str(step)), here[str(step)])


def _with_empty(steps: tuple[str | int, ...], here: Any) -> Iterator[_Way]:
    yield steps, here
    while isinstance(here, dict) and "" in here:
        steps, here = (*steps, ""), here[""]
        yield steps, here
