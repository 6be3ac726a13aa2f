"""Data -> `application/x-www-form-urlencoded` (WHATWG URL), and the Encoding Object of each property.

Each property is written in its own style where its Encoding Object states one, as JSON where that says so or
where it nests, else as repeated pairs. An empty array has no pair and is left out; null is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from dynaclient.document.model import MediaType, style_of
from dynaclient.document.node import Node, escape
from dynaclient.wire import percent
from dynaclient.wire.json_values import is_file, is_part, json_bytes
from dynaclient.wire.media_types import JSON, TEXT, covers, essence, is_json
from dynaclient.wire.percent import StyleError
from dynaclient.wire.styles import encode_query

NULL = "null cannot be sent in a form; leave it out"


@dataclass(frozen=True)
class Encoding:
    """How a property travels: in a style where one is stated, else as text or JSON by its content type."""

    styled: bool
    """Whether style, explode or allowReserved is stated: `contentType` then means nothing."""
    style: str
    explode: bool
    allow_reserved: bool
    types: tuple[str, ...]
    """The media types and ranges of `contentType`."""

    @property
    def as_json(self) -> bool:
        """Whether it travels as JSON, whatever its value."""
        return not self.styled and any(is_json(essence(each)) for each in self.types)

    def type_of(self, guessed: str) -> str:
        """The Content-Type of a part that is `guessed` to be of one; of several, the one that is guessed."""
        if any(covers(each, guessed) for each in self.types):
            return next((each for each in self.types if essence(each) == essence(guessed)), guessed)
        return next((each for each in self.types if "*" not in each), guessed)


PLAIN = Encoding(False, "form", True, False, ())


def encoding_of(media: MediaType | None, name: str) -> Encoding:
    """What the document says of the property `name` of a form."""
    node = media.encoding.get(name) if media else None
    return PLAIN if node is None else read_encoding(node)


def read_encoding(node: Node) -> Encoding:
    """The Encoding Object at `node`."""
    said: Mapping[str, Any] = node.value if isinstance(node.value, dict) else {}
    style, explode, reserved = str(style_of(said, "")), said.get("explode"), said.get("allowReserved")
    return Encoding(
        styled=bool(style) or isinstance(explode, bool) or isinstance(reserved, bool),
        style=style or "form",
        explode=explode if isinstance(explode, bool) else style in ("", "form"),
        allow_reserved=reserved is True,
        types=tuple(each for part in node.text("contentType").split(",") if (each := part.strip())),
    )


def default_type(value: Any) -> str:
    """The Content-Type of a value as a part: JSON for objects and arrays, else text."""
    return JSON if isinstance(value, (dict, list, tuple)) else TEXT


def _nests(item: Any) -> bool:
    """Objects, and arrays that hold more than scalars, travel as JSON in a urlencoded form."""
    return isinstance(item, dict) or (
        isinstance(item, list) and any(isinstance(part, (dict, list)) for part in item)
    )


def nested_error(error: StyleError, *tokens: object) -> StyleError:
    """The same error, seen from the value that holds it."""
    return StyleError(str(error), "".join(f"/{escape(str(token))}" for token in tokens) + error.pointer)


def form_text(value: Mapping[str, Any], media: MediaType | None) -> str:
    """The form; in ASCII. Raises StyleError with a pointer to what a form cannot carry."""
    return "&".join(pair for name, item in value.items() for pair in _pairs(name, item, media))


def _pairs(name: str, item: Any, media: MediaType | None) -> list[str]:
    try:
        _refuse_files(item)
        return list(_written(name, item, encoding_of(media, name)))
    except StyleError as error:
        raise nested_error(error, name) from None


def _written(name: str, item: Any, encoding: Encoding) -> Iterator[str]:
    if encoding.as_json or (not encoding.styled and _nests(item)):
        yield f"{percent.encode(name)}={percent.encode(json_bytes(item).decode())}"
    elif item is None or (isinstance(item, list) and None in item):
        raise StyleError(NULL, "" if item is None else f"/{item.index(None)}")
    elif item != []:  # `name=` would be a list of one empty text
        yield from encode_query(
            name,
            item,
            encoding.style,
            encoding.explode,
            allow_reserved=encoding.allow_reserved,
            allow_empty=True,
        )


def _refuse_files(item: Any) -> None:
    for each in item if isinstance(item, list) else [item]:
        if is_file(each) or is_part(each):
            raise StyleError("a file cannot be sent in a urlencoded form, only in multipart/form-data")


def read_form(text: str) -> dict[str, Any]:
    """A urlencoded form as a dict of texts; a name that stands more than once gives a list."""
    data: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in data:
            data[name] = [*(data[name] if isinstance(data[name], list) else [data[name]]), value]
        else:
            data[name] = value
    return data
