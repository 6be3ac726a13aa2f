"""An operation on a screen: what does not fit is folded, and named at the end. A pipe gets everything."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from dynaclient.arguments import offered
from dynaclient.client import Client
from dynaclient.document.document import Node
from dynaclient.document.operation import Answer, MediaType, Operation, Parameter
from dynaclient.errors import DocumentError
from dynaclient.guide import dotted
from dynaclient.prompt import render
from dynaclient.prompt.example import Example
from dynaclient.prompt.trees import Forest
from dynaclient.prose import readable
from dynaclient.schema.outline import Member, one_line

SHORT = 6
"""Lines of a description that is not folded."""

LINES_OF_A_ROW = 4
"""Lines that a parameter takes in a table; where there is no room for so many, each is one line."""

SHORT_CELL = 160
"""Characters of a cell of that table."""

HEADS = ("name", "place", "type", "limits", "description")
STYLES = ("bold", "", "cyan", "yellow", "dim")

MOST_NAMED = 8
"""How many of the folded parts are named."""


class Page:
    """What the document says of `operation`, printed.

    `document`: what the command line calls it; empty in Python, where commands mean nothing.
    """

    def __init__(self, client: Client, operation: Operation, document: str = "") -> None:
        self.client = client
        self.operation = operation
        self.document = document
        self.folded: list[str] = []
        self.forest = Forest(client, self.folded)
        self.call = Example(client, operation)
        self.room = render.height() - 5  # for what is said of the folded parts, and the prompt behind it
        self.seen = render.Counted(None)

    def whole(self) -> None:
        """All of it, as far as a screen goes."""
        self._head()
        self._credentials()
        self._parameters()
        examples, most = self.examples(), self.left() // 2
        kept = {title: text for title, text in examples.items() if text.count("\n") + 3 <= most}
        last = sum(text.count("\n") + 3 for text in kept.values())
        answers = self.operation.answers
        self.body(last + len(answers) + 2)
        render.title("Answers" if answers else "Answers: the document names none")
        for count, answer in enumerate(answers, 1):
            self._answer(answer, last + len(answers) - count)
        self._callbacks()
        self.example(kept)
        self.folded += ["example"] * (kept != examples)
        self.folded += [name_of(each) for each in self.operation.parameters if self._is_long(each)]

    def _is_long(self, each: Parameter) -> bool:
        """Whether a parameter has more to it than a terminal shows in a line or a cell."""
        node = each.value_schema
        inside = node is not None and self.forest.outlines.members(node)
        return render.is_terminal() and bool(inside or len(each.description) > SHORT_CELL)

    def left(self, reserved: int = 0) -> int:
        """Lines of the screen that are left, but for the `reserved` ones."""
        return max(self.room - self.seen.lines - reserved, 0)

    def _head(self) -> None:
        operation = self.operation
        place = f"{operation.method} {operation.path}"
        where = "" if operation.key == place else f"   {place}"
        marks = "   deprecated" if operation.deprecated else ""
        render.title(f"{operation.key}{where}{marks}", gap=False)
        if operation.summary:
            render.prose(one_line(operation.summary))
        if operation.problem:
            render.say(f"It cannot be called: {operation.problem}")
        if description := readable(operation.description).strip():
            render.say()
            self._describe(description)

    def _describe(self, text: str) -> None:
        """The description, or its first paragraph where that is all that there is room for."""
        if render.is_terminal() and render.lines(text) > SHORT:
            self.folded.append("description")
            text = f"{one_line(self.operation.description)} ..."
        render.prose(text)

    def _credentials(self) -> None:
        alternatives = [" and ".join(each) if each else "none" for each in self.operation.security or ()]
        if alternatives:
            render.say(f"\nCredentials: {' or '.join(alternatives)}")

    def _parameters(self) -> None:
        rows = [self._row(each) for each in (*self.operation.required, *self.operation.optional)]
        if not rows:
            return
        render.title("Parameters")
        if len(rows) * LINES_OF_A_ROW > self.left() // 2:
            render.lined(HEADS, rows, styles=STYLES)
        else:
            kept = [column for column in range(5) if column < 3 or any(row[column] for row in rows)]
            cells = [[_cut(row[column]) for column in kept] for row in rows]
            render.table([HEADS[column] for column in kept], cells, styles=STYLES[:3])
        for line in dotted(self.operation):
            render.say(f"In Python {line}")

    def _row(self, each: Parameter) -> tuple[str, ...]:
        node, outlines = each.value_schema, self.forest.outlines
        kind, limits = (outlines.kind(node), outlines.limits(node)) if node else ("any", [])
        if each.deprecated:
            limits = [*limits, "deprecated"]
        name = name_of(each) + "*" * each.required
        return name, each.location, kind, "; ".join(limits), one_line(each.description)

    def body(self, reserved: int = 0) -> None:
        """What the operation takes; at least the first level of it."""
        body = self.operation.body
        if body is None:
            return
        render.title(f"Body{', required' if body.required else ''}")
        if body.description:
            render.prose(one_line(body.description))
        for media in body.content.values():
            self._media(media, "body", self.left(reserved))

    def _media(self, media: MediaType, path: str, room: int) -> None:
        if media.schema is None:
            render.say(f"{media.name}  anything")
            return
        room = max(room, len(self.forest.outlines.members(media.schema)))  # its first level at least
        render.console().print(self.forest.tree(Member(media.name, media.schema), path, room))

    def _answer(self, answer: Answer, reserved: int) -> None:
        """An answer; a line where there is no room for more."""
        if self._grows(answer, reserved) or not render.is_terminal():
            self.answer(answer, reserved)
            return
        kinds = [f"{each.name}  {self._kind(each.schema)}" for each in answer.content.values()]
        texts = (answer.status, " or ".join(kinds), one_line(answer.description))
        render.line("  ".join(filter(None, texts)))

    def answer(self, answer: Answer, reserved: int = 0) -> None:
        """What is answered with one status; at least the first level of it."""
        render.prose(f"{answer.status}  {one_line(answer.description)}".rstrip())
        for header in answer.headers:
            render.say(f"  header {header.name}{'*' * header.required}  {self._kind(header.schema)}")
        for media in answer.content.values():
            self._media(media, answer.status, self.left(reserved))
        self._links(answer)

    def _grows(self, answer: Answer, reserved: int) -> bool:
        """Whether there is more to an answer than a line, and room for it and for those before it."""
        members = self.forest.outlines.members
        inside = sum(len(members(each.schema)) for each in answer.content.values() if each.schema)
        more = inside + len(answer.headers) + len(answer.links)
        earlier = any(each.status in self.folded for each in self.operation.answers)
        if more and (earlier or more + len(answer.content) > self.left(reserved)):
            self.folded.append(answer.status)
            return False
        return more > 0

    def _kind(self, schema: Node | None) -> str:
        return self.forest.outlines.kind(schema) if schema else "anything"

    def _links(self, answer: Answer) -> None:
        """What can be called next: `response.links["name"]()`."""
        from dynaclient.links import target

        for name, place in answer.links.items():
            node = self.client.document.opened(place)
            try:
                called = target(self.client, node)
            except DocumentError as error:
                called = str(error.args[0])
            given = (node.get("parameters") or Node(None)).items()
            arguments = ", ".join(f"{each} = {value.value}" for each, value in given)
            render.say(f"  link {name}  {called}({arguments})")

    def _callbacks(self) -> None:
        from dynaclient.webhooks import callbacks

        if self.operation.callbacks:
            render.title("Callbacks")
        for name in self.operation.callbacks:
            for expression, request in callbacks(self.client, self.operation)[name].requests:
                render.say(f"  {name}  {request.method} {expression}")

    def examples(self) -> dict[str, str]:
        """The call in each form, by its title; a reason where there is none."""
        if self.call.arguments is None:
            return {f"Example: none was found ({self.call.problem})": ""}
        examples = {"In Python": _indented(self.call.python())}
        if self.document:
            examples["As a command"] = _indented(self.call.command(self.document))
        return examples

    def example(self, examples: Mapping[str, str]) -> None:
        """Examples under their titles, and where their credentials come from."""
        for title, text in examples.items():
            render.title(title)
            render.say(text)
        if self.document and examples and self.call.arguments and self.call.variables():
            render.say(f"\nCredentials are read from the environment: {', '.join(self.call.variables())}")

    def hint(self) -> None:
        """Name what was folded, and how to see it."""
        folded = list(dict.fromkeys(self.folded))
        if not folded:
            return
        render.say(f"\nFolded: {', '.join(folded[:MOST_NAMED])}{', ...' * (len(folded) > MOST_NAMED)}")
        if self.document:
            command = f"dynaclient show {shlex.quote(self.document)} {shlex.quote(self.operation.key)}"
            render.say(f"  one:  {command} {shlex.quote(folded[0])}")
            render.say(f"  all:  {command} | less")
        else:
            render.say(f"  one:  show(api.{self.operation.attribute}, {folded[0]!r})")


def name_of(parameter: Parameter) -> str:
    """What tells a parameter from the others: its name, with its place where there are two of that name."""
    return parameter.name if offered(parameter) else parameter.key


def _cut(text: str) -> str:
    return f"{text[:SHORT_CELL]}..." if render.is_terminal() and len(text) > SHORT_CELL else text


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
