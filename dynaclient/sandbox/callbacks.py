"""Callbacks (Callback Object): the requests that an operation promises, made from the document and sent.

They go to this machine alone. Whoever asks names the URL, so a sandbox that sent to any would reach for them
what they cannot reach themselves: only an `http` URL of a loopback address is called, its redirects stay
there, no proxy stands between, and a sandbox that others can reach sends none.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynaclient._support.messages import kind_of
from dynaclient._support.missing import MISSING
from dynaclient.calls.links import held, lower
from dynaclient.client import Client, executor_of
from dynaclient.document.model import MediaType, Operation
from dynaclient.document.servers import without_user
from dynaclient.errors import DocumentError, DynaclientError
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.sandbox.responses import PreparedResponse, Responses, stable_seed
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.session import Transport
from dynaclient.transport.url import request_line, without_query
from dynaclient.wire import media_types
from dynaclient.wire.encoded import Encoded
from dynaclient.wire.expressions import ABSENT, ExpressionContext, Message, Unevaluable, evaluate
from dynaclient.wire.request_builder import RequestBuilder, RequestDraft
from dynaclient.wire.request_reader import Incoming, Received, decoded

if TYPE_CHECKING:
    from dynaclient.transport.session import Transport

logger = logging.getLogger("dynaclient")

SECONDS = 5.0
"""How long one callback may take, its response included."""

MAX_AT_ONCE = 8
"""How many callbacks may be under way; one more is not sent."""

_MAX_ANSWER = 1024 * 1024
_ATTEMPTS = 5


@dataclass(frozen=True)
class Callback:
    """A request that follows a response; `reason` says why it is not sent, empty where it is."""

    name: str
    method: str = ""
    url: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.reason or request_line(self.method, self.url)}"


class Caller:
    """Makes the callbacks of one document's operations. `alone`: only this machine reaches it."""

    def __init__(self, client: Client, responses: Responses, seed: int, alone: bool) -> None:
        self._client = client
        self._responses = responses
        self._seed = seed
        self._alone = alone
        self._maker = Maker(client.document, client.checkers, "response")

    def of(
        self, operation: Operation, incoming: Incoming, received: Received, reply: PreparedResponse, own: str
    ) -> Iterator[Callback]:
        """The callbacks that follow from a right request and its response. `own`: the URL of the sandbox."""
        if not operation.callbacks:
            return
        exchange = _exchange(operation, incoming, received, reply, own)
        seed = stable_seed(self._seed, incoming)
        for name, receiver in executor_of(self._client).callbacks(operation).items():
            for expression, promised in receiver.requests:
                yield self._callback(name, expression, promised, exchange, own, seed)

    def _callback(
        self,
        name: str,
        expression: str,
        promised: Operation,
        exchange: ExpressionContext,
        own: str,
        seed: int,
    ) -> Callback:
        try:
            if not self._alone:
                raise NotCalled("a sandbox that does not listen on a loopback address calls nobody")
            url = evaluate(expression, exchange)
            base, path, query = callback_target(url, own)
            draft = self._draft(replace(promised, path=path), seed)
        except (Unevaluable, NotCalled, Unsatisfiable, DocumentError) as error:
            return Callback(name, reason=f"not sent: {error}")
        draft.query[:0] = [query] if query else []
        headers = list(draft.headers.items())
        if draft.cookies:
            headers.append(("Cookie", "; ".join(draft.cookies)))
        body = draft.body if isinstance(draft.body, bytes) else b""
        return Callback(name, draft.method, base + draft.target, tuple(headers), body)

    def _draft(self, promised: Operation, seed: int) -> RequestDraft:
        """The request, with what is required of it. Raises Unsatisfiable."""
        found: list[Any] = []
        for attempt in range(_ATTEMPTS):
            values = {
                each: self._maker.example(each.value_schema, seed + attempt) if each.value_schema else "x"
                for each in promised.parameters
                if each.required
            }
            content = promised.body.content if promised.body else {}
            draft = RequestBuilder(promised).build(values, self._body(content.values(), seed))
            if not draft.violations:
                return draft
            found = draft.violations
        raise Unsatisfiable(f"no request was found that can be sent: {found[0]}")

    def _body(self, content: Iterable[MediaType], seed: int) -> Encoded | None:
        chosen = min(
            content, key=lambda each: not media_types.is_json(media_types.essence(each.name)), default=None
        )
        return Encoded(*self._responses.content(chosen, seed)) if chosen else None


class NotCalled(ValueError):
    """A URL that a sandbox does not call."""


def callback_target(url: Any, own: str) -> tuple[str, str, str]:
    """Origin, path and query of a URL that may be called. Raises NotCalled.

    The origin is written from what was looked at: no other reader of URLs may see another host in it.
    """
    told = repr(without_query(without_user(url))) if isinstance(url, str) else kind_of(url)
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        raise NotCalled(f"{told} is not a URL") from None
    if parts.scheme != "http" or "@" in parts.netloc or not is_loopback(host):
        raise NotCalled(
            f"{told} is not an http URL of a loopback address, the only ones that a sandbox calls"
        )
    if port == urlsplit(own).port:
        raise NotCalled(f"{told} is the sandbox itself")
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}", parts.path or "/", parts.query


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else: a loopback address, or `localhost` where it is one."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    if host != "localhost":
        return False
    with suppress(OSError):
        return all(ip_address(each[4][0]).is_loopback for each in socket.getaddrinfo(host, None))
    return False


def _exchange(
    operation: Operation, incoming: Incoming, received: Received, reply: PreparedResponse, own: str
) -> ExpressionContext:
    """What runtime expressions may refer to, as the sandbox saw it."""
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter, value in received.values.items():
        given.get(parameter.location, {})[parameter.name] = value
    pairs = {decoded(name, plus=True): decoded(value, plus=True) for name, value in incoming.pairs("query")}
    request = Message(
        "the request",
        headers={**{name.lower(): value for name, value in incoming.headers}, **lower(given["header"])},
        path=given["path"],
        query={**pairs, **given["query"]},
        body=ABSENT if received.body is MISSING else received.body,
    )
    headers = {name.lower(): value for name, value in reply.headers}
    body = held(reply.body, headers.get("content-type", "")) if reply.body else ABSENT
    response = Message("the response", headers=headers, body=body)
    return ExpressionContext(own + incoming.target, operation.method, reply.status, request, response)


class CallbackSender:
    """Sends callbacks in the background: each once, within SECONDS, no more than MAX_AT_ONCE at a time."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(MAX_AT_ONCE)

    def send(self, several: Iterable[Callback]) -> None:
        """Send those that have no reason not to be sent; what comes of it is logged."""
        for callback in several:
            if callback.reason:
                continue
            if not self._free.acquire(blocking=False):
                logger.warning("callback %s was not sent: %d are under way", callback, MAX_AT_ONCE)
                continue
            threading.Thread(target=self._run, args=(callback,), daemon=True).start()

    def _run(self, callback: Callback) -> None:
        try:
            status = _sent(callback)
            logger.debug("callback %s: %d", callback, status)
        except DynaclientError as error:
            logger.warning("callback %s failed: %s", callback, error)
        finally:
            self._free.release()


def _sent(callback: Callback) -> int:
    """The status of the response. Raises TransportError, RequestInvalid."""
    import requests  # late: 91 ms

    with requests.Session() as session:
        session.trust_env = False  # neither a proxy nor a netrc of the environment's
        transport = _transport(session)
        request = transport.prepare(
            callback.method, callback.url, callback.headers, callback.body or None, credential_chosen=False
        )
        return transport.send(request).status


def _transport(session: Any) -> Transport:
    return Transport(session=session, timeout=Timeout(total=SECONDS), retries=0, max_body=_MAX_ANSWER)
