"""How much work something is: what Python calls meanwhile, which no clock and no other process changes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any


def calls(do: Callable[[], Any]) -> int:
    """How many functions are called while `do` runs, in Python and in C."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # a collection calls what others have left behind
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def asked(name: str, do: Callable[[], Any]) -> int:
    """How often a function of this name that is written in C or Rust is called while `do` runs."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "c_call" and argument.__name__ == name

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


def growth(do: Callable[[int], Callable[[], Any]], size: int) -> float:
    """How many times as much work twice the size is: about 2 where it grows in line, 4 with the square."""
    do(2)()  # what is imported and kept is not counted
    once = calls(do(size))
    return calls(do(2 * size)) / once


def opened(do: Callable[[], Any]) -> list[str]:
    """The names of the files that are opened while `do` runs."""
    found: list[str] = []
    ended = False

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not ended:
            found.append(str(arguments[0]))

    sys.addaudithook(note)  # it stays, and notes no more
    try:
        do()
    finally:
        ended = True
    return found


class Counted(str):
    """A text that counts, for all of its kind, how often one is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__
