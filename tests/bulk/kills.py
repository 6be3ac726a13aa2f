"""An import that is killed again and again, and what the server and the journal say then."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bulk.counting import Counting, server_of
from tests.bulk.driver import SIZE, WINDOW

DRIVER = Path(__file__).with_name("driver.py")
SECONDS = 60


def faults(key: str, arrival: int) -> str:
    """Of every 29 rows one is dropped, one lost, one put off, one broken, one slow, at its first arrival."""
    if arrival > 1:
        return "ok"
    return {3: "drop", 8: "lost", 13: "429", 18: "500", 23: "slow"}.get(int(key[1:]) % 29, "ok")


@dataclass
class Killed:
    """What a killed import came to."""

    kind: str
    executor: str
    count: int
    kills: int
    runs: int
    states: Counter[str]
    """Of the journal, by state."""
    repeats: int
    """Rows that arrived again for no reason that the server gave."""
    allowed: int
    problems: list[str] = field(default_factory=list)


def killed_import(
    folder: Path, kind: str, executor: str, count: int, points: Sequence[int], *, worker: bool = False
) -> Killed:
    """Kill the import when so many rows have arrived; `worker`: kill a process of its pool, not itself."""
    journal = folder / f"{kind}-{executor}.db"
    counting = Counting(faults, delay=0.002)
    runs = 0
    with server_of(counting) as server:
        command = [sys.executable, str(DRIVER), server.url, str(journal), kind, executor, str(count)]
        for point in [*points, None]:
            runs += 1
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
            ) as process:
                ended = _killed_at(process, counting, point, worker)
                _, said = process.communicate(timeout=SECONDS)
            if ended and process.returncode != 0:
                raise RuntimeError(f"the driver ended with {process.returncode}: {said}")
        time.sleep(0.1)  # a worker that outlived its driver may be at its last request
    return _judged(kind, executor, count, len(points), runs, journal, counting)


def _killed_at(process: subprocess.Popen[str], counting: Counting, point: int | None, worker: bool) -> bool:
    """Wait for the point, and kill; whether the process ended by itself."""
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        if point is not None and sum(counting.arrived.values()) >= point:
            children = _workers(process.pid) if worker else []
            os.kill(children[0] if children else process.pid, signal.SIGKILL)
            return False
        if point is None:
            return True
        time.sleep(0.001)
    return process.poll() is not None


def _workers(pid: int) -> list[int]:
    """The processes of its pool: the children of the server that forks them."""
    return [worker for child in _children(pid) for worker in _children(child)]


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(each) for each in found.stdout.split()]


def _judged(
    kind: str, executor: str, count: int, kills: int, runs: int, journal: Path, counting: Counting
) -> Killed:
    with sqlite3.connect(journal) as db:
        kept = {key: (state, again) for key, state, again in db.execute("SELECT key, state, again FROM rows")}
    db.close()
    # what a first arrival did not carry out, or not say, may arrive once more
    meant = Counter({key: 2 for key in counting.arrived if faults(key, 1) in ("drop", "lost", "429", "500")})
    if kind == "pack":  # a fault of one row is that of its pack
        packs = {int(key[1:]) // SIZE for key in meant}
        meant = Counter({key: 2 + SIZE for key in counting.arrived if int(key[1:]) // SIZE in packs})
    repeats = sum(max(0, arrived - max(1, meant[key])) for key, arrived in counting.arrived.items())
    allowed = kills * WINDOW * (SIZE if kind == "pack" else 1)
    found = Killed(
        kind, executor, count, kills, runs, Counter(state for state, _ in kept.values()), repeats, allowed
    )
    keys = {f"k{number}" for number in range(count)}
    if kept.keys() != keys:
        found.problems.append(f"{len(keys - kept.keys())} rows are not in the journal")
    if repeats > allowed:
        found.problems.append(f"{repeats} rows arrived again")
    for key, (state, _) in kept.items():
        done = counting.done[key]
        if state == "ok" and not done:
            found.problems.append(f"{key} is ok, and was not carried out")
        if state == "sent":
            found.problems.append(f"{key} is left as sent")
        if kind == "POST" and done > 1:
            found.problems.append(f"{key} was carried out {done} times")
        if kind == "POST" and counting.arrived[key] > (2 if faults(key, 1) == "429" else 1):
            found.problems.append(f"{key} arrived {counting.arrived[key]} times")
        if kind != "POST" and state == "unknown":
            found.problems.append(f"{key} is unknown, and could have been repeated")
    return found
