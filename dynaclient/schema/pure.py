"""The pure-Python backend: jsonschema, brought in line with the compiled one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from dynaclient.decimals import is_decimal, written
from dynaclient.errors import DocumentError, Finding
from dynaclient.patterns.bounded import found
from dynaclient.schema import numbers
from dynaclient.schema.formats import FORMATS
from dynaclient.schema.problem import LATER, Problems, reached
from dynaclient.schema.unchecked import UNCHECKED, meets
from dynaclient.schema.walk import Check, Schemas, Walk


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
    return [_as_written(item) for item in value] if isinstance(value, list) else written(value)


def _multiple_of(validator: Any, divisor: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # binary floats would make 0.07 no multiple of 0.01; what was written counts
    if validator.is_type(value, "number") and Fraction(str(value)) % Fraction(str(divisor)):
        yield ValidationError(f"{value!r} is not a multiple of {divisor}")


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not found(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, members: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for pattern, member in members.items():
            for name in value:
                if found(pattern, name):
                    yield from validator.descend(value[name], member, path=name, schema_path=pattern)


def _later(validator: Any, key: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    reached.keys.add(key)
    return iter(())


_COMPARING = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("enum", "const", "uniqueItems"),
)


def _unchecked(validator: Any, places: dict[str, str], value: Any, schema: Any) -> Iterator[ValidationError]:
    if not meets(places, value):
        yield ValidationError(UNCHECKED)


_KEYWORDS = {
    LATER: _later,
    UNCHECKED: _unchecked,
    **{keyword: _with_digits(keyword) for keyword in _COMPARING},
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
}
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer})
_extend: Any = jsonschema.validators.extend
_Validator = _extend(Draft202012Validator, _KEYWORDS, type_checker=_TYPES)
_descend = _Validator.descend


class _Followed(threading.local):
    """The references that are being followed: what each leads to, and the value."""

    def __init__(self) -> None:
        self.steps: set[tuple[int, int]] = set()


_followed = _Followed()


def _descend_in_line(
    validator: Any,
    instance: Any,
    schema: Any,
    path: Any = None,
    schema_path: Any = None,
    resolver: Any = None,
) -> Iterator[ValidationError]:
    """As jsonschema does, but with an end.

    A reference back to a schema that is being asked about the same value asks for nothing new.
    """
    step = (id(schema), id(instance))
    if resolver is not None and step in _followed.steps:
        return
    try:
        if resolver is not None:
            _followed.steps.add(step)
        yield from _descend(validator, instance, schema, path, schema_path, resolver)
    finally:
        if resolver is not None:
            _followed.steps.discard(step)


_Validator.descend = _descend_in_line


def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checkers = {name: (check, ()) for name, check in FORMATS.items()}
    return checker


@contextmanager
def _failures() -> Iterator[None]:
    """RecursionError, as it is, and where it struck inside a library of jsonschema that panics over it.

    A reference is followed when a value meets it: DocumentError where it leads nowhere.
    """
    try:
        yield
    except Unresolvable as error:
        message = f"a schema cannot be used: the reference {error.ref!r} leads nowhere"
        raise DocumentError(message, [Finding("", "error", message)]) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise RecursionError from None
        raise


class PurePythonSchema:
    """A schema held by jsonschema. With the registry given, nothing is read from files or the network."""

    def __init__(self, schema: dict[str, Any], with_metaschemas: bool = False) -> None:
        self._schema = schema
        self._validator: Any = _Validator(
            numbers.as_written(schema), format_checker=_format_checker(), registry=REGISTRY
        )

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema."""
        try:
            with _failures():
                written = numbers.as_written(value)
                return next(iter(self._validator.iter_errors(written)), None) is None
        except RecursionError:  # jsonschema takes ten frames for a level, the walk none
            found = self.problems(value)
            if found.stopped:
                raise
            return not found.told

    def problems(self, value: Any) -> Problems:
        """What `value` breaks."""
        with _failures():
            return Walk(self._schemas).problems(value)

    @cached_property
    def _schemas(self) -> Schemas:
        return Schemas(self._schema, self._leaf)

    def _leaf(self, keyword: str, argument: Any) -> Check:
        schema = {keyword: argument}
        check: Check = self._validator.evolve(schema=numbers.as_written(schema)).is_valid
        return (lambda value: check(numbers.as_written(value))) if numbers.matter(schema) else check
