"""From the tree of a document to what its operations take and answer, made on first use."""

from __future__ import annotations

from collections.abc import Callable

from dynaclient.document import spelling
from dynaclient.document.document import Document, Node
from dynaclient.document.operation import BODY_NAME, Answer, Body, Operation, SecurityScheme
from dynaclient.document.parameters import Parts
from dynaclient.errors import Finding


class OperationBuilder:
    """Makes Operation objects from the places of a document. What is odd becomes a finding."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._parts = Parts(document)

    def build(self, key: str, attribute: str, method: str, path: str, item: Node, node: Node) -> Operation:
        """The operation at `node`, of the Path Item at `item`."""
        problems: list[str] = []
        path, parameters, payload = self._parts.parameters(path, item, node, problems)
        security = self._security(node)
        answers, lost = self._answers(node)
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
            body=self._body(node, problems) or self._of_parameters(payload, node),
            answers=tuple(answers.values()),
            security=security,
            servers=node.get("servers") or item.get("servers"),
            node=node,
            problem="; ".join(problems),
            lost_answers=lost,
            callbacks=dict(self.document.opened(node.get("callbacks")).items()),
        )

    def _body(self, node: Node, problems: list[str]) -> Body | None:
        place = node.get("requestBody")
        target = self._parts.follow(place, problems) if place else None
        if target is None:
            return None
        content = self._parts.content(target, problems)
        if not content:
            self.document.find(target, "a request body without content", "any body is taken, as it is given")
        return Body(
            target.flag("required"), content, target.text("description"), target, target.text(BODY_NAME)
        )

    def _of_parameters(self, payload: list[Node], node: Node) -> Body | None:
        """A body that a document of 3.x describes as Swagger 2.0 does, by parameters."""
        if not payload:
            return None
        from dynaclient.document import leftovers

        return leftovers.body(self.document, payload, node)

    def _answers(self, node: Node) -> tuple[dict[str, Answer], dict[str, Answer]]:
        """The answers by status, and apart from them those of which nothing is known but the status."""
        lost: list[Finding] = []
        places = dict(self._parts.members(node.get("responses"), lost))
        found: dict[str, Answer] = {}
        nowhere: dict[str, Answer] = {}
        for key, place in places.items():
            status = spelling.status(key)
            if status != key:
                stands = status in places or status in found
                meaning = "it is left out" if stands else f"it is read as {status}"
                self.document.find(place, f"{key!r} is no status", meaning)
            if key.startswith("x-") or status in found or (status != key and status in places):
                continue
            missing: list[Finding] = []
            target = self._parts.follow(place, None, missing)
            if target:
                found[status] = self._answer(status, target)
            else:
                nowhere[status] = Answer(status, "", {}, (), {}, place, tuple(missing))
        if lost:
            nowhere["default"] = Answer("default", "", {}, (), {}, node, tuple(lost))
        return found, nowhere

    def _answer(self, status: str, node: Node) -> Answer:
        lost: list[Finding] = []
        links = dict(self.document.opened(node.get("links")).items())
        content, headers = self._parts.content(node, None, lost), self._parts.headers(node, lost)
        return Answer(status, node.text("description"), content, headers, links, node, tuple(lost))

    def _security(self, node: Node) -> tuple[tuple[str, ...], ...] | None:
        place = node.get("security") or self.document.root.get("security")
        if place is None or not isinstance(place.value, (list, dict)):
            return None
        given = place.value if isinstance(place.value, list) else [place.value]
        if given is not place.value or any(isinstance(each, str) for each in given):
            message = "security is a list of objects, one for each alternative"
            self.document.find(place, message, "what stands here is read as that")
        return tuple((each,) if isinstance(each, str) else tuple(each) for each in given if _is_named(each))

    def security_schemes(self) -> dict[str, SecurityScheme]:
        """The Security Scheme Objects of the components, by name."""
        root = self.document.root
        place = self.document.opened(root.get("components")).get("securitySchemes")
        if place is None and (place := root.get("securityDefinitions")):
            self.document.find(
                place, "this is where Swagger 2.0 keeps them", "they are read as securitySchemes"
            )
        nodes = {name: self._parts.follow(at) for name, at in self.document.opened(place).items()}
        return {name: self._security_scheme(name, node) for name, node in nodes.items() if node}

    def _security_scheme(self, name: str, node: Node) -> SecurityScheme:
        return SecurityScheme(
            name=name,
            kind=self._respelt(node, "type", spelling.scheme),
            location=self._respelt(node, "in", spelling.place),
            parameter=node.text("name").strip(),
            scheme=node.text("scheme").strip().lower(),
            description=node.text("description"),
            node=node,
        )

    def _respelt(self, node: Node, key: str, word: Callable[[str], str]) -> str:
        stated = node.text(key)
        meant = word(stated)
        if meant != stated:
            self.document.find(node, f"`{key}` is {stated!r}", f"it is read as {meant}")
        return meant


def _is_named(alternative: object) -> bool:
    return isinstance(alternative, (dict, str))
