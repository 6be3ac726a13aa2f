"""Values are changed only where their place cannot carry them."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.contract.generation import sanitize
from tests.small import one, param


@pytest.mark.parametrize(
    ("place", "style", "value", "expected"),
    [
        ("query", "form", "a/b c+é%?#&=,\U0001f600", "a/b c+é%?#&=,\U0001f600"),
        ("query", "form", "a\x00b\n", "a-b-"),
        ("query", "spaceDelimited", ["a b", "c|d"], ["a-b", "c|d"]),
        ("query", "pipeDelimited", ["a b", "c|d"], ["a b", "c-d"]),
        ("query", "deepObject", {"a[b]": "c[]"}, {"a-b-": "c--"}),
        ("path", "simple", "a/b é", "a/b é"),
        ("path", "simple", ".", "-"),
        ("path", "simple", "..", "--"),
        ("path", "simple", "...", "..."),
        ("header", "simple", " a,b é ", "-a-b --"),
        ("header", "simple", ["a b", "c"], ["a b", "c"]),
        ("cookie", "form", "a b;c=d", "a-b-c-d"),
        ("query", "form", [1, 2.5, True, {"a": "\n"}], [1, 2.5, True, {"a": "-"}]),
    ],
)
def test_tame(place: str, style: str, value: Any, expected: Any) -> None:
    path = "/x/{p}" if place == "path" else "/x"
    operation = Client(one("get", path, param("p", place, style=style))).operations["op"]
    assert sanitize(value, operation.parameters[0]) == expected
