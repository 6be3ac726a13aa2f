"""`dynaclient test`: what runs now, then what failed, then what was tried; and files for other programs."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dynaclient._support.messages import pluralize
from dynaclient.cli import render
from dynaclient.cli.config import client_of, tell_withheld
from dynaclient.cli.options.parser import UNCHECKED
from dynaclient.client import Client
from dynaclient.contract.flow import SentCase
from dynaclient.contract.project_settings import project_settings
from dynaclient.contract.report import OperationReport, Report
from dynaclient.contract.report_replay import replay
from dynaclient.contract.reports import WITH_EXCHANGES, Results, reporter
from dynaclient.contract.run_state import Progress
from dynaclient.contract.runner import INTERRUPTED, run
from dynaclient.errors import DynaclientError, SettingsError

if TYPE_CHECKING:
    from dynaclient.cli.referee import Referee

OPTIONS = (
    "only skip tags phases checks max_time max_failures max_response_time rate workers seed cases given"
    " any_data delete allow_unchecked"
).split()
"""Options that are settings of a run, under the same names; None where they were not given."""

OF_REPLAY = "checks max_time max_failures max_response_time rate allow_unchecked".split()


def test(options: Namespace) -> int:
    """Contract cases against a server; 1 where something failed, `UNCHECKED` where something was not checked.

    An interrupt ends with what was found.
    """
    asked = _settings(options)
    least = asked.pop("fail_under", None)
    exchanges: list[SentCase] = []
    observers = [exchanges.append] if any(name in WITH_EXCHANGES for name, _ in options.report) else []
    with client_of(options) as client, _opened(options.report) as files:
        tell_withheld(client, client.operations.values())
        referee = _referee(options, client)
        if referee is not None:
            observers.append(referee.observe)
        asked["observe"] = lambda sent: [each(sent) for each in observers]
        try:
            with _progress() as told:
                report = _run(client, options, asked | {"progress": told})
        except DynaclientError as error:  # an empty file is no XML, which is all that a CI system would say
            _write(Results(Report((), str(error)), client.document.name), files)
            raise
        _show(report, least)
        if referee is not None:
            _show_referee(referee)
        _write(_results(client, report, exchanges), files)
    if report.cut == INTERRUPTED:
        raise KeyboardInterrupt
    too_few = least is not None and report.succeeded < least
    return 1 if report.failed or too_few else 0 if report.ok else UNCHECKED


def _settings(options: Namespace) -> dict[str, Any]:
    """The settings of the project, and those of the command line, which win."""
    given = {name: getattr(options, name) for name in (*OPTIONS, "fail_under")}
    chosen = {name: value for name, value in given.items() if value is not None}
    project = project_settings(options.document, Path.cwd())
    if "off" in project:  # a check that was asked for by name is made
        kept = {each.removeprefix("-") for each in chosen.get("checks", ()) if not each.startswith("-")}
        project["off"] = {name: why for name, why in project["off"].items() if name not in kept}
    return project | chosen


def _run(client: Client, options: Namespace, asked: Mapping[str, Any]) -> Report:
    if not options.replay:
        return run(client, **asked)
    wanted = {name: asked[name] for name in (*OF_REPLAY, "progress", "observe") if name in asked}
    return replay(client, Path(options.replay).read_bytes(), **wanted)


def _referee(options: Namespace, client: Client) -> Referee | None:
    if not options.referee:
        return None
    from dynaclient.cli.referee import Referee  # late: 60 ms

    return Referee(client)


def _show_referee(referee: Referee) -> None:
    found = referee.disagreements
    render.say(f"\nopenapi-core judged {pluralize(referee.judged, 'exchange')}")
    render.say(
        f"it disagrees in {pluralize(len(found), 'point')}" if found else "it agrees with all verdicts"
    )
    for each in found:
        render.say(f"  {each}")


def _results(client: Client, report: Report, exchanges: Sequence[SentCase]) -> Results:
    described = {each.key: f"{each.method} {each.path}" for each in client.operations.values()}
    return Results(report, client.document.name, client.server or "", exchanges, described)


# -- while it runs --------------------------------------------------------------------------------------


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[Progress], None] | None]:
    """Says on a terminal what runs now; nothing into a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # late: 49 ms

    with Console(stderr=True, highlight=False, markup=False, emoji=False).status("starting") as status:
        yield lambda progress: status.update(render.styled(_now(progress)))


def _now(progress: Progress) -> str:
    return (
        f"{progress.phase}: {progress.operation}  {pluralize(progress.requests, 'request')}, "
        f"{pluralize(progress.failures, 'failure')}, {progress.seconds:.0f} s"
    )


# -- what it found --------------------------------------------------------------------------------------


def _show(report: Report, least: float | None) -> None:
    for group in report.groups:
        render.say(f"{group}\n")
    wanted = f", expected at least {least:g}%" if least is not None else ""
    render.say(
        f"{report.succeeded:.0f}% of operations succeeded{wanted}; "
        f"{pluralize(report.requests, 'request')} in {report.seconds:.1f} s, seed {report.seed}"
    )
    _show_operations(report)
    for each in report.operations:
        for why in each.skipped:
            render.prose(f"not sent: {each.operation}: {why}")
    for check, reason in report.off.items():
        render.prose(f"off: {check}: {reason}")
    for finding in report.unchecked:
        render.prose(f"not checked: {finding.pointer}: {finding.message}")
    if report.apart:
        render.prose(f"passed as it is: {', '.join(report.apart)}")
    if report.coverage is not None and report.requests:
        _show_coverage(report)
    render.say(f"\n{report}")
    for problem in _problems(report):
        render.complain(f"dynaclient: {problem}")


HEADS = ("operation", "valid", "invalid", "probes", "inconclusive", "statuses", "result")


def _show_operations(report: Report) -> None:
    if report.operations:
        some = any(each.inconclusive for each in report.operations)
        columns = [at for at, head in enumerate(HEADS) if some or head != "inconclusive"]
        rows = [[row[at] for at in columns] for row in map(_row, report.operations)]
        render.say()
        render.table([HEADS[at] for at in columns], rows)
        render.say()


def _row(report: OperationReport) -> tuple[str, ...]:
    counts = (report.valid, report.broken, report.probes, report.inconclusive)
    statuses = " ".join(f"{status}x{count}" for status, count in sorted(report.statuses.items()))
    return report.operation, *(str(each) if each else "-" for each in counts), statuses or "-", report.verdict


def _show_coverage(report: Report) -> None:
    assert report.coverage is not None
    render.prose(f"\ncoverage: {report.coverage}\n")
    rows = [
        (each.kind, str(each.tried), str(each.of), f"{100 * each.tried / each.of:.0f}%")
        for each in report.coverage.shares
    ]
    render.table(("coverage", "tried", "of", ""), rows)


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


# -- files ----------------------------------------------------------------------------------------------

Files = list[tuple[str, BinaryIO]]


@contextlib.contextmanager
def _opened(reports: list[tuple[str, str]]) -> Iterator[Files]:
    """The files for the results, opened before the run: that one cannot be written is said at once."""
    with contextlib.ExitStack() as stack:
        files: Files = []
        for name, path in reports:
            try:
                file = open(path, "wb", opener=_at_once)  # noqa: SIM115
            except ValueError:
                raise SettingsError(f"--report {name}={path!r}: no file can have this name") from None
            files.append((name, stack.enter_context(file)))
        yield files


def _at_once(path: str, flags: int) -> int:
    """Open a file to write to; a pipe that nobody reads from is not waited for."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    return descriptor


def _write(results: Results, files: Files) -> None:
    for name, file in files:
        file.write(reporter(name)(results))
