"""Whether any case of an operation got past the question who asks, and how often.

A server that answers 401 or 429 to everything shows nothing of its contract, and breaks none. What is no
such case:

- an operation that needs no credentials and documents the answer, as a login does;
- 403 where credentials were sent: the server knows who asks, as it does where it answers 404.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from dynaclient.contract.command import variable
from dynaclient.document.operation import Operation
from dynaclient.surface import called

if TYPE_CHECKING:
    from dynaclient.client import Client

ANSWERS = (401, 403)
"""Unauthorized and Forbidden (RFC 9110, 15.5.2 and 15.5.4)."""

TOO_MANY = 429
"""Too Many Requests (RFC 6585, 4)."""


def unreached(client: Client, key: str, statuses: Collection[int]) -> str:
    """Why answers with these `statuses` show nothing of the operation `key`; empty where they do."""
    operation = client.operations[key]
    sent = client._credentials.choose(operation.security)
    refused = set(statuses) - {TOO_MANY}
    if not statuses or not refused <= _refusals(operation, sent):
        return ""
    said = f"not reached: the server answered {' or '.join(map(str, sorted(set(statuses))))} to every case"
    if not refused:
        return f"{said}: lift its limit of requests for the test, or send fewer cases"
    if sent:
        return f"{said}, though credentials for {' and '.join(sent)} were sent: give ones that it takes"
    return f"{said}: give credentials{_schemes(operation)}"


def asks(operation: Operation) -> bool:
    """Whether an operation is not for everyone (OpenAPI 4.8.30): each alternative names a scheme."""
    return bool(operation.security) and () not in (operation.security or ())


def _refusals(operation: Operation, sent: Collection[str]) -> set[int]:
    """The statuses that mean here: no credentials, or wrong ones."""
    if sent:
        return {401}
    if asks(operation):
        return set(ANSWERS)
    return {status for status in ANSWERS if not _documented(operation, status)}


def _documented(operation: Operation, status: int) -> bool:
    answer = operation.answer(status)
    return answer is not None and answer.status != "default"


def _schemes(operation: Operation) -> str:
    """The alternatives of an operation, each scheme with the variable that the command line reads."""
    named = [
        " and ".join(f"{scheme} ({variable(scheme)})" for scheme in alternative)
        for alternative in operation.security or ()
        if alternative
    ]
    if named:
        return f" for {', or '.join(named)}"
    return f"; the document asks for none here, they go {called('undocumented')}"
