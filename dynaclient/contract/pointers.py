"""What stands at a JSON pointer of a value that is sent or received, and copies with something else there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynaclient._support.missing import MISSING
from dynaclient.document.node import tokens


def reached(value: Any, pointer: str) -> Any:
    """What a JSON pointer leads to in `value`; MISSING where there is nothing."""
    for token in tokens(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
        else:
            return MISSING
    return value


def put_at(value: Any, path: Sequence[str], new: Any) -> Any:
    """A copy of `value` with `new` at `path`, the tokens of a JSON pointer."""
    if not path:
        return new
    head, *rest = path
    if isinstance(value, list):
        return [put_at(each, rest, new) if at == int(head) else each for at, each in enumerate(value)]
    return {**value, head: put_at(value[head], rest, new)}
