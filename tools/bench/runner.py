"""The process of one contender: makes ready, then measures a round each time it is told to.

    python -m bench.runner MODULE:FUNCTION ARGUMENTS SECONDS

The function gets the arguments (JSON) and gives the function to measure, or that and how many calls it
stands for. What a round prints is JSON: CPU and wall seconds a call, and the peak memory of the process.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def main(where: str, arguments: str, seconds: float) -> None:
    try:
        run, calls = _made(where, json.loads(arguments))
        count = _calibrated(run, seconds)
    except Exception as error:
        _say(error=first_line(error))
        return
    _say(count=count)
    for _ in sys.stdin:
        _say(**_round(run, count, count * calls))


def first_line(error: BaseException) -> str:
    """What went wrong, on one line."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__


def _made(where: str, arguments: dict[str, Any]) -> tuple[Callable[[], Any], int]:
    module, _, function = where.partition(":")
    made = getattr(importlib.import_module(f"bench.{module}"), function)(**arguments)
    return made if isinstance(made, tuple) else (made, 1)


def _calibrated(run: Callable[[], Any], seconds: float) -> int:
    """How many runs fill a round of about `seconds`."""
    run()
    start = time.perf_counter()
    run()
    once = time.perf_counter() - start
    for _ in range(min(50, int(seconds / max(once, 1e-7)))):  # until nothing is new any more
        run()
    start = time.perf_counter()
    run()
    return max(1, int(seconds / max(time.perf_counter() - start, 1e-7)))


def _round(run: Callable[[], Any], count: int, calls: int) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu / calls, "wall": wall / calls, "memory": peak}


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
