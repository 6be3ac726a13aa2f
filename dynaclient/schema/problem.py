"""What a backend says of a value, in one form for both backends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from dynaclient.records import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A keyword that a value breaks.

    `path` leads to the value, `schema_path` from the root of the compiled schema to the keyword, without
    steps through `$ref`; it is empty where the keyword is in a resource with an `$id` of its own.
    `branches` holds, for `anyOf` and `oneOf`, the problems of each member.
    """

    keyword: str
    path: tuple[str | int, ...]
    schema_path: tuple[str | int, ...]
    value: Any
    said: str = ""
    """What the backend itself says."""
    branches: tuple[tuple[Problem, ...], ...] = ()
    names: tuple[str, ...] = ()
    """The properties that are too many."""
    of_name: bool = False
    """The value is the name of a property, not what stands at `path`."""


class Compiled(Protocol):
    """A schema, compiled by one of the backends."""

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema."""

    def problems(self, value: Any) -> list[Problem]:
        """Everything that `value` breaks."""


LATER = "compiledLater"
"""A keyword of ours, which stands in place of a schema that is not compiled yet."""


class _Reached(threading.local):
    def __init__(self) -> None:
        self.keys: set[str] = set()

    @contextmanager
    def anew(self) -> Iterator[set[str]]:
        """What is reached inside; a format of the user's may check something in the middle of a check."""
        outer, self.keys = self.keys, set()
        try:
            yield self.keys
        finally:
            self.keys = outer


reached = _Reached()
"""The schemas in whose place a check of this thread met `LATER`, so that its verdict means nothing."""
