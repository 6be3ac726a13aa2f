"""A request exactly as it was built: nothing folded, quoted, guessed or added.

requests prepares a request for people who type URLs: it requotes, lower-cases and reorders, sends
`Content-Length: 0` with a DELETE and lets netrc replace an Authorization header. Here each part is set
as it was given; what a session of the user's holds is added where we set nothing.

`request.url` is what the server is to read. requests and urllib3 would still mend it on the way: what puts
it on the wire as it is stands in `connection`, at `ExactTargetPool`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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
from dynaclient.transport.exact_request import (
    FRAMING,
    TOKEN,
    check_added,
    checked_text,
    exact_url,
    framed,
    joined_fields,
)
from dynaclient.wire.request import Request

_HARMLESS = frozenset({"user-agent", "accept", "accept-encoding", "accept-language", "connection"})
_NETRC_FILES = [f"~/{name}" for name in NETRC_FILES]


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
) -> Request:
    """The request that `method`, `url`, `headers` and `body` say, with what the session holds around them.

    A header given twice is joined as RFC 9110 section 5.3 says. Content-Length is ours, and a body (see
    `outgoing`) is chunked only where its length is not known. A user and password in the URL leave it; they,
    `session.auth` and netrc, in this order after `session.auth`, make an Authorization header only where no
    credential was chosen and none is given (`session.auth` also beside a chosen credential that is not an
    Authorization header). To a server that is not `trusted`, one that the user did not choose for calls, the
    session adds nothing that may be a secret; if the user has not `named` it either, netrc adds nothing, and
    no client certificate is shown to it.

    Raises RequestInvalid for a method, URL, header name or value that HTTP cannot carry and where
    `session.auth` fails, SettingsError for an auth that is none.
    """
    given = joined_fields(headers)
    method = checked_text(TOKEN, method, "argument", "method", "the method")
    exact = exact_url(url)
    fields = _with_session(given, session, trusted)
    content = framed(fields, method, body)
    certified = trusted or named
    auth = _auth(fields, url, given, session, trusted, credential_chosen) if certified else None
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
    check_added(request.headers.items(), given)
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
    stale = {name.lower() for name in (*request.headers, *session.headers, *FRAMING)}

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


def _with_params(url: str, session: requests.Session) -> str:
    """`session.params`, added for the names that the query does not have."""
    if not session.params:
        return url
    query = urlsplit(url).query
    taken = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    encoded = to_native_string(requests.PreparedRequest._encode_params(session.params))  # type: ignore
    added = [pair for pair in encoded.split("&") if unquote_plus(pair.partition("=")[0]) not in taken]
    return f"{url}{'&' if query else '?'}{'&'.join(added)}" if added else url


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
