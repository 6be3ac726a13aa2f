"""What a backend says of a value, in one form for both backends."""

from __future__ import annotations

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
