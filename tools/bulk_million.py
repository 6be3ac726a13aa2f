"""A million rows in packs of 500, 100,000 single PUTs, and a dry run: rows a second, and memory on the way.

    python tools/bulk_million.py [--scale 0.1] [--only packs]

The server answers from memory, in a process of its own, with what it was sent; both directions are checked,
and the journal is kept. Memory is that of the importing process, at each tenth of the rows. 1 where it grows
by more than a tenth between the second tenth and the last, or a row did not arrive.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.importing import PROFILE, SIZE, WORKERS, document, profiles

from dynaclient import BulkRow, Client

TOOLS = Path(__file__).parent
PARTS = {"packs": 1_000_000, "single": 100_000, "dry-run": 1_000_000}


def main() -> int:
    """Print a line for each part."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--scale", type=float, default=1.0, help="so many times the rows; default %(default)s"
    )
    parser.add_argument("--only", choices=PARTS, help="one part; default: all")
    options = parser.parse_args()
    print(f"{'part':8} {'rows':>9} {'ok':>9} {'seconds':>8} {'rows/s':>8}  memory at each tenth, MB")
    wrong = 0
    with _server() as url, tempfile.TemporaryDirectory() as folder:
        for name in [options.only] if options.only else PARTS:
            count = max(10, int(PARTS[name] * options.scale))
            with Client(document(), server=url, cache=False) as client:
                started = time.perf_counter()
                done, memory = _taken(_part(client, name, count, Path(folder)), count)
                seconds = time.perf_counter() - started
            shown = " ".join(f"{each:.0f}" for each in memory)
            print(
                f"{name:8} {count:9,} {done:9,} {seconds:8.1f} {count / seconds:8,.0f}  {shown}", flush=True
            )
            wrong += done != count or memory[-1] > 1.1 * memory[1]
    if options.only in (None, "dry-run"):
        print(_beside(max(10, int(PARTS["dry-run"] * options.scale))))
    return 1 if wrong else 0


def _part(client: Client, name: str, count: int, folder: Path) -> Iterable[BulkRow]:
    """What becomes of each row of a part."""
    if name == "single":
        rows = ({"id": each["id"], "body": each} for each in profiles(count))
        return client.bulk("putProfile", rows, key="id", workers=WORKERS, journal=folder / "single.db")
    settings: dict[str, Any] = {
        "key": "id",
        "pack": "profiles",
        "size": SIZE,
        "workers": WORKERS,
        "window": 8,
    }
    if name == "packs":
        return client.bulk("putProfiles", profiles(count), journal=folder / "packs.db", **settings)
    return client.bulk("putProfiles", profiles(count), **settings).checked()


def _taken(results: Iterable[BulkRow], count: int) -> tuple[int, list[float]]:
    """How many are ok, and how much memory there was on the way."""
    done, memory = 0, []
    tenth = max(1, count // 10)
    for number, row in enumerate(results, 1):
        done += row.state == "ok"
        if number % tenth == 0:
            memory.append(_memory())
    return done, memory


def _memory() -> float:
    """Megabytes of this process; the most that there were, where a system does not say how many there are."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _beside(count: int) -> str:
    """Bare jsonschema-rs over the same rows."""
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(PROFILE)
    started = time.perf_counter()
    valid = sum(validator.is_valid(each) for each in profiles(count))
    seconds = time.perf_counter() - started
    return f"beside: jsonschema-rs alone, {valid:,} rows in {seconds:.1f} s, {valid / seconds:,.0f} rows/s"


@contextmanager
def _server() -> Iterator[str]:
    environment = {**os.environ, "PYTHONPATH": str(TOOLS)}
    command = [sys.executable, "-m", "bench.server"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    sys.exit(main())
