"""A tree as text in pieces, of which those are read that are asked for.

A call reaches a few of the hundreds of paths and components of a document. Where a tree was written down
piece by piece, the others stay text, and opening a large document costs little more than a small one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from dynaclient.document.json_text import real
from dynaclient.errors import DocumentError

if TYPE_CHECKING:
    from dynaclient.document.private_folder import OpenFile


_decode = json.JSONDecoder(parse_float=real).decode
_encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode  # ASCII, on one line


def damaged(why: object) -> DocumentError:
    """The error for what somebody else wrote into the cache, with a checksum that is right."""
    return DocumentError(f"the document's copy in the cache is damaged: {why}; delete it")


class LazyMap(dict[str, Any]):
    """A map whose members are text until they are looked at; to those who use it, a dict that never changes.

    A member that was not read yet is kept as the location of its text. What is written in C would take that
    for the value, so everything that a dict is read by is here.
    """

    __slots__ = ("_text",)

    def __init__(self, places: Any, text: str | bytes | OpenFile) -> None:
        super().__init__(places)
        self._text = text

    def __getitem__(self, name: str) -> Any:
        value = dict.__getitem__(self, name)
        if type(value) is tuple:  # which no JSON value is
            value = self._read(*value)
            dict.__setitem__(self, name, value)
        return value

    def _read(self, start: int, stop: int) -> Any:
        piece = self._text[start:stop]
        try:
            return _decode(piece if isinstance(piece, str) else piece.decode())
        except RecursionError:
            raise DocumentError("the document is read too deep inside other calls") from None
        except ValueError as error:
            raise damaged(error) from None

    def once(self) -> Iterator[tuple[str, Any]]:
        """Each name and value, for one look: what was text stays text."""
        for name, value in super().items():
            yield name, self._read(*value) if type(value) is tuple else value

    def texts(self) -> Iterator[bytes]:
        """The JSON of each value."""
        for value in super().values():
            text = self._text[slice(*value)] if type(value) is tuple else _encode(value)
            yield text.encode() if isinstance(text, str) else text

    def plain(self) -> dict[str, Any]:
        """The same as a dict, with every member read."""
        return {name: self[name] for name in self}

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()  # that it is here makes `dict(...)` and `{**...}` ask for each member

    def get(self, name: str, default: Any = None) -> Any:
        value = super().get(name, default)
        return self[name] if type(value) is tuple else value

    def items(self) -> Any:
        return self.plain().items()

    def values(self) -> Any:
        return self.plain().values()

    def copy(self) -> dict[str, Any]:
        return self.plain()

    def __eq__(self, other: object) -> bool:
        return self.plain() == other

    def __ne__(self, other: object) -> bool:
        return self.plain() != other

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        return self.plain() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.plain()

    def __repr__(self) -> str:
        return repr(self.plain())

    def __reduce__(self) -> Any:
        return dict, (self.plain(),)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__()


def once(tree: Any) -> Iterator[tuple[str, Any]]:
    """Name and value of each member of a map, for one look: what was text stays text."""
    return tree.once() if type(tree) is LazyMap else iter(tree.items() if isinstance(tree, dict) else ())


def materialized(tree: Any) -> Any:
    """A tree that was put together by `joined`, with every piece read."""
    if type(tree) is not dict:
        return tree
    parts = _plain_members(tree)
    if type(parts.get("components")) is dict:
        parts["components"] = _plain_members(parts["components"])
    return parts


def _plain_members(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: value.plain() if type(value) is LazyMap else value for name, value in parts.items()}


def is_bounded(tree: Any, nodes: int, characters: int) -> bool:
    """Whether `tree`, with what is shared in it written out each time, stays below these bounds."""
    level: list[Any] = [tree]
    while level:
        nodes -= sum(map(len, level))
        if nodes < 0:  # before the level is made, which may be endless
            return False
        values = [value for part in level for value in (part.values() if isinstance(part, dict) else part)]
        characters -= sum(len(value) for value in values if isinstance(value, str))
        if characters < 0:
            return False
        level = [value for value in values if isinstance(value, (dict, list))]
    return True


def split_tree(tree: Any) -> tuple[dict[str, Any], bytes]:
    """A tree in two: what is needed of it at once, as JSON has it, and the text of all else."""
    skeleton = dict(tree) if isinstance(tree, dict) else tree
    maps: list[Any] = []
    texts: list[bytes] = []
    for place in _large(skeleton):
        parent = skeleton
        for name in place[:-1]:
            parent[name] = dict(parent[name])
            parent = parent[name]
        members, parent[place[-1]] = parent[place[-1]], None
        own = [*(members if type(members) is LazyMap else LazyMap(members, b"")).texts()]
        maps.append([place, list(members), [len(text) for text in own]])
        texts += own
    return {"tree": skeleton, "maps": maps}, b"".join(texts)


def _large(tree: Any) -> list[list[str]]:
    """The maps that grow with a document: its paths, webhooks, and each kind of its components."""
    if not isinstance(tree, dict):
        return []
    components = tree.get("components")
    places = [["paths"], ["webhooks"]]
    places += [["components", name] for name in components] if isinstance(components, dict) else []
    return [place for place in places if _members(tree, place)]


def _members(tree: dict[str, Any], place: list[str]) -> bool:
    found: Any = tree
    for name in place:
        found = found.get(name)
    return isinstance(found, dict) and len(found) > 0


def joined(index: dict[str, Any], text: bytes | OpenFile, start: int = 0) -> Any:
    """The tree that `split_tree` gave `index` and `text` of, which begins at `start`.

    ValueError, TypeError or LookupError where the two do not go together.
    """
    tree = index["tree"]
    for place, names, lengths in index["maps"]:
        parent = tree
        for name in place[:-1]:
            parent = parent[name]
        stops = list(accumulate(lengths, initial=start))
        places = dict(zip(names, pairwise(stops), strict=True))
        if parent[place[-1]] is not None or len(places) != len(names) or min(lengths) < 1:
            raise ValueError("a map does not fit")
        parent[place[-1]] = LazyMap(places, text)
        start = stops[-1]
    if start != len(text):
        raise ValueError("text is missing, or left over")
    return tree
