"""Bodies for cases: which media type, and what it can carry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.contract.case import Case
from dynaclient.document.model import MediaType, RequestBody
from dynaclient.document.node import Node
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.generation.files import smallest_file
from dynaclient.wire import codecs, media_types
from dynaclient.wire.body_validation import BodyValidator
from dynaclient.wire.form_encoding import encoding_of
from dynaclient.wire.json_values import is_file

WORDS = ("text", "two words", "100% é&/?")
"""Values where no schema says anything."""

_TEXT = {"type": "string"}
_NOT_NULL = {"type": ["string", "number", "integer", "boolean", "array", "object"]}
_FORM = {"type": "object", "minProperties": 1}
_NOT_EMPTY = {"type": "array", "minItems": 1}
_SIZES = (1, 2, 3)
"""How many items a sequence has, of which only one is described."""
_ATTEMPTS = 20
_NOT_SENT: tuple[Any, ...] = (None, [], {})
"""What a form has no pair for."""
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


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


def made(
    maker: Maker, bodies: BodyValidator, content: MediaType, source: ChoiceSource, shown: Any = MISSING
) -> Any:
    """A body of the media type; `shown`: a documented example of one.

    Raises Unsatisfiable where none is found, and for a type that is not written here and not shown.
    """
    kind = media_types.essence(content.name)
    if media_types.is_sequence(kind):
        return _items(maker, bodies, content, source)
    if media_types.is_form(kind) or kind.startswith("multipart/"):
        return _form(maker, bodies, content, source)
    if media_types.is_json(kind) or _anything(kind) or codecs.is_registered(kind):
        return maker.value(content.schema, source, _NOT_NULL) if content.schema else {}
    if kind in _YAML:
        return json.dumps(maker.value(content.schema, source, _NOT_NULL) if content.schema else {})
    if media_types.is_text(kind) and not media_types.is_xml(kind):
        return _text(maker, content.schema, source, kind)
    if isinstance(shown, (str, bytes)):
        return shown
    file = smallest_file(kind)
    if file is None:
        raise Unsatisfiable(
            "a body of this type is not written here, and the document shows no example of one"
        )
    return file


def _anything(kind: str) -> bool:
    return kind in ("*/*", "*", "application/*")


def _form(maker: Maker, bodies: BodyValidator, content: MediaType, source: ChoiceSource) -> Any:
    schema = content.schema if bodies.is_of_fields(content) else None
    if schema is None and content.schema is not None and not media_types.is_form(content.name):
        return maker.value(content.schema, source, _NOT_EMPTY)  # the parts of a list
    if schema is None:
        return {"name": source.choice(WORDS)}
    shape = bodies.shape(schema)
    files = {name: _FILES if "array" in shape.property(name).types else _FILE for name in content.files}
    also = {**_FORM, "properties": files}
    for _ in range(_ATTEMPTS):
        value = maker.value(schema, source, also)
        sent = {name: item for name, item in value.items() if name and not _is_not_sent(item)}
        if sent and (len(sent) == len(value) or maker.meets(schema, sent)):
            return with_files(content, sent)
    raise Unsatisfiable("every form that was found holds something empty")


_FILE = {"type": "string", "minLength": 1}
_FILES = {"type": ["string", "array"], "items": _FILE, "minItems": 1, "minLength": 1}
"""What stands for a file, and for several: the client sends text for one as a file."""


def with_files(content: MediaType | None, value: Any) -> Any:
    """A form whose files are of the type that is documented for them, where text stands for one."""
    if content is None or not isinstance(value, dict) or not content.files:
        return value
    return {name: _as_file(content, name, item) for name, item in value.items()}


def files_as_texts(content: MediaType | None, value: Any) -> Any:
    """A form with text in place of its files: what its schema speaks of."""
    if content is None or not isinstance(value, dict) or not content.files:
        return value
    return {name: _as_text(item) if name in content.files else item for name, item in value.items()}


def _as_file(content: MediaType, name: str, item: Any) -> Any:
    if isinstance(item, list):
        return [_as_file(content, name, each) for each in item]
    if name not in content.files or not isinstance(item, str):
        return item
    return next(filter(None, map(smallest_file, _types_of(content, name))), item)


def _types_of(content: MediaType, name: str) -> list[str]:
    """The media types that are documented for a file of a form."""
    stated = encoding_of(content, name).types or (content.part_types.get(name, ""),)
    return [media_types.essence(each) for each in stated if each]


def is_any_file(content: MediaType, name: str) -> bool:
    """Whether any bytes will do for a file of a form: the document does not say what it holds."""
    return name in content.files and set(_types_of(content, name)) <= {media_types.BINARY, "*/*"}


def _as_text(item: Any) -> Any:
    if isinstance(item, list):
        return [_as_text(each) for each in item]
    return "file" if is_file(item) else item


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


def documented_type(body: RequestBody, case: Case) -> MediaType | None:
    """The media type that the body of `case` is of, as it is documented."""
    name = case.content_type or (codecs.choose_media_type(body.content, case.body) if body.content else "")
    return body.content.get(name) or media_types.matching(body.content, name)


def checked(body: RequestBody, bodies: BodyValidator, case: Case) -> Iterator[tuple[Node, int | None]]:
    """The schema that the body of `case` is held against, or one for the item of a number; none for bytes and
    XML: it says nothing of them."""
    content = documented_type(body, case)
    if content is None:
        return
    kind = media_types.essence(media_types.concrete(content.name, case.body))
    if media_types.is_sequence(kind):
        whole, each = bodies.item_schemas(content)
        yield from ((schema, at) for schema, at in ((whole, None), (each, 0)) if schema is not None)
    elif content.schema and (media_types.is_json(kind) or media_types.is_form(kind) or kind == "text/plain"):
        yield content.schema, None
