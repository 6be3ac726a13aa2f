"""Which operation a raw path means (OpenAPI 4.8.8.2, Path Templating Matching)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dynaclient.document.index import Entry, Operations
from dynaclient.document.operation import template
from dynaclient.wire.incoming import path_pattern


@dataclass(frozen=True)
class Found:
    """The operation's key and the raw text of each path parameter."""

    key: str
    values: Mapping[str, str]
    others: tuple[Found, ...] = ()
    """Operations that the path means as well: of `/a/{id}` and `/a/{name}` in one document."""


@dataclass(frozen=True)
class _Route:
    key: str
    method: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    query: frozenset[str]
    """Pairs that a path with a `?` in it asks the query to hold."""
    rank: tuple[int, ...]

    def match(self, path: str, pairs: Iterable[str]) -> Mapping[str, str] | None:
        found = self.pattern.fullmatch(path)
        if found is None or not self.query <= set(pairs):
            return None
        return dict(zip(self.names, found.groups(), strict=True))


class Routes:
    """The operations of a document by path: what is written out goes before what is templated."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._routes = sorted((_route(operations.entry(key)) for key in operations), key=lambda r: r.rank)

    def find(self, method: str, path: str, query: str) -> Found | tuple[str, ...]:
        """The operation that a request means, or else the methods that its path knows: none if unknown.

        HEAD means what GET does where it is not documented itself (RFC 9110, section 9.1).
        """
        pairs = query.split("&")
        matches = [
            (route, values) for route in self._routes if (values := route.match(path, pairs)) is not None
        ]
        meant = [each for each in matches if each[0].method == method]
        if not meant and method == "HEAD":
            meant = [each for each in matches if each[0].method == "GET"]
        if not meant:
            return tuple(dict.fromkeys(route.method for route, _ in matches))
        first, *others = (
            Found(route.key, self._named(route, values))
            for route, values in meant
            if route.rank == meant[0][0].rank
        )
        return replace(first, others=tuple(others))

    def _named(self, route: _Route, values: Mapping[str, str]) -> Mapping[str, str]:
        """The values under the names of the operation, which the path may spell in another way."""
        pieces = template(self._operations[route.key].path.partition("#")[0].partition("?")[0])
        names = dict.fromkeys(name for _, name in pieces if name is not None)
        return dict(zip(names, values.values(), strict=True))


def _route(entry: Entry) -> _Route:
    path, _, query = entry.path.partition("#")[0].partition("?")
    pieces = template(path)
    literal = frozenset(pair for pair in query.split("&") if pair and "{" not in pair)
    return _Route(
        entry.key,
        entry.method.upper() if entry.method.lower() in _LOWERED else entry.method,
        re.compile(path_pattern(pieces)),
        tuple(name for _, name in pieces if name is not None),
        literal,
        (*_rank(pieces), -len(literal)),
    )


_LOWERED = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace", "query"))


def _rank(pieces: list[tuple[str, str | None]]) -> tuple[int, ...]:
    """Per segment: 0 written out, 1 in part, 2 templated; so that the most concrete path sorts first."""
    text = "".join(literal if name is None else "\0" for literal, name in pieces)
    return tuple(2 if part == "\0" else 1 if "\0" in part else 0 for part in text.split("/"))
