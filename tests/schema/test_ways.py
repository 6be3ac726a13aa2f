"""A value is checked once by each schema, in however many ways it leads there, not 2**n times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.schema import walk, ways
from dynaclient.schema.validator import Checker
from tests.schema.checks import BACKENDS, checker
from tests.work import growth

REF = "#/components/schemas/"
Step = Callable[[dict[str, str]], dict[str, Any]]

LAST = {"type": ["string", "object"], "maxProperties": 0}

# what each schema says of the next one
DOUBLING: dict[str, Step] = {
    "allOf": lambda next_: {"allOf": [next_, next_]},
    "anyOf": lambda next_: {"anyOf": [next_, next_]},
    "three": lambda next_: {"anyOf": [next_, next_, next_]},
    "inline": lambda next_: {"allOf": [next_, {"allOf": [next_]}]},
    "allOf of anyOf": lambda next_: {"allOf": [{"anyOf": [next_]}, {"anyOf": [{"const": 7}, next_]}]},
    "not": lambda next_: {"allOf": [next_, {"not": {"not": next_}}]},
    "if": lambda next_: {"if": next_, "then": next_, "else": next_},
    "dependentSchemas": lambda next_: {"dependentSchemas": {"a": next_}, "allOf": [next_]},
    "unevaluatedProperties": lambda next_: {"allOf": [next_, next_], "unevaluatedProperties": False},
    "unevaluatedItems": lambda next_: {"anyOf": [next_, next_], "unevaluatedItems": False},
    "beside a reference": lambda next_: {**next_, "allOf": [next_]},
}
ON_EACH_LEVEL: dict[str, Step] = {
    "properties": lambda next_: {"allOf": [{"properties": {"n": next_}}, {"properties": {"n": next_}}]},
    "any property": lambda next_: {
        "additionalProperties": next_,
        "allOf": [{"patternProperties": {"": next_}}],
    },
    "anyOf": lambda next_: {
        "anyOf": [{"properties": {"n": next_}, "minProperties": 1}, {"additionalProperties": next_}]
    },
}


def chain(step: Step, length: int, last: Any, backend: str) -> Checker:
    schemas = {f"D{index}": step({"$ref": f"{REF}D{index + 1}"}) for index in range(length)}
    schemas[f"D{length}"] = last
    return checker({"$ref": f"{REF}D0"}, backend, version="3.1.0", **schemas)


def nested(depth: int, last: Any) -> Any:
    for _ in range(depth):
        last = {"n": last}
    return last


@pytest.mark.sampled(3)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", DOUBLING)
def test_what_is_doubled_on_and_on_is_asked_once(kind: str, backend: str) -> None:
    def work(length: int) -> Callable[[], Any]:
        check = chain(DOUBLING[kind], length, LAST, backend)

        def ask() -> None:
            assert check.is_valid("text")
            assert not check.is_valid(1)
            assert check.violations({"a": 1}, "body", "body")

        return ask

    assert growth(work, 30) < 4.5  # not 2**30


@pytest.mark.parametrize("backend", BACKENDS)
def test_two_equal_members_of_one_of_are_never_one(backend: str) -> None:
    check = chain(lambda next_: {"oneOf": [next_, next_]}, 40, LAST, backend)
    (violation,) = check.violations("text", "body", "body")
    assert violation.message == '"text" matches more than one of the 2 oneOf schemas: /0, /1'
    assert not check.is_valid(1)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", ON_EACH_LEVEL)
def test_what_doubles_with_each_level_of_a_value_is_asked_once(kind: str, backend: str) -> None:
    own = checker(ON_EACH_LEVEL[kind]({"$ref": f"{REF}S"}) | {"type": "object"}, backend, version="3.1.0")
    several = chain(ON_EACH_LEVEL[kind], 60, {"type": "object"}, backend)
    for check in (own, several):
        assert check.is_valid(nested(60, {}))
        assert check.is_valid(nested(3, {}))
        wrong = check.violations(nested(60, 1), "body", "body")
        assert 0 < len(wrong) < 5


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tree_told_apart_by_a_discriminator_is_explained_once_a_level(backend: str) -> None:
    kinds = ["folder", "link"]
    members = {
        kind: {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string"}, "n": {"$ref": f"{REF}S"}, "size": {"type": "integer"}},
        }
        for kind in kinds
    }
    union = {"oneOf": [{"$ref": REF + kind} for kind in kinds], "discriminator": {"propertyName": "kind"}}
    check = checker(union, backend, **members)
    value: Any = {"kind": "link", "size": "x"}
    for level in range(40):
        value = {"kind": kinds[level % 2], "n": value}
    (violation,) = check.violations(value, "body", "body")
    assert (violation.pointer, violation.schema_pointer) == (
        "/n" * 40 + "/size",
        "/components/schemas/link/properties/size/type",
    )


LEVELS: list[tuple[str, dict[str, Any], int]] = [
    ("plain", {"S": {"properties": {"a": {"type": "string"}}}}, ways.ANY),
    (
        "a tree",
        {"S": {"properties": {"left": {"$ref": "#/$defs/S"}, "right": {"$ref": "#/$defs/S"}}}},
        ways.ANY,
    ),
    (
        "inherited",
        {
            "S": {"allOf": [{"$ref": "#/$defs/T"}, {"properties": {"n": {"$ref": "#/$defs/S"}}}]},
            "T": {"required": ["a"]},
        },
        ways.ANY,
    ),
    (
        "kinds of nodes, told apart",
        {
            "S": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]},
            **{
                name: {"properties": {"kind": {"const": name}, "n": {"items": {"$ref": "#/$defs/S"}}}}
                for name in "AB"
            },
        },
        ways.ANY,
    ),
    (
        "described twice",
        {
            "S": {
                "allOf": [
                    {"properties": {"n": {"$ref": "#/$defs/S"}}},
                    {"properties": {"n": {"$ref": "#/$defs/S"}}},
                ]
            }
        },
        17,
    ),
    (
        "a fork outside of circles",
        {
            "S": {"properties": {"n": {"$ref": "#/$defs/S"}}},
            "T": {"allOf": [{"$ref": "#/$defs/S"}, {"$ref": "#/$defs/S"}]},
        },
        ways.ANY,
    ),
    (
        "a fork at a circle of one",
        {"S": {"additionalProperties": {"$ref": "#/$defs/S"}, "properties": {"n": {"$ref": "#/$defs/S"}}}},
        17,
    ),
    ("a circle of its own", {"S": {"allOf": [{"$ref": "#/$defs/S"}]}}, ways.ANY),
    (
        "doubled 20 times",
        {f"D{i}": {"allOf": [{"$ref": f"#/$defs/D{i + 1}"}] * 2} for i in range(20)} | {"D20": {}},
        0,
    ),
    (
        "doubled 5 times",
        {f"D{i}": {"allOf": [{"$ref": f"#/$defs/D{i + 1}"}] * 2} for i in range(5)} | {"D5": {}},
        ways.ANY,
    ),
    (
        "what looks like a schema and is data",
        {"S": {"enum": [{"$ref": "#/$defs/S"}], "allOf": [True]}},
        ways.ANY,
    ),
    ("chained", {f"D{i}": {"allOf": [{"$ref": f"#/$defs/D{i + 1}"}]} for i in range(3_000)}, ways.ANY),
]


@pytest.mark.parametrize(("kind", "defs", "due"), LEVELS, ids=[row[0] for row in LEVELS])
def test_how_deep_a_value_may_be_for_a_backend_that_follows_every_way(kind: str, defs: Any, due: int) -> None:
    assert ways.levels(defs) == due


NAMES = "ABCD"


def _references(names: str) -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from([{"$ref": f"#/$defs/{name}"} for name in names])


def _schemas(later: str) -> st.SearchStrategy[dict[str, Any]]:
    """What holds for the same value leads on, so that it ends; parts of it lead anywhere."""
    beside = {"allOf": st.lists(_references(later), min_size=1, max_size=2)} if later else {}
    anywhere = _references("ABCD")
    named = st.dictionaries(st.sampled_from("mn"), anywhere, max_size=2)
    return st.fixed_dictionaries(
        {}, optional={**beside, "properties": named, "additionalProperties": anywhere}
    )


def asked(defs: dict[str, Any], path: str) -> int:
    """How many schemas are asked about the values on a path of names, counted one by one."""
    most = 0
    for first in NAMES:
        asks, total = Counter([first]), 0
        for name in path:
            asks = _beside(asks, defs)
            total += asks.total()
            below = Counter[str]()
            for schema, times in asks.items():
                leads = defs[schema].get("properties", {}).get(name, defs[schema].get("additionalProperties"))
                if leads:
                    below[leads["$ref"][-1]] += times
            asks = below
        most = max(most, total)
    return most


def _beside(asks: Counter[str], defs: dict[str, Any]) -> Counter[str]:
    """With what holds for the same value: `allOf` leads to later schemas only."""
    found = Counter(asks)
    for schema in NAMES:
        for each in defs[schema].get("allOf", ()):
            found[each["$ref"][-1]] += found[schema]
    return found


PATHS = ["".join(each) for length in (1, 2, 3) for each in product("mno", repeat=length)]


@given(st.fixed_dictionaries({name: _schemas(NAMES[index + 1 :]) for index, name in enumerate(NAMES)}))
def test_where_any_depth_is_allowed_few_schemas_are_asked(defs: dict[str, Any]) -> None:
    """Told by a count that knows nothing of graphs; 60 levels, each of which may at most double it."""
    if ways.levels(defs) == ways.ANY:
        assert max(asked(defs, path * (60 // len(path))) for path in PATHS) < ways.MANY


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_verdict_that_takes_too_much_work_is_refused(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MOST_STEPS_KEPT", 500)
    check = checker(ON_EACH_LEVEL["properties"]({"$ref": f"{REF}S"}), backend, version="3.1.0")
    assert check.is_valid(nested(60, {}))
    assert not check.is_valid(nested(200, {}))
    (violation,) = check.violations(nested(200, {}), "body", "body")
    assert violation.message == "too much work to check: its schema checks the same parts in very many ways"
