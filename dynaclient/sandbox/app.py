"""A request in, a response out: routes, credentials, validation and responses in their order. No sockets."""

from __future__ import annotations

import json
import logging
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from dynaclient._support.missing import MISSING
from dynaclient.calls.credentials import INVALID
from dynaclient.client import Client, executor_of
from dynaclient.document.model import Operation, SecurityScheme
from dynaclient.document.operations import OperationBuilder
from dynaclient.generation.factory import Unsatisfiable
from dynaclient.sandbox.callbacks import Callback, Caller
from dynaclient.sandbox.consistency import Given
from dynaclient.sandbox.explorer import Explorer
from dynaclient.sandbox.responses import (
    PreparedResponse,
    Responses,
    header_text,
    preferred_example,
    preferred_status,
    refusal,
    success,
    successes,
    undocumented_response,
)
from dynaclient.sandbox.store import Store, Visit
from dynaclient.sandbox.validation import Judge
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.media_types import essence, is_xml
from dynaclient.wire.percent import encode
from dynaclient.wire.request_reader import Incoming, Received
from dynaclient.wire.routes import RouteMatch, Routes

__all__ = ["Exchange"]


def missing(operation: Operation, schemes: Mapping[str, SecurityScheme], incoming: Incoming) -> list[str]:
    """Why the request gets a 401, a line for each scheme that is missing; nothing where one alternative of
    schemes is carried (Security Requirement Object)."""
    alternatives = [
        [name for name in each if name in schemes and not _carried(schemes[name], incoming)]
        for each in operation.security or ()
    ]
    if not alternatives or any(not lacking for lacking in alternatives):
        return []
    return list(dict.fromkeys(_line(schemes[name]) for lacking in alternatives for name in lacking))


def www_authenticate(operation: Operation, schemes: Mapping[str, SecurityScheme]) -> str:
    """The WWW-Authenticate of a 401 (RFC 9110, section 11.6.1)."""
    names = dict.fromkeys(name for each in operation.security or () for name in each if name in schemes)
    kinds = dict.fromkeys(_challenge(schemes[name]) for name in names)
    return ", ".join(f'{kind} realm="sandbox"' for kind in kinds)


def _challenge(scheme: SecurityScheme) -> str:
    if scheme.kind == "http":
        return scheme.scheme.capitalize() or "Basic"
    return "ApiKey" if scheme.kind == "apiKey" else "Bearer"


NOBODY = b64encode(b"nobody:invalid").decode()
OF_NOBODY = 'username="nobody"'
"""What HTTP Basic and Digest make of the credential that is refused."""


def _carried(scheme: SecurityScheme, incoming: Incoming) -> bool:
    return _KINDS.get(scheme.kind, _anything)(scheme, incoming)


def _api_key(scheme: SecurityScheme, incoming: Incoming) -> bool:
    if scheme.location in ("query", "cookie"):
        found = [value for name, value in incoming.pairs(scheme.location) if name == scheme.parameter]
        return any(value not in ("", INVALID) for value in found)
    return (incoming.header(scheme.parameter) or "").strip() not in ("", INVALID)


def _http(scheme: SecurityScheme, incoming: Incoming) -> bool:
    """`Authorization: Scheme value`."""
    kind = scheme.scheme if scheme.kind == "http" else "bearer"
    said, _, value = (incoming.header("Authorization") or "").strip().partition(" ")
    return said.lower() == kind and value.strip() not in ("", INVALID, NOBODY) and OF_NOBODY not in value


def _anything(scheme: SecurityScheme, incoming: Incoming) -> bool:
    """mutualTLS and what is not known do not travel in the request."""
    return True


_KINDS: dict[str, Callable[[SecurityScheme, Incoming], bool]] = {
    "apiKey": _api_key,
    "http": _http,
    "oauth2": _http,
    "openIdConnect": _http,
}


def _line(scheme: SecurityScheme) -> str:
    if scheme.kind == "apiKey":
        return f"{scheme.name}: no value in the {scheme.location or 'header'} {scheme.parameter}"
    kind = scheme.scheme if scheme.kind == "http" else "bearer"
    return f"{scheme.name}: no `Authorization: {kind.capitalize()} ...` header"


logger = logging.getLogger("dynaclient")


@dataclass(frozen=True)
class Exchange:
    """One request that the sandbox saw, and its response."""

    method: str
    target: str = field(repr=False)
    """The raw path and query."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    operation: str | None
    """The key of the operation; None where the path or the method means none."""
    reasons: tuple[str, ...]
    """Why the request is wrong; empty for a right one."""
    status: int
    answer: bytes = field(repr=False)
    """The body of the response."""
    answer_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    callbacks: tuple[Callback, ...] = field(default=(), repr=False)
    """What is sent after the response, or why it is not (Callback Object)."""


Answered = tuple[str | None, tuple[str, ...], PreparedResponse, tuple[Callback, ...]]
"""The key of the operation, reasons, response, and the callbacks that follow it."""


class Service:
    """Responds to requests to the operations of one document.

    `url`: gives the one that it is served at. `alone`: nobody but this machine reaches it.
    """

    def __init__(self, client: Client, seed: int, url: Callable[[], str], alone: bool) -> None:
        self._operations = client.operations
        self._schemes = OperationBuilder(client.document).security_schemes()
        self._routes = Routes(client.operations)
        self._base = urlsplit(client.server or "").path.rstrip("/")
        self._compiled = executor_of(client).compiled
        self._judge = Judge(client)
        self._responses = Responses(client, seed)
        self._caller = Caller(client, self._responses, seed, alone)
        self._store = Store(client, seed)
        self.explorer = Explorer(client, url)
        self._url = url
        self._lock = threading.Lock()  # what is compiled on first use is shared by all threads

    def respond(self, incoming: Incoming) -> Exchange:
        """The exchange that comes of a request."""
        operation, reasons, reply, callbacks = self._answered(incoming)
        return Exchange(
            method=incoming.method,
            target=incoming.target,
            headers=incoming.headers,
            body=incoming.body,
            operation=operation,
            reasons=tuple(reasons),
            status=reply.status,
            answer=b"" if incoming.method == "HEAD" else reply.body,
            answer_headers=reply.headers if operation is None else _harmless(reply.headers),
            callbacks=callbacks,
        )

    def _answered(self, incoming: Incoming) -> Answered:
        if page := self.explorer.own_page(incoming):
            return None, (), page, ()
        incoming, found = self._routed(incoming)
        if not isinstance(found, RouteMatch):
            if not found and (page := self.explorer.front_page(incoming)):
                return None, (), page, ()
            reasons, reply = _unrouted(incoming, found)
            return None, reasons, _noted(reply, reasons, ""), ()
        try:
            with self._lock:
                return self._meant(incoming, found)
        except Exception as error:  # a fault of the sandbox or of the document; the next request may be right
            logger.exception("the sandbox failed on %s", found.key)
            reasons = (f"the sandbox failed: {type(error).__name__}: {error}",)
            return found.key, reasons, _noted(undocumented_response(500, reasons), reasons, ""), ()

    def _meant(self, incoming: Incoming, found: RouteMatch) -> Answered:
        """Of what the path means alike, the first that finds the request right."""
        first = self._operated(incoming, found)
        if first[1]:
            for other in filter(partial(self._takes, incoming), found.others):
                tried = self._operated(incoming, other)
                if not tried[1]:
                    return tried
        return first

    def _takes(self, incoming: Incoming, found: RouteMatch) -> bool:
        """Whether the request is right for `found` as we read it."""
        try:
            return not self._compiled(found.key).receive(incoming.uncoded(), found.values).violations
        except Undecodable:
            return False

    def _routed(self, incoming: Incoming) -> tuple[Incoming, RouteMatch | tuple[str, ...]]:
        """The request and what it means. Who takes the server from the document sends that one's path too."""
        found = self._routes.find(incoming.method, incoming.path, incoming.query)
        if found == () and self._base and incoming.path.startswith(f"{self._base}/"):
            shorter = replace(incoming, target=incoming.target.removeprefix(self._base))
            found = self._routes.find(shorter.method, shorter.path, shorter.query)
            return (shorter if found else incoming), found
        return incoming, found

    def _operated(self, incoming: Incoming, found: RouteMatch) -> Answered:
        key, operation = found.key, self._operations[found.key]
        lacking = tuple(missing(operation, self._schemes, incoming))
        if lacking:
            reply = self._documented(operation, 401, incoming, None, lacking)
            challenge = ("WWW-Authenticate", www_authenticate(operation, self._schemes))
            return (
                key,
                lacking,
                _noted(PreparedResponse(401, (*reply.headers, challenge), reply.body), lacking, ""),
                (),
            )
        try:
            incoming = incoming.uncoded()
        except Undecodable as error:
            reasons = (str(error),)
            return key, reasons, _noted(undocumented_response(400, reasons), reasons, ""), ()
        received = self._compiled(operation.key).receive(incoming, found.values)
        verdict = self._judge.judge(operation, incoming, found.values, received)
        if verdict.reasons:
            status = refusal(operation, *(each.where for each in received.violations.get("body", ())))
            reply = self._documented(operation, status, incoming, None, verdict.reasons)
            return key, verdict.reasons, _noted(reply, verdict.reasons, verdict.judge), ()
        visit = self._store.visit(operation, received, found.values)
        status, note = self._wanted(operation, incoming, visit)
        if preferred_status(incoming) is None and (
            refused := self._unfit(operation, incoming, received, found.values, visit)
        ):
            return key, refused[0], _noted(refused[1], refused[0], verdict.judge), ()
        given = _given(received, visit if 200 <= status < 300 else None)
        reply = self._documented(operation, status, incoming, given, ())
        if visit is not None and 200 <= reply.status < 300:
            reply = self._located(operation, incoming, reply, visit)
        callbacks: tuple[Callback, ...] = ()
        if reply.status < 400:
            callbacks = tuple(self._caller.of(operation, incoming, received, reply, self._url()))
        return key, (), _noted(reply, (), verdict.judge + note, "; ".join(map(str, callbacks))), callbacks

    def _unfit(
        self,
        operation: Operation,
        incoming: Incoming,
        received: Received,
        path: Mapping[str, str],
        visit: Visit | None,
    ) -> tuple[tuple[str, ...], PreparedResponse] | None:
        """The documented 404 for what was removed, and the documented 409 for what is there already."""
        gone = self._store.gone(operation, received, path)
        if gone and operation.response(404) is not None:
            return (gone,), self._documented(operation, 404, incoming, None, (gone,))
        listed = any(each.status == "409" for each in operation.responses)
        if listed and visit is not None and visit.conflict:
            reasons = (visit.conflict,)
            return reasons, self._documented(operation, 409, incoming, None, reasons)
        return None

    def _located(
        self, operation: Operation, incoming: Incoming, reply: PreparedResponse, visit: Visit
    ) -> PreparedResponse:
        """The response, with the Location of what was made where it says that something was."""
        made = visit.settle()
        if not made or reply.status != 201:
            return reply
        path = incoming.path.rstrip("/") + (f"/{encode(made)}" if visit.kind == "make" else "")
        response = operation.response(201)
        described = (
            next((each for each in response.headers if each.name.lower() == "location"), None)
            if response
            else None
        )
        schema = described.value_schema if described is not None else None
        urls = [path, self._url() + path]
        fitting = [each for each in urls if schema is None or self._responses.is_valid(schema)(each)]
        kept = tuple(pair for pair in reply.headers if pair[0].lower() != "location" or not fitting)
        return replace(reply, headers=(*kept, *[("Location", each) for each in fitting[:1]]))

    def _wanted(self, operation: Operation, incoming: Incoming, visit: Visit | None) -> tuple[int, str]:
        """The status of a right request, the one that Prefer names if documented; and what is ignored."""
        code, note = preferred_status(incoming), ""
        if code is not None and operation.response(code) is None:
            code, note = None, f"; Prefer: code={code} is undocumented, ignored"
        status = (success(operation) if visit is None else visit.status(operation)) if code is None else code
        name = preferred_example(incoming)
        if name is not None and not self._responses.has_example(operation, status, incoming, name):
            note += f"; Prefer: example={name} is no valid example of the response, ignored"
        return status, note

    def _documented(
        self,
        operation: Operation,
        status: int,
        incoming: Incoming,
        given: Given | None,
        reasons: tuple[str, ...],
    ) -> PreparedResponse:
        """The response with `status`; another success where no value meets the schemas of this one."""
        try:
            return self._responses.documented(operation, status, incoming, given, reasons)
        except Unsatisfiable as error:
            if reasons:
                return undocumented_response(status, reasons)
            for other in successes(operation) if status < 400 else ():
                with suppress(Unsatisfiable):
                    return self._responses.documented(operation, other, incoming, given)
            why = f"no response of {operation.key} with {status} matches the document: {error}"
            return self._responses.impossible(operation, status, incoming, why)


def _harmless(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The headers of a documented response, with a policy where a browser would run its scripts: they would
    have the origin of the explorer, and of whatever is served at this port another day."""
    kind = essence(next((value for name, value in headers if name.lower() == "content-type"), ""))
    documented = any(name.lower() == "content-security-policy" for name, _ in headers)
    if documented or not (kind == "text/html" or is_xml(kind)):
        return headers
    return (*headers, ("Content-Security-Policy", "sandbox"))


def _unrouted(incoming: Incoming, methods: tuple[str, ...]) -> tuple[tuple[str, ...], PreparedResponse]:
    if not methods:
        reasons: tuple[str, ...] = (f"the document has no path that matches {incoming.path}",)
        return reasons, undocumented_response(404, reasons)
    allowed = ", ".join(methods)
    reasons = (f"{incoming.path} has no method {incoming.method}; documented: {allowed}",)
    reply = undocumented_response(405, reasons)
    return reasons, PreparedResponse(405, (*reply.headers, ("Allow", allowed)), reply.body)


def _noted(
    reply: PreparedResponse, reasons: tuple[str, ...], judge: str, callbacks: str = ""
) -> PreparedResponse:
    notes = {
        "X-Sandbox-Judge": judge,
        "X-Sandbox-Reasons": "; ".join(reasons),
        "X-Sandbox-Callbacks": callbacks,
    }
    texts = [(name, header_text(text)) for name, text in notes.items() if text]
    return PreparedResponse(reply.status, (*reply.headers, *texts), reply.body)


def _given(received: Received, visit: Visit | None) -> Given:
    said = {
        place: {each.name: value for each, value in received.values.items() if each.location == place}
        for place in ("query", "path")
    }
    body = None if received.body is MISSING else _plain(received.body)
    finish = visit.finished if visit is not None else None
    return Given({**said["query"], **said["path"]}, body, said["path"], finish)


def _plain(body: Any) -> Any:
    """The body if a response can hold it: no bytes."""
    try:
        json.dumps(body)
    except TypeError:
        return None
    return body
