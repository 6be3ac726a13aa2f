"""Media Type Objects over a socket: what arrives is what was given, and what is invalid is never sent.

The referees are independent parsers: `json`, werkzeug's form parser, the `email` package, `xml.etree`, and
bytes written by hand.
"""

from __future__ import annotations

import email.policy
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from werkzeug.test import EnvironBuilder

from dynaclient import Client, RequestInvalid, ResponseInvalid, SettingsError, register_codec
from dynaclient.sandbox import Sandbox
from dynaclient.wire import codecs, media_types
from tests.servers import RawServer, Recorded, reply
from tests.small import one, said

FORM, MULTIPART = media_types.FORM, media_types.MULTIPART
TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
FILE = {"type": "string", "format": "binary"}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "age": INTEGER}}


def sent(
    content: dict[str, Any],
    body: Any,
    *,
    options: dict[str, Any] | None = None,
    version: str = "3.1.0",
    **settings: Any,
) -> Recorded:
    """The request that comes of a body, as a server gets it."""
    with (
        RawServer(reply(204)) as server,
        Client(one("post", content=content, version=version), server=server.url, **settings) as client,
    ):
        client.send("op", body=body, options=options)
        return server.requests[-1]


# -- requests: one media type, one value, one referee ------------------------------------------------


def as_json(request: Recorded) -> Any:
    return json.loads(request.body)


def as_bytes(request: Recorded) -> bytes:
    return request.body


def as_form(request: Recorded) -> list[tuple[str, str]]:
    """The pairs that werkzeug's form parser finds."""
    content_type = request.header("Content-Type")
    with EnvironBuilder(method="POST", data=request.body, content_type=content_type).get_request() as asked:
        return list(asked.form.items(multi=True))


def as_mail(request: Recorded) -> list[tuple[str | None, str | None, str, bytes]]:
    """(name, file name, Content-Type, content) of each part, as the `email` package reads them."""
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP.clone(utf8=True))
    assert not message.defects
    found = []
    for part in message.iter_parts():
        disposition = part["Content-Disposition"]
        name = disposition.params.get("name") if disposition else None
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((name, part.get_filename(), part.get_content_type(), content))
    return found


def as_xml(request: Recorded) -> str | None:
    return ElementTree.fromstring(request.body).text


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


class Stream:
    """A file that can be read once, and cannot say how long it is."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def made(given: Any) -> Any:
    """What of a row is made anew for each test: a file that was read is empty for the next kind of client."""
    if isinstance(given, dict):
        return {name: made(value) for name, value in given.items()}
    return given() if callable(given) else given


Referee = Callable[[Recorded], Any]
MERGE, PATCH = "application/merge-patch+json", "application/json-patch+json"
LATIN = "text/plain; charset=iso-8859-1"
DECLARED = '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'

REQUESTS: list[tuple[str, Any, str, Referee, Any]] = [
    # documented, given, Content-Type (or its beginning), referee, what it finds
    ("application/json", {"a": [1, None, "é"]}, "application/json", as_json, {"a": [1, None, "é"]}),
    ("application/json; charset=utf-8", "é", "application/json; charset=utf-8", as_json, "é"),
    ("application/json; charset=latin-1", ["é"], "application/json", as_bytes, b'["\\u00e9"]'),
    (MERGE, {"a": None}, MERGE, as_json, {"a": None}),
    (PATCH, [{"op": "remove", "path": "/a"}], PATCH, as_json, [{"op": "remove", "path": "/a"}]),
    ("application/problem+json", {"title": "x"}, "application/problem+json", as_json, {"title": "x"}),
    ("application/hal+json", {"_links": {}}, "application/hal+json", as_json, {"_links": {}}),
    ("application/vnd.x.v2+json; v=2", [], "application/vnd.x.v2+json; v=2", as_json, []),
    ("application/*+json", {"a": 1}, "application/json", as_json, {"a": 1}),
    ("application/*", {"a": 1}, "application/json", as_json, {"a": 1}),
    ("*/*", {"a": 1}, "application/json", as_json, {"a": 1}),
    ("*/*", "é", "text/plain; charset=utf-8", as_bytes, "é".encode()),
    ("*/*", b"\x00", "application/octet-stream", as_bytes, b"\x00"),
    ("*/*", {"f": b"a"}, MULTIPART, as_mail, [("f", "f", "application/octet-stream", b"a")]),
    ("image/*", partial(named, "a.png", b"\x89P"), "image/png", as_bytes, b"\x89P"),
    ("text/*", 5, "text/plain", as_bytes, b"5"),
    (FORM, {"a b": "c&d=é", "n": [1, 2], "t": True}, FORM, as_form,
     [("a b", "c&d=é"), ("n", "1"), ("n", "2"), ("t", "true")]),
    (FORM, {"o": {"a": [1, None]}}, FORM, as_form, [("o", '{"a":[1,null]}')]),
    (MULTIPART, {"é": "ü", "n": 5, "f": partial(named, "ö.txt", b"a\r\n")}, MULTIPART, as_mail,
     [("é", None, "text/plain", "ü".encode()), ("n", None, "text/plain", b"5"),
      ("f", "ö.txt", "text/plain", b"a\r\n")]),
    (MULTIPART, {"f": [b"1", ("b.csv", b"2"), ("c", b"3", "image/png")], "o": {"a": 1}, "l": [[1]]},
     MULTIPART, as_mail,
     [("f", "f", "application/octet-stream", b"1"), ("f", "b.csv", "text/csv", b"2"),
      ("f", "c", "image/png", b"3"), ("o", None, "application/json", b'{"a":1}'),
      ("l", None, "application/json", b"[1]")]),
    (MULTIPART, {"v": (None, {"a": 1}, "application/vnd.x+json", {})}, MULTIPART, as_mail,
     [("v", None, "application/vnd.x+json", b'{"a":1}')]),
    ("multipart/mixed", [{"a": 1}, "t", ("a.bin", b"\x00")], "multipart/mixed; boundary=", as_mail,
     [(None, None, "application/json", b'{"a":1}'), (None, None, "text/plain", b"t"),
      (None, "a.bin", "application/octet-stream", b"\x00")]),
    ("text/plain", "é\n", "text/plain", as_bytes, "é\n".encode()),
    (LATIN, "é", LATIN, as_bytes, b"\xe9"),
    (LATIN, partial(io.StringIO, "é"), LATIN, as_bytes, b"\xe9"),
    ("text/plain", True, "text/plain", as_bytes, b"true"),
    ("text/csv", "a,b\r\n", "text/csv", as_bytes, b"a,b\r\n"),
    ("application/xml", "<a>é</a>", "application/xml", as_xml, "é"),
    ("application/soap+xml", DECLARED, "application/soap+xml", as_xml, "é"),
    ("text/xml; charset=utf-16", "<a>é</a>", "text/xml; charset=utf-16", as_xml, "é"),
    ("application/xml", b"<a>x</a>", "application/xml", as_xml, "x"),
    ("application/octet-stream", b"\x00\xff", "application/octet-stream", as_bytes, b"\x00\xff"),
    ("application/octet-stream", bytearray(b"a"), "application/octet-stream", as_bytes, b"a"),
    ("application/octet-stream", partial(io.BytesIO, b"abc"), "application/octet-stream", as_bytes, b"abc"),
    ("application/octet-stream", partial(Stream, b"abc"), "application/octet-stream", as_bytes, b"abc"),
    ("image/png", memoryview(b"\x89"), "image/png", as_bytes, b"\x89"),
    ("application/x-ndjson", [{"a": "é"}, None], "application/x-ndjson", as_bytes,
     '{"a":"é"}\nnull\n'.encode()),
    ("application/jsonl", partial(iter, [1, 2]), "application/jsonl", as_bytes, b"1\n2\n"),
    ("application/jsonl", [], "application/jsonl", as_bytes, b""),
    ("application/json-lines", {1: 2}.keys(), "application/json-lines", as_bytes, b"1\n"),
    ("application/json-seq", lambda: (n for n in (1, "a")), "application/json-seq", as_bytes,
     b'\x1e1\n\x1e"a"\n'),
    ("application/geo+json-seq", [{}], "application/geo+json-seq", as_bytes, b"\x1e{}\n"),
    ("application/x-ndjson", '{"a":1}\n', "application/x-ndjson", as_bytes, b'{"a":1}\n'),
    ("application/vnd.odd", "x", "application/vnd.odd", as_bytes, b"x"),
    ("application/vnd.odd", b"\x00", "application/vnd.odd", as_bytes, b"\x00"),
    ("application/yaml", "a: 1", "application/yaml", as_bytes, b"a: 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("documented", "given", "content_type", "referee", "due"),
    REQUESTS,
    ids=[f"{number}-{row[0]}" for number, row in enumerate(REQUESTS)],
)
def test_what_arrives_is_what_was_given(
    documented: str, given: Any, content_type: str, referee: Referee, due: Any
) -> None:
    request = sent({documented: {"schema": {}}}, made(given))
    assert (request.header("Content-Type") or "").startswith(content_type)
    assert referee(request) == due


def test_a_path_is_read_while_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "ä.csv"
    path.write_bytes(b"a,b\n" * 50_000)
    raw = sent({"application/octet-stream": {}}, path)
    assert (raw.body, raw.header("Content-Length")) == (path.read_bytes(), "200000")
    form = sent({MULTIPART: {"schema": {}}}, {"f": path, "n": 1})
    assert as_mail(form) == [("f", "ä.csv", "text/csv", path.read_bytes()), ("n", None, "text/plain", b"1")]
    assert form.header("Content-Length") == str(len(form.body))


def test_a_file_is_sent_from_where_it_stands() -> None:
    file = io.BytesIO(b"abcdef")
    file.seek(3)
    assert sent({"application/octet-stream": {}}, file).body == b"def"
    assert not file.closed


AS_TEXT: list[tuple[str, Callable[[Any], Any], bytes]] = [
    # documented, what is given of the file, what arrives: its text, in the charset of the body or of the part
    ("text/plain", lambda file: file, "é;\n".encode()),
    ("text/csv; charset=utf-16-le", lambda file: file, "é;\n".encode("utf-16-le")),
    (LATIN, lambda file: file, b"\xe9;\n"),
    ("application/xml", lambda file: file, "é;\n".encode()),
    ("application/x-ndjson", lambda file: file, "é;\n".encode()),
    ("application/octet-stream", lambda file: file, "é;\n".encode()),
    (MULTIPART, lambda file: {"f": file}, "é;\n".encode()),
    (MULTIPART, lambda file: {"f": ("f", file, "text/csv; charset=iso-8859-1")}, b"\xe9;\n"),
]


@pytest.mark.parametrize(
    ("kind", "given", "due"), AS_TEXT, ids=[f"{n}-{row[0]}" for n, row in enumerate(AS_TEXT)]
)
def test_a_file_that_is_open_for_text_is_sent_as_its_text(
    kind: str, given: Callable[[Any], Any], due: bytes, tmp_path: Path
) -> None:
    """Whatever the encoding that it was opened with."""
    (tmp_path / "f").write_bytes("é;\n".encode("cp850"))
    with open(tmp_path / "f", encoding="cp850") as file:
        request = sent({kind: {}}, given(file))
    assert (as_mail(request)[0][3] if kind == MULTIPART else request.body) == due


@pytest.mark.parametrize(
    ("kind", "mode", "said"),
    [
        ("text/plain; charset=ascii", "r", "cannot be written as text/plain; charset=ascii"),
        ("application/json", "r", "cannot be written as JSON"),
        (FORM, "r", "only in multipart/form-data"),
        ("text/plain", "a", "cannot be read: not readable"),
        ("application/octet-stream", "a", "cannot be read: not readable"),
        ("application/octet-stream", "ab", "cannot be read|cannot be sent"),
        (MULTIPART, "a", "cannot be read: not readable"),
    ],
)
def test_a_file_whose_text_cannot_be_sent_is_refused_before(
    kind: str, mode: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("é", encoding="utf-8")
    with open(tmp_path / "f", mode, encoding=None if "b" in mode else "utf-8") as file:
        given = {"f": file} if kind in (FORM, MULTIPART) else file
        with (
            RawServer(reply(204)) as server,
            Client(one("post", content={kind: {}}), server=server.url) as client,
        ):
            with pytest.raises(RequestInvalid, match=said):
                client.call("op", body=given)
            assert server.requests == []


def test_prepare_gives_the_body_of_a_file_unread() -> None:
    file = io.BytesIO(b"abc")
    client = Client(one("post", content={"application/octet-stream": {}}), server="http://test.invalid")
    request = client.prepare("op", body=file)
    assert request.headers["Content-Length"] == "3"
    assert (file.tell(), request.body.read()) == (0, b"abc")  # type: ignore[union-attr]


# -- which of several media types --------------------------------------------------------------------

JSON_OR_PARTS = ["application/json", MULTIPART]
CHOSEN: list[tuple[list[str], Any, str]] = [
    (JSON_OR_PARTS, {"a": "x"}, "application/json"),
    (JSON_OR_PARTS, {"a": b"x"}, MULTIPART),
    (JSON_OR_PARTS, {"a": [b"x"]}, MULTIPART),
    ([FORM, MULTIPART], {"a": b"x"}, MULTIPART),
    (["application/json", "application/x-ndjson"], [1], "application/json"),
    (["application/json", "application/x-ndjson"], iter([1]), "application/x-ndjson"),
    (["application/json", "application/xml"], "<a/>", "application/json"),
    (["application/xml", "application/json"], "<a/>", "application/xml"),
    (["application/xml", "application/json"], {}, "application/json"),
    (["application/json-patch+json", "application/json"], {}, "application/json"),
    (["application/json-patch+json", "application/json"], [], "application/json-patch+json"),
    (["application/json-patch+json", "application/xml"], {}, "application/json-patch+json"),
    (["application/json", "image/png"], b"\x89", "image/png"),
    (["image/png", "image/*"], partial(named, "a.gif", b"G"), "image/gif"),
]


@pytest.mark.parametrize(("names", "value", "due"), CHOSEN, ids=[str(row[::2]) for row in CHOSEN])
def test_the_value_chooses_the_media_type(names: list[str], value: Any, due: str) -> None:
    request = sent({name: {"schema": {}} for name in names}, made(value))
    assert media_types.essence(request.header("Content-Type") or "") == due


STATED: list[tuple[str, Any, str, bytes]] = [
    (FORM, {"a": 1}, FORM, b"a=1"),
    ("application/json; v=2", {"a": 1}, "application/json; v=2", b'{"a":1}'),
    ("application/merge-patch+json", {"a": 1}, "application/merge-patch+json", b'{"a":1}'),
    ("application/jsonl", partial(iter, [1]), "application/jsonl", b"1\n"),
    ("image/gif", b"GIF", "image/gif", b"GIF"),
]


@pytest.mark.parametrize(("stated", "value", "due", "body"), STATED, ids=[row[0] for row in STATED])
def test_content_type_of_the_options_decides(stated: str, value: Any, due: str, body: bytes) -> None:
    names = ["application/json", "application/*+json", FORM, "application/jsonl", "image/*"]
    request = sent({name: {} for name in names}, made(value), options={"content_type": stated})
    assert (request.header("Content-Type"), request.body) == (due, body)


# -- the Encoding Object -----------------------------------------------------------------------------

ENCODED: list[tuple[str, dict[str, Any], Any, Referee, Any]] = [
    (FORM, {"a": {"style": "form", "explode": False}}, {"a": [1, 2]}, as_bytes, b"a=1,2"),
    (FORM, {"a": {"style": "pipeDelimited"}}, {"a": [1, 2]}, as_bytes, b"a=1%7C2"),
    (FORM, {"a": {"style": "deepObject", "explode": True}}, {"a": {"b": 1}}, as_bytes, b"a%5Bb%5D=1"),
    (FORM, {"a": {"explode": True}}, {"a": {"b": 1, "c": 2}}, as_bytes, b"b=1&c=2"),
    (FORM, {"a": {"allowReserved": True}}, {"a": "/x?y&z"}, as_bytes, b"a=/x?y%26z"),
    (FORM, {"a": {"contentType": "application/json"}}, {"a": ["x", None]}, as_form, [("a", '["x",null]')]),
    (MULTIPART, {"a": {"style": "form", "explode": False}}, {"a": ["x y", "z"]}, as_form, [("a", "x y,z")]),
    (MULTIPART, {"a": {"style": "deepObject", "explode": True}}, {"a": {"b": "é"}}, as_form, [("a[b]", "é")]),
    (MULTIPART, {"a": {"contentType": "application/json"}}, {"a": "x"}, as_mail,
     [("a", None, "application/json", b'"x"')]),
    (MULTIPART, {"a": {"contentType": "application/json"}}, {"a": None}, as_mail,
     [("a", None, "application/json", b"null")]),
    (MULTIPART, {"a": {"contentType": "text/plain; charset=latin-1"}}, {"a": "é"}, as_mail,
     [("a", None, "text/plain", b"\xe9")]),
    (MULTIPART, {"a": {"contentType": "image/png, image/jpeg"}}, {"a": partial(named, "x.jpg", b"J")},
     as_mail, [("a", "x.jpg", "image/jpeg", b"J")]),
    (MULTIPART, {"a": {"contentType": "image/png, image/jpeg"}}, {"a": b"P"}, as_mail,
     [("a", "a", "image/png", b"P")]),
    (MULTIPART, {"a": {"contentType": "image/*"}}, {"a": ("x.gif", b"G")}, as_mail,
     [("a", "x.gif", "image/gif", b"G")]),
    (MULTIPART, {"a": {"contentType": "application/xml"}}, {"a": "<x/>"}, as_mail,
     [("a", None, "application/xml", b"<x/>")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "encoding", "value", "referee", "due"), ENCODED, ids=[f"{row[0]}-{row[1]}" for row in ENCODED]
)
def test_the_encoding_object_is_followed(
    kind: str, encoding: Any, value: Any, referee: Referee, due: Any
) -> None:
    assert referee(sent({kind: {"schema": {}, "encoding": encoding}}, made(value))) == due


COUNTED = {"f": {"headers": {"X-Count": {"required": True, "schema": INTEGER}, "Content-Type": {}}}}


def test_headers_of_a_part_go_with_it() -> None:
    content = {MULTIPART: {"schema": {}, "encoding": COUNTED}}
    request = sent(content, {"f": ("a.txt", b"a", None, {"X-Count": 5, "X-More": [1, 2]})})
    head = request.body.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    assert head == [
        b'Content-Disposition: form-data; name="f"; filename="a.txt"',
        b"Content-Type: text/plain",
        b"X-Count: 5",
        b"X-More: 1,2",
    ]


TEXT_FILES: list[tuple[Any, list[Any]]] = [
    (("a.csv", "é,b", "text/csv"), [("f", "a.csv", "text/csv", "é,b".encode())]),
    (("a.csv", "é", "text/csv; charset=latin-1"), [("f", "a.csv", "text/csv", b"\xe9")]),
    (("a.json", '{"a": 1}', "Application/JSON"), [("f", "a.json", "application/json", b'{"a": 1}')]),
    (("a.json", '{"a": 1}', "application/json", {}), [("f", "a.json", "application/json", b'{"a": 1}')]),
    ([("a.txt", "x", "text/plain")], [("f", "a.txt", "text/plain", b"x")]),
    (["a.csv", "b", "text/csv"], [("f", None, "text/plain", each) for each in (b"a.csv", b"b", b"text/csv")]),
    (("a.csv", "b", "c/d"), [("f", None, "text/plain", each) for each in (b"a.csv", b"b", b"c/d")]),
    (("a.csv", "b"), [("f", None, "text/plain", each) for each in (b"a.csv", b"b")]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "due"), TEXT_FILES)
def test_a_name_a_text_and_a_media_type_are_a_file_of_that_text(value: Any, due: list[Any]) -> None:
    assert as_mail(sent({MULTIPART: {"schema": {}}}, {"f": value})) == due


FILE_OR_DATA = {
    "f": {"type": "string", "format": "binary"},
    "o": {"type": "object", "required": ["a"], "properties": {"a": INTEGER}},
}


@pytest.mark.parametrize(("text", "pointers"), [('{"a": 1}', []), ('{"a": "x"}', ["/o/a"]), ("{", ["/o"])])
def test_a_file_of_text_is_checked_as_one_of_bytes_is(text: str, pointers: list[str]) -> None:
    api = Client(
        one("post", content={MULTIPART: {"schema": {"properties": FILE_OR_DATA}}}), server="http://x.test"
    )
    for content in (text, text.encode()):
        body = {"f": ("a.csv", "a,b", "text/csv"), "o": ("o.json", content, "application/json")}
        if not pointers:
            assert api.prepare("op", body=body).body
            continue
        with pytest.raises(RequestInvalid) as caught:
            api.prepare("op", body=body)
        assert [each.pointer for each in caught.value.violations] == pointers


def test_a_text_that_its_charset_has_not_is_refused_where_it_is() -> None:
    api = Client(one("post", content={MULTIPART: {"schema": {}}}), server="http://x.test")
    with pytest.raises(RequestInvalid) as caught:
        api.prepare("op", body={"f": ("a.csv", "é", "text/csv; charset=ascii")})
    assert [(each.where, each.pointer) for each in caught.value.violations] == [("body", "/f")]


def test_item_encoding_of_32_tells_the_types_of_positional_parts() -> None:
    described = {
        "schema": {"type": "array"},
        "prefixEncoding": [{"contentType": "application/json"}],
        "itemEncoding": {"contentType": "image/png"},
    }
    request = sent({"multipart/mixed": described}, ["a", b"1", b"2"], version="3.2.0")
    assert [part[2] for part in as_mail(request)] == ["application/json", "image/png", "image/png"]


# -- acceptance 5: what is wrong is refused, with a pointer into the value, before anything is sent ----

LIST_OF_FILES = {"type": "object", "required": ["f"], "properties": {"f": {"type": "array", "items": FILE}}}
WRONG: list[tuple[str, Any, Any, list[tuple[str, str]]]] = [
    # documented, schema (or the whole Media Type Object), value, (where, pointer) of each violation
    ("application/json", NAMED, {"name": 5}, [("body", "/name")]),
    ("application/json", NAMED, {"name": "x", "age": b"1"}, [("body", "/age")]),
    (MERGE, NAMED, {"name": None}, [("body", "/name")]),
    ("application/*", NAMED, {"name": 5}, [("body", "/name")]),
    ("*/*", NAMED, {"name": 5}, [("body", "/name")]),
    (FORM, NAMED, {"name": "x", "age": "y"}, [("body", "/age")]),
    (FORM, NAMED, {"name": None}, [("body", "/name")]),
    (FORM, {}, {"a": [1, None]}, [("body", "/a/1")]),
    (FORM, {}, {"a": b"x"}, [("body", "/a")]),
    (FORM, {}, [1], [("body", "")]),
    (MULTIPART, NAMED, {"name": "x", "age": "y"}, [("body", "/age")]),
    (MULTIPART, NAMED, {"age": b"5", "name": b"x"}, [("body", "/age")]),
    (MULTIPART, {}, {"a": None}, [("body", "/a")]),
    (MULTIPART, {}, {"a": [b"1", None]}, [("body", "/a/1")]),
    (MULTIPART, {}, {"a": {"b": b"1"}}, [("body", "/a/b")]),
    (MULTIPART, {}, {"a": Path("/nowhere/at/all")}, [("body", "/a")]),
    (MULTIPART, {}, {"a": ("x", b"", "a/b\r\nX: y")}, [("body", "/a")]),
    (MULTIPART, {}, {"a": ("x", b"", None, {"X-A": "1\r\nX-B: 2"})}, [("body", "/a")]),
    (MULTIPART, {}, {"a": ("x", b"", None, {"X A": "1"})}, [("body", "/a")]),
    (MULTIPART, {}, "text", [("body", "")]),
    (MULTIPART, LIST_OF_FILES, {"f": []}, [("body", "/f")]),
    (MULTIPART, {"schema": {}, "encoding": {"a": {"contentType": "image/png"}}},
     {"a": ("x.gif", b"", "image/gif")}, [("body", "/a")]),
    (MULTIPART, {"schema": {}, "encoding": {"a": {"contentType": "image/*"}}}, {"a": b""}, [("body", "/a")]),
    (MULTIPART, {"schema": {}, "encoding": COUNTED}, {"f": b""}, [("body", "/f")]),
    (MULTIPART, {"schema": {}, "encoding": COUNTED}, {"f": [("x", b"", None, {"x-count": "y"})]},
     [("body", "/f/0")]),
    (MULTIPART, {"schema": {}, "encoding": {"a": {"style": "form", "explode": False}}}, {"a": ["x,y", "z"]},
     [("body", "/a")]),
    ("text/plain", {"type": "string", "maxLength": 1}, "ab", [("body", "")]),
    ("text/plain", INTEGER, "x", [("body", "")]),
    ("text/plain; charset=latin-1", {}, "€", [("body", "")]),
    ("text/plain; charset=nonsense", {}, "a", [("body", "")]),
    ("text/csv", {"type": "string", "maxLength": 1}, "ab", [("body", "")]),
    ("text/csv", {}, {"a": 1}, [("body", "")]),
    ("application/xml", NAMED, {"name": "x"}, [("body", "")]),
    ("application/xml", {}, '<?xml version="1.0" encoding="ascii"?><a>é</a>', [("body", "")]),
    ("application/octet-stream", {}, {"a": 1}, [("body", "")]),
    ("application/octet-stream", {}, 5, [("body", "")]),
    ("application/octet-stream", {}, Path("/nowhere/at/all"), [("body", "")]),
    ("application/octet-stream", {}, Path("/"), [("body", "")]),
    ("application/x-ndjson", NAMED, [{"name": "x"}, {"name": 5}, {}], [("body", "/1/name"), ("body", "/2")]),
    ("application/x-ndjson", {"type": "array", "items": INTEGER}, [1, "x"], [("body", "/1")]),
    ("application/x-ndjson", {"type": "array", "maxItems": 1}, [1, 2], [("body", "")]),
    ("application/x-ndjson", NAMED, '{"name":"x"}\n{"name":5}\n', [("body", "/1/name")]),
    ("application/x-ndjson", {}, "{", [("body", "")]),
    ("application/x-ndjson", {}, [1, float("nan")], [("body", "/1")]),
    ("application/x-ndjson", {}, {"a": 1}, [("body", "")]),
    ("application/json-seq", {"itemSchema": INTEGER}, partial(iter, [1, "x"]), [("body", "/1")]),
    ("application/json-seq", {"itemSchema": INTEGER, "schema": {"maxItems": 1}}, [1, "x"],
     [("body", ""), ("body", "/1")]),
    ("application/vnd.odd", NAMED, {"name": "x"}, [("body", "")]),
    ("application/yaml", {}, {"name": "x"}, [("body", "")]),
    ("application/vnd.odd", {}, None, [("body", "")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("documented", "described", "value", "due"),
    WRONG,
    ids=[f"{number}-{row[0]}" for number, row in enumerate(WRONG)],
)
def test_what_is_wrong_is_refused_before_it_is_sent(
    documented: str, described: Any, value: Any, due: list[tuple[str, str]]
) -> None:
    whole = {"schema", "itemSchema"} & set(described)
    tree = one("post", content={documented: described if whole else {"schema": described}}, version="3.2.0")
    with RawServer(reply(204)) as server, Client(tree, server=server.url) as client:
        with pytest.raises(RequestInvalid) as caught:
            client.call("op", body=made(value))
        assert [(each.where, each.pointer) for each in caught.value.violations] == due
        assert server.connections == 0


FINE: list[tuple[str, Any, Any]] = [
    # what a schema says of text it does not say of files, nor of what bytes and XML mean
    (MULTIPART, {"type": "object", "properties": {"a": {**FILE, "minLength": 5, "pattern": "^x"}}},
     {"a": b""}),
    (MULTIPART, {"type": "object", "properties": {"a": NAMED}},
     {"a": ("a.json", b'{"name":"x"}', "application/json")}),
    (MULTIPART, {"type": "object", "properties": {"a": FILE}}, {"a": ("a.json", b"{}", "application/json")}),
    (MULTIPART, {"type": "object", "properties": {"f": {"type": "array"}}}, {"f": []}),
    # a form is made of fields, whatever its schema asks for
    (MULTIPART, {"type": "array", "items": FILE}, {"file": b"x"}),
    (MULTIPART, FILE, {"file": b"x"}),
    (FORM, {"type": "array", "items": INTEGER}, {"a": "x"}),
    (FORM, {"type": "string"}, "a=1&b=2"),
    (MULTIPART, {"schema": {}, "encoding": {"a": {"contentType": "image/*"}}}, {"a": ("x.png", b"")}),
    ("application/xml", NAMED, "<name>x</name>"),
    ("text/xml", NAMED, "<name>x</name>"),
    ("text/csv", {"type": "array", "items": NAMED}, "name\nx"),
    ("text/plain", INTEGER, "5"),
    ("text/plain", INTEGER, 5),
    ("application/octet-stream", {"type": "string", "maxLength": 1}, b"abc"),
    ("application/x-ndjson", FILE, [1, 2]),
    ("application/vnd.odd", NAMED, "x"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("documented", "described", "value"), FINE, ids=[f"{n}-{row[0]}" for n, row in enumerate(FINE)]
)
def test_what_is_allowed_is_not_refused(documented: str, described: Any, value: Any) -> None:
    content = described if "schema" in described else {"schema": described}
    assert sent({documented: content}, value).method == "POST"


def test_a_wrong_part_is_sent_where_checks_are_off() -> None:
    content = {MULTIPART: {"schema": NAMED, "encoding": {"a": {"contentType": "image/png"}}}}
    assert as_mail(sent(content, {"a": ("x", b"", "image/gif")}, validate="off"))[0][2] == "image/gif"


# -- answers -----------------------------------------------------------------------------------------


def answered(documented: Any, content_type: str | None, content: bytes, **settings: Any) -> Any:
    """The Response to an answer of `content_type` where the document says `documented`."""
    headers = [] if content_type is None else [("Content-Type", content_type)]
    tree = one(answers={"200": {"description": "", "content": documented}}, version="3.2.0")
    with (
        RawServer(reply(200, content, headers)) as server,
        Client(tree, server=server.url, **settings) as client,
    ):
        return client.send("op")


COUNT = {"type": "object", "properties": {"n": INTEGER, "l": {"type": "array", "items": INTEGER}}}
ANSWERS: list[tuple[str, Any, str, bytes, Any]] = [
    # documented, schema, Content-Type, body, data
    ("application/json", NAMED, "application/json", b'{"name":"x"}', {"name": "x"}),
    ("application/json", {}, "application/json;charset=UTF-8", b"\xef\xbb\xbf1", 1),
    ("application/json", {}, "application/json; charset=latin-1", b'"\xe9"', "é"),
    ("application/json", {}, "application/json", '"é"'.encode("utf-16"), "é"),
    ("application/*+json", NAMED, "application/hal+json", b'{"name":"x"}', {"name": "x"}),
    ("application/*", NAMED, "application/json", b'{"name":"x"}', {"name": "x"}),
    ("*/*", NAMED, "application/vnd.x+json", b'{"name":"x"}', {"name": "x"}),
    ("application/problem+json", {}, "application/problem+json", b"{}", {}),
    (FORM, COUNT, FORM, b"n=5&l=1&l=2", {"n": 5, "l": [1, 2]}),
    (FORM, {}, FORM, b"n=5&l=1&l=2", {"n": "5", "l": ["1", "2"]}),
    ("multipart/mixed", {}, "multipart/mixed; boundary=B", b"--B--\r\n", b"--B--\r\n"),
    (MULTIPART, NAMED, f"{MULTIPART}; boundary=B", b"--B--\r\n", b"--B--\r\n"),
    ("text/plain", TEXT, "text/plain; charset=iso-8859-1", b"\xe9", "é"),
    ("text/plain", TEXT, "text/plain", "é".encode(), "é"),
    ("text/plain", INTEGER, "text/plain", b"5\n", 5),
    ("text/plain", {"type": "boolean"}, "text/plain", b"true", True),
    ("text/plain", NAMED, "text/plain", b'{"name":"x"}', {"name": "x"}),
    ("text/plain", {"type": ["integer", "string"]}, "text/plain", b"5", "5"),
    ("text/csv", {"type": "array"}, "text/csv; charset=utf-8", b"a,b", "a,b"),
    ("text/html", {}, "text/html", b"<p>", "<p>"),
    ("application/xml", NAMED, "application/xml", DECLARED.encode("latin-1"), DECLARED),
    ("application/xml", NAMED, "application/xml", "\ufeff<a>é</a>".encode(), "<a>é</a>"),
    ("application/*+xml", NAMED, "application/atom+xml; charset=utf-16", "<a>é</a>".encode("utf-16"),
     "<a>é</a>"),
    ("application/octet-stream", FILE, "application/octet-stream", b"\x00\xff", b"\x00\xff"),
    ("image/png", FILE, "image/png", b"\x89", b"\x89"),
    ("application/x-ndjson", NAMED, "application/x-ndjson", b'{"name":"x"}\n\n{"name":"y"}',
     [{"name": "x"}, {"name": "y"}]),
    ("application/jsonl", {"type": "array", "items": INTEGER}, "application/jsonl", b"1\n2\n", [1, 2]),
    ("application/json-seq", {}, "application/json-seq", b'\x1e{"a":\n1}\n\x1e2\n', [{"a": 1}, 2]),
    ("application/vnd.odd", {}, "application/vnd.odd", b"\x00", b"\x00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("documented", "schema", "content_type", "content", "due"),
    ANSWERS,
    ids=[f"{number}-{row[2]}" for number, row in enumerate(ANSWERS)],
)
def test_an_answer_is_decoded_by_what_it_is(
    documented: str, schema: Any, content_type: str, content: bytes, due: Any
) -> None:
    response = answered({documented: {"schema": schema}}, content_type, content)
    assert (response.data, type(response.data)) == (due, type(due))
    assert response.violations == ()
    assert response.content == content


SHARED: list[tuple[str, Any]] = [
    # a value that goes out and comes back as it was, in each media type that has data
    ("application/json", {"a": [1, None, "é", 1.5, True]}),
    ("application/merge-patch+json", {"a": None}),
    ("application/x-ndjson", [{"a": "é"}, 1, None]),
    ("application/json-seq", [{"a": "é"}, 1, None, "x"]),
    ("text/plain", "é\n"),
    ("text/plain; charset=utf-16", "é\n"),
    ("application/xml", DECLARED),
    ("application/octet-stream", bytes(range(256))),
]


@pytest.mark.parametrize(("kind", "value"), SHARED, ids=[row[0] for row in SHARED])
def test_what_was_sent_comes_back(kind: str, value: Any) -> None:
    def echo(request: Recorded) -> bytes:
        return reply(200, request.body, [("Content-Type", request.header("Content-Type") or "")])

    tree = one("post", content={kind: {"schema": {}}}, answers={"200": said({}, kind)})
    with RawServer(echo) as server, Client(tree, server=server.url) as client:
        assert client.call("op", body=value) == value


BROKEN: list[tuple[str, Any, str | None, bytes, Any, list[tuple[str, str]]]] = [
    # documented, schema, Content-Type, body, data, (where, pointer) of each violation
    ("application/json", NAMED, "text/html", b'{"name":"x"}', {"name": "x"}, [("content-type", "")]),
    ("application/json", NAMED, None, b'{"name":"x"}', {"name": "x"}, [("content-type", "")]),
    ("application/json", NAMED, "text/html", b'{"name":5}', {"name": 5},
     [("content-type", ""), ("body", "/name")]),
    ("application/json", NAMED, "text/html", b"<p>", "<p>", [("content-type", "")]),
    ("application/json", NAMED, "application/json", b"{", "{", [("body", "")]),
    (FORM, COUNT, FORM, b"n=x", {"n": "x"}, [("body", "/n")]),
    ("text/plain", INTEGER, "text/plain", b"x", "x", [("body", "")]),
    ("text/plain", TEXT, "text/plain", b"\xff", b"\xff", [("body", "")]),
    ("application/x-ndjson", NAMED, "application/x-ndjson", b'{"name":"x"}\n{"name":5}\n',
     [{"name": "x"}, {"name": 5}], [("body", "/1/name")]),
    ("application/x-ndjson", {}, "application/x-ndjson", b"1\n{\n", "1\n{\n", [("body", "")]),
    ("application/json-seq", {}, "application/json-seq", b"\x1e1", "\x1e1", [("body", "")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("documented", "schema", "content_type", "content", "data", "due"),
    BROKEN,
    ids=[f"{number}-{row[2]}" for number, row in enumerate(BROKEN)],
)
def test_an_answer_that_is_wrong_is_told_with_a_pointer(
    documented: str, schema: Any, content_type: str | None, content: bytes, data: Any, due: Any
) -> None:
    known = {documented: {"schema": schema}}
    response = answered(known, content_type, content, validate={"response": "warn"})
    assert response.data == data
    assert [(each.where, each.pointer) for each in response.violations] == due
    with pytest.raises(ResponseInvalid) as caught:
        answered(known, content_type, content)
    assert caught.value.response is not None
    assert caught.value.response.data == data


def test_item_schema_of_an_answer_is_asked_of_each_item() -> None:
    known = {"application/jsonl": {"itemSchema": INTEGER}}
    response = answered(known, "application/jsonl", b'1\n"x"\n', validate={"response": "warn"})
    assert [each.pointer for each in response.violations] == ["/1"]


def test_of_two_versions_of_a_type_the_parameters_decide() -> None:
    known = {
        "application/json; v=1": {"schema": TEXT},
        "application/json; v=2": {"schema": INTEGER},
    }
    assert answered(known, "application/json;v=2", b"5").data == 5
    assert answered(known, 'application/json; V="1"', b'"x"').data == "x"
    with pytest.raises(ResponseInvalid):
        answered(known, "application/json;v=2", b'"x"')


# -- headers of answers ------------------------------------------------------------------------------

HEADERS: dict[str, Any] = {
    "X-Rate-Limit": {"schema": INTEGER},
    "X-Flag": {"schema": {"type": "boolean"}},
    "X-List": {"schema": {"type": "array", "items": INTEGER}},
    "X-Object": {"explode": True, "schema": {"type": "object", "properties": {"a": INTEGER}}},
    "X-Json": {"content": {"application/json": {"schema": NAMED}}},
    "X-Text": {"schema": TEXT},
    "X-Plain": {"content": {"text/plain": {"schema": INTEGER}}},
    "X-Plain-Text": {"content": {"text/plain": {"schema": TEXT}}},
}
GIVEN = [
    ("x-rate-limit", "5"), ("X-Flag", "true"), ("X-List", "1, 2"), ("X-Object", "a=1"),
    ("X-Json", '{"name":"x"}'), ("X-Text", "5"), ("X-Other", "5"),
    ("X-Plain", "5"), ("X-Plain-Text", "5"),
]  # fmt: skip


def with_headers(given: list[tuple[str, str]], described: Any = HEADERS, **settings: Any) -> Any:
    tree = one(answers={"204": {"description": "", "headers": described}})
    with RawServer(reply(204, b"", given)) as server, Client(tree, server=server.url, **settings) as client:
        return client.send("op")


@pytest.mark.parametrize("mode", ["strict", "off"])
def test_headers_are_values_of_their_types(mode: Any) -> None:
    response = with_headers(GIVEN, validate=mode)
    due = {"X-RATE-LIMIT": 5, "X-Flag": True, "X-List": [1, 2], "X-Object": {"a": 1}}
    due |= {"X-Json": {"name": "x"}, "X-Text": "5", "X-Other": "5", "X-None": None}
    due |= {"X-Plain": 5, "X-Plain-Text": "5"}
    assert {name: response.header(name) for name in due} == due
    assert response.headers["X-Rate-Limit"] == "5"


WRONG_HEADERS = [
    ("X-Rate-Limit", "many", "", "many"),
    ("X-Plain", "many", "", "many"),
    ("X-List", "1,x", "/1", [1, "x"]),
    ("X-Json", "{", "", "{"),
    ("X-Json", '{"name":5}', "/name", {"name": 5}),
]


@pytest.mark.parametrize(("name", "text", "pointer", "value"), WRONG_HEADERS)
def test_a_wrong_header_is_a_violation(name: str, text: str, pointer: str, value: Any) -> None:
    with pytest.raises(ResponseInvalid) as caught:
        with_headers([(name, text)])
    assert [(each.where, each.name, each.pointer) for each in caught.value.violations] == [
        ("header", name, pointer)
    ]
    assert caught.value.response is not None
    assert caught.value.response.header(name) == value


# -- the sandbox reads what the client sends, and judges it -------------------------------------------

PERSON = {
    "type": "object",
    "properties": {"name": TEXT, "age": INTEGER, "l": {"type": "array", "items": TEXT}},
}
GOOD, BAD = (("o.json", b'{"age":%s}' % age, "application/json") for age in (b"5", b'"x"'))
JUDGED: list[tuple[str, dict[str, Any], Any, Any]] = [
    # documented, the Media Type Object, a right value, a wrong one
    ("application/merge-patch+json", {"schema": PERSON}, {"age": 5}, {"age": "x"}),
    ("application/*+json", {"schema": PERSON}, {"age": 5}, {"age": "x"}),
    (FORM, {"schema": PERSON, "encoding": {"l": {"contentType": "application/json"}}}, {"l": ["a"]},
     {"l": [1]}),
    (MULTIPART, {"schema": PERSON, "encoding": {"l": {"contentType": "application/json"}}}, {"l": ["1", "2"]},
     {"l": ["1", 2]}),
    (MULTIPART, {"schema": PERSON, "encoding": {"l": {"style": "form", "explode": False}}},
     {"l": ["1", "2"], "age": 5}, {"l": ["1"], "age": "x"}),
    (MULTIPART, {"schema": PERSON, "encoding": {"l": {"style": "pipeDelimited", "explode": False}}},
     {"l": ["a b", "2"]}, {"l": ["1"], "age": "x"}),
    (MULTIPART, {"schema": {"type": "object", "properties": {"o": PERSON}}},
     {"o": GOOD}, {"o": BAD}),
    (MULTIPART, {"schema": {"type": "object", "properties": {"f": FILE, "l": {"items": FILE}}}},
     {"f": ("f.json", b"{}", "application/json"), "l": [b"a", b"b"]}, b"nothing"),
    ("text/plain", {"schema": INTEGER}, 5, "x"),
    ("application/x-ndjson", {"schema": PERSON}, [{"age": 5}, {}], [{"age": 5}, {"age": "x"}]),
    ("application/json-seq", {"itemSchema": PERSON}, [{"age": 5}, {}], [{"age": 5}, {"age": "x"}]),
    ("application/x-ndjson", {"schema": PERSON}, '{"age":5}', b"{"),
    ("application/xml", {"schema": PERSON}, "<a/>", b"\xff"),
    ("application/octet-stream", {"schema": FILE}, b"\xff", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "described", "right", "wrong"), JUDGED, ids=[f"{n}-{row[0]}" for n, row in enumerate(JUDGED)]
)
def test_the_sandbox_reads_and_judges_what_is_sent(
    kind: str, described: dict[str, Any], right: Any, wrong: Any
) -> None:
    answers = {"200": {"description": "", "content": {kind: described}}}
    tree = one("post", content={kind: described}, answers=answers, version="3.2.0")
    with Sandbox(tree) as sandbox, Client(tree, server=sandbox.url, validate={"request": "off"}) as client:
        response = client.send("op", body=right)
        assert (response.status, sandbox.received[0].reasons, response.violations) == (200, (), ())
        if wrong is not None:
            assert client.send("op", body=wrong).status == 422


@pytest.mark.parametrize("whole", [b"x", io.BytesIO(b"x"), Path(__file__)])
def test_a_multipart_body_in_one_piece_says_where_its_parts_end(whole: Any) -> None:
    tree = one("post", content={MULTIPART: {"schema": {"type": "object"}}})
    with pytest.raises(RequestInvalid, match="has parts; give a mapping of names to parts"):
        Client(tree, server="http://x.test").prepare("op", body=whole)
    stated = {"content_type": f"{MULTIPART}; boundary=B"}
    request = Client(tree, server="http://x.test").prepare("op", body=whole, options=stated)
    assert request.headers["Content-Type"] == stated["content_type"]


# -- codecs of the user's ----------------------------------------------------------------------------

YAML = "application/x-yaml"


@pytest.fixture
def registered() -> Iterator[None]:
    """A codec that writes `name: value` lines, as long as a test lasts."""

    def lines(value: dict[str, Any]) -> str:
        return "".join(f"{name}: {value[name]}\n" for name in value)

    def read(content: bytes) -> dict[str, str]:
        return dict(line.split(": ", 1) for line in content.decode().splitlines())  # type: ignore[misc]

    register_codec("Application/X-YAML; charset=utf-8", encode=lines, decode=read)
    yield
    del codecs._registered[YAML]


@pytest.mark.usefixtures("registered")
def test_a_registered_codec_writes_reads_and_is_checked() -> None:
    request = sent({YAML: {"schema": NAMED}}, {"name": "é"})
    assert (request.header("Content-Type"), request.body) == (YAML, "name: é\n".encode())
    assert answered({YAML: {"schema": NAMED}}, YAML, b"name: x\n").data == {"name": "x"}
    assert sent({YAML: {"schema": NAMED}}, b"raw").body == b"raw"
    with pytest.raises(RequestInvalid) as refused:
        sent({YAML: {"schema": NAMED}}, {"name": 5})
    assert [each.pointer for each in refused.value.violations] == ["/name"]
    with pytest.raises(ResponseInvalid) as wrong:
        answered({YAML: {"schema": NAMED}}, YAML, b"nom: x\n")
    assert wrong.value.response is not None
    assert wrong.value.response.data == {"nom": "x"}


@pytest.mark.usefixtures("registered")
def test_what_a_registered_codec_raises_stays_inside() -> None:
    with pytest.raises(RequestInvalid, match="codec for application/x-yaml failed: TypeError"):
        sent({YAML: {}}, 5)
    with pytest.raises(ResponseInvalid, match="codec for application/x-yaml failed: ValueError"):
        answered({YAML: {}}, YAML, b"x")


@pytest.mark.usefixtures("registered")
def test_a_part_of_a_registered_type_is_written_by_its_codec() -> None:
    content = {MULTIPART: {"schema": {}, "encoding": {"a": {"contentType": YAML}}}}
    assert as_mail(sent(content, {"a": {"b": 1}})) == [("a", None, YAML, b"b: 1\n")]


def test_a_codec_may_go_one_way_only() -> None:
    register_codec(YAML, decode=lambda content: content.decode().split())
    try:
        assert answered({YAML: {}}, YAML, b"a b").data == ["a", "b"]
        assert sent({YAML: {}}, "a b").body == b"a b"
    finally:
        del codecs._registered[YAML]


@pytest.mark.parametrize("name", ["yaml", "application/*", "", "a/b/c"])
def test_only_a_media_type_can_have_a_codec(name: str) -> None:
    with pytest.raises(SettingsError, match="is not a media type"):
        register_codec(name)


@pytest.mark.parametrize("value", [iter([b"a"]), {b"a"}, object()])
@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "multipart/form-data"])
def test_what_has_no_form_is_refused_by_the_type_that_is_due(value: Any, kind: str) -> None:
    client = Client(one("put", content={kind: {}}), server="http://a")
    with pytest.raises(RequestInvalid, match=f"cannot be sent as {kind}"):
        client.prepare("op", body=value)
