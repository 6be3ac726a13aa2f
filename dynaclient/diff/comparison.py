"""Two documents, compared: their operations paired, and all that changed with what it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

from dynaclient._support.messages import pluralize
from dynaclient.client import Client, executor_of
from dynaclient.diff.change import Affected, Change, DocumentDiff, Verdict
from dynaclient.diff.conjunction import Side
from dynaclient.diff.containment import Path
from dynaclient.diff.operations import Told, Use, compare_operations, path_shape
from dynaclient.diff.schemas import Keys, SchemaChange, SchemaComparison
from dynaclient.diff.security import compare_schemes, compare_security, compare_servers
from dynaclient.document.model import Operation
from dynaclient.document.node import tokens
from dynaclient.document.operations import OperationBuilder
from dynaclient.errors import DocumentError
from dynaclient.schema.keywords import Direction

MOST_CHOICES = 3
_ORDER: dict[Verdict, int] = {"breaking": 0, "may break": 1, "safe": 2}
_KINDS = {
    "parameters": "parameter",
    "responses": "response",
    "requestBodies": "request body",
    "headers": "header",
    "securitySchemes": "security scheme",
}


def diff(old: Any, new: Any) -> DocumentDiff:
    """What changed from the document `old` to `new`, and what of it breaks callers or readers of responses.

    Both are what a Client takes (a vendored name, a path, a URL, a dict, ...), or a Client. Operations are
    paired by method and path, whatever path parameters are called, else by operationId. Everything that
    a request could hold has to be accepted still; everything that a response may hold has to be something
    that the old document allowed. Raises DocumentError where a document cannot be opened.
    """
    before, after = (each if isinstance(each, Client) else Client(each) for each in (old, new))
    return Comparison(before, after).result()


@dataclass
class _Paired:
    """An operation of both documents; `title` is what the old one calls it."""

    title: str
    old: Operation
    new: Operation
    received: bool = False


@dataclass
class _Uses:
    """Where a pair of schemas is used: what the part is called, in which operations."""

    places: dict[str, None] = field(default_factory=dict)
    operations: dict[str, None] = field(default_factory=dict)
    is_plain: bool = False
    choices: list[tuple[Keys, Path]] = field(default_factory=list)
    """Where one of several choices leads to it: from which pair of schemas, and how."""


class Comparison:
    """One comparison of two documents."""

    def __init__(self, old: Client, new: Client) -> None:
        self.old, self.new = old, new
        self._schemas = {each: self._comparison(each) for each in ("request", "response")}
        self._told: dict[tuple[Any, ...], tuple[Told, dict[str, None]]] = {}
        self._uses: list[tuple[Direction, Keys, str, str]] = []
        self._renamed: dict[str, str] = {}

    def _comparison(self, direction: Any) -> SchemaComparison:
        sides = (Side(each.document, executor_of(each).checkers, direction) for each in (self.old, self.new))
        return SchemaComparison(*sides)

    def result(self) -> DocumentDiff:
        """All changes, those that break first."""
        changes = [*self._operations(), *self._root()]
        for pair in self._paired():
            self._compare(pair)
        changes += [self._grouped(told, [*operations]) for told, operations in self._told.values()]
        changes += chain.from_iterable(self._of_schemas(each) for each in ("request", "response"))
        changes = sorted(_joined(changes), key=lambda each: _ORDER[each.verdict])
        return DocumentDiff(_label(self.old), _label(self.new), tuple(changes), self._renamed)

    # -- operations --------------------------------------------------------------------------------------

    def _operations(self) -> Iterator[Change]:
        """Those that only one of the documents has."""
        kept_old = {each.old.key for each in self._pairs}
        kept_new = {each.new.key for each in self._pairs}
        for key, operation in self.old.operations.items():
            if key not in kept_old:
                where = f"{operation.method} {operation.path}"
                message = (
                    f"operation removed ({where}{', it was deprecated' if operation.deprecated else ''})"
                )
                reason = "calls of it fail"
                pointer = operation.node.place
                yield Change(
                    "breaking", "callers", key, "", message, reason, operations=(key,), old_pointer=pointer
                )
        for key, operation in self.new.operations.items():
            if key not in kept_new:
                message = f"operation added ({operation.method} {operation.path})"
                pointer = operation.node.place
                reason = "nobody calls it yet"
                yield Change(
                    "safe", "callers", key, "", message, reason, operations=(key,), new_pointer=pointer
                )

    @cached_property
    def _pairs(self) -> list[_Paired]:
        """The operations of both documents: of the same method and path, else but for the names of path
        parameters, else of the same operationId. Each is in one pair."""
        old, new = self.old.operations, self.new.operations
        found: dict[str, Operation] = {}
        for mark in _MARKS:
            taken = {each.key for each in found.values()}
            free = {
                mark(each): each for each in [*new.values()][::-1] if each.key not in taken and mark(each)
            }
            for key, each in old.items():
                if key not in found and mark(each) in free and mark(each) is not None:
                    found[key] = free.pop(mark(each))
        return [_Paired(key, old[key], found[key]) for key in old if key in found]

    def _paired(self) -> Iterator[_Paired]:
        for each in self._pairs:
            if each.old.key != each.new.key:
                self._renamed[each.old.key] = each.new.key
            yield each
            clients = ((self.old, each.old), (self.new, each.new))
            yield from self._received(*(_requests(_callbacks(*pair)) for pair in clients))
        yield from self._received(*(_requests(client.webhooks) for client in (self.old, self.new)))

    def _received(
        self, old: Mapping[tuple[str, ...], Operation], new: Mapping[tuple[str, ...], Operation]
    ) -> Iterator[_Paired]:
        """What the API sends: webhooks and callbacks."""
        for mark in dict.fromkeys((*old, *new)):
            before, after = old.get(mark), new.get(mark)
            if before is not None and after is not None:
                yield _Paired(before.key, before, after, received=True)
            elif before is not None:
                told = Told("breaking", "readers", "", "no longer sent", "receivers wait for it", before.node)
                self._keep(told, before.key)
            elif after is not None:
                told = Told(
                    "safe",
                    "readers",
                    "",
                    "added",
                    "it is sent where a receiver asked for it",
                    None,
                    after.node,
                )
                self._keep(told, after.key)

    def _compare(self, pair: _Paired) -> None:
        found = compare_operations(pair.old, pair.new, received=pair.received)
        if not pair.received:
            security = compare_security(self.old.document, pair.old, self.new.document, pair.new)
            places = (each.servers for each in (pair.old, pair.new))
            found = chain(found, security, compare_servers(*places))
        for each in found:
            if isinstance(each, Told):
                self._keep(each, pair.title)
            else:
                self._use(each, pair.title)

    def _keep(self, told: Told, title: str) -> None:
        places = tuple(each.place if each is not None else "" for each in (told.old, told.new))
        mark = (told.verdict, told.affected, told.place, told.message, *places)
        self._told.setdefault(mark, (told, {}))[1][title] = None

    def _use(self, use: Use, title: str) -> None:
        try:
            keys = self._schemas[use.direction].keys(use.old, use.new)
        except DocumentError as error:
            said = f"its schema cannot be used: {error.args[0]}"
            affected: Affected = "callers" if use.direction == "request" else "readers"
            told = Told("may break", affected, use.place, "not compared", said, use.old, use.new)
            self._keep(told, title)
            return
        self._uses.append((use.direction, keys, use.place, title))

    # -- what belongs to no operation ----------------------------------------------------------------------

    def _root(self) -> Iterator[Change]:
        old, new = self.old.document, self.new.document
        for told in compare_servers(old.root.get("servers"), new.root.get("servers")):
            yield _change(told, "servers", told.place, ())
        schemes = (OperationBuilder(each).security_schemes() for each in (old, new))
        for name, told in compare_schemes(*schemes):
            touched = [
                key
                for key, each in self.old.operations.items()
                if any(name in alternative for alternative in each.security or ())
            ]
            yield _change(told, f"security scheme {name}", "", tuple(touched))

    def _grouped(self, told: Told, operations: list[str]) -> Change:
        """A change of one operation, or of what several refer to."""
        subject = operations[0]
        if len(operations) > 1:
            node = told.new or told.old
            subject = _shared(node.pointer if node is not None else "") or pluralize(
                len(operations), "operation"
            )
        return _change(told, subject, told.place, tuple(operations))

    # -- schemas -----------------------------------------------------------------------------------------

    def _of_schemas(self, direction: Any) -> Iterator[Change]:
        comparison = self._schemas[direction]
        uses: dict[Keys, _Uses] = {}
        for keys, place, title in (each[1:] for each in self._uses if each[0] == direction):
            for below in comparison.reachable(keys):
                known = uses.setdefault(below.keys, _Uses())
                known.operations[title] = None
                if below.keys == keys:
                    known.places[place] = None
                if below.is_choice:
                    known.choices.append((keys, below.path))
                else:
                    known.is_plain = True
        for keys, used in uses.items():
            for change in comparison.compared(keys).changes:
                judged = change if used.is_plain else _judged(comparison, used, change)
                yield self._of_schema(comparison, keys, used, judged, direction)

    def _of_schema(
        self,
        comparison: SchemaComparison,
        keys: Keys,
        used: _Uses,
        change: SchemaChange,
        direction: Direction,
    ) -> Change:
        names = (comparison.old.name(keys[0]), comparison.new.name(keys[1]))
        operations = tuple(used.operations)
        part = path_text(change.path)
        if all(names):
            subject = f"schema {' -> '.join(dict.fromkeys(names))}"
            place = part.removeprefix(".")
        else:
            subject = operations[0]
            if len(operations) > 1:
                pointer = comparison.new.node(keys[1]).pointer
                subject = _shared(pointer) or pluralize(len(operations), "operation")
            place = f"{next(iter(used.places), '')}{part}"
        return Change(
            change.verdict,
            "callers" if direction == "request" else "readers",
            subject,
            place,
            change.message,
            change.reason,
            change.witness,
            operations,
            change.old_place,
            change.new_place,
        )


def _judged(comparison: SchemaComparison, used: _Uses, change: SchemaChange) -> SchemaChange:
    """A change of what is one of several choices everywhere: another may accept what it refuses."""
    if change.verdict != "breaking":
        return change
    if any(comparison.lifted(*each, change.witness) for each in used.choices[:MOST_CHOICES]):
        return change
    reason = f"{change.reason}, but another member of anyOf or oneOf may accept it"
    return replace(change, verdict="may break", reason=reason)


def _change(told: Told, subject: str, place: str, operations: tuple[str, ...]) -> Change:
    places = [each.place if each is not None else "" for each in (told.old, told.new)]
    return Change(
        told.verdict,
        told.affected,
        subject,
        place,
        told.message,
        told.reason,
        operations=operations,
        old_pointer=places[0],
        new_pointer=places[1],
    )


def _joined(changes: list[Change]) -> list[Change]:
    """`changes`, each once that is safe for callers and for readers."""
    found: dict[Any, Change] = {}
    for each in changes:
        mark: Any = (each.subject, each.place, each.message) if each.verdict == "safe" else id(each)
        if mark in found:
            operations = tuple(dict.fromkeys((*found[mark].operations, *each.operations)))
            kept = found[mark]
            each = replace(kept, operations=operations)
        found[mark] = each
    return [*found.values()]


_MARKS: tuple[Callable[[Operation], Any], ...] = (
    lambda each: (each.method, each.path),
    lambda each: (each.method, path_shape(each.path), each.operation_id) if each.operation_id else None,
    lambda each: (each.method, path_shape(each.path)),
    lambda each: each.operation_id or None,
)
"""What two operations have in common that are a pair, the surest first."""


def path_text(path: Path) -> str:
    """The way to a part of a value as people write it: `.items[].sku`."""
    shown = {"items": "[]", "additional": ".*"}
    pieces = []
    for kind, name in path:
        pieces.append(shown.get(kind) or (f"[{name}]" if kind in ("item", "pattern") else f".{name}"))
    return "".join(pieces)


def _shared(pointer: str) -> str:
    """What several operations refer to at `pointer`, or the path whose operations share it."""
    steps = tokens(pointer)
    if steps[:1] == ["components"] and len(steps) > 2:
        return f"{_KINDS.get(steps[1], steps[1])} {steps[2]}"
    if steps[:1] == ["paths"] and len(steps) > 1:
        return steps[1]
    return steps[0] if steps else ""


def _callbacks(client: Client, operation: Operation) -> Any:
    return executor_of(client).callbacks(operation)


def _requests(receivers: Any) -> dict[tuple[str, ...], Operation]:
    """The requests that an API sends, by the name of the webhook, the expression and the method."""
    found: dict[tuple[str, ...], Operation] = {}
    for name, receiver in receivers.items():
        for expression, operation in receiver.requests:
            found[name, expression, operation.method] = operation
    return found


def _label(client: Client) -> str:
    """What a document is called: as it was named, else by its title and version."""
    if client.document.uri:
        return client.document.name
    info = client.document.root.get("info")
    said = [info.text("title"), info.text("version")] if info is not None else []
    return " ".join(filter(None, said)) or client.document.name
