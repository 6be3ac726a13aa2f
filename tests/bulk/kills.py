"""An import that is killed again and again, and what the server and the journal say then."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bulk.counting import Counting, server_of
from tests.bulk.driver import SIZE, WINDOW

DRIVER = Path(__file__).with_name("driver.py")
SECONDS = 300
OF_DASK = {
    "distributed.scheduler.allowed-failures": 0,
    # a LocalCluster gives up a worker that is not there when so long is over since it was killed, also where
    # it came back meanwhile, and was killed again
    "distributed.deploy.lost-worker-timeout": "1h",
}
"""The settings of a cluster whose workers are killed."""


def points_of(what: str, rows: int, count: int = 20) -> list[int]:
    """After how many rows an import is killed: each time there is something left to do."""
    return sorted(random.Random(what).sample(range(1, rows * 9 // 10), count))


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
    """How often something was there to be killed."""
    runs: int
    states: Counter[str]
    """Of the journal, by state."""
    repeats: int
    """Rows that arrived again for no reason that the server gave."""
    allowed: int
    problems: list[str] = field(default_factory=list)


def killed_import(
    folder: Path,
    kind: str,
    executor: str,
    count: int,
    points: Sequence[int],
    *,
    worker: bool = False,
    cluster: Any = None,
) -> Killed:
    """Kill the import when so many rows have arrived, and start it again; then let it end.

    `worker`: kill its workers at these points, not itself. `cluster`: a client of the Dask cluster that it
    uses, where `executor` is "dask".
    """
    journal = folder / f"{kind}-{executor}.db"
    counting = Counting(faults, delay=0.002)
    used = cluster.scheduler.address if cluster is not None else executor
    runs = kills = 0
    with server_of(counting) as server:
        command = [sys.executable, str(DRIVER), server.url, str(journal), kind, used, str(count)]
        for several in [[*points]] if worker else [[point] for point in points]:
            runs += 1
            victims = (lambda pid: _workers(pid, cluster)) if worker else _itself
            kills += _run(command, counting, several, victims)
        _run(command, counting, [], _itself)
        time.sleep(0.1)  # a worker that outlived its driver may be at its last request
    found = _judged(kind, executor, count, kills, runs + 1, journal, counting)
    if kills < len(points):
        found.problems.append(f"{kills} kills at {len(points)} points")
    return found


def _run(
    command: list[str], counting: Counting, points: Sequence[int], victims: Callable[[int], list[int]]
) -> int:
    """Run the import, and kill at each of the points; how often. Raises RuntimeError where it fails."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        left, there, killed = [*points], list[int](), set[int]()
        until = time.monotonic() + SECONDS
        try:
            while left and process.poll() is None and time.monotonic() < until:
                # who is there is asked before the point is reached: it takes as long as some requests do
                there = there or [each for each in victims(process.pid) if each not in killed]
                if there and sum(counting.arrived.values()) >= left[0]:
                    with contextlib.suppress(ProcessLookupError):  # it ended before
                        os.kill(victim := there[left[0] % len(there)], signal.SIGKILL)
                        killed.add(victim)
                        left.pop(0)
                        until = time.monotonic() + SECONDS
                    there = []
                time.sleep(0.001)
            _, said = process.communicate(timeout=SECONDS)
        except BaseException:  # it hangs, say
            process.kill()
            raise
    if process.returncode != 0 and process.pid not in killed:
        raise RuntimeError(f"the driver ended with {process.returncode}: {said}")
    return len(points) - len(left)


def _itself(pid: int) -> list[int]:
    return [pid]


def _workers(pid: int, cluster: Any) -> list[int]:
    """The processes of its pool, or of the cluster: those that have begun, as Dask gives up a place where one
    dies before that."""
    if cluster is not None:
        nannies = [each.process for each in cluster.cluster.workers.values() if each.process is not None]
        return [each.pid for each in nannies if each.status.name == "running" and each.pid]
    command = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [int(each.split()[0]) for each in found if "multiprocessing.spawn" in each]


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
