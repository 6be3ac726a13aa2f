"""Values with exactly one thing broken: what a server, or a checker, has to refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor
from typing import Any

from dynaclient.document.node import escape
from dynaclient.ecma_regex.printer import is_readable, matches
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.flatten import COUNTS, Schema, Unsatisfiable, canonical, element, exact, is_of
from dynaclient.generation.places import Place, ValueSource, applying_schemas, places
from dynaclient.schema.formats import FORMATS
from dynaclient.schema.read_write_only import HIDDEN

_LARGEST = 100_000
"""Above this length no text or array is made only to be too long."""
_NEW = "unexpected"
WRONG: tuple[Any, ...] = ("text", 0.5, 7, True, None, [], {})
_MARKS = "!§ é0Aa-"
_NEAR = {
    "date": ("2023-02-29", "2024-1-1"),
    "date-time": ("2023-02-29T00:00:00Z", "2024-01-01T00:00:00"),
    "time": ("24:00:00Z",),
    "uuid": ("00000000-0000-0000-0000-00000000000",),
    "email": ("@example.com",),
    "ipv4": ("192.0.2.256",),
    "ipv6": ("2001:db8::g",),
    "duration": ("P",),
    "byte": ("A===",),
}
"""What looks as a format has it, and breaks it."""


@dataclass(frozen=True)
class Context:
    """The schema that a keyword stands in, and who can make or judge further values."""

    part: dict[str, Any]
    generator: ValueSource
    source: ChoiceSource


def _without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: member for name, member in value.items() if name not in names}


def nothing(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    """For keywords that are not broken here."""
    return iter(())


def _type(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    types = [argument] if isinstance(argument, str) else argument
    wrong = [each for each in WRONG if not is_of(each, types)]
    containers = [each for each in wrong if each in ([], {})]
    fractions = [0.5] if "integer" in types and 0.5 in wrong else []
    several = [*wrong[:1], *([None] if None in wrong else []), *containers, *fractions]
    yield from {canonical(each): each for each in several}.values()


def _enum(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    known = set(map(canonical, argument))
    if isinstance(value, str):
        near: list[Any] = [f"{value}-x", value.swapcase()]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        near = [value + step for step in range(1, len(argument) + 2)]
    else:
        near = [not value, "text"] if isinstance(value, bool) else ["text"]
    yield from [each for each in near if canonical(each) not in known][:2]


def _const(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    return _enum([argument], value, context)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_BEYOND_64_BITS = 10**20
"""What no column of a database holds, and many a server does not look at before it asks one."""


def _minimum(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if _is_number(value):
        yield ceil(argument) - 1 if isinstance(value, int) else argument - 1


def _maximum(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if _is_number(value):
        yield floor(argument) + 1 if isinstance(value, int) else argument + 1
        if isinstance(value, int) and argument < _BEYOND_64_BITS:
            yield _BEYOND_64_BITS


def _exclusive(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if _is_number(value):
        yield int(argument) if float(argument).is_integer() and isinstance(value, int) else argument


def _multiple(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if _is_number(value):
        whole = isinstance(value, int) and isinstance(argument, int) and argument > 1
        yield value + 1 if whole else float(exact(value) + exact(argument) / 2)


def _min_length(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, str) and argument > 0:
        yield value[: argument - 1]


def _max_length(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, str) and argument < _LARGEST:
        yield value + "a" * (argument + 1 - len(value))


def _pattern(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if not isinstance(value, str) or not is_readable(argument):
        return
    same = [mark + value[1:] for mark in _MARKS if value] + [value[:-1] + mark for mark in _MARKS if value]
    other = [mark * max(1, len(value)) for mark in _MARKS] + [value + mark for mark in _MARKS] + [""]
    yield from islice((each for each in same + other if not matches(argument, each)), 1)
    if value and not matches(argument, value * 3):  # as many characters as no bound within it allows
        yield value * 3
    near = [f"{value}!", f"!{value}", value.swapcase()]  # for who looks at the start only, or for it anywhere
    yield from [each for each in near if each != value and not matches(argument, each)]


def _format(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    check = FORMATS.get(argument)
    if check is not None and isinstance(value, str):
        yield from [each for each in ("x", f"{value}!", "!", "(", "") if not check(each)][:1]
        yield from [each for each in _NEAR.get(argument, ()) if not check(each)]


def _required(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (_without(value, name) for name in argument if name in value)


def _dependent_required(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, dict):
        needed = [other for name, others in argument.items() if name in value for other in others]
        yield from (_without(value, other) for other in needed)


def _additional(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, dict) and argument is False:
        yield {**value, _NEW: "text"}
    elif isinstance(value, dict) and isinstance(argument, dict) and "type" in argument:
        yield from ({**value, _NEW: wrong} for wrong in _type(argument["type"], None, context))


def _min_properties(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, dict) and argument > 0:
        optional = [name for name in value if name not in context.part.get("required", ())]
        surplus = len(value) - argument + 1
        yield _without(value, *[*optional[::-1], *value][:surplus])


def _max_properties(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, dict) and argument < 1000:
        new = {f"{_NEW}-{index}": "text" for index in range(argument + 1 - len(value))}
        yield {**value, **new}


def _property_names(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, dict):
        names = [name for name in (_NEW, "!", "", "x" * 300) if not context.generator.valid(argument, name)]
        yield from ({**value, name: "text"} for name in names[:1])


def _min_items(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, list) and argument > 0:
        yield value[: argument - 1]


def _max_items(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, list) and argument < 1000:
        new = [_item(context, index) for index in range(len(value), argument + 1)]
        yield value + new


def _item(context: Context, index: int) -> Any:
    try:
        return context.generator.draft(element(context.part, index), context.source)
    except Unsatisfiable:
        return None


def _unique(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, list) and argument and value:
        yield [value[0], value[0], *value[2:]]


def _contains(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, list):
        yield [each for each in value if not context.generator.valid(argument, each)]


def _no_more(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    if isinstance(value, list) and argument is False:
        yield [*value, "text"]


def _hidden(argument: Any, value: Any, context: Context) -> Iterator[Any]:
    """Properties that must not travel, with values that they would have the other way."""
    for name, schema in argument.items() if isinstance(value, dict) else ():
        try:
            yield {**value, name: context.generator.draft(schema, context.source)}
        except Unsatisfiable:
            continue


BREAKERS: dict[str, Callable[[Any, Any, Context], Iterator[Any]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _exclusive,
    "exclusiveMaximum": _exclusive,
    "multipleOf": _multiple,
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "format": _format,
    "required": _required,
    "dependentRequired": _dependent_required,
    "additionalProperties": _additional,
    "unevaluatedProperties": _additional,
    "minProperties": _min_properties,
    "maxProperties": _max_properties,
    "propertyNames": _property_names,
    "minItems": _min_items,
    "maxItems": _max_items,
    "uniqueItems": _unique,
    "contains": _contains,
    "items": _no_more,
    "unevaluatedItems": _no_more,
    **dict.fromkeys(HIDDEN.values(), _hidden),
}

_WRITTEN = {keyword: keyword.removesuffix("Properties") for keyword in HIDDEN.values()}
"""What an own keyword is in a document: `readOnly`."""


@dataclass(frozen=True)
class Mutation:
    """A broken copy of a value: at `pointer` (RFC 6901) into it, the rule of `keyword` does not hold.

    For a property that is required and missing, `pointer` leads to where it would be.
    """

    pointer: str
    keyword: str
    value: Any


def mutations(schema: Schema, generator: ValueSource, source: ChoiceSource, value: Any) -> Iterator[Mutation]:
    """Every way found to break one thing of `value`, which meets `schema`; always in the same order.

    Only those that `generator` finds invalid: what another branch allows is not broken.
    """
    seen = set()
    for mutation in mutations_by_rule(schema, generator, source, value):
        mark = (mutation.pointer, mutation.keyword, canonical(mutation.value))
        if mark not in seen and not generator.valid(schema, mutation.value):
            seen.add(mark)
            yield mutation


def mutations_by_rule(
    schema: Schema, generator: ValueSource, source: ChoiceSource, value: Any
) -> Iterator[Mutation]:
    """Copies of `value` with one rule of `schema` broken, as far as that rule goes."""
    for place in places(schema, generator, value):
        yield from broken_at(place, generator, source)


def broken_at(place: Place, generator: ValueSource, source: ChoiceSource) -> Iterator[Mutation]:
    """Copies of the value that `place` is in, with one of the rules broken that hold there."""
    for part in place.parts:
        for keyword, written in part.items():
            argument = int(written) if keyword in COUNTS else written
            for copy in BREAKERS.get(keyword, nothing)(
                argument, place.value, Context(part, generator, source)
            ):
                pointer = place.pointer + _missing(keyword, place.value, copy)
                yield Mutation(pointer, _WRITTEN.get(keyword, keyword), place.put(copy))


def _missing(keyword: str, value: Any, copy: Any) -> str:
    """The pointer to the property that `copy` lacks, where that is what is broken."""
    if keyword not in ("required", "dependentRequired"):
        return ""
    return next((f"/{escape(name)}" for name in value if name not in copy), "")


def grown(schema: Schema, generator: ValueSource, value: Any) -> Iterator[Any]:
    """Copies of `value` with a property that `schema` knows, and `value` does not have, of a wrong type."""
    if isinstance(value, dict):
        for part in applying_schemas(schema, generator, value):
            for name in part.get("properties", ()):
                yield from ({**value, name: wrong} for wrong in WRONG if name not in value)
