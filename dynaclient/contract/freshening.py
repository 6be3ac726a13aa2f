"""The same case with values that the server has not seen: it may refuse what it has already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case


def freshened(client: Client, case: Case, mark: str) -> Case:
    """`case` with `mark` in texts of its body where any will do: a server may refuse what it has."""
    body = case.body
    for pointer, value in _texts(case.body):
        for candidate in (f"{mark}{value}", f"{value}{mark}"):
            changed = _put(body, pointer, candidate)
            if _breaches(client, replace(case, body=changed)) == _breaches(client, case):
                body = changed
                break
    return replace(case, body=body)


def _breaches(client: Client, case: Case) -> set[tuple[str, ...]]:
    return {(each.where, each.name, each.pointer) for each in case.violations(client)}


def _texts(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, (*at, key))
    elif isinstance(value, list):
        for index, member in enumerate(value[:2]):
            yield from _texts(member, (*at, index))


def _put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _put(value[at[0]], at[1:], new)
    return copy
