"""The idempotency key of a call: by it a server knows a request that it has carried out already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynaclient.calls.arguments import Arguments
from dynaclient.document.model import Operation
from dynaclient.transport.retries import IDEMPOTENT


def key_for(header: str, operation: Operation, arguments: Arguments, options: Mapping[str, Any]) -> str:
    """A fresh key for a call; empty where it has one, or is of a method that needs none.

    Where the document has the header as a parameter, the key is its argument.
    """
    if operation.method in IDEMPOTENT or _names(options.get("headers") or {}, header):
        return ""
    documented = [each for each in operation.parameters if each.location == "header"]
    parameter = next((each for each in documented if _names((each.name,), header)), None)
    if parameter is None:
        return _new_key()
    if arguments.values.get(parameter) is None:
        arguments.values[parameter] = _new_key()
    return ""


def _names(names: Any, header: str) -> bool:
    return header.lower() in map(str.lower, names)


def _new_key() -> str:
    from uuid import uuid4  # late: 15 ms

    return str(uuid4())
