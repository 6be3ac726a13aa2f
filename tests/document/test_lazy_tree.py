"""A tree that is read member by member is the whole tree to all who read it."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.document.json_text import real
from dynaclient.document.lazy_tree import LazyMap, is_bounded, joined, materialized, split_tree
from dynaclient.errors import DocumentError

TREE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "A 👍 shop", "x-float": 1e300, "x-big": 2**80},
    "paths": {"/a": {"get": {"operationId": "a"}}, "/b": {}, "/c": None},
    "webhooks": {},
    "components": {
        "schemas": {"A": {"enum": [1, 1.5, None, True, "é"]}, "B": True},
        "x-odd": 3,
        "parameters": {},
    },
}


def in_pieces(tree: Any, before: bytes = b"") -> Any:
    """`tree` as it comes back from a file in which `before` stands first."""
    index, text = split_tree(tree)
    return joined(json.loads(json.dumps(index)), before + text, len(before))


@pytest.mark.parametrize(
    "look",
    [
        lambda paths: dict(paths),
        lambda paths: {**paths},
        lambda paths: {"/x": 1, **paths},
        lambda paths: list(paths),
        lambda paths: list(paths.keys()),
        lambda paths: list(paths.values()),
        lambda paths: list(paths.items()),
        lambda paths: list(reversed(paths)),
        lambda paths: len(paths),
        lambda paths: paths["/a"],
        lambda paths: paths.get("/a"),
        lambda paths: paths.get("/c", 5),
        lambda paths: paths.get("/none"),
        lambda paths: paths.get("/none", 5),
        lambda paths: ("/a" in paths, "/none" in paths),
        lambda paths: paths == TREE["paths"],
        lambda paths: TREE["paths"] == paths,
        lambda paths: (paths != TREE["paths"], paths != {}, paths == []),
        lambda paths: paths | {"/b": 1},
        lambda paths: {"/b": 1} | paths,
        lambda paths: paths.copy(),
        lambda paths: repr(paths),
        lambda paths: f"{paths}",
        lambda paths: json.dumps(paths),
        lambda paths: json.dumps(paths, indent=1, sort_keys=True),
        lambda paths: copy.copy(paths),
        lambda paths: copy.deepcopy(paths),
        lambda paths: pickle.loads(pickle.dumps(paths)),
        lambda paths: bool(paths),
        lambda paths: isinstance(paths, dict),
    ],
)
def test_reads_as_the_dict_that_it_was(look: Callable[[Any], Any]) -> None:
    assert look(in_pieces(TREE)["paths"]) == look(TREE["paths"])


@pytest.mark.parametrize(
    "make", [copy.copy, copy.deepcopy, lambda tree: pickle.loads(pickle.dumps(tree)), materialized]
)
def test_copies_are_plain(make: Callable[[Any], Any]) -> None:
    made = (
        make(in_pieces(TREE)["paths"]) if make is not materialized else materialized(in_pieces(TREE))["paths"]
    )
    assert type(made) is dict
    assert made == TREE["paths"]


def test_what_is_written_in_c_reads_the_plain_tree() -> None:
    tree = materialized(in_pieces(TREE))
    assert {type(tree["paths"]), type(tree["components"]), type(tree["components"]["schemas"])} == {dict}
    assert [type(value) for value in dict.values(tree["paths"])] == [dict, dict, type(None)]


def test_a_piece_is_read_when_it_is_looked_at_and_once() -> None:
    tree = in_pieces(TREE)
    assert type(tree["paths"]) is LazyMap
    unread = [type(value) is tuple for value in dict.values(tree["paths"])]
    assert unread == [True, True, True]
    first = tree["paths"]["/a"]
    assert tree["paths"]["/a"] is first
    assert [type(value) is tuple for value in dict.values(tree["paths"])] == [False, True, True]


def test_pieces_may_stand_behind_something_else() -> None:
    assert in_pieces(TREE, b"a line\n") == TREE


def test_the_tree_itself_is_left_as_it_is() -> None:
    before = copy.deepcopy(TREE)
    split_tree(TREE)
    assert before == TREE


numbers = st.floats(allow_nan=False).map(lambda number: real(repr(number)))
"""As files are read: `1e+16` is an int, nothing is infinite."""
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
maps = st.dictionaries(st.text(), values, max_size=4)
components = values | st.dictionaries(st.sampled_from(["schemas", "x", ""]), maps | values)


@given(
    st.fixed_dictionaries(
        {}, optional={"paths": maps | values, "webhooks": maps, "components": components, "x": values}
    )
)
def test_every_tree_comes_back(tree: dict[str, Any]) -> None:
    assert materialized(in_pieces(tree)) == tree
    assert json.dumps(in_pieces(tree)) == json.dumps(tree)


@given(values)
def test_what_is_no_document_comes_back(tree: Any) -> None:
    assert in_pieces({"part": tree})["part"] == tree


def test_a_piece_that_is_no_json_says_what_to_do() -> None:
    index, text = split_tree(TREE)
    tree = joined(index, text.replace(b'{"get"', b'{"get}'))
    with pytest.raises(DocumentError, match=r"cache is damaged.*delete it"):
        tree["paths"]["/a"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda index: index["maps"].pop(),
        lambda index: index["maps"][0][2].append(1),
        lambda index: index["maps"][0][2].pop(),
        lambda index: index["maps"][0][1].append("/a"),
        lambda index: index["maps"][0].pop(),
        lambda index: index["maps"][0][0].append("deeper"),
        lambda index: index["maps"][0].__setitem__(0, ["info"]),
        lambda index: index["maps"][0].__setitem__(0, []),
        lambda index: index["maps"][0][2].__setitem__(0, -1),
        lambda index: index["maps"][0][2].__setitem__(0, "1"),
        lambda index: index["maps"][0][2].__setitem__(0, 10**9),
        lambda index: index.pop("maps"),
        lambda index: index.pop("tree"),
        lambda index: index.update(tree=[]),
        lambda index: index.update(maps=[[]]),
        lambda index: index.update(maps=7),
    ],
)
def test_an_index_that_does_not_fit_is_refused(spoil: Callable[[Any], Any]) -> None:
    index, text = split_tree(TREE)
    spoil(index)
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError)):
        joined(index, text)


def test_what_is_shared_counts_as_often_as_it_stands() -> None:
    shared: Any = "x" * 1000
    for _ in range(12):
        shared = [shared] * 10
    assert not is_bounded({"a": shared}, 10**6, 10**9)
    assert not is_bounded({"a": ["x" * 1000] * 1000}, 10**6, 10**5)
    assert is_bounded({"a": ["x" * 1000] * 1000, "b": 1}, 1003, 10**6)
    assert not is_bounded({"a": ["x" * 1000] * 1000, "b": 1}, 1001, 10**6)
