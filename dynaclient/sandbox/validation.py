"""Is this request what the document asks for? openapi-core says; where it is known to be wrong, we do.

openapi-core is the independent second opinion: it has its own schema checks and its own reading of styles
and media types. What it is known to get wrong stands in `openapi_core_bugs.KNOWN_BUGS` alone. It judges each
request with those parts taken out of the operation; `CompiledOperation.receive` judges the parts.
`Verdict.judge` tells.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynaclient.client import Client
from dynaclient.document.document import Document
from dynaclient.document.model import Operation
from dynaclient.document.node import Node
from dynaclient.sandbox.openapi_core_bugs import KNOWN_BUGS, FactFinder, KnownBug
from dynaclient.schema import formats
from dynaclient.wire.request_reader import Incoming, Part, Received, decoded

_MAX_REASON = 400
"""A reason is cut here: the messages of schema checks hold the whole value."""


@dataclass(frozen=True)
class Verdict:
    """Why a request is wrong, nothing if it is right; and who said so."""

    reasons: tuple[str, ...]
    judge: str


class Judge:
    """Judges requests to the operations of one document."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._finder = FactFinder(client)
        self._validators: dict[tuple[str, frozenset[Part]], Any] = {}

    def judge(
        self, operation: Operation, incoming: Incoming, path: Mapping[str, str], received: Received
    ) -> Verdict:
        """The verdict on a request whose path parameters have the raw texts `path`, read as `received`."""
        weak = self._weak(operation, incoming, path, received)
        try:
            said = self._ask(operation, incoming, path, frozenset(weak))
        except Exception as error:  # it raises what it likes where it meets what it does not know
            own = tuple(str(each) for found in received.violations.values() for each in found)
            return Verdict(own, f"own: openapi-core failed with {type(error).__name__}")
        own = tuple(str(each) for part in weak for each in received.violations.get(part, ()))
        names = dict.fromkeys(row.name for row in weak.values())
        return Verdict((*said, *own), "; ".join(["openapi-core", *(f"own: {name}" for name in names)]))

    def _weak(
        self, operation: Operation, incoming: Incoming, path: Mapping[str, str], received: Received
    ) -> dict[Part, KnownBug]:
        """The parts of this request that openapi-core is not asked about, and why."""
        parts: list[Part] = [*operation.parameters]
        if operation.body is not None and (incoming.body or operation.body.required):
            parts.append("body")
        found: dict[Part, KnownBug] = {}
        for part in parts:
            facts = self._finder.facts(operation, part, incoming, path, received)
            row = next((row for row in KNOWN_BUGS if row.applies(facts)), None)
            if row is not None:
                found[part] = row
        return found

    def _ask(
        self,
        operation: Operation,
        incoming: Incoming,
        path: Mapping[str, str],
        without: frozenset[Part],
    ) -> tuple[str, ...]:
        key = (operation.key, without)
        if key not in self._validators:
            self._validators[key] = _validator(self._client.document, operation, without)
        request = _Request(operation, incoming, path)
        reasons = [reason for error in self._validators[key].iter_errors(request) for reason in _said(error)]
        return tuple(dict.fromkeys(reason[:_MAX_REASON] for reason in reasons))


class _Request:
    """A request as openapi-core wants it (openapi_core.protocols.Request)."""

    host_url = "http://sandbox.invalid"

    def __init__(self, operation: Operation, incoming: Incoming, path: Mapping[str, str]) -> None:
        from openapi_core.datatypes import RequestParameters  # late: 452 ms
        from werkzeug.datastructures import Headers, ImmutableMultiDict  # late: 57 ms

        self.path = incoming.path
        self.method = operation.method.lower()
        self.content_type = incoming.content_type
        self.body = incoming.body
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(_decoded_pairs(incoming, "query", plus=True)),
            header=Headers(list(incoming.headers)),
            cookie=ImmutableMultiDict(_decoded_pairs(incoming, "cookie", plus=False)),
            path={name: decoded(text) for name, text in path.items()},
        )


def _decoded_pairs(incoming: Incoming, location: str, *, plus: bool) -> list[tuple[str, str]]:
    return [(decoded(k, plus=plus), decoded(v, plus=plus)) for k, v in incoming.pairs(location)]


def _validator(document: Document, operation: Operation, without: frozenset[Part]) -> Any:
    """openapi-core's validator for one operation, less some parts, which takes any host for the server.

    It takes anything for a `uri` and for other formats: it is given our checks of those.
    """
    from jsonschema_path import SchemaPath  # late: 95 ms
    from openapi_core import V30RequestValidator, V31RequestValidator, V32RequestValidator  # late: 475 ms
    from openapi_core.templating.datatypes import TemplateResult  # late: 470 ms
    from openapi_core.templating.paths.datatypes import PathOperationServer  # late: 467 ms

    logging.getLogger("openapi_core").addHandler(logging.NullHandler())
    kinds = {(3, 0): V30RequestValidator, (3, 1): V31RequestValidator, (3, 2): V32RequestValidator}
    whole = {**document.tree, "x-judged": {"item": {}, "operation": _stripped(operation, without)}}
    root = SchemaPath.from_dict(whole, base_uri=document.uri, handlers=_Files(document))

    class Finder:
        """Finds the one operation; openapi-core would search all paths for it."""

        def __init__(self, spec: Any, base_url: str | None = None) -> None:
            self._found = PathOperationServer(
                spec / "x-judged" / "item",
                spec / "x-judged" / "operation",
                None,
                TemplateResult("", {}),
                None,
            )

        def find(self, method: str, name: str) -> PathOperationServer:
            return self._found

    kind = kinds[document.version]
    known = kind.schema_validators_factory.get_format_checker().checkers
    more = {name: check for name, check in formats.FORMATS.items() if name not in known}
    return kind(root, path_finder_cls=Finder, extra_format_validators=more)  # type: ignore[arg-type]


class _Files(dict[str, Callable[[str], Any]]):
    """How openapi-core reads other files, whatever their scheme: as the document may, and not otherwise."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Callable[[str], Any]:
        return lambda uri: self._document.resolve(uri, self._document.root).value


def _stripped(operation: Operation, without: frozenset[Part]) -> dict[str, Any]:
    """The Operation Object to judge by. `deprecated` and `allowEmptyValue` only make openapi-core warn."""
    ignored = ("deprecated", "allowEmptyValue")
    judged: dict[str, Any] = {
        "security": [],
        "responses": {},
        "parameters": [
            {key: value for key, value in _placed(parameter.node).items() if key not in ignored}
            for parameter in operation.parameters
            if parameter not in without and "name" in parameter.node.value
        ],
    }
    if operation.body is not None and "body" not in without:
        judged["requestBody"] = _placed(operation.body.node)
    return judged


def _placed(node: Node) -> dict[str, Any]:
    """What stands at `node`; by reference where it is in another file, whose own references are relative."""
    value: dict[str, Any] = {"$ref": f"{node.uri}#{node.pointer}"} if node.uri else node.value
    return value


def _said(error: BaseException) -> Iterator[str]:
    """The lines of one of openapi-core's errors: where, and what each schema check said."""
    place = _place(error)
    cause = error.__cause__
    details = getattr(cause, "schema_errors", None)
    if details is None:
        yield f"{place}: {_text(cause if cause is not None else error)}"
        return
    for each in details:
        pointer = "".join(f"/{step}" for step in each.absolute_path)
        yield f"{place}{' at ' + pointer if pointer else ''}: {each.message}"


def _text(error: BaseException) -> str:
    """What an error says; its name where it fails at that, as over bytes that are no text."""
    try:
        return str(error)
    except ValueError:
        return type(error).__name__


def _place(error: BaseException) -> str:
    name = getattr(error, "name", "")
    return f"{getattr(error, 'location', '')} {name}" if name else "body"
