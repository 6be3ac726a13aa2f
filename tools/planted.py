"""What a contract test finds: one run against each planted defect of `tests/planted`, a fresh server each.

    python tools/planted.py
    python tools/planted.py --seeds 0,1,2 --at-once 2
    python tools/planted.py --only state --only crash-csv
    python tools/planted.py --clean 10
    python tools/planted.py --schemathesis scratch/bin --only @sample

Each run is `dynaclient test` with its default settings. A defect is found if the run exits with 1 and reports
a failure at an operation at which a report of the defect is right (its `at`); a failure that a run without a
defect and with the same seed reports too does not count. `harmed` counts the rows that the server had at
first and that are gone or changed. Requests are counted by the server. `--clean N` runs without a defect N
times, with the seeds 0 to N-1, and exits with 1 if one of them reports anything; else the exit code is 1 if a
run went wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.planted.defects import DEFECTS, KINDS, Defect  # noqa: E402
from tests.planted.serving import CREDENTIALS, DOCUMENT  # noqa: E402

LIMIT = 300.0
"""Seconds after which a run is given up."""

BUDGET = 30
"""Seconds that schemathesis is given."""

SAMPLE = 20
"""How many defects `@sample` stands for, spread over the table."""

Failure = tuple[str, str]
"""Operation and check."""


@dataclass(frozen=True)
class Run:
    """One run of a tool against one server."""

    code: int
    failures: frozenset[Failure]
    requests: int
    seconds: float
    harmed: int
    said: str

    @property
    def went_wrong(self) -> bool:
        """Whether it ended in another way than with a verdict."""
        return self.code not in (0, 1, 4)


Tool = Callable[[str, Path, int, Sequence[str]], tuple[list[str], Callable[[], Iterable[Failure]]]]
"""Server, scratch folder, seed, further options -> a command, and what reads its failures."""


# -- the tools ----------------------------------------------------------------------------------------------


def ours(
    url: str, folder: Path, seed: int, options: Sequence[str], max_time: int | None = None
) -> tuple[list[str], Any]:
    """`dynaclient test`, with its JUnit file; `max_time` in seconds, else what it has by default."""
    report = folder / "junit.xml"
    command = [
        sys.executable,
        "-m",
        "dynaclient",
        "test",
        str(DOCUMENT),
        "--server",
        url,
        "--seed",
        str(seed),
    ]
    for name, value in CREDENTIALS.items():
        command += ["--credential", f"{name}={value}"]
    known = options if options and options[0] in _help() else ()
    if max_time is not None:
        command += ["--max-time", str(max_time)]
    return [*command, *known, "--junit", str(report)], partial(_of_junit, report)


@cache
def _help() -> str:
    return subprocess.run(
        [sys.executable, "-m", "dynaclient", "test", "--help"], capture_output=True, text=True, check=True
    ).stdout


def _of_junit(report: Path) -> Iterator[Failure]:
    for case in ElementTree.parse(report).iter("testcase"):
        for failure in case.iter("failure"):
            yield case.attrib["name"], failure.attrib["message"].split(": ")[1]


def schemathesis(programs: Path) -> Tool:
    """schemathesis with its defaults and a budget of time, and its JSON report."""

    def command(url: str, folder: Path, seed: int, options: Sequence[str]) -> tuple[list[str], Any]:
        report, settings = folder / "report.json", folder / "schemathesis.toml"
        settings.write_text(
            f'[auth.openapi.apiKey]\napi_key = "{CREDENTIALS["apiKey"]}"\n'
            f'[auth.openapi.bearer]\nbearer = "{CREDENTIALS["bearer"]}"\n'
        )
        run = [str(programs / "st"), "--no-color", "--config-file", str(settings), "run", str(DOCUMENT)]
        run += ["--url", url, "--max-time", str(BUDGET), "--seed", str(seed), "--report", "json"]
        return [*run, "--report-json-path", str(report), *options], partial(_of_schemathesis, report)

    return command


def _of_schemathesis(report: Path) -> Iterator[Failure]:
    for failure in json.loads(report.read_text(encoding="utf-8"))["failures"]:
        for operation in failure["operations"]:
            yield _keys().get(operation, operation), failure["title"]


@cache
def _keys() -> dict[str, str]:
    """The identifiers of the operations, by method and path."""
    paths = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    return {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
    }


# -- a run --------------------------------------------------------------------------------------------------


@contextmanager
def serving(defect: str) -> Iterator[str]:
    """A fresh server in a process of its own. Gives its URL."""
    command = [sys.executable, "-m", "tests.planted", "--defect", defect]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=10)


def run(tool: Tool, defect: Defect | None, seed: int) -> Run:
    """One run of a tool against a fresh server."""
    options = defect.options if defect else ()
    with tempfile.TemporaryDirectory() as scratch, serving(defect.name if defect else "") as url:
        command, failures = tool(url, Path(scratch), seed, options)
        begun = time.perf_counter()
        code, said = _ended(command, Path(scratch))
        seconds = time.perf_counter() - begun
        rows = requests.get(f"{url}/__rows", timeout=10).json()
        found = frozenset(failures()) if code == 1 else frozenset()
    return Run(code, found, rows["requests"], seconds, _harmed(rows), said)


def _ended(command: list[str], folder: Path) -> tuple[int, str]:
    """The exit code and what was printed; 124 where the time was up."""
    quiet = {**os.environ, "DYNACLIENT_CACHE": str(folder / "cache"), "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=quiet,
            text=True,
            timeout=LIMIT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return 124, f"did not end within {LIMIT:.0f} seconds"
    return done.returncode, done.stdout


def _harmed(rows: dict[str, Any]) -> int:
    """How many of the first rows are gone or changed."""
    return sum(
        rows["rows"][table].get(key) != row
        for table, some in rows["foreign"].items()
        for key, row in some.items()
    )


def verdict(defect: Defect, run: Run, baseline: frozenset[Failure]) -> list[str]:
    """The checks that found a defect; none where it was not found."""
    return sorted({check for operation, check in run.failures - baseline if operation in defect.at})


# -- the table ----------------------------------------------------------------------------------------------


def chosen(patterns: Sequence[str]) -> list[Defect]:
    """The defects whose name or kind is one of the patterns; all without one."""
    several = list(DEFECTS.values())
    sample = {several[number * (len(several) - 1) // (SAMPLE - 1)].name for number in range(SAMPLE)}
    wanted = {name for each in patterns for name in (sample if each == "@sample" else (each,))}
    found = [each for each in several if not wanted or {each.name, each.kind} & wanted]
    if not found:
        sys.exit(
            f"no defect or kind is named {' or '.join(sorted(wanted))}; see python -m tests.planted --list"
        )
    return found


def measure(tool: Tool, title: str, defects: list[Defect], seeds: list[int], at_once: int) -> bool:
    """Print the table of a tool, a row as soon as it is known. Gives whether all runs ended well."""
    print(f"\n{title}\n")
    with ThreadPoolExecutor(at_once) as pool:
        begun = {
            (each, seed): pool.submit(run, tool, each, seed) for each in (None, *defects) for seed in seeds
        }
        baseline = {seed: begun[None, seed].result().failures for seed in seeds}
        found = {}
        for each in defects:
            runs = [begun[each, seed].result() for seed in seeds]
            found[each.name] = [verdict(each, *pair) for pair in zip(runs, baseline.values(), strict=True)]
            _row(each, found[each.name], runs)
    for seed in seeds:
        reported = ", ".join(": ".join(each) for each in sorted(baseline[seed])) or "nothing"
        print(f"without a defect, seed {seed}: {reported}; {_cost([begun[None, seed].result()])}")
    _totals(defects, found)
    ended = {job: each.result() for job, each in begun.items()}
    print(f"the longest run took {max(each.seconds for each in ended.values()):.1f} s")
    wrong = {job: ran for job, ran in ended.items() if ran.went_wrong}
    for (defect, seed), ran in wrong.items():
        name = defect.name if defect else "no defect"
        print(f"{name}, seed {seed}: exit code {ran.code}\n{ran.said[-500:]}")
    return not wrong


def _row(defect: Defect, found: list[list[str]], runs: list[Run]) -> None:
    times = sum(map(bool, found))
    how = "found" if times == len(found) else f"{times} of {len(found)}" if times else "-"
    checks = ", ".join(sorted({check for some in found for check in some}))
    print(f"{defect.name:36} {defect.kind:17} {how:7} {_cost(runs)}  {checks}", flush=True)


def _cost(runs: list[Run]) -> str:
    """Requests and seconds of a run, on average, and the most rows that were harmed."""
    asked = sum(each.requests for each in runs) // len(runs)
    seconds = sum(each.seconds for each in runs) / len(runs)
    return f"{asked:5} requests {seconds:5.1f} s  {max(each.harmed for each in runs):2} harmed"


def _totals(defects: list[Defect], found: dict[str, list[list[str]]]) -> None:
    always, once, all_ = Counter[str](), Counter[str](), Counter(each.kind for each in defects)
    for each in defects:
        always[each.kind] += all(found[each.name])
        once[each.kind] += any(found[each.name])
    print("\nkind               found with every seed, with one at least, of")
    for kind in (each for each in KINDS if all_[each]):
        print(f"{kind:18} {always[kind]:4} {once[kind]:4} {all_[kind]:4}")
    print(f"{'all':18} {always.total():4} {once.total():4} {all_.total():4}")


def clean(tool: Tool, title: str, times: int, at_once: int) -> bool:
    """Runs without a defect. Gives whether none of them reported anything."""
    print(f"\n{title}\n")
    with ThreadPoolExecutor(at_once) as pool:
        runs = list(pool.map(lambda seed: run(tool, None, seed), range(times)))
    for seed, each in enumerate(runs):
        print(f"without a defect, seed {seed}: exit code {each.code}, {_cost([each])}", flush=True)
        for operation, check in sorted(each.failures):
            print(f"  {operation}: {check}")
    return all(each.code == 0 for each in runs)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a defect, a kind, @sample"
    )
    parser.add_argument("--seeds", default="0", metavar="0,1,2")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="runs side by side; default 1")
    parser.add_argument(
        "--clean", type=int, default=0, metavar="N", help="N runs without a defect, and no more"
    )
    parser.add_argument(
        "--max-time",
        type=int,
        metavar="S",
        help="of each run of ours, so that a busy machine cuts none; default: its own",
    )
    parser.add_argument(
        "--schemathesis", type=Path, metavar="BIN", help="measure it, out of this folder, beside"
    )
    parser.add_argument("--without-ours", action="store_true", help="measure schemathesis alone")
    given = parser.parse_args()
    tools: list[tuple[Tool, str]] = (
        [] if given.without_ours else [(partial(ours, max_time=given.max_time), "dynaclient test")]
    )
    if given.schemathesis:
        tools.append((schemathesis(given.schemathesis.absolute()), f"schemathesis, {BUDGET} s"))
    if given.clean:
        silent = [clean(tool, title, given.clean, given.at_once) for tool, title in tools]
        return 0 if all(silent) else 1
    defects, seeds = chosen(given.only), [int(each) for each in given.seeds.split(",")]
    well = [measure(tool, title, defects, seeds, given.at_once) for tool, title in tools]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
