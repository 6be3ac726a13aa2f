"""What the commands print: what `_support.terminal` lays out, and the bodies of responses.

Only the body of a response goes into a pipe as it came.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from dynaclient._support import terminal
from dynaclient._support.messages import pluralize
from dynaclient._support.terminal import (
    blocks,
    complain,
    console,
    flush,
    payload,
    prose,
    say,
    styled,
    table,
    table_of_paths,
    title,
)
from dynaclient.calls.response import Response
from dynaclient.wire import media_types

__all__ = [
    "answer",
    "blocks",
    "complain",
    "console",
    "flush",
    "payload",
    "prose",
    "say",
    "styled",
    "table",
    "table_of_paths",
    "title",
]


def answer(response: Response) -> None:
    """The body of a response: JSON laid out, text as it is, bytes as they came. Nothing for no body."""
    data = response.data
    kind = media_types.essence(response.headers.get("Content-Type") or "")
    if isinstance(data, bytes):
        _bytes(data, kind)
    elif isinstance(data, str) and not media_types.is_json(kind):
        payload(data.removesuffix("\n"))
    elif data is not None or response.content:
        print_json(data)


def _bytes(data: bytes, kind: str) -> None:
    """Bytes as they came; a terminal would obey what is in them, so it gets their number."""
    if terminal.is_terminal():
        complain(
            f"({pluralize(len(data), 'byte')} of {kind or 'no media type'}; "
            f"write them to a file with `> FILE`)"
        )
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def raw(response: Response) -> None:
    """The body as it came, after its Content-Encoding; on a terminal text alone, with its escapes visible."""
    kind = media_types.essence(response.headers.get("Content-Type") or "")
    try:
        text = response.content.decode() if terminal.is_terminal() else None
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:
        payload(text.removesuffix("\n"))
    else:
        _bytes(response.content, kind)


def print_json(data: Any) -> None:
    """A value as JSON, laid out; in colors on a terminal."""
    text = json.dumps(data, indent=2, ensure_ascii=not _carries(data))
    # JSON escapes C0 by itself; a terminal obeys DEL and C1 as well
    shown = "".join(f"\\u{ord(each):04x}" if "\x7f" <= each <= "\x9f" else each for each in text)
    if terminal.is_terminal():
        from rich.highlighter import JSONHighlighter  # late: 33 ms

        console().print(JSONHighlighter()(styled(shown)), soft_wrap=True)
    else:
        say(shown)


def _carries(data: Any) -> bool:
    """Whether standard output has all characters of `data`."""
    try:
        json.dumps(data, ensure_ascii=False).encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
