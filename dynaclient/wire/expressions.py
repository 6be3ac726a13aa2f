"""Runtime expressions ("Runtime Expressions"): values that only an exchange has. Pure.

    $url  $method  $statusCode
    $request.path.NAME  $request.query.NAME  $request.header.NAME  $request.body  $request.body#/POINTER
    $response.header.NAME  $response.body  $response.body#/POINTER

An expression that is all of a text keeps the type of what it refers to; one in braces inside a text
(`/users/{$response.body#/id}`) becomes part of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from dynaclient._support.messages import kind_of
from dynaclient.document.node import tokens


class Unevaluable(ValueError):
    """An expression that is none, or that refers to what the exchange does not have.

    It stays inside the package: callers turn it into a violation or a finding.
    """


class _Absent(Enum):
    ABSENT = "has no body that can be looked into"
    UNREAD = "has a body that is not held; take its data first"


ABSENT: Final = _Absent.ABSENT
"""The body of a message that has none, or none that can be looked into."""
UNREAD: Final = _Absent.UNREAD
"""The body of a response that is still to come, or that went into a file."""


@dataclass(frozen=True)
class Message:
    """A request or a response: its values by name, as typed as they are known.

    A response has neither path nor query.
    """

    name: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = ABSENT


@dataclass(frozen=True)
class ExpressionContext:
    """A request and its response, for expressions to refer to."""

    url: str
    method: str
    status: int
    request: Message
    response: Message


def evaluate(text: str, exchange: ExpressionContext) -> Any:
    """What `text` comes to: the value of an expression, a text with expressions in braces, or a constant.

    Raises Unevaluable.
    """
    if is_expression(text):
        return _value(text, exchange)
    return EMBEDDED.sub(lambda match: as_text(_value(match[1], exchange)), text)


def is_expression(text: str) -> bool:
    """Whether all of `text` is, or is meant as, a runtime expression; `$5` is a text like any other."""
    return text in _WHOLE or text.startswith(("$request.", "$response."))


def as_text(value: Any) -> str:
    """A value inside a text: JSON, but a text is itself. Raises Unevaluable for what JSON has no form for."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise Unevaluable(f"{kind_of(value)} cannot be written as text") from None


EMBEDDED = re.compile(r"\{(\$[^{}]*)\}")
"""An expression in braces; its names and pointers hold no braces of their own."""


def path_of(expression: str) -> str:
    """What is known beforehand of the path of a callback's URL: a template at its end."""
    text = EMBEDDED.sub("", "" if expression.startswith("$") else expression)
    text = text.partition("#")[0].partition("?")[0].rpartition("://")[2]
    _, slash, path = text.partition("/")
    return slash + path


_WHOLE: dict[str, Callable[[ExpressionContext], Any]] = {
    "$url": lambda exchange: exchange.url,
    "$method": lambda exchange: exchange.method,
    "$statusCode": lambda exchange: exchange.status,
}
_SOURCE = re.compile(r"\$(request|response)\.(header\.|path\.|query\.|body#?)(.*)", re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_INDEX = re.compile(r"0|[1-9][0-9]*")


def _value(expression: str, exchange: ExpressionContext) -> Any:
    if expression in _WHOLE:
        return _WHOLE[expression](exchange)
    match = _SOURCE.fullmatch(expression)
    if match is None:
        raise Unevaluable(f"{expression} is not a runtime expression")
    message = exchange.request if match[1] == "request" else exchange.response
    return _SOURCES[match[2]](message, match[3])


def _header(message: Message, name: str) -> Any:
    """Names of headers have no case (RFC 9110, section 5.1), those of the other locations do."""
    if not _TOKEN.fullmatch(name):
        raise Unevaluable(f"{name!r} is not the name of a header")
    return _named(message, "header", name, message.headers, str.lower)


def _path(message: Message, name: str) -> Any:
    return _named(message, "path parameter", name, message.path)


def _query(message: Message, name: str) -> Any:
    return _named(message, "query parameter", name, message.query)


def _named(
    message: Message, what: str, name: str, values: Mapping[str, Any], fold: Callable[[str], str] = str
) -> Any:
    for each, value in values.items():
        if fold(each) == fold(name):
            return value
    raise Unevaluable(f"{message.name} has no {what} {name!r}")


def _body(message: Message, rest: str) -> Any:
    if rest:
        raise Unevaluable(f"expected a JSON pointer after `body#`, got {rest!r}")
    if isinstance(message.body, _Absent):
        raise Unevaluable(f"{message.name} {message.body.value}")
    return message.body


def _within_body(message: Message, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to."""
    if pointer and not pointer.startswith("/"):
        raise Unevaluable(f"{pointer!r} is not a JSON pointer: expected a slash at its start")
    value = _body(message, "")
    for token in tokens(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise Unevaluable(f"the body of {message.name} has no {pointer}")
    return value


_SOURCES: dict[str, Callable[[Message, str], Any]] = {
    "header.": _header,
    "path.": _path,
    "query.": _query,
    "body": _body,
    "body#": _within_body,
}
