"""Header fields: any case, repeats kept, secrets not shown."""

from __future__ import annotations

import pickle

import pytest

from dynaclient.wire.headers import Headers

HEADERS = Headers(
    [("Content-Type", "a/b"), ("Set-Cookie", "a=s3cr3t"), ("X", "1"), ("set-cookie", "b=2"), ("x", "")]
)


@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
def test_names_have_no_case(name: str) -> None:
    assert HEADERS[name] == "a/b"
    assert name in HEADERS


def test_repeats() -> None:
    assert HEADERS.all("Set-Cookie") == ["a=s3cr3t", "b=2"]
    assert HEADERS["X"] == "1, "
    assert list(HEADERS) == ["Content-Type", "Set-Cookie", "X"]
    assert len(HEADERS) == 3


def test_what_is_not_there() -> None:
    assert HEADERS.get("Nope") is None
    assert HEADERS.all("Nope") == []
    assert 3 not in HEADERS


def test_equal_whatever_the_case_and_after_pickling() -> None:
    assert Headers([("A", "1")]) == Headers([("a", "1")]) != Headers([("a", "2")])
    assert pickle.loads(pickle.dumps(HEADERS)).pairs == HEADERS.pairs


def test_repr_shows_no_cookie() -> None:
    assert "s3cr3t" not in repr(HEADERS)
    assert "a/b" in repr(HEADERS)


def test_as_a_mapping_names_stand_as_they_were_first_written() -> None:
    assert dict(HEADERS) == {"Content-Type": "a/b", "Set-Cookie": "a=s3cr3t, b=2", "X": "1, "}
    assert list(HEADERS.items()) == list(dict(HEADERS).items())
    assert Headers().items() == {}.items()


def test_a_copy_is_a_dict_that_changes_nothing() -> None:
    copy = HEADERS.copy()
    copy["X"] = "other"
    assert HEADERS["X"] == "1, "
    assert dict(Headers([("A", "1")]).copy(), B="2") == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([("A", "1"), ("B", "2")], [("b", "2"), ("a", "1")], True),
        ([("A", "1"), ("A", "2")], [("A", "1, 2")], False),
        ([("A", "1"), ("A", "2")], [("A", "2"), ("A", "1")], False),
        ([("A", "1")], [("A", "1"), ("B", "2")], False),
    ],
)
def test_equality(one: list[tuple[str, str]], other: list[tuple[str, str]], equal: bool) -> None:
    assert (Headers(one) == Headers(other)) is equal
    assert Headers(one) != dict(one)
