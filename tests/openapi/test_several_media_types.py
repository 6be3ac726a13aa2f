"""Which media type is sent, of a request body that has several or a range of them.

The first whose schema takes the value; of files, what they are seen to be; else the caller is asked for it.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from dynaclient.sandbox import Sandbox
from dynaclient.wire.media_types import essence
from tests.small import one

OBJECT, ARRAY, TEXT = {"type": "object"}, {"type": "array"}, {"type": "string"}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
SIZED = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}}
TREE = {"type": "object", "additionalProperties": {"type": ["string", "object"]}}
JSON, V2, XML, PLAIN = "application/json", "application/vnd.x.v2+json", "application/xml", "text/plain"
FORM, PARTS, LINES = "application/x-www-form-urlencoded", "multipart/form-data", "application/x-ndjson"
MERGE, PATCH = "application/merge-patch+json", "application/json-patch+json"
CHANGES = [{"op": "remove", "path": "/a"}]
PNG, JPEG = b"\x89PNG\r\n\x1a\n....", b"\xff\xd8\xff\xe0...."
WAV, WEBP = b"RIFF....WAVEfmt ", b"RIFF....WEBPVP8 "
MP4, PDF, GZIP = b"\0\0\0\x18ftypmp42....", b"%PDF-1.7", b"\x1f\x8b\x08"


def client(content: dict[str, Any], version: str = "3.1.0", **settings: Any) -> Client:
    full = {name: {} if schema is None else {"schema": schema} for name, schema in content.items()}
    return Client(one("post", content=full, version=version), server="http://h.test", **settings)


BY_SCHEMA: list[tuple[dict[str, Any], Any, str, bytes]] = [
    ({JSON: OBJECT, XML: TEXT}, "<a/>", XML, b"<a/>"),
    ({MERGE: OBJECT, PATCH: ARRAY}, CHANGES, PATCH, b'[{"op":"remove","path":"/a"}]'),
    ({MERGE: None, PATCH: None}, CHANGES, PATCH, b'[{"op":"remove","path":"/a"}]'),
    ({PATCH: ARRAY, MERGE: OBJECT}, {"a": None}, MERGE, b'{"a":null}'),
    ({JSON: NAMED, V2: SIZED}, {"size": 1}, V2, b'{"size":1}'),
    ({JSON: NAMED, V2: SIZED}, {"size": 1, "name": "a"}, JSON, b'{"size":1,"name":"a"}'),
    ({JSON: OBJECT, PLAIN: TEXT}, "hello", PLAIN, b"hello"),
    ({JSON: TEXT, PLAIN: TEXT}, "hello", JSON, b'"hello"'),
    ({PLAIN: {"type": "string", "pattern": "^a"}, JSON: TEXT}, "b", JSON, b'"b"'),
    ({JSON: OBJECT, PLAIN: {"type": "integer"}}, 5, PLAIN, b"5"),
    ({PLAIN: TEXT, JSON: {"type": "boolean"}}, True, JSON, b"true"),
    ({JSON: OBJECT, "image/*": None}, "<svg/>", "image/svg+xml", b"<svg/>"),
    ({JSON: OBJECT, LINES: None}, [1, 2], LINES, b"1\n2\n"),
    ({JSON: SIZED, FORM: NAMED}, {"name": "a"}, FORM, b"name=a"),
    ({FORM: SIZED, JSON: NAMED}, {"name": "a"}, JSON, b'{"name":"a"}'),
    ({FORM: None, JSON: None}, {"a": {"b": {"c": []}}}, FORM, b"a=%7B%22b%22%3A%7B%22c%22%3A%5B%5D%7D%7D"),
    ({JSON: {"type": "integer"}, V2: {"type": ["integer", "null"]}}, None, V2, b"null"),
    ({JSON: {"not": {}}, "application/*+json": OBJECT}, {}, JSON, b"{}"),  # what goes out for the range
]


@pytest.mark.parametrize("engine", ["rust", "python"])
@pytest.mark.parametrize(("content", "value", "due", "body"), BY_SCHEMA, ids=[str(r[:2]) for r in BY_SCHEMA])
def test_the_first_whose_schema_takes_the_value(
    content: dict[str, Any], value: Any, due: str, body: bytes, engine: Any
) -> None:
    request = client(content, validate_with=engine).prepare("op", body=value)
    assert (request.headers["Content-Type"], request.body) == (due, body)


def test_unchecked_it_is_the_first_that_is_for_such_values() -> None:
    request = client({JSON: NAMED, V2: SIZED}, validate="off").prepare("op", body={"size": 1})
    assert request.headers["Content-Type"] == JSON


@pytest.mark.parametrize("version", ["3.0.3", "3.2.0"])
@pytest.mark.parametrize(
    ("content", "value", "said"),
    [
        (
            {JSON: NAMED, V2: SIZED},
            {},
            f"{JSON}: 'name' is missing; {V2}: 'size' is missing",
        ),
        ({JSON: NAMED, "text/json": NAMED, V2: NAMED}, {}, f"{JSON}, text/json, {V2}: 'name' is missing"),
        ({JSON: NAMED, XML: TEXT}, {"name": 1}, f"{JSON}: /name expected a string, got an integer (1)"),
        ({JSON: NAMED, XML: TEXT}, {"name": 1}, f"{XML}: not for an object"),
        ({XML: TEXT, "image/png": None}, 5, f"{XML}: an integer cannot be sent as {XML}"),
        ({MERGE: OBJECT, PATCH: ARRAY}, "x", f'{MERGE}: expected an object, got a string ("x")'),
    ],
)
def test_where_none_takes_it_all_are_listed(
    content: dict[str, Any], value: Any, said: str, version: str
) -> None:
    with pytest.raises(RequestInvalid) as caught:
        client(content, version).prepare("op", body=value)
    message = caught.value.violations[-1].message
    assert message.startswith("no documented content type fits (")
    assert said in message
    assert message.endswith('choose one with options={"content_type": ...}')
    if value == {"name": 1}:
        assert caught.value.violations[0].pointer == "/name"


def test_one_type_alone_is_not_listed() -> None:
    with pytest.raises(RequestInvalid) as caught:
        client({JSON: NAMED}).prepare("op", body={})
    assert [each.message for each in caught.value.violations] == ["'name' is missing"]


def test_what_is_asked_for_is_checked_alone() -> None:
    both = client({JSON: NAMED, V2: SIZED})
    with pytest.raises(RequestInvalid, match="'name' is missing"):
        both.prepare("op", body={"size": 1}, options={"content_type": JSON})


FILES: list[tuple[list[str], str, bytes, str]] = [
    (["image/jpeg", "image/png"], "x.png", b"?", "image/png"),
    (["image/jpeg", "image/png"], "x.PNG", b"?", "image/png"),
    (["image/png", "image/jpg"], "x.jpeg", b"?", "image/jpg"),
    (["image/png", "image/jpeg"], "", JPEG, "image/jpeg"),
    (["image/jpeg", "image/webp"], "", WEBP, "image/webp"),
    (["image/jpeg", "image/png"], "x.png", JPEG, "image/png"),  # its name is what was asked for
    (["image/jpeg", "image/png"], "", b"?", "image/jpeg"),
    (["image/jpeg", "image/png"], "x.txt", b"?", "image/jpeg"),
    (["application/octet-stream", "application/pdf"], "", PDF, "application/pdf"),
    (["application/octet-stream", "application/pdf"], "", b"?", "application/octet-stream"),
    (["text/csv", "application/gzip"], "x.csv.gz", GZIP, "application/gzip"),
    (["text/plain", "text/csv"], "x.csv", b"a,b", "text/csv"),
    ([JSON, "image/png", "image/gif"], "x.gif", b"?", "image/gif"),
    (["image/*"], "x.gif", b"?", "image/gif"),
    (["image/*"], "", PNG, "image/png"),
    (["image/*"], "", b"<svg/>", "image/svg+xml"),
    (["audio/*"], "", WAV, "audio/wav"),
    (["audio/*", "video/*"], "", MP4, "video/mp4"),
    (["video/*"], "x.webm", b"?", "video/webm"),
    (["application/*"], "", b"?", "application/octet-stream"),
    (["*/*"], "", PNG, "image/png"),
    (["*/*"], "x", b"?", "application/octet-stream"),
]


@pytest.mark.parametrize(("names", "name", "head", "due"), FILES, ids=[str(row[:3]) for row in FILES])
def test_a_file_goes_as_what_it_is_seen_to_be(
    names: list[str], name: str, head: bytes, due: str, tmp_path: Path
) -> None:
    api = client(dict.fromkeys(names))
    given: list[Any] = [head, bytearray(head), memoryview(head), io.BytesIO(head)]
    if name:
        (tmp_path / name).write_bytes(head)
        given = [tmp_path / name, open(tmp_path / name, "rb")]  # noqa: SIM115
    requests = [api.prepare("op", body=each) for each in given]
    if name:
        given[1].close()
    assert {essence(each.headers["Content-Type"]) for each in requests} == {due}


def test_an_open_file_is_seen_from_where_it_stands_and_stays_there() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"--" + PNG)
        file.seek(2)
        request = client({"image/jpeg": None, "image/png": None}).prepare("op", body=file)
        assert (file.tell(), request.headers["Content-Length"]) == (2, str(len(PNG)))
        assert request.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("names", [["image/*"], ["audio/*"], ["image/*", "video/*"], ["font/*"]])
def test_bytes_that_nobody_knows_are_asked_for_their_type(names: list[str]) -> None:
    api = client(dict.fromkeys(names))
    with pytest.raises(RequestInvalid, match=r'choose a media type with options=\{"content_type": ...\}'):
        api.prepare("op", body=b"what is this")
    kind = names[-1].replace("*", "x-mine")
    request = api.prepare("op", body=b"what is this", options={"content_type": kind})
    assert request.headers["Content-Type"] == kind


def test_the_parts_of_a_form_go_as_what_they_are_too() -> None:
    schema = {"type": "object", "properties": {"f": {}}}
    content = {PARTS: {"schema": schema, "encoding": {"f": {"contentType": "image/png, image/jpeg"}}}}
    request = Client(one("post", content=content), server="http://h.test").prepare("op", body={"f": JPEG})
    assert b"Content-Type: image/jpeg" in request.body  # type: ignore[operator]


def test_a_text_file_that_the_first_type_refuses_is_whole_in_the_second() -> None:
    content = {"multipart/mixed": {"type": "object", "required": ["no"]}, PARTS: NAMED}
    file = io.StringIO("a name")
    request = client(content).prepare("op", body={"name": file})
    assert request.headers["Content-Type"].startswith(PARTS)
    body = request.body
    assert b"a name" in (body if isinstance(body, bytes) else body.read())  # type: ignore[union-attr]


def test_swagger_2_has_one_schema_for_all() -> None:
    operation = {
        "consumes": [XML, JSON],
        "parameters": [{"in": "body", "name": "b", "schema": NAMED}],
        "responses": {},
    }
    tree = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": {"operationId": "op", **operation}}},
    }
    api = Client(tree, server="http://h.test")
    assert api.prepare("op", body={"name": "a"}).headers["Content-Type"] == JSON
    assert api.prepare("op", body="<a/>").headers["Content-Type"] == XML


def test_the_sandbox_reads_what_arrives_so() -> None:
    tree = one("post", content={JSON: {"schema": OBJECT}, PLAIN: {"schema": TEXT}}, answer={})
    with Sandbox(tree) as running, Client(tree, server=running.url) as api:
        assert api.send("op", body="hello").status == 200
