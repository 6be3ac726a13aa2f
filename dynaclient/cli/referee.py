"""`dynaclient test --referee openapi-core`: another library judges each exchange too.

Where it disagrees is said, and changes no exit code.

What openapi-core is known to get wrong of requests is left out (see `sandbox.openapi_core_bugs`). Of
responses it is asked about media type and body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynaclient.client import Client, executor_of
from dynaclient.contract.checks import NOT_ENFORCED
from dynaclient.document.model import Operation
from dynaclient.document.node import Node
from dynaclient.sandbox.validation import Judge
from dynaclient.wire.request_reader import Incoming, path_values

if TYPE_CHECKING:
    from dynaclient.calls.response import Response
    from dynaclient.contract.flow import SentCase
    from dynaclient.wire.request import Request

OF_RESPONSE = ("status", "content-type", "body")


class Referee:
    """Judges the exchanges of a run by openapi-core, and keeps where it disagrees."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._judge = Judge(client)
        self._validators: dict[str, Any] = {}
        self.judged = 0
        self.disagreements: dict[str, None] = {}

    def observe(self, sent: SentCase) -> None:
        """Judge one exchange."""
        if sent.response is None or sent.case.is_altered or sent.case.is_edited:
            return
        self.judged += 1
        operation = self._client.operations[sent.case.operation]
        for text in (*self._of_request(operation, sent), *self._of_response(operation, sent.response)):
            self.disagreements[f"{operation.key}: {text}"] = None

    def _of_request(self, operation: Operation, sent: SentCase) -> Iterator[str]:
        fault = sent.case.fault
        if fault is not None and (fault.lost or fault.keyword in NOT_ENFORCED):
            return
        incoming = _incoming(sent.response.request) if sent.response is not None else None
        if incoming is None:
            return
        path = path_values(operation.path, incoming.path)
        received = executor_of(self._client).compiled(operation.key).receive(incoming, path)
        verdict = self._judge.judge(operation, incoming, path, received)
        if "own:" in verdict.judge:
            return
        if fault is None and verdict.reasons:
            yield f"a request that is valid to dynaclient is not to openapi-core: {verdict.reasons[0]}"
        if fault is not None and not verdict.reasons:
            yield f"a request that is invalid to dynaclient is valid to openapi-core: {fault}"

    def _of_response(self, operation: Operation, response: Response) -> Iterator[str]:
        if operation.response(response.status) is None:
            return  # a status that is not documented: a check of its own, and for errors none at all
        own = [each for each in response.violations if each.where in OF_RESPONSE]
        try:
            errors = list(self._validator(operation).iter_errors(_Request(operation), _Answer(response)))
        except Exception as error:  # it raises what it likes where it meets what it does not know
            yield f"openapi-core could not judge a response: {type(error).__name__}"
            return
        if own and not errors:
            yield f"a {response.status} is invalid to dynaclient and valid to openapi-core: {own[0]}"
        if errors and not own:
            said = " ".join(str(errors[0].__cause__ or errors[0]).split())[:200]
            yield f"a {response.status} is valid to dynaclient and invalid to openapi-core: {said}"

    def _validator(self, operation: Operation) -> Any:
        if operation.key not in self._validators:
            self._validators[operation.key] = _validator(self._client, operation)
        return self._validators[operation.key]


@dataclass(frozen=True)
class _Request:
    """As openapi-core wants it; the operation is found without it."""

    operation: Operation
    host_url = "http://referee.invalid"
    path = "/"

    @property
    def method(self) -> str:
        return self.operation.method.lower()


class _Answer:
    """A response as openapi-core wants it."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status
        self.content_type = response.headers.get("Content-Type") or ""
        self.headers = response.headers
        self.data = response.content


def _validator(client: Client, operation: Operation) -> Any:
    from jsonschema_path import SchemaPath  # late: 95 ms
    from openapi_core.templating.datatypes import TemplateResult  # late: 470 ms
    from openapi_core.templating.paths.datatypes import PathOperationServer  # late: 467 ms
    from openapi_core.validation.response import validators  # late: 475 ms

    document = client.document
    kind = f"V{''.join(map(str, document.version))}ResponseDataValidator"
    responses = operation.node.get("responses") or Node({})
    root = SchemaPath.from_dict(
        {**document.tree, "x-judged": {"item": {}, "operation": {"responses": responses.value}}},
        base_uri=document.uri,
    )

    class Finder:
        """Finds the one operation."""

        def __init__(self, spec: Any, base_url: str | None = None) -> None:
            found = spec / "x-judged"
            self._found = PathOperationServer(
                found / "item", found / "operation", None, TemplateResult("", {}), None
            )

        def find(self, method: str, name: str) -> PathOperationServer:
            return self._found

    return getattr(validators, kind)(root, path_finder_cls=Finder)


def _incoming(request: Request) -> Incoming | None:
    body: Any = request.body
    if not isinstance(body, (bytes, str, type(None))):
        return None  # a file that was read while it was sent
    parts = urlsplit(str(request.url))
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    pairs: Any = request.headers.items()
    headers = tuple((n, v.decode("latin-1") if isinstance(v, bytes) else str(v)) for n, v in pairs)
    content = body.encode() if isinstance(body, str) else body or b""
    return Incoming(str(request.method), target, headers, content)
