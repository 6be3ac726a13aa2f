"""Medians with their quartiles, and ratios of rounds that were run side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Triple = list[float]
"""The median, and the quartiles below and above it."""


@dataclass
class Measured:
    """What rounds of one contender took: seconds a call, memory in MB; or why it could not."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    error: str = ""


def spread(values: Sequence[float]) -> Triple:
    """Median, lower and upper quartile: medians of the halves, the middle one in both."""
    ordered = sorted(values)
    half = (len(ordered) + 1) // 2
    return [median(ordered), median(ordered[:half]), median(ordered[-half:])]


def ratio(values: Sequence[float], base: Sequence[float]) -> Triple | None:
    """Spread of `values` over `base`, round by round; None where there is nothing to compare."""
    pairs = [value / beside for value, beside in zip(values, base, strict=False) if beside > 0]
    return spread(pairs) if pairs else None


def row(label: str, measured: Measured, base: Measured, *, ours: bool = False) -> dict[str, Any]:
    """A line of the results: seconds and ratios, each as median and quartiles."""
    if measured.error:
        return {"label": label, "ours": ours, "error": measured.error}
    return {
        "label": label,
        "ours": ours,
        "rounds": len(measured.cpu),
        "cpu": spread(measured.cpu),
        "wall": spread(measured.wall),
        "ratio": ratio(measured.cpu, base.cpu),
        "wall_ratio": ratio(measured.wall, base.wall),
        "memory_mb": round(spread(measured.memory)[0], 1) if measured.memory else None,
    }
