"""Requests, URLs and texts with their credentials redacted, for what is kept or shown."""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from dynaclient._support.secret_names import reads_secret
from dynaclient.errors import Violation
from dynaclient.wire.percent import query_names
from dynaclient.wire.redacted_text import LEAST, REDACTED, redact

if TYPE_CHECKING:
    from dynaclient.document.model import Parameter
    from dynaclient.wire.request import Request
    from dynaclient.wire.request_builder import RequestDraft


ALWAYS = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))
"""Headers that hold secrets whatever the document says."""
OPEN = frozenset(
    (
        "accept",
        "accept-encoding",
        "accept-language",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    )
)
"""Headers that hold none, whoever wrote them: they say how the exchange goes."""


def redacted_url(url: str, names: Collection[str], hidden: Collection[str] = ()) -> str:
    """`url` without user information and with the values of the query parameters `names` redacted, and so
    the texts `hidden`, wherever they stand behind its host."""
    parts = urlsplit(url)
    pairs = []
    for pair in parts.query.split("&") if parts.query else ():
        name, mark, _ = pair.partition("=")
        shown = f"{name}={REDACTED}" if mark else REDACTED
        pairs.append(shown if unquote_plus(name) in names else pair)
    host = parts.netloc.rpartition("@")[2]
    behind = (parts.path, "&".join(pairs), parts.fragment)
    return urlunsplit((parts.scheme, host, *(redact(each, hidden) if hidden else each for each in behind)))


def may_be_secret(name: str) -> bool:
    """Whether a header or parameter is called as what holds a credential, whatever a document says of it."""
    return name.lower() in ALWAYS or reads_secret(name)


def is_secret(header: str, names: Collection[str]) -> bool:
    """Whether a header of this name holds a credential."""
    return header.lower() in ALWAYS or header.lower() in {name.lower() for name in names}


def private(request: Request, draft: RequestDraft, credentials: Iterable[str]) -> tuple[str, ...]:
    """The names of headers and query parameters whose values are never shown.

    Shown are arguments that the document describes, and how the exchange goes. All else may be a secret:
    credentials, what `options`, a session or its auth added, the query of the server's URL, and what a
    server gave.
    """
    documented = set(map(str.lower, draft.headers)) - OPEN
    if draft.query or "?" in draft.path:
        documented.update(map(str.lower, draft.query_names))
    if documented:
        documented = {name for name in documented if not reads_secret(name)}
        documented.difference_update(map(str.lower, (*credentials, *draft.extra, *draft.unknown)))
    visible = OPEN | documented
    found = dict.fromkeys(credentials)
    for name, _ in request.fields:
        if name.lower() not in visible:
            found[name] = None
    for name in _query_names(request.url) if "?" in request.url else ():
        if name.lower() not in visible:
            found[name] = None
    return tuple(found)


def unshown(request: Request, url: str, names: Collection[str]) -> list[str]:
    """The names of query parameters whose values are not shown of `url`, to which `request` led: `names`, and
    what a redirect added, which is not known to be no secret."""
    sent = _query_names(request.url)
    return [*names, *(each for each in _query_names(url) if each not in sent)]


def _query_names(url: str) -> list[str]:
    return query_names(url.partition("?")[2].partition("#")[0].split("&"))


def is_called_secret(name: str, names: Collection[str]) -> bool:
    """Whether a parameter is one by its name, or has one of `names`."""
    return name in names or reads_secret(name)


def called_secret(values: Mapping[Parameter, Any], names: Collection[str]) -> list[str]:
    """The values of parameters that documents call secrets, or by one of `names`; the longest first."""
    found = (str(value) for each, value in values.items() if is_called_secret(each.name, names))
    return sorted((text for text in found if len(text) >= LEAST), key=len, reverse=True)


def redacted(request: Request, names: Collection[str]) -> Request:
    """A copy of `request` whose credentials are redacted; without what a session made of it."""
    shown = tuple((name, REDACTED if is_secret(name, names) else value) for name, value in request.fields)
    url = redacted_url(request.url, names, request.hidden)
    return replace(request, url=url, fields=shown, native=None, hidden=())


# -- what a server sends back ------------------------------------------------------------------------


def secrets(request: Request, names: Collection[str]) -> list[str]:
    """What of a request is secret, the longest first: a server may say it again, in an error for example."""
    found = {text for value in _values(request, names) for text in (value, value.rpartition(" ")[2])}
    found.update(request.hidden)
    found.difference_update(_NO_SECRETS)
    return sorted((text for text in found if len(text) >= LEAST), key=len, reverse=True)


_NO_SECRETS = ("true", "false", "null")
"""Values of query parameters that are none: they would be found everywhere."""


def _values(request: Request, names: Collection[str]) -> Iterator[str]:
    for header, text in request.fields:
        if header.lower() == "cookie":
            yield from (pair.partition("=")[2] for pair in text.split("; "))
        elif is_secret(header, names):
            yield text
            if text.lower().startswith("basic "):
                yield from _password(text)
    for pair in urlsplit(request.url).query.split("&"):
        name, _, raw = pair.partition("=")
        if unquote_plus(name) in names:
            yield from (raw, unquote_plus(raw))


def _password(basic: str) -> Iterator[str]:
    with suppress(ValueError):
        yield a2b_base64(basic[6:]).decode().partition(":")[2]


def without_secrets(
    violations: Sequence[Violation], request: Request, names: Collection[str]
) -> list[Violation]:
    """What a response breaks, without the secrets of its request."""
    those = secrets(request, names) if violations else ()
    return [replace(each, message=redact(each.message, those)) for each in violations]
