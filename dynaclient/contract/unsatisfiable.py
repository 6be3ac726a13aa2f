"""Schemas that allow nothing, as far as is found: what breaks them is a fault of the document.

`allOf` of a text and a number, a property that is required and forbidden, two equal branches of `oneOf`: no
server can respond with what they ask for, so a response is not held against them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dynaclient.client import executor_of
from dynaclient.errors import DocumentError, Finding, Violation
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.wire import media_types

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.client import Client
    from dynaclient.document.node import Node

_MEANING = "what is held against it is not checked"


def excused(client: Client, key: str, response: Response) -> Response:
    """`response` to the operation `key`, without its violations of schemas that allow nothing; these schemas
    are among `unchecked` then."""
    found = {
        each: finding
        for each in response.violations
        for schema in _schemas(client, key, response, each)
        if (finding := _allows_nothing(client, schema))
    }
    if not found:
        return response
    return replace(
        response,
        violations=tuple(each for each in response.violations if each not in found),
        unchecked=(*response.unchecked, *dict.fromkeys(found.values())),
    )


def _schemas(client: Client, key: str, response: Response, violation: Violation) -> Iterator[Node]:
    """The schema that `violation` is of: that of the body, or of a header."""
    answer = client.operations[key].response(response.status)
    if answer is None:
        return
    if violation.where == "header":
        yield from (
            each.value_schema
            for each in answer.headers
            if each.name.lower() == violation.name.lower() and each.value_schema
        )
    elif violation.where == "body" and answer.content:
        content_type = response.headers.get("Content-Type") or ""
        documented = media_types.matching(answer.content, content_type) or next(iter(answer.content.values()))
        if documented.schema is not None:
            yield documented.schema


def _allows_nothing(client: Client, schema: Node) -> Finding | None:
    """That no value was found for `schema`; None where one was. It is looked for once."""
    known: dict[str, Finding | None] = executor_of(client).kept.setdefault("unsatisfiable", {})
    if schema.place not in known:
        known[schema.place] = _looked_at(client, schema)
    return known[schema.place]


def _looked_at(client: Client, schema: Node) -> Finding | None:
    try:
        Maker(client.document, client.checkers, "response").example(schema)
    except Unsatisfiable as error:
        return Finding(schema.place, "error", f"the schema allows nothing: {error}", _MEANING)
    except DocumentError:
        return None
    return None
