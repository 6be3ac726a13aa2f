"""The settings of a client and the options of a call: each checked when it is given. Raises SettingsError."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, Literal

from dynaclient._support.messages import kind_of, setting_name, short_repr
from dynaclient.calls.arguments import OPTIONS
from dynaclient.errors import SettingsError
from dynaclient.transport.deadline import Timeout

Mode = Literal["strict", "warn", "off"]
MODES = ("strict", "warn", "off")


def modes(validate: Mode | Mapping[str, Mode]) -> dict[str, Mode]:
    """What `validate=` means for each direction, and for properties that are not declared."""
    modes: dict[str, Mode] = {"request": "strict", "response": "strict", "undeclared": "warn"}
    one = dict.fromkeys(("request", "response"), validate)
    given = dict(validate) if isinstance(validate, Mapping) else one
    for direction, mode in given.items():
        if direction not in modes or mode not in MODES:
            raise SettingsError(
                f"validate: expected one of {', '.join(MODES)}, or a mapping of 'request', 'response' and "
                f"'undeclared' to them, got {short_repr(validate)}"
            )
        modes[direction] = mode
    if modes["request"] == "off" and "undeclared" not in given:
        modes["undeclared"] = "off"
    return modes


def mapping(name: str, value: Any) -> Mapping[str, Any]:
    """A setting that is a mapping, or None for an empty one."""
    if value is not None and not isinstance(value, Mapping):
        raise SettingsError(f"{name}: expected a mapping, got {kind_of(value)}")
    return value or {}


def count(name: str, value: Any, least: int = 0) -> int:
    """A whole number from `least` on."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise SettingsError(f"{name}: expected a whole number from {least}, got {short_repr(value)}")


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if isinstance(value, bool):
        return value
    raise SettingsError(f"{name}: expected True or False, got {short_repr(value)}")


def header_name(name: str, value: Any) -> str:
    """The name of a header (RFC 9110 section 5.1), empty for None."""
    if value is None:
        return ""
    if isinstance(value, str) and value.isascii() and _TOKEN.fullmatch(value):
        return value
    raise SettingsError(
        f"{name}: expected the name of a header, such as Idempotency-Key, got {short_repr(value)}"
    )


_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+")


def cache(value: Any) -> bool | str | PathLike[str]:
    """Whether opened documents are kept, or the folder for them."""
    if isinstance(value, (bool, PathLike)) or (value and isinstance(value, str)):
        return value
    raise SettingsError(f"cache: expected True, False or the path of a folder, got {short_repr(value)}")


def server(value: Any) -> str | int | None:
    """A URL, or what one of the document's servers is called."""
    if isinstance(value, (str, int, type(None))) and not isinstance(value, bool) and value != "":
        return value
    expected = "a URL, or the index, URL, name or description of one of the document's servers"
    given = kind_of(value) if value != "" else "an empty text"
    raise SettingsError(f"{setting_name('server')} expects {expected}, got {given}")


def hosts(value: Any) -> Collection[str]:
    """Hosts that references may be read from. A text alone would be taken for its letters."""
    several = isinstance(value, Collection) and not isinstance(value, (str, bytes, Mapping))
    if several and all(isinstance(each, str) for each in value):
        found: Collection[str] = value
        return found
    raise SettingsError(f"ref_hosts: expected a list of host names, got {short_repr(value)}")


def folder(value: Any, name: str = "ref_folder") -> str | PathLike[str] | None:
    """The path of a folder, or None."""
    if isinstance(value, (str, PathLike, type(None))):
        return value
    raise SettingsError(f"{name}: expected the path of a folder, got {kind_of(value)}")


def overlays(value: Any) -> Sequence[Any]:
    """Overlays, in the order in which they are applied. A text alone is the name of one, not a list."""
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes, bytearray)):
        raise SettingsError(f"overlays: expected a list of overlays, got {kind_of(value)}")
    if "" in value:
        raise SettingsError("overlays: expected a path, a URL or a dict, got an empty text")
    return value


def options(given: Any) -> Mapping[str, Any]:
    """The options of one call."""
    found = mapping("options", given)
    for name, value in found.items():
        if name not in OPTIONS:
            raise SettingsError(f"options has no {short_repr(name)}; allowed: {', '.join(OPTIONS)}")
        _OPTIONS[name](value)
    if found.get("end_marker") is not None and not found.get("stream"):
        raise SettingsError("options['end_marker'] needs 'stream': True")
    return PrivateOptions(found)


class PrivateOptions(dict[str, Any]):
    """Options, shown by name: headers and query may hold secrets."""

    def __repr__(self) -> str:
        return f"<options {', '.join(self)}>"

    def __rich_repr__(self) -> Iterator[Any]:
        yield from self


def _headers(value: Any) -> None:
    for name, text in mapping("options['headers']", value).items():
        if not isinstance(text, (str, type(None))):  # other types have no one text
            raise SettingsError(f"options['headers'][{short_repr(name)}]: expected text, got {kind_of(text)}")


def _content_type(value: Any) -> None:
    if not isinstance(value or "", str):
        raise SettingsError("options['content_type']: expected the text of a media type")


def _compress(value: Any) -> None:
    if value not in ("gzip", "deflate", None):
        raise SettingsError(f"options['compress']: expected 'gzip' or 'deflate', got {short_repr(value)}")


def _stream(value: Any) -> None:
    if not isinstance(value, bool):
        raise SettingsError("options['stream']: expected True or False")


def _end_marker(value: Any) -> None:
    if value is not None and not (isinstance(value, str) and value and value == value.strip()):
        raise SettingsError(
            f"options['end_marker']: expected the text that ends a stream, such as [DONE], "
            f"got {short_repr(value)}"
        )


def _retry(value: Any) -> None:
    from dynaclient.transport.retries import RETRY_MODES  # late: 1 ms

    if value is not None and value not in RETRY_MODES:
        raise SettingsError(
            f"options['retry']: expected one of {', '.join(RETRY_MODES)}, got {short_repr(value)}"
        )


_OPTIONS: dict[str, Callable[[Any], object]] = {
    "headers": _headers,
    "query": lambda value: mapping("options['query']", value),
    "timeout": Timeout.of,
    "content_type": _content_type,
    "compress": _compress,
    "stream": _stream,
    "end_marker": _end_marker,
    "retry": _retry,
}
