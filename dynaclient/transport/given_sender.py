"""Exchanges over a transport of the user's: see `protocol`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of, short_repr
from dynaclient.errors import ConnectError, DynaclientError, TransportError
from dynaclient.transport.deadline import Deadline, Timeout, current
from dynaclient.transport.errors import understand
from dynaclient.transport.policy import Outage, Retryable
from dynaclient.transport.protocol import RawResponse
from dynaclient.transport.sender import Sender
from dynaclient.transport.url import named
from dynaclient.wire.headers import Headers
from dynaclient.wire.request import Request

if TYPE_CHECKING:
    from dynaclient.transport.reply import Reply


class GivenSender(Sender):
    """Sends requests over an object of the user's, a BaseTransport."""

    def _pass_on(self, over: Any, request: Request, clock: Deadline) -> GivenResponse:
        return GivenResponse(over.exchange(request, limits(clock)))

    def _whole(self, response: Any, request: Request, clock: Deadline, started: float) -> Reply:
        try:
            return super()._whole(response, request, clock, started)
        finally:
            response.close()  # a decoder may end before the body does

    def _outage(self, error: Exception, over: Any, request: Request, clock: Deadline) -> Outage:
        return outage_of_given(error, named(request), clock)


def limits(clock: Deadline) -> Timeout:
    """What an exchange may take now. Raises TimeoutError where that is nothing."""
    return Timeout(clock.wait(), clock.timeout.connect, clock.timeout.read)


def outage_of_given(error: Exception, what: str, clock: Deadline) -> Outage:
    """What it means that a transport of the user's raised `error`, which is kept as the cause."""
    if isinstance(error, ConnectError):
        return Outage(error, Retryable.IDEMPOTENT if error.sent else Retryable.ALWAYS)
    if isinstance(error, DynaclientError):
        return Outage(error, Retryable.NEVER)
    found = understand(error, clock, what, by_the_user=True)
    if isinstance(found.error, DynaclientError):
        found.error.__cause__ = error
    return found


class GivenResponse:
    """A response of such a transport, with as much of requests.Response as is read of one here.

    Raises TransportError for what is none.
    """

    _content = False
    raw: Any
    """Itself: there is nothing beneath it."""

    def __init__(self, given: Any) -> None:
        self._given: RawResponse | None = given if isinstance(given, RawResponse) else None
        self.raw = self
        try:
            self.status_code, self.reason, self.headers = head_of_given(given)
            self._pieces = map(checked_piece, pieces_of(given.body))
        except BaseException:
            self.close()
            raise

    def iter_content(self, size: int) -> Iterator[bytes]:
        """The body as it comes, within the time of the call."""
        yield from self._pieces
        self.close()

    def close(self) -> None:
        """Let go of the connection, once."""
        given, self._given = self._given, None
        if given is None:
            return
        if (close := getattr(given.body, "close", None)) is not None:
            with suppress(ValueError):  # a generator that another thread is in
                close()
        if given.on_close is not None:
            given.on_close()


def head_of_given(given: Any) -> tuple[int, str, Headers]:
    """Status, reason and header fields of a RawResponse. Raises TransportError for what is none."""
    if not isinstance(given, RawResponse):
        raise _wrong("a RawResponse", given)
    if type(given.status) is not int or not 100 <= given.status <= 999:
        raise TransportError(f"the transport returned the status {short_repr(given.status)}, which is none")
    return (
        given.status,
        str(given.reason),
        Headers([(_text(name), _text(value)) for name, value in given.headers]),
    )


def _text(field: Any) -> str:
    if not isinstance(field, str):
        raise _wrong("texts as headers", field)
    return field


def pieces_of(body: Any) -> Iterator[Any]:
    """The pieces of a body, which `checked_piece` looks at. Raises TransportError for what is none."""
    whole = isinstance(body, (bytes, bytearray, memoryview))
    several: Iterable[Any] = (body,) if whole else body
    if isinstance(body, str) or not hasattr(several, "__iter__"):
        raise _wrong("bytes, or an iterable of them, as the body", body)
    return iter(several)


def checked_piece(piece: Any) -> bytes:
    """A piece of a body. Raises TransportError for what is none, TimeoutError once the time is over."""
    if (clock := current.clock) is not None:
        clock.wait()
    if not isinstance(piece, (bytes, bytearray, memoryview)):
        raise _wrong("bytes as the body", piece)
    return bytes(piece)


def _wrong(expected: str, given: Any) -> TransportError:
    return TransportError(f"the transport was expected to return {expected}, and returned {kind_of(given)}")
