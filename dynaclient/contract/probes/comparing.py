"""Whether two values say the same, however a server writes them."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from dynaclient.document.node import escape


def is_same(one: Any, other: Any) -> bool:
    """Whether two values say the same: numbers by value, date-times by instant, arrays in any order.

    What is empty is the same as what is not there, and texts may have been trimmed or change their case.
    """
    if _is_empty(one) or _is_empty(other):
        return _is_empty(one) and _is_empty(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).lower() == str(other).lower()
    if isinstance(one, dict) and isinstance(other, dict):
        return all(is_same(one.get(name), other.get(name)) for name in {**one, **other})
    if isinstance(one, list) and isinstance(other, list):
        return _are_same(one, other)
    if isinstance(one, (dict, list)) or isinstance(other, (dict, list)):
        return False
    return _is_same_number(one, other) or _text(one) == _text(other) or _is_same_instant(one, other)


def is_kept(sent: Any, read: Any) -> bool:
    """Whether what is read shows what was sent; there may be more of it."""
    if isinstance(sent, dict) and isinstance(read, dict):
        return all(is_kept(value, read[name]) for name, value in sent.items() if name in read)
    if isinstance(sent, list) and isinstance(read, list):
        in_order = len(sent) == len(read) and all(map(is_kept, sent, read))
        return in_order or is_same(sent, read) or not _not_in(sent, read)
    return is_same(sent, read)


def additions(sent: Any, read: Any) -> list[Any]:
    """The items that arrays have in `read`, and not in what was sent."""
    if isinstance(sent, dict) and isinstance(read, dict):
        names = [name for name in sent if name in read]
        return [each for name in names for each in additions(sent[name], read[name])]
    return _not_in(read, sent) if isinstance(sent, list) and isinstance(read, list) else []


def items(value: Any) -> list[Any]:
    """The items of all arrays of a value, by the names of objects and not within other items."""
    if isinstance(value, dict):
        return [each for member in value.values() for each in items(member)]
    return value if isinstance(value, list) else []


def _not_in(some: list[Any], others: list[Any]) -> list[Any]:
    """Those of `some` that no other shows."""
    return [each for each in some if not any(is_same(each, other) for other in others)]


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", b"") or value == [] or value == {}


def _are_same(one: list[Any], other: list[Any]) -> bool:
    if len(one) == len(other) and all(map(is_same, one, other)):
        return True
    return {_canonical(each) for each in one} == {_canonical(each) for each in other}


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _is_same_number(one: Any, other: Any) -> bool:
    with suppress(TypeError, ValueError):
        return math.isclose(float(one), float(other), rel_tol=1e-9)
    return False


def _text(value: Any) -> str:
    return unicodedata.normalize("NFC", " ".join(str(value).split())).casefold()


def instant(value: Any) -> datetime | None:
    """The moment that a text names; None where it names none."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    with suppress(ValueError):
        return datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00"))
    return None


def _is_same_instant(one: Any, other: Any) -> bool:
    first, second = instant(one), instant(other)
    if first is None or second is None:
        return False
    if (first.tzinfo is None) != (second.tzinfo is None):
        first, second = first.replace(tzinfo=None), second.replace(tzinfo=None)
    return abs((first - second).total_seconds()) < 1


def scalars(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """What is no object and no array in a value, with JSON pointers."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from scalars(member, f"{pointer}/{escape(str(name))}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from scalars(member, f"{pointer}/{index}")
    else:
        yield pointer, value


def same_object(sent: Mapping[str, Any], data: Any) -> tuple[str, Mapping[str, Any]]:
    """The object in a response that shows what was sent, with its pointer: the body, or one member of it."""
    found = [("", data)] if isinstance(data, dict) else []
    found += [(f"/{escape(str(name))}", each) for name, each in _members(data) if isinstance(each, dict)]
    return max(found, key=lambda each: len(sent.keys() & each[1].keys()), default=("", {}))


def _members(data: Any) -> list[tuple[str, Any]]:
    return list(data.items()) if isinstance(data, dict) else []
