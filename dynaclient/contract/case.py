"""One call of an operation, as data: what is given, and what of it is invalid."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls.arguments import Call
from dynaclient.client import executor_of
from dynaclient.contract import ambiguity, unsatisfiable
from dynaclient.errors import (
    DocumentError,
    Finding,
    ResponseInvalid,
    SettingsError,
    Violation,
    Where,
    located,
)
from dynaclient.wire import percent
from dynaclient.wire.request_reader import Incoming, Received, path_values

if TYPE_CHECKING:
    from dynaclient.calls.compiled_operation import CheckedRequest, CompiledOperation
    from dynaclient.calls.credentials import Credentials
    from dynaclient.calls.executor import Executor
    from dynaclient.calls.options import Mode
    from dynaclient.calls.response import Response
    from dynaclient.calls.signed_request import SignedRequest
    from dynaclient.client import Client
    from dynaclient.errors import Finding
    from dynaclient.wire.request_builder import RequestDraft

__all__ = ["Case", "Fault", "RawBody"]


class Seen(list[tuple["Client", int]]):
    """The client and the status of each exchange, and what of all of them could not be checked.

    `operation`: of which operation, of each where it is empty. `of_valid`: the statuses that valid cases got.
    """

    def __init__(self, operation: str = "") -> None:
        super().__init__()
        self.operation = operation
        self.of_valid: set[int] = set()
        self.unchecked: dict[Finding, None] = {}


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)

last_sent: ContextVar[tuple[Case, Client, Response] | None] = ContextVar("last_sent", default=None)
"""The case that was sent last in this context, with which client, and the response."""


@contextmanager
def watched(operation: str = "") -> Iterator[Seen]:
    """Collects the exchanges of cases that are sent in this context, those of `operation` if it is given."""
    seen = Seen(operation)
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def note_sent(client: Client, case: Case, response: Response, unchecked: Iterable[Finding]) -> None:
    """Say that a case was sent with `client`, what came back, and what could not be checked."""
    last_sent.set((case, client, response))
    seen = _seen.get()
    if seen is not None and seen.operation in ("", case.operation):
        seen.append((client, response.status))
        seen.of_valid.update([response.status] if case.fault is None else [])
        seen.unchecked.update(dict.fromkeys(unchecked))


_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80
_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxlevel = 20


_INDEX = re.compile(r"/\d+(?=/|$)")


def anywhere(pointer: str) -> str:
    """`pointer` with 0 for each index: the same for whichever element of an array it leads to."""
    return _INDEX.sub("/0", pointer)


@dataclass(frozen=True)
class Fault:
    """The one thing that is broken in a case.

    `where`, `name` and `pointer` say the place as a Violation does, `keyword` which rule of JSON Schema does
    not hold; it is `required` for what is missing (`default` where the document names a default for it) and
    `unknown` for a name that the operation does not have.
    """

    where: Where
    name: str
    pointer: str
    keyword: str
    description: str
    lost: str = ""
    """Why a server does not get to see it, one of `travel.REASONS`; empty where it does."""

    def __str__(self) -> str:
        return visible(f"{located(self.where, self.name, self.pointer)}{self.description}")


@dataclass(frozen=True)
class RawBody:
    """A body as it travels, whatever the document says: its bytes, and its Content-Type, empty for none."""

    content_type: str
    content: bytes


@dataclass(frozen=True, repr=False)
class Case:
    """Arguments for one operation: `place.name` -> value, and a body. Valid where `fault` is None.

    `raw` and `query_extra` are what arguments cannot say. They change the finished request, so a command has
    no words for them but those of HTTP: `curl --data-binary`, one more pair in the URL.
    """

    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    body: Any = MISSING
    content_type: str = ""
    """The media type of the body, where the operation has several."""
    fault: Fault | None = None
    reason: str = field(default="", compare=False)
    """Why it was made: `body /name is at its longest: 40 characters`; empty for one that was drawn."""
    varies: str = field(default="", compare=False)
    """What a valid case was made to vary: the key of a parameter, `path.id`, or `body` and a pointer into it;
    empty where that is several things."""
    documented: tuple[str, ...] = field(default=(), compare=False)
    """The statuses that the operation documents, `4XX` and `default` among them."""
    credentials: str = ""
    """Which credentials are sent: those of the client where it is empty, else as `Credentials.altered` has
    it: `none`, `invalid`, `invalid:NAME`, or the names of schemes, joined by `+`."""
    method: str = ""
    """The method of the request, where it is not that of the operation."""
    url: str = ""
    """Where it goes, where that is not the URL of the operation: what a response has led to."""
    raw: RawBody | None = None
    """What is sent in place of `body`: malformed JSON, a body under another Content-Type."""
    query_extra: tuple[tuple[str, str], ...] = ()
    """Further pairs of the query, name and text, appended percent-encoded: a parameter given again."""

    @property
    def is_altered(self) -> bool:
        """Whether its credentials, its method or its URL are not those of a call of the operation."""
        return bool(self.credentials or self.method or self.url)

    @property
    def lost(self) -> str:
        """Why a server does not get to see what is broken; empty where it does, or where nothing is."""
        return self.fault.lost if self.fault else ""

    def expects_error(self, status: int) -> bool:
        """Whether `status` is one of the errors that are all that the operation documents."""
        only_errors = all(each.startswith(("4", "5")) for each in self.documented)
        return only_errors and not {str(status), f"{status // 100}XX"}.isdisjoint(self.documented)

    @property
    def options(self) -> dict[str, Any]:
        """What a call of this case needs as `options`."""
        return {"content_type": self.content_type} if self.content_type else {}

    def violations(self, client: Client) -> list[Violation]:
        """What the client has to say against this case; empty where it would send it."""
        if not self.is_edited:
            return self._prepared(client, check=True).wrong
        draft = self._prepared(client, check=False).draft
        self.edit(draft)
        found = received(executor_of(client).compiled(self.operation), draft).violations.values()
        return [*draft.violations, *(each for several in found for each in several), *self._repeated()]

    def _prepared(self, client: Client, *, check: bool) -> CheckedRequest:
        executor = executor_of(client)
        compiled = executor.compiled(self.operation)
        arguments = compiled.names.bind((), self.arguments, {}, self.body)
        prepared = compiled.prepare(arguments, self.options, check=check)
        executor.forgive(prepared, compiled.operation)
        return prepared

    @property
    def is_edited(self) -> bool:
        """Whether the request is changed once it is made, by `raw` or `query_extra`."""
        return self.raw is not None or bool(self.query_extra)

    def edit(self, draft: RequestDraft) -> None:
        """Make `draft`, the request of the arguments, the one that is sent."""
        draft.query += [f"{percent.encode(name)}={percent.encode(text)}" for name, text in self.query_extra]
        if self.raw is not None:
            draft.body = self.raw.content
            draft.headers.pop("Content-Type", None)
            draft.headers.update({"Content-Type": self.raw.content_type} if self.raw.content_type else {})

    def changed(self, change: Callable[[Case], Case]) -> Case:
        """This case with the body that `change` makes; of a raw body, with the JSON value that it is."""
        if self.raw is None:
            return change(self)
        try:
            body = json.loads(self.raw.content)
        except ValueError:
            return self
        made = change(replace(self, body=body, raw=None, query_extra=(), fault=None))
        if made.body == body:
            return self
        return replace(self, raw=replace(self.raw, content=json.dumps(made.body).encode()))

    def _repeated(self) -> Iterator[Violation]:
        for name, _ in self.query_extra:
            yield Violation("query", name, "", "given more than once; expected one value")

    def unchecked(self, client: Client) -> tuple[Finding, ...]:
        """What of a valid case could not be checked: whether it is valid is then not certain."""
        if self.fault is not None or not client.checkers.translator("request").unsure:
            return ()
        with suppress(DocumentError):
            return self._prepared(client, check=True).unchecked
        return ()

    def send(self, client: Client) -> Response:
        """Send it to the client's server, a broken one too, and give the response whatever it is.

        It is sent once, whatever the client's `retries`: a failure is what a test is to see. Only where 429
        is answered it is sent again, after the time that Retry-After asks for.

        What the response breaks is on `violations`, never raised. Raises RequestInvalid for what cannot be
        sent at all, such as a name that the operation does not have; SettingsError; TransportError.
        """
        try:
            response = self._sender(client).complete(self.prepare(client))
        except ResponseInvalid as error:
            response = error.response
        if response.violations:
            response = unsatisfiable.excused(client, self.operation, response)
        if response.violations and self.fault is None:
            draft = self._prepared(client, check=False).draft
            response = ambiguity.without_others(client, self.operation, draft, response)
        note_sent(client, self, response, (*self.unchecked(client), *response.unchecked))
        return response

    def prepare(self, client: Client, credentials: Credentials | None = None) -> SignedRequest:
        """The finished request, whatever the document has against it; nothing is sent.

        `credentials`: those that it has, in place of the client's. Raises RequestInvalid, SettingsError.
        """
        operation = client.operations[self.operation]
        edit = self.edit if self.is_edited else None
        call = Call(operation, self.arguments, body=self.body, options=self.options, edit=edit)
        signed = self._sender(client, credentials).prepare(call)
        changes = {"method": self.method, "url": self.url}
        return signed.altered(**{name: value for name, value in changes.items() if value})

    def _sender(self, client: Client, credentials: Credentials | None = None) -> Executor:
        sender = _without_objections(executor_of(client))
        given = credentials or sender.credentials
        return sender.replace(credentials=given.altered(self.credentials) if self.credentials else given)

    def __repr__(self) -> str:
        parts = [repr(self.operation), repr(dict(self.arguments))]
        if self.body is not MISSING:
            parts.append(f"body={self.body!r}")
        if self.content_type:
            parts.append(f"content_type={self.content_type!r}")
        if self.fault is not None:
            parts.append(f"fault={self.fault!r}")
        parts += [f"raw={self.raw!r}"] if self.raw is not None else []
        parts += [f"query_extra={self.query_extra!r}"] if self.query_extra else []
        parts += [
            f"{name}={text!r}" for name in ("credentials", "method", "url") if (text := getattr(self, name))
        ]
        return f"Case({', '.join(parts)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For hypothesis and IPython: what can be copied to get the case."""
        printer.text(repr(self))

    def __str__(self) -> str:
        given = [f"{name}={_SHORT.repr(value)}" for name, value in self.arguments.items()]
        given += [f"body={_SHORT.repr(self.body)}"] if self.body is not MISSING else []
        given += [f"raw={_SHORT.repr(self.raw)}"] if self.raw is not None else []
        given += [f"query_extra={_SHORT.repr(self.query_extra)}"] if self.query_extra else []
        said = str(self.fault) if self.fault else self.reason
        return visible(f"{self.operation}({', '.join(given)}){f'  # {said}' if said else ''}")


def received(compiled: CompiledOperation, draft: RequestDraft) -> Received:
    """What a server reads of the request that `draft` is, and what of it breaks the document."""
    incoming = Incoming.of(draft)
    return compiled.receive(incoming, path_values(compiled.operation.path, incoming.path))


_ONCE = "contract case: transport"
_WITHOUT_OBJECTIONS: Mapping[str, Mode] = {"request": "off", "response": "strict", "undeclared": "off"}


def _without_objections(executor: Executor) -> Executor:
    """`executor` as it is, connections included, but sending what breaks the document, and only once."""
    if executor.transport.is_awaited:
        raise SettingsError("a contract test makes its calls with a Client, not with an AsyncClient")
    own, once = executor.kept.get(_ONCE, (None, None))
    if own is not executor.transport:  # kept: one made for each request would ask the environment each time
        once = executor.transport.once()
        executor.kept[_ONCE] = (executor.transport, once)
    return executor.replace(modes=_WITHOUT_OBJECTIONS, transport=once)
