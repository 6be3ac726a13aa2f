"""Documents and part files in gzip (RFC 1952), from disk and over HTTP: recognised by their content."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaclient import Client, DocumentError
from dynaclient.document.limits import Limits
from dynaclient.document.reader import parse_file
from tests.conftest import Serve
from tests.servers import Recorded, reply
from tests.small import one

TREE = one(answer={"$ref": "part.json"})
JSON = json.dumps(TREE).encode()


def _named(data: bytes) -> bytes:
    """As the program gzip writes it: with the name and time of the file."""
    packed = io.BytesIO()
    with gzip.GzipFile("openapi.json", "wb", fileobj=packed, mtime=1_700_000_000) as file:
        file.write(data)
    return packed.getvalue()


PACKED = {
    "JSON": gzip.compress(JSON),
    "YAML": gzip.compress(yaml.safe_dump(TREE).encode()),
    "UTF-16": gzip.compress(json.dumps(TREE).encode("utf-16")),
    "not packed tightly": gzip.compress(JSON, 0),
    "with a name": _named(JSON),
    "in two members": gzip.compress(JSON[:40]) + gzip.compress(JSON[40:]),
    "zeros behind": gzip.compress(JSON) + bytes(512),
    "not packed at all": JSON,
}


@pytest.mark.parametrize("name", ["openapi.json.gz", "openapi.json", "openapi"])
@pytest.mark.parametrize("how", PACKED)
def test_from_disk(how: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(PACKED[how])
    (tmp_path / "part.json").write_bytes(gzip.compress(b"{}"))
    for _ in ("cold", "warm"):
        client = Client(tmp_path / name, cache=tmp_path / "cache")
        assert (list(client.operations), client.findings) == (["op"], ())


HEADERS: dict[str, list[tuple[str, str]]] = {
    "nothing": [],
    "a file": [("Content-Type", "application/gzip")],
    "a file of another name": [("Content-Type", "application/x-gzip")],
    "what it is in the end": [("Content-Type", "application/json")],
    "a stream": [("Content-Type", "application/octet-stream")],
    "a coding": [("Content-Encoding", "gzip"), ("Content-Type", "application/json")],
    "a coding and a file": [("Content-Encoding", "gzip"), ("Content-Type", "application/gzip")],
    "an old coding": [("Content-Encoding", "x-gzip")],
}


@pytest.mark.parametrize("said", HEADERS)
@pytest.mark.parametrize("path", ["/openapi.json.gz", "/openapi.json"])
def test_over_http(path: str, said: str, serve: Serve) -> None:
    """Servers tell it in each of these ways, and the file is the same."""

    def answer(request: Recorded) -> bytes:
        data = b'{"type": "integer"}' if request.target == "/part.json" else JSON
        return reply(200, gzip.compress(data), HEADERS[said])

    with Client(serve(answer).url + path) as client:
        assert client.findings == ()
        assert list(client.operations) == ["op"]


def test_a_packed_file_that_travels_packed(serve: Serve) -> None:
    """A coding is of the message, and undone by who gets it; what is left is the file (RFC 9110, 8.4)."""
    twice = gzip.compress(gzip.compress(json.dumps(one()).encode()))
    with Client(serve(reply(200, twice, [("Content-Encoding", "gzip")])).url) as client:
        assert list(client.operations) == ["op"]


BROKEN: dict[str, Any] = {
    "cut off": gzip.compress(JSON)[:-12],
    "without its end": gzip.compress(JSON)[:-8],
    "another checksum": gzip.compress(JSON)[:-8] + bytes(8),
    "the magic alone": b"\x1f\x8b",
    "another method": b"\x1f\x8b\x07" + bytes(20),
    "damaged": gzip.compress(JSON)[:20] + b"\xff" * 20 + gzip.compress(JSON)[40:],
    "text behind": gzip.compress(JSON) + b"text",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_whole_file_is_told_as_that(what: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json.gz"
    path.write_bytes(BROKEN[what])
    with pytest.raises(DocumentError, match=r"openapi\.json\.gz is not a complete gzip file"):
        Client(path)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("part", [False, True])
def test_a_bomb_is_bounded(part: bool, tmp_path: Path) -> None:
    """One MB that unpacks to 1 GiB: no more than the bound of a document is ever unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    (tmp_path / "openapi.json").write_bytes(JSON if part else bomb)
    (tmp_path / "part.json").write_bytes(bomb)
    tracemalloc.start()
    try:
        if part:
            assert "67108864 bytes" in Client(tmp_path / "openapi.json", cache=False).findings[0].message
        else:
            with pytest.raises(DocumentError, match="holds more than 67108864 bytes"):
                Client(tmp_path / "openapi.json", cache=False)
        assert tracemalloc.get_traced_memory()[1] < 160 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_the_bound_holds_before_and_after(tmp_path: Path) -> None:
    data = json.dumps({"a": "x" * 1000}).encode()
    assert parse_file(gzip.compress(data), "x", Limits(bytes=len(data))) == {"a": "x" * 1000}
    with pytest.raises(DocumentError, match="more than"):
        parse_file(gzip.compress(data), "x", Limits(bytes=len(data) - 1))
    with pytest.raises(DocumentError, match="more than"):
        parse_file(gzip.compress(data), "x", Limits(bytes=20))


def test_a_packed_document_is_packed_once(tmp_path: Path) -> None:
    """A file in a file is another thing; so is an archive."""
    with pytest.raises(DocumentError, match="0x8b"):
        parse_file(gzip.compress(gzip.compress(JSON)), "x")
