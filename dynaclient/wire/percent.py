"""Percent-encoding of text (RFC 3986 section 2), and the error that every style raises.

Everything but the unreserved characters is written as `%XX` of its UTF-8 bytes, in uppercase. A space is
`%20`, never `+`: only a form body may write it so. `allowReserved` (OpenAPI, "Fixed Fields for use with
`schema`") is reserved expansion (RFC 6570 section 3.2.3), less the characters that would end the component
which the value stands in:

- in a query, `#` `[` `]` are not allowed at all, and `&` and `+` would be read as something else;
- in a path, `/` `?` `#` would leave the segment, `[` `]` are not allowed, and `%` is always encoded: a
  triplet such as `%2F` or `%2E` that passed could still leave the segment in a server that decodes early.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote_plus, unquote_to_bytes

QUERY_RESERVED = ":/?@!$'()*,;="
PATH_RESERVED = ":@!$&'()*+,;="


class StyleError(ValueError):
    """A value that a style cannot carry, or text that is not what a style writes.

    It stays inside the package: callers turn it into a violation. `pointer` leads to what cannot be carried.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


def encode(text: str, keep: str = "", *, triplets: bool = False) -> str:
    """`text` with everything percent-encoded but unreserved characters and those of `keep`.

    With `triplets`, what is already percent-encoded passes (RFC 6570 section 3.2.3).
    Raises StyleError for a lone surrogate, which UTF-8 cannot write.
    """
    try:
        if not triplets or "%" not in text:
            return quote(text, safe=keep)
        pieces = re.split("(%[0-9A-Fa-f]{2})", text)
        return "".join(piece if at % 2 else quote(piece, safe=keep) for at, piece in enumerate(pieces))
    except UnicodeEncodeError as error:
        raise StyleError(
            f"the character at index {error.start} is half of a surrogate pair, which UTF-8 cannot write"
        ) from None


_TARGET = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^#]*)")


def target_of(url: str) -> str:
    """The request target in origin form (RFC 9112 section 3.2.1), byte for byte as the URL has it."""
    match = _TARGET.match(url)
    target = match[1] if match else "/"
    return target if target.startswith("/") else f"/{target}"


def query_names(pairs: Iterable[str]) -> list[str]:
    """The names in the pairs of a query, as a form's are read."""
    found = [pair.partition("=")[0] for pair in pairs if pair]
    return [unquote_plus(name) if "%" in name or "+" in name else name for name in found]


def decode(text: str, *, plus: bool = False) -> str:
    """The reverse of `encode`; with `plus`, a `+` is a space, as in every form a browser sends.

    Raises StyleError for a `%` without two hexadecimal digits and for bytes that are not UTF-8.
    """
    if broken := re.search("%(?![0-9A-Fa-f]{2})", text):
        raise StyleError(f"the % at index {broken.start()} is not followed by two hexadecimal digits")
    try:
        return unquote_to_bytes(text.replace("+", " ") if plus else text).decode("utf-8")
    except UnicodeError:
        raise StyleError("the percent-encoded bytes are not UTF-8 text") from None
