"""A request exactly as it was built: nothing folded, quoted, guessed or added.

requests prepares a request for people who type URLs: it requotes, lower-cases and reorders, sends
`Content-Length: 0` with a DELETE and lets netrc replace an Authorization header. Here each part is set
as it was given; what a session of the user's holds is added where we set nothing.

`request.url` is what the server is to read. requests and urllib3 would still mend it on the way: what puts
it on the wire as it is stands in `connection`, at `ExactTargetPool`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from requests.cookies import RequestsCookieJar, get_cookie_header, merge_cookies
from requests.structures import CaseInsensitiveDict
from requests.utils import NETRC_FILES, get_auth_from_url, get_netrc_auth, to_native_string

from dynaclient._support.interrupts import let_through
from dynaclient._support.messages import kind_of
from dynaclient.errors import DynaclientError, RequestInvalid, SettingsError, Violation
from dynaclient.transport.request_body import length, outgoing
from dynaclient.wire.files import Upload
from dynaclient.wire.request import Request

_FIRST, _SECOND = itemgetter(0), itemgetter(1)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 section 5.5
_URL_TEXT = re.compile(r"[!-~]+")
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_HARMLESS = frozenset({"user-agent", "accept", "accept-encoding", "accept-language", "connection"})
_NETRC_FILES = [f"~/{name}" for name in NETRC_FILES]
_HAS_BODY = frozenset({"POST", "PUT", "PATCH"})


def prepare(
    session: requests.Session,
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    body: Any,
    *,
    credential_chosen: bool,
    trusted: bool = True,
    named: bool = False,
    is_ours: bool = False,
) -> Request:
    """The request that `method`, `url`, `headers` and `body` say, with what the session holds around them.

    A header given twice is joined as RFC 9110 section 5.3 says. Content-Length is ours, and a body (see
    `outgoing`) is chunked only where its length is not known. A user and password in the URL leave it; they,
    `session.auth` and netrc, in this order after `session.auth`, make an Authorization header only where no
    credential was chosen and none is given (`session.auth` also beside a chosen credential that is not an
    Authorization header). To a server that is not `trusted`, one that the user did not choose for calls, the
    session adds nothing that may be a secret; if the user has not `named` it either, netrc adds nothing, and
    no client certificate is shown to it. `is_ours`: the session is the one that we made.

    Raises RequestInvalid for a method, URL, header name or value that HTTP cannot carry and where
    `session.auth` fails, SettingsError for an auth that is none.
    """
    given = _joined(headers)
    method = _checked(_TOKEN, method, "argument", "method", "the method")
    exact = _exact(_USER.sub(r"\1", url) if "@" in url else url)
    fields = _with_session(given, session, trusted)
    content = _framed(fields, method, body)
    certified = trusted or named
    auth = _auth(fields, url, given, session, trusted, credential_chosen) if certified else None
    if is_ours and not (auth or session.cookies or session.params):
        _check_added(fields.values(), given)
        return Request(method, exact, tuple(fields.values()), content, certified)
    request = requests.PreparedRequest()
    request.method = method
    request.hooks = {"response": _hooks(session)}
    request.headers = CaseInsensitiveDict(fields.values())
    request.url = exact
    request.body = content  # type: ignore[assignment]
    if trusted:
        if session.params:
            request.url = _with_params(request.url, session)
        _set_cookies(request, session)
    if auth:
        _set_auth(request, auth, given)
    _check_added(request.headers.items(), given)
    return Request.of(request, certified)


def as_prepared(request: Request) -> requests.PreparedRequest:
    """The request as requests has it."""
    if request.native is not None:
        return request.native  # type: ignore[no-any-return]
    made = requests.PreparedRequest()
    made.method, made.url = request.method, request.url
    made.headers = CaseInsensitiveDict(request.fields)
    made.body = request.body  # type: ignore[assignment]
    made._cookies = RequestsCookieJar()  # type: ignore[attr-defined]
    return made


def elsewhere(request: Request, url: str, session: requests.Session) -> Request:
    """The same request to another URL, with the cookies that the session has for that one by now.

    Where it was made for a server that is not trusted, it has no jar.
    """
    native = request.native
    if native is None:
        return request.altered(url=url)
    stale = _session_cookies(native, native._cookies)
    kept = [pair for pair in _pairs(native.headers.get("Cookie")) if pair not in stale]
    moved = native.copy()
    moved.url = url
    moved.headers.pop("Cookie", None)
    if kept:
        moved.headers["Cookie"] = "; ".join(kept)
    if native._cookies is not None:
        _set_cookies(moved, session)
    return Request.of(moved, request.certified)


def remade(
    session: requests.Session, request: requests.PreparedRequest, options: dict[str, Any]
) -> requests.Response:
    """Send by `Session.request`, for whom that is replaced (`originals`); what requests would make of the
    request is this one again, with the headers that were added on the way."""
    stale = {name.lower() for name in (*request.headers, *session.headers, *_FRAMING)}

    def exact(made: requests.PreparedRequest) -> requests.PreparedRequest:
        added = {name: value for name, value in made.headers.items() if name.lower() not in stale}
        made.__dict__.update(request.copy().__dict__)
        made.headers.update(added)
        made.prepare_content_length = lambda body: None  # type: ignore[method-assign]  # done once more after this
        return made

    return session.request(
        request.method or "",
        request.url or "",
        headers=dict(request.headers),
        data=request.body if getattr(request.body, "rewindable", True) else None,
        auth=exact,
        hooks=request.hooks,
        **options,
    )


def _with_session(
    given: dict[str, str], session: requests.Session, trusted: bool
) -> dict[str, tuple[str, str]]:
    """The fields that were given, over those of the session; by their names in lower case."""
    fields: dict[str, tuple[str, str]] = {}
    for name, value in (session.headers or {}).items():
        if value is not None and (trusted or name.lower() in _HARMLESS):
            fields[name.lower()] = (name, value)  # type: ignore[assignment]
    for name, text in given.items():
        fields[name.lower()] = (name, text)
    return fields


def _hooks(session: requests.Session) -> list[Any]:
    """The hooks of a session, of which one may stand by itself."""
    given: Any = (session.hooks or {}).get("response") or ()
    return [given] if callable(given) else list(given)


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    _check_fields(headers, "the header's name", "the header's value")
    joined: dict[str, str] = {}
    written: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key not in written and key not in _FRAMING:
            written[key], joined[name] = name, value
        elif key in written:
            joined[written[key]] += ("; " if key == "cookie" else ", ") + value
    return joined


def _check_fields(fields: Iterable[tuple[Any, Any]], about_name: str, about_value: str) -> None:
    """Raises RequestInvalid for the first header that HTTP cannot carry."""
    fields = list(fields)
    try:
        if all(map(_TOKEN.fullmatch, map(_FIRST, fields))) and all(
            map(_FIELD_VALUE.fullmatch, map(_SECOND, fields))
        ):
            return
    except TypeError:  # it is no text
        pass
    for name, value in fields:
        _checked(_TOKEN, name, "header", name, about_name)
        _checked(_FIELD_VALUE, value, "header", name, about_value)


def _check_added(fields: Iterable[tuple[str, Any]], given: dict[str, str]) -> None:
    """What a session holds is looked at too: http.client would show a value that it cannot send."""
    added: list[tuple[Any, str]] = []
    for name, value in fields:
        if name not in given:
            added.append((name, value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    _check_fields(added, "the name of a header of the session", "the value of a header of the session")


def _checked(allowed: re.Pattern[str], text: str, where: str, name: str, what: str) -> str:
    if isinstance(text, str) and allowed.fullmatch(text):
        return text
    message = f"{what} holds characters that HTTP cannot carry there (line breaks, control characters, ...)"
    name = name if isinstance(name, str) and name.isprintable() else "(unprintable)"
    raise RequestInvalid(
        "the request cannot be sent",
        [Violation(where, name, "", message)],  # type: ignore[arg-type]
    )


def _exact(url: str) -> str:
    """The URL as it is; only one with characters beyond ASCII is left to requests (IDNA, UTF-8)."""
    if not url.isascii():
        asking = requests.PreparedRequest()
        try:
            asking.prepare_url(url, None)
        except ValueError:
            return _checked(_URL_TEXT, url, "argument", "url", "the URL")
        url = asking.url or ""
    return _checked(_URL_TEXT, url, "argument", "url", "the URL")


def _with_params(url: str, session: requests.Session) -> str:
    """`session.params`, added for the names that the query does not have."""
    if not session.params:
        return url
    query = urlsplit(url).query
    taken = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    encoded = to_native_string(requests.PreparedRequest._encode_params(session.params))  # type: ignore
    added = [pair for pair in encoded.split("&") if unquote_plus(pair.partition("=")[0]) not in taken]
    return f"{url}{'&' if query else '?'}{'&'.join(added)}" if added else url


def _framed(fields: dict[str, tuple[str, str]], method: str, body: Any) -> bytes | Upload | None:
    """What is sent as the body, and among the fields its length.

    Content-Length is 0 where a method that has a body goes without (RFC 9110 section 8.6).
    """
    content = body if body is None or type(body) is bytes else outgoing(body)
    for name in _FRAMING:
        fields.pop(name, None)
    size = 0 if content is None else len(content) if type(content) is bytes else length(content)
    if size is None:
        fields["transfer-encoding"] = ("Transfer-Encoding", "chunked")
    elif body is not None or method in _HAS_BODY:
        fields["content-length"] = ("Content-Length", str(size))
    return content


def _pairs(cookie: str | bytes | None) -> list[str]:
    text = cookie.decode("latin-1") if isinstance(cookie, bytes) else cookie or ""
    return [pair for part in text.split(";") if (pair := part.strip())]


def _session_cookies(request: requests.PreparedRequest, jar: object) -> list[str]:
    """What a jar has for this request, whatever Cookie header the request has."""
    if not jar:
        return []
    bare = requests.PreparedRequest()
    bare.url, bare.headers = request.url, CaseInsensitiveDict()
    return _pairs(get_cookie_header(jar, bare))  # type: ignore[no-untyped-call]


def _set_cookies(request: requests.PreparedRequest, session: requests.Session) -> None:
    """The session's cookies, after the operation's and never instead of one of those."""
    jar = merge_cookies(RequestsCookieJar(), session.cookies)  # type: ignore[no-untyped-call]
    request._cookies = jar  # type: ignore[attr-defined]
    if not jar:
        return
    ours = _pairs(request.headers.get("Cookie"))
    taken = {pair.partition("=")[0] for pair in ours}
    added = [pair for pair in _session_cookies(request, jar) if pair.partition("=")[0] not in taken]
    if added:
        request.headers["Cookie"] = "; ".join([*ours, *added])


def _auth(
    fields: Mapping[str, object],
    url: str,
    given: dict[str, str],
    session: requests.Session,
    trusted: bool,
    credential_chosen: bool,
) -> object:
    """Who else says who we are, where no Authorization header was given."""
    if "authorization" in map(str.lower, given):
        return None
    if credential_chosen or (trusted and session.auth):
        return session.auth if trusted else None
    if any(in_url := get_auth_from_url(url)):
        return in_url
    if not session.trust_env or "authorization" in fields:
        return None
    return get_netrc_auth(url) if _has_netrc() else None


def _has_netrc() -> bool:
    """Whether there is a file to look into: requests imports a parser before it looks."""
    named = os.environ.get("NETRC")
    paths = _NETRC_FILES if named is None else [named]
    return any(os.path.isfile(os.path.expanduser(path)) for path in paths)  # a pipe would be waited for


def _set_auth(request: requests.PreparedRequest, auth: object, given: dict[str, str]) -> None:
    if isinstance(auth, tuple) and len(auth) == 2:
        auth = HTTPBasicAuth(*(part.encode() if isinstance(part, str) else part for part in auth))
    if not callable(auth):
        raise SettingsError(
            f"session.auth: expected a pair (user, password) or a callable, got {kind_of(auth)}"
        )
    try:
        signed = auth(request)
    except DynaclientError:
        raise
    except Exception as error:  # its text may hold what it signs with: only its kind is shown
        let_through(error)
        why = f"session.auth raised {type(error).__name__} (the cause of this error)"
        raise RequestInvalid(
            "the request cannot be sent", [Violation("security", "session.auth", "", why)]
        ) from error
    if not isinstance(signed, requests.PreparedRequest):
        raise SettingsError(f"session.auth: expected to return the request, got {kind_of(signed)}")
    request.__dict__.update(signed.__dict__)
    request.headers.update(given)
    if isinstance(request.body, (bytes, str)):
        content = request.body.encode() if isinstance(request.body, str) else request.body
        request.body = content
        request.headers.pop("Transfer-Encoding", None)
        request.headers["Content-Length"] = str(len(content))
