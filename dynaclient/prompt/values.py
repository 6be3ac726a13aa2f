"""Text of a command line -> arguments of a call. What a text stands for, the schema of its parameter says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dynaclient.arguments import MISSING
from dynaclient.client import Client
from dynaclient.document.operation import Operation, Parameter
from dynaclient.errors import RequestInvalid, SettingsError, Violation
from dynaclient.wire import media, percent
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


def _split(text: str, names: Iterable[str]) -> tuple[str, str]:
    """Name and value: a name that holds `=` itself is known by the document."""
    known = [name for name in names if text.startswith(f"{name}=")]
    name = max(known, key=len) if known else text.partition("=")[0]
    if name == text:
        raise SettingsError(f"a parameter is given as -p NAME=VALUE, not {text!r}")
    return name, text[len(name) + 1 :]


def _value(client: Client, operation: Operation, parameter: Parameter, texts: list[str]) -> Any:
    if parameter.media_type is not None:
        shape = ANY
        if len(texts) == 1:
            return _json(texts[0], texts[0])
    else:
        shape = client.plan(operation.key).shape(parameter, "request")
    if len(texts) > 1 and "array" not in shape.types:
        twice = Violation("argument", parameter.name, "", f"{parameter.name!r} is given twice")
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
        return json.loads(text)
    except (ValueError, RecursionError):
        return default


def body(operation: Operation, text: str) -> tuple[Any, str | None]:
    """The body that `text` gives, and the media type it has to have, None where the call may choose.

    `text` is the path of a file, `-` for what stands on standard input, or else the body itself. It is read
    as JSON where the operation takes that. Raises SettingsError where it is nothing of these.
    """
    names = list(operation.body.content) if operation.body else [media.JSON]
    raw = _content(text)
    if any(_holds_data(name) for name in names):
        try:
            return media.decode_json(raw), None
        except media.Undecodable as error:
            other = next((name for name in names if not _holds_data(name) or "*" in name), None)
            if other is None:
                raise SettingsError(_refusal(text, error)) from None
            return _text_or_bytes(raw, other), None if "*" in other else other
    return _text_or_bytes(raw, names[0] if names else ""), None


def _holds_data(name: str) -> bool:
    """Whether a body of this type is given as JSON: it is JSON, a form, or may be anything."""
    kind = media.essence(name)
    return media.is_json(kind) or media.is_form(kind) or kind in ("*/*", "application/*")


def _content(text: str) -> bytes:
    if text == "-":
        return sys.stdin.buffer.read()
    if not _is_file(text):
        return text.encode("utf-8", "surrogateescape")
    try:
        return Path(text).read_bytes()
    except OSError as error:
        raise SettingsError(f"the file {text} cannot be read: {error.strerror}") from None


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or with a null character: it is the body itself
        return False


def _text_or_bytes(raw: bytes, name: str) -> Any:
    if not media.is_text(media.essence(name)):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _refusal(text: str, error: Exception) -> str:
    shown = text if len(text) <= 60 else text[:57] + "..."
    if text == "-" or _is_file(text):
        return f"the body in {'standard input' if text == '-' else text} is no JSON: {error}"
    return f"--body {shown!r} is neither the path of a file nor JSON: {error}"
