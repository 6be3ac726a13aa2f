"""What requests, urllib3 and the socket raise, as errors of dynaclient.

The errors of requests hold the request, and so the credentials, and urllib3 writes the query into its
texts. Nothing of theirs is kept: a message is made from the kind of the failure and from texts that the
operating system or the TLS library wrote.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from typing import Any

from urllib3 import exceptions as below

from dynaclient._support.interrupts import causes, interrupt
from dynaclient._support.messages import here, setting_name
from dynaclient.errors import ConnectError, DeadlineExceeded, DecodeError, TransportError
from dynaclient.transport.deadline import Deadline, out_of_time
from dynaclient.transport.policy import Outage, Retryable


class _OfRequests:
    """Errors of requests, by name: nobody has one who has not imported it, and this does not."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __instancecheck__(self, error: object) -> bool:
        """Whether an error is one of these."""
        module = sys.modules.get("requests.exceptions")
        return module is not None and isinstance(error, getattr(module, self._name))


def _theirs(name: str) -> Any:
    return _OfRequests(name)


_OF_THE_NETWORK = (
    _theirs("RequestException"),
    below.HTTPError,
    http.client.HTTPException,
    OSError,
    UnicodeError,
)
_OF_HOOKS = (_theirs("HTTPError"), _theirs("InvalidJSONError"))
"""What requests raises when a hook looks at a response: `raise_for_status`, `json`."""


Kinds = tuple[type[BaseException], ...]
Make = Callable[[BaseException, Deadline, str], TransportError]


def understand(error: BaseException, clock: Deadline, what: str, *, by_the_user: bool = True) -> Outage:
    """The failure as a DynaclientError; `what` names the request by method, origin and path.

    `by_the_user`: whether code of the user's was at work around the request (a class of his own for the
    session or the adapter). What came from outside, of a signal handler or thrown into the thread, is itself.
    """
    if (outside := _from_outside(error, by_the_user)) is not None:
        return Outage(outside, Retryable.NEVER)
    if not isinstance(error, _OF_THE_NETWORK) or isinstance(error, _OF_HOOKS):
        return Outage(raised_by_the_user(error, what), Retryable.NEVER)
    if clock.left() <= 0:
        return Outage(out_of_time(clock, what), Retryable.NEVER)
    found = list(causes(error))
    if status := _tunnel_status(found):
        again = Retryable.NEVER if status < 500 else Retryable.ALWAYS
        return Outage(refused_by_proxy(what, status), again)
    if (large := next(filter(_is_of_a_large_head, found), None)) is not None:
        return Outage(_large_head(large, what), Retryable.NEVER)
    for kinds, again, make in _RULES:
        for cause in reversed(found):  # what lies deepest knows the reason
            if isinstance(cause, kinds):
                return Outage(make(cause, clock, what), again)
    return _other(found, what)


def _from_outside(error: BaseException, by_the_user: bool) -> BaseException | None:
    """What neither the network, nor a library, nor code of the user's in a call raised.

    Who throws an exception into a thread gives its class alone: no socket raises a bare TimeoutError.
    """
    if (found := interrupt(error)) is not None or by_the_user:
        return found
    bare = (each for each in causes(error) if type(each) is TimeoutError and not each.args)
    if (timeout := next(bare, None)) is not None:
        return timeout
    known = isinstance(error, _OF_THE_NETWORK) or type(error).__module__ == "builtins"
    return None if known else error


def raised_by_the_user(error: BaseException, what: str) -> TransportError:
    """The error for what neither the server nor the network does: it comes from what the user gave.

    It is the cause of the error, but for the errors of requests, whose texts hold the query.
    """
    made = TransportError(
        f"{what}: {type(error).__name__} was raised by what you gave for it (a file, a session, a transport, "
        "an adapter, a hook); the request may have been sent"
    )
    made.__cause__ = None if isinstance(error, _theirs("RequestException")) else error
    return made


_HEAD = re.compile(r"got more than \d+ (headers|bytes when reading header line)")


def _is_of_a_large_head(cause: BaseException) -> bool:
    """Whether http.client gave up on the head of a response: it takes 100 fields of 65,536 bytes each."""
    return isinstance(cause, http.client.HTTPException) and _HEAD.fullmatch(str(cause)) is not None


def _large_head(cause: BaseException, what: str) -> ConnectError:
    made = ConnectError(
        f"{what}: the headers of the response are more or longer than Python's http.client reads ({cause}); "
        "the server may have processed the request. Report it to the operator of the server"
    )
    made.__cause__ = cause
    return made


PROXY_WANTS_USER = 407
"""Proxy Authentication Required (RFC 9110 section 15.5.8)."""

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})\b")


def _tunnel_status(found: Iterable[BaseException]) -> int:
    """The status that a proxy answered CONNECT with; 0 where it is not that. http.client gives it as text."""
    texts = (str(each.args[0]) for each in found if type(each) is OSError and len(each.args) == 1)
    return next((int(match[1]) for text in texts if (match := _TUNNEL.match(text))), 0)


def refused_by_proxy(what: str, status: int) -> ConnectError:
    """The error for what a proxy did not let through."""
    hint = f"nothing was sent to the server. Check {setting_name('proxies')}"
    if status != PROXY_WANTS_USER:
        return _connect_error(f"{what}: the proxy rejected it with {status}; {hint}", False)
    why = "the proxy asks for a user and a password, or other ones (407)"
    return _connect_error(f"{what}: {why}; {hint}, as http://USER:PASSWORD@HOST", False)


def _other(causes: list[BaseException], what: str) -> Outage:
    if type(causes[0]) is OSError and causes[0].errno is None:
        # requests found no file where verify= or cert= says
        hint = f"nothing was sent. Check {setting_name('verify')} and {setting_name('cert')}"
        return Outage(_connect_error(f"{what}: {causes[0]}; {hint}", sent=False), Retryable.NEVER)
    name = type(causes[-1]).__name__
    reason = getattr(causes[-1], "strerror", None) or name
    return Outage(
        ConnectError(f"{what}: the exchange failed ({reason}); check the network"), Retryable.IDEMPOTENT
    )


def _silence(cause: BaseException, clock: Deadline, what: str) -> TransportError:
    if isinstance(cause, TimeoutError) and cause.errno is not None:  # ETIMEDOUT: the network's
        return ConnectError(f"{what}: the connection was lost; check the network")
    if clock.timeout.read is None:
        return out_of_time(clock, what)
    return DeadlineExceeded(
        f"{what}: the server sent nothing for {clock.timeout.read:g} s (Timeout.read); it may have "
        "processed the request. Allow more time, or look at the server"
    )


def _undecodable(cause: BaseException, clock: Deadline, what: str) -> TransportError:
    return DecodeError(
        f"{what}: the response cannot be decoded as its Content-Encoding says; "
        "report it to the operator of the server"
    )


def _says(reason: str, advice: str, *, sent: bool = True) -> Make:
    """A ConnectError: what happened, whether something of the request may have been sent, what to do.

    `{}` is what the operating system or the TLS library says, which know no request; the settings in braces
    are named as the surface calls them.
    """
    text = f"{reason}; {advice}" if sent else f"{reason}; nothing was sent. {advice}"

    def make(cause: BaseException, clock: Deadline, what: str) -> ConnectError:
        reason = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None)
        told = reason if isinstance(reason, str) else type(cause).__name__
        return _connect_error(f"{what}: {text.format(told, **here())}", sent)

    return make


def _connect_error(message: str, sent: bool) -> ConnectError:
    error = ConnectError(message)
    error.sent = sent
    return error


_BY_CERTIFICATE = re.compile(r"ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)")


def _of_tls(cause: BaseException, clock: Deadline, what: str) -> TransportError:
    """What the TLS library says; an alert about a certificate is the server's, and about the client's."""
    if _BY_CERTIFICATE.search(str(getattr(cause, "reason", None) or "")):
        return _says("the server rejected the client's certificate, or got none ({})", "check {cert}")(
            cause, clock, what
        )
    return _says("TLS failed ({})", "check {server}, {verify} and {cert}")(cause, clock, what)


# The first row that fits one of the causes is taken.
_RULES: tuple[tuple[Kinds, Retryable, Make], ...] = (
    (
        (ssl.SSLCertVerificationError,),
        Retryable.NEVER,
        _says(
            "the server's certificate is not trusted ({})",
            "Name the CA bundle that signed it with {verify}",
            sent=False,
        ),
    ),
    (
        (
            below.ProxyError,
            _theirs("ProxyError"),
        ),  # of urllib3's: until the proxy has let it through, not later
        Retryable.ALWAYS,
        _says("the proxy cannot be reached or rejected the request", "Check {proxies}", sent=False),
    ),
    (
        (below.NameResolutionError, socket.gaierror),
        Retryable.ALWAYS,
        _says("the host name cannot be resolved", "Check {server} and the network", sent=False),
    ),
    (
        (ConnectionRefusedError,),
        Retryable.ALWAYS,
        _says("the connection was refused", "Check that the server runs, and {server}", sent=False),
    ),
    (
        (below.NewConnectionError,),
        Retryable.ALWAYS,
        _says("no connection could be made", "Check {server}, {proxies} and the network", sent=False),
    ),
    (
        (below.ConnectTimeoutError, _theirs("ConnectTimeout")),
        Retryable.ALWAYS,
        _says("connecting timed out ({time to connect})", "Check {server} and the network", sent=False),
    ),
    (
        (below.ResponseError,),
        Retryable.NEVER,
        _says(
            "an adapter with retries of its own gave up, and did not pass the last response on",
            "set raise_on_status=False in its Retry, or leave repeating to {retries}",
        ),
    ),
    ((below.DecodeError, _theirs("ContentDecodingError")), Retryable.NEVER, _undecodable),
    ((below.ReadTimeoutError, _theirs("Timeout"), TimeoutError), Retryable.NEVER, _silence),
    (
        (ssl.SSLError, below.SSLError, _theirs("SSLError")),
        Retryable.IDEMPOTENT,
        _of_tls,
    ),
    (
        (http.client.IncompleteRead, below.IncompleteRead, below.InvalidChunkLength),
        Retryable.IDEMPOTENT,
        _says("the connection was lost before the body was complete", "try again, or look at the server"),
    ),
    (
        (ConnectionResetError, BrokenPipeError, ConnectionAbortedError),  # RemoteDisconnected is one
        Retryable.IDEMPOTENT,
        _says(
            "the server closed the connection before its response was complete",
            "try again, or look at the server",
        ),
    ),
    (
        (
            _theirs("InvalidURL"),
            _theirs("InvalidSchema"),
            _theirs("MissingSchema"),
            _theirs("InvalidProxyURL"),
            http.client.InvalidURL,
            below.LocationValueError,
            below.URLSchemeUnknown,
            below.ProxySchemeUnknown,
        ),
        Retryable.NEVER,
        _says(
            "the address cannot be used",
            "Check {server} and {proxies}; for SOCKS, install requests[socks]",
            sent=False,
        ),
    ),
    (
        (http.client.HTTPException, below.InvalidHeader, _theirs("InvalidHeader"), UnicodeError),
        Retryable.IDEMPOTENT,
        _says("what the server sent is not HTTP", "check that {server} names an HTTP server, and its port"),
    ),
    (
        (below.ProtocolError, _theirs("ChunkedEncodingError")),
        Retryable.IDEMPOTENT,
        _says("the connection was lost before the response was complete", "try again, or look at the server"),
    ),
)
