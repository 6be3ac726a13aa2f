"""Results as text: a table a case, then the cases that others win."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Results = Mapping[str, Any]

HEAD = ("", "CPU", "ratio", "quartiles", "last", "wall ratio", "peak", "rounds")


def table(case: Results, last: Results | None = None) -> str:
    """One case as a table in Markdown. `last`: the same case as it was committed."""
    before = {row["label"]: row for row in (last or {}).get("rows", [])}
    rows = [_cells(row, before.get(row["label"], {})) for row in case["rows"]]
    widths = [max(len(cells[i]) for cells in (HEAD, *rows)) for i in range(len(HEAD))]
    lines = [_line(HEAD, widths), _line(tuple("-" * width for width in widths), widths)]
    return "\n".join(
        [f"{case['name']}: {case['note']}", "", *lines, *(_line(cells, widths) for cells in rows)]
    )


def wins(cases: Iterable[Results]) -> list[str]:
    """The cases in which others are faster than we are in our usual setting, by CPU time.

    Where the first contender only is what the others are measured by, it is no one else.
    """
    return [line for case in cases if (line := _faster(case))]


def _faster(case: Results) -> str:
    """Those that are faster, and us; empty where nobody is."""
    measured = [row for row in case["rows"] if row.get("ratio")]
    usual = next((row for row in measured if row["ours"]), None)
    others = [row for row in case["rows"][0 if case["rival"] else 1 :] if row in measured and not row["ours"]]
    faster = [row for row in others if usual and row["ratio"][0] < usual["ratio"][0]]
    shown = ", ".join(f"{row['label']} {times(row['ratio'][0])}" for row in (*faster, usual) if row)
    return f"{case['name']}: {shown}" if faster else ""


def heading(results: Results) -> str:
    """What was measured on, with which versions."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {text}" for name, text in results["versions"].items() if text != "-")
    return (
        f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']} {machine['processor']}; "
        f"{versions}\nCPU time of the client alone; medians of interleaved rounds; ratios round by round "
        "against the first row."
    )


def seconds(value: float) -> str:
    """A time, in the unit that people read it in."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def _cells(row: Results, before: Results) -> tuple[str, ...]:
    if "error" in row:
        return (row["label"], "-", "cannot", row["error"].replace("|", "/"), "", "", "", "")
    middle, low, high = row["ratio"] or (0, 0, 0)
    return (
        row["label"],
        seconds(row["cpu"][0]),
        times(middle),
        f"{low:.2f}-{high:.2f}",
        times(before["ratio"][0]) if before.get("ratio") else "",
        times(row["wall_ratio"][0]) if row["wall_ratio"] else "",
        f"{row['memory_mb']:.0f} MB" if row["memory_mb"] else "",
        str(row["rounds"]),
    )


def times(value: float) -> str:
    """A ratio, with no more figures than it is worth."""
    return f"{value:.2f}x" if value < 10 else f"{value:.0f}x"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "| " + " | ".join(padded) + " |"
