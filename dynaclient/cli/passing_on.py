"""Bodies that are passed on while they come, and how far an upload or a download has got."""

from __future__ import annotations

import contextlib
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

from dynaclient._support import terminal
from dynaclient._support.messages import pluralize
from dynaclient.calls.streaming import StreamedResponse
from dynaclient.document.model import Operation
from dynaclient.wire import media_types
from dynaclient.wire.files import Upload

if TYPE_CHECKING:
    from dynaclient.wire.events import Event
    from dynaclient.wire.request import Request

PATIENCE = 1.0
"""Seconds that something may last without a bar."""

EVENTS = "text/event-stream"


def is_passed_on(operation: Operation, options: Namespace) -> bool:
    """Whether the body of a response is passed on while it comes: events and sequences, and what is no data.

    What is printed in another form, or of which a part is printed, is read whole.
    """
    if options.print or options.filter or options.output not in (None, "raw", "json"):
        return False
    kinds = [
        media_types.essence(name)
        for response in operation.responses
        if response.status[:1] in ("2", "d")
        for name in response.content
    ]
    if any(kind == EVENTS or media_types.is_sequence(kind) for kind in kinds):
        return True
    bytes_only = bool(kinds) and not any(_is_data(kind) for kind in kinds)
    return bytes_only and options.output != "json" and not terminal.is_terminal()


def _is_data(kind: str) -> bool:
    return media_types.is_json(kind) or media_types.is_text(kind) or "*" in kind or kind == media_types.FORM


def pass_on(response: StreamedResponse, form: str | None) -> None:
    """Print the body while it comes: items as lines of JSON, events as events, else bytes.

    `form`: "json" for the data of events, a line each; "raw" for the bytes, whatever they are. Raises
    ResponseInvalid for an item that breaks the document, TransportError where the connection is lost.
    """
    kind = media_types.essence(response.headers.get("Content-Type") or "")
    if form != "raw" and kind == EVENTS and form != "json":
        last = ""
        for event in response.iter_events():
            _line(_event_text(event, last))
            last = event.id
    elif form != "raw" and (kind == EVENTS or media_types.is_sequence(kind)):
        for item in response.iter_items():
            _line(json.dumps(item, ensure_ascii=False, default=str))
    else:
        _bytes(response, kind)


def _line(text: str) -> None:
    terminal.payload(text)
    terminal.flush()


def _event_text(event: Event, last: str) -> str:
    """An event as it travels, with an empty line behind it. `last`: the id that holds before it."""
    lines = [f"event: {event.event}"] if event.event not in ("", "message") else []
    lines += [f"id: {event.id}"] if event.id != last else []
    lines += [f"data: {line}" for line in event.data.split("\n")]
    return "\n".join(lines) + "\n"


def _bytes(response: StreamedResponse, kind: str) -> None:
    if terminal.is_terminal() and not media_types.is_text(kind):
        size = len(response.read())
        terminal.complain(
            f"({pluralize(size, 'byte')} of {kind or 'no media type'}; write them to a file with `> FILE`)"
        )
        return
    length = response.headers.get("Content-Length") or ""
    whole = int(length) if length.isascii() and length.isdigit() and not _is_coded(response) else None
    sys.stdout.flush()
    with Bar("received", whole) as bar:
        for piece in response.iter_bytes():
            if terminal.is_terminal():
                terminal.payload(piece.decode("utf-8", "replace"))
            else:
                sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
            bar.advance(len(piece))


def _is_coded(response: StreamedResponse) -> bool:
    return (response.headers.get("Content-Encoding") or "identity") != "identity"


@contextlib.contextmanager
def sending(request: Request) -> Iterator[None]:
    """Show how much of an upload is sent, while this context lasts."""
    body: Any = request.body
    if not isinstance(body, Upload) or not sys.stderr.isatty():
        yield
        return
    read = body.read
    with Bar("sent", body.size) as bar:

        def counted(amount: int | None = -1) -> bytes:
            piece = read(amount)
            bar.advance(len(piece))
            return piece

        vars(body)["read"] = counted
        try:
            yield
        finally:
            del vars(body)["read"]


class Bar:
    """A progress bar on standard error, where that is a terminal, for what takes longer than a second.

    `whole`: the number of bytes, None where it is not known.
    """

    def __init__(self, words: str, whole: int | None) -> None:
        self._words = words
        self._whole = whole
        self._done = 0
        self._since = monotonic()
        self._shown: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._shown is not None:
            self._shown.stop()

    def advance(self, count: int) -> None:
        """So many bytes more."""
        self._done += count
        if self._shown is None and sys.stderr.isatty() and monotonic() - self._since > PATIENCE:
            self._start()
        if self._shown is not None:
            self._shown.update(self._task, completed=self._done)

    def _start(self) -> None:
        from rich.console import Console  # late: 49 ms
        from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn  # late: 60 ms

        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._shown = Progress(self._words, *columns, console=Console(stderr=True), transient=True)
        self._shown.start()
        self._task = self._shown.add_task(self._words, total=self._whole)
