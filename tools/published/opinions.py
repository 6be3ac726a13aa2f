"""What tools/corpus.py asks beside whether an operation can be called.

Do its responses read back, do the examples of the document meet its schemas, and does openapi-core find the
prepared requests right too?
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests

from dynaclient.client import Client, executor_of
from dynaclient.contract.generation import maker
from dynaclient.document.model import MediaType, Operation, ResponseObject
from dynaclient.document.node import Node
from dynaclient.errors import DynaclientError
from dynaclient.generation.choices import Seeded
from dynaclient.generation.factory import Maker, Unsatisfiable
from dynaclient.sandbox.validation import Judge
from dynaclient.schema.keywords import Direction
from dynaclient.wire import media_types
from dynaclient.wire.request_reader import Incoming
from dynaclient.wire.response_reader import BODILESS
from published.readback import raw_path_values

Opinion = tuple[str, str]
"""What was asked about, and what is wrong; empty where nothing is."""


def responses(client: Client, operation: Operation) -> Iterator[Opinion]:
    """Of each documented JSON response: a value made for it, read back as a server would send it."""
    making = _maker(client)
    for response in operation.responses:
        status = _status(operation, response)
        for name, described in response.content.items():
            if described.schema is None or not media_types.is_json(media_types.essence(name)):
                continue
            if operation.method != "HEAD" and status not in BODILESS:
                yield f"{response.status} {name}", _read(client, operation, status, described, making)


def _status(operation: Operation, response: ResponseObject) -> int:
    """A status that the document describes by `response`; 0 where there is none."""
    described = (status for status in range(200, 600) if operation.response(status) is response)
    return next(described, 0)


def _read(client: Client, operation: Operation, status: int, described: MediaType, making: Maker) -> str:
    assert described.schema is not None
    if not status:
        return "no status finds it"
    try:
        value = making.value(described.schema, Seeded(1))
        content = json.dumps(value).encode()
        reading = (
            executor_of(client)
            .compiled(operation.key)
            .read(status, {"Content-Type": described.name}, content, check=True)
        )
    except (Unsatisfiable, DynaclientError) as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    broken = [str(each) for each in reading.violations if each.where != "header"]
    return broken[0] if broken else "" if reading.data == value else f"{value!r} was read as {reading.data!r}"


def examples(client: Client, operation: Operation) -> Iterator[Opinion]:
    """Of each example of a JSON body: what of its schema it breaks."""
    contents: list[tuple[Direction, MediaType]] = []
    if operation.body is not None:
        contents += [("request", each) for each in operation.body.content.values()]
    contents += [("response", each) for response in operation.responses for each in response.content.values()]
    for direction, described in contents:
        if described.schema is None or not media_types.is_json(media_types.essence(described.name)):
            continue
        for place in _examples(client, described.node):
            try:
                found = client.checkers.checker(described.schema, direction).violations(
                    place.value, "body", ""
                )
            except DynaclientError:
                continue
            yield place.place, str(found[0]) if found else ""


def _examples(client: Client, node: Node) -> Iterator[Node]:
    single = node.get("example")
    if single is not None:
        yield single
    for _, place in (node.get("examples") or Node(None)).items():
        value = client.document.opened(place).get("value")
        if value is not None:
            yield value


def referee(client: Client, operation: Operation) -> Iterator[Opinion]:
    """Of the request with all arguments: what openapi-core finds wrong, but for its known weaknesses."""
    case = maker(client).valid(operation.key, Seeded(1), optional=True)
    request = client.prepare(operation.key, case.arguments, body=case.body, options=case.options)
    path = raw_path_values(operation, request)
    incoming = _incoming(request)
    received = executor_of(client).compiled(operation.key).receive(incoming, path)
    verdict = _judge(client).judge(operation, incoming, path, received)
    if "failed with" not in verdict.judge:
        yield verdict.judge, "; ".join(verdict.reasons)


@lru_cache(maxsize=1)
def _maker(client: Client) -> Maker:
    return Maker(client.document, client.checkers, "response")


@lru_cache(maxsize=1)
def _judge(client: Client) -> Judge:
    return Judge(client)


def _incoming(request: requests.PreparedRequest) -> Incoming:
    parts = urlsplit(request.url or "")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    body: Any = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Incoming(request.method or "", target, tuple(request.headers.items()), content)
