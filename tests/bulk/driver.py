"""A program that imports rows, to be killed: `python driver.py URL JOURNAL KIND EXECUTOR COUNT`.

KIND is PUT, POST or pack. It prints a line for each row that comes back: key and state.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from dynaclient import Client
from tests.bulk.counting import DOCUMENT, bodies, members, rows

WINDOW, SIZE = 8, 5


def main(url: str, journal: str, kind: str, executor: str, count: str) -> None:
    api = Client(DOCUMENT, server=url)
    given = {"PUT": rows, "POST": bodies, "pack": members}[kind](int(count))
    operation = {"PUT": "putItem", "POST": "addItem", "pack": "putItems"}[kind]
    pack = {"pack": "items", "size": SIZE} if kind == "pack" else {}
    with api.bulk(
        operation,
        given,
        key="id" if kind != "POST" else "body.id",
        journal=journal,
        window=WINDOW,
        workers=4 if executor == "threads" else 2,
        executor=None if executor == "threads" else "processes",
        **pack,  # type: ignore[arg-type]
    ) as run:
        for row in run:
            print(row.key, row.state, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
