"""What an error response says: its status, and why, wherever the schema of its body has room for that."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from dynaclient.sandbox.echo import properties

TEXTS = (
    "message", "detail", "details", "description", "error", "error_description", "errorMessage", "reason",
    "title", "msg",
)  # fmt: skip
"""Properties that hold free text, the best first."""

TITLES = frozenset(("error", "title"))
"""Those of them that name the kind of error, where another holds the details (RFC 9457, `title`)."""

STATUSES = frozenset(
    ("status", "statuscode", "httpstatus", "httpstatuscode", "httpcode", "code", "errorcode")
)
"""Properties that repeat the status, in lower case without `_` and `-`."""

LENGTHS = (4000, 1000, 250, 100, 50, 20)
"""The text is cut to the longest of these that fits."""


def explained(
    body: Any,
    schema: Any,
    defs: Mapping[str, Any],
    status: int,
    reasons: Sequence[str],
    is_valid: Callable[[Any], bool],
) -> Any:
    """`body` of an error response with its status and the reasons, as text and as a list, as far as valid."""
    text = "; ".join(reasons) or phrase(status)
    if isinstance(body, str):
        return next((text[:length] for length in LENGTHS if is_valid(text[:length])), body)
    body = copy.deepcopy(body)
    told = False
    for holder, inner in _objects(body, schema, defs):
        known = properties(inner, defs)
        for name in [name for name in holder if _plain(name) in STATUSES]:
            _ = _set(holder, name, status, body, is_valid) or _set(holder, name, str(status), body, is_valid)
        names = [name for name in TEXTS if name in holder or (name in known and not told)]
        for index, name in enumerate(names):
            said = phrase(status) if index and name in TITLES else text
            if index == 0 or name in holder:
                told |= any(_set(holder, name, said[:length], body, is_valid) for length in LENGTHS)
    if reasons and isinstance(body, dict) and "reasons" not in body:
        _set(body, "reasons", list(reasons), body, is_valid)
    return body


def phrase(status: int) -> str:
    """`Not Found` for 404."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


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
