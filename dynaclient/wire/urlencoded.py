"""Data -> `application/x-www-form-urlencoded` (OpenAPI 4.8.14.3, WHATWG URL), and plain reading of it.

Each property is written in its own style where its Encoding Object states one, as JSON where that says so or
where it nests, else as repeated pairs. An empty array has no pair and is left out; null is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dynaclient.document.operation import MediaType
from dynaclient.wire import percent
from dynaclient.wire.encoding import NULL, Encoding, at, encoding_of, nests
from dynaclient.wire.jsontext import json_bytes
from dynaclient.wire.percent import StyleError
from dynaclient.wire.styles import encode_query
from dynaclient.wire.values import is_file, is_part


def form_text(value: Mapping[str, Any], media: MediaType | None) -> str:
    """The form; in ASCII. Raises StyleError with a pointer to what a form cannot carry."""
    return "&".join(pair for name, item in value.items() for pair in _pairs(name, item, media))


def _pairs(name: str, item: Any, media: MediaType | None) -> list[str]:
    try:
        _refuse_files(item)
        return list(_written(name, item, encoding_of(media, name)))
    except StyleError as error:
        raise at(error, name) from None


def _written(name: str, item: Any, encoding: Encoding) -> Iterator[str]:
    if encoding.as_json or (not encoding.styled and nests(item)):
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
            raise StyleError("a file cannot travel in a urlencoded form, only in multipart/form-data")


def read_form(text: str) -> dict[str, Any]:
    """A urlencoded form as a dict of texts; a name that stands more than once gives a list."""
    from urllib.parse import parse_qsl

    data: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in data:
            data[name] = [*(data[name] if isinstance(data[name], list) else [data[name]]), value]
        else:
            data[name] = value
    return data
