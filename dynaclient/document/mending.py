"""Overlays that mend what was found in a document, where one mend means what is read there anyway."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from dynaclient.document.document import Document
from dynaclient.document.node import tokens
from dynaclient.errors import Finding

Action = dict[str, Any]
_LIST_ITEM = re.compile(r"\[\d+\]$")


class Mend(NamedTuple):
    """The actions of an overlay that make a finding go."""

    finding: Finding
    actions: list[Action]


Way = tuple[str | int, ...]


class FoundPlace(NamedTuple):
    """What a finding is about: its value, what holds that, and the way there."""

    value: Any
    holder: Any
    way: Way

    @property
    def name(self) -> str:
        """The key, or index, in what holds it."""
        return str(self.way[-1]) if self.way else ""

    @property
    def here(self) -> str:
        """Its normalized path (RFC 9535, 2.7)."""
        return json_path(self.way)

    @property
    def around(self) -> str:
        """The normalized path of what holds it."""
        return json_path(self.way[:-1])


def mends(document: Document, findings: Sequence[Finding]) -> list[Mend]:
    """A mend for each finding that has one; those of deeper parts first.

    What stands in other files is not changed by an overlay. Swagger 2.0 is not mended: its findings are about
    what was made of it.
    """
    if document.upgraded:
        return []
    found = []
    for finding in findings:
        place = None if "#" in finding.pointer else _place(document.tree, finding.pointer)
        actions = [each for rule in RULES for each in rule(finding, place)] if place is not None else []
        if actions:
            said = " ".join(finding.message.split())
            found.append(
                Mend(finding, [{"target": each["target"], "description": said, **each} for each in actions])
            )
    return sorted(found, key=lambda each: -each.finding.pointer.count("/"))


def overlay_of(title: str, found: Sequence[Mend]) -> dict[str, Any]:
    """The mends as an overlay. Items are taken out of arrays last, from their end."""
    actions = [action for each in found for action in each.actions]
    items = [each for each in actions if each.get("remove") and _LIST_ITEM.search(each["target"])]
    others = [each for each in actions if each not in items]

    def from_the_end(action: Action) -> list[Any]:
        return [int(each) if each.isdigit() else each for each in re.findall(r"\[(\d+)\]", action["target"])]

    items.sort(key=from_the_end, reverse=True)
    unique: list[Action] = []
    for each in (*others, *items):
        if each not in unique:
            unique.append(each)
    return {"overlay": "1.1.0", "info": {"title": title, "version": "1"}, "actions": unique}


def json_path(way: Way) -> str:
    """The normalized path of RFC 9535 to a part of the document."""
    return "$" + "".join(f"[{each if isinstance(each, int) else _quoted(each)}]" for each in way)


def _quoted(name: str) -> str:
    text = json.dumps(name, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{text}'"


def _place(tree: Any, pointer: str) -> FoundPlace | None:
    """What stands at a pointer; None where nothing does."""
    holder, value = None, tree
    way: list[str | int] = []
    for token in tokens(pointer):
        holder = value
        if isinstance(value, dict) and token in value:
            way.append(token)
            value = value[token]
        elif isinstance(value, list) and token.isdigit() and int(token) < len(value):
            way.append(int(token))
            value = value[int(token)]
        else:
            return None
    return FoundPlace(value, holder, tuple(way))


# -- one function for each kind of finding ------------------------------------------------------------------


def _read_as(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    """`type: text` that is read as `string`: the value that it is read as."""
    match = re.fullmatch(r"it is read as (.+)", finding.meaning)
    if (
        match is None
        or not isinstance(place.holder, dict)
        or not finding.message.startswith(f"{place.name}: ")
    ):
        return
    try:
        value = ast.literal_eval(match[1]) if match[1][:1] in "'\"" else json.loads(match[1])
    except (ValueError, SyntaxError):
        return
    yield from _set(place, value)


def _set(place: FoundPlace, value: Any) -> Iterator[Action]:
    if isinstance(value, (dict, list)) or isinstance(place.value, (dict, list)):
        yield {"target": place.here, "remove": True}
    yield {"target": place.around, "update": {place.name: value}}


def _left_out(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    """What is left out anyway is taken out."""
    if finding.meaning in ("it is left out", "the pattern is not applied") and place.way:
        yield {"target": place.here, "remove": True}


def _not_of_30(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    match = re.match(r"(\S+) is not a keyword of OpenAPI 3\.0: it is ignored", finding.message)
    match = match or re.match(r"(exclusiveM\w+) without \w+ is ignored", finding.message)
    if match and isinstance(place.value, dict) and match[1] in place.value:
        yield {"target": json_path((*place.way, match[1])), "remove": True}


def _reference(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    match = re.fullmatch(r"it is read as (\S*#\S*)", finding.meaning)
    if match and isinstance(place.value, dict) and isinstance(place.value.get("$ref"), str):
        yield {"target": place.here, "update": {"$ref": match[1]}}


def _required(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    if finding.message == "expected `required: true` of a path parameter":
        flag = place.name == "required" and not isinstance(place.value, dict)
        yield {"target": place.around if flag else place.here, "update": {"required": True}}


def _renamed(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    """A key that is read as another: a status, a path without its slash."""
    status = re.fullmatch(r"it is read as (\d{3}|[1-5]XX|default)", finding.meaning)
    slash = finding.message.endswith("does not start with a slash")
    name = status[1] if status and "is not a status" in finding.message else f"/{place.name}" if slash else ""
    if name and isinstance(place.holder, dict) and name not in place.holder and isinstance(place.value, dict):
        yield {"target": place.around, "update": {name: {}}}
        yield {"target": json_path((*place.way[:-1], name)), "copy": place.here}
        yield {"target": place.here, "remove": True}


def _nullable(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    """`nullable: true` of 3.0 beside a type, in a document of 3.1: null is one of the types there."""
    if not finding.message.startswith("nullable is not defined in JSON Schema") or place.name != "nullable":
        return
    schema = place.holder if isinstance(place.holder, dict) else {}
    types = schema.get("type")
    if not isinstance(types, (str, list)) or schema.keys() & {
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "const",
    }:
        return
    several = [types] if isinstance(types, str) else types
    yield {"target": place.here, "remove": True}
    if "null" not in several:
        yield {"target": json_path((*place.way[:-1], "type")), "remove": True}
        yield {"target": place.around, "update": {"type": [*several, "null"]}}
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        yield {"target": json_path((*place.way[:-1], "enum")), "update": None}


def _taken(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    """An operationId that is another's: without it, the operation is called what it is called anyway."""
    if re.match(r"the operationId .+ is taken by an earlier operation", finding.message):
        yield {"target": json_path((*place.way, "operationId")), "remove": True}


def _undeclared(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    match = re.fullmatch(r"the path parameter '(.+)' is not declared", finding.message)
    if match and isinstance(place.value, dict):
        new = {"name": match[1], "in": "path", "required": True, "schema": {"type": "string"}}
        yield {"target": place.here, "update": {"parameters": [new]}}


def _missing(finding: Finding, place: FoundPlace) -> Iterator[Action]:
    """A description that a Response Object has to have."""
    if finding.message == "'description' is missing" and isinstance(place.value, dict):
        yield {"target": place.here, "update": {"description": ""}}


RULES: tuple[Callable[[Finding, Any], Iterator[Action]], ...] = (
    _read_as,
    _left_out,
    _not_of_30,
    _reference,
    _required,
    _renamed,
    _nullable,
    _taken,
    _undeclared,
    _missing,
)
