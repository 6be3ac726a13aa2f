"""Wording of messages: articles and plurals, and what a setting is called where the user stands.

Who writes a message names the thing, `setting_name("server")`, and the surface says what that is: `server=`
in a program, `--server` in a shell. What the command line cannot set is said to be set in Python.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain, repeat
from typing import Any
from unicodedata import category, normalize

from dynaclient._support.decimals import is_decimal

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


def _describe(value: Any) -> str:
    """The name of a value's JSON type; that of its class where JSON has no such thing."""
    if is_decimal(value):
        return "number"
    return _KINDS.get(type(value), type(value).__name__)


def article(noun: str) -> str:
    """`noun` with its article."""
    if noun.startswith(_WITHOUT_ARTICLE):
        return noun
    return f"an {noun}" if noun[:1].lower() in tuple("aeio") else f"a {noun}"


def kind_of(value: Any) -> str:
    """What `value` is: `an integer`, `a string`, `null`, `a PosixPath`."""
    return article(_describe(value))


def short_repr(value: Any) -> str:
    """`value` as Python writes it, cut off where that is long; what it is, where it cannot be written."""
    try:
        text = start(value, _LONG, repr)
    except Exception:  # it has too many digits, or is of a class that fails
        return kind_of(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def start(value: Any, most: int, write: Callable[[Any], str]) -> str:
    """`value` as text, of which all is there that `most` characters hold, and little more is written.

    `write` gives the text of what is no dict, list or tuple.
    """
    text = ""
    for piece in _pieces(value, most, write):
        text += piece
        if len(text) > most:  # each level of a value that nests deep, or in a circle, has its bracket
            break
    return text


def _pieces(value: Any, most: int, write: Callable[[Any], str]) -> Iterator[str]:
    kind = type(value)
    if kind is dict:
        yield "{"
        for comma, (name, each) in zip(_commas(), value.items(), strict=False):
            yield f"{comma}{write(_cut(name, most))}: "
            yield from _pieces(each, most, write)
        yield "}"
    elif kind in (list, tuple):
        opening, closing = _brackets(value) if write is repr else ("[", "]")
        yield opening
        for comma, each in zip(_commas(), value, strict=False):
            yield comma
            yield from _pieces(each, most, write)
        yield closing
    else:
        yield write(_cut(value, most))


def _brackets(value: Any) -> tuple[str, str]:
    return ("[", "]") if isinstance(value, list) else ("(", ",)" if len(value) == 1 else ")")


def _commas() -> Iterable[str]:
    return chain([""], repeat(", "))


def _cut(value: Any, most: int) -> Any:
    return value[: most + 1] if isinstance(value, (str, bytes, bytearray)) else value


def json_text(value: Any) -> str:
    """A value of a document, cut off where it is long: `null`, `["string", "null"]`; text as `'string'`."""
    try:
        text = repr(_cut(value, _LONG)) if isinstance(value, str) else start(value, _LONG, json_dump)
    except (TypeError, ValueError, RecursionError):
        return kind_of(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def json_dump(value: Any) -> str:
    """`value` as JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


# -- texts that look alike ----------------------------------------------------------------------------


def looks(known: Iterable[Any]) -> dict[str, str]:
    """The texts among `known`, by what they look like: in one normal form, without what cannot be seen."""
    return {_look(each): each for each in known if isinstance(each, str)}


def looks_as(text: Any, known: Mapping[str, str]) -> str:
    """That `text` is not the one of `looks` that it looks like, with the code points; empty where it is."""
    same = known.get(_look(text), text) if isinstance(text, str) else text
    if same == text:
        return ""
    return f"; the two look alike: {code_points(text)} was given, {code_points(same)} is expected"


def code_points(text: str) -> str:
    """A text as JSON in ASCII, with the code points of other characters: `"caf\\u00e9"`."""
    return json.dumps(text)


def _look(text: str) -> str:
    if text.isascii() or len(text) > _LONG:
        return text
    return "".join(char for char in normalize("NFKC", text) if category(char) != "Cf")


# -- what violations say, alike in every room ---------------------------------------------------------

REQUIRED = "missing, but required"


def mismatch(expected: str, value: Any, text: str = "") -> str:
    """`expected a boolean, got a string ("yes")`; `text` is the value as it is shown."""
    given = kind_of(value)
    return f"expected {expected}, got {given}{f' ({text})' if text and given != text else ''}"


def undocumented(what: str, documented: Iterable[object]) -> str:
    """`undocumented status 202 (documented: 200, 404)`."""
    known = ", ".join(map(str, documented))
    return f"undocumented {what}{f' (documented: {known})' if known else ''}"


def undocumented_type(kind: str, documented: Iterable[str]) -> str:
    """`undocumented content type text/html (documented: application/json)`; or that there is none."""
    if kind:
        return undocumented(f"content type {kind}", documented)
    return f"no Content-Type (documented: {', '.join(documented)})"


def pluralize(number: int, noun: str, plural: str = "") -> str:
    """`1 operation`, `2 operations`; `plural` where it has more than an `s` at its end."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def verb(number: int) -> str:
    """The verb that goes with a number: `is` or `are`."""
    return "is" if number == 1 else "are"


PYTHON: Mapping[str, str] = {
    "server": "server=",
    "server variables": "server_variables=",
    "credentials": "credentials=",
    "undocumented": "on `auth` or `headers` of a `session=`",
    "pair": "a pair (user, password)",
    "timeout": "timeout=",
    "time to connect": "Timeout.connect",
    "max_body": "max_body=",
    "verify": "verify=",
    "cert": "cert=",
    "proxies": "proxies= (or HTTP_PROXY, HTTPS_PROXY)",
    "ref_folder": "ref_folder=",
    "ref_hosts": "ref_hosts=",
    "operations": "list(client.operations) names them",
    "parameter": '{{"{}": ...}}',
    "property": 'body={{"{}": ...}}',
    "body": "body=...",
    "option": 'options={{"{}": ...}}',
    "fields": "a mapping of names to values",
    "parts": "a mapping of names to parts",
    "items": "an iterable of items",
    "text": "text",
    "bytes": "bytes, an open file or a path",
    "text or bytes": "text, bytes, an open file or a path",
    "codec": "register a codec for it with register_codec",
    "paging": (
        'next="link" (a Link header), next="/pointer/to/url", cursor=("parameter", "/pointer/to/value"), '
        'offset="parameter" or page="parameter"'
    ),
    "reference": 'credentials={{"{}": Env("NAME")}}',
    "place of items": 'items="/pointer/to/list"',
    "typed file": "(name, file, media type)",
    "typed part": "(name, value, media type, headers)",
}

COMMAND_LINE: Mapping[str, str] = {
    "server": "--server",
    "server variables": "the whole URL with --server",
    "credentials": "--credential SCHEME=VALUE",
    "undocumented": "with -H 'NAME: VALUE', or in --server https://USER:PASSWORD@HOST",
    "pair": "USER:PASSWORD",
    "timeout": "--timeout",
    "time to connect": "10 s",
    "max_body": "max_body= in Python",
    "verify": "--verify",
    "cert": "cert= in Python",
    "proxies": "--proxy (or HTTP_PROXY, HTTPS_PROXY)",
    "ref_folder": "--ref-folder",
    "ref_hosts": "--ref-host",
    "operations": "`dynaclient ops NAME` lists them",
    "parameter": "-p {}=...",
    "property": "-F {}=...",
    "body": "--body",
    "option": "an option, see dynaclient call --help",
    "fields": "-F NAME=VALUE",
    "parts": "-F NAME=VALUE or -F NAME=@FILE",
    "items": "--body with a JSON text on each line",
    "text": "--body TEXT",
    "bytes": "--body @FILE",
    "text or bytes": "--body TEXT or --body @FILE",
    "codec": "register a codec for it in Python",
    "paging": (
        "--next link (a Link header), --next /pointer/to/url, --cursor parameter=/pointer/to/value, "
        "--offset parameter or --page parameter"
    ),
    "reference": "--credential {}=env:NAME",
    "place of items": "--items /pointer/to/list",
    "typed file": "-F NAME=@FILE;type=TYPE/SUBTYPE",
    "typed part": "headers of parts in Python",
}

_here: ContextVar[Mapping[str, str]] = ContextVar("surface", default=PYTHON)


def here() -> Mapping[str, str]:
    """The table that holds here."""
    return _here.get()


def setting_name(thing: str, name: str = "") -> str:
    """What `thing`, a key of the tables above, is called here; `name` where it has one of its own."""
    return _here.get()[thing].format(name)


@contextmanager
def speaking_of(surface: Mapping[str, str]) -> Iterator[None]:
    """Messages that are made inside speak of what this surface has."""
    before = _here.set(surface)
    try:
        yield
    finally:
        _here.reset(before)
