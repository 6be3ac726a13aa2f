"""Lines for a POSIX shell in which what one request brings is a variable of those that come after it.

A value that is captured goes through all that writes a request as a mark: see `explore.shell`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dynaclient._support.missing import MISSING
from dynaclient.contract.pointers import put_at, reached
from dynaclient.document.node import tokens
from dynaclient.explore.shell import mark, unquoted, variable_of

if TYPE_CHECKING:
    from dynaclient.contract.case import Case
    from dynaclient.contract.flow import Capture, Step

_TAKEN = frozenset(
    ("path", "status", "home", "ifs", "user", "shell", "argv", "options", "pwd", "uid", "gid", "prompt")
)
"""Names that mean something to one shell or another, in capitals or not."""


@dataclass(frozen=True)
class Captured:
    """A step as it is written: its case with marks, what it is to bring (variable -> what it holds), and
    lines that stand before it."""

    case: Case
    brings: Mapping[str, Capture]
    before: tuple[str, ...] = ()


def written(steps: Sequence[Step], fits: Callable[[str, Any], bool]) -> list[Captured]:
    """The steps with a mark for each value that an earlier one of them brings.

    `fits`: whether a value can stand at a place (`path.userId`, `body#/id`, `url`) as a variable; else it is
    copied.
    """
    names: dict[tuple[int, str, bool], str] = {}
    brings: dict[int, dict[str, Capture]] = {id(step): {} for step in steps}
    cases = []
    before: list[tuple[str, ...]] = []
    for step in steps:
        case = step.case
        for place, capture in _used(step).items():
            value = value_at(case, place)
            if id(capture.step) not in brings or value is MISSING or not fits(place, value):
                continue
            key = (id(capture.step), capture.expression, capture.segment)
            if key not in names:
                names[key] = _variable(place, names.values())
                brings[id(capture.step)][names[key]] = capture
            case = _put(case, place, mark(names[key]))
        cases.append(case)
        before.append((_absolute(step.case.url, case.url),) if case.url != step.case.url else ())
    made = zip(steps, cases, before, strict=True)
    return [Captured(case, brings[id(step)], lines) for step, case, lines in made]


def _used(step: Step) -> Mapping[str, Capture]:
    """What of the captured values is written: a URL that a response gave has no parameters to fill."""
    return {"url": step.takes["url"]} if "url" in step.takes else step.takes


def _absolute(url: str, marked: str) -> str:
    """The line that makes a URL whole where a response gave its path alone."""
    name, origin = variable_of(marked), "/".join(url.split("/")[:3])
    return f'case "${name}" in /*) {name}={shlex.quote(origin)}"${name}" ;; esac'


def marked_json(value: Any, original: Any) -> str:
    """JSON of `value`, whose marks stand for values of `original`: those that are no text have no quotes."""
    text = json.dumps(value, ensure_ascii=False)
    return unquoted(text, value, original)


def is_plain(place: str, value: Any) -> bool:
    """Whether a value is a number, or a text that is the same within JSON."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    return not isinstance(value, str) or json.dumps(value, ensure_ascii=False)[1:-1] == value


def _variable(place: str, taken: Iterable[str]) -> str:
    last = re.split(r"[./]", place)[-1]
    name = re.sub(r"\W", "_", last, flags=re.ASCII) or "value"
    name = f"_{name}" if name[0].isdigit() else name
    several = [name, *(f"{name}_{count}" for count in range(2, 99))]
    return next(each for each in several if each not in taken and each.lower() not in _TAKEN)


def value_at(case: Case, place: str) -> Any:
    """What a case sends at a place (`path.userId`, `body#/id`, `url`); MISSING where that is nothing."""
    if place == "url":
        return case.url or MISSING
    if not place.startswith("body#"):
        return case.arguments.get(place, MISSING)
    return reached(case.body, place.removeprefix("body#"))


def _put(case: Case, place: str, new: str) -> Case:
    if place == "url":
        return replace(case, url=new)
    if place.startswith("body#"):
        return replace(case, body=put_at(case.body, tokens(place.removeprefix("body#")), new))
    return replace(case, arguments={**case.arguments, place: new})
