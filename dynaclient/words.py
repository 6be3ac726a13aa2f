"""Grammar of messages: `an object`, `1 violation`, `2 violations`."""

from __future__ import annotations

import json
from typing import Any

from dynaclient.decimals import is_decimal

_KINDS = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    dict: "object",
    list: "array",
    tuple: "array",
    bytearray: "bytes",
    type(None): "null",
}
_LONG = 200
_WITHOUT_ARTICLE = ("null", "bytes")


def describe(value: Any) -> str:
    """The name of a value's JSON type; that of its class where JSON has no such thing."""
    if is_decimal(value):
        return "number"
    return _KINDS.get(type(value), type(value).__name__)


def a(noun: str) -> str:
    """`noun` with its article."""
    if noun.startswith(_WITHOUT_ARTICLE):
        return noun
    return f"an {noun}" if noun[:1].lower() in tuple("aeio") else f"a {noun}"


def kind_of(value: Any) -> str:
    """What `value` is: `an integer`, `a string`, `null`, `a PosixPath`."""
    return a(describe(value))


def shown(value: Any) -> str:
    """`value` as Python writes it, cut off where that is long; what it is, where it cannot be written."""
    try:
        text = repr(value)
    except Exception:  # it nests too deep, has too many digits, or is of a class that fails
        return kind_of(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def json_text(value: Any) -> str:
    """A value of a document, cut off where it is long: `null`, `["string", "null"]`; text as `'string'`."""
    try:
        text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return kind_of(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def many(number: int, noun: str, plural: str = "") -> str:
    """`1 operation`, `2 operations`; `plural` where it has more than an `s` at its end."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def be(number: int) -> str:
    """The verb that goes with a number: `is` or `are`."""
    return "is" if number == 1 else "are"
