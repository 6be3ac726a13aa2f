"""What the paths of a document name: its resources, and which operations make, read, change and remove them.

`/users/{userId}` is a resource, `/users` its collection. What makes one is found in this order: the Link
Objects of responses; POST on the collection; any other POST whose response holds a property called like the
parameter; PUT on the resource itself, which lets the caller choose the identifier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dynaclient.calls.links import link_target
from dynaclient.client import executor_of
from dynaclient.document.model import Operation, Parameter, template
from dynaclient.errors import DocumentError
from dynaclient.schema.summary import Outlines

if TYPE_CHECKING:
    from dynaclient.client import Client

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE", "QUERY")
"""Methods that change nothing (RFC 9110, "Safe Methods")."""

GENERIC = (
    "id",
    "identifier",
    "uuid",
    "guid",
    "key",
    "code",
    "slug",
    "name",
    "number",
    "ref",
    "token",
    "value",
)
"""Names of identifiers that do not say what they identify."""

SURE = ("uuid", "guid", "id", "key", "code", "slug", "name", "number")
"""Endings of names that say what kind of identifier it is."""


ENDINGS = ("id", "uuid", "guid", "key", "code")
"""Last words of names that refer to a thing: `ownerUserId`."""

_ENDING = re.compile(rf"({'|'.join(ENDINGS)})$")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
"""A word of a name in camelCase or snake_case."""


@dataclass(frozen=True)
class Creator:
    """An operation that makes a resource.

    `expressions`: where in its exchange the identifier stands, for a documented link (runtime expressions);
    empty where it is looked for in the response. `chosen`: the request itself names it.
    """

    operation: str
    expressions: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(eq=False)
class Resource:
    """What a path with parameters names. The lists hold keys of operations, in document order."""

    path: str
    """Its path template, up to the end of the segment that names it."""
    parameters: tuple[str, ...]
    """All parameters of `path`, in order."""
    own: tuple[str, ...]
    """Those of its last segment."""
    noun: str
    """What the segment before says it is, singular: `user`."""
    parent: Resource | None = None
    creators: list[Creator] = field(default_factory=list)
    adders: list[str] = field(default_factory=list)
    """What adds to another collection of that name: it tells of one, and need not have made it."""
    readers: list[str] = field(default_factory=list)
    listers: list[str] = field(default_factory=list)
    replacers: list[str] = field(default_factory=list)
    patchers: list[str] = field(default_factory=list)
    removers: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    """All whose path begins with this one."""

    def names(self) -> list[str]:
        """What its identifier may be called in a body, the likeliest first, in plain form."""
        own = [plain_name(each) for each in self.own]
        with_noun = [self.noun + each for each in ("id", "uuid", "key", "code", "")] if self.noun else []
        return list(dict.fromkeys([*own, *with_noun, *GENERIC]))

    def is_called(self, parameter: str, name: str) -> bool:
        """Whether a property called `name` surely is the identifier that `parameter` takes.

        `id` is for `userId`, and for `id`; it need not be for `username`.
        """
        own, given = plain_name(parameter), plain_name(name)
        if own == given:
            return True
        ending = next((each for each in SURE if own.endswith(each)), None)
        return ending is not None and given in (ending, self.noun + ending) and own in self._spelt(ending)

    def _spelt(self, ending: str) -> tuple[str, ...]:
        return ending, self.noun + ending, f"{self.noun}s{ending}"

    def __repr__(self) -> str:
        return f"<Resource {self.path}>"


def plain_name(name: str) -> str:
    """A name without the marks and capitals that spell it one way or the other."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def last_word(name: str) -> str:
    """`number` of `insuranceNumber` and `insurance_number`."""
    words = _WORD.findall(name)
    return words[-1].lower() if words else ""


def singular(noun: str) -> str:
    """`user` for `users`; a guess, good enough to compare names with."""
    name = plain_name(noun)
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "shes", "ches", "xes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


class ResourceMap:
    """The resources of one document."""

    def __init__(self, client: Client, keys: Iterable[str]) -> None:
        self._client = client
        self._by_path: dict[str, Resource] = {}
        self._of: dict[str, Resource | None] = {}
        self._named: dict[str, list[Resource]] = {}
        self._made_by: dict[str, list[Resource]] = {}
        operations = [client.operations[key] for key in keys]
        for operation in operations:
            self._of[operation.key] = resource = self._on(operation.path)
            if resource is not None:
                resource.users.append(operation.key)
        for operation in operations:
            self._sort(operation)
        outlines = Outlines(client.document)
        for operation in operations:
            self._add_linked(operation)
            if operation.method == "POST":
                self._add_named(operation, outlines)
        for resource in self:
            if not resource.creators and len(resource.parameters) == len(resource.own):
                resource.adders += [each.key for each in operations if _adds(each, resource)]
            rank = {True: 0, False: 1}
            resource.creators.sort(key=lambda each: (rank[bool(each.expressions)], each.chosen))

    def __iter__(self) -> Iterator[Resource]:
        yield from self._by_path.values()

    def of(self, operation: Operation) -> Resource | None:
        """The resource that the path of `operation` names or lies below; None where it has no parameters."""
        return self._of.get(operation.key) or self._on(operation.path)

    def at(self, operation: Operation) -> Resource | None:
        """The resource that the path of `operation` names itself, such as that of `GET /users/{userId}`."""
        found = self.of(operation)
        return found if found is not None and _shape(found.path) == _shape(operation.path) else None

    def named(self, name: str) -> list[Resource]:
        """The resources that a parameter or property called `name` identifies: `userId`, `owner_user_id`."""
        if name not in self._named:
            self._named[name] = self._find_named(name)
        return self._named[name]

    def _find_named(self, name: str) -> list[Resource]:
        wanted = plain_name(name)
        if wanted in GENERIC:
            return []
        exact = [each for each in self if wanted in map(plain_name, each.own)]
        if exact:
            return exact
        words = [each.lower() for each in _WORD.findall(name)]
        whole = _ENDING.sub("", wanted)
        nouns = [whole] * (whole != wanted)
        if words and words[-1] in ENDINGS:
            nouns += ["".join(words[at:-1]) for at in range(1, len(words) - 1)]
        return next((found for noun in nouns if noun and (found := self.called(noun))), [])

    def called(self, noun: str) -> list[Resource]:
        """The resources that are things of a kind: `user` or `users`."""
        return [each for each in self if each.noun and each.noun in (noun, singular(noun))]

    def about(self, operation: Operation) -> list[Resource]:
        """The resources that the last word of a path that is one means: of `/users/bulk` those of users."""
        words = [each for each in re.split(r"[/:.]", operation.path) if each and "{" not in each]
        found = (self.called(word) for word in reversed(words))
        return next((each for each in found if each), [])

    def made_by(self, operation: Operation) -> list[Resource]:
        """The resources that an operation makes."""
        if operation.key not in self._made_by:
            made = (each for each in self if any(one.operation == operation.key for one in each.creators))
            self._made_by[operation.key] = list(made)
        return self._made_by[operation.key]

    def put_into(self, operation: Operation) -> list[Resource]:
        """Those that it makes for certain: it adds to their collection, puts one, or a link leads to one."""
        shape = _shape(operation.path)
        return [
            each
            for each in self.made_by(operation)
            if shape in (_shape(each.path), _shape(each.path).rpartition("/")[0])
            or any(one.operation == operation.key and one.expressions for one in each.creators)
        ]

    def alike(self, resource: Resource) -> list[Resource]:
        """Other resources whose identifiers are called the same, in a name that says what it identifies."""
        return [each for name in resource.own for each in self.named(name) if each is not resource]

    def order(self, operations: Iterable[Operation]) -> list[str]:
        """The keys of `operations`: what makes something first, what removes something last."""
        creators = {each.operation for resource in self for each in resource.creators}

        def rank(operation: Operation) -> tuple[int, int]:
            depth = operation.path.count("/")
            if operation.method == "DELETE":
                return 5, -depth
            if operation.key in creators:
                return (0 if operation.method == "POST" else 1), depth
            return (2 if operation.method in SAFE else 4 if operation.method == "POST" else 3), depth

        return [each.key for each in sorted(operations, key=rank)]

    # -- how they are found ----------------------------------------------------------------------------

    def _on(self, path: str) -> Resource | None:
        """The resource of the deepest segment of `path` that has a parameter."""
        path = path.partition("?")[0].partition("#")[0]
        segments = path.split("/")
        while segments and "{" not in segments[-1]:
            segments.pop()
        if not segments:
            return None
        whole = "/".join(segments)
        shape = _shape(whole)
        if shape not in self._by_path:
            parent = self._on("/".join(segments[:-1]))
            words = [each for each in segments[:-1] if each and "{" not in each]
            names = tuple(name for _, name in template(whole) if name is not None)
            own = tuple(name for _, name in template(segments[-1]) if name is not None)
            noun = singular(words[-1]) if words else ""
            self._by_path[shape] = Resource(whole, names, own, noun, parent)
        return self._by_path[shape]

    def _sort(self, operation: Operation) -> None:
        resource = self.at(operation)
        if resource is not None:
            if operation.method == "PUT":
                resource.creators.append(Creator(operation.key, chosen=True))
            kinds = {
                "GET": resource.readers,
                "PUT": resource.replacers,
                "PATCH": resource.patchers,
                "DELETE": resource.removers,
            }
            kinds.get(operation.method, []).append(operation.key)
        for below in self._by_path.values():
            if _shape(below.path).rpartition("/")[0] == _shape(operation.path):
                if operation.method == "POST":
                    below.creators.append(Creator(operation.key))
                elif operation.method == "GET":
                    below.listers.append(operation.key)

    def _add_linked(self, operation: Operation) -> None:
        """What the Link Objects of the responses of `operation` lead to."""
        document = self._client.document
        for response in operation.responses:
            for place in response.links.values():
                node = document.opened(place)
                try:
                    key = link_target(document, self._client.operations, node)
                except DocumentError:
                    continue
                given = node.value.get("parameters") if isinstance(node.value, dict) else None
                resource = self._of.get(key)
                if resource is None or not isinstance(given, dict) or operation.method in SAFE:
                    continue
                named = {name.rpartition(".")[2]: each for name, each in given.items()}
                texts = tuple(named.get(name, "") for name in resource.own)
                if all(isinstance(each, str) and each.startswith("$response") for each in texts):
                    self._make(resource, Creator(operation.key, texts))

    def _add_named(self, operation: Operation, outlines: Outlines) -> None:
        """ResourceMap of whose identifiers a response of `operation` has a property of that name."""
        names = {plain_name(each) for each in _properties(operation, outlines)}
        for resource in self:
            wanted = [plain_name(each) for each in resource.own]
            known = any(each.operation == operation.key for each in resource.creators)
            if not known and all(each in names and each not in GENERIC for each in wanted):
                self._make(resource, Creator(operation.key))

    @staticmethod
    def _make(resource: Resource, creator: Creator) -> None:
        """Note what makes a resource; where the request itself names it, a link says nothing new."""
        others = [each for each in resource.creators if each.operation != creator.operation]
        chosen = any(each.operation == creator.operation and each.chosen for each in resource.creators)
        if not chosen:
            resource.creators[:] = [*others, creator]


def _properties(operation: Operation, outlines: Outlines) -> Iterator[str]:
    for response in operation.responses:
        if response.status.startswith("2"):
            for media in response.content.values():
                if media.schema is not None:
                    yield from outlines.of(media.schema).properties


def _adds(operation: Operation, resource: Resource) -> bool:
    """Whether an operation adds to another collection of that name: `POST /users/{userId}/documents`."""
    last = operation.path.rstrip("/").rpartition("/")[2]
    return operation.method == "POST" and bool(last) and "{" not in last and singular(last) == resource.noun


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def identifiers(client: Client, operation: Operation) -> list[Parameter]:
    """The parameters of the path, in order, that identify something: an enum or a flag does not."""
    shape = executor_of(client).compiled(operation.key).shape
    found = {each.name: each for each in operation.parameters if each.location == "path"}
    in_order = [found[name] for _, name in template(operation.path) if name in found]
    return [each for each in in_order if not _is_choice(each, shape(each, "request").types)]


def _is_choice(parameter: Parameter, types: Iterable[str]) -> bool:
    schema = parameter.value_schema
    said = schema.value if schema is not None and isinstance(schema.value, dict) else {}
    return "enum" in said or "const" in said or set(types) == {"boolean"}
