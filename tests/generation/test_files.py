"""The smallest files are what they say they are, to who reads such files."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from dynaclient.generation.files import smallest_file
from dynaclient.wire.media_types import type_of_file


def _png(file: bytes) -> None:
    kinds, at = [], 8
    while at < len(file):
        length, kind = struct.unpack(">I4s", file[at : at + 8])
        data = file[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", file[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + data)
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def _pdf(file: bytes) -> None:
    """Each entry of the cross-reference table leads to its object, and `startxref` to the table."""
    table = file.index(b"xref\n0 4")
    assert file.split(b"startxref\n")[1].split()[0] == str(table).encode()
    for number, line in enumerate(file[table:].splitlines()[3:6], start=1):
        assert file[int(line[:10]) :].startswith(b"%d 0 obj" % number)
        assert len(line) == 19


def _bmp(file: bytes) -> None:
    assert struct.unpack("<I", file[2:6])[0] == len(file)


READERS: dict[str, Callable[[bytes], object]] = {
    "image/png": _png,
    "image/bmp": _bmp,
    "image/svg+xml": ET.fromstring,
    "audio/wav": lambda file: wave.open(io.BytesIO(file)).readframes(2),  # noqa: SIM115
    "application/pdf": _pdf,
    "application/zip": lambda file: zipfile.ZipFile(io.BytesIO(file)).testzip(),
    "application/gzip": gzip.decompress,
    "application/x-tar": lambda file: tarfile.open(fileobj=io.BytesIO(file)).getnames(),  # noqa: SIM115
    "application/json": json.loads,
}


@pytest.mark.parametrize("kind", READERS)
def test_a_reader_takes_it(kind: str) -> None:
    file = smallest_file(kind)
    assert file is not None
    READERS[kind](file)


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"])
def test_its_first_bytes_say_what_it_is(kind: str) -> None:
    assert type_of_file(smallest_file(kind), None) == kind


@pytest.mark.parametrize("kind", ["text/plain", "text/csv", "*/*", "image/*", "application/octet-stream"])
def test_there_is_one_for_text_and_ranges(kind: str) -> None:
    assert smallest_file(kind)


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/x-protobuf", "video/mp4"])
def test_there_is_none_for_what_is_not_known(kind: str) -> None:
    assert smallest_file(kind) is None
