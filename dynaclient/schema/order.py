"""The order in which problems are told: as the value stands, and at one place as the schema stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dynaclient.schema.problem import Problem

Position = tuple[int, ...]


class Order:
    """Positions in `value`, to which the paths of problems lead after `skip` steps, and in `schema`.

    Backends name problems in orders of their own.
    """

    def __init__(self, value: Any, schema: Mapping[str, Any], skip: int) -> None:
        self._value = value
        self._schema = schema
        self._skip = skip
        self._members: dict[int, dict[Any, int]] = {}

    def position(self, problem: Problem, of_name: bool) -> tuple[Position, Position, Position]:
        """Where `problem` stands: in the value, `of_name` at which of an object's names, and in the schema.

        What is wrong with an object or array comes before what is wrong with what it holds.
        """
        path = problem.path[self._skip :]
        name = self._in(self._value, (*path, problem.value)) if of_name else ()
        return self._in(self._value, path), name, self._in(self._schema, problem.schema_path)

    def _in(self, here: Any, path: Sequence[str | int]) -> Position:
        found = []
        for step in path:
            if isinstance(here, dict) and step in here:
                found.append(self._of(here)[step])
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                found.append(step)
            else:
                break
            here = here[step]
        return tuple(found)

    def _of(self, here: dict[Any, Any]) -> dict[Any, int]:
        """The position of each member of `here`."""
        if id(here) not in self._members:
            self._members[id(here)] = {name: index for index, name in enumerate(here)}
        return self._members[id(here)]
