"""The command that shows a case again, to be pasted into a shell."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dynaclient._support.missing import MISSING
from dynaclient.client import executor_of
from dynaclient.wire.percent import query_names
from dynaclient.wire.redaction import redacted_url

if TYPE_CHECKING:
    from dynaclient.client import Client
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Step


def commands(client: Client, steps: Sequence[Step]) -> str:
    """The lines for a POSIX shell that show a sequence again, one for each step."""
    return "\n".join(command(client, step.case) for step in steps)


def command(client: Client, case: Case) -> str:
    """`dynaclient call ...` for a POSIX shell. Credentials stand in it as variables, never themselves."""
    name = client.document.name
    nameless = name == "a dict" or name.startswith("<")
    words = ["dynaclient", "call", shlex.quote("DOCUMENT" if nameless else name)]
    words.append(shlex.quote(case.operation))
    words += _references(client)
    if client.server:
        words += ["--server", shlex.quote(_server(client.server, executor_of(client).server.query))]
    words += _parameters(client, case)
    before, body = _body(case)
    words += body
    if case.fault is not None:
        words += ["--validate", "request=off"]
    words += _credentials(client, case)
    words += _headers(client)
    return before + " ".join(words)


def _references(client: Client) -> Iterator[str]:
    """What the document's references may be read from beside its own place."""
    access = getattr(client.document.load, "access", None)
    if access is None:
        return
    for host in access.hosts:
        yield f"--ref-host {shlex.quote(host)}"
    if access.folder is not None:
        yield f"--ref-folder {shlex.quote(os.fsdecode(access.folder))}"


def _server(url: str, query: str) -> str:
    """The URL of the server, the values in its query left out: one may be a key."""
    return redacted_url(f"{url}?{query}", query_names(query.split("&"))) if query else url


def _parameters(client: Client, case: Case) -> Iterator[str]:
    names = executor_of(client).compiled(case.operation).names
    for key, value in case.arguments.items():
        parameter = names.by_name[key][0]
        short = len(names.by_name.get(parameter.name, ())) == 1 and "=" not in parameter.name
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield "-p"
        yield shlex.quote(f"{parameter.name if short else key}={text}")


def _body(case: Case) -> tuple[str, list[str]]:
    """What comes before the command, and the words for the body: bytes are piped in."""
    if case.body is MISSING:
        return "", []
    if isinstance(case.body, bytes):
        text = base64.b64encode(case.body).decode()
        return f"echo {shlex.quote(text)} | base64 -d | ", ["--body", "-"]
    return "", ["--body", shlex.quote(json.dumps(case.body, ensure_ascii=False))]


def _credentials(client: Client, case: Case) -> Iterator[str]:
    for scheme in executor_of(client).credentials.choose(client.operations[case.operation].security):
        yield "--credential"
        yield f'{shlex.quote(scheme)}="${variable(scheme)}"'


def _headers(client: Client) -> Iterator[str]:
    """The headers of the user's session by their names: a value may be a secret."""
    for name in executor_of(client).transport.session.headers or ():
        if name.lower() not in _USUAL:
            yield "-H"
            yield shlex.quote(f"{name}: ...")


_USUAL = ("user-agent", "accept-encoding", "accept", "connection")
"""Headers that each session has."""


def variable(scheme: str) -> str:
    """The environment variable that the command line reads the credential for `scheme` from."""
    return "DYNACLIENT_CREDENTIAL_" + re.sub(r"[^A-Z0-9]", "_", scheme.upper())
