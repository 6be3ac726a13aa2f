"""The Schema Object of Swagger 2.0 -> that of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dynaclient.document.document import escape

# Which members of a schema are schemas; everything else (enum, default, example, x-...) is data.
_MAPS = frozenset(("properties", "patternProperties"))
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "items"))  # a list of items is a mistake, yet it is made
_OBJECTS = frozenset(
    (
        *("properties", "patternProperties", "items", "additionalProperties", "not"),
        *("example", "default", "xml", "externalDocs"),
    )
)
"""Keywords that may have objects: what has no other members is a schema, no map of schemas."""
_SINGLE = frozenset(("items", "additionalProperties", "not"))


class Schemas:
    """Upgrades schemas. `moved(ref, at)` says what a reference has to be; `find(at, message, meaning)` takes
    what is found.
    """

    def __init__(self, moved: Callable[[str, str], str], find: Callable[[str, str, str], None]) -> None:
        self.moved = moved
        self.find = find

    def schema(self, value: Any, at: str) -> Any:
        """The same schema in 3.0 words; what is not a map (a boolean, a mistake) stays as it is."""
        if not isinstance(value, dict):
            return value
        new = {key: self._member(key, member, at) for key, member in value.items()}
        new.pop("collectionFormat", None)
        if isinstance(value.get("discriminator"), str):
            new["discriminator"] = {"propertyName": value["discriminator"]}
        if value.get("type") == "file":
            new.update(type="string", format="binary")
        if value.get("x-nullable") is True:
            return _nullable(new)
        return new

    def _member(self, key: str, member: Any, at: str) -> Any:
        if key in _SINGLE and isinstance(member, dict):
            return self.schema(member, f"{at}/{key}")
        if key in _MAPS and isinstance(member, dict):
            return {name: self.schema(v, f"{at}/{key}/{escape(str(name))}") for name, v in member.items()}
        if key in _LISTS and isinstance(member, list):
            return [self.schema(v, f"{at}/{key}/{index}") for index, v in enumerate(member)]
        if key == "$ref" and isinstance(member, str):
            return self.moved(member, at)
        return member


def in_part(value: Any) -> Any:
    """A schema of a part file of a Swagger 2.0 document, in 3.0 words; references stay as they are.

    Published documents keep maps of schemas in files of their own too: `properties`, `definitions`.
    """
    return _in_part(Schemas(lambda ref, at: ref, lambda at, message, meaning: None), value)


def _in_part(schemas: Schemas, value: Any) -> Any:
    is_map = isinstance(value, dict) and not value.keys() <= _OBJECTS
    if is_map and all(isinstance(each, dict) for each in value.values()):
        return {name: _in_part(schemas, each) for name, each in value.items()}
    return schemas.schema(value, "")


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """`x-nullable` said in 3.0; beside a `$ref`, where 3.0 ignores everything, around it."""
    del schema["x-nullable"]
    if "$ref" in schema:
        return {"allOf": [{"$ref": schema.pop("$ref")}], **schema, "nullable": True}
    return {**schema, "nullable": True}
