"""Reading a document, or a part of one, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dynaclient.document.servers import without_user
from dynaclient.errors import DocumentError, RequestInvalid, TransportError
from dynaclient.records import dataclass
from dynaclient.surface import at, here
from dynaclient.transport.address import origin_of

if TYPE_CHECKING:
    from dynaclient.transport.session import Transport


@dataclass(frozen=True)
class Fetcher:
    """Called with a URL, gives the bytes; without any credential of a client. Raises DocumentError.

    `sending`: the settings of a Transport. What a session of the user's holds goes to the origin of `source`,
    the document, and to no other. It knows no client, so that a client that is not used any more is gone at
    once, and its tree with it.
    """

    sending: Mapping[str, Any]
    source: str

    def __call__(self, url: str) -> bytes:
        if origin_of(url) is None:
            raise DocumentError(f"{without_user(url)!r} is no URL that could be asked")
        from dynaclient.transport.session import Transport

        transport = Transport(**self.sending)
        try:
            return self._fetch(transport, url)
        except (TransportError, RequestInvalid) as error:
            raise DocumentError(f"the document cannot be fetched: {error}") from None
        finally:
            transport.close()

    def _fetch(self, transport: Transport, url: str) -> bytes:
        accept = [("Accept", "application/json, application/yaml, */*")]
        trusted = origin_of(url) == origin_of(self.source)
        request = transport.prepare("GET", url, accept, None, credential_chosen=False, trusted=trusted)
        with at({**here(), "server": "the URL"}):
            reply = transport.send(request)
        if reply.status != 200:
            raise DocumentError(f"the document cannot be fetched: the server answered {reply.status}")
        return reply.content
