"""Text on the wire -> values of parameters: the reverse of `styles`.

The wire does not tell a string from a number, or an array of one item from its item: an `ExpectedType` does.
Text that does not read as any type of its shape comes back as a string, for the schema to refuse.

- In a query, `+` reads as a space, as servers and browsers do; `styles` never writes one for anything else.
- null has no form on the wire; an empty text, or `null`, is read as null where the shape has null and no
  string.
- Of a shape that has both single and structured values, text without a delimiter is the single value.
- An empty text is an empty array or object; behind a `name=` or a label's `.`, an array of one empty string
  where items may be strings, since an empty array would not have been sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.document.model import COLLECTED
from dynaclient.wire import percent
from dynaclient.wire.json_values import loads
from dynaclient.wire.percent import StyleError
from dynaclient.wire.styles import MAX_DEPTH, SEPARATORS
from dynaclient.wire.value_types import ANY, ExpectedType

__all__ = ["decode_cookie", "decode_header", "decode_path", "decode_query"]


Pair = tuple[str, str]
Unescape = Callable[[str], str]


def decode_path(raw: str, name: str, style: str, explode: bool, shape: ExpectedType) -> Any:
    """The value of a path parameter from its raw text; MISSING if a matrix does not hold it.

    Raises StyleError for text that the style does not write.
    """
    if style.startswith(COLLECTED):
        return _read_collection([raw], style, shape, percent.decode)
    if style == "matrix":
        return _read_matrix(raw, name, explode, shape)
    if style == "label":
        return _read_label(raw, explode, shape)
    return _delimited(raw, ",", explode, shape, percent.decode)


def decode_query(
    raw_query: str, name: str, style: str, explode: bool, shape: ExpectedType, *, taken: Collection[str] = ()
) -> Any:
    """The value of a query parameter from the raw query (without `?`), or MISSING.

    `taken`: names of the other parameters, which are not properties of an exploded object.
    Raises StyleError for text that the style does not write.
    """
    pairs = _pairs(raw_query.split("&"))
    if style.startswith(COLLECTED):
        own = [value for key, value in pairs if _name(key, _from_query) == name]
        return _read_collection(own, style, shape, _from_query) if own else MISSING
    if style == "deepObject":
        return _read_deep(pairs, name, shape)
    return _read_form(pairs, name, _DELIMITERS.get(style, ","), explode, shape, _from_query, taken)


def decode_header(raw: str, name: str, explode: bool, shape: ExpectedType, style: str = "simple") -> Any:
    """The value of a header; space around commas is dropped (RFC 9110 section 5.6.1).

    Raises StyleError for an object without a value for each key.
    """
    if style.startswith(COLLECTED):
        return _read_collection([raw.strip(" \t")], style, shape, str)
    return _delimited(raw.strip(" \t"), "[ \t]*,[ \t]*", explode, shape, str)


def decode_cookie(
    raw_cookie: str, name: str, style: str, explode: bool, shape: ExpectedType, *, taken: Collection[str] = ()
) -> Any:
    """The value of a cookie parameter from the raw Cookie header, or MISSING; `taken` as in `decode_query`.

    Raises StyleError for text that the style does not write.
    """
    pairs = _pairs(item.strip(" \t") for item in raw_cookie.split(";"))
    unescape = str if style == "cookie" else percent.decode
    return _read_form(pairs, name, ",", explode, shape, unescape, taken)


_from_query = partial(percent.decode, plus=True)
_DELIMITERS = {"form": ",", "spaceDelimited": r"%20|\+| ", "pipeDelimited": r"%7[Cc]|\|"}
_STRUCTURED = frozenset({"array", "object"})


def _pairs(items: Any) -> list[Pair]:
    return [(key, value) for key, _, value in (item.partition("=") for item in items if item)]


# Single values.


def _scalar(text: str, shape: ExpectedType) -> Any:
    for kind, read in _SCALARS.items():
        if kind in shape.types:
            value = read(text)
            if value is not MISSING:
                return value
    return None if _reads_null(text, shape) else text


def _reads_null(text: str, shape: ExpectedType) -> bool:
    return text in ("", "null") and "null" in shape.types and "string" not in shape.types


def _integer(text: str) -> Any:
    number = _number(text)
    return number if number is not MISSING and int(number) == number else MISSING


def _number(text: str) -> Any:
    if not _JSON_NUMBER.fullmatch(text):
        return MISSING
    try:
        number = loads(text)
    except ValueError:  # more digits than Python agrees to read
        return MISSING
    return number if number - number == 0 else MISSING  # 1e999 is read as infinity


def _boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text, MISSING)


_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SCALARS: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number, "boolean": _boolean}


# Values with delimiters.


def _kind(shape: ExpectedType, structured: bool, *, keyed: bool) -> str:
    """ "array", "object" or "" for a single value, given what the text looks like."""
    kinds = shape.types & _STRUCTURED
    if not kinds or (not structured and shape.types - kinds - {"null"}):
        return ""
    if len(kinds) == 2:
        return "object" if keyed else "array"
    return next(iter(kinds))


def _delimited(
    text: str, delimiter: str, explode: bool, shape: ExpectedType, unescape: Unescape, *, named: bool = False
) -> Any:
    """A value whose parts stand in one text. `named`: it was sent behind a name, so it is not nothing."""
    parts = re.split(delimiter, text)
    keyed = explode and all("=" in part for part in parts)
    kind = _kind(shape, structured=len(parts) > 1 or keyed, keyed=keyed)
    if not kind:
        return _scalar(unescape(text), shape)
    if kind == "array":
        return _array(parts, shape, unescape, named)
    return _object(parts if text else [], explode, shape, unescape)


def _array(parts: list[str], shape: ExpectedType, unescape: Unescape, named: bool) -> list[Any]:
    items = shape.items or ANY
    if parts == [""] and not (named and (not items.types or "string" in items.types)):
        return []
    return [_scalar(unescape(part), items) for part in parts]


def _object(parts: list[str], explode: bool, shape: ExpectedType, unescape: Unescape) -> dict[str, Any]:
    return {
        key: _scalar(unescape(value), shape.property(key))
        for key, value in ((unescape(key), value) for key, value in _keyed(parts, explode))
    }


def _keyed(parts: list[str], explode: bool) -> Iterator[Pair]:
    if explode:
        yield from _pairs(parts)
    elif len(parts) % 2:
        raise StyleError("the last key of the object has no value")
    else:
        yield from zip(parts[::2], parts[1::2], strict=True)


# Styles.


def _read_label(raw: str, explode: bool, shape: ExpectedType) -> Any:
    if raw and not raw.startswith("."):
        raise StyleError("a value in style label starts with a dot")
    return _delimited(raw[1:], r"\." if explode else ",", explode, shape, percent.decode, named=bool(raw))


def _read_matrix(raw: str, name: str, explode: bool, shape: ExpectedType) -> Any:
    if raw and not raw.startswith(";"):
        raise StyleError("a value in style matrix starts with a semicolon")
    value = _read_form(_pairs(raw.split(";")), name, ",", explode, shape, percent.decode, ())
    if value is MISSING and not raw and _kind(shape, structured=True, keyed=False):
        return _delimited("", ",", False, ExpectedType(shape.types & _STRUCTURED), str)
    return value


def _read_form(
    pairs: list[Pair],
    name: str,
    delimiter: str,
    explode: bool,
    shape: ExpectedType,
    unescape: Unescape,
    taken: Collection[str],
) -> Any:
    own = [value for key, value in pairs if _name(key, unescape) == name]
    if explode and "object" in shape.types and not (own and shape.types - {"object", "null"}):
        return _exploded(pairs, shape, unescape, taken)
    if not own:
        return MISSING
    if explode:
        return _repeated(own, shape, unescape)
    return _delimited(own[0], delimiter, False, shape, unescape, named=True)


def _exploded(pairs: list[Pair], shape: ExpectedType, unescape: Unescape, taken: Collection[str]) -> Any:
    """An object whose properties are pairs of their own, among those of other parameters.

    Of a schema that names no properties all pairs are some that nobody else takes.
    """
    found: dict[str, list[str]] = {}
    any_name = shape.extra is not None or not shape.properties
    for raw_key, value in pairs:
        key = _name(raw_key, unescape)
        if key is not None and key not in taken and (any_name or key in shape.properties):
            found.setdefault(key, []).append(value)
    return {key: _repeated(values, shape.property(key), unescape) for key, values in found.items()} or MISSING


def _repeated(values: list[str], shape: ExpectedType, unescape: Unescape, *, listed: bool = False) -> Any:
    """An array, if the shape says so or says nothing of several values; else the first value."""
    listed = listed or len(values) > 1
    if (listed and not shape.types) or _kind(shape, listed, keyed=False) == "array":
        return [_scalar(unescape(value), shape.items or ANY) for value in values]
    return _scalar(unescape(values[0]), shape)


def _name(raw: str, unescape: Unescape) -> str | None:
    """A decoded name, None where it is broken: it is then the name of no parameter."""
    try:
        return unescape(raw)
    except StyleError:
        return None


# The collection formats of Swagger 2.0 that no style is.


def _read_collection(texts: list[str], style: str, shape: ExpectedType, unescape: Unescape) -> Any:
    formats = style.removeprefix(COLLECTED).split(",")
    if formats[0] == "multi":
        return [_split(text, formats[1:], shape.items or ANY, unescape) for text in texts]
    return _split(texts[0], formats, shape, unescape)


def _split(text: str, formats: list[str], shape: ExpectedType, unescape: Unescape) -> Any:
    """An array, whose items may be arrays, in one text; one value where there is no array."""
    if not formats or (shape.types and "array" not in shape.types):
        return _scalar(unescape(text), shape)
    items = shape.items or ANY
    if not text and items.types and "string" not in items.types:
        return []
    parts = re.split(_separator(formats[0], unescape), text)
    return [_split(part, formats[1:], items, unescape) for part in parts]


def _separator(form: str, unescape: Unescape) -> str:
    """A pattern for what stands between items; outside of a header it may be escaped."""
    plain = SEPARATORS[form]
    if unescape is str:
        return r"[ \t]*,[ \t]*" if plain == "," else re.escape(plain)
    if plain == ",":
        return plain
    plus = r"|\+" if plain == " " and unescape is _from_query else ""
    return f"{re.escape(plain)}|(?i:{percent.encode(plain)}){plus}"


# deepObject.

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def _read_deep(pairs: list[Pair], name: str, shape: ExpectedType) -> Any:
    found = []
    for raw_key, value in pairs:
        key = _name(raw_key, _from_query)
        if key is not None and key.startswith(name):
            rest = key[len(name) :]
            path = _BRACKETS.findall(rest)
            if sum(len(part) + 2 for part in path) == len(rest):
                found.append((path, value))
    return _deep(found, shape, MAX_DEPTH) if found else MISSING


def _deep(found: list[tuple[list[str], str]], shape: ExpectedType, depth: int) -> Any:
    """The value of what is `found` at one location: for each pair, the keys left and the raw value."""
    leaves = [value for path, value in found if path in ([], [""])]
    keyed = [(path, value) for path, value in found if path and (path != [""] or _only_object(shape))]
    if not keyed:
        return _repeated(leaves, shape, _from_query, listed=any(path for path, _ in found))
    if not depth:
        raise StyleError(f"objects nest deeper than {MAX_DEPTH} levels")
    groups: dict[str, list[tuple[list[str], str]]] = {}
    for path, value in keyed:
        groups.setdefault(path[0], []).append((path[1:], value))
    if "array" in shape.types and all(key.isdecimal() for key in groups):
        ordered = sorted(groups.items(), key=lambda item: int(item[0]))
        return [_deep(group, shape.items or ANY, depth - 1) for _, group in ordered]
    return {key: _deep(group, shape.property(key), depth - 1) for key, group in groups.items()}


def _only_object(shape: ExpectedType) -> bool:
    return shape.types & _STRUCTURED == {"object"}
