"""A case that breaks something, made smaller as long as it still does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynaclient._support.missing import MISSING
from dynaclient.contract.case import Case

if TYPE_CHECKING:
    from dynaclient.client import Client


MOST = 40
"""How many smaller cases are tried."""


def smallest(client: Client, case: Case, still: Callable[[Case], bool]) -> Case:
    """The smallest case found for which `still` holds and whose fault is the same.

    `still` sends a request; it is asked at most `MOST` times.
    """
    fault, tried = _breaches(client, case), 0
    pending = _smaller(case)
    while tried < MOST:
        candidate = next(pending, None)
        if candidate is None:
            return case
        if _breaches(client, candidate) != fault:
            continue
        tried += 1
        if still(candidate):
            case, pending = candidate, _smaller(candidate)
    return case


def _breaches(client: Client, case: Case) -> set[tuple[str, ...]]:
    return {(each.where, each.name, each.pointer, each.message) for each in case.violations(client)}


def _smaller(case: Case) -> Iterator[Case]:
    """Cases with one thing less or simpler: the body, an argument, or something inside of one of them."""
    if case.body is not MISSING:
        yield replace(case, body=MISSING, content_type="")
    for key in case.arguments:
        yield replace(case, arguments={name: each for name, each in case.arguments.items() if name != key})
    if case.body is not MISSING:
        yield from (replace(case, body=body) for body in _less(case.body))
    for key, value in case.arguments.items():
        yield from (replace(case, arguments={**case.arguments, key: less}) for less in _less(value))


def _less(value: Any) -> Iterator[Any]:
    """`value` with one property or element less, or with a simpler text or number, the outermost first."""
    if isinstance(value, dict):
        for key in value:
            yield {name: each for name, each in value.items() if name != key}
        for key, inner in value.items():
            yield from ({**value, key: less} for less in _less(inner))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield [*value[:index], *value[index + 1 :]]
        for index, inner in enumerate(value):
            yield from ([*value[:index], less, *value[index + 1 :]] for less in _less(inner))
    elif isinstance(value, str):
        half = len(value) // 2
        ends = (value[:1], value[-1:], value[:half], value[half:], value[:-1], value[1:])
        texts = ("", *ends, "a" * len(value))
        yield from (text for text in dict.fromkeys(texts) if text != value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value:
        yield 0
