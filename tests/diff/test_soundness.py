"""What is called safe is safe, and what is called breaking is shown: random pairs, refereed by jsonschema.

Names that the narrower schema declares nowhere are left out of the values: see `diff.containment`. Objects in
objects have other names, so that a name is declared in one place.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dynaclient.diff import diff
from tests.small import one, said

SCALARS: list[Any] = [0, 1, 2, 3, 0.5, 1.5, 2.5, -1, "", "a", "ab", "abc", "b", True, False, None]
ARRAYS: list[Any] = [[], ["a"], [1], ["a", "a"], [1, "a"], [None], [0.5, 1], [{}]]
OBJECTS: list[Any] = [
    {},
    *(
        {"a": each}
        for each in (1, 2, 0.5, "a", "q", None, True, [], [1], ["a", "b"], {}, {"c": 1}, {"d": "b"})
    ),
    *({"b": each} for each in ("b", 1, {}, [])),
    *({"a": one, "b": two} for one in (1, "x", None) for two in (1, "y")),
    *({"k": each} for each in ("x", "y", 1)),
    *({"k": kind, "a": each} for kind in ("x", "y") for each in (1, "q")),
]
VALUES = [*SCALARS, *ARRAYS, *OBJECTS]
TYPES: list[Any] = [
    "string",
    "integer",
    "number",
    "boolean",
    "null",
    None,
    ["string", "null"],
    ["integer", "string"],
]
BOUNDS: dict[str, list[Any]] = {
    "minimum": [0, 1, 2],
    "maximum": [0, 1, 2],
    "exclusiveMinimum": [0, 1],
    "exclusiveMaximum": [1, 2],
    "minLength": [1, 2],
    "maxLength": [0, 1, 2],
    "multipleOf": [1, 2, 0.5],
    "pattern": ["^a", "b$"],
}


def scalar(source: random.Random) -> dict[str, Any]:
    kind = source.choice(TYPES)
    schema: dict[str, Any] = {} if kind is None else {"type": kind}
    for _ in range(source.choice((0, 0, 1, 1, 2))):
        keyword = source.choice((*BOUNDS, "enum", "const"))
        if keyword in BOUNDS:
            schema[keyword] = source.choice(BOUNDS[keyword])
        else:  # of the type: others are read as what they say of it
            fitting = [each for each in SCALARS if Draft202012Validator(schema).is_valid(each)]
            if fitting:
                schema[keyword] = (
                    fitting[0] if keyword == "const" else source.sample(fitting, min(2, len(fitting)))
                )
    return schema


def schema(source: random.Random, depth: int = 2) -> dict[str, Any]:
    kind = source.random()
    if depth == 0 or kind < 0.3:
        return scalar(source)
    if kind < 0.6:
        return an_object(source, depth)
    if kind < 0.7:
        array: dict[str, Any] = {"type": "array", "items": schema(source, depth - 1)}
        return array | source.choice(({}, {"minItems": 1}, {"maxItems": 1}, {"uniqueItems": True}))
    keyword = source.choice(("anyOf", "oneOf", "allOf", "not"))
    if keyword == "not":
        return {**scalar(source), "not": schema(source, depth - 1)}
    return {keyword: [schema(source, depth - 1) for _ in range(source.choice((1, 2, 3)))]}


def an_object(source: random.Random, depth: int) -> dict[str, Any]:
    known = ("a", "b", "k") if depth == 2 else ("c", "d")
    names = source.sample(known, source.choice((1, 2)))
    found: dict[str, Any] = {"properties": {name: schema(source, depth - 1) for name in names}}
    if source.random() < 0.8:
        found["type"] = "object"
    if "k" in names:
        found["properties"]["k"] = {"enum": source.choice((["x"], ["y"], ["x", "y"]))}
    if source.random() < 0.5:
        found["required"] = source.sample(known, source.choice((1, 2)))
    if source.random() < 0.3:
        found["additionalProperties"] = source.choice((False, False, scalar(source)))
    return found | source.choice(({}, {}, {}, {"minProperties": 1}, {"maxProperties": 1}))


def changed(source: random.Random, before: dict[str, Any]) -> dict[str, Any]:
    """`before` with one thing changed."""
    after = dict(before)
    holders = [each for each in before if each in ("properties", "items", "anyOf", "oneOf", "allOf", "not")]
    if holders and source.random() < 0.6:
        keyword = source.choice(holders)
        held = before[keyword]
        if keyword == "properties":
            name = source.choice(sorted(held))
            after[keyword] = {**held, name: changed(source, held[name])}
        elif isinstance(held, list):
            after[keyword] = members(source, held)
        else:
            after[keyword] = changed(source, held)
    elif before and source.random() < 0.5:
        keyword = source.choice(sorted(before))
        value = after.pop(keyword)
        if keyword in ("anyOf", "oneOf"):
            after["oneOf" if keyword == "anyOf" else "anyOf"] = value
    else:
        more = scalar(source)
        listed = {"enum", "const"} & before.keys()
        after |= {each: more[each] for each in more if each in BOUNDS or (each == "type" and not listed)}
    return after


def members(source: random.Random, held: list[Any]) -> list[Any]:
    kind, index = source.random(), source.randrange(len(held))
    if kind < 0.2:
        return [*held, schema(source, 1)]
    if kind < 0.4 and len(held) > 1:
        return held[:index] + held[index + 1 :]
    return [changed(source, each) if at == index else each for at, each in enumerate(held)]


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = set(value.get("properties", ())) if isinstance(value.get("properties"), dict) else set()
        return own.union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


def is_declared(value: Any, names: set[str]) -> bool:
    if isinstance(value, dict):
        return all(name in names and is_declared(each, names) for name, each in value.items())
    return not isinstance(value, list) or all(is_declared(each, names) for each in value)


def check(seed: int) -> str:
    """One pair; gives the verdict."""
    source = random.Random(seed)
    before = schema(source)
    after = changed(source, before)
    after = changed(source, after) if source.random() < 0.4 else after
    old, new = (one("post", body=each, answers={"204": said()}, version="3.1.0") for each in (before, after))
    found = diff(old, new)
    accepts, refuses = Draft202012Validator(before), Draft202012Validator(after)
    for each in found.of("breaking"):
        assert accepts.is_valid(each.witness), (before, after, each)
        assert not refuses.is_valid(each.witness), (before, after, each)
    if not found.breaks:
        names = names_in(before)
        refused = [each for each in VALUES if accepts.is_valid(each) and not refuses.is_valid(each)]
        assert [each for each in refused if is_declared(each, names)] == [], (before, after)
    return found.changes[0].verdict if found.changes else "safe"


def test_verdicts_of_random_pairs() -> None:
    verdicts = [check(seed) for seed in range(400)]
    assert verdicts.count("breaking") > 80
    assert verdicts.count("may break") < 40  # a verdict is rarely left open


@pytest.mark.exhaustive
def test_verdicts_of_many_random_pairs() -> None:
    for seed in range(400, 40_000):
        check(seed)
