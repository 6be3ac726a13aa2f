"""The bytes of one file -> tree: dict, list, str, int, float, bool, None.

JSON is read by `json`, never by a YAML reader, which is slower and refuses `\\ud83d\\udc4d`. What
begins like JSON and is not (trailing commas, flow YAML) is read as YAML.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from dynaclient import collector, late
from dynaclient.document.scalars import real
from dynaclient.document.surrogates import SURROGATE_ESCAPE, whole_characters
from dynaclient.errors import DocumentError, Finding
from dynaclient.records import dataclass

_LIKE_JSON = late.pattern(r"\s*[{\[]")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file, so that opening a document always ends, in bounded memory.

    `bytes` is the size of the file; `depth` counts nested lists and maps; `nodes` counts every value,
    an alias in YAML as often as it stands for something (a few lines of aliases can stand for
    billions of values).
    """

    bytes: int = 64 * 1024 * 1024
    depth: int = 500
    nodes: int = 5_000_000


DEFAULT = Limits()


class Misread(Exception):
    """The text is not what it is read as; `line` and `column` count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem, line, column)
        self.problem, self.place = problem, (line, column)

    def __str__(self) -> str:
        return "line {}, column {}: {}".format(*self.place, self.problem)


def read(data: bytes, name: str, limits: Limits = DEFAULT, findings: list[Finding] | None = None) -> Any:
    """The tree that the bytes of the file `name` hold; what is odd in it is added to `findings`.

    Encodings: UTF-8, UTF-16, UTF-32, with or without a byte order mark. Keys are always text, as
    written. A key that stands twice in one map: the last wins, in YAML with a finding. Nodes that
    YAML aliases share are shared in the tree too: do not change it.

    DocumentError: it cannot be decoded, is neither JSON nor YAML, or exceeds `limits`.
    """
    return read_file(data, name, limits, findings)[0]


def read_file(
    data: bytes, name: str, limits: Limits = DEFAULT, findings: list[Finding] | None = None
) -> tuple[Any, bool]:
    """As `read`, and whether the tree may have parts that YAML aliases share."""
    if len(data) > limits.bytes:
        raise _refused(name, "", limits.bytes, "bytes")
    found = findings if findings is not None else []
    text = _decode(data, name)
    with collector.paused():
        try:
            return _read_text(text, name, limits, found)
        except Misread as error:
            raise DocumentError(f"file {name}, {error}. A document is JSON or YAML.") from None


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
    try:
        read = _read_yaml(text, limits, findings)
    except Misread as not_yaml:
        # The reading that came further is the one that was meant.
        raise max(not_json, not_yaml, key=lambda error: error.place) from None
    findings.append(Finding("", "note", f"not JSON: {not_json}", "read as YAML"))
    return read


def _read_yaml(text: str, limits: Limits, findings: list[Finding]) -> tuple[Any, bool]:
    from dynaclient.document.yaml import read_yaml  # PyYAML is loaded when a document needs it

    return read_yaml(text, limits, findings)


def _read_json(text: str, name: str, limits: Limits, findings: list[Finding]) -> Any:
    if SURROGATE_ESCAPE.search(text):
        text = _without_half_characters(text, findings)
    try:
        tree = json.loads(text, parse_float=real, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Misread(error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise _refused(name, "lists and maps nested", limits.depth, "deep") from None
    except ValueError as error:
        raise DocumentError(f"file {name} holds a number that is too long: {error}") from None
    _bound(tree, name, limits)
    return tree


def _refuse_constant(name: str) -> None:
    raise Misread(f"{name} is not JSON", 1, 1)


def _without_half_characters(text: str, findings: list[Finding]) -> str:
    """`\\ud83d` without its second half is no character and could never be written again."""
    mended = whole_characters(text)
    if mended != text:
        message = "the file holds halves of surrogate pairs, such as \\ud83d alone"
        findings.append(Finding("", "warning", message, "each is read as U+FFFD"))
    return mended


_CONTAINERS = (dict, list)


def _bound(tree: Any, name: str, limits: Limits) -> None:
    """DocumentError where a tree is too deep or too large; level by level, without recursion."""
    level: list[Any] = [tree]
    depth, nodes = 0, 1
    while level:
        depth += 1
        nodes += sum(map(len, level))
        if depth > limits.depth:
            raise _refused(name, "lists and maps nested", limits.depth, "deep")
        if nodes > limits.nodes:
            raise _refused(name, "", limits.nodes, "values")
        maps = [container.values() for container in level if type(container) is dict]
        lists = [container for container in level if type(container) is list]
        level = [value for value in chain(*maps, *lists) if type(value) in _CONTAINERS]


def _refused(name: str, what: str, limit: int, unit: str) -> DocumentError:
    return DocumentError(f"file {name} holds {what} more than {limit} {unit}".replace("  ", " "))
