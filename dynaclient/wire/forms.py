"""Form bodies -> data, each property by its own type and encoding (OpenAPI 4.8.15, RFC 7578)."""

from __future__ import annotations

import io
from typing import Any

from dynaclient.document.operation import MediaType
from dynaclient.wire import media, percent
from dynaclient.wire.shape import Shape
from dynaclient.wire.unstyle import MISSING, decode_query


def decode_form(content: bytes, content_type: str, documented: MediaType, shape: Shape) -> dict[str, Any]:
    """The properties of a urlencoded or multipart body. Raises Undecodable, StyleError."""
    if media.essence(content_type) == media.FORM:
        return _urlencoded(media.decode_text(content, content_type), documented, shape)
    return _multipart(content, content_type, shape)


def _urlencoded(text: str, documented: MediaType, shape: Shape) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    for item in text.split("&"):
        if item:
            name, _, value = item.partition("=")
            given.setdefault(percent.decode(name, plus=True), []).append(value)
    data: dict[str, Any] = {}
    for name, own in shape.properties.items():
        encoding = documented.encoding.get(name)
        style = encoding.text("style") if encoding else ""
        stated = encoding.value.get("explode") if encoding else None
        explode = stated if isinstance(stated, bool) else style in ("", "form")
        if not style and name in given and _nests(own):
            data[name] = typed([percent.decode(value, plus=True) for value in given[name]], own)
            continue
        value = decode_query(text, name, style or "form", explode, own)
        if value is not MISSING:
            data[name] = value
    for name, values in given.items():
        if name not in data and name.partition("[")[0] not in data:
            data[name] = typed([percent.decode(value, plus=True) for value in values], shape.property(name))
    return data


def _nests(shape: Shape) -> bool:
    """Whether values of this shape travel as JSON in a form: objects, and arrays of them (4.8.14.3)."""
    items = shape.items.types if shape.items else frozenset()
    return "object" in shape.types or ("array" in shape.types and bool(items & {"object", "array"}))


def _multipart(content: bytes, content_type: str, shape: Shape) -> dict[str, Any]:
    from werkzeug.formparser import MultiPartParser
    from werkzeug.http import parse_options_header

    boundary = parse_options_header(content_type)[1].get("boundary", "")
    try:
        fields, files = MultiPartParser(max_form_memory_size=None).parse(
            io.BytesIO(content), boundary.encode(), len(content)
        )
    except ValueError as error:
        raise media.Undecodable(f"it is no multipart/form-data: {error}") from None
    data: dict[str, Any] = {}
    for name, texts in fields.lists():
        data[name] = typed(texts, shape.property(name))
    for name, parts in files.lists():
        data[name] = _files([_content(part) for part in parts], data.get(name), shape.property(name))
    return data


def _content(part: Any) -> bytes:
    with part.stream as stream:
        return bytes(stream.read())


def _files(parts: list[bytes], beside: Any, shape: Shape) -> Any:
    listed = len(parts) > 1 or beside is not None or "array" in shape.types
    return [*(beside if isinstance(beside, list) else []), *parts] if listed else parts[0]


def typed(texts: list[str], shape: Shape) -> Any:
    """Texts that were sent under one name as the value that `shape` says they are."""
    if _nests(shape):
        values = [media.decode_json(text.encode()) for text in texts]
        single = len(values) == 1 and ("array" not in shape.types or isinstance(values[0], list))
        return values[0] if single else values
    raw = "&".join(f"x={percent.encode(text)}" for text in texts)
    return decode_query(raw, "x", "form", True, shape)
