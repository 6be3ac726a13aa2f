"""Python values as JSON has them, and JSON text: bytes in, data out, and back."""

from __future__ import annotations

import datetime
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from enum import Enum
from functools import lru_cache
from itertools import chain
from json.decoder import JSONDecoder
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from dynaclient._support.decimals import MAX_DIGITS, decimal, is_decimal, is_far
from dynaclient._support.interrupts import let_through
from dynaclient._support.messages import kind_of
from dynaclient._support.recursion import at_any_depth
from dynaclient.document.json_text import whole_characters
from dynaclient.document.node import escape
from dynaclient.wire.percent import StyleError

if TYPE_CHECKING:
    from decimal import Decimal

    from dynaclient.document.encoding_hints import EncodingHints


class Undecodable(ValueError):
    """A body that is not what its media type says."""


_NOT_WRITTEN = (TypeError, ValueError, RecursionError)


def json_bytes_and_value(
    value: Any, *, ascii_only: bool = False, hints: EncodingHints | None = None
) -> tuple[bytes, Any]:
    """`value` as JSON text in UTF-8, compact, and as JSON has it: the same object where it is plain already.

    `hints`: what its schemas ask for, see `json_value`. Raises NotPlain for what JSON has no form for, and
    StyleError for what cannot be written.
    """
    fast = None if ascii_only else _orjson()
    try:
        content = fast.dumps(value) if fast else _dumps(value)  # it finds circles, so before any walk
        if not ascii_only and _is_written_so(value, _is_usual if fast else None, hints):
            return content, value
    except _NOT_WRITTEN:
        pass
    value = json_value(value, hints=hints)
    return json_bytes(value, ascii_only=ascii_only), value


def _is_written_so(value: Any, usual: Callable[[float], bool] | None, hints: EncodingHints | None) -> bool:
    """Whether a value is plain and has the form that is asked for."""
    if hints is None:
        return _is_plain(value, usual)
    whole: list[float] = []
    return _is_plain(value, usual, whole) and not (whole and _misfits(value, hints))


def json_bytes(value: Any, *, ascii_only: bool = False) -> bytes:
    """`value` as JSON text in UTF-8, compact. Raises StyleError, whose pointer leads to what JSON has not."""
    try:
        return at_any_depth(lambda: _dumps(value, ascii_only))
    except _NOT_WRITTEN:
        try:
            return at_any_depth(lambda: _spelt(json_value(value), ascii_only))
        except NotPlain as reason:
            raise StyleError(reason.message, reason.pointer) from None
        except _NOT_WRITTEN as error:
            raise StyleError(f"not representable as JSON: {error}") from None


def _spelt(value: Any, ascii_only: bool) -> bytes:
    """As `_dumps`, of what holds a Decimal, which the standard library does not write."""
    if type(value) is dict:
        members = (_dumps(name, ascii_only) + b":" + _spelt(item, ascii_only) for name, item in value.items())
        return b"{" + b",".join(members) + b"}"
    if type(value) is list:
        return b"[" + b",".join(_spelt(item, ascii_only) for item in value) + b"]"
    return str(value).encode() if is_decimal(value) else _dumps(value, ascii_only)


def _dumps(value: Any, ascii_only: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":")).encode()


def decode_json(content: bytes) -> Any:
    """JSON text as data; half of a surrogate pair is read as U+FFFD.

    UTF-8, UTF-16 and UTF-32 are recognized by the bytes.
    Raises Undecodable for what RFC 8259 does not allow, and for what nests deeper than MAX_LEVELS. A number
    beyond the range of a float is infinity; within `decimals`, numbers that are no integers are Decimal.
    """
    value = _decoded(content)
    if _may_nest(content) and _nests(value):
        raise Undecodable(_TOO_DEEP)
    return value


def _decoded(content: bytes) -> Any:
    fast = None if reading_fractions.get() else _orjson()
    if fast and _LONG_NUMBER not in content.translate(_DIGITS):
        try:
            return fast.loads(content)
        except ValueError:
            pass
    try:
        return at_any_depth(lambda: _loads(content))
    except RecursionError:
        raise Undecodable(_TOO_DEEP) from None


def _loads(content: bytes) -> Any:
    try:
        text = content.decode(json.detect_encoding(content))
        # half a character that a server cut does not lose the response; an octet is found sooner than a text
        if b"\\" in content and "\\u" in text:
            text = whole_characters(text)
        fractions = reading_fractions.get()
        decoder = JSONDecoder(parse_constant=_no_constant, parse_float=fractions) if fractions else _DECODER
        return decoder.decode(text)
    except ValueError as error:
        raise Undecodable(f"not JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = JSONDecoder(parse_constant=_no_constant)


# -- numbers without loss -----------------------------------------------------------------------------

reading_fractions: ContextVar[Callable[[str], Any] | None] = ContextVar("reading_fractions", default=None)
"""What reads numbers that are no integers; None for floats."""


@contextmanager
def decimals(wanted: bool = True, read: Callable[[str], Any] = decimal) -> Iterator[None]:
    """Where it is `wanted`, numbers that are no integers are read by `read` meanwhile: as Decimal."""
    token = reading_fractions.set(read if wanted else None)
    try:
        yield
    finally:
        reading_fractions.reset(token)


def loads(text: str) -> Any:
    """As `json.loads`, numbers as `decode_json` reads them."""
    return json.loads(text, parse_float=reading_fractions.get())


# -- depth --------------------------------------------------------------------------------------------

MAX_LEVELS = 500
"""How deep JSON that comes in may nest, whoever reads and checks it: Python's own bound is one of frames."""

_TOO_DEEP = f"the JSON nests deeper than {MAX_LEVELS} levels"
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(octet for octet in range(256) if octet not in b"[]{}")


def _may_nest(content: bytes) -> bool:
    """Whether JSON text may nest deeper than MAX_LEVELS: some of its brackets are left, folded pair by pair.

    This takes a thirtieth of the time that reading the text does. Brackets in strings count too: those that
    are left are a reason to look at the value; those that hide levels are for the checkers, which follow.
    """
    brackets = content.translate(_AS_LISTS, _NO_BRACKETS)
    if len(brackets) <= 2 * MAX_LEVELS:
        return False
    for _ in range(MAX_LEVELS):
        folded = brackets.replace(b"[]", b"")
        if len(folded) == len(brackets):
            break
        brackets = folded
    return bool(brackets)


def _nests(value: Any) -> bool:
    """Whether `value` nests deeper than MAX_LEVELS; level by level, so that it does not recurse."""
    level = [value]
    for _ in range(MAX_LEVELS):
        dicts = [each for each in level if type(each) is dict]
        lists = [each for each in level if type(each) is list]
        level = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
    return any(type(each) in (dict, list) for each in level)


# -- orjson -------------------------------------------------------------------------------------------


@lru_cache(None)
def _orjson() -> Any:
    """The module; None where it is not installed."""
    try:
        import orjson  # optional
    except ImportError:
        return None
    return orjson


_DIGITS = bytes(48 if 48 <= octet < 58 else 32 for octet in range(256))
_LONG_NUMBER = b"0" * 19
"""Whole numbers that may be beyond 64 bits, of which orjson would make a float."""


def _is_usual(number: float) -> bool:
    """Whether orjson writes it as we do: others need an exponent, and of NaN it makes null."""
    return 1e-4 <= abs(number) < 1e16 or number == 0


MAX_DEPTH = 200
"""How deep a value may nest that is sent."""

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


class _TooDeep(NotPlain):
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
    if is_octets(value):
        return True
    return hasattr(value, "read") or hasattr(value, "__fspath__")  # as PathLike asks, ten times as fast


def is_octets(value: Any) -> bool:
    """Whether `value` is bytes of some kind."""
    return isinstance(value, (bytes, bytearray, memoryview))


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


def _is_plain(
    value: Any, usual: Callable[[float], bool] | None = None, whole: list[float] | None = None
) -> bool:
    """Whether `value` is made of nothing but what JSON has, in exact types, and is not nested too deep.

    What texts and numbers hold is not looked at, but for a test that every float has to pass, where one is
    given; floats that are whole are put into `whole`. `value` holds no circles. Level by level, so that the
    loops over members run in C: a third of what `json_value` takes, which has to make a copy.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        types = set(map(type, level))
        if float in types and (usual or whole is not None):
            floats = [each for each in level if type(each) is float]
            if usual and not all(map(usual, floats)):
                return False
            if whole is not None:
                whole += filter(float.is_integer, floats)
        if types <= _LEAVES:
            return True
        dicts = [each for each in level if type(each) is dict] if dict in types else []
        lists = [each for each in level if type(each) is list] if list in types else []
        if not types <= _TYPES or not _TEXT.issuperset(map(type, chain.from_iterable(dicts))):
            return False
        level = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
    return False


def _misfits(value: Any, hints: EncodingHints) -> bool:
    """Whether a value for which `_is_plain` holds has a float that `hints` ask for as an integer.

    A loop, since most floats that are whole stand for numbers: a third of what `json_value` takes.
    """
    stack = [(value, hints)]
    while stack:
        here, hints = stack.pop()
        if type(here) is dict:
            members = [(item, hints.property(name)) for name, item in here.items() if type(item) in _INNER]
        elif type(here) is list:
            members = [(item, hints.item(at)) for at, item in enumerate(here) if type(item) in _INNER]
        elif type(here) is float and here.is_integer() and hints.integer:
            return True
        else:
            continue
        stack += members
    return False


_INNER = frozenset((float, dict, list))


def json_value(value: Any, *, files: bool = False, hints: EncodingHints | None = None) -> Any:
    """`value` as JSON has it: dates as RFC 3339 text, UUIDs as text, tuples as lists, enums as their values,
    dataclasses as objects, what numpy, pandas and others have as what it is in Python.

    `hints`: what its schemas ask for; by that `5.0` is written as an integer, bytes in their contentEncoding,
    a Decimal as text. With `files`, files stay as they are, and so do parts, but for their value. Raises
    NotPlain for a naive datetime, NaN and the infinities, keys that are no text, lone surrogates, and what
    JSON has no form for.
    """
    if value is True or value is False or value is None or (type(value) is str and value.isascii()):
        return value  # most arguments
    return at_any_depth(lambda: _plain(value, files, hints))


def _plain(value: Any, files: bool = False, hints: EncodingHints | None = None, depth: int = 0) -> Any:
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _text(value)
    if kind is bool or value is None:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else _integer(value)
    if kind is float:
        return _float(value, hints)
    if depth > MAX_DEPTH:
        raise _TooDeep(f"nested deeper than {MAX_DEPTH} levels")
    if kind is dict or isinstance(value, Mapping):
        return _object(value, files, hints, depth + 1)
    if hints is not None and hints.encoding and is_octets(value):
        return _encoded(bytes(value), hints.encoding)
    if files and is_file(value):
        return value
    if files and is_part(value):
        return _part(value, hints, depth + 1)
    if kind is list or isinstance(value, (list, tuple)):
        if hints is not None and hasattr(value, "_asdict") and hints.object_only:
            return _object(_taken(value, lambda value: value._asdict()), files, hints, depth + 1)
        return _array(value, files, hints, depth + 1)
    return _scalar(value, files, hints, depth + 1)


def _part(value: tuple[Any, ...], hints: EncodingHints | None, depth: int) -> tuple[Any, ...]:
    name, content, kind, headers = value
    heads = {
        each: json_value(text, hints=hints and hints.header(str(each))) for each, text in headers.items()
    }
    return name, _plain(content, files=is_binary(content), hints=hints, depth=depth), kind, heads


_CERTAIN = frozenset((str, int, bool, type(None)))
"""Types of which no schema asks for another form."""


def _object(value: Mapping[Any, Any], files: bool, hints: EncodingHints | None, depth: int) -> dict[str, Any]:
    result = {}
    for key, item in [*value.items()] if type(value) is dict else _taken(value, _pairs):
        name = key if type(key) is str and key.isascii() else _key(key)
        below = None if hints is None or type(item) in _CERTAIN else hints.property(name)
        try:
            result[name] = _plain(item, files=files, hints=below, depth=depth)
        except NotPlain as error:  # the pointer is made only where there is something to point at
            raise error.below(name) from None
    return result


def _array(value: Sequence[Any], files: bool, hints: EncodingHints | None, depth: int) -> list[Any]:
    result = []
    for index, item in enumerate(value if type(value) is list else _taken(value, list)):
        below = None if hints is None or type(item) in _CERTAIN else hints.item(index)
        try:
            result.append(_plain(item, files=files, hints=below, depth=depth))
        except NotPlain as error:
            raise error.below(index) from None
    return result


def _pairs(value: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return [(key, item) for key, item in value.items()]


def _taken(value: Any, take: Callable[[Any], Any]) -> Any:
    """What is in a value of a class that may fail."""
    try:
        return take(value)
    except Exception as error:  # its words may hold anything
        let_through(error)
        raise NotPlain(f"{kind_of(value)} raised {type(error).__name__} when it was read") from error


def _key(key: Any) -> str:
    name = json_value(key) if isinstance(key, _KEYS) or _is_uuid(key) else key
    if not isinstance(name, str):
        raise NotPlain(f"the key {key!r} is not a string")
    return _text(name)


def _scalar(value: Any, files: bool, hints: EncodingHints | None, depth: int) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value, files=files, hints=hints, depth=depth)
    if isinstance(value, float):
        return _float(value, hints)
    for kind, convert in _CONVERTERS.items():
        if isinstance(value, kind):
            return convert(value)
    if is_decimal(value):
        return _decimal(value, hints)
    if _is_uuid(value):
        return str(value)
    if is_binary(value):
        raise NotPlain("a file or bytes cannot be written as JSON; give text, such as their base64")
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return _object(_taken(value, _fields), files, hints, depth)
    if isinstance(value, Sequence) and not hasattr(value, "encode"):  # a deque, a range
        return _array(value, files, hints, depth)
    if hints is not None and hints.object_only and hasattr(value, "dtype") and hasattr(value, "to_dict"):
        return _object(_taken(value, lambda row: row.to_dict()), files, hints, depth)  # a row of a table
    return _plain(_native(value), files=files, hints=hints, depth=depth)


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _native(value: Any) -> Any:
    """What a number or an array of numpy, pandas or others is in Python."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    of_time = kind in ("M", "m") and hasattr(type(value), "__len__")  # whose items may come as plain integers
    names = ("__iter__",) if of_time else ("tolist", "item", "__index__")
    method = next((found for name in names if (found := getattr(type(value), name, None))), None)
    if method is None:
        raise NotPlain(_refusal(value))
    found = _taken(value, lambda value: list(method(value)) if of_time else method(value))
    if found is None:
        raise _nothing(str(value))
    if kind == "M" and isinstance(found, int):
        raise NotPlain(_NAIVE)
    if type(found) is type(value) or (kind == "m" and isinstance(found, int)):
        raise NotPlain(_refusal(value))
    return found


def _refusal(value: Any) -> str:
    """That a value cannot be written as JSON, and what to give in its place."""
    kind = type(value)
    if kind.__name__ == "NAType":
        return _nothing("pandas.NA").message
    if hasattr(kind, "columns") and hasattr(kind, "to_dict"):
        return (
            f'{kind_of(value)} cannot be written as JSON; give one of its rows, or to_dict("records") of it'
        )
    taken_apart = next((name for name in _OBJECTS if callable(getattr(kind, name, None))), "")
    instead = f"what its {taken_apart}() returns" if taken_apart else "text, a number, a list or a dict"
    return f"{kind_of(value)} cannot be written as JSON; give {instead}"


_OBJECTS = ("model_dump", "to_dict", "asdict", "dict")
"""What models of other packages are taken apart by."""


def _nothing(name: str) -> NotPlain:
    return NotPlain(f"{name} is not JSON; for no value give None, or leave it out")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotPlain("half a surrogate pair is not text") from None
    return str.__str__(value)  # what the text is, whatever a class of the user's says that it is


def _integer(value: int) -> int:
    if value.bit_length() > MAX_BITS:
        raise NotPlain(f"a number of more than {MAX_DIGITS} digits is not sent")
    return int.__int__(value)


def _float(value: float, hints: EncodingHints | None) -> int | float:
    if not math.isfinite(value):
        raise _not_finite(value)
    number = float.__float__(value)
    return int(number) if hints is not None and number.is_integer() and hints.integer else number


def _not_finite(value: Any) -> NotPlain:
    return _nothing("NaN") if value != value else NotPlain(f"{value} is not JSON; give a finite number")


def _is_uuid(value: Any) -> bool:
    return isinstance(value, getattr(sys.modules.get("uuid"), "UUID", ()))


def _decimal(value: Decimal, hints: EncodingHints | None) -> int | float | Decimal | str:
    """An integer or a float where one of these says the same, else as it is: JSON sets digits no limit."""
    if not value.is_finite():
        raise _not_finite(float("nan") if value.is_nan() else value)
    if is_far(value):
        raise NotPlain(f"a number of more than {MAX_DIGITS} digits is not sent")
    if hints is not None and hints.text_only:
        return format(value, "f")
    whole = value == value.to_integral_value()
    if whole and value.adjusted() < MAX_DIGITS:
        return int(value)
    same = not whole and type(value)(repr(float(value))) == value
    return float(value) if same else value


def _encoded(content: bytes, encoding: str) -> str:
    import base64  # late: 1 ms
    import quopri  # late: 1 ms

    encoders: dict[str, Callable[[bytes], bytes]] = {
        "base64": base64.b64encode,
        "base64url": base64.urlsafe_b64encode,
        "base32": base64.b32encode,
        "base32hex": base64.b32hexencode,
        "base16": base64.b16encode,
        "quoted-printable": quopri.encodestring,
    }
    return encoders[encoding](content).decode("ascii")


def rfc3339(value: datetime.datetime) -> str:
    """RFC 3339; UTC is written `Z`. A naive datetime has no meaning on the wire and is refused."""
    if value != value:  # pandas.NaT
        raise _nothing("NaT")
    offset = value.utcoffset()
    if offset is None:
        raise NotPlain(_NAIVE)
    if offset.total_seconds() % 60:
        raise NotPlain(f"the offset {offset} has seconds, which RFC 3339 cannot write; give it in UTC")
    return _utc(value.isoformat())


_NAIVE = "a datetime needs a time zone; give it a tzinfo"


def _utc(text: str) -> str:
    return text[:-6] + "Z" if text.endswith("+00:00") else text


_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    int: _integer,
    str: _text,
    datetime.datetime: rfc3339,
    datetime.date: datetime.date.isoformat,
    datetime.time: lambda value: _utc(value.isoformat()),
}

_KEYS = (Enum, datetime.date)
