"""A contender that is a whole process, measured by what the operating system says of it when it ended."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.case import LATE, Contender

MARK = "cpu="
"""A process that prints this and a number has measured a part of itself, in CPU seconds."""


@dataclass
class Whole:
    """Starts the process anew for each round."""

    contender: Contender

    def ready(self) -> dict[str, Any]:
        """One run that does not count: it compiles bytecode, reads files, fills caches."""
        return self.round()

    def round(self) -> dict[str, Any]:
        if self.contender.empties:
            shutil.rmtree(self.contender.empties, ignore_errors=True)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            start = time.perf_counter()
            process = self._spawn(out.fileno(), errors.fileno())
            timer = threading.Timer(self.contender.limit, os.kill, [process, 9])
            timer.start()
            _, status, usage = os.wait4(process, 0)
            wall = time.perf_counter() - start
            timer.cancel()
            out.seek(0)
            errors.seek(0)
            if status:
                return {"error": self._why(status, errors.read().decode(errors="replace"))}
            own = [line for line in out.read().decode(errors="replace").splitlines() if line.startswith(MARK)]
        cpu = float(own[-1][len(MARK) :]) if own else usage.ru_utime + usage.ru_stime
        return {"cpu": cpu, "wall": cpu if own else wall, "memory": usage.ru_maxrss / 1024}

    def close(self) -> None:
        """Nothing is left open."""

    def _spawn(self, out: int, errors: int) -> int:
        """Start it without the path to this package: it is to find what is installed, no more."""
        path = Path(sys.executable)
        environment = {**os.environ, **self.contender.environment}
        environment.pop("PYTHONPATH", None)
        nothing = os.open(os.devnull, os.O_RDONLY)
        actions = [
            (os.POSIX_SPAWN_DUP2, nothing, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_DUP2, errors, 2),
        ]
        try:
            return os.posix_spawn(path, [str(path), *self.contender.do], environment, file_actions=actions)
        finally:
            os.close(nothing)

    def _why(self, status: int, errors: str) -> str:
        if os.waitstatus_to_exitcode(status) == -9:
            return f"{LATE} {self.contender.limit:.0f} seconds"
        lines = [line.strip() for line in errors.splitlines() if line.strip()]
        raised = [line for line in lines if line.partition(":")[0].replace(".", "").isidentifier()]
        return (raised or lines or ["it failed and said nothing"])[-1][:160]
