"""JSON text that Python does not read as it is meant: numbers such as 1E+15, halves of surrogate pairs."""

from __future__ import annotations

import re
import sys

_POWER_OF_TEN = r"([-+]?[0-9]{1,19})[eE]\+?([0-9]{1,2})"
_ESCAPE = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F])[0-9a-fA-F]{2}|.)"
)


def real(text: str) -> int | float:
    """A number with a point or an exponent.

    `1E+15` is the int that it says it is, as long as it fits into 64 bits, so that bounds print as
    they are meant; a number past the range of a double becomes the largest double, because infinity
    is not JSON.
    """
    number = float(text)
    if number - number == 0 and "e" not in text and "E" not in text:  # nearly every one
        return number
    if power := re.fullmatch(_POWER_OF_TEN, text):
        whole: int = int(power[1]) * 10 ** int(power[2])
        if abs(whole) < 2**63:
            return whole
    return max(-sys.float_info.max, min(sys.float_info.max, number))


def whole_characters(text: str) -> str:
    """JSON text with U+FFFD in place of every `\\uXXXX` that is half of a surrogate pair."""
    if re.search(r"\\u[dD][89a-fA-F]", text) is None:
        return text
    return re.sub(_ESCAPE, lambda escape: "\\ufffd" if escape["half"] else escape[0], text)
