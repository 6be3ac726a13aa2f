"""Bounds on one file that is read, and the error of readers of JSON and YAML."""

from __future__ import annotations

from typing import NamedTuple

from dynaclient.errors import DocumentError


class Limits(NamedTuple):
    """Bounds on one file, so that opening a document always ends, in bounded memory.

    `bytes` is the size of the file; `depth` counts nested lists and maps; `nodes` counts every value,
    an alias in YAML as often as it stands for something (a few lines of aliases can stand for
    billions of values).
    """

    bytes: int = 64 * 1024 * 1024
    depth: int = 500
    nodes: int = 5_000_000


DEFAULT = Limits()


class Misread(Exception):
    """The text is not what it is read as; `line` and `column` count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem, line, column)
        self.problem, self.place = problem, (line, column)

    def __str__(self) -> str:
        return "line {}, column {}: {}".format(*self.place, self.problem)


def refused(name: str, what: str, limit: int, unit: str) -> DocumentError:
    """The error for a file that exceeds a limit."""
    return DocumentError(f"file {name} holds {what} more than {limit} {unit}".replace("  ", " "))
