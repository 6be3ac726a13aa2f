"""The pure-Python backend: jsonschema, brought in line with the compiled one."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import isfinite
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from dynaclient.document.document import tokens
from dynaclient.errors import DocumentError, Finding
from dynaclient.patterns.bounded import found
from dynaclient.schema.formats import FORMATS
from dynaclient.schema.problem import LATER, Problem, reached


def _is_number(checker: Any, value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_integer(checker: Any, value: Any) -> bool:
    return _is_number(checker, value) and (isinstance(value, int) or value.is_integer())


def _multiple_of(validator: Any, divisor: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # binary floats would make 0.07 no multiple of 0.01; what was written counts
    if validator.is_type(value, "number") and Fraction(str(value)) % Fraction(str(divisor)):
        yield ValidationError(f"{value!r} is not a multiple of {divisor}")


def _items(validator: Any, items: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # jsonschema counts what `false` leaves over; here each item has its place
    if validator.is_type(value, "array"):
        for index in range(len(schema.get("prefixItems", ())), len(value)):
            yield from validator.descend(value[index], items, path=index)


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not found(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, members: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for pattern, member in members.items():
            for name in value:
                if found(pattern, name):
                    yield from validator.descend(value[name], member, path=name, schema_path=pattern)


def _additional(validator: Any, extra: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if extra is not False:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, extra, value, schema)
    elif validator.is_type(value, "object"):
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        names = [
            name
            for name in value
            if name not in known and not any(found(pattern, name) for pattern in patterns)
        ]
        if names:
            yield _Unexpected(f"{names} are not allowed", names)


def _unevaluated(validator: Any, extra: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for error in Draft202012Validator.VALIDATORS["unevaluatedProperties"](validator, extra, value, schema):
        listed = _LISTED.search(error.message)
        yield _Unexpected(error.message, ast.literal_eval(f"[{listed[1]}]") if listed else [])


def _names(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for error in Draft202012Validator.VALIDATORS["propertyNames"](validator, names, value, schema):
        error.of_name = True
        yield error


def _one_of(validator: Any, members: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for error in Draft202012Validator.VALIDATORS["oneOf"](validator, members, value, schema):
        if not error.context:  # several members are met: say by the rest which
            error.context = [
                wrong
                for index, member in enumerate(members)
                for wrong in validator.descend(value, member, schema_path=index)
            ]
        yield error


class _Unexpected(ValidationError):
    """Properties that are too many, with their names."""

    def __init__(self, message: str, names: list[str]) -> None:
        super().__init__(message)
        self.names = tuple(names)


_LISTED = re.compile(r"\((.*) (?:was|were) une")
"""How jsonschema lists what is too many: as Python writes it."""


class _Hop(str):
    """A step of a schema path: through a reference."""


def _through(keyword: str) -> Any:
    check: Any = Draft202012Validator.VALIDATORS[keyword]

    def follow(validator: Any, ref: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        for error in check(validator, ref, value, schema):
            error.schema_path.appendleft(_Hop(ref))
            yield error

    return follow


def _later(validator: Any, key: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    reached.keys.add(key)
    return iter(())


_KEYWORDS = {
    LATER: _later,
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "items": _items,
    "additionalProperties": _additional,
    "unevaluatedProperties": _unevaluated,
    "propertyNames": _names,
    "oneOf": _one_of,
    "$ref": _through("$ref"),
    "$dynamicRef": _through("$dynamicRef"),
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
    """As jsonschema does, but with the place of a value that meets the schema `false`, and with an end.

    A reference back to a schema that is being asked about the same value asks for nothing new.
    """
    step = (id(schema), id(instance))
    if resolver is not None and step in _followed.steps:
        return
    try:
        if resolver is not None:
            _followed.steps.add(step)
        for error in _descend(validator, instance, schema, path, schema_path, resolver):
            if schema is False:
                error.path.extendleft(() if path is None else (path,))
                error.schema_path.extendleft(() if schema_path is None else (schema_path,))
            yield error
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
        self._validator: Any = _Validator(schema, format_checker=_format_checker(), registry=REGISTRY)

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema."""
        with _failures():
            return next(iter(self._validator.iter_errors(value)), None) is None

    def problems(self, value: Any) -> list[Problem]:
        """Everything that `value` breaks."""
        with _failures():
            return [self._problem(error, ()) for error in self._validator.iter_errors(value)]

    def _problem(self, error: ValidationError, above: tuple[Any, ...]) -> Problem:
        path = above + tuple(error.relative_path)
        return Problem(
            str(error.validator) if error.validator is not None else "falseSchema",
            path,
            self._place(error),
            error.instance,
            error.message,
            self._branches(error, path),
            getattr(error, "names", ()),
            getattr(error, "of_name", False),
        )

    def _branches(self, error: ValidationError, path: tuple[Any, ...]) -> tuple[tuple[Problem, ...], ...]:
        if error.validator not in ("anyOf", "oneOf"):
            return ()
        branches: list[list[Problem]] = [[] for _ in error.validator_value]  # type: ignore[union-attr]
        for inner in error.context or ():
            branches[int(inner.schema_path[0])].append(self._problem(inner, path))
        return tuple(map(tuple, branches))

    def _place(self, error: ValidationError) -> tuple[Any, ...]:
        """The schema path without steps through references, as the compiled backend gives it."""
        place: list[Any] = []
        for step in error.absolute_schema_path:
            if not isinstance(step, _Hop):
                place.append(step)
            elif "#/$defs/" in step:
                place = tokens(step.partition("#")[2])
            else:
                return ()
        if error.validator in ("minContains", "maxContains"):
            place[-1] = error.validator  # jsonschema names `contains`, beside which they stand
        return tuple(place)
