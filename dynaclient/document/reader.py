"""The bytes of one file -> tree: dict, list, str, int, float, bool, None.

JSON is read by `json`, never by a YAML reader, which is slower and refuses `\\ud83d\\udc4d`. What
begins like JSON and is not (trailing commas, flow YAML) is read as YAML; comments are left out of JSON.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from typing import Any

from dynaclient.document.json import read_json
from dynaclient.document.lazy_tree import materialized
from dynaclient.document.limits import DEFAULT, Limits, Misread, refused
from dynaclient.errors import DocumentError, Finding

_GZIP = b"\x1f\x8b"
_LIKE_JSON = re.compile(r"\s*(?:[{\[]|//|/\*)")
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'
_COMMENT = re.compile(rf"{_STRING}|//[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_LAST_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])", re.DOTALL)
_INK = re.compile(r"[^\s]")


def parse_file(
    data: bytes, name: str, limits: Limits = DEFAULT, findings: list[Finding] | None = None
) -> Any:
    """The tree that the bytes of the file `name` hold; what is odd in it is added to `findings`.

    Encodings: UTF-8, UTF-16, UTF-32, with or without a byte order mark. What is packed with gzip is unpacked,
    whatever the file is called. Keys are always text, as written. A key that stands twice in one map: the
    last wins, in YAML with a finding. Nodes that YAML aliases share are shared in the tree too: do not
    change it.

    DocumentError: it cannot be decoded, is neither JSON nor YAML, or exceeds `limits`.
    """
    return materialized(read_file(data, name, limits, findings)[0])


def read_file(
    data: bytes, name: str, limits: Limits = DEFAULT, findings: list[Finding] | None = None
) -> tuple[Any, bool]:
    """As `parse_file`, but JSON in pieces (see `lazy_tree`); and whether YAML aliases may share parts."""
    if len(data) > limits.bytes:
        raise refused(name, "", limits.bytes, "bytes")
    found = findings if findings is not None else []
    if data[:2] == _GZIP:
        data = _unpacked(data, name, limits)
    text = _decode(data, name)
    try:
        return _read_text(text, name, limits, found)
    except Misread as error:
        raise DocumentError(f"file {name}, {error}. A document is JSON or YAML.") from None


def _unpacked(data: bytes, name: str, limits: Limits) -> bytes:
    """What a gzip file (RFC 1952) holds, of one member or several, but not more than is allowed."""
    import gzip  # late: 1 ms

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            data = file.read(limits.bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DocumentError(f"file {name} is not a complete gzip file: {error}") from None
    if len(data) > limits.bytes:
        raise refused(name, "", limits.bytes, "bytes")
    return data


def _decode(data: bytes, name: str) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        offset = len(data) - len(error.object) + error.start
        problem = f"byte {offset} (0x{data[offset]:02x}) is not {encoding.upper()}: {error.reason}"
        raise DocumentError(f"file {name}: {problem}. Save the file as UTF-8.") from None


def _read_text(text: str, name: str, limits: Limits, findings: list[Finding]) -> tuple[Any, bool]:
    if not _LIKE_JSON.match(text):
        return _read_yaml(text, limits, findings)
    try:
        return _read_json(text, name, limits, findings), False
    except Misread as error:
        not_json = error
    if without := _without_comments(text):
        try:
            tree = _read_json(without[0], name, limits, findings)
        except Misread as error:
            not_json = error
        else:
            message = f"JSON with comments, the first in line {without[1]}: JSON has none"
            findings.append(Finding("", "note", message, "they are left out"))
            return tree, False
    try:
        read = _read_yaml(text, limits, findings)
    except Misread as not_yaml:
        # The reading that came further is the one that was meant.
        nearest = not_json if without else max(not_json, not_yaml, key=lambda error: error.place)
        raise nearest from None
    if without and not isinstance(read[0], dict):  # to YAML, comments and what follows are one text
        raise not_json from None
    if text.lstrip()[:1] in ("{", "["):
        findings.append(Finding("", "note", f"not JSON: {not_json}", "read as YAML"))
    return read


def _without_comments(text: str) -> tuple[str, int] | None:
    """JSON with comments, and the commas that go with them, as JSON; and the line of the first comment.

    None where there is no comment. Every location stays where it is.
    """
    found = [each for each in _COMMENT.finditer(text) if each[0][0] == "/"]
    if not found:
        return None
    text = _COMMENT.sub(lambda each: each[0] if each[0][0] == '"' else _INK.sub(" ", each[0]), text)
    text = _LAST_COMMA.sub(lambda each: each[0] if each[0][0] == '"' else " ", text)
    return text, text.count("\n", 0, found[0].start()) + 1


def _read_yaml(text: str, limits: Limits, findings: list[Finding]) -> tuple[Any, bool]:
    from dynaclient.document.yaml import read_yaml  # late: 35 ms

    return read_yaml(text, limits, findings)


def _read_json(text: str, name: str, limits: Limits, findings: list[Finding]) -> Any:
    return read_json(text, name, limits, findings)
