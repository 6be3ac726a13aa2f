"""JSON pointers (RFC 6901) into what is sent and received."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient._support.missing import MISSING
from dynaclient.contract.pointers import put_at, reached
from dynaclient.document.node import tokens

VALUE = {"a/b": [{"m~n": 1}, None], "": 0, "0": "text"}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", VALUE),
        ("/a~1b/0/m~0n", 1),
        ("/a~1b/1", None),
        ("/", 0),
        ("/0", "text"),
        ("/a~1b/2", MISSING),
        ("/a~1b/-", MISSING),
        ("/none", MISSING),
        ("/0/0", MISSING),
    ],
)
def test_what_a_pointer_leads_to(pointer: str, found: Any) -> None:
    assert reached(VALUE, pointer) == found


@pytest.mark.parametrize("pointer", ["", "/a~1b/0/m~0n", "/a~1b/1", "/", "/0"])
def test_a_copy_has_something_else_there_and_nowhere_else(pointer: str) -> None:
    before = reached(VALUE, pointer)
    copy = put_at(VALUE, tokens(pointer), "new")
    assert reached(copy, pointer) == "new"
    assert reached(VALUE, pointer) == before  # which stays as it was
    assert put_at(copy, tokens(pointer), before) == VALUE
