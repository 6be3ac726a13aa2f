"""Many calls, of which some meet faults, by threads and tasks at once; a client is to stay as it was.

    python tools/soak.py [--calls 200000] [--threads 32] [--tasks 256]

Half of the calls are those of threads that share a Client, half those of tasks that share an AsyncClient,
all to a server on the loopback in a process of its own; one of twenty meets a fault of `tests/faults`.
Neither half runs ahead of the other: threads leave a loop in the same process hardly a turn. Every call ends
as it may, the server counts as many requests as the clients may have sent, and from the first tenth on the
process holds no more memory, no more blocks of Python's and no more descriptors. 1 where that does not hold.
Needs Linux.

Memory is what the process has of the system. glibc keeps much of what is given back to it, in an arena for
each few threads, and more after each large body: that came to 25 MB over 100,000 calls, of which nothing was
in use. So it is told to have one arena, and to give back what is large (MALLOC_ARENA_MAX=1 and
MALLOC_MMAP_THRESHOLD_=131072 in the environment are the same); `--malloc` leaves it as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from dynaclient import AsyncClient, Client, DynaclientError

catalogue, serving, trials = (
    import_module(f"tests.faults.{name}") for name in ("catalogue", "server", "trials")
)
FAULTS = [fault for fault in catalogue.FAULTS.values() if not (fault.early or fault.lies)]
RIGHT = catalogue.Fault("right", catalogue.right)
EVERY = 20
PATIENCE = 300.0
"""Seconds for a call that meets no fault that takes time: the machine may have much to do."""
AHEAD = 500
"""So many calls more than those of tasks may those of threads be, and the other way round."""
MEMORY, BLOCKS, DESCRIPTORS = 1.1, 1.05, 32
"""What may be held at the end of what was in the first tenth, and so many more."""


class Side:
    """The calls of threads, or those of tasks."""

    def __init__(self, numbers: range) -> None:
        self.calls = len(numbers)
        self.ended = 0
        self._numbers: Iterator[int] = iter(numbers)

    def next(self, until: float) -> int | None:
        """The number of the next call."""
        return next(self._numbers, None) if monotonic() < until else None


class Soak:
    """What the calls came to. `least` and `most`: how often each may have arrived; they do not grow."""

    def __init__(self, calls: int, threads: int, tasks: int) -> None:
        self.calls = calls
        self.least, self.most = bytearray(calls), bytearray(calls)
        half = 0 if not threads else calls // 2 if tasks else calls
        self.threads, self.tasks = Side(range(half)), Side(range(half, calls))
        self.came: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.held: list[Held] = []
        """At each hundredth."""
        self._lock = threading.Lock()

    @property
    def ended(self) -> int:
        """Calls."""
        return self.threads.ended + self.tasks.ended

    def is_ahead(self, side: Side, until: float) -> bool:
        """Whether a side is to wait for the other."""
        other = self.tasks if side is self.threads else self.threads
        return other.ended < min(other.calls, side.ended - AHEAD) and monotonic() < until

    def end(self, side: Side, n: int, fault: Any, method: str, what: str) -> None:
        """A call has ended."""
        self.least[n], self.most[n] = fault.arrives(method, what)
        with self._lock:
            side.ended += 1
            self.came[what] += 1
            if what not in fault.wanted(method):
                self.wrong.append(f"{fault.name}, {method}: {what}")
            if self.ended % max(1, self.calls // 100) == 0:
                self.held.append(Held(memory(), sys.getallocatedblocks(), len(os.listdir("/dev/fd"))))


class Held(NamedTuple):
    """What the process has."""

    memory: int
    blocks: int
    descriptors: int


def memory() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Let glibc keep little of what it is given back; before there are threads."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        for setting, value in _MALLOPT.items():
            tell(setting, value)


_MALLOPT = {-8: 1, -3: 128 * 1024}
"""M_ARENA_MAX, M_MMAP_THRESHOLD: of malloc.h."""


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
    side = soak.threads
    while (n := side.next(until)) is not None:
        while soak.is_ahead(side, until):
            sleep(0.01)
        fault, method = meets(n)
        try:
            response = client.send(method, {"fault": fault.name, "n": n}, **given(n, fault, method))
            what = trials.read(response, n)
        except DynaclientError as error:
            what = type(error).__name__
        soak.end(side, n, fault, method, what)


async def by_tasks(soak: Soak, client: AsyncClient, tasks: int, until: float) -> None:
    """The same by so many tasks."""
    side = soak.tasks

    async def call() -> None:
        while (n := side.next(until)) is not None:
            while soak.is_ahead(side, until):
                await asyncio.sleep(0.01)
            fault, method = meets(n)
            try:
                response = await client.send(method, {"fault": fault.name, "n": n}, **given(n, fault, method))
                what = trials.read(response, n)
            except DynaclientError as error:
                what = type(error).__name__
            soak.end(side, n, fault, method, what)

    await asyncio.gather(*(call() for _ in range(tasks)))
    await client.aclose()


def run(soak: Soak, url: str, threads: int, tasks: int, until: float) -> None:
    """All calls, of both sides at once."""
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
    parser.add_argument("--malloc", action="store_true", help="leave the settings of malloc as they are")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    if not options.malloc:
        give_back()
    soak = Soak(options.calls, options.threads, options.tasks)
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


def grown(held: Sequence[Held]) -> list[str]:
    """What the last tenth holds more of than the first."""
    tenth, problems = len(held) // 10, []
    if not tenth:
        return []
    for at, (name, unit, factor, more) in enumerate(_MEASURES):
        parts = (held[:tenth], held[tenth:], held[-tenth:])
        first, rest, last = (max(each[at] for each in part) / unit for part in parts)
        print(f"{name}: {first:.0f} at most in the first tenth, {rest:.0f} after it, {last:.0f} in the last")
        if last > first * factor + more:
            problems.append(f"the last tenth holds more {name}")
    return problems


_MEASURES = (
    ("MB", 1e6, MEMORY, 0),
    ("thousands of blocks", 1e3, BLOCKS, 0),
    ("descriptors", 1.0, 1.0, DESCRIPTORS),
)


if __name__ == "__main__":
    sys.exit(main())
