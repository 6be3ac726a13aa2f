"""The types of JSON values, and which of them a schema means."""

from __future__ import annotations

from typing import Any

from dynaclient.values.merge import canonical

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
