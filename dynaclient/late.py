"""Regular expressions that are compiled when they are first used.

Compiling one takes 0.1 to 0.5 ms, and the modules on the way of a first call hold some forty, of which it
uses a few.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Late:
    """What `re.compile` gives, from the first look at one of its methods on."""

    def __init__(self, text: str, flags: int) -> None:
        self._made = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)  # the next look finds it here, as quickly as in a compiled pattern
        return found

    def __repr__(self) -> str:
        return f"pattern{self._made}"


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile(text, flags)`, but for its errors, which come with the first use."""
    return cast("re.Pattern[str]", _Late(text, flags))
