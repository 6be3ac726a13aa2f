"""Data -> multipart bodies: one part for each property, or item of an array (RFC 7578, Encoding Object).

A property is given as

- a value: text and numbers go as they are, objects and arrays of them as JSON;
- bytes, an open file or a path: a file, called as the property where it has no name of its own; so is text
  where the schema asks for a file;
- `(name, file)`, `(name, file, media type)` or `(name, file, media type, headers)`, each of the last two None
  where the document or the name is to tell;
- `(name, text, media type)`, with or without headers: a file of that text, in the charset of the type;
- `(None, value, media type, headers)`: a value with a media type or headers of its own;
- a list of these: as many parts of one name. An empty one leaves nothing.

null has no form and is refused, but where the Encoding Object asks for JSON. Names that are not ASCII travel
as UTF-8, quotes and line breaks in them as browsers write them (WHATWG HTML, "Multipart form data").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import urandom
from typing import Any

from dynaclient._support.messages import setting_name, short_repr, undocumented_type
from dynaclient.document.model import MediaType
from dynaclient.document.node import NOWHERE, escape
from dynaclient.wire import percent
from dynaclient.wire.encoded import Encoded, text_of
from dynaclient.wire.files import Piece, Upload
from dynaclient.wire.form_encoding import (
    NULL,
    PLAIN,
    Encoding,
    default_type,
    encoding_of,
    nested_error,
    read_encoding,
)
from dynaclient.wire.json_values import file_name, is_binary, is_file, is_part, json_value
from dynaclient.wire.media_types import (
    BINARY,
    JSON,
    TEXT,
    covers,
    encode_text,
    essence,
    is_json,
    type_of_file,
)
from dynaclient.wire.percent import StyleError
from dynaclient.wire.styles import encode_header, encode_query

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = ("content-type", "content-disposition")


@dataclass(frozen=True)
class Part:
    """One part before it is bytes. `pointer` leads to its value in what was given."""

    pointer: tuple[str | int, ...]
    filename: str | None
    content: Any
    content_type: str
    """Empty where none is written: text is what a part is without."""
    headers: Mapping[str, Any]
    encoding: Encoding

    @property
    def name(self) -> str | None:
        """Its name in the form; None for a part of an array."""
        first = self.pointer[0]
        return first if isinstance(first, str) else None

    @property
    def place(self) -> str:
        """`pointer` as a JSON pointer."""
        return "".join(f"/{escape(str(token))}" for token in self.pointer)


EncodePart = Callable[[Any, str], bytes]
"""Value and Content-Type -> the bytes of a part: see `codecs`. Raises StyleError."""


def encode_multipart(
    value: Mapping[str, Any] | Sequence[Any], kind: str, media: MediaType | None, encode_part: EncodePart
) -> Encoded:
    """The body, with a boundary of its own. Raises StyleError with a pointer to what it cannot carry.

    `encode_part` writes the values that are neither text nor files.
    """
    boundary = new_boundary()
    pieces: list[bytes | Piece] = []
    for part in parts(value, media):
        try:
            head = f"--{boundary}\r\n{_head(part)}\r\n"
            pieces += [head.encode("utf-8", "replace"), _content(part, encode_part), b"\r\n"]
        except StyleError as error:
            raise nested_error(error, *part.pointer) from None
    pieces.append(f"--{boundary}--\r\n".encode())
    content_type = f"{kind}; boundary={boundary}"
    whole = [piece for piece in pieces if isinstance(piece, bytes)]
    if len(whole) == len(pieces):
        return Encoded(b"".join(whole), content_type)
    files = [Piece(piece) if isinstance(piece, bytes) else piece for piece in pieces]
    return Encoded(b"", content_type, Upload(files))


def new_boundary() -> str:
    """A delimiter that stands in no part: 128 random bits."""
    return urandom(16).hex()


def parts(value: Mapping[str, Any] | Sequence[Any], media: MediaType | None) -> Iterator[Part]:
    """The parts that a value makes. Raises StyleError."""
    if not isinstance(value, Mapping):
        for index, item in enumerate(value):
            yield _part((index,), item, _positional(media, index))
        return
    for name, item in value.items():
        encoding = encoding_of(media, name)
        if encoding.styled and not _holds_files(item):
            yield from _styled(name, item, encoding)
        elif isinstance(item, list):
            said = _said(media, name, encoding)
            items = enumerate(_as_file(media, name, each) for each in item)
            yield from (_part((name, index), each, encoding, said) for index, each in items)
        else:
            yield _part((name,), _as_file(media, name, item), encoding, _said(media, name, encoding))


def _said(media: MediaType | None, name: str, encoding: Encoding) -> str:
    """What the schema of a property says that its text or bytes hold; an Encoding Object goes before it."""
    return media.part_types.get(name, "") if media and not encoding.types else ""


def _as_file(media: MediaType | None, name: str, item: Any) -> Any:
    """Text for a property that is a file as a file: a part without a filename is a field to servers."""
    return (name, item.encode()) if media and name in media.files and isinstance(item, str) else item


def _holds_files(item: Any) -> bool:
    return any(is_file(each) or is_part(each) for each in (item if isinstance(item, list) else [item]))


def _positional(media: MediaType | None, index: int) -> Encoding:
    """What is said of a part of an array: `prefixEncoding`, `itemEncoding` (3.2)."""
    if media is None:
        return PLAIN
    first = list((media.node.get("prefixEncoding") or NOWHERE).elements())
    node = first[index] if index < len(first) else media.node.get("itemEncoding")
    return PLAIN if node is None else read_encoding(node)


def _styled(name: str, item: Any, encoding: Encoding) -> Iterator[Part]:
    """The pairs of a style, each a part; nothing is percent-encoded in one."""
    try:
        if item is None:
            raise StyleError(NULL)
        if item == []:
            return
        pairs = encode_query(name, item, encoding.style, encoding.explode, allow_empty=True)
    except StyleError as error:
        raise nested_error(error, name) from None
    for pair in pairs:
        key, _, text = pair.partition("=")
        if "," in text and "%2C" in text:
            raise nested_error(
                StyleError("an item of this style cannot hold a comma, which separates items"), name
            )
        yield Part((percent.decode(key),), None, percent.decode(text), "", {}, PLAIN)


def _part(pointer: tuple[str | int, ...], item: Any, encoding: Encoding, said: str = "") -> Part:
    taken: Taken = None, item, None, {}
    if is_file(item) or is_part(item):
        taken = _taken_apart(item, str(pointer[0]))
    filename, value, stated, headers = taken
    if stated is None and said and (isinstance(value, str) or is_binary(value)):
        seen = type_of_file(value, filename) if is_binary(value) else TEXT
        any_file = is_binary(value) and essence(said) == BINARY  # as 3.1 writes `format: binary`
        stated = seen if any_file else replace(encoding, types=(said,)).type_of(seen)
        value = value if is_binary(value) else _written(value, stated, pointer)  # be it JSON: it is the text
    if stated is None:
        stated = encoding.type_of(type_of_file(value, filename) if is_binary(value) else default_type(value))
        if not encoding.types and not is_binary(value) and default_type(value) != JSON:
            stated = ""
    return Part(pointer, filename, value, stated, headers, encoding)


def _written(text: str, content_type: str, pointer: tuple[str | int, ...]) -> bytes:
    try:
        return encode_text(text, content_type)
    except StyleError as error:
        raise nested_error(error, *pointer) from None


Taken = tuple[str | None, Any, str | None, Mapping[str, Any]]
"""File name, content, Content-Type, headers."""


def _taken_apart(item: Any, name: str) -> Taken:
    if not isinstance(item, tuple):
        return file_name(item) or name, item, None, {}
    filename, value, *rest = item
    stated, headers = (*rest, None, None)[:2]
    return filename, value, stated, headers or {}


def _head(part: Part) -> str:
    lines = []
    if part.name is not None:
        named = f'form-data; name="{_quoted(part.name)}"'
        lines.append(f"Content-Disposition: {named}{_filename(part)}")
    elif part.filename is not None:
        lines.append(f"Content-Disposition: attachment{_filename(part)}")
    if part.content_type:
        lines.append(f"Content-Type: {_line(part.content_type)}")
    lines += [_header(name, value) for name, value in part.headers.items() if str(name).lower() not in _OURS]
    return "".join(f"{line}\r\n" for line in lines)


def _filename(part: Part) -> str:
    return "" if part.filename is None else f'; filename="{_quoted(part.filename)}"'


def _header(name: str, value: Any) -> str:
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
        raise StyleError(f"{short_repr(name)} is not a header name")
    return f"{name}: {encode_header(name, json_value(value), False)}"


def _line(text: str) -> str:
    if not text.isprintable():
        raise StyleError(f"{text!r} is not a media type")
    return text


def _quoted(name: str) -> str:
    """A name in Content-Disposition, escaped as browsers do."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _content(part: Part, encode_part: EncodePart) -> bytes | Piece:
    """The bytes of a part, or the file that has them."""
    value, content_type = part.content, part.content_type or TEXT
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if is_binary(value):
        text = text_of(value)
        return Piece(value) if text is None else encode_text(text, content_type)
    if isinstance(value, str) and part.filename is not None:
        return encode_text(value, content_type)  # what a file holds is written already, be it JSON
    if value is None and not is_json(essence(content_type)):
        raise StyleError(NULL)
    return encode_part(value, content_type)


# -- what the document asks of parts ------------------------------------------------------------------


def faults(value: Any, media: MediaType) -> Iterator[tuple[Part, str]]:
    """The parts that say they are of a type that the document does not list for them, and why."""
    for part in parts(value, media):
        allowed = part.encoding.types
        said = part.content_type or TEXT
        if allowed and not any(covers(each, said) for each in allowed):
            hint = f"; give {setting_name('typed file')}" if said == BINARY else ""
            yield part, undocumented_type(essence(said), allowed) + hint
