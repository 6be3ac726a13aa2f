"""The sandbox without a socket: an adapter for sessions of requests, which hands it each request as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http.client import responses
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from dynaclient.wire.percent import target_of

if TYPE_CHECKING:
    from dynaclient.sandbox.responses import PreparedResponse

Answer = Callable[[str, str, Sequence[tuple[str, str]], Callable[[int], bytes]], "PreparedResponse"]
"""Answers a method, a target, header fields, and what reads so many bytes of a body."""


class SandboxAdapter(HTTPAdapter):
    """Answers the requests of a session, whatever their host: nothing leaves the process."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, *settings: Any, **named: Any) -> requests.Response:
        """The response; it is read from memory as it would be from a socket."""
        url = request.url or ""
        fields = [
            ("Host", urlsplit(url).netloc),
            *((_text(name), _text(value)) for name, value in request.headers.items()),
        ]
        reply = self._answer(request.method or "", target_of(url), fields, _reader(request.body))
        return self.build_response(request, _response(reply, request.method))


def session_for(answer: Answer) -> requests.Session:
    """A session that reads neither proxies nor a netrc of the environment's."""
    made = requests.Session()
    made.trust_env = False
    for scheme in ("http://", "https://"):
        made.mount(scheme, SandboxAdapter(answer))
    return made


def _response(reply: PreparedResponse, method: str | None) -> HTTPResponse:
    return HTTPResponse(
        BytesIO(reply.body),
        headers=HTTPHeaderDict(reply.headers),
        status=reply.status,
        reason=responses.get(reply.status, "Other"),
        preload_content=False,
        request_method=method,
    )


def _reader(body: Any) -> Callable[[int], bytes]:
    """What reads a body of requests: nothing, a text, bytes, a file, or pieces."""
    if hasattr(body, "read"):
        return body.read  # type: ignore[no-any-return]
    if body is None or isinstance(body, (str, bytes)):
        return BytesIO(_bytes(body or b"")).read
    return BytesIO(b"".join(map(_bytes, body))).read


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _text(field: str | bytes) -> str:
    return field.decode("latin-1") if isinstance(field, bytes) else str(field)
