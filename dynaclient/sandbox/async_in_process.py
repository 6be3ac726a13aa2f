"""The sandbox without a socket for an AsyncClient: a transport that hands it each request as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http.client import responses
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dynaclient.transport.protocol import RawResponse

if TYPE_CHECKING:
    from dynaclient.sandbox.responses import PreparedResponse
    from dynaclient.transport.deadline import Timeout
    from dynaclient.wire.request import Request


class SandboxTransport:
    """An AsyncBaseTransport that answers whatever the host: nothing leaves the process."""

    def __init__(
        self,
        answer: Callable[[str, str, Sequence[tuple[str, str]], Callable[[int], bytes]], PreparedResponse],
    ) -> None:
        self._answer = answer

    async def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        """The response of the sandbox."""
        body = request.body
        read = BytesIO(body or b"").read if body is None or isinstance(body, bytes) else body.read
        fields = [("Host", urlsplit(request.url).netloc), *request.fields]
        reply = self._answer(request.method, request.target, fields, read)
        content = b"" if request.method == "HEAD" else reply.body
        return RawResponse(reply.status, reply.headers, content, reason=responses.get(reply.status, "Other"))

    async def aclose(self) -> None:
        """Nothing: there are no connections."""
