"""A program that imports rows, to be killed: `python driver.py URL JOURNAL KIND EXECUTOR COUNT`.

KIND is PUT, POST or pack, EXECUTOR threads, processes or the address of a Dask scheduler. It
prints a line for each row that comes back: key and state.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from dynaclient import Client
from tests.bulk.counting import DOCUMENT, bodies, members, rows

WINDOW, SIZE = 8, 5


def main(url: str, journal: str, kind: str, executor: str, count: str) -> None:
    api = Client(DOCUMENT, server=url)
    given = {"PUT": rows, "POST": bodies, "pack": members}[kind](int(count))
    operation = {"PUT": "putItem", "POST": "addItem", "pack": "putItems"}[kind]
    pack = {"pack": "items", "size": SIZE} if kind == "pack" else {}
    key = "id" if kind != "POST" else "body.id"
    workers = 4 if executor == "threads" else 2
    with contextlib.ExitStack() as stack:
        used = stack.enter_context(_executor(executor))
        settings: dict[str, Any] = {"window": WINDOW, "workers": workers, "executor": used, **pack}
        run = stack.enter_context(api.bulk(operation, given, key=key, journal=journal, **settings))
        for row in run:
            print(row.key, row.state, flush=True)


@contextlib.contextmanager
def _executor(name: str) -> Iterator[Any]:
    if "://" not in name:
        yield None if name == "threads" else name
        return
    from distributed import Client as Dask

    with Dask(name, set_as_default=False) as client:
        yield client.get_executor(pure=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
