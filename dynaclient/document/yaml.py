"""YAML text -> tree, straight from libyaml's events.

The tree is JSON: dict, list, str, int, float, bool, None. PyYAML's own constructors are not used:
they follow YAML 1.1 (see `scalars`), cannot open documents that YAML 1.2 allows, and take three times
as long. Where PyYAML was built without libyaml its own parser makes the same events, slowly.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from dynaclient.document.limits import Limits, Misread
from dynaclient.document.node import escape
from dynaclient.document.yaml_scalars import FIRST_CHARACTERS, plain_scalar, tagged
from dynaclient.errors import Finding

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Characters that libyaml refuses, or takes for a line break as YAML 1.1 did, but that published
# documents hold inside text. They pass the parser as private characters and are put back afterwards.
_FOREIGN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_COMMON = b"\t\n\r" + bytes(range(0x20, 0x7F))
_BREAKS = "\x85\u2028\u2029"
_PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE))
_MERGE = "<<"
_SHORT = 20
"""Up to so many characters a value is likely to come again: `string`, `object`, `application/json`."""


def read_yaml(text: str, limits: Limits, findings: list[Finding]) -> tuple[Any, bool]:
    """The first document in `text`, and whether it may have parts that aliases share.

    Misread where it is not YAML, is empty, or exceeds a limit.
    """
    reader = _Reader(text, limits, findings)
    return reader.read(_events(text, findings)), bool(reader.anchors)


def read_yaml_texts(text: str, limits: Limits) -> Any:
    """As `read_yaml`, but scalars are texts as they stand, but for null and for `!!binary`, which is bytes.

    So is read what was written by the rules of YAML 1.1, whose writers leave texts bare that are numbers now.
    """
    findings: list[Finding] = []
    return _TextReader(text, limits, findings).read(_events(text, findings))


def _events(text: str, findings: list[Finding]) -> Iterator[Any]:
    foreign = sorted(_foreign(text))
    if not foreign:
        return iter(_LOADER(text).get_event, None)
    if refused := [f"U+{ord(character):04X}" for character in foreign if character not in _BREAKS]:
        message = f"the file holds characters that YAML refuses: {', '.join(refused)}"
        findings.append(Finding("", "warning", message, "they are kept as they stand"))
    free = (chr(code) for code in chain(*_PRIVATE) if chr(code) not in text)
    disguise: dict[str, Any] = dict(zip(foreign, free, strict=False))
    disguised = text.translate(str.maketrans(disguise))
    return map(
        _restorer({new: old for old, new in disguise.items()}), iter(_LOADER(disguised).get_event, None)
    )


def _foreign(text: str) -> set[str]:
    """The characters of `_FOREIGN` in `text`; common ones are dropped first, which is faster."""
    rest = text.encode().translate(None, _COMMON)
    return set(_FOREIGN.findall(rest.decode()))


def _restorer(names: dict[str, str]) -> Callable[[Any], Any]:
    table = str.maketrans(names)

    def restore(event: Any) -> Any:
        if type(event) is ScalarEvent:
            event.value = event.value.translate(table)
        return event

    return restore


class _Anchored:
    """What an alias stands for. `text` is the alias as a key; `is_open` while its list or map goes on."""

    __slots__ = ("before", "deepest", "depth", "is_open", "nodes", "text", "value")

    def __init__(self, value: Any, text: str, nodes: int = 1) -> None:
        self.value, self.text, self.nodes = value, text, nodes
        self.is_open = False
        self.before = 0  # the values counted when it began
        self.depth = self.deepest = 0  # of its list or map, and of what is in it

    @property
    def height(self) -> int:
        return self.deepest - self.depth


class _MergeKey(str):
    """A plain `<<`; the quoted one is a name like any other."""


# Where the next value goes is given by the key: after a name into the map under that name, for None
# it is the next name of the map, for _NEXT it is the next item of the list.
_NEXT = object()


class _Reader:
    """One pass over the events; the stack is our own, so depth costs no recursion."""

    def __init__(self, text: str, limits: Limits, findings: list[Finding]) -> None:
        self.text, self.limits, self.findings = text, limits, findings
        self.stack: list[
            tuple[Any, Any, Any]
        ] = []  # list or map, its key, the event that began what is inside
        self.anchors: dict[str, _Anchored] = {}
        self.open_anchors: list[_Anchored] = []
        self.merged: dict[int, set[str]] = {}  # id of a map -> its names that came by a merge key
        self.nodes = 0
        self.event: Any = None

    def read(self, events: Iterator[Any]) -> Any:
        try:
            return self._read(events)
        except yaml.MarkedYAMLError as error:
            self._bound_flow(error.problem_mark)
            raise _misread(error) from None
        except yaml.YAMLError as error:
            raise Misread(str(error), 1, 1) from None

    def _read(self, events: Iterator[Any]) -> Any:
        for event in events:
            if type(event) is DocumentStartEvent:
                tree = self._document(events)
                if type(next(events, None)) is DocumentStartEvent:
                    self._find("the file holds more than one YAML document", "only the first is used")
                return tree
        raise Misread("the file is empty", 1, 1)

    def _document(self, events: Iterator[Any]) -> Any:
        """The tree of one document. Flat and long for speed: 2 MB of YAML are 100,000 rounds of this loop."""
        stack, open_anchors = self.stack, self.open_anchors
        known: dict[str, Any] = {}  # plain scalar -> value, of those that may come again
        names: dict[str, str] = {}  # one text for each name, which a document repeats thousands of times
        tree: list[Any] = []
        container: Any = tree
        key: Any = _NEXT
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self.nodes += 1
                text = value = event.value
                if event.tag is not None or event.anchor is not None:
                    value = self._marked(event, key)
                elif key is None:
                    is_merge = text == _MERGE and not event.style
                    key = _MergeKey(text) if is_merge else names.setdefault(text, text)
                    continue
                elif not event.style:
                    if text in known:
                        value = known[text]
                    elif not text or text[0] in FIRST_CHARACTERS:
                        value = known[text] = self._plain(event)
                    elif len(text) <= _SHORT:
                        value = known[text] = names.setdefault(text, text)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self.nodes += 1
                stack.append((container, key, event))
                container, key = ({}, None) if kind is MappingStartEvent else ([], _NEXT)
                if open_anchors or event.anchor is not None:
                    self._anchor(event, container)
                self._bound(event, len(stack))
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value, text = container, None
                if open_anchors and open_anchors[-1].value is value:
                    self._close_anchor()
                container, key, start = stack.pop()
                if key is None:
                    text = self._text_of_key(start, event)
            elif kind is AliasEvent:
                value, text = self._alias(event)
            else:
                self._bound(event, 0)
                break
            if key is _NEXT:
                container.append(value)
            elif key is None:
                key = text
            else:
                if key in container or type(key) is _MergeKey:
                    self._put(container, key, value)
                else:
                    container[key] = value
                key = None
        return tree[0]

    def _plain(self, event: Any) -> Any:
        try:
            return plain_scalar(event.value)
        except ValueError as error:
            raise _at(event, str(error)) from None

    def _marked(self, event: Any, key: Any) -> Any:
        """The value of a scalar with a tag or an anchor."""
        value = event.value
        if event.tag is not None:
            try:
                value = tagged(event.tag, event.value, not event.style)
            except ValueError as error:
                self._find(str(error), "read as text", key)
        elif not event.style:
            value = self._plain(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, event.value)
        return value

    def _anchor(self, event: Any, container: Any) -> None:
        """A list or map begins that has an anchor, or stands inside one that has."""
        depth = len(self.stack)
        if self.open_anchors:
            self.open_anchors[-1].deepest = max(self.open_anchors[-1].deepest, depth)
        if event.anchor is not None:
            anchored = self.anchors[event.anchor] = _Anchored(container, f"*{event.anchor}")
            anchored.is_open, anchored.before = True, self.nodes - 1
            anchored.depth, anchored.deepest = depth - 1, depth
            self.open_anchors.append(anchored)

    def _close_anchor(self) -> None:
        anchored = self.open_anchors.pop()
        anchored.is_open, anchored.nodes = False, self.nodes - anchored.before
        if self.open_anchors:
            self.open_anchors[-1].deepest = max(self.open_anchors[-1].deepest, anchored.deepest)

    def _alias(self, event: Any) -> tuple[Any, str]:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            raise _at(event, f"the alias *{event.anchor} has no anchor before it")
        if anchored.is_open:
            raise _at(event, f"the alias *{event.anchor} is inside its own anchor")
        self.nodes += anchored.nodes
        depth = len(self.stack) + anchored.height
        self._bound(event, depth)
        if self.open_anchors:
            self.open_anchors[-1].deepest = max(self.open_anchors[-1].deepest, depth)
        return anchored.value, anchored.text

    def _put(self, container: dict[str, Any], key: str, value: Any) -> None:
        """Put a value whose key is a merge key, was merged, or stands twice: the last wins."""
        if type(key) is _MergeKey:
            self._merge(container, value)
            return
        merged = self.merged.get(id(container), set())
        if key not in merged:
            self._find(f"the key {key!r} is in a map twice", "the last one is used", key)
        merged.discard(key)
        container[key] = value

    def _merge(self, container: dict[str, Any], value: Any) -> None:
        """Merge keys of YAML 1.1: names that stand in the map itself win, then the first of several maps."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            self._find("expected a map or a list of maps after `<<`", "read as a key of that name", _MERGE)
            container[_MERGE] = value
            return
        for source in sources:
            new = {name: source[name] for name in source if name not in container}
            container.update(new)
            self.merged.setdefault(id(container), set()).update(new)

    def _text_of_key(self, start: Any, end: Any) -> str:
        """A key that is itself a list or map, such as `{{name}}` without quotes: its text."""
        text = self.text[start.start_mark.index : end.end_mark.index].strip()
        self._find(f"the key {text!r} is not a name", "its text is used as the name")
        return text

    def _bound(self, event: Any, depth: int) -> None:
        if self.nodes > self.limits.nodes:
            raise _at(event, f"more than {self.limits.nodes} values, aliases included")
        if depth > self.limits.depth:
            raise _at(event, f"lists and maps nested more than {self.limits.depth} deep")

    def _bound_flow(self, stopped: Any) -> None:
        """Our bound on depth, where the parser stops before its events reach it.

        It looks ahead of them, since a list may be the key of a map, and has a bound of its own since PyYAML
        6.0.4 (libyaml 0.2.6).
        """
        depth = sum(not event.flow_style for _, _, event in self.stack)
        for bracket in re.finditer(r"[\[{\]}]", self.text[: stopped.index] if stopped else ""):
            depth += 1 if bracket[0] in "[{" else -1
            if depth > self.limits.depth:
                line = self.text.count("\n", 0, bracket.start())
                column = bracket.start() - self.text.rfind("\n", 0, bracket.start())
                raise Misread(f"lists and maps nested more than {self.limits.depth} deep", line + 1, column)

    def _find(self, message: str, meaning: str, key: Any = None) -> None:
        pointer = "".join(f"/{escape(place)}" for place in self._places(key))
        self.findings.append(Finding(pointer, "warning", message, meaning))

    def _places(self, key: Any) -> Iterator[str]:
        for container, name, _ in self.stack[1:]:
            if name is not None:
                yield str(len(container)) if name is _NEXT else name
        if isinstance(key, str):
            yield key


class _TextReader(_Reader):
    """Reads scalars as texts."""

    def _plain(self, event: Any) -> Any:
        return None if event.value in _NULL else event.value

    def _marked(self, event: Any, key: Any) -> Any:
        if event.tag == _BINARY:
            try:
                return a2b_base64(event.value)
            except ValueError as error:
                raise _at(event, f"not what its tag !!binary says: {error}") from None
        return event.value


_BINARY = "tag:yaml.org,2002:binary"
_NULL = ("", "~", "null", "Null", "NULL")


def _at(event: Any, problem: str) -> Misread:
    return Misread(problem, event.start_mark.line + 1, event.start_mark.column + 1)


def _misread(error: yaml.MarkedYAMLError) -> Misread:
    mark = error.problem_mark or error.context_mark
    problem = ", ".join(part for part in (error.context, error.problem) if part)
    return Misread(problem, mark.line + 1, mark.column + 1) if mark else Misread(problem, 1, 1)
