"""Halves of surrogate pairs in JSON text: `\\ud83d` without its second half is no character."""

from __future__ import annotations

import re

SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F])[0-9a-fA-F]{2}|.)"
)


def whole_characters(text: str) -> str:
    """JSON text with U+FFFD in place of every `\\uXXXX` that is half of a surrogate pair."""
    return _ESCAPE.sub(lambda escape: "\\ufffd" if escape["half"] else escape[0], text)
