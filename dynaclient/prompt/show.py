"""`show`: an operation on a screen, or one part of it with all its words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dynaclient.client import Client
from dynaclient.document.document import Node, escape, tokens
from dynaclient.document.operation import Operation, Parameter
from dynaclient.errors import SettingsError
from dynaclient.prompt import render
from dynaclient.prompt.options import near
from dynaclient.prompt.page import Page, name_of
from dynaclient.prose import readable
from dynaclient.schema.outline import Member


def show(client: Client, operation: Operation, document: str = "", part: str = "") -> None:
    """Print what `document` says of `operation`, as far as a screen goes, or a part of that.

    `document`: what the command line calls it; empty in Python, where commands mean nothing. `part`: `body`,
    `200`, the name of a parameter, `description`, `example`, or a place in one, as violations name it:
    `body/owner/name`, `200/pets/0/name`. Raises SettingsError where it is none.
    """
    page = Page(client, operation, document)
    with render.counted() as page.seen:
        if part:
            _show_part(page, part)
        else:
            page.whole()
    page.hint()


def _show_part(page: Page, path: str) -> None:
    first, *rest = tokens(f"/{path.strip('/')}")
    parts = _parts(page)
    if first not in parts:
        said = near(first, parts) or f"; it has {', '.join(parts)}"
        raise SettingsError(f"{page.operation.key} has no part {first!r}{said}")
    if rest:
        _inner(page, first, rest)
    else:
        parts[first]()


def _parts(page: Page) -> dict[str, Callable[[], None]]:
    """What shows each part, by its name."""
    operation = page.operation
    parts: dict[str, Callable[[], None]] = {"description": partial(_description, operation)}
    parts |= {name_of(each): partial(_parameter, page, each) for each in operation.parameters}
    parts |= {"body": page.body} if operation.body else {}
    parts |= {each.status: partial(page.answer, each) for each in operation.answers}
    return parts | {"example": lambda: page.example(page.examples())}


def _description(operation: Operation) -> None:
    words = operation.description.strip() or operation.summary
    render.prose(readable(words) or "The document has no description of it.")


def _parameter(page: Page, each: Parameter) -> None:
    _schema(page, name_of(each), each.value_schema or Node({}), each.description)


def _inner(page: Page, first: str, rest: list[str]) -> None:
    """What lies at `rest` in the schemas of a part."""
    found, path = _schemas(page.operation, first), first
    for token in rest:
        inside = [each for node in found if (each := page.forest.step(node, token)) is not None]
        if not inside:
            labels = [each.label for node in found for each in page.forest.outlines.members(node)]
            said = near(token, labels) or (f"; it has {', '.join(labels)}" if labels else "")
            raise SettingsError(f"{path} has no {token!r}{said}")
        found, path = inside, f"{path}/{escape(token)}"
    _schema(page, path, found[0])


def _schemas(operation: Operation, first: str) -> list[Node]:
    """The schemas of a part: of a parameter, or of each media type of a body or an answer."""
    bodies = {each.status: each.content for each in operation.answers}
    bodies |= {"body": operation.body.content} if operation.body else {}
    parts = {name_of(each): [each.value_schema] for each in operation.parameters}
    parts |= {name: [each.schema for each in content.values()] for name, content in bodies.items()}
    return [each for each in parts.get(first, ()) if each is not None]


def _schema(page: Page, path: str, node: Node, description: str = "") -> None:
    """A schema, as much of what is in it as there is room for, and its whole description."""
    outlines = page.forest.outlines
    words = readable(description or outlines.of(node).description).strip()
    room = max(page.left(2 + render.lines(words)), len(outlines.members(node)))
    render.console().print(page.forest.tree(Member(path, node), path, room, about=False))
    if words:
        render.say()
        render.prose(words)
