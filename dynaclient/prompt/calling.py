"""`dynaclient call`: one request, its answer on standard output, all else on standard error."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from dynaclient import calling
from dynaclient.arguments import MISSING
from dynaclient.client import Client
from dynaclient.contract.command import variable
from dynaclient.decimals import typed
from dynaclient.document.operation import Operation
from dynaclient.errors import ResponseInvalid, Violation, some
from dynaclient.prompt import bodies, render, values
from dynaclient.prompt.exchange import exchange, request_text
from dynaclient.prompt.settings import client_of, operation_of, tell_withheld
from dynaclient.wire.jsontext import decimals
from dynaclient.wire.read import Response


def call(options: Namespace) -> int:
    """Send the request that the options ask for, or with `--dry-run` only show it.

    0; 1 for an answer from 400 on or one that breaks the document. Raises what `Client.send` raises.
    """
    with client_of(options) as client:
        operation = operation_of(client, options.operation)
        tell_withheld(client, [operation])
        with decimals(read=typed):  # every digit that was typed is sent
            given, body, extra = _arguments(client, operation, options)
        if options.dry_run:
            ready = calling.prepare(client, calling.Call(operation, given, {}, body, extra))
            render.payload(request_text(ready.request, ready.chosen.private))
            _note(ready.notes)
            return 0
        try:
            response = client.send(operation.key, given, body=body, options=extra)
        except ResponseInvalid as error:
            _show(error.response, options)
            _note(error.response.notes)
            render.complain(f"dynaclient: {error}")
            return 1
        _show(response, options)
        _note(response.notes)
        return _verdict(client, operation, response)


def _arguments(
    client: Client, operation: Operation, options: Namespace
) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    given = values.parameters(client, operation, options.parameter)
    extra: dict[str, Any] = {"headers": values.headers(options.header)}
    if options.field:
        return given, bodies.fields(client, operation, options.field), extra
    text = options.body
    if text is None:  # Swagger 2.0 has a name for it
        named = sorted(client.plan(operation.key).names.of_body & given.keys())
        text = given.pop(named[0]) if named else None
    if text is None:
        return given, MISSING, extra
    body, content_type = bodies.body(operation, text)
    return given, body, extra | ({"content_type": content_type} if content_type else {})


def _note(notes: Sequence[Violation]) -> None:
    """What was sent and seems to be misspelt."""
    for line in some(notes, "note"):
        render.complain(f"dynaclient: note: {line}")


def _show(response: Response, options: Namespace) -> None:
    if options.verbose:
        exchange(response)
    render.answer(response)


def _verdict(client: Client, operation: Operation, response: Response) -> int:
    if response.ok and not response.violations:
        return 0
    said = f"the server answered {response.status}" if not response.ok else "the exchange breaks the document"
    if response.status == 401 and operation.security and not calling.schemes_sent(client, operation):
        said += f"; give {' or '.join(map(_credentials, filter(None, operation.security)))}"
    lines = [f"dynaclient: {operation.key}: {said}", *some(response.violations)]
    render.complain("\n  ".join(lines))
    return 1


def _credentials(schemes: tuple[str, ...]) -> str:
    """How the credentials of one alternative are given."""
    return " and ".join(f"--credential {name}=... (or {variable(name)})" for name in schemes)
