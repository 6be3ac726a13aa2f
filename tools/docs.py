"""Run every block of README.md and docs/, and list what prints something else than stands there.

`--write` puts what was printed in its place, draws the pictures, and renews the figures of tools/house.py;
where the output is shortened with `...` that is left to a person. `tests/test_docs.py` runs the same blocks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import house
from pages.blocks import PAGES, ROOT, read
from pages.pictures import draw
from pages.running import Difference, run


def rewritten(text: str, differences: list[Difference]) -> str:
    """A page with what was printed."""
    lines = text.splitlines()
    for each in sorted(differences, key=lambda each: -each.first):
        lines[each.first : each.first + len(each.expected)] = each.printed
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="change the pages, and draw the pictures")
    parser.add_argument("page", nargs="*", type=Path, help="default: README.md and all in docs/")
    options = parser.parse_args()
    found = 0
    for page in [each.resolve() for each in options.page] or PAGES:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["DYNACLIENT_CACHE"] = str(Path(folder) / "cache")
            differences = run(page, Path(folder))
        for each in differences:
            print(f"{page.relative_to(ROOT)}:{each.first + 1}\n{each}\n")
        found += len(differences)
        if options.write:
            ready = [each for each in differences if not each.shortened]
            text = rewritten(page.read_text(encoding="utf-8"), ready)
            if page == house.PAGE:
                text = house.filled(text, house.figures(house.hops()))
            page.write_text(text, encoding="utf-8")
            for block in read(page):
                draw(block)
    print(f"{found} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
