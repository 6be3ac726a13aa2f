"""The cells of style, media type and schema in which openapi-core 0.23 is known to be wrong.

One row each, tried by the tests against openapi-core itself, so that a row can go when it is mended there.
The first row that fits a part of a request has it judged by our own reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dynaclient.document.operation import COLLECTED
from dynaclient.sandbox.facts import Facts
from dynaclient.wire import media
from dynaclient.wire.shape import Shape


@dataclass(frozen=True)
class Weak:
    """`name` is what an answer says; `reason` is what openapi-core does wrong."""

    name: str
    reason: str
    applies: Callable[[Facts], bool]


_KNOWN_TYPES = frozenset(("application/json", "application/vnd.api+json", "text/plain", "text/html"))
_STRUCTURED = frozenset(("array", "object"))


def _styled(*styles: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.style in styles


def _schema(feature: str) -> Callable[[Facts], bool]:
    return lambda facts: feature in facts.features


def _exploded_object(facts: Facts) -> bool:
    return facts.style in ("form", "cookie") and facts.explode and "object" in facts.shape.types


def _pipes(facts: Facts) -> bool:
    """All of pipeDelimited but arrays and objects without explode."""
    types = facts.shape.types
    return facts.style == "pipeDelimited" and (facts.explode or not types or not types <= _STRUCTURED)


def _deep(facts: Facts) -> bool:
    """All of deepObject but a flat object whose keys are words."""
    if facts.parameter is None or facts.style != "deepObject":
        return False
    flat = facts.explode and facts.shape.types == {"object"} and not _nests(facts.shape)
    start = re.escape(facts.parameter.name) + r"\["
    odd = re.compile(rf"{start}(?!\w+\]$)")
    return not flat or any(odd.match(name) for name in facts.names)


def _nests(shape: Shape) -> bool:
    return any(each.types & _STRUCTURED for each in shape.properties.values()) or bool(
        shape.extra and shape.extra.types & _STRUCTURED
    )


def _unpaired(facts: Facts) -> bool:
    """An object, not exploded, whose pieces are not names and values in turn."""
    odd = any(len(re.split(r"[,|]|%7[Cc]", text)) % 2 for text in facts.raw)
    return odd and bool(facts.style) and not facts.explode and facts.shape.types == {"object"}


def _delimiter_inside(facts: Facts) -> bool:
    """An item of an array or object holds the delimiter, percent-encoded."""
    if facts.parameter is None or facts.parameter.location == "header":
        return False
    text = "".join(facts.raw).upper()
    return bool(facts.shape.types & _STRUCTURED) and ("%2C" in text or "%3D" in text)


def _empty_in_query(facts: Facts) -> bool:
    return facts.location == "query" and "" in facts.raw


def _space_in_header(facts: Facts) -> bool:
    text = "".join(facts.raw)
    spaced = re.search(r"[ \t],|,[ \t]", text) is not None
    return facts.location == "header" and bool(facts.shape.types & _STRUCTURED) and spaced


def _undescribed(facts: Facts) -> bool:
    parameter = facts.parameter
    return parameter is not None and parameter.schema is None and parameter.media_type is None


def _absent_default(facts: Facts) -> bool:
    parameter = facts.parameter
    return parameter is not None and not parameter.required and not facts.raw and "default" in facts.features


def _number_text(facts: Facts) -> bool:
    """An integer written `1.0` or `1e3`; JSON Schema counts by value."""
    items = facts.shape.items.types if facts.shape.items else frozenset()
    whole = facts.parameter is not None and "integer" in facts.shape.types | items
    return whole and any(re.search(r"[0-9][.eE]", text) for text in facts.raw)


def _content(facts: Facts) -> bool:
    parameter = facts.parameter
    if parameter is None or parameter.media_type is None or parameter.schema is not None:
        return False
    return media.essence(parameter.media_type.name) not in _KNOWN_TYPES


def _media_type(facts: Facts) -> bool:
    if not facts.is_body or media.is_form(facts.kind):
        return False
    name = facts.media_type.name.partition(";")[0].strip() if facts.media_type else ""
    return facts.media_type is not None and name not in _KNOWN_TYPES


def _typed_text(facts: Facts) -> bool:
    types = facts.shape.types
    return facts.is_body and facts.kind == media.TEXT and bool(types) and "string" not in types


def _form(facts: Facts) -> bool:
    """All but a flat object of properties of one type each, which every name sent is one of."""
    if not facts.is_body or facts.kind != media.FORM:
        return False
    return not facts.flat_form or any(name not in facts.shape.properties for name in facts.form_names)


def _multipart(facts: Facts) -> bool:
    return facts.is_body and facts.kind == media.MULTIPART


def _no_content(facts: Facts) -> bool:
    return facts.is_body and facts.undescribed


def _collected(facts: Facts) -> bool:
    return facts.style.startswith(COLLECTED)


KNOWN_WRONG: tuple[Weak, ...] = (
    Weak("collection formats of Swagger 2.0", "does not know them", _collected),
    Weak("label parameters", "looks for them under another name and reports them missing", _styled("label")),
    Weak(
        "matrix parameters", "looks for them under another name and reports them missing", _styled("matrix")
    ),
    Weak("spaceDelimited parameters", "splits at a literal %20 after decoding", _styled("spaceDelimited")),
    Weak("pipeDelimited parameters", "knows arrays and objects without explode only", _pipes),
    Weak("style cookie", "does not know it", _styled("cookie")),
    Weak("querystring parameters", "does not know them", lambda facts: facts.location == "querystring"),
    Weak("exploded objects", "looks for a pair of the parameter's own name", _exploded_object),
    Weak("deepObject parameters", "knows flat objects whose keys are words only", _deep),
    Weak("an encoded delimiter", "splits after decoding", _delimiter_inside),
    Weak("an object that is not made of pairs", "drops the piece that is left over", _unpaired),
    Weak("an empty query value", "refuses it, whatever the schema says", _empty_in_query),
    Weak("space in a list header", "takes it for a part of the item", _space_in_header),
    Weak(
        "the default of an absent parameter",
        "refuses the request where it breaks its own schema",
        _absent_default,
    ),
    Weak(
        "parameters without one type",
        "casts to the first that does not fail, or not at all",
        _schema("untyped"),
    ),
    Weak("an integer with a fraction", "refuses 1.0 and 1e3, which are integers", _number_text),
    Weak("parameters without a schema", "reports them missing", _undescribed),
    Weak("content parameters", "reads only JSON and plain text", _content),
    Weak("an empty body", "takes it for none, be it no items or the empty text", lambda facts: facts.empty),
    Weak("a body without content", "asks for a media type where the document names none", _no_content),
    Weak(
        "this media type",
        "checks the raw bytes of all it does not know, ranges and +json among it",
        _media_type,
    ),
    Weak("text that stands for a number", "leaves text/plain as text whatever is due", _typed_text),
    Weak("this form", "reads only properties of one type each, declared in the schema itself", _form),
    Weak("multipart bodies", "leaves parts as text whatever their type", _multipart),
    Weak(
        "nullable",
        "refuses null beside $ref, allOf, anyOf, oneOf, and where enum does not list it",
        _schema("nullable"),
    ),
    Weak(
        "readOnly",
        "3.1: lets it pass and asks for it if required; 3.0: does not find it behind $ref and allOf, and "
        "refuses a parameter that is marked so",
        _schema("readOnly"),
    ),
    Weak("multipleOf a fraction", "divides floats: 0.07 is no multiple of 0.01", _schema("multipleOf")),
    Weak("discriminator", "asks for a name it can resolve, and for nothing else", _schema("discriminator")),
    Weak(
        "patterns",
        "reads them as Python does: some are none of its, some take it for ever",
        _schema("pattern"),
    ),
    Weak(
        "format time or regex",
        "refuses time zones, and expressions that Python does not read",
        _schema("format"),
    ),
    Weak(
        "keywords beside $ref",
        "3.1: passes over them at the root of a schema; 3.0: heeds them",
        _schema("siblings"),
    ),
    Weak("a schema with findings", "takes it as it is written", _schema("findings")),
    Weak("whole floats", "3.0 and forms: refuses 1.0 for an integer", lambda facts: facts.whole_floats),
)
"""What openapi-core is not asked about."""
