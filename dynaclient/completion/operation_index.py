"""What the arguments of one operation may hold, as plain data: names, keys of bodies at any depth, values.

It is made of the document once (`index_of`), and kept as JSON for shells, which have no time to open one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dynaclient.document.document import Document
    from dynaclient.document.model import Operation
    from dynaclient.document.node import Node
    from dynaclient.schema.summary import Outline, Outlines

MAX_SCHEMAS = 10_000
"""How many schemas of one operation are looked at: what lies behind is not completed."""

MAX_ABOUT = 100
"""Characters of what is said of a name."""


class Offer(NamedTuple):
    """One thing that could stand at the cursor."""

    text: str
    kind: str = ""
    """What it is, in a word or two: `operation`, `string, required`."""
    about: str = ""
    """What the document says of it, on one line."""


class Schema(NamedTuple):
    """A schema: what its value may hold. Numbers are places in `OperationIndex.schemas`."""

    kind: str = "any"
    about: str = ""
    properties: Mapping[str, Sequence[int]] = MappingProxyType({})
    """Name -> the schema; and 1 where it is required, else 0."""
    items: int | None = None
    others: int | None = None
    """Of the properties that have no name."""
    choices: Sequence[int] = ()
    values: Sequence[Any] = ()
    only: str = ""
    """`read` for what only responses have, `write` for what only requests have."""


class ParameterNames(NamedTuple):
    """A parameter."""

    name: str
    key: str
    """`query.id`"""
    keyword: str
    """Its name in Python; empty where no keyword can mean it."""
    required: bool
    schema: int | None
    about: str


class OperationIndex(NamedTuple):
    """An operation: its parameters in the order of a call, the schemas of its bodies and of each response."""

    key: str
    parameters: list[ParameterNames]
    bodies: list[int]
    responses: dict[str, list[int]]
    schemas: list[Schema]
    takes_body: bool

    def positional(self) -> list[ParameterNames | None]:
        """What a call takes by position: the required parameters, then the body (None)."""
        return [*(each for each in self.parameters if each.required), *([None] if self.takes_body else [])]

    def parameter(self, name: str) -> ParameterNames | None:
        """The parameter that goes by `name`, in any of its spellings."""
        return next((each for each in self.parameters if name in (each.name, each.key, each.keyword)), None)

    def roots(self, name: str) -> list[int]:
        """The schemas of the parameter called `name`, or of the body."""
        if name == "body":
            return self.bodies
        found = self.parameter(name)
        return [] if found is None or found.schema is None else [found.schema]

    def at(self, roots: Iterable[int], path: Sequence[str | int]) -> list[int]:
        """The schemas that `path` leads to from `roots`: a text is a property, a number an item."""
        found = [*self._spread(roots)]
        for token in path:
            found = [*self._spread(self._step(found, token))]
        return found

    def keys(self, places: Iterable[int], given: Iterable[str] = (), only: str = "write") -> list[Offer]:
        """The properties of a value at `places` that are not `given`; required ones first.

        `only`: those of requests ("write"), of responses ("read").
        """
        left: dict[str, tuple[bool, Schema]] = {}
        for place in self._spread(places):
            for name, (number, required) in self.schemas[place].properties.items():
                schema = self.schemas[number]
                if name not in given and schema.only in ("", only):
                    left.setdefault(name, (bool(required), schema))
        ordered = sorted(left.items(), key=lambda each: not each[1][0])
        return [Offer(name, _kind(schema, required), schema.about) for name, (required, schema) in ordered]

    def values(self, places: Iterable[int]) -> list[Any]:
        """The values that a value at `places` is one of, as far as they are listed."""
        found: list[Any] = []
        for place in self._spread(places):
            found += [each for each in self.schemas[place].values if each not in found]
        return found

    def parts(self, typed: str) -> Iterator[Offer]:
        """The parts of an operation's page, as deep as what was typed: `body`, `body/owner`, `200/id`."""
        *way, _ = typed.split("/")
        if not way:
            yield from (Offer(each, "part") for each in ("description", "example"))
            yield from (Offer("body", "part") for _ in self.bodies[:1])
            yield from (Offer(each, "response") for each in self.responses)
            yield from (Offer(each.name, "parameter", each.about) for each in self.parameters)
            return
        first, *rest = way
        places = self._shown(self.responses.get(first) or self.roots(first))
        for token in rest:
            step = int(token) if token.isdecimal() else token.replace("~1", "/").replace("~0", "~")
            places = self._shown(self.at(places, [step]))
        for each in self.keys(places, only="read" if first in self.responses else "write"):
            last = each.text.replace("~", "~0").replace("/", "~1")
            yield each._replace(text="/".join([*way, last]))

    def _shown(self, places: Iterable[int]) -> list[int]:
        """The same, where an array stands for its items, as on that page: `body/cartItems/sku`."""
        found = [*self._spread(places)]
        for _ in range(12):
            items = [self.schemas[each].items for each in found if not self.schemas[each].properties]
            deeper = [*self._spread(each for each in items if each is not None)]
            if not deeper:
                break
            found = [*(each for each in found if self.schemas[each].properties), *deeper]
        return found

    def _step(self, places: Iterable[int], token: str | int) -> Iterator[int]:
        for place in places:
            schema = self.schemas[place]
            if isinstance(token, int):
                found = schema.items
            else:
                found = next(iter(schema.properties.get(token, ())), schema.others)
            if found is not None:
                yield found

    def _spread(self, places: Iterable[int]) -> Iterator[int]:
        """Places, and those of which one may choose; each once."""
        seen: set[int] = set()
        left = [*places][::-1]
        while left:
            place = left.pop()
            if place not in seen:
                seen.add(place)
                yield place
                left += self.schemas[place].choices[::-1]


def _kind(schema: Schema, required: bool) -> str:
    return f"{schema.kind}, required" if required else schema.kind


def plain_of(index: OperationIndex) -> list[Any]:
    """An index as JSON has it."""
    return list(index)


def read_index(plain: Any) -> OperationIndex:
    """The index that `plain_of` gave. ValueError, TypeError where it is none."""
    key, parameters, bodies, responses, schemas, takes_body = plain
    return OperationIndex(
        key,
        [ParameterNames(*each) for each in parameters],
        bodies,
        responses,
        [Schema(*each) for each in schemas],
        takes_body,
    )


def index_of(operation: Operation, document: Document) -> OperationIndex:
    """The index of an operation; what cannot be resolved is not in it."""
    from dynaclient.calls.arguments import offered  # late: 4 ms
    from dynaclient.schema.summary import Outlines  # late: 6 ms

    schemas = _Schemas(Outlines(document))
    parameters = [
        ParameterNames(
            each.name,
            each.key,
            each.python_name if offered(each) else "",
            each.required,
            schemas.number(each.value_schema) if each.value_schema else None,
            _about(each.description),
        )
        for each in (*operation.required, *operation.optional)
    ]
    content = operation.body.content.values() if operation.body else ()
    return OperationIndex(
        operation.key,
        parameters,
        [schemas.number(each.schema) for each in content if each.schema],
        {
            response.status: [
                schemas.number(each.schema) for each in response.content.values() if each.schema
            ]
            for response in operation.responses
        },
        schemas.all(),
        operation.body is not None,
    )


class _Schemas:
    """Schemas that were met, by number; what lies in them is looked at last."""

    def __init__(self, outlines: Outlines) -> None:
        self._outlines = outlines
        self._numbers: dict[tuple[str, str], int] = {}
        self._nodes: list[Node] = []

    def number(self, node: Node) -> int:
        """The number of the schema at `node`."""
        place = self._outlines.of(node).place
        if place not in self._numbers:
            self._numbers[place] = len(self._nodes)
            self._nodes.append(node)
        return self._numbers[place]

    def all(self) -> list[Schema]:
        """Every schema that was met, and every one that these lead to."""
        made: list[Schema] = []
        while len(made) < len(self._nodes):
            node = self._nodes[len(made)]
            made.append(self._made(node) if len(made) < MAX_SCHEMAS else Schema())
        return made

    def _made(self, node: Node) -> Schema:
        outline = self._outlines.of(node)
        required = outline.plain.get("required", ())
        others = [each for _, each in outline.others if isinstance(each.value, dict)]
        return Schema(
            _safe(self._outlines.kind(node)),
            _about(outline.description),
            {
                name: [self.number(each), int(name in required)]
                for name, each in outline.properties.items()
                if isinstance(name, str)
            },
            self.number(outline.items) if outline.items is not None else None,
            self.number(others[0]) if others else None,
            [self.number(each) for _, nodes in outline.choices for each in nodes],
            _values(outline),
            "read" if outline.plain.get("readOnly") else "write" if outline.plain.get("writeOnly") else "",
        )


def _values(outline: Outline) -> list[Any]:
    if "const" in outline.plain:
        return [outline.plain["const"]]
    values = outline.plain.get("enum") or ([True, False] if "boolean" in outline.types else [])
    return [each for each in values if each is None or isinstance(each, (str, int, float))]


def _about(text: str) -> str:
    from dynaclient.schema.summary import one_line  # late: 6 ms

    return _safe(one_line(text))


def _safe(text: str) -> str:
    """`text` as it may be shown in a menu: no controls, not too long."""
    shown = "".join(each if each.isprintable() else " " for each in text[: 2 * MAX_ABOUT])
    return shown if len(shown) <= MAX_ABOUT else f"{shown[: MAX_ABOUT - 3]}..."
