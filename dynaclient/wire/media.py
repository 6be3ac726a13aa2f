"""Bodies <-> bytes, one encoder and one decoder per family of media types, in a table.

RFC 9110 section 8.3 for media types; RFC 8259 and the `+json` suffix of RFC 6839 for JSON; RFC 7578 and the
WHATWG URL standard for forms. A media type that is not known is passed through, never refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from os import urandom
from typing import Any

from dynaclient.document.operation import MediaType
from dynaclient.document.reading import SURROGATE_ESCAPE, whole_characters
from dynaclient.records import dataclass
from dynaclient.wire import percent
from dynaclient.wire.styles import StyleError, encode_query
from dynaclient.wire.values import is_binary


class Undecodable(ValueError):
    """A body that is not what its media type says."""


def essence(content_type: str) -> str:
    """`type/subtype` of a Content-Type, lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def charset(content_type: str, default: str = "utf-8") -> str:
    """The charset parameter of a Content-Type."""
    from email.message import Message

    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset(default)


def is_json(name: str) -> bool:
    """Whether a media type (without parameters) is JSON (RFC 6839, section 3.1)."""
    return name in ("application/json", "text/json") or name.endswith("+json")


def is_form(name: str) -> bool:
    """Whether a media type is one of the two form types."""
    return name in (FORM, MULTIPART)


def is_text(name: str) -> bool:
    """Whether a media type is text, XML among it."""
    return (
        name.startswith("text/")
        or name in ("application/xml", "application/graphql")
        or name.endswith("+xml")
    )


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
BINARY = "application/octet-stream"
JSON = "application/json"


def matching(content: Mapping[str, MediaType], content_type: str) -> MediaType | None:
    """The entry of a `content` map for a Content-Type; the most specific wins (OpenAPI 4.8.17)."""
    name = essence(content_type)
    by_name = {essence(key): media for key, media in content.items()}
    family = name.partition("/")[0]
    return by_name.get(name) or by_name.get(f"{family}/*") or by_name.get("*/*")


def concrete(name: str, value: Any) -> str:
    """The Content-Type that goes out for the documented `name` and a value: no range, no wildcard."""
    if "*" not in essence(name):
        return name
    if is_binary(value):
        return BINARY if name.startswith(("*", "application")) else name.replace("*", "octet-stream")
    if isinstance(value, str):
        return "text/plain; charset=utf-8"
    return JSON


def choose(content: Mapping[str, MediaType], value: Any) -> str:
    """The documented media type that suits `value`: the first that can carry it, else the first."""
    for name in content:
        if _suits(essence(name), value):
            return name
    return next(iter(content))


def _suits(name: str, value: Any) -> bool:
    if "*" in name:
        return True
    if is_binary(value):
        return not is_json(name) and not is_form(name)
    if is_form(name):
        return isinstance(value, Mapping)
    if isinstance(value, str):
        return is_json(name) or is_text(name) or not isinstance(value, Mapping)
    return is_json(name)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A body ready to be sent."""

    content: bytes
    content_type: str


def encode(value: Any, name: str, media: MediaType | None) -> Encoded:
    """`value` as a body of media type `name`. Raises StyleError where that type cannot carry it."""
    content_type = concrete(name, value)
    kind = essence(content_type)
    if is_json(kind):
        return Encoded(json_bytes(value), content_type)
    if kind == FORM and isinstance(value, Mapping):
        return Encoded("&".join(_form_pairs(value, media)).encode("ascii"), content_type)
    if kind == MULTIPART and isinstance(value, Mapping):
        return _multipart(value, media)
    return Encoded(_raw(value, content_type), content_type)


def json_bytes(value: Any) -> bytes:
    """`value` as JSON text in UTF-8, compact."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise StyleError(f"it cannot be written as JSON: {error}") from None


def _raw(value: Any, content_type: str) -> bytes:
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, str):
        try:
            return value.encode(charset(content_type))
        except (LookupError, UnicodeEncodeError) as error:
            raise StyleError(f"the text cannot be written as {content_type}: {error}") from None
    if isinstance(value, (dict, list, int, float, bool)) or value is None:
        return json_bytes(value)  # no other form is known for it
    raise StyleError(f"a {type(value).__name__} cannot be sent as {content_type}; give text or bytes")


def _form_pairs(value: Mapping[str, Any], media: MediaType | None) -> Iterable[str]:
    for name, item in value.items():
        encoding = media.encoding.get(name) if media else None
        style = encoding.text("style") if encoding else ""
        if isinstance(item, (dict, list)) and not style and _nested(item):
            yield f"{percent.encode(name)}={percent.encode(json_bytes(item).decode())}"
            continue
        if item == []:
            continue  # left out, as in a query: `name=` would be a list of one empty text
        explode = encoding.value.get("explode") if encoding else None
        exploded = explode if isinstance(explode, bool) else style in ("", "form")
        yield from encode_query(name, item, style or "form", exploded, allow_empty=True)


def _nested(item: Any) -> bool:
    """Objects, and arrays that hold more than scalars, travel as JSON (OpenAPI 4.8.14.3)."""
    return isinstance(item, dict) or any(isinstance(part, (dict, list)) for part in item)


def _multipart(value: Mapping[str, Any], media: MediaType | None) -> Encoded:
    boundary = urandom(16).hex()
    parts = []
    for name, item in value.items():
        encoding = media.encoding.get(name) if media else None
        stated = encoding.text("contentType").partition(",")[0].strip() if encoding else ""
        for part in item if isinstance(item, list) else [item]:
            parts.append(_part(boundary, name, part, stated))
    return Encoded(b"".join(parts) + f"--{boundary}--\r\n".encode(), f"{MULTIPART}; boundary={boundary}")


def _part(boundary: str, name: str, item: Any, stated: str) -> bytes:
    filename, content, content_type = _file(name, item, stated)
    disposition = f'form-data; name="{_quoted(name)}"'
    if filename is not None:
        disposition += f'; filename="{_quoted(filename)}"'
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
    if content_type:
        head += f"Content-Type: {content_type}\r\n"
    return head.encode() + b"\r\n" + content + b"\r\n"


def _file(name: str, item: Any, stated: str) -> tuple[str | None, bytes, str]:
    """File name, content and Content-Type of a part: `(name, content, type)` tuples, files, bytes, values."""
    if isinstance(item, tuple):
        filename, content, *rest = item
        return str(filename), _raw(content, BINARY), str(rest[0]) if rest else stated or _guess(str(filename))
    if is_binary(item):
        path = getattr(item, "name", None)
        filename = path.replace("\\", "/").rpartition("/")[2] if isinstance(path, str) else name
        return filename, _raw(item, BINARY), stated or _guess(filename)
    if isinstance(item, (dict, list)):
        return None, json_bytes(item), stated or JSON
    if isinstance(item, str):
        return None, item.encode(), stated
    return None, json_bytes(item), stated


def _guess(filename: str) -> str:
    import mimetypes

    return mimetypes.guess_type(filename)[0] or BINARY


def _quoted(name: str) -> str:
    """A name in Content-Disposition, escaped as browsers do (WHATWG HTML, multipart/form-data)."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def decode_json(content: bytes) -> Any:
    """JSON text as data; half of a surrogate pair is read as U+FFFD.

    Raises Undecodable for what RFC 8259 does not allow, and for what nests too deep.
    """
    try:
        text = content.decode(json.detect_encoding(content))
        if SURROGATE_ESCAPE.search(
            text
        ):  # half a character that a server cut is no reason to lose the answer
            text = whole_characters(text)
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise Undecodable("the JSON nests too deep to be read") from None
    except ValueError as error:
        raise Undecodable(f"it is not JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def decode_text(content: bytes, content_type: str) -> str:
    """Text by its charset. Raises Undecodable."""
    try:
        return content.decode(charset(content_type))
    except (LookupError, UnicodeDecodeError) as error:
        raise Undecodable(f"it is no text: {error}") from None


def decode_form(content: bytes, content_type: str) -> dict[str, Any]:
    """A urlencoded form as a dict; a name that stands more than once gives a list."""
    from urllib.parse import parse_qsl

    data: dict[str, Any] = {}
    for name, value in parse_qsl(decode_text(content, content_type), keep_blank_values=True):
        if name in data:
            data[name] = [*(data[name] if isinstance(data[name], list) else [data[name]]), value]
        else:
            data[name] = value
    return data


Decoder = Callable[[bytes, str], Any]


def decode(content: bytes, content_type: str) -> Any:
    """The data that a body of `content_type` holds; bytes where the type is not known. Raises Undecodable."""
    kind = essence(content_type)
    if is_json(kind):
        return decode_json(content)
    if kind == FORM:
        return decode_form(content, content_type)
    if is_text(kind):
        return decode_text(content, content_type)
    return content
