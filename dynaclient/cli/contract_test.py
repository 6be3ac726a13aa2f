"""`dynaclient test`: a row for each operation as it is done, then what broke, and a file for a CI system."""

from __future__ import annotations

import contextlib
import os
from argparse import Namespace
from collections.abc import Iterator
from typing import Any, BinaryIO

from dynaclient.cli import render
from dynaclient.cli.arguments import UNCHECKED
from dynaclient.cli.config import client_of, tell_withheld
from dynaclient.contract.report import Report, junit
from dynaclient.contract.runner import INTERRUPTED, run
from dynaclient.errors import DynaclientError, SettingsError


def test(options: Namespace) -> int:
    """Contract cases against a server; 1 where something broke, `UNCHECKED` where something was not checked.

    An interrupt ends with what was found.
    """
    asked = {name: getattr(options, name) for name in ("seed", "cases", "only", "skip", "allow_unchecked")}
    with client_of(options) as client, _opened(options.junit) as file:
        tell_withheld(client, client.operations.values())
        try:
            report = run(client, **asked)
        except DynaclientError as error:  # an empty file is no XML, which is all that a CI system would say
            _write(Report((), str(error)), client.document.name, file)
            raise
        _result(report, client.document.name, file)
    if report.cut == INTERRUPTED:
        raise KeyboardInterrupt
    return 1 if report.failed else 0 if report.ok else UNCHECKED


def _opened(path: str | None) -> Any:
    """The file for the results, opened before the run: that it cannot be written is said at once."""
    if not path:
        return contextlib.nullcontext()
    try:
        return open(path, "wb", opener=_at_once)
    except ValueError:
        raise SettingsError(f"--junit {path!r}: no file can have this name") from None


def _at_once(path: str, flags: int) -> int:
    """Open a file to write to; a pipe that nobody reads from is not waited for."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    return descriptor


def _result(report: Report, document: str, file: BinaryIO | None) -> None:
    width = max((len(each.operation) for each in report.operations), default=0)
    for each in report.operations:
        render.say(f"{each.operation:{width}}  {each.cases:22}  {each.verdict}")
    for failure in report.failures:
        render.say(f"\n{failure}")
    for finding in report.unchecked:
        render.say(f"not checked: {finding.pointer}: {finding.message}")
    if report.apart:
        render.say(f"passed as it is: {', '.join(report.apart)}")
    render.say(f"\n{report}")
    for problem in _problems(report):
        render.complain(f"dynaclient: {problem}")
    _write(report, document, file)


def _write(report: Report, document: str, file: BinaryIO | None) -> None:
    if file is not None:
        file.write(junit(report, f"dynaclient test {document}"))


def _problems(report: Report) -> Iterator[str]:
    """What keeps results from meaning anything, each once, with the operations that it is true of."""
    if report.cut:
        yield report.cut
    if report.problem:
        yield report.problem
        return
    for problem in dict.fromkeys(each.unreached for each in report.operations if each.unreached):
        keys = [each.operation for each in report.operations if each.unreached == problem]
        more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        yield f"{', '.join(keys[:5])}{more}: {problem}"
