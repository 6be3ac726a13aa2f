"""Webhooks and callbacks (4.8.18): what a receiver needs to judge a request that the API sends to it.

No I/O: the web framework that received the request hands over what it got.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from dynaclient.document.builder import OperationBuilder
from dynaclient.document.document import Document, Node
from dynaclient.document.index import of_item
from dynaclient.document.operation import Operation
from dynaclient.errors import (
    DocumentError,
    Finding,
    RequestInvalid,
    SettingsError,
    UnknownOperation,
    Violation,
)
from dynaclient.plan import Plan
from dynaclient.prose import visible
from dynaclient.schema.checker import Checkers
from dynaclient.schema.unchecked import collected
from dynaclient.wire import media
from dynaclient.wire.expressions import path_of
from dynaclient.wire.handover import handed_over
from dynaclient.wire.incoming import Incoming, path_values
from dynaclient.wire.unstyle import MISSING
from dynaclient.words import be, kind_of, many, shown

if TYPE_CHECKING:
    from dynaclient.client import Client

Requests = tuple[tuple[str, Operation], ...]
"""Expression of the URL (empty for a webhook) and operation, for each request that is documented."""


class Receiver:
    """One webhook, or one callback of an operation: `check` judges the requests that come in for it."""

    def __init__(self, title: str, requests: Requests, checkers: Checkers) -> None:
        self.title = title
        self.requests = requests
        self._checkers = checkers
        self._plans: dict[str, Plan] = {}

    def check(
        self,
        *,
        method: str | None = None,
        path: str | bytes | None = None,
        query: Any = None,
        headers: Any = None,
        cookies: Any = None,
        body: Any = None,
    ) -> Any:
        """The decoded body of a request that came in, if the request is what the document says.

        `method`: needed where several are documented. `path`: as received, for callbacks with parameters in
        their path; without it, these are not looked at. `query`: the raw text after `?`, or a mapping.
        `headers`: a mapping or pairs; without any, the body is taken for the first documented media type.
        `cookies`: a mapping, where they are not in the headers. `body`: bytes, text, or already decoded.

        It is the API that sends: properties that are `readOnly` may be there, those that are `writeOnly` are
        refused. Signatures are not verified.

        Raises RequestInvalid with all violations; DocumentError where the document cannot be used for it;
        SettingsError where it is not clear what to check.
        """
        plan = self._plan(self._chosen(method))
        operation = plan.operation

        def takes_null() -> bool:
            return operation.body is not None and plan.takes_null(operation.body)

        content = operation.body.content.values() if operation.body else ()
        for described in (*operation.parameters, *content):
            if described.schema is not None:
                plan.require(described.schema, "response")
        incoming, found = handed_over(operation, takes_null, path, query, headers, cookies, body)
        self._refuse(found)
        with collected() as unchecked:
            received = plan.receive(incoming, path_values(operation.path, incoming.path), "response")
        plan.say(unchecked)
        self._refuse(
            violation
            for violations in received.violations.values()
            for violation in violations
            if path is not None or violation.where != "path"
        )
        for error in received.unchecked:
            raise error
        return _undocumented(incoming) if received.body is MISSING else received.body

    def _refuse(self, violations: Iterable[Violation]) -> None:
        found = list(violations)
        if found:
            count = many(len(found), "violation")
            raise RequestInvalid(f"{self.title}: the request breaks the document; {count}", found)

    def at(self, expression: str) -> Receiver:
        """The requests to one URL of a callback, by the expression that the document gives for it."""
        own = tuple(each for each in self.requests if each[0] == expression)
        if not own:
            known = [each for each, _ in self.requests]
            raise UnknownOperation(f"{self.title} has no URL {shown(expression)}", known)
        return Receiver(f"{self.title} at {expression}", own, self._checkers)

    def _chosen(self, method: str | None) -> Operation:
        known = ", ".join(dict.fromkeys(operation.method for _, operation in self.requests)) or "none"
        if not isinstance(method, (str, type(None))):
            raise SettingsError(f"method is the name of an HTTP method, not {kind_of(method)}")
        wanted = (method, (method or "").upper())
        found = [each for each in self.requests if method is None or each[1].method in wanted]
        if len(found) == 1:
            return found[0][1]
        if not found and self.requests:
            message = f"{method} is not documented; documented {be(known.count(', ') + 1)} {known}"
            self._refuse([Violation("argument", "method", "", message)])
        if not found:
            raise DocumentError(f"{self.title}: the document does not say what its requests are")
        if len({expression for expression, _ in found}) > 1:
            urls = ", ".join(repr(expression) for expression, _ in found)
            raise SettingsError(f"{self.title} has several URLs; say which, with at(...): {urls}")
        raise SettingsError(f"{self.title} has several methods; say which, with method=...: {known}")

    def _plan(self, operation: Operation) -> Plan:
        if operation.problem:
            message = f"{operation.key} cannot be checked: {operation.problem}"
            raise DocumentError(message, [Finding(operation.node.place, "error", message)])
        if operation.key not in self._plans:
            self._plans[operation.key] = Plan(operation, self._checkers)
        return self._plans[operation.key]

    def __repr__(self) -> str:
        known = ", ".join(
            f"{operation.method} {expression}".strip() for expression, operation in self.requests
        )
        return visible(f"<{self.title}: {known}>")


class Receivers(Mapping[str, Receiver]):
    """The webhooks of a document, or the callbacks of an operation, by name; each is made on first use."""

    def __init__(
        self, document: Document, checkers: Checkers, nodes: Mapping[str, Node], owner: str = ""
    ) -> None:
        self._document = document
        self._checkers = checkers
        self._nodes = nodes
        self._owner = owner
        self._made: dict[str, Receiver] = {}

    def __getitem__(self, name: str) -> Receiver:
        if not isinstance(name, str) or name not in self._nodes:
            what = f"{self._owner} has no callback" if self._owner else "the document has no webhook"
            near = get_close_matches(name, list(self._nodes)) if isinstance(name, str) else ()
            raise UnknownOperation(f"{what} {shown(name)}", near)
        if name not in self._made:
            title = f"callback {name} of {self._owner}" if self._owner else f"webhook {name}"
            requests = tuple(self._requests(title, self._nodes[name]))
            self._made[name] = Receiver(title, requests, self._checkers)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        names = f": {', '.join(self)}" if self else ""
        return visible(f"<{many(len(self), 'callback' if self._owner else 'webhook')}{names}>")

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython offers behind `client.webhooks[`."""
        return list(self)

    def _requests(self, title: str, place: Node) -> Iterator[tuple[str, Operation]]:
        node = self._document.opened(place)
        items = [(each, item) for each, item in node.items() if not each.startswith("x-")]
        for expression, item in items if self._owner else [("", node)]:
            path, opened = path_of(expression), self._document.opened(item)
            for method, _, _, operation in of_item(self._document, path, opened):
                key = f"{title}: {method} {expression}".strip()
                builder = OperationBuilder(self._document)
                yield expression, builder.build(key, "", method, path, opened, operation)


def webhooks(document: Document, checkers: Checkers) -> Receivers:
    """The webhooks of a document (4.8.1, `webhooks`; `x-webhooks`, where documents of 3.0 have them)."""
    place = document.root.get("webhooks") or document.root.get("x-webhooks")
    named = {name: node for name, node in document.opened(place).items() if not name.startswith("x-")}
    return Receivers(document, checkers, named)


def callbacks(client: Client, operation: Operation) -> Receivers:
    """The callbacks of an operation; kept, for what they compile."""
    made = client._callbacks.get(operation.key)
    if made is None:
        made = Receivers(client.document, client.checkers, operation.callbacks, operation.key)
    return client._callbacks.setdefault(operation.key, made)


def _undocumented(incoming: Incoming) -> Any:
    """A body that the document says nothing of, by its Content-Type; None where there is none."""
    try:
        return media.decode(incoming.body, incoming.content_type) if incoming.body else None
    except media.Undecodable:
        return incoming.body
