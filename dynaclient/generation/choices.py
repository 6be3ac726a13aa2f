"""Where the choices come from when values are made: a seeded generator here, hypothesis in tests."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class ChoiceSource(Protocol):
    """Makes choices. The lowest number, the first option and False are the simple ones."""

    def integer(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, of which there is at least one."""

    def chance(self, one_in: int) -> bool:
        """True about once in `one_in` times."""


class Seeded:
    """Choices that follow from a seed alone: the same in every process and on every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return low + self._below(high - low + 1)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, of which there is at least one."""
        return options[self._below(len(options))]

    def chance(self, one_in: int) -> bool:
        """True about once in `one_in` times."""
        return self._below(one_in) == one_in - 1

    def _below(self, bound: int) -> int:
        # getrandbits is fixed by the Mersenne Twister; randint and choice are free to change
        while True:
            number = self._random.getrandbits(bound.bit_length())
            if number < bound:
                return number


class ReadableChoices(Seeded):
    """Seeded choices without the rare and odd ones, for values that people read."""

    def chance(self, one_in: int) -> bool:
        """False."""
        return False
