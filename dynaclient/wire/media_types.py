"""Media types by name (RFC 9110, section 8.3), and text in the charset of one (RFC 7303 for XML). No I/O."""

from __future__ import annotations

import codecs
import mimetypes
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from dynaclient.document.model import MediaType
from dynaclient.wire.json_values import Undecodable, file_name, holds_files, is_binary
from dynaclient.wire.percent import StyleError

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
BINARY = "application/octet-stream"
JSON = "application/json"
TEXT = "text/plain"
EVENT_STREAM = "text/event-stream"

_JSON_TOO = frozenset(("text/json", "application/x-json", "text/x-json"))
_BYTES = frozenset((BINARY, "application/pdf", "application/zip", "application/gzip", "application/x-tar"))
_BYTES_FAMILIES = ("image/", "audio/", "video/", "font/", "model/")


@lru_cache(maxsize=256)
def essence(content_type: str) -> str:
    """`type/subtype` of a Content-Type, lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def charset(content_type: str, default: str = "utf-8") -> str:
    """The charset parameter of a Content-Type."""
    return _parameters(content_type).get("charset") or default


def boundary(content_type: str) -> str:
    """What stands between the parts of a multipart body; empty where its type does not say it."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    return found[1] if found else ""


@lru_cache(maxsize=256)
def is_json(name: str) -> bool:
    """Whether a media type (without parameters) is JSON (RFC 6839, section 3.1)."""
    return name == JSON or name.endswith("+json") or name in _JSON_TOO


def is_form(name: str) -> bool:
    """Whether a media type is one of the two form types."""
    return name in (FORM, MULTIPART)


def is_xml(name: str) -> bool:
    """Whether a media type is XML (RFC 7303)."""
    return name in ("application/xml", "text/xml") or name.endswith("+xml")


def is_text(name: str) -> bool:
    """Whether a media type is text, XML among it."""
    return name.startswith("text/") or name == "application/graphql" or is_xml(name)


def is_bytes(name: str) -> bool:
    """Whether a media type is known to be of bytes that are no text. `image/svg+xml` is text."""
    return not is_xml(name) and (name in _BYTES or name.startswith(_BYTES_FAMILIES))


def is_sequence(name: str) -> bool:
    """Whether a media type is a sequence of JSON texts: NDJSON, or `application/json-seq` (RFC 7464)."""
    from dynaclient.wire.sequences import sequence  # late: 3 ms

    return sequence(name) is not None


def covers(documented: str, name: str) -> bool:
    """Whether a documented media type or range stands for `name`, parameters left aside."""
    name = essence(name)
    return essence(documented) in (name, *_ranges_of(name))


def matching(content: Mapping[str, MediaType], content_type: str) -> MediaType | None:
    """The entry of a `content` map for a Content-Type; the most specific wins.

    `application/json; v=2` before `application/json`, then `application/*+json`, `application/*`, `*/*`.
    """
    if content_type in content:
        return content[content_type]
    name = essence(content_type)
    same = [key for key in content if essence(key) == name]
    if same:
        return content[same[0] if len(same) == 1 else _closest(same, content_type)]
    ranges = {essence(key): key for key in content if "*" in key}
    return next((content[ranges[each]] for each in _ranges_of(name) if each in ranges), None)


def _closest(same: list[str], content_type: str) -> str:
    """Of entries that differ in their parameters, the one whose parameters are given most."""
    given = _parameters(content_type)

    def agreement(key: str) -> int:
        return sum(1 if given.get(name) == value else -1 for name, value in _parameters(key).items())

    return max(same, key=agreement)


def _ranges_of(name: str) -> list[str]:
    """The ranges that stand for a media type, most specific first.

    `application/json` counts as one of `application/*+json`, as frameworks that write such ranges mean it.
    """
    family, slash, subtype = name.partition("/")
    if not slash:
        return []
    suffix = "json" if name == JSON else "xml" if name == "application/xml" else subtype.rpartition("+")[2]
    return [f"{family}/*+{suffix}", f"{family}/*", "*/*"]


def _parameters(content_type: str) -> dict[str, str]:
    """The parameters of a media type, names and values in lower case."""
    if ";" not in content_type:
        return {}
    from email.message import Message  # late: 7 ms

    message = Message()
    message["Content-Type"] = content_type
    pairs: Iterable[tuple[str, Any]] = (message.get_params() or [])[1:]
    found = {name.lower(): value for name, value in pairs}
    if "charset" in found:
        found["charset"] = message.get_content_charset() or ""
    return {name: str(value).lower() for name, value in found.items()}


def concrete(name: str, value: Any) -> str:
    """The Content-Type that goes out for the documented `name` and a value: no range, no wildcard."""
    if "*" not in name:
        return name
    kind = essence(name)
    if kind.endswith("+json") or kind.endswith("+xml"):
        return f"{kind.partition('/')[0]}/{kind.rpartition('+')[2]}".replace("*/", "application/")
    return next((each for each in _offers(value) if covers(kind, each)), _for_family(kind))


def _offers(value: Any) -> list[str]:
    """What a value may travel as, best first."""
    if is_binary(value):
        return [*seen_as(value), BINARY]
    if isinstance(value, str):
        drawing = ["image/svg+xml"] if value.lstrip().startswith("<svg") else []
        return [f"{TEXT}; charset=utf-8", JSON, *drawing]
    if isinstance(value, Mapping):
        return [MULTIPART, JSON] if holds_files(value) else [JSON, MULTIPART]
    return [JSON, f"{TEXT}; charset=utf-8"]


NAMELESS = frozenset(f"{family}octet-stream" for family in _BYTES_FAMILIES)
"""What goes out for a range of which nothing is known; no such types are registered."""


def _for_family(kind: str) -> str:
    """For a range that nothing we know lies in."""
    return TEXT if kind == "text/*" else kind.replace("*", "octet-stream")


# -- files: by their names, else by their first bytes ------------------------------------------------


def seen_as(value: Any) -> list[str]:
    """The media types that a file or bytes are seen to be of, best first; none where that is not seen."""
    kind = _guess(file_name(value) or "")
    known = [kind] if kind != BINARY else _by_first_bytes(_head(value))
    return [name for each in known for name in (each, *_SYNONYMS.get(each, ()))]


def _guess(filename: str) -> str:
    """The media type that the name of a file speaks of; octet-stream where it does not."""
    if not filename:
        return BINARY
    kind, packed = mimetypes.guess_type(filename)
    ending = filename.rpartition(".")[2].lower()
    return _PACKED.get(packed or "", BINARY) if packed else kind or _ENDINGS.get(ending, BINARY)


def type_of_file(value: Any, filename: str | None) -> str:
    """The media type of a file that is sent under a name; octet-stream where it is not seen."""
    kind = _guess(filename or "")
    return kind if kind != BINARY else (*_by_first_bytes(_head(value)), BINARY)[0]


_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_ENDINGS = {  # that not every Python and every system knows
    **{"webp": "image/webp", "avif": "image/avif", "heic": "image/heic", "heif": "image/heif"},
    **{"woff": "font/woff", "woff2": "font/woff2", "otf": "font/otf", "ttf": "font/ttf"},
    **{"mkv": "video/matroska", "opus": "audio/opus", "flac": "audio/flac", "glb": "model/gltf-binary"},
    **{"ndjson": "application/x-ndjson", "yaml": "application/yaml", "yml": "application/yaml"},
}
_SAME = (
    ("image/jpeg", "image/jpg", "image/pjpeg"),
    ("image/vnd.microsoft.icon", "image/x-icon"),
    ("image/bmp", "image/x-ms-bmp"),
    ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    ("audio/mpeg", "audio/mp3"),
    ("audio/flac", "audio/x-flac"),
    ("audio/mp4", "audio/x-m4a", "audio/m4a"),
    ("application/xml", "text/xml"),
    ("application/gzip", "application/x-gzip"),
    ("application/zip", "application/x-zip-compressed"),
    ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"),
    ("application/javascript", "text/javascript"),
    ("application/x-ndjson", "application/ndjson", "application/jsonl"),
)
_SYNONYMS = {name: tuple(other for other in row if other != name) for row in _SAME for name in row}
"""Names of one thing, of which documents use any."""


def _head(value: Any) -> bytes:
    """The first bytes of bytes, or of an open file that can go back; a path is not opened for them."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value[:_LOOK])
    try:
        if not hasattr(value, "read") or not value.seekable():
            return b""
        at = value.tell()
        head = value.read(_LOOK)
        value.seek(at)
    except (AttributeError, OSError, ValueError):
        return b""
    return head if isinstance(head, bytes) else b""


_LOOK = 64
_SIGNATURES: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", ("image/png",)),
    (0, b"\xff\xd8\xff", ("image/jpeg",)),
    (0, b"GIF87a", ("image/gif",)),
    (0, b"GIF89a", ("image/gif",)),
    (8, b"WEBPVP", ("image/webp",)),
    (8, b"WAVE", ("audio/wav",)),
    (8, b"AVI ", ("video/avi",)),
    (0, b"II*\x00", ("image/tiff",)),
    (0, b"MM\x00*", ("image/tiff",)),
    (0, b"\x00\x00\x01\x00", ("image/vnd.microsoft.icon",)),
    (0, b"BM", ("image/bmp",)),
    (0, b"<svg", ("image/svg+xml",)),
    (4, b"ftypavif", ("image/avif",)),
    (4, b"ftyphei", ("image/heic",)),
    (4, b"ftypmif1", ("image/heif",)),
    (4, b"ftypM4A", ("audio/mp4",)),
    (4, b"ftypqt", ("video/quicktime",)),
    (4, b"ftyp", ("video/mp4", "audio/mp4")),
    (0, b"OggS", ("audio/ogg", "video/ogg", "application/ogg")),
    (0, b"fLaC", ("audio/flac",)),
    (0, b"ID3", ("audio/mpeg",)),
    (0, b"\xff\xfb", ("audio/mpeg",)),
    (0, b"MThd", ("audio/midi",)),
    (0, b"\x1aE\xdf\xa3", ("video/webm", "audio/webm", "video/matroska")),
    (0, b"wOFF", ("font/woff",)),
    (0, b"wOF2", ("font/woff2",)),
    (0, b"OTTO", ("font/otf",)),
    (0, b"\x00\x01\x00\x00", ("font/ttf",)),
    (0, b"glTF", ("model/gltf-binary",)),
    (0, b"%PDF-", ("application/pdf",)),
    (0, b"PK\x03\x04", ("application/zip",)),
    (0, b"\x1f\x8b", ("application/gzip",)),
)
"""Where, which bytes, of what: as the MIME Sniffing Standard (section 6) and RFC 8081, 9512 list them."""


def _by_first_bytes(head: bytes) -> tuple[str, ...]:
    found = (kinds for at, magic, kinds in _SIGNATURES if head[at : at + len(magic)] == magic)
    return next(found, ())


_DECLARED = r"""\ufeff?<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']"""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encode_text(text: str, content_type: str) -> bytes:
    """`text` in the charset of its type; XML without one, in the encoding that it declares.

    Raises StyleError for characters that the charset has not, and for a charset that nobody knows.
    """
    declared = _declared(text) if is_xml(essence(content_type)) else ""
    try:
        return text.encode(charset(content_type, declared or "utf-8"))
    except (LookupError, ValueError) as error:
        raise StyleError(f"the text cannot be written as {content_type}: {error}") from None


def decode_text(content: bytes, content_type: str) -> str:
    """Text by its charset; XML by its byte-order mark first, by its declaration last. Raises Undecodable."""
    marked = declared = ""
    if is_xml(essence(content_type)):
        marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
        declared = _declared(content[:200].decode("latin-1"))
    try:
        return content.decode(marked or charset(content_type, declared or "utf-8"))
    except (LookupError, ValueError) as error:
        raise Undecodable(f"not text: {error}") from None


def _declared(text: str) -> str:
    found = re.match(_DECLARED, text)
    return found[1] if found else ""
