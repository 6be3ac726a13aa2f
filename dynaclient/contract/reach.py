"""Whether responses show anything of an operation, or only that the server asks who is calling."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from dynaclient._support.messages import setting_name
from dynaclient.client import executor_of
from dynaclient.document.model import Operation
from dynaclient.document.operations import OperationBuilder
from dynaclient.explore.shell import variable

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.report import OperationReport

REFUSALS = (401, 403)
"""Unauthorized and Forbidden (RFC 9110, 15.5.2 and 15.5.4)."""

TOO_MANY = 429
"""Too Many Requests (RFC 6585, 4)."""


def unreached(client: Client, key: str, statuses: Collection[int]) -> str:
    """Why responses with these `statuses` show nothing of the operation `key`; empty where they do."""
    operation = client.operations[key]
    sent = executor_of(client).credentials.choose(operation.security)
    refused = set(statuses) - {TOO_MANY}
    if not statuses or not refused <= _refusals(operation, sent):
        return ""
    said = f"not reached: the server returned {' or '.join(map(str, sorted(set(statuses))))} to every case"
    if not refused:
        return f"{said}: raise its rate limit for the test, or send fewer cases"
    if sent:
        return f"{said}, though credentials for {' and '.join(sent)} were sent: give ones that it takes"
    return f"{said}: give credentials{_schemes(operation)}"


def asks(operation: Operation) -> bool:
    """Whether an operation is not for everyone: each Security Requirement Object names a scheme."""
    return bool(operation.security) and () not in (operation.security or ())


def _refusals(operation: Operation, sent: Collection[str]) -> set[int]:
    """The statuses that mean here: no credentials, or wrong ones."""
    if sent:
        return {401}
    if asks(operation):
        return set(REFUSALS)
    return {status for status in REFUSALS if not _documented(operation, status)}


def _documented(operation: Operation, status: int) -> bool:
    response = operation.response(status)
    return response is not None and response.status != "default"


def _schemes(operation: Operation) -> str:
    """The alternatives of an operation, each scheme with the variable that the command line reads."""
    named = [
        " and ".join(f"{scheme} ({variable(scheme)})" for scheme in alternative)
        for alternative in operation.security or ()
        if alternative
    ]
    if named:
        return f" for {', or '.join(named)}"
    return f"; the document asks for none here, they go {setting_name('undocumented')}"


def unauthorized(client: Client, reports: list[OperationReport]) -> str:
    """That every response asked who is calling, so that nothing was tested; empty where one did not."""
    answered = set[int]()
    for report in reports:
        answered.update(report.statuses)
    refused = bool(answered) and set(answered) <= set(REFUSALS)
    if refused and any(each.unreached or asks(client.operations[each.operation]) for each in reports):
        schemes = OperationBuilder(client.document).security_schemes()
        names = ", ".join(f"{scheme} ({variable(scheme)})" for scheme in schemes)
        names = names or f"none, they go {setting_name('undocumented')}"
        return (
            f"the server returned {' or '.join(map(str, sorted(answered)))} to every valid request, "
            f"so nothing was tested: give it credentials that it takes; the document's schemes are {names}"
        )
    return ""
