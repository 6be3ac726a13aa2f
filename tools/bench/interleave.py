"""Runs the contenders of a case in turn, a round each, until each has had its rounds or its time."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.case import LATE, Case, Contender
from bench.spread import Measured
from bench.whole import Whole

LEAST = 3
"""Rounds that each contender has though its time is over, unless it is over by more than `OVER` seconds."""
OVER = 10.0


class Turn(Protocol):
    """A contender that is ready."""

    def ready(self) -> dict[str, Any]:
        """Wait until it is ready; what it says does not count."""
        ...

    def round(self) -> dict[str, Any]:
        """Measure one round; `error` in it ends this contender."""
        ...

    def close(self) -> None: ...


@dataclass
class Live:
    """A contender in a process that stays."""

    contender: Contender
    seconds: float
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        assert isinstance(self.contender.do, str)
        arguments = json.dumps(dict(self.contender.arguments))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.runner", self.contender.do, arguments, str(self.seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self.contender.environment},
        )

    def ready(self) -> dict[str, Any]:
        return self._read()

    def round(self) -> dict[str, Any]:
        assert self.process.stdin
        try:
            self.process.stdin.write(b"go\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return {"error": "the process ended"}
        return self._read()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        if not select.select([self.process.stdout], [], [], self.contender.limit)[0]:
            return {"error": f"{LATE} {self.contender.limit:.0f} seconds"}
        line = self.process.stdout.readline()
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            return {"error": "the process ended" if not line else line.decode()[:160].strip()}
        return said


def measure(case: Case, rounds: int, seconds: float) -> dict[str, Measured]:
    """What each contender took. `seconds` is how long a round of many calls is."""
    measured = {each.label: Measured() for each in case.contenders}
    turns: dict[str, Turn] = {}
    try:
        for contender in case.contenders:
            turn: Turn = Whole(contender) if contender.whole else Live(contender, seconds)
            turns[contender.label] = turn
            _note(measured[contender.label], turn.ready(), counts=False)
        left = {each.label: each.seconds for each in case.contenders}
        for number in range(rounds):
            for label, turn in turns.items():
                if not measured[label].error and left[label] > (0 if number >= LEAST else -OVER):
                    start = time.perf_counter()
                    _note(measured[label], turn.round())
                    left[label] -= time.perf_counter() - start
    finally:
        for turn in turns.values():
            turn.close()
    return measured


def _note(measured: Measured, said: dict[str, Any], *, counts: bool = True) -> None:
    measured.error = said.get("error", "")
    if counts and not measured.error:
        measured.cpu.append(said["cpu"])
        measured.wall.append(said["wall"])
        measured.memory.append(said["memory"])
