"""From the tree of a document to what its operations take and answer, made on first use."""

from __future__ import annotations

from dynaclient.document.document import Document, Node
from dynaclient.document.names import snake_case, spelt_otherwise
from dynaclient.document.operation import (
    STYLES,
    Answer,
    Body,
    In,
    MediaType,
    Operation,
    Parameter,
    SecurityScheme,
    template,
)
from dynaclient.errors import DocumentError
from dynaclient.records import replace

IGNORED_HEADERS = ("accept", "content-type", "authorization", "content-length", "transfer-encoding")
"""Header parameters that mean nothing: three by 4.8.12.1, and the framing, which HTTP itself sets."""


class OperationBuilder:
    """Makes Operation objects from the places of a document. What is odd becomes a finding."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def build(self, key: str, attribute: str, method: str, path: str, item: Node, node: Node) -> Operation:
        """The operation at `node`, of the Path Item at `item`."""
        problems: list[str] = []
        bodies: list[Node] = []
        path, parameters = self._parameters(path, item, node, problems, bodies)
        security = self._security(node)
        return Operation(
            key=key,
            operation_id=node.text("operationId"),
            method=method,
            path=path,
            attribute=attribute,
            summary=node.text("summary") or item.text("summary"),
            description=node.text("description") or item.text("description"),
            deprecated=node.flag("deprecated"),
            tags=tuple(str(tag.value) for tag in (node.get("tags") or node).elements()),
            parameters=parameters,
            body=self._body(node, problems) or (self._body_parameter(bodies[-1]) if bodies else None),
            answers=self._answers(node),
            security=security,
            servers=node.get("servers") or item.get("servers"),
            node=node,
            problem="; ".join(problems),
            callbacks=dict(self.document.opened(node.get("callbacks")).items()),
        )

    def _follow(self, node: Node, problems: list[str] | None = None) -> Node | None:
        try:
            found = self.document.follow(node)
        except DocumentError as error:
            self.document.note(error)
            if problems is not None:
                problems.append(str(error.args[0]))
            return None
        if not isinstance(found.value, dict):
            self.document.find(node, "an object is due here", "it is left out")
            return None
        return found

    def _parameters(
        self, path: str, item: Node, node: Node, problems: list[str], bodies: list[Node]
    ) -> tuple[str, tuple[Parameter, ...]]:
        found: dict[tuple[str, str], Parameter] = {}
        for owner in (item, node):
            own: set[tuple[str, str]] = set()
            for place in self.document.opened(owner.get("parameters")).elements():
                target = self._follow(place, problems)
                if target and target.value.get("in") == "body":
                    bodies.append(target)
                    continue
                parameter = self.parameter(target) if target else None
                if parameter is None:
                    continue
                name = (parameter.location, parameter.name)
                if name in own:
                    self.document.find(place, f"{parameter.key} is declared twice", "the first is used")
                    continue
                own.add(name)
                found[name] = parameter
        path = self._respelt(path, found)
        self._check_template(path, node, found)
        return path, _with_python_names(list(found.values()))

    def _check_template(self, path: str, node: Node, found: dict[tuple[str, str], Parameter]) -> None:
        names = [name for _, name in template(path) if name is not None]
        for name in names:
            if ("path", name) not in found:
                message = f"the path parameter {name!r} is not declared"
                self.document.find(node, message, "any text is taken for it")
                found["path", name] = _undeclared(name, node)
        for _, parameter in list(found.items()):
            if parameter.location == "path" and parameter.name not in names:
                message = f"the path has no {{{parameter.name}}}"
                self.document.find(parameter.node, message, "the parameter is left out")
                del found["path", parameter.name]

    def _respelt(self, path: str, found: dict[tuple[str, str], Parameter]) -> str:
        """The path with each name as its parameter declares it, where it spells it in another way."""
        declared = {each.name: each for each in found.values() if each.location == "path"}
        wanted = [name for _, name in template(path) if name is not None]
        for name, spelling in spelt_otherwise(declared, wanted).items():
            message = f"the path spells the parameter {name!r} {spelling!r}"
            self.document.find(declared[name].node, message, f"it is called {name!r}")
            path = path.replace(f"{{{spelling}}}", f"{{{name}}}")
        return path

    def parameter(self, node: Node, name: str = "", location: In | None = None) -> Parameter | None:
        """The Parameter Object at `node`; a Header Object where `name` and `location` are given."""
        name, place = name or node.text("name"), location or self._place(node)
        if not name and place == "querystring":
            name = "querystring"
        if not name or place not in STYLES:
            self.document.find(node, "a parameter needs a name and a place", "it is left out", "error")
            return None
        if place == "header" and location is None and name.lower() in IGNORED_HEADERS:
            message = f"a header parameter called {name} means nothing"
            self.document.find(node, message, "it is left out: it is set in another way")
            return None
        style = node.text("style") or STYLES[place][0]
        if style not in STYLES[place]:
            self.document.find(node, f"style {style!r} is not for {place}", f"{STYLES[place][0]} is used")
            style = STYLES[place][0]
        explode = node.value.get("explode")
        return Parameter(
            name=name,
            location=place,  # type: ignore[arg-type]
            required=node.flag("required") or place == "path",
            schema=node.get("schema"),
            style=style,
            explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
            allow_reserved=node.flag("allowReserved"),
            allow_empty_value=node.flag("allowEmptyValue"),
            media_type=next(iter(self._content(node).values()), None),
            deprecated=node.flag("deprecated"),
            description=node.text("description"),
            node=node,
        )

    def _place(self, node: Node) -> str:
        stated = node.text("in")
        if stated in STYLES or stated.strip().lower() not in STYLES:
            return stated
        self.document.find(node, f"a parameter is in {stated!r}", f"it is read as {stated.strip().lower()}")
        return stated.strip().lower()

    def _content(self, node: Node, problems: list[str] | None = None) -> dict[str, MediaType]:
        content = {}
        for name, place in self.document.opened(node.get("content")).items():
            target = self._follow(place, problems)
            if target:
                encoding = dict((target.get("encoding") or Node(None)).items())
                schema, items = target.get("schema"), target.get("itemSchema")
                headers = {each: found for each, at in encoding.items() if (found := self._headers(at))}
                content[name] = MediaType(name, schema, items, encoding, target, headers)
        return content

    def _body(self, node: Node, problems: list[str]) -> Body | None:
        place = node.get("requestBody")
        target = self._follow(place, problems) if place else None
        if target is None:
            return None
        content = self._content(target, problems)
        if not content:
            self.document.find(target, "a request body without content", "any body is taken, as it is given")
        return Body(target.flag("required"), content, target.text("description"), target)

    def _body_parameter(self, node: Node) -> Body:
        """A body that a document of 3.x describes as Swagger 2.0 does, as a parameter."""
        self.document.find(node, "a body is no parameter in OpenAPI 3", "it is the JSON body")
        media = MediaType("application/json", node.get("schema"), None, {}, node)
        return Body(node.flag("required"), {media.name: media}, node.text("description"), node)

    def _answers(self, node: Node) -> tuple[Answer, ...]:
        answers = []
        for status, place in self.document.opened(node.get("responses")).items():
            target = None if status.startswith("x-") else self._follow(place)
            if target:
                answers.append(self.answer(status, target))
        return tuple(answers)

    def answer(self, status: str, node: Node) -> Answer:
        """The Response Object at `node`."""
        links = dict(self.document.opened(node.get("links")).items())
        headers = self._headers(node)
        return Answer(status, node.text("description"), self._content(node), headers, links, node)

    def _headers(self, node: Node) -> tuple[Parameter, ...]:
        """The Header Objects of an answer or a part; Content-Type is described elsewhere (4.8.15, 4.8.17)."""
        headers = []
        for name, place in self.document.opened(node.get("headers")).items():
            target = None if name.lower() == "content-type" else self._follow(place)
            header = self.parameter(target, name, "header") if target else None
            if header:
                headers.append(header)
        return tuple(headers)

    def _security(self, node: Node) -> tuple[tuple[str, ...], ...] | None:
        place = node.get("security") or self.document.root.get("security")
        if place is None or not isinstance(place.value, list):
            return None
        return tuple(tuple(alternative) for alternative in place.value if isinstance(alternative, dict))

    def security_schemes(self) -> dict[str, SecurityScheme]:
        """The Security Scheme Objects of the components, by name."""
        schemes = {}
        components = self.document.opened(self.document.root.get("components"))
        for name, place in self.document.opened(components.get("securitySchemes")).items():
            node = self._follow(place)
            if node:
                schemes[name] = SecurityScheme(
                    name=name,
                    kind=node.text("type"),
                    location=node.text("in"),
                    parameter=node.text("name"),
                    scheme=node.text("scheme").lower(),
                    description=node.text("description"),
                    node=node,
                )
        return schemes


def _undeclared(name: str, node: Node) -> Parameter:
    schema = Node({"type": "string"}, node.uri, node.pointer)
    return Parameter(name, "path", True, schema, "simple", False, False, False, None, False, "", node)


def _with_python_names(parameters: list[Parameter]) -> tuple[Parameter, ...]:
    """Give each parameter its snake_case name, unless it is another's wire name or several have it."""
    wire = [parameter.name for parameter in parameters]
    snakes = [snake_case(parameter.name) for parameter in parameters]
    named = []
    for parameter, snake in zip(parameters, snakes, strict=True):
        taken = wire.count(snake) > 1 if snake == parameter.name else snake in wire or snakes.count(snake) > 1
        named.append(replace(parameter, python_name="" if taken or not snake.isidentifier() else snake))
    return tuple(named)
