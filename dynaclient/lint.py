"""Everything that is wrong or odd in a document, as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dynaclient.document.document import Node
from dynaclient.document.operation import Operation
from dynaclient.errors import DynaclientError, Finding
from dynaclient.schema.making import Maker, Unsatisfiable
from dynaclient.schema.source import Seeded

if TYPE_CHECKING:
    from dynaclient.client import Client


def lint(client: Client) -> tuple[Finding, ...]:
    """The findings about the client's document: every operation is made, every schema is translated.

    A request schema that no value meets is found by trying to make one.
    """
    document = client.document
    maker = Maker(document, client.checkers, "request")
    for key in client.operations:
        operation = client.operations[key]
        if operation.problem:
            message = f"{key} cannot be called: {operation.problem}"
            document.find(operation.node, message, "calling it raises DocumentError", "error")
        for node, required in _requested(operation):
            client.checkers.checker(node, "request")
            if required:
                _try(client, maker, node, key)
        for node in _answered(operation):
            client.checkers.checker(node, "response")
    return tuple(document.findings)


def _try(client: Client, maker: Maker, node: Node, key: str) -> None:
    lost = client.checkers.unresolved(node, "request")
    try:
        if not lost:
            maker.value(node, Seeded(0))
            return
    except Unsatisfiable as error:
        lost = f"no value was found that meets the schema: {error}"
    except DynaclientError as error:
        lost = str(error)
    client.document.find(node, f"{key}: {lost}", "calls of the operation are refused", "error")


def _requested(operation: Operation) -> Iterator[tuple[Node, bool]]:
    """The schemas of a request, and whether a call cannot do without a value for each."""
    for parameter in operation.parameters:
        node = parameter.media_type.schema if parameter.media_type else parameter.schema
        if node is not None:
            yield node, parameter.required
    body = operation.body
    for media in body.content.values() if body else ():
        if media.schema is not None:
            yield media.schema, body is not None and body.required and len(body.content) == 1


def _answered(operation: Operation) -> Iterator[Node]:
    """The schemas of the answers and their headers."""
    for answer in operation.answers:
        places = [*answer.content.values(), *answer.headers]
        yield from (place.schema for place in places if place.schema is not None)
