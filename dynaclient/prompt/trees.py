"""An operation as a person reads it: its parameters, its body and its answers as trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynaclient.arguments import offered
from dynaclient.client import Client
from dynaclient.document.document import Node
from dynaclient.document.operation import Answer, MediaType, Operation
from dynaclient.errors import DocumentError
from dynaclient.guide import dotted
from dynaclient.prompt import render
from dynaclient.prompt.example import Example
from dynaclient.schema.outline import Member, Outlines, one_line

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

MAX_LINES = 250
"""On a terminal, a tree is grown as deep as fits into so many lines; what is deeper is `...`."""

MAX_LINES_OF_A_PIPE = 2000

MAX_DEPTH = 8

Place = tuple[str, str]


def show(client: Client, operation: Operation, document: str) -> None:
    """Print all that the document says of `operation`, and an example call."""
    out = render.console()
    _head(operation)
    _credentials(operation)
    _parameters(client, operation)
    forest = Forest(client)
    if operation.body is not None:
        render.title(f"Body{', required' if operation.body.required else ''}")
        if operation.body.description:
            render.prose(one_line(operation.body.description))
        for media in operation.body.content.values():
            out.print(forest.tree(media))
    render.title("Answers" if operation.answers else "Answers: the document names none")
    for answer in operation.answers:
        render.prose(f"{answer.status}  {one_line(answer.description)}".rstrip())
        for header in answer.headers:
            kind = forest.outlines.kind(header.schema) if header.schema else "string"
            render.say(f"  header {header.name}{'*' * header.required}  {kind}")
        for media in answer.content.values():
            out.print(forest.tree(media))
        _links(client, answer)
    _callbacks(client, operation)
    _example(client, operation, document)


def _links(client: Client, answer: Answer) -> None:
    """What can be called next: `response.links["name"]()`."""
    from dynaclient.links import target

    for name, place in answer.links.items():
        node = client.document.opened(place)
        try:
            called = target(client, node)
        except DocumentError as error:
            called = str(error.args[0])
        given = (node.get("parameters") or Node(None)).items()
        arguments = ", ".join(f"{each} = {value.value}" for each, value in given)
        render.say(f"  link {name}  {called}({arguments})")


def _callbacks(client: Client, operation: Operation) -> None:
    from dynaclient.webhooks import callbacks

    if operation.callbacks:
        render.title("Callbacks")
    for name in operation.callbacks:
        for expression, request in callbacks(client, operation)[name].requests:
            render.say(f"  {name}  {request.method} {expression}")


def _head(operation: Operation) -> None:
    marks = "   deprecated" if operation.deprecated else ""
    where = (
        "" if operation.key.startswith(f"{operation.method} ") else f"   {operation.method} {operation.path}"
    )
    render.title(f"{operation.key}{where}{marks}", gap=False)
    if operation.summary:
        render.prose(operation.summary)
    if operation.problem:
        render.say(f"It cannot be called: {operation.problem}")
    if operation.description:
        render.say()
        render.prose(operation.description.strip())


def _credentials(operation: Operation) -> None:
    alternatives = [" and ".join(each) if each else "none" for each in operation.security or ()]
    if alternatives:
        render.say(f"\nCredentials: {' or '.join(alternatives)}")


def _parameters(client: Client, operation: Operation) -> None:
    if not operation.parameters:
        return
    outlines = Outlines(client.document)
    rows: list[tuple[str, ...]] = []
    for each in (*operation.required, *operation.optional):
        node = each.value_schema
        kind, limits = (outlines.kind(node), outlines.limits(node)) if node else ("any", [])
        if each.deprecated:
            limits = [*limits, "deprecated"]
        about = one_line(each.description)
        name = each.name if offered(each) else each.key
        rows.append((name + "*" * each.required, each.location, kind, "; ".join(limits), about))
    render.title("Parameters")
    heads = ("name", "place", "type", "limits", "description")
    kept = [column for column in range(5) if column < 3 or any(row[column] for row in rows)]
    cells = [[row[column] for column in kept] for row in rows]
    render.table([heads[column] for column in kept], cells, styles=("bold", "", "cyan"))
    for line in dotted(operation):
        render.say(f"In Python {line}")


def _example(client: Client, operation: Operation, document: str) -> None:
    example = Example(client, operation)
    if example.arguments is None:
        render.say(f"\nExample: none was found ({example.problem})")
        return
    render.title("In Python")
    render.say(_indented(example.python()))
    render.title("As a command")
    render.say(_indented(example.command(document)))
    if example.variables():
        render.say(f"\nCredentials are read from the environment: {', '.join(example.variables())}")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


class Forest:
    """Trees of the schemas of one operation. What an earlier tree shows whole is not shown again."""

    def __init__(self, client: Client) -> None:
        self.outlines = Outlines(client.document)
        self._shown: dict[Place, str] = {}

    def tree(self, media: MediaType) -> Tree:
        """The tree of a body of this media type."""
        from rich.text import Text
        from rich.tree import Tree

        if media.schema is None:
            return Tree(Text(f"{media.name}  anything"))
        label = self._label(Member(media.name, media.schema))
        place = self.outlines.inner(media.schema).place
        if place in self._shown:
            label.append("  as above" if self.outlines.members(media.schema) else "")
            return Tree(label)
        self._shown[place] = media.name
        tree = Tree(label, guide_style="dim")
        self._grow(tree, media.schema, (), self._depth(media.schema))
        return tree

    def _depth(self, node: Node) -> int:
        """The greatest depth at which the tree stays within its lines, at least 1."""
        most = MAX_LINES if render.is_terminal() else MAX_LINES_OF_A_PIPE
        depths = range(MAX_DEPTH, 1, -1)
        return next((depth for depth in depths if self._count(node, (), depth, most) <= most), 1)

    def _count(self, node: Node, above: tuple[Place, ...], depth: int, limit: int) -> int:
        """How many lines the tree below `node` has; stops soon after `limit`."""
        members, inside = self._inside(node, above, depth)
        count = len(members)
        for each in members if inside is not None else ():
            if count > limit:
                break
            count += self._count(each.node, inside or (), depth - 1, limit - count)
        return count

    def _inside(
        self, node: Node, above: tuple[Place, ...], depth: int
    ) -> tuple[list[Member], tuple[Place, ...] | None]:
        """The members of `node`, and the places that enclose them; none for what is cut."""
        place = self.outlines.inner(node).place
        if depth == 0 or place in above:
            return [], None
        return self.outlines.members(node), (*above, place)

    def _grow(self, tree: Tree, node: Node, above: tuple[Place, ...], depth: int) -> None:
        members, inside = self._inside(node, above, depth)
        for each in members:
            label = self._label(each)
            deeper, _ = self._inside(each.node, inside or (), depth - 1)
            if not deeper and self.outlines.members(each.node):
                label.append("  ...")
            self._grow(tree.add(label), each.node, inside or (), depth - 1)

    def _label(self, member: Member) -> Text:
        from rich.text import Text

        outline = self.outlines.of(member.node)
        label = Text(no_wrap=True, overflow="ellipsis")
        label.append(member.label + "*" * member.required, "italic" if member.choice else "bold")
        label.append(f"  {self.outlines.kind(member.node)}", "cyan")
        limits = self.outlines.limits(member.node)
        label.append(f"  {', '.join(limits)}" if limits else "", "yellow")
        about = one_line(outline.description)
        label.append(f"  {about}" if about else "", "dim")
        return label
