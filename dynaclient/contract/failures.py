"""What a failure says: what the document has there, what the server did, and how to see it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dynaclient._support.missing import MISSING
from dynaclient.contract.case import Case
from dynaclient.contract.curl import curl_commands
from dynaclient.contract.pointers import reached
from dynaclient.contract.probes import PROBES
from dynaclient.contract.report import Failure
from dynaclient.contract.reproduce import commands
from dynaclient.errors import Violation

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.flow import SentCase


def described(client: Client, check: str, key: str, exchange: SentCase, violation: Violation) -> Failure:
    """The failure of `check` that `exchange` shows, of the operation `key`."""
    place = violation.schema_pointer or _place(client, exchange.case, violation)
    return Failure(
        operation=key,
        check=check,
        where=violation.where,
        name=violation.name,
        pointer=violation.pointer,
        message=violation.message,
        schema_pointer=place,
        said=_said(client, place),
        command=commands(client, exchange.steps),
        curl=curl_commands(client, exchange.steps, follow=_was_redirected(exchange)),
        exchange=exchange,
        suspicion=check in PROBES and PROBES[check].suspicion,
    )


def _was_redirected(exchange: SentCase) -> bool:
    """Whether the response came by redirects of the same origin: curl would take headers to another."""
    attempts = exchange.response.attempts if exchange.response is not None else ()
    origins = {urlsplit(each.url)[:2] for each in attempts}
    return len(origins) == 1 and any(each.then == "redirect" for each in attempts)


def _place(client: Client, case: Case, violation: Violation) -> str:
    """What a violation without a location of the document is about: a parameter, a body, an operation."""
    operation = client.operations[case.operation]
    for each in case.violations(client) if case.fault is not None else ():
        if (each.where, each.name) == (violation.where, violation.name) and each.schema_pointer:
            return each.schema_pointer
    for parameter in operation.parameters:
        if (parameter.where, parameter.name) == (violation.where, violation.name):
            return parameter.node.place
    if case.fault is not None and violation.where == "body" and operation.body is not None:
        return operation.body.node.place
    return operation.node.place if violation.where != "status" else f"{operation.node.place}/responses"


MOST_SAID = 160
"""Characters of the document that a failure shows."""


def _said(client: Client, pointer: str) -> str:
    """What the document says at a location, on one line; empty where that is not in its root."""
    value = reached(client.document.root.value, pointer) if pointer.startswith("/") else MISSING
    if value is MISSING:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}..."
