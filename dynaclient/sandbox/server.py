"""The sandbox as a server: on a socket (werkzeug), or in process."""

from __future__ import annotations

import errno
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from os import PathLike
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of, pluralize
from dynaclient.client import Client
from dynaclient.document.document import Document
from dynaclient.errors import SettingsError
from dynaclient.sandbox.app import Exchange, Service
from dynaclient.sandbox.callbacks import Callback, CallbackSender, is_loopback
from dynaclient.sandbox.responses import PreparedResponse, undocumented_response
from dynaclient.wire.request_reader import Incoming, origin_form

if TYPE_CHECKING:
    import requests
    from werkzeug.serving import BaseWSGIServer

    from dynaclient.transport.protocol import AsyncBaseTransport

__all__ = ["Sandbox"]

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a request body; a larger one gets a 413."""

SECONDS = 60
"""How long a connection may stay silent while a request is expected from it."""

_POLL = 0.01
"""Seconds within which it stops: a suite starts and stops one for each of its tests."""


class Sandbox:
    """A server made from a document, for demos and tests.

    `source`: what a Client takes as its document, or a Client. `port=0` takes a free one. The same `seed`
    gives the same responses to the same requests. As a context manager it runs while the block does, and
    `session` does without a socket:

        with Sandbox("talon-one-integration") as sandbox:
            Client("talon-one-integration", server=sandbox.url, ...)

    A right request gets the documented success, a wrong one the documented 4xx, else 422 (415 for a type that
    is not documented), with the reasons in the body and in `X-Sandbox-Reasons`; missing credentials get a
    401, any will do but `invalid-credential`. HEAD is GET without its body. Nothing is said of CORS: a page
    in a browser cannot read the responses, nor have callbacks sent by JSON.
    `Prefer: code=409` picks a documented response to a right request, `Prefer: example=NAME` one of its
    examples; what is not documented is ignored, and `X-Sandbox-Judge` says so, as it says who judged.
    Examples are used where they are valid, those of schemas with values of the request in them. `/` shows the
    operations, in a browser with an explorer that sends requests, `/openapi.json` is the document, where it
    has no such paths itself; `/_explorer` is the explorer in any case. `received` lists every exchange.

    Things are kept in memory, a thousand of a kind: what POST on `/users` or PUT on `/users/{id}` makes, GET
    reads and lists, PATCH changes and DELETE removes; a removed one gets a 404, and one that is there already
    a 409, where these are documented. An identifier that was never used leads to an example.

    Where a right request names a URL for a callback, that is called once the response was sent, if it is an
    `http` URL of a loopback address: with a body made from the document, once, within 5 seconds.
    `X-Sandbox-Callbacks` says what is called, or why not.

    Raises DocumentError where the document cannot be used, SettingsError where the address cannot be taken.
    """

    def __init__(
        self,
        source: str | PathLike[str] | Mapping[str, Any] | Document | Client,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
    ) -> None:
        self.client = source if isinstance(source, Client) else Client(source)
        self.received: list[Exchange] = []
        self._service = Service(self.client, seed, lambda: self.url, is_loopback(host))
        self._sender = CallbackSender()
        self._address = (host, port)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._serving = False
        self._keeping = True

    @property
    def url(self) -> str:
        """Where it listens; it listens from `start` or the block on.

        Before that, with no port of its own, `http://sandbox.invalid`: sessions reach it under any name.
        """
        host, port = self._address
        if self._server is not None:
            port = self._server.port
        if not port:
            return "http://sandbox.invalid"
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def session(self) -> requests.Session:
        """A session of requests that this sandbox answers, whatever the host: without a socket or a thread.

            Client("talon-one-integration", server="https://shop.test", session=sandbox.session(), ...)

        It need not be started for that. Sessions of one sandbox, and its socket, share what it keeps.
        """
        from dynaclient.sandbox.in_process import session_for  # late: 110 ms

        return session_for(self._answer_here)

    def async_transport(self) -> AsyncBaseTransport:
        """As `session`, for `AsyncClient(transport=...)`: no socket, no thread, and no aiohttp."""
        from dynaclient.sandbox.async_in_process import SandboxTransport  # late: 2 ms

        return SandboxTransport(self._answer_here)

    @property
    def explorer_url(self) -> str:
        """What to open in a browser, to look at the operations and try them."""
        return self.url + self._service.explorer.path

    def start(self) -> Sandbox:
        """Listen, and serve on a thread until `stop`; nothing where it serves already."""
        server = self._listen()
        if not self._serving:
            self._serving = True
            self._thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving, whichever thread does it. The exchanges stay."""
        server, self._server = self._server, None
        if server is None:
            return
        if self._serving:
            server.shutdown()
            self._serving = False
        server.server_close()
        if self._thread is not None:
            self._thread.join()

    def listen(self) -> Sandbox:
        """Take the address, so that `url` is known before `serve_forever`."""
        self._listen()
        return self

    def serve_forever(self) -> None:
        """Serve on this thread until it is interrupted. Exchanges are not kept: it may run for weeks."""
        server = self._listen()
        self._serving, self._keeping = True, False
        try:
            server.serve_forever()
        finally:
            self._server, self._serving, self._keeping = None, False, True

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox at {self.url}: {pluralize(len(self.received), 'exchange')}>"

    def _listen(self) -> BaseWSGIServer:
        if self._server is None:
            self._server = _bound(self._answer, *self._address)
        return self._server

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reply, callbacks = self._reply(lambda: _incoming(environ))
        start_response(_line(reply.status), list(reply.headers))
        return _Answer(reply.body, lambda: self._sender.send(callbacks))

    def _answer_here(
        self, method: str, target: str, fields: Sequence[tuple[str, str]], read: Callable[[int], bytes]
    ) -> PreparedResponse:
        """The response to a request of this process, whose body is what `read` gives."""

        def incoming() -> Incoming:
            body = read(MAX_BODY + 1)
            if len(body) > MAX_BODY:
                raise _too_large()
            return Incoming(method, origin_form(target), tuple(fields), body)

        reply, callbacks = self._reply(incoming)
        self._sender.send(callbacks)
        return reply

    def _reply(self, read: Callable[[], Incoming]) -> tuple[PreparedResponse, tuple[Callback, ...]]:
        """The response to what `read` gives, as it goes out, and the callbacks that follow it."""
        try:
            incoming = read()
        except _Unread as error:
            reply = undocumented_response(error.status, (str(error),))
            return replace(reply, headers=(*reply.headers, ("Content-Length", str(len(reply.body))))), ()
        exchange = self._service.respond(incoming)
        if self._keeping:
            self.received.append(exchange)
        headers = [(name, _latin(value)) for name, value in exchange.answer_headers]
        if exchange.status not in (204, 304) and incoming.method != "HEAD":
            headers.append(("Content-Length", str(len(exchange.answer))))
        return PreparedResponse(exchange.status, tuple(headers), exchange.answer), exchange.callbacks


class _Answer:
    """The body of a response; `after` is run when all of it was sent."""

    def __init__(self, content: bytes, after: Callable[[], None]) -> None:
        self._content = content
        self.close = after

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def _line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Other"


def _latin(text: str) -> str:
    return text.encode("latin-1", "backslashreplace").decode("latin-1")


class _Unread(Exception):
    """A body that is not read to its end; the status says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _too_large() -> _Unread:
    return _Unread(413, f"the body is larger than {MAX_BODY} bytes")


def _incoming(environ: Mapping[str, Any]) -> Incoming:
    """The request behind a WSGI environment. Raises _Unread."""
    target = origin_form(str(environ["dynaclient.calls.server"]))
    return Incoming(str(environ["REQUEST_METHOD"]), target, environ["dynaclient.headers"], _body(environ))


def _body(environ: Mapping[str, Any]) -> bytes:
    chunked, stated = bool(environ.get("wsgi.input_terminated")), environ.get("CONTENT_LENGTH") or "0"
    if not chunked and not re.fullmatch("[0-9]{1,18}", stated):
        raise _Unread(400, f"Content-Length {stated!r} is not a length")
    length = MAX_BODY + 1 if chunked else int(stated)
    if length > MAX_BODY and not chunked:
        raise _too_large()
    try:
        body: bytes = environ["wsgi.input"].read(length)
    except TimeoutError:
        raise _Unread(408, f"the body did not come within {SECONDS} seconds") from None
    except OSError as error:
        raise _Unread(400, f"the body cannot be read: {error}") from None
    if len(body) > MAX_BODY:
        raise _too_large()
    if len(body) < length and not chunked:
        raise _Unread(400, f"the body ends after {len(body)} of {length} bytes")
    return body


def _bound(app: Callable[..., Iterable[bytes]], host: str, port: int) -> BaseWSGIServer:
    """A server that listens. werkzeug would end the process where the address is taken."""
    from werkzeug.serving import WSGIRequestHandler, make_server  # late: 59 ms

    class Handler(WSGIRequestHandler):
        """Keeps the request as it came, and writes no log: a line would hold what is in the query."""

        protocol_version = "HTTP/1.1"
        timeout = SECONDS

        def make_environ(self) -> dict[str, Any]:
            environ = super().make_environ()
            environ["dynaclient.calls.server"] = self.path
            environ["dynaclient.headers"] = tuple((name, str(value)) for name, value in self.headers.items())
            return environ

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            pass

    given: tuple[Any, Any] = (host, port)
    if not isinstance(given[0], str) or not host.isprintable() or not isinstance(given[1], int):
        what = f"{kind_of(host)} and {kind_of(port)}"
        raise SettingsError(f"the sandbox listens on a host and a port, not on {what}")
    if not 0 <= port <= 65535:
        raise SettingsError(f"the sandbox cannot listen on port {port}: ports go from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family, backlog=128) as listener:
            return make_server(host, port, app, threaded=True, request_handler=Handler, fd=listener.fileno())
    except (OSError, UnicodeError) as error:
        hint = "; port 0 takes one that is free" if getattr(error, "errno", 0) == errno.EADDRINUSE else ""
        why = str(getattr(error, "strerror", None) or error).partition(" (")[0]  # socket repeats the address
        raise SettingsError(f"the sandbox cannot listen on {host!r} port {port}: {why}{hint}") from None
