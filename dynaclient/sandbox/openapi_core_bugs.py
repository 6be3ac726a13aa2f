"""The cells of style, media type and schema in which openapi-core 0.23 is known to be wrong.

One row each, tried by the tests against openapi-core itself, so that a row can go when it is mended there.
The first row that fits a part of a request has it judged by our own reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.calls.compiled_operation import Shapes
from dynaclient.client import Client
from dynaclient.document.model import COLLECTED, MediaType, Operation, Parameter
from dynaclient.document.node import Node
from dynaclient.document.subschemas import BESIDE, under
from dynaclient.ecma_regex.matcher import is_tame
from dynaclient.ecma_regex.printer import PatternError, translate
from dynaclient.schema.keywords import int_range
from dynaclient.wire import media_types
from dynaclient.wire.request_reader import Incoming, Part, Received, decoded
from dynaclient.wire.value_types import ExpectedType

_DATA = frozenset(("example", "examples", "default", "enum", "const"))
_ANNOTATIONS = frozenset(("$ref", "title", "summary", "description", "example", "deprecated"))


@dataclass(frozen=True)
class Features:
    """A parameter or the body of one request: how it is described, and how it was sent."""

    parameter: Parameter | None
    """None for the body."""
    media_type: MediaType | None
    kind: str  # the type and subtype of the body, as sent
    shape: ExpectedType
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
        fallible = "3.0" in self.features or media_types.is_form(self.kind)
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
    ) -> Features:
        """The facts of `part` in a request whose path parameters have the raw texts `path`."""
        parameter = None if part == "body" else part
        documented = received.media_type if parameter is None else parameter.media_type
        schema = documented.schema if documented else None
        if parameter is not None and parameter.schema is not None:
            schema = parameter.schema
        return Features(
            parameter=parameter,
            media_type=documented,
            kind=media_types.essence(incoming.content_type),
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
        if depth > 5 or (kind is None and not any(key in value for key in (*BESIDE, "enum", "const"))):
            return True
        if not isinstance(kind, str):
            return self._shapes.of(node, "request").types == {"string"} and kind is None
        extra = value.get("additionalProperties")
        if kind == "object" and isinstance(extra, dict) and extra.get("type") != "string":
            return False
        holding = ("properties",) if "$ref" in node.value else ("items", "properties")
        return all(self._typed(child, depth + 1) for child in under(node, *holding))

    def _flat(self, documented: MediaType | None) -> bool:
        """Whether a form is an object of scalars and arrays of them, without defaults and nulls."""
        if documented is None or documented.schema is None or documented.encoding:
            return documented is not None and documented.schema is None
        value = self._followed(documented.schema)
        if value.get("type") != "object" or any(key in value for key in (*BESIDE, "not")):
            return False
        return all(map(self._flat_property, under(self._target(documented.schema), "properties")))

    def _flat_property(self, node: Node) -> bool:
        value = self._followed(node)
        if "default" in value or value.get("nullable") or not isinstance(value.get("type"), str):
            return False
        if value["type"] == "array":
            items = () if "$ref" in node.value else under(node, "items")
            return any(
                self._flat_property(each) and self._followed(each)["type"] != "array" for each in items
            )
        return value["type"] in ("string", "integer", "number", "boolean")

    def _target(self, node: Node) -> Node:
        return self._client.document.followed(node) or node

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
    return not listed or any(key in schema for key in ("$ref", "not", *BESIDE))


def _read_only(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    return version >= (3, 1) and schema.get("readOnly") is True


def _hidden_read_only(schemas: list[dict[str, Any]], referred: list[Any], version: tuple[int, int]) -> bool:
    """3.0: a readOnly that stands behind a reference, apart from the `required` that names it, or at what is
    no property, where it means nothing."""
    marked = list(filter(_marked, schemas))
    behind = any(map(_marked, referred))
    owned = {id(each) for schema in schemas for each in _properties_of(schema)}
    astray = any(id(each) not in owned for each in marked)
    return version < (3, 1) and (behind or astray or (bool(marked) and any(map(_asks_elsewhere, schemas))))


def _properties_of(schema: dict[str, Any]) -> Iterable[Any]:
    named = schema.get("properties")
    return named.values() if isinstance(named, dict) else ()


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
    return isinstance(schema.get("discriminator"), dict) and any(key in schema for key in BESIDE)


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


def _ranged(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    kinds = schema.get("type")
    return schema.get("format") in ("int32", "int64") and "number" in (
        kinds if isinstance(kinds, list) else [kinds]
    )


def _of_another_width(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    return schema.get("format") not in ("int32", "int64") and bool(int_range(str(schema.get("format"))))


def _flag(schema: dict[str, Any], version: tuple[int, int]) -> bool:
    bounds = (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum"))
    return version >= (3, 1) and any(isinstance(each, bool) for each in bounds)


SCHEMA_FEATURES: dict[str, Callable[[dict[str, Any], tuple[int, int]], bool]] = {
    "nullable": _nullable,
    "readOnly": _read_only,
    "multipleOf": _fraction,
    "discriminator": _discriminator,
    "pattern": _pattern,
    "format": _format,
    "flag": _flag,
    "ranged": _ranged,
    "width": _of_another_width,
}


def _has_whole_float(value: Any, shape: ExpectedType) -> bool:
    """Whether a number such as 1.0 stands where an integer is expected."""
    if isinstance(value, float):
        return value.is_integer() and "number" not in shape.types
    if isinstance(value, dict):
        return any(_has_whole_float(item, shape.property(name)) for name, item in value.items())
    return isinstance(value, list) and any(
        _has_whole_float(item, shape.items or ExpectedType()) for item in value
    )


@dataclass(frozen=True)
class KnownBug:
    """`name` is what a response says; `reason` is what openapi-core does wrong."""

    name: str
    reason: str
    applies: Callable[[Features], bool]


_KNOWN_TYPES = frozenset(("application/json", "application/vnd.api+json", "text/plain", "text/html"))
_STRUCTURED = frozenset(("array", "object"))


def _styled(*styles: str) -> Callable[[Features], bool]:
    return lambda facts: facts.style in styles


def _schema(feature: str) -> Callable[[Features], bool]:
    return lambda facts: feature in facts.features


def _exploded_object(facts: Features) -> bool:
    return facts.style in ("form", "cookie") and facts.explode and "object" in facts.shape.types


def _pipes(facts: Features) -> bool:
    """All of pipeDelimited but arrays and objects without explode."""
    types = facts.shape.types
    return facts.style == "pipeDelimited" and (facts.explode or not types or not types <= _STRUCTURED)


def _deep(facts: Features) -> bool:
    """All of deepObject but a flat object whose keys are words, and nothing under its bare name."""
    if facts.parameter is None or facts.style != "deepObject":
        return False
    flat = facts.explode and facts.shape.types == {"object"} and not _nests(facts.shape)
    start = re.escape(facts.parameter.name) + r"\["
    odd = re.compile(rf"{start}(?!\w+\]$)")
    return not flat or any(odd.match(name) or name == facts.parameter.name for name in facts.names)


def _nests(shape: ExpectedType) -> bool:
    return any(each.types & _STRUCTURED for each in shape.properties.values()) or bool(
        shape.extra and shape.extra.types & _STRUCTURED
    )


def _unpaired(facts: Features) -> bool:
    """An object, not exploded, whose pieces are not names and values in turn."""
    odd = any(len(re.split(r"[,|]|%7[Cc]", text)) % 2 for text in facts.raw)
    return odd and bool(facts.style) and not facts.explode and facts.shape.types == {"object"}


def _delimiter_inside(facts: Features) -> bool:
    """An item of an array or object holds the delimiter, percent-encoded."""
    if facts.parameter is None or facts.parameter.location == "header":
        return False
    text = "".join(facts.raw).upper()
    return bool(facts.shape.types & _STRUCTURED) and ("%2C" in text or "%3D" in text)


def _empty_in_query(facts: Features) -> bool:
    return facts.location == "query" and "" in facts.raw


def _empty_in_header(facts: Features) -> bool:
    return facts.location == "header" and "" in facts.raw and bool(facts.shape.types & _STRUCTURED)


def _space_in_header(facts: Features) -> bool:
    text = "".join(facts.raw)
    spaced = re.search(r"[ \t],|,[ \t]", text) is not None
    return facts.location == "header" and bool(facts.shape.types & _STRUCTURED) and spaced


def _undescribed(facts: Features) -> bool:
    parameter = facts.parameter
    return parameter is not None and parameter.schema is None and parameter.media_type is None


def _absent_default(facts: Features) -> bool:
    parameter = facts.parameter
    return parameter is not None and not parameter.required and not facts.raw and "default" in facts.features


def _number_text(facts: Features) -> bool:
    """An integer written `1.0` or `1e3`; JSON Schema counts by value."""
    items = facts.shape.items.types if facts.shape.items else frozenset()
    whole = facts.parameter is not None and "integer" in facts.shape.types | items
    return whole and any(re.search(r"[0-9][.eE]", text) for text in facts.raw)


def _content(facts: Features) -> bool:
    kind = _content_kind(facts.parameter)
    return bool(kind) and kind not in _KNOWN_TYPES


def _media_type(facts: Features) -> bool:
    if not facts.is_body or media_types.is_form(facts.kind):
        return False
    name = facts.media_type.name.partition(";")[0].strip() if facts.media_type else ""
    return facts.media_type is not None and name not in _KNOWN_TYPES


def _typed_text(facts: Features) -> bool:
    types = facts.shape.types
    kind = facts.kind if facts.is_body else _content_kind(facts.parameter)
    return kind == media_types.TEXT and bool(types) and "string" not in types


def _content_kind(parameter: Parameter | None) -> str:
    """The media type of a parameter that is described by `content`."""
    if parameter is None or parameter.media_type is None or parameter.schema is not None:
        return ""
    return media_types.essence(parameter.media_type.name)


def _form(facts: Features) -> bool:
    """All but a flat object of properties of one type each, which every name sent is one of."""
    if not facts.is_body or facts.kind != media_types.FORM:
        return False
    return not facts.flat_form or any(name not in facts.shape.properties for name in facts.form_names)


def _multipart(facts: Features) -> bool:
    return facts.is_body and facts.kind == media_types.MULTIPART


def _no_content(facts: Features) -> bool:
    return facts.is_body and facts.undescribed


def _collected(facts: Features) -> bool:
    return facts.style.startswith(COLLECTED)


KNOWN_BUGS: tuple[KnownBug, ...] = (
    KnownBug("collection formats of Swagger 2.0", "does not know them", _collected),
    KnownBug(
        "label parameters", "looks for them under another name and reports them missing", _styled("label")
    ),
    KnownBug(
        "matrix parameters", "looks for them under another name and reports them missing", _styled("matrix")
    ),
    KnownBug(
        "spaceDelimited parameters", "splits at a literal %20 after decoding", _styled("spaceDelimited")
    ),
    KnownBug("pipeDelimited parameters", "knows arrays and objects without explode only", _pipes),
    KnownBug("style cookie", "does not know it", _styled("cookie")),
    KnownBug("querystring parameters", "does not know them", lambda facts: facts.location == "querystring"),
    KnownBug("exploded objects", "looks for a pair of the parameter's own name", _exploded_object),
    KnownBug(
        "deepObject parameters",
        "knows flat objects whose keys are words only, and passes over a text in place of one",
        _deep,
    ),
    KnownBug("an encoded delimiter", "splits after decoding", _delimiter_inside),
    KnownBug("an object that is not made of pairs", "drops the piece that is left over", _unpaired),
    KnownBug("an empty query value", "refuses it, whatever the schema says", _empty_in_query),
    KnownBug("an empty header", "refuses it as an object that has no properties", _empty_in_header),
    KnownBug("space in a list header", "takes it for a part of the item", _space_in_header),
    KnownBug(
        "the default of an absent parameter",
        "refuses the request where it breaks its own schema",
        _absent_default,
    ),
    KnownBug(
        "parameters without one type",
        "casts to the first that does not fail, or not at all",
        _schema("untyped"),
    ),
    KnownBug("an integer with a fraction", "refuses 1.0 and 1e3, which are integers", _number_text),
    KnownBug("parameters without a schema", "reports them missing", _undescribed),
    KnownBug("content parameters", "reads only JSON and plain text", _content),
    KnownBug(
        "an empty body", "takes it for none, be it no items or the empty text", lambda facts: facts.empty
    ),
    KnownBug("a body without content", "asks for a media type where the document names none", _no_content),
    KnownBug(
        "this media type",
        "checks the raw bytes of all it does not know, ranges and +json among it",
        _media_type,
    ),
    KnownBug("text that stands for a number", "leaves text/plain as text whatever is expected", _typed_text),
    KnownBug("this form", "reads only properties of one type each, declared in the schema itself", _form),
    KnownBug("multipart bodies", "leaves parts as text whatever their type", _multipart),
    KnownBug(
        "nullable",
        "refuses null beside $ref, allOf, anyOf, oneOf, and where enum does not list it",
        _schema("nullable"),
    ),
    KnownBug(
        "readOnly",
        "3.1: lets it pass and asks for it if required; 3.0: does not find it behind $ref and allOf, and "
        "refuses what is marked so and is no property",
        _schema("readOnly"),
    ),
    KnownBug("multipleOf a fraction", "divides floats: 0.07 is no multiple of 0.01", _schema("multipleOf")),
    KnownBug(
        "discriminator", "asks for a name it can resolve, and for nothing else", _schema("discriminator")
    ),
    KnownBug(
        "patterns",
        "reads them as Python does: some are none of its, some take it for ever",
        _schema("pattern"),
    ),
    KnownBug(
        "format time or regex",
        "refuses time zones, and expressions that Python does not read",
        _schema("format"),
    ),
    KnownBug(
        "a number with the format of an integer", "holds it to the range of the integer", _schema("ranged")
    ),
    KnownBug("integers of other widths", "knows int32 and int64 alone", _schema("width")),
    KnownBug(
        "a bound that is a flag", "3.1: compares with True, also where $schema asks for it", _schema("flag")
    ),
    KnownBug(
        "keywords beside $ref",
        "3.1: passes over them at the root of a schema; 3.0: heeds them",
        _schema("siblings"),
    ),
    KnownBug("a schema with findings", "takes it as it is written", _schema("findings")),
    KnownBug("whole floats", "3.0 and forms: refuses 1.0 for an integer", lambda facts: facts.whole_floats),
)
"""What openapi-core is not asked about."""
