"""Many calls, of which some meet faults, by threads and tasks at once; a client is to stay as it was.

    python tools/soak.py [--calls 200000] [--threads 32] [--tasks 256]

Half of the calls are those of threads that share a Client, half those of tasks that share an AsyncClient, all
to a server on the loopback in a process of its own; one of twenty meets a fault of `tests/faults`. Every call
ends as it may, the server counts as many requests as the clients may have sent, and from the first tenth on
the process holds no more memory and no more descriptors. 1 where that does not hold. Needs Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from dynaclient import AsyncClient, Client, DynaclientError

catalogue, serving, trials = (
    import_module(f"tests.faults.{name}") for name in ("catalogue", "server", "trials")
)
FAULTS = [fault for fault in catalogue.FAULTS.values() if not (fault.early or fault.lies)]
RIGHT = catalogue.Fault("right", catalogue.right)
EVERY = 20
PATIENCE = 60.0
"""Seconds for a call that meets no fault: the machine may have much to do."""
MEMORY, DESCRIPTORS = 1.1, 32
"""What may be held at the end of what was in the first tenth, and so many more."""


@dataclass
class Soak:
    """What the calls came to. `least` and `most`: how often each may have arrived; they do not grow."""

    calls: int
    least: bytearray
    most: bytearray
    numbers: Any = field(default_factory=count)
    ended: int = 0
    came: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    held: list[tuple[int, int]] = field(default_factory=list)
    """Bytes and descriptors, at each hundredth."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, until: float) -> int | None:
        """The number of the next call."""
        n = next(self.numbers)
        return n if n < self.calls and monotonic() < until else None

    def end(self, n: int, fault: Any, method: str, what: str) -> None:
        """A call has ended."""
        self.least[n], self.most[n] = fault.arrives(method, what)
        with self.lock:
            self.ended += 1
            self.came[what] += 1
            if what not in fault.wanted(method):
                self.wrong.append(f"{fault.name}, {method}: {what}")
            if self.ended % max(1, self.calls // 100) == 0:
                self.held.append((memory(), len(os.listdir("/dev/fd"))))


def memory() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def meets(n: int) -> tuple[Any, str]:
    """The fault and the method of a call: each fault comes with each method."""
    turn = n // EVERY
    fault = FAULTS[turn % len(FAULTS)] if n % EVERY == 0 else RIGHT
    return fault, trials.METHODS[(n + turn // len(FAULTS)) % 3]


def given(n: int, fault: Any, method: str) -> dict[str, Any]:
    """The arguments of a call."""
    patience = PATIENCE if fault.patience == RIGHT.patience else fault.patience
    return {**trials.arguments(method, n), "options": {"timeout": patience}}


def by_thread(soak: Soak, client: Client, until: float) -> None:
    """Call until there is nothing left."""
    while (n := soak.next(until)) is not None:
        fault, method = meets(n)
        try:
            response = client.send(method, {"fault": fault.name, "n": n}, **given(n, fault, method))
            what = trials.read(response, n)
        except DynaclientError as error:
            what = type(error).__name__
        soak.end(n, fault, method, what)


async def by_tasks(soak: Soak, client: AsyncClient, tasks: int, until: float) -> None:
    """The same by so many tasks."""

    async def call() -> None:
        while (n := soak.next(until)) is not None:
            fault, method = meets(n)
            try:
                response = await client.send(method, {"fault": fault.name, "n": n}, **given(n, fault, method))
                what = trials.read(response, n)
            except DynaclientError as error:
                what = type(error).__name__
            soak.end(n, fault, method, what)

    await asyncio.gather(*(call() for _ in range(tasks)))
    await client.aclose()


def run(soak: Soak, url: str, threads: int, tasks: int, until: float) -> None:
    """All calls, from both sides of one counter."""
    settings = {"server": url, "max_body": catalogue.MOST, "retries": trials.QUICK, "cache": False}
    client = Client(trials.DOCUMENT, **settings)
    workers = [threading.Thread(target=by_thread, args=(soak, client, until)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    if tasks:
        asyncio.run(by_tasks(soak, AsyncClient(trials.DOCUMENT, **settings), tasks, until))
    for worker in workers:
        worker.join()
    client.close()


def serve() -> int:
    """The server's process: says where it listens, and at its end how often each number arrived."""
    with serving.FaultServer() as server:
        print(server.url, flush=True)
        sys.stdin.read()
        arrived = Counter[int]()
        for (_, n), times in server.arrived.items():
            arrived[n] += times
        print(json.dumps({"arrived": dict(arrived), "strayed": server.strayed}))
    return 0


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=200_000, help="default %(default)s")
    parser.add_argument("--threads", type=int, default=32, help="default %(default)s")
    parser.add_argument("--tasks", type=int, default=256, help="default %(default)s")
    parser.add_argument("--minutes", type=float, default=30.0, help="default %(default)s")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    soak = Soak(options.calls, bytearray(options.calls), bytearray(options.calls))
    begun = monotonic()
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        run(soak, url, options.threads, options.tasks, begun + 60 * options.minutes)
        seconds = monotonic() - begun
        said, _ = process.communicate()
    problems = judged(soak, json.loads(said))
    print(f"{soak.ended} calls of {options.threads} threads and {options.tasks} tasks in {seconds:.0f} s")
    print("came:", ", ".join(f"{what} {times}" for what, times in soak.came.most_common()))
    print("\n".join(problems) or "as it should be")
    return 1 if problems else 0


def judged(soak: Soak, served: dict[str, Any]) -> list[str]:
    """What is not as it should be."""
    problems = [] if soak.ended == soak.calls else [f"{soak.calls - soak.ended} calls did not end"]
    problems += [f"{len(soak.wrong)} calls came to: {'; '.join(soak.wrong[:5])}"] if soak.wrong else []
    arrived = [served["arrived"].get(str(n), 0) for n in range(soak.calls)]
    off = [n for n in range(soak.calls) if not soak.least[n] <= arrived[n] <= soak.most[n]]
    if off:
        told = "; ".join(f"{meets(n)[0].name}, {meets(n)[1]}: {arrived[n]}" for n in off[:5])
        problems.append(f"{len(off)} arrived too often or not at all: {told}")
    print(f"arrived: {sum(arrived)} requests, {sum(soak.least)} to {sum(soak.most)} may")
    if served["strayed"]:
        problems.append(f"{served['strayed']} requests left their origin")
    return problems + grown(soak.held)


def grown(held: Sequence[tuple[int, int]]) -> list[str]:
    """What the last tenth holds more of than the first."""
    tenth, problems = len(held) // 10, []
    if not tenth:
        return []
    for at, (name, unit) in enumerate((("MB", 1e6), ("descriptors", 1.0))):
        parts = (held[:tenth], held[tenth:], held[-tenth:])
        first, rest, last = (max(each[at] for each in part) / unit for part in parts)
        print(f"{name}: {first:.0f} at most in the first tenth, {rest:.0f} after it, {last:.0f} in the last")
        if last > (first + DESCRIPTORS if at else first * MEMORY):
            problems.append(f"the last tenth holds more {name}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
