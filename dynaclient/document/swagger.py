"""Swagger 2.0 -> OpenAPI 3.0: operations, parameters and schemas, after which nothing else knows of 2.0.

The upgrade says in 3.0 words what the 2.0 document says. What 3.0 has no words for, and what is
broken, becomes a finding with a pointer into the 2.0 document; nothing here raises over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from dynaclient._support.messages import json_text
from dynaclient.document import normalization as spelling
from dynaclient.document.lazy_tree import materialized
from dynaclient.document.model import BODY_NAME, COLLECTION
from dynaclient.document.node import escape, join, stated_version
from dynaclient.document.swagger_refs import (
    SCHEMA_MEMBERS,
    Places,
    is_body,
    is_payload,
    named_media_types,
    response_types,
    step,
    texts,
)
from dynaclient.errors import DocumentError, Finding, Severity

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


Member = tuple[str, Any, str, "_Upgrade"]
"""Name, value, location, and the file that the value stands in."""
Payload = list[tuple[Any, str, "_Upgrade"]]
"""Parameters that describe the body: value, location, file."""


def upgrade(
    tree: dict[str, Any], uri: str = "", load: Callable[[str], Any] | None = None
) -> tuple[dict[str, Any], list[Finding]]:
    """The OpenAPI 3.0 document that says what this Swagger 2.0 document says, and what was found.

    What its references name in other files, with `load`, is put in their place: only from where it is used
    is known what it is and which media types it has. Those to schemas stay, see `swagger_schemas.in_part`.

    The given tree is not changed; the new one may share parts with it. The pointers of the findings
    are into the given tree. DocumentError only where it is nested too deep to be walked.
    """
    work = _Upgrade(tree, uri, load)
    try:
        return work.document(), work.findings
    except RecursionError:
        raise DocumentError("this Swagger 2.0 document is nested too deep to be upgraded to 3.0") from None


class _Upgrade:
    """The upgrade of one file: of the document itself, its own `root`, or of one that is referred to."""

    def __init__(
        self,
        tree: Any,
        uri: str = "",
        load: Callable[[str], Any] | None = None,
        root: _Upgrade | None = None,
    ) -> None:
        self.tree, self.uri, self.root = tree, uri, root or self
        self.findings: list[Finding] = []
        self.consumes: list[str] = named_media_types(tree, "consumes") or (root.consumes if root else [])
        self.produces: list[str] = named_media_types(tree, "produces") or (root.produces if root else [])
        self.schemes: list[str] = root.schemes if root else self._schemes()
        self._load = load
        self._files: dict[str, _Upgrade | None] = {uri: self}
        self._walking: set[str] = set()
        self._places = Places(tree)
        self.schemas = _SchemaUpgrade(self.moved if root is None else self.absolute, self.find)
        self.parameters = _Parameters(self.schemas)

    def find(self, at: str, message: str, meaning: str, severity: Severity = "warning") -> None:
        self.root.findings.append(Finding(at, severity, message, meaning))

    def moved(self, ref: str, at: str) -> str:
        """A reference of the document itself, after the upgrade."""
        definitions = self.tree.get("definitions")
        if isinstance(definitions, dict) and ref in definitions:
            self.find(at, f"the reference {ref!r} is a bare name", f"read as #/definitions/{escape(ref)}")
            ref = f"#/definitions/{escape(ref)}"
        return self._places.moved(ref)

    def absolute(self, ref: str, at: str) -> str:
        """A reference of another file, where that is put into the document."""
        name, mark, fragment = ref.partition("#")
        if not name and self._walked(fragment) is None:
            return self.root.moved(ref, at)
        target = join(self.uri, name) if name else self.uri
        if target == self.root.uri:
            return self.root.moved(f"{mark}{fragment}", at)
        return f"{target}{mark}{fragment}"

    def target(self, value: Any, at: str) -> tuple[Any, str, _Upgrade]:
        """What a value stands for, its location, and its file: itself, or where its references lead.

        None where they lead nowhere, in a circle, or into a file of OpenAPI 3.
        """
        work = self
        seen: set[tuple[str, str]] = set()
        while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
            if (work.uri, ref) in seen:
                return None, at, work
            seen.add((work.uri, ref))
            value, at, work = work._led(ref)
        return value, at, work

    def _led(self, ref: str) -> tuple[Any, str, _Upgrade]:
        name, _, fragment = ref.partition("#")
        work = self.root._file(join(self.uri, name)) if name else self
        found = work._walked(fragment) if work else None
        if found is None and not name and self is not self.root:
            found = self.root._walked(fragment)  # as `Document.resolve` has it
        return found or (None, "", self)

    def _walked(self, fragment: str) -> tuple[Any, str, _Upgrade] | None:
        """What a fragment names in this file, or behind a reference on the way; None for nothing."""
        if (fragment and not fragment.startswith("/")) or fragment in self._walking:
            return None
        self._walking.add(fragment)
        try:
            value, at, work = self.tree, "" if self is self.root else f"{self.uri}#", self
            for token in fragment.split("/")[1:]:
                found = step(value, token)
                if found is None and isinstance(value, dict) and "$ref" in value:
                    value, at, work = work.target(value, at)
                    found = step(value, token)
                value, at = found, f"{at}/{unquote(token)}"
            return None if value is None else (value, at, work)
        finally:
            self._walking.remove(fragment)

    def _file(self, uri: str) -> _Upgrade | None:
        """Another file; None where it cannot be read, or speaks OpenAPI 3."""
        if uri not in self._files:
            self._files[uri] = None
            with suppress(DocumentError):
                tree = self._load(uri) if self._load else None
                if tree is not None and stated_version(tree) in (None, (2, 0)):
                    self._files[uri] = _Upgrade(materialized(tree), uri, None, self)
        return self._files[uri]

    def _lost(self, value: Any, at: str) -> dict[str, Any] | None:
        """The reference alone, where one leads nowhere: following it raises the error. None for all else."""
        ref = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(ref, str) or isinstance(self.target(value, at)[0], dict):
            return None
        return {"$ref": self.schemas.moved(ref, at)}

    def _is_elsewhere(self, work: _Upgrade, value: Any) -> bool:
        """Whether what a reference leads to has to be put in its place: one of both is in another file."""
        return value is not None and not (self is work is self.root)

    def members(self, holder: Any, key: str, at: str) -> Iterator[Member]:
        """Each member of the map `key`; a finding where it is no map."""
        value, place, work = holder.get(key), f"{at}/{key}", self
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            found = self.target(value, place)
            if not isinstance(found[0], dict):
                message = f"$ref {value['$ref']!r} cannot be resolved"
                self.find(place, message, f"no {key} are read from there", "error")
                return
            value, place, work = found
        if value is not None and not isinstance(value, dict):
            self.find(place, f"expected `{key}` to be an object, got {type(value).__name__}", "it is ignored")
        if isinstance(value, dict):
            for name in value:
                yield str(name), value[name], f"{place}/{escape(str(name))}", work

    def is_map(self, value: Any, at: str, what: str) -> bool:
        """Whether a value is a map; where it is not, that is a finding."""
        if isinstance(value, dict):
            return True
        self.find(
            at, f"expected an object for the {what}, got {type(value).__name__}", "its content is unknown"
        )
        return False

    def document(self) -> dict[str, Any]:
        new: dict[str, Any] = {"openapi": "3.0.4"}
        new.update((key, value) for key, value in self.tree.items() if key not in _REPLACED)
        if servers := self.servers():
            new["servers"] = servers
        paths = self.members(self.tree, "paths", "")
        new["paths"] = self._lost(self.tree.get("paths"), "/paths") or {
            path: work.path_item(path, item, at) for path, item, at, work in paths
        }
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
        definitions = self.members(tree, "definitions", "")
        lost = self._lost(tree.get("definitions"), "/definitions")
        yield "schemas", lost or {n: work.schemas.schema(v, at) for n, v, at, work in definitions}
        shared = [self._opened(each) for each in self.members(tree, "parameters", "")]
        parameters = [each for each in shared if self.is_map(*each[1:3], "parameter")]
        parameters = [each for each in parameters if not is_payload(each[1])]
        yield "parameters", {n: work.parameters.parameter(v, at) for n, v, at, work in parameters}
        bodies = [each for each in shared if is_body(each[1])]
        yield "requestBodies", {n: self.request_body([each], self.consumes) for n, *each in bodies}  # type: ignore[list-item]
        responses = self.members(tree, "responses", "")
        yield "responses", {n: work.response(v, at, self.produces) for n, v, at, work in responses}
        schemes = map(self._opened, self.members(tree, "securityDefinitions", ""))
        yield "securitySchemes", {n: work.security_scheme(v, at) for n, v, at, work in schemes}

    def _opened(self, member: Member) -> Member:
        """A member, or what its reference names in another file."""
        name, value, at, holder = member
        found, place, work = holder.target(value, at)
        return (name, found, place, work) if holder._is_elsewhere(work, found) else member

    def path_item(self, path: str, item: Any, at: str) -> Any:
        if path.startswith("x-"):
            return item
        if not self.is_map(item, at, "path item"):
            return {}
        new = dict(item)
        if isinstance(item.get("$ref"), str):
            found, place, work = self.target(item, at)
            if isinstance(found, dict) and self._is_elsewhere(work, found):
                del new["$ref"]
                return {**work.path_item(path, found, place), **self.path_item(path, new, at)}
            new["$ref"] = self.schemas.moved(item["$ref"], at)
        parameters, payload = self.split(item, at)
        new.pop("parameters", None)
        if parameters:
            new["parameters"] = parameters
        for method in METHODS:
            if method in item:
                new[method] = self.operation(item[method], f"{at}/{method}", payload)
        return new

    def operation(self, operation: Any, at: str, shared: Payload) -> dict[str, Any]:
        if not self.is_map(operation, at, "operation"):
            return {}
        if lost := self._lost(operation, at):
            return lost
        found, place, work = self.target(operation, at)
        if isinstance(found, dict) and found is not operation:
            beside = {key: value for key, value in operation.items() if key != "$ref"}
            return work.operation({**found, **beside}, place, shared)
        replaced = ("consumes", "produces", "schemes", "parameters", "responses")
        new = {key: value for key, value in operation.items() if key not in replaced}
        parameters, own = self.split(operation, at)
        if parameters:
            new["parameters"] = parameters
        if payload := _overridden(shared, own):
            new["requestBody"] = self.request_body(
                payload, named_media_types(operation, "consumes") or self.consumes
            )
        produces = named_media_types(operation, "produces") or self.produces
        responses = self.members(operation, "responses", at)
        new["responses"] = {
            status: v if status.startswith("x-") else work.response(v, place, produces)
            for status, v, place, work in responses
        }
        schemes = _schemes(operation)
        if schemes and self.schemes[0] not in schemes and self.root.tree.get("host"):
            new["servers"] = self.root.servers(schemes)
        return new

    def split(self, holder: dict[str, Any], at: str) -> tuple[list[Any], Payload]:
        """The parameters of a path item or operation in 3.0 form, and apart from them those of its body."""
        given, list_at, holding = self._list_of_parameters(holder, at)
        parameters: list[Any] = []
        payload: Payload = []
        for index, item in enumerate(given):
            place = f"{list_at}/{index}"
            target, target_at, work = holding.target(item, place)
            if is_payload(target):
                if target["in"] not in ("body", "formData"):
                    meaning = "it is read as body" if is_body(target) else "it is read as formData"
                    self.find(target_at, f"a parameter is in {json_text(target['in'])}", meaning)
                payload.append((target, target_at, work))
            elif isinstance(target, dict) and holding._is_elsewhere(work, target):
                parameters.append(work.parameters.parameter(target, target_at))
            elif self.is_map(item, place, "parameter"):
                parameters.append(holding.parameters.parameter(item, place))
        return parameters, payload

    def _list_of_parameters(self, holder: dict[str, Any], at: str) -> tuple[list[Any], str, _Upgrade]:
        given, place, work = self.target(holder.get("parameters"), f"{at}/parameters")
        if given and not isinstance(given, list):
            self.find(f"{at}/parameters", "expected `parameters` to be a list", "it is ignored")
        return (given, place, work) if isinstance(given, list) else ([], place, work)

    def request_body(self, payload: Payload, consumes: list[str]) -> dict[str, Any]:
        """Parameter Object, `in: body` or `in: formData` -> Request Body Object."""
        bodies = [each for each in payload if is_body(each[0])]
        if bodies and len(payload) > 1:
            self.find(payload[1][1], "expected one body, and no form beside it", "the first body is used")
        return self.body(*bodies[0], consumes) if bodies else self.form(payload, consumes)

    def body(self, value: dict[str, Any], at: str, work: _Upgrade, consumes: list[str]) -> dict[str, Any]:
        if not isinstance(value.get("schema"), dict):
            self.find(at, "expected a `schema` of a body parameter", "any body is allowed")
        schema = work.schemas.schema(value.get("schema", {}), f"{at}/schema")
        new = {key: member for key, member in value.items() if key not in ("name", "in", "schema")}
        if isinstance(value.get("name"), str):
            new[BODY_NAME] = value["name"]
        return {**new, "content": {kind: {"schema": schema} for kind in consumes or ["application/json"]}}

    def form(self, fields: Payload, consumes: list[str]) -> dict[str, Any]:
        named = {str(value.get("name")): (value, at, work) for value, at, work in fields}
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        for name, (value, at, work) in named.items():
            described = {"description": value["description"]} if "description" in value else {}
            schema["properties"][name] = {**work.parameters.schema(value, at), **described}
        required = [name for name, (value, *_) in named.items() if value.get("required") is True]
        media: dict[str, Any] = {"schema": {**schema, "required": required} if required else schema}
        encodings = {name: self.parameters.encoding(value, at) for name, (value, at, _) in named.items()}
        if any(encodings.values()):
            media["encoding"] = {name: value for name, value in encodings.items() if value}
        has_file = any(_is_file(value) or _is_file(value.get("items")) for value, *_ in fields)
        new: dict[str, Any] = {"required": True} if required else {}
        return {**new, "content": dict.fromkeys(form_types(consumes, has_file), media)}

    def response(self, value: Any, at: str, produces: list[str]) -> dict[str, Any]:
        if not self.is_map(value, at, "response"):
            return {"description": ""}
        if isinstance(value.get("$ref"), str):
            target, target_at, work = self.target(value, at)
            if not isinstance(target, dict):
                return {"$ref": self.schemas.moved(value["$ref"], at)}
            same = "schema" not in target or produces == self.produces
            if same and not self._is_elsewhere(work, target):
                return {"$ref": self.schemas.moved(value["$ref"], at)}
            # a shared response in the media types of this operation, or one of another file
            return work.response(target, target_at, produces)
        replaced = ("schema", "headers", "examples")
        new = {key: member for key, member in value.items() if key not in replaced}
        headers = {
            name: work.parameters.header(v, place)
            for name, v, place, work in map(self._opened, self.members(value, "headers", at))
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
        for name, example, place, _ in self.members(response, "examples", at):
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


def _overridden(shared: Payload, own: Payload) -> Payload:
    """The body parameters of a path that an operation does not replace, and its own."""
    if any(is_body(value) for value, *_ in own):
        return own
    if own and any(is_body(value) for value, *_ in shared):
        return own
    names = {str(value.get("name")) for value, *_ in own}
    return [each for each in shared if str(each[0].get("name")) not in names] + own


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "file"


_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"

# collectionFormat -> style and explode. Without one it is csv, which 3.0 has as the default of `simple` but
# not of `form`.
_PAIRS: dict[str, dict[str, Any]] = {
    "csv": {"style": "form", "explode": False},
    "multi": {"style": "form", "explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}
_TEXT: dict[str, dict[str, Any]] = {"csv": {}}
_STYLES = {"query": _PAIRS, "formData": _PAIRS, "path": _TEXT, "header": _TEXT}
"""Location -> collectionFormat -> style and explode."""
_JOINED = ("csv", "ssv", "tsv", "pipes")
"""Those that may stand anywhere, also of arrays in arrays."""


def collection(value: dict[str, Any], place: str) -> tuple[dict[str, Any], list[str]]:
    """Style and explode of an array in `place` by its `collectionFormat`, and those formats that mean nothing
    there, which are read as csv. What OpenAPI 3 has no style for is kept under `COLLECTION`.
    """
    styles = _STYLES.get(place, _TEXT)
    stated = _formats(value)
    wrong = [each for at, each in enumerate(stated) if each not in _JOINED and (at or each not in styles)]
    formats = [
        "csv" if each not in _JOINED and (at or each not in styles) else each
        for at, each in enumerate(stated)
    ]
    if not formats or (len(formats) == 1 and formats[0] in styles):
        return dict(styles[formats[0]]) if formats else {}, wrong
    return {**styles.get(formats[0], styles["csv"]), COLLECTION: formats}, wrong


def _formats(value: Any) -> list[str]:
    """The format of an array, and those of the arrays in it."""
    found: list[str] = []
    while isinstance(value, dict) and value.get("type") == "array":
        found.append(str(value.get("collectionFormat", "csv")))
        value = value.get("items")
    return found


_MOVED = SCHEMA_MEMBERS | {"collectionFormat", "x-nullable", "schema"}


class _Parameters:
    """Upgrades what is described like a parameter."""

    def __init__(self, schemas: _SchemaUpgrade) -> None:
        self.schemas = schemas

    def parameter(self, value: dict[str, Any], at: str) -> dict[str, Any]:
        """Parameter Object in path, query or header."""
        if isinstance(value.get("$ref"), str):
            return {"$ref": self.schemas.moved(value["$ref"], at)}
        style = self._style(value, at, spelling.normal_location(str(value.get("in"))))
        return {**_remaining(value), **style, "schema": self.schema(value, at)}

    def header(self, value: Any, at: str) -> Any:
        """Header Object of a response."""
        if not isinstance(value, dict):
            return {"schema": {}}
        return {**_remaining(value), **self._style(value, at, "header"), "schema": self.schema(value, at)}

    def schema(self, value: dict[str, Any], at: str) -> dict[str, Any]:
        """The schema of a value that 2.0 describes without one."""
        described = {key: value[key] for key in value if key in SCHEMA_MEMBERS or key == "x-nullable"}
        if "type" not in value and isinstance(value.get("schema"), dict):
            self.schemas.find(f"{at}/schema", "only a body has a `schema`", "it is used anyway")
            return dict(self.schemas.schema(value["schema"], f"{at}/schema"))
        if "type" not in value:
            self.schemas.find(at, "there is no `type`", "any type is allowed")
        return dict(self.schemas.schema(described, at))

    def encoding(self, value: dict[str, Any], at: str) -> dict[str, Any]:
        """Encoding Object of a form field; {} where 3.0 needs none."""
        return self._style(value, at, "formData")

    def _style(self, value: dict[str, Any], at: str, place: str) -> dict[str, Any]:
        style, wrong = collection(value, place)
        for form in wrong:
            problem = f"collectionFormat {form!r} is not defined for {place}"
            self.schemas.find(f"{at}/collectionFormat", problem, "the items are joined by commas")
        return style


def form_types(consumes: list[str], has_file: bool) -> list[str]:
    """The media types of a form; a file needs multipart, which then comes first."""
    forms = [kind for kind in consumes if _base(kind) in (_MULTIPART, _URLENCODED)]
    if not has_file:
        return forms or [_URLENCODED]
    multipart = [kind for kind in forms if _base(kind) == _MULTIPART]
    return [*multipart, *(kind for kind in forms if kind not in multipart)] if multipart else [_MULTIPART]


def _base(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _remaining(value: dict[str, Any]) -> dict[str, Any]:
    return {key: member for key, member in value.items() if key not in _MOVED}


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


class _SchemaUpgrade:
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
    return _in_part(_SchemaUpgrade(lambda ref, at: ref, lambda at, message, meaning: None), value)


def _in_part(schemas: _SchemaUpgrade, value: Any) -> Any:
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
