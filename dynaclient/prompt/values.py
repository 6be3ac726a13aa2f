"""Text of a command line -> arguments of a call. What a text stands for, the schema of its parameter says."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from dynaclient.arguments import MISSING
from dynaclient.client import Client
from dynaclient.document.operation import Operation, Parameter
from dynaclient.errors import RequestInvalid, SettingsError, Violation
from dynaclient.wire import percent
from dynaclient.wire.jsontext import loads
from dynaclient.wire.shape import ANY, Shape
from dynaclient.wire.unstyle import decode_query

STRUCTURED = frozenset(("array", "object"))


def parameters(client: Client, operation: Operation, texts: Iterable[str]) -> dict[str, Any]:
    """The mapping of a call for `name=value` texts; a name that is given again adds an item to its array.

    A name that means no parameter, or several, is left to the call to refuse. Raises SettingsError for a text
    without `=`, RequestInvalid for a name given twice that is no array.
    """
    by_name = client.plan(operation.key).names.by_name
    given: dict[str, list[str]] = {}
    for text in texts:
        name, value = _split(text, by_name)
        given.setdefault(name, []).append(value)
    return {
        name: _value(client, operation, by_name[name][0], values)
        if len(by_name.get(name, ())) == 1
        else values[0]
        for name, values in given.items()
    }


def headers(texts: Iterable[str]) -> dict[str, str]:
    """Headers for `name: value` texts. Raises SettingsError for a text without a colon."""
    found: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition(":")
        if not mark:  # it may be a secret: it is not repeated
            raise SettingsError("a header is given as -H 'NAME: VALUE'")
        found[name.strip()] = value.strip()
    return found


def _split(text: str, names: Iterable[str]) -> tuple[str, str]:
    """Name and value: a name that holds `=` itself is known by the document."""
    known = [name for name in names if text.startswith(f"{name}=")]
    name = max(known, key=len) if known else text.partition("=")[0]
    if name == text:
        raise SettingsError(f"a parameter is given as -p NAME=VALUE, not {text!r}")
    return name, encodable("-p", name, text[len(name) + 1 :])


def encodable(option: str, name: str, text: str) -> str:
    """`text`, unless it came as bytes that are no text to this terminal. Raises SettingsError."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SettingsError(f"{option} {name}=... is no text in {sys.getfilesystemencoding()}") from None
    return text


def _value(client: Client, operation: Operation, parameter: Parameter, texts: list[str]) -> Any:
    if parameter.media_type is not None:
        shape = ANY
        if len(texts) == 1:
            return _json(texts[0], texts[0])
    else:
        shape = client.plan(operation.key).shape(parameter, "request")
    if len(texts) > 1 and "array" not in shape.types:
        twice = Violation("argument", parameter.name, "", "given twice, and is no array")
        raise RequestInvalid(f"{operation.key}: the request was not sent; 1 violation", [twice])
    return read(texts, shape)


def read(texts: list[str], shape: Shape) -> Any:
    """The value that `texts` give for `shape`: JSON for arrays and objects, else text as on the wire."""
    whole = _json(texts[0], MISSING) if len(texts) == 1 and shape.types & STRUCTURED else MISSING
    if isinstance(whole, list) or (isinstance(whole, dict) and "object" in shape.types):
        return whole
    if "array" in shape.types and (len(texts) > 1 or not shape.types - STRUCTURED - {"null"}):
        return [read([text], shape.items or ANY) for text in texts]
    raw = f"value={percent.encode(texts[0])}"
    return decode_query(raw, "value", "form", True, Shape(shape.types - STRUCTURED))


def _json(text: str, default: Any) -> Any:
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return default
