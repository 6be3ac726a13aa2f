"""Percent-encoding: RFC 3986 section 2, RFC 6570 section 3.2.3."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.wire.percent import PATH_RESERVED, QUERY_RESERVED, StyleError, decode, encode

ODD = " a/b c+é%?#&=~:@;,$!*'()[]\"<>|^`\\{} "
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
texts = st.text(st.characters(exclude_categories=["Cs"]))


def test_unreserved_characters_stay():
    assert encode(UNRESERVED) == UNRESERVED


def test_odd_is_written_as_the_official_python_client_writes_it():
    assert encode(ODD.strip()) == (
        "a%2Fb%20c%2B%C3%A9%25%3F%23%26%3D~%3A%40%3B%2C%24%21%2A%27%28%29%5B%5D%22%3C%3E%7C%5E%60%5C%7B%7D"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" ", "%20"),
        ("+", "%2B"),
        ("%2F", "%252F"),
        ("Δ", "%CE%94"),
        ("\U0001f600", "%F0%9F%98%80"),
        ("\0", "%00"),
    ],
)
def test_everything_else_is_uppercase_hex_of_utf_8(text, written):
    assert encode(text) == written


@given(texts)
def test_an_outside_reader_reads_it_back(text):
    assert unquote(encode(text), errors="strict") == text == decode(encode(text))
    assert encode(text).isascii()


@given(texts)
def test_plus_is_never_written_so_reading_it_as_a_space_does_no_harm(text):
    assert decode(encode(text), plus=True) == text
    assert "+" not in encode(text, QUERY_RESERVED, triplets=True)


def test_triplets_pass_only_where_asked_and_only_whole():
    assert encode("100%25 %zz %2f", triplets=True) == "100%25%20%25zz%20%2f"
    assert encode("100%25") == "100%2525"


def test_reserved_characters_never_leave_their_component():
    assert not set(PATH_RESERVED) & set("/?#[]%")
    assert not set(QUERY_RESERVED) & set("#[]&+%")
    assert set(PATH_RESERVED) | set(QUERY_RESERVED) <= set(":/?#[]@!$&'()*+,;=")


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_a_lone_surrogate_is_refused(half):
    with pytest.raises(StyleError, match="surrogate"):
        encode(half)


@pytest.mark.parametrize("broken", ["%", "a%2", "%zz", "%%20", "100%"])
def test_a_broken_triplet_is_refused(broken):
    with pytest.raises(StyleError, match="hexadecimal"):
        decode(broken)


@pytest.mark.parametrize("broken", ["%ff", "%C3", "%ED%A0%80", "\ud800"])
def test_bytes_that_are_not_utf_8_are_refused(broken):
    with pytest.raises(StyleError, match="UTF-8"):
        decode(broken)


def test_plus_is_a_space_only_where_asked():
    assert decode("a+b%2Bc") == "a+b+c"
    assert decode("a+b%2Bc", plus=True) == "a b+c"
