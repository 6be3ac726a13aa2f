"""The beginning of a response that may never end: server-sent events, lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import pluralize
from dynaclient.document.model import Operation
from dynaclient.errors import TransportError
from dynaclient.transport.deadline import Timeout
from dynaclient.wire.media_types import essence, is_sequence

if TYPE_CHECKING:
    from dynaclient.calls.streaming import StreamedResponse

MAX_ITEMS = 100
SECONDS = 20.0
"""How long items are read, and how long a silence may last."""

_EVENTS = "text/event-stream"


def is_streamed(operation: Operation) -> bool:
    """Whether a success of an operation is a stream of items."""
    kinds = [essence(name) for each in operation.responses if each.status[:1] == "2" for name in each.content]
    return any(kind == _EVENTS or is_sequence(kind) for kind in kinds)


def stream_options(timeout: Timeout) -> dict[str, Any]:
    """The options of a call whose response is read as it comes."""
    return {"stream": True, "timeout": replace(timeout, read=min(timeout.read or SECONDS, SECONDS))}


def first_items(response: StreamedResponse) -> tuple[Any, str]:
    """The first items, and why these are not all, empty where they are; all of a body that is no stream.

    The connection is closed. An event is an object of its type, its id and its data.
    """
    found: list[Any] = []
    end = monotonic() + SECONDS
    kind = essence(response.headers.get("Content-Type", ""))
    with response:
        if response.status >= 300 or not (kind == _EVENTS or is_sequence(kind)):
            return response.data, ""
        try:
            for item in _events(response) if kind == _EVENTS else response.iter_items():
                found.append(item)
                if len(found) >= MAX_ITEMS or monotonic() > end:
                    return found, f"the stream was left after {pluralize(len(found), 'item')}"
        except TransportError as error:
            return found, f"the stream broke off after {pluralize(len(found), 'item')}: {error}"
    return found, ""


def _events(response: StreamedResponse) -> Iterator[dict[str, Any]]:
    for event in response.iter_events():
        try:
            data = json.loads(event.data)
        except (ValueError, RecursionError):
            data = event.data
        yield {"event": event.event, **({"id": event.id} if event.id else {}), "data": data}
