"""Texts of documents and servers for a model: data that cannot pass for what we say, nor hide anything.

What a document says is quoted as JSON, on one line and cut; what cannot be seen is written as an escape,
which JSON reads as the same character.
"""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import category

_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
"""Categories of characters that are not seen: controls, directions, tags, separators of lines."""
_PLAIN = re.compile(r"(?:[A-Z]+ /)?[\w.$@/\[\]{}:+*-]{1,200}", re.ASCII)
"""A name, a path, or `METHOD /path`."""


def json_shown(value: Any) -> str:
    """`value` as JSON, with what is not visible as escapes: the value is the same."""
    return _escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def quoted(text: str, most: int) -> str:
    """A text of a document between quotes, on one line, cut after `most` characters; nothing for none."""
    words = " ".join(text[: 4 * most].split())
    cut = words if len(words) <= most and len(text) <= 4 * most else f"{words[:most].rstrip()}..."
    return json_shown(cut) if words else ""


def name_shown(name: str) -> str:
    """A name of a document: as it is where it reads as one, else between quotes."""
    return name if _PLAIN.fullmatch(name) else json_shown(name[:200])


def text_shown(text: str) -> str:
    """Text of several lines, with what is not visible as escapes."""
    return _escaped(text, kept="\n\t")


def _escaped(text: str, kept: str = "") -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in kept or category(char) not in _HIDDEN else json.dumps(char)[1:-1] for char in text
    )
