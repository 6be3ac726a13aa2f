"""Every operation of a document, by operationId and by `METHOD /path`; each is built on first use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from dynaclient._support.immutable import Settled
from dynaclient._support.messages import kind_of, pluralize, setting_name
from dynaclient._support.prose import visible
from dynaclient.document import normalization as spelling
from dynaclient.document.document import Document
from dynaclient.document.lazy_tree import damaged, once
from dynaclient.document.model import BODY_NAME, Operation, RequestBody, ResponseObject, SecurityScheme
from dynaclient.document.node import Node, OperationEntry, escape, tokens
from dynaclient.document.parameters import Parts, normal, snake_case, unique
from dynaclient.errors import Finding, UnknownOperation, Unsettable


class OperationBuilder:
    """Makes Operation objects from the locations of a document. What is odd becomes a finding."""

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
            responses=tuple(answers.values()),
            security=security,
            servers=node.get("servers") or item.get("servers"),
            node=node,
            problem="; ".join(problems),
            lost_responses=lost,
            callbacks=dict(self.document.opened(node.get("callbacks")).items()),
        )

    def _body(self, node: Node, problems: list[str]) -> RequestBody | None:
        place = node.get("requestBody")
        target = self._parts.follow(place, problems) if place else None
        if target is None:
            return None
        content = self._parts.content(target, problems)
        if not content:
            self.document.find(target, "request body without content", "any body is sent, as it is given")
        return RequestBody(
            target.flag("required"), content, target.text("description"), target, target.text(BODY_NAME)
        )

    def _of_parameters(self, payload: list[Node], node: Node) -> RequestBody | None:
        """A body that a document of 3.x describes as Swagger 2.0 does, by parameters."""
        if not payload:
            return None
        from dynaclient.document import swagger_words  # late: 11 ms

        return swagger_words.body(self.document, payload, node)

    def _answers(self, node: Node) -> tuple[dict[str, ResponseObject], dict[str, ResponseObject]]:
        """The responses by status, and apart from them those of which nothing is known but the status."""
        lost: list[Finding] = []
        places = dict(self._parts.members(node.get("responses"), lost))
        found: dict[str, ResponseObject] = {}
        nowhere: dict[str, ResponseObject] = {}
        for key, place in places.items():
            status = spelling.status(key)
            if status != key:
                stands = status in places or status in found
                meaning = "it is left out" if stands else f"it is read as {status}"
                self.document.find(place, f"{key!r} is not a status", meaning)
            if key.startswith("x-") or status in found or (status != key and status in places):
                continue
            missing: list[Finding] = []
            target = self._parts.follow(place, None, missing)
            if target:
                found[status] = self._answer(status, target)
            else:
                nowhere[status] = ResponseObject(status, "", {}, (), {}, place, tuple(missing))
        if lost:
            nowhere["default"] = ResponseObject("default", "", {}, (), {}, node, tuple(lost))
        return found, nowhere

    def _answer(self, status: str, node: Node) -> ResponseObject:
        lost: list[Finding] = []
        links = dict(self.document.opened(node.get("links")).items())
        content, headers = self._parts.content(node, None, lost), self._parts.headers(node, lost)
        return ResponseObject(status, node.text("description"), content, headers, links, node, tuple(lost))

    def _security(self, node: Node) -> tuple[tuple[str, ...], ...] | None:
        place = node.get("security") or self.document.root.get("security")
        if place is None or not isinstance(place.value, (list, dict)):
            return None
        given = place.value if isinstance(place.value, list) else [place.value]
        if given is not place.value or any(isinstance(each, str) for each in given):
            message = "expected `security` to be a list of objects"
            self.document.find(place, message, "it is read as a list")
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
            location=self._respelt(node, "in", spelling.normal_location),
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


_SCREEN = 40
"""Operations that a prompt lists."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Operations(Settled, Mapping[str, Operation]):
    """The operations of a document, in its order. Keys are operationIds, or `METHOD /path` without one.

    Every operation is also found as `METHOD /path`. An unknown name raises UnknownOperation, which holds
    the closest names.
    """

    def __init__(self, document: Document, reserved: Collection[str] = ()) -> None:
        self._document = document
        self._builder = OperationBuilder(document)
        known = entries(document) if document.entries is None else document.entries
        self._entries: dict[str, OperationEntry] = {entry.key: entry for entry in known}
        names = unique([entry.readable for entry in known], reserved, [entry.key for entry in known])
        self._attributes = dict(zip(names, self._entries, strict=True))
        self._names = dict(zip(self._entries, names, strict=True))
        self._made: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        operation = self._made.get(name) if isinstance(name, str) else None
        if operation is not None:
            return operation
        key = self._key(name)
        operation = self._made.get(key)
        if operation is None:
            entry = self._entries[key]
            item, node = _opened(self._document, entry)
            operation = self._builder.build(key, self._names[key], entry.method, entry.path, item, node)
            self._made[key] = operation
        return operation

    @cached_property
    def _locations(self) -> dict[str, str]:
        return {entry.location: key for key, entry in self._entries.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._entries or name in self._locations)

    def __repr__(self) -> str:
        first = ", ".join(list(self)[:5])
        return visible(f"<{pluralize(len(self), 'operation')}: {first}{', ...' if len(self) > 5 else ''}>")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """A line for each operation, as far as a screen goes."""
        from dynaclient._support.prompt_text import operation_lines  # late: 5 ms

        rows = [(f"  {each.attribute}", f"{each.method} {each.path}", "") for each in self.values()]
        lines = [f"<{pluralize(len(self), 'operation')}>", *operation_lines(rows[:_SCREEN])]
        more = len(rows) - _SCREEN
        printer.text(visible("\n".join([*lines, f"  ... and {more:,} more"] if more > 0 else lines)))

    def _repr_html_(self) -> str:
        from dynaclient._support.notebook import card, code, heading, html_table, path_code  # late: 4 ms

        rows = [
            (code(each.attribute), path_code(f"{each.method} {each.path}"), each.summary)
            for each in self.values()
        ]
        return card(heading(pluralize(len(self), "operation")), html_table((), rows))

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython offers behind `client.operations[`."""
        return list(self)

    @property
    def unread(self) -> str:
        """Why there may be more: `; 2 references could not be read, ...`. Empty where all were read."""
        return _unread(self._document)

    @property
    def attributes(self) -> Mapping[str, str]:
        """Attribute name -> key."""
        return self._attributes

    def attribute(self, name: str) -> str | None:
        """The key of the operation that an attribute means, in any normal form of Unicode; None for none."""
        return self._attributes.get(name) or self._attributes.get(normal(name))

    def crowded(self) -> Iterator[tuple[str, str]]:
        """The keys whose attribute another operation or the client itself has, and whose it is."""
        for key, attribute in self._names.items():
            wanted = self._entries[key].readable
            if attribute not in (wanted, key):
                yield key, self._attributes.get(wanted, "")

    def _unsettable(self, name: str) -> Unsettable:
        return Unsettable(f"operations are read-only: {name!r} cannot be set")

    def entry(self, key: str) -> OperationEntry:
        """Where the operation called `key` stands, without making it."""
        return self._entries[key]

    def at(self, node: Node) -> list[str]:
        """The keys of the operations that stand at `node`: several where paths share a Path Item."""
        place = f"{node.uri}#{node.pointer}"
        return [key for key, entry in self._entries.items() if entry.place == place]

    def _key(self, name: str) -> str:
        if not isinstance(name, str):
            raise UnknownOperation(f"expected the name of an operation, got {kind_of(name)}")
        if name in self:
            return name if name in self._entries else self._locations[name]
        same = [] if name.isascii() else [key for key in self._entries if normal(key) == normal(name)]
        if len(same) == 1:
            return same[0]
        if "/" in name:  # METHOD /path in any case of letters
            written = " ".join(name.casefold().split())
            same = [key for place, key in self._locations.items() if place.casefold() == written]
            if len(same) == 1:
                return same[0]
        near = self.near(name)
        hint = "" if near else f"; {setting_name('operations')}"
        hint += _unread(self._document)
        raise UnknownOperation(f"the document has no operation {name!r}{hint}", near)

    def near(self, name: str, count: int = 3) -> list[str]:
        """The keys closest to `name`, compared without case and punctuation; of a path, `METHOD /path`."""
        from difflib import get_close_matches  # late: 2 ms

        if "/" in str(name):
            located = {location.lower(): location for location in self._locations}
            found = get_close_matches(str(name).lower(), located, count, 0.6)
            if found:
                same = [each for each in found if each == str(name).lower()]
                return [located[each] for each in same or found]
        wanted = snake_case(str(name))
        by_snake = self._attributes
        close = get_close_matches(wanted, by_snake, count, 0.6)
        close += [snake for snake in by_snake if wanted.strip("_") and wanted in snake and snake not in close]
        return [by_snake[snake] for snake in close[:count]]


def _unread(document: Document) -> str:
    """That references of paths could not be read, how many and why the first; empty where all were."""
    lost = [each for each in document.findings if each.message.startswith("$ref ") and _of_paths(each)]
    if not lost:
        return ""
    return f"; {pluralize(len(lost), 'reference')} in `paths` could not be read, the first: {lost[0].message}"


def _of_paths(finding: Finding) -> bool:
    """Whether an operation may be lost by it: its Path Item or the Paths Object."""
    file, _, pointer = finding.pointer.rpartition("#")
    of_paths = bool(file) or (pointer or finding.pointer).startswith("/paths")
    return finding.severity == "error" and of_paths and finding.pointer.count("/", len(file)) <= 3


def _opened(document: Document, entry: OperationEntry) -> tuple[Node, Node]:
    """The Path Item Object and the Operation Object of an operation."""
    try:
        item = document.opened(document.opened(document.root.get("paths")).child(entry.name))
        node = item
        for step in tokens(f"/{entry.step}"):
            node = document.opened(node.child(step))
    except (LookupError, TypeError):  # the tree and its entries do not go together
        raise damaged(f"{entry.key} cannot be resolved") from None
    return item, node


def entries(document: Document) -> list[OperationEntry]:
    """Every operation of a document, in its order. What is odd becomes a finding."""
    taken: set[str] = set()
    found = []
    for name, path, item in _items(document):
        for method, step, node in _members(document, item):
            location = f"{method} {path}"
            key = node.text("operationId").strip() or location
            if key in taken and key != location:
                message = f"the operationId {key!r} is taken by an earlier operation"
                document.find(node, message, f"this one is called {location!r}")
                key = location
            if key in taken:
                document.find(node, f"{key} is declared twice", "the first is used")
                continue
            taken.add(key)
            place = f"{node.uri}#{node.pointer}"
            entry = OperationEntry((key, _readable(key, method, path), name, step, ""))
            found.append(entry if place == entry.expected else OperationEntry((*entry[:4], place)))
    return found


def _readable(key: str, method: str, path: str) -> str:
    """The operationId in snake_case; without one, the method and the words of the path."""
    if key != f"{method} {path}":
        return snake_case(key)
    words = path.replace("{", "by_").replace("}", "")
    return snake_case(f"{method.lower()}_{snake_case(words)}")


def _items(document: Document) -> Iterator[tuple[str, str, Node]]:
    """The name, path and Path Item Object of each path."""
    paths = document.opened(document.root.get("paths"))
    for name, value in once(paths.value):
        if name.startswith("x-"):
            continue
        place = paths.at(escape(name), value)
        item = document.opened(place)
        if not isinstance(item.value, dict):
            document.find(place, "expected a Path Item Object", "its operations are left out", "error")
            continue
        path = name if name.startswith("/") else f"/{name}"
        if path != name:
            document.find(place, f"the path {name!r} does not start with a slash", f"{path!r} is used")
        yield name, path, item


def of_item(document: Document, path: str, item: Node) -> Iterator[tuple[str, str, Node, Node]]:
    """Method, path, Path Item and Operation Object of each operation of a Path Item."""
    for method, _, node in _members(document, item):
        yield method, path, item, node


def _members(document: Document, item: Node) -> Iterator[tuple[str, str, Node]]:
    """Method, step and Operation Object."""
    is_32 = document.version_of(item) >= (3, 2)
    methods = (*METHODS, "query") if is_32 else METHODS
    for name in item.value if isinstance(item.value, dict) else ():
        if name.lower() in methods:
            place = item.child(name)
            node = document.opened(place)
            if not node.value and isinstance(place.value, dict) and "$ref" in place.value:
                continue  # it leads nowhere: a finding says so
            if isinstance(node.value, dict):
                yield name.upper(), name, node
            else:
                document.find(place, "expected an Operation Object", "it is left out", "error")
        elif name == "additionalOperations" and is_32:
            for method, extra in item.child(name).items():
                if isinstance(extra.value, dict):
                    yield method, f"{name}/{escape(method)}", extra
