"""What a request says: our own reading of its parameters and its body, and what that finds wrong.

The values are what answers echo; the findings count only where openapi-core is known to be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dynaclient.client import Client
from dynaclient.document.operation import MediaType, Operation, Parameter
from dynaclient.errors import DocumentError
from dynaclient.sandbox.forms import decode_form
from dynaclient.sandbox.incoming import Incoming
from dynaclient.wire import media, percent
from dynaclient.wire.percent import StyleError
from dynaclient.wire.shape import Shape, shape_of
from dynaclient.wire.unstyle import MISSING, decode_cookie, decode_header, decode_path, decode_query

Part = Parameter | Literal["body"]


@dataclass
class Reading:
    """The values of a request, and the reasons why a part of it is wrong."""

    values: dict[Parameter, Any] = field(default_factory=dict)
    body: Any = MISSING
    media_type: MediaType | None = None
    """The documented media type that the body was read as."""
    reasons: dict[Part, list[str]] = field(default_factory=dict)


class Reader:
    """Reads requests as a client of this package writes them."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, operation: Operation, incoming: Incoming, path: Mapping[str, str]) -> Reading:
        """All values of a request; `path` holds the raw texts of the path parameters."""
        reading = Reading()
        for parameter in operation.parameters:
            self._parameter(operation, parameter, incoming, path, reading)
        self._body(operation, incoming, reading)
        return reading

    def _parameter(
        self,
        operation: Operation,
        parameter: Parameter,
        incoming: Incoming,
        path: Mapping[str, str],
        reading: Reading,
    ) -> None:
        place = f"{parameter.location} {parameter.name}"
        try:
            value = self._value(operation, parameter, incoming, path)
        except (StyleError, media.Undecodable) as error:
            reading.reasons[parameter] = [f"{place}: {error}"]
            return
        if value is MISSING:
            if parameter.required:
                reading.reasons[parameter] = [f"{place}: missing: it is required"]
            return
        reading.values[parameter] = value
        schema = parameter.media_type.schema if parameter.media_type else parameter.schema
        if schema is not None and not (value == "" and parameter.allow_empty_value):
            found = self._check(schema, value, parameter.location, parameter.name)
            if found:
                reading.reasons[parameter] = found

    def _check(self, schema: Any, value: Any, where: Any, name: str) -> list[str]:
        try:
            return [
                str(each)
                for each in self.client.checkers.checker(schema, "request").violations(value, where, name)
            ]
        except DocumentError:
            return []  # a schema that cannot be used holds nothing against a value

    def _value(
        self, operation: Operation, parameter: Parameter, incoming: Incoming, path: Mapping[str, str]
    ) -> Any:
        raw = incoming.raw(parameter, path)
        if parameter.media_type is not None and parameter.schema is None:
            return _content_value(parameter, raw, self._shape(parameter.media_type))
        shape = self.client.plan(operation.key).shape(parameter, "request")
        taken = {
            each.name
            for each in operation.parameters
            if each is not parameter and each.location == parameter.location
        }
        return _styled(parameter, shape, incoming, raw, taken)

    def _body(self, operation: Operation, incoming: Incoming, reading: Reading) -> None:
        body = operation.body
        if body is None:
            return
        if not incoming.body:
            if body.required:
                reading.reasons["body"] = ["body: missing: it is required"]
            return
        if not body.content:
            return
        kind = media.essence(incoming.content_type)
        found = reading.media_type = media.matching(body.content, incoming.content_type)
        if found is None:
            known = ", ".join(body.content)
            reading.reasons["body"] = [
                f"content-type: {kind or 'none'} is not documented; documented: {known}"
            ]
            return
        try:
            reading.body = self._decoded(found, kind, incoming)
        except (StyleError, media.Undecodable) as error:
            reading.reasons["body"] = [f"body: {error}"]
            return
        if found.schema is not None and _is_checked(kind):
            reasons = self._check(found.schema, without_files(reading.body), "body", "body")
            if reasons:
                reading.reasons["body"] = reasons

    def _decoded(self, documented: MediaType, kind: str, incoming: Incoming) -> Any:
        if media.is_form(kind):
            return decode_form(incoming.body, incoming.content_type, documented, self._shape(documented))
        return media.decode(incoming.body, incoming.content_type)

    def _shape(self, documented: MediaType) -> Shape:
        if documented.schema is None:
            return Shape()
        translator = self.client.checkers.translator("request")
        defs = translator.defs
        key = translator.entry(documented.schema)
        return shape_of(defs[key], lambda ref: defs.get(ref.rpartition("/")[2], {}))


def _is_checked(kind: str) -> bool:
    """Whether a schema speaks of bodies of this type: bytes and XML are passed through."""
    return media.is_json(kind) or media.is_form(kind) or (kind.startswith("text/") and kind != "text/xml")


def without_files(value: Any) -> Any:
    """`value` with text in place of bytes, as `format: binary` means it."""
    if isinstance(value, bytes):
        return ""
    if isinstance(value, dict):
        return {key: without_files(item) for key, item in value.items()}
    return [without_files(item) for item in value] if isinstance(value, list) else value


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
        return decode_header(raw[0], name, explode, shape)
    return decode_path(raw[0], name, style, explode, shape)
