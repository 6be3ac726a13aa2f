"""What one operation of a document takes and answers: the objects that OperationBuilder makes.

Each is made once for a place of a document, and is equal to itself alone: what it holds of the document,
dicts and lists, has no hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dynaclient._support.prose import visible
from dynaclient.document.node import Node
from dynaclient.errors import Finding, Where

__all__ = ["Operation"]

In = Literal["path", "query", "header", "cookie", "querystring"]
STYLES = {  # of each place, its default first
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
    "querystring": ("form",),
}

REDIRECTS = frozenset((301, 302, 303, 307, 308))
"""Statuses that say: ask elsewhere (RFC 9110, section 15.4). 300 is a choice, 304 what the client has."""


COLLECTION = "x-collectionFormats"
"""The member in which the upgrade of Swagger 2.0 leaves the `collectionFormat` of an array, and of those in
it, where no style of OpenAPI 3 says the same."""
COLLECTED = "2.0:"
"""How the style of such an array begins: `2.0:multi,csv` is an array of arrays, each a pair of its own."""
BODY_NAME = "x-body-name"
"""The member in which it leaves the name of a body parameter."""


def style_of(said: Mapping[str, Any], default: str) -> str:
    """The style that a Parameter, Header or Encoding Object states."""
    formats = said.get(COLLECTION)
    if isinstance(formats, list) and formats:
        return COLLECTED + ",".join(map(str, formats))
    return said.get("style") or default


@dataclass(frozen=True, eq=False, repr=False)
class MediaType:
    """A Media Type Object (OpenAPI 4.8.14): how a body of this type looks."""

    name: str
    schema: Node | None
    item_schema: Node | None
    encoding: Mapping[str, Node]
    node: Node
    part_headers: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)
    """What headers the part of a property has, where its Encoding Object says so (4.8.15.1.1)."""
    part_types: Mapping[str, str] = field(default_factory=dict)
    """What the part of a property holds, where its schema says so: `contentMediaType`."""
    files: frozenset[str] = frozenset()
    """The properties of a multipart body that are files, or lists of them."""
    unchecked: tuple[Finding, ...] = ()
    """What of it leads nowhere, so that a body of it cannot be checked."""

    def __repr__(self) -> str:
        return visible(f"<MediaType {self.name}>")


@dataclass(frozen=True, eq=False, repr=False)
class Parameter:
    """A Parameter Object (4.8.12), or a Header Object (4.8.21) with `location` "header"."""

    name: str
    location: In
    required: bool
    schema: Node | None
    style: str
    explode: bool
    allow_reserved: bool
    allow_empty_value: bool
    media_type: MediaType | None
    """Set where the parameter is described by `content` instead of `schema`."""
    deprecated: bool
    description: str
    node: Node
    python_name: str = ""
    """The snake_case name a call may use; empty where it would be ambiguous."""
    unchecked: tuple[Finding, ...] = ()
    """What of its `content` leads nowhere, so that a value cannot be checked."""

    @property
    def key(self) -> str:
        """The name that tells it from others of the same name: `query.id`."""
        return f"{self.location}.{self.name}"

    @property
    def value_schema(self) -> Node | None:
        """The schema of its value: its own, or that of its `content`; None where there is neither."""
        return self.media_type.schema if self.media_type else self.schema

    @property
    def where(self) -> Where:
        """The place as a Violation names it: a `querystring` is the query."""
        return "query" if self.location == "querystring" else self.location

    def __repr__(self) -> str:
        return visible(f"<Parameter {self.name}: {self._told()}>")

    def _told(self) -> str:
        return f"in {self.location}{', required' if self.required else ''}"


@dataclass(frozen=True, eq=False, repr=False)
class RequestBody:
    """A Request Body Object (4.8.13)."""

    required: bool
    content: Mapping[str, MediaType]
    description: str
    node: Node
    name: str = ""
    """What Swagger 2.0 calls it, which may be given in its place; empty for any other."""

    def __repr__(self) -> str:
        return visible(f"<RequestBody: {self._told()}>")

    def _told(self) -> str:
        return f"{' or '.join(self.content) or 'anything'}{', required' if self.required else ''}"


@dataclass(frozen=True, eq=False, repr=False)
class ResponseObject:
    """A Response Object (4.8.17), under its key of the Responses Object: `200`, `2XX` or `default`."""

    status: str
    description: str
    content: Mapping[str, MediaType]
    headers: tuple[Parameter, ...]
    links: Mapping[str, Node]
    node: Node
    unchecked: tuple[Finding, ...] = ()
    """What of it leads nowhere, so that it cannot be checked."""

    def __repr__(self) -> str:
        return visible(f"<ResponseObject {self.status}: {' or '.join(self.content) or 'no body'}>")


@dataclass(frozen=True, eq=False)
class SecurityScheme:
    """A Security Scheme Object (4.8.27). `kind` is its `type`."""

    name: str
    kind: str
    location: str
    parameter: str
    """The header, query parameter or cookie that an apiKey travels in."""
    scheme: str
    """The HTTP Authentication scheme, lower case: `basic`, `bearer`, `digest` ..."""
    description: str
    node: Node


@dataclass(frozen=True, eq=False, repr=False)
class Operation:
    """An Operation Object (4.8.10) with what its Path Item and the root add to it."""

    key: str
    """The operationId, or `METHOD /path` where it has none or another holds it."""
    operation_id: str
    method: str
    path: str
    attribute: str
    summary: str
    description: str
    deprecated: bool
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    answers: tuple[ResponseObject, ...]
    security: tuple[tuple[str, ...], ...] | None
    """Alternatives (OR) of scheme names (AND); None where the document is silent."""
    servers: Node | None
    """The `servers` of the operation or its path, where they have any."""
    node: Node
    problem: str = ""
    """Why it cannot be called: what of its request cannot be resolved."""
    callbacks: Mapping[str, Node] = field(default_factory=dict)
    lost_answers: Mapping[str, ResponseObject] = field(default_factory=dict)
    """Answers of which the document holds no more than the status: what it refers to is not there."""

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The required parameters, in document order."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    @property
    def optional(self) -> tuple[Parameter, ...]:
        """The optional parameters, in document order."""
        return tuple(parameter for parameter in self.parameters if not parameter.required)

    def answer(self, status: int) -> ResponseObject | None:
        """What the document says of `status`: the code itself, else its range, else `default` (4.8.16).

        `default` does not stand for a redirect: nothing was carried out there.
        """
        by_key = {**self.lost_answers, **{answer.status: answer for answer in self.answers}}
        found = by_key.get(str(status)) or by_key.get(f"{status // 100}XX")
        return found if found or status in REDIRECTS else by_key.get("default")

    def leads_away(self, status: int) -> bool:
        """Whether a status is a redirect that the document does not describe."""
        return status in REDIRECTS and self.answer(status) is None

    def __repr__(self) -> str:
        """A line for each thing that it takes, under the names of the document."""
        lines = [f"<Operation {self.key}: {self.method} {self.path}>"]
        lines += [f"  {self.summary}"] if self.summary else []
        rows = [(each.name, each._told()) for each in (*self.required, *self.optional)]
        rows += [("body", self.body._told())] if self.body else []
        width = max((len(name) for name, _ in rows), default=0)
        lines += [f"  {name:{width}}  {told}" for name, told in rows]
        lines.append(f"  responses: {', '.join(each.status for each in self.answers) or 'any'}")
        return visible("\n".join(lines))


def template(path: str) -> list[tuple[str, str | None]]:
    """The pieces of a path template: (literal, None) and ("", parameter name), in order (4.8.8.1)."""
    pieces: list[tuple[str, str | None]] = []
    rest = path
    while rest:
        literal, brace, tail = rest.partition("{")
        name, closed, after = tail.partition("}")
        if not brace or not closed:
            return [*pieces, (rest, None)]
        if literal:
            pieces.append((literal, None))
        pieces.append(("", name))
        rest = after
    return pieces
