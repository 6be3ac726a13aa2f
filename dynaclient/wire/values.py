"""Python values as JSON has them: what callers may give, brought to dict, list, str, number, bool, None."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from dynaclient.document.document import escape

MAX_DEPTH = 200
"""How deep a value may nest; the compiled checks stop at 255."""

MAX_DIGITS = 4000
"""How many digits a whole number may have; Python and most readers of JSON stop soon after."""
MAX_BITS = (10**MAX_DIGITS).bit_length()


class NotPlain(ValueError):
    """A value that JSON does not have; `pointer` leads to it."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(pointer, message)
        self.pointer = pointer
        self.message = message


def is_binary(value: Any) -> bool:
    """Whether `value` is bytes or a file opened for reading."""
    return isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "read")


def is_file(value: Any) -> bool:
    """Whether `value` is a file to be sent: binary, or `(name, binary)`, or `(name, binary, media type)`."""
    if isinstance(value, tuple) and len(value) in (2, 3):
        name, content, *kind = value
        return isinstance(name, str) and is_binary(content) and all(isinstance(each, str) for each in kind)
    return is_binary(value)


def without_files(value: Any) -> Any:
    """`value` with text in place of bytes and files, as `format: binary` means it."""
    if is_file(value):
        return ""
    if isinstance(value, dict):
        return {key: without_files(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_files(item) for item in value]
    return value


def plain(value: Any, pointer: str = "", depth: int = 0, *, files: bool = False) -> Any:
    """`value` as JSON has it: dates as RFC 3339 text, UUIDs as text, tuples as lists, enums as their values.

    With `files`, what `is_file` stays as it is. Raises NotPlain for a naive datetime, NaN and the
    infinities, keys that are no text, lone surrogates, and what JSON has no form for.
    """
    if type(value) in _ATOMS:
        return _ATOMS[type(value)](value, pointer)
    if depth > MAX_DEPTH:
        raise NotPlain("", f"nested deeper than {MAX_DEPTH} levels")
    if files and is_file(value):
        return value
    if isinstance(value, Mapping):
        return {
            _key(key, pointer): plain(item, f"{pointer}/{escape(str(key))}", depth + 1, files=files)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{pointer}/{i}", depth + 1, files=files) for i, item in enumerate(value)]
    return _scalar(value, pointer, depth)


def _key(key: Any, pointer: str) -> str:
    key = key.value if isinstance(key, Enum) else key
    if not isinstance(key, str):
        raise NotPlain(pointer, f"the key {key!r} is no text")
    return _text(str(key), pointer)


def _scalar(value: Any, pointer: str, depth: int) -> Any:
    if isinstance(value, Enum):
        return plain(value.value, pointer, depth + 1)
    for kind, convert in _CONVERTERS.items():
        if isinstance(value, kind):
            return convert(value, pointer)
    raise NotPlain(pointer, f"a {type(value).__name__} has no form in JSON")


def _text(value: str, pointer: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotPlain(pointer, "half a surrogate pair is no text") from None
    return value


def _float(value: float, pointer: str) -> float:
    if not math.isfinite(value):
        raise NotPlain(pointer, f"{value} is not JSON")
    return float(value)


def _decimal(value: Decimal, pointer: str) -> int | float:
    if not value.is_finite():
        raise NotPlain(pointer, f"{value} is not JSON")
    if abs(value.adjusted()) > MAX_DIGITS:
        raise NotPlain(pointer, f"a number of more than {MAX_DIGITS} digits is not sent")
    if value == value.to_integral_value():
        return int(value)
    if Decimal(repr(float(value))) != value:
        raise NotPlain(pointer, f"{value} would lose digits as a JSON number; give text or a float")
    return float(value)


def date_time(value: datetime.datetime, pointer: str = "") -> str:
    """RFC 3339; UTC is written `Z`. A naive datetime has no meaning on the wire and is refused."""
    offset = value.utcoffset()
    if offset is None:
        raise NotPlain(pointer, "a datetime without a time zone has no meaning on the wire; give it a tzinfo")
    if offset.total_seconds() % 60:
        raise NotPlain(
            pointer, f"the offset {offset} has seconds, which RFC 3339 cannot write; give it in UTC"
        )
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _time(value: datetime.time, pointer: str) -> str:
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _integer(value: int, pointer: str) -> int:
    if value.bit_length() > MAX_BITS:
        raise NotPlain(pointer, f"a number of more than {MAX_DIGITS} digits is not sent")
    return int(value)


def _itself(value: Any, pointer: str) -> Any:
    return value


_ATOMS: dict[type, Callable[[Any, str], Any]] = {
    str: _text,
    int: _integer,
    bool: _itself,
    type(None): _itself,
}
_CONVERTERS: dict[type, Callable[[Any, str], Any]] = {
    str: lambda value, pointer: _text(str(value), pointer),
    int: _integer,
    float: _float,
    datetime.datetime: date_time,
    datetime.date: lambda value, pointer: value.isoformat(),
    datetime.time: _time,
    UUID: lambda value, pointer: str(value),
    Decimal: _decimal,
}
