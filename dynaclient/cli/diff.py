"""`dynaclient diff`: what a newer document changes, and what of it breaks."""

from __future__ import annotations

import json
from argparse import Namespace

from dynaclient._support import terminal
from dynaclient.cli.config import client_to_read
from dynaclient.diff.call_sites import CallSites, call_sites
from dynaclient.diff.change import DocumentDiff
from dynaclient.diff.comparison import diff
from dynaclient.diff.reports import diff_lines, markdown

_STYLES = {
    "title": "bold",
    "breaking for callers": "bold red",
    "breaking for readers": "bold red",
    "may break callers": "bold yellow",
    "may break readers": "bold yellow",
    "safe": "bold green",
    "detail": "dim",
}


def show_diff(options: Namespace) -> int:
    """Print what changed; with `--breaking`, 1 where something breaks or may break, or was not compared."""
    old, new = (client_to_read(options, each) for each in (options.document, options.new))
    found = diff(old, new)
    calls = call_sites(options.calls, old.operations, found) if options.calls else None
    if options.output == "json":
        terminal.say(json.dumps(_data(found, calls), indent=2, default=str))
    elif options.output == "markdown":
        terminal.say(markdown(found, calls).removesuffix("\n"))
    else:
        print_lines(found, calls)
    unread = [
        f"{each.document.name}{each.operations.unread}" for each in (old, new) if each.operations.unread
    ]
    for said in unread:
        terminal.complain(f"dynaclient: not all was compared: {said}")
    return 1 if options.breaking and (found.breaks or unread) else 0


def print_lines(found: DocumentDiff, calls: CallSites | None = None) -> None:
    """The report as text; on a terminal, long lines break between words."""
    if not terminal.is_terminal():
        for line in diff_lines(found, calls):
            terminal.say(" " * line.indent + line.text)
        return
    from rich.padding import Padding  # late: 22 ms

    out = terminal.console()
    for line in diff_lines(found, calls):
        out.print(
            Padding(
                terminal.styled(line.text, _STYLES.get(line.kind, "")), (0, 0, 0, line.indent), expand=False
            )
        )


def _data(found: DocumentDiff, calls: CallSites | None) -> object:
    data = found.as_json()
    if calls is not None:
        numbers = {id(change): number for number, change in enumerate(found.changes)}
        data["calls"] = [
            {
                "path": each.path,
                "line": each.line,
                "operation": each.operation,
                "changes": [numbers[id(change)] for change in each.changes],
            }
            for each in calls.sites
        ]
        data["unread"] = [{"path": path, "reason": why} for path, why in calls.unread]
    return data
