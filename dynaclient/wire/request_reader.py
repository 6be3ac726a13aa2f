"""A request as it arrived -> the values of its parameters, its body, and what in it breaks the document.

The reverse of `build`, for whoever receives requests: webhooks, callbacks, the sandbox. No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

from dynaclient._support.messages import REQUIRED, undocumented_type
from dynaclient._support.missing import MISSING
from dynaclient.document.model import MediaType, Operation, Parameter, template
from dynaclient.errors import DocumentError, Violation
from dynaclient.wire import codecs, json_values, media_types, percent
from dynaclient.wire.body_validation import BodyValidator
from dynaclient.wire.content_coding import decompress_body
from dynaclient.wire.files import Upload
from dynaclient.wire.form_decoding import decode_form, typed_text
from dynaclient.wire.media_types import TEXT
from dynaclient.wire.part_headers import broken_heads
from dynaclient.wire.percent import StyleError
from dynaclient.wire.request_builder import RequestDraft
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from dynaclient.wire.value_types import ExpectedType


@dataclass(frozen=True)
class Incoming:
    """A request: `target` is the raw path and query, `headers` are pairs in the order they came."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, draft: RequestDraft) -> Incoming:
        """What arrives of `draft`."""
        cookies = [("Cookie", "; ".join(draft.cookies))] if draft.cookies else []
        headers = (*draft.headers.items(), *cookies)
        return cls(draft.method, draft.target, headers, _content(draft.body))

    def uncoded(self) -> Incoming:
        """The same with its body decoded from its Content-Encoding. Raises Undecodable."""
        coding = self.header("Content-Encoding")
        if not coding or not self.body:
            return self
        return replace(self, body=decompress_body(self.body, coding))

    @property
    def path(self) -> str:
        """The raw path."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query, without `?`."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The value of a header, several of a name joined (RFC 9110, section 5.3); None where absent."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return (", " if name.lower() != "cookie" else "; ").join(found) if found else None

    @property
    def content_type(self) -> str:
        """The Content-Type, as written."""
        return self.header("Content-Type") or ""

    def pairs(self, location: str) -> list[tuple[str, str]]:
        """The raw `name=value` pairs of the query or the cookies."""
        text = self.query if location == "query" else self.header("Cookie") or ""
        items = (item.strip(" \t") for item in text.split("&" if location == "query" else ";"))
        return [(name, value) for name, _, value in (item.partition("=") for item in items if item)]

    def raw(self, parameter: Parameter, path: Mapping[str, str]) -> list[str]:
        """Every raw text sent under the name of `parameter`; `path` holds those of the path."""
        if parameter.location == "path":
            return [path[parameter.name]] if parameter.name in path else []
        if parameter.location == "header":
            value = self.header(parameter.name)
            return [] if value is None else [value]
        if parameter.location == "querystring":
            return [self.query] if self.query else []
        query = parameter.location == "query"
        return [
            value
            for name, value in self.pairs(parameter.location)
            if decoded(name, plus=query) == parameter.name
        ]


def _content(body: bytes | Upload | None) -> bytes:
    if not isinstance(body, Upload):
        return body or b""
    content = body.read()
    body.rewind()
    return content


def decoded(text: str, *, plus: bool = False) -> str:
    """`text` without percent-encoding; as it is where that is broken."""
    try:
        return percent.decode(text, plus=plus)
    except percent.StyleError:
        return text


def origin_form(target: str) -> str:
    """Path and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2)."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def path_pattern(pieces: Sequence[tuple[str, str | None]]) -> str:
    """A pattern with a group for each parameter of a path, which `template` gave in pieces.

    A value is the shortest that what follows it can stand behind, and is never tried longer, which could
    change nothing: so the time grows with the path, and not with the ways to share it out.
    """
    texts = [literal_pattern(text) if name is None else "" for text, name in pieces]
    texts[-1] += r"\Z"
    for i, (_, name) in enumerate(pieces):
        if name is not None:
            behind = texts[i + 1] if i + 1 < len(pieces) and pieces[i + 1][1] is None else texts[i]
            texts[i] = f"(?=(?P<p{i}>[^/]+?){behind})(?P=p{i}){texts[i]}"
    return "".join(texts)


def literal_pattern(text: str) -> str:
    """A pattern for `text` in a raw path, where any character may stand percent-encoded."""
    return "".join(_character(character) for character in text)


def _character(character: str) -> str:
    encoded = "".join(f"%(?i:{byte:02x})" for byte in character.encode())
    return "/" if character == "/" else f"(?:{re.escape(character)}|{encoded})"


def path_values(path: str, raw: str) -> dict[str, str]:
    """The raw texts of path parameters, which stand at the end of the path that the receiver chose itself."""
    pieces = template(path)
    names = [name for _, name in pieces if name is not None]
    slashes = sum(text.count("/") for text, _ in pieces)
    end = "/" + "/".join(raw.split("/")[-slashes:])
    found = re.fullmatch(path_pattern(pieces), end) if names else None
    return dict(zip(names, found.groups(), strict=True)) if found else {}


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


class RequestReader:
    """Reads requests as a client of this package writes them."""

    def __init__(self, bodies: BodyValidator) -> None:
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
        except (StyleError, json_values.Undecodable) as error:
            received.refuse(parameter, where, parameter.name, str(error), parameter.node.place)
            return
        if value is MISSING:
            if parameter.required:
                message = REQUIRED
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
            return content_value(parameter, raw, self._shape(parameter.media_type.schema))
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
                received.refuse("body", "body", "body", REQUIRED, body.node.place)
            return
        if not body.content:
            return
        kind = media_types.essence(incoming.content_type)
        found = received.media_type = media_types.matching(body.content, incoming.content_type)
        if found is None:
            message = undocumented_type(kind, body.content)
            received.refuse("body", "content-type", "", message, body.node.place)
            return
        try:
            received.body = self._decoded(found, kind, incoming)
        except (StyleError, json_values.Undecodable) as error:
            received.refuse("body", "body", "body", str(error), found.node.place)
            return
        heads = partial(self._heads, incoming) if kind == media_types.MULTIPART else None
        self._hold("body", received, partial(self._bodies.violations, found, received.body, kind, heads))

    def _heads(self, incoming: Incoming, documented: MediaType, value: Any) -> Iterator[Violation]:
        body, content_type = incoming.body, incoming.content_type
        return broken_heads(body, content_type, documented, self._bodies.check, self._shape)

    def _decoded(self, documented: MediaType, kind: str, incoming: Incoming) -> Any:
        if media_types.is_form(kind):
            shape = self._shape(documented.schema)
            return decode_form(incoming.body, incoming.content_type, documented, shape)
        if self._bodies.is_file(documented) and not codecs.is_registered(kind):
            return incoming.body
        value = codecs.decode_body(incoming.body, incoming.content_type)
        return typed_text(value, self._shape(documented.schema)) if kind == TEXT else value


def _may_be_empty(content_type: str) -> bool:
    """Whether no bytes of this type are a value: no items, the empty text, no fields."""
    kind = media_types.essence(content_type)
    return (
        media_types.is_sequence(kind)
        or kind == media_types.FORM
        or (media_types.is_text(kind) and not media_types.is_xml(kind))
    )


def content_value(parameter: Parameter, raw: list[str], shape: ExpectedType) -> Any:
    """The value of a parameter that is described by `content`; MISSING where nothing of it was sent.

    Raises StyleError or Undecodable where it cannot be read.
    """
    if not raw:
        return MISSING
    assert parameter.media_type is not None
    query = parameter.location in ("query", "querystring")
    kind = media_types.essence(parameter.media_type.name)
    if kind == media_types.FORM:
        text = raw[0] if parameter.location in ("querystring", "header") else percent.decode(raw[0])
        return decode_form(text.encode(), media_types.FORM, parameter.media_type, shape)
    text = raw[0] if parameter.location == "header" else percent.decode(raw[0], plus=query)
    if media_types.is_json(kind):
        return codecs.decode_body(text.encode(), parameter.media_type.name)
    return typed_text(text, shape) if kind == TEXT else text


def _styled(
    parameter: Parameter, shape: ExpectedType, incoming: Incoming, raw: list[str], taken: set[str]
) -> Any:
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
