"""What aiohttp raises, as what the layers below raise, whose kinds are known to `errors`."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl

import aiohttp
from urllib3 import exceptions as below

LINE = 65_536
"""Bytes of a header field, as many as http.client reads."""


def as_below(error: Exception) -> Exception:
    """What urllib3, http.client or the socket would have raised, whose kinds are known; without its text."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return below.ConnectTimeoutError("connecting timed out")
    if isinstance(error, (asyncio.TimeoutError, aiohttp.ServerTimeoutError)):
        return TimeoutError("timed out")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _caused(below.SSLError(), error.certificate_error)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return below.ProxyError("the proxy cannot be reached", error.os_error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return socket.gaierror("the host name cannot be resolved")
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return _caused(below.SSLError(), error.os_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _caused(below.NewConnectionError(None, "no connection"), error.os_error)  # type: ignore[arg-type]
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return ConnectionResetError("the server closed the connection")
    if isinstance(error, aiohttp.ClientOSError):
        return _of_tls(error) or OSError(*error.args[:2])
    if isinstance(error, aiohttp.ClientPayloadError):
        return http.client.IncompleteRead(b"")
    if isinstance(error, aiohttp.InvalidURL):
        return http.client.InvalidURL()
    if isinstance(error, aiohttp.ClientResponseError):
        large = isinstance(error.__cause__, aiohttp.http.HttpProcessingError) and "Got more than" in str(
            error.message
        )
        text = f"got more than {LINE} bytes when reading header line" if large else "it is not HTTP"
        return http.client.HTTPException(text)
    return below.ProtocolError() if isinstance(error, aiohttp.ClientError) else error


def _of_tls(error: aiohttp.ClientOSError) -> ssl.SSLError | None:
    """What the TLS library said, after the handshake: a server of TLS 1.3 rejects a certificate only then."""
    return error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else None


def _caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error
