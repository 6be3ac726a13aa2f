"""`dynaclient lint --write-overlay`: an overlay that mends what was found, and was tried."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from dynaclient._support import terminal
from dynaclient._support.messages import pluralize
from dynaclient.cli.config import client_to_read
from dynaclient.client import Client, executor_of
from dynaclient.document.mending import mends, overlay_of
from dynaclient.errors import DocumentError, Finding


def write_overlay(options: Namespace, client: Client, findings: Sequence[Finding]) -> None:
    """Write the mends to a file that is not there yet, and say how many findings they make go.

    The overlay is applied first: a mend whose finding stays is left out.
    """
    if findings and client.document.upgraded:  # what is found may be in what was made of it alone
        terminal.say("Swagger 2.0 is read as OpenAPI 3.0, and gets no mends; no overlay was written")
        return
    title = f"Mends of {client.document.name}"
    tried = mends(client.document, findings)
    while tried:
        left = _left(options, overlay_of(title, tried))
        if left is None:  # it cannot be applied as a whole
            working = [each for each in tried if _left(options, overlay_of(title, [each])) is not None]
            working = working if len(working) < len(tried) else []
        else:
            working = [each for each in tried if _mark(each.finding) not in left]
        if len(working) == len(tried):
            break
        tried = working
    if not tried:
        terminal.say("no finding has a mend of one certain meaning; no overlay was written")
        return
    _write(options.write_overlay, overlay_of(title, tried))
    count, all_of = pluralize(len(tried), "finding"), len(findings)
    terminal.say(
        f"{options.write_overlay} mends {count} of {all_of}; give it to --overlay, or to overlays= in Python"
    )


def _left(options: Namespace, overlay: dict[str, Any]) -> set[tuple[str, str]] | None:
    """What is found with an overlay applied; None where the document cannot be opened then."""
    from dynaclient.lint import lint  # late: 46 ms

    tried = Namespace(**{**vars(options), "overlay": [*options.overlay, overlay]})
    try:
        return {_mark(each) for each in lint(executor_of(client_to_read(tried)), examples=True)}
    except DocumentError:
        return None


def _mark(finding: Finding) -> tuple[str, str]:
    return finding.pointer, finding.message.partition(" (from ")[0]


def _write(path: str, overlay: dict[str, Any]) -> None:
    import yaml  # late: 10 ms

    text = yaml.safe_dump(overlay, sort_keys=False, allow_unicode=True, width=100)
    with open(path, "x", encoding="utf-8") as file:  # never over a file that is there
        file.write(text)
