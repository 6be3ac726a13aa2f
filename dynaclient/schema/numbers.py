"""Numbers as both backends have to read them: as they are written, in decimal.

A float from 2**53 on is a whole number, and stands for many: `1e23` is 99999999999999991611392 to the
machine. What counts is the text, 10**23. jsonschema compares the machine's number, jsonschema-rs did as we do
up to 0.60 and as jsonschema since 0.61. So such floats become the integers that their text names, in schemas
and in values, before a backend sees them: integers are read in one way by all. Smaller floats are, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from dynaclient._support.decimals import exact_decimal

LARGE = 2**53
"""From here on a float may be another number than its text says."""

_MOST = int(sys.float_info.max)

UNWRITTEN = "noLargeFloat"
"""An own keyword, met by all but large floats."""

_INT64 = -(2**63)
GUARD = {"if": {"exclusiveMaximum": _INT64 + 1}, "then": {UNWRITTEN: True}}
"""Beside the bound of int64, where the backend may read floats as the machine has them: its least number is a
float too, written -9.223372036854776e+18. In most documents nothing else depends on the reading."""

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const")
_COUNTS = "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains".split()
_NUMERIC = frozenset((*_BOUNDS, *_COUNTS, "multipleOf", "uniqueItems"))


def is_large(value: Any) -> bool:
    """Whether `value` is a float of which machine and text may say different things. Infinity has no text."""
    return isinstance(value, float) and LARGE <= abs(value) < float("inf")


def as_written(value: Any) -> Any:
    """`value`, JSON, with the integers that the texts of its large floats name; a copy where it has any."""
    return _copied(value) if any(map(is_large, _leaves(value))) else value


def schema_as_written(schema: Any) -> tuple[Any, bool]:
    """`schema` as `as_written` gives it, and whether verdicts by it depend on how large floats are read.

    Those of most do not: most name types and small bounds.
    """
    about = [each for each in _containers(schema) if isinstance(each, dict) and not _NUMERIC.isdisjoint(each)]
    numbers = (number for each in about for name in _NUMERIC & each.keys() for number in _leaves(each[name]))
    return _copied(schema) if any(map(is_large, numbers)) else schema, any(map(_depends, about))


def _depends(schema: dict[str, Any]) -> bool:
    if "multipleOf" in schema or "uniqueItems" in schema:
        return True
    guarded = GUARD in schema.get("allOf", ()) and schema.get("minimum") == _INT64
    bounds = [bound for bound in _BOUNDS if bound in schema and not (guarded and bound == "minimum")]
    return any(_between(each) for bound in bounds for each in _leaves(schema[bound]))


def _between(number: Any) -> bool:
    """Whether `number` lies between what a large float is to the machine and what its text says."""
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not LARGE <= abs(number) <= _MOST:
        return False
    readings = sorted((int(float(number)), _text(float(number))))
    return readings[0] != readings[1] and readings[0] <= _text(number) <= readings[1]


def _text(number: float) -> int:
    return number if isinstance(number, int) else int(exact_decimal(float(number)))


def _copied(value: Any) -> Any:
    top = [value]
    open_: list[Any] = [top]
    while open_:
        here = open_.pop()
        for key, each in here.items() if isinstance(here, dict) else enumerate(here):
            if is_large(each):
                here[key] = _text(each)
            elif isinstance(each, (dict, list)):
                here[key] = each.copy()
                open_.append(here[key])
    return top[0]


def _containers(value: Any) -> Iterator[Any]:
    """Every list and map in `value`, without recursion: it may nest deep."""
    open_ = [value] if isinstance(value, (dict, list)) else []
    while open_:
        here = open_.pop()
        yield here
        inside = here.values() if isinstance(here, dict) else here
        open_ += [each for each in inside if isinstance(each, (dict, list))]


def _leaves(value: Any) -> Iterator[Any]:
    """Every value that holds no other."""
    for here in _containers([value]):
        for each in here.values() if isinstance(here, dict) else here:
            if not isinstance(each, (dict, list)):
                yield each
