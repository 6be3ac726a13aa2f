"""The commands that look at documents, and `serve`; the others have modules of their own."""

from __future__ import annotations

import contextlib
import json
from argparse import Namespace
from collections.abc import Sequence
from fnmatch import fnmatchcase

from dynaclient._support import terminal
from dynaclient._support.messages import pluralize
from dynaclient.cli import render
from dynaclient.cli.config import client_of, client_to_read, operation_of
from dynaclient.cli.second_opinion import second_opinion
from dynaclient.client import Client, executor_of
from dynaclient.document.model import Operation
from dynaclient.errors import DocumentError, Finding

MAX_TAGS = 20


def ops(options: Namespace) -> int:
    """A row for each operation that PATTERN fits; 1 where none does, as grep does."""
    client = client_to_read(options)
    found = [each for each in client.operations.values() if _fits(each, options.pattern)]
    if not found:
        render.complain(f"dynaclient: {_nothing(client, options.pattern)}")
    return _list(found, options)


def find(options: Namespace) -> int:
    """A row for each operation that the words mean, the best first; 1 where there is none."""
    client = client_to_read(options)
    found = client.find(*options.words)
    if not found:
        words = " ".join(options.words)
        there = client.operations.unread or f"; `dynaclient ops {options.document}` lists all"
        count = pluralize(len(client.operations), "operation")
        render.complain(f"dynaclient: of {count} none has {words!r}{there}")
    return _list(found, options)


def _list(operations: Sequence[Operation], options: Namespace) -> int:
    """Print operations; 1 where there are none, which as JSON is an empty array: what reads it gets JSON."""
    from dynaclient.explore.operation_page import list_operations  # late: 39 ms

    if options.json:
        render.payload(json.dumps([_as_json(each) for each in operations], indent=2, ensure_ascii=True))
    elif operations:
        list_operations(operations)
    return 0 if operations else 1


def _as_json(operation: Operation) -> dict[str, object]:
    return {
        "operation": operation.key,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "tags": list(operation.tags),
        "deprecated": operation.deprecated,
    }


def example(options: Namespace) -> int:
    """A call that is valid for the document; 1 where none was found."""
    from dynaclient.explore.example import Example  # late: 31 ms
    from dynaclient.explore.operation_page import show_example  # late: 39 ms

    client = client_of(options)
    operation = operation_of(client, options.operation)
    made = Example(executor_of(client), operation, full=options.full)
    if made.arguments is None:
        render.complain(f"dynaclient: {operation.key}: no example was found: {made.problem}")
        return 1
    if options.body and not isinstance(made.body, (dict, list, str, int, float, type(None))):
        said = "takes no body" if operation.body is None else "needs no body, or one that is no JSON"
        render.complain(f"dynaclient: {operation.key} {said}")
        return 1
    if options.body:
        render.print_json(made.body)
    else:
        show_example(executor_of(client), made, options.document)
    return 0


def _nothing(client: Client, pattern: str | None) -> str:
    """That no operation fits, and what there is: the nearest ones, or else the tags."""
    if not client.operations:
        return f"the document has no operations{client.operations.unread}"
    said = f"of {pluralize(len(client.operations), 'operation')} none fits {pattern!r}"
    if near := client.operations.near(pattern or ""):
        return f"{said}; did you mean {', '.join(near)}?"
    tags = list(dict.fromkeys(tag for each in client.operations.values() for tag in each.tags))
    more = ", ..." if len(tags) > MAX_TAGS else ""
    return f"{said}; their tags are {', '.join(tags[:MAX_TAGS])}{more}" if tags else said


def _fits(operation: Operation, pattern: str | None) -> bool:
    """Whether `pattern`, a part or a glob, fits the id, path, summary or a tag; upper case means nothing."""
    if not pattern:
        return True
    wanted = pattern.lower()
    names = [operation.key, operation.attribute, operation.path, operation.summary, *operation.tags]
    return any(wanted in name.lower() or fnmatchcase(name.lower(), wanted) for name in names)


def show(options: Namespace) -> int:
    """What the document says of one operation, or of a part of it."""
    from dynaclient.explore.operation_page import list_operations, show_operation  # late: 39 ms

    client = client_of(options)
    if options.operation is None:
        list_operations(client.operations.values())
        return 0
    operation = operation_of(client, options.operation)
    show_operation(executor_of(client), operation, options.document, options.part or "")
    return 0


def lint(options: Namespace) -> int:
    """What is wrong in a document; 1 where something is an error."""
    from dynaclient.lint import lint as findings_of  # late: 46 ms

    try:
        client = client_to_read(options)
        findings = list(findings_of(executor_of(client), examples=True))
    except DocumentError as error:
        if not error.findings:
            raise
        findings = list(error.findings)
        client = None
    if options.second_opinion and client is not None:
        findings += second_opinion(client.document)
    _findings(findings)
    if options.write_overlay and client is not None:
        from dynaclient.cli.mending import write_overlay  # late: 10 ms

        write_overlay(options, client, findings)
    return 1 if any(each.severity == "error" for each in findings) else 0


def _findings(findings: list[Finding]) -> None:
    rows = [(each.severity, each.pointer or "/", each.message, each.meaning) for each in findings]
    if rows and terminal.is_terminal():
        render.blocks(rows)
    elif rows:
        render.table(("severity", "location", "finding", "what it means"), rows)
    counts = [
        pluralize(count, name)
        for name in ("error", "warning", "note")
        if (count := sum(each.severity == name for each in findings))
    ]
    render.title(", ".join(counts) or "nothing was found wrong", gap=bool(rows))


def serve(options: Namespace) -> int:
    """A sandbox that answers as the document says, until it is interrupted."""
    from dynaclient.sandbox import Sandbox  # late: 70 ms

    client = client_to_read(options)
    sandbox = Sandbox(client, host=options.host, port=options.port, seed=options.seed).listen()
    render.say(
        f"{pluralize(len(client.operations), 'operation')} at {sandbox.url}; Ctrl-C ends it. For example:"
    )
    render.say(_example_of(client, sandbox.url, options.document))
    render.say(f"In a browser: {sandbox.explorer_url}")
    render.flush()
    if options.open:
        open_browser(sandbox.explorer_url)
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        sandbox.serve_forever()
    return 0


def open_browser(url: str) -> None:
    """Open a page of this machine in the user's browser; say where it is if there is none."""
    import webbrowser  # late: 10 ms

    if not webbrowser.open(url):
        render.complain(f"dynaclient: no browser was found; open {url} yourself")


def _example_of(client: Client, url: str, document: str) -> str:
    """A command that reads something, the first of the document that needs little."""
    from dynaclient.explore.example import Example  # late: 31 ms

    def effort(operation: Operation) -> tuple[bool, bool, int]:
        return operation.deprecated, operation.method != "GET", len(operation.required)

    for operation in sorted((each for each in client.operations.values() if not each.problem), key=effort):
        example = Example(executor_of(Client(client.document, server=url)), operation, body="full")
        if example.arguments is not None:
            credentials = dict.fromkeys(example.schemes(), "sandbox:sandbox")
            return "\n".join(f"  {line}" for line in example.command(document, credentials).splitlines())
    return "  (no example was found)"
