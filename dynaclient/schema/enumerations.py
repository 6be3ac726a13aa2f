"""An `enum` whose values are not of the `type` beside it, as the document must have meant it.

YAML makes numbers of `[1, 2]` where texts were due, generators quote `["1", "2"]` where numbers were due, or
write the values of the items beside `type: array`. Read as it stands, such a schema allows nothing at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def _read(form: re.Pattern[str], value: Any) -> list[Any]:
    return [json.loads(value)] if isinstance(value, str) and form.fullmatch(value.strip()) else []


_AS: dict[str, Callable[[Any], list[Any]]] = {
    "integer": lambda value: _read(_WHOLE, value),
    "number": lambda value: _read(_NUMBER, value),
    "boolean": lambda value: [value.lower() == "true"] if str(value).lower() in ("true", "false") else [],
    "string": lambda value: [json.dumps(value)] if isinstance(value, (int, float)) else [],
}
"""What a value of another type says as one of each; nothing where it does not."""


def agreed(schema: dict[str, Any], types: str | list[str] | None) -> dict[str, Any]:
    """`schema` with an `enum` of its `types`, as mended; the same object where there is nothing to change."""
    if types is None:
        return schema
    kinds = types if isinstance(types, list) else [types]
    if "array" in kinds and all(not isinstance(value, list) for value in schema["enum"]):
        return _of_items(schema) if kinds == ["array"] else schema
    values = [_fitting(value, kinds) for value in schema["enum"]]
    changed = any(new is not old for new, old in zip(values, schema["enum"], strict=True))
    return {**schema, "enum": values} if changed else schema


def _fitting(value: Any, kinds: list[str]) -> Any:
    if value is None or any(_IS[kind](value) for kind in kinds):
        return value
    return next((read[0] for kind in _AS if kind in kinds and (read := _AS[kind](value))), value)


def _of_items(schema: dict[str, Any]) -> dict[str, Any]:
    """The enumeration is that of the items; where they have a schema elsewhere, that says what they are."""
    items = schema.get("items", {})
    rest = {key: value for key, value in schema.items() if key != "enum"}
    if not isinstance(items, dict) or "$ref" in items or "enum" in items:
        return rest
    return {**rest, "items": {**items, "enum": schema["enum"]}}
