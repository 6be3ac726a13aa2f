"""Pictures of console blocks: the commands run on a terminal, and rich draws what it showed."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from pages.blocks import EXAMPLES, ROOT, Block, Command, commands
from pages.running import Reader
from pages.terminal import PROMPTS, terminal

COLUMNS = 100
TYPED = "bold #9ece6a"


def draw(block: Block) -> None:
    """Draw the picture that a block asks for in its info string."""
    if (path := block.noted("picture")) is not None:
        (ROOT / path).write_text(picture(block), encoding="utf-8")


def picture(block: Block) -> str:
    """The SVG of a block. It fetches nothing: the fonts that rich names are left out."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        reader = Reader(EXAMPLES, Path(folder), stack)
        reader.start("python bakery.py", reader.at)
        console = Console(record=True, width=COLUMNS, file=io.StringIO())
        for command in commands(block):
            console.print(Text(f"$ {command.words}", style=TYPED))
            for line in _shown(command, reader):
                console.print(line)
    svg = console.export_svg(title="dynaclient")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code, ", "")


def _shown(command: Command, reader: Reader) -> Iterator[Text]:
    """What a terminal shows of a command; what is typed at a prompt stands out."""
    environment = {**reader.environment, "TERM": "xterm-256color", "PYTHON_BASIC_REPL": "1"}
    del environment["COLUMNS"]  # the terminal tells
    text = terminal(reader.replace(command.words), reader.typed(command), reader.at, environment, COLUMNS)
    for name, value in reader.replaced.items():
        text = text.replace(value, name)
    for line in text.rstrip().removesuffix("\n>>>").splitlines():
        shown = Text.from_ansi(line)
        yield Text(line, style=TYPED) if line.startswith(PROMPTS) else shown
