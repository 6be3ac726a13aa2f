"""Where a thing of a Swagger 2.0 document stands after the upgrade: the table behind every `$ref`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from dynaclient.document import normalization as spelling
from dynaclient.document.node import escape

# What describes the value of a parameter or header; in 3.0 it stands in its `schema`.
SCHEMA_MEMBERS = {
    "type", "format", "items", "default", "enum", "multipleOf", "pattern",
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
    "maxLength", "minLength", "maxItems", "minItems", "uniqueItems",
}  # fmt: skip
_COMPONENTS = {
    "definitions": "schemas",
    "parameters": "parameters",
    "responses": "responses",
    "securityDefinitions": "securitySchemes",
}


def named_media_types(holder: Any, key: str) -> list[str]:
    """The media types that `consumes` or `produces` names, in other spellings too; [] where it does not."""
    meant = [each for text in texts(holder, key) for each in spelling.normal_media_types(text)]
    return list(dict.fromkeys(each for each in meant if "/" in each))


def texts(holder: Any, key: str) -> list[str]:
    """The texts in the list under `key`; one alone is its only one."""
    value = holder.get(key) if isinstance(holder, dict) else None
    several = [value] if isinstance(value, str) else value
    return [each for each in several if isinstance(each, str)] if isinstance(several, list) else []


def response_types(response: Any, produces: list[str]) -> list[str]:
    """The media types of a response with a body: where nothing tells, any."""
    examples = response.get("examples") if isinstance(response, dict) else None
    shown = [str(name) for name in examples if "/" in str(name)] if isinstance(examples, dict) else []
    return produces or shown or ["*/*"]


def step(value: Any, token: str) -> Any:
    """The member or item that a reference token names; None where there is none."""
    name = unquote(token).replace("~1", "/").replace("~0", "~")
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isascii() and name.isdigit() and int(name) < len(value):
        return value[int(name)]
    return None


def _local_target(tree: dict[str, Any], value: Any, at: str) -> tuple[Any, str]:
    """What the value at a pointer stands for, and its own pointer: itself, or where its references lead.

    None where they lead nowhere, into another file, or in a circle.
    """
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
        if ref in seen or not ref.startswith("#/"):
            return None, at
        seen.add(ref)
        value, at = tree, unquote(ref[1:])
        for token in ref[2:].split("/"):
            value = step(value, token)
    return value, at


class Places:
    """Rewrites references into a 2.0 document. Tokens are kept as written, and decoded only to look."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree

    def moved(self, ref: str) -> str:
        """The reference to the same thing after the upgrade; references to other files stay as they are."""
        if not ref.startswith("#/"):
            return ref
        first, *rest = ref[2:].split("/")
        if not rest:
            return f"#/components/{_COMPONENTS[first]}" if first in _COMPONENTS else ref
        if first == "paths":
            return "#/" + "/".join([first, *self._in_path(rest)])
        if first not in _COMPONENTS:
            return ref
        name, *inner = rest
        group = _COMPONENTS[first]
        value = step(self.tree.get(first), name)
        if first == "responses":
            inner = _in_response(inner, value, named_media_types(self.tree, "produces"))
        elif first == "parameters" and is_body(value):
            group, inner = "requestBodies", _in_body(inner, named_media_types(self.tree, "consumes"))
        elif first == "parameters":
            inner = _in_parameter(inner)
        return "#/" + "/".join(["components", group, name, *inner])

    def _in_path(self, tokens: list[str]) -> list[str]:
        path, *rest = tokens
        item = step(self.tree.get("paths"), path)
        if rest and rest[0] == "parameters":
            return [path, *self._in_parameters(item, rest, None)]
        if len(rest) < 2:
            return tokens
        method, kind, *inner = rest
        operation = step(item, method)
        if kind == "parameters":
            return [path, method, *self._in_parameters(operation, [kind, *inner], operation)]
        if kind == "responses" and inner:
            produces = named_media_types(operation, "produces") or named_media_types(self.tree, "produces")
            response = step(step(operation, kind), inner[0])
            return [path, method, kind, inner[0], *_in_response(inner[1:], response, produces)]
        return tokens

    def _in_parameters(self, holder: Any, tokens: list[str], operation: Any) -> list[str]:
        kind, *inner = tokens
        given = step(holder, kind)
        if not inner or not isinstance(given, list):
            return tokens
        index, *rest = inner
        value, _ = _local_target(self.tree, step(given, index), "")
        if is_body(value):
            consumes = named_media_types(operation, "consumes") or named_media_types(self.tree, "consumes")
            return ["requestBody", *_in_body(rest, consumes)]
        if not index.isdigit():
            return tokens
        before = [_local_target(self.tree, item, "")[0] for item in given[: int(index)]]
        return [kind, str(sum(not is_payload(item) for item in before)), *_in_parameter(rest)]


def is_payload(value: Any) -> bool:
    """Whether a parameter is part of the body, which 3.0 does not count among the parameters."""
    return _place(value) in ("body", "formData")


def is_body(value: Any) -> bool:
    """Whether a parameter is the body itself."""
    return _place(value) == "body"


def _place(value: Any) -> str:
    return spelling.normal_location(str(value.get("in"))) if isinstance(value, dict) else ""


def _in_parameter(tokens: list[str]) -> list[str]:
    return ["schema", *tokens] if tokens and tokens[0] in SCHEMA_MEMBERS else tokens


def _in_body(tokens: list[str], consumes: list[str]) -> list[str]:
    return _in_content(tokens, consumes or ["application/json"])


def _in_response(tokens: list[str], response: Any, produces: list[str]) -> list[str]:
    if len(tokens) > 2 and tokens[0] == "headers":
        return [*tokens[:2], *_in_parameter(tokens[2:])]
    return _in_content(tokens, response_types(response, produces))


def _in_content(tokens: list[str], types: list[str]) -> list[str]:
    if not tokens or tokens[0] != "schema":
        return tokens
    return ["content", quote(escape(types[0]), safe="~*+.;=-"), *tokens]
