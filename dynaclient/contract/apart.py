"""What a contract run does not judge because nothing can be asked of it: that is no gap in the run.

JSON Schema lets a format that nobody knows say nothing (2020-12 validation, 7.2.3), and a schema says nothing
of the bytes of an image, nor of XML that no codec reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dynaclient.document.model import MediaType
from dynaclient.wire import codecs, media_types

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.schema.keywords import Direction

_DIRECTIONS: tuple[Direction, Direction] = ("request", "response")


def apart(client: Client, keys: Iterable[str]) -> tuple[str, ...]:
    """What was passed over in the operations `keys`: `format X`, `bodies of image/png`, each once."""
    formats = {name for way in _DIRECTIONS for name in client.checkers.translator(way).unknown_formats}
    kinds = {
        media_types.essence(each.name)
        for key in keys
        for each in _documented(client, key)
        if is_opaque(each.name)
    }
    return (*(f"format {each}" for each in sorted(formats)), *(f"bodies of {each}" for each in sorted(kinds)))


def _documented(client: Client, key: str) -> Iterator[MediaType]:
    operation = client.operations[key]
    if operation.body:
        yield from operation.body.content.values()
    for response in operation.responses:
        yield from response.content.values()


def is_opaque(name: str) -> bool:
    """Whether a schema says nothing of bodies of a media type: images, XML that no codec reads."""
    kind = media_types.essence(name)
    if media_types.is_json(kind) or codecs.is_registered(kind) or "*" in kind:
        return False
    structured = media_types.is_sequence(kind) or media_types.is_form(kind) or kind.startswith("multipart/")
    return not structured and (media_types.is_xml(kind) or not media_types.is_text(kind))
