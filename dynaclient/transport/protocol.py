"""What a transport is: the seam between what a call decides and the sockets.

A transport does one exchange: a request out, a response in. Everything else (redirects, retries, challenges,
deadlines over several tries, the bound on a body, its Content-Encoding) is done around it, once for all
transports. There are three ways to have one: the default goes over requests, `transport="urllib3"` straight
to urllib3, and an object of the user's is a BaseTransport (AsyncBaseTransport for an AsyncClient) by its
methods alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from dynaclient._support.messages import kind_of, short_repr
from dynaclient.errors import SettingsError

if TYPE_CHECKING:
    from dynaclient.transport.deadline import Timeout
    from dynaclient.wire.request import Request

Lean = Literal["urllib3"]
LEAN: Lean = "urllib3"
"""The lean transport: straight to urllib3, without requests."""

__all__ = ["AsyncBaseTransport", "BaseTransport", "RawResponse"]


@dataclass(frozen=True)
class RawResponse:
    """The response of one exchange, as a transport gives it.

    `headers` are pairs, in the order and as often as they came. `body` is bytes, or an iterable of them (an
    async one from an AsyncBaseTransport) that is read while the response is taken, as they came: where a
    library undoes the Content-Encoding itself, leave that header and Content-Length out. `on_close` lets go
    of the connection; it is called once, when the body was read, or when nobody wants the rest of it.
    """

    status: int
    headers: Iterable[tuple[str, str]] = field(default=(), repr=False)
    body: bytes | Iterable[bytes] | AsyncIterable[bytes] = field(default=b"", repr=False)
    on_close: Callable[[], Any] | None = field(default=None, repr=False)
    reason: str = ""


class BaseTransport(Protocol):
    """What your own object has to have for `Client(transport=...)`. Threads share it as the client."""

    def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        """Send `request` once, as it is, and give the response when its head has come, whatever its status.

        `request.method`, `.url` (its `target` goes on the wire byte for byte), `.fields` (all headers but
        Host, as pairs) and `.body`: bytes, an object with `read(size)`, or None. `timeout` is in seconds:
        `total` is what is left of the call, None for no limit.

        What it raises becomes a TransportError with that as its cause. A ConnectError is repeated where that
        is safe, a TimeoutError becomes DeadlineExceeded where the time of the call is over.
        """

    def close(self) -> None:
        """Let go of all connections: the client is closed. It may be asked for more after that."""


class AsyncBaseTransport(Protocol):
    """`AsyncClient(transport=...)`: as BaseTransport, awaited."""

    async def exchange(self, request: Request, timeout: Timeout) -> RawResponse:
        """As BaseTransport.exchange; the body may be an async iterable, and `on_close` may be awaitable."""

    async def aclose(self) -> None:
        """As BaseTransport.close."""


def checked_transport(value: Any, session: Any, trust: Mapping[str, Any]) -> Any:
    """What `transport=` of a Client means: "urllib3" or a BaseTransport. Raises SettingsError.

    `trust`: settings that say nothing to an object of the user's.
    """
    if not isinstance(value, str) or value != LEAN:
        check_given(value, "close", f'"{LEAN}" or ')
        check_beside(trust)
    if session is not None:
        raise SettingsError("session= and transport= cannot both be: each says what requests are sent over")
    return value


def check_given(value: Any, close: str, others: str = "") -> None:
    """Raise SettingsError for what is no transport of the user's: it has `exchange`, and what closes it.

    `others`: what might be given instead, as the message lists it.
    """
    methods = ("exchange", close)
    if isinstance(value, type) or not all(callable(getattr(value, each, None)) for each in methods):
        expected = f"{others}an object with {methods[0]}() and {methods[1]}()"
        if isinstance(value, type):
            got = f"the class {value.__name__}"
        else:
            got = short_repr(value) if isinstance(value, str) else kind_of(value)
        raise SettingsError(f"transport: expected {expected}, got {got}")


def check_beside(trust: Mapping[str, Any]) -> None:
    """Raise SettingsError for a setting that says nothing to a transport of the user's."""
    for name, other in trust.items():
        if other is not None:
            raise SettingsError(
                f"{name}= says nothing to a transport of your own: set it up there, or leave transport= out"
            )
