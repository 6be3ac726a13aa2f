"""Bodies to bytes and back, by media type."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dynaclient.document.model import MediaType
from dynaclient.document.node import Node
from dynaclient.wire import codecs, media_types
from dynaclient.wire.encoded import Encoded
from dynaclient.wire.json_values import Undecodable
from dynaclient.wire.styles import StyleError


def media_type(name: str = "", encoding: dict[str, Any] | None = None) -> MediaType:
    return MediaType(name, None, None, {key: Node(item) for key, item in (encoding or {}).items()}, Node({}))


def content(*names: str) -> dict[str, MediaType]:
    return {name: media_type(name) for name in names}


# -- names -------------------------------------------------------------------------------------------

MATCHING: list[tuple[list[str], str, str | None]] = [
    (["application/json"], "application/json", "application/json"),
    (["application/json"], "Application/JSON; charset=utf-8", "application/json"),
    (["application/json; charset=utf-8"], "application/json", "application/json; charset=utf-8"),
    (["*/*", "application/*", "application/json"], "application/json", "application/json"),
    (["*/*", "application/*"], "application/json", "application/*"),
    (["*/*", "text/*"], "application/json", "*/*"),
    (["text/*"], "application/json", None),
    (["application/json"], "application/problem+json", None),
    (["application/json"], "", None),
    ([], "application/json", None),
]


@pytest.mark.parametrize(("names", "stated", "due"), MATCHING)
def test_the_most_specific_entry_matches(names: list[str], stated: str, due: str | None) -> None:
    found = media_types.matching(content(*names), stated)
    assert (found.name if found else None) == due


KINDS = [
    ("application/json", "json"),
    ("application/problem+json", "json"),
    ("text/json", "json"),
    ("application/x-json", "json"),
    ("application/jsonlines", ""),
    ("text/plain", "text"),
    ("application/xml", "text"),
    ("image/svg+xml", "text"),
    ("application/x-www-form-urlencoded", "form"),
    ("multipart/form-data", "form"),
    ("multipart/mixed", ""),
    ("application/octet-stream", ""),
]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_kinds(name: str, kind: str) -> None:
    kinds = {
        "json": media_types.is_json(name),
        "text": media_types.is_text(name),
        "form": media_types.is_form(name),
    }
    assert next((each for each, holds in kinds.items() if holds), "") == kind


JSON, FORM, MULTI, TEXT, ANY = (
    "application/json",
    media_types.FORM,
    media_types.MULTIPART,
    "text/plain",
    "*/*",
)
CHOICES: list[tuple[list[str], Any, str]] = [
    ([JSON], {}, JSON),
    ([TEXT, JSON], {}, JSON),
    ([JSON, TEXT], "a", JSON),
    ([TEXT, JSON], "a", TEXT),
    ([FORM, JSON], {}, FORM),
    ([FORM, JSON], [], JSON),
    ([JSON, "image/png"], b"", "image/png"),
    ([JSON], b"", JSON),
    ([JSON, ANY], b"", ANY),
    ([MULTI, JSON], {"f": b""}, MULTI),
    (["image/png", JSON], 5, JSON),
    (["image/png"], {}, "image/png"),
    (["application/xml", JSON], None, JSON),
]


@pytest.mark.parametrize(("names", "value", "due"), CHOICES)
def test_the_first_that_can_carry_the_value_is_chosen(names: list[str], value: Any, due: str) -> None:
    assert codecs.choose_media_type(content(*names), value) == due


@pytest.mark.parametrize(
    ("name", "value", "due"),
    [(JSON, {}, JSON), (ANY, {}, JSON), (ANY, b"", media_types.BINARY),
     (ANY, "a", "text/plain; charset=utf-8"),
     ("application/*", b"", media_types.BINARY), ("image/*", b"", "image/octet-stream")],
)  # fmt: skip
def test_no_wildcard_goes_out(name: str, value: Any, due: str) -> None:
    assert codecs.encode_body(value, name, None).content_type == due


# -- encoding ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)  # fmt: skip
def test_json_comes_back(value: Any) -> None:
    sent = codecs.encode_body(value, JSON, None)
    assert sent.content_type == JSON
    assert json.loads(sent.content) == codecs.decode_body(sent.content, JSON) == value


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, {"a": b""}, {1, 2}])
def test_what_json_cannot_hold(value: Any) -> None:
    with pytest.raises(StyleError):
        codecs.encode_body(value, JSON, None)


FORMS: list[tuple[Any, dict[str, Any], bytes]] = [
    ({"a": "1", "b": 2, "c": True}, {}, b"a=1&b=2&c=true"),
    ({"a b": "c d&é+"}, {}, b"a%20b=c%20d%26%C3%A9%2B"),
    ({"a": ["x", "y z"]}, {}, b"a=x&a=y%20z"),
    ({"a": ["x", "y"]}, {"a": {"explode": False}}, b"a=x,y"),
    ({"a": ["x", "y"]}, {"a": {"style": "spaceDelimited"}}, b"a=x%20y"),
    ({"a": {"b": 1}}, {}, b"a=%7B%22b%22%3A1%7D"),
    ({"a": [{"b": 1}]}, {}, b"a=%5B%7B%22b%22%3A1%7D%5D"),
    ({"a": {"b": 1}}, {"a": {"style": "deepObject", "explode": True}}, b"a%5Bb%5D=1"),
    ({"a": ""}, {}, b"a="),
    ({"a": []}, {}, b""),
    ({}, {}, b""),
]


@pytest.mark.parametrize(
    ("value", "encoding", "due"), FORMS, ids=[row[2].decode() or "empty" for row in FORMS]
)
def test_form(value: Any, encoding: dict[str, Any], due: bytes) -> None:
    assert vars(codecs.encode_body(value, FORM, media_type(FORM, encoding))) == vars(Encoded(due, FORM))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.text() | st.lists(st.text(), min_size=2)))
def test_werkzeug_reads_our_forms(value: Any) -> None:
    """Werkzeug reads a name with nothing behind it as the empty text, as browsers do."""
    sent = codecs.encode_body(value, FORM, None)
    with EnvironBuilder(method="POST", data=sent.content, content_type=FORM).get_request() as request:
        found = {name: texts if len(texts) > 1 else texts[0] for name, texts in request.form.lists()}
    assert found == value
    assert codecs.decode_body(sent.content, FORM) == value


def named(name: str, data: bytes) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file


def parts(value: Any, encoding: dict[str, Any] | None = None) -> list[tuple[str, str | None, str, bytes]]:
    """(name, file name, content type, content) of each part, as werkzeug reads them."""
    sent = codecs.encode_body(value, MULTI, media_type(MULTI, encoding))
    request = Request.from_values(method="POST", data=sent.content, content_type=sent.content_type)
    files = [
        (name, file.filename, file.content_type or "", file.read())
        for name, file in request.files.items(True)
    ]
    fields = [(name, None, "", text.encode()) for name, text in request.form.items(True)]
    request.close()
    return files + fields


MULTIPARTS: list[tuple[Any, list[tuple[str, str | None, str, bytes]]]] = [
    ({"f": b"\x00\xff\r\n--"}, [("f", "f", "application/octet-stream", b"\x00\xff\r\n--")]),
    ({"f": bytearray(b"a")}, [("f", "f", "application/octet-stream", b"a")]),
    ({"f": named("/home/me/codes.csv", b"a,b")}, [("f", "codes.csv", "text/csv", b"a,b")]),
    ({"f": named('é"x.png', b"")}, [("f", 'é"x.png', "image/png", b"")]),
    ({"f": io.BytesIO(b"a")}, [("f", "f", "application/octet-stream", b"a")]),
    ({"f": [b"a", b"b"]}, [("f", "f", media_types.BINARY, b"a"), ("f", "f", media_types.BINARY, b"b")]),
    ({"t": "é", "n": 5}, [("t", None, "", "é".encode()), ("n", None, "", b"5")]),
    ({"b": True}, [("b", None, "", b"true")]),
    ({"o": {"a": 1}}, [("o", None, "", b'{"a":1}')]),
    ({'q"\r\n': "x"}, [('q"%0D%0A', None, "", b"x")]),
    ({}, []),
]  # fmt: skip


@pytest.mark.parametrize(("value", "due"), MULTIPARTS, ids=[str(row[1]) for row in MULTIPARTS])
def test_werkzeug_reads_our_multipart(value: Any, due: Any) -> None:
    found = parts(value)
    assert found == due


def test_the_encoding_object_states_the_type_of_a_part() -> None:
    assert parts({"f": b"a"}, {"f": {"contentType": "image/png, image/jpeg"}})[0][2] == "image/png"
    sent = codecs.encode_body({"o": {"a": 1}}, MULTI, None)
    assert b"Content-Type: application/json\r\n\r\n" in sent.content


RAW: list[tuple[Any, str, bytes]] = [
    ("é", "text/plain", "é".encode()),
    ("é", "text/plain; charset=latin-1", b"\xe9"),
    (b"\xff", "image/png", b"\xff"),
    (io.BytesIO(b"abc"), "application/octet-stream", b"abc"),
    (io.StringIO("é"), "text/csv", "é".encode()),
    ("<a/>", "application/xml", b"<a/>"),
    ("a: 1", "application/yaml", b"a: 1"),
    (5, "text/plain", b"5"),
]


@pytest.mark.parametrize(("value", "name", "due"), RAW, ids=[row[1] for row in RAW])
def test_other_types_pass_through(value: Any, name: str, due: bytes) -> None:
    assert vars(codecs.encode_body(value, name, None)) == vars(Encoded(due, name))


LATIN, ZIP = "text/plain; charset=latin-1", "text/plain; charset=zip"


@pytest.mark.parametrize(("value", "name"), [("€", LATIN), ("a", ZIP), (object(), "x/y")])
def test_what_cannot_be_carried(value: Any, name: str) -> None:
    with pytest.raises(StyleError):
        codecs.encode_body(value, name, None)


# -- decoding ----------------------------------------------------------------------------------------

DECODED: list[tuple[bytes, str, Any]] = [
    (b'{"a": [1, 2.0, null, true]}', JSON, {"a": [1, 2.0, None, True]}),
    (b'"\\u00e9"', "application/problem+json", "é"),
    ('"é"'.encode("utf-16"), JSON, "é"),
    (b'\xef\xbb\xbf"a"', JSON, "a"),
    (b'"\\ud83d"', JSON, "�"),
    (b'"\\ud83d\\ude00"', JSON, "😀"),
    (b'"\\\\ud83d"', JSON, "\\ud83d"),
    (b"\xe9", "text/plain; charset=ISO-8859-1", "é"),
    ("é".encode(), "text/html", "é"),
    (b"<a/>", "application/atom+xml", "<a/>"),
    (b"a=1&a=2&b=x+y&c=", FORM, {"a": ["1", "2"], "b": "x y", "c": ""}),
    (b"\x00", "application/octet-stream", b"\x00"),
    (b"\x00", "", b"\x00"),
]


@pytest.mark.parametrize(("data", "name", "due"), DECODED, ids=[repr(row[0]) for row in DECODED])
def test_decode(data: bytes, name: str, due: Any) -> None:
    assert codecs.decode_body(data, name) == due


BROKEN = [b"{", b"", b"NaN", b"-Infinity", b'"\xff"', b"[" * 10_000, b"1" * 5000, b'"\xed\xa0\x80"', b"{}x"]


@pytest.mark.parametrize(
    ("data", "name"),
    [*((data, JSON) for data in BROKEN), (b"\xff", TEXT), (b"a", ZIP)],
    ids=lambda value: repr(value)[:20],
)
def test_undecodable(data: bytes, name: str) -> None:
    with pytest.raises(Undecodable):
        codecs.decode_body(data, name)
