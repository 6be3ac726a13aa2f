"""Values of parameters -> text on the wire, one small function per style.

OpenAPI 3.0.4, 3.1.1 and 3.2.0, "Style Values" and "Style Examples"; RFC 6570 for simple, label, matrix and
form; RFC 9110 section 5.5 for headers; RFC 6265 section 4.1.1 for cookies. `unstyle` reads all of it back.

A value is plain: bool, int, float, str, a list of those, or a dict of str to those; deepObject nests freely.
Delimiters that a style writes are bare, the same characters inside a value are encoded. Where the
specification leaves a cell of its table open ("n/a", "undefined"), this is what happens:

| cell | here |
|---|---|
| empty array or object, query and cookie | left out; with allowEmptyValue `color=` |
| empty array or object, path | no text at all: RFC 6570 section 2.3 calls such a value undefined |
| null at the top | left out of a query or cookie (`color=` with allowEmptyValue), refused elsewhere |
| null inside an array or object | refused: it has no form on the wire |
| array or object inside an array, or inside an object that is not exploded | refused |
| array inside an object, form and matrix with explode | the property is repeated: `R=1&R=2` |
| spaceDelimited, pipeDelimited: one value | as form |
| spaceDelimited, pipeDelimited: array with explode | as form: the pair is repeated |
| spaceDelimited, pipeDelimited: object with explode | refused |
| spaceDelimited, pipeDelimited: the delimiter inside an item | refused: both are written alike |
| deepObject without explode | as with explode |
| deepObject: one value | as form: `created=5`, as published documents mean `anyOf: [integer, object]` |
| deepObject: array at the top | `expand%5B%5D=x&expand%5B%5D=y`, as published documents mean it |
| deepObject: object inside an object | `color%5Ba%5D%5Bb%5D=1` |
| deepObject: array inside an object | the pair is repeated: `color%5Btags%5D=x&color%5Btags%5D=y` |
| deepObject: objects or arrays inside an array | `color%5B0%5D%5Ba%5D=1`, as servers read it |
| deepObject: a bracket inside a key | refused: it would be read as nesting |
| Swagger 2.0's `2.0:multi,csv` and so on: the separator inside an item | refused: both are written alike |
| header: a comma inside an item | passed as it is, as all of a header: quoting is the user's |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from dynaclient._support.decimals import is_decimal
from dynaclient._support.messages import kind_of
from dynaclient.document.model import COLLECTED
from dynaclient.wire import percent
from dynaclient.wire.percent import StyleError


class PrimitiveSerializer(Protocol):
    """Writes one primitive as the location asks.

    The characters of `without` delimit something around the value: they are encoded even where they could
    stay.
    Raises StyleError for a value that the location cannot hold.
    """

    def __call__(self, value: Any, without: str = "") -> str: ...


def percent_serializer(keep: str, *, triplets: bool = False) -> PrimitiveSerializer:
    """Percent-encodes all but the unreserved characters and those of `keep`; see `percent.encode`."""

    def pen(value: Any, without: str = "") -> str:
        kept = keep.translate(dict.fromkeys(map(ord, without))) if keep else ""
        return percent.encode(primitive_text(value), kept, triplets=triplets)

    return pen


_SERIALIZER = percent_serializer("")
_PATH_SERIALIZER = percent_serializer(percent.PATH_RESERVED)
_QUERY_SERIALIZER = percent_serializer(percent.QUERY_RESERVED, triplets=True)


def header_pen(value: Any, without: str = "") -> str:
    """Passes a value as it is, if a header can hold it (RFC 9110 section 5.5)."""
    written = primitive_text(value)
    if _CONTROL.search(written):
        raise StyleError("a header value cannot hold control characters such as CR and LF")
    if not written.isascii() and max(written) > "\xff":
        raise StyleError(f"a header value cannot hold {max(written)!a}: only Latin-1 characters can be sent")
    return written


def cookie_serializer(value: Any, without: str = "") -> str:
    """Passes a value as it is, if a cookie can hold it; a name where `=` delimits (RFC 6265, 4.1.1)."""
    written = primitive_text(value)
    if "=" in without and not re.fullmatch(_COOKIE_NAME, written):
        raise StyleError(f"{written!a} cannot name a cookie: only letters, digits and !#$%&'*+.^_`|~- can")
    if "=" not in without and not re.fullmatch(f'{_COOKIE_OCTETS}|"{_COOKIE_OCTETS}"', written):
        raise StyleError(
            'a cookie value can hold only ASCII without spaces, control characters and `",;\\`, and style '
            "cookie escapes nothing: give the value in the escaped form that the server expects"
        )
    return written


def primitive_text(value: Any) -> str:
    """A primitive as JSON writes it, strings without their quotes. Raises StyleError for anything else."""
    for kind, write in _PRIMITIVES.items():
        if isinstance(value, kind):
            return write(value)
    if is_decimal(value):
        return str(value)
    raise StyleError(_refusal(value))


def _integer(value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        raise StyleError("the integer has more digits than Python agrees to write") from None


def _float(value: float) -> str:
    if value - value != 0:
        raise StyleError("NaN and Infinity are not JSON numbers")
    return float.__repr__(value)


_PRIMITIVES: dict[type, Callable[[Any], str]] = {
    str: str.__str__,
    bool: lambda value: "true" if value else "false",  # before int: a bool is one
    int: _integer,
    float: _float,
}


def _refusal(value: Any) -> str:
    if value is None:
        return "null cannot be written in this style; leave it out"
    if isinstance(value, (list, tuple)):
        return "an array is not allowed here by this style: only strings, numbers and booleans are"
    if isinstance(value, dict):
        return "an object is not allowed here by this style: only strings, numbers and booleans are"
    return f"{kind_of(value)} is not a string, number, boolean, array or object"


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COOKIE_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_COOKIE_OCTETS = r"[!#-+\--:<-\[\]-~]*"


__all__ = ["MAX_DEPTH", "StyleError", "encode_cookie", "encode_header", "encode_path", "encode_query"]

MAX_DEPTH = 64
"""How deep a deepObject may nest, both ways."""

Pair = tuple[str, str]
Row = TypeVar("Row")


def encode_path(name: str, value: Any, style: str, explode: bool, *, allow_reserved: bool = False) -> str:
    """The text that replaces `{name}` in a path template: simple, label or matrix.

    Whether the segment that comes of it may be sent (`.`, `..`, empty) is the caller's to say.
    Raises StyleError for a value that the style cannot carry.
    """
    pen = _PATH_SERIALIZER if allow_reserved else _SERIALIZER
    if style.startswith(COLLECTED):
        return "".join(_collected(style, value, _SERIALIZER, percent.encode))
    return _row(_PATH, style)(name, value, explode, pen)


def encode_query(
    name: str,
    value: Any,
    style: str,
    explode: bool,
    *,
    allow_reserved: bool = False,
    allow_empty: bool = False,
) -> list[str]:
    """The `name=value` pairs, encoded and ready to be joined by `&`: form, the delimited styles, deepObject.

    Nothing for None and for an empty array or object, or `name=` with `allow_empty` (allowEmptyValue).
    Raises StyleError for a value that the style cannot carry.
    """
    pen = _QUERY_SERIALIZER if allow_reserved else _SERIALIZER
    if style.startswith(COLLECTED) and value is not None:
        pairs = [(pen(name, "="), text) for text in _collected(style, value, _SERIALIZER, percent.encode)]
    else:
        pairs = [] if value is None else _row(_QUERY, style)(name, value, explode, pen)
    if allow_empty and (value is None or _is_empty(value)):
        pairs = [(pen(name, "="), "")]
    return [f"{key}={text}" for key, text in pairs]


def encode_header(name: str, value: Any, explode: bool, style: str = "simple") -> str:
    """The value of a header, never percent-encoded (OpenAPI 3.1.1, "Style Examples").

    Raises StyleError for what RFC 9110 section 5.5 does not let a header hold: control characters, spaces at
    the ends (every receiver strips them), and characters outside of Latin-1.
    """
    if style.startswith(COLLECTED):
        text = "".join(_collected(style, value, header_pen, str))
    else:
        text = _simple(name, value, explode, header_pen)
    if text != text.strip(" \t"):
        raise StyleError("a header value cannot begin or end with a space: every receiver strips it")
    return text


def encode_cookie(name: str, value: Any, style: str, explode: bool) -> list[str]:
    """The `name=value` items of one Cookie header, ready to be joined by `; `.

    `form` is percent-encoded; `cookie` (OpenAPI 3.2) is passed as it is.
    Raises StyleError for a value that the style cannot carry, such as a `;` in style `cookie`.
    """
    pairs = [] if value is None else _form(name, value, explode, _row(_COOKIE_PENS, style))
    return [f"{key}={text}" for key, text in pairs]


def _row(table: Mapping[str, Row], style: str) -> Row:
    if style not in table:
        raise StyleError(f"style {style!r} is not one of {', '.join(table)}")
    return table[style]


# What the parts of a value look like.


def _is_empty(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict)) and not value


def _parts(value: Any, explode: bool, pen: PrimitiveSerializer, delimiter: str) -> list[str]:
    """What stands between the delimiters: one value, the items, or the keys and values."""
    if isinstance(value, (list, tuple)):
        return [pen(item, delimiter) for item in value]
    if not isinstance(value, dict):
        return [pen(value)]
    if explode:
        return [f"{pen(key, delimiter + '=')}={pen(item, delimiter)}" for key, item in _properties(value)]
    return [pen(part, delimiter) for property_ in _properties(value) for part in property_]


def _properties(value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if not isinstance(key, str):
            raise StyleError(f"the key {key!r} of an object is not a string")
        yield key, item


# The styles of a path.


def _simple(name: str, value: Any, explode: bool, pen: PrimitiveSerializer) -> str:
    return ",".join(_parts(value, explode, pen, ","))


def _label(name: str, value: Any, explode: bool, pen: PrimitiveSerializer) -> str:
    delimiter = "." if explode else ","
    return "" if _is_empty(value) else "." + delimiter.join(_parts(value, explode, pen, delimiter))


def _matrix(name: str, value: Any, explode: bool, pen: PrimitiveSerializer) -> str:
    def inner(value: Any, without: str = "") -> str:
        return pen(value, without + ";")

    return "".join(
        f";{key}={text}" if text else f";{key}" for key, text in _form(name, value, explode, inner)
    )


# The styles of a query, and of a cookie.


def _form(name: str, value: Any, explode: bool, pen: PrimitiveSerializer, delimiter: str = ",") -> list[Pair]:
    key = pen(name, "=")
    if explode and isinstance(value, (list, tuple)):
        return [(key, pen(item)) for item in value]
    if explode and isinstance(value, dict):
        return [(pen(key, "="), pen(item)) for key, item in _repeated(value)]
    if _is_empty(value):
        return []
    return [(key, delimiter.join(_parts(value, False, pen, delimiter)))]


def _repeated(value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """The properties, one that holds an array as often as it has items."""
    for key, item in _properties(value):
        yield from ((key, each) for each in item) if isinstance(item, (list, tuple)) else [(key, item)]


def _delimited(delimiter: str, name: str, value: Any, explode: bool, pen: PrimitiveSerializer) -> list[Pair]:
    """spaceDelimited and pipeDelimited, whose delimiter is percent-encoded itself."""
    if explode and isinstance(value, dict):
        raise StyleError("this style is not defined for an object with explode: true")

    def item_pen(value: Any, without: str = "") -> str:
        text = pen(value, without)
        if without == delimiter and delimiter in text.upper():
            raise StyleError(f"an item cannot hold the style's delimiter {percent.decode(delimiter)!r}")
        return text

    return _form(name, value, explode, item_pen, delimiter)


def _deep(name: str, value: Any, explode: bool, pen: PrimitiveSerializer) -> list[Pair]:
    flat = isinstance(value, (list, tuple)) and not _holds_structures(value)
    return list(_branches(pen(name, "=") + ("%5B%5D" if flat else ""), value, pen, MAX_DEPTH))


def _holds_structures(value: Any) -> bool:
    return any(isinstance(item, (dict, list, tuple)) for item in value)


def _branches(key: str, value: Any, pen: PrimitiveSerializer, depth: int) -> Iterator[Pair]:
    if isinstance(value, (list, tuple)) and _holds_structures(value):
        value = {str(index): item for index, item in enumerate(value)}
    if not isinstance(value, dict):
        yield from ((key, pen(item)) for item in (value if isinstance(value, (list, tuple)) else [value]))
        return
    if not depth:
        raise StyleError(f"objects nest deeper than {MAX_DEPTH} levels")
    for part, item in _properties(value):
        if "[" in part or "]" in part:
            raise StyleError(f"the key {part!r} holds a bracket, which style deepObject reads as nesting")
        yield from _branches(f"{key}%5B{pen(part, '=')}%5D", item, pen, depth - 1)


# The collection formats of Swagger 2.0 that no style is.


SEPARATORS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}


def _collected(style: str, value: Any, pen: PrimitiveSerializer, escape: Callable[[str], str]) -> list[str]:
    """The texts of an array: one for each item of a `multi`, else one for all, if there are any."""
    formats = style.removeprefix(COLLECTED).split(",")
    if not isinstance(value, (list, tuple)):
        return [pen(value)]
    if formats[0] == "multi":
        return [_joined(item, formats[1:], pen, escape) for item in value]
    return [_joined(value, formats, pen, escape)] if value else []


def _joined(value: Any, formats: list[str], pen: PrimitiveSerializer, escape: Callable[[str], str]) -> str:
    """The items of an array in one text. As in OpenAPI 3, a comma is bare, any other separator is escaped."""
    if not isinstance(value, (list, tuple)) or not formats:
        return pen(value)
    plain = SEPARATORS[formats[0]]
    separator = plain if plain == "," else escape(plain)
    items = [_joined(item, formats[1:], pen, escape) for item in value]
    if any(separator in item for item in items):
        raise StyleError(f"an item cannot hold {plain!r}, which stands between the items")
    return separator.join(items)


_PATH: dict[str, Callable[[str, Any, bool, PrimitiveSerializer], str]] = {
    "simple": _simple,
    "label": _label,
    "matrix": _matrix,
}
_QUERY: dict[str, Callable[[str, Any, bool, PrimitiveSerializer], list[Pair]]] = {
    "form": _form,
    "spaceDelimited": partial(_delimited, "%20"),
    "pipeDelimited": partial(_delimited, "%7C"),
    "deepObject": _deep,
}
_COOKIE_PENS: dict[str, PrimitiveSerializer] = {"form": _SERIALIZER, "cookie": cookie_serializer}
