"""Strings for a schema: plain ones, and ones that meet a format or a pattern."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import permutations
from typing import Any

from dynaclient.ecma_regex.charset import Ranges, contains
from dynaclient.ecma_regex.parser import parse
from dynaclient.ecma_regex.printer import is_readable, matches
from dynaclient.ecma_regex.tree import (
    Back,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    RegexNode,
    Repeat,
    Sequence,
    width,
)
from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.flatten import Unsatisfiable
from dynaclient.schema.formats import FORMATS

_MORE = 4
"""How many repeats more than needed are written."""
_NICE = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
_PRINTED = "".join(map(chr, range(0x20, 0x7F))) + "éßñ€中"


def _write(pattern: str, source: ChoiceSource, low: int, high: int, attempt: int) -> str:
    """A string made to match the pattern, if possible of `low` to `high` characters.

    What stands around a position (`\\b`, lookarounds) is only guessed at: the caller checks, and asks again
    with the next `attempt`. Raises PatternError, or Unsatisfiable for a pattern that nothing matches.
    """
    tree = _tree(pattern)
    least = width(tree)[0]
    pen = _Pen(source)
    room = min(high, least + 3 * _MORE) - least
    body = pen.write(tree, max(low - least, source.integer(0, room) if room > 0 else 0))
    start = "".join(pen.ahead)
    variants = [body, start + body[len(start) :], start + body, body + start]
    written = variants[attempt % len(variants)]
    return written + "a" * (low - len(written))  # not anchored at the end: what follows is free


@lru_cache(maxsize=1024)
def _tree(pattern: str) -> RegexNode:
    return parse(pattern)[0]


class _Pen:
    """Writes one string; `spare` is how many characters more than the fewest are wanted."""

    def __init__(self, source: ChoiceSource) -> None:
        self.source = source
        self.groups: dict[int, str] = {}
        self.ahead: list[str] = []

    def write(self, node: RegexNode, spare: int) -> str:
        return _WRITERS[type(node)](self, node, spare)

    def chars(self, node: Chars, spare: int) -> str:
        usual, all_ = _menu(node.ranges)
        return self.source.choice(all_ if self.source.chance(10) else usual)

    def edge(self, node: Edge, spare: int) -> str:
        return ""

    def sequence(self, node: Sequence, spare: int) -> str:
        written = ""
        rooms = [_room(item) for item in node.items]
        for index, item in enumerate(node.items):
            rest = sum(rooms[index + 1 :])  # what later items cannot take, this one has to
            share = self.source.integer(min(rooms[index], max(0, spare - rest)), min(rooms[index], spare))
            piece = self.write(item, share)
            spare -= min(spare, max(0, len(piece) - width(item)[0]))
            written += piece
        return written

    def choice(self, node: Choice, spare: int) -> str:
        return self.write(self.source.choice(node.branches), spare)

    def group(self, node: Group, spare: int) -> str:
        written = self.groups[node.index] = self.write(node.body, spare)
        return written

    def look(self, node: Look, spare: int) -> str:
        if node.ahead and not node.negative:
            self.ahead.append(self.write(node.body, 0))
        return ""

    def repeat(self, node: Repeat, spare: int) -> str:
        least, most = width(node.body)
        each = max(1, least)
        count = node.low + (spare // each if most == least else self.source.integer(0, spare // each))
        count = count if node.high is None else min(count, node.high)
        left = spare - (count - node.low) * least
        pieces = []
        for _ in range(count):
            pieces.append(self.write(node.body, max(0, left)))
            left -= len(pieces[-1]) - least
        return "".join(pieces)

    def back(self, node: Back, spare: int) -> str:
        return self.groups.get(node.index, "")


def _room(node: RegexNode) -> int:
    """How many characters more than the fewest a node can take."""
    least, most = width(node)
    return 10**9 if most is None else most - least


@lru_cache(maxsize=1024)
def _menu(those: Ranges) -> tuple[str, str]:
    """Characters of the set: the usual ones, and a wider selection. Control characters only where needed."""
    printed = "".join(char for char in _PRINTED if contains(those, ord(char)))
    usual = next((nice for nice in _within(those) if nice), printed)
    if printed:
        return usual, printed
    some = [chr(code) for low, high in those for code in range(low, min(high, low + 20) + 1)][:200]
    if not some:
        raise Unsatisfiable("the pattern asks for a character of an empty set")
    return "".join(some), "".join(some)


def _within(those: Ranges) -> list[str]:
    return ["".join(char for char in nice if contains(those, ord(char))) for nice in _NICE]


_WRITERS: dict[type, Callable[[_Pen, Any, int], str]] = {
    Chars: _Pen.chars,
    Edge: _Pen.edge,
    Sequence: _Pen.sequence,
    Choice: _Pen.choice,
    Group: _Pen.group,
    Look: _Pen.look,
    Repeat: _Pen.repeat,
    Back: _Pen.back,
}


WORDS = ("amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "hazel", "ivory", "juniper", "lotus")
_USUAL = 12
"""How many characters more than asked for a string has at most."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# what gets lost or changed on the way where something is encoded wrongly
_ODD = "Z09 _-~/%+&=?#;,:@!$'()*[]{}|\\\"<>éßñ€中\u0301😀"
_TRIES = 60
_LONGEST = 10**9


def string(flat: dict[str, Any], source: ChoiceSource, readable: bool) -> str:
    """A string that meets `minLength`, `maxLength`, `patterns` and `format` of a flat schema.

    Raises Unsatisfiable where none is found. No control characters and no surrogates, unless a pattern
    asks for them.
    """
    low, high = flat.get("minLength", 0), flat.get("maxLength", _LONGEST)
    if low > high:
        raise Unsatisfiable(f"minLength {low} is above maxLength {high}")
    patterns = [each for each in flat.get("patterns", ()) if is_readable(each)]  # checkers leave others out
    check = FORMATS.get(flat.get("format", ""), lambda candidate: True)
    for attempt in range(_TRIES):
        for candidate in _candidates(flat, patterns, source, readable, attempt):
            fits = low <= len(candidate) <= high and check(candidate)
            if fits and all(matches(pattern, candidate) for pattern in patterns):
                return candidate
    raise Unsatisfiable("no string was found for the pattern, format and lengths together")


def _candidates(
    flat: dict[str, Any], patterns: list[str], source: ChoiceSource, readable: bool, attempt: int
) -> Iterator[str]:
    low, high = flat.get("minLength", 0), flat.get("maxLength", _LONGEST)
    form = _FORMATS.get(flat.get("format", ""))
    if patterns:
        yield _written(patterns, source, low, high, attempt)
    elif form is None:
        yield (_words if readable else _any_text)(source, low, high)
    if form is not None:
        formed = form(source, low, high)
        yield formed
        yield from _spliced(formed, _written(patterns, source, 0, high, attempt)) if patterns else ()


def _spliced(formed: str, written: str) -> Iterator[str]:
    """What a format asks for, with what a pattern asks for at its start or end: `^2020-`, `@corp[.]com$`."""
    for at in range(len(formed) + 1):
        yield written + formed[at:]
        yield formed[:at] + written


def _written(patterns: list[str], source: ChoiceSource, low: int, high: int, attempt: int) -> str:
    """Text for one of the patterns, or for one after the other: `^a` and `b$` are met by both together."""
    orders: list[tuple[str, ...]] = [(pattern,) for pattern in patterns]
    orders += permutations(patterns) if 1 < len(patterns) < 4 else []
    order = orders[attempt % len(orders)]
    share = low if len(order) == 1 else 0
    return "".join(_write(pattern, source, share, high, attempt // len(orders)) for pattern in order)


def _any_text(source: ChoiceSource, low: int, high: int) -> str:
    """Any text of `low` to `high` characters, mostly letters, neither starting nor ending with a space."""
    length = source.integer(low, min(high, low + _USUAL))
    drawn = "".join(source.choice(_ODD if source.chance(8) else _LETTERS) for _ in range(min(length, _USUAL)))
    # trimmed by HTTP where it is a header
    solid = re.sub("^[ \u0301]| $", "a", drawn)
    return solid + "a" * (length - len(solid))


def _words(source: ChoiceSource, low: int, high: int) -> str:
    """Words, for examples that people read."""
    found = source.choice(WORDS)
    while len(found) < min(low, 200):
        found += " " + source.choice(WORDS)
    return (found + "a" * (low - len(found)))[: min(high, max(low, len(found)))]


def _word(source: ChoiceSource, low: int = 0, high: int = 30) -> str:
    """A word of letters; longer or shorter where `low` or `high` ask for it."""
    found = source.choice(WORDS)
    return (found + "a" * (low - len(found)))[: max(high, 1)]


def _around(before: str, after: str) -> Callable[[ChoiceSource, int, int], str]:
    """Words between fixed parts."""
    fixed = len(before) + len(after)
    return lambda source, low, high: before + _word(source, low - fixed, high - fixed) + after


def _one_of(*options: str) -> Callable[[ChoiceSource, int, int], str]:
    return lambda source, low, high: source.choice(options)


def _date(source: ChoiceSource, low: int, high: int) -> str:
    return (date(2024, 1, 1) + timedelta(days=source.integer(0, 2000))).isoformat()


def _time(source: ChoiceSource, low: int, high: int) -> str:
    clock = f"{source.integer(0, 23):02}:{source.integer(0, 59):02}:{source.integer(0, 59):02}"
    fraction = source.choice((".5", ".123", ".123456")) if source.chance(6) else ""
    return clock + fraction + (source.choice(("+02:00", "-05:30")) if source.chance(6) else "Z")


def _date_time(source: ChoiceSource, low: int, high: int) -> str:
    return f"{_date(source, low, high)}T{_time(source, low, high)}"


def _duration(source: ChoiceSource, low: int, high: int) -> str:
    return source.choice(("P{}D", "PT{}H", "P1DT{}M", "P{}W")).format(source.integer(1, 50))


def _uuid(source: ChoiceSource, low: int, high: int) -> str:
    digits = f"{source.integer(0, 2**122 - 1):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _email(source: ChoiceSource, low: int, high: int) -> str:
    return _around("", "@example.com" if high > 20 else "@b.c")(source, low, min(high, 60))


def _uri(source: ChoiceSource, low: int, high: int) -> str:
    tail = source.choice(("?q=a%20b&r=c", "#top", "/b?c=d%2Fe")) if source.chance(6) and high > 50 else ""
    return _around("https://example.com/" if high > 24 else "a:", tail)(source, low, high)


def _bytes(source: ChoiceSource, low: int) -> bytes:
    count = max(source.integer(0, 9), -(-low * 3 // 4))
    return bytes(source.integer(0, 255) for _ in range(min(count, _USUAL))) + b"a" * (count - _USUAL)


def _byte(source: ChoiceSource, low: int, high: int) -> str:
    return base64.b64encode(_bytes(source, low)[: high // 4 * 3]).decode()


def _base64url(source: ChoiceSource, low: int, high: int) -> str:
    return base64.urlsafe_b64encode(_bytes(source, low)[: high // 4 * 3]).decode().rstrip("=")


_FORMATS: dict[str, Callable[[ChoiceSource, int, int], str]] = {
    "date-time": _date_time,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "email": _email,
    "idn-email": _email,
    "uuid": _uuid,
    "uri": _uri,
    "url": _uri,
    "iri": _uri,
    "uri-reference": _around("/", ""),
    "iri-reference": _around("/", ""),
    "uri-template": _around("/", "/{id}"),
    "ipv4": lambda source, low, high: f"192.0.2.{source.integer(1, 254)}",
    "ipv6": lambda source, low, high: f"2001:db8::{source.integer(1, 0xFFFF):x}",
    "hostname": lambda source, low, high: _around("", ".example.com" if high > 20 else "")(source, low, high),
    "idn-hostname": _around("", ".example.com"),
    "byte": _byte,
    "base64url": _base64url,
    "regex": _one_of("^a+$", "b|c", "[0-9]{2}"),
    "json-pointer": _around("/", ""),
    "relative-json-pointer": _around("0/", ""),
}
