"""JSON text to data and back: what RFC 8259 allows, and the same with orjson as without."""

from __future__ import annotations

import datetime
import enum
import json
from collections import OrderedDict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dynaclient.wire.json_values import NotPlain, Undecodable, decode_json, json_bytes, json_bytes_and_value
from dynaclient.wire.percent import StyleError
from tests.json_readers import ORJSON, using


@pytest.fixture(params=[None, ORJSON], ids=["stdlib", "orjson"])
def _reader(request: pytest.FixtureRequest) -> Iterator[None]:
    with using(request.param):
        yield


both = pytest.mark.usefixtures("_reader")


class Colour(str, enum.Enum):
    RED = "red"


WRITTEN: list[tuple[Any, bytes]] = [
    (None, b"null"),
    (-0.0, b"-0.0"),
    (1.0, b"1.0"),
    (1e16, b"1e+16"),
    (1e22, b"1e+22"),
    (1e-4, b"0.0001"),
    (1e-5, b"1e-05"),
    (5e-324, b"5e-324"),
    (0.1 + 0.2, b"0.30000000000000004"),
    (2**53 + 1, b"9007199254740993"),
    (2**64, b"18446744073709551616"),
    (-(2**70), b"-1180591620717411303424"),
    ("é\u2028\x7f😀", '"é\u2028\x7f😀"'.encode()),
    ('"\\/\b\f\n\r\t\x00\x1f', b'"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f"'),
    ({"b": 1, "a": [True, False, {}]}, b'{"b":1,"a":[true,false,{}]}'),
    ((1, 2), b"[1,2]"),
    (OrderedDict(z=1), b'{"z":1}'),
    ([Colour.RED], b'["red"]'),
    ({Colour.RED: 1}, b'{"red":1}'),
    (Decimal("1.5"), b"1.5"),
    (Decimal("12345678901234567890123"), b"12345678901234567890123"),
    (datetime.date(2026, 1, 2), b'"2026-01-02"'),
    ([datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)], b'["2026-01-02T00:00:00Z"]'),
]


@both
@pytest.mark.parametrize(("value", "text"), WRITTEN, ids=[repr(text)[:30] for _, text in WRITTEN])
def test_written(value: Any, text: bytes) -> None:
    content, as_json_has_it = json_bytes_and_value(value)
    assert content == text
    assert json.loads(content) == as_json_has_it


@both
def test_what_is_plain_is_not_copied() -> None:
    value = {"a": [1, "b", None, {"c": 1.5}]}
    assert json_bytes_and_value(value)[1] is value


REFUSED: list[tuple[Any, str, str]] = [
    ({"a": [1, float("nan")]}, "/a/1", "not JSON"),
    ([float("inf")], "/0", "not JSON"),
    ([-float("inf"), None], "/0", "not JSON"),
    ({"a": {1: 2}}, "/a", "the key 1 is not a string"),
    ({None: 2}, "", "the key None is not a string"),
    ({True: 2}, "", "the key True is not a string"),
    ({"a": b"x"}, "/a", "cannot be written as JSON"),
    ({"a": {1, 2}}, "/a", "cannot be written as JSON"),
    ({"a": 1j}, "/a", "cannot be written as JSON"),
    ({"a": object()}, "/a", "cannot be written as JSON"),
    ({"a": ["\ud800"]}, "/a/0", "surrogate"),
    ({"\udfff": 1}, "", "surrogate"),
    ({"a": 10**5000}, "/a", "digits"),
    ({"a": datetime.datetime(2026, 1, 2)}, "/a", "time zone"),
]


@both
@pytest.mark.parametrize(("value", "pointer", "said"), REFUSED, ids=[row[1] + row[2] for row in REFUSED])
def test_refused(value: Any, pointer: str, said: str) -> None:
    with pytest.raises(NotPlain, match=said) as raised:
        json_bytes_and_value(value)
    assert raised.value.pointer == pointer


@both
def test_a_circle_and_what_is_too_deep_are_refused() -> None:
    circle: list[Any] = []
    circle += [circle, circle]
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    for value in (circle, deep):
        with pytest.raises(NotPlain, match="nested deeper"):
            json_bytes_and_value(value)


@both
def test_another_charset_is_written_in_ascii() -> None:
    assert json_bytes_and_value({"a": "é😀"}, ascii_only=True)[0] == b'{"a":"\\u00e9\\ud83d\\ude00"}'
    with pytest.raises(NotPlain, match="surrogate"):
        json_bytes_and_value(["\ud800"], ascii_only=True)


@both
def test_json_bytes_points_at_what_json_has_not() -> None:
    with pytest.raises(StyleError, match="cannot be written as JSON") as raised:
        json_bytes({"a": [b"x"]})
    assert raised.value.pointer == "/a/0"


READ: list[tuple[bytes, Any]] = [
    (b"-0", 0),
    (b"1E5", 1e5),
    (b"1e308", 1e308),
    (b"1e-400", 0.0),
    (b"1.00000000000000000001", 1.0),
    (b"18446744073709551615", 2**64 - 1),
    (b"[18446744073709551616,-18446744073709551616]", [2**64, -(2**64)]),
    (b"123456789012345678901234567890", 123456789012345678901234567890),
    (b'{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}),
    (b'"1234567890123456789012"', "1234567890123456789012"),
    (b'"\\ud83d\\ude00"', "😀"),
    (b'"\\ud83d"', "\ufffd"),
    (b'"\\ud83d\\ud83d\\ude00"', "\ufffd😀"),
    (b'"\\u0000\\/"', "\0/"),
    (b"\xef\xbb\xbf[1]", [1]),
    ('["é"]'.encode("utf-16"), ["é"]),
    ('["é"]'.encode("utf-32-le"), ["é"]),
    (b" \n\t\r1 ", 1),
]


@both
@pytest.mark.parametrize(("text", "value"), READ, ids=[repr(text)[:30] for text, _ in READ])
def test_read(text: bytes, value: Any) -> None:
    found = decode_json(text)
    assert found == value
    assert type(found) is type(value)
    if isinstance(value, dict):
        assert list(found) == list(value)


NOT_JSON = [
    b"", b" ", b"NaN", b"[Infinity]", b"-Infinity", b"01", b"1.", b".5", b"+1", b"[1,]", b"{a:1}",
    b'{"a":1,}', b"'a'", b'"\x01"', b'"\\x"', b'"\xff"', b'"\xed\xa0\x80"', b"\x00", b"[1] 2", b'"\\ud8"',
    b"tru", b"\x0c1", b"[" * 100_000, b"9" * 5000,
]  # fmt: skip


@both
@pytest.mark.parametrize("text", NOT_JSON, ids=repr)
def test_what_is_no_json(text: bytes) -> None:
    with pytest.raises(Undecodable, match="JSON"):
        decode_json(text)


BEYOND = [
    b"1e400",
    b"-1e400",
    b'{"a":[1E+999]}',
    b"1" * 400 + b".0",
    b'{"id":18446744073709551616,"x":1e309}',
]


@both
@pytest.mark.parametrize("text", BEYOND, ids=lambda text: repr(text)[:30])
def test_what_no_float_holds_is_infinity(text: bytes) -> None:
    """The rest of the answer is not lost; the check says what is wrong, and where."""
    assert decode_json(text) == json.loads(text)
    assert "inf" in repr(decode_json(text))


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=VALUES)
def test_both_write_the_same_bytes_and_read_them_alike(value: Any) -> None:
    expected = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    for module in (None, ORJSON):
        with using(module):
            assert json_bytes_and_value(value) == (expected, value)
            assert repr(decode_json(expected)) == repr(value)


@given(text=st.text(alphabet='{}[]:,"\\ud8c0e+-.12tfn ', max_size=24) | st.binary(max_size=12))
@example(text='"\\ud800\\udc00"')
@example(text="-0.0e-1")
def test_both_read_any_text_alike(text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    said = []
    for module in (None, ORJSON):
        with using(module):
            try:
                said.append(repr(decode_json(content)))
            except Undecodable as error:
                said.append(str(error))
    assert said[0] == said[1]
