"""Reading a document, or a part of one, over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from dynaclient._support.messages import here, setting_name, speaking_of
from dynaclient.document.model import REDIRECTS
from dynaclient.document.servers import mistyped, without_user
from dynaclient.errors import DocumentError, RequestInvalid, TransportError
from dynaclient.transport.policy import LIMIT
from dynaclient.transport.session import Transport
from dynaclient.transport.url import led_to, origin_of, sent_on

if TYPE_CHECKING:
    from dynaclient.transport.reply import Reply


def fetch(transport: Transport, source: str, server: str, url: str, hosts: Collection[str] = ()) -> bytes:
    """The bytes at `url`; without any credential of a client. Raises DocumentError.

    A redirect to another server is followed where its host is one of `hosts`, and never from TLS to none.

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
        return _answer(transport, url, hosts, named=named, trusted=trusted)
    except (TransportError, RequestInvalid) as error:
        raise DocumentError(f"the document cannot be fetched: {error}") from error.__cause__


def _answer(transport: Transport, url: str, hosts: Collection[str], *, named: bool, trusted: bool) -> bytes:
    for _ in range(LIMIT):
        reply = _asked(transport, url, named=named, trusted=trusted)
        if reply.status == 200:
            return reply.content
        where = led_to(reply.url, reply.headers) if reply.status in REDIRECTS else ""
        if not where or not _may_follow(url, where, hosts):
            break
        url, named, trusted = without_user(where), False, False  # what was meant for the first stays there
    hint = "; user and password may stand in the URL" if reply.status == 401 else ""
    hint += sent_on(reply.status, reply.url, reply.headers)
    if where and origin_of(where) != origin_of(url):
        hint += f"; if that is the right host, name it in {setting_name('ref_hosts')}, or open it there"
    raise DocumentError(f"the document cannot be fetched: the server returned {reply.status}{hint}")


def _asked(transport: Transport, url: str, *, named: bool, trusted: bool) -> Reply:
    accept = [("Accept", "application/json, application/yaml, */*")]
    request = transport.prepare(
        "GET", url, accept, None, credential_chosen=False, trusted=trusted, named=named
    )
    with speaking_of({**here(), "server": "the URL"}):
        return transport.send(request)


def _may_follow(url: str, where: str, hosts: Collection[str]) -> bool:
    origin, target = origin_of(url), origin_of(where)
    if origin is None or target is None or target[0] not in (origin[0], "https"):
        return False
    return target[1] in hosts
