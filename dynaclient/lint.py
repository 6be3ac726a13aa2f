"""Everything that is wrong or odd in a document, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynaclient.errors import Finding

if TYPE_CHECKING:
    from dynaclient.client import Client


def lint(client: Client) -> tuple[Finding, ...]:
    """The findings about the client's document, in document order as far as they were met so."""
    document = client.document
    for key in client.operations:
        operation = client.operations[key]
        if operation.problem:
            message = f"{key} cannot be called: {operation.problem}"
            document.find(operation.node, message, "calling it raises DocumentError", "error")
        for parameter in operation.parameters:
            node = parameter.media_type.schema if parameter.media_type else parameter.schema
            if node is not None:
                client.checkers.checker(node, "request")
        for media in operation.body.content.values() if operation.body else ():
            if media.schema is not None:
                client.checkers.checker(media.schema, "request")
        for answer in operation.answers:
            schemas = [media.schema for media in answer.content.values()]
            for node in [*schemas, *(header.schema for header in answer.headers)]:
                if node is not None:
                    client.checkers.checker(node, "response")
    return tuple(document.findings)
