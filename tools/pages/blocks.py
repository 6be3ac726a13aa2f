"""The fenced blocks of a page, and what a console block holds: commands, each with what it prints.

The info string of a fence is its language, then words of ours: `no-run: REASON` for what cannot be run, and
`picture: PATH` for a console block of which a picture is drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^```(\w*) ?(.*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block; `first` is the number of its first line, counted from 0."""

    page: Path
    first: int
    language: str
    note: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """What stands in it."""
        return "".join(f"{line}\n" for line in self.lines)

    def noted(self, name: str) -> str | None:
        """What the info string says after `name:`, if it has that."""
        found = re.search(rf"\b{name}: (.+)", self.note)
        return found[1] if found else None


@dataclass(frozen=True)
class Command:
    """A command of a console block, and the lines that follow it: `first` is the number of their first."""

    words: str
    first: int
    output: tuple[str, ...]


def read(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    start: tuple[int, str, str] | None = None
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if fence is None:
            continue
        if start is None:
            start = (number + 1, fence[1], fence[2])
        else:
            found.append(Block(page, *start, tuple(lines[start[0] : number])))
            start = None
    assert start is None, f"{page}: a block does not end"
    return found


def commands(block: Block) -> list[Command]:
    """The commands of a console block; one that ends with a backslash goes on in the next line."""
    found: list[Command] = []
    at = 0
    while at < len(block.lines):
        words, at = block.lines[at].removeprefix("$ "), at + 1
        while words.endswith("\\"):
            words, at = words + "\n" + block.lines[at], at + 1
        first = at
        while at < len(block.lines) and not block.lines[at].startswith("$ "):
            at += 1
        found.append(Command(words, block.first + first, block.lines[first:at]))
    return found
