"""An operation on a screen, its schemas as trees, or one part of it with its whole description."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from dynaclient._support import terminal
from dynaclient._support.immutable import suggestion
from dynaclient._support.prose import readable
from dynaclient._support.terminal import styled
from dynaclient.calls.arguments import offered
from dynaclient.calls.executor import BaseExecutor
from dynaclient.calls.signature import dotted
from dynaclient.document.model import MediaType, Operation, Parameter, ResponseObject
from dynaclient.document.node import NOWHERE, Node, escape, tokens
from dynaclient.errors import DocumentError, SettingsError
from dynaclient.explore.example import Example
from dynaclient.schema.summary import Member, Outlines, one_line

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree


MAX_DEPTH = 8

Place = tuple[str, str]
Step = tuple[Node, tuple[Place, ...], str]
"""A schema, the places that enclose it, and its path: `body/customerSession`."""


class _Forest:
    """Trees of the schemas of one operation. What an earlier tree shows whole is not shown again."""

    def __init__(self, executor: BaseExecutor, folded: list[str]) -> None:
        self.outlines = Outlines(executor.document)
        self.folded = folded
        """The paths of what was cut off so far."""
        self._shown: set[Place] = set()

    def tree(self, member: Member, path: str, room: int, *, about: bool = True) -> Tree:
        """The tree of a schema that stands at `path`, grown as deep as fits into `room` lines."""
        from rich.tree import Tree  # late: 48 ms

        place = self.outlines.inner(member.node).place
        if place in self._shown:
            above = "as above" if self.outlines.members(member.node) else ""
            return Tree(self._label(member, above, about))
        step, depth = (member.node, (), path), self.depth(member.node, room)
        tree = Tree(self._label(member, self._cut(step, depth), about), guide_style="dim")
        if depth:
            self._shown.add(place)
        self._grow(tree, step, depth)
        return tree

    def depth(self, node: Node, room: int) -> int:
        """The greatest depth at which a tree has no more than `room` lines below its label."""
        depths = range(MAX_DEPTH, 0, -1)
        return next((depth for depth in depths if self._count(node, (), depth, room) <= room), 0)

    def step(self, node: Node, token: str, seen: set[Place] | None = None) -> Node | None:
        """The schema that `token` leads to: a property, an index, or a property of one of several choices."""
        outline, members = self.outlines.of(node), self.outlines.members(node)
        seen = set() if seen is None else seen
        if outline.place in seen:  # choices may lead back
            return None
        seen.add(outline.place)
        for each in members:
            if token == each.label:
                return each.node
        if token.isdigit() and outline.items is not None and not outline.properties:
            return outline.items
        deeper = (self.step(each.node, token, seen) for each in members if each.choice)
        others = (each for label, each in outline.others if label == "(any other name)")
        return next((each for each in (*deeper, *others) if each is not None), None)

    def _count(self, node: Node, above: tuple[Place, ...], depth: int, limit: int) -> int:
        """How many lines the tree below `node` has; stops soon after `limit`."""
        members, inside = self._inside(node, above, depth)
        count = len(members)
        for each in members:
            if count > limit:
                break
            count += self._count(each.node, inside, depth - 1, limit - count)
        return count

    def _inside(
        self, node: Node, above: tuple[Place, ...], depth: int
    ) -> tuple[Sequence[Member], tuple[Place, ...]]:
        """The members of `node`, none for what is cut, and the places that enclose them."""
        place = self.outlines.inner(node).place
        if depth == 0 or place in above:
            return (), above
        return self.outlines.members(node), (*above, place)

    def _grow(self, tree: Tree, step: Step, depth: int) -> None:
        node, above, path = step
        members, inside = self._inside(node, above, depth)
        for each in members:
            below = (each.node, inside, f"{path}/{escape(each.label)}")
            self._grow(tree.add(self._label(each, self._cut(below, depth - 1))), below, depth - 1)

    def _cut(self, step: Step, depth: int) -> str:
        """The mark of what has more in it than is shown, which is noted."""
        node, above, path = step
        if self._inside(node, above, depth)[0] or not self.outlines.members(node):
            return ""
        self.folded.append(path)
        return "..."

    def _label(self, member: Member, mark: str, about: bool = True) -> Text:
        """Name, type, a mark, limits and what it is `about`, on a line; the end may be cut off."""
        limits = ", ".join(self.outlines.limits(member.node))
        words = one_line(self.outlines.of(member.node).description) if about else ""
        parts = (
            (member.label + "*" * member.required, "italic" if member.choice else "bold"),
            (self.outlines.kind(member.node), "cyan"),
            (mark, ""),
            (limits, "yellow"),
            (words, "dim"),
        )
        label = styled("  ").join(styled(text, style) for text, style in parts if text)
        label.no_wrap, label.overflow = True, "ellipsis"
        return label


SHORT = 6
"""Lines of a description that is not folded."""

LINES_OF_A_ROW = 4
"""Lines that a parameter takes in a table; where there is no room for so many, each is one line."""

SHORT_CELL = 160
"""Characters of a cell of that table."""

HEADS = ("name", "location", "type", "limits", "description")
STYLES = ("bold", "", "cyan", "yellow", "dim")

NEAR = 0.75
"""How much alike the names of parts are that are suggested."""

MOST_NAMED = 8
"""How many of the folded parts are named."""


class _Page:
    """What the document says of `operation`, printed.

    `document`: what the command line calls it; empty in Python, where commands mean nothing.
    """

    def __init__(self, executor: BaseExecutor, operation: Operation, document: str = "") -> None:
        self.executor = executor
        self.operation = operation
        self.document = document
        self.folded: list[str] = []
        self.forest = _Forest(executor, self.folded)
        self.room = terminal.height() - 5  # for what is said of the folded parts, and the prompt behind it
        self.seen = terminal.Counted(None)

    @cached_property
    def call(self) -> Example:
        """An example call, with all that the body may hold."""
        return Example(self.executor, self.operation, body="full")

    def whole(self) -> None:
        """All of it, as far as a screen goes."""
        self._head()
        self._credentials()
        self._parameters()
        examples, most = self.examples(), self.left() // 2
        kept = {title: text for title, text in examples.items() if text.count("\n") + 3 <= most}
        last = sum(text.count("\n") + 3 for text in kept.values())
        responses = self.operation.responses
        self.body(last + len(responses) + 2)
        terminal.title("Responses" if responses else "Responses: the document names none")
        for count, response in enumerate(responses, 1):
            self._answer(response, last + len(responses) - count)
        self._callbacks()
        self.example(kept)
        self.folded += ["example"] * (kept != examples)
        self.folded += [_name_of(each) for each in self.operation.parameters if self._is_long(each)]

    def _is_long(self, each: Parameter) -> bool:
        """Whether a parameter has more to it than a terminal shows in a line or a cell."""
        node = each.value_schema
        inside = node is not None and self.forest.outlines.members(node)
        return terminal.is_terminal() and bool(inside or len(each.description) > SHORT_CELL)

    def left(self, reserved: int = 0) -> int:
        """Lines of the screen that are left, but for the `reserved` ones."""
        return max(self.room - self.seen.lines - reserved, 0)

    def _head(self) -> None:
        operation = self.operation
        place = f"{operation.method} {operation.path}"
        where = "" if operation.key == place else f"   {place}"
        marks = "   deprecated" if operation.deprecated else ""
        terminal.title(f"{operation.key}{where}{marks}", gap=False)
        if operation.summary:
            terminal.prose(one_line(operation.summary))
        if operation.problem:
            terminal.say(f"It cannot be called: {operation.problem}")
        if description := readable(operation.description).strip():
            terminal.say()
            self._describe(description)

    def _describe(self, text: str) -> None:
        """The description, or its first paragraph where that is all that there is room for."""
        if terminal.is_terminal() and terminal.line_count(text) > SHORT:
            self.folded.append("description")
            text = f"{one_line(self.operation.description)} ..."
        terminal.prose(text)

    def _credentials(self) -> None:
        alternatives = [" and ".join(each) if each else "none" for each in self.operation.security or ()]
        if alternatives:
            terminal.say(f"\nCredentials: {' or '.join(alternatives)}")

    def _parameters(self) -> None:
        rows = [self._row(each) for each in (*self.operation.required, *self.operation.optional)]
        if not rows:
            return
        terminal.title("Parameters")
        if len(rows) * LINES_OF_A_ROW > self.left() // 2:
            terminal.lined(HEADS, rows, styles=STYLES)
        else:
            kept = [column for column in range(5) if column < 3 or any(row[column] for row in rows)]
            cells = [[_cut(row[column]) for column in kept] for row in rows]
            terminal.table([HEADS[column] for column in kept], cells, styles=STYLES[:3])
        for line in dotted(self.operation):
            terminal.say(f"In Python {line}")

    def _row(self, each: Parameter) -> tuple[str, ...]:
        node, outlines = each.value_schema, self.forest.outlines
        kind, limits = (outlines.kind(node), outlines.limits(node)) if node else ("any", [])
        if each.deprecated:
            limits = [*limits, "deprecated"]
        name = _name_of(each) + "*" * each.required
        return name, each.location, kind, "; ".join(limits), one_line(each.description)

    def body(self, reserved: int = 0) -> None:
        """What the operation takes; at least the first level of it."""
        body = self.operation.body
        if body is None:
            return
        terminal.title(f"Body{', required' if body.required else ''}")
        if body.description:
            terminal.prose(one_line(body.description))
        for media in body.content.values():
            self._media(media, "body", self.left(reserved))

    def _media(self, media: MediaType, path: str, room: int) -> None:
        if media.schema is None:
            terminal.say(f"{media.name}  anything")
            return
        room = max(room, len(self.forest.outlines.members(media.schema)))  # its first level at least
        terminal.console().print(self.forest.tree(Member(media.name, media.schema), path, room))

    def _answer(self, response: ResponseObject, reserved: int) -> None:
        """A response; a line where there is no room for more."""
        if self._grows(response, reserved) or not terminal.is_terminal():
            self.answer(response, reserved)
            return
        kinds = [f"{each.name}  {self._kind(each.schema)}" for each in response.content.values()]
        texts = (response.status, " or ".join(kinds), one_line(response.description))
        terminal.line("  ".join(filter(None, texts)))

    def answer(self, response: ResponseObject, reserved: int = 0) -> None:
        """What is answered with one status; at least the first level of it."""
        terminal.prose(f"{response.status}  {one_line(response.description)}".rstrip())
        for header in response.headers:
            terminal.say(f"  header {header.name}{'*' * header.required}  {self._kind(header.schema)}")
        for media in response.content.values():
            self._media(media, response.status, self.left(reserved))
        self._links(response)

    def _grows(self, response: ResponseObject, reserved: int) -> bool:
        """Whether there is more to a response than a line, and room for it and for those before it."""
        members = self.forest.outlines.members
        inside = sum(len(members(each.schema)) for each in response.content.values() if each.schema)
        more = inside + len(response.headers) + len(response.links)
        earlier = any(each.status in self.folded for each in self.operation.responses)
        if more and (earlier or more + len(response.content) > self.left(reserved)):
            self.folded.append(response.status)
            return False
        return more > 0

    def _kind(self, schema: Node | None) -> str:
        return self.forest.outlines.kind(schema) if schema else "anything"

    def _links(self, response: ResponseObject) -> None:
        """What can be called next: `response.links["name"]()`."""
        from dynaclient.calls.links import link_target  # late: 14 ms

        for name, place in response.links.items():
            node = self.executor.document.opened(place)
            try:
                called = link_target(self.executor.document, self.executor.operations, node)
            except DocumentError as error:
                called = str(error.args[0])
            given = (node.get("parameters") or NOWHERE).items()
            arguments = ", ".join(f"{each} = {value.value}" for each, value in given)
            terminal.say(f"  link {name}  {called}({arguments})")

    def _callbacks(self) -> None:

        if self.operation.callbacks:
            terminal.title("Callbacks")
        for name in self.operation.callbacks:
            for expression, request in self.executor.callbacks(self.operation)[name].requests:
                terminal.say(f"  {name}  {request.method} {expression}")

    def examples(self) -> dict[str, str]:
        """The call in each form, by its title; a reason where there is none."""
        if self.call.arguments is None:
            return {f"Example: none was found ({self.call.problem})": ""}
        examples = {"In Python": _indented(self.call.python())}
        if self.document:
            examples["As a command"] = _indented(self.call.command(self.document))
        return examples

    def example(self, examples: Mapping[str, str], *, gap: bool = True) -> None:
        """Examples under their titles, and where their credentials come from."""
        for number, (title, text) in enumerate(examples.items()):
            terminal.title(title, gap=gap or number > 0)
            terminal.say(text)
        if self.document and examples and self.call.arguments and self.call.variables():
            terminal.say(f"\nCredentials are read from the environment: {', '.join(self.call.variables())}")

    def hint(self) -> None:
        """Name what was folded, and how to see it."""
        folded = list(dict.fromkeys(self.folded))
        if not folded:
            return
        terminal.say(f"\nFolded: {', '.join(folded[:MOST_NAMED])}{', ...' * (len(folded) > MOST_NAMED)}")
        if self.document:
            command = f"dynaclient show {shlex.quote(self.document)} {shlex.quote(self.operation.key)}"
            terminal.say(f"  one:  {command} {shlex.quote(folded[0])}")
            terminal.say(f"  all:  {command} | less")
        else:
            terminal.say(f"  one:  show(api.{self.operation.attribute}, {folded[0]!r})")


def _name_of(parameter: Parameter) -> str:
    """What tells a parameter from the others: its name, with its place where there are two of that name."""
    return parameter.name if offered(parameter) else parameter.key


def _cut(text: str) -> str:
    return f"{text[:SHORT_CELL]}..." if terminal.is_terminal() and len(text) > SHORT_CELL else text


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def show_operation(executor: BaseExecutor, operation: Operation, document: str = "", part: str = "") -> None:
    """Print what `document` says of `operation`, as far as a screen goes, or a part of that.

    `document`: what the command line calls it; empty in Python, where commands mean nothing. `part`: `body`,
    `200`, the name of a parameter, `description`, `example`, or a place in one, as violations name it:
    `body/owner/name`, `200/pets/0/name`. Raises SettingsError where it is none.
    """
    page = _Page(executor, operation, document)
    with terminal.counted() as page.seen:
        if part:
            _show_part(page, part)
        else:
            page.whole()
    page.hint()


def show_example(executor: BaseExecutor, example: Example, document: str) -> None:
    """Print an example that was made, in each form."""
    page = _Page(executor, example.operation, document)
    page.call = example
    page.example(page.examples(), gap=False)


def _show_part(page: _Page, path: str) -> None:
    first, *rest = tokens(f"/{path.strip('/')}")
    parts = _parts(page)
    if first not in parts:
        said = suggestion(first, parts, 1, NEAR) or f"; it has {', '.join(parts)}"
        raise SettingsError(f"{page.operation.key} has no part {first!r}{said}")
    if rest:
        _inner(page, first, rest)
    else:
        parts[first]()


def _parts(page: _Page) -> dict[str, Callable[[], None]]:
    """What shows each part, by its name."""
    operation = page.operation
    parts: dict[str, Callable[[], None]] = {"description": partial(_description, operation)}
    parts |= {_name_of(each): partial(_parameter, page, each) for each in operation.parameters}
    parts |= {"body": page.body} if operation.body else {}
    parts |= {each.status: partial(page.answer, each) for each in operation.responses}
    return parts | {"example": lambda: page.example(page.examples())}


def _description(operation: Operation) -> None:
    words = operation.description.strip() or operation.summary
    terminal.prose(readable(words) or "The document has no description of it.")


def _parameter(page: _Page, each: Parameter) -> None:
    _schema(page, _name_of(each), each.value_schema or Node({}), each.description)


def _inner(page: _Page, first: str, rest: list[str]) -> None:
    """What lies at `rest` in the schemas of a part."""
    found, path = _schemas(page.operation, first), first
    for token in rest:
        inside = [each for node in found if (each := page.forest.step(node, token)) is not None]
        if not inside:
            labels = [each.label for node in found for each in page.forest.outlines.members(node)]
            said = suggestion(token, labels, 1, NEAR) or (f"; it has {', '.join(labels)}" if labels else "")
            raise SettingsError(f"{path} has no {token!r}{said}")
        found, path = inside, f"{path}/{escape(token)}"
    _schema(page, path, found[0])


def _schemas(operation: Operation, first: str) -> list[Node]:
    """The schemas of a part: of a parameter, or of each media type of a body or a response."""
    bodies = {each.status: each.content for each in operation.responses}
    bodies |= {"body": operation.body.content} if operation.body else {}
    parts = {_name_of(each): [each.value_schema] for each in operation.parameters}
    parts |= {name: [each.schema for each in content.values()] for name, content in bodies.items()}
    return [each for each in parts.get(first, ()) if each is not None]


def _schema(page: _Page, path: str, node: Node, description: str = "") -> None:
    """A schema, as much of what is in it as there is room for, and its whole description."""
    outlines = page.forest.outlines
    words = readable(description or outlines.of(node).description).strip()
    room = max(page.left(2 + terminal.line_count(words)), len(outlines.members(node)))
    terminal.console().print(page.forest.tree(Member(path, node), path, room, about=False))
    if words:
        terminal.say()
        terminal.prose(words)


def list_operations(operations: Iterable[Operation]) -> None:
    """A row for each operation."""
    rows = [(each.key, each.method, each.path, _summary(each)) for each in operations]
    terminal.table_of_paths(
        ("operation", "method", "path", "summary"), rows, styles=("bold", "cyan", "", "dim")
    )


def _summary(operation: Operation) -> str:
    marks = "(deprecated) " if operation.deprecated else ""
    marks += "(cannot be called) " if operation.problem else ""
    lines = readable(operation.summary or operation.description).strip()
    return marks + " ".join(lines.partition("\n")[0].split())
