"""How much of a contract was tried: what requests and responses show, of all that the document holds. Pure.

| kind | an item of it | it is tried when |
|---|---|---|
| operations | an operation | a request of it got a response |
| statuses | a status, range or `default` that an operation documents | a response had it |
| request types | a media type of a request body | a body of it was sent |
| response types | a media type of a documented response | a response with it came |
| parameters | a parameter of an operation | it was sent |
| keywords | a keyword that limits values, in a schema of requests | a value that it is about was sent |
| enum values | a value of an `enum` there | it was sent |
| examples | an example of a parameter or a request body | it was sent |

What is sent is read off the finished request, as a server reads it. `keywords` and `enum values` are counted
once for each location of the document, however many operations refer to it; in an `anyOf` or `oneOf` the
branches that a value matches are met. Keywords below `not`, `if`, `contains`, `dependentSchemas` and
`unevaluated...` and properties that are readOnly are not counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from dynaclient._support.missing import MISSING
from dynaclient.calls.observers import Observer
from dynaclient.document.model import MediaType, Operation
from dynaclient.document.node import Node
from dynaclient.document.subschemas import closure, under
from dynaclient.errors import DocumentError
from dynaclient.generation.examples import documented_examples
from dynaclient.wire import media_types
from dynaclient.wire.files import Upload
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.request_reader import Incoming, Received, path_values

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor
    from dynaclient.calls.observers import OngoingCall
    from dynaclient.calls.response import Response
    from dynaclient.wire.request import Request

__all__ = ["ContractCoverage", "Share"]

KINDS = (
    "operations",
    "statuses",
    "request types",
    "response types",
    "parameters",
    "keywords",
    "enum values",
    "examples",
)
"""What is counted, in the order in which it is shown."""

Item = tuple[str, ...]
"""One thing that can be tried: the key of an operation or a location in the document, and what is meant."""

_ABOUT: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("type", "enum", "const", "nullable"), (object,)),
    **dict.fromkeys("multipleOf maximum exclusiveMaximum minimum exclusiveMinimum".split(), (int, float)),
    **dict.fromkeys(("maxLength", "minLength", "pattern"), (str,)),
    "format": (str, int, float, bytes),
    **dict.fromkeys(("maxItems", "minItems", "uniqueItems"), (list,)),
    **dict.fromkeys(
        ("maxProperties", "minProperties", "required", "additionalProperties", "dependentRequired"), (dict,)
    ),
}
"""Keywords that limit values, and of which types."""

_INTO = ("properties", "patternProperties", "additionalProperties", "items", "prefixItems", "allOf", "anyOf")
"""Keywords that are gone into, beside `oneOf`."""


class Share(NamedTuple):
    """How many of a kind were tried, and how many there are."""

    kind: str
    tried: int
    of: int

    def __str__(self) -> str:
        return f"{self.kind} {self.tried} of {self.of}"


class ContractCoverage(Observer):
    """What was tried of the operations of a document, as far as requests and responses were counted.

    `str` is one line; `shares` are the numbers by kind, `untried` what is left of one. It comes from
    `Client.coverage`, where it is a context manager too: collecting ends with the block.
    """

    def __init__(self, executor: BaseExecutor, keys: Collection[str] | None = None) -> None:
        self._executor = executor
        self._document = executor.document
        self._keys = tuple(executor.operations if keys is None else keys)
        self._all: dict[str, dict[Item, None]] | None = None
        self._tried: dict[str, dict[Item, None]] = {kind: {} for kind in KINDS}

    # -- results ---------------------------------------------------------------------------------------

    @property
    def shares(self) -> tuple[Share, ...]:
        """How much was tried of each kind that the document has."""
        found = [
            Share(kind, sum(tried for _, tried in self.items(kind)), len(self.all(kind))) for kind in KINDS
        ]
        return tuple(each for each in found if each.of)

    def items(self, kind: str) -> tuple[tuple[Item, bool], ...]:
        """Every item of a kind, in document order, and whether it was tried."""
        return tuple((item, item in self._tried[kind]) for item in self.all(kind))

    def untried(self, kind: str) -> tuple[Item, ...]:
        """The items of a kind that were not tried."""
        return tuple(item for item, tried in self.items(kind) if not tried)

    def all(self, kind: str) -> Collection[Item]:
        """Every item of a kind."""
        if self._all is None:
            made: dict[str, dict[Item, None]] = {each: {} for each in KINDS}
            for key in self._keys:
                for of, item in self._documented(self._executor.operations[key]):
                    made[of][item] = None
            self._all = made
        return self._all[kind]

    def __str__(self) -> str:
        return ", ".join(map(str, self.shares)) or "nothing to cover"

    def __repr__(self) -> str:
        return f"<ContractCoverage {self}>"

    # -- what there is ---------------------------------------------------------------------------------

    def _documented(self, operation: Operation) -> Iterator[tuple[str, Item]]:
        key = operation.key
        yield "operations", (key,)
        for response in operation.responses:
            yield "statuses", (key, response.status)
            yield from (("response types", (key, response.status, name)) for name in response.content)
        for parameter in operation.parameters:
            yield "parameters", (key, parameter.key)
            yield from self._rules(parameter.value_schema)
            yield from self._examples(parameter.media_type.node if parameter.media_type else parameter.node)
        for name, media in operation.body.content.items() if operation.body else ():
            yield "request types", (key, name)
            yield from self._rules(media.schema)
            yield from self._examples(media.node)

    def _rules(self, schema: Node | None) -> Iterator[tuple[str, Item]]:
        for node in closure([] if schema is None else [schema], self._further):
            for keyword, argument in node.value.items():
                if keyword in _ABOUT and _limits(keyword, argument):
                    yield "keywords", (node.place, keyword)
            values = node.value.get("enum")
            for value in values if isinstance(values, list) else ():
                yield "enum values", (node.place, _text(value))

    def _further(self, node: Node) -> Iterator[Node]:
        target = self._referred(node)
        if target is not None:
            yield target
        for each in under(node, *_INTO, "oneOf"):
            if not self._is_read_only(each):
                yield each

    def _referred(self, node: Node) -> Node | None:
        return self._document.followed(node) if isinstance(node.value.get("$ref"), str) else None

    def _is_read_only(self, node: Node) -> bool:
        target = self._document.followed(node)
        return any(
            isinstance(each.value, dict) and each.value.get("readOnly") is True
            for each in (node, target)
            if each is not None
        )

    def _examples(self, node: Node) -> Iterator[tuple[str, Item]]:
        for name in documented_examples(self._document, node):
            yield "examples", (node.place, name)

    # -- what was tried --------------------------------------------------------------------------------

    def responded(self, call: OngoingCall, response: Response) -> None:
        """What an executor tells of each call."""
        if call.operation.key in self._executor.operations:  # `poll` asks what the document may not have
            self.add(call.operation.key, response.request, response.status, response.headers)

    def add(self, key: str, request: Request, status: int, headers: Mapping[str, str]) -> None:
        """Note a request of the operation `key`, and the response to it."""
        operation = self._executor.operations[key]
        if request.method != operation.method:
            return
        self._note("operations", key)
        response = operation.response(status)
        if response is not None:
            self._note("statuses", key, response.status)
            media = media_types.matching(response.content, headers.get("Content-Type") or "")
            if media is not None:
                self._note("response types", key, response.status, media.name)
        self._sent(operation, _incoming(request))

    def _sent(self, operation: Operation, incoming: Incoming) -> None:
        path = path_values(operation.path, incoming.path)
        received: Received = self._executor.compiled(operation.key).receive(incoming, path)
        for parameter, value in received.values.items():
            self._note("parameters", operation.key, parameter.key)
            self._value(parameter.value_schema, value)
            node = parameter.media_type.node if parameter.media_type else parameter.node
            self._example(node, value)
        media: MediaType | None = received.media_type
        if media is not None and received.body is not MISSING:
            self._note("request types", operation.key, media.name)
            self._value(media.schema, received.body)
            self._example(media.node, received.body)

    def _note(self, kind: str, *item: str) -> None:
        self._tried[kind][item] = None

    def _example(self, node: Node, value: Any) -> None:
        for name, example in documented_examples(self._document, node).items():
            if _text(example) == _text(value):
                self._note("examples", node.place, name)

    def _value(self, schema: Node | None, value: Any) -> None:
        """Note what the schemas that describe `value` say of it."""
        pending: list[tuple[Node, Any]] = [] if schema is None else [(schema, value)]
        while pending:
            node, here = pending.pop()
            if not isinstance(node.value, dict):
                continue
            for keyword in node.value:
                if keyword in _ABOUT and isinstance(here, _ABOUT[keyword]) and not _is_flag(keyword, here):
                    self._note("keywords", node.place, keyword)
            if isinstance(node.value.get("enum"), list):
                self._note("enum values", node.place, _text(here))
            target = self._referred(node)
            pending += [(target, here)] if target is not None else []
            pending += self._parts(node, here)

    def _parts(self, node: Node, value: Any) -> Iterator[tuple[Node, Any]]:
        """The schemas below `node` that say something of `value` or of a part of it, each with that."""
        yield from ((each, value) for each in under(node, "allOf"))
        yield from ((each, value) for each in under(node, "anyOf", "oneOf") if self._matches(each, value))
        if isinstance(value, dict):
            yield from _of_object(node, value)
        elif isinstance(value, list):
            first = list(under(node, "prefixItems"))
            yield from zip(first, value, strict=False)
            for items in under(node, "items"):
                yield from ((items, each) for each in value[len(first) :])

    def _matches(self, node: Node, value: Any) -> bool:
        try:
            return self._executor.checkers.checker(node, "request").is_valid(value)
        except DocumentError:
            return False

    # -- collecting ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Collect from each call of the client from now on."""
        if self not in self._executor.observers:
            self._executor.observers.append(self)

    def __enter__(self) -> ContractCoverage:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Collect no more."""
        observers = self._executor.observers
        observers[:] = [each for each in observers if each is not self]


def _of_object(node: Node, value: Mapping[str, Any]) -> Iterator[tuple[Node, Any]]:
    named = node.get("properties")
    known = set(named.value) if named is not None and isinstance(named.value, dict) else set()
    for name in known & value.keys():
        yield node.child("properties").child(name), value[name]
    patterns = node.get("patternProperties")
    matched = set()
    for pattern, schema in patterns.items() if patterns is not None else ():
        for name in value:
            if _finds(pattern, name):
                matched.add(name)
                yield schema, value[name]
    for others in under(node, "additionalProperties"):
        yield from ((others, value[name]) for name in value if name not in known | matched)


def _finds(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _limits(keyword: str, argument: Any) -> bool:
    """Whether a keyword with this argument forbids any value."""
    if keyword == "additionalProperties":
        return argument is False
    return not (argument is False and keyword in ("nullable", "uniqueItems"))


def _is_flag(keyword: str, value: Any) -> bool:
    """Whether a keyword about numbers stands before a boolean, which Python takes for one."""
    return isinstance(value, bool) and object not in _ABOUT[keyword]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)


def _incoming(request: Request) -> Incoming:
    """A request as a server reads it."""
    parts = urlsplit(str(request.url))
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = [(name, _decoded(value)) for name, value in request.headers.items()]
    body: Any = request.body
    if isinstance(body, Upload):
        body = _content(body)
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
    incoming = Incoming(str(request.method), target, tuple(headers), content)
    with suppress(Undecodable):
        return incoming.uncoded()
    return incoming


_LONGEST = 1_000_000
"""Bytes of files that are looked into."""


def _content(body: Upload) -> bytes:
    """What was sent of files; nothing where they are long, or can be read only once."""
    if not body.rewindable:
        return b""
    body.rewind()
    content = body.read(_LONGEST + 1)
    body.rewind()
    return content if len(content) <= _LONGEST else b""


def _decoded(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
