"""How bodies are written and read: one codec per family of media types, in a table.

RFC 8259 and the `+json` suffix of RFC 6839 for JSON; RFC 7578 and the WHATWG URL standard for forms; RFC 7303
for XML.

| family | given for a request | data of an answer |
|---|---|---|
| JSON, every `+json` | what JSON has | the same |
| `application/x-www-form-urlencoded` | a mapping | a dict |
| `multipart/form-data`, other `multipart/*` | a mapping, for the others also a list of parts | bytes |
| NDJSON, `application/json-seq`, every `+json-seq` | an iterable of items, or their text | a list |
| XML, every `+xml` | text | text |
| `text/*` | text, a number or a boolean; for `text/plain` also what JSON has | text |
| octet-stream, images and others that are known to be no text | bytes, a file, a path, text | bytes |
| any other | text, bytes, a file, a path; how to write all else is for a registered codec to say | bytes |
| registered | what its `encode` takes | what its `decode` gives |

Bytes, files and paths are taken for all but JSON, as a body that is encoded already: they are not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dynaclient.decimals import is_decimal
from dynaclient.document.operation import MediaType
from dynaclient.interrupts import let_through
from dynaclient.surface import called
from dynaclient.wire.jsontext import Undecodable, decode_json, json_bytes
from dynaclient.wire.kinds import (
    FORM,
    MULTIPART,
    TEXT,
    charset,
    essence,
    is_bytes,
    is_json,
    is_sequence,
    is_text,
    is_xml,
)
from dynaclient.wire.percent import StyleError
from dynaclient.wire.texts import decode_text, encode_text
from dynaclient.wire.values import holds_files, is_binary
from dynaclient.words import kind_of

if TYPE_CHECKING:
    from dynaclient.wire.upload import Upload


JSON_PATCH = "application/json-patch+json"
"""A list of changes (RFC 6902, section 3); generators name it before JSON for bodies of any kind."""
MERGE_PATCH = "application/merge-patch+json"
"""An object in the shape of what changes (RFC 7396); anything else takes the place of the whole."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A body ready to be sent: `content`, or `upload` where it is read while it is sent."""

    content: bytes
    content_type: str
    upload: Upload | None = None


Encode = Callable[[Any, str, MediaType | None], Encoded]
"""Value, Content-Type, what the document says of it -> body. Raises StyleError for what it cannot carry."""

Decode = Callable[[bytes, str], Any]
"""Body and Content-Type -> data. Raises Undecodable."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How bodies of one family of media types are written and read."""

    encode: Encode
    decode: Decode
    suits: Callable[[Any], bool]
    """Whether it is meant for a value, where an operation takes several media types."""


def binary(value: Any, content_type: str) -> Encoded:
    """Bytes as they are, a path or file to be read while it is sent; a file of text in the charset."""
    from dynaclient.wire.upload import Piece, Upload

    if isinstance(value, (bytes, bytearray, memoryview)):
        return Encoded(bytes(value), content_type)
    text = text_of(value)
    if text is not None:
        return Encoded(encode_text(text, content_type), content_type)
    return Encoded(b"", content_type, Upload([Piece(value)]))


def text_of(file: Any) -> str | None:
    """All of a file that was opened for text; None for any other. Raises StyleError.

    The file is taken back to where it was, if it can: it is read again where another type is tried.
    """
    if not hasattr(file, "read"):
        return None
    try:
        at = file.tell() if getattr(file, "seekable", bool)() else None
        text = file.read() if isinstance(file.read(0), str) else None
        if text and at is not None:
            file.seek(at)
    except Exception as error:
        let_through(error)
        raise StyleError(f"the file cannot be read: {str(error) or type(error).__name__}") from None
    return text if isinstance(text, str) else None


def _json(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    return Encoded(json_bytes(value, ascii_only=ascii_only(content_type)), content_type)


def ascii_only(content_type: str) -> bool:
    """Whether JSON names another charset: in ASCII it is the same in any."""
    stated = content_type.lower()
    return "charset" in stated and "utf-8" not in stated


def _decode_json(content: bytes, content_type: str) -> Any:
    """JSON is Unicode whatever the charset says (RFC 8259, 8.1); what is none is read in that charset."""
    try:
        return decode_json(content)
    except Undecodable:
        stated = charset(content_type)
        if stated == "utf-8":
            raise
        return decode_json(decode_text(content, content_type).encode())


def _form(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    from dynaclient.wire.urlencoded import form_text

    if isinstance(value, Mapping):
        return Encoded(form_text(value, media).encode("ascii"), content_type)
    return _encoded_already(value, content_type, called("fields"))


def _decode_form(content: bytes, content_type: str) -> dict[str, Any]:
    from dynaclient.wire.urlencoded import read_form

    return read_form(decode_text(content, content_type))


def _multipart(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    from dynaclient.wire.multipart import encode_multipart

    kind = essence(content_type)
    if isinstance(value, Mapping) or (kind != MULTIPART and isinstance(value, (list, tuple))):
        return encode_multipart(value, kind, media)
    if "boundary" in content_type:
        return _encoded_already(value, content_type, called("parts"))
    raise StyleError(f"{kind} is made of parts; give {called('parts')}")


def _items(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    from dynaclient.wire.sequences import RECORD

    if not isinstance(value, (list, tuple)):
        return _encoded_already(value, content_type, f"{called('items')}, or text or bytes")
    start = RECORD if "json-seq" in essence(content_type) else b""
    lines = []
    for index, item in enumerate(value):
        try:
            lines.append(start + json_bytes(item) + b"\n")
        except StyleError as error:
            raise StyleError(str(error), f"/{index}{error.pointer}") from None
    return Encoded(b"".join(lines), content_type)


def _decode_items(content: bytes, content_type: str) -> list[Any]:
    from dynaclient.wire.sequences import sequence

    found = sequence(essence(content_type))
    assert found is not None
    split, read = found
    items: list[Any] = []
    for part in split([content], len(content) + 1):
        try:
            items.append(read(part))
        except Undecodable as error:
            raise Undecodable(f"item {len(items)}: {error}") from None
    return items


def _as_it_is(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    return _encoded_already(value, content_type, f"{called('text or bytes')}, or {called('codec')}")


def _text(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    is_number = isinstance(value, (bool, int, float)) or is_decimal(value)
    if is_number or (essence(content_type) == TEXT and value is not None):
        value = value if isinstance(value, str) else json_bytes(value).decode()
    return _encoded_already(value, content_type, called("text"))


def _bytes(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    return _encoded_already(value, content_type, called("bytes"))


def _encoded_already(value: Any, content_type: str, due: str) -> Encoded:
    if isinstance(value, str):
        return Encoded(encode_text(value, content_type), content_type)
    raise StyleError(f"{kind_of(value)} cannot be sent as {essence(content_type)}; give {due}")


def _as_bytes(content: bytes, content_type: str) -> bytes:
    return content


def _no_files(value: Any) -> bool:
    """Whether JSON or a urlencoded form can hold it: files travel as parts."""
    return not is_binary(value) and not holds_files(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _is_text_or_binary(value: Any) -> bool:
    return isinstance(value, str) or is_binary(value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) or _is_text_or_binary(value)


FAMILIES: tuple[tuple[Callable[[str], bool], Codec], ...] = (
    (JSON_PATCH.__eq__, Codec(_json, _decode_json, _is_list)),
    (MERGE_PATCH.__eq__, Codec(_json, _decode_json, lambda value: isinstance(value, Mapping))),
    (is_json, Codec(_json, _decode_json, _no_files)),
    (FORM.__eq__, Codec(_form, _decode_form, lambda value: isinstance(value, Mapping) and _no_files(value))),
    (
        lambda kind: kind.startswith("multipart/"),
        Codec(_multipart, _as_bytes, lambda value: isinstance(value, Mapping)),
    ),
    (is_sequence, Codec(_items, _decode_items, _is_list)),
    (is_xml, Codec(_as_it_is, decode_text, _is_text_or_binary)),
    (is_text, Codec(_text, decode_text, _is_scalar)),
    (is_bytes, Codec(_bytes, _as_bytes, is_binary)),
)
OTHER = Codec(_as_it_is, _as_bytes, _is_text_or_binary)
