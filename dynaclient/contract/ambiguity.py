"""Requests that mean more than one operation: `/a/{id}` and `/a/{name}`, `/a#read` and `/a#list`, and paths
such as `/{id}{extension}` that can be read in several ways.

Nothing on the wire tells which one is meant, so a server may take either: an invalid request for the one that
is valid for the other is not refused, and its response is that of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dynaclient.client import executor_of
from dynaclient.wire.request_reader import Incoming
from dynaclient.wire.routes import Routes

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.client import Client
    from dynaclient.wire.request_builder import RequestDraft


def taken_beside(client: Client, key: str, draft: RequestDraft) -> bool:
    """Whether `draft`, made for the operation `key`, is valid for something else that it means."""
    return any(_taking(client, key, draft))


def without_others(client: Client, key: str, draft: RequestDraft, response: Response) -> Response:
    """`response` to `draft` without violations, where it is what another operation has that takes it."""
    for other in _taking(client, key, draft):
        compiled = executor_of(client).compiled(other)
        if not compiled.read(response.status, response.headers, response.content, check=True).violations:
            return replace(response, violations=())
    return response


def _taking(client: Client, key: str, draft: RequestDraft) -> Iterator[str]:
    """The keys of the operations that take the request, beside `key` read as it is first."""
    path, _, query = draft.target.partition("?")
    incoming = None
    for match in _routes(client).beside(key, path, query):
        incoming = incoming or Incoming.of(draft)
        if not executor_of(client).compiled(match.key).receive(incoming, match.values).violations:
            yield match.key


def _routes(client: Client) -> Routes:
    kept = executor_of(client).kept
    if "routes" not in kept:
        kept["routes"] = Routes(client.operations)
    found: Routes = kept["routes"]
    return found
