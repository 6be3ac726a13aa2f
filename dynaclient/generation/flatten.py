"""One flat schema out of a schema with references and combinators, and how deep its smallest value nests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from math import gcd, inf
from typing import Any

from dynaclient.document.node import escape, tokens
from dynaclient.document.subschemas import BESIDE, CHOICES
from dynaclient.ecma_regex.printer import matches
from dynaclient.generation.choices import ChoiceSource

_INFERRED = {
    "object": (
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "minProperties",
        "propertyNames",
    ),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "patterns", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
SCALARS = ("null", "boolean", "integer", "number", "string")


def types_of(flat: dict[str, Any]) -> list[str]:
    """The types to choose from, null last."""
    if "type" in flat:
        return sorted(flat["type"], key="null".__eq__)
    return [name for name, words in _INFERRED.items() if any(word in flat for word in words)] or [
        "string",
        "integer",
        "boolean",
        "object",
    ]


def allows(flat: dict[str, Any], value: Any) -> bool:
    """Whether type and enumeration of a flat schema allow the value."""
    listed = "enum" not in flat or canonical(value) in map(canonical, flat["enum"])
    return listed and ("type" not in flat or is_of(value, flat["type"]))


def is_of(value: Any, types: list[str]) -> bool:
    """Whether the value is of one of the types; 1.0 is an integer (JSON Schema core 4.2.1)."""
    if isinstance(value, float) and value.is_integer():
        return "number" in types or "integer" in types
    names = {
        bool: ("boolean",),
        str: ("string",),
        int: ("integer", "number"),
        float: ("number",),
        list: ("array",),
    }
    return any(
        name in types for name in names.get(type(value), ("object" if isinstance(value, dict) else "null",))
    )


Schema = Any
"""A JSON Schema: dict or bool."""


class Unsatisfiable(ValueError):
    """No value for this schema was found. Internal: callers turn it into what their users understand."""

    pointer = ""
    """Where in the value; not part of the reason itself."""

    def under(self, token: str | int) -> Unsatisfiable:
        """The same for the value around."""
        self.pointer = f"/{escape(str(token))}{self.pointer}"
        return self


class Joined(dict[str, Any]):
    """An `allOf` that was made here; its members are schemas of the document."""


class Hint(dict[str, Any]):
    """A schema that was made here, for the making of a value only: no judge needs to hear of it."""


COUNTS = frozenset(f"{bound}{what}" for bound in ("min", "max") for what in ("Length", "Items", "Properties"))
"""Keywords whose argument is a whole number, which may be written 2.0."""


def both(a: Schema, b: Schema) -> Schema:
    """The schema of what meets `a` and `b`."""
    if a is False or b is False:
        return False
    if a is True or a == {} or a is b:
        return b
    return a if b is True or b == {} else Joined(allOf=[a, b])


def exact(number: Any) -> Fraction:
    """A number of a document as it is written: 0.1 is one tenth."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def canonical(value: Any) -> str:
    """Text that two values share if and only if JSON Schema counts them as equal (core 4.2.2)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(key)}:{canonical(value[key])}' for key in sorted(value))}}}"
    return json.dumps(value)


def merge(parts: Iterable[dict[str, Any]], base: dict[str, Any] | None = None) -> dict[str, Any]:
    """One flat schema for what meets all of `parts` and `base`, which is flat already.

    The parts hold none of `$ref`, `allOf`, `anyOf`, `oneOf`, `if`, `not`. Raises Unsatisfiable.
    """
    return reduce(_two, map(_flat, parts), base or {})


def _flat(part: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {key: int(value) if key in COUNTS else value for key, value in part.items()}
    if "type" in flat:
        flat["type"] = [flat["type"]] if isinstance(flat["type"], str) else flat["type"]
    if "const" in flat:
        const = flat.pop("const")
        flat["enum"] = _common(flat["enum"], [const]) if "enum" in flat else [const]
    if "pattern" in flat:
        flat["patterns"] = [flat.pop("pattern")]
    if "contains" in flat:
        most = flat.pop("maxContains", None)
        flat["contains"] = [(flat["contains"], int(flat.pop("minContains", 1)), most)]
    return flat


def _two(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    if not (a and b):
        return a or b
    result = {**b, **a}
    for keyword in a.keys() & b.keys():
        if keyword in _JOIN:
            result[keyword] = _JOIN[keyword](a[keyword], b[keyword])
    _members(result, a, b)
    _elements(result, a, b)
    return result


def _members(result: dict[str, Any], a: dict[str, Any], b: dict[str, Any]) -> None:
    names = list(dict.fromkeys([*a.get("properties", ()), *b.get("properties", ())]))
    if names:
        result["properties"] = {name: both(_member(a, name), _member(b, name)) for name in names}


def _member(schema: dict[str, Any], name: str) -> Schema:
    """What `schema` asks of the property; for names that it does not list, `additionalProperties`."""
    listed = schema.get("properties", {})
    if name in listed:
        return listed[name]
    if any(matches(pattern, name) for pattern in schema.get("patternProperties", ())):
        return True  # which pattern asks for what is looked up when the property is made
    return schema.get("additionalProperties", True)


def _elements(result: dict[str, Any], a: dict[str, Any], b: dict[str, Any]) -> None:
    count = max(len(a.get("prefixItems", ())), len(b.get("prefixItems", ())))
    if count:
        result["prefixItems"] = [both(element(a, index), element(b, index)) for index in range(count)]


def element(schema: dict[str, Any], index: int) -> Schema:
    """What `schema` asks of the element at `index`."""
    prefix = schema.get("prefixItems", ())
    return prefix[index] if index < len(prefix) else schema.get("items", True)


def _types(a: list[str], b: list[str]) -> list[str]:
    wide_a = {*a, "integer"} if "number" in a else {*a}
    wide_b = {*b, "integer"} if "number" in b else {*b}
    common = [name for name in dict.fromkeys([*a, *b]) if name in wide_a and name in wide_b]
    if not common:
        raise Unsatisfiable(f"no value is of type {' or '.join(a)} and of type {' or '.join(b)}")
    return common


def _common(a: list[Any], b: list[Any]) -> list[Any]:
    known = set(map(canonical, b))
    common = [value for value in a if canonical(value) in known]
    if not common:
        raise Unsatisfiable("two enumerations have no value in common")
    return common


def _multiple(a: Any, b: Any) -> Fraction:
    one, two = exact(a), exact(b)
    top = one.numerator * two.numerator // gcd(one.numerator, two.numerator)
    return Fraction(top, gcd(one.denominator, two.denominator))


def _union(a: list[Any], b: list[Any]) -> list[Any]:
    return a + [item for item in b if item not in a]


def _lists_by_name(a: dict[str, list[str]], b: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: _union(a.get(name, []), b.get(name, [])) for name in dict.fromkeys([*a, *b])}


def _schemas_by_name(a: dict[str, Schema], b: dict[str, Schema]) -> dict[str, Schema]:
    return {name: both(a.get(name, True), b.get(name, True)) for name in dict.fromkeys([*a, *b])}


_JOIN: dict[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _common,
    "multipleOf": _multiple,
    "required": _union,
    "patterns": _union,
    "contains": _union,
    "avoid": _union,
    "dependentRequired": _lists_by_name,
    "dependentSchemas": _schemas_by_name,
    "patternProperties": _schemas_by_name,
    "uniqueItems": lambda a, b: a or b,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(
        ("items", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"), both
    ),
}


_SCALARS = frozenset(("string", "number", "integer", "boolean", "null"))


class Heights:
    """The least nesting that values of schemas need; infinite where no finite value meets a schema."""

    def __init__(self, defs: Mapping[str, Schema]) -> None:
        self._defs = defs
        self._known: dict[str, float] = {}

    def height(self, schema: Schema) -> float:
        """0 for scalars, 1 for an empty or flat container, and so on. Siblings of different schemas are
        looked at one by one, so the answer may be too low, never too high."""
        new: set[str] = set()
        self._walk(schema, new)
        before: dict[str, float] = {}
        while any(before.get(key) != self._known[key] for key in new):
            before = {key: self._known[key] for key in new}
            for key in new:
                self._known[key] = self._walk(self._defs[key], set())
        return self._walk(schema, set())

    def _walk(self, schema: Schema, new: set[str]) -> float:
        """The height as far as the heights of references are known; what is not known yet joins `new`."""
        if not isinstance(schema, dict):
            return inf if schema is False else 0
        if "const" in schema or "enum" in schema:
            return 0
        needed = [self._walk(member, new) for member in schema.get("allOf", ())]
        needed += [
            min(self._walk(member, new) for member in schema[keyword])
            for keyword in CHOICES
            if schema.get(keyword)
        ]
        return max([self._own(schema, new), self._reference(schema.get("$ref"), new), *needed])

    def _reference(self, ref: Any, new: set[str]) -> float:
        key = key_of(ref)
        if key is None or key not in self._defs:
            return 0
        if key not in self._known:
            self._known[key] = inf
            new.add(key)
            self._walk(self._defs[key], new)
        return self._known[key]

    def _own(self, schema: dict[str, Any], new: set[str]) -> float:
        types = schema.get(
            "type", "object" if "required" in schema else "array" if "minItems" in schema else "null"
        )
        if not _SCALARS.isdisjoint([types] if isinstance(types, str) else types):
            return 0
        if "object" in types:
            members = [self._member(schema, name) for name in schema.get("required", ())]
        else:
            members = [element(schema, index) for index in range(min(schema.get("minItems", 0), 10))]
        return 1 + max((self._walk(member, new) for member in members), default=0)

    def _member(self, schema: dict[str, Any], name: str) -> Schema:
        return schema.get("properties", {}).get(name, schema.get("additionalProperties", True))


def key_of(ref: Any) -> str | None:
    """The KEY of `#/$defs/KEY`, which an absolute URI may precede; None for anything else."""
    if not isinstance(ref, str) or "#/$defs/" not in ref:
        return None
    return ref.partition("#/$defs/")[2].replace("~1", "/").replace("~0", "~")


_STRUCTURE = (
    "$ref",
    "$dynamicRef",
    *BESIDE,
    "if",
    "then",
    "else",
    "not",
    "dependentSchemas",
)
_OURS = ("avoid", "patterns", "prefer")
"""Words of flat schemas; in a document they mean nothing."""
_EMPTY_OBJECT = {"type": "object", "maxProperties": 0}


def without_combinators(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says itself, without what it refers to and combines."""
    ours = () if isinstance(schema, Hint) else _OURS
    return {key: value for key, value in schema.items() if key not in _STRUCTURE and key not in ours}


class Definitions:
    """The schemas that `$ref` and `$dynamicRef` lead to."""

    def __init__(self, defs: Mapping[str, Schema]) -> None:
        self._defs = defs
        self.heights = Heights(defs)

    def target(self, schema: dict[str, Any], keyword: str) -> tuple[str, Schema]:
        """A name for what the reference leads to, and the schema. Raises Unsatisfiable where it is lost."""
        ref = schema[keyword]
        inside = self._inside(str(ref)) if keyword == "$ref" else None
        if inside is not None:
            return str(ref), inside
        key = key_of(ref) if keyword == "$ref" else self._anchors.get(str(ref).rpartition("#")[2])
        if key is not None and key in self._defs:
            return key, self._defs[key]
        if str(ref).startswith("#"):
            raise Unsatisfiable(f"the reference {ref} does not resolve")
        return str(ref), _EMPTY_OBJECT  # a meta-schema: the empty schema meets it

    def _inside(self, ref: str) -> Schema | None:
        """What `ref` names in a resource with an `$id` of its own; None where there is no such resource."""
        uri, _, pointer = ref.partition("#")
        here = self._resources.get(uri) if uri else None
        for token in tokens(pointer):
            here = here[int(token)] if isinstance(here, list) else (here or {}).get(token)
        return here

    @cached_property
    def _resources(self) -> dict[str, Any]:
        return {each["$id"]: each for each in self._defs.values() if isinstance(each, dict) and "$id" in each}

    @cached_property
    def _anchors(self) -> dict[str, str]:
        named = [
            (each.get("$dynamicAnchor"), key) for key, each in self._defs.items() if isinstance(each, dict)
        ]
        return {anchor: key for anchor, key in reversed(named) if anchor}


@dataclass(frozen=True)
class _Option:
    """One way to meet a combinator: all of `schemas`, and the flat `parts`."""

    schemas: list[Schema]
    parts: list[dict[str, Any]]


@dataclass
class Flattening:
    """The walk through one schema and everything that holds for the same value.

    What holds anyway comes first, then one option is chosen for each combinator, such that it goes together
    with all before it. `turn` moves the choices on, so that another attempt takes another way. With `small`
    the options that need the least nesting are taken.
    """

    definitions: Definitions
    source: ChoiceSource
    turn: int
    small: bool
    _seen: set[str] = field(default_factory=set)
    _open: list[list[_Option]] = field(default_factory=list)
    _choices: int = 0

    def flat(self, schema: Schema) -> dict[str, Any]:
        """The merged schema; under `avoid` it holds the schemas that the value must not meet."""
        result = merge(self._fixed(schema))
        while self._open:
            result = self._choose(result, self._open.pop(0))
        return result

    def _fixed(self, schema: Schema) -> Iterator[dict[str, Any]]:
        """What holds whatever is chosen; the choices to be made are left in `_open`."""
        if schema is False:
            raise Unsatisfiable("the schema is false")
        if not isinstance(schema, dict):
            return
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                yield from self._target(schema, keyword)
        for member in schema.get("allOf", ()):
            yield from self._fixed(member)
        yield without_combinators(schema)
        if "not" in schema:
            yield {"avoid": [schema["not"]]}
        self._open += _choices(schema)

    def _target(self, schema: dict[str, Any], keyword: str) -> Iterator[dict[str, Any]]:
        name, target = self.definitions.target(schema, keyword)
        if name not in self._seen:  # what holds already need not hold twice
            self._seen.add(name)
            yield from self._fixed(target)

    def _choose(self, result: dict[str, Any], options: list[_Option]) -> dict[str, Any]:
        seen, left = set(self._seen), list(self._open)
        for option in self._order(options):
            try:
                parts = [part for schema in option.schemas for part in self._fixed(schema)]
                return _possible(merge([*parts, *option.parts], result))
            except Unsatisfiable:
                self._seen, self._open = set(seen), list(left)
        raise Unsatisfiable("no branch goes together with the rest of the schema")

    def _order(self, options: list[_Option]) -> list[_Option]:
        """The options, the one to try first at the front."""
        shift = self.turn >> self._choices  # the first choices turn fast, later ones slowly
        self._choices += 1
        if self.small and len(options) > 1:
            heights = {id(option): self._height(option.schemas) for option in options}
            options = sorted(
                (each for each in options if heights[id(each)] < inf), key=lambda each: heights[id(each)]
            )
        elif len(options) > 1:
            shift += self.source.integer(0, len(options) - 1)
        return [options[(shift + step) % len(options)] for step in range(len(options))]

    def _height(self, schemas: Iterable[Schema]) -> float:
        return max(map(self.definitions.heights.height, schemas), default=0)


def _possible(flat: dict[str, Any]) -> dict[str, Any]:
    for name in flat.get("required", ()):
        if flat.get("properties", {}).get(name) is False:
            raise Unsatisfiable(f"{name!r} is required and forbidden")
    return flat


def _choices(schema: dict[str, Any]) -> Iterator[list[_Option]]:
    """The options of each combinator of a schema."""
    for keyword in CHOICES:
        if keyword in schema:
            yield list(_branches(schema, keyword))
    if "if" in schema and ("then" in schema or "else" in schema):
        condition = schema["if"]
        met = _Option([condition, schema.get("then", True)], [])
        yield [met, _Option([schema.get("else", True)], [{"avoid": [condition]}])]
    for name, dependent in schema.get("dependentSchemas", {}).items():
        yield [_Option([], [{"properties": {name: False}}]), _Option([dependent], [])]


def _branches(schema: dict[str, Any], keyword: str) -> Iterator[_Option]:
    branches = schema[keyword]
    for index, branch in enumerate(branches):
        others = branches[:index] + branches[index + 1 :]
        avoid = [{"avoid": others}] if keyword == "oneOf" and others else []
        yield _Option([branch], [*avoid, *_discriminated(schema, branch)])


def _discriminated(schema: dict[str, Any], branch: Schema) -> Iterator[dict[str, Any]]:
    """The value that the OpenAPI discriminator has for a branch, unless the branch forbids it."""
    discriminator = schema.get("discriminator")
    key = key_of(branch.get("$ref")) if isinstance(branch, dict) else None
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if not isinstance(discriminator, dict) or key is None or not isinstance(name, str):
        return
    mapping = discriminator.get("mapping") or {}
    values = [value for value, target in mapping.items() if str(target).rpartition("/")[2] == key]
    values = values or [(discriminator.get("names") or {}).get(branch["$ref"]) or key]
    yield {"properties": {name: Hint(prefer=values[0])}, "required": [name]}
