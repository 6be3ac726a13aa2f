"""What tools/corpus.py asks with `--sandbox`: does a document agree with the sandbox that is made from it?

The document is served, and a contract test runs against that server. Both read the same document, so whatever
is reported is a fault of ours.
"""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dynaclient import Client, DynaclientError
from dynaclient.contract import run
from dynaclient.contract.report import OperationReport
from dynaclient.document.operations import OperationBuilder
from dynaclient.sandbox import Sandbox


@dataclass
class SandboxRow:
    """What a contract test of a document against its own sandbox said."""

    name: str
    operations: int = 0
    """How many the document has."""
    tried: int = 0
    succeeded: int = 0
    """Of how many a 2xx was seen."""
    requests: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    """What could not be checked: mostly references that lead nowhere."""
    error: str = ""
    """Why the document is not served: it cannot be opened, or takes too long."""


def exercise(root: Path, name: str, folder: Path | None, options: dict[str, Any]) -> SandboxRow:
    """Serve the document at `root` and test that server, within the limits that `options` holds."""
    row = SandboxRow(name)
    try:
        source = Client(str(root), ref_folder=folder)
    except DynaclientError as error:
        row.error = str(error).splitlines()[0]
        return row
    row.operations = len(source.operations)
    if (
        not source.operations
    ):  # nothing to test, nothing that failed: what its references lead to is not there
        row.unchecked.append(f"no operation can be read{source.operations.unread}")
        return row
    handler = _Caught(row)
    logging.getLogger("dynaclient").addHandler(handler)
    begun = time.perf_counter()
    try:
        with Sandbox(source) as running:
            _tested(root, folder, running.url, row, options, begun)
            row.requests = len(running.received)
    except Exception as error:
        row.failures.append(f"{type(error).__name__}: {error} {traceback.format_exc(limit=-3)!r}")
    finally:
        logging.getLogger("dynaclient").removeHandler(handler)
    row.seconds = time.perf_counter() - begun
    return row


def _tested(
    root: Path, folder: Path | None, url: str, row: SandboxRow, options: dict[str, Any], begun: float
) -> None:
    with Client(str(root), ref_folder=folder, server=url) as first:
        given = credentials(first)
    with Client(str(root), ref_folder=folder, server=url, credentials=given) as client:
        keys = list(client.operations)[: options["operations"]]
        left = max(1.0, options["seconds"] - (time.perf_counter() - begun))
        report = run(
            client,
            seed=options["seed"],
            cases=options["cases"],
            only=[client.operations.entry(key).location for key in keys],
            max_time=left,
        )
    row.failures += [report.problem] if report.problem else []
    for each in report.operations:
        _add(row, each)


def credentials(client: Client) -> dict[str, Any]:
    """Something for each security scheme of the document."""
    schemes = OperationBuilder(client.document).security_schemes()
    return {
        name: ("user", "secret") if scheme.kind == "http" and scheme.scheme == "basic" else "secret"
        for name, scheme in schemes.items()
    }


def _add(row: SandboxRow, report: OperationReport) -> None:
    row.tried += 1
    row.succeeded += any(200 <= status < 300 for status in report.statuses)
    row.failures += map(str, report.failures)
    row.failures += [f"{report.operation}: {said}" for said in (report.problem, report.unreached) if said]
    for finding in report.unchecked:
        said = f"{finding.pointer}: {finding.message}"
        if said not in row.unchecked:
            row.unchecked.append(said)


class _Caught(logging.Handler):
    """Exceptions that the sandbox answers with a 500, which a contract test may take for a documented one."""

    def __init__(self, row: SandboxRow) -> None:
        super().__init__(logging.ERROR)
        self._row = row

    def emit(self, record: logging.LogRecord) -> None:
        told = traceback.format_exception(*record.exc_info)[-3:] if record.exc_info else []
        self._row.failures.append(f"{record.getMessage()} {''.join(told)!r}")
