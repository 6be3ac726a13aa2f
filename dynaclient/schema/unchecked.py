"""What could not be checked: where a schema has no certain meaning, and whether a value got there.

The translation leaves out what nobody can apply: a pattern that cannot be read, a keyword with a wrong
argument, a schema that a reference does not lead to. In its place stands `UNCHECKED`, an own keyword,
which notes that a value reached it, and says yes or no to it as the thread is asked: a verdict that is the
same both ways does not depend on what was left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dynaclient.errors import Finding

UNCHECKED = "notChecked"
"""An own keyword: `{id: kind}`, the id of each location that was left out and the type of value meant."""

LOOSE = "leftOut"
"""A mark of the translation itself: the keywords with schemas that it left out of a schema."""

_IS: Mapping[str, Callable[[Any], bool]] = {
    "": lambda value: True,
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}

ABOUT = {
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
    **dict.fromkeys("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split(), "number"),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems", "minContains", "maxContains"), "array"),
    **dict.fromkeys(("items", "prefixItems", "contains", "unevaluatedItems"), "array"),
    **dict.fromkeys("required dependentRequired minProperties maxProperties properties".split(), "object"),
    **dict.fromkeys("patternProperties additionalProperties propertyNames".split(), "object"),
    **dict.fromkeys(("unevaluatedProperties", "dependentSchemas", "dependencies"), "object"),
}
"""The type of value that a keyword is about; others are about every value."""


class _Met(threading.local):
    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.refusing = False


_met = _Met()


@contextmanager
def meeting(*, refusing: bool = False) -> Iterator[set[str]]:
    """The ids of what values meet inside; with `refusing`, `UNCHECKED` says no to them.

    A format of the user's may check something in the middle of a check.
    """
    outer = _met.ids, _met.refusing
    _met.ids, _met.refusing = set(), refusing
    try:
        yield _met.ids
    finally:
        _met.ids, _met.refusing = outer


def meets(places: Mapping[str, str], value: Any) -> bool:
    """Note that `value` reached the `places` that are about it; whether that is all right."""
    found = [place for place, kind in places.items() if _IS[kind](value)]
    _met.ids.update(found)
    return not (found and _met.refusing)


noted: ContextVar[dict[Finding, None] | None] = ContextVar("noted", default=None)
"""Where what could not be checked is collected; None where nobody does. A call sets it by itself."""


@contextmanager
def collected() -> Iterator[dict[Finding, None]]:
    """What could not be checked inside, each once: `with collected() as found: ...`."""
    found: dict[Finding, None] = {}
    token = noted.set(found)
    try:
        yield found
    finally:
        noted.reset(token)


def note_unchecked(findings: Iterable[Finding]) -> None:
    """Say that something could not be checked, to whoever collects it in this context."""
    found = noted.get()
    if found is not None:
        found.update(dict.fromkeys(findings))
