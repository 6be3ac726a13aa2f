"""A request that was accepted and is not done yet (202): it is asked how far it is, where the response says.

`polling` says what to do, as a policy does: it yields how long to wait and what to ask, and is given what
came. It goes to the server of the client alone, and ends: when it is done, refused, or out of time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from time import sleep
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from dynaclient._support.messages import kind_of, setting_name
from dynaclient.calls.arguments import Call
from dynaclient.calls.compiled_operation import CheckedRequest, CompiledOperation
from dynaclient.calls.executor import BaseExecutor, DraftedCall
from dynaclient.calls.response import Response
from dynaclient.document.model import Operation
from dynaclient.document.node import NOWHERE
from dynaclient.errors import DeadlineExceeded, ResponseInvalid, SettingsError, Violation
from dynaclient.transport.deadline import Deadline
from dynaclient.transport.policy import Wait, wished
from dynaclient.transport.url import origin_of, request_line, resolved_url
from dynaclient.wire.redacted_text import redact
from dynaclient.wire.redaction import called_secret, secrets, unshown
from dynaclient.wire.request_builder import RequestDraft, accept
from dynaclient.wire.routes import RouteMatch, Routes

if TYPE_CHECKING:
    from dynaclient.calls.async_executor import AsyncExecutor
    from dynaclient.calls.executor import Executor
    from dynaclient.document.model import Parameter

ACCEPTED = 202
MONITOR = "Operation-Location"
"""Names what tells how far it is, whose body has a `status`."""

SHORTEST = 0.1
"""Seconds between two requests, whatever a server asks for: a Retry-After of 0, or a date that is over."""

ENDED = frozenset({"succeeded", "failed", "canceled", "cancelled"})
"""What that `status` says at the end."""

Until = Callable[[Response], object]

_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


class Ask(NamedTuple):
    """Send a request; its Response is given back."""

    executor: Any
    draft: DraftedCall


Steps = Generator["Wait | Ask", Any, Response]


def polling(
    executor: BaseExecutor, response: Response, until: Until | None, interval: float, timeout: float
) -> Steps:
    """What to do after `response`, step by step; returns the last one.

    Raises SettingsError for settings that cannot be meant, ResponseInvalid where a response says no location,
    or one elsewhere, DeadlineExceeded where `timeout` seconds are not enough.
    """
    _check(until, interval, timeout)
    clock = executor.transport.clock(replace(executor.transport.timeout, total=timeout))
    target, is_monitor = "", MONITOR in response.headers
    if response.status >= 400 or (not is_monitor and until is None and response.status != ACCEPTED):
        return response
    while True:
        if response.status == ACCEPTED or MONITOR in response.headers:
            target = _target(executor, response) or target
        if not target:
            raise _invalid(response, "Location", "the response does not say where to ask: it has none")
        asked = wished(response.headers)
        pause = interval if asked is None else max(asked, min(interval, SHORTEST))
        if pause >= clock.left():
            raise _too_late(executor, target, timeout, response)
        yield Wait(pause)
        response = yield _ask(executor, target, clock, response)
        is_monitor = is_monitor or MONITOR in response.headers
        if response.status >= 400 or (until or _is_done(is_monitor))(response):
            return response


def poll(executor: Executor, *given: Any) -> Response:
    """Do what `polling` says."""
    steps, came = polling(executor, *given), None
    while True:
        try:
            step = steps.send(came)
        except StopIteration as end:
            found: Response = end.value
            return found
        came = None
        if isinstance(step, Wait):
            sleep(step.seconds)
        else:
            came = step.executor.send_draft(step.draft)


async def poll_awaited(executor: AsyncExecutor, *given: Any) -> Response:
    """As `poll`, in a task."""
    import asyncio  # late: 60 ms

    steps, came = polling(executor, *given), None
    while True:
        try:
            step = steps.send(came)
        except StopIteration as end:
            found: Response = end.value
            return found
        came = None
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
        else:
            came = await step.executor.send_draft(step.draft)


def _check(until: Any, interval: Any, timeout: Any) -> None:
    if until is not None and not callable(until):
        raise SettingsError(f"until: expected a function of a Response, got {kind_of(until)}")
    for name, value in (("interval", interval), ("timeout", timeout)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
            raise SettingsError(f"{name}: expected a number of seconds above 0, got {kind_of(value)}")


def _is_done(is_monitor: bool) -> Until:
    def done(response: Response) -> bool:
        status = response.data.get("status") if isinstance(response.data, dict) else None
        if is_monitor and isinstance(status, str):
            return status.lower() in ENDED
        return response.status != ACCEPTED

    return done


def _target(executor: BaseExecutor, response: Response) -> str:
    """The request target that the response names, behind the URL of the server; empty where it names none."""
    name = MONITOR if MONITOR in response.headers else "Location"
    link = response.headers.get(name, "").strip()
    if not link:
        return ""
    base = executor.server.usual.url
    url = resolved_url(response.url, link)
    origin, parts = origin_of(url), urlsplit(url) if origin_of(url) else None
    if parts is None:
        raise _invalid(response, name, "it is not a URL")
    if origin != origin_of(base) or "@" in parts.netloc:
        there = request_line("", url).strip()
        raise _invalid(response, name, f"it leads to another server, {there}, which is not asked")
    path = urlsplit(base).path.rstrip("/")
    if not parts.path.startswith(f"{path}/") or _DOTS.search(parts.path) or not url.isascii():
        raise _invalid(response, name, f"it leads to {parts.path!r}, outside the server's {path}/")
    return parts.path[len(path) :] + (f"?{parts.query}" if parts.query else "")


def _ask(executor: BaseExecutor, target: str, clock: Deadline, response: Response) -> Ask:
    path, _, query = target.partition("?")
    operation, values = _operation(executor, "GET", path, query)
    if operation is None or operation.servers:
        first = response.request
        behind = urlsplit(first.url).path.removeprefix(urlsplit(executor.server.usual.url).path.rstrip("/"))
        operation = _unknown(path, _operation(executor, first.method, behind, "")[0])
        modes = {**executor.modes, "response": "off"}
        executor = executor.replace(modes=modes)  # the document does not say what comes
        compiled = CompiledOperation(operation, executor.checkers, executor.decimals)
    else:
        compiled = executor.compiled(operation.key)
    draft = RequestDraft("GET", path, [query] if query else [], {"Accept": accept(operation)})
    draft.unknown = tuple(unshown(response.request, f"?{query}", response.secret_names))
    those = {*_secrets(response), *called_secret(values, executor.credentials.places)}
    draft.hidden = tuple(sorted(those, key=len, reverse=True))
    within = executor.transport.clock()
    within = clock if clock.left() < within.left() else within
    return Ask(executor, DraftedCall(Call(operation), compiled, CheckedRequest(draft, {}, []), [], within))


def _operation(
    executor: BaseExecutor, method: str, path: str, query: str
) -> tuple[Operation | None, Mapping[Parameter, str]]:
    """The operation of the document that a request means, and the values of its path parameters."""
    routes = executor.kept.get("polled routes") or Routes(executor.operations)
    executor.kept["polled routes"] = routes
    found = routes.find(method, path, query)
    if not isinstance(found, RouteMatch):
        return None, {}
    operation = executor.operations[found.key]
    parameters = {each.name: each for each in operation.parameters if each.location == "path"}
    values = {parameters[name]: unquote(raw) for name, raw in found.values.items() if name in parameters}
    return operation, values


def _secrets(response: Response) -> list[str]:
    """What the server may have said again of the request that led here."""
    return secrets(response.request, response.secret_names)


def _unknown(path: str, origin: Operation | None) -> Operation:
    """What stands for an operation that the document does not have: with the security of `origin`."""
    return Operation(
        key=f"GET {path}",
        operation_id="",
        method="GET",
        path=path,
        attribute="",
        summary="",
        description="",
        deprecated=False,
        tags=(),
        parameters=(),
        body=None,
        responses=(),
        security=None if origin is None else origin.security,
        servers=None,
        node=NOWHERE,
    )


def _invalid(response: Response, header: str, why: str) -> ResponseInvalid:
    violation = Violation("header", header, "", redact(why, _secrets(response)))
    return ResponseInvalid(
        f"poll: the response ({response.status}) cannot be followed", [violation], response
    )


def _too_late(executor: BaseExecutor, target: str, timeout: float, response: Response) -> DeadlineExceeded:
    line = redact(request_line("GET", executor.server.usual.url + target), _secrets(response))
    return DeadlineExceeded(
        f"{line}: not done within {timeout:g} s; the last response was {response.status}. Poll again, or "
        f"give it more time ({setting_name('timeout')})"
    )
