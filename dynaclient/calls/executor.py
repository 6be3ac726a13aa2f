"""Makes calls: from what the user gives to a request, and from what comes back to a Response."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dynaclient._support.messages import REQUIRED, pluralize
from dynaclient.calls import options as settings
from dynaclient.calls.arguments import Arguments, Call
from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.calls.credentials import Credentials
from dynaclient.calls.observers import EVERYWHERE, Observer, OngoingCall, tell
from dynaclient.calls.server import Target, TargetServer
from dynaclient.calls.signed_request import AppliedSecurity, SignedRequest
from dynaclient.document.document import Document
from dynaclient.document.model import Operation
from dynaclient.document.operations import Operations
from dynaclient.document.servers import servers
from dynaclient.errors import (
    ApiError,
    RequestInvalid,
    ResponseInvalid,
    SettingsError,
    Violation,
    Violations,
    api_error_class,
    some,
)
from dynaclient.schema.validator import Validators
from dynaclient.transport.deadline import Timeout
from dynaclient.transport.session import Transport
from dynaclient.wire.redacted_text import redact
from dynaclient.wire.redaction import called_secret, secrets, without_secrets
from dynaclient.wire.request_builder import RequestDraft

if TYPE_CHECKING:
    import requests

    from dynaclient.calls.compiled_operation import CheckedRequest
    from dynaclient.calls.options import Mode
    from dynaclient.calls.response import Response
    from dynaclient.calls.streaming import Reader, StreamedResponse
    from dynaclient.calls.webhooks import Receivers
    from dynaclient.document.model import Parameter
    from dynaclient.document.node import Node
    from dynaclient.transport.body import BodyStream
    from dynaclient.transport.deadline import Deadline
    from dynaclient.transport.policy import ResponseHead
    from dynaclient.transport.reply import Reply, StreamingReply
    from dynaclient.wire.request import Request
    from dynaclient.wire.response_reader import Reading


class DraftedCall(NamedTuple):
    """A request that was checked, and has neither server nor credentials yet."""

    call: Call
    compiled: CompiledOperation
    checked: CheckedRequest
    violations: list[Violation]
    clock: Deadline


_NONE: Mapping[str, Any] = {}

Links = Callable[
    ["BaseExecutor", SignedRequest, "Reply | StreamingReply", "Reading", "bytes | None"], Mapping[str, Any]
]
"""Makes the links of a response, of the executor, the request, what came back, what was read of it, and its
body, None where that was not read yet."""


E = TypeVar("E", bound="BaseExecutor")


class BaseExecutor:
    """What the calls of one document have in common, sent by an Executor or awaited by an AsyncExecutor:
    arguments -> request, and what came -> Response.

    All that a call needs beside its arguments: the document with its operations and checkers; the transport;
    the credentials and the server that the user gave; `modes`: "request", "response" and "undeclared" ->
    "strict", "warn" or "off". `decimals`: whether numbers in responses are read as Decimal. Threads may share
    one; a pickled one compiles its operations again.
    """

    def __init__(
        self,
        document: Document,
        operations: Operations,
        checkers: Validators,
        transport: Transport,
        credentials: Credentials,
        server: Target,
        modes: Mapping[str, Mode],
        links: Links,
        decimals: bool = False,
    ) -> None:
        self.document = document
        self.operations = operations
        self.checkers = checkers
        self.transport = transport
        self.credentials = credentials
        self.server = server
        self.modes = modes
        self.links = links
        self.decimals = decimals
        self.kept: dict[str, Any] = {}
        """What other rooms keep as long as the executor lives, by names of their own; it is not pickled."""
        self.observers: list[Observer] = [*EVERYWHERE]
        """Who is notified of each call; of them those are pickled that are settings."""
        self._compiled: dict[str, CompiledOperation] = {}
        self._callbacks: dict[str, Receivers] = {}

    def __getstate__(self) -> dict[str, Any]:
        observers = [each for each in self.observers if each.is_setting]
        return {**self.__dict__, "kept": {}, "observers": observers, "_compiled": {}, "_callbacks": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"observers": [], **state})  # an earlier version had none

    def replace(self: E, **changes: Any) -> E:
        """This one with other `modes`, another `transport` or the like; what is compiled is shared."""
        changed = object.__new__(type(self))
        changed.__dict__.update({**self.__dict__, **changes})
        return changed

    def compiled(self, key: str) -> CompiledOperation:
        """The operation called `key`, signed to be called: compiled on first use, and kept."""
        found = self._compiled.get(key)
        if found is None:
            made = CompiledOperation(self.operations[key], self.checkers, self.decimals)
            found = self._compiled.setdefault(key, made)
        return found

    def callbacks(self, operation: Operation) -> Receivers:
        """The callbacks of an operation, by name; kept, for what they compile."""
        found = self._callbacks.get(operation.key)
        if found is None:
            from dynaclient.calls.webhooks import callbacks  # late: 18 ms

            made = callbacks(self.document, self.checkers, operation)
            found = self._callbacks.setdefault(operation.key, made)
        return found

    def schemes_sent(self, operation: Operation) -> tuple[str, ...]:
        """The security schemes that go with a call of `operation`."""
        return self.credentials.choose(operation.security) if self.is_trusted(operation) else ()

    def forgive(self, prepared: CheckedRequest, operation: Operation, own: Node | None = None) -> None:
        """Take from what `prepared` breaks the required parameters that a credential is sent as.

        `own`: servers in the place of those of the operation.
        """
        if not any(each.message == REQUIRED for each in prepared.violations):
            return
        try:
            place = self.server.of(servers(own or operation.servers))
            chosen = self.credentials.choose(operation.security) if place.trusted else ()
        except SettingsError:  # there is no server: who sends says so
            chosen = self.credentials.choose(operation.security)
        filled = [each for each in operation.required if self.credentials.fill(chosen, each)]
        missing = [(each.where, each.name, REQUIRED) for each in filled]
        left = [each for each in prepared.violations if (each.where, each.name, each.message) not in missing]
        prepared.violations[:] = left

    def fills(self, operation: Operation, parameter: Parameter) -> bool:
        """Whether calls of `operation` have a credential as `parameter`."""
        return self.credentials.fill(self.credentials.choose(operation.security), parameter)

    def is_trusted(self, operation: Operation) -> bool:
        """Whether calls of `operation` go to the server that the user chose, and credentials with them."""
        return self.server.of(servers(operation.servers)).trusted

    def call(self, given: Call) -> Any:
        """The decoded body, or what is awaited for it."""
        raise NotImplementedError

    def send(self, given: Call) -> Any:
        """The Response, or what is awaited for it."""
        raise NotImplementedError

    def prepared(self, given: Call) -> Any:
        """The request as requests has it, or what is awaited for it."""
        raise NotImplementedError

    def _check_status(self, given: Call, response: Response) -> None:
        """Raise what `call` does from 300 on."""
        if response.status >= 400:
            raise self._api_error(given.operation, response)
        if given.operation.leads_away(response.status):
            message = f"{given.operation.key}: redirect ({response.status}) was not followed"
            raise ResponseInvalid(
                message, [each for each in response.violations if _is_of_status(each)], response
            )

    def respond(
        self, signed: SignedRequest, reply: Reply | StreamingReply, watch: OngoingCall | None = None
    ) -> Response:
        """The Response that is made of what came, whatever its status; ResponseInvalid as the modes say."""
        from dynaclient.calls.response import Response  # late: 1 ms

        given = signed.call
        stream = bool((given.options or {}).get("stream"))
        content = getattr(reply, "content", None)  # None: it is still on its way
        mode = self.modes["response"]
        if content is None:
            reading = signed.compiled.read_head(reply.status, reply.headers, check=mode != "off")
        else:
            reading = signed.compiled.read(reply.status, reply.headers, content, check=mode != "off")
        found = reading.violations if mode != "off" else []
        if reading.leads_away:
            found = _led_away(signed, reply, reading)
        if found:
            found = _told(signed, found)
        if reading.unchecked:
            signed.compiled.say(reading.unchecked)
        links: Mapping[str, Any] = {}
        if not stream and reading.response is not None and reading.response.links:
            links = self.links(self, signed, reply, reading, content)
        response = Response(
            status=reply.status,
            headers=reply.headers,
            data=reading.data,
            content=content or b"",
            url=reply.url,
            elapsed=reply.elapsed,
            request=signed.request,
            violations=(*signed.violations, *found),
            secret_names=signed.security.private,
            links=links,
            unchecked=(*signed.unchecked, *reading.unchecked),
            header_values=reading.headers,
            notes=tuple(signed.notes),
        )
        if reply.attempts:
            vars(response)["attempts"] = reply.attempts
        if stream:
            response = self._streamed(response, signed, reading, reply, given.options)
        if watch is not None:
            watch.responded(signed, response)
        empty, content = content == b"", None  # a server may say secrets again, a traceback show locals
        if found:
            _judge(given.operation, response, found, mode, empty)
        return response

    def looked_at(self, given: Call, credentials: Credentials) -> SignedRequest:
        """The request of a call with other credentials, to be shown and not sent. Raises RequestInvalid."""
        other = self.replace(credentials=credentials)
        return other._sign(other._draft(given))

    def _draft(self, given: Call) -> DraftedCall:
        """What is to be sent, checked; no credential is asked for yet. Raises RequestInvalid."""
        options = settings.options(given.options) if given.options is not None else _NONE
        compiled = self.compiled(given.operation.key)
        mode = self.modes["request"]
        arguments = compiled.names.bind(given.positionals, given.mapping, given.names, given.body)
        key = self._key(given.operation, arguments, options) if self.transport.key_header else ""
        undeclared = self.modes["undeclared"]
        prepared = compiled.prepare(arguments, options, check=mode != "off", note=undeclared != "off")
        self.forgive(prepared, given.operation, given.servers)
        wrong = [*prepared.draft.violations, *(prepared.violations if mode == "strict" else ())]
        if wrong := [*wrong, *(prepared.notes if undeclared == "strict" else ())]:
            message = f"{given.operation.key}: the request was not sent; {pluralize(len(wrong), 'violation')}"
            error = RequestInvalid(message, self._untold(prepared.values, wrong))
            error.given = _given(arguments)
            if self.observers:
                tell(self.observers, lambda each: each.violated(given.operation, error.violations))
            raise error
        violations: list[Violation] = []
        if prepared.violations and mode == "warn":
            violations = self._untold(prepared.values, prepared.violations)
        if violations or prepared.notes:
            for violation in [*some(violations), *some(prepared.notes, "note")]:
                _warn("%s: request: %s", given.operation, violation)
        if prepared.unchecked:
            compiled.say(prepared.unchecked)
        if key:
            prepared.draft.headers[self.transport.key_header] = key
        prepared.draft.hidden = compiled.hidden(prepared.values, self.credentials.places)
        if given.edit is not None:
            given.edit(prepared.draft)
        clock = self.transport.clock(Timeout.of(options["timeout"]) if "timeout" in options else None)
        return DraftedCall(given, compiled, prepared, violations, clock)

    def _key(self, operation: Operation, arguments: Arguments, options: Mapping[str, Any]) -> str:
        """What the idempotency key of a call is to be; empty where an argument or an option is it."""
        from dynaclient.calls.idempotency import key_for  # late: 1 ms

        return key_for(self.transport.key_header, operation, arguments, options)

    def _sign(self, made: DraftedCall) -> SignedRequest:
        """A draft with its server and its credentials."""
        prepared = made.checked
        request, security = self._finish(made.compiled, made.call, prepared.draft, made.clock)
        return SignedRequest(
            request=request,
            draft=prepared.draft,
            values=prepared.values,
            compiled=made.compiled,
            call=made.call,
            violations=made.violations,
            unchecked=prepared.unchecked,
            security=security,
            clock=made.clock,
            notes=prepared.notes,
        )

    def check(self, given: Call) -> list[Violation]:
        """All that a call breaks, whatever the modes say; nothing is sent. Empty where it would be sent."""
        options = settings.options(given.options) if given.options is not None else _NONE
        compiled = self.compiled(given.operation.key)
        arguments = compiled.names.bind(given.positionals, given.mapping, given.names, given.body)
        if self.transport.key_header:
            self._key(given.operation, arguments, options)
        undeclared = self.modes["undeclared"] == "strict"
        prepared = compiled.prepare(arguments, options, check=True, note=undeclared)
        self.forgive(prepared, given.operation, given.servers)
        found = [*prepared.wrong, *(prepared.notes if undeclared else ())]
        return Violations(self._untold(prepared.values, found))

    def signed(self, operation: Operation, draft: RequestDraft) -> SignedRequest:
        """A request that was drafted elsewhere, with the server and the credentials of this executor."""
        given, compiled, clock = Call(operation), self.compiled(operation.key), self.transport.clock()
        request, security = self._finish(compiled, given, draft, clock)
        return SignedRequest(request, draft, {}, compiled, given, [], (), security, clock)

    def _untold(self, values: Mapping[Parameter, Any], found: list[Violation]) -> list[Violation]:
        """What a request breaks, without the values of arguments that are called secrets."""
        if not found:
            return found
        those = called_secret(values, self.credentials.places)
        return [replace(each, message=redact(each.message, those)) for each in found] if those else found

    def _finish(
        self, compiled: CompiledOperation, given: Call, draft: RequestDraft, clock: Deadline
    ) -> tuple[Request, AppliedSecurity]:
        """Give the draft its server and its credentials, and make it a Request."""
        place, schemes = self._destination(compiled, given, draft)

        def make(draft: RequestDraft) -> Request:
            headers = list(draft.headers.items())
            if draft.cookies:
                headers.append(("Cookie", "; ".join(draft.cookies)))
            url = place.url + draft.target_with(place.query)
            return self.transport.prepare(
                draft.method, url, headers, draft.body, credential_chosen=bool(schemes), trusted=place.trusted
            )

        request, names = self.credentials.sign(schemes, draft, make, self.transport, clock)
        known = (*names, *self.credentials.places)
        private = compiled.private(request, draft, known)
        if private or draft.hidden:
            request = replace(request, hidden=draft.hidden, private=private)
        return request, AppliedSecurity(schemes, names, private)

    def _destination(
        self, compiled: CompiledOperation, given: Call, draft: RequestDraft
    ) -> tuple[TargetServer, tuple[str, ...]]:
        """The server of a call, and the security schemes that go along."""
        own = servers(given.servers) if given.servers else compiled.servers
        place = self.server.of(own) if own else self.server.usual
        if self.server.distrusted:
            self.server.check_extra(draft.extra)
        schemes = self.credentials.choose(given.operation.security) if place.trusted else ()
        self.credentials.check_apart(schemes, draft)
        return place, schemes

    def _answers_challenge(self, signed: SignedRequest, reply: ResponseHead) -> bool:
        from dynaclient.transport.request_body import back_at_start  # late: 1 ms

        learnt = self.credentials.challenged(signed.security.schemes, signed.request, reply.headers)
        return learnt and back_at_start(signed.request.body)

    def _streamed(
        self,
        head: Response,
        signed: SignedRequest,
        reading: Reading,
        reply: Reply | StreamingReply,
        options: Mapping[str, Any] | None,
    ) -> Response:
        from dynaclient.calls.streaming import Reader  # late: 12 ms

        compiled, mode = signed.compiled, self.modes["response"]
        check = mode != "off"
        items = compiled.items(reading.media if check else None)
        kinds = tuple(reading.response.content) if reading.response else ()

        def whole(content: bytes) -> Reading:
            return compiled.read(head.status, head.headers, content, check=check)

        def links(read: Reading | None, content: bytes | None) -> Mapping[str, Any]:
            return self.links(self, signed, reply, read or reading, content)

        end = (options or {}).get("end_marker")
        known = reading.media is not None
        reader = Reader(signed.call.operation.key, mode, kinds, items, whole, links, known, end)
        return self._as_stream(head, reader, getattr(reply, "source", None))

    def _as_stream(self, head: Response, reader: Reader, source: Any) -> Response:
        """The response whose body is still to come from `source`, None where it has come."""
        raise NotImplementedError

    def _api_error(self, operation: Operation, response: Response) -> ApiError:
        said = ""
        if isinstance(response.data, dict):
            texts = [response.data.get(key) for key in ("message", "detail", "title", "error")]
            said = next((f": {text}" for text in texts if isinstance(text, str)), "")
            said = _redact(said, response)
        unsent = ""
        if response.status == 401 and not self.schemes_sent(operation):
            unsent = self.credentials.unsent(operation.security)
        detail = f"{said[:300]}{'; ' if unsent else ''}{unsent}"
        message = f"{operation.key}: the server returned {response.status}{detail}"
        return api_error_class(response.status)(message, response)


class Executor(BaseExecutor):
    """Makes the calls of one document: arguments -> request -> transport -> Response."""

    def call(self, given: Call) -> Any:
        """The decoded body; the StreamedResponse where that was asked for. Raises ApiError from 400 on, and
        ResponseInvalid for a redirect that the document does not describe: nothing was carried out."""
        response = self.send(given)
        if response.status >= 300:
            self._check_status(given, response)
        return response if (given.options or {}).get("stream") else response.data

    def send(self, given: Call) -> Response:
        """The Response, whatever its status."""
        return self.complete(self.prepare(given))

    def prepare(self, given: Call) -> SignedRequest:
        """The request, checked; nothing is sent. Raises RequestInvalid."""
        return self._sign(self._draft(given))

    def send_draft(self, draft: DraftedCall) -> Response:
        """Give a draft its server and its credentials, and send it."""
        return self.complete(self._sign(draft))

    def prepared(self, given: Call) -> requests.PreparedRequest:
        """As `prepare`, but the request as requests has it."""
        from dynaclient.transport.prepare import as_prepared  # late: 111 ms

        return as_prepared(self.prepare(given).request)

    def complete(self, signed: SignedRequest) -> Response:
        """Send a request that was prepared, and give the Response, whatever its status."""
        watch = OngoingCall(self, signed) if self.observers else None
        signed, reply = self._exchange(signed, watch)
        try:
            return self.respond(signed, reply, watch)
        except BaseException:
            if watch is not None and (stream := watch.unread(reply)) is not None:
                stream.close()
            raise

    def _as_stream(self, head: Response, reader: Reader, source: BodyStream | None) -> StreamedResponse:
        from dynaclient.calls.streaming import StreamedResponse  # late: 12 ms

        return StreamedResponse(head, reader, source)

    def _exchange(
        self, signed: SignedRequest, watch: OngoingCall | None
    ) -> tuple[SignedRequest, Reply | StreamingReply]:
        """Send; once more where the server challenges the client and there is an answer to that."""

        def again(reply: ResponseHead) -> Request | None:
            nonlocal signed
            if not self._answers_challenge(signed, reply):
                return None
            request, security = self._finish(signed.compiled, signed.call, signed.draft, signed.clock)
            signed = signed._replace(request=request, security=security)
            return request

        option = (signed.call.options or _NONE).get
        send = self.transport.stream if option("stream") else self.transport.send
        key = signed.call.operation.key
        try:
            reply = send(
                signed.request,
                clock=signed.clock,
                again=again,
                retry=option("retry"),
                key=key,
                watch=watch,
            )
        except BaseException as error:
            if watch is not None:
                watch.failed(error)
            raise
        return signed, reply


def _given(arguments: Arguments) -> Mapping[tuple[str, str], Any]:
    """What a call gives, by location and name, as violations name it."""
    values = {(each.where, each.name): value for each, value in arguments.values.items()}
    return {**values, ("body", "body"): arguments.body}  # type: ignore[dict-item]


def _led_away(signed: SignedRequest, reply: Reply | StreamingReply, reading: Reading) -> list[Violation]:
    """What is said of a redirect that is not documented, whatever `validate` says: where it leads."""
    from dynaclient.transport.policy import redirect_text  # late: 2 ms

    why = redirect_text(signed.request.method, reply.url, reply.headers)
    found = [each for each in reading.violations if _is_of_status(each)]
    return [replace(each, message=f"{each.message}; {why}") for each in found]


def _is_of_status(violation: Violation) -> bool:
    return violation.where == "status"


def _told(signed: SignedRequest, found: list[Violation]) -> list[Violation]:
    return without_secrets(found, signed.request, signed.security.private)


def _judge(operation: Operation, response: Response, found: list[Violation], mode: Mode, empty: bool) -> None:
    """Raise in strict mode what must be raised, log in warn mode (the table in the README)."""
    if mode == "warn":
        for violation in some(found):
            _warn("%s: response: %s", operation, violation)
    elif _may_raise(operation, response) and not (empty and _only_unlisted(response, found)):
        message = f"{operation.key}: response ({response.status}) does not match the OpenAPI document"
        raise ResponseInvalid(message, found, response)


def _warn(text: str, operation: Operation, violation: str) -> None:
    from logging import getLogger  # late: 2 ms

    getLogger("dynaclient").warning(text, operation.key, violation)


def _only_unlisted(response: Response, found: Sequence[Violation]) -> bool:
    """Whether it is a success, of a status that the document does not list; a redirect is none."""
    return response.status < 300 and all(map(_is_of_status, found))


def _may_raise(operation: Operation, response: Response) -> bool:
    """Whether it is the response of the operation: an error or a redirect, which `send` gives, is none."""
    return response.ok and not operation.leads_away(response.status)


def _redact(said: str, response: Response) -> str:
    """What a server said, for a message: without the secrets that it says again."""
    if not said:
        return ""
    return redact(said, secrets(response.request, response.secret_names))
