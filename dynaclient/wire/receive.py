"""A request as it arrived -> the values of its parameters, its body, and what in it breaks the document.

The reverse of `build`, for whoever receives requests: webhooks, callbacks, the sandbox. No I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from dynaclient.document.operation import MediaType, Operation, Parameter
from dynaclient.errors import DocumentError, Violation
from dynaclient.wire import media, percent
from dynaclient.wire.bodies import Bodies
from dynaclient.wire.forms import decode_form, typed_text
from dynaclient.wire.incoming import Incoming
from dynaclient.wire.kinds import TEXT
from dynaclient.wire.percent import StyleError
from dynaclient.wire.shape import Shape
from dynaclient.wire.unstyle import MISSING, decode_cookie, decode_header, decode_path, decode_query
from dynaclient.words import be

Part = Parameter | Literal["body"]


@dataclass
class Received:
    """The values of a request, and what is wrong with each part of it."""

    values: dict[Parameter, Any] = field(default_factory=dict)
    body: Any = MISSING
    media_type: MediaType | None = None
    """The documented media type that the body was read as."""
    violations: dict[Part, list[Violation]] = field(default_factory=dict)
    unchecked: list[DocumentError] = field(default_factory=list)
    """Why a part could not be checked: its schema cannot be used."""

    def refuse(self, part: Part, where: Any, name: str, message: str, place: str = "") -> None:
        """Note that a part cannot be read at all."""
        self.violations[part] = [Violation(where, name, "", message, place)]


class Receiver:
    """Reads requests as a client of this package writes them."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._shape = bodies.shape

    def receive(self, operation: Operation, incoming: Incoming, path: Mapping[str, str]) -> Received:
        """All values of a request; `path` holds the raw texts of the path parameters."""
        received = Received()
        for parameter in operation.parameters:
            self._parameter(operation, parameter, incoming, path, received)
        self._body(operation, incoming, received)
        return received

    def _parameter(
        self,
        operation: Operation,
        parameter: Parameter,
        incoming: Incoming,
        path: Mapping[str, str],
        received: Received,
    ) -> None:
        where = parameter.where
        try:
            value = self._value(operation, parameter, incoming, path)
        except (StyleError, media.Undecodable) as error:
            received.refuse(parameter, where, parameter.name, str(error), parameter.node.place)
            return
        if value is MISSING:
            if parameter.required:
                message = "missing, but required"
                received.refuse(parameter, where, parameter.name, message, parameter.node.place)
            return
        received.values[parameter] = value
        schema = parameter.value_schema
        if schema is not None and not (value == "" and parameter.allow_empty_value):
            check = partial(self._bodies.check, schema, value, where, parameter.name)
            self._hold(parameter, received, check)

    def _hold(self, part: Part, received: Received, check: Callable[[], list[Violation]]) -> None:
        try:
            found = check()
        except DocumentError as error:
            received.unchecked.append(error)
            return
        if found:
            received.violations[part] = found

    def _value(
        self, operation: Operation, parameter: Parameter, incoming: Incoming, path: Mapping[str, str]
    ) -> Any:
        raw = incoming.raw(parameter, path)
        if parameter.media_type is not None and parameter.schema is None:
            return _content_value(parameter, raw, self._shape(parameter.media_type.schema))
        taken = {
            each.name
            for each in operation.parameters
            if each is not parameter and each.location == parameter.location
        }
        return _styled(parameter, self._shape(parameter.schema), incoming, raw, taken)

    def _body(self, operation: Operation, incoming: Incoming, received: Received) -> None:
        body = operation.body
        if body is None:
            return
        if not incoming.body and not _may_be_empty(incoming.content_type):
            if body.required:
                received.refuse("body", "body", "body", "missing, but required", body.node.place)
            return
        if not body.content:
            return
        kind = media.essence(incoming.content_type)
        found = received.media_type = media.matching(body.content, incoming.content_type)
        if found is None:
            known = f"{be(len(body.content))} {', '.join(body.content)}"
            message = f"{kind or 'none'} is not documented; documented {known}"
            received.refuse("body", "content-type", "", message, body.node.place)
            return
        try:
            received.body = self._decoded(found, kind, incoming)
        except (StyleError, media.Undecodable) as error:
            received.refuse("body", "body", "body", str(error), found.node.place)
            return
        heads = partial(self._heads, incoming) if kind == media.MULTIPART else None
        self._hold("body", received, partial(self._bodies.violations, found, received.body, kind, heads))

    def _heads(self, incoming: Incoming, documented: MediaType, value: Any) -> Iterator[Violation]:
        from dynaclient.wire.heads import broken_heads

        body, content_type = incoming.body, incoming.content_type
        return broken_heads(body, content_type, documented, self._bodies.check, self._shape)

    def _decoded(self, documented: MediaType, kind: str, incoming: Incoming) -> Any:
        if media.is_form(kind):
            shape = self._shape(documented.schema)
            return decode_form(incoming.body, incoming.content_type, documented, shape)
        if self._bodies.is_file(documented) and not media.is_registered(kind):
            return incoming.body
        value = media.decode(incoming.body, incoming.content_type)
        return typed_text(value, self._shape(documented.schema)) if kind == TEXT else value


def _may_be_empty(content_type: str) -> bool:
    """Whether no bytes of this type are a value: no items, the empty text, no fields."""
    kind = media.essence(content_type)
    return media.is_sequence(kind) or kind == media.FORM or (media.is_text(kind) and not media.is_xml(kind))


def _content_value(parameter: Parameter, raw: list[str], shape: Shape) -> Any:
    """The value of a parameter that is described by `content` (4.8.12.4)."""
    if not raw:
        return MISSING
    assert parameter.media_type is not None
    query = parameter.location in ("query", "querystring")
    kind = media.essence(parameter.media_type.name)
    if kind == media.FORM:
        text = raw[0] if parameter.location in ("querystring", "header") else percent.decode(raw[0])
        return decode_form(text.encode(), media.FORM, parameter.media_type, shape)
    text = raw[0] if parameter.location == "header" else percent.decode(raw[0], plus=query)
    return media.decode(text.encode(), parameter.media_type.name) if media.is_json(kind) else text


def _styled(parameter: Parameter, shape: Shape, incoming: Incoming, raw: list[str], taken: set[str]) -> Any:
    name, style, explode = parameter.name, parameter.style, parameter.explode
    if parameter.location == "query":
        return decode_query(incoming.query, name, style, explode, shape, taken=taken)
    if parameter.location == "cookie":
        return decode_cookie(incoming.header("Cookie") or "", name, style, explode, shape, taken=taken)
    if not raw:
        return MISSING
    if parameter.location == "header":
        return decode_header(raw[0], name, explode, shape, style)
    return decode_path(raw[0], name, style, explode, shape)
