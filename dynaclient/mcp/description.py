"""What a document says of an operation, for a model: a line for each part, as deep as a page has room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dynaclient._support.prose import readable
from dynaclient.calls.arguments import offered
from dynaclient.document.document import Document
from dynaclient.document.model import MediaType, Operation, Parameter, ResponseObject
from dynaclient.document.node import Node
from dynaclient.errors import SettingsError
from dynaclient.mcp.quoting import name_shown, quoted, text_shown
from dynaclient.schema.summary import Member, Outlines, one_line

MAX_PAGE = 8_000
"""Characters of a description; what is deeper is asked for by its part."""

_DEPTHS = ((6, 2), (4, 1), (3, 1), (2, 1), (1, 1), (1, 0))
"""Levels of the body and of the responses, the first that a page has room for."""
_SENTENCE = 160
_DESCRIPTION = 1_000
_MOST_STEPS = 12
_MOST_NAMED = 40


class _Depth(NamedTuple):
    body: int
    responses: int


class Describer:
    """Describes the operations of a document, and the parts of one."""

    def __init__(self, document: Document) -> None:
        self._outlines = Outlines(document)

    def operation(self, operation: Operation, notes: str = "") -> str:
        """Parameters, body and responses; of what lies deep as much as there is room for.

        `notes`: a line to add below the first. Security schemes are left out: credentials are added by the
        client.
        """
        return _first_that_fits(self._lines(operation, notes, _Depth(*each)) for each in _DEPTHS)

    def part(self, operation: Operation, path: str) -> str:
        """One part, as `description`, the name of a parameter, `body/customer/address`, `200/items` name it.

        Raises SettingsError where there is none, with the names that there are.
        """
        first, *rest = [each for each in path.strip("/").split("/") if each]
        if first == "description" and not rest:
            words = text_shown(readable(operation.description or operation.summary))
            return words[:MAX_PAGE] or "The document has no description of it."
        nodes = self._roots(operation, first)
        if nodes is None:
            raise SettingsError(
                f"{operation.key} has no part {first!r}; it has {_listed(_part_names(operation))}"
            )
        for count, token in enumerate(rest):
            inside = [each for node in nodes if (each := self._step(node, token)) is not None]
            if not inside:
                labels = [each.label for node in nodes for each in self._outlines.members(node)]
                said = f"it has {_listed(labels)}" if labels else "it has no members"
                raise SettingsError(f"{'/'.join([first, *rest[:count]])} has no {token!r}; {said}")
            nodes = inside
        return _first_that_fits(self._schema(path, nodes, depth) for depth in (6, 4, 3, 2, 1))

    # -- lines ---------------------------------------------------------------------------------------

    def _lines(self, operation: Operation, notes: str, depth: _Depth) -> Iterator[str]:
        deprecated = "  deprecated" if operation.deprecated else ""
        yield f"{name_shown(operation.key)}  {operation.method} {name_shown(operation.path)}{deprecated}"
        if notes:
            yield notes
        if words := quoted(readable(operation.summary), _SENTENCE):
            yield words
        if words := quoted(readable(operation.description), _DESCRIPTION):
            yield words
        if operation.problem:
            yield f"It cannot be called: {quoted(operation.problem, _SENTENCE)}"
        if operation.parameters:
            yield "parameters (* required):"
        for each in (*operation.required, *operation.optional):
            yield from self._parameter(each, depth.body)
        body = operation.body
        if body is not None:
            yield f"body{'*' * body.required}:{_words(body.description)}"
            for media in body.content.values():
                yield from self._media(media, depth.body, "  ")
        if operation.responses:
            yield "responses:"
        for response in operation.responses:
            yield from self._answer(response, depth.responses)

    def _parameter(self, each: Parameter, depth: int) -> Iterator[str]:
        node = each.value_schema or Node({})
        where = f"in {each.location}{'; deprecated' * each.deprecated}"
        label = f"  {parameter_shown(each)}{'*' * each.required}  {where}; {self._kind(node)}"
        yield from self._line(label, node, each.description, depth - 1, ())

    def _answer(self, response: ResponseObject, depth: int) -> Iterator[str]:
        yield f"  {name_shown(response.status)}{_words(response.description)}"
        inside = depth if response.status[:1] in "12" else 0  # what an error has in it says itself
        if depth:
            for header in response.headers:
                yield f"    header {name_shown(header.name)}  {self._kind(header.schema or Node({}))}"
            for media in response.content.values():
                yield from self._media(media, inside, "    ")

    def _media(self, media: MediaType, depth: int, indent: str) -> Iterator[str]:
        if media.schema is None:
            yield f"{indent}{name_shown(media.name)}  anything"
            return
        label = f"{indent}{name_shown(media.name)}  {self._kind(media.schema)}"
        yield from self._line(label, media.schema, "", depth, ())

    def _schema(self, path: str, nodes: list[Node], depth: int) -> Iterator[str]:
        for node in nodes:
            words = readable(self._outlines.of(node).description)
            yield from self._line(f"{text_shown(path)}  {self._kind(node)}", node, words, depth, ())

    def _line(
        self, label: str, node: Node, words: str, depth: int, above: tuple[tuple[str, str], ...]
    ) -> Iterator[str]:
        """A line, and one for each member of the value, and for those in it as far as `depth` goes."""
        place = self._outlines.inner(node).place
        members = self._outlines.members(node)
        folded = bool(members) and (depth <= 0 or place in above)
        yield f"{label}{f' {_FOLDED}' * folded}{_words(words)}"
        indent = " " * (len(label) - len(label.lstrip()) + 2)
        for each in () if folded else members:
            inner = f"{indent}{_label(each)}{'*' * each.required}  {self._kind(each.node)}"
            said = one_line(self._outlines.of(each.node).description)
            yield from self._line(inner, each.node, said, depth - 1, (*above, place))

    def _kind(self, node: Node) -> str:
        """`integer; 1..100`."""
        parts = [self._outlines.kind(node), *self._outlines.limits(node)]
        return "; ".join(text_shown(" ".join(part[:400].split())) for part in parts)

    # -- parts ---------------------------------------------------------------------------------------

    def _roots(self, operation: Operation, first: str) -> list[Node] | None:
        """The schemas of a part; None where there is none of that name."""
        parts = {parameter_shown(each): [each.value_schema] for each in operation.parameters}
        bodies = {each.status: each.content for each in operation.responses}
        bodies |= {"body": operation.body.content} if operation.body else {}
        parts |= {name: [media.schema for media in content.values()] for name, content in bodies.items()}
        found = parts.get(first)
        return None if found is None else [node for node in found if node is not None] or [Node({})]

    def _step(self, node: Node, token: str, depth: int = 0) -> Node | None:
        """The schema of a member; of an array's items for an index."""
        members = self._outlines.members(node)
        for each in members:
            if each.label == token and not each.choice:
                return each.node
        items = self._outlines.of(node).items
        if items is not None and (token.isdigit() or token in ("-", "*", "[]")):
            return items
        if depth > _MOST_STEPS:
            return None
        inside = (self._step(each.node, token, depth + 1) for each in members if each.choice)
        found = next((each for each in inside if each is not None), None)
        return found or next((each.node for each in members if each.label == token), None)


_FOLDED = "..."


def _first_that_fits(pages: Iterable[Iterable[str]]) -> str:
    """The first of the pages that is no longer than one; of the last, what there is room for."""
    text = ""
    for lines in pages:
        text, whole = _filled(lines)
        if whole:
            break
    else:
        text += f"\n{_FOLDED}"
    if _FOLDED in text.split():
        text += '\n"..." was left out: describe_operation with `part`, such as "body/a/b" or "200", shows it'
    return text


def _filled(lines: Iterable[str]) -> tuple[str, bool]:
    """As many lines as a page has room for, and whether these are all."""
    kept: list[str] = []
    room = MAX_PAGE
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join(kept), False
        kept.append(line)
    return "\n".join(kept), True


def _label(member: Member) -> str:
    """The name of a member; what stands for other names, or for a choice, is ours."""
    ours = member.choice or member.label == "(any other name)"
    return member.label if ours else name_shown(member.label)


def _words(text: str) -> str:
    words = quoted(readable(text), _SENTENCE)
    return f"  {words}" if words else ""


def parameter_shown(parameter: Parameter) -> str:
    """What tells a parameter from the others: its name, with its place where there are two of that name."""
    return name_shown(parameter.name if offered(parameter) else parameter.key)


def _part_names(operation: Operation) -> list[str]:
    names = ["description", *map(parameter_shown, operation.parameters)]
    return [*names, *(["body"] if operation.body else []), *(each.status for each in operation.responses)]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(name_shown, names[:_MOST_NAMED])) + more
