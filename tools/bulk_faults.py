"""Kill an import at 20 points and let it go on, for each kind of request and each executor: a table.

    python tools/bulk_faults.py [--points 20] [--rows 600]

Driver or worker get SIGKILL when a number of rows has arrived at a server that drops, delays, puts off (429)
and breaks (500). After the last run each row is in one state, no POST was carried out twice, and rows that
arrived again are at most `window` requests for each kill. 1 where that does not hold.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

kills = import_module("tests.bulk.kills")

KINDS = ("PUT", "POST", "pack")
KILLED = (("threads", False), ("processes", False), ("processes", True))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=20, help="kills for each line; default %(default)s")
    parser.add_argument("--rows", type=int, default=600, help="rows of each import; default %(default)s")
    options = parser.parse_args()
    print("request  executor   killed  kills  ok    failed  unknown  again  allowed  wrong")
    wrong = 0
    for kind in KINDS:
        for executor, worker in KILLED:
            points = random.Random(f"{kind}{executor}{worker}").sample(range(1, options.rows), options.points)
            with tempfile.TemporaryDirectory() as folder:
                found = kills.killed_import(
                    Path(folder), kind, executor, options.rows, sorted(points), worker=worker
                )
            states = found.states
            print(
                f"{kind:8} {executor:10} {'worker' if worker else 'driver':7} {found.kills:5}  "
                f"{states['ok']:<5} {states['failed']:<7} {states['unknown']:<8} {found.repeats:<6} "
                f"{found.allowed:<8} {'; '.join(found.problems[:3]) or '-'}"
            )
            wrong += len(found.problems)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
