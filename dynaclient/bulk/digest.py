"""What tells a row from another one, run after run: the digest of what is sent of it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from dynaclient._support.decimals import is_decimal
from dynaclient.wire.json_values import NotPlain, is_octets, json_value

__all__ = ["digest_of"]


def digest_of(value: Any) -> bytes:
    """The digest of a row: of its values as JSON has them, and of bytes by what they hold.

    Raises NotPlain for what has no lasting form, such as an open file or an object of a class of the user's.
    """
    try:
        text = json.dumps(value, sort_keys=True, default=_lasting)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, NotPlain):
            raise
        raise NotPlain(str(error)) from None
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _lasting(value: Any) -> Any:
    if is_octets(value):
        return {"sha256": sha256(value).hexdigest()}
    made = json_value(value)
    return str(made) if is_decimal(made) else made
