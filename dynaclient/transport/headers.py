"""Header fields of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_SECRET = frozenset({"set-cookie", "authorization", "proxy-authorization", "cookie"})


class Headers(Mapping[str, str]):
    """Immutable header fields: names in any case, repeated fields kept (RFC 9110 section 5.3).

    As a mapping, a repeated field is its values joined by ", "; `all(name)` gives them one by one,
    which is the only right way for Set-Cookie.
    """

    __slots__ = ("_fields", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        self._fields: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._fields.setdefault(name.lower(), []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of a field, in the order received; an empty list where there is none."""
        return list(self._fields.get(name.lower(), ()))

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._fields[name.lower()])

    def __iter__(self) -> Iterator[str]:
        seen = set()
        for name, _ in self.pairs:
            if (key := name.lower()) not in seen:
                seen.add(key)
                yield name

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __eq__(self, other: object) -> bool:
        return self._fields == other._fields if isinstance(other, Headers) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = {name: "***" if name.lower() in _SECRET else self[name] for name in self}
        return f"Headers({shown})"
