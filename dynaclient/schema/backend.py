"""What a backend says of a value, in one form for both backends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol


class Problem(NamedTuple):
    """A keyword that a value breaks.

    `path` leads to the value, `schema_path` from the root of the compiled schema to the keyword, without
    steps through `$ref`; it is empty where the keyword is in a resource with an `$id` of its own. `schema` is
    the one that the keyword stands in, or `False` itself. `branches` holds, for `anyOf` and `oneOf`, the
    problems of each member.
    """

    keyword: str
    path: tuple[str | int, ...]
    schema_path: tuple[str | int, ...]
    value: Any
    schema: Any = None
    branches: tuple[tuple[Problem, ...], ...] = ()
    names: tuple[Any, ...] = ()
    """The properties that are missing, with what needs them, or too many."""
    of_name: bool = False
    """The value is the name of a property, not what stands at `path`."""

    @property
    def argument(self) -> Any:
        """What the schema says behind the keyword."""
        return self.schema.get(self.keyword) if isinstance(self.schema, dict) else self.schema


class Problems:
    """What is wrong with a value, as far as it was looked for."""

    def __init__(self, told: list[Problem], rest: int = 0, stopped: bool = False) -> None:
        self.told = told
        self.rest = rest
        """How many problems there are besides."""
        self.stopped = stopped
        """Whether there may be more: the work for one value is bounded."""


class TooMuch(Exception):
    """The verdict on a value would take too much work: its schema asks about the same in very many ways."""


class Compiled(Protocol):
    """A schema, compiled by one of the backends."""

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema."""

    def problems(self, value: Any) -> Problems:
        """What `value` breaks."""


DEFERRED = "compiledLater"
"""An own keyword, which stands in place of a schema that is not compiled yet."""


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
"""The schemas in whose place a check of this thread met `DEFERRED`, so that its verdict means nothing."""
