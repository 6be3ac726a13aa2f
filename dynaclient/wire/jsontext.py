"""JSON text <-> data (RFC 8259): by the standard library; faster by orjson where it is installed.

orjson reads and writes only that of which it makes the same: what it refuses, and the numbers that it would
make another text or another value of, are left to the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from dynaclient.afresh import at_any_depth
from dynaclient.decimals import decimal, is_decimal
from dynaclient.document.surrogates import SURROGATE_ESCAPE, whole_characters
from dynaclient.wire.percent import StyleError
from dynaclient.wire.values import NotPlain, is_plain, misfits, plain

if TYPE_CHECKING:
    from dynaclient.document.asked import Asked


class Undecodable(ValueError):
    """A body that is not what its media type says."""


_NOT_WRITTEN = (TypeError, ValueError, RecursionError)


def written(value: Any, *, ascii_only: bool = False, asked: Asked | None = None) -> tuple[bytes, Any]:
    """`value` as JSON text in UTF-8, compact, and as JSON has it: the same object where it is plain already.

    `asked`: what its schemas ask for, see `plain`. Raises NotPlain for what JSON has no form for, and
    StyleError for what cannot be written.
    """
    fast = None if ascii_only else _orjson()
    try:
        content = fast.dumps(value) if fast else _dumps(value)  # it finds circles, so before any walk
        if not ascii_only and _is_written_so(value, _is_usual if fast else None, asked):
            return content, value
    except _NOT_WRITTEN:
        pass
    value = plain(value, asked=asked)
    return json_bytes(value, ascii_only=ascii_only), value


def _is_written_so(value: Any, usual: Callable[[float], bool] | None, asked: Asked | None) -> bool:
    """Whether a value is plain and has the form that is asked for."""
    if asked is None:
        return is_plain(value, usual)
    return is_plain(value, _is_fraction) or (is_plain(value, usual) and not misfits(value, asked))


def json_bytes(value: Any, *, ascii_only: bool = False) -> bytes:
    """`value` as JSON text in UTF-8, compact. Raises StyleError, whose pointer leads to what JSON has not."""
    try:
        return at_any_depth(lambda: _dumps(value, ascii_only))
    except _NOT_WRITTEN:
        try:
            return at_any_depth(lambda: _spelt(plain(value), ascii_only))
        except NotPlain as reason:
            raise StyleError(reason.message, reason.pointer) from None
        except _NOT_WRITTEN as error:
            raise StyleError(f"it cannot be written as JSON: {error}") from None


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

    UTF-8, UTF-16 and UTF-32 are told by the bytes.
    Raises Undecodable for what RFC 8259 does not allow, and for what nests deeper than MAX_LEVELS. A number
    beyond the range of a float is infinity; within `decimals`, numbers that are no integers are Decimal.
    """
    value = _decoded(content)
    if _may_nest(content) and _nests(value):
        raise Undecodable(_TOO_DEEP)
    return value


def _decoded(content: bytes) -> Any:
    fast = None if _number.get() else _orjson()
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
        if SURROGATE_ESCAPE.search(text):  # half a character that a server cut does not lose the answer
            text = whole_characters(text)
        return json.loads(text, parse_constant=_no_constant, parse_float=_number.get())
    except ValueError as error:
        raise Undecodable(f"it is not JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


# -- numbers without loss -----------------------------------------------------------------------------

_number: ContextVar[Callable[[str], Any] | None] = ContextVar("number", default=None)


@contextmanager
def decimals(wanted: bool = True, read: Callable[[str], Any] = decimal) -> Iterator[None]:
    """Where it is `wanted`, numbers that are no integers are read by `read` meanwhile: as Decimal."""
    token = _number.set(read if wanted else None)
    try:
        yield
    finally:
        _number.reset(token)


def loads(text: str) -> Any:
    """As `json.loads`, numbers as `decode_json` reads them."""
    return json.loads(text, parse_float=_number.get())


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
        import orjson
    except ImportError:
        return None
    return orjson


_DIGITS = bytes(48 if 48 <= octet < 58 else 32 for octet in range(256))
_LONG_NUMBER = b"0" * 19
"""Whole numbers that may be beyond 64 bits, of which orjson would make a float."""


def _is_fraction(number: float) -> bool:
    """Whether no schema would have it written as an integer, and orjson writes it as we do."""
    return not number.is_integer() and _is_usual(number)


def _is_usual(number: float) -> bool:
    """Whether orjson writes it as we do: others need an exponent, and of NaN it makes null."""
    return 1e-4 <= abs(number) < 1e16 or number == 0
