"""The same case with values that the server has not seen: it may refuse what it has already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dynaclient.contract.pointers import put_at

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case


LONG = 6
"""Characters of a text of a given length, such as an ISBN, that identifies something."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def freshened(client: Client, case: Case, mark: str) -> Case:
    """`case` with `mark` in texts of its body where any will do: a server may refuse what it has."""
    return case.changed(partial(_freshened, client, mark=mark))


def _freshened(client: Client, case: Case, mark: str) -> Case:
    body = case.body
    for path, value in _texts(case.body):
        for candidate in _marked(value, mark):
            changed = put_at(body, path, candidate)
            if _breaches(client, replace(case, body=changed)) == _breaches(client, case):
                body = changed
                break
    return replace(case, body=body)


def _marked(value: str, mark: str) -> Iterator[str]:
    """`value` with `mark`: before it, behind it, or in place of its end, where its length is given."""
    yield f"{mark}{value}"
    yield f"{value}{mark}"
    if len(mark) <= LONG <= len(value) and not _DATE.match(value):
        yield f"{value[: -len(mark)]}{mark}"


def _breaches(client: Client, case: Case) -> set[tuple[str, ...]]:
    return {(each.where, each.name, each.pointer) for each in case.violations(client)}


def _texts(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, (*at, key))
    elif isinstance(value, list):
        for index, member in enumerate(value[:2]):
            yield from _texts(member, (*at, str(index)))
