"""Formats: what a string must look like (JSON Schema validation 7.3, the format registry).

One function per format; both backends call the same ones where the compiled backend has none of its own
or means something else. A format that is not in the table says nothing about a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date as calendar_date
from typing import Any

from dynaclient._support.interrupts import let_through
from dynaclient._support.messages import kind_of
from dynaclient.errors import SettingsError

__all__ = ["register_format"]

Check = Callable[[Any], bool]


def date(text: str) -> bool:
    """`full-date` of RFC 3339."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII)
    if not match:
        return False
    try:
        calendar_date(int(match[1]) or 2000, int(match[2]), int(match[3]))  # year 0 is a date of RFC 3339
    except ValueError:
        return False
    return True


def time(text: str) -> bool:
    """`full-time` of RFC 3339; second 60 only where it is 23:59:60 in UTC."""
    match = re.fullmatch(r"(\d{2}):(\d{2}):(\d{2})(\.\d+)?([zZ]|([+-])(\d{2}):(\d{2}))", text, re.ASCII)
    if not match:
        return False
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    off_hour, off_minute = int(match[7] or 0), int(match[8] or 0)
    if hour > 23 or minute > 59 or second > 60 or off_hour > 23 or off_minute > 59:
        return False
    if second < 60:
        return True
    offset = (off_hour * 60 + off_minute) * (-1 if match[6] == "-" else 1)
    return (hour * 60 + minute - offset) % 1440 == 1439


def date_time(text: str) -> bool:
    """`date-time` of RFC 3339."""
    return len(text) > 11 and text[10] in "tT" and date(text[:10]) and time(text[11:])


def format_hint(name: str, text: Any) -> str:
    """What a text lacks to be of a format of times, in words; empty where that cannot be said."""
    if name not in ("date-time", "time") or not isinstance(text, str) or len(text) > _LONGEST_TIME:
        return ""
    check = FORMATS[name]
    joined = f"{text[:10]}T{text[11:]}" if name == "date-time" and text[10:11] in (" ", "_") else text
    lacks = [] if joined == text else ["no T between date and time"]
    if not check(joined):
        lacks.append("no time zone (such as Z or +01:00)")
        joined += "Z"
    return f": {', '.join(lacks)}" if check(joined) else ""


_LONGEST_TIME = 100


def byte(text: str) -> bool:
    """base64 (RFC 4648, section 4), padded."""
    return re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text) is not None


def base64url(text: str) -> bool:
    """base64url (RFC 4648, section 5), padded or not."""
    return re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", text) is not None and len(text.rstrip("=")) % 4 != 1


_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"


def hostname(text: str) -> bool:
    """A host name (RFC 1123); labels that begin with `xn--` hold real Punycode (RFC 5891)."""
    if len(text) > 253 or not all(re.fullmatch(_LABEL, label) for label in text.split(".")):
        return False
    return not any(label[2:4] == "--" for label in text.split(".")) or idn_hostname(text)


def idn_hostname(text: str) -> bool:
    """An internationalized host name (RFC 5890)."""
    import idna  # late: 7 ms

    try:
        return bool(idna.encode(text)) and all(idna.ulabel(label) for label in text.split("."))
    except UnicodeError:
        return False


def email(text: str) -> bool:
    """`Mailbox` of RFC 5321, without the rarities: one `@`, a local part, a domain or an address literal."""
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return False
    quoted = len(local) > 1 and local[0] == local[-1] == '"'
    dotted = re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", local)
    if not (quoted or dotted):
        return False
    if domain[0] == "[" and domain[-1] == "]":
        address = domain[1:-1]
        return ipv6(address[5:]) if address.lower().startswith("ipv6:") else ipv4(address)
    return hostname(domain)


def ipv4(text: str) -> bool:
    """An IPv4 address in dotted decimals."""
    parts = text.split(".")
    return len(parts) == 4 and all(
        re.fullmatch(r"0|[1-9][0-9]{0,2}", part) and int(part) < 256 for part in parts
    )


def ipv6(text: str) -> bool:
    """An IPv6 address (RFC 4291), without a zone."""
    from ipaddress import IPv6Address  # late: 1 ms

    try:
        return "%" not in text and bool(IPv6Address(text))
    except ValueError:
        return False


_URI_CHARACTERS = r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
_PARTS = r"(?:[^:/?#]+:)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?"
_HOST = r"(?:\[([^\[\]]*)\]|[^:\[\]]*)(?::([0-9]*))?"
_FUTURE = r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+"


def _plausible(text: str) -> bool:
    """Whether the parts of a URI are (RFC 3986, appendix B); `urlsplit` differs by the version of Python."""
    parts = re.fullmatch(_PARTS, text, re.DOTALL)
    if parts is None:
        return False
    authority, *rest = parts.groups("")
    return not any(bracket in part for part in rest for bracket in "[]") and (
        "#" not in rest[-1] and _is_authority(authority)
    )


def _is_authority(text: str) -> bool:
    """User, host and port (RFC 3986, section 3.2)."""
    user, _, place = text.rpartition("@")
    host = re.fullmatch(_HOST, place)
    if host is None or any(character in user for character in "@[]"):
        return False
    address, port = host.groups()
    known = address is None or ipv6(address) or re.fullmatch(_FUTURE, address) is not None
    return known and int(port or 0) < 65536


def uri(text: str) -> bool:
    """An absolute URI (RFC 3986)."""
    return re.fullmatch("[A-Za-z][A-Za-z0-9+.-]*:" + _URI_CHARACTERS, text) is not None and _plausible(text)


def uri_reference(text: str) -> bool:
    """A URI or a relative reference (RFC 3986)."""
    first = re.split(r"[/?#]", text, maxsplit=1)[0]
    relative = ":" not in first and re.fullmatch(_URI_CHARACTERS, text) is not None and _plausible(text)
    return relative or uri(text)


def _in_ascii(text: str) -> str:
    return re.sub(r"[^\x00-\xa0]", "x", text)


def iri(text: str) -> bool:
    """An absolute IRI (RFC 3987)."""
    return uri(_in_ascii(text))


def iri_reference(text: str) -> bool:
    """An IRI or a relative reference (RFC 3987)."""
    return uri_reference(_in_ascii(text))


_EXPRESSION = (
    r"\{[+#./;?&]?[A-Za-z0-9_%]+(\.[A-Za-z0-9_%]+)*(:[1-9][0-9]{0,3}|\*)?"
    r"(,[A-Za-z0-9_%.]+(:[1-9][0-9]{0,3}|\*)?)*\}"
)


def uri_template(text: str) -> bool:
    """A URI template (RFC 6570)."""
    rest = re.sub(_EXPRESSION, "x", text)
    return re.search(r"[{}<>\\^`|\"'\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})", rest) is None


def idn_email(text: str) -> bool:
    """A mailbox whose local part and domain may be beyond ASCII (RFC 6531)."""
    return email(_in_ascii(text))


def regex(text: str) -> bool:
    """A pattern that can be read."""
    from dynaclient.ecma_regex.printer import PatternError, translate  # late: 14 ms

    try:
        translate(text)
    except PatternError:
        return False
    return True


def _full(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text, re.DOTALL) is not None


_DURATION = (
    "P(?!$)([0-9]+W|([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)?"
    "(T(?=[0-9])([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S))?)"
)
_UUID = "[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_POINTER = "(/([^~/]|~[01])*)*"
_RELATIVE_POINTER = f"(0|[1-9][0-9]*)(#|{_POINTER})"

_TEXT_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": date,
    "time": time,
    "date-time": date_time,
    "duration": _full(_DURATION),
    "uuid": _full(_UUID),
    "email": email,
    "hostname": hostname,
    "idn-hostname": idn_hostname,
    "ipv4": ipv4,
    "ipv6": ipv6,
    "uri": uri,
    "uri-reference": uri_reference,
    "iri": iri,
    "iri-reference": iri_reference,
    "uri-template": uri_template,
    "idn-email": idn_email,
    "json-pointer": _full(_POINTER),
    "relative-json-pointer": _full(_RELATIVE_POINTER),
    "regex": regex,
    "byte": byte,
    "base64url": base64url,
}


def _on_text(check: Callable[[str], bool]) -> Check:
    """`check`, saying nothing about values that are no text."""
    return lambda value: not isinstance(value, str) or check(value)


FORMATS: dict[str, Check] = {name: _on_text(check) for name, check in _TEXT_FORMATS.items()}


_built_in = {"date", "time", "date-time", "duration", "uuid", "ipv4", "ipv6", "uri", "json-pointer"}
"""What the compiled backend checks itself, with the verdict of the functions here."""


_DAY, _CLOCK = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([zZ]|[+-][0-9]{2}:[0-9]{2})",
)
SHAPES = {"date": f"^{_DAY}$", "time": f"^{_CLOCK}$", "date-time": f"^{_DAY}[tT]{_CLOCK}$"}
"""Patterns beside formats: the compiled backend takes `12:0+:00Z` for a time (jsonschema-rs 0.60).

A pattern costs a tenth of what a function in Python does.
"""


def shape(name: str) -> str | None:
    """The pattern to lay beside a format, unless a function was registered for it."""
    return SHAPES.get(name) if name in _built_in else None


_DESCRIBING = frozenset(
    "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double decimal decimal128 double-int binary"
    " password char html commonmark media-range sf-binary sf-boolean sf-decimal sf-integer sf-string sf-token"
    " http-date date-time-local time-local".split()
)
"""Formats of the registry of OpenAPI that ask for nothing, or for what is checked in another way."""


def is_known(name: str) -> bool:
    """Whether a format is one that is checked, or one that has nothing to be checked."""
    return name in FORMATS or name in _DESCRIBING


def functions() -> dict[str, Check]:
    """The functions that the compiled backend calls."""
    return {name: check for name, check in FORMATS.items() if name not in _built_in}


def register_format(name: str, check: Callable[[str], bool]) -> None:
    """Check strings of format `name` with `check`: text -> bool. Holds for clients made afterwards.

    Raises SettingsError for a name that is no text, and for what is no function.
    """
    given: tuple[Any, Any] = (name, check)
    if not isinstance(given[0], str) or not callable(given[1]):
        what = f"{kind_of(name)} and {kind_of(check)}"
        raise SettingsError(f"expected a name and a function of a text as format, got {what}")

    def run(text: str) -> bool:
        try:
            return check(text)
        except Exception as error:  # its words may hold the text, and that may be a secret
            let_through(error)
            message = f"the check of format {name!r} raised {type(error).__name__} (the cause of this error)"
            raise SettingsError(message) from error

    FORMATS[name] = _on_text(run)
    _built_in.discard(name)
