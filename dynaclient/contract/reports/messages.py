"""Requests and responses of a run as they may be shown: redacted, the beginnings of their bodies as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from dynaclient.calls.credentials import INVALID
from dynaclient.contract.flow import SentCase
from dynaclient.wire.files import Upload
from dynaclient.wire.redacted_text import REDACTED, redact
from dynaclient.wire.redaction import is_secret, redacted, secrets

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.wire.request import Request

__all__ = [
    "MOST",
    "Redactor",
    "ShownMessage",
    "content_bytes",
    "header_texts",
    "laid_out",
    "names",
    "shown_headers",
    "status_phrase",
]

MOST = 4000
"""Bytes of a body that are shown."""


class ShownMessage(NamedTuple):
    """A request or a response: its first line, its headers, the beginning of its body, its size in bytes."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: str
    size: int


class Redactor:
    """Takes secrets out: of an exchange its own, and out of all texts the credentials of any of them.

    A server may say what it got in a later response, or in an identifier. What a run made up is no
    credential, in whatever header it was sent.
    """

    def __init__(self, exchanges: Iterable[SentCase]) -> None:
        found: dict[str, None] = {}
        for sent in exchanges:
            made = {str(each) for each in sent.case.arguments.values()}
            found.update(dict.fromkeys(each for each in _secrets(sent) if each not in made))
        self._all = sorted((each for each in found if INVALID not in each), key=len, reverse=True)

    def text(self, said: str) -> str:
        """A text without credentials."""
        return redact(said, self._all)

    def request(self, sent: SentCase) -> ShownMessage | None:
        """What was sent; None where no request was made."""
        if sent.request is None:
            return None
        request = redacted(sent.request, names(sent))
        parts = urlsplit(str(request.url))
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = (("Host", parts.netloc), *header_texts(request.headers))
        return self._message(sent, f"{request.method} {target}", headers, content_bytes(request))

    def response(self, sent: SentCase) -> ShownMessage | None:
        """What came back; None where that was no complete response."""
        response = sent.response
        if response is None:
            return None
        line = f"{response.status} {status_phrase(response.status)}".rstrip()
        return self._message(sent, line, shown_headers(response), response.content)

    def _message(
        self, sent: SentCase, line: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> ShownMessage:
        those = (*_secrets(sent), *self._all)
        pairs = tuple((name, redact(value, those)) for name, value in headers)
        # more is read than shown: a secret may stand at the cut
        said = redact(body[: 2 * MOST].decode("utf-8", "backslashreplace"), those)
        return ShownMessage(redact(line, those), pairs, said[:MOST], len(body))


def _secrets(sent: SentCase) -> list[str]:
    return secrets(sent.request, names(sent)) if sent.request is not None else []


def names(sent: SentCase) -> tuple[str, ...]:
    """The names of headers and query parameters of an exchange whose values are not shown."""
    return sent.response.secret_names if sent.response is not None else sent.unshown


def shown_headers(response: Response) -> Iterator[tuple[str, str]]:
    """The headers of a response, without secrets."""
    names = response.secret_names
    those = secrets(response.request, names)
    for name, value in response.headers.items():
        yield name, REDACTED if is_secret(name, names) else redact(value, those)


def header_texts(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Headers as text."""
    for name, value in headers.items():
        yield name, value.decode("latin-1") if isinstance(value, bytes) else str(value)


def content_bytes(request: Request) -> bytes:
    """The body of a request; nothing where it can be read only once."""
    body: Any = request.body
    if isinstance(body, Upload):
        if not body.rewindable:
            return b""
        body.rewind()
        read = body.read()
        body.rewind()
        return read
    return body.encode() if isinstance(body, str) else body or b""


def status_phrase(status: int) -> str:
    """What a status is called; empty for one that has no name."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^"{}\[\],:\s]+', re.DOTALL)
_OPEN, _CLOSE = ("{", "["), ("}", "]")
_DEEPEST = 40


def laid_out(said: str) -> str:
    """JSON on lines of its own, also where it is cut or invalid: nothing but white space differs."""
    if not said.lstrip().startswith(_OPEN):
        return said
    made: list[str] = []
    depth, before = 0, ""
    for token in _TOKEN.findall(said):
        depth -= token in _CLOSE
        if before + token not in ("{}", "[]") and (before in (*_OPEN, ",") or token in _CLOSE):
            made.append("\n" + "  " * min(max(depth, 0), _DEEPEST))
        made.append(": " if token == ":" else token)
        depth += token in _OPEN
        before = token
    return "".join(made)
