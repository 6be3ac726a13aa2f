"""Requests and exchanges as HTTP text, credentials blotted out."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus, urlsplit

from dynaclient.prompt.render import complain
from dynaclient.wire.read import Response
from dynaclient.wire.redact import BLOT, is_secret, redacted
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
    secrets = _secrets(response)
    for name, value in response.headers.items():
        for secret in secrets:  # a server may send back what it got, as in a Location
            value = value.replace(secret, BLOT)
        complain(f"< {name}: {BLOT if is_secret(name, response.secret_names) else value}")
    complain("<")


def _secrets(response: Response) -> set[str]:
    """The credentials that the request carried, with and without the name of their scheme."""
    request, names = response.request, response.secret_names
    found = {_text(value) for name, value in request.headers.items() if is_secret(name, names)}
    found |= {value.partition(" ")[2] for value in found} | {value.partition("=")[2] for value in found}
    query = [pair.partition("=") for pair in urlsplit(request.url or "").query.split("&")]
    for name, _, value in query:
        if unquote_plus(name) in names:
            found |= {value, unquote_plus(value)}
    found |= {quote(value, safe="") for value in found}
    return {secret for secret in found if len(secret) > 3}


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
