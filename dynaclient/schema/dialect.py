"""A schema of an OpenAPI document as JSON Schema 2020-12, for one direction.

OpenAPI 3.0 schemas are not JSON Schema, 3.1 and 3.2 use its 2020-12, `$schema` and `jsonSchemaDialect` may
name an older draft: they differ in the rows of `DIALECTS`, nowhere else. References become
`#/$defs/KEY`, one key per place of the document, so that every schema is translated once. What has no
certain meaning is left out, with a finding.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Collection, Iterable
from typing import Any, Literal

from dynaclient import late
from dynaclient.document.document import Document, Node, join, rebase, tokens
from dynaclient.errors import DocumentError
from dynaclient.records import dataclass
from dynaclient.schema import formats, keywords
from dynaclient.schema.discriminator import tell_apart
from dynaclient.schema.hidden import HOLDERS, Hidden
from dynaclient.schema.hidden import Direction as Direction
from dynaclient.schema.keywords import LISTS, MAPS, PARTS, SCHEMAS

Flavour = Literal["rust", "python", "source"]
"""Whose regular expressions the schemas hold: an engine's, or the document's own text."""

ROOT = "https://dynaclient.invalid/schemas"
"""The `$id` of what is compiled; `.invalid` never resolves (RFC 2606)."""

_STRUCTURAL = SCHEMAS | LISTS | MAPS | {"$id", "$dynamicRef", "discriminator"}

DEFINITIONS = ("$defs", "definitions")
MAX_NESTING = 120


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what a schema language differs from JSON Schema 2020-12."""

    name: str
    ref_siblings: bool = True
    """Keywords beside `$ref` count."""
    openapi_30: bool = False
    """`nullable`; keywords that 3.0 does not know mean nothing."""
    tuples: bool = False
    """`items` may be an array, with `additionalItems`; `dependencies`."""


DIALECTS = {
    "3.0": Dialect("3.0", ref_siblings=False, openapi_30=True),
    "https://spec.openapis.org/oas/3.1/dialect/base": Dialect("2020-12"),
    "https://json-schema.org/draft/2020-12/schema": Dialect("2020-12"),
    "https://json-schema.org/draft/2019-09/schema": Dialect("2019-09", tuples=True),
    "http://json-schema.org/draft-07/schema": Dialect("draft-07", ref_siblings=False, tuples=True),
    "http://json-schema.org/draft-06/schema": Dialect("draft-06", ref_siblings=False, tuples=True),
    "http://json-schema.org/draft-04/schema": Dialect("draft-04", ref_siblings=False, tuples=True),
}
LATEST = DIALECTS["https://json-schema.org/draft/2020-12/schema"]

METASCHEMAS = frozenset(uri for uri in DIALECTS if "//json-schema.org/" in uri)
"""What a schema may refer to beside the document: both backends hold them."""

_KEY = late.pattern(r"[^A-Za-z0-9._-]+")


class Translator:
    """Translates the schemas of one document for one direction.

    `defs` holds every schema translated so far, by key; `places` where each stands in the document;
    `uses` which keys each refers to, and whether to be met by the same value or by a part of it alone.
    """

    def __init__(self, document: Document, direction: Direction, flavour: Flavour) -> None:
        self.document = document
        self.direction: Direction = direction
        self.flavour: Flavour = flavour
        self.defs: dict[str, Any] = {}
        self.places: dict[str, Node] = {}
        self.uses: dict[str, dict[str, bool]] = {}
        self.unresolved: dict[str, str] = {}
        """Keys of schemas that cannot be resolved, and why."""
        self.asks_metaschema = False
        """Whether a reference leads to a meta-schema, which is no part of the document."""
        self._keys: dict[tuple[str, str], str] = {}
        self._lock = threading.RLock()
        self._current: dict[str, bool] = {}
        self._of_parts = False
        self._targets: dict[tuple[str, str, str], Node] = {}
        self._hidden = Hidden(document, direction)
        self._root_dialect = self._document_dialect()

    def key(self, node: Node) -> str:
        """The key of the schema at `node`, which is in `defs` afterwards."""
        with self._lock:
            key = self._key(node)
            self._translate(key)
        return key

    def schema(self, key: str) -> Any:
        """The schema that a key stands for."""
        self._translate(key)
        return self.defs[key]

    def entry(self, node: Node) -> str:
        """As `key`; all that the schema refers to is in `defs` too."""
        key = self.key(node)
        self.closure(key)
        return key

    def closure(self, key: str) -> set[str]:
        """`key` and every key reachable from it."""
        return self.near([key], None)[0]

    def near(self, keys: Iterable[str], most: int | None) -> tuple[set[str], set[str]]:
        """About `most` keys, those nearest to `keys`, and those that they refer to beyond.

        What the same value has to meet stays together.
        """
        found: set[str] = set()
        seen = dict.fromkeys(keys)
        queue = deque(seen)
        while queue and (most is None or len(found) < most):
            beside = [queue.popleft()]
            while beside:
                if (key := beside.pop()) in found:
                    continue
                found.add(key)
                uses = self._translate(key)
                beside += [other for other, same in uses.items() if same]
                queue += [other for other in uses if other not in seen]
                seen |= uses
        return found, seen.keys() - found

    def _translate(self, key: str) -> dict[str, bool]:
        """Put the schema into `defs`, if it is not there yet. Gives what it uses."""
        with self._lock:
            if key not in self.defs:
                self._current = self.uses[key] = {}
                self._of_parts = False
                self.defs[key] = self._schema(self.places[key], 0)
            return self.uses[key]

    def _key(self, node: Node) -> str:
        place = (node.uri, node.pointer)
        key = self._keys.get(place)
        if key is None:
            readable = _KEY.sub("_", node.pointer.removeprefix("/components/schemas/")).strip("_") or "root"
            key, count = readable[-80:], 1
            while key in self.places:
                count += 1
                key = f"{readable[-80:]}_{count}"
            self._keys[place] = key
            self.places[key] = node
        return key

    def _document_dialect(self) -> Dialect:
        if self.document.version < (3, 1):
            return DIALECTS["3.0"]
        stated = self.document.root.text("jsonSchemaDialect")
        return self._dialect_called(stated, self.document.root) if stated else LATEST

    def _dialect_called(self, uri: str, node: Node) -> Dialect:
        dialect = DIALECTS.get(uri.rstrip("#"))
        if dialect is None:
            if not uri.startswith("https://spec.openapis.org/oas/3."):
                self.document.find(node, f"the dialect {uri} is not known", "it is read as 2020-12")
            return LATEST
        return dialect

    def _dialect(self, node: Node) -> Dialect:
        stated = node.value.get("$schema")
        if isinstance(stated, str) and self.document.version >= (3, 1):
            return self._dialect_called(stated, node)
        return self._root_dialect

    def _schema(self, node: Node, depth: int, dropped: frozenset[str] = frozenset()) -> Any:
        value = node.value
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            if value is None:  # as YAML has it where nothing stands behind the colon
                self.document.find(node, "there is no schema here", "it is read as {}")
                return {}
            meant = keywords.truth(value)
            meaning = "any value is accepted here" if meant is None else f"it is read as {str(meant).lower()}"
            self.document.find(node, "a schema is an object or a boolean", meaning)
            return {} if meant is None else meant
        if depth > MAX_NESTING:
            self.document.find(
                node, f"schemas nest deeper than {MAX_NESTING}", "what is deeper is not checked"
            )
            return {}
        dialect = self._dialect(node)
        if not dialect.openapi_30 and isinstance(value.get("$id"), str):
            if depth > 0:
                return {"$ref": self._point(node, node)}
            node = rebase(node)
        ref = value.get("$ref")
        if isinstance(ref, str) and not dialect.ref_siblings:
            return (
                _nullable(self._reference(ref, node), value)
                if dialect.openapi_30
                else self._reference(ref, node)
            )
        result = self._keywords(node, dialect, depth, dropped)
        if isinstance(ref, str):
            result.update(self._reference(ref, node))
        return _nullable(result, value) if dialect.openapi_30 else result

    def _keywords(self, node: Node, dialect: Dialect, depth: int, dropped: frozenset[str]) -> dict[str, Any]:
        value = node.value
        if not keywords.DATED.isdisjoint(value):
            for oddity in keywords.oddities(value, dialect.openapi_30):
                self.document.find(node, oddity, "", "note")
            value = keywords.modern(value, dialect.openapi_30, dialect.tuples)
        forbidden: Collection[str] = ()
        if not HOLDERS.isdisjoint(value):
            dropped = dropped | self._hidden.of(node)
            forbidden = self._hidden.own(node)
        result: dict[str, Any] = {}
        for keyword, argument in value.items():
            if keyword in keywords.PLAIN:
                self._plain(result, keyword, argument, node)
                continue
            if keyword not in _STRUCTURAL:
                continue
            place = node.at(keyword, argument)
            outer, self._of_parts = self._of_parts, self._of_parts or keyword in PARTS
            if keyword in SCHEMAS:
                result[keyword] = self._schema(place, depth + 1)
                if keyword == "not" and self._unknown(place, result[keyword]):
                    del result[keyword]
            elif keyword in LISTS:
                below = frozenset() if keyword == "prefixItems" else dropped
                members = [self._schema(member, depth + 1, below) for member in place.elements()]
                unknown = keyword == "oneOf" and any(map(self._unknown, place.elements(), members))
                if members and not unknown:
                    result[keyword] = members
            elif keyword in MAPS:
                if keyword not in DEFINITIONS or self._embedded(node.base, node):
                    result[keyword] = self._map(keyword, place, depth)
            elif keyword == "$id":
                result[keyword] = node.base
            elif keyword == "$dynamicRef":
                self._dynamic(result, str(argument), node)
            elif keyword == "discriminator":
                self._discriminator(result, place)
            self._of_parts = outer
        for name in forbidden:
            result["properties"][name] = False
        if dropped and "required" in result:
            result["required"] = [name for name in result["required"] if name not in dropped]
        if "format" in result:
            keywords.bound_by_format(result)
            shape = formats.shape(result["format"]) if self.flavour == "rust" else None
            if shape is not None:
                result["allOf"] = [*result.get("allOf", ()), {"pattern": shape}]
        if "oneOf" in result and "discriminator" in result:
            tell_apart(result)
        return result

    def _unknown(self, place: Node, schema: Any) -> bool:
        """Whether nobody knows what does not meet a schema: it leads nowhere, or is none."""
        if not isinstance(place.value, (dict, bool)):
            return keywords.truth(place.value) is None
        ref = schema.get("$ref") if isinstance(schema, dict) else None
        return isinstance(ref, str) and ref.rpartition("/")[2] in self.unresolved

    def _map(self, keyword: str, place: Node, depth: int) -> dict[str, Any]:
        members = self.document.opened(place) if "$ref" in (place.value or ()) else place
        schemas = {name: self._schema(member, depth + 1) for name, member in members.items()}
        if keyword != "patternProperties":
            return schemas
        patterns = ((self._pattern(name, place), schema) for name, schema in schemas.items())
        return {pattern: schema for pattern, schema in patterns if pattern is not None}

    def _plain(self, result: dict[str, Any], keyword: str, argument: Any, node: Node) -> None:
        """Take over a keyword whose argument is no schema, mended where it has one certain meaning."""
        mended, complaint = keywords.PLAIN[keyword](argument)
        if keyword == "pattern" and mended is not None:
            mended = self._pattern(mended, node.at(keyword, argument))
        if complaint:
            meaning = "it is left out" if mended is None else f"it is read as {mended!r}"
            self.document.find(node.at(keyword, argument), f"{keyword}: {complaint}", meaning)
        if mended is not None or (keyword == "const" and not complaint):
            result[keyword] = mended

    def _pattern(self, pattern: str, place: Node) -> str | None:
        from dynaclient.patterns.patterns import PatternError, translate

        try:
            translated = translate(pattern)
        except PatternError as error:
            message = f"the pattern {pattern!r} cannot be read: {error}"
            self.document.find(place, message, "the pattern is not applied")
            return None
        if translated.note:
            self.document.find(place, f"the pattern {pattern!r}: {translated.note}", "", "note")
        return str(getattr(translated, self.flavour))

    def _reference(self, ref: str, node: Node) -> dict[str, Any]:
        if ref.rstrip("#") in METASCHEMAS:
            self.asks_metaschema = True
            return {"$ref": ref}
        try:
            target = self._target(ref, node)
        except DocumentError as error:
            return {"$ref": self._nowhere(error, node)}
        return {"$ref": self._point(target, node)}

    def _nowhere(self, error: DocumentError, node: Node) -> str:
        """The `$ref` text for a reference at `node` that leads nowhere, as `error` says.

        Nothing may be sent where nobody knows what is due; an answer is not to blame for it.
        """
        self.document.note(error)
        place = Node(self.direction == "response", node.uri, node.pointer + "/$ref", node.base)
        key = self._use(place)
        self.unresolved[key] = str(error.args[0])
        return f"{ROOT if self._embedded(node.base, node) else ''}#/$defs/{key}"

    def _dynamic(self, result: dict[str, Any], ref: str, node: Node) -> None:
        """A `$dynamicRef` to an anchor keeps its text: what it leads to is seen when a value is checked.

        One to a pointer is as a `$ref` (JSON Schema 2020-12 core, 8.2.3.2).
        """
        outer, self._of_parts = self._of_parts, False
        target = self._reference(ref, node)
        self._of_parts = outer
        nowhere = target["$ref"].rpartition("/")[2] in self.unresolved
        if "#/" in ref or "#" not in ref or nowhere:  # who checks is never asked to find what we did not
            result["allOf"] = [*result.get("allOf", ()), target]
        else:
            target_, _, anchor = ref.partition("#")
            result["$dynamicRef"] = f"{join(node.base, target_)}#{anchor}" if target_ else ref

    def _target(self, ref: str, node: Node) -> Node:
        asked = (ref, node.base, node.uri)
        target = self._targets.get(asked)
        if target is None:
            target = self.document.resolve(ref, node)
            if not isinstance(target.value, (dict, bool)):
                target = self.document.resolve("#/a schema is due there", target)
            self._targets[asked] = target
        return target

    def _point(self, target: Node, node: Node) -> str:
        """The `$ref` text at `node` for `target`. A resource with `$id` is kept whole, for dynamic scope."""
        base = rebase(target).base if self.document.version >= (3, 1) else target.base
        resource = self._resource(target, base)
        if resource is not None:
            self._current[self._key(resource)] = True  # the text of the reference leads into it
            return base + "#" + target.pointer[len(resource.pointer) :]
        return f"{ROOT if self._embedded(node.base, node) else ''}#/$defs/{self._use(target)}"

    def _use(self, target: Node) -> str:
        key = self._key(target)
        self._current[key] = self._current.get(key, False) or not self._of_parts
        return key

    def _embedded(self, base: str, node: Node) -> bool:
        """Whether `base` is a schema resource of its own, that is, an `$id`, and not the file of `node`."""
        return base != (node.uri or self.document.uri)

    def _resource(self, target: Node, base: str) -> Node | None:
        """The root of the schema resource that `target` is kept in; None where it stands on its own."""
        if not self._embedded(base, target):
            return None
        resource = self.document.resolve(base or "#", target)
        kept = _reachable(tokens(target.pointer[len(resource.pointer) :]))
        return resource if kept and target.pointer.startswith(resource.pointer) else None

    def _discriminator(self, result: dict[str, Any], place: Node) -> None:
        """Keep a discriminator as `{propertyName, mapping: value -> $ref, default: $ref}`, to explain by."""
        name = place.text("propertyName")
        if not name:
            self.document.find(place, "a discriminator needs a propertyName", "it is left out")
            return
        found = (place.get("mapping") or Node(None)).items()
        mapping = {value: self._named(at.value, place) for value, at in found if isinstance(at.value, str)}
        result["discriminator"] = {"propertyName": name, "mapping": mapping}
        if self.document.version >= (3, 2) and place.text("defaultMapping"):
            result["discriminator"]["default"] = self._named(place.text("defaultMapping"), place)

    def _named(self, name: str, place: Node) -> str:
        """The `$ref` for a schema as a discriminator names it: by its name, or by a reference."""
        plain = not re.search(r"[/#.]", name)
        ref = f"#/components/schemas/{name}" if plain else name
        return str(self._reference(ref, place)["$ref"])


def _reachable(path: list[str]) -> bool:
    """Whether the translation keeps what `path` leads to inside a resource."""
    steps = iter(path)
    for step in steps:
        if step in MAPS or step in LISTS:
            next(steps, None)
        elif step not in SCHEMAS:
            return False
    return True


def _nullable(schema: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """`nullable: true` allows null wherever it stands: published documents and servers mean it so."""
    if source.get("nullable") not in (True, "true"):
        return schema
    if "type" in schema and not {"$ref", "allOf", "anyOf", "oneOf", "not"} & schema.keys():
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        widened = {**schema, "type": [*kinds, "null"] if "null" not in kinds else kinds}
        if "enum" in schema and None not in schema["enum"]:
            widened["enum"] = [*schema["enum"], None]
        return widened
    if not schema:
        return schema
    return {"anyOf": [schema, {"type": "null"}]}
