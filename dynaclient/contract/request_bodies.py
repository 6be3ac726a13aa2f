"""Bodies for cases: which media type, and what it can carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dynaclient.contract.case import Case
from dynaclient.document.model import MediaType, RequestBody
from dynaclient.document.node import Node
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.wire import codecs, media_types
from dynaclient.wire.body_validation import BodyValidator

WORDS = ("text", "two words", "100% é&/?")
"""Values where no schema says anything."""

_TEXT = {"type": "string"}
_NOT_NULL = {"type": ["string", "number", "integer", "boolean", "array", "object"]}
_FORM = {"type": "object", "minProperties": 1}
_FULL_FORM = {
    **_FORM,
    "patternProperties": {"": {"minItems": 1, "minProperties": 1, "type": _NOT_NULL["type"]}},
}
"""A form whose every part leaves something on the wire."""
_NOT_EMPTY = {"type": "array", "minItems": 1}
_SIZES = (1, 2, 3)
"""How many items a sequence has, of which only one is described."""
_ATTEMPTS = 20
_NOT_SENT: tuple[Any, ...] = (None, [], {})
"""What a form has no pair for."""


def preferred_media_types(body: RequestBody) -> list[str]:
    """The documented media types, those first whose bodies are checked most."""

    def rank(name: str) -> int:
        kind = media_types.essence(name)
        return (
            0
            if media_types.is_json(kind)
            else 1
            if media_types.is_form(kind)
            else 2
            if _anything(kind)
            else 3
        )

    return sorted(body.content, key=rank)


def made(maker: Maker, bodies: BodyValidator, content: MediaType, source: ChoiceSource) -> Any:
    """A body of the media type. Raises Unsatisfiable where none is found."""
    kind = media_types.essence(content.name)
    if media_types.is_sequence(kind):
        return _items(maker, bodies, content, source)
    if media_types.is_form(kind):
        return _form(maker, content.schema if bodies.is_of_fields(content) else None, source)
    if media_types.is_json(kind) or _anything(kind):
        return maker.value(content.schema, source, _NOT_NULL) if content.schema else {}
    if media_types.is_text(kind):
        return _text(maker, content.schema, source, kind)
    return _FILES.get(kind.partition("/")[0], b"\x00bytes") if kind.endswith("/*") else b"\x00bytes"


_FILES = {
    "image": b"\x89PNG\r\n\x1a\n",
    "audio": b"fLaC",
    "video": b"\x1aE\xdf\xa3",
    "font": b"wOFF",
    "model": b"glTF",
}
"""The first bytes of something that lies in a range, which says so itself."""


def _anything(kind: str) -> bool:
    return kind in ("*/*", "*", "application/*")


def _form(maker: Maker, schema: Node | None, source: ChoiceSource) -> Any:
    if schema is None:
        return {"name": source.choice(WORDS)}
    try:
        return _sent(maker, schema, source, _FULL_FORM)
    except Unsatisfiable:
        return _sent(maker, schema, source, _FORM)


def _sent(maker: Maker, schema: Node, source: ChoiceSource, also: dict[str, Any]) -> Any:
    for _ in range(_ATTEMPTS):
        value = maker.value(schema, source, also)
        if not any(map(_is_not_sent, value.values())):
            return value
    raise Unsatisfiable("every form that was found holds something empty")


def _is_not_sent(item: Any) -> bool:
    """Whether a form leaves nothing of it, or cannot carry it."""
    if isinstance(item, (bool, int, float)):
        return False
    return item in _NOT_SENT or (isinstance(item, list) and None in item)


def _items(maker: Maker, bodies: BodyValidator, content: MediaType, source: ChoiceSource) -> list[Any]:
    """Items of a sequence; at least one, since none would be no body."""
    whole, each = bodies.item_schemas(content)
    if whole is not None:
        items: list[Any] = maker.value(whole, source, _NOT_EMPTY)
        return items
    if each is None:
        return [source.choice(WORDS)]
    return [maker.value(each, source) for _ in range(source.choice(_SIZES))]


def _text(maker: Maker, schema: Node | None, source: ChoiceSource, kind: str) -> Any:
    """Text of a type that we do not write: what the schema says of strings, or a word.

    text/plain carries whatever JSON has, where the schema asks for no string.
    """
    try:
        return str(maker.value(schema, source, _TEXT)) if schema else source.choice(WORDS)
    except Unsatisfiable:
        if schema is None or kind != media_types.TEXT:
            return source.choice(WORDS)
        return maker.value(schema, source, _NOT_NULL)


def checked(body: RequestBody, bodies: BodyValidator, case: Case) -> Iterator[tuple[Node, int | None]]:
    """The schema that the body of `case` is held against, or one for the item of a number; none for bytes and
    XML: it says nothing of them."""
    name = case.content_type or (codecs.choose_media_type(body.content, case.body) if body.content else "")
    content = body.content.get(name) or media_types.matching(body.content, name)
    if content is None:
        return
    kind = media_types.essence(media_types.concrete(content.name, case.body))
    if media_types.is_sequence(kind):
        whole, each = bodies.item_schemas(content)
        yield from ((schema, at) for schema, at in ((whole, None), (each, 0)) if schema is not None)
    elif content.schema and (media_types.is_json(kind) or media_types.is_form(kind) or kind == "text/plain"):
        yield content.schema, None
