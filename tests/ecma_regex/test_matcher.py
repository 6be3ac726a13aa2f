"""A match does not depend on how it is searched for, and no text makes the search long."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid
from dynaclient.ecma_regex import matcher as bounded
from dynaclient.ecma_regex.matcher import found
from dynaclient.ecma_regex.printer import PatternError, translate
from tests.ecma_regex.test_printer import ECMA
from tests.small import one

TEXTS = ["", "a", "ab\nc", "foo bar", "123-45", "aaaaa", "é😀", "\u2028", "a_b c"]


@pytest.mark.parametrize(("pattern", "those", "others"), ECMA, ids=[row[0] for row in ECMA])
def test_all_ways_at_once_find_what_one_after_the_other_does(
    pattern: str, those: list[str], others: list[str]
) -> None:
    printed = translate(pattern).python
    start = bounded._start(printed)
    assert start is not None or re.search(r"\(\?:\\\d|0000\}", printed)  # too many
    for text in [*those, *others, *TEXTS]:
        due = re.search(printed, text) is not None
        assert found(printed, text) == due
        assert start is None or bounded._Search(text).run(start, 0, moving=True) == due


PIECES = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\b", r"\B", "^", "$", r"\d", "(?=b)", "(?<!a)"])
MARKS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,3}", "*?", "{2,}"])
PATTERNS = st.recursive(
    PIECES,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
        | st.tuples(inner, MARKS).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
    ),
    max_leaves=6,
)


@settings(max_examples=100)
@given(PATTERNS, st.text("ab1 \n", max_size=8))
def test_any_pattern(pattern: str, text: str) -> None:
    try:
        printed = translate(pattern).python
    except PatternError:
        return
    start = bounded._start(printed)
    assert start is not None
    assert bounded._Search(text).run(start, 0, moving=True) == (re.search(printed, text) is not None)


ENDLESS = ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*)*x$", "^a*a*a*a*a*b$", "^(?=(a+))(a+)+$", "a+b"]
ENDLESS += ["^(a{1,100}){1,100}$", "(?=a*b)(a|a)*c", r"^(a+)+\1b$"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("pattern", ENDLESS)
def test_no_text_takes_for_ever(pattern: str) -> None:
    """With `re` alone most of these would still run when the sun is cold."""
    assert not found(translate(pattern).python, "a" * 300 + "!")


def test_a_long_text_is_still_found() -> None:
    """What stops a search in time must not stop one that gets on."""
    for pattern in ("^[A-Za-z0-9+/]*={0,2}$", "^([a-z]+-)*[a-z]+$", "(a|b)+$"):
        assert found(translate(pattern).python, "ab" * 50_000)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("(a){1,}(\\1+)+?", "aaaba"), ("^(a*)+?\\1??$", "aaaaaa"), ("^(?:([a-z])\\1*)+$", "aabbbc")],
)
def test_a_short_text_is_tried_whatever_the_pattern(pattern: str, text: str) -> None:
    """A reference to a group can be decided by trying alone."""
    assert found(translate(pattern).python, text)


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "^(a+)+$"},
        {"patternProperties": {"^(a+)+$": False}, "maxProperties": 0},
        {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
        {"propertyNames": {"pattern": "^(a+)+$"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("backend", ["rust", "python"])
def test_no_value_holds_a_check_up(schema: Any, backend: Any) -> None:
    client = Client(one("post", body=schema, version="3.1.0"), server="http://h", validate_with=backend)
    text = "a" * 300 + "!"
    with pytest.raises(RequestInvalid):
        client.prepare("op", body=text if "pattern" in schema else {text: 1})
