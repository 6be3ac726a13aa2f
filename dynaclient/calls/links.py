"""Links (Link Object): calls that a response makes possible, their arguments taken from the exchange."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dynaclient._support.messages import short_repr
from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls.arguments import Call
from dynaclient.calls.credentials import Credentials
from dynaclient.calls.executor import BaseExecutor
from dynaclient.calls.signed_request import SignedRequest
from dynaclient.document.model import Parameter
from dynaclient.document.node import NOWHERE, Node, escape
from dynaclient.errors import DocumentError, SettingsError, UnknownOperation, Violation
from dynaclient.wire.codecs import decode_body
from dynaclient.wire.expressions import (
    ABSENT,
    UNREAD,
    ExpressionContext,
    Message,
    Unevaluable,
    as_text,
    evaluate,
)
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.redaction import is_secret
from dynaclient.wire.request_reader import decoded
from dynaclient.wire.style_parsing import decode_header
from dynaclient.wire.styles import StyleError

if TYPE_CHECKING:
    import requests

    from dynaclient.calls.compiled_operation import CompiledOperation
    from dynaclient.calls.response import Response
    from dynaclient.document.document import Document
    from dynaclient.document.operations import Operations
    from dynaclient.transport.reply import Reply, StreamingReply
    from dynaclient.wire.request_builder import RequestDraft
    from dynaclient.wire.response_reader import Reading


def _exchange_of(
    signed: SignedRequest, reply: Reply | StreamingReply, reading: Reading, content: bytes | None
) -> ExpressionContext:
    """The exchange of a call. `content`: the body of the response, None where it was not read yet."""
    typed = _typed_headers(signed.compiled, reading, reply.headers)
    body = UNREAD if content is None else reading.data if content and reading.decoded else ABSENT
    return _context(signed, reply.status, {**lower(reply.headers), **lower(typed)}, body)


def context_of(signed: SignedRequest, response: Response) -> ExpressionContext:
    """The exchange of a call that is done, its body read."""
    headers = {**lower(response.headers), **lower(response.header_values)}
    return _context(signed, response.status, headers, response.data if response.content else ABSENT)


def _context(
    signed: SignedRequest, status: int, response_headers: Mapping[str, Any], body: Any
) -> ExpressionContext:
    draft, secrets = signed.draft, {*signed.security.names, *signed.draft.extra}
    mark = "?" if "?" in draft.target else ""
    url = str(signed.request.url).partition("?")[0] + mark + draft.target.partition("?")[2]
    given = {place: _given(signed, place) for place in ("path", "query", "header")}
    request = Message(
        "the request",
        headers=_shown({**lower(draft.headers), **lower(given["header"])}, secrets),
        path=given["path"],
        query=_shown({**_pairs(draft.query), **given["query"]}, secrets),
        body=_sent(draft),
    )
    response = Message("the response", headers=_shown(response_headers, secrets), body=body)
    return ExpressionContext(url, draft.method, status, request, response)


def _given(signed: SignedRequest, place: str) -> dict[str, Any]:
    return {each.name: value for each, value in signed.values.items() if each.location == place}


def lower(values: Mapping[str, Any]) -> dict[str, Any]:
    """Headers by their names in lower case, as a Message has them."""
    return {name.lower(): value for name, value in values.items()}


def _shown(values: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not is_secret(name, secrets)}


def _pairs(query: list[str]) -> dict[str, Any]:
    pairs = (item.partition("=")[::2] for item in query)
    return {decoded(name): decoded(value) for name, value in pairs}


def _sent(draft: RequestDraft) -> Any:
    """The body of the request as a response of its type would be read."""
    return (
        held(draft.body, draft.headers.get("Content-Type", "")) if isinstance(draft.body, bytes) else ABSENT
    )


def held(content: bytes, content_type: str) -> Any:
    """What a body holds; ABSENT where that cannot be looked into."""
    try:
        return decode_body(content, content_type)
    except Undecodable:
        return ABSENT


def _typed_headers(
    compiled: CompiledOperation, reading: Reading, headers: Mapping[str, str]
) -> dict[str, Any]:
    documented = reading.response.headers if reading.response else ()
    return {
        each.name: _typed(compiled, each, headers[each.name]) for each in documented if each.name in headers
    }


def _typed(compiled: CompiledOperation, header: Parameter, raw: str) -> Any:
    try:
        return decode_header(
            raw, header.name, header.explode, compiled.shape(header, "response"), header.style
        )
    except StyleError:
        return raw


@dataclass(frozen=True, repr=False)
class Link:
    """A call that a response makes possible: `link()` for the decoded body, `link.send()`, `link.prepare()`;
    each is awaited where the response came to an AsyncClient.

    `operation` is the key of what it calls, empty where that is not known; `arguments` its parameters, by the
    names of the document; `body` what is sent, or MISSING; `server` the URL of a server of its own, as it is
    written. What could not be had from the exchange is left out, and `violations` say why. A link that was
    pickled keeps its data only.
    """

    name: str
    operation: str
    arguments: Mapping[str, Any]
    body: Any = MISSING
    server: str | None = None
    description: str = ""
    violations: tuple[Violation, ...] = ()
    _servers: Node | None = field(default=None, repr=False, compare=False)
    _executor: BaseExecutor | None = field(default=None, repr=False, compare=False)

    def __call__(
        self, /, *, body: Any = MISSING, options: Mapping[str, Any] | None = None, **names: Any
    ) -> Any:
        """Call it, and give the decoded body. What you give goes before what the link says.

        Raises what a call raises; DocumentError where the link leads to no operation of the document.
        """
        executor, given = self._given(body, options, names)
        return executor.call(given)

    def send(
        self, /, *, body: Any = MISSING, options: Mapping[str, Any] | None = None, **names: Any
    ) -> Response:
        """As a call, but give the whole Response, whatever its status."""
        executor, given = self._given(body, options, names)
        response: Response = executor.send(given)
        return response

    def prepare(
        self, /, *, body: Any = MISSING, options: Mapping[str, Any] | None = None, **names: Any
    ) -> requests.PreparedRequest:
        """The request as it would be sent; nothing is sent."""
        executor, given = self._given(body, options, names)
        request: requests.PreparedRequest = executor.prepared(given)
        return request

    def url(self) -> str:
        """The URL that it would be sent to, without credentials. Raises as a call does before it is sent."""
        executor, given = self._given(MISSING, None, {})
        return executor.looked_at(given, Credentials({}, {})).request.url

    def _given(
        self, body: Any, options: Mapping[str, Any] | None, names: Mapping[str, Any]
    ) -> tuple[BaseExecutor, Call]:
        """What makes the call, and the call: it goes to the server of the link, which gets what any would."""
        executor = self._executor
        if executor is None:
            how = f"client.call({self.operation!r}, response.links[{self.name!r}].arguments)"
            raise SettingsError(f"the link {self.name} was pickled and has lost its client; use {how}")
        if not self.operation:
            why = next((str(each) for each in self.violations if each.name == "operation"), "")
            raise DocumentError(f"the link {self.name} leads to no operation of the document: {why}")
        mapping = self._mapping(executor.compiled(self.operation), names)
        body = self.body if body is MISSING else body
        operation = executor.operations[self.operation]
        return executor, Call(operation, mapping, names, body, options, servers=self._servers)

    def _mapping(self, compiled: CompiledOperation, names: Mapping[str, Any]) -> dict[str, Any]:
        known = compiled.names.by_name
        given = {id(parameter) for name in names for parameter in known.get(name, ())}
        return {
            name: value
            for name, value in self.arguments.items()
            if not any(id(parameter) in given for parameter in known.get(name, ()))
        }

    def __repr__(self) -> str:
        given = [f"{name}={short_repr(value)}" for name, value in self.arguments.items()]
        given += [] if self.body is MISSING else [f"body={short_repr(self.body)}"]
        notes = "".join(f"; without {violation}" for violation in self.violations)
        return visible(f"<Link {self.name}: {self.operation or 'no operation'}({', '.join(given)}){notes}>")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_executor": None, "_servers": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class Links(dict[str, Link]):
    """The links of a response, by name. A name that it has not raises UnknownOperation with the closest."""

    def __missing__(self, name: str) -> Link:
        from difflib import get_close_matches  # late: 1 ms

        near = get_close_matches(name, self) if isinstance(name, str) else ()
        raise UnknownOperation(f"the response has no link {short_repr(name)}", near)


def links(
    executor: BaseExecutor,
    signed: SignedRequest,
    reply: Reply | StreamingReply,
    reading: Reading,
    content: bytes | None,
) -> Links:
    """The links of a response, by name. `content`: its body, None where it was not read yet."""
    response = reading.response
    if response is None or not response.links:
        return Links()
    exchange = _exchange_of(signed, reply, reading, content)
    return Links({name: _link(executor, name, place, exchange) for name, place in response.links.items()})


def _link(executor: BaseExecutor, name: str, place: Node, exchange: ExpressionContext) -> Link:
    node = executor.document.opened(place)
    violations: list[Violation] = []
    key = ""
    try:
        key = link_target(executor.document, executor.operations, node)
    except DocumentError as error:
        violations.append(Violation("argument", "operation", "", str(error.args[0]), node.place))
    compiled = executor.compiled(key) if key else None
    given = {each: child.value for each, child in (node.get("parameters") or NOWHERE).items()}
    arguments = {}
    for each, value in _evaluated(given, exchange, node, violations):
        parameters = compiled.names.by_name.get(each, []) if compiled else []
        arguments[each] = (
            fitted(compiled, parameters[0], value) if compiled and len(parameters) == 1 else value
        )
    body = {"body": node.value["requestBody"]} if node.get("requestBody") else {}
    server = node.get("server") or NOWHERE
    url = server.text("url") or None
    return Link(
        name=name,
        operation=key,
        arguments=arguments,
        body=dict(_evaluated(body, exchange, node, violations)).get("body", MISSING),
        server=url,
        description=node.text("description"),
        violations=tuple(violations),
        _servers=server._replace(value=[server.value]) if url else None,
        _executor=executor,
    )


def _evaluated(
    given: Mapping[str, Any], exchange: ExpressionContext, node: Node, violations: list[Violation]
) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        try:
            yield name, evaluate(value, exchange) if isinstance(value, str) else value
        except Unevaluable as error:
            violations.append(Violation("argument", name, "", str(error), node.place))


def link_target(document: Document, operations: Operations, node: Node) -> str:
    """The key of the operation that a Link Object names. Raises DocumentError where it names none."""
    name, reference = node.text("operationId").strip(), node.text("operationRef")
    if name in operations:
        return operations[name].key
    if not reference:
        raise DocumentError(f"the document has no operation {name!r}" if name else "no operation is named")
    found = operations.at(document.opened(document.resolve(reference, node)))
    if not found:
        raise DocumentError(f"{reference} is not an operation of the document")
    written = unquote(reference)  # of paths that share a Path Item, the one that is written
    return max(found, key=lambda key: escape(operations.entry(key).path) in written)


def fitted(compiled: CompiledOperation, parameter: Parameter, value: Any) -> Any:
    """`value`, or what its text means to a parameter that does not take it so: on the wire they are the same.

    A header has no type where the document gives it none, and an id is a number here and a text there.
    """
    if parameter.schema is None or isinstance(value, (dict, list, bytes, type(None))):
        return value
    try:
        checker = compiled.checkers.checker(parameter.schema, "request")
        if checker.is_valid(value):
            return value
        shape = compiled.shape(parameter, "request")
        read = decode_header(as_text(value), parameter.name, False, shape)
        return read if checker.is_valid(read) else value
    except (DocumentError, StyleError):
        return value
