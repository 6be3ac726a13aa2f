"""The results that matter most as a picture: bars on a logarithmic scale, in SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any

Results = Mapping[str, Any]

SHOWN = ("open talon.yaml", "open large.json", "repeated PUT", "repeated GET", "check 21 kB")
"""Names of the cases in the picture."""
WIDTH, LABELS, BAR, GAP, NUMBERS = 860, 300, 16, 5, 60


def chart(cases: Sequence[Results], shown: Sequence[str] = SHOWN) -> str:
    """An SVG with the ratios of the `shown` cases; one is a line, less is better."""
    chosen = [case for name in shown for case in cases if case["name"] == name]
    rows = [row for case in chosen for row in _rows(case)]
    scale = _Scale([row["ratio"][0] for row in rows])
    parts, y = [], 34
    for case in chosen:
        parts.append(_text(8, y + 12, f"{case['name']}", "bold"))
        y += 24
        for row in _rows(case):
            parts += _bar(row, scale, y)
            y += BAR + GAP
        y += 14
    title = _text(
        8, 18, "CPU time as a multiple of the first bar of each group (logarithmic; shorter is better)"
    )
    return "\n".join([_head(y), STYLE, title, *scale.lines(y), *parts, "</svg>", ""])


class _Scale:
    """Where a ratio stands, from left to right."""

    def __init__(self, ratios: Sequence[float]) -> None:
        some = [ratio for ratio in ratios if ratio > 0] or [1.0]
        self.low = min(floor(log10(min(some))), -1)
        self.high = max(ceil(log10(max(some))), 1)

    def at(self, ratio: float) -> float:
        share = (log10(max(ratio, 10**self.low)) - self.low) / (self.high - self.low)
        return round(LABELS + share * (WIDTH - LABELS - NUMBERS), 1)

    def lines(self, bottom: float) -> list[str]:
        """A line at each power of ten, a strong one at 1."""
        lines = []
        for power in range(self.low, self.high + 1):
            x, kind = self.at(10**power), "one" if power == 0 else "grid"
            lines.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="30" y2="{bottom - 14}"/>')
            lines.append(_text(x + 3, bottom - 4, f"{10.0**power:g}x", "small"))
        return lines


def _rows(case: Results) -> list[Results]:
    return [row for row in case["rows"] if row.get("ratio")]


def _bar(row: Results, scale: _Scale, y: float) -> list[str]:
    start, end = scale.at(10**scale.low), scale.at(row["ratio"][0])
    kind = "ours" if row["ours"] else "theirs"
    return [
        _text(16, y + 12, row["label"]),
        f'<rect class="{kind}" x="{start}" y="{y}" width="{round(end - start, 1)}" height="{BAR}"/>',
        _text(end + 4, y + 12, f"{row['ratio'][0]:.3g}x", "small"),
    ]


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    chosen = f' class="{kind}"' if kind else ""
    return f'<text{chosen} x="{x}" y="{y}">{escape(text)}</text>'


def _head(height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + 6}" '
        f'viewBox="0 0 {WIDTH} {height + 6}" role="img">'
    )


STYLE = (
    "<style>svg{background:#fff}text{font:12px sans-serif;fill:#222}.bold{font-weight:bold}"
    ".small{font-size:11px;fill:#555}.ours{fill:#2a7f62}.theirs{fill:#b9bec4}"
    ".grid{stroke:#e6e6e6}.one{stroke:#888;stroke-dasharray:3 3}</style>"
)
