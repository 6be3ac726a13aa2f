"""A contract test of a real server: what it sees the server do against its document, written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dynaclient import Client, contract
from dynaclient._support.messages import pluralize
from dynaclient.contract import Report
from dynaclient.contract.reports import Results, reporter


@dataclass(frozen=True)
class Contract:
    """Reports go to `folder`; a run takes at most `max_time` seconds, and tests the operations of `only`."""

    folder: Path
    max_time: float
    only: tuple[str, ...] = ()

    def test(self, name: str, client: Client) -> None:
        """Test the server that `client` calls, with the defaults; write NAME.json and NAME.txt.

        Raises DynaclientError where the run could not be made.
        """
        report = contract.run(client, max_time=self.max_time, only=self.only or None)
        self.folder.mkdir(parents=True, exist_ok=True)
        results = Results(report, name, client.server or "")
        (self.folder / f"{name}.json").write_bytes(reporter("json")(results))
        (self.folder / f"{name}.txt").write_text(text(report), encoding="utf-8")
        print(f"  contract test: {report}")
        print(f"  {heading(report)}; see {self.folder / name}.txt")


def heading(report: Report) -> str:
    """How long a run was, how far it came, and how many causes there are of what failed."""
    sent = f"{pluralize(report.requests, 'request')} in {report.seconds:.0f} s, seed {report.seed}"
    cut = f", cut: {report.cut}" if report.cut else ""
    success = f"{report.succeeded:.0f} % of the operations had a documented success"
    return f"{sent}{cut}; {success}; {pluralize(len(report.groups), 'cause')}"


def text(report: Report) -> str:
    """A report to read: every cause, then every operation."""
    problem = (report.problem,) if report.problem else ()
    parts = (heading(report), *problem, *map(str, report.groups), "\n".join(map(str, report.operations)))
    return "\n\n".join(parts) + "\n"
