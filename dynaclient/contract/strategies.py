"""Cases as hypothesis strategies: hypothesis makes every choice itself, so that failures shrink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from dynaclient.contract.case import Case
from dynaclient.contract.generation import Unmakeable, maker
from dynaclient.generation.choices import ChoiceSource, Seeded

if TYPE_CHECKING:
    from dynaclient.client import Client

__all__ = ["broken", "valid"]

T = TypeVar("T")


class Drawn:
    """A Source whose choices hypothesis draws; they shrink towards the simple ones."""

    def __init__(self, draw: Callable[[SearchStrategy[int]], int]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return self._draw(_integers(low, high))

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, of which there is at least one."""
        return options[self.integer(0, len(options) - 1)]

    def chance(self, one_in: int) -> bool:
        """True about once in `one_in` times."""
        return self.integer(0, one_in - 1) == one_in - 1

    def part(self, make: Callable[[ChoiceSource], T]) -> T:
        """What `make` makes, as one piece: hypothesis can drop its choices together, which shrinks far."""

        @st.composite
        def piece(draw: DrawFn) -> T:
            return make(Drawn(draw))

        drawn: Any = self._draw
        made: T = drawn(piece())
        return made


@lru_cache(maxsize=1024)
def _integers(low: int, high: int) -> SearchStrategy[int]:
    return st.integers(low, high)


def valid(client: Client, key: str) -> SearchStrategy[Case]:
    """Cases of the operation `key` that the document allows. Raises UnknownOperation, Unmakeable."""
    maker(client).valid(key, Seeded(0), optional=False)  # what cannot be made is said here, not by hypothesis
    return _cases(lambda source: maker(client).valid(key, source))


def broken(client: Client, key: str, *, lost: bool = False) -> SearchStrategy[Case]:
    """Cases of the operation `key` with exactly one thing broken, which a server is to refuse.

    `lost`: also those whose fault no server gets to see, some of which cannot be sent. Raises
    UnknownOperation, and Unmakeable, also where nothing can be broken so.
    """
    maker(client).broken(key, Seeded(0), lost=lost)
    return _cases(lambda source: maker(client).broken(key, source, lost=lost))


def _cases(make: Callable[[ChoiceSource], Case]) -> SearchStrategy[Case]:
    @st.composite
    def drawn(draw: DrawFn) -> Any:
        try:
            return make(Drawn(draw))
        except Unmakeable:
            return reject()

    return drawn()
