"""What a contract run writes for other programs: a module for each format, and the table of them.

A reporter is a function (Results) -> bytes. To add one: a module here, a row in REPORTERS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynaclient.contract.flow import SentCase
    from dynaclient.contract.report import Report

__all__ = ["REPORTERS", "Results", "reporter"]


@dataclass(frozen=True)
class Results:
    """What there is to write: the report of a run against the document called `document`, at `server`.

    `exchanges`: all of the run, in the order in which they were sent, where the format asks for them.
    `operations`: `METHOD /path` of each, by their keys.
    """

    report: Report
    document: str
    server: str = ""
    exchanges: Sequence[SentCase] = ()
    operations: Mapping[str, str] = field(default_factory=dict)


REPORTERS: Mapping[str, str] = {
    "junit": "junit:write_junit",
    "json": "json_report:write_json",
    "har": "har:write_har",
    "html": "html:write_html",
}
"""Format -> module of this package, and its function."""

WITH_EXCHANGES = ("har", "html")
"""Formats that show every exchange."""


def reporter(name: str) -> Callable[[Results], bytes]:
    """What writes results as `name`, one of REPORTERS."""
    module, _, function = REPORTERS[name].partition(":")
    found: Callable[[Results], bytes] = getattr(import_module(f"{__name__}.{module}"), function)
    return found
