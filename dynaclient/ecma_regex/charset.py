"""Sets of characters, written as ranges of code points: what a class of a regular expression means.

Both regular-expression engines get explicit ranges instead of names such as `\\d` or `\\p{L}`: each engine
has its own reading of those names (and its own edition of Unicode), and a verdict must not depend on it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

Ranges = tuple[tuple[int, int], ...]
"""Sorted, disjoint, non-adjacent (first, last) pairs of code points, surrogates left out."""

_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)


def ranges(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """The pairs as a normal set: sorted, merged, and without surrogates, which no text holds."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(part for pair in pairs for part in _without_surrogates(*pair)):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _without_surrogates(low: int, high: int) -> list[tuple[int, int]]:
    below = (low, min(high, _SURROGATES[0] - 1))
    above = (max(low, _SURROGATES[1] + 1), high)
    return [(first, last) for first, last in (below, above) if first <= last]


def characters(text: str) -> Ranges:
    """The set of the characters of a text."""
    return ranges((ord(c), ord(c)) for c in text)


def complement(those: Ranges) -> Ranges:
    """Every character that is not in the set."""
    gaps, start = [], 0
    for low, high in those:
        gaps.append((start, low - 1))
        start = high + 1
    gaps.append((start, _LAST))
    return ranges((low, high) for low, high in gaps if low <= high)


def contains(those: Ranges, code: int) -> bool:
    """Whether the set holds this code point."""
    return any(low <= code <= high for low, high in those)


ALL = ranges([(0, _LAST)])
DIGIT = ranges([(0x30, 0x39)])
WORD = ranges([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
LINE_END = characters("\n\r\u2028\u2029")
# ECMA-262 WhiteSpace and LineTerminator: Unicode's Zs, tab, VT, FF, the byte-order mark and the line ends.
SPACE = ranges(
    [(0x9, 0xD), (0x2000, 0x200A)]
    + [(code, code) for code in (0x20, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF)]
)

_GRAPH = (0x21, 0x7E)
_PUNCT = [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]
_UPPER, _LOWER, _NUMERAL = (0x41, 0x5A), (0x61, 0x7A), (0x30, 0x39)
# IEEE 1003.1 section 9.3.5, in the POSIX locale.
POSIX: dict[str, Ranges] = {
    "alnum": ranges([_UPPER, _LOWER, _NUMERAL]),
    "alpha": ranges([_UPPER, _LOWER]),
    "blank": characters(" \t"),
    "cntrl": ranges([(0x0, 0x1F), (0x7F, 0x7F)]),
    "digit": DIGIT,
    "graph": ranges([_GRAPH]),
    "lower": ranges([_LOWER]),
    "print": ranges([(0x20, 0x7E)]),
    "punct": ranges(_PUNCT),
    "space": ranges([(0x9, 0xD), (0x20, 0x20)]),
    "upper": ranges([_UPPER]),
    "word": WORD,
    "xdigit": ranges([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
}

# The long names of general categories that documents write; Unicode's PropertyValueAliases has the rest.
_LONG_NAMES = {
    "Letter": "L",
    "Cased_Letter": "LC",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "M",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "N",
    "Decimal_Number": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "P",
    "Symbol": "S",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Control": "Cc",
    "Format": "Cf",
    "Private_Use": "Co",
    "Combining_Mark": "M",
    "digit": "Nd",
    "punct": "P",
    "cntrl": "Cc",
}
_WHOLE = {"Any": ALL, "ASCII": ranges([(0, 0x7F)])}


def unicode_property(name: str) -> Ranges | None:
    """The set that `\\p{name}` means: a general category, Any or ASCII. None where it is not one of these."""
    short = name.removeprefix("General_Category=").removeprefix("gc=")
    short = _LONG_NAMES.get(short, short)
    if short == "LC":
        return ranges(pair for two in ("Lu", "Ll", "Lt") for pair in _categories()[two])
    found = [pair for two, those in _categories().items() if short in (two, two[0]) for pair in those]
    return ranges(found) if found else _WHOLE.get(name)


@lru_cache(maxsize=1)
def _categories() -> dict[str, list[tuple[int, int]]]:
    """Every assigned two-letter category as pairs. One walk over Unicode, made only when a document asks."""
    found: dict[str, list[tuple[int, int]]] = {}
    for name, run in groupby(range(_LAST + 1), lambda code: unicodedata.category(chr(code))):
        codes = list(run)
        found.setdefault(name, []).append((codes[0], codes[-1]))
    del found["Cs"]
    return found


def fold(those: Ranges) -> Ranges:
    """The set together with every character that differs from a member by case only (simple case folding)."""
    groups = _case_groups()
    few = sum(high - low for low, high in those) < len(groups)
    codes = (code for low, high in those for code in range(low, high + 1)) if few else iter(groups)
    more = [other for code in codes if code in groups and contains(those, code) for other in groups[code]]
    return ranges([*those, *((code, code) for code in more)])


@lru_cache(maxsize=1)
def _case_groups() -> dict[int, list[int]]:
    """Each cased code point with all those that differ from it by case only."""
    groups: dict[str, list[int]] = {}
    for code in range(0x1F000):  # no cased character lies above
        if not 0xD800 <= code <= 0xDFFF:
            groups.setdefault(_folded(chr(code)), []).append(code)
    return {code: group for group in groups.values() if len(group) > 1 for code in group}


def _folded(char: str) -> str:
    return next((text for text in (char.casefold(), char.lower()) if len(text) == 1), char)
