"""Every operation of a document, by operationId and by `METHOD /path`; each is made on first use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dynaclient.document.document import Document, Node
from dynaclient.document.names import snake_case, unique_names
from dynaclient.document.operation import Operation, OperationBuilder
from dynaclient.errors import UnknownOperation
from dynaclient.records import dataclass

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an operation stands, before it is made."""

    key: str
    method: str
    path: str
    item: Node
    node: Node

    @property
    def location(self) -> str:
        """`METHOD /path`, by which every operation is reachable."""
        return f"{self.method} {self.path}"


class Operations(Mapping[str, Operation]):
    """The operations of a document, in its order. Keys are operationIds, or `METHOD /path` without one.

    Every operation is also found as `METHOD /path`. An unknown name raises UnknownOperation, which holds
    the closest names.
    """

    def __init__(self, document: Document, reserved: Collection[str] = ()) -> None:
        self._builder = OperationBuilder(document)
        self._entries = {entry.key: entry for entry in _entries(document)}
        self._locations = {entry.location: entry.key for entry in self._entries.values()}
        names = [_readable(entry) for entry in self._entries.values()]
        self._attributes = dict(zip(unique_names(names, reserved), self._entries, strict=True))
        self._names = {key: name for name, key in self._attributes.items()}
        self._made: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        key = self._key(name)
        operation = self._made.get(key)
        if operation is None:
            entry = self._entries[key]
            operation = self._builder.build(
                key, self._names[key], entry.method, entry.path, entry.item, entry.node
            )
            self._made[key] = operation
        return operation

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._entries or name in self._locations)

    def __repr__(self) -> str:
        return f"<{len(self)} operations: {', '.join(list(self)[:5])}{', ...' if len(self) > 5 else ''}>"

    @property
    def attributes(self) -> Mapping[str, str]:
        """Attribute name -> key."""
        return self._attributes

    def entry(self, key: str) -> Entry:
        """Where the operation called `key` stands, without making it."""
        return self._entries[key]

    def at(self, node: Node) -> list[str]:
        """The keys of the operations that stand at `node`: several where paths share a Path Item."""
        place = (node.uri, node.pointer)
        return [key for key, entry in self._entries.items() if (entry.node.uri, entry.node.pointer) == place]

    def _key(self, name: str) -> str:
        if name in self:
            return self._locations.get(name, name)
        raise UnknownOperation(f"the document has no operation {name!r}", self.near(name))

    def near(self, name: str, count: int = 3) -> list[str]:
        """The keys closest to `name`, compared without case and punctuation."""
        from difflib import get_close_matches

        wanted = snake_case(str(name))
        by_snake = self._attributes
        close = get_close_matches(wanted, by_snake, count, 0.6)
        close += [snake for snake in by_snake if wanted.strip("_") and wanted in snake and snake not in close]
        return [by_snake[snake] for snake in close[:count]]


def _readable(entry: Entry) -> str:
    """What the attribute name is made from: the operationId, or the method and the words of the path."""
    if entry.key != entry.location:
        return entry.key
    words = entry.path.replace("{", "by_").replace("}", "")
    return f"{entry.method.lower()}_{snake_case(words)}"


def _entries(document: Document) -> list[Entry]:
    taken: set[str] = set()
    entries = []
    for method, path, item, node in _operations(document):
        name = node.text("operationId").strip()
        if name in taken:
            key = f"{method} {path}"
            message = f"the operationId {name!r} is taken by an earlier operation"
            document.find(node, message, f"this one is called {key!r}")
            name = ""
        entry = Entry(name or f"{method} {path}", method, path, item, node)
        if entry.key in taken:
            document.find(node, f"{entry.key} stands twice", "the first is used")
            continue
        taken.add(entry.key)
        entries.append(entry)
    return entries


def _operations(document: Document) -> Iterator[tuple[str, str, Node, Node]]:
    for name, place in document.opened(document.root.get("paths")).items():
        if name.startswith("x-"):
            continue
        item = document.opened(place)
        if not isinstance(item.value, dict):
            document.find(place, "a path item is due here", "its operations are not there", "error")
            continue
        path = name if name.startswith("/") else f"/{name}"
        if path != name:
            document.find(place, f"the path {name!r} does not begin with a slash", f"{path!r} is used")
        yield from of_item(document, path, item)


def of_item(document: Document, path: str, item: Node) -> Iterator[tuple[str, str, Node, Node]]:
    """Method, path, Path Item and Operation Object of each operation of a Path Item (4.8.9)."""
    methods = (*METHODS, "query") if document.version >= (3, 2) else METHODS
    for name, place in item.items():
        if name.lower() in methods:
            node = document.opened(place)
            if not node.value and isinstance(place.value, dict) and "$ref" in place.value:
                continue  # it leads nowhere: a finding says so
            if isinstance(node.value, dict):
                yield name.upper(), path, item, node
            else:
                document.find(place, "an operation is due here", "it is left out", "error")
        elif name == "additionalOperations" and document.version >= (3, 2):
            for method, extra in place.items():
                if isinstance(extra.value, dict):
                    yield method, path, item, extra
