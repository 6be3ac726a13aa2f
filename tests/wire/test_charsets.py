"""Text by its charset, XML by its own declaration (RFC 7303)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.media_types import decode_text, encode_text
from dynaclient.wire.percent import StyleError

XML = "application/xml"
LATIN = "<?xml version='1.0' encoding = 'ISO-8859-1' ?><a>é</a>"


@settings(max_examples=60, deadline=None)
@given(st.text(), st.sampled_from(["text/plain", "text/csv; charset=utf-16", XML, "a/b; charset=utf-8"]))
def test_text_comes_back(text: str, content_type: str) -> None:
    if content_type == XML and text.startswith("\ufeff"):
        text = text.lstrip("\ufeff")
    assert decode_text(encode_text(text, content_type), content_type) == text


@pytest.mark.parametrize(
    ("content", "content_type", "due"),
    [
        (b"\xe9", "text/plain; charset=latin-1", "é"),
        (LATIN.encode("latin-1"), XML, LATIN),
        (LATIN.encode("utf-8"), "application/xml; charset=utf-8", LATIN),
        (b"\xef\xbb\xbf<a/>", XML, "<a/>"),
        (b"\xef\xbb\xbf<a/>", "text/xml; charset=latin-1", "<a/>"),
        ("<a/>".encode("utf-16"), "image/svg+xml", "<a/>"),
        (LATIN.encode(), "text/plain", LATIN),
        (b"", XML, ""),
    ],
)
def test_decoded(content: bytes, content_type: str, due: str) -> None:
    assert decode_text(content, content_type) == due


@pytest.mark.parametrize(
    ("text", "content_type", "due"),
    [
        (LATIN, XML, LATIN.encode("latin-1")),
        (LATIN, "text/xml; charset=utf-8", LATIN.encode()),
        (LATIN, "text/plain", LATIN.encode()),
        ("<a>é</a>", XML, "<a>é</a>".encode()),
    ],
)
def test_encoded(text: str, content_type: str, due: bytes) -> None:
    assert encode_text(text, content_type) == due


@pytest.mark.parametrize(
    ("text", "content_type"),
    [("€", "text/plain; charset=latin-1"), ("a", "text/plain; charset=zip"), ("\ud800", "text/plain"),
     ("a", "text/plain; charset=base64"), (LATIN.replace("ISO-8859-1", "nothing"), XML)],
)  # fmt: skip
def test_what_no_charset_carries(text: str, content_type: str) -> None:
    with pytest.raises(StyleError):
        encode_text(text, content_type)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"\xff", "text/plain"), (b"a", "text/plain; charset=zip"), (b"a", "text/plain; charset=idna\0"),
     (b'<?xml version="1.0" encoding="nothing"?>', XML)],
)  # fmt: skip
def test_what_is_no_text(content: bytes, content_type: str) -> None:
    with pytest.raises(Undecodable):
        decode_text(content, content_type)
