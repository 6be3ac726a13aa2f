"""The way of a call: from what the user gives to a request, and from what comes back to a Response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import many
from dynaclient.calls import options as settings
from dynaclient.calls.arguments import MISSING
from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.document.model import Operation
from dynaclient.errors import (
    ApiError,
    Finding,
    RequestInvalid,
    ResponseInvalid,
    Violation,
    api_error_class,
    some,
)
from dynaclient.transport.deadline import Timeout
from dynaclient.wire.redaction import private
from dynaclient.wire.request_builder import RequestDraft

if TYPE_CHECKING:
    import requests

    from dynaclient.calls.links import Link
    from dynaclient.calls.options import Mode
    from dynaclient.calls.streaming import StreamedResponse
    from dynaclient.client import Client
    from dynaclient.document.model import Parameter
    from dynaclient.transport.deadline import Clock
    from dynaclient.transport.reply import Live, Reply
    from dynaclient.wire.response_reader import Reading, Response


@dataclass(frozen=True, slots=True)
class Call:
    """What the user gives for one call of an operation."""

    operation: Operation
    mapping: Mapping[str, Any] | None = None
    names: Mapping[str, Any] = field(default_factory=dict)
    body: Any = MISSING
    options: Mapping[str, Any] | None = None
    positionals: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class AppliedSecurity:
    """The security schemes that a request was made for, and the names under which their values travel.

    `private`: the names of all that is not to be shown, theirs among them.
    """

    schemes: tuple[str, ...]
    names: tuple[str, ...]
    private: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that may be sent: strictly checked, or with its violations noted."""

    request: requests.PreparedRequest
    draft: RequestDraft
    values: Mapping[Parameter, Any]
    plan: CompiledOperation
    operation: Operation
    violations: list[Violation]
    unchecked: tuple[Finding, ...]
    chosen: AppliedSecurity
    clock: Clock
    """The time of the call; it runs since the first that was asked for it, such as a token."""
    notes: Sequence[Violation] = ()


def call(client: Client, given: Call) -> Any:
    """The decoded body; the StreamedResponse where that was asked for. Raises ApiError from 400 on, and
    ResponseInvalid for a redirect that the document does not describe: nothing was carried out."""
    response = send(client, given)
    if response.status >= 400:
        raise _api_error(client, given.operation, response)
    if given.operation.leads_away(response.status):
        message = f"{given.operation.key}: the server did not answer but redirected ({response.status})"
        raise ResponseInvalid(
            message, [each for each in response.violations if _is_of_status(each)], response
        )
    return response if (given.options or {}).get("stream") else response.data


def send(client: Client, given: Call) -> Response:
    """The Response, whatever its status."""
    ready = prepare(client, given)
    stream = bool((given.options or {}).get("stream"))
    ready, reply = _exchange(client, ready, stream)
    content = getattr(reply, "content", None)  # None: it is still on its way
    mode = client._modes["response"]
    if content is None:
        reading = ready.plan.read_head(reply.status, reply.headers, check=mode != "off")
    else:
        reading = ready.plan.read(reply.status, reply.headers, content, check=mode != "off")
    found = reading.violations if mode != "off" else []
    if given.operation.leads_away(reply.status):
        found = _led_away(ready, reply, reading)
    if found:
        found = _told(ready, found)
    ready.plan.say(reading.unchecked)
    from dynaclient.wire.response_reader import Response  # here: a client that only prepares reads nothing

    response = Response(
        status=reply.status,
        headers=reply.headers,
        data=reading.data,
        content=content or b"",
        url=reply.url,
        elapsed=reply.elapsed,
        request=ready.request,
        violations=(*ready.violations, *found),
        secret_names=ready.chosen.private,
        links={} if stream else _links(client, ready, reply, reading, content),
        unchecked=(*ready.unchecked, *reading.unchecked),
        header_values=reading.headers,
        notes=tuple(ready.notes),
    )
    if stream:
        response = _streamed(client, response, ready, reading, reply, given.options)
    if found:
        _judge(given.operation, response, found, mode, empty=content == b"")
    return response


def prepare(client: Client, given: Call) -> SignedRequest:
    """The request, checked; nothing is sent. Raises RequestInvalid."""
    options = settings.options(given.options)
    plan = client.plan(given.operation.key)
    mode = client._modes["request"]
    arguments = plan.names.bind(given.positionals, given.mapping, given.names, given.body)
    undeclared = client._modes["undeclared"]
    prepared = plan.prepare(arguments, options, check=mode != "off", note=undeclared != "off")
    wrong = prepared.wrong if mode == "strict" else prepared.draft.violations
    if wrong := [*wrong, *(prepared.notes if undeclared == "strict" else ())]:
        message = f"{given.operation.key}: the request was not sent; {many(len(wrong), 'violation')}"
        raise RequestInvalid(message, _untold(client, prepared.values, wrong))
    violations = _untold(client, prepared.values, prepared.violations) if mode == "warn" else []
    for violation in [*some(violations), *some(prepared.notes, "note")]:
        _warn("%s: the request: %s", given.operation, violation)
    plan.say(prepared.unchecked)
    clock = client._transport.clock(Timeout.of(options["timeout"]) if "timeout" in options else None)
    request, chosen = _finish(client, given.operation, prepared.draft, clock)
    return SignedRequest(
        request=request,
        draft=prepared.draft,
        values=prepared.values,
        plan=plan,
        operation=given.operation,
        violations=violations,
        unchecked=prepared.unchecked,
        chosen=chosen,
        clock=clock,
        notes=prepared.notes,
    )


def _untold(client: Client, values: Mapping[Parameter, Any], found: list[Violation]) -> list[Violation]:
    """What a request breaks, without the values of arguments that are called secrets."""
    if not found:
        return found
    from dynaclient.wire.redaction import blotted, called_secret

    those = called_secret(values, client._credentials.places)
    return [replace(each, message=blotted(each.message, those)) for each in found] if those else found


def schemes_sent(client: Client, operation: Operation) -> tuple[str, ...]:
    """The security schemes that go with a call of `operation`."""
    trusted = client._target.of(operation).trusted
    return client._credentials.choose(operation.security) if trusted else ()


def _finish(
    client: Client, operation: Operation, draft: RequestDraft, clock: Clock
) -> tuple[requests.PreparedRequest, AppliedSecurity]:
    """Give the draft its server and its credentials, and make it a requests.PreparedRequest."""
    place = client._target.of(operation)
    schemes = client._credentials.choose(operation.security) if place.trusted else ()

    def make(draft: RequestDraft) -> requests.PreparedRequest:
        headers = list(draft.headers.items())
        if draft.cookies:
            headers.append(("Cookie", "; ".join(draft.cookies)))
        url = place.url + draft.target_with(place.query)
        return client._transport.prepare(
            draft.method, url, headers, draft.body, credential_chosen=bool(schemes), trusted=place.trusted
        )

    request, names = client._credentials.sign(schemes, draft, make, client._transport, clock)
    known = (*names, *client._credentials.places)
    return request, AppliedSecurity(schemes, names, private(request, draft, known))


def _exchange(client: Client, ready: SignedRequest, stream: bool) -> tuple[SignedRequest, Reply | Live]:
    """Send; once more where the server challenges the client and there is an answer to that."""

    def again(reply: Reply | Live) -> requests.PreparedRequest | None:
        nonlocal ready
        if not _answers_challenge(client, ready, reply):
            return None
        request, chosen = _finish(client, ready.operation, ready.draft, ready.clock)
        ready = replace(ready, request=request, chosen=chosen)
        return request

    send = client._transport.stream if stream else client._transport.send
    reply = send(ready.request, clock=ready.clock, again=again)
    return ready, reply


def _answers_challenge(client: Client, ready: SignedRequest, reply: Reply | Live) -> bool:
    from dynaclient.transport.prepare import back_at_start

    learnt = client._credentials.challenged(ready.chosen.schemes, ready.request, reply.headers)
    return learnt and back_at_start(ready.request.body)


def _streamed(
    client: Client,
    head: Response,
    ready: SignedRequest,
    reading: Reading,
    reply: Reply | Live,
    options: Mapping[str, Any] | None,
) -> StreamedResponse:
    from dynaclient.calls.streaming import Items, Reader, StreamedResponse

    plan, mode = ready.plan, client._modes["response"]
    check = mode != "off"
    items = Items(client.document, plan, reading.media if check else None)
    kinds = tuple(reading.answer.content) if reading.answer else ()

    def whole(content: bytes) -> Reading:
        return plan.read(head.status, head.headers, content, check=check)

    def links(read: Reading | None, content: bytes | None) -> Mapping[str, Link]:
        return _links(client, ready, reply, read or reading, content)

    end = (options or {}).get("end_marker")
    known = reading.media is not None
    reader = Reader(ready.operation.key, mode, kinds, items, whole, links, known, end)
    return StreamedResponse(head, reader, getattr(reply, "source", None))


def _links(
    client: Client, ready: SignedRequest, reply: Reply | Live, reading: Reading, content: bytes | None
) -> Mapping[str, Link]:
    if reading.answer is None or not reading.answer.links:
        return {}
    from dynaclient.calls.links import links

    return links(client, ready, reply, reading, content)


def _led_away(ready: SignedRequest, reply: Reply | Live, reading: Reading) -> list[Violation]:
    """What is said of a redirect that is not documented, whatever `validate` says: where it leads."""
    from dynaclient.transport.policy import told

    why = told(ready.request.method, reply.url, reply.headers)
    found = [each for each in reading.violations if _is_of_status(each)]
    return [replace(each, message=f"{each.message}; {why}") for each in found]


def _is_of_status(violation: Violation) -> bool:
    return violation.where == "status"


def _told(ready: SignedRequest, found: list[Violation]) -> list[Violation]:
    from dynaclient.wire.redaction import without_secrets

    return without_secrets(found, ready.request, ready.chosen.private)


def _judge(operation: Operation, response: Response, found: list[Violation], mode: Mode, empty: bool) -> None:
    """Raise in strict mode what must be raised, log in warn mode (the table in the README)."""
    if mode == "warn":
        for violation in some(found):
            _warn("%s: the answer: %s", operation, violation)
    elif _may_raise(operation, response) and not (empty and _only_unlisted(response, found)):
        message = f"{operation.key}: the answer ({response.status}) breaks the document"
        raise ResponseInvalid(message, found, response)


def _warn(text: str, operation: Operation, violation: str) -> None:
    from logging import getLogger

    getLogger("dynaclient").warning(text, operation.key, violation)


def _only_unlisted(response: Response, found: Sequence[Violation]) -> bool:
    """Whether it is a success, of a status that the document does not list; a redirect is none."""
    return response.status < 300 and all(map(_is_of_status, found))


def _may_raise(operation: Operation, response: Response) -> bool:
    """Whether it is the answer of the operation: an error or a redirect, which `send` gives, is none."""
    return response.ok and not operation.leads_away(response.status)


def _api_error(client: Client, operation: Operation, response: Response) -> ApiError:
    said = ""
    if isinstance(response.data, dict):
        texts = [response.data.get(key) for key in ("message", "detail", "title", "error")]
        said = next((f": {text}" for text in texts if isinstance(text, str)), "")
        said = _blotted(said, response)
    unsent = ""
    if response.status == 401 and not schemes_sent(client, operation):
        unsent = client._credentials.unsent(operation.security)
    told = f"{said[:300]}{'; ' if unsent else ''}{unsent}"
    message = f"{operation.key}: the server answered {response.status}{told}"
    return api_error_class(response.status)(message, response)


def _blotted(said: str, response: Response) -> str:
    """What a server said, for a message: without the secrets that it says again."""
    if not said:
        return ""
    from dynaclient.wire.redaction import blotted, secrets

    return blotted(said, secrets(response.request, response.secret_names))
