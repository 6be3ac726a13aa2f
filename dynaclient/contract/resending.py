"""Recorded requests, sent again to another server; what comes is compared with what came then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.client import Client, executor_of
from dynaclient.contract.recordings import RecordedRoutes
from dynaclient.contract.report_replay import recorded_draft
from dynaclient.errors import ConnectError, TransportError, Violation
from dynaclient.wire.media_types import essence
from dynaclient.wire.recordings.exchange import Archive, RecordedExchange
from dynaclient.wire.recordings.redacting import was_redacted
from dynaclient.wire.redacted_text import REDACTED
from dynaclient.wire.request import Request
from dynaclient.wire.request_builder import RequestDraft
from dynaclient.wire.routes import RouteMatch

__all__ = ["ResentExchange", "resend", "resend_as_it_is"]

SAFE = ("GET", "HEAD")
"""Methods that change nothing (RFC 9110, section 9.2.1), and that are sent without being allowed."""

_KEPT = frozenset(("accept", "content-type", "content-encoding"))
"""Header fields that are sent as they were recorded, beside those that the document describes."""


@dataclass(frozen=True)
class ResentExchange:
    """A recorded request, and what came of it now.

    `skipped`: why it was not sent; `status` is 0 then, and where no response came. `differences`: what is not
    as it was; `violations`: what of the response breaks the document.
    """

    exchange: RecordedExchange
    operation: str = ""
    status: int = 0
    differences: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    skipped: str = ""

    @property
    def ok(self) -> bool:
        """Whether all is as it was, as far as it was sent."""
        return not self.differences and not self.violations


def resend(
    client: Client, archive: Archive, allowed: Collection[str] | None = SAFE
) -> Iterator[ResentExchange]:
    """Send what the document of `client` describes, with its credentials, one after the other.

    `allowed`: methods that may be sent, None for all. Of a header field that the document does not describe
    nothing is sent: it may be a secret of who recorded it. Raises ConnectError where nobody answers.
    """
    routes = RecordedRoutes(client, archive)
    modes = {"request": "off", "response": "warn", "undeclared": "off"}
    executor = executor_of(client).replace(modes=modes)
    for first, last in _calls(archive):
        target, found = routes.find(first.request)
        if not isinstance(found, RouteMatch):
            yield ResentExchange(last, skipped="the document does not describe it")
            continue
        compiled = executor.compiled(found.key)
        if why := _unsendable(first, allowed):
            yield ResentExchange(last, found.key, skipped=why)
            continue
        signed = executor.signed(compiled.operation, _draft(compiled, first, target))
        try:
            response = executor.complete(signed)
        except TransportError as error:
            yield _failed(last, error, found.key)
        else:
            changed = _differences(last, response.status, response.headers.get("Content-Type") or "")
            yield ResentExchange(last, found.key, response.status, tuple(changed), response.violations)


def resend_as_it_is(
    client: Client, archive: Archive, allowed: Collection[str] | None = SAFE
) -> Iterator[ResentExchange]:
    """Send all to the server of `client`, whatever its document says; responses are not checked."""
    transport = executor_of(client).transport
    for first, last in _calls(archive):
        if why := _unsendable(first, allowed):
            yield ResentExchange(last, first.operation, skipped=why)
            continue
        draft = recorded_draft(first.request, archive.server)
        request = transport.prepare(
            draft.method,
            f"{client.server}{draft.target}",
            [*draft.headers.items()],
            draft.body,
            credential_chosen=False,
        )
        try:
            reply = transport.send(request)
        except TransportError as error:
            yield _failed(last, error, first.operation)
        else:
            changed = _differences(last, reply.status, reply.headers.get("Content-Type") or "")
            yield ResentExchange(last, first.operation, reply.status, tuple(changed))


def _calls(archive: Archive) -> Iterator[tuple[RecordedExchange, RecordedExchange]]:
    """The first and the last exchange of each call: tries, redirects and challenges come of themselves."""
    calls: dict[object, list[RecordedExchange]] = {}
    for at, each in enumerate(archive.exchanges):
        number = each.said.get("call")
        calls.setdefault(number if isinstance(number, int) else ("entry", at), []).append(each)
    for call in calls.values():
        yield call[0], call[-1]


def _unsendable(exchange: RecordedExchange, allowed: Collection[str] | None) -> str:
    if allowed is not None and exchange.request.method not in allowed:
        return f"{exchange.request.method} is not allowed"
    if exchange.missing:
        return f"its body was not kept: {exchange.missing}"
    return "a secret was taken out of it" if _is_redacted(exchange.request) else ""


def _is_redacted(request: Request) -> bool:
    """Whether `***` would be sent as a value; what is left out, in the query and the head, is not."""
    path, _, query = request.target.partition("?")
    kept = (pair for pair in query.split("&") if not pair.endswith(f"={REDACTED}"))
    body = request.body if isinstance(request.body, bytes) else b""
    return REDACTED in path or any(REDACTED in pair for pair in kept) or was_redacted(body)


def _draft(compiled: CompiledOperation, exchange: RecordedExchange, target: str) -> RequestDraft:
    request, parameters = exchange.request, compiled.operation.parameters
    described = {each.name.lower() for each in parameters if each.location == "header"} | _KEPT
    headers = {
        name: value for name, value in request.fields if name.lower() in described and value != REDACTED
    }
    path, _, query = target.partition("?")
    pairs = [pair for pair in query.split("&") if pair and not pair.endswith(f"={REDACTED}")]
    return RequestDraft(request.method, path, pairs, headers, body=request.body)


def _failed(exchange: RecordedExchange, error: TransportError, operation: str) -> ResentExchange:
    if isinstance(error, ConnectError) and not error.sent:
        raise error
    was = exchange.response
    if was is None:
        return ResentExchange(exchange, operation)
    return ResentExchange(exchange, operation, differences=(f"no response: {error}",))


def _differences(exchange: RecordedExchange, status: int, content_type: str) -> Iterator[str]:
    was = exchange.response
    if was is None:
        yield f"status: {status}, recorded is no response"
        return
    if status != was.status:
        yield f"status: {status}, recorded is {was.status}"
    old, new = essence(was.headers.get("Content-Type") or ""), essence(content_type)
    if old != new:
        yield f"content type: {new or 'none'}, recorded is {old or 'none'}"
