"""What an Encoding Object says of one property of a form (OpenAPI 4.8.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dynaclient.document.document import Node, escape
from dynaclient.document.operation import MediaType, style_of
from dynaclient.wire.kinds import JSON, TEXT, covers, essence, is_json
from dynaclient.wire.percent import StyleError

NULL = "null has no form in a form body; leave it out"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a property travels: in a style where one is stated, else as text or JSON by its content type."""

    styled: bool
    """Whether style, explode or allowReserved is stated: `contentType` then means nothing (4.8.15.1.2)."""
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
    """The Content-Type of a value as a part: JSON for objects and arrays, else text (4.8.15.1.1)."""
    return JSON if isinstance(value, (dict, list, tuple)) else TEXT


def nests(item: Any) -> bool:
    """Objects, and arrays that hold more than scalars, travel as JSON in a urlencoded form (4.8.14.3)."""
    return isinstance(item, dict) or (
        isinstance(item, list) and any(isinstance(part, (dict, list)) for part in item)
    )


def at(error: StyleError, *tokens: object) -> StyleError:
    """The same error, seen from the value that holds it."""
    return StyleError(str(error), "".join(f"/{escape(str(token))}" for token in tokens) + error.pointer)
