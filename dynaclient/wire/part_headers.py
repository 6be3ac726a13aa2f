"""The heads of the parts of a multipart body that came in, held against their Encoding Objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import REQUIRED, undocumented_type
from dynaclient.document.model import MediaType, Parameter
from dynaclient.document.node import Node, escape
from dynaclient.errors import Violation
from dynaclient.wire import json_values
from dynaclient.wire.form_encoding import encoding_of
from dynaclient.wire.media_types import TEXT, covers, essence
from dynaclient.wire.style_parsing import decode_header
from dynaclient.wire.styles import StyleError
from dynaclient.wire.value_types import ExpectedType

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers


Check = Callable[[Node, Any, Any, str], list[Violation]]
ShapeAt = Callable[[Node | None], ExpectedType]


def broken_heads(
    content: bytes, content_type: str, documented: MediaType, check: Check, shape: ShapeAt
) -> Iterator[Violation]:
    """What the parts break: the media types that are listed for them, their headers, and that a file is one.

    A part that does not say its type is of any. Raises Undecodable for what is no multipart body.
    """
    if not (documented.encoding or documented.files):
        return
    heads = list(_heads(content, content_type))
    names = [name for name, _ in heads]
    for index, (name, headers) in enumerate(heads):
        if names.count(name) > 1:
            pointer = f"/{escape(name)}/{names[:index].count(name)}"
        else:
            pointer = f"/{escape(name)}"
        yield from _of_type(name, headers.get("Content-Type"), pointer, documented)
        if name in documented.files and _is_text(headers):
            message = "expected a file, got a text part: neither a filename nor a type other than text/plain"
            yield Violation("body", "body", pointer, message, documented.node.place)
        for header in documented.part_headers.get(name, ()):
            yield from _of_header(header, headers.get(header.name), pointer, check, shape)


def _heads(content: bytes, content_type: str) -> Iterator[tuple[str, Headers]]:
    """Name and headers of each part."""
    from werkzeug.http import parse_options_header  # late: 61 ms
    from werkzeug.sansio.multipart import Epilogue, Field, File, MultipartDecoder  # late: 61 ms

    decoder = MultipartDecoder(parse_options_header(content_type)[1].get("boundary", "").encode())
    try:
        decoder.receive_data(content)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, (Field, File)):
                yield event.name or "", event.headers
    except ValueError as error:
        raise json_values.Undecodable(f"not multipart/form-data: {error}") from None


def _is_text(headers: Headers) -> bool:
    """Whether servers take it for a field: a file has a filename (RFC 7578, 4.2) or a type of its own."""
    from werkzeug.http import parse_options_header  # late: 61 ms

    named = "filename" in parse_options_header(headers.get("Content-Disposition"))[1]
    return not named and essence(headers.get("Content-Type") or TEXT) == TEXT


def _of_type(name: str, said: str | None, pointer: str, documented: MediaType) -> Iterator[Violation]:
    encoding = encoding_of(documented, name)
    if said is None or encoding.styled or not encoding.types:
        return
    if not any(covers(each, said) for each in encoding.types):
        message = undocumented_type(essence(said), encoding.types)
        yield Violation("body", "body", pointer, message, documented.node.place)


def _of_header(
    header: Parameter, raw: str | None, pointer: str, check: Check, shape: ShapeAt
) -> list[Violation]:
    if raw is None:
        missing = Violation("body", "body", pointer, f"header {header.name}: {REQUIRED}", header.node.place)
        return [missing] if header.required else []
    if header.schema is None:
        return []
    try:
        value = decode_header(raw, header.name, header.explode, shape(header.schema), header.style)
    except StyleError as error:
        said = f"header {header.name}: {error}"
        return [Violation("body", "body", pointer, said, header.node.place)]
    found = check(header.schema, value, "body", "body")
    return [replace(each, pointer=pointer, message=f"header {header.name}: {each.message}") for each in found]
