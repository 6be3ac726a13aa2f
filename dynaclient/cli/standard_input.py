"""Whether a body stands on standard input that nobody named: a pipe, or a file that nobody has read from.

`dynaclient call ... < pet.json` and `... | dynaclient call ...` need no `--body -`. Left alone are a
terminal, `/dev/null` and other devices (cron, systemd), what is closed, and a file that was read from
already: it is the one that a `while read` loop goes through.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
from collections.abc import Iterator

from dynaclient._support.terminal import complain

PATIENCE = 2.0
"""Seconds until it is said what is waited for."""


def unnamed_body() -> bytes | None:
    """What stands on standard input; None where there is nothing, or where it is somebody else's."""
    try:
        descriptor = sys.stdin.fileno()
        found = os.fstat(descriptor)
    except (AttributeError, OSError, ValueError):  # closed, or none of the system's
        return None
    kind = found.st_mode
    if stat.S_ISREG(kind):
        if os.lseek(descriptor, 0, os.SEEK_CUR) > 0:
            return None
    elif not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return None
    with _said_late():
        return sys.stdin.buffer.read() or None


@contextlib.contextmanager
def _said_late() -> Iterator[None]:
    """Say after a while what is waited for: a pipe may never be closed."""
    said = threading.Timer(PATIENCE, _say)
    said.daemon = True
    said.start()
    try:
        yield
    finally:
        said.cancel()


def _say() -> None:
    complain("dynaclient: waiting for the body on standard input; --body gives it, --ignore-stdin sends none")
