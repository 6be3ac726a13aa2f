"""Recorded exchanges, held against a document: which of them a newer one breaks. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.client import Client, executor_of
from dynaclient.contract.pointers import reached
from dynaclient.document.model import Operation
from dynaclient.document.servers import servers
from dynaclient.errors import DocumentError, Violation
from dynaclient.transport.policy import redirect_target
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange, RecordedResponse
from dynaclient.wire.redacted_text import REDACTED
from dynaclient.wire.request import Request
from dynaclient.wire.request_reader import Incoming, Received
from dynaclient.wire.routes import RouteMatch, Routes

__all__ = ["CheckedExchange", "RecordedRoutes", "check_archive"]


@dataclass(frozen=True)
class CheckedExchange:
    """A recorded exchange, and what of it breaks a document.

    `operation`: its key in the document; empty where the document has none for it. `is_known`: whether it is
    of the API at all: what another tool recorded may be an image of a page.
    """

    exchange: RecordedExchange
    operation: str
    request: tuple[Violation, ...] = ()
    response: tuple[Violation, ...] = ()
    is_known: bool = True

    @property
    def ok(self) -> bool:
        """Whether the document allows the request, and the response."""
        return not self.request and not self.response


def check_archive(client: Client, archive: Archive) -> list[CheckedExchange]:
    """What of each exchange breaks the document of `client`, in their order.

    A value that was taken out of the recording breaks nothing, nor does a body that is not there.
    """
    routes = RecordedRoutes(client, archive)
    return [_checked(client, routes, each) for each in archive.exchanges]


class RecordedRoutes:
    """Which operation of a document a recorded request means, whatever server it was recorded from."""

    def __init__(self, client: Client, archive: Archive) -> None:
        named = [each.url for each in servers(client.document.root.get("servers"))]
        paths = [
            urlsplit(each).path.rstrip("/") for each in _urls([archive.server, client.server or "", *named])
        ]
        self._bases = [*dict.fromkeys([*paths, ""])]
        self._routes = Routes(client.operations)

    def find(self, request: Request) -> tuple[str, RouteMatch | tuple[str, ...]]:
        """The target below the server's path, and the operation; or else the methods that its path has."""
        methods: tuple[str, ...] = ()
        for base in self._bases:
            if request.target.startswith(f"{base}/"):
                target = request.target.removeprefix(base)
                path, _, query = target.partition("?")
                found = self._routes.find(request.method, path, query)
                if isinstance(found, RouteMatch):
                    return target, found
                methods = methods or found
        return request.target, methods


def _urls(texts: Iterable[str]) -> Iterator[str]:
    for each in texts:
        try:
            urlsplit(each)
        except ValueError:
            continue
        yield each


def _checked(client: Client, routes: RecordedRoutes, exchange: RecordedExchange) -> CheckedExchange:
    target, found = routes.find(exchange.request)
    if not isinstance(found, RouteMatch):
        known = bool(exchange.operation or found)
        wrong = _unrouted(client, exchange, found) if known else ()
        return CheckedExchange(exchange, "", tuple(wrong), is_known=known)
    operation = client.operations[found.key]
    compiled = executor_of(client).compiled(found.key)
    sent = [*_renamed(client, exchange, operation), *_sent(compiled, exchange, target, found)]
    return CheckedExchange(exchange, found.key, tuple(sent), tuple(_came(compiled, exchange)))


# -- the request --------------------------------------------------------------------------------------


def _unrouted(client: Client, exchange: RecordedExchange, methods: Sequence[str]) -> Iterator[Violation]:
    moved = client.operations.get(exchange.operation)
    where = f"; {exchange.operation} is {moved.method} {moved.path} now" if moved is not None else ""
    if methods:
        yield Violation(
            "path",
            "",
            "",
            f"{exchange.request.method} is not documented there, but {', '.join(methods)}{where}",
        )
    else:
        yield Violation("path", "", "", f"the document has no such path{where}")


def _renamed(client: Client, exchange: RecordedExchange, operation: Operation) -> Iterator[Violation]:
    """A name that a program calls, and that the document has not any more."""
    called = exchange.operation
    if called and called not in client.operations:
        message = f"the document has no operation {called!r}; it is called {operation.key!r} now"
        yield Violation("argument", called, "", message, operation.node.place)


def _sent(
    compiled: CompiledOperation, exchange: RecordedExchange, target: str, found: RouteMatch
) -> Iterator[Violation]:
    request = exchange.request
    body = request.body if isinstance(request.body, bytes) else b""
    incoming = Incoming(request.method, target, request.fields, body)
    try:
        received = compiled.receive(incoming.uncoded(), found.values)
    except Undecodable as error:
        yield Violation("body", "body", "", str(error))
        return
    for part, violations in received.violations.items():
        if part == "body":
            kept = not exchange.missing and REDACTED.encode() != body
            yield from (each for each in violations if kept and not _is_taken_out(received.body, each))
        elif REDACTED not in "".join(incoming.raw(part, found.values)):
            yield from violations
    if exchange.operation:
        yield from _undocumented(compiled.operation, incoming, received)


def _undocumented(operation: Operation, incoming: Incoming, received: Received) -> Iterator[Violation]:
    """Parameters that were arguments of the call once, and would be refused now."""
    documented = {each.name for each in operation.parameters if each.location == "query"}
    if any(isinstance(value, dict) for each, value in received.values.items() if each.location == "query"):
        return  # an object spreads over names that its schema need not list
    for name in dict.fromkeys(
        unquote_plus(name) for name, value in incoming.pairs("query") if value != REDACTED
    ):
        if name not in documented and name.partition("[")[0] not in documented:
            message = f"{operation.key} has no such parameter"
            yield Violation("argument", name, "", message, operation.node.place)


# -- the response -------------------------------------------------------------------------------------


def _came(compiled: CompiledOperation, exchange: RecordedExchange) -> Iterator[Violation]:
    """What a client would say of the response; what it passes over on its way to that breaks nothing."""
    response, request = exchange.response, exchange.request
    if response is None or redirect_target(request.method, request.url, response.status, response.headers):
        return
    try:
        reading = compiled.read(response.status, response.headers, response.content, check=True)
    except DocumentError as error:
        yield Violation("body", "body", "", str(error))
        return
    for each in reading.violations:
        if not _is_passed_over(each, exchange, response) and not _is_hidden(each, response, reading.data):
            yield each


def _is_passed_over(violation: Violation, exchange: RecordedExchange, response: RecordedResponse) -> bool:
    """A status from 400 on is an error, documented or not; nothing is said of a body that is not there."""
    if violation.where == "status":
        return response.status >= 400 or (response.status < 300 and not response.content)
    bodiless = response.missing or exchange.request.method == "HEAD"
    return bool(bodiless) and violation.where in ("body", "content-type")


def _is_hidden(violation: Violation, response: RecordedResponse, data: Any) -> bool:
    if violation.where == "header":
        return REDACTED in response.headers.get(violation.name, "")
    return violation.where == "body" and _is_taken_out(data, violation)


def _is_taken_out(value: Any, violation: Violation) -> bool:
    """Whether a violation is about a value that stands for a secret."""
    found = reached(value, violation.pointer)
    return isinstance(found, str) and REDACTED in found
