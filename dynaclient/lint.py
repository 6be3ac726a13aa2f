"""Everything that is wrong or odd in a document, as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dynaclient._support.missing import MISSING
from dynaclient.calls.links import link_target
from dynaclient.calls.webhooks import webhooks
from dynaclient.document.metaschema import metaschema_findings
from dynaclient.document.model import Operation
from dynaclient.document.node import Node
from dynaclient.document.operations import OperationBuilder
from dynaclient.document.servers import with_query
from dynaclient.errors import DocumentError, DynaclientError, Finding, Severity
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.schema.keywords import Direction
from dynaclient.wire import security

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor

DIRECTIONS: tuple[Direction, Direction] = ("request", "response")


def lint(executor: BaseExecutor, *, examples: bool = False) -> tuple[Finding, ...]:
    """The findings about the document of `executor`: every operation is made, every schema is translated.

    A request schema that no value meets is found by trying to make one. With `examples`, those of schemas
    are checked too, which compiles every schema.
    """
    document = executor.document
    maker = Maker(document, executor.checkers, "request")
    for key in executor.operations:
        operation = executor.operations[key]
        if operation.problem:
            message = f"{key} cannot be called: {operation.problem}"
            document.find(operation.node, message, "calling it raises DocumentError", "error")
        for node, required in _requested(operation):
            executor.checkers.translator("request").entry(node)
            if required:
                _try(executor, maker, node, key)
        for node in _answered(operation):
            executor.checkers.translator("response").entry(node)
        _check_links(executor, operation)
    _check_attributes(executor)
    for request in _received(executor):
        for node, _ in _requested(request):
            executor.checkers.translator("request").entry(node)
    if examples:
        _check_examples(executor)
    _check_servers(executor)
    known = {finding.pointer for finding in document.findings}
    refused = [finding for finding in metaschema_findings(document) if finding.pointer not in known]
    _check_security(executor)
    return tuple(map(document.attributed, (*document.findings, *refused)))


def _check_links(executor: BaseExecutor, operation: Operation) -> None:
    for response in operation.responses:
        for name, place in response.links.items():
            try:
                link_target(executor.document, executor.operations, executor.document.opened(place))
            except DocumentError as error:
                message = f"the link {name} does not resolve: {error.args[0]}"
                executor.document.find(place, message, "the link cannot be called")


def _check_attributes(executor: BaseExecutor) -> None:
    """Operations that share an attribute: one has it, the others get another."""
    operations = executor.operations
    for key, holder in operations.crowded():
        wanted, attribute = operations.entry(key).readable, operations[key].attribute
        whose = f"the attribute of {holder!r} too" if holder else "a name of the client itself"
        message = f"the attribute of {key!r} would be {wanted}, which is {whose}"
        severity: Severity = "warning" if holder else "note"
        executor.document.find(operations[key].node, message, f"it is client.{attribute}", severity)


def _check_servers(executor: BaseExecutor) -> None:
    """Queries in URLs of servers: 3.2 forbids them, earlier versions say nothing of them."""
    document = executor.document
    nodes = [document.root.get("servers"), *(each.servers for each in executor.operations.values())]
    for node in nodes:
        for place in with_query(node):
            document.find(place, "the URL of the server has a query", "it is sent with every request", "note")


def _check_security(executor: BaseExecutor) -> None:
    """Schemes that no operation asks for, those asked for that are not there, and those that are asked for
    together and would stand at the same place of a request."""
    document = executor.document
    schemes = OperationBuilder(document).security_schemes()
    asked: dict[str, Node] = {}
    for names, node in _alternatives(executor):
        for name in names:
            asked.setdefault(name, node)
    for name, scheme in schemes.items():
        if name not in asked:
            message = f"no operation asks for the security scheme {name!r} (`security`)"
            document.find(scheme.node, message, "a credential for it is never sent")
    for name, node in asked.items():
        if name not in schemes:
            message = f"there is no security scheme {name!r}, which an operation asks for"
            document.find(node, message, "no credential can be given for it")
    for names, node in _alternatives(executor):
        taken: dict[tuple[str, str], str] = {}
        for name in names:
            where = security.place(schemes[name]) if name in schemes else None
            if where is not None and where in taken:
                both = f"{taken[where]!r} and {name!r}"
                message = f"{both} are asked for together, and both are the {where[0]} {where[1]!r}"
                document.find(node, message, "credentials are only sent where both are the same text")
            elif where is not None:
                taken[where] = name


def _alternatives(executor: BaseExecutor) -> Iterator[tuple[tuple[str, ...], Node]]:
    """What `security` asks for together, each once, and an operation that does."""
    seen: dict[tuple[str, ...], Node] = {}
    for operation in executor.operations.values():
        for names in operation.security or ():
            seen.setdefault(names, operation.node)
    yield from seen.items()


def _received(executor: BaseExecutor) -> Iterator[Operation]:
    """The requests that the API sends: webhooks and callbacks."""
    every = [webhooks(executor.document, executor.checkers)]
    every += map(executor.callbacks, executor.operations.values())
    for receivers in every:
        for receiver in receivers.values():
            yield from (operation for _, operation in receiver.requests)


def _try(executor: BaseExecutor, maker: Maker, node: Node, key: str) -> None:
    """Find that no value meets the schema at `node`; one that cannot be resolved is a finding already."""
    if executor.checkers.unresolved(node, "request"):
        return
    try:
        maker.value(node, Seeded(0))
    except Unsatisfiable as error:
        message = f"{key}: no value was found that meets the schema: {error}"
        executor.document.find(node, message, "calls of the operation are refused", "error")
    except DynaclientError as error:
        executor.document.find(node, f"{key}: {error}", "calls of the operation are refused", "error")


def _check_examples(executor: BaseExecutor) -> None:
    """Examples that contradict their schema (they are never used for anything else)."""
    seen: set[str] = set()
    for direction in DIRECTIONS:
        for node in list(executor.checkers.translator(direction).places.values()):
            given = node.value.get("example", MISSING) if isinstance(node.value, dict) else MISSING
            if given is MISSING or node.place in seen:
                continue
            seen.add(node.place)
            checkers = [executor.checkers.checker(node, each) for each in DIRECTIONS]
            wrong = [each.violations(given, "body", "") for each in checkers]
            if all(wrong):
                place = node.child("example")
                message = f"the example does not match its schema: {wrong[-1][0].message}"
                executor.document.find(place, message, "examples are shown, never sent", "note")


def _requested(operation: Operation) -> Iterator[tuple[Node, bool]]:
    """The schemas of a request, and whether a call cannot do without a value for each."""
    for parameter in operation.parameters:
        node = parameter.value_schema
        if node is not None:
            yield node, parameter.required
    body = operation.body
    for media in body.content.values() if body else ():
        if media.schema is not None:
            yield media.schema, body is not None and body.required and len(body.content) == 1


def _answered(operation: Operation) -> Iterator[Node]:
    """The schemas of the responses and their headers."""
    for response in operation.responses:
        schemas = [media.schema for media in response.content.values()]
        schemas += [header.schema for header in response.headers]
        yield from (schema for schema in schemas if schema is not None)
