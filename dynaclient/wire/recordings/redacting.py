"""An exchange as it may be kept: with `***` in the place of each secret.

What is called secret by its name (`password`, `access_token`) is one in a body too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qsl, unquote_plus

from dynaclient._support.secret_names import reads_secret
from dynaclient.wire.content_coding import codings, decompress_body
from dynaclient.wire.headers import Headers
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.media_types import FORM, boundary, charset, essence
from dynaclient.wire.recordings.exchange import RecordedExchange, RecordedResponse
from dynaclient.wire.redacted_text import REDACTED, redact
from dynaclient.wire.redaction import is_secret, may_be_secret, redacted, secrets
from dynaclient.wire.request import Request

__all__ = ["all_secrets", "kept_exchange", "was_redacted", "without_texts"]

_NAME_END = re.compile(r'"\s*:\s*(?=["\d-])')
"""The end of the name of a member of a JSON object whose value is a string or a number. It is rare in what is
no JSON, so that a search for it passes quickly over that."""

_VALUE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d[\d.eE+-]*', re.DOTALL)
"""That value; a string may be cut off."""

_LEAST = 4
"""Characters of a secret; shorter ones would be found everywhere."""

_LONG = 1000
"""Names of so many characters, and so many names, are not remembered."""

_PAIR = re.compile(r"(?P<start>[?&;#]|^)(?P<name>[^=&;?#\s\"<>]+)=(?P<value>[^&\s\"<>#]*)")
"""A pair in the query or the fragment of a URL that stands in a text."""

_NAMED = re.compile(r'\bname="?([^";\r\n]*)', re.IGNORECASE)
"""The name of a part of a multipart body, in its head."""

ENCODED = "it was sent with a Content-Encoding, and secrets in it would not be seen"


def kept_exchange(exchange: RecordedExchange, names: Collection[str]) -> RecordedExchange:
    """`exchange` without secrets. `names`: of the headers and query parameters that are not shown."""
    those = sorted(all_secrets(exchange.request, names), key=len, reverse=True)
    sent, missing = redacted(exchange.request, names), exchange.missing
    if sent.body and codings(sent.headers.get("Content-Encoding") or ""):
        sent, missing = replace(sent, body=None), missing or ENCODED
    request, response = _request(sent, those, _described), exchange.response
    kept = None if response is None else _response(response, names, those, _described)
    error = redact(exchange.error, those)
    return replace(exchange, request=request, response=kept, error=error, missing=missing)


def all_secrets(request: Request, names: Collection[str]) -> set[str]:
    """What of a request is secret, under `names` and elsewhere, and what its body calls so."""
    return {*secrets(request, names), *_of_body(request)}


def was_redacted(content: bytes) -> bool:
    """Whether something was taken out of a body: `***` stands in it, or 0 under the name of a secret."""
    if any(REDACTED.encode(name) in content for name in ("utf-8", "utf-16-le", "utf-16-be")):
        return True
    return any(value[0] == "0" for _, value in _secret_members(content.decode("utf-8", "replace")))


def without_texts(exchange: RecordedExchange, those: Collection[str]) -> RecordedExchange:
    """`exchange` without texts that are secrets of another one: a server may say them again later."""
    request = _request(exchange.request, those, _redacted_body)
    response = exchange.response
    kept = None if response is None else _response(response, (), those, _redacted_body)
    return replace(exchange, request=request, response=kept, error=redact(exchange.error, those))


Body = Callable[[bytes, str, Collection[str]], bytes]
"""A body without secrets: of its bytes, its media type, and texts that are secrets."""


def _request(request: Request, those: Collection[str], without: Body) -> Request:
    fields = tuple((name, _header(value, those)) for name, value in request.fields)
    body = request.body if isinstance(request.body, bytes) else None
    if body:
        body = without(body, request.headers.get("Content-Type") or "", those)
    scheme, mark, rest = request.url.partition("://")
    return replace(request, url=f"{scheme}{mark}{redact(rest, those)}", fields=fields, body=body)


def _response(
    response: RecordedResponse, names: Collection[str], those: Collection[str], without: Body
) -> RecordedResponse:
    pairs = [
        (name, REDACTED if may_be_secret(name) or is_secret(name, names) else _header(value, those))
        for name, value in response.headers.pairs
    ]
    content = without(response.content, response.headers.get("Content-Type") or "", those)
    return replace(response, headers=Headers(pairs), content=content)


def _header(value: str, those: Collection[str]) -> str:
    """The value of a header, which may hold URLs with a signature in their queries."""
    return _PAIR.sub(_pair, redact(value, those)) if "=" in value else redact(value, those)


def _pair(found: re.Match[str]) -> str:
    value = REDACTED if reads_secret(unquote_plus(found["name"])) else found["value"]
    return f"{found['start']}{found['name']}={value}"


# -- bodies -------------------------------------------------------------------------------------------


def _described(content: bytes, content_type: str, those: Collection[str]) -> bytes:
    """A body that a document describes: what is called secret in it is taken out."""
    coding = _coding(content, content_type)
    text = _unnamed(content.decode(coding), content_type)
    return _redacted_body(text.encode(coding), content_type, those)


def _unnamed(text: str, content_type: str) -> str:
    kind = essence(content_type)
    if kind == FORM:
        return "&".join(map(_form_pair, text.split("&")))
    if kind.startswith("multipart/"):
        mark = f"\r\n--{boundary(content_type)}"
        text = mark.join(map(_part, text.split(mark)))
    pieces, end = [], 0
    for _, value in _secret_members(text):
        pieces += [text[end : value.start()], json.dumps(REDACTED) if value[0][0] == '"' else "0"]
        end = value.end()
    return "".join([*pieces, text[end:]]) if pieces else text


def _redacted_body(content: bytes, content_type: str, those: Collection[str]) -> bytes:
    if not those:
        return content
    coding = _coding(content, content_type)
    made = redact(content.decode(coding), those).encode(coding)
    return made if coding == "utf-8" else _without_bytes(made, those)


def _coding(content: bytes, content_type: str) -> str:
    """What a body is text in, and is written in again byte for byte: its charset, UTF-8, or else Latin-1."""
    for name in (_MARKED.get(content[:2], ""), charset(content_type), "utf-8"):
        with suppress(LookupError, ValueError):
            if name not in _OF_HOSTS and content.decode(name).encode(name) == content:
                return name
    return "latin-1"


_MARKED = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_OF_HOSTS = ("", "idna", "punycode")
"""No charsets of bodies, though Python has them."""


def _without_bytes(content: bytes, those: Iterable[str]) -> bytes:
    """Bytes that are no UTF-8 without texts, however they are written."""
    for secret in those:
        for name in ("utf-8", "utf-16-le", "utf-16-be"):
            content = content.replace(secret.encode(name, "replace"), REDACTED.encode(name))
    return content


def _of_body(request: Request) -> Iterator[str]:
    """The texts that the body of a request calls secrets."""
    if not isinstance(request.body, bytes):
        return
    body, content_type = request.body, request.headers.get("Content-Type") or ""
    with suppress(Undecodable):
        body = decompress_body(body, request.headers.get("Content-Encoding") or "")
    text = body.decode(_coding(body, content_type))
    if essence(content_type) == FORM:
        found = parse_qsl(text)
    else:
        members = ((name, value[0]) for name, value in _secret_members(text))
        found = [(name, _unescaped(value.strip('"'))) for name, value in members if value[0] == '"']
        found += _parts(body, content_type)
    yield from (value for name, value in found if len(value) >= _LEAST and reads_secret(name))


def _parts(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """The names and values of the parts of a multipart body."""
    if essence(content_type).startswith("multipart/"):
        for piece in body.decode("latin-1").split(f"\r\n--{boundary(content_type)}"):
            head, _, value = piece.partition("\r\n\r\n")
            yield _name_of(head), value.encode("latin-1").decode("utf-8", "replace")


def _part(piece: str) -> str:
    head, mark, _ = piece.partition("\r\n\r\n")
    return f"{head}{mark}{REDACTED}" if mark and reads_secret(_name_of(head)) else piece


def _name_of(head: str) -> str:
    found = _NAMED.search(head)
    return found[1] if found else ""


def _form_pair(pair: str) -> str:
    name, mark, _ = pair.partition("=")
    return f"{name}{mark}{REDACTED}" if mark and reads_secret(unquote_plus(name)) else pair


def _secret_members(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The names of members that are called secrets, and where their values stand.

    A name begins with the last quote before its end that is not escaped. From an end it goes back no
    further than to the end before, whose quote is not escaped either: each quote is looked at once. In what
    is no JSON a value may be a name too.
    """
    known: dict[str, bool] = {}
    end = 0
    for found in _NAME_END.finditer(text):
        close = found.start()
        start = -1 if close < end - 1 or _slashes(text, close) % 2 else _opening(text, close)
        if start < 0:
            continue
        name = text[start + 1 : close]
        if (is_secret := known.get(name)) is None:
            is_secret = reads_secret(_unescaped(name))
            if len(name) < _LONG and len(known) < _LONG:
                known[name] = is_secret
        if is_secret and (value := _VALUE.match(text, found.end())) is not None:
            yield _unescaped(name), value
            end = value.end()


def _opening(text: str, close: int) -> int:
    """Where the name begins that ends at `close`; -1 where that is the end of no name."""
    at = text.rfind('"', 0, close)
    while at >= 0 and (slashes := _slashes(text, at)):
        if slashes % 2 == 0:
            return -1  # it ends a string, and begins none
        at = text.rfind('"', 0, at)
    return at


def _slashes(text: str, at: int) -> int:
    """How many backslashes stand before `at`."""
    first = at
    while first and text[first - 1] == "\\":
        first -= 1
    return at - first


def _unescaped(name: str) -> str:
    try:
        return str(json.loads(f'"{name}"')) if "\\" in name else name
    except ValueError:
        return name
