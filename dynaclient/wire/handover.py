"""What a web framework hands over of a request that it received -> the request as it arrived. No I/O.

Frameworks give headers as mappings or pairs, of text or bytes; a query raw or taken apart; a body as bytes,
text or decoded. All of it goes back to what stood on the wire, so that one reader serves all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dynaclient.document.operation import MediaType, Operation
from dynaclient.errors import SettingsError, Violation
from dynaclient.wire import media, percent
from dynaclient.wire.incoming import Incoming, origin_form
from dynaclient.wire.jsontext import Undecodable
from dynaclient.wire.media import Encoded
from dynaclient.wire.percent import StyleError
from dynaclient.wire.values import NotPlain, plain
from dynaclient.words import kind_of

Pairs = list[tuple[str, str]]


def handed_over(
    operation: Operation,
    takes_null: Callable[[], bool],
    path: Any,
    query: Any,
    headers: Any,
    cookies: Any,
    body: Any,
) -> tuple[Incoming, list[Violation]]:
    """The request, and what of it cannot have stood on a wire. `takes_null`: whether its body may be null.

    Raises SettingsError for what is neither a mapping nor pairs.
    """
    found: list[Violation] = []
    pairs = None if headers is None else _pairs("headers", headers)
    encoded = _encoded(operation, takes_null, body, pairs, found)
    ours = {"Content-Type": encoded.content_type}
    if cookies is not None:
        ours["Cookie"] = "; ".join(f"{name}={value}" for name, value in _pairs("cookies", cookies))
    names = [name.lower() for name in ours]
    rest = [pair for pair in pairs or () if pair[0].lower() not in names]
    made = [(name, value) for name, value in ours.items() if value]
    target = _target(path, query, found)
    incoming = Incoming(operation.method, target, (*rest, *made), encoded.content)
    return _uncoded(incoming, body, found), found


def _uncoded(incoming: Incoming, body: Any, found: list[Violation]) -> Incoming:
    """Many frameworks decode a body and leave its Content-Encoding there: what can be seen tells."""
    from dynaclient.wire.coding import is_encoded

    if not is_encoded(body, incoming.header("Content-Encoding") or ""):
        return incoming
    try:
        return incoming.uncoded()
    except Undecodable as error:
        found.append(Violation("body", "body", "", str(error)))
        return incoming


def _target(path: Any, query: Any, found: list[Violation]) -> str:
    try:
        target = origin_form(_text(path or "/"))
        return target if query is None else f"{target.partition('?')[0]}?{_query(query)}"
    except ValueError as error:  # no URL, or half a surrogate pair
        found.append(Violation("argument", "path or query", "", f"it cannot stand in a URL: {error}"))
        return "/"


def _query(given: Any) -> str:
    """A raw query. One taken apart has lost which commas were delimiters: all are taken for such."""
    if isinstance(given, (str, bytes)):
        return _text(given).removeprefix("?")
    pairs = _pairs("query", given)
    return "&".join(f"{percent.encode(name)}={percent.encode(value, ',')}" for name, value in pairs)


def _pairs(what: str, given: Any) -> Pairs:
    """Names and values, one pair for each value of a name."""
    try:
        items = given.items() if hasattr(given, "items") else given
        several = [(name, value if isinstance(value, (list, tuple)) else [value]) for name, value in items]
    except (TypeError, ValueError):
        raise SettingsError(f"{what} is a mapping, or pairs of a name and a value") from None
    return [(_text(name), _text(value)) for name, values in several for value in values]


def _text(value: Any) -> str:
    try:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)
    except Exception:  # it nests too deep, has too many digits, or is of a class that fails
        raise SettingsError(f"{kind_of(value)} is no text of a request") from None


def _encoded(
    operation: Operation,
    takes_null: Callable[[], bool],
    given: Any,
    headers: Pairs | None,
    found: list[Violation],
) -> Encoded:
    """The body as bytes, and its Content-Type: where there are no headers at all, the first documented one,
    of decoded data the first that is for it."""
    documented = operation.body.content if operation.body else {}
    if headers is None:
        raw = isinstance(given, (str, bytes, bytearray, memoryview))
        first = next(iter(documented), media.JSON)
        name = media.choose(documented, given) if documented and not raw else first
        content_type = media.concrete(name, given)
    else:
        content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    kind = media.essence(content_type)
    if given is None and not (media.is_json(kind) and takes_null()):
        return Encoded(b"", content_type)
    try:
        return Encoded(*_bytes(given, content_type, documented))
    except NotPlain as error:
        found.append(Violation("body", "body", error.pointer, error.message))
    except (StyleError, LookupError, UnicodeEncodeError) as error:
        found.append(Violation("body", "body", "", f"it cannot have been {kind[:100] or 'a body'}: {error}"))
    return Encoded(b"", content_type)


def _bytes(given: Any, content_type: str, documented: Mapping[str, MediaType]) -> tuple[bytes, str]:
    if isinstance(given, (bytes, bytearray, memoryview)):
        return bytes(given), content_type
    if isinstance(given, str):
        json = media.is_json(media.essence(content_type))
        return given.encode("utf-8" if json else media.charset(content_type)), content_type
    value = plain(given, files=True)
    encoded = media.encode(value, content_type or media.JSON, media.matching(documented, content_type))
    return (
        encoded.content,
        encoded.content_type if content_type else "",
    )  # multipart has a boundary of its own
