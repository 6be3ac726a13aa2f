r"""Regular expressions as documents write them: ECMA-262, and what is certain of other dialects.

JSON Schema 2020-12 Core 6.4 asks for ECMA-262 with the `u` flag. Documents were written against other engines
as well, so the reading is ECMA-262 with the leniency of its Annex B, plus what can mean only one thing: POSIX
classes, inline flags, `\A` and `\z`, `(?P<name>`, and a whole JavaScript literal `/^...$/i`. Anything whose
meaning is not certain raises `PatternError`. Characters are code points, never halves of surrogate pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from dynaclient.ecma_regex import charset as sets
from dynaclient.ecma_regex.charset import Ranges
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
    settle,
    walk,
    width,
)

_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_CLASSES = {"d": sets.DIGIT, "w": sets.WORD, "s": sets.SPACE}
_POSIX = re.compile(r"\[:([a-z]+):\]")
_OCTAL = re.compile(r"[0-3]?[0-7]{0,2}")
_CODE_POINT = re.compile(r"\{([0-9a-fA-F]{1,8})\}")
_PROPERTY = re.compile(r"\{([^}]*)\}|[A-Z]")
_LOW_SURROGATE = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class _Cursor:
    """A position in the text of a pattern, and the readers of what stands for characters."""

    def __init__(self, text: str, flags: frozenset[str], notes: list[str]) -> None:
        self.text, self.at, self.flags, self.notes = text, 0, flags, notes

    def refuse(self, why: str) -> NoReturn:
        raise PatternError(f"pattern {self.text!r}, character {self.at + 1}: {why}")

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        found = self.peek(text)
        self.at += len(text) if found else 0
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def next(self) -> str:
        if self.at >= len(self.text):
            self.refuse("unexpected end")
        self.at += 1
        return self.text[self.at - 1]

    def well_formed(self, code: int) -> int:
        if 0xD800 <= code <= 0xDFFF:
            self.refuse("half a surrogate pair is not a character")
        return code

    def folded(self, those: Ranges) -> Ranges:
        return sets.fold(those) if "i" in self.flags else those

    def escaped(self, char: str) -> int | Ranges:
        """What `\\char` means where a character may stand: a code point, or a set."""
        if char.lower() in _CLASSES:
            those = _CLASSES[char.lower()]
            return those if char.islower() else sets.complement(those)
        if char in "pP":
            return self.unicode_property(char)
        if char in _CONTROLS:
            return _CONTROLS[char]
        number = _NUMBERS.get(char)
        if number is not None:
            return number(self)
        if char.isascii() and char.isalnum():
            self.refuse(f"\\{char} has no certain meaning")
        return self.well_formed(ord(char))

    def unicode_property(self, char: str) -> Ranges:
        found = self.match(_PROPERTY)
        those = sets.unicode_property(found[1] or found[0]) if found else None
        if found is None or those is None:
            self.refuse("of Unicode properties only the general categories, Any and ASCII are known")
        if found[1] is None:
            self.notes.append(f"\\{char}{found[0]} read as \\{char}{{{found[0]}}}")
        if char == "P" and "i" in self.flags:
            self.refuse("\\P that ignores case is not the same in any two engines")
        return self.folded(those) if char == "p" else sets.complement(those)

    def control(self) -> int:
        letter = self.next()
        if not (letter.isascii() and letter.isalpha()):
            self.refuse("\\c needs a letter")
        return ord(letter) & 31

    def octal(self) -> int:
        digits = self.match(_OCTAL)
        return int("0" + (digits[0] if digits else ""), 8)

    def hexadecimal(self) -> int:
        if self.peek("{"):
            self.notes.append("\\x{...} read as a code point")
            return self.code_point()
        return self.digits(2)

    def unicode(self) -> int:
        code = self.code_point() if self.peek("{") else self.digits(4)
        if 0xD800 <= code <= 0xDBFF and (found := self.match(_LOW_SURROGATE)):
            return 0x10000 + ((code - 0xD800) << 10) + int(found[1], 16) - 0xDC00
        return self.well_formed(code)

    def digits(self, count: int) -> int:
        found = self.match(re.compile(rf"[0-9a-fA-F]{{{count}}}"))
        if found is None:
            self.refuse(f"expected {count} hexadecimal digits")
        return int(found[0], 16)

    def code_point(self) -> int:
        found = self.match(_CODE_POINT)
        if found is None or int(found[1], 16) > 0x10FFFF:
            self.refuse("expected a code point from {0} to {10FFFF}")
        return int(found[1], 16)

    def klass(self) -> RegexNode:
        negative = self.take("^")
        pairs: list[tuple[int, int]] = []
        while not self.take("]"):
            pairs.extend(self.class_range())
        those = sets.ranges(pairs)
        return Chars(sets.complement(those) if negative else those)

    def class_range(self) -> Ranges:
        first = self.class_atom()
        if not self.peek("-") or self.peek("-]"):
            return self.members(first)
        self.at += 1
        last = self.class_atom()
        if not (isinstance(first, int) and isinstance(last, int)):  # Annex B: the hyphen is a hyphen
            return (*self.members(first), *sets.characters("-"), *self.members(last))
        if last < first:
            self.refuse("the range is out of order")
        return self.folded(((first, last),))

    def members(self, atom: int | Ranges) -> Ranges:
        return self.folded(((atom, atom),)) if isinstance(atom, int) else atom

    def class_atom(self) -> int | Ranges:
        posix = self.match(_POSIX)
        if posix is not None:
            if posix[1] not in sets.POSIX:
                self.refuse(f"there is no POSIX class {posix[1]!r}")
            self.notes.append(f"[:{posix[1]}:] read as the POSIX class")
            return self.folded(sets.POSIX[posix[1]])
        if self.peek("&&["):
            self.refuse("an intersection of classes is another dialect")
        char = self.next()
        if char != "\\":
            return self.well_formed(ord(char))
        char = self.next()
        if char == "b":
            return 8
        if char in "1234567":
            self.at -= 1
            return self.octal()
        return self.escaped(char)


_NUMBERS = {"0": _Cursor.octal, "c": _Cursor.control, "x": _Cursor.hexadecimal, "u": _Cursor.unicode}


MOST_REPEATS = 1_000_000
_DEEPEST = 80
_LITERAL = re.compile(r"/(\^.*)/([a-z]*)", re.DOTALL)
_EDGES = {"b": Edge("word"), "B": Edge("inside"), "A": Edge("start"), "Z": Edge("end"), "z": Edge("end")}
_LOOKS = {"?=": (True, False), "?!": (True, True), "?<=": (False, False), "?<!": (False, True)}
_NUMBER = re.compile("[0-9]+")
_COUNT = re.compile(r"\{([0-9]+)(,?)([0-9]*)\}")
_BACKWARDS_COUNT = re.compile(r"\{,[0-9]+\}")
_NAMED = re.compile(r"\?P?<([A-Za-z_$][\w$]*)>")
_FLAGS = re.compile(r"\?([imsu]*)(?:-([ims]+))?([:)])")


def parse(source: str) -> tuple[RegexNode, tuple[str, ...]]:
    """The pattern as a tree, and what about its reading a person should know. Raises `PatternError`."""
    notes: list[str] = []
    text, flags = source, ""
    literal = _LITERAL.fullmatch(source)
    if literal and (literal[2] or literal[1].endswith("$")):
        text, flags = literal[1], literal[2]
        notes.append("read as a JavaScript literal: the slashes are not part of the pattern")
    parser = _Parser(text, flags, notes)
    tree = parser.choice()
    if parser.at < len(text):
        parser.refuse("unmatched )")
    return settle(tree), tuple(dict.fromkeys(notes))


def _names(text: str) -> list[str]:
    """The name of each capturing group, empty for a plain one: references may stand before their groups."""
    plain = re.sub(r"\\.", "__", text, flags=re.DOTALL)
    plain = re.sub(r"\[(?:\[:[a-z]+:\]|[^\]])*\]", lambda found: "_" * len(found[0]), plain)
    groups = re.finditer(r"\((?:(?!\?)|\?P?<(?![=!])([^>]*)>)", plain)
    return [found[1] or "" for found in groups]


class _Parser(_Cursor):
    """Recursive descent over one pattern; each method reads one production and leaves `at` behind it."""

    def __init__(self, text: str, flags: str, notes: list[str]) -> None:
        if set(flags) - set("dgimsuy"):
            raise PatternError(f"pattern {text!r}: flags {flags!r} are not all known")
        super().__init__(text, frozenset(flags) & frozenset("ims"), notes)
        self.names, self.depth, self.opened = _names(text), 0, 0

    def choice(self) -> RegexNode:
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def sequence(self) -> RegexNode:
        items: list[RegexNode] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            item = self.term()
            if item is not None:
                items.append(self.repeated(item))
        return Sequence(tuple(items))

    def term(self) -> RegexNode | None:
        char = self.next()
        reader = _TERMS.get(char)
        if reader is not None:
            return reader(self)
        if char in "*+?" or _COUNT.match(self.text, self.at - 1):
            self.refuse(f"{char} has nothing to repeat")
        return self.char(ord(char))

    def char(self, code: int) -> RegexNode:
        return Chars(self.folded(((self.well_formed(code),) * 2,)))

    def dot(self) -> RegexNode:
        return Chars(sets.ALL if "s" in self.flags else sets.complement(sets.LINE_END))

    def start(self) -> RegexNode:
        return Edge("line-start" if "m" in self.flags else "start")

    def end(self) -> RegexNode:
        return Edge("line-end" if "m" in self.flags else "end")

    def repeated(self, item: RegexNode) -> RegexNode:
        bounds = self.bounds()
        if bounds is None:
            return item
        if isinstance(item, Edge) or (isinstance(item, Look) and not item.ahead):
            self.refuse("an assertion cannot be repeated")
        lazy = self.take("?")
        if self.peek("+") or self.peek("*") or self.peek("?") or _COUNT.match(self.text, self.at):
            self.refuse("two quantifiers in a row (possessive in other dialects, an error in ECMA-262)")
        if width(item) == (0, 0) and not any(isinstance(node, Group) and node.index for node in walk(item)):
            return item if bounds[0] else Sequence(())  # Rust's engine refuses to repeat nothing
        return Repeat(item, *bounds, lazy)

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        if _BACKWARDS_COUNT.match(self.text, self.at):
            self.refuse("{,n} is text in ECMA-262 and 0 to n times elsewhere; write {0,n}")
        count = self.match(_COUNT)
        if count is None:
            return None
        return self.counted(int(count[1][:9]), count[2], int(count[3][:9]) if count[3] else None)

    def counted(self, low: int, comma: str, high: int | None) -> tuple[int, int | None]:
        high = high if comma else low
        if high is not None and high < low:
            self.refuse("the repetition is out of order")
        if max(low, high or 0) > MOST_REPEATS:
            self.refuse(f"more than {MOST_REPEATS} repetitions; no engine can carry that")
        return low, high

    @contextmanager
    def inside(self) -> Iterator[None]:
        outer, self.depth = self.flags, self.depth + 1
        if self.depth > _DEEPEST:
            self.refuse(f"more than {_DEEPEST} groups inside each other")
        yield
        if not self.take(")"):
            self.refuse("unclosed (")
        self.flags, self.depth = outer, self.depth - 1

    def group(self) -> RegexNode | None:
        for sign, (ahead, negative) in _LOOKS.items():
            if self.take(sign):
                with self.inside():
                    return Look(self.choice(), ahead, negative)
        if self.take("?P="):
            return self.named_back(")")
        named = self.match(_NAMED)
        if named and named[0].startswith("?P"):
            self.notes.append("(?P<name> read as a named group")
        return self.capturing() if named or not self.peek("?") else self.flagged()

    def capturing(self) -> RegexNode:
        self.opened += 1
        index = self.opened
        with self.inside():
            return Group(self.choice(), index)

    def flagged(self) -> RegexNode | None:
        found = self.match(_FLAGS)
        if found is None or found[0] == "?)":
            self.refuse("this kind of group has no certain meaning here")
        flags = (self.flags | frozenset(found[1])) - frozenset(found[2] or "") - {"u"}
        if found[0] != "?:":
            self.notes.append(f"inline flags ({found[0].rstrip(':)')}) honoured")
        if found[3] == ")":  # holds up to the end of the group around it
            self.flags = flags
            return None
        with self.inside():
            self.flags = flags
            return Group(self.choice(), 0)

    def named_back(self, closing: str) -> RegexNode:
        end = self.text.find(closing, self.at)
        name = self.text[self.at : end] if end >= 0 else ""
        if self.names.count(name) != 1 or not name:
            self.refuse(f"there is no one group called {name!r}")
        self.at = end + 1
        return self.back(self.names.index(name) + 1)

    def back(self, index: int) -> RegexNode:
        if index > len(self.names):
            self.refuse(f"there is no group {index}")
        if "i" in self.flags:
            self.refuse("a reference that ignores case is not the same in any two engines")
        return Back(index)

    def escape(self) -> RegexNode:
        char = self.next()
        if char in _EDGES:
            if char in "AZz":
                self.notes.append(f"\\{char} read as an anchor")
            return _EDGES[char]
        if char == "k" and self.take("<"):
            return self.named_back(">")
        if char in "123456789":
            self.at -= 1
            digits = self.match(_NUMBER)
            return self.back(int((digits[0] if digits else "")[:9]))
        meaning = self.escaped(char)
        return self.char(meaning) if isinstance(meaning, int) else Chars(meaning)


_TERMS = {
    ".": _Parser.dot,
    "^": _Parser.start,
    "$": _Parser.end,
    "(": _Parser.group,
    "[": _Parser.klass,
    "\\": _Parser.escape,
}
