"""The compiled backend: jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import jsonschema_rs

from dynaclient.schema.formats import functions
from dynaclient.schema.problem import Problem

_PATTERNS = jsonschema_rs.FancyRegexOptions(size_limit=50 * 1024 * 1024)


class RustSchema:
    """A schema compiled by jsonschema-rs."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            formats=functions(),
            pattern_options=_PATTERNS,
            offline=True,
        )
        self.is_valid = self._validator.is_valid

    def problems(self, value: Any) -> list[Problem]:
        """Everything that `value` breaks."""
        return [_problem(error) for error in self._validator.iter_errors(value)]


_KINDS_OF_SEVERAL = ("contains", "required")
"""Kinds that stand for several keywords; the schema path tells which."""


def _problem(error: jsonschema_rs.ValidationError) -> Problem:
    kind: Any = error.kind
    if kind.name == "propertyNames":
        of_name = _problem(kind.error)
        return replace(of_name, path=tuple(error.instance_path), of_name=True)
    context: Sequence[Iterable[jsonschema_rs.ValidationError]] = getattr(kind, "context", ())
    path = tuple(error.schema_path)
    return Problem(
        str(path[-1]) if kind.name in _KINDS_OF_SEVERAL else kind.name,
        tuple(error.instance_path),
        path,
        error.instance,
        error.message,
        tuple(tuple(_problem(inner) for inner in branch) for branch in context),
        tuple(getattr(kind, "unexpected", ())),
    )
