"""What a value has to be, written by hand: a rule gives what is wrong with a value, or the empty text.

Nothing here reads the document. So the application and its document can be compared.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Rule = Callable[[Any], str]

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(rf'("([^"\\\r\n]|\\.)*"|{_LOCAL})@({_LABEL}(\.{_LABEL})*|\[[0-9A-Za-z:.]+\])')
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


def anything(_: Any) -> str:
    """No rule."""
    return ""


def text(least: int = 0, most: int | None = None, pattern: str = "", form: Rule = anything) -> Rule:
    """A text of `least` to `most` characters that fits all of `pattern` and `form`."""

    def rule(value: Any) -> str:
        if not isinstance(value, str):
            return "expected a text"
        if len(value) < least or (most is not None and len(value) > most):
            return f"expected {least} to {'any number of' if most is None else most} characters"
        if pattern and not re.fullmatch(pattern, value):
            return f"expected a text like {pattern}"
        return form(value)

    return rule


def number(least: float, most: float, *, whole: bool = False, above: bool = False) -> Rule:
    """A number from `least` to `most`; `above`: more than `least`."""

    def rule(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "expected a number"
        if whole and value != value // 1:
            return "expected a whole number"
        if not least <= value <= most or (above and value == least):
            return f"expected a number from {least} to {most}"
        return ""

    return rule


def integer(least: int, most: int) -> Rule:
    """A whole number from `least` to `most`; 1.0 is one."""
    return number(least, most, whole=True)


def boolean(value: Any) -> str:
    """True or false."""
    return "" if isinstance(value, bool) else "expected true or false"


def one_of(*values: str) -> Rule:
    """One of a few texts."""
    return lambda value: "" if isinstance(value, str) and value in values else f"expected one of {values}"


def or_null(rule: Rule) -> Rule:
    """What `rule` takes, and null."""
    return lambda value: "" if value is None else rule(value)


def array(item: Rule, least: int = 0, most: int | None = None, *, unique: bool = False) -> Rule:
    """An array of `least` to `most` items; `unique`: no two alike."""

    def rule(value: Any) -> str:
        if not isinstance(value, list):
            return "expected an array"
        if len(value) < least or (most is not None and len(value) > most):
            return f"expected {least} to {most} items"
        found = next((wrong for wrong in map(item, value) if wrong), "")
        if not found and unique and len(set(value)) < len(value):
            return "expected no item twice"
        return found

    return rule


@dataclass
class Shape:
    """An object: rules of its properties, and which it must have. It takes no others."""

    properties: dict[str, Rule]
    required: set[str] = field(default_factory=set)
    least: int = 0
    others: bool = False

    def __call__(self, value: Any) -> str:
        return "; ".join(f"{name}: {message}" if name else message for name, message in self.errors(value))

    def errors(self, value: Any) -> list[tuple[str, str]]:
        """What is wrong with an object, as name and message."""
        if not isinstance(value, dict):
            return [("", "expected an object")]
        found = [(name, "is missing") for name in sorted(self.required - value.keys())]
        if len(value) < self.least:
            found.append(("", "expected a property"))
        for name, each in value.items():
            if name in self.properties:
                found.append((name, self.properties[name](each)))
            elif not self.others:
                found.append((name, "is unknown"))
        return [(name, message) for name, message in found if message]


@dataclass
class Tagged:
    """Objects of several shapes, told apart by the property `name`."""

    name: str
    shapes: dict[str, Shape]

    def __call__(self, value: Any) -> str:
        kind = value.get(self.name) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in self.shapes:
            return f"expected an object with a known {self.name}"
        return self.shapes[kind](value)


def email(value: str) -> str:
    """An address as RFC 5321 has it."""
    return "" if _EMAIL.fullmatch(value) else "expected an e-mail address"


def uuid(value: str) -> str:
    """A UUID in its usual form."""
    return "" if _UUID.fullmatch(value) else "expected a UUID"


def date(value: str) -> str:
    """A full-date of RFC 3339."""
    found = _DATE.fullmatch(value)
    return "" if found and _in_calendar(*map(int, found.groups())) else "expected a date"


def date_time(value: str) -> str:
    """A date-time of RFC 3339."""
    day, time = value[:10], value[11:]
    good = value[10:11] in ("T", "t") and not date(day) and _TIME.fullmatch(time)
    return "" if good else "expected a date and a time with its offset"


def instant(value: str) -> datetime.datetime:
    """The moment that a date-time means, in UTC; the first or the last there is where Python has none."""
    zone = value[-6:] if value[-1] not in "Zz" else "+00:00"
    clock = value[11:19].replace(":60", ":59")
    shift = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])) * (-1 if zone[0] == "-" else 1)
    try:
        return datetime.datetime.fromisoformat(f"{value[:10]}T{clock}") - shift
    except (ValueError, OverflowError):
        return datetime.datetime.max if value[:4] > "5000" else datetime.datetime.min


def _in_calendar(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and 1 <= day <= days[month - 1]


def first(found: Iterable[str]) -> str:
    """The first message that is not empty."""
    return next((each for each in found if each), "")
