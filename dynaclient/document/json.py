"""JSON -> tree, a member at a time.

All of a large document at once, as a tree, takes ten times the memory of its text, and far more than ten
times the time of a tenth of it: it does not stay near the processor. So each path and each component is read
by itself, to see that it is sound and where it ends, and stays text (see `segments`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import chain
from typing import Any

from dynaclient.document.json_text import real, whole_characters
from dynaclient.document.lazy_tree import LazyMap
from dynaclient.document.limits import Limits, Misread, refused
from dynaclient.errors import DocumentError, Finding

_Read = Callable[[str, int, int], tuple[Any, int]]
"""The name of a member, where its value begins, how many levels down -> the value, and where it ends."""

_SPACE = re.compile(r"[ \t\n\r]*")
_CONTAINERS = (dict, list)


def _refuse(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", "", 0)


_DECODER = json.JSONDecoder(parse_float=real, parse_constant=_refuse)


def read_json(text: str, name: str, limits: Limits, findings: list[Finding]) -> Any:
    """The tree of a JSON text (RFC 8259); what grows with a document is in pieces.

    Misread where it is none; DocumentError where it exceeds `limits`.
    """
    text = _without_half_characters(text, findings)
    try:
        return _Reading(text, name, limits).tree()
    except json.JSONDecodeError as error:
        raise Misread(error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise refused(name, "lists and maps nested", limits.depth, "deep") from None
    except ValueError as error:
        raise DocumentError(f"file {name} holds a number that is too long: {error}") from None


def _without_half_characters(text: str, findings: list[Finding]) -> str:
    """`\\ud83d` without its second half is no character and could never be written again."""
    mended = whole_characters(text)
    if mended != text:
        message = "the file holds halves of surrogate pairs, such as \\ud83d alone"
        findings.append(Finding("", "warning", message, "each is read as U+FFFD"))
    return mended


class _Reading:
    """One text that is being read."""

    def __init__(self, text: str, name: str, limits: Limits) -> None:
        self._text, self._name, self._limits = text, name, limits
        self._nodes = 1
        self._counts = _most_nodes(text, limits.nodes) > limits.nodes

    def tree(self) -> Any:
        tree, end = self._object("", self._skip(0), 1, self._member)
        if self._skip(end) != len(self._text):
            raise json.JSONDecodeError("Extra data", self._text, self._skip(end))
        return tree

    def _member(self, name: str, at: int, depth: int) -> tuple[Any, int]:
        """A member of the root."""
        if name in ("paths", "webhooks"):
            return self._pieces(name, at, depth)
        if name == "components":
            return self._object(name, at, depth, self._pieces)
        return self._value(at, depth)

    def _pieces(self, name: str, at: int, depth: int) -> tuple[Any, int]:
        """A map whose members stay text."""
        found, end = self._object(name, at, depth, self._piece)
        pieces = found and self._text[at] == "{"
        return (LazyMap(found, self._text) if pieces else found), end

    def _piece(self, name: str, at: int, depth: int) -> tuple[tuple[int, int], int]:
        end = self._value(at, depth)[1]
        return (at, end), end

    def _object(self, name: str, at: int, depth: int, read: _Read) -> tuple[Any, int]:
        """The value that begins at `at`, and where it ends; if it is an object, each member as by `read`."""
        if not self._is(at, "{"):
            return self._value(at, depth)
        found: dict[str, Any] = {}  # of equal names the last holds
        at = self._skip(at + 1)
        closed = self._is(at, "}")
        while not closed:
            self._expect('"', at, "Expecting property name enclosed in double quotes")
            name, at = _DECODER.raw_decode(self._text, at)
            at = self._expect(":", self._skip(at), "Expecting ':' delimiter")
            found[name], at = read(name, self._skip(at), depth + 1)
            at = self._skip(at)
            closed = self._is(at, "}")
            at = at if closed else self._skip(self._expect(",", at, "Expecting ',' delimiter"))
        self._count(len(found), depth)
        return found, at + 1

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        """The value that begins at `at`, `depth` levels down, and where it ends."""
        value, end = _DECODER.raw_decode(self._text, at)
        brackets = self._text.count("{", at, end) + self._text.count("[", at, end)
        if self._counts or depth + brackets > self._limits.depth:
            self._bound(value, depth)
        return value, end

    def _bound(self, value: Any, depth: int) -> None:
        """Count level by level, without recursion."""
        level = [value] if type(value) in _CONTAINERS else []
        while level:
            self._count(sum(map(len, level)), depth)
            depth += 1
            maps = [container.values() for container in level if type(container) is dict]
            lists = [container for container in level if type(container) is list]
            level = [each for each in chain(*maps, *lists) if type(each) in _CONTAINERS]

    def _count(self, nodes: int, depth: int) -> None:
        """DocumentError where `nodes` more values, `depth` levels down, are too many or too deep."""
        self._nodes += nodes
        if depth > self._limits.depth:
            raise refused(self._name, "lists and maps nested", self._limits.depth, "deep")
        if self._nodes > self._limits.nodes:
            raise refused(self._name, "", self._limits.nodes, "values")

    def _is(self, at: int, character: str) -> bool:
        return self._text[at : at + 1] == character

    def _skip(self, at: int) -> int:
        """Where the space that begins at `at` ends."""
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _expect(self, character: str, at: int, problem: str) -> int:
        if not self._is(at, character):
            raise json.JSONDecodeError(problem, self._text, at)
        return at + 1


def _most_nodes(text: str, enough: int) -> int:
    """At least as many values as `text` holds: each but the first is behind a bracket or a comma."""
    if len(text) // 2 < enough:
        return len(text) // 2 + 1
    return 1 + sum(map(text.count, "{[,"))
