"""What comes of each fault of a server, for each client and method: a table.

    python tools/faults.py [--only NAME] [--client NAME]

A fault is right where each client ends as RFC 9110 and 9112 allow, in time and in little memory, the
request arrived as often as it may, and the next ones on the same client get responses of their own. 1 where
one is not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))


catalogue, trials, clients = (
    import_module(f"tests.{name}") for name in ("faults.catalogue", "faults.trials", "clients")
)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", metavar="NAME", help="faults whose names hold this")
    parser.add_argument("--client", choices=list(clients.CLIENTS), help="default: all")
    options = parser.parse_args()
    faults = [fault for name, fault in catalogue.FAULTS.items() if (options.only or "") in name]
    kinds = [options.client] if options.client else list(clients.CLIENTS)
    count = wrong = 0
    print(f"{'fault':36} {'what comes of GET, PUT, POST':44} {'seconds':>7} {'MB':>5}  wrong")
    for found, held in trials.trials(faults, kinds):
        problems = [f"{each.client} {each.method}: {text}" for each in found for text in each.problems]
        figures = f"{max(each.seconds for each in found):7.2f} {held / 1e6:5.1f}"
        print(f"{found[0].fault:36} {came(found):44} {figures}  {'; '.join(problems) or '-'}")
        count += len(found)
        wrong += any(problems)
    print(f"{len(faults)} faults, {count} calls of {', '.join(kinds)}: {wrong or 'none'} wrong")
    return 1 if wrong else 0


def came(found: Sequence[Any]) -> str:
    """What came of each method; of clients that differ, all."""
    by_method: dict[str, set[str]] = {each.method: set() for each in found}
    for each in found:
        by_method[each.method].add(each.came)
    told = ["|".join(sorted(each)) for each in by_method.values()]
    return told[0] if len(set(told)) == 1 else ", ".join(told)


if __name__ == "__main__":
    sys.exit(main())
