"""How one primitive is written: percent-encoded, or as it is in a header or a cookie.

Numbers, true and false are written as JSON writes them (OpenAPI 3.1.1, Appendix B leaves this open), strings
without quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from dynaclient.decimals import is_decimal
from dynaclient.wire import percent
from dynaclient.wire.percent import StyleError
from dynaclient.words import kind_of


class Pen(Protocol):
    """Writes one primitive as the place asks.

    The characters of `without` delimit something around the value: they are encoded even where they could
    stay.
    Raises StyleError for a value that the place cannot hold.
    """

    def __call__(self, value: Any, without: str = "") -> str: ...


def percent_pen(keep: str, *, triplets: bool = False) -> Pen:
    """Percent-encodes all but the unreserved characters and those of `keep`; see `percent.encode`."""

    def pen(value: Any, without: str = "") -> str:
        kept = "".join(char for char in keep if char not in without)
        return percent.encode(text(value), kept, triplets=triplets)

    return pen


def header_pen(value: Any, without: str = "") -> str:
    """Passes a value as it is, if a header can hold it (RFC 9110 section 5.5)."""
    written = text(value)
    if _CONTROL.search(written):
        raise StyleError("a header value cannot hold control characters such as CR and LF")
    if not written.isascii() and max(written) > "\xff":
        raise StyleError(f"a header value cannot hold {max(written)!a}: only Latin-1 characters can be sent")
    return written


def cookie_pen(value: Any, without: str = "") -> str:
    """Passes a value as it is, if a cookie can hold it; a name where `=` delimits (RFC 6265, 4.1.1)."""
    written = text(value)
    if "=" in without and not _COOKIE_NAME.fullmatch(written):
        raise StyleError(f"{written!a} cannot name a cookie: only letters, digits and !#$%&'*+.^_`|~- can")
    if "=" not in without and not _COOKIE_VALUE.fullmatch(written):
        raise StyleError(
            'a cookie value can hold only ASCII without spaces, control characters and `",;\\`, and style '
            "cookie escapes nothing: give the value in the escaped form that the server expects"
        )
    return written


def text(value: Any) -> str:
    """A primitive as JSON writes it, strings without their quotes. Raises StyleError for anything else."""
    for kind, write in _PRIMITIVES.items():
        if isinstance(value, kind):
            return write(value)
    if is_decimal(value):
        return str(value)
    raise StyleError(_refusal(value))


def _integer(value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        raise StyleError("the integer has more digits than Python agrees to write") from None


def _float(value: float) -> str:
    if value - value != 0:
        raise StyleError("NaN and Infinity are not JSON numbers")
    return float.__repr__(value)


_PRIMITIVES: dict[type, Callable[[Any], str]] = {
    str: str.__str__,
    bool: lambda value: "true" if value else "false",  # before int: a bool is one
    int: _integer,
    float: _float,
}


def _refusal(value: Any) -> str:
    if value is None:
        return "null has no form in this style; leave it out"
    if isinstance(value, (list, tuple)):
        return "an array has no form at this place of the style: only strings, numbers and booleans do"
    if isinstance(value, dict):
        return "an object has no form at this place of the style: only strings, numbers and booleans do"
    return f"{kind_of(value)} is not a string, number, boolean, array or object"


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COOKIE_OCTETS = r"[!#-+\--:<-\[\]-~]*"
_COOKIE_VALUE = re.compile(f'{_COOKIE_OCTETS}|"{_COOKIE_OCTETS}"')
