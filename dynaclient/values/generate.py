"""Values that meet a schema: for the sandbox, for examples, for property tests and for contract tests.

A value is built to fit, not drawn and thrown away: the schema is made flat by choosing branches, and each
type has its maker. Where schemas say what a value must not be (`not`, the other branches of `oneOf`), the
value is checked and, if need be, broken on purpose with regard to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dynaclient.values.building import Building
from dynaclient.values.flatten import Definitions
from dynaclient.values.merge import Hint, Joined, Schema, Unsatisfiable
from dynaclient.values.source import Calm, Source

__all__ = ["Generator", "Unsatisfiable", "example"]

IsValid = Callable[[Any, Any], bool]

ATTEMPTS = 16
"""How often a value is built anew where the judge refuses it."""


class Generator:
    """Makes values for schemas in JSON Schema 2020-12 whose references are `#/$defs/KEY`, KEY in `defs`.

    `is_valid(schema, value)` is the judge; the schemas it gets are the one that a value is asked for, and
    parts of it or of `defs`, the same objects every time. Without it, values for `not`, `oneOf` and the like
    may be wrong. Values deeper than `max_depth` hold only what is required.
    """

    def __init__(
        self, defs: Mapping[str, Schema], is_valid: IsValid | None = None, *, max_depth: int = 4
    ) -> None:
        self.definitions = Definitions(defs)
        self.max_depth = max_depth
        self._is_valid = is_valid

    def value(self, schema: Schema, source: Source) -> Any:
        """A value that meets `schema`. Raises Unsatisfiable where none is found."""
        return self._made(schema, source, full_to=0)

    def example(self, schema: Schema, seed: int = 0) -> Any:
        """See `example`; another seed gives another one."""
        try:
            return self._made(schema, Calm(seed), full_to=3)
        except Unsatisfiable:
            return self._made(schema, Calm(seed), full_to=0)

    def valid(self, schema: Schema, value: Any) -> bool:
        """The verdict of the judge; without one, everything is valid."""
        if isinstance(schema, (bool, Hint)) or self._is_valid is None:
            return schema is not False
        if isinstance(schema, Joined):  # made here: the judge only sees schemas that stay
            return all(self.valid(member, value) for member in schema["allOf"])
        return self._is_valid(schema, value)

    def _made(self, schema: Schema, source: Source, full_to: int) -> Any:
        reason = "no value was found"
        for attempt in range(ATTEMPTS):
            try:
                candidate = Building(self, source, attempt, full_to).value(schema, 0)
            except Unsatisfiable as error:
                reason = f"at {error.pointer}: {error}" if error.pointer else str(error)
                continue
            except RecursionError:
                raise Unsatisfiable("the schema nests too deeply") from None
            if self.valid(schema, candidate):
                return candidate
        raise Unsatisfiable(f"no value was found for the schema: {reason}")


def example(generator: Generator, schema: Schema) -> Any:
    """A value for people to read: always the same, all properties to a small depth, words for strings.

    Raises Unsatisfiable where none is found.
    """
    return generator.example(schema)
