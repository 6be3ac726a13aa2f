"""Texts of documents and servers for a model: data that cannot pass for what we say, nor hide anything.

What a document says is quoted as JSON, on one line and cut; what cannot be seen is written as an escape,
which JSON reads as the same character.
"""

from __future__ import annotations

import json
import re
from typing import Any

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
"""Characters that are not seen: controls, directions, widths of nothing, tags, variants, private ones."""
_PLAIN = re.compile(r"(?:[A-Z]+ /)?[!#-;=?-\[\]-_a-~]{1,200}")
"""A name, a path, or `METHOD /path`: no spaces, quotes, backslashes, backticks or angle brackets."""


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
    return _HIDDEN.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found[0]), text)


def _escaped(text: str) -> str:
    return _HIDDEN.sub(lambda found: _escape(found[0]), text)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]
