"""The picture of an HTML report in docs/pictures: a contract test of the bakery, looked at with Chromium.

    python tools/report_picture.py
    python tools/report_picture.py --out FOLDER

With --out the folder gets report.html and four pictures of it, phone and desktop, light and dark. Chromium
is not a dependency of the project: `apt-get install chromium`, or --chromium PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
PICTURE = ROOT / "docs" / "pictures" / "report.png"
MOST = 200_000
"""Bytes that the picture may have."""

WIDTHS = {"desktop": (1280, 1500), "phone": (390, 1500)}
SCHEMES = {"dark": 0, "light": 1}


@contextmanager
def bakery() -> Iterator[None]:
    """The server of the example while the block runs."""
    process = subprocess.Popen([sys.executable, "bakery.py"], cwd=EXAMPLES, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("localhost", 8000), 1):
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def report(file: Path) -> None:
    """Write the report of a contract test of the bakery, which fails."""
    command = [sys.executable, "-m", "dynaclient", "test", "bakery.yaml"]
    command += ["--skip", "DELETE *", "--report", f"html={file}"]
    environment = {**os.environ, "DYNACLIENT_CREDENTIAL_API_KEY": "sesame"}
    done = subprocess.run(command, cwd=EXAMPLES, env=environment, capture_output=True, text=True)
    if done.returncode != 1:
        sys.exit(f"expected failures, got exit code {done.returncode}\n{done.stdout}{done.stderr}")


def take(chromium: str, page: Path, picture: Path, size: tuple[int, int], scheme: int) -> None:
    """Take a picture of the top of a page."""
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, "--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        command += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command += [f"--window-size={size[0]},{size[1]}", f"--blink-settings=preferredColorScheme={scheme}"]
        command += [f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="a folder for all pictures, in place of docs/pictures")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    given = parser.parse_args()
    if not given.chromium:
        sys.exit("there is no chromium: install it, or name it by --chromium")
    with tempfile.TemporaryDirectory() as scratch, bakery():
        folder = given.out.absolute() if given.out else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "report.html"
        report(page)
        if given.out is None:
            take(given.chromium, page, PICTURE, WIDTHS["desktop"], SCHEMES["light"])
            return 0 if PICTURE.stat().st_size <= MOST else 1
        for width, size in WIDTHS.items():
            for scheme, number in SCHEMES.items():
                take(given.chromium, page, folder / f"{width}-{scheme}.png", size, number)
    return 0


if __name__ == "__main__":
    sys.exit(main())
