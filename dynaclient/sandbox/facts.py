"""What is known of one part of a request, for the rows of `weak` to look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dynaclient.client import Client
from dynaclient.document.document import Node
from dynaclient.document.operation import MediaType, Operation, Parameter
from dynaclient.errors import DocumentError
from dynaclient.patterns.bounded import is_tame
from dynaclient.patterns.patterns import PatternError, translate
from dynaclient.shapes import Shapes
from dynaclient.wire import media
from dynaclient.wire.incoming import Incoming, decoded
from dynaclient.wire.receive import Part, Received
from dynaclient.wire.shape import Shape
from dynaclient.wire.unstyle import MISSING

_DATA = frozenset(("example", "examples", "default", "enum", "const"))
_ANNOTATIONS = frozenset(("$ref", "title", "summary", "description", "example", "deprecated"))
_COMBINATORS = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Facts:
    """A parameter or the body of one request: how it is described, and how it was sent."""

    parameter: Parameter | None
    """None for the body."""
    media_type: MediaType | None
    kind: str  # the type and subtype of the body, as sent
    shape: Shape
    features: frozenset[str]
    """Names of what its schema holds, from `SCHEMA_FEATURES`, and of how its value is typed."""
    raw: tuple[str, ...]
    names: tuple[str, ...]
    """The decoded names of all pairs of the query."""
    flat_form: bool
    undescribed: bool  # the body has no media types
    empty: bool  # the body has no bytes, which are a value of its type: no items, the empty text
    body: Any

    @property
    def is_body(self) -> bool:
        """Whether this is the body."""
        return self.parameter is None

    @property
    def location(self) -> str:
        """Where the parameter is; `body` for the body."""
        return self.parameter.location if self.parameter else "body"

    @property
    def style(self) -> str:
        """The style of a parameter that is described by a schema; empty for all else."""
        return self.parameter.style if self.parameter and self.parameter.schema else ""

    @property
    def explode(self) -> bool:
        """Whether the parameter is exploded."""
        return self.parameter is not None and self.parameter.explode

    @property
    def form_names(self) -> list[str]:
        """The names of a form."""
        return list(self.body) if isinstance(self.body, dict) else []

    @cached_property
    def whole_floats(self) -> bool:
        """Whether a form, or any body for a 3.0 document, holds a number such as 1.0 for an integer."""
        fallible = "3.0" in self.features or media.is_form(self.kind)
        return fallible and self.is_body and _has_whole_float(self.body, self.shape)


class FactFinder:
    """Finds the facts of parts of requests; what depends on the document alone is kept."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._features: dict[tuple[str, str], frozenset[str]] = {}
        self._shapes = Shapes(client.checkers)

    def facts(
        self,
        operation: Operation,
        part: Part,
        incoming: Incoming,
        path: Mapping[str, str],
        received: Received,
    ) -> Facts:
        """The facts of `part` in a request whose path parameters have the raw texts `path`."""
        parameter = None if part == "body" else part
        documented = received.media_type if parameter is None else parameter.media_type
        schema = documented.schema if documented else None
        if parameter is not None and parameter.schema is not None:
            schema = parameter.schema
        return Facts(
            parameter=parameter,
            media_type=documented,
            kind=media.essence(incoming.content_type),
            shape=self._shapes.of(schema, "request"),
            features=self._of(schema, parameter),
            raw=tuple(incoming.raw(parameter, path)) if parameter else (),
            names=tuple(decoded(name, plus=True) for name, _ in incoming.pairs("query")),
            flat_form=parameter is None and self._flat(documented),
            undescribed=operation.body is not None and not operation.body.content,
            empty=parameter is None and not incoming.body and received.body is not MISSING,
            body=received.body,
        )

    def _of(self, schema: Node | None, parameter: Parameter | None) -> frozenset[str]:
        if schema is None:
            return frozenset()
        place = (schema.uri, f"{schema.pointer}{'?' if parameter else ''}")
        if place not in self._features:
            self._features[place] = frozenset(self._found(schema, parameter))
        return self._features[place]

    def _found(self, schema: Node, parameter: Parameter | None) -> Iterator[str]:
        version = self._client.document.version
        yield f"{version[0]}.{version[1]}"
        translator = self._client.checkers.translator("request")
        key = translator.entry(schema)
        places = {each: translator.places[each].value for each in translator.closure(key)}
        schemas = [inner for value in places.values() for inner in _schemas(value)]
        referred = [value for each, value in places.items() if each != key]
        for name, test in SCHEMA_FEATURES.items():
            if any(test(each, version) for each in schemas):
                yield name
        if _hidden_read_only(schemas, referred, version) or (parameter and _marked(schema.value)):
            yield "readOnly"
        if any(map(_beside_reference, [schema.value] if version >= (3, 1) else schemas)):
            yield "siblings"
        within = tuple(f"{translator.places[each].place}/" for each in places)
        told = [each for each in self._client.document.findings if each.severity != "error"]
        if any(f"{finding.pointer}/".startswith(within) for finding in told):
            yield "findings"
        if parameter is not None and parameter.schema is not None:
            if not self._typed(schema, 0):
                yield "untyped"
            if not self._default_fits(schema):
                yield "default"

    def _default_fits(self, schema: Node) -> bool:
        value = self._followed(schema)
        checker = self._client.checkers.checker(schema, "request")
        return "default" not in value or checker.is_valid(value["default"])

    def _typed(self, node: Node, depth: int) -> bool:
        """Whether a parameter's value, its items and its properties are of one named type each."""
        value = self._followed(node)
        kind = value.get("type")
        if depth > 5 or (kind is None and not any(key in value for key in (*_COMBINATORS, "enum", "const"))):
            return True
        if not isinstance(kind, str):
            return self._shapes.of(node, "request").types == {"string"} and kind is None
        extra = value.get("additionalProperties")
        if kind == "object" and isinstance(extra, dict) and extra.get("type") != "string":
            return False
        children = [node.get("items")] if "$ref" not in node.value else []
        children += [child for _, child in (node.get("properties") or Node(None)).items()]
        return all(self._typed(child, depth + 1) for child in children if child is not None)

    def _flat(self, documented: MediaType | None) -> bool:
        """Whether a form is an object of scalars and arrays of them, without defaults and nulls."""
        if documented is None or documented.schema is None or documented.encoding:
            return documented is not None and documented.schema is None
        value = self._followed(documented.schema)
        if value.get("type") != "object" or any(key in value for key in (*_COMBINATORS, "not")):
            return False
        node = self._target(documented.schema)
        return all(self._flat_property(child) for _, child in (node.get("properties") or Node(None)).items())

    def _flat_property(self, node: Node) -> bool:
        value = self._followed(node)
        if "default" in value or value.get("nullable") or not isinstance(value.get("type"), str):
            return False
        if value["type"] == "array":
            items = node.get("items") if "$ref" not in node.value else None
            return (
                items is not None and self._flat_property(items) and self._followed(items)["type"] != "array"
            )
        return value["type"] in ("string", "integer", "number", "boolean")

    def _target(self, node: Node) -> Node:
        try:
            return self._client.document.follow(node)
        except DocumentError:
            return node

    def _followed(self, node: Node) -> Mapping[str, Any]:
        value = self._target(node).value
        return value if isinstance(value, dict) else {}


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema that may be a schema itself."""
    if isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key not in _DATA:
                yield from _schemas(item)
    elif isinstance(value, list):
        for item in value:
            yield from _schemas(item)


def _nullable(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    if version >= (3, 1) or schema.get("nullable") is not True:
        return False
    enum = schema.get("enum")
    listed = not isinstance(enum, list) or None in enum
    return not listed or any(key in schema for key in ("$ref", "not", *_COMBINATORS))


def _read_only(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    return version >= (3, 1) and schema.get("readOnly") is True


def _hidden_read_only(schemas: list[dict[str, Any]], referred: list[Any], version: tuple[int, int]) -> bool:
    """3.0: a readOnly that stands behind a reference, or apart from the `required` that names it."""
    marked = any(map(_marked, schemas))
    behind = any(map(_marked, referred))
    return version < (3, 1) and (behind or (marked and any(map(_asks_elsewhere, schemas))))


def _marked(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("readOnly") is True


def _asks_elsewhere(schema: dict[str, Any]) -> bool:
    required, properties = schema.get("required"), schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    return isinstance(required, list) and any(name not in known for name in required)


def _beside_reference(schema: Any) -> bool:
    return (
        isinstance(schema, dict)
        and isinstance(schema.get("$ref"), str)
        and bool(schema.keys() - _ANNOTATIONS)
    )


def _fraction(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    divisor = schema.get("multipleOf")
    return isinstance(divisor, float) and not divisor.is_integer()


def _discriminator(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    return isinstance(schema.get("discriminator"), dict) and any(key in schema for key in _COMBINATORS)


def _pattern(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    patterns = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
    named = schema.get("patternProperties")
    return any(map(_not_pythonic, [*patterns, *(named if isinstance(named, dict) else ())]))


_SETS = ("[]", "[^]", "[[", "--", "&&", "~~", "||")
"""Python reads these in a set in its own way, or means to."""


def _not_pythonic(pattern: str) -> bool:
    """Whether a pattern means something else to Python's `re`, or nothing, or takes it for ever."""
    if any(sign in pattern for sign in _SETS):
        return True
    try:
        re.compile(pattern)
        translated = translate(pattern)
        return bool(translated.note) or not is_tame(translated.python)
    except (re.error, RecursionError, OverflowError):
        return True
    except PatternError:
        return True


def _format(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    return schema.get("format") in ("time", "regex")


SCHEMA_FEATURES: dict[str, Callable[[dict[str, Any], tuple[int, int]], bool]] = {
    "nullable": _nullable,
    "readOnly": _read_only,
    "multipleOf": _fraction,
    "discriminator": _discriminator,
    "pattern": _pattern,
    "format": _format,
}


def _has_whole_float(value: Any, shape: Shape) -> bool:
    """Whether a number such as 1.0 stands where an integer is due."""
    if isinstance(value, float):
        return value.is_integer() and "number" not in shape.types
    if isinstance(value, dict):
        return any(_has_whole_float(item, shape.property(name)) for name, item in value.items())
    return isinstance(value, list) and any(_has_whole_float(item, shape.items or Shape()) for item in value)
