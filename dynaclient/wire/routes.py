"""Which operation a request means, by its method and its raw path (Paths Object).

What is written out goes before what is templated. Where that does not decide, because two templates mean the
same paths or a segment can be shared out among its parameters in several ways, all of them are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dynaclient.document.model import template
from dynaclient.document.node import OperationEntry
from dynaclient.document.operations import Operations
from dynaclient.wire.request_reader import literal_pattern, path_pattern

__all__ = ["RouteMatch", "Routes"]

_MOST = 64
"""How many ways to share out a path are given."""

_STEPS = 5_000
"""How many values are tried for them."""


@dataclass(frozen=True)
class RouteMatch:
    """The operation's key and the raw text of each path parameter."""

    key: str
    values: Mapping[str, str]
    others: tuple[RouteMatch, ...] = ()
    """What the path means as well: of `/a/{id}` and `/a/{name}` in one document the other operation, of
    `/{id}{extension}` the same one with other values."""


@dataclass(frozen=True)
class _Route:
    key: str
    method: str
    pieces: tuple[tuple[str, str | None], ...]
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    query: frozenset[str]
    """Pairs that a path with a `?` in it asks the query to hold."""
    rank: tuple[int, ...]
    crowded: bool
    """Whether a segment holds several parameters."""

    def matches(self, path: str, pairs: Iterable[str]) -> list[tuple[str, ...]]:
        """The values of its parameters, each way in which they can be read; the shortest ones first."""
        found = self.pattern.fullmatch(path)
        if found is None or not self.query <= set(pairs):
            return []
        first = tuple(found.groups())
        if not self.crowded:
            return [first]
        shared = islice(_shared(self.pieces, path, 0, _Budget(_STEPS)), _MOST)
        return list(dict.fromkeys([first, *shared]))

    def may_mean(self, other: _Route) -> bool:
        """Whether a path of `other` may be one of this route, which goes before it or beside it."""
        return (
            self.method == other.method
            and self.rank <= other.rank
            and len(self.rank) == len(other.rank)
            and all(
                one == two or "\0" in one + two
                for one, two in zip(_segments(self.pieces), _segments(other.pieces), strict=True)
            )
        )


class Routes:
    """The operations of a document by path."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._routes = sorted((_route(operations.entry(key)) for key in operations), key=lambda r: r.rank)
        self._rivals: dict[str, list[_Route]] = {}

    def find(self, method: str, path: str, query: str) -> RouteMatch | tuple[str, ...]:
        """The operation that a request means, or else the methods that its path knows: none if unknown.

        HEAD means what GET does where it is not documented itself (RFC 9110, section 9.1).
        """
        matches = list(self._matches(self._routes, path, query))
        meant = [each for each in matches if each[0].method == method]
        if not meant and method == "HEAD":
            meant = [each for each in matches if each[0].method == "GET"]
        if not meant:
            return tuple(dict.fromkeys(route.method for route, _ in matches))
        rank = meant[0][0].rank
        first, *others = (found for route, found in meant if route.rank == rank)
        return replace(first, others=tuple(others))

    def beside(self, key: str, path: str, query: str) -> list[RouteMatch]:
        """What a request that is made for the operation `key` may mean as well: another operation, or the
        same one with other values. The values that it is read with first are not among them."""
        found = list(self._matches(self._rivals_of(key), path, query))
        own = next((match for _, match in found if match.key == key), None)
        return [match for _, match in found if match is not own]

    def _rivals_of(self, key: str) -> list[_Route]:
        if key not in self._rivals:
            own = next(route for route in self._routes if route.key == key)
            found = [route for route in self._routes if route.may_mean(own)]
            self._rivals[key] = found if len(found) > 1 or own.crowded else []
        return self._rivals[key]

    def _matches(
        self, routes: Sequence[_Route], path: str, query: str
    ) -> Iterator[tuple[_Route, RouteMatch]]:
        pairs = query.split("&")
        for route in routes:
            for values in route.matches(path, pairs):
                yield route, RouteMatch(route.key, self._named(route, values))

    def _named(self, route: _Route, values: Sequence[str]) -> Mapping[str, str]:
        """The values under the names of the operation, which the path may spell in another way."""
        pieces = template(self._operations[route.key].path.partition("#")[0].partition("?")[0])
        names = dict.fromkeys(name for _, name in pieces if name is not None)
        read = dict(zip(route.names, values, strict=True))
        return dict(zip(names, read.values(), strict=True))


def _route(entry: OperationEntry) -> _Route:
    path, _, query = entry.path.partition("#")[0].partition("?")
    pieces = tuple(template(path))
    literal = frozenset(pair for pair in query.split("&") if pair and "{" not in pair)
    segments = _segments(pieces)
    return _Route(
        entry.key,
        entry.method.upper() if entry.method.lower() in _LOWERED else entry.method,
        pieces,
        re.compile(path_pattern(pieces)),
        tuple(name for _, name in pieces if name is not None),
        literal,
        (*map(_rank, segments), -len(literal)),
        any(segment.count("\0") > 1 for segment in segments),
    )


_LOWERED = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace", "query"))


def _segments(pieces: Iterable[tuple[str, str | None]]) -> list[str]:
    """The segments of a path, with a NUL for each parameter."""
    return "".join(literal if name is None else "\0" for literal, name in pieces).split("/")


def _rank(segment: str) -> int:
    """0 written out, 1 in part, 2 templated; so that the most concrete path sorts first."""
    return 2 if segment == "\0" else 1 if "\0" in segment else 0


class _Budget:
    """Steps that may be taken."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self) -> bool:
        """Take a step; False where none is left."""
        self._left -= 1
        return self._left >= 0


def _shared(
    pieces: Sequence[tuple[str, str | None]], path: str, start: int, budget: _Budget
) -> Iterator[tuple[str, ...]]:
    """Every way to read the values of `pieces` from `path` at `start`."""
    if not pieces:
        if start == len(path):
            yield ()
        return
    (literal, name), *rest = pieces
    if name is None:
        found = re.compile(literal_pattern(literal)).match(path, start)
        if found:
            yield from _shared(rest, path, found.end(), budget)
        return
    for end in range(start + 1, len(path) + 1):
        if path[end - 1] == "/" or not budget.spend():
            return
        for others in _shared(rest, path, end, budget):
            yield (path[start:end], *others)
