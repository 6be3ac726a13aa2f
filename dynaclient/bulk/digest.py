"""What tells a row from another one, run after run: the digest of what is sent of it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from dynaclient._support.decimals import is_decimal
from dynaclient.wire.json_values import NotPlain, is_binary, is_octets, json_value

__all__ = ["digest_of"]


def digest_of(value: Any) -> bytes:
    """The digest of a row: of its values as JSON has them, and of bytes by what they hold.

    Raises NotPlain for what has no lasting form, such as an open file, a path, or an object that is no JSON:
    its text would be another in each run.
    """
    try:
        text = _text(value)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, NotPlain):
            raise
        raise NotPlain(str(error)) from None
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _text(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, default=_lasting)
    except TypeError:  # names that are dates or UUIDs, which JSON has as text
        return json.dumps(json_value(value, files=True), sort_keys=True, default=_lasting)


def _lasting(value: Any) -> Any:
    if is_octets(value):
        return {"sha256": sha256(value).hexdigest()}
    if is_binary(value):
        raise NotPlain("what a file holds may change; give its bytes")
    made = json_value(value, files=True)
    return str(made) if is_decimal(made) else made
