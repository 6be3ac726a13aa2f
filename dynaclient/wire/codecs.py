"""How bodies are written and read: one codec per family of media types, in a table.

RFC 8259 and the `+json` suffix of RFC 6839 for JSON; RFC 7578 and the WHATWG URL standard for forms; RFC 7303
for XML.

| family | given for a request | data of a response |
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
from typing import TYPE_CHECKING, Any

from dynaclient._support.decimals import is_decimal
from dynaclient._support.interrupts import let_through
from dynaclient._support.messages import kind_of, setting_name, short_repr
from dynaclient.document.model import MediaType
from dynaclient.errors import SettingsError
from dynaclient.wire.encoded import Encoded, text_of
from dynaclient.wire.json_values import (
    Undecodable,
    decode_json,
    holds_files,
    is_binary,
    json_bytes,
    json_bytes_and_value,
    json_value,
)
from dynaclient.wire.media_types import (
    FORM,
    MULTIPART,
    TEXT,
    charset,
    concrete,
    covers,
    decode_text,
    encode_text,
    essence,
    is_bytes,
    is_json,
    is_sequence,
    is_text,
    is_xml,
    seen_as,
)
from dynaclient.wire.percent import StyleError

if TYPE_CHECKING:
    from dynaclient.document.encoding_hints import EncodingHints

__all__ = ["register_codec"]


def candidates(content: Mapping[str, MediaType], value: Any) -> list[str]:
    """The documented media types that may suit `value`, in the order in which they are tried.

    Those meant for such values, else all; of files, what they are seen to be goes first.
    """
    if len(content) == 1:
        return list(content)
    found = [name for name in content if codec(essence(concrete(name, value))).suits(value)] or list(content)
    if is_binary(value):
        seen = seen_as(value)
        found.sort(
            key=lambda name: next((at for at, kind in enumerate(seen) if covers(name, kind)), len(seen))
        )
    return found


def choose_media_type(content: Mapping[str, MediaType], value: Any) -> str:
    """The first of `candidates`; what the schemas say is not asked."""
    return candidates(content, value)[0]


def encode_body(value: Any, name: str, media: MediaType | None, *, streamed: bool = False) -> Encoded:
    """`value` as a body of media type `name`. Raises StyleError where that type cannot carry it.

    With `streamed`, files are left to be read while they are sent.
    """
    content_type = concrete(name, value)
    kind = essence(content_type)
    if is_binary(value) and not is_json(kind):
        encoded = binary(value, content_type)
    else:
        encoded = codec(kind).encode(value, content_type, media)
    if encoded.upload is None or streamed:
        return encoded
    return Encoded(encoded.upload.read(), encoded.content_type)


def lacks_boundary(content_type: str) -> bool:
    """Whether nobody could find the parts of a multipart body of this type (RFC 2046, 5.1.1)."""
    return content_type.startswith("multipart/") and "boundary" not in content_type


def encode_json(
    value: Any, name: str, media: MediaType | None, hints: EncodingHints | None = None
) -> tuple[Encoded, Any]:
    """As `encode`, for JSON: the body, and `value` as JSON has it and as its schemas ask for (`hints`).

    Raises NotPlain too.
    """
    content_type = concrete(name, value)
    if is_registered(essence(content_type)):
        value = json_value(value, hints=hints)
        return encode_body(value, name, media), value
    content, value = json_bytes_and_value(value, ascii_only=ascii_only(content_type), hints=hints)
    return Encoded(content, content_type), value


def decode_body(content: bytes, content_type: str) -> Any:
    """The data that a body of `content_type` holds; bytes where the type is not known. Raises Undecodable."""
    return codec(essence(content_type)).decode(content, content_type)


def codec(kind: str) -> Codec:
    """The codec for a media type without parameters."""
    if kind in _registered:
        return _registered[kind]
    for is_of, row in FAMILIES:
        if is_of(kind):
            return row
    return OTHER


def is_registered(kind: str) -> bool:
    """Whether the user registered a codec for a media type."""
    return kind in _registered


_registered: dict[str, Codec] = {}


def register_codec(
    media_type: str,
    *,
    encode: Callable[[Any], bytes | str] | None = None,
    decode: Callable[[bytes], Any] | None = None,
) -> None:
    """Write and read bodies of `media_type` with your own functions, in all clients.

    `encode` gets the value of a call as JSON has it, checked against the schema, and gives the body; `decode`
    gets the body of a response and gives the data, which is then checked. Bytes, files and paths are sent as
    they are. Where one of the two is not given, and for what it raises: `encode` passes text on, `decode`
    gives bytes; an exception is a violation of the request or of the response. A codec for a type that is
    known already takes its place.

    Raises SettingsError for what is no media type.
    """
    kind = essence(media_type) if isinstance(media_type, str) else ""
    if kind.count("/") != 1 or "*" in kind:
        raise SettingsError(f"{short_repr(media_type)} is not a media type such as application/x-yaml")
    if not all(each is None or callable(each) for each in (encode, decode)):
        raise SettingsError("encode and decode: expected functions, or None")
    _registered[kind] = Codec(
        OTHER.encode if encode is None else _users_encode(encode),
        OTHER.decode if decode is None else _users_decode(decode),
        lambda value: True,
    )


def _users_encode(function: Callable[[Any], Any]) -> Encode:
    def run(value: Any, content_type: str, media: MediaType | None) -> Encoded:
        try:
            made = function(value)
        except Exception as error:
            let_through(error)
            message = f"the codec for {essence(content_type)} failed: {type(error).__name__}: {error}"
            raise StyleError(message) from error
        if isinstance(made, str):
            return Encoded(encode_text(made, content_type), content_type)
        if not isinstance(made, (bytes, bytearray, memoryview)):
            kind = essence(content_type)
            raise StyleError(f"the codec for {kind} returned {kind_of(made)}, expected text or bytes")
        return Encoded(bytes(made), content_type)

    return run


def _users_decode(function: Callable[[bytes], Any]) -> Decode:
    def run(content: bytes, content_type: str) -> Any:
        try:
            return function(content)
        except Exception as error:
            let_through(error)
            message = f"the codec for {essence(content_type)} failed: {type(error).__name__}: {error}"
            raise Undecodable(message) from error

    return run


JSON_PATCH = "application/json-patch+json"
"""A list of changes (RFC 6902, section 3); generators name it before JSON for bodies of any kind."""
MERGE_PATCH = "application/merge-patch+json"
"""An object in the shape of what changes (RFC 7396); anything else takes the place of the whole."""


Encode = Callable[[Any, str, MediaType | None], Encoded]
"""Value, Content-Type, what the document says of it -> body. Raises StyleError for what it cannot carry."""

Decode = Callable[[bytes, str], Any]
"""Body and Content-Type -> data. Raises Undecodable."""


class Codec:
    """How bodies of one family of media types are written and read."""

    def __init__(self, encode: Encode, decode: Decode, suits: Callable[[Any], bool]) -> None:
        self.encode = encode
        self.decode = decode
        self.suits = suits
        """Whether it is meant for a value, where an operation takes several media types."""


def binary(value: Any, content_type: str) -> Encoded:
    """Bytes as they are, a path or file to be read while it is sent; a file of text in the charset."""
    from dynaclient.wire.files import Piece, Upload  # late: 2 ms

    if isinstance(value, (bytes, bytearray, memoryview)):
        return Encoded(bytes(value), content_type)
    text = text_of(value)
    if text is not None:
        return Encoded(encode_text(text, content_type), content_type)
    return Encoded(b"", content_type, Upload([Piece(value)]))


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
    from dynaclient.wire.form_encoding import form_text  # late: 3 ms

    if isinstance(value, Mapping):
        return Encoded(form_text(value, media).encode("ascii"), content_type)
    return _encoded_already(value, content_type, setting_name("fields"))


def _decode_form(content: bytes, content_type: str) -> dict[str, Any]:
    from dynaclient.wire.form_encoding import read_form  # late: 3 ms

    return read_form(decode_text(content, content_type))


def _multipart(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    from dynaclient.wire.multipart import encode_multipart  # late: 6 ms

    kind = essence(content_type)
    if isinstance(value, Mapping) or (kind != MULTIPART and isinstance(value, (list, tuple))):
        return encode_multipart(value, kind, media, _encode_part)
    if "boundary" in content_type:
        return _encoded_already(value, content_type, setting_name("parts"))
    raise StyleError(f"{kind} has parts; give {setting_name('parts')}")


def _encode_part(value: Any, content_type: str) -> bytes:
    return encode_body(value, content_type, None).content


def _items(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    from dynaclient.wire.sequences import RECORD  # late: 2 ms

    if not isinstance(value, (list, tuple)):
        return _encoded_already(value, content_type, f"{setting_name('items')}, or text or bytes")
    start = RECORD if "json-seq" in essence(content_type) else b""
    lines = []
    for index, item in enumerate(value):
        try:
            lines.append(start + json_bytes(item) + b"\n")
        except StyleError as error:
            raise StyleError(str(error), f"/{index}{error.pointer}") from None
    return Encoded(b"".join(lines), content_type)


def _decode_items(content: bytes, content_type: str) -> list[Any]:
    from dynaclient.wire.sequences import present, sequence  # late: 2 ms

    found = sequence(essence(content_type))
    assert found is not None
    split, read = found
    items: list[Any] = []
    for part in present(split([content], len(content) + 1)):
        try:
            items.append(read(part))
        except Undecodable as error:
            raise Undecodable(f"item {len(items)}: {error}") from None
    return items


def _as_it_is(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    return _encoded_already(
        value, content_type, f"{setting_name('text or bytes')}, or {setting_name('codec')}"
    )


def _text(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    is_number = isinstance(value, (bool, int, float)) or is_decimal(value)
    if is_number or (essence(content_type) == TEXT and value is not None):
        value = value if isinstance(value, str) else json_bytes(value).decode()
    return _encoded_already(value, content_type, setting_name("text"))


def _bytes(value: Any, content_type: str, media: MediaType | None) -> Encoded:
    return _encoded_already(value, content_type, setting_name("bytes"))


def _encoded_already(value: Any, content_type: str, instead: str) -> Encoded:
    if isinstance(value, str):
        return Encoded(encode_text(value, content_type), content_type)
    raise StyleError(f"{kind_of(value)} cannot be sent as {essence(content_type)}; give {instead}")


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
