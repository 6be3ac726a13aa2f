"""What one operation of a document takes and returns: the objects that OperationBuilder makes.

Each is made once for a location of a document, and is equal to itself alone: what it holds of the document,
dicts and lists, has no hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dynaclient._support.prose import column_count, padded, visible
from dynaclient.document.node import Node
from dynaclient.errors import Finding, Where

__all__ = ["Operation"]

In = Literal["path", "query", "header", "cookie", "querystring"]
STYLES = {  # of each location, its default first
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
    return str(said.get("style") or default)


@dataclass(eq=False, repr=False)
class MediaType:
    """A Media Type Object: how a body of this type looks."""

    name: str
    schema: Node | None
    item_schema: Node | None
    encoding: Mapping[str, Node]
    node: Node
    part_headers: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)
    """What headers the part of a property has, where its Encoding Object says so."""
    part_types: Mapping[str, str] = field(default_factory=dict)
    """What the part of a property holds, where its schema says so: `contentMediaType`."""
    files: frozenset[str] = frozenset()
    """The properties of a multipart body that are files, or lists of them."""
    unchecked: tuple[Finding, ...] = ()
    """What of it leads nowhere, so that a body of it cannot be checked."""

    def __repr__(self) -> str:
        return visible(f"<MediaType {self.name}>")


@dataclass(eq=False, repr=False)
class Parameter:
    """A Parameter Object, or a Header Object with `location` "header"."""

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
        """The location as a Violation names it: a `querystring` is the query."""
        return "query" if self.location == "querystring" else self.location

    def __repr__(self) -> str:
        return visible(f"<Parameter {self.name}: {self._told()}>")

    def _told(self) -> str:
        return f"in {self.location}{', required' if self.required else ''}"


@dataclass(eq=False, repr=False)
class RequestBody:
    """A Request Body Object."""

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


@dataclass(eq=False, repr=False)
class ResponseObject:
    """A Response Object, under its key of the Responses Object: `200`, `2XX` or `default`."""

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


@dataclass(eq=False)
class SecurityScheme:
    """A Security Scheme Object. `kind` is its `type`."""

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
    """An Operation Object with what its Path Item and the root add to it."""

    key: str
    """The operationId, or `METHOD /path` where it has none or another holds it."""
    operation_id: str
    """As the document has it; empty where there is none."""
    method: str
    """The HTTP method, in upper case: `GET`; an additional one (3.2) as it is written."""
    path: str
    """The path template: `/users/{userId}`."""
    attribute: str
    """The name that it has as an attribute of a Client: `get_user`."""
    summary: str
    description: str
    deprecated: bool
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    """Those of the operation and of its path, in document order."""
    body: RequestBody | None
    """None where it takes no body."""
    responses: tuple[ResponseObject, ...]
    """The documented responses, in document order."""
    security: tuple[tuple[str, ...], ...] | None
    """Alternatives (OR) of scheme names (AND); None where the document is silent."""
    servers: Node | None
    """The `servers` of the operation or its path, where they have any."""
    node: Node
    """The Operation Object, and where it stands."""
    problem: str = ""
    """Why it cannot be called: what of its request cannot be resolved."""
    callbacks: Mapping[str, Node] = field(default_factory=dict)
    """The Callback Objects, by name."""
    lost_responses: Mapping[str, ResponseObject] = field(default_factory=dict)
    """Responses of which the document holds no more than the status: what it refers to is not there."""

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The required parameters, in document order."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    @property
    def optional(self) -> tuple[Parameter, ...]:
        """The optional parameters, in document order."""
        return tuple(parameter for parameter in self.parameters if not parameter.required)

    def response(self, status: int) -> ResponseObject | None:
        """What the document says of `status`: the code itself, else its range, else `default`.

        `default` does not stand for a redirect: nothing was carried out there.
        """
        by_key = {**self.lost_responses, **{response.status: response for response in self.responses}}
        found = by_key.get(str(status)) or by_key.get(f"{status // 100}XX")
        return found if found or status in REDIRECTS else by_key.get("default")

    def leads_away(self, status: int) -> bool:
        """Whether a status is a redirect that the document does not describe."""
        return status in REDIRECTS and self.response(status) is None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        from dynaclient._support.notebook import card, code, heading, html_table  # late: 4 ms

        rows = [
            (code(each.name), each._told(), each.description) for each in (*self.required, *self.optional)
        ]
        rows += [(code("body"), self.body._told(), self.body.description)] if self.body else []
        rows += [(code(each.status), " or ".join(each.content), each.description) for each in self.responses]
        return card(heading(self.key, code(f"{self.method} {self.path}"), self.summary), html_table((), rows))

    def __repr__(self) -> str:
        """A line for each thing that it takes, under the names of the document."""
        lines = [f"<Operation {self.key}: {self.method} {self.path}>"]
        lines += [f"  {self.summary}"] if self.summary else []
        rows = [(each.name, each._told()) for each in (*self.required, *self.optional)]
        rows += [("body", self.body._told())] if self.body else []
        width = max((column_count(name) for name, _ in rows), default=0)
        lines += [f"  {padded(name, width)}  {told}" for name, told in rows]
        lines.append(f"  responses: {', '.join(each.status for each in self.responses) or 'any'}")
        return visible("\n".join(lines))


def template(path: str) -> list[tuple[str, str | None]]:
    """The pieces of a path template: (literal, None) and ("", parameter name), in order."""
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
