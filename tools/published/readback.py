"""What a prepared request says, read from its bytes by the standard library where it can.

Query and path are taken apart by urllib, forms and multipart by urllib and email, JSON by json; only the
styles that those do not know (matrix, label, delimited, deepObject, objects) are read by our own reader.
"""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from dynaclient._support.missing import MISSING
from dynaclient.client import Client, executor_of
from dynaclient.contract.case import Case
from dynaclient.document.model import Operation, Parameter
from dynaclient.errors import DynaclientError
from dynaclient.wire import media_types
from dynaclient.wire.json_values import json_value
from dynaclient.wire.request_reader import path_values
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from dynaclient.wire.value_types import ExpectedType


def differences(client: Client, case: Case, request: requests.PreparedRequest) -> list[str]:
    """What in `request` does not say what `case` says; empty where all of it arrived."""
    operation = client.operations[case.operation]
    found = []
    raw_path = raw_path_values(operation, request)
    for parameter in operation.parameters:
        if parameter.key in case.arguments:
            given = json_value(case.arguments[parameter.key])
            try:
                read = _read(client, operation, parameter, request, raw_path, given)
            except (ValueError, KeyError) as error:
                found.append(f"{parameter.key}: {given!r} cannot be read back: {error!r}")
                continue
            if not _same(read, given) and not _written_alike(client, case, parameter, read, request):
                found.append(f"{parameter.key}: {given!r} was read back as {read!r}")
    if case.body is not MISSING:
        found += _body_differences(request, case.body)
    return found


def _same(read: Any, given: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are one number; an empty array or object leaves no trace."""
    if given in ([], {}) and not isinstance(given, (bool, int)):
        return not read or read is MISSING
    return read == given or (isinstance(read, str) and read == _text(given))


def _written_alike(
    client: Client, case: Case, parameter: Parameter, read: Any, request: requests.PreparedRequest
) -> bool:
    """Whether the schema allows both values and the wire has one form for them: `["a"]` and `"a"`."""
    arguments = {**case.arguments, parameter.key: read}
    try:
        other = client.prepare(case.operation, arguments, body=case.body, options=case.options)
    except DynaclientError:
        return False
    return (other.url, other.headers.get("Cookie")) == (request.url, request.headers.get("Cookie"))


def _narrowed(shape: ExpectedType, given: Any) -> ExpectedType:
    """Of a schema that allows several types, the one that was sent: the wire does not say it."""
    if isinstance(given, dict) and shape.types != {"object"}:
        return shape._replace(types=frozenset({"object"}))
    if isinstance(given, list) and shape.types != {"array"}:
        return shape._replace(types=frozenset({"array"}))
    return shape


def _text(value: Any) -> str:
    """A scalar as it is written in a URL."""
    return value if isinstance(value, str) else json.dumps(value)


def raw_path_values(operation: Operation, request: requests.PreparedRequest) -> dict[str, str]:
    """What stands in the path for each of its parameters, as it was sent."""
    route = operation.path.partition("#")[0].partition("?")[0]
    return path_values(route, urlsplit(request.url or "").path)


def _read(
    client: Client,
    operation: Operation,
    parameter: Parameter,
    request: requests.PreparedRequest,
    raw_path: dict[str, str],
    given: Any,
) -> Any:
    shape = _narrowed(executor_of(client).compiled(operation.key).shape(parameter, "request"), given)
    scalar = not shape.types & {"array", "object"} and parameter.media_type is None
    query = urlsplit(request.url or "").query
    if parameter.media_type is not None and parameter.schema is None:
        return _content(parameter, request, raw_path)
    others = {each.name for each in operation.parameters if each is not parameter}
    if parameter.location == "path":
        raw = raw_path[parameter.name]
        if scalar and parameter.style == "simple":
            return unquote(raw, errors="strict")
        return decode_path(raw, parameter.name, parameter.style, parameter.explode, shape)
    if parameter.location == "query":
        if scalar:
            return parse_qs(query, keep_blank_values=True)[parameter.name][-1]
        return decode_query(query, parameter.name, parameter.style, parameter.explode, shape, taken=others)
    if parameter.location == "header":
        raw = request.headers[parameter.name]
        return raw if scalar else decode_header(raw, parameter.name, parameter.explode, shape)
    raw = request.headers["Cookie"]
    return decode_cookie(raw, parameter.name, parameter.style, parameter.explode, shape, taken=others)


def _content(parameter: Parameter, request: requests.PreparedRequest, raw_path: dict[str, str]) -> Any:
    query = urlsplit(request.url or "").query
    if parameter.location == "querystring":
        text = unquote(query)
    elif parameter.location == "path":
        text = unquote(raw_path[parameter.name])
    elif parameter.location == "query":
        text = parse_qs(query, keep_blank_values=True)[parameter.name][0]
    elif parameter.location == "cookie":
        pairs = (pair.partition("=") for pair in request.headers["Cookie"].split("; "))
        text = unquote(next(value for name, _, value in pairs if name == parameter.name))
    else:
        text = request.headers[parameter.name]
    assert parameter.media_type is not None
    return json.loads(text) if media_types.is_json(media_types.essence(parameter.media_type.name)) else text


def _body_differences(request: requests.PreparedRequest, given: Any) -> list[str]:
    body = request.body
    sent = body.encode() if isinstance(body, str) else bytes(body or b"")
    kind = media_types.essence(request.headers.get("Content-Type", ""))
    if media_types.is_json(kind):
        return (
            [] if json.loads(sent) == json_value(given) else [f"body: {given!r} was sent as {sent[:200]!r}"]
        )
    if kind == media_types.FORM:
        return _missing(given, parse_qs(sent.decode(), keep_blank_values=True))
    if kind == media_types.MULTIPART:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + sent, policy=email.policy.HTTP)
        parts = message.iter_parts()
        return _missing(
            given, [unquote(str(part.get_param("name", header="content-disposition"))) for part in parts]
        )
    expected = given.encode() if isinstance(given, str) else given
    return (
        []
        if not isinstance(expected, bytes) or sent == expected
        else [f"body: {given!r} was sent as {sent[:200]!r}"]
    )


def _missing(given: dict[str, Any], names: Iterable[str]) -> list[str]:
    """The properties of a form that left no pair. An exploded object leaves one for each of its own."""
    found = {name.partition("[")[0] for name in names}
    return [
        f"form: {name} is missing"
        for name, value in given.items()
        if _leaves_a_trace(value) and not {name, *(value if isinstance(value, dict) else ())} & found
    ]


def _leaves_a_trace(value: Any) -> bool:
    """Whether a form has a pair for `value`: there is none for what is empty all the way down."""
    if isinstance(value, dict):
        return any(map(_leaves_a_trace, value.values()))
    return any(map(_leaves_a_trace, value)) if isinstance(value, list) else value is not None
