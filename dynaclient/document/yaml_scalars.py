"""What a plain YAML scalar means: the core schema of YAML 1.2.2 (section 10.3.2).

YAML 1.1, which PyYAML follows, reads `no`, `2020-01-01`, `12:30:45`, `0777` and `1_000` as something
else than text or a decimal number, stops at a bare `=`, and leaves `1E+15` a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dynaclient.document.json_text import real

# Python prints integers of at most 4,300 digits; this many digits of any base up to 16 stay below that.
_MAX_DIGITS = 3500

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")

# A plain scalar that begins with none of these is text, whatever follows.
FIRST_CHARACTERS = frozenset("-+.0123456789~nNtTfF")


def _integer(text: str, base: int = 10) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits; at most {_MAX_DIGITS} are read")
    return int(text, base)


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...] = (
    (_DECIMAL, _integer),
    (_FLOAT, real),
    (_OCTAL, lambda text: _integer(text[2:], 8)),
    (_HEXADECIMAL, lambda text: _integer(text[2:], 16)),
)


def plain_scalar(text: str) -> Any:
    """The value of a plain scalar without a tag: None, bool, int, float, or the text itself.

    `.inf` and `.nan` stay text, because a document is JSON and JSON has neither. ValueError for an
    integer too long to be printed again.
    """
    if text in _WORDS:
        return _WORDS[text]
    for form, number in _NUMBERS:
        if form.fullmatch(text):
            return number(text)
    return text


def tagged(tag: str, text: str, is_plain: bool) -> Any:
    """The value of a scalar with a tag; ValueError where the text is not of that tag.

    The tags of the core schema hold; `!` means text; `!!binary` and `!!timestamp` stay text; a tag
    of somebody's own (`!Ref`) is read as if it were not there.
    """
    kinds = _TAGS.get(tag)
    if kinds is None:
        return plain_scalar(text) if is_plain else text
    value = text if str in kinds else plain_scalar(text)
    if float in kinds and _FLOAT.fullmatch(text):
        value = float(real(text))
    if type(value) not in kinds:
        raise ValueError(f"{text!r} is not what its tag {tag.replace(_CORE, '!!')} says")
    return value


_CORE = "tag:yaml.org,2002:"
_TAGS: dict[str, tuple[type, ...]] = {
    "!": (str,),
    f"{_CORE}str": (str,),
    f"{_CORE}binary": (str,),
    f"{_CORE}timestamp": (str,),
    f"{_CORE}int": (int,),
    f"{_CORE}float": (float,),
    f"{_CORE}bool": (bool,),
    f"{_CORE}null": (type(None),),
}
