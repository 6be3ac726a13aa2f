"""Connections of aiohttp that keep responses apart.

aiohttp takes what comes over a connection at any time for a response: also before the next request is sent,
to which it would be given then. Here a request has one response, whose head is checked as that of any other
client (`reply`) and whose body ends where it says; a connection over which more comes is not used
again.
"""

from __future__ import annotations

import asyncio
import os
import re
from functools import partial
from http.client import BadStatusLine, HTTPException, LineTooLong
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp.client_exceptions import UnixClientConnectorError
from aiohttp.client_proto import ResponseHandler
from urllib3.util.wait import wait_for_read

from dynaclient.transport.pooling import USUAL_POOLING, Pooling
from dynaclient.transport.reply import LONGEST_LINE, MOST_INTERIM, MOST_LINES
from dynaclient.transport.response_head import checked_head, may_begin

_END = re.compile(rb"\n\r?\n")


class Connector(aiohttp.TCPConnector):
    """A pool of these connections, kept as `pooling` says; to a host of `host_of_socket` through the socket.

    Cuts what is closed: closing a transport waits until the server has read all that was written to it.
    """

    def __init__(self, pooling: Pooling = USUAL_POOLING, **settings: Any) -> None:
        if pooling.keep_alive is not None:
            settings["keepalive_timeout"] = pooling.keep_alive
        super().__init__(**settings)
        self._factory = partial(OneResponse, loop=asyncio.get_running_loop())  # type: ignore[assignment]
        self._pooling = pooling

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> Any:
        path = _socket_of(req.url.raw_host or "")
        if path is None:
            return await super()._create_connection(req, traces, timeout)
        try:
            connecting = self._loop.create_unix_connection(self._factory, path)
            _, protocol = await asyncio.wait_for(connecting, timeout.sock_connect)
        except asyncio.TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error
        except OSError as error:
            raise UnixClientConnectorError(path, req.connection_key, error) from error
        return protocol

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        if self._pooling.keep_alive == 0 or len(self._conns.get(key, ())) >= self._pooling.size:
            should_close = True
        transport = protocol.transport
        if should_close and transport is not None and transport.get_write_buffer_size():
            transport.abort()
        super()._release(key, protocol, should_close=should_close)


_SOCKET = f"socket-{os.urandom(16).hex()}-"
"""Nobody who names a host can guess it: a URL leads to a socket by its scheme alone."""


def host_of_socket(url: str) -> str:
    """What stands in the place of a host for a server behind a Unix socket."""
    return _SOCKET + unquote(urlsplit(url).netloc).encode().hex()


def _socket_of(host: str) -> str | None:
    """The path of the socket that a host stands for; None for any other host."""
    if not host.startswith(_SOCKET):
        return None
    try:
        return bytes.fromhex(host[len(_SOCKET) :]).decode()
    except ValueError:
        return None


class OneResponse(ResponseHandler):
    """Gives aiohttp's parser one response for each request, and nothing that is none."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._head: bytes | None = None
        """What came of a head that is waited for."""
        self._left: int | None = 0
        """Bytes of the body to come; None where its end is in it, or that of the connection."""
        self._interim, self._is_bodiless = 0, False

    def set_response_params(self, *, skip_payload: bool = False, **params: Any) -> None:
        """A request is about to be sent."""
        super().set_response_params(skip_payload=skip_payload, **params)
        self._head, self._left, self._interim, self._is_bodiless = b"", None, 0, skip_payload

    def data_received(self, data: bytes) -> None:
        """Some bytes came; none where the parser is to go on with those that it has."""
        if not data:
            super().data_received(data)
        elif self._head is None:
            self._feed(b"", data)
        else:
            try:
                self._await_head(self._head + data, max(0, len(self._head) - 3))
            except HTTPException as error:
                self._refuse(error)

    def is_connected(self) -> bool:
        """Whether a request can be sent: not over a connection on which something came, be it its end."""
        if not super().is_connected():
            return False
        assert self.transport is not None
        return not wait_for_read(self.transport.get_extra_info("socket"), timeout=0)

    def _await_head(self, data: bytes, start: int) -> None:
        """See whether the head is whole, whose end is not before `start`. Raises HTTPException."""
        while (end := _END.search(data, start)) is not None:
            head, is_interim, length = checked_head(data[: end.end()])
            data, start = data[end.end() :], 0
            if not is_interim:
                self._head, self._left = None, 0 if self._is_bodiless else length
                self._feed(head, data)
                return
            self._interim += 1
        self._head = data
        if not may_begin(data):
            raise BadStatusLine(data[:100].decode("latin-1"))
        if self._interim >= MOST_INTERIM:
            raise HTTPException("interim responses without end")
        if len(data) > LONGEST_LINE:
            _check_bounds(data)

    def _feed(self, head: bytes, data: bytes) -> None:
        if self._left is None:
            super().data_received(head + data)
            self._left = 0 if self._is_over else None
            return
        part = data[: self._left]
        self._left -= len(part)
        if head or part:
            super().data_received(head + part)
        if len(part) < len(data):  # what is no part of this response, nor of the next
            self.force_close()
            if self._is_over and self.transport is not None:
                self.transport.close()

    @property
    def _is_over(self) -> bool:
        return self._payload is None or self._payload.is_eof()

    def _refuse(self, error: HTTPException) -> None:
        self._head, self._left = None, 0
        if self.transport is not None:
            self.transport.close()
        self.set_exception(error)


def _check_bounds(data: bytes) -> None:
    if data.count(b"\n") > MOST_LINES:
        raise HTTPException(f"got more than {MOST_LINES - 2} headers")
    if len(data) - data.rfind(b"\n") > LONGEST_LINE:
        raise LineTooLong("header line")
