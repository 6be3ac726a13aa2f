"""The committed results as docs/performance.md shows them; `python -m bench.summary` puts them there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.case import LATE
from bench.report import heading, seconds, times, wins

Results = Mapping[str, Any]


HEADLINES = (
    "open talon.yaml", "open large.json", "first call", "repeated PUT", "repeated GET", "check 21 kB",
    "import", "first use in circles",
)  # fmt: skip
"""The cases that are shown first."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
RESULTS = Path(__file__).with_name("results.json")
BEGIN, END = "<!-- begin: python -m bench.summary -->", "<!-- end -->"


def summary(results: Results) -> str:
    """A short table, a folded one with a line for each case, and the cases that others win."""
    cases = results["cases"]
    head = ["| case | 1x is | dynaclient | others |", "| --- | --- | --- | --- |"]
    first = [_line(case, "", False) for case in cases if case["name"] in HEADLINES]
    every = [_line(case, f": {case['note']}", True) for case in cases]
    fold = ["<details>", "<summary>Every case, with quartiles</summary>", "", *head, *every, "", "</details>"]
    won = [f"- {line}" for line in wins(cases)] or ["- none"]
    return "\n".join(
        [heading(results), "", *head, *first, "", *fold, "", "Others are faster here:", "", *won]
    )


def _line(case: Results, note: str, spread: bool) -> str:
    base, *rest = case["rows"]
    ours = "; ".join(_cell(row, spread) for row in rest if row["ours"])
    others = "; ".join(_cell(row, False) for row in rest if not row["ours"])
    return f"| {case['name']}{note} | {base['label']}, {seconds(base['cpu'][0])} | {ours} | {others} |"


def _cell(row: Results, spread: bool) -> str:
    name = row["label"].removeprefix("dynaclient, ").removeprefix("dynaclient")
    if "error" in row:
        said = row["error"]
        return f"{name} {said if said.startswith(LATE) else 'cannot'}"
    middle, low, high = row["ratio"]
    return f"{name} {times(middle)}{f' ({times(low)}-{times(high)})' if spread else ''}".strip()


def filled(page: str, results: Results) -> str:
    """A page with the results between its two marks."""
    begin, rest = page.split(BEGIN)
    return f"{begin}{BEGIN}\n\n{summary(results)}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    text = filled(PAGE.read_text(encoding="utf-8"), json.loads(RESULTS.read_text(encoding="utf-8")))
    PAGE.write_text(text, encoding="utf-8")
