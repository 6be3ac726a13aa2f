"""The pure-Python backend: jsonschema, brought in line with the compiled one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from dynaclient._support.decimals import exact_decimal, is_decimal
from dynaclient.ecma_regex.matcher import found
from dynaclient.schema import numbers
from dynaclient.schema.backend import Problems
from dynaclient.schema.formats import FORMATS
from dynaclient.schema.walk import Check, CompiledSchemas, Walk


def _is_number(checker: Any, value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return (isinstance(value, int) and not isinstance(value, bool)) or is_decimal(value)


def _is_integer(checker: Any, value: Any) -> bool:
    if is_decimal(value):
        return bool(value == value.to_integral_value())
    return _is_number(checker, value) and (isinstance(value, int) or value.is_integer())


def _with_digits(keyword: str) -> Any:
    """The check of `keyword`, which compares a Decimal with numbers as they are written: 0.1 is 0.1."""
    check: Any = Draft202012Validator.VALIDATORS[keyword]

    def run(validator: Any, argument: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if is_decimal(value) or isinstance(value, (dict, list)):
            argument, value = _as_written(argument), _as_written(value)
        yield from check(validator, argument, value, schema) or ()

    return run


def _as_written(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_written(item) for name, item in value.items()}
    return [_as_written(item) for item in value] if isinstance(value, list) else exact_decimal(value)


def _multiple_of(validator: Any, divisor: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # binary floats would make 0.07 no multiple of 0.01; what was written counts
    if validator.is_type(value, "number") and Fraction(str(value)) % Fraction(str(divisor)):
        yield ValidationError(f"{value!r} is not a multiple of {divisor}")


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not found(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_COMPARING = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("enum", "const", "uniqueItems"),
)
_KEYWORDS = {
    **{keyword: _with_digits(keyword) for keyword in _COMPARING},
    "multipleOf": _multiple_of,
    "pattern": _pattern,
}
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer})
_extend: Any = jsonschema.validators.extend
_Validator = _extend(Draft202012Validator, _KEYWORDS, type_checker=_TYPES)


def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checkers = {name: (check, ()) for name, check in FORMATS.items()}
    return checker


class PurePythonSchema:
    """A schema of which `walk` takes care, and jsonschema of single keywords."""

    def __init__(self, schema: dict[str, Any], with_metaschemas: bool = False) -> None:
        self._schema = schema
        self._validator: Any = _Validator({}, format_checker=_format_checker())

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema."""
        return Walk(self._schemas).holds(value)

    def problems(self, value: Any) -> Problems:
        """What `value` breaks."""
        return Walk(self._schemas).problems(value)

    @cached_property
    def _schemas(self) -> CompiledSchemas:
        return CompiledSchemas(self._schema, self._leaf)

    def _leaf(self, keyword: str, argument: Any) -> Check:
        schema = {keyword: argument}
        written, depends = numbers.schema_as_written(schema)
        check: Check = self._validator.evolve(schema=written).is_valid
        return (lambda value: check(numbers.as_written(value))) if depends else check
