"""Swagger 2.0 -> OpenAPI 3.0: the one step after which nothing else knows of 2.0.

The upgrade says in 3.0 words what the 2.0 document says. What 3.0 has no words for, and what is
broken, becomes a finding with a pointer into the 2.0 document; nothing here raises over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dynaclient.document.document import escape
from dynaclient.document.swagger_parameters import Parameters, form_types
from dynaclient.document.swagger_places import (
    Places,
    is_body,
    is_payload,
    local_target,
    media_types,
    response_types,
    texts,
)
from dynaclient.document.swagger_schemas import Schemas
from dynaclient.errors import DocumentError, Finding, Severity
from dynaclient.words import json_text

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REPLACED = {
    "swagger", "host", "basePath", "schemes", "consumes", "produces",
    "paths", "definitions", "parameters", "responses", "securityDefinitions",
}  # fmt: skip
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_FLOW_MEMBERS = ("authorizationUrl", "tokenUrl", "scopes")


def upgrade(tree: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """The OpenAPI 3.0 document that says what this Swagger 2.0 document says, and what was found.

    The given tree is not changed; the new one may share parts with it. The pointers of the findings
    are into the given tree. DocumentError only where it is nested too deep to be walked.
    """
    work = _Upgrade(tree)
    try:
        return work.document(), work.findings
    except RecursionError:
        raise DocumentError("this Swagger 2.0 document is nested too deep to be upgraded to 3.0") from None


class _Upgrade:
    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree
        self.findings: list[Finding] = []
        self.consumes = media_types(tree, "consumes")
        self.produces = media_types(tree, "produces")
        self.schemes = self._schemes()
        self.schemas = Schemas(Places(tree), self.find)
        self.parameters = Parameters(self.schemas)

    def find(self, at: str, message: str, meaning: str, severity: Severity = "warning") -> None:
        self.findings.append(Finding(at, severity, message, meaning))

    def members(self, holder: Any, key: str, at: str) -> Iterator[tuple[str, Any, str]]:
        """Name, value and pointer of each member of the map `key`; a finding where it is no map."""
        value = holder.get(key)
        if value is not None and not isinstance(value, dict):
            self.find(f"{at}/{key}", f"`{key}` is a map, not {type(value).__name__}", "it is ignored")
        if isinstance(value, dict):
            for name in value:
                yield str(name), value[name], f"{at}/{key}/{escape(str(name))}"

    def is_map(self, value: Any, at: str, what: str) -> bool:
        """Whether a value is a map; where it is not, that is a finding."""
        if isinstance(value, dict):
            return True
        self.find(at, f"a map is due for the {what}, not {type(value).__name__}", "what it says is not known")
        return False

    def document(self) -> dict[str, Any]:
        new: dict[str, Any] = {"openapi": "3.0.4"}
        new.update((key, value) for key, value in self.tree.items() if key not in _REPLACED)
        if servers := self.servers():
            new["servers"] = servers
        paths = self.members(self.tree, "paths", "")
        new["paths"] = {path: self.path_item(path, item, at) for path, item, at in paths}
        components = {name: members for name, members in self.components() if members}
        return {**new, "components": components} if components else new

    def servers(self, schemes: Any = None) -> list[dict[str, str]]:
        """Fixed Fields `host`, `basePath`, `schemes`: without a scheme the one that the document came by."""
        host = str(self.tree.get("host") or "").rpartition("://")[2].strip("/")
        base = str(self.tree.get("basePath") or "").strip("/")
        path = f"/{base}" if base else ""
        if not host:
            return [{"url": path}] if path else []
        return [
            {"url": f"{f'{scheme}:' if scheme else ''}//{host}{path}"} for scheme in schemes or self.schemes
        ]

    def _schemes(self) -> list[str]:
        """Those of the document, else of the first operation that has any, else the one before the host."""
        of_host = str(self.tree.get("host") or "").rpartition("://")[0].lower()
        return _schemes(self.tree) or next(filter(None, map(_schemes, self._operations())), [of_host])

    def _operations(self) -> Iterator[dict[str, Any]]:
        paths = self.tree.get("paths")
        for item in paths.values() if isinstance(paths, dict) else ():
            if isinstance(item, dict):
                yield from (item[method] for method in METHODS if isinstance(item.get(method), dict))

    def components(self) -> Iterator[tuple[str, dict[str, Any]]]:
        tree = self.tree
        yield "schemas", {n: self.schemas.schema(v, at) for n, v, at in self.members(tree, "definitions", "")}
        shared = list(self.members(tree, "parameters", ""))
        parameters = [
            (n, v, at) for n, v, at in shared if self.is_map(v, at, "parameter") and not is_payload(v)
        ]
        yield "parameters", {n: self.parameters.parameter(v, at) for n, v, at in parameters}
        bodies = [(n, v, at) for n, v, at in shared if is_body(v)]
        yield "requestBodies", {n: self.request_body([(v, at)], self.consumes) for n, v, at in bodies}
        responses = self.members(tree, "responses", "")
        yield "responses", {n: self.response(v, at, self.produces) for n, v, at in responses}
        schemes = self.members(tree, "securityDefinitions", "")
        yield "securitySchemes", {n: self.security_scheme(v, at) for n, v, at in schemes}

    def path_item(self, path: str, item: Any, at: str) -> Any:
        if path.startswith("x-"):
            return item
        if not self.is_map(item, at, "path item"):
            return {}
        new = dict(item)
        if isinstance(item.get("$ref"), str):
            new["$ref"] = self.schemas.reference(item["$ref"], at)
        parameters, payload = self.split(item, at)
        new.pop("parameters", None)
        if parameters:
            new["parameters"] = parameters
        for method in METHODS:
            if method in item:
                new[method] = self.operation(item[method], f"{at}/{method}", payload)
        return new

    def operation(self, operation: Any, at: str, shared: list[tuple[Any, str]]) -> dict[str, Any]:
        if not self.is_map(operation, at, "operation"):
            return {}
        replaced = ("consumes", "produces", "schemes", "parameters", "responses")
        new = {key: value for key, value in operation.items() if key not in replaced}
        parameters, own = self.split(operation, at)
        if parameters:
            new["parameters"] = parameters
        if payload := _overridden(shared, own):
            new["requestBody"] = self.request_body(
                payload, media_types(operation, "consumes") or self.consumes
            )
        produces = media_types(operation, "produces") or self.produces
        responses = self.members(operation, "responses", at)
        new["responses"] = {
            status: v if status.startswith("x-") else self.response(v, place, produces)
            for status, v, place in responses
        }
        schemes = _schemes(operation)
        if schemes and self.schemes[0] not in schemes and self.tree.get("host"):
            new["servers"] = self.servers(schemes)
        return new

    def split(self, holder: dict[str, Any], at: str) -> tuple[list[Any], list[tuple[Any, str]]]:
        """The parameters of a path item or operation in 3.0 form, and apart from them those of its body."""
        given = holder.get("parameters") or []
        if not isinstance(given, list):
            self.find(f"{at}/parameters", "`parameters` is a list", "it is ignored")
            given = []
        parameters: list[Any] = []
        payload: list[tuple[Any, str]] = []
        for index, item in enumerate(given):
            place = f"{at}/parameters/{index}"
            target, target_at = local_target(self.tree, item, place)
            if is_payload(target):
                if target["in"] not in ("body", "formData"):
                    meaning = "it is read as body" if is_body(target) else "it is read as formData"
                    self.find(target_at, f"a parameter is in {json_text(target['in'])}", meaning)
                payload.append((target, target_at))
            elif self.is_map(item, place, "parameter"):
                parameters.append(self.parameters.parameter(item, place))
        return parameters, payload

    def request_body(self, payload: list[tuple[Any, str]], consumes: list[str]) -> dict[str, Any]:
        """Parameter Object, `in: body` or `in: formData` -> Request Body Object."""
        bodies = [(value, at) for value, at in payload if is_body(value)]
        if bodies and len(payload) > 1:
            self.find(payload[1][1], "one body is allowed, and no form beside it", "the first body is used")
        return self.body(*bodies[0], consumes) if bodies else self.form(payload, consumes)

    def body(self, value: dict[str, Any], at: str, consumes: list[str]) -> dict[str, Any]:
        if not isinstance(value.get("schema"), dict):
            self.find(at, "a body parameter has a `schema`", "any body is allowed")
        schema = self.schemas.schema(value.get("schema", {}), f"{at}/schema")
        new = {key: member for key, member in value.items() if key not in ("name", "in", "schema")}
        return {**new, "content": {kind: {"schema": schema} for kind in consumes or ["application/json"]}}

    def form(self, fields: list[tuple[Any, str]], consumes: list[str]) -> dict[str, Any]:
        named = {str(value.get("name")): (value, at) for value, at in fields}
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        for name, (value, at) in named.items():
            described = {"description": value["description"]} if "description" in value else {}
            schema["properties"][name] = {**self.parameters.schema(value, at), **described}
        required = [name for name, (value, _) in named.items() if value.get("required") is True]
        media: dict[str, Any] = {"schema": {**schema, "required": required} if required else schema}
        encodings = {name: self.parameters.encoding(value, at) for name, (value, at) in named.items()}
        if any(encodings.values()):
            media["encoding"] = {name: value for name, value in encodings.items() if value}
        has_file = any(_is_file(value) or _is_file(value.get("items")) for value, _ in fields)
        new: dict[str, Any] = {"required": True} if required else {}
        return {**new, "content": dict.fromkeys(form_types(consumes, has_file), media)}

    def response(self, value: Any, at: str, produces: list[str]) -> dict[str, Any]:
        if not self.is_map(value, at, "response"):
            return {"description": ""}
        if isinstance(value.get("$ref"), str):
            target, target_at = local_target(self.tree, value, at)
            if not isinstance(target, dict) or "schema" not in target or produces == self.produces:
                return {"$ref": self.schemas.reference(value["$ref"], at)}
            value, at = target, target_at  # a shared answer in the media types of this operation
        replaced = ("schema", "headers", "examples")
        new = {key: member for key, member in value.items() if key not in replaced}
        headers = {
            name: self.parameters.header(v, place) for name, v, place in self.members(value, "headers", at)
        }
        if headers:
            new["headers"] = headers
        if content := self.content(value, at, produces):
            new["content"] = content
        return new

    def content(self, response: dict[str, Any], at: str, produces: list[str]) -> dict[str, Any]:
        media: dict[str, Any] = {}
        if isinstance(response.get("schema"), (dict, bool)):
            media["schema"] = self.schemas.schema(response["schema"], f"{at}/schema")
        types = response_types(response, produces) if media else []
        content: dict[str, Any] = {kind: dict(media) for kind in types}
        for name, example, place in self.members(response, "examples", at):
            if "/" in name:
                content.setdefault(name, dict(media))["example"] = example
                continue
            self.find(place, f"{name!r} is not a media type", "read as an example of that name", "note")
            for kind in content.values():
                kind.setdefault("examples", {})[name] = {"value": example}
        return content

    def security_scheme(self, value: Any, at: str) -> dict[str, Any]:
        """Security Scheme Object: `basic` is an HTTP scheme in 3.0, the flow of `oauth2` a map of flows."""
        if not self.is_map(value, at, "security scheme"):
            return {}
        if value.get("type") == "basic":
            return {**value, "type": "http", "scheme": "basic"}
        if value.get("type") != "oauth2":
            return dict(value)
        new = {key: member for key, member in value.items() if key not in ("flow", *_FLOW_MEMBERS)}
        flow = _FLOWS.get(str(value.get("flow")))
        if flow is None:
            self.find(
                at,
                f"unknown OAuth2 flow {json_text(value.get('flow'))}; known are {', '.join(_FLOWS)}",
                "it has none",
            )
        members = {key: value[key] for key in _FLOW_MEMBERS if key in value}
        return {**new, "flows": {flow: {"scopes": {}, **members}} if flow else {}}


def _schemes(holder: dict[str, Any]) -> list[str]:
    """Those of HTTP, where there are any: `ws` and `wss` are another protocol."""
    named = [each.lower() for each in texts(holder, "schemes")]
    return [each for each in named if each in ("http", "https")] or named


def _overridden(shared: list[tuple[Any, str]], own: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """The body parameters of a path that an operation does not replace, and its own."""
    if any(is_body(value) for value, _ in own):
        return own
    if own and any(is_body(value) for value, _ in shared):
        return own
    names = {str(value.get("name")) for value, _ in own}
    return [(value, at) for value, at in shared if str(value.get("name")) not in names] + own


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "file"
