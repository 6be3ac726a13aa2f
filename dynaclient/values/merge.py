"""Several schemas that hold for one value, as one schema that is easier to build for.

What comes out is flat: no `$ref`, no `allOf`. `const` has become `enum`, `pattern` has become `patterns`,
`contains` a list. Where two schemas cannot both hold, `Unsatisfiable` is raised, as far as that shows without
making a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import Any

from dynaclient.document.document import escape
from dynaclient.patterns.patterns import matches

Schema = Any
"""A JSON Schema: dict or bool."""


class Unsatisfiable(ValueError):
    """No value for this schema was found. Internal: callers turn it into what their users understand."""

    pointer = ""
    """Where in the value; not told in the reason itself."""

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
