"""What the sandbox keeps: things that requests make, change and remove, so that others read them.

Paths tell what is a thing. `/users/{id}` is one, `/users` the collection of all: POST on the collection makes
one, GET on it lists them, and GET, PUT, PATCH and DELETE on the thing read, replace, change and remove it; so
does POST on a thing that has neither PUT nor PATCH. What nobody made gets the response that the document
describes: an identifier that was never used leads to an example.

A thing is kept as its latest representation. A response shows it as far as its schema allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from dynaclient.client import Client, executor_of
from dynaclient.document.model import Operation, Parameter, template
from dynaclient.document.node import Node
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.sandbox import representations
from dynaclient.sandbox.consistency import properties
from dynaclient.sandbox.representations import Filling, Way, bare_name, identifier_text, one_spelling
from dynaclient.sandbox.responses import success, successes
from dynaclient.schema.keywords import Direction
from dynaclient.wire.request_reader import Received, decoded
from dynaclient.wire.style_parsing import decode_path
from dynaclient.wire.styles import StyleError, encode_path

MOST = 1000
"""How many things of one collection are kept; the oldest are forgotten."""

MOST_LISTED = 100
"""How many things a list has where nobody asks for a number."""

Kind = Literal["make", "list", "read", "replace", "change", "remove"]

_ON_THING: dict[str, Kind] = {"GET": "read", "PUT": "replace", "PATCH": "change", "DELETE": "remove"}
_ON_COLLECTION: dict[str, Kind] = {"GET": "list", "POST": "make"}
_WRITES: tuple[Kind, ...] = ("make", "replace", "change")

_ENDINGS = ("id", "uuid", "guid", "key", "code", "slug", "name", "number")
"""Endings of the names of identifiers that say what kind of identifier it is."""
_NO_NAMES = ("", ".", "..")
"""Texts that cannot stand in a path."""
_TRIED = 100
"""How many identifiers are tried for a new thing."""

_SIZES = ("limit", "pagesize", "perpage", "pagelimit", "maxresults")
_OFFSETS = ("offset", "skip", "start", "startindex")
_PAGES = ("page", "pagenumber", "pageindex")


@dataclass
class StoredThing:
    """Something that was made. `value`: its latest representation; `sent`: the body that made it, as text."""

    value: dict[str, Any]
    sent: str = ""


Place = tuple[str, tuple[str, ...]]
"""The shape of the path of a thing, and the identifiers of what it belongs to."""


@dataclass(frozen=True)
class StoredResource:
    """What a path that ends in a parameter names; `keys`: its operations, by what they do."""

    shape: str
    own: str
    """The name of the parameter."""
    noun: str
    """What the segment before says that it is, in the singular."""
    keys: dict[Kind, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What its identifier may be called in a body, in plain form, the likeliest first."""
        own = bare_name(self.own)
        ending = next((each for each in _ENDINGS if own.endswith(each)), "")
        return list(dict.fromkeys(filter(None, (own, ending, self.noun + ending, "identifier"))))


class Store:
    """The things of one sandbox. It is used by one request at a time."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client = client
        self._seed = seed
        self._maker = Maker(client.document, client.checkers, "request")
        self._roles = {key: (kind, each) for each in _resources(client) for kind, key in each.keys.items()}
        self._things: dict[Place, dict[str, StoredThing | None]] = {}
        self._used: set[Place] = set()
        self._names: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def visit(self, operation: Operation, received: Received, path: Mapping[str, str]) -> Visit | None:
        """What a valid request does to the things; None where it has to do with none.

        `path`: the raw texts of the path parameters.
        """
        found = self._roles.get(operation.key)
        return Visit(self, *found, operation, received, _texts(operation, received, path)) if found else None

    def gone(self, operation: Operation, received: Received, path: Mapping[str, str]) -> str:
        """What of the path was removed, as a sentence; empty where all of it may be there."""
        if not self._things:
            return ""
        values = _texts(operation, received, path)
        segments = _shape(operation.path).split("/")
        kind = self._roles.get(operation.key, ("", None))[0]
        last = len(segments) - (kind == "replace")  # which makes it again
        for at, segment in enumerate(segments[:last]):
            count = "/".join(segments[: at + 1]).count("{}")
            place = ("/".join(segments[: at + 1]), tuple(values[: count - 1]))
            if (
                segment == "{}"
                and self._things.get(place, {}).get(values[count - 1], StoredThing({})) is None
            ):
                return f"{values[count - 1]!r} was removed"
        return ""

    def things(self, place: Place) -> dict[str, StoredThing | None]:
        """The things at a place by their identifiers, None for one that was removed."""
        return self._things.get(place, {})

    def was_used(self, place: Place) -> bool:
        """Whether something was made there."""
        return place in self._used

    def keep(self, place: Place, identifier: str, thing: StoredThing | None) -> None:
        """Keep a thing, or note that it is not there any more."""
        things = self._things.setdefault(place, {})
        things.pop(identifier, None)
        things[identifier] = thing
        if thing is not None:
            self._used.add(place)
        while len(things) > MOST:
            del things[next(iter(things))]

    def _single(self, resource: StoredResource) -> tuple[Operation, Parameter | None]:
        """An operation on a thing, and the path parameter that names it."""
        key = next(key for kind, key in resource.keys.items() if kind not in ("make", "list"))
        operation = self._client.operations[key]
        name = _names(operation)[-1]
        parameters = (each for each in operation.parameters if each.location == "path")
        return operation, next((each for each in parameters if each.name == name), None)

    def is_free(self, resource: StoredResource, place: Place, identifier: Any) -> bool:
        """Whether a new thing may have an identifier, and is then found by it."""
        text = identifier_text(identifier)
        return text not in _NO_NAMES and text not in self.things(place) and self._leads(resource, text)

    def _leads(self, resource: StoredResource, text: str) -> bool:
        """Whether a path may have `text` for the thing."""
        operation, parameter = self._single(resource)
        schema = parameter.value_schema if parameter is not None else None
        if parameter is None or schema is None:
            return True
        shape = executor_of(self._client).compiled(operation.key).shape(parameter, "request")
        try:
            raw = encode_path(parameter.name, text, parameter.style, parameter.explode)
            value = decode_path(raw, parameter.name, parameter.style, parameter.explode, shape)
        except StyleError:
            return False
        return self._client.checkers.checker(schema, "request").is_valid(value)

    def new(self, resource: StoredResource, place: Place) -> str:
        """An identifier for a thing that does not say what it is called."""
        parameter, count = self._single(resource)[1], len(self.things(place)) + 1
        schema = parameter.value_schema if parameter is not None else None
        for number in range(count, count + _TRIED):
            if schema is None:
                break
            try:
                made = self._maker.example(schema, self._seed + number)
            except Unsatisfiable:
                break
            if self.is_free(resource, place, made):
                return identifier_text(made)
        return str(count)

    def declared(self, resource: StoredResource) -> frozenset[str]:
        """The properties that requests give to a thing."""
        keys = [key for kind, key in resource.keys.items() if kind in _WRITES]
        return frozenset().union(*(self.body_names(self._client.operations[key])[0] for key in keys))

    def body_names(self, operation: Operation) -> tuple[frozenset[str], frozenset[str]]:
        """The properties that the body of an operation declares, and those of them that are writeOnly."""
        if operation.key not in self._names:
            contents = operation.body.content.values() if operation.body is not None else ()
            schemas = [each.schema for each in contents if each.schema is not None]
            sent = {name for schema in schemas for name in self._properties(schema, "request")}
            shown = {name for schema in schemas for name in self._properties(schema, "response")}
            self._names[operation.key] = frozenset(sent), frozenset(sent - shown)
        return self._names[operation.key]

    def _properties(self, schema: Node, direction: Direction) -> Mapping[str, Any]:
        translator = self._client.checkers.translator(direction)
        return properties({"$ref": f"#/$defs/{translator.entry(schema)}"}, translator.defs)


class Visit:
    """One valid request that makes, lists, reads, replaces, changes or removes a thing."""

    def __init__(
        self,
        store: Store,
        kind: Kind,
        resource: StoredResource,
        operation: Operation,
        received: Received,
        values: list[str],
    ) -> None:
        self.kind = kind
        self._store = store
        self._resource = resource
        self._operation = operation
        self._received = received
        of_all = kind in ("make", "list")
        self._place: Place = (resource.shape, tuple(values if of_all else values[:-1]))
        self._identifier = "" if of_all else values[-1]
        self._thing = store.things(self._place).get(self._identifier)
        self._value: dict[str, Any] | None = None
        """What the thing is then, where the request writes one."""

    @property
    def makes(self) -> bool:
        """Whether a thing is made that was not there."""
        return self.kind == "make" or (self.kind == "replace" and self._thing is None)

    def status(self, operation: Operation) -> int:
        """The documented success: 201 for what makes something, another one for what does not."""
        listed = successes(operation)
        if self.makes and 201 in listed:
            return 201
        others = [each for each in listed if each != 201] if self.kind == "replace" and not self.makes else []
        return others[0] if others else success(operation)

    @cached_property
    def _body(self) -> dict[str, Any]:
        """The body without what may only be written, and without files."""
        hidden = self._store.body_names(self._operation)[1]
        members = self._received.body.items() if isinstance(self._received.body, dict) else ()
        return {name: each for name, each in members if name not in hidden and one_spelling(each) is not None}

    def _body_of(self, names: Collection[str]) -> dict[str, Any]:
        """What the body says of a thing with these names: the body, or a documented member of it."""
        declared = self._store.body_names(self._operation)[0]
        return representations.unwrapped(self._body, names, declared)

    @cached_property
    def conflict(self) -> str:
        """Why what is to be made is there already, as a sentence; empty where it is not."""
        if self.kind != "make" or not self._body:
            return ""
        things = self._store.things(self._place)
        chosen = representations.identity(self._body, self._resource.names)
        if chosen is not None and things.get(identifier_text(chosen[1])) is not None:
            return f"{identifier_text(chosen[1])!r} is there already"
        same = any(each is not None and each.sent == one_spelling(self._body) for each in things.values())
        return "the same is there already" if same else ""

    # -- the response ------------------------------------------------------------------------------------

    def finished(self, value: Any, filling: Filling) -> Any:
        """`value`, a response that the document allows, with what is kept; valid too."""
        result = _FINISH[self.kind](self, value, filling)
        return result if filling.is_valid(result) else value

    def _made(self, value: Any, filling: Filling) -> Any:
        if not isinstance(value, dict):
            return value
        way = representations.entity(value, self._body, self._resource.names)
        value = self._named(value, way, filling.is_valid)
        shown = representations.at(value, way)
        self._value = {**self._body_of(shown), **shown}
        return value

    def _named(self, value: dict[str, Any], way: Way, is_valid: Callable[[Any], bool]) -> dict[str, Any]:
        """`value` with an identifier of its own in the object that a way leads to, where it has one."""
        found = representations.identity(representations.at(value, way), self._resource.names)
        if found is None:
            return value
        name, old = found
        body = self._body_of((name,))
        if name in body and identifier_text(body[name]) == identifier_text(old):  # chosen by who sent it
            self._identifier = identifier_text(old)
            return value
        for other in representations.other_identifiers(old, _TRIED):
            changed: dict[str, Any] = representations.put(value, (*way, name), other)
            if self._store.is_free(self._resource, self._place, other) and is_valid(changed):
                self._identifier = identifier_text(other)
                return changed
        return value

    def _read(self, value: Any, filling: Filling) -> Any:
        if self._thing is None:
            return value
        result = self._shown(value, self._thing.value, filling)
        self._thing.value = representations.learned(self._thing.value, result)
        return result

    def _written(self, value: Any, filling: Filling) -> Any:
        self._value = self._new_value(value if isinstance(value, dict) else {})
        result = self._shown(value, self._value, filling)
        self._value = representations.learned(self._value, result)
        return result

    def _new_value(self, value: dict[str, Any]) -> dict[str, Any]:
        """What the thing is once it is replaced or changed; `value`: a response that may show it."""
        known = self._thing.value if self._thing is not None else {}
        if not known:
            shown = representations.at(value, representations.holder(value, self._body))
            known = shown if shown.keys() & self._body.keys() else {}
        if self.kind == "change":
            changed: dict[str, Any] = representations.patched(known, self._body_of(known))
            return changed
        declared = self._store.body_names(self._operation)[0]
        return {
            **{name: each for name, each in known.items() if name not in declared},
            **self._body_of(known),
        }

    def _removed(self, value: Any, filling: Filling) -> Any:
        return self._shown(value, self._thing.value, filling) if self._thing is not None else value

    def _shown(self, value: Any, thing: dict[str, Any], filling: Filling) -> Any:
        """`value`, which the document allows, showing `thing` as far as it stays valid."""
        if not isinstance(value, dict) or not thing:
            return value
        declared = self._store.declared(self._resource)
        undeclared = declared - filling.names if filling.names else frozenset()
        for candidate in representations.views(value, thing, filling.names, undeclared):
            if filling.is_valid(candidate):
                return candidate
        laid = filling.overlay(value, thing)
        return representations.without_absent(laid, thing, declared, filling.is_valid)

    def _listed(self, value: Any, filling: Filling) -> Any:
        if not self._store.was_used(self._place):
            return value
        things = [each.value for each in self._store.things(self._place).values() if each is not None]
        return representations.listed(value, self._page(things), len(things), filling.is_valid)

    def _page(self, things: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The things that the size, the number and the offset of a page leave."""
        size, _ = self._asked(_SIZES)
        page, first = self._asked(_PAGES)
        offset, _ = self._asked(_OFFSETS)
        size = MOST_LISTED if size is None else size
        start = offset if offset is not None else 0 if page is None else max(page - first, 0) * size
        return things[start : start + size]

    def _asked(self, names: tuple[str, ...]) -> tuple[int | None, int]:
        """A whole number of the query called so, and the first that it may be."""
        for parameter, value in self._received.values.items():
            if parameter.location == "query" and bare_name(parameter.name) in names and type(value) is int:
                schema = parameter.value_schema
                said = schema.value if schema is not None and isinstance(schema.value, dict) else {}
                first = said.get("default", said.get("minimum", 1))
                return max(value, 0), first if type(first) is int else 1
        return None, 1

    # -- what stays --------------------------------------------------------------------------------------

    def settle(self) -> str:
        """Keep what the request wrote, now that it is carried out. Gives the identifier of what was made."""
        if self.kind == "remove":
            self._store.keep(self._place, self._identifier, None)
        if self.kind not in _WRITES:
            return ""
        if self._value is None:  # no response showed it
            self._value = self._body if self.kind == "make" else self._new_value({})
        if not self._identifier:
            self._identifier = self._store.new(self._resource, self._place)
        sent = one_spelling(self._body) if self.kind == "make" else self._thing.sent if self._thing else ""
        self._store.keep(self._place, self._identifier, StoredThing(self._value, sent or ""))
        return self._identifier if self.makes else ""


_FINISH: dict[Kind, Callable[[Visit, Any, Filling], Any]] = {
    "make": Visit._made,
    "read": Visit._read,
    "replace": Visit._written,
    "change": Visit._written,
    "remove": Visit._removed,
    "list": Visit._listed,
}


# -- what the paths say -----------------------------------------------------------------------------------


def _resources(client: Client) -> Iterator[StoredResource]:
    """The resources of a document that something writes, and that something reads."""
    entries = [client.operations.entry(key) for key in client.operations]
    methods: dict[str, dict[str, str]] = {}
    own: dict[str, tuple[str, str]] = {}
    for entry in entries:
        shape = _shape(entry.path)
        methods.setdefault(shape, {}).setdefault(entry.method.upper(), entry.key)
        if shape.endswith("/{}"):
            own.setdefault(shape, _own(entry.path))
    for shape, (name, noun) in own.items():
        keys: dict[Kind, str] = {
            _ON_THING[method]: key for method, key in methods[shape].items() if method in _ON_THING
        }
        if "POST" in methods[shape] and not {"replace", "change"} & keys.keys():
            keys["change"] = methods[shape]["POST"]
        single = bool(keys)
        for method, key in methods.get(shape.removesuffix("/{}"), {}).items():
            if method in _ON_COLLECTION:
                keys[_ON_COLLECTION[method]] = key
        if single and {"read", "list"} & keys.keys() and {*_WRITES, "remove"} & keys.keys():
            yield StoredResource(shape, name, noun, keys)


def _path(path: str) -> str:
    return path.partition("#")[0].partition("?")[0].rstrip("/")


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", _path(path))


def _own(path: str) -> tuple[str, str]:
    """The name of the last parameter of a path, and what the segment before it says that it is."""
    names = [name for _, name in template(_path(path)) if name is not None]
    words = [each for each in _path(path).split("/")[:-1] if each and "{" not in each]
    noun = bare_name(words[-1]) if words else ""
    return names[-1], f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")


def _names(operation: Operation) -> list[str]:
    return [name for _, name in template(_path(operation.path)) if name is not None]


def _texts(operation: Operation, received: Received, path: Mapping[str, str]) -> list[str]:
    """The values of the path parameters, in order, as texts."""
    given = {each.name: value for each, value in received.values.items() if each.location == "path"}
    return [
        identifier_text(given[name])
        if isinstance(given.get(name), (str, int, float))
        else decoded(path.get(name, ""))
        for name in _names(operation)
    ]
