"""A body whose Content-Encoding is given is encoded so, or it is refused (RFC 9110, section 8.4).

A server that is told gzip and gets a plain body answers 400, or stores what nobody can read. gzip and zlib of
the standard library are the referees.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import Client, RequestInvalid, SettingsError
from dynaclient.sandbox import Sandbox
from dynaclient.wire.content_coding import codings, decompress_body, is_encoded
from dynaclient.wire.json_values import Undecodable
from tests.servers import RawServer, reply
from tests.small import document, one, param

TEXT = {"type": "string"}
DATA = {"a": "b" * 1000}
JSON = json.dumps(DATA, separators=(",", ":")).encode()
ANY: dict[str, Any] = {"application/octet-stream": {"schema": {}}}
OBJECT: dict[str, Any] = {"application/json": {"schema": {"type": "object", "required": ["a"]}}}
READ: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "GZIP": gzip.decompress,
    "deflate": zlib.decompress,
    "identity": bytes,
    "identity, gzip": gzip.decompress,
    "deflate, gzip": lambda body: zlib.decompress(gzip.decompress(body)),
}


def tree(content: Any, version: str = "3.0.3") -> Any:
    return one("post", "/x", param("Content-Encoding", "header", TEXT), content=content, version=version)


def swagger() -> Any:
    body = {"name": "b", "in": "body", "required": True, "schema": {"type": "object"}}
    header = {"name": "Content-Encoding", "in": "header", "type": "string"}
    operation = {"operationId": "op", "parameters": [header, body], "responses": {"200": {"description": ""}}}
    return {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"post": operation}}}


def made(source: Any, mapping: Any = None, **rest: Any) -> requests.PreparedRequest:
    return Client(source, server="http://h", cache=False).prepare("op", mapping, **rest)


def sent(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    return bytes(body.read() if hasattr(body, "read") else body)


@pytest.mark.parametrize(
    "source", [tree(OBJECT), tree(OBJECT, "3.1.0"), tree(OBJECT, "3.2.0"), swagger()], ids=range(4)
)
@pytest.mark.parametrize("coding", READ)
def test_data_is_encoded_as_the_parameter_says(coding: str, source: Any) -> None:
    request = made(source, {"Content-Encoding": coding}, body=DATA)
    assert request.headers["Content-Encoding"] == coding
    assert READ[coding](sent(request)) == JSON
    assert request.headers["Content-Length"] == str(len(sent(request)))


@pytest.mark.parametrize("coding", READ)
def test_and_as_a_header_of_the_call_says(coding: str) -> None:
    request = made(one("post", content=OBJECT), body=DATA, options={"headers": {"content-encoding": coding}})
    assert READ[coding](sent(request)) == JSON


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_it_is_asked_for_by_an_option(coding: str) -> None:
    request = made(one("post", content=OBJECT), body=DATA, options={"compress": coding})
    assert request.headers["Content-Encoding"] == coding
    assert READ[coding](sent(request)) == JSON
    plain = made(one("post", content=OBJECT), body=DATA)
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in made(one("get"), options={"compress": coding}).headers  # no body


def test_option_and_header_agree() -> None:
    request = made(tree(OBJECT), {"Content-Encoding": "gzip"}, body=DATA, options={"compress": "gzip"})
    assert gzip.decompress(sent(request)) == JSON
    with pytest.raises(RequestInvalid, match="the header says deflate"):
        made(tree(OBJECT), {"Content-Encoding": "deflate"}, body=DATA, options={"compress": "gzip"})
    with pytest.raises(SettingsError, match="'gzip' or 'deflate', got 'br'"):
        made(tree(OBJECT), body=DATA, options={"compress": "br"})


def test_what_breaks_the_document_is_refused_before_it_is_encoded() -> None:
    with pytest.raises(RequestInvalid, match="'a' is missing"):
        made(tree(OBJECT), {"Content-Encoding": "gzip"}, body={})


ZIPPED = gzip.compress(JSON)
TAKEN: list[tuple[str, bytes]] = [
    ("gzip", ZIPPED),
    ("x-gzip", ZIPPED),
    ("deflate", zlib.compress(JSON)),
    ("deflate, gzip", gzip.compress(zlib.compress(JSON))),
    ("zstd", b"\x28\xb5\x2f\xfd rest"),
    ("br", b"\x0b\x02\x80 no mark tells it"),
    ("compress", b"\x1f\x9d\x90 rest"),
]


@pytest.mark.parametrize("content", [OBJECT, ANY, {**OBJECT, "text/plain": {}}], ids=range(3))
@pytest.mark.parametrize("kind", ["bytes", "bytearray", "file", "path"])
@pytest.mark.parametrize(("coding", "raw"), TAKEN, ids=[coding for coding, _ in TAKEN])
def test_what_is_encoded_already_goes_as_it_is(
    coding: str, raw: bytes, kind: str, content: Any, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(raw)
    body = {"bytes": raw, "bytearray": bytearray(raw), "file": io.BytesIO(raw), "path": tmp_path / "f"}[kind]
    request = made(tree(content), {"Content-Encoding": coding}, body=body)
    assert sent(request) == raw
    assert request.headers["Content-Length"] == str(len(raw))
    assert request.headers["Content-Type"] == next(iter(content))


REFUSED: list[tuple[str, Any, Any]] = [
    ("br", DATA, OBJECT),
    ("zstd", DATA, OBJECT),
    ("gzip, br", DATA, OBJECT),
    ("zstd", b"plain", ANY),
    ("gzip", JSON, OBJECT),  # plain bytes are no JSON, as ever
    ("compress", "text", {"text/plain": {"schema": TEXT}}),
]


@pytest.mark.parametrize("validate", ["strict", "off"])
@pytest.mark.parametrize(
    ("coding", "body", "content"), REFUSED, ids=[f"{c}-{type(b).__name__}" for c, b, _ in REFUSED]
)
def test_what_cannot_be_encoded_so_is_refused(coding: str, body: Any, content: Any, validate: Any) -> None:
    client = Client(tree(content), server="http://h", validate=validate, cache=False)
    with pytest.raises(RequestInvalid):
        client.prepare("op", {"Content-Encoding": coding}, body=body)


class Pipe(io.RawIOBase):
    """Bytes that come once."""

    def __init__(self, content: bytes) -> None:
        self.rest = io.BytesIO(content)

    def read(self, amount: int = -1) -> bytes:
        return self.rest.read(amount)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


STREAMS: list[tuple[str, Callable[[Path], Any], bytes]] = [
    ("a path", lambda path: path, JSON),
    ("an open file", lambda path: path.open("rb"), JSON),
    ("a pipe", lambda path: Pipe(JSON), JSON),
    ("a pipe of what is compressed", lambda path: Pipe(ZIPPED), JSON),
    ("plain bytes", lambda path: JSON, JSON),
    ("an empty pipe", lambda path: Pipe(b""), b""),
]


@pytest.mark.parametrize(("name", "body", "due"), STREAMS, ids=[row[0] for row in STREAMS])
def test_files_are_compressed_while_they_are_sent(
    name: str, body: Callable[[Path], Any], due: bytes, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(JSON)
    given_ = body(tmp_path / "f")
    with RawServer(reply(200)) as server, Client(tree(ANY), server=server.url, cache=False) as client:
        client.call("op", {"Content-Encoding": "gzip"}, body=given_)
        assert gzip.decompress(server.requests[0].body) == due
    if hasattr(given_, "close"):
        given_.close()


def test_a_file_is_compressed_again_where_it_is_sent_again(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(range(256)) * 5000)
    source = tree(ANY)
    source["paths"]["/x"]["put"] = source["paths"]["/x"].pop("post")
    with (
        RawServer(reply(503, b"", [("Retry-After", "0")]), reply(200)) as server,
        Client(source, server=server.url, cache=False) as client,
    ):
        client.call("op", {"Content-Encoding": "gzip"}, body=tmp_path / "f")
        bodies = [gzip.decompress(each.body) for each in server.requests]
        assert bodies == [(tmp_path / "f").read_bytes()] * 2


def test_multipart_is_compressed_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "f.bin").write_bytes(b"file")
    form = {"multipart/form-data": {"schema": {"type": "object"}}}
    body = gzip.decompress(
        sent(made(tree(form), body={"f": tmp_path / "f.bin"}, options={"compress": "gzip"}))
    )
    assert body.startswith(b"--")
    assert b"\r\n\r\nfile\r\n" in body


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate", "identity"]), max_size=3))
def test_what_is_encoded_is_read_back(body: bytes, names: list[str]) -> None:
    text = ", ".join(names)
    request = made(tree(ANY), {"Content-Encoding": text or "identity"}, body=body)
    coded = sent(request)
    assert coded == body if is_encoded(body, text) else decompress_body(coded, text) == body
    assert "identity" not in codings(text)


# -- who reads it ------------------------------------------------------------------------------------------


def test_the_sandbox_reads_it_and_refuses_a_plain_body() -> None:
    with Sandbox(tree(OBJECT)) as sandbox:
        client = Client(tree(OBJECT), server=sandbox.url, cache=False)
        for coding in READ:
            assert client.send("op", {"Content-Encoding": coding}, body=DATA).ok
        with requests.Session() as session:
            session.trust_env = False
            for raw in (JSON, ZIPPED[:20], b"\x1f\x8b"):
                head = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
                answer = session.post(f"{sandbox.url}/x", data=raw, headers=head, timeout=30)
                assert answer.status_code == 400
                assert "gzip" in answer.text
            answer = session.post(f"{sandbox.url}/x", data=gzip.compress(b"{}"), headers=head, timeout=30)
            assert answer.status_code == 422


def test_a_webhook_is_read_whether_its_framework_decoded_it_or_not() -> None:
    hook = {"post": {"requestBody": {"content": OBJECT}, "responses": {"200": {"description": ""}}}}
    client = Client(document({}, "3.1.0", webhooks={"w": hook}), cache=False)
    head = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for body in (ZIPPED, JSON):
        assert client.webhooks["w"].check(headers=head, body=body) == DATA


BROKEN = [
    ("gzip", b"plain"),
    ("gzip", ZIPPED[:-9]),
    ("deflate", b"x"),
    ("gzip", b""),
    ("deflate, gzip", ZIPPED),
]


@pytest.mark.parametrize(("coding", "body"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_body_is_told(coding: str, body: bytes) -> None:
    with pytest.raises(Undecodable):
        decompress_body(body, coding)


def test_decoding_is_bounded() -> None:
    with pytest.raises(Undecodable, match="larger than 1000"):
        decompress_body(gzip.compress(bytes(2000)), "gzip", 1000)
    assert decompress_body(gzip.compress(bytes(1000)), "gzip", 1000) == bytes(1000)
