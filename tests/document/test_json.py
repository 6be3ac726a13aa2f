"""JSON that is read a member at a time is what `json` reads at once, and is bounded alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient.document.json import read_json
from dynaclient.document.json_text import real
from dynaclient.document.lazy_tree import LazyMap, materialized
from dynaclient.document.limits import Limits, Misread
from dynaclient.errors import DocumentError

SMALL = Limits(bytes=10_000, depth=6, nodes=12)


def read(text: str, limits: Limits | None = None) -> Any:
    return materialized(read_json(text, "x", limits or Limits(), []))


def at_once(text: str) -> Any:
    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, parse_float=real, parse_constant=refuse)


names = st.sampled_from(["paths", "webhooks", "components", "schemas", "x"])
numbers = st.integers() | st.sampled_from([0.5, -1e300])
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
maps = st.dictionaries(names, values, max_size=3)
documents = values | st.fixed_dictionaries(
    {"paths": maps | values, "components": st.dictionaries(names, maps | values, max_size=3)}
)
layouts = st.sampled_from([{}, {"indent": 1}, {"indent": "\t"}, {"separators": (" ,\r\n", " : ")}])


@given(documents, layouts, st.booleans())
def test_it_is_what_json_reads(tree: Any, layout: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_only, **layout)
    assert read(f" {text}\n") == at_once(text)


@settings(max_examples=150)
@given(documents, layouts, st.data())
def test_what_is_no_json_is_refused_and_nothing_else(tree: Any, layout: dict[str, Any], data: Any) -> None:
    """With a character put in, taken out, or the end cut off: without escapes, of which half may be left."""
    text = json.dumps(tree, ensure_ascii=False, **layout)
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.sampled_from([0, 1, len(text)]))
    broken = text[:at] + data.draw(st.sampled_from(["", *'{}[]",: \\\n1aN'])) + text[at + gone :]
    try:
        expected = at_once(broken)
    except ValueError:
        with pytest.raises(Misread):
            read(broken)
    else:
        assert read(broken) == expected


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('{"paths": {"/a": 1}, "paths": {"/b": 2}}', {"paths": {"/b": 2}}),
        ('{"paths": {"/a": 1, "/a": 2}}', {"paths": {"/a": 2}}),
        ('{"paths": {"/a": 1}, "paths": null}', {"paths": None}),
        ('{"components": {"schemas": {"A": 1}, "schemas": {}}}', {"components": {"schemas": {}}}),
    ],
)
def test_of_equal_names_the_last_holds(text: str, tree: Any) -> None:
    assert read(text) == json.loads(text) == tree


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"paths": {"/a": 1', (1, 19)),
        ('{"paths": {"/a" 1}}', (1, 17)),
        ('{"paths": {\n1: 2}}', (2, 1)),
        ('{"paths": {"/a": 1},\n}', (2, 1)),
        ('{"paths": {"/a":\n x}}', (2, 2)),
        ('{"paths": {}} x', (1, 15)),
    ],
)
def test_an_error_has_its_place_in_the_file(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(Misread) as caught:
        read(text)
    assert caught.value.place == place


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def nodes(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(nodes, inner))


@settings(max_examples=150)
@given(documents)
def test_the_limits_hold_for_the_whole(tree: Any) -> None:
    """A bracket or a comma inside a text is none."""
    text = json.dumps({"x": ",[{" * 50, "tree": tree, "paths": {"/a": {"b": tree}}})
    whole = json.loads(text)
    if depth(whole) <= SMALL.depth and nodes(whole) <= SMALL.nodes:
        assert read(text, SMALL) == whole
    else:
        with pytest.raises(DocumentError):
            read(text, SMALL)


@pytest.mark.parametrize(
    "pattern",
    ['{{"x": {}}}', '{{"paths": {}}}', '{{"paths": {{"/a": {}}}}}', '{{"components": {{"schemas": {}}}}}'],
)
@pytest.mark.parametrize("deep", [5, 6, 7])
def test_the_depth_is_counted_from_the_root(pattern: str, deep: int) -> None:
    text = pattern.format('{"a": ' * deep + "1" + "}" * deep)
    limits = Limits(depth=depth(json.loads(text)))
    assert read(text, limits) == json.loads(text)
    with pytest.raises(DocumentError, match="nested more than"):
        read(text, Limits(depth=limits.depth - 1))


def test_what_grows_with_a_document_stays_text() -> None:
    tree = read_json('{"paths": {"/a": {"b": 1}}, "components": {"schemas": {"A": {}}}}', "x", Limits(), [])
    for pieces in (tree["paths"], tree["components"]["schemas"]):
        assert type(pieces) is LazyMap
        assert all(type(place) is tuple for place in dict.values(pieces))
    assert tree["paths"]["/a"] == {"b": 1}


def test_numbers_are_read_alike_early_and_late() -> None:
    """`1E+15` is the int that it says it is, in what stays text too."""
    tree = read_json('{"x": [1E+15, 1e999], "paths": {"/a": [1E+15, 1e999]}}', "x", Limits(), [])
    assert repr(tree["paths"]["/a"]) == repr(tree["x"]) == f"[{10**15}, 1.7976931348623157e+308]"
