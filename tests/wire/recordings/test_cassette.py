"""Cassettes: vcrpy writes them here, in both of its forms, and they are read without it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import requests
import vcr

from dynaclient import SettingsError
from dynaclient.wire.recordings.archive import read_archive
from tests.conftest import Serve
from tests.servers import reply

TEXT = '{"a": "caf\u00e9 1e5"}'.encode()
BINARY = b"\x00\xff\xfe"


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_vcrpy_writes(form: str, serve: Serve, tmp_path: Path) -> None:
    head = [("Content-Type", "application/json"), ("X-Number", "1e5"), ("X-Two", "a"), ("X-Two", "b")]
    answers = [reply(200, TEXT, head), reply(404, b""), reply(201, b"{}")]
    if form == "yaml":  # its JSON has no place for bytes that are no text
        answers += [reply(200, BINARY), reply(200, gzip.compress(TEXT), [("Content-Encoding", "gzip")])]
    server = serve(*answers)
    path = tmp_path / f"cassette.{form}"
    with vcr.use_cassette(str(path), serializer=form), requests.Session() as session:
        session.get(f"{server.url}/a?x=1&y=%20", headers={"X-Mine": "yes"})
        session.get(f"{server.url}/b")
        session.post(f"{server.url}/a", data=TEXT if form == "json" else BINARY)
        for _ in answers[3:]:
            session.get(f"{server.url}/c")
    read = read_archive(path.read_bytes(), "it").exchanges
    first, second, third, *others = read
    assert first.response is not None
    assert second.response is not None
    assert (first.request.method, first.request.target) == ("GET", "/a?x=1&y=%20")
    assert first.request.headers["X-Mine"] == "yes"
    assert (first.response.status, first.response.reason, first.response.content) == (200, "Reason", TEXT)
    assert first.response.headers["X-Number"] == "1e5"
    assert first.response.headers.all("X-Two") == ["a", "b"]
    assert (second.response.status, second.response.content) == (404, b"")
    assert third.request.body == (TEXT if form == "json" else BINARY)
    assert [each.response and each.response.content for each in others] == [BINARY, TEXT][: len(others)]
    assert [each.pointer for each in read] == [f"/interactions/{at}" for at in range(len(read))]


def test_those_of_httpx_before_vcrpy_6() -> None:
    text = """
interactions:
- request: {body: '', headers: {accept: ['*/*']}, method: GET, uri: 'http://h/a'}
  response:
    content: '{"a": 1}'
    headers: {content-type: [application/json]}
    http_version: HTTP/1.1
    status_code: 200
version: 1
"""
    (read,) = read_archive(text.encode(), "it").exchanges
    assert read.response is not None
    assert (read.response.status, read.response.content, read.request.body) == (200, b'{"a": 1}', None)


@pytest.mark.parametrize(("string", "kept"), [("plain", b"plain"), ("!!binary H4sIAA==", None)])
def test_a_coding_that_the_header_alone_says(string: str, kept: bytes | None) -> None:
    """Some ways of recording decode a body; what begins as it is said, and does not go on so, is damaged."""
    text = f"""
interactions:
- request: {{method: GET, uri: 'http://h/a'}}
  response:
    body: {{string: {string}}}
    headers: {{Content-Encoding: [gzip]}}
    status: {{code: 200, message: OK}}
"""
    if kept is None:
        with pytest.raises(
            SettingsError, match="at /interactions/0/response/body/string: the body ends before"
        ):
            read_archive(text.encode(), "it")
        return
    (read,) = read_archive(text.encode(), "it").exchanges
    assert read.response is not None
    assert read.response.content == kept


def test_a_coding_that_is_not_read() -> None:
    text = """
interactions:
- request: {method: GET, uri: 'http://h/a'}
  response:
    body: {string: !!binary AAEC}
    headers: {Content-Encoding: [br]}
    status: {code: 200, message: OK}
"""
    (read,) = read_archive(text.encode(), "it").exchanges
    assert read.response is not None
    assert read.response.missing == "it is encoded as br, which is not read here"
