"""Python values as JSON has them: what callers may give, brought to dict, list, str, number, bool, None."""

from __future__ import annotations

import datetime
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from itertools import chain
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from dynaclient.document.document import escape
from dynaclient.words import kind_of

if TYPE_CHECKING:
    from decimal import Decimal

MAX_DEPTH = 200
"""How deep a value may nest; the compiled checks stop at 255."""

MAX_DIGITS = 4000
"""How many digits a whole number may have; Python and most readers of JSON stop soon after."""
MAX_BITS = (10**MAX_DIGITS).bit_length()


class NotPlain(ValueError):
    """A value that JSON does not have; `pointer` leads to it."""

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def below(self, token: object) -> NotPlain:
        """The same, seen from the value that holds it as `token`."""
        return NotPlain(self.message, f"/{escape(str(token))}{self.pointer}")


class TooDeep(NotPlain):
    """A value that nests too deep; where, is no use to anyone."""

    def below(self, token: object) -> NotPlain:
        """The same."""
        return self


_FAMILIES = (
    *("application/", "audio/", "example/", "font/", "haptics/", "image/", "message/", "model/"),
    *("multipart/", "text/", "video/"),
)
"""How media types begin (IANA). Three texts are a file if the last of them is one, else an array."""


def is_binary(value: Any) -> bool:
    """Whether `value` is bytes, a file opened for reading, or the path of one."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return True
    return hasattr(value, "read") or hasattr(value, "__fspath__")  # as PathLike asks, ten times as fast


def is_part(value: Any) -> bool:
    """Whether `value` is a part of a multipart body with headers: `(name or None, value, type, headers)`."""
    if not isinstance(value, tuple) or len(value) != 4 or not isinstance(value[3], Mapping):
        return False
    return all(each is None or isinstance(each, str) for each in (value[0], value[2]))


def is_file(value: Any) -> bool:
    """Whether `value` is a file to be sent: binary, or `(name, binary)`, or `(name, binary, media type)`,
    or `(name, text, media type)`, or a part whose value is binary."""
    if isinstance(value, tuple) and len(value) in (2, 3):
        name, content, kind = (*value, None)[:3]
        if not isinstance(name, str) or not (kind is None or isinstance(kind, str)):
            return False
        return is_binary(content) or (isinstance(content, str) and (kind or "").lower().startswith(_FAMILIES))
    return is_binary(value) or (is_part(value) and is_binary(value[1]))


def holds_files(value: Any) -> bool:
    """Whether a property of `value` is a file or a list of them, as a form has them."""
    if not isinstance(value, Mapping):
        return False
    several = [item if isinstance(item, list) else [item] for item in value.values()]
    return any(is_file(each) or is_part(each) for items in several for each in items)


def file_name(value: Any) -> str | None:
    """The last segment of the name that a file or path has; None for bytes and for files without one."""
    name = fspath(value) if isinstance(value, PathLike) else getattr(value, "name", None)
    return name.replace("\\", "/").rpartition("/")[2] if isinstance(name, str) else None


def without_files(value: Any) -> Any:
    """`value` with text in place of bytes and files, as `format: binary` means it."""
    if is_file(value):
        return ""
    if is_part(value):
        return without_files(value[1])
    if isinstance(value, dict):
        return {key: without_files(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_files(item) for item in value]
    return value


_LEAVES = frozenset((str, int, float, bool, type(None)))
_TYPES = _LEAVES | {dict, list}
_TEXT = frozenset((str,))


def is_plain(value: Any, usual: Callable[[float], bool] | None = None) -> bool:
    """Whether `value` is made of nothing but what JSON has, in exact types, and is not nested too deep.

    What texts and numbers hold is not looked at, but for a test that every float has to pass, where one is
    given. `value` holds no circles. Level by level, so that the loops over members run in C: a third of what
    `plain` takes, which has to make a copy.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        types = set(map(type, level))
        if usual and float in types and not all(usual(each) for each in level if type(each) is float):
            return False
        if types <= _LEAVES:
            return True
        dicts = [each for each in level if type(each) is dict] if dict in types else []
        lists = [each for each in level if type(each) is list] if list in types else []
        if not types <= _TYPES or not _TEXT.issuperset(map(type, chain.from_iterable(dicts))):
            return False
        level = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
    return False


def plain(value: Any, *, files: bool = False, depth: int = 0) -> Any:
    """`value` as JSON has it: dates as RFC 3339 text, UUIDs as text, tuples as lists, enums as their values.

    With `files`, files stay as they are, and so do parts, but for their value. Raises NotPlain for a naive
    datetime, NaN and the infinities, keys that are no text, lone surrogates, and what JSON has no form for.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _text(value)
    if kind is bool or value is None:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else _integer(value)
    if kind is float:
        return _float(value)
    if depth > MAX_DEPTH:
        raise TooDeep(f"nested deeper than {MAX_DEPTH} levels")
    if kind is dict or isinstance(value, Mapping):
        return _object(value, files, depth + 1)
    if files and is_file(value):
        return value
    if files and is_part(value):
        return (value[0], plain(value[1], depth=depth + 1), *value[2:])
    if kind is list or isinstance(value, (list, tuple)):
        return _array(value, files, depth + 1)
    return _scalar(value, depth)


def _object(value: Mapping[Any, Any], files: bool, depth: int) -> dict[str, Any]:
    result = {}
    for key, item in [*value.items()] if type(value) is dict else _taken(value, _pairs):
        name = key if type(key) is str and key.isascii() else _key(key)
        try:
            result[name] = plain(item, files=files, depth=depth)
        except NotPlain as error:  # the pointer is made only where there is something to point at
            raise error.below(name) from None
    return result


def _array(value: Sequence[Any], files: bool, depth: int) -> list[Any]:
    result = []
    for index, item in enumerate(value if type(value) is list else _taken(value, list)):
        try:
            result.append(plain(item, files=files, depth=depth))
        except NotPlain as error:
            raise error.below(index) from None
    return result


def _pairs(value: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return [(key, item) for key, item in value.items()]


def _taken(value: Any, take: Callable[[Any], list[Any]]) -> list[Any]:
    """What is in a value of a class that may fail."""
    try:
        return take(value)
    except Exception as error:  # its words may hold anything
        raise NotPlain(f"{kind_of(value)} raised {type(error).__name__} when it was read") from error


def _key(key: Any) -> str:
    key = key.value if isinstance(key, Enum) else key
    if not isinstance(key, str):
        raise NotPlain(f"the key {key!r} is no text")
    return _text(key)


def _scalar(value: Any, depth: int) -> Any:
    if isinstance(value, Enum):
        return plain(value.value, depth=depth + 1)
    for kind, convert in _CONVERTERS.items():
        if isinstance(value, kind):
            return convert(value)
    for (module, name), convert in _CONVERTERS_ELSEWHERE.items():
        found = getattr(sys.modules.get(module), name, None)
        if found is not None and isinstance(value, found):
            return convert(value)
    if is_binary(value):
        raise NotPlain("a file or bytes have no form in JSON; give text, such as their base64")
    raise NotPlain(f"{kind_of(value)} has no form in JSON")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotPlain("half a surrogate pair is no text") from None
    return str.__str__(value)  # what the text is, whatever a class of the user's says that it is


def _integer(value: int) -> int:
    if value.bit_length() > MAX_BITS:
        raise NotPlain(f"a number of more than {MAX_DIGITS} digits is not sent")
    return int.__int__(value)


def _float(value: float) -> float:
    if not math.isfinite(value):
        raise NotPlain(f"{value} is not JSON")
    return float.__float__(value)


def _decimal(value: Decimal) -> int | float:
    from decimal import Decimal

    if not value.is_finite():
        raise NotPlain(f"{value} is not JSON")
    if abs(value.adjusted()) > MAX_DIGITS:
        raise NotPlain(f"a number of more than {MAX_DIGITS} digits is not sent")
    if value == value.to_integral_value():
        return int(value)
    if Decimal(repr(float(value))) != value:
        raise NotPlain(f"{value} would lose digits as a JSON number; give text or a float")
    return float(value)


def date_time(value: datetime.datetime) -> str:
    """RFC 3339; UTC is written `Z`. A naive datetime has no meaning on the wire and is refused."""
    offset = value.utcoffset()
    if offset is None:
        raise NotPlain("a datetime without a time zone has no meaning on the wire; give it a tzinfo")
    if offset.total_seconds() % 60:
        raise NotPlain(f"the offset {offset} has seconds, which RFC 3339 cannot write; give it in UTC")
    return _utc(value.isoformat())


def _utc(text: str) -> str:
    return text[:-6] + "Z" if text.endswith("+00:00") else text


_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    int: _integer,
    float: _float,
    str: _text,
    datetime.datetime: date_time,
    datetime.date: datetime.date.isoformat,
    datetime.time: lambda value: _utc(value.isoformat()),
}

_CONVERTERS_ELSEWHERE: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("uuid", "UUID"): str,
    ("decimal", "Decimal"): _decimal,
}
"""Classes of modules that are slow to import. Where a value of such a class is, its module is too."""
