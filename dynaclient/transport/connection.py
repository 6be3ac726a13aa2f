"""Connections that keep a deadline.

A socket's timeout bounds one `recv`, so a server that sends a byte a second keeps a reader for ever:
urllib3 has no limit over the headers, nor over one read of the body. Here the socket's timeout is set
to what is left of the call before every `recv`, every `send` and every attempt to connect. That needs no
second thread, costs about a microsecond, and holds for TLS as well, where Python counts the timeout over
all the records that one read, one write or the handshake takes. (The other way, a thread that shuts
sockets down at their deadline, cannot see a socket that is still connecting, and pays two locks per call.)
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import sys
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from urllib3 import HTTPHeaderDict
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse
from urllib3.util import Retry, Timeout
from urllib3.util import connection as making

from dynaclient.errors import SettingsError
from dynaclient.transport.deadline import current
from dynaclient.transport.originals import connects_elsewhere, original
from dynaclient.transport.pooling import Pooling
from dynaclient.transport.reply import LONGEST_LINE, MOST_INTERIM, MOST_LINES
from dynaclient.wire.headers import Headers
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection, HTTPSConnection
else:
    HTTPConnection = original(HTTPConnectionPool.ConnectionCls)
    HTTPSConnection = original(HTTPSConnectionPool.ConnectionCls)

Limits = tuple["float | None", "float | None"]
"""Seconds for connecting, and for a silence."""


class _TimedIO(io.RawIOBase):
    """The reading end of a socket; each read may take what is left of the call.

    `in_head`: the end of the stream is no end of what is read: http.client would take a head that is cut
    anywhere after its status for a whole one.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.in_head = False
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if (clock := current.clock) is not None:
            self._sock.settimeout(clock.wait(clock.timeout.read))
        count = self._raw.readinto(buffer)
        if count == 0 and self.in_head:
            raise http.client.RemoteDisconnected("the connection ended within the head of the response")
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _Readable:
    """As much of a socket as http.client's response asks for."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedIO(self._sock))


_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")


class _TimedAnswer(http.client.HTTPResponse):
    """A response whose reads end with the call, and whose end is where the server says (RFC 9112).

    http.client takes a head without its end for a whole one, and an interim response for the final one, so
    that the next request on the connection would get the response to this one; it waits for chunks where
    there is no body; a chunk may have a size that Python alone takes for a number, need not end where it
    says, and the last one may lack its end.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_Readable(sock), *args, **kwargs)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Read the head of the response, past those of interim ones (RFC 9110 section 15.2)."""
        stream, interim = self.fp, 0
        stream.raw.in_head = True  # type: ignore[attr-defined]
        head, is_interim, length = _read_head(stream)
        while is_interim:
            if (interim := interim + 1) == MOST_INTERIM:
                raise http.client.HTTPException("interim responses without end")
            head, is_interim, length = _read_head(stream)
        stream.raw.in_head = False  # type: ignore[attr-defined]
        self._take(head, length)

    def _take(self, head: bytes, length: int | None) -> None:
        """What a head that was checked says, as http.client's own `begin` has it."""
        lines = head.decode("latin-1").split("\n")
        version, status, *reason = lines[0].split(None, 2)
        if not version.startswith("HTTP/1.") and version != "HTTP/0.9":
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.code = self.status = int(status)
        self.reason = reason[0].strip() if reason else ""
        self.headers = self.msg = fields = http.client.HTTPMessage()
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            fields._headers.append((name, value.lstrip(" \t").rstrip("\r")))  # type: ignore[attr-defined]
        self.chunked = (fields.get("Transfer-Encoding") or "").lower() == "chunked"
        self.chunk_left = None
        self.will_close = self._check_close()  # type: ignore[attr-defined]
        if current.idle is not None and self.status >= 500:
            self.will_close = True  # uvicorn, for one, closes it then without saying so
        self.length = 0 if self._method == "HEAD" else length  # type: ignore[attr-defined]
        if self.chunked and length == 0:  # of a status that has no body
            self.chunked, self.length, self.will_close = False, 0, True
        elif self.length is None and not self.chunked:
            self.will_close = True

    def _get_chunk_left(self) -> int | None:
        """Bytes of the chunk that is read; None behind the last one."""
        if not self.chunk_left:
            if self.chunk_left is not None and self._line().strip(b"\r\n"):
                raise http.client.HTTPException("a chunk does not end where it says")
            size = _CHUNK_SIZE.fullmatch(self._line())
            if size is None:
                raise http.client.HTTPException("a chunk has no size")
            self.chunk_left = int(size[1], 16) or None
            if self.chunk_left is None:
                self._skip_trailers()
                self._close_conn()  # type: ignore[attr-defined]
        return self.chunk_left

    def _skip_trailers(self) -> None:
        for _ in range(MOST_LINES):
            if not self._line().strip(b"\r\n"):
                return
        raise http.client.HTTPException("trailers without end")

    def _line(self) -> bytes:
        """A line of what frames chunks."""
        line = self.fp.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise http.client.LineTooLong("line of a chunk")
        if not line.endswith(b"\n"):
            raise http.client.IncompleteRead(b"")
        return line


def _read_head(stream: io.BufferedReader) -> tuple[bytes, bool, int | None]:
    from dynaclient.transport.response_head import checked_head  # late: 1 ms

    lines: list[bytes] = []
    while len(lines) <= MOST_LINES:
        lines.append(line := stream.readline(LONGEST_LINE + 1))
        if not lines[0].startswith(b"HTTP/"):
            raise http.client.BadStatusLine(line[:100].decode("latin-1"))
        if line in (b"\r\n", b"\n"):
            break
        if len(line) > LONGEST_LINE:
            raise http.client.LineTooLong("header line")
    return checked_head(b"".join(lines))


_SENT = "Request-sent"
"""How http.client calls the state of a connection that a response is to come from."""
_KNOWN = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY".split())
"""Methods for which urllib3 writes no Content-Length, or `framed` has set it."""


class TimedConnection(HTTPConnection):
    """A connection whose every wait ends with the call; without a call, urllib3's own."""

    response_class = _TimedAnswer
    _exact_target: str | None = None
    _host: str | None = None
    """The value of the Host field, once it was written."""
    _has_host = True
    """Whether it leads to a host, whose address others may choose (`connects_elsewhere`)."""

    def _new_conn(self) -> socket.socket:
        if self._has_host and connects_elsewhere():
            return super()._new_conn()
        try:
            return self._connect_to_any()
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "the attempt to connect timed out") from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, "no connection could be made") from error

    def _connect_to_any(self) -> socket.socket:
        """The first address of the host that lets itself be connected to, as urllib3 does it."""
        failure: OSError = OSError("the name has no address")
        for found in socket.getaddrinfo(
            self._dns_host, self.port, making.allowed_gai_family(), socket.SOCK_STREAM
        ):
            try:
                return self._connect_to(*found)
            except OSError as error:
                failure = error
        raise failure

    def _connect_to(self, family: int, kind: int, protocol: int, _name: str, address: Any) -> socket.socket:
        sock = socket.socket(family, kind, protocol)
        try:
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            if self.source_address:
                sock.bind(self.source_address)
            sock.settimeout(self._patience())
            sock.connect(address)
            sock.settimeout(self._patience())
        except BaseException:
            sock.close()
            raise
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def _patience(self) -> float | None:
        return current.clock.wait(self.timeout) if current.clock is not None else self.timeout

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:  # of the TLS handshake, or of a proxy that does not answer
            raise ConnectTimeoutError(self, "the connection was not ready in time") from error

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **settings: Any) -> None:
        """Send a request. What gives its body may ask other servers meanwhile: the target is not theirs."""
        self._exact_target, current.exact_target = current.exact_target, None
        if body is None and current.clock is not None and method not in _KNOWN:
            self.putheader = self._putheader_without_length  # type: ignore[method-assign]
        try:
            super().request(method, url, body, headers, **settings)
        finally:
            vars(self).pop("putheader", None)
            current.exact_target = self._exact_target

    def ask(self, request: Request, target: str, timeout: float | None) -> Any:
        """One exchange, its head and body in one write, as `request` and `getresponse` have it: the response,
        its body not read yet. For a body of bytes, and straight to the server."""
        if self.sock is not None:
            self.sock.settimeout(timeout)
        self.timeout = timeout
        self._method, self._HTTPConnection__state = request.method, _SENT  # what getresponse asks for
        try:
            self.send(self._written(request, target))
        except (BrokenPipeError, ConnectionResetError):
            if self.sock is None:
                raise
            # a server may respond to what it does not read to its end
        shutdown = getattr(self.sock, "shutdown", None)  # getresponse may give the socket away
        answer = http.client.HTTPConnection.getresponse(self)
        return HTTPResponse(
            body=answer,
            headers=HTTPHeaderDict(answer.headers.items()),
            status=answer.status,
            version=answer.version,
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            request_method=request.method,
            sock_shutdown=shutdown,
        )

    def _written(self, request: Request, target: str) -> bytes:
        if self._host is None:
            host = f"[{self.host}]" if ":" in self.host else self.host
            self._host = host if self.port == self.default_port else f"{host}:{self.port}"
        lines = [f"{request.method} {target} HTTP/1.1\r\nHost: {self._host}\r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in request.fields]
        lines.append("\r\n")
        head = "".join(lines).encode("latin-1")
        return head + request.body if isinstance(request.body, bytes) else head

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        super().putrequest(method, self._exact_target or url, *args, **kwargs)

    def _putheader_without_length(self, header: Any, *values: Any) -> None:
        """For a method that is not known to have a body, and has none: urllib3 would say that its length is 0
        (RFC 9110 section 8.6)."""
        if header != "Content-Length":
            super().putheader(header, *values)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if current.clock is not None:
            self.sock.settimeout(current.clock.wait())
        super().send(data)


class TimedTLSConnection(TimedConnection, HTTPSConnection):
    pass


class UnixConnection(TimedConnection):
    """A connection to a Unix socket; the Host is localhost."""

    _has_host = False

    def __init__(self, *given: Any, path: str, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self._path = path

    def _connect_to_any(self) -> socket.socket:
        if not hasattr(socket, "AF_UNIX"):
            raise SettingsError("this system has no Unix sockets that Python knows of")
        return self._connect_to(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", self._path)


_OURS = (TimedConnection, TimedTLSConnection, UnixConnection)


class _Connections:
    """The class of a pool's connections: ours, in the place of urllib3's own alone."""

    def __init__(self, pool: Any, own: type[Any], ours: type[Any]) -> None:
        self._pool, self._own, self._ours = pool, own, ours

    def __get__(self, instance: object, owner: object = None) -> Any:
        found = self._pool.ConnectionCls
        return self._ours if found is self._own else found


def _fits(connection: object, kind: Any) -> bool:
    """Whether a pool may give a connection; what a function makes, in the place of a class, is not ours."""
    return isinstance(connection, kind) if isinstance(kind, type) else type(connection) not in _OURS


class ExactTargetPool(HTTPConnectionPool):
    """Puts the request target on the wire byte for byte, past urllib3.

    On its way through urllib3 the target would have its percent-encoding upper-cased and mended, and
    would be written, query and all, to urllib3's log and errors. So `urlopen` leaves the target with the
    thread (`current.exact_target`) and gives urllib3 as much of it as may be shown, and
    `TimedConnection.putrequest` writes what was left. Where a mock or an instrument has to see the whole,
    urllib3 is given all of it. A pool calls itself to repeat a request: the first call knows the target.
    """

    ConnectionCls = _Connections(HTTPConnectionPool, HTTPConnection, TimedConnection)

    def __init__(self, *given: Any, keep_alive: float | None = None, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.keep_alive = keep_alive

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_from = monotonic()
            if self.keep_alive == 0:
                conn.close()
        super()._put_conn(conn)

    def _get_conn(self, timeout: float | None = None) -> Any:
        """A connection of the class that holds now: one may be left from before a mock, or from one."""
        kind = self.ConnectionCls
        ours = isinstance(kind, type) and issubclass(kind, TimedConnection)
        if not ours:  # some versions of vcrpy drop what is open
            for held in filter(None, list(self.pool.queue) if self.pool else ()):
                held.close()
        while not _fits(found := super()._get_conn(timeout), kind):
            found.close()
            self._put_conn(None)  # its slot
        idle, most, once = monotonic() - getattr(found, "idle_from", inf), self.keep_alive, current.idle
        if (most is not None and idle > most) or (once is not None and idle > once):
            found.close()  # it connects anew
        return found

    def urlopen(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        retries = kwargs.get("retries")
        if current.clock is not None and isinstance(retries, Retry) and retries.raise_on_status:
            kwargs["retries"] = retries.new(raise_on_status=False)  # the last response is worth more
        if current.clock is None or current.exact_target is not None or current.is_open:
            return super().urlopen(method, url, *args, **kwargs)
        current.exact_target = url
        try:
            return super().urlopen(method, url.partition("?")[0], *args, **kwargs)
        finally:
            current.exact_target = None


class ExactTargetTLSPool(ExactTargetPool, HTTPSConnectionPool):
    ConnectionCls = _Connections(HTTPSConnectionPool, HTTPSConnection, TimedTLSConnection)


class UnixPool(ExactTargetPool):
    """A pool of connections to the socket that a URL names."""

    ConnectionCls = UnixConnection

    def __init__(self, url: str, pooling: Pooling) -> None:
        kept = {"maxsize": pooling.size, "keep_alive": pooling.keep_alive}
        super().__init__("localhost", path=unquote(urlsplit(url).netloc), socket_options=[], **kept)


POOLS: dict[str, Any] = {"http": ExactTargetPool, "https": ExactTargetTLSPool}
"""By scheme, as a pool manager of urllib3 takes them."""


def pools_of(pooling: Pooling) -> dict[str, Any]:
    """POOLS whose connections are kept for so long."""
    if pooling.keep_alive is None:
        return POOLS
    return {scheme: partial(kind, keep_alive=pooling.keep_alive) for scheme, kind in POOLS.items()}


class PoolResponse:
    """A response of a pool, with as much of requests.Response as is read of one here."""

    __slots__ = ("_content", "headers", "raw", "reason", "status_code")

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.status_code: int = raw.status
        self.headers = Headers(raw.headers.items())
        self.reason: str = raw.reason or ""
        self._content = False

    def close(self) -> None:
        """Let go of the connection."""
        self.raw.close()
        self.raw.release_conn()


def straight(pool: Any, target: str, request: Request, timeout: float | None) -> PoolResponse:
    """As `exchange`, past what a pool does around it: to a server that is no proxy, with a body of bytes."""
    connection = pool._get_conn()
    try:
        if connection.sock is None:
            connection.timeout = timeout
            pool._validate_conn(connection)
        raw = connection.ask(request, target, timeout)
    except BaseException:
        connection.close()
        pool._put_conn(None)  # its slot
        raise
    raw._connection, raw._pool = connection, pool
    return PoolResponse(raw)


_MOST_TIMEOUTS = 1000
_NO_RETRIES = Retry(0, read=False, raise_on_status=False)

_timeouts: dict[Limits, Timeout] = {}
"""What urllib3 takes, by the limits that it stands for; there are as many as there are settings."""


def exchange(pool: Any, target: str, request: Request, limits: Limits) -> PoolResponse:
    """Send a request over a pool, and read the head of the response; `target` goes on the wire as it is."""
    timeout = _timeouts.get(limits)
    if timeout is None:
        if len(_timeouts) > _MOST_TIMEOUTS:
            _timeouts.clear()
        timeout = _timeouts[limits] = Timeout(connect=limits[0], read=limits[1])
    headers, body = dict(request.fields), request.body
    return PoolResponse(
        pool.urlopen(
            request.method,
            target,
            body,
            headers,
            retries=_NO_RETRIES,
            redirect=False,
            assert_same_host=False,
            timeout=timeout,
            chunked=body is not None and "Content-Length" not in headers,
            preload_content=False,
            decode_content=False,
        )
    )
