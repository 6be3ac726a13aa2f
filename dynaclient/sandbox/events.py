"""Answers that are streams of server-sent events: a few, made from what the document says of one."""

from __future__ import annotations

import json
from typing import Any

from dynaclient.client import Client
from dynaclient.document.operation import MediaType, Operation
from dynaclient.items import Items
from dynaclient.values.making import Maker
from dynaclient.wire.events import written

_FIELDS = ("event", "id", "retry", "data")


def event_stream(
    client: Client, maker: Maker, operation: Operation, chosen: MediaType, seed: int, count: int
) -> bytes:
    """`count` events that meet the document; one with a text where it describes a text, none where nothing.

    Raises Unsatisfiable where no item meets its schema.
    """
    items = Items(client.document, client.plan(operation.key), chosen)
    if items.schema is not None:
        made = [_fields(items, maker, seed + number) for number in range(count)]
    elif chosen.schema is not None:
        made = [{"data": _text(maker.example(chosen.schema, seed))}]
    else:
        made = []
    return b"".join(map(written, made))


def _fields(items: Items, maker: Maker, seed: int) -> dict[str, Any]:
    assert items.schema is not None
    value = maker.example(items.schema, seed)
    if not items.of_events or not isinstance(value, dict):
        return {"data": _text(value)}
    fields = {name: value[name] for name in _FIELDS if name in value} | {"data": str(value.get("data", ""))}
    contents = items.contents(str(fields.get("event") or "message"))
    if contents:
        fields["data"] = json.dumps(maker.example(contents[0], seed))
    return fields


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
