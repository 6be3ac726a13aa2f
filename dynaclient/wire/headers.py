"""Header fields, of requests and of responses (RFC 9110, section 5)."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping
from typing import Any

_SECRET = frozenset({"set-cookie", "authorization", "proxy-authorization", "cookie"})


class Headers(Mapping[str, str]):
    """Immutable header fields: names in any case, repeated fields kept (RFC 9110 section 5.3).

    As a mapping, a repeated field is its values joined by ", "; `all(name)` gives them one by one,
    which is the only right way for Set-Cookie.
    """

    __slots__ = ("_fields", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        self._fields: dict[str, str] = {}
        for name, value in self.pairs:
            key = name.lower()
            self._fields[key] = f"{self._fields[key]}, {value}" if key in self._fields else value

    def all(self, name: str) -> list[str]:
        """Every value of a field, in the order received; an empty list where there is none."""
        key = name.lower()
        return [value for each, value in self.pairs if each.lower() == key] if key in self._fields else []

    def copy(self) -> dict[str, str]:
        """The fields as a dict, which may be changed: urllib3 asks for one."""
        if len(self._fields) == len(self.pairs):
            return dict(self.pairs)
        first: dict[str, str] = {}
        for name, _ in self.pairs:
            first.setdefault(name.lower(), name)
        return {name: self._fields[key] for key, name in first.items()}

    def items(self) -> ItemsView[str, str]:
        """Names, as they were first written, and values."""
        return self.copy().items()

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._fields.keys() == other._fields.keys() and all(
            self.all(name) == other.all(name) for name in self._fields
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = {name: "***" if name.lower() in _SECRET else self[name] for name in self}
        return f"Headers({shown})"

    def __reduce__(self) -> Any:
        return Headers, (self.pairs,)

    def __setstate__(self, state: Any) -> None:
        """As an earlier version pickled it."""
        self.__init__(state[1]["pairs"])  # type: ignore[misc]
