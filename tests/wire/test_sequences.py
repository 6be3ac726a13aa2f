"""Items of a sequence: the same however its bytes are cut, each as soon as it is complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.errors import BodyTooLarge
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.sequences import (
    SEQUENCES,
    decode_record,
    iter_lines,
    json_lines,
    json_seq,
    sequence,
    split_at,
)

LIMIT = 1_000_000


def cuts(body: bytes) -> Iterator[list[bytes]]:
    """Every cut in two, every byte alone, and the whole."""
    for at in range(len(body) + 1):
        yield [body[:at], body[at:]]
    yield [body[at : at + 1] for at in range(len(body))]
    yield [body]


LINES = {
    b"": [],
    b"a": [b"a"],
    b"a\n": [b"a"],
    b"a\nb": [b"a", b"b"],
    b"a\rb\r": [b"a", b"b"],
    b"a\r\nb\r\n": [b"a", b"b"],
    b"\n": [b""],
    b"\r\r": [b"", b""],
    b"\r\n\r\n": [b"", b""],
    b"\n\r": [b"", b""],
    b"a\r\r\nb": [b"a", b"", b"b"],
    b"a\n\r\nb": [b"a", b"", b"b"],
    "a\u2028b\x0b\x0cc\x85".encode(): ["a\u2028b\x0b\x0cc\x85".encode()],  # line breaks to str.splitlines
}


@pytest.mark.parametrize("body", LINES)
def test_lines(body: bytes) -> None:
    for pieces in cuts(body):
        assert list(iter_lines(pieces, LIMIT)) == LINES[body], pieces


@given(st.binary().flatmap(lambda body: st.tuples(st.just(body), st.lists(st.integers(0, len(body))))))
def test_lines_are_those_of_bytes_however_they_are_cut(case: tuple[bytes, list[int]]) -> None:
    body, places = case
    bounds = [0, *sorted(places), len(body)]
    pieces = [body[start:end] for start, end in pairwise(bounds)]
    assert list(iter_lines(pieces, LIMIT)) == body.splitlines()  # of bytes: CR, LF and CRLF, no other


JSON_LINES = {
    b'{"a":1}\n{"a":2}\n': [b'{"a":1}', b'{"a":2}'],
    b'{"a":1}\n{"a":2}': [b'{"a":1}', b'{"a":2}'],
    b"1\r\n2\r\n": [b"1\r", b"2\r"],
    b"\n \n\t\r\n1\n\n": [b"1"],
    b'{"a":\r1}\n': [b'{"a":\r1}'],  # a CR is white space in JSON, and ends no line here
    b'"a\xe2\x80\xa8b"\n': ['"a\u2028b"'.encode()],
    b"": [],
}


@pytest.mark.parametrize("body", JSON_LINES)
def test_json_lines(body: bytes) -> None:
    for pieces in cuts(body):
        assert list(json_lines(pieces, LIMIT)) == JSON_LINES[body], pieces


JSON_SEQ = {
    b"": [],
    b'\x1e{"a":1}\n\x1e{"a":2}\n': [{"a": 1}, {"a": 2}],
    b'\x1e{"a":\n1\n}\n\x1e[\n2]\n': [{"a": 1}, [2]],  # over several lines
    b"\x1e1\n\x1etrue\n\x1enull\n": [1, True, None],
    b"\x1e1 \x1e2\n": [1, 2],
    b"\x1e[1]\x1e[2]": [[1], [2]],  # a bracket says that it is whole
    b"\x1e\x1e\n\x1e \x1e1\n": [1],  # records without anything are passed over (section 2.3)
    b'\x1e"\xe2\x82\xac"\n': ["€"],
    b"\x1e12\x1e[1]\n": [Undecodable, [1]],  # 12 may have been 123 (section 2.4)
    b"\x1e[1]\n\x1e12": [[1], Undecodable],
    b'\x1e{"a":1\n\x1e2\n': [Undecodable, 2],  # a broken one does not take the next along (section 2.1)
    b"\x1e1\n2\n\x1e3\n": [1, 2, 3],
    b"\x1e1\n[\n\x1e3\n": [1, Undecodable, 3],
}


def read(record: bytes) -> object:
    try:
        return decode_record(record)
    except Undecodable:
        return Undecodable


@pytest.mark.parametrize("body", JSON_SEQ)
def test_json_seq(body: bytes) -> None:
    for pieces in cuts(body):
        assert [read(record) for record in json_seq(pieces, LIMIT)] == JSON_SEQ[body], pieces


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 1]), st.integers(1, 40))
def test_what_was_written_is_read(values: list[object], indent: int | None, size: int) -> None:
    for split_, decode in (SEQUENCES["application/json-seq"], SEQUENCES["application/x-ndjson"]):
        texts = [json.dumps(value, indent=indent if split_ is json_seq else None) for value in values]
        mark = "\x1e" if split_ is json_seq else ""
        body = "".join(f"{mark}{text}\n" for text in texts).encode()
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        assert [decode(item) for item in split_(pieces, LIMIT)] == values


TIMELY = {
    "lines": (iter_lines, b"a\r", b"a"),
    "json_lines": (json_lines, b"1\n", b"1"),
    "json_seq": (json_seq, b"\x1e1\n", b"1\n"),
}


@pytest.mark.parametrize("name", TIMELY)
def test_an_item_is_given_before_more_comes(name: str) -> None:
    splitter, first, item = TIMELY[name]

    def pieces() -> Iterator[bytes]:
        yield first
        raise AssertionError("asked for more though an item was whole")

    assert next(splitter(pieces(), LIMIT)) == item


@pytest.mark.parametrize("name", TIMELY)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_no_more_than_one_item_of_the_limit_is_held(name: str, size: int) -> None:
    splitter, _, _ = TIMELY[name]
    mark = b"\x1e" if splitter is json_seq else b""
    fits, too_large = (mark + b'"%s"\n' % (b"x" * length) for length in (60, 110))
    assert len(list(splitter([fits] * 10, 100))) == 10
    body = fits + too_large
    found = splitter((body[at : at + size] for at in range(0, len(body), size)), 100)
    assert b"x" * 60 in next(found)
    with pytest.raises(BodyTooLarge, match="100 bytes"):
        next(found)


def test_a_cut_drops_the_rest_and_passes_the_error_on() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"1\n2"
        raise ConnectionError

    found = split_at(pieces(), b"\n", LIMIT)
    assert next(found) == b"1"
    with pytest.raises(ConnectionError):
        next(found)


def test_names() -> None:
    assert sequence("application/geo+json-seq") == SEQUENCES["application/json-seq"]
    assert sequence("application/x-ndjson") == sequence("application/jsonl") == SEQUENCES["application/jsonl"]
    assert sequence("application/json") is None
