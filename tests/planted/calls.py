"""Calls of the application without a socket, written as short as they can be.

`Call("POST /books", BOOK)`. In the target, headers and texts of the body `{id}` stands for the `id` of the
last body that had one, `{etag}` and `{location}` for the last such header, `{nth.N}` for the N-th `id`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.planted.app import API_KEY, TOKEN, Application

HOST = "127.0.0.1:8080"
"""What the document names as its server."""

AUTHORIZED = {"X-Api-Key": API_KEY, "Authorization": f"Bearer {TOKEN}"}


@dataclass
class Call:
    """A request: method and target, the body as JSON value, text or bytes, headers beside the credentials."""

    line: str
    body: Any = None
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=lambda: dict(AUTHORIZED))


@dataclass
class Exchange:
    """What was sent and what came back."""

    environ: dict[str, Any]
    content: bytes
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header of the response."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @property
    def value(self) -> Any:
        """The body as JSON value; as text where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("latin-1")


def made(application: Application, calls: Iterable[Call]) -> Iterator[Exchange]:
    """Makes the calls one after the other."""
    known: dict[str, str] = {}
    for call in calls:
        exchange = _made(application, call, known)
        _learn(known, exchange)
        yield exchange


def _made(application: Application, call: Call, known: dict[str, str]) -> Exchange:
    method, _, target = _filled(call.line, known).partition(" ")
    content = _content(call.body, known)
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "HTTP_HOST": HOST,
        "SERVER_NAME": HOST.partition(":")[0],
        "SERVER_PORT": HOST.partition(":")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
    }
    if call.body is not None:
        environ |= {"CONTENT_TYPE": call.media_type, "CONTENT_LENGTH": str(len(content))}
    for name, value in {**call.credentials, **call.headers}.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = _filled(value, known)
    got: dict[str, Any] = {}
    pieces = application(environ, lambda status, headers: got.update(status=status, headers=headers))
    return Exchange(environ, content, int(got["status"].split()[0]), got["headers"], b"".join(pieces))


def _content(body: Any, known: dict[str, str]) -> bytes:
    if body is None or isinstance(body, bytes):
        return body or b""
    if isinstance(body, str):
        return _filled(body, known).encode()
    text = re.sub(r'"\{id\}"', known.get("id", ""), json.dumps(body))
    return text.encode()


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]+(?:\.\d+)?)\}", lambda found: known[found[1]], text)


def _learn(known: dict[str, str], exchange: Exchange) -> None:
    value = exchange.value
    if isinstance(value, dict) and "id" in value and exchange.status < 300:
        known["id"] = str(value["id"])
        known[f"nth.{sum(each.startswith('nth.') for each in known)}"] = str(value["id"])
    for name in ("ETag", "Location"):
        if exchange.header(name):
            known[name.lower()] = str(exchange.header(name))


def multipart(*parts: tuple[str, bytes, str | None]) -> tuple[bytes, str]:
    """A multipart body of name, content and file name, and its media type."""
    lines = b""
    for name, content, file in parts:
        about = f'; filename="{file}"\r\nContent-Type: application/octet-stream' if file is not None else ""
        lines += (
            f'--limit\r\nContent-Disposition: form-data; name="{name}"{about}\r\n\r\n'.encode()
            + content
            + b"\r\n"
        )
    return lines + b"--limit--\r\n", "multipart/form-data; boundary=limit"


def differences(clean: Exchange, other: Exchange) -> str:
    """What differs, in a word: `200 -> 500`, `header Name`, `content-type`, or pointers into the body."""
    if clean.status != other.status:
        return f"{clean.status} -> {other.status}"
    names = {name for name, _ in (*clean.headers, *other.headers)} - {"Content-Length"}
    headers = [f"header {name}" for name in sorted(names) if clean.header(name) != other.header(name)]
    return ", ".join(headers) or ", ".join(sorted(_pointers(clean.value, other.value))) or "nothing"


def _pointers(one: Any, other: Any, at: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {**one, **other}:
            yield from _pointers(one.get(name, ...), other.get(name, ...), f"{at}/{name}")
    elif repr(one) != repr(other):
        yield at or "body"
