"""A request exactly as it was built: nothing folded, quoted, guessed or added.

What a session of the user's holds around it is added in `prepare`, which needs requests; this does not.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import unquote, urlsplit

from dynaclient.errors import RequestInvalid, Violation
from dynaclient.transport.environment import netrc_user
from dynaclient.transport.request_body import length, outgoing
from dynaclient.wire.files import Upload
from dynaclient.wire.request import Request

_FIRST, _SECOND = itemgetter(0), itemgetter(1)
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 section 5.5
_URL_TEXT = re.compile(r"[!-~]+")
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
FRAMING = frozenset({"content-length", "transfer-encoding"})
_HAS_BODY = frozenset({"POST", "PUT", "PATCH", "QUERY"})
"""The methods that are known to give a meaning to a body."""

Fields = dict[str, tuple[str, str]]
"""Header fields by their names in lower case."""


class Preparation:
    """Makes requests of what a call says, over the `usual` headers; there is no session of the user's.

    The usual headers are checked once. Raises RequestInvalid where HTTP cannot carry one.
    """

    def __init__(self, usual: Iterable[tuple[str, Any]]) -> None:
        self._usual: Fields = {name.lower(): (name, value) for name, value in usual}
        check_added(self._usual.values(), {})

    def request(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: Any,
        certified: bool,
        asks_others: bool,
    ) -> Request:
        """The request that `method`, `url`, `headers` and `body` say.

        A header given twice is joined as RFC 9110 section 5.3 says. Content-Length is ours, and a body (see
        `outgoing`) is chunked only where its length is not known. A user and password in the URL leave it.
        `certified`: a client certificate may go along. `asks_others`: where no Authorization is given, it is
        made of that user, else of what netrc has.

        Raises RequestInvalid for a method, URL, header name or value that HTTP cannot carry.
        """
        fields = self._usual.copy()
        for name, value in joined_fields(headers).items():
            fields[name.lower()] = (name, value)
        method = checked_text(TOKEN, method, "argument", "method", "the method")
        exact = exact_url(url)
        content = framed(fields, method, body)
        if asks_others and "authorization" not in fields:
            pair = user_in(url) if "@" in url else None
            if pair := pair or netrc_user(url):
                fields["authorization"] = ("Authorization", basic(*pair))
        return Request(method, exact, tuple(fields.values()), content, certified)


def user_in(url: str) -> tuple[str, str] | None:
    """The user and the password that stand in a URL."""
    parts = urlsplit(url)
    if parts.username is None or parts.password is None:
        return None
    found = unquote(parts.username), unquote(parts.password)
    return found if any(found) else None


def basic(user: str, password: str) -> str:
    """The value of an Authorization header of HTTP Basic (RFC 7617), in UTF-8."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def joined_fields(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header fields by their names, those of one name in one; but for what frames the body."""
    check_fields(headers, "the header's name", "the header's value")
    found: dict[str, str] = {}
    written: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key not in written and key not in FRAMING:
            written[key], found[name] = name, value
        elif key in written:
            found[written[key]] += ("; " if key == "cookie" else ", ") + value
    return found


def check_fields(fields: Iterable[tuple[Any, Any]], about_name: str, about_value: str) -> None:
    """Raises RequestInvalid for the first header that HTTP cannot carry."""
    fields = list(fields)
    try:
        if all(map(TOKEN.fullmatch, map(_FIRST, fields))) and all(
            map(FIELD_VALUE.fullmatch, map(_SECOND, fields))
        ):
            return
    except TypeError:  # it is no text
        pass
    for name, value in fields:
        checked_text(TOKEN, name, "header", name, about_name)
        checked_text(FIELD_VALUE, value, "header", name, about_value)


def check_added(fields: Iterable[tuple[str, Any]], given: dict[str, str]) -> None:
    """What a session holds is looked at too: http.client would show a value that it cannot send."""
    added: list[tuple[Any, str]] = []
    for name, value in fields:
        if name not in given:
            added.append((name, value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    check_fields(added, "the name of a header of the session", "the value of a header of the session")


def checked_text(allowed: re.Pattern[str], text: str, where: str, name: str, what: str) -> str:
    """The text, where it is one that is `allowed`. Raises RequestInvalid."""
    if isinstance(text, str) and allowed.fullmatch(text):
        return text
    message = f"{what} holds characters that HTTP cannot carry there (line breaks, control characters, ...)"
    name = name if isinstance(name, str) and name.isprintable() else "(unprintable)"
    raise RequestInvalid(
        "the request cannot be sent",
        [Violation(where, name, "", message)],  # type: ignore[arg-type]
    )


def exact_url(url: str) -> str:
    """The URL as it is, without a user; one with characters beyond ASCII as requests has it (IDNA, UTF-8)."""
    if "@" in url:
        url = _USER.sub(r"\1", url)
    if not url.isascii():
        import requests  # late: 111 ms

        asking = requests.PreparedRequest()
        try:
            asking.prepare_url(url, None)
        except ValueError:
            return checked_text(_URL_TEXT, url, "argument", "url", "the URL")
        url = asking.url or ""
    return checked_text(_URL_TEXT, url, "argument", "url", "the URL")


def framed(fields: dict[str, tuple[str, str]], method: str, body: Any) -> bytes | Upload | None:
    """What is sent as the body, and among the fields its length.

    Content-Length is 0 where a method that has a body goes without; of other methods nothing is said (RFC
    9110 section 8.6).
    """
    content = body if body is None or type(body) is bytes else outgoing(body)
    for name in FRAMING:
        fields.pop(name, None)
    size = 0 if content is None else len(content) if type(content) is bytes else length(content)
    if size is None:
        fields["transfer-encoding"] = ("Transfer-Encoding", "chunked")
    elif body is not None or method in _HAS_BODY:
        fields["content-length"] = ("Content-Length", str(size))
    return content
