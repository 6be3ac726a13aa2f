"""The Content-Type of a part by its schema: `contentMediaType`.

An Encoding Object goes before it ("contentMediaType SHALL be ignored" where they disagree), and so does what
the caller says of a file. In 3.0 it is no keyword.
"""

from __future__ import annotations

import base64
import io
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client
from tests.small import one

PNG = b"\x89PNG\r\n\x1a\n"


def sent(schema: Any, value: Any, version: str = "3.1.0", **rest: Any) -> list[tuple[str | None, bytes]]:
    """The type and content of each part, read by the standard library."""
    form = {"type": "object", "properties": {"p": schema}}
    components = {"schemas": {"Doc": {"type": "string", "contentMediaType": "application/pdf"}}}
    content = {"multipart/form-data": {"schema": form, **rest}}
    tree = one("post", content=content, version=version, components=components)
    request = Client(tree, server="http://h", cache=False).prepare("op", body={"p": value})
    body = request.body.read() if hasattr(request.body, "read") else request.body
    assert isinstance(body, bytes)
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + body).get_payload()
    return [(each["Content-Type"], each.get_payload(decode=True)) for each in parts]  # type: ignore[union-attr, index, misc]


def text(media_type: str, **rest: Any) -> dict[str, Any]:
    return {"type": "string", "contentMediaType": media_type, **rest}


ROWS: list[tuple[str, Any, Any, str | None, bytes]] = [
    ("text", text("text/csv"), "a,b", "text/csv", b"a,b"),
    ("in its charset", text("text/csv; charset=latin-1"), "é", "text/csv; charset=latin-1", b"\xe9"),
    ("JSON that is text already", text("application/json"), '{"a": 1}', "application/json", b'{"a": 1}'),
    ("XML", text("application/xml"), "<a/>", "application/xml", b"<a/>"),
    ("bytes", text("image/png"), PNG, "image/png", PNG),
    ("bytes of no name", text("application/x-own"), b"a", "application/x-own", b"a"),
    ("an open file", text("application/x-own"), io.BytesIO(b"a"), "application/x-own", b"a"),
    ("a file with a name", text("application/x-own"), ("a.csv", b"a"), "application/x-own", b"a"),
    ("a range", text("image/*"), ("a.png", PNG), "image/png", PNG),
    ("any file", text("application/octet-stream"), ("a.csv", b"a"), "text/csv", b"a"),
    ("any bytes", text("application/octet-stream"), b"a", "application/octet-stream", b"a"),
    ("text as any bytes", text("application/octet-stream"), "a", "application/octet-stream", b"a"),
    ("the caller goes first", text("image/png"), ("a", b"a", "image/webp"), "image/webp", b"a"),
    ("without type", {"contentMediaType": "application/pdf"}, b"%PDF", "application/pdf", b"%PDF"),
    ("behind a reference", {"$ref": "#/components/schemas/Doc"}, b"%PDF", "application/pdf", b"%PDF"),
    ("in allOf", {"allOf": [text("text/csv")], "maxLength": 9}, "a", "text/csv", b"a"),
    ("or null", {"anyOf": [{"type": "null"}, text("text/csv")]}, "a", "text/csv", b"a"),
    ("encoded", text("image/png", contentEncoding="base64"), PNG, "image/png", base64.b64encode(PNG)),
    ("a number has none", {"type": ["integer", "string"], "contentMediaType": "text/csv"}, 5, None, b"5"),
    ("nothing said", {"type": "string"}, "a", None, b"a"),
]


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
@pytest.mark.parametrize(("name", "schema", "value", "kind", "content"), ROWS, ids=[row[0] for row in ROWS])
def test_a_part_travels_as_what_its_schema_says(
    name: str, schema: Any, value: Any, kind: str | None, content: bytes, version: str
) -> None:
    if hasattr(value, "seek"):
        value.seek(0)
    assert sent(schema, value, version) == [(kind, content)]


def test_each_part_of_an_array_does(tmp_path: Path) -> None:
    (tmp_path / "b.bin").write_bytes(b"b")
    listed = {"type": "array", "items": text("image/png")}
    assert sent(listed, [PNG, tmp_path / "b.bin"]) == [("image/png", PNG), ("image/png", b"b")]


def test_an_encoding_object_goes_first() -> None:
    assert sent(text("text/csv"), "a", encoding={"p": {"contentType": "text/html"}}) == [("text/html", b"a")]


def test_it_is_no_keyword_of_30() -> None:
    assert sent(text("text/csv"), "a", "3.0.3") == [(None, b"a")]


def test_headers_of_a_part_are_written_by_their_schemas() -> None:
    encoding = {"p": {"headers": {"X-Count": {"schema": {"type": "integer"}}}}}
    form = {"type": "object", "properties": {"p": {"type": "array", "items": {"type": "string"}}}}
    tree = one(
        "post", content={"multipart/form-data": {"schema": form, "encoding": encoding}}, version="3.1.0"
    )
    client = Client(tree, server="http://h", cache=False)
    part = (None, "a", "text/plain", {"x-count": 5.0, "X-More": 5.0})
    assert b"\r\nx-count: 5\r\nX-More: 5.0\r\n" in client.prepare("op", body={"p": [part]}).body  # type: ignore[operator]
