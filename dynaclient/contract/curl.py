"""A step of a sequence as a line of curl, with what it captures from the response for those after it.

The request is made as for the server, with marks in place of captured values and credentials; the line is
read off it. `jq` picks values out of JSON.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dynaclient.calls.credentials import INVALID, Credentials, invalid_credential
from dynaclient.client import executor_of
from dynaclient.contract.shell import (
    Captured,
    from_base64,
    has_marks,
    is_plain,
    mark,
    unquoted,
    variable,
    word,
    written,
)
from dynaclient.document.node import tokens
from dynaclient.document.operations import OperationBuilder
from dynaclient.transport.deadline import Timeout
from dynaclient.wire.files import Upload
from dynaclient.wire.percent import query_names
from dynaclient.wire.redaction import is_secret, redacted_url

if TYPE_CHECKING:
    import requests

    from dynaclient.calls.executor import SignedRequest
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, Step

OWN = ("user-agent", "accept-encoding", "connection", "content-length", "host", "transfer-encoding")
"""Headers that curl writes itself, or leaves out without harm."""


def curl_commands(client: Client, steps: Sequence[Step]) -> str:
    """The lines that show a sequence again."""
    made = zip(steps, written(steps, _fits), strict=True)
    return "\n".join(line for step, each in made for line in curl_lines(client, step.case, each))


def _fits(place: str, value: Any) -> bool:
    """Whether a captured value can stand there: curl encodes nothing."""
    return is_plain(place, value) and (
        place == "url" or place.startswith("body#") or quote(str(value), safe="") == str(value)
    )


def curl_lines(client: Client, original: Case, made: Captured) -> list[str]:
    """The lines for one request. `original`: its case without marks."""
    signed = made.case.prepare(client, marked_credentials(client))
    request = signed.request
    content = _content(request, made.case, original)
    piped, data = _data(content)
    words = ["curl", *_how(client, request), *_headers(signed), *_password(client, original, signed), *data]
    url = _url(client, str(request.url))
    words += ["--path-as-is"] if re.search(r"/\.{1,2}(/|$|\?)", url) else []
    words += ["-g"] if re.search(r"[\[\]{}]", url) else []
    return [*made.before, *_captured(piped, [*words, word(url)], made.brings)]


def marked_credentials(client: Client) -> Credentials:
    """Credentials of the client, each a mark."""
    given = executor_of(client).credentials
    schemes = OperationBuilder(client.document).security_schemes()
    held = {name: each for name, each in schemes.items() if given.has(name)}
    marks = {name: mark(variable(name)) for name in held}
    pairs = {name: ("user", "password") for name, each in held.items() if each.scheme in ("basic", "digest")}
    return Credentials(schemes, {**marks, **pairs})


# -- the request -------------------------------------------------------------------------------------------


def _how(client: Client, request: requests.PreparedRequest) -> Iterator[str]:
    usual = "POST" if request.body else "GET"
    if request.method == "HEAD":
        yield "-I"
    elif request.method != usual:
        yield from ("-X", shlex.quote(str(request.method)))
    transport = executor_of(client).transport
    total = transport.timeout.total
    if total is not None and total != Timeout().total:
        yield f"--max-time {total:g}"


def _headers(signed: SignedRequest) -> Iterator[str]:
    for name, value in signed.request.headers.items():
        text = _text(value)
        own = name.lower() in OWN or (name.lower() == "accept" and text == "*/*")
        if not own and not re.match(r"(?i)basic ", text):
            known = has_marks(text) or INVALID in text
            shown = "..." if is_secret(name, signed.security.private) and not known else text
            yield f"-H {word(f'{name}: {shown}' if shown else f'{name};')}"
    if signed.request.headers.get("Content-Length") == "0":
        yield "-H 'Content-Length: 0'"
    if signed.request.body and "Content-Type" not in signed.request.headers:
        yield "-H 'Content-Type:'"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _password(client: Client, case: Case, signed: SignedRequest) -> Iterator[str]:
    """User and password of HTTP Basic and Digest, which curl writes itself."""
    schemes = OperationBuilder(client.document).security_schemes()
    for name in signed.security.schemes:
        given = ":".join(invalid_credential(schemes[name])) if case.credentials.startswith("invalid") else ""
        if schemes[name].scheme in ("basic", "digest"):
            yield from ["--digest"] if schemes[name].scheme == "digest" else []
            yield f"-u {given}" if given else f'-u "${variable(name)}"'


def _content(request: requests.PreparedRequest, case: Case, original: Case) -> bytes:
    """The body as it travels; a mark for what is no text has no quotes in JSON."""
    body: Any = request.body
    if isinstance(body, Upload):
        content = body.read()
        body.rewind()
        return content
    if isinstance(body, bytes) and has_marks(body.decode("latin-1")):
        return unquoted(body.decode(), case.body, original.body).encode()
    return body.encode() if isinstance(body, str) else body or b""


def _data(content: bytes) -> tuple[str, list[str]]:
    """What is piped into curl, and its words for the body."""
    if not content:
        return "", []
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or "\r" in text:
        return f"{from_base64(content)} | ", ["--data-binary", "@-"]
    return "", ["--data-raw", word(text)]


def _url(client: Client, url: str) -> str:
    """The URL, the values of the server's own query left out: one may be a key."""
    own = query_names(executor_of(client).server.query.split("&"))
    return redacted_url(url, own) if own else url


# -- what it brings ----------------------------------------------------------------------------------------


def _captured(piped: str, words: Sequence[str], brings: Mapping[str, Capture]) -> list[str]:
    segments = [f"{name}=${{{name}##*/}}" for name, each in brings.items() if each.segment]
    rest = " ".join(words[1:])
    if not brings:
        return [f"{piped}curl -sS -i {rest}".replace(" -i -I ", " -I ")]
    if len(brings) == 1:
        name, capture = next(iter(brings.items()))
        header = _header_of(capture.expression)
        if header:
            return [f"{name}=$({piped}curl -sS -D - -o /dev/null {rest} | {_pick_header(header)})", *segments]
        return [f"{name}=$({piped}curl -sS {rest} | {_pick(capture.expression)})", *segments]
    lines = [f"response=$({piped}curl -sS -i {rest})"]
    for name, capture in brings.items():
        header = _header_of(capture.expression)
        pick = _pick_header(header) if header else f"sed '1,/^.$/d' | {_pick(capture.expression)}"
        lines.append(f"{name}=$(printf '%s\\n' \"$response\" | {pick})")
    return [*lines, *segments]


def _header_of(expression: str) -> str:
    return expression.removeprefix("$response.header.") if "$response.header." in expression else ""


def _pick_header(name: str) -> str:
    return f"awk -F': ' 'tolower($1) == \"{name.lower()}\" {{print $2}}' | tr -d '\\r'"


def _pick(expression: str) -> str:
    """`jq -r .id` for `$response.body#/id`."""
    path = "".join(_step(token) for token in tokens(expression.partition("#")[2]))
    return f"jq -r {shlex.quote(path if path.startswith('.') else f'.{path}')}"


def _step(token: str) -> str:
    if token.isdigit():
        return f"[{token}]"
    return f".{token}" if re.fullmatch(r"[A-Za-z_]\w*", token, re.ASCII) else f"[{json.dumps(token)}]"
