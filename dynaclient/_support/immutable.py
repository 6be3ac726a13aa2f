"""Objects that are what they were made with; an attribute that is set on them would do nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_NEAR = 0.6
"""How much alike names are that are suggested."""


class Settled:
    """Refuses attributes that are set from outside: what begins with `_` is its own, and each once.

    A class of the user's that derives from one sets what it likes.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        own = name not in self.__dict__ if name in type(self).__annotations__ else name.startswith("_")
        if (own and not self._is_taken(name)) or type(self).__module__.partition(".")[0] != "dynaclient":
            object.__setattr__(self, name, value)
        else:
            raise self._unsettable(name)

    def _is_taken(self, name: str) -> bool:
        """Whether a name means something that no code of its own sets."""
        return False

    def _unsettable(self, name: str) -> AttributeError:
        """The error that says why `name` cannot be set."""
        raise NotImplementedError

    def __dir__(self) -> Iterable[str]:
        return sorted(name for name in object.__dir__(self) if name[:1] != "_" or name[:2] == "__")


def suggestion(name: str, known: Iterable[str], count: int = 3, least: float = _NEAR) -> str:
    """`; did you mean ...?` where `known` holds something like `name`, else nothing."""
    from difflib import get_close_matches  # late: 2 ms

    near = get_close_matches(name, [*dict.fromkeys(known)], count, least)
    return f"; did you mean {', '.join(near)}?" if near else ""
