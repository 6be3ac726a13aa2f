"""Small pairs of documents with one change each, the verdict, and why the specification has it so.

Schemas are those of OpenAPI 3.1, which is JSON Schema 2020-12, so that any validator can referee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.small import document, one, param, said

CALLERS, READERS, MAY_CALLERS, MAY_READERS, SAFE = (
    "breaking for callers",
    "breaking for readers",
    "may break callers",
    "may break readers",
    "safe",
)
Schema = Any


@dataclass(frozen=True)
class Pair:
    """Two schemas of a body, and what the change between them is for a request and for a response."""

    name: str
    old: Schema
    new: Schema
    request: str
    response: str
    why: str


def _object(required: list[str] | None = None, **properties: Schema) -> dict[str, Schema]:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
DOG = _object(["kind", "name"], kind={"const": "dog"}, name=TEXT)
CAT = _object(["kind", "name"], kind={"const": "cat"}, name=TEXT)
CLOSED = {"additionalProperties": False}

NARROWER = (CALLERS, SAFE)
"""The new schema accepts less: requests may be refused, responses hold nothing new."""
WIDER = (SAFE, READERS)
NEITHER = (CALLERS, READERS)
SAME = (SAFE, SAFE)

SCHEMAS = [
    # JSON Schema validation 6.1.1, type
    Pair("another type", TEXT, WHOLE, *NEITHER, "6.1.1: an instance is of one of the types"),
    Pair("integer to number", WHOLE, NUMBER, *WIDER, "6.1.1: every integer is a number"),
    Pair("number to integer", NUMBER, WHOLE, *NARROWER, "6.1.1: 0.5 is no integer"),
    Pair("null is allowed", TEXT, {"type": ["string", "null"]}, *WIDER, "6.1.1: a list of types is a union"),
    Pair("null is refused", {"type": ["string", "null"]}, TEXT, *NARROWER, "6.1.1"),
    Pair("order of types", {"type": ["string", "null"]}, {"type": ["null", "string"]}, *SAME, "6.1.1: a set"),
    Pair("type added", {}, TEXT, *NARROWER, "core 4.3.2: the empty schema accepts everything"),
    Pair("type removed", TEXT, {}, *WIDER, "core 4.3.2"),
    Pair("true to {}", True, {}, *SAME, "core 4.3.2: the two mean the same"),
    # 6.1.2 enum, 6.1.3 const
    Pair("enum value removed", {"enum": ["a", "b"]}, {"enum": ["a"]}, *NARROWER, "6.1.2"),
    Pair("enum value added", {"enum": ["a"]}, {"enum": ["a", "b"]}, *WIDER, "6.1.2"),
    Pair(
        "enum in another order",
        {"enum": ["a", "b"]},
        {"enum": ["b", "a"]},
        *SAME,
        "6.1.2: order means nothing",
    ),
    Pair("enum added", TEXT, {**TEXT, "enum": ["a"]}, *NARROWER, "6.1.2"),
    Pair("enum removed", {**TEXT, "enum": ["a"]}, TEXT, *WIDER, "6.1.2"),
    Pair("enum of one to const", {"enum": ["a"]}, {"const": "a"}, *SAME, "6.1.3: the same as an enum of one"),
    Pair("another const", {"const": 1}, {"const": 2}, *NEITHER, "6.1.3"),
    Pair("1 and 1.0", {"const": 1}, {"const": 1.0}, *SAME, "core 4.2.2: numbers are equal by value"),
    Pair("true is not 1", {"const": True}, {"const": 1}, *NEITHER, "core 4.2.2: of different types"),
    Pair(
        "enum within a new maxLength",
        {"enum": ["ab"]},
        {"enum": ["ab"], "maxLength": 2},
        *SAME,
        "the only value fits",
    ),
    Pair(
        "enum beyond a new maxLength",
        {"enum": ["ab", "c"]},
        {"enum": ["ab", "c"], "maxLength": 1},
        *NARROWER,
        "6.3.1",
    ),
    # 6.2 numbers
    Pair("minimum raised", {**WHOLE, "minimum": 1}, {**WHOLE, "minimum": 2}, *NARROWER, "6.2.4"),
    Pair("minimum lowered", {**WHOLE, "minimum": 1}, {**WHOLE, "minimum": 0}, *WIDER, "6.2.4"),
    Pair("minimum added", NUMBER, {**NUMBER, "minimum": 0}, *NARROWER, "6.2.4"),
    Pair("maximum lowered", {**WHOLE, "maximum": 9}, {**WHOLE, "maximum": 8}, *NARROWER, "6.2.2"),
    Pair("maximum removed", {**WHOLE, "maximum": 9}, WHOLE, *WIDER, "6.2.2"),
    Pair(
        "bound becomes exclusive",
        {**NUMBER, "minimum": 0},
        {**NUMBER, "exclusiveMinimum": 0},
        *NARROWER,
        "6.2.5",
    ),
    Pair(
        "the same bound of integers",
        {**WHOLE, "minimum": 1},
        {**WHOLE, "exclusiveMinimum": 0},
        *SAME,
        "6.2.5: > 0 is >= 1",
    ),
    Pair(
        "a bound on numbers where there are texts",
        TEXT,
        {**TEXT, "minimum": 3},
        *SAME,
        "6.2.4: says nothing of a string",
    ),
    Pair("multipleOf added", NUMBER, {**NUMBER, "multipleOf": 0.5}, *NARROWER, "6.2.1"),
    Pair("multipleOf doubled", {**WHOLE, "multipleOf": 2}, {**WHOLE, "multipleOf": 4}, *NARROWER, "6.2.1"),
    Pair(
        "multipleOf halved",
        {**WHOLE, "multipleOf": 4},
        {**WHOLE, "multipleOf": 2},
        *WIDER,
        "6.2.1: 4n is 2(2n)",
    ),
    Pair("multipleOf 1 of an integer", WHOLE, {**WHOLE, "multipleOf": 1}, *SAME, "6.2.1: every integer is"),
    # 6.3 strings
    Pair("maxLength lowered", {**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 8}, *NARROWER, "6.3.1"),
    Pair("maxLength raised", {**TEXT, "maxLength": 8}, {**TEXT, "maxLength": 9}, *WIDER, "6.3.1"),
    Pair("minLength added", TEXT, {**TEXT, "minLength": 1}, *NARROWER, "6.3.2"),
    Pair("minLength of 0", TEXT, {**TEXT, "minLength": 0}, *SAME, "6.3.2: the same as no minLength"),
    Pair("pattern added", TEXT, {**TEXT, "pattern": "^a"}, *NARROWER, "6.3.3"),
    Pair("pattern removed", {**TEXT, "pattern": "^a"}, TEXT, *WIDER, "6.3.3"),
    Pair(
        "another pattern", {**TEXT, "pattern": "^[a-z]+$"}, {**TEXT, "pattern": "^[0-9]+$"}, *NEITHER, "6.3.3"
    ),
    # 7.3 formats, which are asserted here
    Pair("format added", TEXT, {**TEXT, "format": "date"}, *NARROWER, "7.3.1: 'text' is no date"),
    Pair("format removed", {**TEXT, "format": "uuid"}, TEXT, *WIDER, "7.3.5"),
    Pair("unknown format", TEXT, {**TEXT, "format": "sku"}, *SAME, "7.2.3: unknown formats say nothing"),
    Pair("another format", {**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}, *NEITHER, "7.3.1"),
    # 6.4 arrays
    Pair("minItems added", {"type": "array"}, {"type": "array", "minItems": 1}, *NARROWER, "6.4.2"),
    Pair("maxItems removed", {"type": "array", "maxItems": 3}, {"type": "array"}, *WIDER, "6.4.1"),
    Pair(
        "uniqueItems",
        {"type": "array", "items": TEXT},
        {"type": "array", "items": TEXT, "uniqueItems": True},
        *NARROWER,
        "6.4.3",
    ),
    Pair(
        "items narrowed",
        {"type": "array", "items": NUMBER},
        {"type": "array", "items": WHOLE},
        *NARROWER,
        "core 10.3.1.2",
    ),
    Pair("items added", {"type": "array"}, {"type": "array", "items": TEXT}, *NARROWER, "core 10.3.1.2"),
    Pair(
        "items of an empty array",
        {"type": "array", "maxItems": 0},
        {"type": "array", "maxItems": 0, "items": TEXT},
        *SAME,
        "nothing is left",
    ),
    Pair(
        "the first item narrowed",
        {"type": "array", "prefixItems": [NUMBER], "items": TEXT},
        {"type": "array", "prefixItems": [WHOLE], "items": TEXT},
        *NARROWER,
        "core 10.3.1.1",
    ),
    Pair(
        "contains added",
        {"type": "array", "items": TEXT},
        {"type": "array", "items": TEXT, "contains": {"const": "a"}},
        *NARROWER,
        "core 10.3.1.3: [] contains nothing",
    ),
    # 6.5 objects
    Pair(
        "optional property added",
        _object(a=TEXT),
        _object(a=TEXT, b=TEXT),
        *SAME,
        "core 10.3.2.3: open by default",
    ),
    Pair(
        "optional property removed",
        _object(a=TEXT, b=TEXT),
        _object(a=TEXT),
        MAY_CALLERS,
        MAY_READERS,
        "core 10.3.2.3: accepted still, of unknown effect",
    ),
    Pair("required property added", _object(a=TEXT), _object(["b"], a=TEXT, b=TEXT), *NARROWER, "6.5.3"),
    Pair(
        "required property removed",
        _object(["b"], a=TEXT, b=TEXT),
        _object(a=TEXT),
        MAY_CALLERS,
        READERS,
        "6.5.3",
    ),
    Pair("optional to required", _object(a=TEXT), _object(["a"], a=TEXT), *NARROWER, "6.5.3"),
    Pair("required to optional", _object(["a"], a=TEXT), _object(a=TEXT), *WIDER, "6.5.3"),
    Pair(
        "required with a default (oasdiff 549)",
        _object(a=TEXT),
        _object(["b"], a=TEXT, b={**TEXT, "default": "x"}),
        *NARROWER,
        "9.2: default is an annotation; 6.5.3 refuses what lacks it",
    ),
    Pair(
        "became required with a default (oasdiff 549)",
        _object(b={**TEXT, "default": "x"}),
        _object(["b"], b={**TEXT, "default": "x"}),
        *NARROWER,
        "9.2, 6.5.3",
    ),
    Pair(
        "a deep property narrowed",
        _object(a=_object(b=NUMBER)),
        _object(a=_object(b=WHOLE)),
        *NARROWER,
        "core 10.3.2.1",
    ),
    Pair(
        "a deep property required",
        _object(a=_object(b=TEXT)),
        _object(a=_object(["b"], b=TEXT)),
        *NARROWER,
        "core 10.3.2.1",
    ),
    Pair("object closed", _object(a=TEXT), {**_object(a=TEXT), **CLOSED}, *NARROWER, "core 10.3.2.3"),
    Pair("object opened", {**_object(a=TEXT), **CLOSED}, _object(a=TEXT), *WIDER, "core 10.3.2.3"),
    Pair(
        "property added to a closed object",
        {**_object(a=TEXT), **CLOSED},
        {**_object(a=TEXT, b=TEXT), **CLOSED},
        *WIDER,
        "core 10.3.2.3: readers that go by the old document refuse it",
    ),
    Pair(
        "property removed from a closed object",
        {**_object(a=TEXT, b=TEXT), **CLOSED},
        {**_object(a=TEXT), **CLOSED},
        CALLERS,
        MAY_READERS,
        "core 10.3.2.3",
    ),
    Pair(
        "map narrowed",
        {"type": "object", "additionalProperties": NUMBER},
        {"type": "object", "additionalProperties": WHOLE},
        *NARROWER,
        "core 10.3.2.3",
    ),
    Pair(
        "declared beside a map of another type",
        {"type": "object", "additionalProperties": TEXT},
        {**_object(a=WHOLE), "additionalProperties": TEXT},
        *NEITHER,
        "core 10.3.2.3: the map could hold a text under this name",
    ),
    Pair("minProperties added", _object(a=TEXT), {**_object(a=TEXT), "minProperties": 1}, *NARROWER, "6.5.2"),
    Pair(
        "minProperties that required asks for",
        _object(["a"], a=TEXT),
        {**_object(["a"], a=TEXT), "minProperties": 1},
        *SAME,
        "6.5.2: there is one anyway",
    ),
    Pair(
        "dependentRequired added",
        _object(a=TEXT, b=TEXT),
        {**_object(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}},
        *NARROWER,
        "6.5.4",
    ),
    Pair(
        "patternProperties narrowed",
        {"type": "object", "patternProperties": {"^x-": NUMBER}, **CLOSED},
        {"type": "object", "patternProperties": {"^x-": WHOLE}, **CLOSED},
        *NARROWER,
        "core 10.3.2.2",
    ),
    # core 10.2 combinations
    Pair("allOf of one", TEXT, {"allOf": [TEXT]}, *SAME, "core 10.2.1.1: the same values"),
    Pair(
        "allOf narrowed", {"allOf": [TEXT]}, {"allOf": [TEXT, {"maxLength": 3}]}, *NARROWER, "core 10.2.1.1"
    ),
    Pair(
        "a bound that allOf has anyway",
        {"allOf": [{**TEXT, "maxLength": 3}]},
        {"allOf": [{**TEXT, "maxLength": 3}], "maxLength": 5},
        *SAME,
        "core 10.2.1.1: both hold, so 3 does",
    ),
    Pair(
        "properties moved into allOf",
        _object(a=TEXT, b=TEXT),
        {"allOf": [_object(a=TEXT), _object(b=TEXT)]},
        *SAME,
        "10.2.1.1",
    ),
    Pair("anyOf member added", {"anyOf": [TEXT]}, {"anyOf": [TEXT, WHOLE]}, *WIDER, "core 10.2.1.2"),
    Pair("anyOf member removed", {"anyOf": [TEXT, WHOLE]}, {"anyOf": [TEXT]}, *NARROWER, "core 10.2.1.2"),
    Pair(
        "anyOf in another order", {"anyOf": [TEXT, WHOLE]}, {"anyOf": [WHOLE, TEXT]}, *SAME, "core 10.2.1.2"
    ),
    Pair(
        "oneOf member added (oasdiff 610)", {"oneOf": [DOG]}, {"oneOf": [DOG, CAT]}, *WIDER, "core 10.2.1.3"
    ),
    Pair(
        "oneOf member removed (oasdiff 348)",
        {"oneOf": [DOG, CAT]},
        {"oneOf": [DOG]},
        *NARROWER,
        "core 10.2.1.3",
    ),
    Pair(
        "a member of oneOf lost a requirement (oasdiff 314)",
        {"oneOf": [DOG, CAT]},
        {"oneOf": [DOG, _object(["kind"], kind={"const": "cat"}, name=TEXT)]},
        *WIDER,
        "core 10.2.1.3: members are told apart by their const",
    ),
    Pair(
        "oneOf that overlaps (oasdiff 702)",
        _object(["a", "b"], a=TEXT, b=TEXT),
        {"oneOf": [_object(["a"], a=TEXT, b=TEXT), _object(["b"], a=TEXT, b=TEXT)]},
        CALLERS,
        READERS,
        "core 10.2.1.3: what has both matches both, and is refused",
    ),
    Pair(
        "anyOf that overlaps",
        _object(["a", "b"], a=TEXT, b=TEXT),
        {"anyOf": [_object(["a"], a=TEXT, b=TEXT), _object(["b"], a=TEXT, b=TEXT)]},
        SAFE,
        READERS,
        "core 10.2.1.2: one member is enough",
    ),
    Pair("wrapped in oneOf of what excludes each other", DOG, {"oneOf": [DOG, CAT]}, *WIDER, "core 10.2.1.3"),
    Pair("not added", TEXT, {**TEXT, "not": {"const": "x"}}, *NARROWER, "core 10.2.1.4"),
    Pair("not of another type", TEXT, {**TEXT, "not": WHOLE}, *SAME, "core 10.2.1.4: no text is an integer"),
    Pair(
        "if and then added",
        _object(a=TEXT, b=TEXT),
        {**_object(a=TEXT, b=TEXT), "if": {"required": ["a"]}, "then": {"required": ["b"]}},
        *NARROWER,
        "core 10.2.2",
    ),
    # annotations
    Pair(
        "description", {**TEXT, "description": "a"}, {**TEXT, "description": "b"}, *SAME, "9.1: an annotation"
    ),
    Pair("example", {**TEXT, "examples": ["a"]}, {**TEXT, "examples": ["b"]}, *SAME, "9.5: an annotation"),
    Pair(
        "another default",
        _object(a={**TEXT, "default": "x"}),
        _object(a={**TEXT, "default": "y"}),
        MAY_CALLERS,
        SAFE,
        "9.2: what is assumed of those who leave it out",
    ),
]


@dataclass(frozen=True)
class Documents:
    """Two documents, the verdict, and words of the change that has it."""

    name: str
    old: dict[str, Any]
    new: dict[str, Any]
    verdict: str
    told: str
    why: str


def _op(*parameters: Any, path: str = "/x", **rest: Any) -> dict[str, Any]:
    return one("get", path, *parameters, **rest)


def _deep(**properties: Any) -> dict[str, Any]:
    return _op(param("filter", schema=_object(**properties), style="deepObject"))


def _body(content: dict[str, Any] | None = None, required: bool = True, **rest: Any) -> dict[str, Any]:
    """An operation with a body of these media types; without one for None."""
    if content is None:
        return one("post", **rest)
    return one(
        "post", content={name: {"schema": each} for name, each in content.items()}, required=required, **rest
    )


def _answers(**answers: Any) -> dict[str, Any]:
    return one(answers={name.removeprefix("s"): each for name, each in answers.items()})


def _secured(security: Any, *, schemes: Any = None, **rest: Any) -> dict[str, Any]:
    known = {"key": KEY, "other": {**KEY, "name": "X-Other"}, "oauth": OAUTH} if schemes is None else schemes
    return one(operation={"security": security}, components={"securitySchemes": known}, **rest)


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH = {
    "type": "oauth2",
    "flows": {"clientCredentials": {"tokenUrl": "https://a.test/t", "scopes": {"r": "", "w": ""}}},
}
JSON, XML = "application/json", "application/xml"
TWO_PATHS = document(
    {
        "/x": {"get": {"operationId": "a", "responses": {"200": said()}}},
        "/y": {"get": {"operationId": "b", "responses": {"200": said()}}},
    }
)
LINK = {"links": {"next": {"operationId": "op"}}}
A, B = {"url": "https://a.test"}, {"url": "https://b.test"}


def _served(*servers: Any) -> dict[str, Any]:
    return one(servers=list(servers))


def _region(default: str, *values: str) -> dict[str, Any]:
    return {"url": "https://{r}.a.test", "variables": {"r": {"default": default, "enum": list(values)}}}


def _hook(schema: Any) -> dict[str, Any]:
    body = {"required": True, "content": {JSON: {"schema": schema}}}
    hook = {"post": {"requestBody": body, "responses": {"200": said()}}}
    return one(version="3.1.0", webhooks={"hook": hook})


DOCUMENTS = [
    # Paths and operations
    Documents("nothing", one(), one(), SAFE, "", "the same"),
    Documents(
        "operation removed",
        TWO_PATHS,
        document({"/x": TWO_PATHS["paths"]["/x"]}),
        CALLERS,
        "operation removed",
        "4.8.8",
    ),
    Documents(
        "operation added",
        document({"/x": TWO_PATHS["paths"]["/x"]}),
        TWO_PATHS,
        SAFE,
        "operation added",
        "4.8.8",
    ),
    Documents(
        "operationId renamed",
        one(),
        one(operation={"operationId": "other"}),
        CALLERS,
        "op -> other",
        "4.8.10: ids are what tools call by",
    ),
    Documents(
        "path moved",
        one(),
        one(path="/y"),
        CALLERS,
        "GET /x -> GET /y",
        "4.8.8: the path is where requests go",
    ),
    Documents("deprecated", one(), one(operation={"deprecated": True}), SAFE, "deprecated", "4.8.10"),
    Documents("summary", one(), one(operation={"summary": "s"}), SAFE, "", "4.8.10: words"),
    Documents(
        "path parameter renamed",
        _op(param("a", "path"), path="/x/{a}"),
        _op(param("b", "path"), path="/x/{b}"),
        CALLERS,
        "a -> b",
        "4.8.8.1: the two paths are the same",
    ),
    # Parameter Objects, 4.8.12
    Documents(
        "optional parameter added",
        _op(),
        _op(param("a")),
        SAFE,
        "parameter added",
        "required is false by default",
    ),
    Documents(
        "required parameter added",
        _op(),
        _op(param("a", required=True)),
        CALLERS,
        "required parameter added",
        "4.8.12",
    ),
    Documents("parameter removed", _op(param("a")), _op(), CALLERS, "parameter removed", "4.8.12"),
    Documents(
        "parameter to required",
        _op(param("a")),
        _op(param("a", required=True)),
        CALLERS,
        "optional -> required",
        "4.8.12",
    ),
    Documents(
        "parameter to optional",
        _op(param("a", required=True)),
        _op(param("a")),
        SAFE,
        "required -> optional",
        "4.8.12",
    ),
    Documents(
        "parameter moved",
        _op(param("a")),
        _op(param("a", "header")),
        CALLERS,
        "moved from query to header",
        "name and in tell parameters apart",
    ),
    Documents(
        "case of a header",
        _op(param("X-a", "header")),
        _op(param("x-A", "header")),
        SAFE,
        "",
        "RFC 9110, 5.1: names of fields have no case",
    ),
    Documents(
        "case of a query parameter",
        _op(param("a")),
        _op(param("A")),
        CALLERS,
        "parameter removed",
        "4.8.12.1: names are case sensitive",
    ),
    Documents(
        "parameter narrowed",
        _op(param("a")),
        _op(param("a", schema={"type": "string", "maxLength": 3})),
        CALLERS,
        "maxLength: none -> 3",
        "6.3.1",
    ),
    Documents(
        "parameter widened",
        _op(param("a", schema={"type": "integer"})),
        _op(param("a", schema={"type": "number"})),
        SAFE,
        "integer -> number",
        "6.1.1",
    ),
    Documents(
        "parameter enum",
        _op(param("a", schema={"type": "string", "enum": ["x", "y"]})),
        _op(param("a", schema={"type": "string", "enum": ["x"]})),
        CALLERS,
        "no longer allows 'y'",
        "6.1.2",
    ),
    Documents(
        "explode of an array",
        _op(param("a", schema={"type": "array", "items": TEXT})),
        _op(param("a", schema={"type": "array", "items": TEXT}, explode=False)),
        CALLERS,
        "explode: true -> false",
        "4.8.12.4: a=1&a=2 is not a=1,2",
    ),
    Documents(
        "explode of a text",
        _op(param("a")),
        _op(param("a", explode=False)),
        SAFE,
        "",
        "4.8.12.4: a scalar is written alike",
    ),
    Documents(
        "style",
        _op(param("a", schema={"type": "array", "items": TEXT}, style="form", explode=False)),
        _op(param("a", schema={"type": "array", "items": TEXT}, style="pipeDelimited", explode=False)),
        CALLERS,
        "style: form -> pipeDelimited",
        "4.8.12.4",
    ),
    Documents(
        "type in a deepObject (oasdiff 567, of 580)",
        _deep(a=TEXT),
        _deep(a=WHOLE),
        CALLERS,
        "query filter.a: type: string -> integer",
        "4.8.12.4: filter[a]=x is a property of it",
    ),
    Documents(
        "enum in a deepObject (oasdiff 861)",
        _deep(a={"enum": ["x", "y"]}),
        _deep(a={"enum": ["x"]}),
        CALLERS,
        "query filter.a: no longer allows 'y'",
        "6.1.2",
    ),
    Documents(
        "style as it is by default",
        _op(param("a")),
        _op(param("a", style="form")),
        SAFE,
        "",
        "4.8.12: the default of a query",
    ),
    Documents(
        "schema to content",
        _op(param("a", schema=_object(a=TEXT))),
        _op(param("a", content={JSON: {"schema": _object(a=TEXT)}})),
        CALLERS,
        "schema -> content",
        "4.8.12.3: written as JSON",
    ),
    Documents(
        "default of a parameter",
        _op(param("a", schema={"type": "integer", "default": 1})),
        _op(param("a", schema={"type": "integer", "default": 2})),
        MAY_CALLERS,
        "default: 1 -> 2",
        "9.2",
    ),
    Documents(
        "order of required parameters",
        _op(param("a", required=True), param("b", required=True)),
        _op(param("b", required=True), param("a", required=True)),
        MAY_CALLERS,
        "order of required parameters",
        "generated clients take them by position",
    ),
    Documents(
        "order of optional parameters",
        _op(param("a"), param("b")),
        _op(param("b"), param("a")),
        SAFE,
        "",
        "they are given by name",
    ),
    Documents(
        "parameter of the path item",
        document({"/x": {"parameters": [param("a")], **one()["paths"]["/x"]}}),
        _op(param("a")),
        SAFE,
        "",
        "4.8.9: shared by its operations",
    ),
    Documents(
        "parameter deprecated",
        _op(param("a")),
        _op(param("a", deprecated=True)),
        SAFE,
        "deprecated",
        "4.8.12",
    ),
    # Request Body Objects, 4.8.13
    Documents("required body added", _body(), _body({JSON: TEXT}), CALLERS, "required body added", "4.8.13"),
    Documents("optional body added", _body(), _body({JSON: TEXT}, False), SAFE, "body added", "4.8.13"),
    Documents("body removed", _body({JSON: TEXT}), _body(), CALLERS, "body removed", "4.8.13"),
    Documents(
        "body to required",
        _body({JSON: TEXT}, False),
        _body({JSON: TEXT}),
        CALLERS,
        "optional -> required",
        "4.8.13",
    ),
    Documents(
        "body to optional",
        _body({JSON: TEXT}),
        _body({JSON: TEXT}, False),
        SAFE,
        "required -> optional",
        "4.8.13",
    ),
    Documents(
        "media type of a request removed",
        _body({JSON: TEXT, XML: TEXT}),
        _body({JSON: TEXT}),
        CALLERS,
        "media type application/xml removed",
        "4.8.13",
    ),
    Documents(
        "media type of a request added",
        _body({JSON: TEXT}),
        _body({JSON: TEXT, XML: TEXT}),
        SAFE,
        "media type application/xml added",
        "4.8.13",
    ),
    Documents(
        "media type in a range",
        _body({"text/plain": TEXT}),
        _body({"text/*": TEXT}),
        SAFE,
        "text/* added",
        "4.8.13: keys may be ranges",
    ),
    Documents(
        "parameters of a media type",
        _body({JSON: TEXT}),
        _body({f"{JSON}; charset=utf-8": TEXT}),
        SAFE,
        "",
        "RFC 8259, 11: JSON has no charset",
    ),
    # readOnly and writeOnly, 4.8.24 of 3.0
    Documents(
        "readOnly in a request",
        _body({JSON: _object(a=TEXT)}),
        _body({JSON: _object(a={**TEXT, "readOnly": True})}),
        CALLERS,
        "readOnly: false -> true",
        "SHOULD NOT be sent as part of the request",
    ),
    Documents(
        "readOnly no longer",
        _body({JSON: _object(a={**TEXT, "readOnly": True})}),
        _body({JSON: _object(a=TEXT)}),
        SAFE,
        "readOnly: true -> false",
        "it may be sent now",
    ),
    Documents(
        "required and readOnly (oasdiff 126)",
        _body({JSON: _object(a={**TEXT, "readOnly": True})}),
        _body({JSON: _object(["a"], a={**TEXT, "readOnly": True})}),
        SAFE,
        "",
        "required takes effect on the response only",
    ),
    Documents(
        "narrowed where it is readOnly (oasdiff 1211)",
        _body({JSON: _object(a={**TEXT, "readOnly": True})}),
        _body({JSON: _object(a={**TEXT, "readOnly": True, "maxLength": 3})}),
        SAFE,
        "",
        "it is in no request",
    ),
    Documents(
        "writeOnly in a response",
        one(answer=_object(a=TEXT)),
        one(answer=_object(a={**TEXT, "writeOnly": True})),
        MAY_READERS,
        "now writeOnly",
        "SHOULD NOT be sent as part of the response",
    ),
    # 3.0 has nullable and boolean bounds, 4.7.24
    Documents(
        "nullable removed",
        _body({JSON: {**TEXT, "nullable": True}}),
        _body({JSON: TEXT}),
        CALLERS,
        "type: string or null -> string",
        "4.7.24",
    ),
    Documents(
        "nullable added to a response",
        one(answer=TEXT),
        one(answer={**TEXT, "nullable": True}),
        READERS,
        "type: string -> string or null",
        "4.7.24",
    ),
    Documents(
        "exclusiveMinimum of 3.0",
        _body({JSON: {**NUMBER, "minimum": 0}}),
        _body({JSON: {**NUMBER, "minimum": 0, "exclusiveMinimum": True}}),
        CALLERS,
        "minimum: 0 -> 0 (excluded)",
        "draft 5, 5.1.3: a flag beside minimum",
    ),
    Documents(
        "3.0 to 3.1", one(body=TEXT), one(body=TEXT, version="3.1.0"), SAFE, "", "the same schema in both"
    ),
    Documents(
        "nullable to a type of 3.1",
        one(body={**TEXT, "nullable": True}),
        one(body={"type": ["string", "null"]}, version="3.1.0"),
        SAFE,
        "",
        "3.1 has null as a type",
    ),
    Documents(
        "int32 to int64",
        one(answer={**WHOLE, "format": "int32"}),
        one(answer={**WHOLE, "format": "int64"}),
        READERS,
        "format: int32 -> int64",
        "4.4: of more bits",
    ),
    # Responses, 4.8.16
    Documents(
        "status of success added",
        _answers(s200=said(TEXT)),
        _answers(s200=said(TEXT), s202=said(TEXT)),
        READERS,
        "status added",
        "4.8.16: the old document does not know it",
    ),
    Documents(
        "error status added",
        _answers(s200=said(TEXT)),
        _answers(s200=said(TEXT), s409=said(TEXT)),
        SAFE,
        "status added",
        "4.8.16: errors may always come",
    ),
    Documents(
        "status that default covered",
        _answers(s200=said(TEXT), default=said(TEXT)),
        _answers(s200=said(TEXT), s202=said(TEXT), default=said(TEXT)),
        SAFE,
        "default covered it",
        "4.8.16",
    ),
    Documents(
        "status removed",
        _answers(s200=said(TEXT), s202=said(TEXT)),
        _answers(s200=said(TEXT)),
        SAFE,
        "status removed",
        "4.8.16",
    ),
    Documents(
        "range in place of a status",
        _answers(s200=said(TEXT)),
        _answers(s2XX=said(TEXT)),
        READERS,
        "status added",
        "4.8.16: it covers 201 too",
    ),
    Documents("response body removed", one(answer=TEXT), one(), READERS, "body removed", "4.8.17"),
    Documents("response body added", one(), one(answer=TEXT), SAFE, "body added", "4.8.17"),
    Documents(
        "media type of a response removed",
        _answers(s200=said(TEXT, XML)),
        _answers(s200=said(TEXT)),
        READERS,
        "media type application/xml removed",
        "4.8.17",
    ),
    Documents(
        "media type of a response added",
        one(answer=TEXT),
        _answers(s200={"description": "", "content": {JSON: {"schema": TEXT}, XML: {"schema": TEXT}}}),
        SAFE,
        "media type application/xml added",
        "RFC 9110, 12.5.1: Accept chooses",
    ),
    Documents(
        "required header removed",
        _answers(s200=said(headers={"X": {"schema": TEXT, "required": True}})),
        _answers(s200=said()),
        READERS,
        "header removed",
        "4.8.21",
    ),
    Documents(
        "optional header removed",
        _answers(s200=said(headers={"X": {"schema": TEXT}})),
        _answers(s200=said()),
        MAY_READERS,
        "header removed",
        "4.8.21",
    ),
    Documents(
        "header widened",
        _answers(s200=said(headers={"X": {"schema": WHOLE}})),
        _answers(s200=said(headers={"X": {"schema": TEXT}})),
        READERS,
        "integer -> string",
        "4.8.21",
    ),
    Documents(
        "link removed",
        _answers(s200=said(**LINK)),
        _answers(s200=said()),
        CALLERS,
        "1 link removed: next",
        "4.8.20",
    ),
    # Security, 4.8.30
    Documents(
        "security added", _secured([]), _secured([{"key": []}]), CALLERS, "no credentials -> key", "4.8.30"
    ),
    Documents(
        "security removed",
        _secured([{"key": []}]),
        _secured([]),
        SAFE,
        "key -> no credentials",
        "4.8.30: an empty list asks for nothing",
    ),
    Documents(
        "alternative added",
        _secured([{"key": []}]),
        _secured([{"key": []}, {"other": []}]),
        SAFE,
        "key -> key or other",
        "4.8.30: one of the list is enough",
    ),
    Documents(
        "alternative removed",
        _secured([{"key": []}, {"other": []}]),
        _secured([{"key": []}]),
        CALLERS,
        "key or other -> key",
        "4.8.30",
    ),
    Documents(
        "both in place of one",
        _secured([{"key": []}]),
        _secured([{"key": [], "other": []}]),
        CALLERS,
        "key -> key and other",
        "4.8.30: all of one object",
    ),
    Documents(
        "one in place of both",
        _secured([{"key": [], "other": []}]),
        _secured([{"key": []}]),
        SAFE,
        "key and other -> key",
        "4.8.30",
    ),
    Documents(
        "optional credentials to required",
        _secured([{}, {"key": []}]),
        _secured([{"key": []}]),
        CALLERS,
        "no credentials or key -> key",
        "4.8.30: {} is anonymous",
    ),
    Documents(
        "scope added",
        _secured([{"oauth": ["r"]}]),
        _secured([{"oauth": ["r", "w"]}]),
        MAY_CALLERS,
        "oauth (r) -> oauth (r, w)",
        "4.8.30: the scopes that are needed",
    ),
    Documents(
        "scope removed",
        _secured([{"oauth": ["r", "w"]}]),
        _secured([{"oauth": ["r"]}]),
        SAFE,
        "oauth (r, w) -> oauth (r)",
        "4.8.30",
    ),
    Documents(
        "security of the root",
        one(security=[{"key": []}], components={"securitySchemes": {"key": KEY}}),
        _secured([{"key": []}], schemes={"key": KEY}),
        SAFE,
        "",
        "4.8.1: it holds where an operation says nothing",
    ),
    Documents(
        "key in another header",
        _secured([{"key": []}], schemes={"key": KEY}),
        _secured([{"key": []}], schemes={"key": {**KEY, "name": "X-Api"}}),
        CALLERS,
        "apiKey header X-Key -> apiKey header X-Api",
        "4.8.27",
    ),
    # Server Objects, 4.8.5
    Documents("default server", _served(A), _served(B), CALLERS, "https://a.test -> https://b.test", "4.8.5"),
    Documents(
        "servers in another order",
        _served(A, B),
        _served(B, A),
        MAY_CALLERS,
        "it is still listed",
        "clients take the first",
    ),
    Documents("server added", _served(A), _served(A, B), SAFE, "server added", "4.8.5"),
    Documents("server removed", _served(A, B), _served(A), MAY_CALLERS, "server removed", "4.8.5"),
    Documents(
        "value of a server variable",
        _served(_region("eu", "eu", "us")),
        _served(_region("eu", "eu")),
        CALLERS,
        "no longer allows us",
        "4.8.6",
    ),
    Documents(
        "default of a server variable",
        _served(_region("eu", "eu", "us")),
        _served(_region("us", "eu", "us")),
        CALLERS,
        "default: eu -> us",
        "4.8.6",
    ),
    # Webhooks, which the API sends
    Documents(
        "webhook narrowed",
        _hook(_object(a=NUMBER)),
        _hook(_object(a=WHOLE)),
        SAFE,
        "number -> integer",
        "4.8.1: its body is read by who goes by the document",
    ),
    Documents(
        "webhook widened",
        _hook(_object(a=WHOLE)),
        _hook(_object(a=NUMBER)),
        READERS,
        "integer -> number",
        "4.8.1",
    ),
    Documents("webhook removed", _hook(TEXT), one(version="3.1.0"), READERS, "no longer sent", "4.8.1"),
]
