"""Webhooks and callbacks: what a receiver needs to judge a request that the API sends to it.

No I/O: the web framework that received the request hands over what it got.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from dynaclient._support.messages import kind_of, pluralize, short_repr, undocumented
from dynaclient._support.missing import MISSING
from dynaclient._support.prose import visible
from dynaclient.calls.compiled_operation import CompiledOperation
from dynaclient.document.document import Document
from dynaclient.document.model import MediaType, Operation
from dynaclient.document.node import Node
from dynaclient.document.operations import OperationBuilder, of_item
from dynaclient.errors import (
    DocumentError,
    Finding,
    RequestInvalid,
    SettingsError,
    UnknownOperation,
    Violation,
)
from dynaclient.schema.unchecked import collected
from dynaclient.schema.validator import Validators
from dynaclient.wire import codecs, json_values, media_types, percent
from dynaclient.wire.content_coding import is_encoded
from dynaclient.wire.encoded import Encoded
from dynaclient.wire.expressions import path_of
from dynaclient.wire.json_values import NotPlain, Undecodable, json_value
from dynaclient.wire.percent import StyleError
from dynaclient.wire.request_reader import Incoming, origin_form, path_values

Pairs = list[tuple[str, str]]


def _normalize_request(
    operation: Operation,
    takes_null: Callable[[], bool],
    path: Any,
    query: Any,
    headers: Any,
    cookies: Any,
    body: Any,
) -> tuple[Incoming, list[Violation]]:
    """The request, and what of it cannot have stood on a wire. `takes_null`: whether its body may be null.

    Raises SettingsError for what is neither a mapping nor pairs.
    """
    found: list[Violation] = []
    pairs = None if headers is None else _pairs("headers", headers)
    encoded = _encoded(operation, takes_null, body, pairs, found)
    ours = {"Content-Type": encoded.content_type}
    if cookies is not None:
        ours["Cookie"] = "; ".join(f"{name}={value}" for name, value in _pairs("cookies", cookies))
    names = [name.lower() for name in ours]
    rest = [pair for pair in pairs or () if pair[0].lower() not in names]
    made = [(name, value) for name, value in ours.items() if value]
    target = _target(path, query, found)
    incoming = Incoming(operation.method, target, (*rest, *made), encoded.content)
    return _uncoded(incoming, body, found), found


def _uncoded(incoming: Incoming, body: Any, found: list[Violation]) -> Incoming:
    """Many frameworks decode a body and leave its Content-Encoding there: what can be seen tells."""
    if not is_encoded(body, incoming.header("Content-Encoding") or ""):
        return incoming
    try:
        return incoming.uncoded()
    except Undecodable as error:
        found.append(Violation("body", "body", "", str(error)))
        return incoming


def _target(path: Any, query: Any, found: list[Violation]) -> str:
    try:
        target = origin_form(_text(path or "/"))
        return target if query is None else f"{target.partition('?')[0]}?{_query(query)}"
    except ValueError as error:  # no URL, or half a surrogate pair
        found.append(Violation("argument", "path or query", "", f"not valid in a URL: {error}"))
        return "/"


def _query(given: Any) -> str:
    """A raw query. One taken apart has lost which commas were delimiters: all are taken for such."""
    if isinstance(given, (str, bytes)):
        return _text(given).removeprefix("?")
    pairs = _pairs("query", given)
    return "&".join(f"{percent.encode(name)}={percent.encode(value, ',')}" for name, value in pairs)


def _pairs(what: str, given: Any) -> Pairs:
    """Names and values, one pair for each value of a name."""
    try:
        items = given.items() if hasattr(given, "items") else given
        several = [(name, value if isinstance(value, (list, tuple)) else [value]) for name, value in items]
    except (TypeError, ValueError):
        raise SettingsError(f"{what}: expected a mapping, or pairs of a name and a value") from None
    return [(_text(name), _text(value)) for name, values in several for value in values]


def _text(value: Any) -> str:
    try:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)
    except Exception:  # it nests too deep, has too many digits, or is of a class that fails
        raise SettingsError(f"{kind_of(value)} cannot be in a request") from None


def _encoded(
    operation: Operation,
    takes_null: Callable[[], bool],
    given: Any,
    headers: Pairs | None,
    found: list[Violation],
) -> Encoded:
    """The body as bytes, and its Content-Type: where there are no headers at all, the first documented one,
    of decoded data the first that is for it."""
    documented = operation.body.content if operation.body else {}
    if headers is None:
        raw = isinstance(given, (str, bytes, bytearray, memoryview))
        first = next(iter(documented), media_types.JSON)
        name = codecs.choose_media_type(documented, given) if documented and not raw else first
        content_type = media_types.concrete(name, given)
    else:
        content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    kind = media_types.essence(content_type)
    if given is None and not (media_types.is_json(kind) and takes_null()):
        return Encoded(b"", content_type)
    try:
        return Encoded(*_bytes(given, content_type, documented))
    except NotPlain as error:
        found.append(Violation("body", "body", error.pointer, error.message))
    except (StyleError, LookupError, UnicodeEncodeError) as error:
        found.append(Violation("body", "body", "", f"not {kind[:100] or 'a body'}: {error}"))
    return Encoded(b"", content_type)


def _bytes(given: Any, content_type: str, documented: Mapping[str, MediaType]) -> tuple[bytes, str]:
    if isinstance(given, (bytes, bytearray, memoryview)):
        return bytes(given), content_type
    if isinstance(given, str):
        json = media_types.is_json(media_types.essence(content_type))
        return given.encode("utf-8" if json else media_types.charset(content_type)), content_type
    value = json_value(given, files=True)
    encoded = codecs.encode_body(
        value, content_type or media_types.JSON, media_types.matching(documented, content_type)
    )
    return (
        encoded.content,
        encoded.content_type if content_type else "",
    )  # multipart has a boundary of its own


Requests = tuple[tuple[str, Operation], ...]
"""Expression of the URL (empty for a webhook) and operation, for each request that is documented."""


class Receiver:
    """One webhook, or one callback of an operation: `check` judges the requests that come in for it."""

    def __init__(self, title: str, requests: Requests, checkers: Validators) -> None:
        self.title = title
        self.requests = requests
        self._checkers = checkers
        self._compiled_operations: dict[str, CompiledOperation] = {}

    def check(
        self,
        *,
        method: str | None = None,
        path: str | bytes | None = None,
        query: Any = None,
        headers: Any = None,
        cookies: Any = None,
        body: Any = None,
    ) -> Any:
        """The decoded body of a request that came in, if the request is what the document says.

        `method`: needed where several are documented. `path`: as received, for callbacks with parameters in
        their path; without it, these are not looked at. `query`: the raw text after `?`, or a mapping.
        `headers`: a mapping or pairs; without any, the body is taken for the first documented media type.
        `cookies`: a mapping, where they are not in the headers. `body`: bytes, text, or already decoded.

        It is the API that sends: properties that are `readOnly` may be there, those that are `writeOnly` are
        refused. Signatures are not verified.

        Raises RequestInvalid with all violations; DocumentError where the document cannot be used for it;
        SettingsError where it is not clear what to check.
        """
        compiled = self._compiled(self._chosen(method))
        operation = compiled.operation

        def takes_null() -> bool:
            return operation.body is not None and compiled.takes_null(operation.body)

        content = operation.body.content.values() if operation.body else ()
        for described in (*operation.parameters, *content):
            if described.schema is not None:
                compiled.require(described.schema, "response")
        incoming, found = _normalize_request(operation, takes_null, path, query, headers, cookies, body)
        self._refuse(found)
        with collected() as unchecked:
            received = compiled.receive(incoming, path_values(operation.path, incoming.path), "response")
        compiled.say(unchecked)
        self._refuse(
            violation
            for violations in received.violations.values()
            for violation in violations
            if path is not None or violation.where != "path"
        )
        for error in received.unchecked:
            raise error
        return _undocumented(incoming) if received.body is MISSING else received.body

    def _refuse(self, violations: Iterable[Violation]) -> None:
        found = list(violations)
        if found:
            count = pluralize(len(found), "violation")
            raise RequestInvalid(f"{self.title}: request does not match the OpenAPI document; {count}", found)

    def at(self, expression: str) -> Receiver:
        """The requests to one URL of a callback, by the expression that the document gives for it."""
        own = tuple(each for each in self.requests if each[0] == expression)
        if not own:
            known = [each for each, _ in self.requests]
            raise UnknownOperation(f"{self.title} has no URL {short_repr(expression)}", known)
        return Receiver(f"{self.title} at {expression}", own, self._checkers)

    def _chosen(self, method: str | None) -> Operation:
        known = ", ".join(dict.fromkeys(operation.method for _, operation in self.requests)) or "none"
        if not isinstance(method, (str, type(None))):
            raise SettingsError(f"method: expected the name of an HTTP method, got {kind_of(method)}")
        wanted = (method, (method or "").upper())
        found = [each for each in self.requests if method is None or each[1].method in wanted]
        if len(found) == 1:
            return found[0][1]
        if not found and self.requests:
            message = undocumented(f"method {method}", [known])
            self._refuse([Violation("argument", "method", "", message)])
        if not found:
            raise DocumentError(f"{self.title}: the document does not describe its requests")
        if len({expression for expression, _ in found}) > 1:
            urls = ", ".join(repr(expression) for expression, _ in found)
            raise SettingsError(f"{self.title} has several URLs; choose one with at(...): {urls}")
        raise SettingsError(f"{self.title} has several methods; choose one with method=...: {known}")

    def _compiled(self, operation: Operation) -> CompiledOperation:
        if operation.problem:
            message = f"{operation.key} cannot be checked: {operation.problem}"
            raise DocumentError(message, [Finding(operation.node.place, "error", message)])
        if operation.key not in self._compiled_operations:
            self._compiled_operations[operation.key] = CompiledOperation(operation, self._checkers)
        return self._compiled_operations[operation.key]

    def __repr__(self) -> str:
        known = ", ".join(
            f"{operation.method} {expression}".strip() for expression, operation in self.requests
        )
        return visible(f"<{self.title}: {known}>")


class Receivers(Mapping[str, Receiver]):
    """The webhooks of a document, or the callbacks of an operation, by name; each is made on first use."""

    def __init__(
        self, document: Document, checkers: Validators, nodes: Mapping[str, Node], owner: str = ""
    ) -> None:
        self._document = document
        self._checkers = checkers
        self._nodes = nodes
        self._owner = owner
        self._made: dict[str, Receiver] = {}

    def __getitem__(self, name: str) -> Receiver:
        if not isinstance(name, str) or name not in self._nodes:
            what = f"{self._owner} has no callback" if self._owner else "the document has no webhook"
            near = get_close_matches(name, list(self._nodes)) if isinstance(name, str) else ()
            raise UnknownOperation(f"{what} {short_repr(name)}", near)
        if name not in self._made:
            title = f"callback {name} of {self._owner}" if self._owner else f"webhook {name}"
            requests = tuple(self._requests(title, self._nodes[name]))
            self._made[name] = Receiver(title, requests, self._checkers)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        names = f": {', '.join(self)}" if self else ""
        return visible(f"<{pluralize(len(self), 'callback' if self._owner else 'webhook')}{names}>")

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython offers behind `client.webhooks[`."""
        return list(self)

    def _requests(self, title: str, place: Node) -> Iterator[tuple[str, Operation]]:
        node = self._document.opened(place)
        items = [(each, item) for each, item in node.items() if not each.startswith("x-")]
        for expression, item in items if self._owner else [("", node)]:
            path, opened = path_of(expression), self._document.opened(item)
            for method, _, _, operation in of_item(self._document, path, opened):
                key = f"{title}: {method} {expression}".strip()
                builder = OperationBuilder(self._document)
                yield expression, builder.build(key, "", method, path, opened, operation)


def webhooks(document: Document, checkers: Validators) -> Receivers:
    """The webhooks of a document (`webhooks`; `x-webhooks`, where documents of 3.0 have them)."""
    place = document.root.get("webhooks") or document.root.get("x-webhooks")
    named = {name: node for name, node in document.opened(place).items() if not name.startswith("x-")}
    return Receivers(document, checkers, named)


def callbacks(document: Document, checkers: Validators, operation: Operation) -> Receivers:
    """The callbacks of an operation."""
    return Receivers(document, checkers, operation.callbacks, operation.key)


def _undocumented(incoming: Incoming) -> Any:
    """A body that the document says nothing of, by its Content-Type; None where there is none."""
    try:
        return codecs.decode_body(incoming.body, incoming.content_type) if incoming.body else None
    except json_values.Undecodable:
        return incoming.body
