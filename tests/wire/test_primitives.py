"""Primitive values as text: as JSON writes them, and what a header and a cookie can hold."""

import enum

import pytest

from dynaclient.wire.percent import StyleError
from dynaclient.wire.styles import cookie_serializer, header_pen, percent_serializer, primitive_text


class Colour(str, enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (2**60, "1152921504606846976"),
        (10.0, "10.0"),
        (4.5, "4.5"),
        (1e22, "1e+22"),
        (-0.0, "-0.0"),
        ("", ""),
        ("true", "true"),
        (Colour.RED, "red"),
        (Size.BIG, "3"),
    ],
)
def test_primitives_are_written_as_json_writes_them(value, written):
    assert primitive_text(value) == written


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "null"),
        ([1], "array"),
        ({}, "object"),
        (float("nan"), "NaN"),
        (float("-inf"), "Infinity"),
        pytest.param(10**5000, "digits", id="huge"),
        (b"x", "bytes"),
        (object(), "object"),
    ],
)
def test_anything_else_is_refused_by_name(value, says):
    with pytest.raises(StyleError, match=says):
        primitive_text(value)


def test_delimiters_are_encoded_even_if_they_could_stay():
    pen = percent_serializer(",;")
    assert (pen("a,b;c"), pen("a,b;c", ",")) == ("a,b;c", "a%2Cb;c")


@pytest.mark.parametrize("value", ["a b", "a\tb", "é", "ÿ", 'say "hi", twice', "%20", "\x80"])
def test_a_header_passes_as_it_is(value):
    assert header_pen(value) == value


@pytest.mark.parametrize("value", ["a\r\nX: y", "\n", "\r", "\0", "\x7f", "\x1b", "Δ", "\u0100", "\ud800"])
def test_what_a_header_cannot_hold_is_refused(value):
    with pytest.raises(StyleError, match="header"):
        header_pen(value)


@pytest.mark.parametrize(
    "value", ["", "abc", "a=b&c", "%20", '"quoted"', '""', "!#$%&'()*+-./:<=>?@[]^_`{|}~"]
)
def test_a_cookie_value_passes_as_it_is(value):
    assert cookie_serializer(value) == value


@pytest.mark.parametrize(
    "value", ["a;b", "a,b", "a b", "a\\b", 'a"b', '"', '"a', "é", "\t", "\r\n", "\0", "\x7f"]
)
def test_what_a_cookie_value_cannot_hold_is_refused(value):
    with pytest.raises(StyleError, match="cookie value"):
        cookie_serializer(value)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "é", "a/b", "a\n"])
def test_what_cannot_name_a_cookie_is_refused(name):
    with pytest.raises(StyleError, match="name a cookie"):
        cookie_serializer(name, "=")
