"""The compiled backend: jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def _problem(error: jsonschema_rs.ValidationError) -> Problem:
    context: Sequence[Iterable[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", ())
    return Problem(
        error.kind.name,
        tuple(error.instance_path),
        tuple(error.schema_path),
        error.instance,
        error.message,
        tuple(tuple(_problem(inner) for inner in branch) for branch in context),
    )
