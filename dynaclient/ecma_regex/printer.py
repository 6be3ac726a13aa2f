"""Patterns of documents, written for the engines that check values.

Both backends must give the same verdict, ECMA-262's (JSON Schema 2020-12 Core 6.4): jsonschema-rs matches
with Rust's fancy-regex, the pure-Python one with `re`. So a pattern is read into a tree and printed with
explicit character sets and anchors, which the two engines understand alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dynaclient.ecma_regex import charset as sets
from dynaclient.ecma_regex.charset import Ranges
from dynaclient.ecma_regex.matcher import found
from dynaclient.ecma_regex.parser import parse
from dynaclient.ecma_regex.tree import (
    Back,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    PatternError,
    RegexNode,
    Repeat,
    Sequence,
    inner,
    width,
)

__all__ = ["Pattern", "PatternError", "is_readable", "matches", "translate"]

_UNROLLED = 1000
"""Repeats up to here may be compiled into a machine with one state for each; see `_repeat`."""
_WORD = "[0-9A-Z_a-z]"
_LINE_END = "[\\n\\r\u2028\u2029]"
_EDGES = {
    "start": "^",
    "line-start": f"(?:^|(?<={_LINE_END}))",
    "line-end": f"(?:$|(?={_LINE_END}))",
    "word": f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    "inside": f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}
_ENDS = {"rust": "$", "python": r"\Z"}
_CONTROLS = {9: r"\t", 10: r"\n", 13: r"\r"}


@dataclass(frozen=True)
class Pattern:
    """A pattern as the document has it (`source`) and for each engine.

    `note` says what about the reading is worth a finding; empty where the pattern is plain ECMA-262.
    """

    source: str
    rust: str
    python: str
    note: str


@lru_cache(maxsize=4096)
def translate(source: str) -> Pattern:
    """The pattern for both engines. Raises PatternError where its meaning is not certain or no engine can."""
    tree, notes = parse(source)
    pattern = Pattern(source, _print(tree, "rust"), _print(tree, "python"), "; ".join(notes))
    try:
        re.compile(pattern.python)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"pattern {source!r}: {error}") from None
    return pattern


def is_readable(source: str) -> bool:
    """Whether the meaning of a pattern is certain, and an engine can carry it out."""
    try:
        translate(source)
    except PatternError:
        return False
    return True


def matches(source: str, text: str) -> bool:
    """Whether the pattern is found in the text. One that cannot be read is found nowhere."""
    return is_readable(source) and found(translate(source).python, text)


def _print(node: RegexNode, engine: str) -> str:
    return _PRINTERS[type(node)](node, engine)


def _sequence(node: Sequence, engine: str) -> str:
    printed = [_print(item, engine) for item in node.items]
    if engine == "rust":  # fancy-regex finds `a+b?a+` in "a"; `a+(?:b?|)a+` it reads right
        bare = [text.replace("(?:", "").replace(")", "") for text in printed]
        for at in range(1, len(bare) - 1):
            if bare[at - 1] == bare[at + 1] and bare[at - 1].endswith("+") and _is_optional(node.items[at]):
                printed[at] = f"(?:{printed[at]}|)"
    return "".join(printed)


def _is_optional(node: RegexNode) -> bool:
    """Whether it is a repeat of nothing or more, in parentheses that capture nothing or none."""
    while isinstance(node, (Group, Sequence)) and len(inner(node)) == 1 and not getattr(node, "index", 0):
        node = inner(node)[0]
    return isinstance(node, Repeat) and node.low == 0


def _choice(node: Choice, engine: str) -> str:
    return "|".join(_print(branch, engine) for branch in node.branches)


def _group(node: Group, engine: str) -> str:
    return f"({'' if node.index else '?:'}{_print(node.body, engine)})"


def _edge(node: Edge, engine: str) -> str:
    if node.kind == "end":
        return _ENDS[engine]
    return _EDGES[node.kind].replace("$", _ENDS[engine])


def _back(node: Back, engine: str) -> str:
    return f"(?:\\{node.index})"  # a digit may follow


def _look(node: Look, engine: str) -> str:
    if node.ahead:
        return f"(?{'!' if node.negative else '='}{_print(node.body, engine)})"
    branches = node.body.branches if isinstance(node.body, Choice) else (node.body,)
    if any(low != high for low, high in map(width, branches)):
        raise PatternError("a lookbehind of varying width, which no engine but ECMA-262's has")
    sign, join = ("?<!", "") if node.negative else ("?<=", "|")
    # branches may differ in width; Python asks for one width in each lookbehind
    looks = join.join(f"({sign}{_print(branch, engine)})" for branch in branches)
    return looks if len(branches) == 1 or node.negative else f"(?:{looks})"


def _repeat(node: Repeat, engine: str) -> str:
    body = _print(node.body, engine)
    if engine == "rust" and max(node.low, node.high or 0) > _UNROLLED:
        # Rust's engine makes one state for each repeat and refuses 50,000 of them. An empty lookahead sends
        # the repeat to fancy-regex's own machine, which counts.
        body = f"(?:(?=){body})"
    elif not isinstance(node.body, (Chars, Group, Back)):
        body = f"(?:{body})"
    return body + _bounds(node.low, node.high) + ("?" if node.lazy else "")


def _bounds(low: int, high: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((low, high))
    return short or (f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}")


def _chars(node: Chars, engine: str) -> str:
    return _set(node.ranges)


def _set(those: Ranges) -> str:
    others = sets.complement(those)
    if not those or not others:
        return r"[^\s\S]" if not those else r"[\s\S]"
    if len(those) == 1 and those[0][0] == those[0][1]:
        return _character(those[0][0])
    negative = len(others) < len(those)
    members = "".join(map(_range, others if negative else those))
    return f"[{'^' if negative else ''}{members}]"


def _range(pair: tuple[int, int]) -> str:
    low, high = map(_member, pair)
    return low if low == high else f"{low}{'-' if pair[1] > pair[0] + 1 else ''}{high}"


def _character(code: int) -> str:
    char = chr(code)
    return f"\\{char}" if char in r"^$\.*+?()[]{}|/" else _CONTROLS.get(code) or _plain(code)


def _member(code: int) -> str:
    """A character within brackets, where two of `&~|`, or `[:`, are operators to some engines."""
    char = chr(code)
    if char in r"\-[]^":
        return f"\\{char}"
    return _CONTROLS.get(code) or (f"\\x{code:02x}" if char in "&~|#:" else _plain(code))


def _plain(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x20 or 0x7F <= code <= 0xA0 else chr(code)


_PRINTERS: dict[type, Callable[[Any, str], str]] = {
    Sequence: _sequence,
    Choice: _choice,
    Group: _group,
    Edge: _edge,
    Back: _back,
    Look: _look,
    Repeat: _repeat,
    Chars: _chars,
}
