"""Schemas far from the root are compiled when a value reaches them, with the same verdicts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynaclient import register_format
from dynaclient.document.document import Document
from dynaclient.document.opening import open_document
from dynaclient.schema import formats
from dynaclient.schema import validator as checker
from dynaclient.schema.validator import Validators
from tests.work import calls

BACKENDS = ("rust", "python")
REF = "#/components/schemas/"

RINGS = {
    "N0": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    **{
        f"N{i}": {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "maximum": i},
                "next": {"$ref": f"{REF}N{(i + 1) % 60}"},
                "far": {"type": "array", "items": {"$ref": f"{REF}N{(i * 7) % 60}"}},
                "named": {"type": "object", "additionalProperties": {"$ref": f"{REF}N{(i * 3) % 60}"}},
            },
        }
        for i in range(1, 60)
    },
}


def document(schemas: dict[str, Any], version: str = "3.1.0") -> Document:
    return open_document(
        {
            "openapi": version,
            "info": {"title": "t", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }
    )


def compiled(checkers: Validators, of: Document, name: str) -> Any:
    node = of.root.get("components", "schemas", name)
    assert node is not None
    return checkers.checker(node, "response")


def chain(steps: list[str], last: Any) -> Any:
    for step in reversed(steps):
        last = {"next": {"next": last}, "far": {"far": [last]}, "named": {"named": {"x": last}}}[step]
    return last


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_value_that_stays_near_compiles_no_more(backend: Any) -> None:
    of = document(RINGS)
    checkers = Validators(of, backend)
    check = compiled(checkers, of, "N1")
    assert check.is_valid({"id": 1})
    assert not check.is_valid({"id": 2})
    (near,) = checkers.compilations
    assert len(near) <= checker.EAGER_SCHEMAS < len(RINGS)
    assert not check.is_valid(chain(["next"] * 45, {"id": 99}))
    assert checkers.compilations == [near, set(RINGS)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_all_that_a_value_reaches_is_compiled_at_once(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "EAGER_SCHEMAS", 1)
    of = document(RINGS)
    checkers = Validators(of, backend)
    check = compiled(checkers, of, "N1")
    assert check.is_valid(chain(["next"] * 5 + ["far", "named"] * 5, {"id": 0}))
    reached = {"N1", "N2", "N3", "N4", "N5", "N6", "N42"}
    assert checkers.compilations == [reached]
    assert check.is_valid({"id": 1, "next": {"next": {}}})
    assert len(checkers.compilations) == 1


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=15)
@given(steps=st.lists(st.sampled_from(["next", "far", "named"]), max_size=12), last=st.integers(-1, 61))
def test_far_values_are_judged_as_if_all_were_compiled(backend: Any, steps: list[str], last: int) -> None:
    of = document(RINGS)
    value = chain(steps, {"id": last})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checker, "EAGER_SCHEMAS", 2)
        some = compiled(Validators(of, backend), of, "N1")
        found = some.is_valid(value), some.violations(value, "body", "body")
        patch.setattr(checker, "EAGER_SCHEMAS", 1000)
        whole = compiled(Validators(of, backend), of, "N1")
    assert found == (whole.is_valid(value), whole.violations(value, "body", "body"))


use = st.tuples(
    st.integers(1, 59), st.lists(st.sampled_from(["next", "far", "named"]), max_size=8), st.integers(-1, 61)
)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=15)
@given(uses=st.lists(use, max_size=12))
@example(uses=[(start, ["next"] * 4, 0) for start in range(1, 56)])
def test_many_schemas_share_what_is_compiled(backend: Any, uses: list[tuple[int, list[str], int]]) -> None:
    """Whatever is asked in which order: verdicts are right, and hardly anything is held twice."""
    of = document(RINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checker, "EAGER_SCHEMAS", 1000)
        whole = Validators(of, backend)
        for start, _, _ in uses:
            compiled(whole, of, f"N{start}").is_valid({})
        patch.setattr(checker, "EAGER_SCHEMAS", 2)
        patch.setattr(checker, "MERGE_FACTOR", 2)
        some = Validators(of, backend)
        for start, steps, last in uses:
            value = chain(steps, {"id": last})
            due = compiled(whole, of, f"N{start}").is_valid(value)
            assert compiled(some, of, f"N{start}").is_valid(value) == due
    assert sum(map(len, some.held("response"))) <= 2 * len(RINGS)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_comes_late_does_not_compile_all_anew(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas of operations refer to components that are compiled long since, and nothing refers to them."""
    late = {f"Late{i}": {"properties": {"n": {"$ref": f"{REF}N{i % 60}"}}} for i in range(200)}
    of = document({**RINGS, **late})
    checkers = Validators(of, backend)
    assert not compiled(checkers, of, "N1").is_valid(chain(["next"] * 58, {"id": 99}))
    before = len(checkers.compilations)
    monkeypatch.setattr(checker, "EAGER_SCHEMAS", 4)
    for number in range(200):
        assert compiled(checkers, of, f"Late{number}").is_valid({"n": {"id": 0}})
    sizes = [len(keys) for keys in checkers.compilations[before:]]
    assert sum(size > len(RINGS) for size in sizes) < 20, sizes
    assert sum(sizes) < 200 * len(RINGS) / 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_that_alternate_are_asked_once_each(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "EAGER_SCHEMAS", 2)
    of = document(RINGS)
    checkers = Validators(of, backend)
    straight, crooked = chain(["next"] * 9, {"id": 0}), chain(["far"] * 2, {"id": 0})
    assert compiled(checkers, of, "N43").is_valid({"far": [straight]})  # which is one of N1
    assert compiled(checkers, of, "N42").is_valid({"next": {"far": [crooked]}})
    check = compiled(checkers, of, "N1")
    values = [straight, crooked]
    for value in values * 2:
        assert check.is_valid(value)
    most = {"rust": 35, "python": 500}[backend]  # with a look for what is compiled: 47 and 600
    assert calls(lambda: [*map(check.is_valid, values * 2)]) <= 4 * most


APPLIED: dict[str, tuple[Any, list[Any]]] = {
    "allOf": ({"allOf": [{"$ref": REF + "A"}]}, [{"a": 1}, {"a": "x"}, {}]),
    "anyOf": (
        {"anyOf": [{"$ref": REF + "A"}, {"$ref": REF + "B"}]},
        [{"a": 1}, {"b": 1}, {"a": "x", "b": "x"}],
    ),
    "oneOf": (
        {"oneOf": [{"$ref": REF + "A"}, {"$ref": REF + "B"}]},
        [{"a": 1}, {"b": "x"}, {"a": 1, "b": "x"}],
    ),
    "not": ({"not": {"$ref": REF + "A"}}, [{"a": 1}, {"a": "x"}]),
    "not of a part": (
        {"not": {"properties": {"p": {"$ref": REF + "A"}}}},
        [{"p": {"a": 1}}, {"p": {"a": "x"}}],
    ),
    "if": (
        {"if": {"$ref": REF + "A"}, "then": {"$ref": REF + "B"}, "else": {"required": ["z"]}},
        [{"a": 1, "b": "x"}, {"a": 1, "b": 1}, {"a": "x"}, {"a": "x", "z": 1}],
    ),
    "if of a part": (
        {"if": {"properties": {"p": {"$ref": REF + "A"}}}, "then": {"required": ["z"]}},
        [{"p": {"a": 1}}, {"p": {"a": "x"}}],
    ),
    "unevaluated beside allOf": (
        {"allOf": [{"$ref": REF + "A"}], "unevaluatedProperties": False},
        [{"a": 1}, {"a": 1, "c": 1}],
    ),
    "unevaluated beside anyOf of parts": (
        {
            "anyOf": [
                {"properties": {"p": {"$ref": REF + "A"}}, "required": ["p"]},
                {"properties": {"q": True}},
            ],
            "unevaluatedProperties": False,
        },
        [{"p": {"a": 1}}, {"p": {"a": "x"}}, {"q": 1}],
    ),
    "unevaluatedProperties": (
        {"unevaluatedProperties": {"$ref": REF + "A"}},
        [{"x": {"a": 1}}, {"x": {"a": "x"}}],
    ),
    "unevaluatedItems beside contains": (
        {"contains": {"$ref": REF + "A"}, "unevaluatedItems": False},
        [[{"a": 1}], [{"a": 1}, {"a": "x"}], []],
    ),
    "contains": (
        {"contains": {"$ref": REF + "A"}, "maxContains": 1},
        [[{"a": 1}], [{"a": 1}] * 2, [{"a": "x"}]],
    ),
    "propertyNames": ({"propertyNames": {"$ref": REF + "N"}}, [{"ab": 1}, {"a": 1}]),
    "patternProperties": (
        {"patternProperties": {"^x": {"$ref": REF + "A"}}},
        [{"x": {"a": 1}}, {"x": {"a": "x"}}],
    ),
    "prefixItems": ({"prefixItems": [{"$ref": REF + "A"}]}, [[{"a": 1}], [{"a": "x"}], []]),
    "dependentSchemas": ({"dependentSchemas": {"z": {"$ref": REF + "A"}}}, [{"z": 1, "a": "x"}, {"a": "x"}]),
    "discriminator": (
        {"oneOf": [{"$ref": REF + "A"}, {"$ref": REF + "B"}], "discriminator": {"propertyName": "k"}},
        [{"k": "A", "a": "x"}, {"k": "B", "b": 1}, {"k": "A", "a": 1}],
    ),
    "$id": ({"properties": {"p": {"$ref": "https://h.example/in#/$defs/x"}}}, [{"p": 1}, {"p": "x"}]),
    "$dynamicRef": (
        {"properties": {"p": {"$ref": "https://h.example/tree"}}},
        [{"p": {"c": {}}}, {"p": {"c": 1}}],
    ),
}
OTHERS = {
    "A": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "integer"}, "deep": {"$ref": REF + "B"}},
    },
    "B": {
        "type": "object",
        "required": ["b"],
        "properties": {"b": {"type": "string"}, "deep": {"$ref": REF + "A"}},
    },
    "N": {"minLength": 2},
    "In": {"$id": "https://h.example/in", "$defs": {"x": {"type": "integer"}}},
    "Tree": {
        "$id": "https://h.example/tree",
        "$dynamicAnchor": "t",
        "type": "object",
        "properties": {"c": {"$dynamicRef": "#t"}},
    },
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", APPLIED)
def test_each_way_to_apply_a_schema(name: str, backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one schema compiled at a time nothing is said otherwise than with all of them."""
    schema, values = APPLIED[name]
    of = document({"S": schema, **OTHERS})
    verdicts = set()
    for value in values:
        monkeypatch.setattr(checker, "EAGER_SCHEMAS", 1)
        some = compiled(Validators(of, backend), of, "S")
        found = some.is_valid(value), some.violations(value, "body", "body")
        monkeypatch.setattr(checker, "EAGER_SCHEMAS", 1000)
        whole = compiled(Validators(of, backend), of, "S")
        assert found == (whole.is_valid(value), whole.violations(value, "body", "body"))
        verdicts.add(found[0])
    assert verdicts == {True, False}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_format_that_checks_something_itself(backend: Any) -> None:
    """Its own check meets nothing that is compiled later; what the outer one met is not forgotten for it."""
    of = document({**RINGS, "F": {"properties": {"f": {"format": "checked"}, "n": {"$ref": f"{REF}N1"}}}})
    inner = compiled(Validators(of, backend), of, "N2")
    before = dict(formats.FORMATS)
    try:
        register_format("checked", lambda text: bool(inner.is_valid({"id": len(text)})))
        outer = compiled(Validators(of, backend), of, "F")
        far = chain(["next"] * 45, {"id": 99})
        assert [outer.is_valid({"n": far, "f": text}) for text in ("ab", "abc")] == [False, False]
        assert [outer.is_valid({"f": text}) for text in ("ab", "abc")] == [True, False]
    finally:
        formats.FORMATS.clear()
        formats.FORMATS.update(before)
