"""The Python types of the schemas of a document, for values of one direction.

What a schema means is read where the checkers read it: from its translation. A type may allow more than its
schema, as types know no patterns and no bounds; it never allows less, but for one thing: a property that the
schema does not declare, and does not forbid either, is a mistake to a type checker.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynaclient.document.document import Document
from dynaclient.document.node import Node, tokens
from dynaclient.document.parameters import normal
from dynaclient.document.subschemas import CHOICES, PARTS
from dynaclient.generation.flatten import (
    Definitions,
    Joined,
    Schema,
    Unsatisfiable,
    is_of,
    merge,
    without_combinators,
)
from dynaclient.schema.keywords import Direction
from dynaclient.schema.read_write_only import Hidden
from dynaclient.schema.references import Resources
from dynaclient.schema.summary import Outlines
from dynaclient.schema.translator import Translator
from dynaclient.stubs.annotations import (
    ANY,
    ELLIPSIS,
    NONE,
    STR,
    Annotation,
    Either,
    Mark,
    Named,
    Subscript,
    Values,
    Word,
    either,
    flat_text,
    subscript,
    within,
)

MOST_OPTIONS = 24
"""So many options beside properties get a type each; where there are more, one has the properties of all."""

MOST_STEPS = 60
"""How deep schemas without names nest; what is deeper is Any."""

MOST_LINKS = 1000
"""Of references to references; what is behind more is Any."""

MOST_DEFINITIONS = 10_000
"""Documents of a thousand operations have two thousand; what others combine beyond this is Any."""

LONGEST_LITERAL = 56
"""A `Literal` in a schema without a name that takes more columns is given one."""


@dataclass
class TypedItem:
    """A property of a TypedDict."""

    name: str
    annotation: Annotation
    required: bool
    read_only: bool
    node: Node | None


@dataclass
class Definition:
    """A class or an alias of a stub: a TypedDict where it has `items`, else what `alias` says."""

    mark: Mark
    wanted: str
    """What it is to be called."""
    node: Node | None
    items: list[TypedItem] | None = None
    closed: bool = False
    extra: Annotation | None = None
    alias: Annotation = ANY


@dataclass
class _Flat:
    """A schema with its references followed and its `allOf` laid together."""

    own: dict[str, Any]
    choices: list[list[Schema]]
    """The options of each `anyOf` and `oneOf`."""
    maybe: list[Schema]
    """What holds under a condition."""

    @property
    def has_members(self) -> bool:
        """Whether it says something of the properties of an object."""
        return bool(self.own.get("properties") or self.own.get("required"))


class SchemaTypes:
    """Makes the types of one document for one direction. `definitions` are those that have a name."""

    def __init__(self, document: Document, direction: Direction) -> None:
        self.definitions: dict[Mark, Definition] = {}
        self._outgoing = direction == "request"
        self._translator = Translator(document, direction, "source")
        self._outlines = Outlines(document)
        self._read_only = Hidden(document, "request", Resources(document))
        self._known: dict[Mark, Annotation] = {}
        self._open: set[Mark] = set()
        self._circular: set[Mark] = set()
        self._joined: dict[str, Mark] = {}
        self._met: dict[int, tuple[dict[str, Any], Mark]] = {}
        self._pending: list[tuple[Definition, _Flat]] = []
        self._references = Definitions({})
        self._size = 0

    def of(self, node: Node | None, wanted: str, own: Mapping[str, Annotation] | None = None) -> Annotation:
        """The type of values of the schema at `node`; `wanted` names it where nothing else does.

        `own` are the types of properties that the schema does not tell: files of a form.
        """
        if node is None:
            return ANY
        key = self._translator.entry(node)
        if self._size != len(self._translator.defs):
            self._size = len(self._translator.defs)
            self._references = Definitions(self._translator.defs)
        if own:
            mark = (*_place(node), "form")
            found = self._at(mark, self._translator.schema(key), node, wanted, own)
        else:
            found = self._at(_place(node), {"$ref": f"#/$defs/{key}"}, node, wanted)
        while self._pending:
            self._fill(*self._pending.pop())
        return found

    # -- one schema -----------------------------------------------------------------------------------

    def _at(
        self,
        mark: Mark,
        schema: Schema,
        node: Node | None,
        wanted: str,
        own: Mapping[str, Annotation] | None = None,
    ) -> Annotation:
        """The type of `schema`; each is made once. One that leads back to itself gets a name."""
        if isinstance(schema, bool):
            return ANY if schema else Word("Never")
        target = _only_reference(schema)
        if target is not None and not own:
            return self._referred(target, mark, node, wanted)
        if not own:
            mark = self._first(schema, mark)
        if mark in self._known:
            return self._known[mark]
        if mark in self._open:
            self._circular.add(mark)
            return Named(mark)
        if max(len(mark), len(self._open)) > MOST_STEPS or len(self.definitions) > MOST_DEFINITIONS:
            return ANY
        self._open.add(mark)
        found = self._made(mark, schema, node, wanted, own)
        self._open.discard(mark)
        if mark in self._circular and found != Named(mark):
            members = found.members if isinstance(found, Either) else (found,)
            found = self._alias(mark, either(each for each in members if each != Named(mark)), node, wanted)
        self._known[mark] = found
        return found

    def _first(self, schema: dict[str, Any], mark: Mark) -> Mark:
        """By what a schema is known: where it was met first; one that was joined here, by its text."""
        if isinstance(schema, Joined):
            return self._joined.setdefault(json.dumps(schema, default=str), mark)
        return self._met.setdefault(id(schema), (schema, mark))[1]  # what has the id has to stay

    def _referred(self, schema: dict[str, Any], mark: Mark, node: Node | None, wanted: str) -> Annotation:
        target: Schema = schema
        further: dict[str, Any] | None = schema
        name, links = "", 0
        while further is not None:
            links += 1
            try:
                name, target = self._references.target(
                    further, "$ref" if "$ref" in further else "$dynamicRef"
                )
            except Unsatisfiable:
                return ANY
            further = _only_reference(target) if isinstance(target, dict) and links < MOST_LINKS else None
        if links == MOST_LINKS:
            return ANY
        place = self._translator.places.get(name)
        if place is not None:
            called = component(place)
            found = self._at(_place(place), target, place, called or wanted)
            if called and self._deserves_name(found) and _place(place) not in self.definitions:
                found = self._known[_place(place)] = self._alias(_place(place), found, place, called)
            return found
        return self._at(("resource", name), target, None, wanted)

    @staticmethod
    def _deserves_name(found: Annotation) -> bool:
        """Whether the type of a named schema reads better as its name: a choice, or values to choose from."""
        return (isinstance(found, Either) and len([each for each in found.members if each != NONE]) > 1) or (
            isinstance(found, Values) and len(found.values) > 1
        )

    def _alias(self, mark: Mark, found: Annotation, node: Node | None, wanted: str) -> Annotation:
        self.definitions[mark] = Definition(mark, wanted, node, alias=found)
        return Named(mark)

    def _made(
        self,
        mark: Mark,
        schema: dict[str, Any],
        node: Node | None,
        wanted: str,
        own: Mapping[str, Annotation] | None,
    ) -> Annotation:
        try:
            flat = self._flat([schema])
        except (Unsatisfiable, RecursionError):
            return ANY
        options = self._options(flat)
        if not options:
            return self._plain(mark, flat, node, wanted, own)
        if not flat.has_members:
            return self._union(mark, flat, options, node, wanted)
        variants = [
            self._plain((*mark, f"option {at}"), each, node, f"{wanted}{name}", own)
            for at, (name, each) in enumerate(self._variants(flat, options))
        ]
        return either(variants)

    def _options(self, flat: _Flat) -> list[Schema]:
        """The options of the one choice that tells something of the form of the value, if any."""
        for options in flat.choices:
            if all(_tells(each, flat.has_members) for each in options):
                return options
        return []

    def _union(
        self, mark: Mark, flat: _Flat, options: list[Schema], node: Node | None, wanted: str
    ) -> Annotation:
        found = []
        kinds = flat.own.get("type")
        for at, option in enumerate(options):
            both = Joined(allOf=[{"type": kinds}, option]) if kinds and _is_loose(option) else option
            found.append(self._at((*mark, f"option {at}"), both, None, _numbered(wanted, at, options)))
        return either(each for each in found if each != Word("Never"))

    def _variants(self, flat: _Flat, options: list[Schema]) -> Iterator[tuple[str, _Flat]]:
        """An object with each of its options, and what to add to its name."""
        others = [each for choice in flat.choices if choice is not options for each in choice]
        if len(options) > MOST_OPTIONS:
            yield "", _Flat(flat.own, [], [*flat.maybe, *others, *options])
            return
        for at, option in enumerate(options):
            try:
                own = self._flat([option])
                merged = merge([own.own], flat.own)
            except Unsatisfiable:
                continue
            inner = [each for choice in own.choices for each in choice]
            maybe = [*flat.maybe, *own.maybe, *others, *inner]
            yield self._called(option) or str(at + 1), _Flat(merged, [], maybe)

    def _called(self, schema: Schema) -> str:
        target = _only_reference(schema) if isinstance(schema, dict) else None
        key = str(target.get("$ref", "")).rpartition("/")[2] if target else ""
        place = self._translator.places.get(key)
        return component(place) if place else ""

    # -- what holds for one value ---------------------------------------------------------------------

    def _flat(self, schemas: Iterable[Schema]) -> _Flat:
        """All of `schemas` in one. Raises Unsatisfiable."""
        found = _Flat({}, [], [])
        seen: set[str] = set()
        found.own = merge(part for schema in schemas for part in self._parts(schema, found, seen))
        return found

    def _parts(self, schema: Schema, found: _Flat, seen: set[str]) -> Iterator[dict[str, Any]]:
        if schema is False:
            raise Unsatisfiable("the schema is false")
        if not isinstance(schema, dict):
            return
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                name, target = self._references.target(schema, keyword)
                if name not in seen:
                    seen.add(name)
                    yield from self._parts(target, found, seen)
        for member in schema.get("allOf", ()):
            yield from self._parts(member, found, seen)
        yield without_combinators(schema)
        for keyword in CHOICES:
            if keyword in schema:
                found.choices.append(_undistinguished(schema[keyword]))
        found.maybe += [schema[keyword] for keyword in ("then", "else") if keyword in schema]
        found.maybe += schema.get("dependentSchemas", {}).values()

    # -- by type --------------------------------------------------------------------------------------

    def _plain(
        self,
        mark: Mark,
        flat: _Flat,
        node: Node | None,
        wanted: str,
        own: Mapping[str, Annotation] | None = None,
    ) -> Annotation:
        if "enum" in flat.own:
            return self._values(mark, flat.own, node, wanted)
        found = []
        for kind in _types(flat.own):
            if kind == "array":
                found.append(self._array(mark, flat.own, node, wanted))
            elif kind == "object":
                found.append(self._object(mark, flat, node, wanted, own))
            elif kind == "string":
                found += self._string(flat.own)
            else:
                found += [Word(name) for name in (_OUTGOING if self._outgoing else _INCOMING)[kind]]
        return either(found)

    def _string(self, flat: dict[str, Any]) -> list[Annotation]:
        if not self._outgoing:
            return [STR]
        encoded = "contentEncoding" in flat or flat.get("format") in ("byte", "binary")
        beside = "bytes" if encoded else _FORMATS.get(str(flat.get("format")))
        return [Word(beside), STR] if beside else [STR]

    def _values(self, mark: Mark, flat: dict[str, Any], node: Node | None, wanted: str) -> Annotation:
        """An enumeration. That of a response stays open, so that a new value is no mistake of the reader."""
        types = flat.get("type")
        values = [each for each in flat["enum"] if types is None or is_of(each, types)] or flat["enum"]
        exact = [each for each in values if each is None or isinstance(each, (str, bool, int))]
        kinds = [Word(_KINDS[type(each)]) for each in values if each not in exact or isinstance(each, float)]
        listed: list[Annotation] = [Values(tuple(_distinct(exact)))] if exact else []
        if len(exact) > 1 and not self._outgoing:
            listed += [
                Word(_KINDS[type(each)]) for each in exact if each is not None and type(each) is not bool
            ]
        found = either([*listed, *kinds])
        names = isinstance(found, (Values, Either)) and component(node) == ""
        if names and len(flat_text(found)) > LONGEST_LITERAL:
            return self._alias(mark, found, node, wanted)
        return found

    def _array(self, mark: Mark, flat: dict[str, Any], node: Node | None, wanted: str) -> Annotation:
        items = self._outlines.of(node).items if node else None
        found = [
            self._at((*mark, f"item {at}"), each, None, f"{wanted}Item{at + 1}")
            for at, each in enumerate(flat.get("prefixItems", ()))
        ]
        if not found or flat.get("items", True) is not True:
            found.append(self._at((*mark, "items"), flat.get("items", True), items, f"{wanted}Item"))
        each = either(member for member in found if member != Word("Never"))
        if not self._outgoing:
            return subscript("list", each)
        if self._takes_text(each):  # a text is a sequence of texts
            return Either((subscript("list", each), subscript("tuple", each, ELLIPSIS)))
        return subscript("Sequence", each)

    def kinds(self, annotation: Annotation, depth: int = 0) -> set[str]:
        """Whether a value is "structured" (an object or an array) or "plain", such as a text; maybe both."""
        if isinstance(annotation, Named) and depth < 20:
            made = self.definitions[annotation.mark]
            return self.kinds(made.alias, depth + 1) if made.items is None else {"structured"}
        if isinstance(annotation, Either):
            return set[str]().union(*(self.kinds(each, depth) for each in annotation.members if each != NONE))
        if annotation == ANY or isinstance(annotation, Named):
            return {"structured", "plain"}
        return {"structured" if isinstance(annotation, Subscript) else "plain"}

    def _takes_text(self, annotation: Annotation) -> bool:
        if isinstance(annotation, Named):
            found = self.definitions.get(annotation.mark)
            return annotation.mark in self._open or (
                found is not None and found.items is None and self._takes_text(found.alias)
            )
        if isinstance(annotation, Either):
            return any(map(self._takes_text, annotation.members))
        if isinstance(annotation, Values):
            return any(isinstance(each, str) for each in annotation.values)
        return annotation in (ANY, STR)

    def _object(
        self, mark: Mark, flat: _Flat, node: Node | None, wanted: str, own: Mapping[str, Annotation] | None
    ) -> Annotation:
        properties = flat.own.get("properties", {})
        extra = flat.own.get("additionalProperties", True)
        declared = any(each is not False for each in properties.values())
        if not declared and extra is not False:
            patterns = [
                self._at((*mark, f"like {name}"), each, None, f"{wanted}Value")
                for name, each in flat.own.get("patternProperties", {}).items()
            ]
            value = either([self._at((*mark, "values"), extra, None, f"{wanted}Value"), *patterns])
            return subscript("Mapping" if self._outgoing else "dict", STR, value)
        made = Definition(
            mark, wanted, node, [], closed=extra is False and "patternProperties" not in flat.own
        )
        self.definitions[mark] = made
        self._pending.append((made, flat))
        if own:
            made.items = [TypedItem(name, each, False, False, None) for name, each in own.items()]
        if isinstance(extra, dict) and extra:
            value = self._at((*mark, "values"), extra, None, f"{wanted}Value")
            if self._outgoing:  # what takes `extra_items` (PEP 728) is pyright alone
                return Either((Named(mark), subscript("Mapping", STR, ANY)))
            made.extra = value
        return Named(mark)

    def _fill(self, made: Definition, flat: _Flat) -> None:
        """Give a TypedDict its items."""
        given = {each.name: each for each in made.items or ()}
        outline = self._outlines.of(made.node).properties if made.node else {}
        read_only = self._read_only.of(made.node) if made.node else frozenset[str]()
        required = flat.own.get("required", ())
        properties = flat.own.get("properties", {})
        properties = {**properties, **{name: True for name in required if name not in properties}}
        made.items = []
        for name, schema in properties.items():
            at = outline.get(name)
            if schema is False or not name:  # a TypedDict has no empty name
                continue
            if (
                schema is True
                and name not in outline
                and isinstance(flat.own.get("additionalProperties"), dict)
            ):
                schema = flat.own["additionalProperties"]
            found = self._at((*made.mark, f".{name}"), schema, at, made.wanted + camel(name))
            annotation = _beside(given[name].annotation, found) if name in given else found
            item = TypedItem(name, annotation, name in required, name in read_only and not self._outgoing, at)
            made.items.append(item)
        self._add_maybe(made, flat, {*properties})

    def _add_maybe(self, made: Definition, flat: _Flat, known: set[str]) -> None:
        """Add the properties that hold under a condition, none of them required."""
        found: dict[str, list[Annotation]] = {}
        for at, schema in enumerate(self._conditional(flat.maybe)):
            for name, each in schema.get("properties", {}).items():
                if name not in known and each is not False:
                    mark = (*made.mark, f"maybe {at}", f".{name}")
                    found.setdefault(name, []).append(self._at(mark, each, None, made.wanted + camel(name)))
        assert made.items is not None
        made.items += [
            TypedItem(name, either(several), False, False, None) for name, several in found.items()
        ]

    def _conditional(self, schemas: list[Schema]) -> Iterator[dict[str, Any]]:
        pending = list(schemas)
        for _ in range(200):
            if not pending:
                return
            try:
                flat = self._flat([pending.pop(0)])
            except Unsatisfiable:
                continue
            yield flat.own
            pending += [*flat.maybe, *(each for choice in flat.choices for each in choice)]


# -- words --------------------------------------------------------------------------------------------

_OUTGOING = {"integer": ("int",), "number": ("float", "Decimal"), "boolean": ("bool",), "null": ("None",)}
_INCOMING = _OUTGOING | {"number": ("float",)}
_FORMATS = {"date-time": "datetime", "date": "date", "uuid": "UUID"}
_KINDS: dict[type, str] = {str: "str", bool: "bool", int: "int", float: "float", list: "list[Any]"}
_KINDS |= {dict: "dict[str, Any]", type(None): "None"}
_OF_OBJECTS = ("properties", "additionalProperties", "patternProperties")
_SAYS_NOTHING = frozenset(("examples", "default", "$anchor", "$dynamicAnchor", "readOnlyProperties"))
_SAYS_NOTHING |= {"writeOnlyProperties", "discriminator"}


def _place(node: Node) -> Mark:
    return (f"{node.uri}#{node.pointer}",)


def component(node: Node | None) -> str:
    """What the document calls the schema at `node`, as the name of a class; empty for one without a name."""
    path = tokens(node.pointer) if node else []
    named = len(path) == 3 and path[:2] == ["components", "schemas"]
    named = named or (len(path) == 2 and path[0] in ("definitions", "$defs"))
    if node and not path and node.uri:
        return camel(node.uri.rpartition("/")[2].partition(".")[0])
    return class_name(path[-1]) if named else ""


def camel(text: str) -> str:
    """`text` as words that each begin with a capital, letters and digits alone."""
    shown = "".join(each if f"_{each}".isidentifier() else " " for each in normal(text).replace("_", " "))
    return "".join(word[:1].upper() + word[1:] for word in shown.split())


def class_name(text: str) -> str:
    """`text` as the name of a class: as it is where it can be one."""
    if text.isidentifier() and text[0].isupper() and normal(text) == text:
        return text
    found = camel(text)
    return found if found.isidentifier() else f"Schema{found}"


def _beside(own: Annotation, found: Annotation) -> Annotation:
    """`own`, or a list of it where that is what the schema asks for; a text is taken for it too."""
    lists = [each for each in within(found) if isinstance(each, Subscript)]
    return subscript("list", own) if lists else either([own, STR])


def _numbered(wanted: str, at: int, options: list[Schema]) -> str:
    return wanted if len(options) == 1 else f"{wanted}{at + 1}"


def _types(flat: dict[str, Any]) -> list[str]:
    """The JSON types that are named, or that the keywords speak of; none for any."""
    if "type" in flat:
        return list(flat["type"])
    if any(word in flat for word in _OF_OBJECTS):
        return ["object"]
    return ["array"] if "items" in flat or "prefixItems" in flat else []


def _only_reference(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The reference that a schema is, whatever wraps it; None where it says something of its own."""
    while True:
        said = [each for each in schema if each not in _SAYS_NOTHING]
        if said in (["$ref"], ["$dynamicRef"]):
            return schema
        if said in (["type", "allOf"], ["allOf", "type"]) and schema["type"] == "object":
            said = ["allOf"]
        if len(said) != 1 or said[0] not in ("allOf", *CHOICES) or len(schema[said[0]]) != 1:
            return None
        member = schema[said[0]][0]
        if not isinstance(member, dict):
            return None
        schema = member


def _undistinguished(options: list[Schema]) -> list[Schema]:
    """The members of a `oneOf` that the translation let a discriminator decide about."""
    first = options[0]
    return first["oneOf"] if isinstance(first, dict) and {*first} == {"oneOf", "discriminator"} else options


def _is_loose(option: Schema) -> bool:
    """Whether an option leaves the type of the value to what stands around it."""
    return isinstance(option, dict) and not {"type", "$ref", "allOf", "enum", "const", *CHOICES} & {*option}


def _tells(option: Schema, beside_members: bool) -> bool:
    """Whether an option says something of the form of the value, and not only what is required."""
    if not isinstance(option, dict):
        return False
    words = {"$ref", "$dynamicRef", "allOf", *CHOICES} | PARTS
    words |= set() if beside_members else {"type", "enum", "const"}
    return not words.isdisjoint(option)


def _distinct(values: Iterable[Any]) -> list[Any]:
    """`values`, each once; True and 1 are two."""
    return list({(type(each), each): each for each in values}.values())


def mentioned(definition: Definition) -> Iterator[Annotation]:
    """Every annotation in a definition, and what it is made of."""
    if definition.items is None:
        yield from within(definition.alias)
    for item in definition.items or ():
        yield from within(item.annotation)
    if definition.extra is not None:
        yield from within(definition.extra)
