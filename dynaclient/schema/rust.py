"""The compiled backend: jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import jsonschema_rs

from dynaclient.records import replace
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

    def _problem(self, error: jsonschema_rs.ValidationError, whole: Any) -> Problem:
        kind: Any = error.kind
        path, value = _walk(whole, error.instance_path)
        if kind.name == "propertyNames":
            return replace(self._problem(kind.error, whole), value=kind.error.instance, of_name=True)
        schema_path, _ = _walk(self._schema, error.schema_path)
        if kind.name == "pattern" and self._is_of_format(schema_path, kind.pattern):
            return Problem("format", path, (*schema_path[:-3], "format"), value, error.message)
        context: Sequence[Iterable[jsonschema_rs.ValidationError]] = getattr(kind, "context", ())
        return Problem(
            str(schema_path[-1]) if kind.name in _KINDS_OF_SEVERAL else kind.name,
            path,
            schema_path,
            value,
            error.message,
            tuple(tuple(self._problem(inner, whole) for inner in branch) for branch in context),
            tuple(getattr(kind, "unexpected", ())),
        )

    def _is_of_format(self, schema_path: tuple[str | int, ...], pattern: str) -> bool:
        """Whether a pattern was laid beside a format, as `{"allOf": [..., {"pattern": ...}]}`; documents
        have the same patterns of their own."""
        _, beside = _walk(self._schema, schema_path[:-3])
        laid = schema_path[-3:-2] == ("allOf",) and isinstance(beside, dict)
        return laid and SHAPES.get(beside.get("format", "")) == pattern


_KINDS_OF_SEVERAL = ("contains", "required")
"""Kinds that stand for several keywords; the schema path tells which."""


def _walk(whole: Any, path: Iterable[str | int]) -> tuple[tuple[str | int, ...], Any]:
    """`path` with the keys of objects as text, which come as numbers where they look so; and what is there.

    The value in an error is a copy whose keys stand in another order.
    """
    steps: list[str | int] = []
    for step in path:
        steps.append(str(step) if isinstance(whole, dict) else step)
        try:
            whole = whole[steps[-1]]
        except (KeyError, IndexError, TypeError):  # inside a resource with an id of its own
            whole = None
    return tuple(steps), whole
