"""Each family of media types has its codec; what they write and read is in test_bodies."""

from __future__ import annotations

import io

import pytest

from dynaclient.wire.codecs import FAMILIES, OTHER, Codec, ascii_only, codec
from dynaclient.wire.encoded import text_of

KINDS = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/x-ndjson",
    "application/xml",
    "text/csv",
    "application/octet-stream",
]
"""One of each family, in their order."""


@pytest.mark.parametrize(("kind", "row"), [*zip(KINDS, (row for _, row in FAMILIES), strict=True)])
def test_each_row_is_the_codec_of_its_family(kind: str, row: Codec) -> None:
    assert codec(kind) is row


def test_any_other_type_has_a_codec_too() -> None:
    assert codec("application/x-nobody-knows") is OTHER


@pytest.mark.parametrize(
    ("content_type", "due"),
    [
        ("application/json", False),
        ("application/json; charset=UTF-8", False),
        ("application/json; charset=latin-1", True),
    ],
)
def test_json_is_written_in_ascii_where_another_charset_is_named(content_type: str, due: bool) -> None:
    assert ascii_only(content_type) is due


def test_only_a_file_of_text_has_a_text() -> None:
    assert text_of(io.StringIO("é")) == "é"
    assert text_of(io.BytesIO(b"x")) is None
    assert text_of("text") is None
