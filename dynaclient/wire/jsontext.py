"""JSON text <-> data (RFC 8259)."""

from __future__ import annotations

import json
from typing import Any

from dynaclient.document.surrogates import SURROGATE_ESCAPE, whole_characters
from dynaclient.wire.percent import StyleError
from dynaclient.wire.values import NotPlain, plain


class Undecodable(ValueError):
    """A body that is not what its media type says."""


def json_bytes(value: Any, *, ascii_only: bool = False) -> bytes:
    """`value` as JSON text in UTF-8, compact. Raises StyleError, whose pointer leads to what JSON has not."""
    try:
        text = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        try:
            plain(value)
        except NotPlain as reason:
            raise StyleError(reason.message, reason.pointer) from None
        raise StyleError(f"it cannot be written as JSON: {error}") from None


def decode_json(content: bytes) -> Any:
    """JSON text as data; half of a surrogate pair is read as U+FFFD.

    UTF-8, UTF-16 and UTF-32 are told by the bytes.
    Raises Undecodable for what RFC 8259 does not allow, and for what nests too deep.
    """
    try:
        text = content.decode(json.detect_encoding(content))
        if SURROGATE_ESCAPE.search(text):  # half a character that a server cut does not lose the answer
            text = whole_characters(text)
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise Undecodable("the JSON nests too deep to be read") from None
    except ValueError as error:
        raise Undecodable(f"it is not JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
