"""The keywords of schemas in each version (dialects), what each holds, and what is made of a wrong argument.

One small function per argument type gives (argument, complaint); None means that it is left out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

from dynaclient._support.messages import json_text
from dynaclient.document.document import Document
from dynaclient.document.node import Node

Direction = Literal["request", "response"]


class Dialect:
    """In what a schema language differs from JSON Schema 2020-12."""

    def __init__(
        self, name: str, ref_siblings: bool = True, openapi_30: bool = False, tuples: bool = False
    ) -> None:
        self.name = name
        self.ref_siblings = ref_siblings
        """Keywords beside `$ref` count."""
        self.openapi_30 = openapi_30
        """`nullable`; keywords that 3.0 does not know mean nothing."""
        self.tuples = tuples
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


class Dialects:
    """Which dialect holds where in a document: `$schema`, `jsonSchemaDialect`, its version."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._of_file: dict[str, Dialect] = {}

    def of(self, node: Node) -> Dialect:
        """The dialect of the schema object at `node`."""
        stated = node.value.get("$schema")
        if isinstance(stated, str) and self._document.version_of(node) >= (3, 1):
            return self._called(stated, node)
        if node.uri not in self._of_file:
            self._of_file[node.uri] = self._stated(node)
        return self._of_file[node.uri]

    def _stated(self, node: Node) -> Dialect:
        """The dialect of the file that `node` stands in: it is the root's where the file says no version."""
        if self._document.version_of(node) < (3, 1):
            return DIALECTS["3.0"]
        root = self._document.speaker(node)
        stated = root.text("jsonSchemaDialect")
        return self._called(stated, root) if stated else LATEST

    def _called(self, uri: str, node: Node) -> Dialect:
        dialect = DIALECTS.get(uri.rstrip("#"))
        if dialect is None:
            if not uri.startswith("https://spec.openapis.org/oas/3."):
                self._document.find(node, f"the dialect {uri} is not known", "it is read as 2020-12")
            return LATEST
        return dialect


_WHOLE = "-?(0|[1-9][0-9]{0,17})"
_NUMBER = _WHOLE + r"(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?"


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


def _read(form: str, value: Any) -> list[Any]:
    return [json.loads(value)] if isinstance(value, str) and re.fullmatch(form, value.strip()) else []


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


Mended = tuple[Any, str]

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_MEANT = {"int": "integer", "long": "integer", "float": "number", "double": "number", "decimal": "number"}
_MEANT |= {
    "bool": "boolean",
    "str": "string",
    "text": "string",
    "list": "array",
    "dict": "object",
    "map": "object",
}
_MEANT |= {"file": "string", "date": "string", "datetime": "string", "date-time": "string", "uuid": "string"}


def type_(value: Any) -> Mended:
    """`type`: a name or a list of names. A bare null, as `type: null` is in YAML, means the name."""
    if isinstance(value, str) and value in TYPES:
        return value, ""
    names = value if isinstance(value, list) else [value]
    good = [name for name in dict.fromkeys(map(_type_name, names)) if name in TYPES]
    if not good:
        return None, f"{json_text(value)} is not a type"
    complaint = "" if good == names else f"{json_text(value)} is not a type"
    return (good if len(good) > 1 else good[0]), complaint


def _type_name(said: Any) -> str:
    plain = "null" if said is None else str(said).strip().lower()
    return _MEANT.get(plain, plain)


def _number(value: Any) -> Mended:
    """A number, such as `minimum`."""
    if type(value) is int or (isinstance(value, float) and math.isfinite(value)):
        return value, ""
    text = value if isinstance(value, str) else ""
    with suppress(ValueError, OverflowError):
        meant = int(text) if text.lstrip("-").isdigit() else float(text)
        if type(meant) is int or math.isfinite(meant):
            return meant, "expected a number, got a string"
    return None, f"expected a number, got {json_text(value)}"


def _divisor(value: Any) -> Mended:
    """`multipleOf`: a number above 0."""
    mended, complaint = _number(value)
    if mended is not None and mended <= 0:
        return None, f"expected a number above 0, got {json_text(value)}"
    return mended, complaint


def _count(value: Any) -> Mended:
    """A whole number from 0, such as `maxLength`."""
    if type(value) is int and value >= 0:
        return value, ""
    mended, complaint = _number(value)
    if mended is None or mended < 0 or mended != mended or mended in (float("inf"),) or int(mended) != mended:
        return None, f"expected a whole number from 0, got {json_text(value)}"
    return int(mended), complaint


def _flag(value: Any) -> Mended:
    """`true` or `false`."""
    return (
        (value, "")
        if isinstance(value, bool)
        else (truth(value), f"expected true or false, got {json_text(value)}")
    )


def truth(value: Any) -> bool | None:
    """What the text of a truth value says, as documents have it that quote everything."""
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _text(value: Any) -> Mended:
    """A string."""
    return (value, "") if isinstance(value, str) else (None, f"expected a string, got {json_text(value)}")


def _anchor(value: Any) -> Mended:
    """`$anchor`: a name without a fragment's characters; references find it by themselves."""
    fits = isinstance(value, str) and re.fullmatch("[A-Za-z_][-A-Za-z0-9._]*", value)
    return (value, "") if fits else (None, f"{json_text(value)} is not the name of an anchor")


def _names(value: Any) -> Mended:
    """`required`: a list of different names."""
    if not isinstance(value, list):
        return None, f"expected a list of names, got {json_text(value)}"
    good = list(dict.fromkeys(name for name in value if isinstance(name, str)))
    return good, "" if good == value else "expected strings, each once"


def values(value: Any) -> Mended:
    """`enum`: a list of values."""
    if not isinstance(value, list):
        return None, "expected a list of values"
    return value, ""


def _anything(value: Any) -> Mended:
    """`const`."""
    return value, ""


def _name_lists(value: Any) -> Mended:
    """`dependentRequired`: lists of names by name."""
    if not isinstance(value, dict):
        return None, "expected an object of lists of names"
    good = {key: _names(item)[0] or [] for key, item in value.items()}
    return good, "" if good == value else "expected lists of different names"


def is_weaker(keyword: str, argument: Any, mended: Any) -> bool:
    """Whether a wrong argument asked for more than what it is read as."""
    if keyword in ("$anchor", "$dynamicAnchor"):
        return False
    if keyword == "required" and mended is not None:
        return not all(isinstance(name, str) for name in argument)
    if keyword == "dependentRequired" and mended is not None:
        return any(is_weaker("required", each, _names(each)[0]) for each in argument.values())
    return mended is None


PLAIN: dict[str, Callable[[Any], Mended]] = {
    "type": type_,
    "enum": values,
    "const": _anything,
    "required": _names,
    "dependentRequired": _name_lists,
    "multipleOf": _divisor,
    "uniqueItems": _flag,
    "pattern": _text,
    "format": _text,
    **dict.fromkeys(("$anchor", "$dynamicAnchor"), _anchor),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _count
    ),
    **dict.fromkeys(("minContains", "maxContains"), _count),
}


def simple(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The keywords of PLAIN in `schema`; None where one of them has a wrong argument."""
    result = {}
    for keyword, argument in schema.items():
        if keyword in PLAIN:
            result[keyword], complaint = PLAIN[keyword](argument)
            if complaint:
                return None
    return result


UNKNOWN_TO_30 = frozenset(
    "const if then else contains propertyNames patternProperties prefixItems $defs unevaluatedItems"
    " unevaluatedProperties dependentSchemas dependentRequired minContains maxContains"
    " $id $anchor $dynamicAnchor $dynamicRef $recursiveRef".split()
)
"""Keywords that OpenAPI 3.0 does not have: in its documents they mean nothing."""


DATED = UNKNOWN_TO_30 | {"enum", "exclusiveMinimum", "exclusiveMaximum", "items", "dependencies"}
"""Keywords that `modern` and `oddities` look at."""


def modern(schema: dict[str, Any], openapi_30: bool, tuples: bool) -> dict[str, Any]:
    """`schema` with the words of 2020-12 in place of those of older drafts; members are not visited."""
    result = {key: value for key, value in schema.items() if not (openapi_30 and key in UNKNOWN_TO_30)}
    if openapi_30 and result.get("enum") == []:
        result["enum"] = None  # not allowed there, and never meant to forbid every value
    if isinstance(result.get("enum"), list) and "type" in result:
        result = agreed(result, type_(result["type"])[0])
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(result.get(exclusive), bool) and result.pop(exclusive) and bound in result:
            result[exclusive] = result.pop(bound)
    if isinstance(result.get("items"), list):
        prefix, rest = result.pop("items"), result.pop("additionalItems", None)
        result["prefixItems"] = prefix
        if rest is not None:
            result["items"] = rest
    if tuples and "dependencies" in result:
        dependencies = result.pop("dependencies")
        if not isinstance(dependencies, dict):
            return {**result, "dependentRequired": dependencies}
        for name, needed in dependencies.items():
            kind = "dependentRequired" if isinstance(needed, list) else "dependentSchemas"
            result[kind] = {**result.get(kind, {}), name: needed}
    return result


def oddities(schema: dict[str, Any], openapi_30: bool) -> list[str]:
    """What in `schema` says nothing though it looks as if it did."""
    found = []
    if openapi_30:
        found += [
            f"{key} is not a keyword of OpenAPI 3.0: it is ignored" for key in schema if key in UNKNOWN_TO_30
        ]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and bound not in schema:
            found.append(f"{exclusive} without {bound} is ignored")
    if (
        isinstance(schema.get("enum"), list)
        and "type" in schema
        and agreed(schema, type_(schema["type"])[0]) is not schema
    ):
        said = schema["type"] if isinstance(schema["type"], str) else json_text(schema["type"])
        found.append(f"enum holds values that are not of type {said}: they are read as it says")
    return found


_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_RANGES |= {"uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1), "uint8": (0, 255), "int8": (-128, 127)}
_RANGES |= {"int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1)}


def int_range(name: str) -> tuple[int, ...]:
    """The least and the greatest number that an integer format allows; empty for any other format."""
    return _RANGES.get(name, ())


def bound_by_format(schema: dict[str, Any]) -> None:
    """Lay the range that an integer format names over the bounds of `schema`."""
    low_high = _RANGES.get(schema["format"])
    if low_high is None or "integer" not in str(schema.get("type", "integer")):
        return
    low, high = low_high
    schema["minimum"] = max(low, schema.get("minimum", low))
    schema["maximum"] = min(high, schema.get("maximum", high))


def is_nullable(source: dict[str, Any]) -> bool:
    """Whether a schema of a document says `nullable: true`."""
    said = source.get("nullable")
    return said is True or said == "true"


_REFUSING = frozenset("$ref $dynamicRef allOf anyOf oneOf not if const".split())
"""Keywords beside `type` and `enum` that may refuse null."""


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """`nullable: true` allows null wherever it stands: published documents and servers mean it so."""
    if "type" in schema and _REFUSING.isdisjoint(schema):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        widened = {**schema, "type": [*kinds, "null"] if "null" not in kinds else kinds}
        if "enum" in schema and None not in schema["enum"]:
            widened["enum"] = [*schema["enum"], None]
        return widened
    if not schema:
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def schema_examples(schema: Mapping[str, Any]) -> list[Any]:
    """What a schema shows as `schema_examples` (a list in JSON Schema) or `example`, valid or not."""
    several = schema.get("examples")
    found = list(several) if isinstance(several, list) else []
    return [schema["example"], *found] if "example" in schema else found
