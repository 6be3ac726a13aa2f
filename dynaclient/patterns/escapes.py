"""Escapes and character classes of regular expressions: everything that stands for characters."""

from __future__ import annotations

import re
from typing import NoReturn

from dynaclient.patterns import ranges as sets
from dynaclient.patterns.expression import Chars, Node, PatternError
from dynaclient.patterns.ranges import Ranges

_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_CLASSES = {"d": sets.DIGIT, "w": sets.WORD, "s": sets.SPACE}
_POSIX = re.compile(r"\[:([a-z]+):\]")
_OCTAL = re.compile(r"[0-3]?[0-7]{0,2}")
_CODE_POINT = re.compile(r"\{([0-9a-fA-F]{1,8})\}")
_PROPERTY = re.compile(r"\{([^}]*)\}|[A-Z]")
_LOW_SURROGATE = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class Reader:
    """A place in the text of a pattern, and the readers of what stands for characters."""

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
            self.refuse("it ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def well_formed(self, code: int) -> int:
        if 0xD800 <= code <= 0xDFFF:
            self.refuse("half of a surrogate pair stands for no character")
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
            self.refuse(f"{count} hexadecimal digits are due here")
        return int(found[0], 16)

    def code_point(self) -> int:
        found = self.match(_CODE_POINT)
        if found is None or int(found[1], 16) > 0x10FFFF:
            self.refuse("a code point from {0} to {10FFFF} is due here")
        return int(found[1], 16)

    def klass(self) -> Node:
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
            self.refuse("the range ends before it begins")
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


_NUMBERS = {"0": Reader.octal, "c": Reader.control, "x": Reader.hexadecimal, "u": Reader.unicode}
