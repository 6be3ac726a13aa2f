"""Header fields of a response: any case, repeats kept, secrets not shown."""

from __future__ import annotations

import pickle

import pytest

from dynaclient.transport.reply import Headers

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
