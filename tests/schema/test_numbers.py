"""A number counts as it is written, in decimal, by either backend and by every version of theirs.

JSON has decimal texts and no floats (RFC 8259, 6). `1e23` is 10**23 there, whatever float is nearest to it.
jsonschema-rs reads large floats as the machine has them since 0.61, as jsonschema does; before, as written.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from dynaclient.schema.validator import Validators
from tests.schema.checks import BACKENDS, checker, found, opened, place

MADE = 2**1023 * 1.0
ROWS: list[tuple[Any, Any, bool]] = [
    ({"multipleOf": 3}, 1e300, False),
    ({"multipleOf": 3}, 3e300, True),
    ({"multipleOf": 7}, 7e22, True),
    ({"multipleOf": 7}, -7e22, True),
    ({"multipleOf": 10}, 1e23, True),
    ({"multipleOf": 10}, MADE, True),
    ({"multipleOf": 2.5}, 1e23, True),
    ({"multipleOf": 1e22}, 10**23, True),
    ({"multipleOf": 1e22}, 10**23 + 1, False),
    ({"multipleOf": 1e23}, 10**24, True),
    ({"multipleOf": 0.01}, 1e23, True),
    ({"multipleOf": 0.01}, 0.07, True),
    ({"multipleOf": 0.01}, 0.075, False),
    ({"enum": [10**30]}, 1e30, True),
    ({"enum": [1e30]}, 10**30, True),
    ({"enum": [int(1e30)]}, 1e30, False),
    ({"enum": [[{"a": 1e23}]]}, [{"a": 10**23}], True),
    ({"enum": [2**53 + 1]}, 2.0**53, False),
    ({"enum": [2**53]}, 2.0**53, True),
    ({"minimum": 10**23}, 1e23, True),
    ({"minimum": 1e23}, 10**23, True),
    ({"minimum": 1e23}, 10**23 - 1, False),
    ({"maximum": 10**23 - 1}, 1e23, False),
    ({"maximum": 1e23, "exclusiveMaximum": True}, 10**23 - 1, True),
    ({"maximum": 10**23, "exclusiveMaximum": True}, 1e23, False),
    ({"minimum": 10**23, "exclusiveMinimum": True}, 1e23, False),
    ({"maximum": 1e300}, 10**300, True),
    ({"type": "integer", "format": "int64"}, 2**63 - 1, True),
    ({"type": "integer", "format": "int64"}, 2.0**63, False),
    ({"type": "integer", "format": "int64"}, -(2.0**63), False),  # -9.223372036854776e+18 as it is written
    ({"type": "integer", "format": "int64"}, -9.223372036854775e18, True),
    ({"uniqueItems": True}, [1e23, 10**23], False),
    ({"uniqueItems": True}, [1e23, int(1e23)], True),
    ({"uniqueItems": True}, [[1e30], [10**30]], False),
    ({"uniqueItems": True}, [{"a": 2.0**53}, {"a": 2**53}], False),
    ({"uniqueItems": True}, [{"a": 1e23}, {"b": 1e23}], True),
    ({"uniqueItems": True}, [1e23, "1e23", True, None], True),
    ({"not": {"multipleOf": 7}}, 7e22, False),
    ({"not": {"enum": [10**30]}}, 1e30, False),
    ({"oneOf": [{"multipleOf": 7}, {"multipleOf": 3}]}, 7e22, True),
    ({"anyOf": [{"type": "string"}, {"items": {"multipleOf": 3}}]}, [3e22, 1e300], False),
    ({"additionalProperties": {"minimum": 10**23}}, {"a": 1e23, "b": {}}, True),
    ({"type": "integer"}, 1e300, True),
    ({"type": "number"}, 10**300, True),
]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "valid"), ROWS, ids=str)
def test_what_is_written_counts(schema: Any, value: Any, valid: bool, backend: str, direction: str) -> None:
    check = checker(schema, backend, direction)
    assert check.is_valid(value) is valid
    assert (check.violations(value, "body", "body") == []) is valid


LATER: list[tuple[Any, Any, bool]] = [
    ({"const": 10**23}, 1e23, True),
    ({"const": 1e23}, 10**23, True),
    ({"const": int(1e23)}, 1e23, False),
    ({"const": {"a": [1e23]}}, {"a": [10**23]}, True),
    ({"exclusiveMinimum": 10**23}, 1e23, False),
    ({"exclusiveMaximum": 10**23 + 1}, 1e23, True),
    ({"prefixItems": [{"multipleOf": 7}]}, [7e22, 1], True),
    ({"contains": {"const": 10**23}}, [1, 1e23], True),
    ({"if": {"const": 10**23}, "then": False}, 1e23, False),
    ({"patternProperties": {"^a": {"multipleOf": 3}}}, {"a": 1e300}, False),
    ({"dependentSchemas": {"a": {"properties": {"b": {"maximum": 10**23}}}}}, {"a": 1, "b": 1e23}, True),
    ({"properties": {"a": {"const": 1e23}}, "unevaluatedProperties": {"multipleOf": 7}}, {"b": 7e22}, True),
]


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "value", "valid"), LATER, ids=str)
def test_in_keywords_of_later_versions_too(
    schema: Any, value: Any, valid: bool, backend: str, version: str
) -> None:
    check = checker(schema, backend, version=version)
    assert check.is_valid(value) is valid
    assert (check.violations(value, "body", "body") == []) is valid


def _written(number: Any) -> Fraction:
    return Fraction(repr(number))


RULES: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "multipleOf": lambda value, argument: value % argument == 0,
    "minimum": lambda value, argument: value >= argument,
    "maximum": lambda value, argument: value <= argument,
    "exclusiveMinimum": lambda value, argument: value > argument,
    "exclusiveMaximum": lambda value, argument: value < argument,
    "const": lambda value, argument: value == argument,
    "enum": lambda value, argument: value == argument,
    "uniqueItems": lambda value, argument: value != argument,
}
EDGES = [0.0, -0.0, 5e-324, 1e-7, 0.07, 1e15, 2.0**53, 2.0**63, -(2.0**63), 2.0**64, 1e22, 1e23, 1e300, MADE]
NUMBERS = (
    st.integers(-(2**70), 2**70)
    | st.sampled_from([*EDGES, 2**53 + 1, 2**63 - 1, 10**22, 10**23, 10**30, 10**300])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.builds(lambda whole, digits: whole / 10**digits, st.integers(-(10**6), 10**6), st.integers(0, 6))
    | st.integers(2**53, 2**70).map(float)
)


@pytest.mark.parametrize("keyword", RULES)
@settings(max_examples=50, deadline=None)
@example(argument=7, value=7e22, factor=None)
@example(argument=10**30, value=1e30, factor=None)
@example(argument=1e23, value=10**23, factor=None)
@given(argument=NUMBERS, value=NUMBERS, factor=st.none() | st.integers(1, 1000))
def test_both_follow_the_arithmetic_of_the_texts(
    keyword: str, argument: Any, value: Any, factor: int | None
) -> None:
    value = argument * factor if factor else value
    assume(math.isfinite(value))
    if keyword == "multipleOf":
        argument = abs(argument)
        assume(argument > 0)
    due = RULES[keyword](_written(value), _written(argument))
    schema = {keyword: {"enum": [argument], "uniqueItems": True}.get(keyword, argument)}
    document = opened(schema, "3.1.0")
    for backend in BACKENDS:
        check = Validators(document, backend).checker(place(document), "response")  # type: ignore[arg-type]
        given_ = [value, argument] if keyword == "uniqueItems" else value
        assert check.is_valid(given_) is due, backend
        assert (check.violations(given_, "body", "body") == []) is due, backend


@pytest.mark.parametrize("backend", BACKENDS)
def test_messages_show_what_was_given(backend: str) -> None:
    assert found({"multipleOf": 3}, 1e300, backend) == [("", "1e+300 is not a multiple of 3")]
    assert found({"maximum": 1e22}, 1e23, backend) == [("", "1e+23 is greater than 1e+22")]
    properties = {"a": {"enum": [1, 1e30]}, "b": {"type": "string"}}
    value = {"a": 1e23, "b": 1e22}
    assert found({"properties": properties}, value, backend) == [
        ("/a", "1e+23 is not one of 1, 1e+30"),
        ("/b", "expected a string, got a number (1e+22)"),
    ]
    assert value == {"a": 1e23, "b": 1e22}
    assert list(map(type, value.values())) == [float, float]
