"""Kill an import at 20 points and let it go on, for each kind of request and each executor: a table.

    python tools/bulk_faults.py [--points 20] [--rows 600] [--only dask]

Driver or workers get SIGKILL when a number of rows has arrived at a server that drops, delays, puts off (429)
and breaks (500). After the last run each row is in one state, no POST was carried out twice, and rows that
arrived again are at most `window` requests for each kill. 1 where that does not hold. The Dask cluster has
two workers with four threads each, and is there where `distributed` is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

kills = import_module("tests.bulk.kills")

KINDS = ("PUT", "POST", "pack")
KILLED = (
    ("threads", False),
    ("processes", False),
    ("processes", True),
    ("dask", False),
    ("dask", True),
)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=20, help="kills for each line; default %(default)s")
    parser.add_argument("--rows", type=int, default=600, help="rows of each import; default %(default)s")
    parser.add_argument("--only", default="", help="threads, processes or dask; default: all")
    options = parser.parse_args()
    print("request  executor   killed  kills  ok    failed  unknown  again  allowed  wrong")
    with _cluster() as cluster:
        killed = [each for each in KILLED if options.only in each[0] and (cluster or each[0] != "dask")]
        wrong = sum(
            _line(kind, executor, worker, options, cluster if executor == "dask" else None)
            for kind in KINDS
            for executor, worker in killed
        )
    return 1 if wrong else 0


def _line(kind: str, executor: str, worker: bool, options: argparse.Namespace, cluster: Any) -> int:
    """Print a line, and give how much is wrong."""
    points = kills.points_of(f"{kind}{executor}{worker}", options.rows, options.points)
    with tempfile.TemporaryDirectory() as folder:
        found = kills.killed_import(
            Path(folder), kind, executor, options.rows, points, worker=worker, cluster=cluster
        )
    states = found.states
    print(
        f"{kind:8} {executor:10} {'workers' if worker else 'driver':7} {found.kills:5}  "
        f"{states['ok']:<5} {states['failed']:<7} {states['unknown']:<8} {found.repeats:<6} "
        f"{found.allowed:<8} {'; '.join(found.problems[:3]) or '-'}",
        flush=True,
    )
    return len(found.problems)


@contextlib.contextmanager
def _cluster() -> Iterator[Any]:
    """A client of a Dask cluster whose scheduler runs nothing twice; None without `distributed`."""
    if find_spec("distributed") is None:
        yield None
        return
    dask, distributed = import_module("dask"), import_module("distributed")
    settings = {"threads_per_worker": 4, "dashboard_address": ":0", "silence_logs": logging.CRITICAL + 1}
    with (
        dask.config.set(kills.OF_DASK),
        distributed.LocalCluster(n_workers=2, **settings) as made,
        distributed.Client(made) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        yield client


if __name__ == "__main__":
    sys.exit(main())
