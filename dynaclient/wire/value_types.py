"""What type a value on the wire should be read as: the wire itself does not say.

`1` is a string, a number or the only item of an array, depending on the schema. An `ExpectedType` is as much
of a schema as is needed to tell; whether the value is valid is asked afterwards, of the whole schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dynaclient.document.subschemas import CHOICES, inside


class ExpectedType(NamedTuple):
    """`types`: names of JSON Schema types, empty for any. `extra`: the shape of properties without a name,
    None where the schema does not speak of them. `format`: empty where there is none, or one of several."""

    types: frozenset[str] = frozenset()
    items: ExpectedType | None = None
    properties: Mapping[str, ExpectedType] = {}
    extra: ExpectedType | None = None
    format: str = ""

    def property(self, name: str) -> ExpectedType:
        """The shape of the property called `name`."""
        return self.properties.get(name) or self.extra or ANY


ANY = ExpectedType()
MAX_NESTING = 50
"""How deep a schema is followed; what is deeper is read as text."""

Resolve = Callable[[str], Any]


def expected_type(schema: Any, resolve: Resolve) -> ExpectedType:
    """The shape of a schema of any OpenAPI 3 version; `resolve` gives the schema that a `$ref` points to.

    A schema that contains itself is followed once. Raises what `resolve` raises.
    """
    return _Reader(resolve).read(schema, 0)


class _Reader:
    """Remembers what each `$ref` came to, so that the work is linear in the size of the schema."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[str, ExpectedType] = {}

    def read(self, schema: Any, depth: int) -> ExpectedType:
        if not isinstance(schema, dict) or depth > MAX_NESTING:
            return ANY
        shape = self._own(schema, depth)
        for keyword in CHOICES:
            shape = _both(shape, self._either(inside(schema, (keyword,)), depth))
        for _, branch in inside(schema, ("allOf",)):
            shape = _both(shape, self.read(branch, depth + 1))
        if isinstance(schema.get("$ref"), str):
            shape = _both(shape, self._referred(schema["$ref"], depth))
        return shape

    def _own(self, schema: dict[str, Any], depth: int) -> ExpectedType:
        extra = schema.get("additionalProperties")
        items = schema.get("items")
        return ExpectedType(
            types=_types(schema),
            items=self.read(items, depth + 1) if isinstance(items, dict) else None,
            properties={
                name: self.read(each, depth + 1) for (_, name), each in inside(schema, ("properties",))
            },
            extra=self.read(extra, depth + 1) if isinstance(extra, dict) or extra is True else None,
            format=str(schema.get("format") or ""),
        )

    def _either(self, branches: Iterable[tuple[Any, Any]], depth: int) -> ExpectedType:
        shapes = [self.read(branch, depth + 1) for _, branch in branches]
        if not shapes:
            return ANY
        either = shapes[0]
        for shape in shapes[1:]:
            same = either.format if either.format == shape.format else ""
            either = _merged(either, shape, _union(either.types, shape.types))._replace(format=same)
        return either

    def _referred(self, reference: str, depth: int) -> ExpectedType:
        if reference not in self._known:
            self._known[reference] = ANY  # what stands here if the schema leads back to itself
            self._known[reference] = self.read(self._resolve(reference), depth + 1)
        return self._known[reference]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _types(schema: dict[str, Any]) -> frozenset[str]:
    """The types that a schema names, or that its other keywords speak of."""
    named = schema.get("type")
    types = {named} if isinstance(named, str) else {each for each in _list(named) if isinstance(each, str)}
    if not types:
        types = _hinted(schema)
    return frozenset(types | {"null"} if types and schema.get("nullable") is True else types)


def _hinted(schema: dict[str, Any]) -> set[str]:
    values = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
    if values:
        return {_TYPE_NAMES.get(type(value), "null") for value in values}
    return {kind for keyword, kind in _SPEAKS_OF.items() if keyword in schema}


_TYPE_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
_SPEAKS_OF = {"properties": "object", "additionalProperties": "object", "items": "array"}


def _both(one: ExpectedType, other: ExpectedType) -> ExpectedType:
    if one is ANY or other is ANY:
        return other if one is ANY else one
    return _merged(one, other, _intersection(one.types, other.types))


def _merged(one: ExpectedType, other: ExpectedType, types: frozenset[str]) -> ExpectedType:
    return ExpectedType(
        types=types,
        items=one.items or other.items,
        properties={**other.properties, **one.properties},
        extra=one.extra or other.extra,
        format=one.format or other.format,
    )


def _union(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return one | other if one and other else frozenset()


def _intersection(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if not one or not other:
        return one or other
    integers = {"integer"} if "integer" in one | other and "number" in one | other else set()
    # Types that exclude each other allow no value: either reading then ends in the same violation.
    return ((one & other) | (integers & _wide(one) & _wide(other))) or one


def _wide(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types
