"""A schema of an OpenAPI document as JSON Schema 2020-12, for one direction.

OpenAPI 3.0 schemas are not JSON Schema, 3.1 and 3.2 use its 2020-12, `$schema` and `jsonSchemaDialect` may
name an older draft: they differ in the rows of `DIALECTS`, nowhere else. References become
`#/$defs/KEY`, one key per location of the document, so that every schema is translated once. What has no
certain meaning is left out, with a finding.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain
from typing import Any, Literal

from dynaclient._support.messages import json_text
from dynaclient.document.document import Document
from dynaclient.document.node import NOWHERE, Node, join, rebase
from dynaclient.document.subschemas import LISTS, MAPS, PARTS, SCHEMAS, closure, inside
from dynaclient.errors import DocumentError, Finding
from dynaclient.schema import formats, keywords, numbers
from dynaclient.schema.keywords import Dialect, Dialects, Direction
from dynaclient.schema.read_write_only import HIDDEN, HOLDERS, Hidden, drop_required
from dynaclient.schema.references import References, absolute_base
from dynaclient.schema.unchecked import ABOUT, LOOSE, UNCHECKED


def discriminated(discriminator: dict[str, Any], members: Iterable[Any]) -> list[list[str]]:
    """The values of the discriminating property that mean each of `members`: mapped ones, and its name."""
    mapping, names = discriminator["mapping"], discriminator.get("names", {})
    mapped: dict[str, list[str]] = {}
    for value, target in mapping.items():
        mapped.setdefault(target, []).append(value)
    found = []
    for member in members:
        ref = member.get("$ref", "") if isinstance(member, dict) else ""
        name = names.get(ref) or ref.rpartition("/")[2]
        found.append([*mapped.get(ref, ()), *([name] if name and name not in mapping else [])])
    return found


def _tell_apart(schema: dict[str, Any]) -> None:
    """Let a discriminator decide where a value meets several members of `oneOf`.

    Members that differ by their discriminator alone are published often; read to the letter, `oneOf` refuses
    every value of theirs. What it accepts it still accepts.
    """
    discriminator, members = schema["discriminator"], schema.pop("oneOf")
    name = discriminator["propertyName"]
    either: list[Any] = [{"oneOf": members, "discriminator": schema.pop("discriminator")}]
    meant = discriminated(discriminator, members)
    for member, values in zip(members, meant, strict=True):
        said = {"required": [name], "properties": {name: {"enum": values}}}
        either.append({"allOf": [member, said]})
        if member == {"$ref": discriminator.get("default")}:  # what no other is meant by (defaultMapping)
            known = sorted({*discriminator["mapping"], *chain(*meant)})
            either.append(
                {"allOf": [member, {"not": {"required": [name], "properties": {name: {"enum": known}}}}]}
            )
    if "anyOf" in schema:
        schema["allOf"] = [*schema.get("allOf", ()), {"anyOf": either}]
    else:
        schema["anyOf"] = either


Flavour = Literal["rust", "python", "source"]
"""Whose regular expressions the schemas hold: an engine's, or the document's own text."""

MAX_NESTING = 120

_EXAMPLES = frozenset(("example", "examples", "default"))
"""Annotations that values are made by; nothing is checked by them."""


class Translator:
    """Translates the schemas of one document for one direction.

    `defs` holds every schema translated so far, by key; `places` where each stands in the document;
    `uses` which keys each refers to, and whether to be met by the same value or by a part of it alone.
    `unchecked` holds what was left out, by the ids that `UNCHECKED` names; `unsure` the keys that it is in.
    Formats that no table knows say nothing, as the specification has it: `unknown_formats`.
    """

    def __init__(self, document: Document, direction: Direction, flavour: Flavour) -> None:
        self.document = document
        self.direction: Direction = direction
        self.flavour: Flavour = flavour
        self.defs: dict[str, Any] = {}
        self.references = References(document, direction)
        self.places = self.references.places
        self.unresolved = self.references.unresolved
        self.uses: dict[str, dict[str, bool]] = {}
        self.unchecked: dict[str, Finding] = {}
        self.unsure: set[str] = set()
        self.unknown_formats: set[str] = set()
        self._lock = threading.RLock()
        self._hidden = Hidden(document, direction, self.references.resources)
        self._dialects = Dialects(document)

    def key(self, node: Node) -> str:
        """The key of the schema at `node`, which is in `defs` afterwards."""
        with self._lock:
            key = self.references.key(node)
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

    def near(
        self, keys: Iterable[str], most: int | None, held: Collection[str] = ()
    ) -> tuple[set[str], set[str]]:
        """`keys` and those nearest to them, about `most` together, and those that they refer to beyond.

        What the same value has to meet stays together. No more is added of what is `held` elsewhere.
        """
        found: set[str] = set()
        seen = dict.fromkeys(keys)
        queue = deque(seen)
        given = len(seen)
        while queue and (most is None or given > 0 or len(found) < most):
            given -= 1
            beside = [queue.popleft()]
            while beside:
                if (key := beside.pop()) in found:
                    continue
                found.add(key)
                uses = self._translate(key)
                beside += [other for other, same in uses.items() if same]
                queue += [other for other in uses if other not in seen and other not in held]
                seen |= uses
        return found, seen.keys() - found

    def _translate(self, key: str) -> dict[str, bool]:
        """Put the schema into `defs`, if it is not there yet. Gives what it uses."""
        with self._lock:
            if key not in self.defs:
                self.references.used = self.uses[key] = {}
                self.references.of_parts = False
                before = len(self.unchecked)
                self.defs[key] = self._lost(key) or self._schema(self.places[key], 0)
                if self._leads_back(key):
                    message = "the reference leads in a circle, not to a schema"
                    finding = self.document.find(self.places[key], message, "nothing is checked here")
                    self.defs[key] = _loosened(self._leave_out({}, finding, "$ref"))
                if len(self.unchecked) > before:
                    self.unsure.add(key)
            return self.uses[key]

    def _leads_back(self, key: str) -> bool:
        """Whether a schema is a reference to one that is a reference ... to it: then it says nothing."""
        here, seen = key, set[str]()
        while here not in seen:
            seen.add(here)
            schema = self.defs.get(here)
            if not isinstance(schema, dict) or list(schema) != ["$ref"]:
                return False
            here = schema["$ref"].removeprefix("#/$defs/")
        return here == key

    def _lost(self, key: str) -> dict[str, Any]:
        """What stands for a schema of a response that a reference does not lead to; nothing for any other."""
        if key not in self.unresolved or self.direction == "request" or self.flavour == "source":
            return {}
        return _loosened(self._leave_out({}, self.references.lost[key], "$ref"))

    def reduce(self, key: str, fails: Callable[[dict[str, Any]], str]) -> bool:
        """Leave out of a schema what makes it fail, as `fails` says: patterns, its `$id`, or else all of it.

        Gives whether there was any.
        """
        before = len(self.unchecked)
        for schema, pattern in list(_patterns_in(self.defs[key])):
            if fails({"pattern": pattern}):
                self._without_pattern(key, schema, pattern)
        used = {
            each: self.defs[each] if "$id" in str(self.defs.get(each)) else True for each in self.uses[key]
        }
        why = fails({"$defs": {**used, key: self.defs[key]}})
        without_id = bool(why) and self.defs[key].pop("$id", None) is not None
        if without_id:
            self.document.find(self.places[key], why, "the $id is left out")
            why = fails({"$defs": {**used, key: self.defs[key]}})
        if why:
            finding = self.document.find(self.places[key], why, "nothing is checked here")
            self.defs[key] = _loosened(self._leave_out({}, finding, "$ref"))
        if len(self.unchecked) > before:
            self.unsure.add(key)
        return without_id or len(self.unchecked) > before

    def _without_pattern(self, key: str, schema: dict[str, Any], pattern: str) -> None:
        keyword = "pattern" if schema.get("pattern") == pattern else "patternProperties"
        message = f"the pattern {json_text(pattern)} cannot be compiled"
        finding = self.document.find(self.places[key], message, "the pattern is not applied")
        self._leave_out(schema, finding, keyword)
        if keyword == "pattern":
            del schema["pattern"]
        else:
            del schema["patternProperties"][pattern]
        _loosened(schema)

    def _leave_out(self, result: dict[str, Any], finding: Finding, keyword: str) -> dict[str, Any]:
        """Say in `result` that it is without `keyword`, as `finding` tells."""
        if self.flavour != "source":
            place = str(len(self.unchecked))
            self.unchecked[place] = finding
            result.setdefault(UNCHECKED, {})[place] = ABOUT.get(keyword, "")
            if keyword in _STRUCTURAL or keyword == "$ref":
                result.setdefault(LOOSE, []).append(keyword)
        return result

    def _member(
        self, place: Node, token: str | int, depth: int, dropped: frozenset[str] = frozenset()
    ) -> Any:
        """The schema that `place` calls `token`."""
        simple = self._simple(place.value[token], place)
        return self._schema(place.child(token), depth, dropped) if simple is None else simple

    def _simple(self, schema: Any, place: Node) -> dict[str, Any] | None:
        """A schema at or in `place` that says a few plain things, as most do, and says them well.

        None for any other.
        """
        if not isinstance(schema, dict) or not _WORK.isdisjoint(schema):
            return None
        if self.flavour == "source" and not _EXAMPLES.isdisjoint(schema):
            return None
        result = keywords.simple(schema)
        if result is None:
            return None
        if "format" in result:
            self._format(result)
        if keywords.is_nullable(schema):
            return keywords.nullable(result) if self.document.version_of(place) < (3, 1) else None
        return result

    def _schema(self, node: Node, depth: int, dropped: frozenset[str] = frozenset()) -> Any:
        value = node.value
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            return self._no_schema(node)
        if depth > MAX_NESTING:
            message, meaning = f"schemas nest deeper than {MAX_NESTING}", "what is deeper is not checked"
            return _loosened(self._leave_out({}, self.document.find(node, message, meaning), "$ref"))
        dialect = self._dialects.of(node)
        if not dialect.openapi_30 and isinstance(value.get("$id"), str):
            if depth > 0:
                return self.references.to(node, node)
            node = rebase(node)
        ref = value.get("$ref")
        if isinstance(ref, str) and (not dialect.ref_siblings or len(value) == 1):
            result = self.references.named(ref, node)
        else:
            result = self._keywords(node, dialect, depth, dropped)
            if isinstance(ref, str):
                result.update(self.references.named(ref, node))
            elif "$ref" in value:
                message = f"$ref: expected a string, got {json_text(ref)}"
                self._leave_out(result, self.document.find(node, message, "it is left out"), "$ref")
            result = _loosened(result)
        if not keywords.is_nullable(value):
            return result
        if not dialect.openapi_30:
            message = f"nullable is not defined in JSON Schema ({dialect.name})"
            self.document.find(node.at("nullable", True), message, "null is accepted, as in OpenAPI 3.0")
        return keywords.nullable(result)

    def _no_schema(self, node: Node) -> Any:
        """What is read where a schema is expected, and there is no object and no boolean."""
        if node.value is None:  # as YAML has it where nothing stands behind the colon
            finding = self.document.find(node, "there is no schema here", "it is read as {}")
            return _loosened(self._leave_out({}, finding, "$ref"))
        meant = keywords.truth(node.value)
        meaning = "any value is accepted here" if meant is None else f"it is read as {json_text(meant)}"
        finding = self.document.find(node, "expected an object or a boolean as schema", meaning)
        return _loosened(self._leave_out({}, finding, "$ref")) if meant is None else meant

    def _keywords(self, node: Node, dialect: Dialect, depth: int, dropped: frozenset[str]) -> dict[str, Any]:
        value = self._modern(node, dialect)
        forbidden: Collection[str] = ()
        if not HOLDERS.isdisjoint(value):
            dropped = dropped | self._hidden.of(node)
            forbidden = self._hidden.own(node)
        result: dict[str, Any] = {}
        for keyword, argument in value.items():
            if keyword in keywords.PLAIN:
                self._plain(result, keyword, argument, node)
            elif keyword in _STRUCTURAL:
                outer = self.references.of_parts
                self.references.of_parts = outer or keyword in PARTS
                _STRUCTURAL[keyword](self, result, node.at(keyword, argument), depth, dropped)
                self.references.of_parts = outer
        if "enum" in node.value and "enum" not in value and value.get("items") is node.value.get("items"):
            message = "enum: it describes the items, which have a schema of their own"
            self._leave_out(
                result, self.document.find(node.at("enum", ()), message, "it is left out"), "enum"
            )
        if self.flavour == "source" and forbidden:
            result[HIDDEN[self.direction]] = {name: result["properties"][name] for name in forbidden}
        for name in forbidden:
            result["properties"][name] = False
        if dropped:
            drop_required(result, dropped)
        if "$dynamicRef" in value:
            self._dynamic(result, str(value["$dynamicRef"]), node)
        if "format" in result:
            self._format(result)
        if "oneOf" in result and "discriminator" in result:
            if names := self.references.names(result["oneOf"]):
                result["discriminator"]["names"] = names
            _tell_apart(result)
        if self.flavour == "source" and not _EXAMPLES.isdisjoint(value):
            result["examples"] = keywords.schema_examples(value)
            if "default" in value:
                result["default"] = value["default"]
        return result

    def _modern(self, node: Node, dialect: Dialect) -> dict[str, Any]:
        """The schema at `node` in the words of 2020-12, but for `nullable`."""
        value: dict[str, Any] = node.value
        if keywords.DATED.isdisjoint(value):
            return value
        for oddity in keywords.oddities(value, dialect.openapi_30):
            self.document.find(node, oddity, "", "note")
        return keywords.modern(value, dialect.openapi_30, dialect.tuples)

    def _format(self, result: dict[str, Any]) -> None:
        if not formats.is_known(result["format"]):
            self.unknown_formats.add(result["format"])
        keywords.bound_by_format(result)
        if self.flavour != "rust":
            return
        shape = formats.shape(result["format"])
        if shape is not None:
            result["allOf"] = [*result.get("allOf", ()), {"pattern": shape}]
        elif result["format"] == "int64":
            result["allOf"] = [*result.get("allOf", ()), numbers.GUARD]

    def _one(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        simple = self._simple(place.value, place)
        result[_keyword(place)] = self._schema(place, depth + 1) if simple is None else simple

    def _branch(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        result[_keyword(place)] = self._schema(place, depth + 1, dropped)

    def _asked(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        """`not` and `if`. What nobody knows must not be asked of a request; a response notes it."""
        schema = self._schema(place, depth + 1)
        if not self._unknown(place, schema):
            result[_keyword(place)] = schema
        elif self.direction == "request" and self.references.is_lost(schema):
            result["allOf"] = [*result.get("allOf", ()), schema]
        elif self.flavour != "source":
            result[_keyword(place)] = schema

    def _one_of(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        self._several(result, place, depth, dropped)
        members = result.get("oneOf", ())
        if self.flavour == "source":
            if any(map(self._unknown, place.elements(), members)):
                del result["oneOf"]
        elif self.direction == "request":  # what meets one that is known may meet one that is not
            for key in filter(None, map(self.references.lost_key, members)):
                self._leave_out(result, self.references.lost[key], "")

    def _unknown(self, place: Node, schema: Any) -> bool:
        """Whether nobody knows what meets a schema: it leads nowhere, or is none."""
        if not isinstance(place.value, (dict, bool)):
            return keywords.truth(place.value) is None
        return self.references.is_lost(schema)

    def _recursive(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        self._misfit(result, place, "recursive references of 2019-09 are not followed")

    def _several(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        keyword = _keyword(place)
        if isinstance(place.value, list) and place.value:
            members = range(len(place.value))
            result[keyword] = [self._member(place, index, depth + 1, dropped) for index in members]
        elif place.value != [] or keyword not in ("allOf", "prefixItems"):  # there they ask for nothing
            self._misfit(result, place, "expected a list of schemas")

    def _misfit(self, result: dict[str, Any], place: Node, message: str) -> None:
        """Leave out a keyword whose argument does not hold schemas as it should."""
        keyword = _keyword(place)
        finding = self.document.find(place, f"{keyword}: {message}", "it is left out")
        self._leave_out(result, finding, keyword)

    def _prefix(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        self._several(result, place, depth, frozenset())  # they describe parts of the value

    def _dependent(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        if not isinstance(place.value, dict):
            self._misfit(result, place, "expected an object of schemas")
            return
        members = self._opened(result, place)
        result[_keyword(place)] = {
            name: self._member(members, name, depth + 1, dropped) for name in members.value
        }

    def _opened(self, result: dict[str, Any], place: Node) -> Node:
        """The schemas by name at `place`, which may be kept in another file."""
        if isinstance(place.value.get("$ref"), str):
            try:
                self.document.follow(place)
            except DocumentError as error:
                self._leave_out(result, error.findings[0], _keyword(place))
        members = self.document.opened(place)
        return members if isinstance(members.value, dict) else members.at("", {})

    def _named(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        self._dependent(result, place, depth, frozenset())

    def _patterns(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        self._named(result, place, depth, dropped)
        members = result.get("patternProperties", {})
        found = [(self._pattern(result, name, place), each) for name, each in members.items()]
        result["patternProperties"] = {pattern: each for pattern, each in found if pattern is not None}

    def _defs(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        # without an id they are members of `defs` if anything needs them
        if self.references.resources.has_id(place) and isinstance(place.value, dict):
            self._named(result, place, depth, dropped)

    def _id(self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]) -> None:
        result["$id"] = absolute_base(place.base)

    def _plain(self, result: dict[str, Any], keyword: str, argument: Any, node: Node) -> None:
        """Take over a keyword whose argument is no schema, mended where it has one certain meaning."""
        mended, complaint = keywords.PLAIN[keyword](argument)
        if keyword == "pattern" and mended is not None:
            mended = self._pattern(result, mended, node.at(keyword, argument))
        if complaint:
            meaning = "it is left out" if mended is None else f"it is read as {json_text(mended)}"
            finding = self.document.find(node.at(keyword, argument), f"{keyword}: {complaint}", meaning)
            if keywords.is_weaker(keyword, argument, mended):
                self._leave_out(result, finding, keyword)
        if mended is not None or (keyword == "const" and not complaint):
            result[keyword] = mended

    def _pattern(self, result: dict[str, Any], pattern: str, place: Node) -> str | None:
        from dynaclient.ecma_regex.printer import PatternError, translate  # late: 14 ms

        try:
            translated = translate(pattern)
        except PatternError as error:
            message = f"the pattern {pattern!r} cannot be read: {error}"
            finding = self.document.find(place, message, "the pattern is not applied")
            self._leave_out(result, finding, _keyword(place))
            return None
        if translated.note:
            self.document.find(place, f"the pattern {pattern!r}: {translated.note}", "", "note")
        return str(getattr(translated, self.flavour))

    def _dynamic(self, result: dict[str, Any], ref: str, node: Node) -> None:
        """A `$dynamicRef` to an anchor keeps its text: what it leads to is seen when a value is checked.

        One to a pointer is as a `$ref` (JSON Schema 2020-12 core, 8.2.3.2).
        """
        outer, self.references.of_parts = self.references.of_parts, False
        target = self.references.named(ref, node)
        self.references.of_parts = outer
        lost = self.references.is_lost(target)
        if "#/" in ref or "#" not in ref or lost:  # who checks is never asked to find what we did not
            result["allOf"] = [*result.get("allOf", ()), target]
        else:
            target_, _, anchor = ref.partition("#")
            result["$dynamicRef"] = f"{absolute_base(join(node.base, target_))}#{anchor}" if target_ else ref

    def _discriminator(
        self, result: dict[str, Any], place: Node, depth: int, dropped: frozenset[str]
    ) -> None:
        """Keep a discriminator as `{propertyName, mapping: value -> $ref, default: $ref}`, to explain by."""
        name = place.text("propertyName")
        if not name:
            self.document.find(place, "expected a propertyName in the discriminator", "it is left out")
            return
        found = (place.get("mapping") or NOWHERE).items()
        mapping = {value: self._meant(at.value, place) for value, at in found if isinstance(at.value, str)}
        result["discriminator"] = {"propertyName": name, "mapping": mapping}
        if self.document.version_of(place) >= (3, 2) and place.text("defaultMapping"):
            result["discriminator"]["default"] = self._meant(place.text("defaultMapping"), place)

    def _meant(self, name: str, place: Node) -> str:
        """The `$ref` for a schema as a discriminator names it: by its name, or by a reference."""
        plain = not re.search(r"[/#.]", name)
        ref = f"#/components/schemas/{name}" if plain else name
        return str(self.references.named(ref, place)["$ref"])


_LEAN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("properties", "patternProperties"), ("additionalProperties",)),
    "prefixItems": ("items",),
}
"""Keywords that are about what another leaves over."""


def _loosened(result: dict[str, Any]) -> dict[str, Any]:
    """`result` where it lacks keywords with schemas: nothing is said of what these would have left over."""
    for keyword in result.pop(LOOSE, ()):
        for other in _LEAN.get(keyword, ()):
            result.pop(other, None)
        result["unevaluatedProperties"] = result["unevaluatedItems"] = {}
    return result


def _patterns_in(schema: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every schema in `schema` that holds a pattern, with the pattern as its engine has it."""
    for here in closure([schema], lambda here: (each for _, each in inside(here))):
        yield from ((here, pattern) for pattern in [here.get("pattern")] if pattern is not None)
        yield from ((here, pattern) for pattern in here.get("patternProperties", ()))


def _keyword(place: Node) -> str:
    return place.pointer.rpartition("/")[2]


_STRUCTURAL: dict[str, Callable[[Translator, dict[str, Any], Node, int, frozenset[str]], None]] = {
    **dict.fromkeys(SCHEMAS, Translator._one),
    **dict.fromkeys(LISTS, Translator._several),
    **dict.fromkeys(MAPS, Translator._named),
    **dict.fromkeys(("then", "else"), Translator._branch),
    **dict.fromkeys(("not", "if"), Translator._asked),
    "oneOf": Translator._one_of,
    "$recursiveRef": Translator._recursive,
    "dependentSchemas": Translator._dependent,
    "prefixItems": Translator._prefix,
    "patternProperties": Translator._patterns,
    "$defs": Translator._defs,
    "definitions": Translator._defs,
    "$id": Translator._id,
    "discriminator": Translator._discriminator,
}
"""Keywords whose arguments hold schemas, or are about those that do."""

_WORK = keywords.DATED | {"$ref", "$schema", "pattern", "required", *_STRUCTURAL}
"""Keywords that ask for a look at the document or at what stands around."""
