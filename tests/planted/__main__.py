"""The application on a socket, with a defect or without, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import threading

from tests.planted.defects import DEFECTS
from tests.planted.serving import running


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("--defect", default="", choices=["", *DEFECTS], metavar="NAME", help="see --list")
    parser.add_argument("--port", type=int, default=0, help="default: one that is free")
    parser.add_argument("--list", action="store_true", help="list the defects")
    given = parser.parse_args()
    if given.list:
        for each in DEFECTS.values():
            print(f"{each.name:36} {each.kind:16} {each.says}")
        return
    with running(given.defect, given.port) as url, contextlib.suppress(KeyboardInterrupt):
        print(url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
