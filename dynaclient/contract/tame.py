"""Values that their place on the wire can carry: what HTTP and the styles have no room for is replaced."""

from __future__ import annotations

import re
from typing import Any

from dynaclient.document.operation import COLLECTED, Parameter

_SCALARS = ["string", "number", "integer", "boolean", "array", "object"]
SENDABLE: dict[str, Any] = {"type": _SCALARS, "minItems": 1, "minProperties": 1}
"""Null has no form on the wire, and what is empty is left out."""
SENDABLE_IN_PATH: dict[str, Any] = {**SENDABLE, "minLength": 1}
"""An empty path value would lead elsewhere."""

_STAND_IN = "-"
_UNFIT = {
    "path": re.compile(r"[\x00-\x1f\x7f]"),
    "query": re.compile(r"[\x00-\x1f\x7f]"),
    "querystring": re.compile(r"[\x00-\x1f\x7f]"),
    "header": re.compile(r"[^\x20-\x7e]|,|^ | $"),
    "cookie": re.compile(r"[^A-Za-z0-9_.-]"),
}
"""What is replaced at each place: what cannot be sent, and what receivers are known to read in two ways."""
_DELIMITERS = {
    "spaceDelimited": re.compile(r"[\x00-\x20\x7f]"),
    "pipeDelimited": re.compile(r"[\x00-\x1f\x7f|]"),
    "deepObject": re.compile(r"[\x00-\x1f\x7f\[\]]"),
}

_SEPARATORS = re.compile(r"[^\x21-\x7e]|[,|]")
"""Of the collection formats of Swagger 2.0."""


def tame(value: Any, parameter: Parameter) -> Any:
    """`value` with the characters replaced that the place and style of `parameter` cannot carry.

    It may no longer meet its schema: the caller checks.
    """
    collected = parameter.style.startswith(COLLECTED)
    unfit = _SEPARATORS if collected else _DELIMITERS.get(parameter.style, _UNFIT[parameter.location])
    return _texts(value, unfit, parameter.location)


def _texts(value: Any, unfit: re.Pattern[str], location: str) -> Any:
    if isinstance(value, str):
        text = unfit.sub(_STAND_IN, value)
        return _STAND_IN * len(text) if location == "path" and text in (".", "..") else text
    if isinstance(value, list):
        return [_texts(item, unfit, location) for item in value]
    if isinstance(value, dict):
        return {_texts(key, unfit, location): _texts(item, unfit, location) for key, item in value.items()}
    return value
