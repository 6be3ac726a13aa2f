"""What a client sends and gets, written to a HAR, for tests without a network."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from os import PathLike
from threading import Lock
from time import time
from typing import TYPE_CHECKING, Any

from dynaclient._support.interrupts import let_through
from dynaclient._support.prose import visible
from dynaclient.calls.observers import Observer, OngoingCall
from dynaclient.calls.streaming import replacing
from dynaclient.document.servers import for_people
from dynaclient.errors import DynaclientError, SettingsError
from dynaclient.transport.body import BodyCopy
from dynaclient.transport.policy import Outage
from dynaclient.wire.files import Upload
from dynaclient.wire.recordings.exchange import MAX_ARCHIVE, RecordedExchange, RecordedResponse
from dynaclient.wire.recordings.har import har_entry, har_file
from dynaclient.wire.recordings.redacting import all_secrets, kept_exchange, without_texts
from dynaclient.wire.redaction import unshown

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor
    from dynaclient.transport.policy import ResponseHead
    from dynaclient.wire.request import Request

__all__ = ["Recording"]

_MOST_SECRETS = 200
"""Secrets that are looked for in the exchanges of other calls: those that most of them have."""

TOO_LARGE = f"left out: the recording would be larger than {MAX_ARCHIVE} bytes"


class Recording(Observer):
    """Writes what a client sends and gets to a HAR: `with client.record("calls.har"):`, or `async with`.

    Every exchange of its calls is in it: each attempt, redirects, answers to challenges. Requests for tokens
    are not. Secrets are taken out: `***` stands for credentials, for headers and query parameters that the
    document does not describe, for what is called a secret in a body, and for each of them wherever a server
    says it again. A body that was sent compressed is not kept. The file takes its place when the block ends,
    also by an exception.

    Raises SettingsError where the file cannot be written.
    """

    def __init__(self, executor: BaseExecutor, path: str | PathLike[str], limit: int) -> None:
        try:
            self.path = os.fspath(path)
            folder = os.path.dirname(os.path.abspath(self.path))
        except (TypeError, ValueError):
            raise SettingsError(f"record: expected the path of a file, got {path!r}") from None
        if not os.path.isdir(folder) or os.path.isdir(self.path):
            why = "it is a folder" if os.path.isdir(self.path) else "there is no such folder"
            raise SettingsError(f"record: {self.path!r} cannot be written: {why}")
        self._executor = executor
        self._limit = limit
        self._lock = Lock()
        self._kept: list[_Kept] = []
        self._size = self._calls = 0
        self._is_open = False

    def __enter__(self) -> Recording:
        with self._lock:
            self._is_open = True
        self._executor.observers.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        observers = self._executor.observers
        observers[:] = [each for each in observers if each is not self]
        with self._lock:
            self._is_open = False
        content = self._content()
        with replacing(self.path) as file:
            file.write(content)

    async def __aenter__(self) -> Recording:
        return self.__enter__()

    async def __aexit__(self, *exception: object) -> None:
        self.__exit__()

    def came(self, call: OngoingCall, outcome: ResponseHead | Outage) -> None:
        """Keep an exchange; of a stream what goes through it from now on."""
        body, missing = _sent(call.request, self._limit)
        began, error = time() - call.seconds, ""
        response, copy = None, None
        if isinstance(outcome, Outage):
            error = _named(outcome.error)
        else:
            reply: Any = outcome  # a Reply, or a StreamingReply, whose body is still to come
            if (source := getattr(reply, "source", None)) is not None:
                source.copy = copy = BodyCopy(self._limit)
            content = getattr(reply, "content", b"")
            response = RecordedResponse(reply.status, reply.reason, reply.headers, content)
        with self._lock:
            if not self._is_open:
                return
            number = call.kept.get(self) or self._numbered(call)
            said = {"operation": call.operation.key, "call": number, "attempt": call.attempt}
            if isinstance(outcome, Outage) and not getattr(outcome.error, "sent", True):
                said["sent"] = False
            hidden = unshown(call.signed.request, call.request.url, call.signed.security.private)
            request = replace(call.request, body=body, native=None)
            made = RecordedExchange(request, response, began, call.seconds, error, missing, said)
            self._kept.append(_Kept(self._bounded(made), hidden, copy))

    def _numbered(self, call: OngoingCall) -> int:
        self._calls += 1
        call.kept[self] = self._calls
        return self._calls

    def _bounded(self, exchange: RecordedExchange) -> RecordedExchange:
        """Without its bodies where the file would not be read any more."""
        content = exchange.response.content if exchange.response is not None else b""
        self._size += len(exchange.request.body or b"") + len(content)  # type: ignore[arg-type]
        return exchange if self._size < MAX_ARCHIVE else _bodiless(exchange)

    # -- written -----------------------------------------------------------------------------------------

    def _content(self) -> bytes:
        """The file."""
        with self._lock:
            kept = list(self._kept)
        server = for_people(self._executor.server.url or "")
        document = self._executor.document
        text = json.dumps(document.tree, sort_keys=True, default=str)
        digest = f"sha256:{sha256(text.encode('utf-8', 'replace')).hexdigest()}"
        said = {"document": document.name, "digest": digest, "server": server}
        return har_file(_entries(kept), said)

    def __repr__(self) -> str:
        return visible(f"<{type(self).__name__} {self.path!r}: {len(self._kept)} exchanges>")


class _Kept:
    """An exchange as it was, with what is secret of it."""

    def __init__(
        self,
        exchange: RecordedExchange,
        names: Sequence[str],
        copy: BodyCopy | None,
    ) -> None:
        self._exchange = exchange
        self._names = names
        self._copy = copy
        self.secrets = all_secrets(exchange.request, names)

    def redacted(self) -> RecordedExchange:
        """Without its own secrets."""
        exchange, copy = self._exchange, self._copy
        if copy is not None and exchange.response is not None:
            why = (
                f"the first {len(copy.content)} bytes"
                if copy.is_cut
                else "the stream was not read to its end"
            )
            missing = "" if copy.is_whole else why
            content = bytes(copy.content)
            exchange = replace(
                exchange, response=replace(exchange.response, content=content, missing=missing)
            )
        return kept_exchange(exchange, self._names)


def _entries(kept: Sequence[_Kept]) -> Iterator[str]:
    """The exchanges as they are written, each without the secrets of all."""
    counted = Counter(each for one in kept for each in one.secrets)
    common = [each for each, _ in counted.most_common(_MOST_SECRETS)]
    size = 0
    for each in kept:
        others = sorted((text for text in common if text not in each.secrets), key=len, reverse=True)
        exchange = each.redacted()
        text = har_entry(without_texts(exchange, others) if others else exchange)
        if size + len(text.encode("utf-8", "backslashreplace")) > MAX_ARCHIVE:
            text = har_entry(_bodiless(exchange))
        size += len(text)
        yield text


def _bodiless(exchange: RecordedExchange) -> RecordedExchange:
    request, response = replace(exchange.request, body=None), exchange.response
    missing = TOO_LARGE if exchange.request.body else exchange.missing
    if response is not None and response.content:
        response = replace(response, content=b"", missing=TOO_LARGE)
    return replace(exchange, request=request, response=response, missing=missing)


def _sent(request: Request, limit: int) -> tuple[bytes | None, str]:
    """The body of a request, and why it is not kept."""
    body = request.body
    if not isinstance(body, Upload):
        return body, ""
    if not body.rewindable:
        return None, "it could be read only once"
    try:
        body.rewind()
        content = body.read(limit + 1)
        body.rewind()
    except Exception as error:  # of a file of the user's
        let_through(error)
        return None, "it could not be read again"
    return (content, "") if len(content) <= limit else (None, f"it is larger than {limit} bytes")


def _named(error: BaseException) -> str:
    """What failed; of what is not of our tree, whose text may hold anything, its class alone."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, DynaclientError) else name
