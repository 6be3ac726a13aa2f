"""Why a request was refused, put into the body of the answer where its schema has room."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dynaclient.sandbox.echo import properties

TEXTS = (
    "message", "detail", "details", "description", "error", "error_description", "errorMessage", "reason",
    "title", "msg",
)  # fmt: skip
"""Properties that hold free text, the best first."""

LENGTHS = (4000, 1000, 250, 100, 50, 20)
"""The text is cut to the longest of these that fits."""


def with_reasons(
    body: Any, schema: Any, defs: Mapping[str, Any], reasons: Sequence[str], is_valid: Callable[[Any], bool]
) -> Any:
    """`body` with the reasons as text in a text property and as a list in `reasons`, where it stays valid."""
    text = "; ".join(reasons)
    if isinstance(body, str):
        return next((text[:length] for length in LENGTHS if is_valid(text[:length])), body)
    body = copy.deepcopy(body)
    for holder, inner in _objects(body, schema, defs):
        names = [name for name in TEXTS if name in properties(inner, defs) or name in holder]
        if any(_set(holder, name, text[:length], body, is_valid) for name in names for length in LENGTHS):
            break
    if isinstance(body, dict) and "reasons" not in body:
        _set(body, "reasons", list(reasons), body, is_valid)
    return body


def _objects(value: Any, schema: Any, defs: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """The objects of a body from the outside in, each with its schema as far as it is known."""
    pending = [(value, schema)]
    while pending:
        value, schema = pending.pop(0)
        if isinstance(value, dict):
            yield value, schema
            named = properties(schema, defs)
            pending += [(item, named.get(name)) for name, item in value.items()]
        elif isinstance(value, list):
            pending += [(item, None) for item in value]


def _set(holder: dict[str, Any], name: str, value: Any, body: Any, is_valid: Callable[[Any], bool]) -> bool:
    before = dict(holder)
    holder[name] = value
    if is_valid(body):
        return True
    holder.clear()
    holder.update(before)
    return False


def problem(status: int, reasons: Sequence[str]) -> bytes:
    """The body of a refusal that the document does not describe."""
    return json.dumps({"message": "; ".join(reasons), "status": status, "reasons": list(reasons)}).encode()


def header_text(text: str, limit: int = 2000) -> str:
    """`text` as one line of printable ASCII, cut."""
    line = " ".join(text.split())
    return line.encode("ascii", "backslashreplace").decode()[:limit].strip()
