"""A command on a terminal of its own, for what is typed at a prompt and for colours."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

PROMPTS = (">>> ", "... ")
SECONDS = 30


def terminal(
    command: str, typed: Sequence[str], folder: Path, environment: Mapping[str, str], columns: int = 100
) -> str:
    """All that the terminal shows, from the start of `command` to its end. A line is typed at each prompt."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = ""
    left = [*typed, "\x04"] if typed else []
    try:
        while piece := _piece(ours):
            shown += piece
            if left and shown.endswith(PROMPTS):
                line = left.pop(0)
                os.write(ours, line.encode() if line == "\x04" else f"{line}\n".encode())
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return _left(re.sub(r"\x1b\[\?(2004|25)[hl]", "", shown))


def _left(shown: str) -> str:
    """What is left on the terminal: lines that a program erased, such as its progress, are gone."""
    lines, row = [""], 0
    for piece in re.split(r"(\n|\r|\x1b\[2K|\x1b\[\d*A)", shown):
        if piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif re.fullmatch(r"\x1b\[\d*A", piece):
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece != "\r":
            lines[row] += piece
    return "\n".join(lines)


def _piece(ours: int) -> str:
    """What comes next; nothing where the other side is gone, or silent for too long."""
    if not select.select([ours], [], [], SECONDS)[0]:
        return ""
    try:
        return os.read(ours, 65536).decode()
    except OSError:  # Linux says so where the terminal is closed
        return ""
