"""Bodies <-> bytes, by the codec of their media type (RFC 9110, 8.3): those of `codecs`, and the user's own.

A media type that is not known is passed through, never refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dynaclient.document.operation import MediaType
from dynaclient.interrupts import let_through
from dynaclient.wire.codecs import FAMILIES, OTHER, Codec, Decode, Encode, ascii_only
from dynaclient.wire.codecs import Encoded as Encoded
from dynaclient.wire.codecs import binary as binary
from dynaclient.wire.jsontext import Undecodable as Undecodable
from dynaclient.wire.jsontext import decode_json as decode_json
from dynaclient.wire.jsontext import written
from dynaclient.wire.kinds import BINARY as BINARY
from dynaclient.wire.kinds import FORM as FORM
from dynaclient.wire.kinds import JSON as JSON
from dynaclient.wire.kinds import MULTIPART as MULTIPART
from dynaclient.wire.kinds import NAMELESS as NAMELESS
from dynaclient.wire.kinds import TEXT as TEXT
from dynaclient.wire.kinds import charset as charset
from dynaclient.wire.kinds import concrete as concrete
from dynaclient.wire.kinds import covers, seen_as
from dynaclient.wire.kinds import essence as essence
from dynaclient.wire.kinds import is_bytes as is_bytes
from dynaclient.wire.kinds import is_form as is_form
from dynaclient.wire.kinds import is_json as is_json
from dynaclient.wire.kinds import is_sequence as is_sequence
from dynaclient.wire.kinds import is_text as is_text
from dynaclient.wire.kinds import is_xml as is_xml
from dynaclient.wire.kinds import matching as matching
from dynaclient.wire.percent import StyleError
from dynaclient.wire.texts import decode_text as decode_text
from dynaclient.wire.texts import encode_text
from dynaclient.wire.values import is_binary, plain
from dynaclient.words import kind_of, shown

if TYPE_CHECKING:
    from dynaclient.document.asked import Asked


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


def choose(content: Mapping[str, MediaType], value: Any) -> str:
    """The first of `candidates`; what the schemas say is not asked."""
    return candidates(content, value)[0]


def encode(value: Any, name: str, media: MediaType | None, *, streamed: bool = False) -> Encoded:
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
    value: Any, name: str, media: MediaType | None, asked: Asked | None = None
) -> tuple[Encoded, Any]:
    """As `encode`, for JSON: the body, and `value` as JSON has it and as it is `asked` for.

    Raises NotPlain too.
    """
    content_type = concrete(name, value)
    if is_registered(essence(content_type)):
        value = plain(value, asked=asked)
        return encode(value, name, media), value
    content, value = written(value, ascii_only=ascii_only(content_type), asked=asked)
    return Encoded(content, content_type), value


def decode(content: bytes, content_type: str) -> Any:
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
    """Write and read bodies of `media_type` with functions of yours, in all clients.

    `encode` gets the value of a call as JSON has it, checked against the schema, and gives the body; `decode`
    gets the body of an answer and gives the data, which is then checked. Bytes, files and paths are sent as
    they are. Where one of the two is not given, and for what it raises: `encode` passes text on, `decode`
    gives bytes; an exception is a violation of the request or of the answer. A codec for a type that is known
    already takes its place.

    Raises SettingsError for what is no media type.
    """
    from dynaclient.errors import SettingsError

    kind = essence(media_type) if isinstance(media_type, str) else ""
    if kind.count("/") != 1 or "*" in kind:
        raise SettingsError(f"{shown(media_type)} is no media type such as application/x-yaml")
    if not all(each is None or callable(each) for each in (encode, decode)):
        raise SettingsError("encode and decode are functions, or None")
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
            raise StyleError(f"the codec for {kind} gave {kind_of(made)}, due is text or bytes")
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
