"""Valid values on purpose: a value with one part at a bound, of another branch, absent, an example, ..."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from dynaclient._support.messages import json_text, pluralize
from dynaclient._support.missing import MISSING
from dynaclient.ecma_regex.printer import is_readable, matches
from dynaclient.generation import numbers, strings
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.flatten import (
    Schema,
    Unsatisfiable,
    canonical,
    element,
    merge,
    without_combinators,
)
from dynaclient.generation.places import (
    DEEPEST,
    Place,
    ValueSource,
    absent,
    all_of,
    applying_schemas,
    grown_places,
    member,
    replaced,
)
from dynaclient.schema.formats import FORMATS

_LONGEST = 100_000
"""No text is made longer."""
_MOST_ITEMS = 100
"""No array or map is made larger."""
_LONG = 300
"""How long a text is made that nothing limits: more than 255."""
_SEVERAL = 20
"""How many items an array gets that nothing limits."""

_MARKS = {
    "{}'": "a single quote",
    '{}"': "a double quote",
    "{}é": "a letter beyond ASCII",
    "{}😀": "an emoji",
    "{}\\": "a backslash",
    "{}%": "a percent sign",
}
_TEXTS = {
    "{}'\"é😀\\%": "quotes, a letter beyond ASCII, an emoji, a backslash and a percent sign",
    "{}\0": "U+0000",
    "{}\n": "a line break",
    "{}<b>": "markup",
    " {}": "a leading space",
    "{} ": "a trailing space",
    **_MARKS,
}
"""What texts are made to hold: several marks at once, and each alone for who cannot carry all of them."""
_MOST_ADDED = 100
"""How many parts are added to a value to make it full."""
_SHOWN = 60
"""How many characters of a value a reason shows."""
_ODD_NAME = "a b/é.c"

_EDGES: dict[str, tuple[str, ...]] = {
    "date": ("2024-02-29", "1970-01-01", "9999-12-31", "0001-01-01"),
    "date-time": (
        "2024-02-29T23:59:59Z",
        "2024-01-01T00:00:00.123456Z",
        "2024-01-01T00:00:00+14:00",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ),
    "time": ("00:00:00Z", "23:59:59.999Z", "12:00:00-05:30"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-4FFF-8FFF-FFFFFFFFFFFF"),
    "email": ("first.last+tag@sub.example.com", "o'hara@example.com"),
    "uri": ("https://example.com/a%20b?q=1&r=%C3%A9#top", "urn:example:a"),
    "ipv4": ("0.0.0.0", "255.255.255.255"),
    "ipv6": ("::1", "::ffff:192.0.2.1"),
    "duration": ("PT0S", "P1Y2M3DT4H5M6S"),
    "byte": ("", "AA=="),
}
"""Values of formats that readers are known to stumble over."""


@dataclass(frozen=True)
class Variation:
    """A copy of a value, valid on purpose in a certain way at `pointer` (RFC 6901) into it."""

    pointer: str
    kind: str
    value: Any
    reason: str


@dataclass(frozen=True)
class VariedPlace:
    """A part of a value, one flat schema for it, and who can make further values."""

    place: Place
    flat: dict[str, Any]
    generator: ValueSource
    source: ChoiceSource


Found = Iterator[tuple[Any, str]]
"""Values for a part, and what is special about each."""


def variations(
    schema: Schema, generator: ValueSource, source: ChoiceSource, value: Any
) -> Iterator[Iterator[Variation]]:
    """The variations of `value`, which meets `schema`: an iterator for each part of it, shallow parts first.

    All are likely to be valid; whoever uses one checks.
    """
    return (_at(place, generator, source) for place in grown_places(schema, generator, source, value))


def _at(place: Place, generator: ValueSource, source: ChoiceSource) -> Iterator[Variation]:
    if place.reason:
        kind = "present" if place.reason == "present" else "branch"
        yield Variation(place.pointer, kind, place.put(place.value), place.reason)
    try:
        flat = merge(map(without_combinators, place.parts))
    except Unsatisfiable:
        return
    context = VariedPlace(place, flat, generator, source)
    seen = {canonical(place.value)}
    for kind, (value, reason) in round_robin(
        [_of_kind(kind, vary(context)) for kind, vary in VARIERS.items()]
    ):
        mark = canonical(value)
        if mark not in seen:
            seen.add(mark)
            yield Variation(place.pointer, kind, place.put(value), reason)


def _of_kind(kind: str, found: Found) -> Iterator[tuple[str, tuple[Any, str]]]:
    return ((kind, each) for each in found)


T = TypeVar("T")


def round_robin(several: Iterable[Iterator[T]]) -> Iterator[T]:
    """The first of each, then the second of each, and so on; `several` may be lazy."""
    left = several
    while left:
        going = []
        for each in left:
            for item in islice(each, 1):
                yield item
                going.append(each)
        left = going


# -- one function for each kind -----------------------------------------------------------------------------


def _examples(context: VariedPlace) -> Found:
    for part in context.place.parts:
        for shown in part.get("examples", ()):
            yield shown, f"is {_short(shown)}, a documented example"
        if "default" in part:
            yield part["default"], f"is {_short(part['default'])}, the documented default"


def _short(value: Any) -> str:
    text = json_text(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _absent(context: VariedPlace) -> Found:
    value = context.place.value
    required = context.flat.get("required", ())
    for name in value if isinstance(value, dict) else ():
        if name not in required:
            yield (
                {key: each for key, each in value.items() if key != name},
                f"lacks {name!r}, which is optional",
            )


def _null(context: VariedPlace) -> Found:
    if "null" in context.flat.get("type", ("null",)) or any("anyOf" in each for each in context.place.parts):
        yield None, "is null"


def _enum(context: VariedPlace) -> Found:
    yield from ((each, f"is {_short(each)}, of the enum") for each in context.flat.get("enum", ()))


def _boolean(context: VariedPlace) -> Found:
    if isinstance(context.place.value, bool):
        yield not context.place.value, f"is {'false' if context.place.value else 'true'}"


def _numbers(context: VariedPlace) -> Found:
    if "enum" in context.flat or not _is_number(context.place.value):
        return
    whole = "number" not in context.flat.get("type", ("integer",))
    for value, what in numbers.edges(context.flat, whole=whole):
        yield value, f"is {value}{what and f', {what}'}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _lengths(context: VariedPlace) -> Found:
    value, flat = context.place.value, context.flat
    if not isinstance(value, str) or "enum" in flat:
        return
    low, high = flat.get("minLength", 0), flat.get("maxLength")
    longest = _LONG if high is None and not _is_formed(flat) else high
    wanted = [(high, "at its longest"), (low, "at its shortest"), (longest, "long")]
    for length, what in wanted:
        if length is not None and low <= length <= _LONGEST:
            made = _of_length(context, length)
            if made is not None:
                yield made, f"is {what}: {pluralize(length, 'character')}" if length else "is empty"


def _near_lengths(context: VariedPlace) -> Found:
    value, flat = context.place.value, context.flat
    if not isinstance(value, str) or "enum" in flat:
        return
    low, high = flat.get("minLength", 0), flat.get("maxLength")
    wanted = [(low + 1, "one above its shortest")] if low else []
    wanted += [(high - 1, "one below its longest")] if high is not None else []
    for length, what in wanted:
        if low <= length <= min(_LONGEST, high or _LONGEST):
            made = _of_length(context, length)
            if made is not None:
                yield made, f"is {what}: {pluralize(length, 'character')}"


def _is_formed(flat: dict[str, Any]) -> bool:
    return flat.get("format") in FORMATS or bool(flat.get("patterns"))


def _of_length(context: VariedPlace, length: int) -> str | None:
    if not _is_formed(context.flat):
        return str(context.place.value + "a" * length)[:length]
    exact = {**context.flat, "minLength": length, "maxLength": length}
    try:
        return strings.string(exact, context.source, readable=False)
    except Unsatisfiable:
        return None


def _characters(context: VariedPlace) -> Found:
    value, flat = context.place.value, context.flat
    if not isinstance(value, str) or "enum" in flat or flat.get("format") in FORMATS:
        return
    patterns = [each for each in flat.get("patterns", ()) if is_readable(each)]
    high = flat.get("maxLength", _LONGEST)
    for form, what in _TEXTS.items():
        text = form.format(value[: max(0, high - len(form) + 2)])
        if len(text) <= high and all(matches(each, text) for each in patterns):
            yield text, f"holds {what}"


def _formats(context: VariedPlace) -> Found:
    if isinstance(context.place.value, str) and "enum" not in context.flat:
        for each in _EDGES.get(context.flat.get("format", ""), ()):
            yield each, f"is a special {context.flat['format']}"


def _counts(context: VariedPlace) -> Found:
    """Arrays of other lengths."""
    value, flat = context.place.value, context.flat
    if not isinstance(value, list) or "enum" in flat:
        return
    low, high = flat.get("minItems", 0), flat.get("maxItems", _SEVERAL)
    wanted = {low: ", the fewest allowed" if low else "", high: ""}
    wanted |= {high: ", the most allowed"} if "maxItems" in flat else {}
    for count in dict.fromkeys((low, high, low + 1, high - 1)):
        if low <= count <= min(high, _MOST_ITEMS):
            made = _items(context, count)
            if len(made) == count:
                yield made, f"has {pluralize(count, 'item')}{wanted.get(count, '')}" if count else "is empty"


def _items(context: VariedPlace, count: int) -> list[Any]:
    made = list(context.place.value[:count])
    known = set(map(canonical, made))
    for _ in range(count * 4):
        if len(made) == count:
            break
        try:
            item = context.generator.draft(element(context.flat, len(made)), context.source)
        except Unsatisfiable:
            break
        mark = canonical(item)
        if mark not in known or not context.flat.get("uniqueItems"):
            known.add(mark)
            made.append(item)
    return made


def _maps(context: VariedPlace) -> Found:
    """Further properties, where the schema says what they are; and none."""
    value, flat = context.place.value, context.flat
    if not isinstance(value, dict) or "enum" in flat:
        return
    if value and not flat.get("required"):
        yield {}, "is an empty object"
    for name in ("additional", _ODD_NAME) if _is_open(flat) else ():
        if name not in value:
            yield _with_more(context, [name]), f"has an additional property, {name!r}"


def _is_open(flat: dict[str, Any]) -> bool:
    """Whether a schema says what further properties are."""
    return flat.get("additionalProperties", False) not in (False, {"not": {}})


def _with_more(context: VariedPlace, names: Iterable[str]) -> dict[str, Any]:
    more = {name: _draft(context, member(context.place.parts, name)) for name in names}
    return {**context.place.value, **more}


def _property_counts(context: VariedPlace) -> Found:
    """As few and as many properties as allowed."""
    value, flat = context.place.value, context.flat
    if not isinstance(value, dict):
        return
    low, high = flat.get("minProperties", 0), flat.get("maxProperties", 0)
    optional = [name for name in value if name not in flat.get("required", ())]
    if 0 < low < len(value) and len(optional) >= len(value) - low:
        dropped = optional[: len(value) - low]
        few = {name: each for name, each in value.items() if name not in dropped}
        yield few, f"has {pluralize(low, 'property', 'properties')}, the fewest allowed"
    if len(value) < high <= _MOST_ITEMS and _is_open(flat):
        names = (f"additional-{number}" for number in range(high - len(value)))
        many = pluralize(high, "property", "properties")
        yield _with_more(context, names), f"has {many}, the most allowed"


def _draft(context: VariedPlace, schema: Schema) -> Any:
    if schema in (True, {}):
        return "text"
    try:
        return context.generator.draft(schema, context.source)
    except Unsatisfiable:
        return "text"


VARIERS: dict[str, Callable[[VariedPlace], Found]] = {
    "example": _examples,
    "enum": _enum,
    "number": _numbers,
    "length": _lengths,
    "boolean": _boolean,
    "items": _counts,
    "null": _null,
    "absent": _absent,
    "characters": _characters,
    "format": _formats,
    "map": _maps,
    "property count": _property_counts,
    "near length": _near_lengths,
}
"""The kinds of variations, those first that find most."""


# -- all and nothing ----------------------------------------------------------------------------------------


def fullest_value(schema: Schema, generator: ValueSource, source: ChoiceSource, value: Any) -> Any:
    """`value` with what it leaves out, as far as that goes together; a hundred further parts at most."""
    whole = _Filling(generator, source).filled(schema, value, 0)
    if not isinstance(whole, dict) or generator.valid(schema, whole):
        return whole if generator.valid(schema, whole) else value
    for name, each in whole.items():
        more = {**value, name: each}
        value = more if generator.valid(schema, more) else value
    return value


@dataclass
class _Filling:
    """The walk that adds what is left out; what lies deep comes last: so it is what a large value lacks."""

    generator: ValueSource
    source: ChoiceSource
    left: int = _MOST_ADDED

    def filled(self, schema: Schema, value: Any, added: int) -> Any:
        found = list(applying_schemas(schema, self.generator, value))
        if isinstance(value, list):
            return [
                self.filled(all_of(element(part, at) for part in found), each, added)
                for at, each in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        more = {
            token: (below, made)
            for token, below in (absent(value, found) if added < DEEPEST else ())
            if (made := self._made(below)) is not MISSING
        }
        full = {name: self.filled(member(found, name), each, added) for name, each in value.items()}
        for token, (below, made) in more.items():
            full = replaced(full, token, self.filled(below, made, added + 1))
        return full

    def _made(self, schema: Schema) -> Any:
        if self.left > 0:
            try:
                made = self.generator.draft(schema, self.source)
            except Unsatisfiable:
                return MISSING
            self.left -= 1
            return made
        return MISSING


def smallest_value(schema: Schema, generator: ValueSource, value: Any) -> Any:
    """`value` without everything that is optional, as far as that goes together."""
    reduced = _reduced(schema, generator, value)
    if generator.valid(schema, reduced):
        return reduced
    for name in list(value) if isinstance(value, dict) else ():
        less = {key: each for key, each in value.items() if key != name}
        value = less if generator.valid(schema, less) else value
    return value


def _reduced(schema: Schema, generator: ValueSource, value: Any) -> Any:
    found = list(applying_schemas(schema, generator, value))
    if isinstance(value, list):
        return [
            _reduced(all_of(element(part, at) for part in found), generator, each)
            for at, each in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    required = {name for part in found for name in part.get("required", ())}
    return {
        name: _reduced(member(found, name), generator, each)
        for name, each in value.items()
        if name in required
    }
