"""Values of Python as JSON has them."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from collections import OrderedDict, UserDict, namedtuple
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient.schema import formats
from dynaclient.wire.json_values import MAX_DEPTH, NotPlain, is_binary, json_value, rfc3339

EAST = dt.timezone(dt.timedelta(hours=5, minutes=30))
Point = namedtuple("Point", "x y")


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Text(str):
    pass


PLAIN: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (5, 5),
    (1.0, 1.0),
    ("é", "é"),
    (Text("a"), "a"),
    (Level.HIGH, 3),
    (Colour.RED, "red"),
    ((1, 2), [1, 2]),
    (Point(1, 2), [1, 2]),
    (OrderedDict(a=1), {"a": 1}),
    (UserDict(a=1), {"a": 1}),
    (MappingProxyType({"a": (1,)}), {"a": [1]}),
    ({Colour.RED: 1}, {"red": 1}),
    (Decimal("1.50"), 1.5),
    (Decimal("2"), 2),
    (Decimal("1E+3"), 1000),
    (Decimal("0.5"), 0.5),
    (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    (dt.date(2024, 2, 29), "2024-02-29"),
    (dt.time(12, 30), "12:30:00"),
    (dt.time(12, 30, tzinfo=dt.timezone.utc), "12:30:00Z"),
    (dt.datetime(2024, 2, 29, tzinfo=dt.timezone.utc), "2024-02-29T00:00:00Z"),
    (dt.datetime(2024, 2, 29, tzinfo=EAST), "2024-02-29T00:00:00+05:30"),
    (dt.datetime(2024, 2, 29, 1, 2, 3, 40, dt.timezone.utc), "2024-02-29T01:02:03.000040Z"),
    ({"a": [{"b": dt.date(1, 1, 1)}]}, {"a": [{"b": "0001-01-01"}]}),
]


@pytest.mark.parametrize(("value", "due"), PLAIN, ids=[repr(value) for value, _ in PLAIN])
def test_plain(value: Any, due: Any) -> None:
    found = json_value(value)
    assert found == due
    assert type(found) is type(due)
    assert json.loads(json.dumps(found)) == due


REFUSED: list[tuple[Any, str, str]] = [
    (float("nan"), "", "not JSON"),
    ([1, float("inf")], "/1", "not JSON"),
    ({"a": {"b/c~": float("-inf")}}, "/a/b~1c~0", "not JSON"),
    (Decimal("NaN"), "", "not JSON"),
    (Decimal("sNaN"), "", "not JSON"),
    (Decimal("1E+1000000000"), "", "digits"),
    (10**5000, "", "digits"),
    ({"a": -(10**5000)}, "/a", "digits"),
    (dt.datetime(2024, 2, 29), "", "time zone"),
    ({"a": dt.datetime(2024, 2, 29)}, "/a", "time zone"),
    ({1: 2}, "", "not a string"),
    ({"a": {None: 2}}, "/a", "not a string"),
    ("\ud800", "", "surrogate"),
    ({"\udc00": 1}, "", "surrogate"),
    (b"a", "", "bytes"),
    ({"a": [b"a"]}, "/a/0", "bytes"),
    ({1, 2}, "", "set"),
    (dt.timedelta(1), "", "timedelta"),
    (Fraction(1, 3), "", "Fraction"),
    (1j, "", "complex"),
    (object(), "", "object"),
    (iter([]), "", "list_iterator"),
]


@pytest.mark.parametrize(("value", "pointer", "words"), REFUSED, ids=[str(i) for i, _ in enumerate(REFUSED)])
def test_refused_with_its_place(value: Any, pointer: str, words: str) -> None:
    with pytest.raises(NotPlain) as caught:
        json_value(value)
    assert caught.value.pointer == pointer
    assert words in caught.value.message


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def test_depth_is_bounded() -> None:
    assert json_value(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    circle: list[Any] = []
    circle.append(circle)
    for value in (nested(MAX_DEPTH + 1), nested(400), circle):
        with pytest.raises(NotPlain, match="deeper"):
            json_value(value)


@pytest.mark.parametrize("value", [b"a", bytearray(b"a"), memoryview(b"a"), io.BytesIO(b"a")])
def test_files_stay_where_they_may_stand(value: Any) -> None:
    assert is_binary(value)
    assert json_value({"f": [value]}, files=True)["f"][0] is value
    with pytest.raises(NotPlain):
        json_value({"f": [value]})


@settings(max_examples=80, deadline=None)
@given(st.datetimes(timezones=st.timezones() | st.just(dt.timezone.utc)))
def test_every_datetime_is_written_as_rfc_3339_wants_it(value: dt.datetime) -> None:
    offset = value.utcoffset()
    assert offset is not None
    if offset.total_seconds() % 60:  # local mean time, from before there were time zones
        with pytest.raises(NotPlain, match="in UTC"):
            rfc3339(value)
        return
    text = rfc3339(value)
    assert formats.date_time(text)
    read = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    assert (read.replace(tzinfo=None), read.utcoffset()) == (value.replace(tzinfo=None, fold=0), offset)
    assert ("Z" in text) == (offset == dt.timedelta(0))


def test_what_was_given_is_not_changed() -> None:
    given_ = {"a": (1, {"b": dt.date(2024, 1, 1)})}
    assert json_value(given_) == {"a": [1, {"b": "2024-01-01"}]}
    assert given_ == {"a": (1, {"b": dt.date(2024, 1, 1)})}
