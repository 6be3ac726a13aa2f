"""Values against a schema of the document, without a call: `client.checker("CustomerProfile")`."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from math import inf
from time import thread_time
from typing import Any

from dynaclient._support.immutable import suggestion
from dynaclient._support.messages import short_repr
from dynaclient.document.node import NOWHERE, Node
from dynaclient.errors import SettingsError, Violation
from dynaclient.schema.keywords import Direction
from dynaclient.schema.validator import Validators
from dynaclient.wire.json_values import NotPlain, json_value

__all__ = ["SchemaChecker"]

_CHUNK = 500
"""Values that go to a process at a time."""
_PAYS = 8
"""How many times as long as sending them the check of values takes where processes pay. Two processes on two
cores: at 4 they took twice the time of one, at 20 a little less, at 100 half of it."""


class SchemaChecker:
    """Checks values against one schema of the document.

    `name`: that of a schema under `components` (in Swagger 2.0, `definitions`), or a JSON Pointer into the
    document. `direction`: "request" (default): readOnly properties need not be there; or "response".
    Raises SettingsError where there is no such schema.
    """

    def __init__(self, checkers: Validators, name: str, direction: Direction = "request") -> None:
        if direction not in ("request", "response"):
            raise SettingsError(f"direction: expected 'request' or 'response', got {short_repr(direction)}")
        self.name = name
        self._checkers, self._direction = checkers, direction
        self._checker = checkers.checker(_schema(checkers, name), direction)

    def is_valid(self, value: Any) -> bool:
        """Whether `value` meets the schema."""
        return not self.violations(value)

    def violations(self, value: Any) -> list[Violation]:
        """All that `value` breaks; empty where it meets the schema."""
        try:
            return self._checker.violations(json_value(value), "body", self.name)
        except NotPlain as error:
            return [Violation("body", self.name, error.pointer, error.message)]

    def violations_many(
        self, values: Iterable[Any], *, workers: int | None = None
    ) -> Iterator[list[Violation]]:
        """The violations of each of `values`, in their order; read and given as they come.

        `workers`: how many processes check; None for this one. Processes are started only where checking
        takes much longer than sending the values there: where many are invalid, or with
        `validate_with="python"`.
        """
        if workers is not None and (not isinstance(workers, int) or workers < 1):
            raise SettingsError(f"workers: expected a whole number from 1, got {short_repr(workers)}")
        if workers is None or workers == 1:
            return map(self.violations, values)
        return self._shared_out(iter(values), workers)

    def _shared_out(self, values: Iterator[Any], workers: int) -> Iterator[list[Violation]]:
        """The first values are checked here, which shows what checking takes."""
        yield from map(self.violations, islice(values, 1))  # compiles the schema
        first = [*islice(values, _CHUNK)]
        began = thread_time()
        found = [self.violations(value) for value in first]
        checking = thread_time() - began
        yield from found
        if len(first) < _CHUNK or checking < _PAYS * _sending(first):
            yield from map(self.violations, values)
        else:
            yield from self._by_processes(values, workers)

    def _by_processes(self, values: Iterator[Any], workers: int) -> Iterator[list[Violation]]:
        from concurrent.futures import ProcessPoolExecutor  # late: 15 ms

        given = (self._checkers, self.name, self._direction)
        with ProcessPoolExecutor(workers, initializer=_start, initargs=given) as pool:
            pending = deque(
                pool.submit(_chunk, chunk) for _ in range(2 * workers) if (chunk := [*islice(values, _CHUNK)])
            )
            while pending:
                yield from pending.popleft().result()
                if chunk := [*islice(values, _CHUNK)]:
                    pending.append(pool.submit(_chunk, chunk))

    def __repr__(self) -> str:
        return f"<SchemaChecker {self.name}>"

    def __reduce__(self) -> Any:
        return SchemaChecker, (self._checkers, self.name, self._direction)


_here: list[SchemaChecker] = []
"""The checker of a process that checks for another."""


def _start(checkers: Validators, name: str, direction: Direction) -> None:
    _here[:] = [SchemaChecker(checkers, name, direction)]


def _sending(values: list[Any]) -> float:
    """The seconds of processor time that it takes to send values to a process and to read them there."""
    began = thread_time()
    try:
        pickle.loads(pickle.dumps(values))
    except Exception:  # a value that does not go there at all
        return inf
    return thread_time() - began


def _chunk(values: list[Any]) -> list[list[Violation]]:
    return [_here[0].violations(value) for value in values]


def _schema(checkers: Validators, name: str) -> Node:
    document = checkers.document
    if name.startswith(("#", "/")):
        return document.resolve(f"#{name.lstrip('#')}", document.root)
    schemas = document.root.get("components", "schemas") or NOWHERE
    names = [each for each, _ in schemas.items()]
    if name not in names:
        near = suggestion(name, names) or f"; it has {', '.join(names[:20])}"
        raise SettingsError(f"the document has no schema {name!r}{near}")
    return schemas.child(name)
