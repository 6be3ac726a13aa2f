"""`make bench`: measure, print, and keep the results.

    python -m bench [--quick] [--only NAME] [--sdk FOLDER]

A full run writes results.json and chart.svg beside this file; with `--only`, the cases whose name or group
holds NAME are measured and take their place among the others; `--quick` has few, short rounds and writes
nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.case import Case
from bench.cases import CASES
from bench.chart import chart
from bench.interleave import measure
from bench.machine import machine, versions
from bench.report import heading, table, wins
from bench.spread import row
from bench.targets import Place

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
OFFICIAL = "shared/facts/official/talon-one-25.17.0.yaml.gz"
"""Beside the checkout, where there is one."""

ROUNDS = {False: (31, 0.03), True: (3, 0.005)}
"""Quick or not -> rounds, and seconds that a round of many calls takes."""


def main() -> None:
    arguments = _arguments()
    last = _committed()
    os.environ["PYTHONPATH"] = str(HERE.parent)  # for the processes that are started, wherever they are
    results: dict[str, Any] = {"machine": machine(), "versions": versions()}
    print(heading(results), flush=True)
    with tempfile.TemporaryDirectory() as folder, _server() as server:
        place = Place(Path(folder), server, str(arguments.sdk.resolve()) if arguments.sdk else "")
        _prepare(place.folder)
        cases = [case for make in CASES if arguments.only in _named(case := make(place))]
        os.chdir(folder)
        results["cases"] = [_measured(case, arguments.quick, last) for case in cases]
    print("\nWhere others are faster:", *(wins(results["cases"]) or ["nowhere"]), sep="\n  ")
    if not arguments.quick:
        _keep(results, last if arguments.only else {})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="What dynaclient costs, beside others.")
    parser.add_argument("--quick", action="store_true", help="few, short rounds; nothing is written")
    parser.add_argument("--only", default="", metavar="NAME", help="cases with NAME in their name or group")
    parser.add_argument(
        "--sdk", type=Path, metavar="FOLDER", help="where the generated package talon_one is (make sdk)"
    )
    return parser.parse_args()


def _named(case: Case) -> str:
    return f"{case.group}: {case.name}"


def _measured(case: Case, quick: bool, last: dict[str, Any]) -> dict[str, Any]:
    measured = measure(case, *ROUNDS[quick])
    for each in measured.values():
        each.error = each.error.replace(os.getcwd() + os.sep, "")  # names of this run's own folder
    base = measured[case.contenders[0].label]
    rows = [row(each.label, measured[each.label], base, ours=each.ours) for each in case.contenders]
    shown = {"name": case.name, "group": case.group, "note": case.note, "rival": case.rival}
    result = {**shown, "rows": rows}
    before = [each for each in last.get("cases", []) if each["name"] == case.name]
    print("\n" + table(result, before[0] if before else None), flush=True)
    return result


def _keep(results: dict[str, Any], others: dict[str, Any]) -> None:
    """Write the results; those of cases that were not measured now stay."""
    now = {case["name"]: case for case in results["cases"]}
    known = [now.pop(case["name"], case) for case in others.get("cases", [])]
    results["cases"] = known + list(now.values())
    RESULTS.write_text(json.dumps(_short(results), indent=1) + "\n")
    (HERE / "chart.svg").write_text(chart(results["cases"]))


def _short(value: Any) -> Any:
    """The same, its numbers with four figures: more would be noise."""
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _committed() -> dict[str, Any]:
    """The results of the last run that was kept."""
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return found


def _prepare(folder: Path) -> None:
    official = HERE.parents[2] / OFFICIAL
    named = str(official) if official.exists() else ""
    subprocess.run([sys.executable, "-m", "bench.prepare", str(folder), named], check=True)


@contextmanager
def _server() -> Iterator[str]:
    """The URL of a server in a process of its own, while it runs."""
    command = [sys.executable, "-m", "bench.server"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    main()
