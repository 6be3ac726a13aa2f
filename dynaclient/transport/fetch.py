"""Reading a document, or a part of one, over HTTP."""

from __future__ import annotations

from dynaclient._support.messages import here, speaking_of
from dynaclient.document.servers import mistyped, without_user
from dynaclient.errors import DocumentError, RequestInvalid, TransportError
from dynaclient.transport.session import Transport
from dynaclient.transport.url import origin_of, sent_on


def fetch(transport: Transport, source: str, server: str, url: str) -> bytes:
    """The bytes at `url`; without any credential of a client. Raises DocumentError.

    `source`: the document, as it was named. What a session of the user's holds is sent for it alone, and
    not where `server`, which calls go to, is on another origin: it is meant for that one. For part files
    nothing is sent that may be a secret: the document says what they are called.
    """
    if origin_of(url) is None:
        raise DocumentError(f"{mistyped(url)!r} is not a usable URL; look at its host and port")
    named = url == source
    url = url if named else without_user(url)
    trusted = named and origin_of(server) in (None, origin_of(url))
    try:
        return _answer(transport, url, named=named, trusted=trusted)
    except (TransportError, RequestInvalid) as error:
        raise DocumentError(f"the document cannot be fetched: {error}") from error.__cause__


def _answer(transport: Transport, url: str, *, named: bool, trusted: bool) -> bytes:
    accept = [("Accept", "application/json, application/yaml, */*")]
    request = transport.prepare(
        "GET", url, accept, None, credential_chosen=False, trusted=trusted, named=named
    )
    with speaking_of({**here(), "server": "the URL"}):
        reply = transport.send(request)
    if reply.status != 200:
        hint = "; user and password may stand in the URL" if reply.status == 401 else ""
        hint += sent_on(reply.status, reply.url, reply.headers)
        raise DocumentError(f"the document cannot be fetched: the server returned {reply.status}{hint}")
    return reply.content
