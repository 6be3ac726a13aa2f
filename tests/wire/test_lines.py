"""Lines of text in any charset, from any cut of its bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.errors import BodyTooLarge
from dynaclient.wire.sequences import text_lines

TEXT = "a\nb\r\né \u0a0a\r\n\nlast"
DUE = ["a", "b", "é \u0a0a", "", "last"]


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-7", "gb18030"]
)
@given(cuts=st.sets(st.integers(1, 90), max_size=5))
def test_lines_do_not_depend_on_where_the_bytes_are_cut(charset: str, cuts: set[int]) -> None:
    content = TEXT.encode(charset)
    at = [0, *sorted(cuts), len(content)]
    pieces = [content[start:end] for start, end in pairwise(at)]
    assert list(text_lines(pieces, charset, 100)) == DUE


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "UTF_16"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_without_a_byte_order_mark_they_are_read_as_whole_bodies_are(charset: str, size: int) -> None:
    content = TEXT.encode(f"{charset}-le")
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    assert list(text_lines(pieces, charset, 100)) == content.decode(charset).splitlines() == DUE


BROKEN = [
    (b"a\xff\n", "utf-8", ["a\ufffd"]),
    (b"a\x00\n\x00b", "utf-16-le", ["a", "\ufffd"]),
    (b"\xe9", "latin-1", ["é"]),
    ("é".encode(), "no-such-charset", ["é"]),
    ("é".encode(), "base64", ["é"]),  # a codec of Python's that is none of text
]


@pytest.mark.parametrize(("content", "charset", "due"), BROKEN)
def test_what_is_no_text_is_replaced(content: bytes, charset: str, due: list[str]) -> None:
    assert list(text_lines([content], charset, 100)) == due


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le"])
def test_a_line_has_a_bound(charset: str) -> None:
    taken = text_lines(["short\n".encode(charset), ("x" * 200).encode(charset)], charset, 100)
    assert next(taken) == "short"
    with pytest.raises(BodyTooLarge):
        next(taken)
