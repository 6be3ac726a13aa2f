"""Bodies of responses in pieces that a model has room for; the last are kept: nothing is sent twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from dynaclient._support.messages import pluralize
from dynaclient.errors import SettingsError
from dynaclient.mcp.quoting import json_shown, name_shown, text_shown
from dynaclient.wire.redacted_text import REDACTED, redact

MAX_EXCERPT = 10_000
"""Characters of a body that are shown at once."""

_KEPT = 8
_MOST_CHARACTERS = 20_000_000
"""Of all bodies that are kept; a larger one is kept alone."""


@dataclass(frozen=True)
class Body:
    """What a response held: JSON, or a text. There are no secrets in it: a JMESPath could turn them round."""

    data: Any
    is_json: bool

    @classmethod
    def of(cls, data: Any, is_json: bool, those: Collection[str]) -> Body:
        """A body without the secrets `those`."""
        if not is_json:
            return cls(redact(str(data), those), False)
        text = json_shown(data)
        return cls(data if redact(text, those) == text else _without(data, those), True)

    def text(self, select: str = "") -> str:
        """The body, or what a JMESPath takes from it, as it is shown. Raises SettingsError."""
        if self.is_json:
            return json_shown(_selected(self.data, select) if select else self.data)
        if select:
            raise SettingsError("`select` needs a JSON body, and this is a text; use `offset`")
        return text_shown(self.data)


def _without(value: Any, those: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {redact(name, those): _without(each, those) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, those) for each in value]
    if isinstance(value, str):
        return redact(value, those)
    text = json_shown(value)
    return value if redact(text, those) == text else REDACTED


def checked_path(select: str) -> None:
    """Raise SettingsError where `select` is no JMESPath."""
    from jmespath import compile as compile_path  # late: 9 ms
    from jmespath.exceptions import JMESPathError  # late: 9 ms

    try:
        compile_path(select)
    except (JMESPathError, RecursionError) as error:
        said = " ".join(str(error).partition(", for expression")[0].split())[:200]
        example = "data[0:5].id or data[?id==`7`]"
        raise SettingsError(f"`select` is no JMESPath, such as {example}: {said}") from None


def _selected(data: Any, select: str) -> Any:
    from jmespath import search  # late: 9 ms
    from jmespath.exceptions import JMESPathError  # late: 9 ms

    try:
        found = search(select, data)
    except (JMESPathError, RecursionError) as error:
        raise SettingsError(f"`select` cannot be applied: {' '.join(str(error).split())[:200]}") from None
    if found is None:
        raise SettingsError(f"`select` found nothing; the body is {outline(data)}")
    return found


class Excerpts:
    """The bodies of the last responses, by a name that cannot be guessed. Threads may share them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Body, int]] = OrderedDict()
        self._lock = threading.Lock()

    def show(self, body: Body, select: str = "", offset: int = 0, name: str = "") -> tuple[str, str]:
        """A piece of a body, and a line that says which, and how to get the rest; empty where that is all.

        `name`: that under which it is kept already. Raises SettingsError for a path that finds nothing.
        """
        text = body.text(select)
        piece = text[offset : offset + MAX_EXCERPT]
        if offset and not piece:
            raise SettingsError(f"`offset` {offset} is behind the end: the body has {len(text):,} characters")
        end = offset + len(piece)
        if end == len(text) and not offset:
            return piece, ""
        name = name or self._keep(body, len(text))
        said = f"characters {offset:,} to {end:,} of {len(text):,}"
        if end == len(text):
            return piece, f"{said}, the last"
        more: dict[str, Any] = {"response": name, "offset": end} | ({"select": select} if select else {})
        said += f"; call_operation with {json_shown(more)} shows what follows, without sending anything"
        if body.is_json:
            part = json_shown({"response": name, "select": "..."})
            said += f"; with {part} a part of it, by a JMESPath: the body is {outline(body.data)}"
        return piece, said

    def get(self, name: str) -> Body:
        """The body that is kept under a name. Raises SettingsError."""
        with self._lock:
            if name not in self._kept:
                raise SettingsError(
                    f"no response {name!r} is kept (the last {_KEPT} are); call the operation again"
                )
            self._kept.move_to_end(name)
            return self._kept[name][0]

    def _keep(self, body: Body, size: int) -> str:
        name = token_hex(4)
        with self._lock:
            self._kept[name] = body, size
            while len(self._kept) > _KEPT or (self._size() > _MOST_CHARACTERS and len(self._kept) > 1):
                self._kept.popitem(last=False)
        return name

    def _size(self) -> int:
        return sum(size for _, size in self._kept.values())


_MOST_NAMES = 12


def outline(data: Any) -> str:
    """What a body is made of: `an object of data (array of 250), hasMore`."""
    if isinstance(data, list):
        first = data[0] if data else None
        of = f", the first {outline(first)}" if isinstance(first, dict) else ""
        return f"an array of {pluralize(len(data), 'item')}{of}"
    if isinstance(data, dict):
        names = [_member(name, value) for name, value in list(data.items())[:_MOST_NAMES]]
        more = ", ..." if len(data) > _MOST_NAMES else ""
        return f"an object of {', '.join(names)}{more}" if names else "an empty object"
    return "a string" if isinstance(data, str) else json_shown(data)


def _member(name: str, value: Any) -> str:
    return f"{name_shown(name)} (array of {len(value):,})" if isinstance(value, list) else name_shown(name)
