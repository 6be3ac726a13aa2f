"""The grammar of messages: articles, plurals, verbs."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from dynaclient._support.messages import article, kind_of, pluralize, verb

KINDS: list[tuple[Any, str]] = [
    (5, "an integer"),
    (5.5, "a number"),
    (True, "a boolean"),
    ("x", "a string"),
    ({}, "an object"),
    ([], "an array"),
    ((), "an array"),
    (None, "null"),
    (b"", "bytes"),
    (bytearray(), "bytes"),
    (PurePosixPath(), "a PurePosixPath"),
    (OSError(), "an OSError"),
]


@pytest.mark.parametrize(("value", "said"), KINDS)
def test_a_value_is_named_as_json_schema_does(value: Any, said: str) -> None:
    assert kind_of(value) == said


def test_alternatives_take_the_article_of_the_first() -> None:
    assert (article("integer or null"), article("null or string"), article("string or array")) == (
        "an integer or null",
        "null or string",
        "a string or array",
    )


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 items"), (1, "1 item"), (2, "2 items"), (1000, "1,000 items")]
)
def test_one_is_not_many(number: int, said: str) -> None:
    assert pluralize(number, "item") == said


def test_a_plural_of_its_own() -> None:
    assert [pluralize(count, "query", "queries") for count in (1, 2)] == ["1 query", "2 queries"]


def test_the_verb_goes_with_the_number() -> None:
    assert [verb(count) for count in (0, 1, 2)] == ["are", "is", "are"]
