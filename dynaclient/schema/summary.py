"""A schema of the document as people read it: what it is called, its type, its limits, its members.

For help texts and trees only. What decides about a value are the checkers, which read the schema whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from dynaclient._support.prose import readable
from dynaclient.document.document import Document
from dynaclient.document.node import NOWHERE, Node, tokens
from dynaclient.document.subschemas import under
from dynaclient.schema import keywords

MAX_DEPTH = 12
"""How deep `allOf`, arrays of arrays and the like are looked through for one outline."""

MAX_VALUES = 20
"""How many values of an `enum` are listed."""


@dataclass(frozen=True)
class Member:
    """One part of a value: a property, an item of a tuple, or one of several choices."""

    label: str
    node: Node
    required: bool = False
    choice: bool = False


@dataclass
class Outline:
    """What the schema at `place` asks, with its references followed and its `allOf` laid together."""

    place: tuple[str, str]
    name: str = ""
    """What the document calls it, where it stands among the components."""
    description: str = ""
    plain: dict[str, Any] = field(default_factory=dict)
    """The keywords whose arguments are no schemas."""
    properties: dict[str, Node] = field(default_factory=dict)
    others: list[tuple[str, Node]] = field(default_factory=list)
    """Schemas of properties that are not named, with words for which these are."""
    items: Node | None = None
    prefix: list[Node] = field(default_factory=list)
    choices: list[tuple[str, list[Node]]] = field(default_factory=list)
    closed: bool = False
    """No other properties are allowed."""

    @property
    def types(self) -> list[str]:
        """The JSON types it names, or that its keywords speak of; empty for any."""
        named = self.plain.get("type")
        kinds = list(named) if isinstance(named, list) else [named] if named else []
        if not kinds and (self.properties or self.others or self.closed):
            kinds = ["object"]
        if not kinds and (self.items or self.prefix):
            kinds = ["array"]
        return [*kinds, "null"] if kinds and self.plain.get("nullable") and "null" not in kinds else kinds


class Outlines:
    """Makes the outlines of one document's schemas."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[tuple[str, str], Outline] = {}

    def of(self, node: Node) -> Outline:
        """The outline of the schema at `node`. What cannot be resolved is an outline that says so."""
        place = (node.uri, node.pointer)
        if place not in self._known:
            target = self._document.followed(node) or node
            outline = Outline((target.uri, target.pointer), _component(target))
            self._add(outline, node, 0)
            self._known[place] = outline
        return self._known[place]

    def kind(self, node: Node, depth: int = 0) -> str:
        """The type in words: `string (date-time)`, `array of CartItem`, `Cat or Dog`, `integer or null`."""
        outline = self.of(node)
        if depth > MAX_DEPTH:
            return "..."
        words = []
        for each in outline.types:
            if each == "array":
                words.append(f"array of {self.kind(outline.items, depth + 1)}" if outline.items else "array")
            elif each == "object" and outline.name:
                words.append(outline.name)
            elif each in ("string", "integer", "number") and "format" in outline.plain:
                words.append(f"{each} ({outline.plain['format']})")
            else:
                words.append(each)
        for word, nodes in outline.choices if not outline.properties else ():
            if all(kind == "object" for kind in outline.types):
                joint = " or " if word == "one of" else " and/or "
                words = [joint.join(dict.fromkeys(self.kind(each, depth + 1) for each in nodes[:6]))]
                words[0] += " or ..." if len(nodes) > 6 else ""
        return " or ".join(words) or _type_of_values(outline.plain)

    def limits(self, node: Node) -> list[str]:
        """What else a value must meet, in words; of an array, also what its items must."""
        outline = self.of(node)
        found = _limits(outline.plain)
        if outline.items is not None and "array" in outline.types:
            inner = [text for text in _limits(self.of(outline.items).plain) if text not in _NOTES.values()]
            found += [f"each {', '.join(inner)}"] if inner else []
        return found + (["no other properties"] if outline.closed and outline.properties else [])

    def members(self, node: Node, depth: int = 0) -> list[Member]:
        """The parts of a value: properties, or those of an array's items, or the choices."""
        outline = self.of(node)
        if outline.items is not None and not outline.properties and depth < MAX_DEPTH:
            return [*_tuple(outline), *self.members(outline.items, depth + 1)]
        required = outline.plain.get("required", ())
        found = [Member(name, each, name in required) for name, each in outline.properties.items()]
        found += [Member(words, each) for words, each in outline.others if each.value is not True]
        found += _tuple(outline)
        for word, nodes in outline.choices:
            found += [Member(f"{word} {n}", each, choice=True) for n, each in enumerate(nodes, 1)]
        return found

    def inner(self, node: Node) -> Outline:
        """The outline of what the members belong to: the items of an array, else the schema itself."""
        outline = self.of(node)
        for _ in range(MAX_DEPTH):
            if outline.items is None or outline.properties:
                break
            outline = self.of(outline.items)
        return outline

    def _add(self, outline: Outline, node: Node, depth: int) -> None:
        """Lay the schema at `node` into `outline`; what is there already stays."""
        if not isinstance(node.value, dict) or depth > MAX_DEPTH:
            return
        old = self._document.version_of(node) < (3, 1)
        if isinstance(node.value.get("$ref"), str):
            self._follow(outline, node, depth, old)
            if old:
                return
        node = node._replace(value=keywords.modern(node.value, old, not old))
        outline.description = outline.description or node.text("description")
        _add_plain(outline.plain, node.value)
        for name, each in (node.get("properties") or NOWHERE).items():
            outline.properties.setdefault(name, each)
        patterns = (node.get("patternProperties") or NOWHERE).items()
        outline.others += [(f"(names like {name})", each) for name, each in patterns]
        extra = node.get("additionalProperties") or node.get("unevaluatedProperties") or NOWHERE
        outline.closed = outline.closed or extra.value is False
        if isinstance(extra.value, dict):
            outline.others.append(("(any other name)", extra))
        items = (each for each in under(node, "items") if isinstance(each.value, dict))
        outline.items = outline.items or next(items, None)
        outline.prefix = outline.prefix or [*under(node, "prefixItems")]
        for each in under(node, "allOf"):
            self._add(outline, each, depth + 1)
        for keyword, word in _CHOICES.items():
            self._choose(outline, word, [*under(node, keyword)], depth)

    def _follow(self, outline: Outline, node: Node, depth: int, old: bool) -> None:
        outline.description = outline.description or node.text("description")
        if old and node.flag("nullable"):
            outline.plain["nullable"] = True
        target = self._document.followed(node)
        if target is None:
            outline.description = outline.description or f"{node.value['$ref']} does not resolve"
        else:
            outline.name = outline.name if depth == 0 else ""
            self._add(outline, target, depth + 1)

    def _choose(self, outline: Outline, word: str, nodes: list[Node], depth: int) -> None:
        """Note a choice; one between null and something else is that, nullable."""
        real = [each for each in nodes if not (isinstance(each.value, dict) and _is_null(each.value))]
        if len(real) < len(nodes):
            outline.plain["nullable"] = True
        if len(real) == 1:
            self._add(outline, real[0], depth + 1)
            outline.name = outline.name or _component(self._document.followed(real[0]) or real[0])
        elif real:
            outline.choices.append((word, real))


_CHOICES = {"oneOf": "one of", "anyOf": "any of"}


def one_line(text: str) -> str:
    """`text` on one line: its first paragraph, white space drawn together."""
    return " ".join(readable(text).strip().partition("\n\n")[0].split())


def _tuple(outline: Outline) -> list[Member]:
    return [Member(f"[{index}]", each) for index, each in enumerate(outline.prefix)]


def _component(node: Node) -> str:
    """The name of a schema that stands among the components of its file."""
    path = tokens(node.pointer)
    return path[2] if len(path) == 3 and path[:2] == ["components", "schemas"] else ""


def _is_null(schema: dict[str, Any]) -> bool:
    stated = "type" in schema and keywords.type_(schema["type"])[0] == "null"
    return stated or schema.get("enum") == [None]


_SAID = ("default", "nullable", "readOnly", "writeOnly", "deprecated")


def _add_plain(plain: dict[str, Any], schema: dict[str, Any]) -> None:
    for keyword, argument in schema.items():
        if keyword in _SAID:
            plain.setdefault(keyword, argument)
        elif keyword in keywords.PLAIN:
            mended, _ = keywords.PLAIN[keyword](argument)
            if keyword == "required" and mended:
                plain["required"] = list(dict.fromkeys([*plain.get("required", ()), *mended]))
            elif mended is not None or keyword == "const":
                plain.setdefault(keyword, mended)


def _type_of_values(plain: dict[str, Any]) -> str:
    return "any" if "enum" not in plain and "const" not in plain else "value"


_RANGES = (
    ("", "minimum", "maximum"),
    ("length ", "minLength", "maxLength"),
    ("items ", "minItems", "maxItems"),
    ("properties ", "minProperties", "maxProperties"),
)
_NOTES = {
    "uniqueItems": "no item twice",
    "readOnly": "read only",
    "writeOnly": "write only",
    "deprecated": "deprecated",
}


def _limits(plain: dict[str, Any]) -> list[str]:
    found = []
    if "enum" in plain:
        values = plain["enum"]
        more = f", ... ({len(values)} values)" if len(values) > MAX_VALUES else ""
        found.append("one of " + ", ".join(map(_value_text, values[:MAX_VALUES])) + more)
    if "const" in plain:
        found.append(f"is {_value_text(plain['const'])}")
    found += [text for text in (_range(plain, *each) for each in _RANGES) if text]
    for keyword, sign in (
        ("exclusiveMinimum", ">"),
        ("exclusiveMaximum", "<"),
        ("multipleOf", "multiple of"),
    ):
        if keyword in plain:
            found.append(f"{sign} {_value_text(plain[keyword])}")
    if "pattern" in plain:
        found.append(f"matches {plain['pattern']}")
    if "default" in plain:
        found.append(f"default {_value_text(plain['default'])}")
    return found + [words for keyword, words in _NOTES.items() if plain.get(keyword) is True]


def _range(plain: dict[str, Any], of: str, low: str, high: str) -> str:
    least, most = plain.get(low), plain.get(high)
    if least is not None and most is not None:
        return (
            f"{of}{_value_text(least)}" if least == most else f"{of}{_value_text(least)}..{_value_text(most)}"
        )
    if least is not None:
        return f"{of}>= {_value_text(least)}"
    return f"{of}<= {_value_text(most)}" if most is not None else ""


def _value_text(value: Any) -> str:
    """A value of the document as JSON text."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return "..."
