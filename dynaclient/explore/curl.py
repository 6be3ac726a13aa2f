"""A request as a line of curl. Secrets are variables in it, never themselves.

The request is made as for the server, with marks in place of what is secret; the line is read off it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from dynaclient._support.secret_names import reads_secret
from dynaclient.calls.credentials import INVALID, Credentials
from dynaclient.document.operations import OperationBuilder
from dynaclient.errors import SettingsError
from dynaclient.explore.shell import LONGEST_WORD, MARKS, has_marks, mark, variable, word, writing_command
from dynaclient.transport.deadline import Timeout
from dynaclient.wire.files import Upload
from dynaclient.wire.redaction import is_secret

if TYPE_CHECKING:
    from dynaclient.calls.arguments import Call
    from dynaclient.calls.executor import BaseExecutor
    from dynaclient.calls.signed_request import SignedRequest
    from dynaclient.wire.request import Request

OWN = ("user-agent", "accept-encoding", "connection", "content-length", "host", "transfer-encoding")
"""Headers that curl writes itself, or leaves out without harm."""

Hidden = Callable[[str, str, str], str]
"""What stands for a secret: of its place (`header`, `cookie`, `query`), its name and its value."""


def curl_command(executor: BaseExecutor, call: Call, method: str = "") -> str:
    """The line of curl that sends what `call` sends; with `method` in place of that of the operation.

    Raises what preparing the call raises, and SettingsError for a body that is read while it is sent.
    """
    signed = marked_request(executor, call, method)
    path = file_sent(signed.request)
    data = ("", ["--data-binary", word(f"@{path}")]) if path else data_words(body_sent(signed.request))
    piped, words = curl_words(executor, signed, data, hidden_as_variable)
    return f"{piped}{' '.join(words)}"


def file_sent(request: Request) -> str:
    """The path of the file that is the body; empty where it is none."""
    body: Any = request.body
    return body.path if isinstance(body, Upload) else ""


def marked_request(executor: BaseExecutor, call: Call, method: str = "") -> SignedRequest:
    """The request of a call, with marks for its credentials."""
    signed = executor.looked_at(call, marked_credentials(executor))
    return signed.altered(method=method) if method else signed


def marked_credentials(executor: BaseExecutor) -> Credentials:
    """The credentials that an executor has, each a mark."""
    schemes = OperationBuilder(executor.document).security_schemes()
    held = {name: each for name, each in schemes.items() if executor.credentials.has(name)}
    marks = {name: mark(variable(name)) for name in held}
    pairs = {name: ("user", "password") for name, each in held.items() if each.scheme in ("basic", "digest")}
    return Credentials(schemes, {**marks, **pairs})


def hidden_as_variable(place: str, name: str, value: str) -> str:
    """A mark for the variable that has the name of what is hidden: `$X_API_KEY`."""
    text = re.sub(r"[^A-Z0-9]", "_", name.upper(), flags=re.ASCII).strip("_") or "SECRET"
    text = text if not text[0].isdigit() else f"_{text}"
    return mark(f"{text}_" if text in _TAKEN else text)


_TAKEN = frozenset(("PATH", "HOME", "IFS", "USER", "SHELL", "PWD", "UID", "GID", "ENV", "PS1", "LANG"))
"""Names that a shell or what it runs has a use for."""


def variables_in(words: str) -> list[str]:
    """The variables of a line that are to be set before it runs."""
    return list(dict.fromkeys(re.findall(r"\$\{?([A-Za-z_]\w*)", words)))


def curl_words(
    executor: BaseExecutor,
    signed: SignedRequest,
    data: tuple[str, list[str]],
    hidden: Hidden,
    user: str = "",
) -> tuple[str, list[str]]:
    """What is piped into curl, and its words; `data` is both for the body.

    `user`: the pair for HTTP Basic or Digest, in place of that which the scheme's variable holds.
    """
    password = [*_password(executor, signed, user)]
    words = ["curl", *_how(executor, signed.request), *_headers(signed, hidden, bool(password))]
    words += [*password, *data[1]]
    url = shown_url(signed, hidden)
    words += ["--path-as-is"] if re.search(r"/\.{1,2}(/|$|\?)", url) else []
    words += ["-g"] if re.search(r"[\[\]{}]", url) else []
    return data[0], [*words, word(url)]


def _how(executor: BaseExecutor, request: Request) -> Iterator[str]:
    usual = "POST" if request.body else "GET"
    if request.method == "HEAD":
        yield "-I"
    elif request.method != usual:
        yield from ("-X", shlex.quote(str(request.method)))
    total = executor.transport.timeout.total
    if total is not None and total != Timeout().total:
        yield f"--max-time {total:g}"


def _headers(signed: SignedRequest, hidden: Hidden, basic: bool) -> Iterator[str]:
    for name, text in named_headers(signed, hidden, basic):
        yield f"-H {word(f'{name}: {text}' if text else f'{name};')}"
    if signed.request.headers.get("Content-Length") == "0":
        yield "-H 'Content-Length: 0'"
    if signed.request.body and "Content-Type" not in signed.request.headers:
        yield "-H 'Content-Type:'"


def named_headers(signed: SignedRequest, hidden: Hidden, basic: bool) -> Iterator[tuple[str, str]]:
    """The headers that a command has to name, with what is secret hidden.

    `basic`: user and password of HTTP Basic have a word of their own.
    """
    for name, value in signed.request.headers.items():
        text = _text(value)
        own = name.lower() in OWN or (name.lower() == "accept" and text == "*/*")
        if not own and not (basic and name.lower() == "authorization" and text[:6].lower() == "basic "):
            yield name, _shown_header(signed, name, text, hidden)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _shown_header(signed: SignedRequest, name: str, text: str, hidden: Hidden) -> str:
    if not is_secret(name, signed.security.private) or INVALID in text:
        return text
    if name.lower() == "cookie":
        return "; ".join(_shown_cookie(signed, pair, hidden) for pair in text.split("; "))
    return text if has_marks(text) else hidden("header", name, text)


def _shown_cookie(signed: SignedRequest, pair: str, hidden: Hidden) -> str:
    """A cookie that the call gives as it is, unless it is called a secret; others are hidden."""
    name = pair.partition("=")[0]
    known = has_marks(pair) or (pair in signed.draft.cookies and not reads_secret(name))
    return pair if known else f"{name}={hidden('cookie', name, pair)}"


def _password(executor: BaseExecutor, signed: SignedRequest, user: str) -> Iterator[str]:
    """User and password of HTTP Basic and Digest, which curl writes itself."""
    for name, scheme in basic_schemes(executor, signed):
        yield from ["--digest"] if scheme == "digest" else []
        yield f"-u {user}" if user else f'-u "${variable(name)}"'


def basic_schemes(executor: BaseExecutor, signed: SignedRequest) -> Iterator[tuple[str, str]]:
    """The schemes of a request that take a user and a password, and which they are: `basic` or `digest`."""
    schemes = OperationBuilder(executor.document).security_schemes()
    for name in signed.security.schemes:
        if schemes[name].scheme in ("basic", "digest"):
            yield name, schemes[name].scheme


def body_sent(request: Request) -> bytes:
    """The body as it travels. Raises SettingsError for one that a line cannot hold."""
    body: Any = request.body
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    if not isinstance(body, Upload) or body.size is None or not body.rewindable:
        raise SettingsError("a body that is read while it is sent has no place in a command; give its bytes")
    if body.size > LONGEST_BODY:
        raise SettingsError(
            f"a body of {body.size:,} bytes has no place in a command; give the path of a file"
        )
    content = body.read()
    body.rewind()
    return content


LONGEST_BODY = 1_000_000
"""Bytes of a body that a line may hold."""


def data_words(content: bytes) -> tuple[str, list[str]]:
    """What is piped into curl, and its words for the body."""
    if not content:
        return "", []
    text = text_in_a_word(content)
    if text is None:
        return f"{writing_command(content)} | ", ["--data-binary", "@-"]
    return "", ["--data-raw", word(text)]


def text_in_a_word(content: bytes) -> str | None:
    """A body as one word of a shell can hold it; None where it has to come through a pipe."""
    if len(content) > LONGEST_WORD:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or "\r" in text else text


def shown_url(signed: SignedRequest, hidden: Hidden) -> str:
    """The URL, the values of what is secret in its query hidden: credentials, and the server's own query."""
    url, mark_, query = str(signed.request.url).partition("?")
    pairs = [_shown_pair(signed, pair, hidden) for pair in query.split("&")]
    return f"{url}{mark_}{'&'.join(pairs)}"


def _shown_pair(signed: SignedRequest, pair: str, hidden: Hidden) -> str:
    name, equals, value = pair.partition("=")
    secret = unquote_plus(name) in signed.security.private and not MARKS.search(value)
    return f"{name}={hidden('query', unquote_plus(name), value)}" if equals and secret else pair
