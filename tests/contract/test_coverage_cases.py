"""Cases on purpose: each example, bound, branch and text that a schema allows, and each rule of it broken."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from itertools import islice
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client
from dynaclient._support.missing import MISSING
from dynaclient.contract import Case, RawBody
from dynaclient.contract.checks import NOT_ENFORCED
from dynaclient.contract.coverage_cases import invalid_cases, valid_cases
from dynaclient.contract.generation import maker
from dynaclient.document.opening import vendored_names
from dynaclient.generation.choices import ReadableChoices
from dynaclient.generation.variations import round_robin
from dynaclient.sandbox import Sandbox
from tests.small import one, param

JSON = "application/json"


def both_kinds(client: Client, base: Case) -> tuple[list[Case], list[Case]]:
    """All cases of an operation: valid and invalid."""
    make = maker(client)
    found = list(valid_cases(make, base.operation, base)), list(invalid_cases(make, base.operation, base))
    for case in found[0]:
        assert (case.fault, case.violations(client)) == (None, []), case
    for case in found[1]:
        assert case.fault is not None
        assert case.violations(client), case
        assert case.reason
    return found


def of_body(schema: Any, value: Any) -> tuple[list[Any], list[Any]]:
    """The bodies of the cases made of a JSON body `value`."""
    client = Client(one("post", body=schema, version="3.1.0"), cache=False)
    valid, invalid = both_kinds(client, Case("op", body=value))
    return [each.body for each in valid], [each.body for each in invalid]


def of_query(schema: Any, value: Any) -> tuple[list[Any], list[Any]]:
    """The values of the cases made of a query parameter; None where it is left out."""
    client = Client(one("get", "/x", param("q", "query", schema), version="3.1.0"), cache=False)
    valid, invalid = both_kinds(client, Case("op", {"query.q": value}))
    return [each.arguments.get("query.q") for each in valid], [
        each.arguments.get("query.q") for each in invalid
    ]


PET = {
    "oneOf": [
        {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "boolean"}}},
        {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer", "maximum": 9}}},
    ]
}
PERSON = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "home": {"type": "object", "required": ["city"], "properties": {"city": {"enum": ["Berlin"]}}},
    },
}
BODIES: list[tuple[Any, Any, list[Any]]] = [
    # schema, a value that meets it, the values that must be among the valid cases
    ({"type": "string", "examples": ["vip"]}, "a", ["vip"]),
    ({"type": "string", "default": "standard"}, "a", ["standard"]),
    ({"enum": ["a", "b", None]}, "a", ["b", None]),
    ({"type": "integer", "minimum": 3, "maximum": 9}, 5, [3, 4, 8, 9]),
    ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 9}, 5, [4, 8]),
    ({"type": "integer"}, 5, [0, -1, 1, 2**31 - 1, 2**31, 2**53 - 1]),
    ({"type": "integer", "format": "int32"}, 5, [-(2**31), 2**31 - 1, 0]),
    ({"type": "integer", "minimum": 1, "multipleOf": 10}, 20, [10]),
    ({"type": "number", "minimum": 0.5, "maximum": 2}, 1, [0.5, 0.51, 1.99, 2]),
    ({"type": "number", "minimum": 0.5, "multipleOf": 0.25}, 1, [0.5, 0.75]),
    ({"type": "boolean"}, True, [False]),
    ({"type": ["string", "null"]}, "a", [None]),
    ({"type": ["string", "integer"]}, "a", [0, 2**31]),
    ({"type": "string", "minLength": 2, "maxLength": 5}, "abc", ["ab", "abc", "abca", "abcaa"][:1]),
    ({"type": "string", "minLength": 2, "maxLength": 5}, "ab", ["aba", "abaa", "abaaa"]),
    ({"type": "string"}, "x", ["", "x" + "a" * 299, "x'\"é😀\\%", "x\0", "x'", "xé", " x", "x "]),
    ({"type": "string", "maxLength": 2}, "ab", ["a'", "a\0", "a😀", ""]),
    ({"type": "string", "pattern": "^[0-9]{3,5}$"}, "123", []),
    ({"type": "string", "format": "date"}, "2024-01-01", ["2024-02-29"]),
    ({"type": "array", "items": {"const": 1}, "minItems": 1, "maxItems": 4}, [1, 1], [[1], [1] * 3, [1] * 4]),
    ({"type": "array", "items": {"const": 1}}, [1], [[], [1] * 20]),
    ({"type": "array", "items": {"type": "integer", "minimum": 3}}, [], [[3], [4]]),
    ({"type": "object", "additionalProperties": {"const": 1}}, {}, [{"additional": 1}]),
    (
        {"type": "object", "additionalProperties": {"const": 1}, "minProperties": 1, "maxProperties": 3},
        {"a": 1, "b": 1},
        [{"b": 1}, {"a": 1, "b": 1, "additional-0": 1}],
    ),
    (PET, {"bark": True}, [{"bark": False}, {"lives": 9}, {"lives": 8}]),
    ({"anyOf": [{"type": "string", "maxLength": 1}, {"type": "null"}]}, "a", [None, "", "'"]),
    (PERSON, {"name": "a"}, [{"name": "a", "home": {"city": "Berlin"}}]),
    (PERSON, {"name": "a", "home": {"city": "Berlin"}}, [{"name": "a"}]),
    ({"items": PERSON, "type": "array"}, [{"name": "a"}], [[{"name": "a", "home": {"city": "Berlin"}}]]),
]


@pytest.mark.parametrize(("schema", "value", "expected"), BODIES, ids=lambda part: json.dumps(part)[:60])
def test_what_a_schema_allows_is_tried(schema: Any, value: Any, expected: list[Any]) -> None:
    found, _ = of_body(schema, value)
    assert [each for each in expected if each not in found] == [], found


def test_lengths_of_a_pattern_are_met_by_it() -> None:
    found, _ = of_body({"type": "string", "pattern": "^[0-9]*$", "minLength": 3, "maxLength": 5}, "1234")
    assert {len(each) for each in found} == {3, 4, 5}


BROKEN: list[tuple[Any, Any, list[Any]]] = [
    # schema, a value that meets it, the values that must be among the invalid cases
    ({"type": "integer", "minimum": 3, "maximum": 9}, 5, ["text", 2, 10]),
    ({"type": "integer", "multipleOf": 5}, 5, [6]),
    ({"type": "string", "minLength": 2, "maxLength": 3, "pattern": "^a"}, "ab", ["a", "abaa", "!b"]),
    ({"enum": ["a", "b"]}, "a", ["a-x", "A"]),
    ({"const": 1}, 1, [2]),
    ({"type": "string", "format": "date"}, "2024-01-01", ["x"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 1}, [5], [[], ["text"]]),
    ({"type": "array", "items": {"type": "integer", "maximum": 3}}, [], [["text"], [None], [4]]),
    ({"type": "array", "uniqueItems": True}, [1], [[1, 1]]),
    (
        {"type": "object", "required": ["a", "b", "c"], "properties": {"a": {}, "b": {}, "c": {}}},
        {"a": 1, "b": 1, "c": 1},
        [{"b": 1, "c": 1}, {"a": 1, "c": 1}, {"a": 1, "b": 1}],
    ),
    ({"type": "object", "additionalProperties": False}, {}, [{"unexpected": "text"}]),
    (PERSON, {"name": "a"}, [{}, {"name": 0.5}, {"name": None}, {"name": "a", "home": "text"}]),
    (PERSON, {"name": "a"}, [{"name": "a", "home": {}}, {"name": "a", "home": {"city": "Berlin-x"}}]),
    (PET, {"bark": True}, [{}, {"bark": "text"}, {"lives": 10}]),
]


@pytest.mark.parametrize(("schema", "value", "expected"), BROKEN, ids=lambda part: json.dumps(part)[:60])
def test_every_rule_is_broken_once(schema: Any, value: Any, expected: list[Any]) -> None:
    _, found = of_body(schema, value)
    assert [each for each in expected if each not in found] == [], found


@pytest.mark.parametrize(
    ("schema", "value", "valid", "invalid"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 100}, 7, [None, 1, 2, 99, 100], ["text", 0, 101]),
        ({"type": "string", "enum": ["asc", "desc"]}, "asc", [None, "desc"], ["asc-x"]),
        ({"type": "string"}, "x", ["", "x'", 'x"', "xé", "x😀", "x" + "a" * 299], []),
        ({"type": "boolean"}, True, [False], ["text"]),
    ],
)
def test_parameters(schema: Any, value: Any, valid: list[Any], invalid: list[Any]) -> None:
    right, wrong = of_query(schema, value)
    assert [each for each in valid if each not in right] == [], right
    assert [each for each in invalid if each not in wrong] == [], wrong
    assert not any("\0" in each for each in right if isinstance(each, str))


def test_documented_examples_of_one_name_go_together() -> None:
    tree = one(
        "post",
        "/x/{id}",
        param("id", "path", examples={"vip": {"value": "v-1"}, "new": {"value": "n-1"}}),
        content={"application/json": {"schema": {}, "examples": {"vip": {"value": {"level": "gold"}}}}},
    )
    client = Client(tree, cache=False)
    valid, _ = both_kinds(client, Case("op", {"path.id": "a"}, body={}))
    first = [(each.arguments["path.id"], each.body, each.reason) for each in valid[:4]]
    assert first == [
        ("v-1", {"level": "gold"}, "every documented example 'vip'"),
        ("a", {"level": "gold"}, "body is the documented example 'vip'"),
        ("v-1", {}, "path id is the documented example 'vip'"),
        ("n-1", {}, "path id is the documented example 'new'"),
    ]


def test_what_is_not_varied_stays() -> None:
    tree = one("put", "/x/{id}", param("id", "path"), param("q"), body=PERSON)
    base = Case("op", {"path.id": "known-1"}, body={"name": "fresh-1"})
    client = Client(tree, cache=False)
    for case in (each for kind in both_kinds(client, base) for each in kind):
        place = case.reason.partition(":")[0]
        if not place.startswith("path id"):
            assert case.arguments["path.id"] == "known-1"
        if case.body is not MISSING and not place.startswith("body"):
            assert case.body["name"] == "fresh-1"


def test_all_and_nothing_that_is_optional() -> None:
    tree = one("post", "/x", param("a"), param("b", required=True), body=PERSON, required=False)
    client = Client(tree, cache=False)
    valid, _ = both_kinds(client, Case("op", {"query.b": "x"}, body={"name": "n"}))
    bare, full = valid[:2]
    assert (bare.arguments, bare.body) == ({"query.b": "x"}, MISSING)
    assert full.arguments.keys() == {"query.a", "query.b"}
    assert full.body == {"name": "n", "home": {"city": "Berlin"}}


def test_each_location_has_its_turn_before_one_has_two() -> None:
    assert list(round_robin([iter("abc"), iter("d"), iter("ef")])) == list("adebfc")
    limit = {"type": "integer", "minimum": 1, "maximum": 9}
    tree = one("get", "/x", *(param(name, "query", limit, required=True) for name in "abc"))
    client = Client(tree, cache=False)
    base = Case("op", {f"query.{name}": 5 for name in "abc"})
    valid, invalid = both_kinds(client, base)
    assert [each.reason.split()[1] for each in valid[:6]] == ["a", "b", "c", "a", "b", "c"]
    faults = [each.fault for each in invalid if each.fault]
    assert [(each.name, each.keyword) for each in faults[:6]] == [
        *((name, "required") for name in "abc"),
        *((name, "type") for name in "abc"),
    ]


def invalid_of(tree: dict[str, Any], base: Case) -> list[Case]:
    return both_kinds(Client(tree, cache=False), base)[1]


def test_bodies_that_are_invalid_as_messages() -> None:
    found = [
        each for each in invalid_of(one("post", body=PERSON), Case("op", body={"name": "a"})) if each.raw
    ]
    assert [(each.fault.where, each.fault.keyword, each.raw) for each in found if each.fault] == [
        ("content-type", "content-type", RawBody("text/plain", b'{"name":"a"}')),
        ("body", "json", RawBody("application/json", b'{"name":"a"')),
        ("body", "json", RawBody("application/json", b'{"name":"a"}}')),
        ("body", "json", RawBody("application/json", b'{"x": "\xff"}')),
        ("body", "required", RawBody("application/json", b"")),
        ("body", "type", RawBody("application/json", b"null")),
    ]


def test_no_message_is_invalid_that_the_document_allows() -> None:
    content = {"*/*": {}, "application/json": {"schema": {"type": ["object", "null"]}}}
    tree = one("post", content=content, required=False, version="3.1.0")
    keywords = [each.fault.keyword for each in invalid_of(tree, Case("op", body={}, content_type=JSON))
                if each.raw and each.fault]  # fmt: skip
    assert keywords == ["json", "json", "json"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/json", {}), ("application/x-www-form-urlencoded", {}), ("application/x-ndjson", [1])],
)
def test_a_body_without_bytes_is_none_of_another_type(kind: str, body: Any) -> None:
    found = invalid_of(one("post", content={kind: {"schema": {}}}, required=False), Case("op", body=body))
    assert not [each for each in found if each.raw and not each.raw.content]


def test_a_parameter_that_is_one_value_is_given_twice() -> None:
    several = {"type": "array", "items": {"type": "string"}}
    tree = one("get", "/x", param("one"), param("many", "query", several))
    base = Case("op", {"query.one": "a b", "query.many": ["c"]})
    assert [each.query_extra for each in invalid_of(tree, base) if each.query_extra] == [(("one", "a b"),)]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_forms(kind: str) -> None:
    types = {"name": {"type": "string", "maxLength": 4}, "age": {"type": "integer", "minimum": 3}}
    schema = {"type": "object", "required": ["name", "age"], "properties": types}
    client = Client(one("post", content={kind: {"schema": schema}}), cache=False)
    valid, invalid = both_kinds(client, Case("op", body={"name": "ab", "age": 5}))
    bodies = [each.body for each in valid]
    assert [
        each for each in ({"name": "abaa", "age": 5}, {"name": "ab", "age": 3}) if each not in bodies
    ] == []
    assert not any("\0" in each["name"] for each in bodies)
    broken = [each.body for each in invalid]
    expected: list[Any] = [{"name": "ab"}, {"age": 5}, {"name": "abaaa", "age": 5}, {"name": "ab", "age": 2}]
    expected += [{"name": "ab", "age": "text"}, MISSING]
    assert [each for each in expected if each not in broken] == []
    assert {"name": 0.5, "age": 5} not in broken  # it arrives as the text 0.5


def test_files_stay_and_are_missing_where_they_are_required() -> None:
    file = {"type": "string", "format": "binary"}
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": file, "note": {"type": "string"}},
    }
    client = Client(one("post", content={"multipart/form-data": {"schema": schema}}), cache=False)
    upload = ("a.txt", b"content", "text/plain")
    valid, invalid = both_kinds(client, Case("op", body={"file": upload, "note": "n"}))
    assert {each.body["file"] for each in valid} == {upload, b"", bytes(range(256))}
    assert {"file": upload} in [each.body for each in valid]
    assert {"note": "n"} in [each.body for each in invalid]
    found = [(each.fault.keyword, each.fault.pointer) for each in invalid if each.raw and each.fault]
    assert found == [("content-type", ""), ("boundary", ""), ("file", "/file")]
    text = next(
        each.raw.content for each in invalid if each.raw and each.fault and each.fault.keyword == "file"
    )
    assert (b"content" in text, b"filename" in text) == (True, False)


def test_a_file_of_a_documented_type_stays_one() -> None:
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
    content = {"multipart/form-data": {"schema": schema, "encoding": {"file": {"contentType": "image/png"}}}}
    client = Client(one("post", content=content), cache=False)
    valid, _ = both_kinds(client, maker(client).valid("op", ReadableChoices(0), True))
    assert {each.body["file"][:4] for each in valid if "file" in each.body} <= {b"\x89PNG"}


def test_each_media_type_of_the_body() -> None:
    other = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "maximum": 7}}}
    content = {
        JSON: {"schema": PERSON},
        "application/x-www-form-urlencoded": {"schema": PERSON},
        "application/merge-patch+json": {"schema": other},
        "image/png": {},
    }
    client = Client(one("post", content=content), cache=False)
    valid, invalid = both_kinds(client, Case("op", body={"name": "a"}, content_type=JSON))
    assert Case("op", body={"name": "a"}, content_type="application/x-www-form-urlencoded") in valid
    assert Case("op", body={"id": 7}, content_type="application/merge-patch+json") in valid
    assert {"id": 8} in [each.body for each in invalid]
    assert "image/png" not in {each.content_type for each in valid}


def test_what_is_read_only_is_written() -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
    }
    found = invalid_of(one("post", body=schema), Case("op", body={"name": "a"}))
    (written,) = [each.body for each in found if each.fault and each.fault.keyword == "readOnly"]
    assert (written["name"], type(written["id"])) == ("a", int)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_sandbox_agrees(version: str) -> None:
    types = {
        "name": {"type": "string", "maxLength": 9, "pattern": "^[a-z]"},
        "age": {"type": "integer", "minimum": 3, "maximum": 9},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 3},
    }
    schema = {"type": "object", "required": ["name"], "properties": types, "additionalProperties": False}
    limit = {"type": "integer", "minimum": 1, "maximum": 9}
    tree = one("post", "/x/{id}", param("id", "path"), param("limit", "query", limit), body=schema,
               version=version)  # fmt: skip
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, cache=False) as client:
        valid, invalid = both_kinds(client, Case("op", {"path.id": "a"}, body={"name": "ab"}))
        assert {each.send(client).status for each in valid} == {200}
        assert len(valid) > 30
        taken = [each for each in invalid if each.send(client).status < 400]
        assert {each.fault.keyword for each in taken if each.fault} <= NOT_ENFORCED.keys()
        assert len(invalid) > 30


def test_a_case_says_what_it_varies() -> None:
    tree = one("post", "/x/{id}", param("id", "path"), param("q"), body=PERSON)
    client = Client(tree, cache=False)
    valid, _ = both_kinds(client, Case("op", {"path.id": "known"}, body={"name": "a"}))
    assert {each.varies for each in valid} >= {"", "path.id", "query.q", "body/name", "body/home"}
    for case in valid:
        if case.varies not in ("", "path.id"):
            assert case.arguments["path.id"] == "known"


def test_a_case_says_why_it_was_made_and_is_equal_without_it() -> None:
    case = Case("op", {"a": 1}, reason="query a is 1")
    assert case == Case("op", {"a": 1})
    assert str(case) == "op(a=1)  # query a is 1"
    assert pickle.loads(pickle.dumps(case)).reason == "query a is 1"


@pytest.mark.parametrize("name", vendored_names())
def test_every_operation_of_real_documents(name: str) -> None:
    client = Client(name)
    for key in list(client.operations)[::3]:
        make = maker(client)
        base = make.valid(key, ReadableChoices(0))
        for case in islice(valid_cases(make, key, base), 40):
            assert case.violations(client) == [], case
        for case in islice(invalid_cases(make, key, base), 40):
            assert case.fault is not None
            places = {(each.where, each.name) for each in case.violations(client)}
            assert places == {(case.fault.where, case.fault.name)}, case


# -- against a referee --------------------------------------------------------------------------------------


def bounded(kind: str, low: str, high: str, most: int) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of a type with some of two bounds."""
    pair = st.tuples(st.integers(0, most), st.integers(0, most)).map(sorted)
    wanted = st.sets(st.sampled_from((low, high)))
    return st.builds(
        lambda bounds, names: {
            "type": kind,
            **{name: value for name, value in zip((low, high), bounds, strict=True) if name in names},
        },
        pair,
        wanted,
    )


def objects(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of objects of up to three properties."""
    return st.builds(
        lambda properties, required, closed: {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name in required],
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(st.sampled_from(("a", "b", "c/d")), members, max_size=3),
        st.sets(st.sampled_from(("a", "b", "c/d"))),
        st.booleans(),
    )


SCALARS = st.one_of(
    bounded("string", "minLength", "maxLength", 12),
    bounded("integer", "minimum", "maximum", 50),
    bounded("number", "minimum", "maximum", 50),
    st.just({"type": "boolean"}),
    st.just({"type": ["string", "null"], "maxLength": 4}),
    st.just({"enum": ["a", 1, None]}),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        objects(inner),
        st.builds(
            lambda items, bounds: {**bounds, "items": items},
            inner,
            bounded("array", "minItems", "maxItems", 3),
        ),
        st.builds(lambda one, two: {"anyOf": [one, two]}, inner, inner),
    ),
    max_leaves=6,
)


def bodies(cases: Iterator[Case]) -> Iterator[tuple[Case, Any]]:
    return ((case, case.body) for case in cases if case.body is not MISSING)


@settings(max_examples=60)
@given(SCHEMAS)
def test_a_referee_agrees(schema: dict[str, Any]) -> None:
    client = Client(one("post", body=schema, version="3.1.0"), cache=False)
    make, referee = maker(client), jsonschema.Draft202012Validator(schema)
    base = make.valid("op", ReadableChoices(0))
    for case, body in bodies(valid_cases(make, "op", base)):
        assert case.violations(client) == []
        assert referee.is_valid(body), case
    for case, body in bodies(invalid_cases(make, "op", base)):
        assert case.violations(client)
        assert not referee.is_valid(body), case


def test_cases_are_made_as_they_are_asked_for() -> None:
    """A run that ends by time ends between two cases: making the first must not make all of the others."""
    asked: list[int] = []

    def parts() -> Iterator[Iterator[str]]:
        for number in range(9):
            asked.append(number)
            yield iter("ab")

    assert next(round_robin(parts())) == "a"
    assert asked == [0]


def test_the_fullest_value_of_a_wide_and_deep_schema_is_bounded() -> None:
    """64,000 properties would go together: no server gets them, and no run waits for them."""
    names = [f"p{number}" for number in range(40)]
    leaves = {"type": "object", "properties": {name: {"type": "integer"} for name in names}}
    inner = {"type": "object", "properties": dict.fromkeys(names, leaves)}
    tree = one("post", body={"type": "object", "properties": dict.fromkeys(names, inner)})
    client = Client(tree, cache=False)
    found = valid_cases(maker(client), "op", Case("op", {}, body={}))
    full = next(each for each in found if each.body)
    assert full.reason == "everything that is optional"
    assert full.body.keys() == set(names)
    assert json.dumps(full.body).count('"p') < 5_000
