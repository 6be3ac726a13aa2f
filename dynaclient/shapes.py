"""What types of value the schemas of a document stand for on the wire, each found once."""

from __future__ import annotations

from dynaclient.document.document import Node
from dynaclient.schema.checker import Checkers
from dynaclient.schema.dialect import Direction
from dynaclient.wire.shape import ANY, Shape, shape_of


class Shapes:
    """The shapes of schemas, by their places."""

    def __init__(self, checkers: Checkers) -> None:
        self._checkers = checkers
        self._known: dict[tuple[str, str, Direction], Shape] = {}

    def of(self, schema: Node | None, direction: Direction) -> Shape:
        """What type of value a text stands for that `schema` describes; any where there is none."""
        if schema is None:
            return ANY
        place = (schema.uri, schema.pointer, direction)
        if place not in self._known:
            translator = self._checkers.translator(direction)
            key, defs = translator.entry(schema), translator.defs
            self._known[place] = shape_of(defs[key], lambda ref: defs.get(ref.rpartition("/")[2], {}))
        return self._known[place]
