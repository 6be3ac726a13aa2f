"""Form bodies -> data, each property by its own type and encoding (Encoding Object, RFC 7578)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.document.model import MediaType
from dynaclient.wire import json_values, media_types, percent
from dynaclient.wire.form_encoding import encoding_of
from dynaclient.wire.style_parsing import decode_query
from dynaclient.wire.value_types import ExpectedType


def decode_form(
    content: bytes, content_type: str, documented: MediaType, shape: ExpectedType
) -> dict[str, Any]:
    """The properties of a urlencoded or multipart body. Raises Undecodable, StyleError."""
    if media_types.essence(content_type) == media_types.FORM:
        return _urlencoded(media_types.decode_text(content, content_type), documented, shape)
    return _multipart(content, content_type, documented, shape)


def _urlencoded(text: str, documented: MediaType, shape: ExpectedType) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    for item in text.split("&"):
        if item:
            name, _, value = item.partition("=")
            given.setdefault(percent.decode(name, plus=True), []).append(value)
    data: dict[str, Any] = {}
    for name, own in shape.properties.items():
        encoding = encoding_of(documented, name)
        if encoding.as_json or (not encoding.styled and _nests(own)):
            if name in given:
                texts = [percent.decode(value, plus=True) for value in given[name]]
                data[name] = _json_of(texts, own)
            continue
        others = shape.properties.keys() - {name}
        value = decode_query(text, name, encoding.style, encoding.explode, own, taken=others)
        if value is not MISSING:
            data[name] = value
    read = {*data, *_spread(data, documented)}
    for name, values in given.items():
        if name not in read and name.partition("[")[0] not in read:
            data[name] = _typed_value(
                [percent.decode(value, plus=True) for value in values], shape.property(name)
            )
    return data


def _nests(shape: ExpectedType) -> bool:
    """Whether values of this shape travel as JSON in a form: objects, and arrays of them."""
    items = shape.items.types if shape.items else frozenset()
    return "object" in shape.types or ("array" in shape.types and bool(items & {"object", "array"}))


def _multipart(
    content: bytes, content_type: str, documented: MediaType, shape: ExpectedType
) -> dict[str, Any]:
    from werkzeug.formparser import MultiPartParser  # late: 59 ms
    from werkzeug.http import parse_options_header  # late: 59 ms

    boundary = parse_options_header(content_type)[1].get("boundary", "")
    try:
        parser = MultiPartParser(lambda *_, **__: io.BytesIO(), max_form_memory_size=None)
        fields, files = parser.parse(io.BytesIO(content), boundary.encode(), len(content))
    except ValueError as error:
        raise json_values.Undecodable(f"not multipart/form-data: {error}") from None
    if None in fields or None in files:
        raise json_values.Undecodable("not multipart/form-data: a part has no name (RFC 7578, section 4.2)")
    data = _styled(dict(fields.lists()), documented, shape)
    read = {*data, *_spread(data, documented)}
    for name, texts in fields.lists():
        if name not in read and name.partition("[")[0] not in read:
            as_json = encoding_of(documented, name).as_json
            data[name] = (_json_of if as_json else _typed_value)(texts, shape.property(name))
    for name, parts in files.lists():
        own = shape.property(name)
        data[name] = _files([_content(part, own) for part in parts], data.get(name), own)
    return data


def _styled(given: dict[str, list[str]], documented: MediaType, shape: ExpectedType) -> dict[str, Any]:
    """The properties that travel in a style: as in a query, but that parts are not percent-encoded."""
    text = "&".join(
        f"{percent.encode(name)}={percent.encode(value, ',')}" for name in given for value in given[name]
    )
    data = {}
    for name in documented.encoding:
        encoding, own = encoding_of(documented, name), shape.property(name)
        if encoding.styled:
            others = shape.properties.keys() - {name}
            value = decode_query(text, name, encoding.style, encoding.explode, own, taken=others)
            if value is not MISSING:
                data[name] = value
    return data


def _spread(data: dict[str, Any], documented: MediaType) -> Iterator[str]:
    """The names under which the properties of exploded objects stand among those of the form."""
    for name, value in data.items():
        encoding = encoding_of(documented, name)
        if isinstance(value, dict) and encoding.styled and encoding.style == "form" and encoding.explode:
            yield from value


def _content(part: Any, shape: ExpectedType) -> Any:
    """The bytes of a file; its data where it is JSON and the document asks for what JSON holds."""
    with part.stream as stream:
        content = bytes(stream.read())
    structured = shape.items if "array" in shape.types and shape.items else shape
    if (
        structured.types
        and "string" not in structured.types
        and media_types.is_json(media_types.essence(part.mimetype))
    ):
        return json_values.decode_json(content)
    return content


def _files(parts: list[Any], beside: Any, shape: ExpectedType) -> Any:
    listed = len(parts) > 1 or beside is not None or ("array" in shape.types and not _is_list(parts))
    return [*(beside if isinstance(beside, list) else []), *parts] if listed else parts[0]


def _is_list(parts: list[Any]) -> bool:
    return len(parts) == 1 and isinstance(parts[0], list)


def _typed_value(texts: list[str], shape: ExpectedType) -> Any:
    """Texts that were sent under one name as the value that `shape` says they are."""
    if _nests(shape):
        return _json_of(texts, shape)
    raw = "&".join(f"x={percent.encode(text)}" for text in texts)
    return decode_query(raw, "x", "form", True, shape)


def _json_of(texts: list[str], shape: ExpectedType) -> Any:
    """JSON texts that were sent under one name: the value, or the items of an array."""
    values = [json_values.decode_json(text.encode()) for text in texts]
    single = len(values) == 1 and ("array" not in shape.types or isinstance(values[0], list))
    return values[0] if single else values


def typed_text(text: str, shape: ExpectedType) -> Any:
    """A `text/plain` body as the value that `shape` says it is; as it is where that may be text."""
    if not shape.types or "string" in shape.types:
        return text
    if shape.types & {"array", "object"}:
        try:
            return json_values.decode_json(text.encode())
        except json_values.Undecodable:
            return text
    return _typed_value([text.strip()], shape)
