"""Requests and exchanges as HTTP text, credentials blotted out."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dynaclient.prompt.render import complain
from dynaclient.wire.read import Response
from dynaclient.wire.redact import BLOT, blotted, is_secret, redacted, secrets
from dynaclient.words import many

if TYPE_CHECKING:
    import requests


def exchange(response: Response) -> None:
    """Request line, headers, status line and headers, on standard error; credentials blotted out."""
    request = redacted(response.request, response.secret_names)
    complain(f"> {request.method} {request.url}")
    for name, value in request.headers.items():
        complain(f"> {name}: {_text(value)}")
    complain(">")
    complain(f"< {response.status} {_phrase(response.status)} ({response.elapsed * 1000:.0f} ms)")
    those = secrets(response.request, response.secret_names)
    for name, value in response.headers.items():
        shown = BLOT if is_secret(name, response.secret_names) else blotted(value, those)
        complain(f"< {name}: {shown}")
    complain("<")


def request_text(request: requests.PreparedRequest, secret_names: Collection[str]) -> str:
    """A request as HTTP text, credentials blotted out; a body that is no text by its size."""
    shown = redacted(request, secret_names)
    lines = [f"{shown.method} {shown.url}"]
    lines += [f"{name}: {_text(value)}" for name, value in shown.headers.items()]
    body = shown.body
    if body:
        lines += ["", _body_text(body)]
    return "\n".join(lines)


def _body_text(body: Any) -> str:
    """A body as text; its size where it is none, or is read while it is sent."""
    from dynaclient.transport.outgoing import length

    with contextlib.suppress(UnicodeDecodeError):
        if isinstance(body, (bytes, str)):
            return _text(body)
    size = length(body)
    return "(of unknown size)" if size is None else f"({many(size, 'byte')})"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
