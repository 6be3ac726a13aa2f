"""The committed results as the README shows them: `python -m bench.summary` prints a table, a line a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report import heading, seconds, times, wins

Results = Mapping[str, Any]


def summary(results: Results) -> str:
    """A table with a line for each case, and the cases that others win."""
    lines = ["| case | 1x is | dynaclient | others |", "| --- | --- | --- | --- |"]
    lines += [_line(case) for case in results["cases"]]
    won = [f"- {line}" for line in wins(results["cases"])] or ["- none"]
    return "\n".join([heading(results), "", *lines, "", "Others are faster here:", "", *won])


def _line(case: Results) -> str:
    base, *rest = case["rows"]
    ours = "; ".join(_cell(row) for row in rest if row["ours"])
    others = "; ".join(_cell(row) for row in rest if not row["ours"])
    return (
        f"| {case['name']}: {case['note']} | {base['label']}, {seconds(base['cpu'][0])} | {ours} | {others} |"
    )


def _cell(row: Results) -> str:
    name = row["label"].removeprefix("dynaclient, ").removeprefix("dynaclient")
    if "error" in row:
        return f"{name} cannot"
    middle, low, high = row["ratio"]
    spread = f" ({times(low)}-{times(high)})" if row["ours"] else ""
    return f"{name} {times(middle)}{spread}".strip()


if __name__ == "__main__":
    print(summary(json.loads((Path(__file__).parent / "results.json").read_text())))
