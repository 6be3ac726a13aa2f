"""How deep the smallest value of a schema is: the way out of recursive schemas."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from dynaclient.values.merge import Schema, element

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
            for keyword in ("anyOf", "oneOf")
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
