"""The items of a sequence or of an event stream that came: values, held against the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from dynaclient.document.model import MediaType
from dynaclient.document.node import NOWHERE, Node
from dynaclient.document.subschemas import BESIDE, closure, under
from dynaclient.errors import Finding, Violation
from dynaclient.schema.validator import Validators
from dynaclient.wire.events import Event, Fields, parse_events
from dynaclient.wire.json_values import Undecodable, decimals, decode_json
from dynaclient.wire.media_types import essence, is_json
from dynaclient.wire.sequences import Decode
from dynaclient.wire.value_types import ExpectedType


@dataclass(frozen=True)
class Item:
    """One item as it is given to the user, and what in it breaks the document."""

    value: Any
    violations: list[Violation] = field(default_factory=list)


class Items:
    """Reads and checks the items of a response of type `media`; None where that is not documented.

    What a schema is about depends on where it stands. `itemSchema` (3.2) describes an item; `schema`
    describes all of them as an array if it is one, the body as a text if it is a string, and else, as most
    documents mean it, one item. Of an event stream the item is the event with its fields, as 3.2 says, if
    the schema knows such fields, and else the data of the event: as JSON, or as the text that it is.

    `schema`: of one item, None where nothing is said of it; `of_events`: whether it is of events, and
    `is_of_each` whether the document says for certain that it is of each item. `shape` gives what a schema
    of a response stands for, `say` logs what could not be checked, each location once.
    """

    def __init__(
        self,
        media: MediaType | None,
        checkers: Validators,
        shape: Callable[[Node], ExpectedType],
        say: Callable[[Iterable[Finding]], None],
        *,
        decimals: bool,
    ) -> None:
        self._checkers = checkers
        self._document = checkers.document
        self._shape = shape
        self.say = say
        self.decimals = decimals
        self.schema = self._of_one_item(media) if media else None
        self.is_of_each = media is not None and self.schema is not media.schema
        known = shape(self.schema) if self.schema else ExpectedType()
        self.of_events = _knows_events(known)
        self._contents = list(self._content_schemas(self.schema)) if self.of_events else []

    def contents(self, event: str) -> list[Node]:
        """The schemas of the JSON in the data of events of a type: any of them may be met."""
        return [schema for names, schema in self._contents if not names or event in names]

    def item(self, index: int, text: bytes, decode: Decode) -> Item:
        """The value of a text of a sequence, which is item number `index`."""
        try:
            with decimals(self.decimals):
                value = decode(text)
        except Undecodable as error:
            return Item(text.decode("utf-8", "replace"), [_broken(f"/{index}", str(error))])
        return Item(value, self._violations(self.schema, value, f"/{index}"))

    def event(self, index: int, event: Event, fields: Fields) -> Item:
        """An event as it is. Its data is held against the document where that is JSON."""
        if self.of_events:
            return Item(event, self._fields(index, event, fields))
        return Item(event, self._data(index, event, json_due=False).violations)

    def data(self, index: int, event: Event, fields: Fields) -> Item:
        """The data of an event: the value of its JSON, or its text where it is none or is meant as text."""
        item = self._data(index, event, json_due=True)
        return Item(item.value, self._fields(index, event, fields)) if self.of_events else item

    def of_all_events(self, content: bytes) -> Iterator[Violation]:
        """What breaks the document in the events of a body that is read whole.

        Nothing where `schema` may be about the whole: who reads event by event means it of each.
        """
        if not self.is_of_each:
            return
        for index, found in enumerate(filter(None, parse_events([content], len(content)))):
            yield from self.event(index, *found).violations

    def _data(self, index: int, event: Event, *, json_due: bool) -> Item:
        """The data, and what is wrong with it where the schema is about that: neither its JSON nor its text
        is what is expected."""
        schema = None if self.of_events else self.schema
        text = event.data
        try:
            with decimals(self.decimals):
                value = decode_json(text.encode())
        except Undecodable as error:
            wrong = json_due and schema is not None and self._violations(schema, text, "")
            return Item(text, [_broken(f"/{index}", str(error))] if wrong else [])
        found = self._violations(schema, value, f"/{index}")
        if found and not self._violations(schema, text, ""):
            return Item(text)
        return Item(value, found)

    def _fields(self, index: int, event: Event, fields: Fields) -> list[Violation]:
        """What is wrong with an event as 3.2 sees it: an object of fields, of which `data` is a text."""
        found = self._violations(self.schema, fields, f"/{index}")
        meant = self.contents(event.event)
        if not meant:
            return found
        try:
            with decimals(self.decimals):
                value = decode_json(event.data.encode())
        except Undecodable as error:
            return [*found, _broken(f"/{index}/data", str(error))]
        broken = [self._violations(schema, value, f"/{index}/data") for schema in meant]
        return [*found, *(broken[0] if all(broken) else ())]

    def _violations(self, schema: Node | None, value: Any, pointer: str) -> list[Violation]:
        if schema is None:
            return []
        checker = self._checkers.checker(schema, "response")
        found = checker.violations(value, "body", "body")
        return [replace(each, pointer=f"{pointer}{each.pointer}") for each in found]

    def _of_one_item(self, media: MediaType) -> Node | None:
        if media.item_schema is not None or media.schema is None:
            return media.item_schema
        types = self._shape(media.schema).types - {"null"}
        if types == {"array"}:
            return self._member(media.schema, "items")
        return None if types == {"string"} else media.schema

    def _member(self, schema: Node, keyword: str) -> Node | None:
        """What stands at `keyword` of a schema, or of one that it refers to or joins."""
        found = (node.get(keyword) for node in self._joined(schema, "allOf"))
        return next(filter(None, found), None)

    def _content_schemas(self, schema: Node | None) -> Iterator[tuple[list[Any], Node]]:
        """Each `contentSchema` of the data (JSON Schema 2020-12, 8.5), with the events that it is for."""
        for node in self._joined(schema, *BESIDE):
            data, event = node.get("properties", "data"), node.get("properties", "event")
            content = self._followed(data).get("contentSchema")
            if content and _says_json(self._followed(data)):
                yield _names(self._followed(event)), content

    def _joined(self, schema: Node | None, *keywords: str) -> Iterator[Node]:
        """What a schema refers to, what that holds at `keywords`, and so on."""
        return closure([self._followed(schema)], lambda node: map(self._followed, under(node, *keywords)))

    def _followed(self, node: Node | None) -> Node:
        return (node and self._document.followed(node)) or NOWHERE


def _broken(pointer: str, message: str) -> Violation:
    return Violation("body", "body", pointer, message)


def _knows_events(shape: ExpectedType) -> bool:
    """Whether a schema is about events: it knows their fields, and `data` as a text."""
    data = shape.properties.get("data")
    if data is not None:
        return not data.types or "string" in data.types
    return bool(shape.properties.keys() & {"event", "retry"})


def _says_json(data: Node) -> bool:
    return is_json(essence(data.text("contentMediaType")))


def _names(event: Node) -> list[Any]:
    """The types of event that a schema allows; none where it does not list them."""
    if not isinstance(event.value, dict):
        return []
    return [event.value["const"]] if "const" in event.value else list(event.value.get("enum") or [])
