"""Values of the request in equally named fields of the answer, where they fit.

So that an answer looks like an answer to this request: `integrationId` of the path, `attributes` of the
body. A value fits if the answer is still valid with it. A name is looked up in the object of the request
that has the name of the object it stands in, then in those around, then, for single values, anywhere in
the body outside of arrays. The parameter `petId` also names the `id` of an object called `pet`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 8
"""How deep an answer is looked into."""

IDENTITIES = ("id", "integrationId")
"""The members by which an object says which one it is."""

_MISSING = object()


@dataclass(frozen=True)
class Given:
    """What a request said: its path and query parameters by name, and its body."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def scopes(self) -> list[Mapping[str, Any]]:
        """The objects whose members an answer may echo, the nearest last."""
        own = [self.body] if isinstance(self.body, dict) else []
        return [_flat(self.body, MAX_DEPTH), *own, self.parameters]


def _flat(value: Any, depth: int) -> dict[str, Any]:
    """Every single value in nested objects, by name; the outermost of one name."""
    found: dict[str, Any] = {}
    if isinstance(value, dict) and depth:
        for item in value.values():
            found = {**_flat(item, depth - 1), **found}
        found.update({name: item for name, item in value.items() if not isinstance(item, (dict, list))})
    return found


def properties(schema: Any, defs: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """The properties that a schema names, through references and combinators."""
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return {}
    found: dict[str, Any] = {}
    if isinstance(schema.get("$ref"), str):
        found.update(properties(defs.get(schema["$ref"].rpartition("/")[2]), defs, depth + 1))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for member in schema.get(keyword, ()):
            found.update(properties(member, defs, depth + 1))
    return {**found, **{k: v for k, v in schema.get("properties", {}).items() if v is not False}}


@dataclass
class Echo:
    """Fills one answer. `is_valid` judges the answer as a whole; `make` gives a value for a part that the
    answer leaves out, or None."""

    answer: Any
    schema: Any
    defs: Mapping[str, Any]
    is_valid: Callable[[Any], bool]
    make: Callable[[Any], Any] = lambda schema: None

    def filled(self, given: Given) -> Any:
        """The answer with what fits of the request."""
        self.answer = copy.deepcopy(self.answer)
        self._walk(self.answer, self.schema, given.scopes, given, 0, "")
        return self.answer

    def _walk(
        self, value: Any, schema: Any, scopes: list[Mapping[str, Any]], given: Given, depth: int, name: str
    ) -> None:
        if depth > MAX_DEPTH:
            return
        if isinstance(value, dict):
            named = properties(schema, self.defs)
            if f"{name}Id" in given.parameters:
                known = dict.fromkeys(IDENTITIES, given.parameters[f"{name}Id"])
                scopes = [scopes[0], known, *scopes[1:]]
            for member in dict.fromkeys([*named, *value]):
                self._member(value, member, named.get(member), scopes, given, depth)
        elif isinstance(value, list):
            for item in value:  # one of many: what the body says is not of this one
                self._walk(item, _items(schema, self.defs), [given.parameters], given, depth + 1, "")

    def _member(
        self,
        holder: dict[str, Any],
        name: str,
        schema: Any,
        scopes: list[Mapping[str, Any]],
        given: Given,
        depth: int,
    ) -> None:
        found = next((scope[name] for scope in reversed(scopes) if name in scope), _MISSING)
        if found is not _MISSING:
            variants = _variants(holder[name] if name in holder else self.make(schema), found)
            if any(self._fits(holder, name, value) for value in variants) and not isinstance(found, dict):
                return
        if name in holder:
            inner = [*scopes, found] if isinstance(found, dict) else scopes
            self._walk(holder[name], schema, inner, given, depth + 1, name)

    def _fits(self, holder: dict[str, Any], name: str, value: Any) -> bool:
        before = holder.get(name, _MISSING)
        holder[name] = copy.deepcopy(value)
        if self.is_valid(self.answer):
            return True
        if before is _MISSING:
            del holder[name]
        else:
            holder[name] = before
        return False


def _variants(made: Any, found: Any) -> Iterator[Any]:
    """What may be put in the place of `made`: what was `found`, laid over it where both are objects."""
    if isinstance(made, dict) and isinstance(found, dict):
        yield {**made, **found}
    yield found
    if isinstance(made, list) and isinstance(found, list) and made:
        pairs = [(made[index % len(made)], item) for index, item in enumerate(found)]
        if all(isinstance(one, dict) and isinstance(other, dict) for one, other in pairs):
            yield [{**one, **other} for one, other in pairs]


def _items(schema: Any, defs: Mapping[str, Any]) -> Any:
    for _ in range(MAX_DEPTH):
        if not isinstance(schema, dict) or "items" in schema or "$ref" not in schema:
            break
        schema = defs.get(schema["$ref"].rpartition("/")[2])
    return schema.get("items") if isinstance(schema, dict) else None
