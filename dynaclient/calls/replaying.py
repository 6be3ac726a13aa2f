"""Recordings in the place of a server: what a client gets was recorded, and nothing is sent."""

from __future__ import annotations

import os
from contextvars import ContextVar
from os import PathLike
from typing import Any

from dynaclient import errors
from dynaclient._support.messages import kind_of
from dynaclient.calls.observers import Observer, OngoingCall
from dynaclient.document.files import content
from dynaclient.errors import ConnectError, DocumentError, NotRecorded, SettingsError, TransportError
from dynaclient.transport.protocol import RawResponse
from dynaclient.transport.url import named
from dynaclient.wire.percent import query_names
from dynaclient.wire.recordings.archive import read_archive
from dynaclient.wire.recordings.exchange import MAX_ARCHIVE, Archive, RecordedExchange
from dynaclient.wire.recordings.matching import Player
from dynaclient.wire.redaction import may_be_secret, secrets
from dynaclient.wire.request import Request

__all__ = ["AsyncReplay", "Replay", "archive_at"]

_UNDONE = frozenset(("content-encoding", "content-length", "transfer-encoding"))
"""Header fields that say how a body travels; a recorded one does not."""

_asked: ContextVar[OngoingCall | None] = ContextVar("asked", default=None)


def archive_at(path: str | PathLike[str]) -> Archive:
    """The recording in a file: a HAR, or a cassette of vcrpy.

    Raises SettingsError for what cannot be read, or is none.
    """
    if not isinstance(path, (str, PathLike)):
        raise SettingsError(f"replay: expected the path of a recording, got {kind_of(path)}")
    try:
        data = content(path, MAX_ARCHIVE)
    except DocumentError as error:
        raise SettingsError(f"the recording {error}") from None
    return read_archive(data, repr(os.fspath(path)))


class Replay(Observer):
    """A transport that gives what was recorded; as an observer it learns whose request it gets.

    Each recorded exchange is given once, those that a request means in their order. Threads share one.
    """

    is_setting = True
    is_recording = True
    """What transports are known by: between two attempts nothing is waited for."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._player = Player(_settled(archive))

    def sends(self, call: OngoingCall) -> None:
        """Whose request comes next, in this thread or task."""
        _asked.set(call)

    def exchange(self, request: Request, timeout: Any) -> RawResponse:
        """What was recorded for `request`. Raises NotRecorded, and what was raised when it was recorded."""
        return self._given(request)

    def close(self) -> None:
        """Nothing is open."""

    def _given(self, request: Request) -> RawResponse:
        call = _asked.get()
        _asked.set(None)  # a context lasts: it would keep the last call, and its client with it
        if call is None or call.request is not request:  # for a document, or a part of one
            return _raw(request, self._player.take(request, *self._unsaid(request)))
        hidden = call.signed.security.private
        found = self._player.take(request, hidden, secrets(request, hidden))
        return _raw(request, found)

    def _unsaid(self, request: Request) -> tuple[list[str], list[str]]:
        """Of a document's URL: names that do not count, and texts that no message shows. Any may be a key."""
        names = query_names(request.url.partition("?")[2].partition("#")[0].split("&"))
        known = (request, *(each.request for each in self.archive.exchanges))
        texts = {text for each in known for text in secrets(each, names)}
        return [*filter(may_be_secret, names)], sorted(texts, key=len, reverse=True)

    def __getstate__(self) -> dict[str, Any]:
        return {"archive": self.archive}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["archive"])  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.archive.name}>"


class AsyncReplay:
    """The same for an AsyncClient, which awaits what a transport gives."""

    is_recording = True

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    async def exchange(self, request: Request, timeout: Any) -> RawResponse:
        """As Replay.exchange."""
        return self._replay.exchange(request, timeout)

    async def aclose(self) -> None:
        """Nothing is open."""


def _settled(archive: Archive) -> Archive:
    """Without the attempts of a call that ended without a response, and were followed by another.

    But those to connect: what comes of them is the same again.
    """
    last = {_call(each): at for at, each in enumerate(archive.exchanges)}
    kept = [
        each
        for at, each in enumerate(archive.exchanges)
        if each.response is not None or not _call(each) or last[_call(each)] == at or _is_lost(each)
    ]
    return Archive(tuple(kept), archive.said, archive.name)


def _call(exchange: RecordedExchange) -> int:
    """The number of the call that it belongs to; 0 where nobody wrote it down."""
    found = exchange.said.get("call")
    return found if isinstance(found, int) else 0


def _is_lost(exchange: RecordedExchange) -> bool:
    return exchange.error.startswith(ConnectError.__name__)


def _raw(request: Request, exchange: RecordedExchange) -> RawResponse:
    response, what = exchange.response, named(request)
    if response is None:
        raise _error(exchange, what)
    if response.missing:
        raise NotRecorded(
            f"{what} was recorded, but not all of its response: {response.missing}; nothing was sent",
            exchange.pointer,
        )
    pairs = [(name, value) for name, value in response.headers.pairs if name.lower() not in _UNDONE]
    return RawResponse(response.status, pairs, response.content, reason=response.reason)


def _error(exchange: RecordedExchange, what: str) -> TransportError:
    """What was raised when it was recorded; of other tools nobody knows more than that nothing came."""
    name, _, said = exchange.error.partition(": ")
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, TransportError)):
        kind, said = ConnectError, exchange.error or f"{what}: no response"
    error = kind(f"{said} (as it was recorded)")
    if isinstance(error, ConnectError):
        error.sent = exchange.said.get("sent") is not False
    return error
